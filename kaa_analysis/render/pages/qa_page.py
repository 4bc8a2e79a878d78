"""The QA page of a bundle, for whoever approves the report: what it assumes, what is undecided, what was hidden by which rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from kaa_analysis.core.result import Column, Count, Estimate, Share
from kaa_analysis.disclosure.released import Released, State
from kaa_analysis.disclosure.store import EQUATIONS
from kaa_analysis.present.formats import listing, number
from kaa_analysis.render.bundle import CLOCK, DIFFERENCE
from kaa_analysis.render.document import Document
from kaa_analysis.render.pages.html_page import anchored, page
from kaa_analysis.render.pages.page_tables import text_table
from kaa_analysis.render.texts.text_filling import Remark

UNIT_WORDS = {"persons": "personer", "spells": "registreringar", "attempts": "kontaktförsök"}
PROTECTION_HEADINGS = ("Antal som visas", "Dolda antal", "Andelar som visas", "Dolda andelar", "Okända")
OTHER_SUBJECTS = "Övrigt"
REMARKS = "qa-texter"
REMARK_HEADINGS = ("Avsnitt", "Hänvisning", "När texten skrevs", "I rapporten")
METHOD_WORDS = {"suppress": "cellerna döljs"}


def qa_page(
    document: Document, released: Sequence[Released], *, qa: Mapping[str, Any], remarks: Sequence[Remark] = ()
) -> str:
    """Return the page; ``qa`` is that of `render.plan.Plan`. The same tables and plan give the same page.

    ``remarks`` are the figures in the authors' texts that should be looked at again.

    Raises:
        NotebookError: as `render.pages.html_page.page`.
    """
    sections = (
        _warnings(qa["warnings"], draft=document.draft),
        _remarks(remarks),
        _assumptions(qa),
        _choices(qa["choices"]),
        _grants(qa["grants"], sources=qa["extract"]["sources"]),
        _protection(released, policy=qa["policy"]),
        _release(qa["release"]),
        _difference(),
        _versions(qa, run=document.run),
    )
    body, contents = anchored("".join("".join(section) for section in sections))
    return page(
        title=f"Granskning: {document.title}",
        facts=document.facts,
        body_html=body,
        toc=contents,
        draft=document.draft,
        footer_lines=[f"Körning {document.run}"],
    )


def _warnings(warnings: Sequence[str], *, draft: bool) -> Iterator[str]:
    yield "<h2>Att ta ställning till</h2>"
    found = list(warnings)
    if draft:
        found.append(
            "Rapporten är ett utkast. Två utkast som inte är gjorda i samma release är inte skyddade mot varandra."
        )
    yield _bullets(found) if found else _paragraph("Inget.")


def _remarks(remarks: Sequence[Remark]) -> Iterator[str]:
    if not remarks:
        return
    yield "<h2>Vilka tal i författarnas texter ska ses över?</h2>"
    yield _paragraph(
        "Ett tal som är ett annat än när texten skrevs är markerat i rapporten; stämmer texten ändå, så noteras de nya talen med kaa text. "
        "Ett tal som inte längre visas har ersatts av ord, och meningen behöver skrivas om."
    )
    rows = [remark.row() for remark in remarks]
    yield text_table(REMARK_HEADINGS, rows, slug=REMARKS, title="Tal att se över")


def _assumptions(qa: Mapping[str, Any]) -> Iterator[str]:
    yield "<h2>Vilka antaganden vilar rapporten på?</h2>"
    yield _paragraph(
        "Parametrarna styr vad rapporten omfattar. Hur varje resultat är räknat står i rutan "
        "”Så är det räknat” vid figurerna och på arbetsbokens blad."
    )
    rows = [(name, value, description) for name, value, description in qa["parameters"]]
    yield text_table(["Parameter", "Värde", "Betydelse"], rows, slug="qa-parametrar", title="Parametrar")


def _choices(choices: Sequence[Mapping[str, str]]) -> Iterator[str]:
    decided = [choice for choice in choices if choice["decided_by"]]
    undecided = _by_subject(choice for choice in choices if not choice["decided_by"])
    yield "<h2>Vilka val är beslutade, och vilka är det inte?</h2>"
    yield _paragraph(
        f"{number(len(choices))} val står i docs/avgoranden.csv, ordnade efter ämne. {_decided(len(decided))} "
        "Så länge ett val inte är beslutat gäller det som står i kolumnen Används. Val om målgruppen gäller bara uttag som följer skollagen. "
        "Val om kontroller och arbetslistor påverkar inga tal i rapporten."
    )
    for place, (subject, rows) in enumerate(undecided.items(), start=1):
        title = f"Inte beslutat: {subject[0].lower()}{subject[1:]}"
        yield text_table(["Fråga", "Används", "Alternativ"], rows, slug=f"qa-obeslutade-{place}", title=title)
    if decided:
        rows = [(choice["question"], choice["used"], choice["decided_by"]) for choice in decided]
        yield text_table(["Fråga", "Används", "Beslutat av"], rows, slug="qa-beslutade", title="Beslutade val")


def _by_subject(choices: Iterable[Mapping[str, str]]) -> dict[str, list[tuple[str, ...]]]:
    """Return the rows of the choices under the subject that each question begins with (*subject: question*), subjects in the order they come."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for choice in choices:
        subject, parted, question = choice["question"].partition(": ")
        row = (question if parted else subject, choice["used"], choice["options"])
        found.setdefault(subject if parted else OTHER_SUBJECTS, []).append(row)
    return found


