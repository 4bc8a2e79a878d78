"""What a bundle is made of, what it warns of, and its QA page."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis.core.errors import BundleError, NotebookError, ParameterError
from kaa_analysis.core.project import DECISIONS_FILE, DOCUMENT_FILE, POLICY_FILE
from kaa_analysis.core.provenance import hash_bytes
from kaa_analysis.core.result import Count, Dimension, Result, Share
from kaa_analysis.disclosure.ledger import Ledger, PublishedCell
from kaa_analysis.disclosure.policy import read_policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.params.reports import ReportOrder, read_order
from kaa_analysis.render.build import read_committed
from kaa_analysis.render.company import ALONE, Company
from kaa_analysis.render.document import Document
from kaa_analysis.render.earlier_bundles import EarlierBundle
from kaa_analysis.render.facts import plan_of, text_warnings, warnings_of
from kaa_analysis.render.inputs import Choice, Inputs, Source, read_choices, read_inputs, versions
from kaa_analysis.render.notebook_cells import cells_of_report
from kaa_analysis.render.pages.qa_page import qa_page
from kaa_analysis.render.running.execution import Placement
from kaa_analysis.schema.law_rules import LawRules
from kaa_analysis.store.register import Register, UsedGrant

ROOT = Path(__file__).resolve().parents[2]
EARLIER = EarlierBundle("arsbilaga", "0123456789ab", (PublishedCell("registered|extract=2024-01-31", 40),))


def register(
    *, extract_date: date = date(2025, 1, 31), observed_from: date | None = date(2022, 1, 1), **told
) -> Register:
    settings = {"rules": LawRules.APPLIED, "source": "BER", "folder": Path(), "observed_from": observed_from} | told
    return Register("demo", "ber_demo", extract_date, "0" * 64, **settings)


def project(folder: Path, **files: str) -> Path:
    """Return a project folder with the shipped files, those of ``files`` in other words."""
    names = {"policy": POLICY_FILE, "document": DOCUMENT_FILE, "decisions": DECISIONS_FILE}
    names |= {"notebook": Path("notebooks/10_annual_appendix.ipynb"), "lock": Path("requirements.lock")}
    for name, path in names.items():
        (folder / path).parent.mkdir(exist_ok=True)
        text = files.get(name, (ROOT / path).read_text(encoding="utf-8"))
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def inputs(
    folder: Path,
    *,
    source: Register | None = None,
    files: dict[str, str] | None = None,
    company: Company = ALONE,
    area: str = "all",
    **changed: str,
) -> Inputs:
    return read_inputs(
        district_order(area),
        source=Source(source or register(), files or {"kaa.csv": "1" * 64}),
        root=project(folder, **changed),
        company=company,
    )


def district_order(area: str) -> ReportOrder:
    order = read_order(ROOT / "params" / "arsbilaga_demo.yaml")
    return replace(order, params=order.params.model_copy(update={"area": area}))


def with_text(folder: Path, text: str) -> None:
    place = folder / "params" / "texter" / "arsbilaga_demo" / "forslag.md"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


def test_an_author_s_text_is_read_told_by_its_hash_and_missed_where_there_is_none(tmp_path):
    places = [Placement(1, slot, f"author:{slot}", "") for slot in ("forslag", "utvecklingsomraden")]
    with_text(tmp_path, "Ett\nförslag.")
    made = inputs(tmp_path)
    assert made.texts == {"forslag": "Ett förslag."}
    assert made.manifest["texts"] == {"forslag.md": hash_bytes("Ett\nförslag.".encode())}
    assert made.manifest["texts_folder"] == "params/texter/arsbilaga_demo"
    assert text_warnings(made, places) == [
        "Ingen text finns för Uppföljning av årets utvecklingsområden: avsnittet står inte i rapporten "
        "(utvecklingsomraden.md i en mapp med parameterfilens namn under texter bredvid den)."
    ]
    assert text_warnings(made, ()) == ["Rapporten har inget avsnitt för forslag.md."]


def test_a_text_that_cannot_stand_is_told_before_anything_runs(tmp_path):
    with_text(tmp_path, "Det var 731 unga.")
    with pytest.raises(ParameterError, match=r"forslag\.md, rad 1: ett tal") as told:
        inputs(tmp_path)
    assert "731" not in str(told.value)


def test_the_run_is_named_by_everything_that_decides_the_bytes_and_by_nothing_else(tmp_path):
    usual = inputs(tmp_path)
    assert inputs(tmp_path).run == usual.run
    assert inputs(tmp_path, files={"annat.csv": "2" * 64}).run == usual.run
    policy = (ROOT / POLICY_FILE).read_text(encoding="utf-8")
    others = [
        inputs(tmp_path, policy=policy.replace("unsafe_below: 5", "unsafe_below: 6")),
        inputs(tmp_path, document=(ROOT / DOCUMENT_FILE).read_text(encoding="utf-8").replace("2025/17", "2025/18")),
        inputs(tmp_path, decisions="question,options,default,source,decided_by,date\nHur?,a; b,a,,Nämnden,\n"),
        inputs(tmp_path, notebook=(ROOT / "notebooks/10_annual_appendix.ipynb").read_text(encoding="utf-8") + "\n"),
        inputs(tmp_path, lock="pandas==1\n"),
    ]
    with_text(tmp_path, "Ett förslag.")
    others.append(inputs(tmp_path))
    shutil.copy(ROOT / "kaa_analysis/render/word/reference.docx", project(tmp_path) / "params")
    others.append(inputs(tmp_path))
    assert len({usual.run, *(other.run for other in others)}) == 1 + len(others)
    assert others[-1].reference == tmp_path / "params" / "reference.docx"


@pytest.mark.parametrize("name", ["Nguyễn", "Иванова", "A🙂"])
def test_a_detail_that_the_typeface_cannot_write_is_named_before_anything_runs(tmp_path, name):
    document = (ROOT / DOCUMENT_FILE).read_text(encoding="utf-8").replace("officer: null", f"officer: {name}")
    with pytest.raises(ParameterError, match="officer har tecken") as told:
        inputs(tmp_path, document=document)
    assert name not in str(told.value)


def test_a_template_that_is_none_is_refused_before_anything_runs(tmp_path):
    (project(tmp_path) / "params" / "reference.docx").write_bytes(b"PK")
    with pytest.raises(BundleError, match="mall"):
        inputs(tmp_path)


def test_what_was_hashed_is_what_is_used_or_nothing(tmp_path):
    used, room = inputs(tmp_path), tmp_path / "room"
    room.mkdir()
    own = cells_of_report(json.loads(used.notebook.read_bytes()), about_part=False)
    assert json.loads(used.kept_notebook(room).read_bytes()) == own
    assert used.kept_reference(room) is None
    used.notebook.write_text("{}", encoding="utf-8")
    with pytest.raises(ParameterError, match="får inte ändras medan rapporten görs"):
        used.kept_notebook(room)


@pytest.mark.parametrize(
    "text", ["", "question;options;default;decided_by\nHur?;a;a;\n", "question,options,default,decided_by\nHur?,a\n"]
)
def test_a_list_of_choices_that_is_empty_cut_or_parted_by_semicolons_is_refused(tmp_path, text):
    path = tmp_path / "avgoranden.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match="CSV-fil i UTF-8 med komma"):
        read_choices(path)


def test_a_list_of_choices_saved_by_a_spreadsheet_is_read(tmp_path):
    path = tmp_path / "avgoranden.csv"
    path.write_text("\ufeffquestion,options,default,decided_by\r\nHur?,a; b,a,Nämnden\r\n", encoding="utf-8")
    assert read_choices(path) == (Choice("Hur?", "a; b", "a", "Nämnden"),)


def test_the_manifest_tells_what_a_comparison_needs(tmp_path):
    told = inputs(tmp_path).manifest
    assert told["extract"]["files"] == {"kaa.csv": "1" * 64}
    assert told["policy_rules"] == {
        "unsafe_below": 5,
        "protected_units": ("persons", "spells"),
        "disclosive": {
            "measure": (),
            "entry_reason": ("newly_resident", "dropout_adapted"),
            "reason": ("folkbokford_after_compulsory_age", "protected_identity"),
        },
        "harmless": {"measure": ()},
        "shares": {"rounded_denominator_from": 20},
        "means": {"persons_from": 10, "dominance_percent": 10},
        "quantiles": {"persons_each_side": 5, "step_days": 7},
        "models": {"residual_df_from": 10, "cell_from": 5},
        "curves": {"grid": "months", "step_from": 1},
        "method": "suppress",
        "rounding": {},
        "coarsen_above": 0.2,
    }
    assert re.fullmatch("[0-9a-f]{64}", told["code_files"]["indicators/exits.py"])
    assert told["versions"] == versions()
    assert {"pandas", "duckdb", "typst", "pypandoc-binary", "nbconvert"} <= set(told["versions"])


def test_a_list_of_choices_without_its_columns_is_refused(tmp_path):
    path = tmp_path / "avgoranden.csv"
    path.write_text("fråga,svar\nHur?,så\n", encoding="utf-8")
    with pytest.raises(ParameterError, match="question, options, default, decided_by"):
        read_choices(path)


@pytest.mark.parametrize(
    ("source", "warning"),
    [
        (
            register(extract_date=date(2024, 12, 31)),
            "Uttaget gjordes innan perioden var slut. Perioden är därför ofullständig.",
        ),
        (register(observed_from=None), "Det framgår inte av uttaget från vilken dag historiken är fullständig."),
        (register(rules=LawRules.ANOTHER_LAW), "Källan är inte ett KAA-register"),
        (register(rules=LawRules.NOT_ENOUGH_TABLES), "Uttaget saknar tabeller som reglerna"),
        (
            register(findings={"sex_differs_from_identity": 3}),
            "Uttaget har rader som bör ses över. Kör kaa check demo.",
        ),
    ],
)
def test_what_should_be_looked_into_is_told_without_counts(tmp_path, source, warning):
    found = [text for text in warnings_of(inputs(tmp_path, source=source)) if text.startswith(warning)]
    assert len(found) == 1
    assert "3" not in found[0]


def test_a_whole_period_with_every_detail_known_gives_no_warning(tmp_path):
    document = (ROOT / DOCUMENT_FILE).read_text(encoding="utf-8").replace("officer: null", "officer: Handläggaren")
    assert warnings_of(inputs(tmp_path, source=register(extract_date=date(2025, 1, 1)), document=document)) == []


def of_district(made: Inputs, area: str) -> Inputs:
    return replace(made, order=replace(made.order, params=made.order.params.model_copy(update={"area": area})))


def test_the_draft_of_a_district_says_that_it_is_protected_by_itself(tmp_path):
    document = (ROOT / DOCUMENT_FILE).read_text(encoding="utf-8").replace("officer: null", "officer: Handläggaren")
    whole = inputs(tmp_path, source=register(extract_date=date(2025, 1, 1)), document=document)
    assert warnings_of(of_district(whole, "sodermalm")) == [
        "Utkastet gäller Södermalm och är skyddat för sig, inte tillsammans med rapporten för hela kommunen och de andra områdenas. "
        "Läggs flera av dem fram kan dolda antal gå att räkna ut. De skyddas gemensamt när de görs med ett och samma kaa batch."
    ]


def test_a_district_protected_with_the_others_warns_of_nothing_and_tells_the_release(tmp_path):
    document = (ROOT / DOCUMENT_FILE).read_text(encoding="utf-8").replace("officer: null", "officer: Handläggaren")
    company = Company((district_order("all"), district_order("farsta")), (EARLIER,))
    made = inputs(
        tmp_path, source=register(extract_date=date(2025, 1, 1)), document=document, company=company, area="sodermalm"
    )
    assert warnings_of(made) == []
    assert plan_of(made, ()).qa["release"] == {
        "name": made.manifest["release"],
        "released_with": ["arsbilaga 2024", "arsbilaga 2024-farsta (Farsta)"],
        "earlier": ["arsbilaga 0123456789ab"],
    }
    assert [(told["report"], told["params"]["area"]) for told in made.manifest["released_with"]] == [
        ("arsbilaga", "all"), ("arsbilaga", "farsta")
    ]  # fmt: skip
    assert made.manifest["earlier"] == [EARLIER.record]
    assert made.told_runs == {made.run, made.manifest["release"], "0123456789ab"}


def test_all_reports_of_a_release_tell_the_same_name_of_it_and_each_has_a_run_of_its_own(tmp_path):
    members = [district_order(area) for area in ("all", "farsta", "jarva")]
    made = [
        inputs(tmp_path, area=one.params.area, company=Company(tuple(other for other in members if other != one)))
        for one in members
    ]
    assert len({one.manifest["release"] for one in made}) == 1
    fewer = inputs(tmp_path, company=Company(tuple(members[1:2])))
    earlier = inputs(tmp_path, company=Company(tuple(members[1:]), (EARLIER,)))
    alone = inputs(tmp_path)
    everyone = [*made, fewer, earlier, alone]
    assert len({one.run for one in everyone}) == len(everyone)
    assert len({one.manifest["release"] for one in everyone}) == 4


@pytest.mark.parametrize(
    ("others", "earlier", "told"),
    [
        ((), (), ["skyddad för sig", "Inga tidigare rapporter lämnades in"]),
        (("farsta",), (), ["en rapport till av samma uttag", "arsbilaga 2024-farsta (Farsta)", "data/equations.csv"]),
        (("farsta", "jarva"), (), ["2 rapporter till av samma uttag", "arsbilaga 2024-jarva (Järva)"]),
        ((), ("0123456789ab",), ["skyddad mot den som har dessa tidigare rapporter", "arsbilaga 0123456789ab"]),
    ],
)
def test_the_qa_page_says_what_a_report_is_protected_with(tmp_path, others, earlier, told):
    company = Company(tuple(district_order(area) for area in others), tuple(EARLIER for _ in earlier))
    made = inputs(tmp_path, company=company)
    document = Document("Bilagan", (("Period", "2024"),), (), "0123456789ab", "2025-01-31", True)
    html = qa_page(document, shown_tables(), qa=plan_of(made, ()).qa)
    section = html.partition("Vad är rapporten skyddad tillsammans med?</h2>")[2].partition("<h2")[0]
    assert [words for words in [f"Release {made.manifest['release']}", *told] if words not in section] == []
    assert ("skyddad tillsammans med" in section) == bool(others)


def test_a_document_on_a_district_names_it_under_the_period_and_one_on_all_does_not(tmp_path):
    made = inputs(tmp_path)
    labels = [
        [fact for fact in plan_of(one, ()).page["facts"] if fact[0] in ("Period", "Område")]
        for one in (made, of_district(made, "hagersten_alvsjo"))
    ]
    assert labels == [[("Period", "2024")], [("Period", "2024"), ("Område", "Hägersten-Älvsjö")]]


def shown_tables():
    """Return a table in which 3 of 40 persons make two of its five counts hidden, with a share for each."""
    sex = Dimension("sex", "Kön", {"all": "Totalt", "female": "Flickor", "male": "Pojkar"}, total="all")
    rows = pd.DataFrame(
        {"sex": ["all", "female", "male"], "n": [40, 3, 37], "n_all": [80, 40, 40], "share": [0.5, 0.075, 0.925]}
    )
    columns = (
        sex,
        Count("n", "Antal", "reached"),
        Count("n_all", "Alla", "all"),
        Share("share", "Andel", "n", "n_all"),
    )
    result = Result("reached", "Nådda <unga>", columns, rows)
    return list(protect([result], policy=read_policy(ROOT / POLICY_FILE), ledger=Ledger.empty()).values())


GRANT = UsedGrant("admissions", "UTBN 2025/123", "2025-01-15", "Utbildningsnämnden", "2026-12-31")


def test_a_run_is_named_by_the_grants_its_data_rest_on_and_by_the_optional_tables(tmp_path):
    granted = [
        register(),
        register(grants=(GRANT,)),
        register(grants=(replace(GRANT, decision="UTBN 2025/124"),)),
        register(grants=(replace(GRANT, valid_to="2026-12-30"),)),
        register(sources=("admissions",)),
    ]
    made = [inputs(tmp_path, source=source) for source in granted]
    assert len({one.run for one in made}) == len(granted)
    assert made[1].manifest["grants"] == [asdict(GRANT)]
    assert made[4].manifest["sources"] == ["admissions"]


def test_the_qa_page_has_a_row_per_grant_and_says_so_where_there_is_none(tmp_path):
    def page(**told):
        document = Document("Bilagan", (("Period", "2024"),), (), "0123456789ab", "2025-01-31", True)
        html = qa_page(document, shown_tables(), qa=plan_of(inputs(tmp_path, source=register(**told)), ()).qa)
        return html.partition("Vilka beslut vilar uppgifterna på?</h2>")[2].partition("<h2")[0]

    html = page(grants=(GRANT,), sources=("activities", "admissions"))
    assert "levererades: activities och admissions." in html
    assert re.findall(r"<t[hd] scope=\"row\">(.*?)</t[hd]>", html) == [
        "admissions (utfallet av en antagningsomgång för en person)"
    ]
    assert re.findall(r"<td[^>]*>(.*?)</td>", html) == [
        "UTBN 2025/123", "2025-01-15", "Utbildningsnämnden", "2026-12-31"
    ]  # fmt: skip
    assert "Inga uppgifter utanför registrets eget ändamål har lästs in." in page()


def test_the_undecided_choices_stand_under_their_subjects_and_every_question_of_the_list_has_one(tmp_path):
    def asked(choices: tuple[Choice, ...]) -> list[tuple[str, list[str]]]:
        document = Document("Bilagan", (("Period", "2024"),), (), "0123456789ab", "2025-01-31", True)
        html = qa_page(document, shown_tables(), qa=plan_of(replace(inputs(tmp_path), choices=choices), ()).qa)
        tables = re.findall(r'<table><caption id="qa-obeslutade-.*?</table>', html, re.DOTALL)
        titles = [re.search(r"Inte beslutat: (.*?)<", table)[1] for table in tables]
        return [
            (title, re.findall(r'<th scope="row">(.*?)</th>', table))
            for title, table in zip(titles, tables, strict=True)
        ]

    made = (
        ("Perioder: Hur?", ""),
        ("Insatser: Vem?", ""),
        ("Perioder: När?", ""),
        ("Varför?", ""),
        ("Insatser: Var?", "Nämnden"),
    )
    assert asked(tuple(Choice(question, "a; b", "a", decided) for question, decided in made)) == [
        ("perioder", ["Hur?", "När?"]), ("insatser", ["Vem?"]), ("övrigt", ["Varför?"]),
    ]  # fmt: skip
    listed = read_choices(ROOT / "docs" / "avgoranden.csv")
    subjects = [choice.question.partition(": ")[0] for choice in listed if ": " in choice.question]
    assert len(subjects) == len(listed)
    assert len([1 for one, after in itertools.pairwise(subjects) if one != after]) == len(set(subjects)) - 1


@pytest.mark.parametrize(
    ("rules", "law", "words"),
    [
        (LawRules.APPLIED, "as_in_force", ["29 kap. 9 § skollagen, i den lydelse som gällde respektive dag"]),
        (LawRules.APPLIED, "bridged", ["29 kap. 9 § skollagen, i nuvarande lydelse för alla år"]),
        (
            LawRules.NOT_ENOUGH_TABLES,
            "bridged",
            ["alla som kommunen har registrerat; uttaget saknar uppgifter för att pröva 29 kap. 9 § skollagen"],
        ),
        (LawRules.ANOTHER_LAW, "as_in_force", []),
    ],
)
def test_a_document_says_which_law_its_target_group_is_found_by(tmp_path, rules, law, words):
    made = inputs(tmp_path, source=register(rules=rules))
    order = replace(made.order, params=made.order.params.model_copy(update={"law": law}))
    facts = plan_of(replace(made, order=order), ()).page["facts"]
    assert [text for label, text in facts if label == "Målgrupp"] == words


def test_the_qa_page_tells_what_is_hidden_per_table_but_not_which_counts_are_small(tmp_path):
    qa = plan_of(inputs(tmp_path), ()).qa
    document = Document("Bilagan", (("Period", "2024"),), (), "0123456789ab", "2025-01-31", True)
    html = qa_page(document, shown_tables(), qa=qa)
    row = re.search(r"<th scope=\"row\">Nådda &lt;unga&gt;</th>(.*?)</tr>", html)[1]
    assert re.findall(r">([^<]+)<", row) == ["4", "2", "1", "2", "0"]
    assert "Små antal: 1–4 personer eller registreringar visas aldrig" in html
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", html) == [
        "Att ta ställning till",
        "Vilka antaganden vilar rapporten på?",
        "Vilka val är beslutade, och vilka är det inte?",
        "Vilka beslut vilar uppgifterna på?",
        "Vad har skyddats, och enligt vilken regel?",
        "Vad är rapporten skyddad tillsammans med?",
        "Vad skiljer rapporten från föregående körning?",
        "Vad är rapporten gjord av?",
    ]
    assert '<a href="skillnad.html">' in html
    n_choices = len(read_choices(ROOT / DECISIONS_FILE))
    assert f"{n_choices} val står i docs/avgoranden.csv, ordnade efter ämne. Inget av dem är beslutat." in html


def test_text_with_markup_stops_a_notebook(tmp_path):
    import nbformat

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A\n\nTal < 5 och <br>", id="a")])
    path = tmp_path / "n.ipynb"
    nbformat.write(notebook, path)
    with pytest.raises(NotebookError, match="i cell 1"):
        read_committed(path)
    for text in ("| a | b |\n|---|---|\n| 1 | 2 |", "a | b\n---|---\n1 | 2", "~~bort~~"):
        notebook.cells[0].source = f"# A\n\n{text}"
        nbformat.write(notebook, path)
        with pytest.raises(NotebookError, match="en tabell eller överstruken text i cell 1"):
            read_committed(path)
    notebook.cells[0].source = "# A\n\nTal < 5 och 5 > 4"
    nbformat.write(notebook, path)
    assert read_committed(path).cells[0].source == "# A\n\nTal < 5 och 5 > 4"
