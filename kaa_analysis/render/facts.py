"""What a report tells of itself: the lines under its title, and what the QA page goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kaa_analysis.core.definitions import Definition
from kaa_analysis.core.project import DOCUMENT_FILE
from kaa_analysis.params.document_details import DocumentDetails
from kaa_analysis.params.models import ReportParams
from kaa_analysis.present.author_slots import author_slot_of, author_title
from kaa_analysis.present.formats import iso_week, listing, long_date
from kaa_analysis.render.inputs import Inputs
from kaa_analysis.render.plan import Plan
from kaa_analysis.render.running.execution import Placement
from kaa_analysis.render.texts.text_files import SUFFIX
from kaa_analysis.render.texts.told_texts import ToldTexts
from kaa_analysis.schema.grant_subjects import grant_subjects

if TYPE_CHECKING:
    from kaa_analysis.store.register import Register

LAW_WORDS = {
    "as_in_force": "29 kap. 9 § skollagen, i den lydelse som gällde respektive dag",
    "bridged": "29 kap. 9 § skollagen, i nuvarande lydelse för alla år",
}
"""What a document says of the law that its target group is found by."""
AS_REGISTERED = "alla som kommunen har registrerat; uttaget saknar uppgifter för att pröva 29 kap. 9 § skollagen"
"""What a document says of its target group where the rules of the law cannot be applied."""


def plan_of(
    inputs: Inputs,
    placements: Sequence[Placement],
    *,
    told: ToldTexts | None = None,
    definitions: Sequence[Definition] = (),
) -> Plan:
    """Return the plan of a bundle: everything the builder is told beside the protected tables."""
    qa = _qa(inputs)
    qa["warnings"] += text_warnings(inputs, placements)
    records = [one.as_record() for one in definitions]
    told = told or ToldTexts()
    return Plan(tuple(placements), _page(inputs), qa, inputs.manifest, dict(told.texts), records, told.merged)


def _page(inputs: Inputs) -> dict[str, Any]:
    register, params = inputs.source.register, inputs.order.params
    area, one_page = params.chosen_area(), inputs.order.kind.one_page  # the title of one page tells its period and area
    return {
        "facts": [
            *([] if one_page else [(params.period_label, params.period().label)]),
            *([("Område", area.label)] if area and not one_page else []),
            ("Uttag ur registret", f"{long_date(register.extract_date)} ({register.name})"),
            *([("Målgrupp", target_words(register, law=params.law))] if register.is_kaa else []),
            *document_facts(inputs.document),
        ],
        "extract_date": register.extract_date.isoformat(),
        "run": inputs.run,
        "draft": True,
        **({"one_page": True, "about": _about(params)} if one_page else {}),
    }


def _about(params: ReportParams) -> str:
    """Return the district and the period, as a title tells them."""
    area = params.chosen_area()
    return " ".join([*([area.label] if area else []), params.period().label])


def target_words(register: Register, *, law: str) -> str:
    """Return what a document made of a KAA register says of its target group."""
    return LAW_WORDS[law] if register.follows_law else AS_REGISTERED


def document_facts(details: DocumentDetails) -> list[tuple[str, str]]:
    """Return a (label, text) per detail of the document that is known, in the order they stand under the title."""
    meeting = details.meeting and f"{long_date(details.meeting)} ({iso_week(details.meeting)})"
    lines = [
        ("Organisation", details.organisation),
        ("Nämnd", details.committee),
        ("Sammanträde", meeting),
        ("Diarienummer", details.dnr),
        ("Handläggare", details.officer),
        ("Version", details.version),
        ("Bilaga", details.appendix),
    ]
    return [(label, str(text)) for label, text in lines if text is not None]


def _qa(inputs: Inputs) -> dict[str, Any]:
    fields, register = type(inputs.order.params).model_fields, inputs.source.register
    return {
        "parameters": [
            (name, str(value), str(fields[name].description))
            for name, value in inputs.order.params.model_dump().items()
        ],
        "choices": [asdict(choice) for choice in inputs.choices],
        "warnings": warnings_of(inputs),
        "release": {
            "name": inputs.manifest["release"],
            "released_with": [told["name"] for told in inputs.provenance["released_with"]],
            "earlier": [told["name"] for told in inputs.provenance["earlier"]],
        },
        "policy": asdict(inputs.policy),
        "versions": {"Python": inputs.provenance["python"], **inputs.manifest["versions"]},
        "extract": {
            "name": register.name,
            "layout": register.layout,
            "files": sorted(inputs.source.files),
            "sources": list(register.sources),
        },
        "grants": [
            asdict(grant) | {"table": f"{grant.table} ({grant_subjects()[grant.table]})"} for grant in register.grants
        ],
        "reference": inputs.reference is not None,
    }


def text_warnings(inputs: Inputs, placements: Sequence[Placement]) -> list[str]:
    """Return which texts the report has a place for but nobody has written, and the reverse."""
    places = [slot for placement in placements if (slot := author_slot_of(placement.form))]
    missing = [slot for slot in places if slot not in inputs.texts]
    unplaced = [f"{slot}{SUFFIX}" for slot in inputs.texts if slot not in places]
    found = []
    if missing:
        titles = listing([author_title(slot) for slot in missing])
        files = listing([f"{slot}{SUFFIX}" for slot in missing])
        where = f"{files} i en mapp med parameterfilens namn under texter bredvid den"
        sections = "avsnittet" if len(missing) == 1 else "avsnitten"
        found.append(f"Ingen text finns för {titles}: {sections} står inte i rapporten ({where}).")
    if unplaced:
        found.append(f"Rapporten har inget avsnitt för {listing(unplaced)}.")
    return found


def warnings_of(inputs: Inputs) -> list[str]:
    """Return what the reader of the QA page should look into before the report goes on, in Swedish, without any count of rows."""
    register, params = inputs.source.register, inputs.order.params
    found = []
    if register.extract_date < params.period().end:
        found.append("Uttaget gjordes innan perioden var slut. Perioden är därför ofullständig.")
    if register.observed_from is None:
        found.append("Det framgår inte av uttaget från vilken dag historiken är fullständig.")
    if not register.is_kaa:
        found.append("Källan är inte ett KAA-register: reglerna för målgruppen tillämpas inte.")
    elif not register.follows_law:
        found.append("Uttaget saknar tabeller som reglerna för målgruppen prövas mot: alla registrerade räknas.")
    if params.accept_problem_rows:
        found.append(f"Parametrarna godtar upp till {params.accept_problem_rows} problemrader i uttaget.")
    if (area := params.chosen_area()) and not inputs.company.companions:
        found.append(
            f"Utkastet gäller {area.label} och är skyddat för sig, inte tillsammans med rapporten för hela kommunen och de andra områdenas. "
            "Läggs flera av dem fram kan dolda antal gå att räkna ut. De skyddas gemensamt när de görs med ett och samma kaa batch."
        )
    if register.findings:
        found.append(f"Uttaget har rader som bör ses över. Kör kaa check {register.name}.")
    if unknown := inputs.document.unknown():
        found.append(f"{DOCUMENT_FILE.as_posix()} saknar uppgift om {listing(unknown)}.")
    return found