def _decided(n_decided: int) -> str:
    if not n_decided:
        return "Inget av dem är beslutat."
    return "Ett av dem är beslutat." if n_decided == 1 else f"{number(n_decided)} av dem är beslutade."


def _grants(grants: Sequence[Mapping[str, str]], *, sources: Sequence[str]) -> Iterator[str]:
    yield "<h2>Vilka beslut vilar uppgifterna på?</h2>"
    optional = listing(sources) if sources else "inga"
    yield _paragraph(f"Tabeller som uttaget kan vara utan men som levererades: {optional}.")
    if not grants:
        yield _paragraph("Inga uppgifter utanför registrets eget ändamål har lästs in.")
        return
    yield _paragraph(
        "Uppgifter utanför registrets eget ändamål (29 kap. 9 § och 26 kap. 25 § skollagen, förordning 2006:39 § 3) har lästs in med "
        "stöd av besluten nedan."
    )
    rows = [tuple(grant[name] for name in ("table", "decision", "date", "by", "valid_to")) for grant in grants]
    headings = ["Uppgifter", "Beslut", "Beslutsdag", "Beslutat av", "Gäller till och med"]
    yield text_table(headings, rows, slug="qa-beslut-om-uppgifter", title="Beslut om utlämnande")


def _protection(released: Sequence[Released], *, policy: Mapping[str, Any]) -> Iterator[str]:
    yield "<h2>Vad har skyddats, och enligt vilken regel?</h2>"
    units = listing((UNIT_WORDS[unit] for unit in policy["protected_units"]), last_word="eller")
    yield _bullets(
        [
            f"Små antal: 1–{policy['unsafe_below'] - 1} {units} visas aldrig; {METHOD_WORDS[policy['method']]}. "
            "En sann nolla visas.",
            "Antal som avslöjar ett litet antal: fler antal döljs, i alla tabeller tillsammans, tills inget litet antal kan "
            "räknas ut ur rapporten.",
            "Andelar och skattningar: döljs när något av de antal de vilar på är dolt eller okänt; en kurva från den första tidpunkt där det är så.",
            *([f"Mått som avrundas i stället: {_bases(policy['rounding'])}."] if policy["rounding"] else []),
        ]
    )
    yield text_table(
        ["Tabell", *PROTECTION_HEADINGS],
        [_protected_row(table) for table in released],
        slug="qa-skydd",
        title="Celler per tabell",
        numeric=PROTECTION_HEADINGS,
        note=(
            "Andelar: även skattningar och deras intervall. Vilka dolda antal som är små och vilka som döljs för de andras skull redovisas inte: "
            "den uppgiften skulle göra de små lättare att räkna ut."
        ),
    )


def _bases(rounding: Mapping[str, int]) -> str:
    return listing(f"{measure} till {base}" for measure, base in sorted(rounding.items()))


def _release(release: Mapping[str, Any]) -> Iterator[str]:
    yield "<h2>Vad är rapporten skyddad tillsammans med?</h2>"
    others, earlier = release["released_with"], release["earlier"]
    yield _paragraph(_together(others, name=release["name"]))
    if others:
        yield _bullets(others)
        yield _paragraph(
            f"I data/{EQUATIONS} står alla summor i releasen som gäller minst ett av rapportens antal; de som räknar samman rapporternas delar "
            "står där det hela står. En cell i en sådan summa kan stå "
            "i en av de andra rapporternas data. En summa har samma namn i alla rapporter i releasen."
        )
    yield _paragraph(
        "Rapporten är också skyddad mot den som har dessa tidigare rapporter:"
        if earlier
        else "Inga tidigare rapporter lämnades in: skyddet tar inte hänsyn till något som redan har lagts fram."
    )
    if earlier:
        yield _bullets(earlier)


def _together(others: Sequence[str], *, name: str) -> str:
    if not others:
        return (
            f"Release {name}: rapporten är skyddad för sig. Läggs den fram tillsammans med en annan rapport om samma unga kan "
            "dolda antal gå att räkna ut."
        )
    told = "en rapport till" if len(others) == 1 else f"{number(len(others))} rapporter till"
    return (
        f"Release {name}: rapporten är skyddad tillsammans med {told} av samma uttag, så att inget litet antal kan räknas ut ur dem alla. Rapporter "
        "med samma releasenamn hör ihop. En rapport som görs om för sig, eller senare med andra, är en annan release."
    )


def _protected_row(table: Released) -> tuple[str, ...]:
    counts, rest = table.of_role(Count), [*table.of_role(Share), *table.of_role(Estimate)]
    return (
        table.title,
        number(_cells(table, counts, State.SHOWN, State.ROUNDED)),
        number(_cells(table, counts, State.PROTECTED)),
        number(_cells(table, rest, State.SHOWN, State.ROUNDED)),
        number(_cells(table, rest, State.PROTECTED)),
        number(_cells(table, [*counts, *rest], State.UNKNOWN)),
    )


def _cells(table: Released, columns: Sequence[Column], *states: State) -> int:
    found = table.states[[column.name for column in columns]]
    return int(found.isin([str(state) for state in states]).to_numpy().sum())


def _difference() -> Iterator[str]:
    yield "<h2>Vad skiljer rapporten från föregående körning?</h2>"
    yield (
        f'<p>Svaret finns i <a href="{DIFFERENCE}">{DIFFERENCE}</a>. Sidan beror på vilken körning som gjordes närmast före '
        f"och omfattas därför, liksom {CLOCK}, inte av jämförelsen byte för byte. "
        "Två valfria körningar jämförs med <code>kaa diff</code>.</p>"
    )


def _versions(qa: Mapping[str, Any], *, run: str) -> Iterator[str]:
    yield "<h2>Vad är rapporten gjord av?</h2>"
    extract = qa["extract"]
    template = "organisationens mall (params/reference.docx)" if qa["reference"] else "programmets egen mall"
    yield _bullets(
        [
            f"Uttaget {extract['name']}, layout {extract['layout']}: {listing(extract['files'])}.",
            f"Word-filen bygger på {template}.",
            f"Körningen heter {run}: de första tecknen i kontrollsumman av allt som rapporten görs av, det vill säga uttag, "
            "besluten om dess uppgifter, parametrar, rapporterna i samma release, inlämnade tidigare rapporter, röjandepolicy, dokumentuppgifter, Word-mall, listan över val, anteckningsbok, kod, låsta programversioner "
            "och Python. "
            "Kontrollsummorna står i manifest.json.",
            "Rapporten görs om och jämförs byte för byte med kommandot kaa verify.",
        ]
    )
    rows = list(qa["versions"].items())
    yield text_table(["Program", "Version"], rows, slug="qa-versioner", title="Versioner")


def _paragraph(text: str) -> str:
    return f"<p>{escape(text, quote=False)}</p>"


def _bullets(texts: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(text, quote=False)}</li>' for text in texts)}</ul>"
