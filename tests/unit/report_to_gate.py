"""A small whole bundle of hand-made results, built as a report run builds it, for the tests of the gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import nbformat
import pandas as pd
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from kaa_analysis.core.result import Count, Dimension, Estimate, Method, Result, Share
from kaa_analysis.disclosure.hiding.relations import published_equations
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.store import write_store
from kaa_analysis.render.build import build
from kaa_analysis.render.bundle import AREA_STORES, CLOCK, DIFFERENCE, clock_record
from kaa_analysis.render.difference.page import difference_page
from kaa_analysis.render.plan import STORE, Plan, write_plan
from kaa_analysis.render.running.execution import Placement

RUN = "0123456789ab"
HIDDEN = 3
CONTEXT = {"extract": "2025-01-31"}
SEX = Dimension("sex", "Kön", {"all": "Totalt", "female": "Flickor", "male": "Pojkar"}, total="all")
METHOD = Method(
    "Registreringar.", "Avslutsdagen.", "Räknas med.", "29 kap. 9 § skollagen; handlingsplanen avsnitt 7.1."
)

PLACEMENTS = (
    Placement(1, "viktigast-flode", "sentence:flow", "stock_and_flow"),
    Placement(1, "viktigast-tid", "sentence:placement", "incidence"),
    Placement(1, "figur-serie", "figure:series", "stock_and_flow"),
    Placement(3, "tabell-flode", "table", "stock_and_flow"),
    Placement(3, "figur-orsaker", "figure:bars", "exits_by_reason"),
    Placement(3, "tabell-orsaker", "table", "exits_by_reason"),
    Placement(3, "figur-vagar", "figure:curve", "incidence"),
)
QA = {
    "parameters": [("year", "2024", "Redovisningsåret.")],
    "choices": [
        {"question": "Uppsök: inom hur många dagar?", "used": "30 dagar", "options": "14 dagar", "decided_by": ""}
    ],
    "warnings": ["Uttaget har rader som bör ses över. Kör kaa check demo."],
    "versions": {"Python": "3.11", "pandas": "3.1.1"},
    "extract": {"name": "demo", "layout": "ber_demo", "files": ["kaa.csv"], "sources": []},
    "grants": [],
    "reference": False,
    "release": {"name": "fedcba987654", "released_with": [], "earlier": []},
}


def make_bundle(
    folder: Path, *, run: str = RUN, more: int = 0, before: Path | None = None, areas: Sequence[str] = ()
) -> Path:
    """Make the bundle in ``folder`` and return its place, named as a bundle is.

    ``more`` girls are added to the new ones of 2024; ``before`` is the bundle that its page of differences compares with. Of
    each of the ``areas`` it holds a store, as if it had been protected with them.
    """
    bundle = folder / "reports" / "arsbilaga" / "2024" / run
    bundle.mkdir(parents=True)
    results = [stock_and_flow(more), exits_by_reason(), incidence()]
    released = protect(results, policy=Policy(), ledger=Ledger.empty())
    write_store(released, bundle / STORE, equations=published_equations(results))
    for place, code in enumerate(areas):
        of_area = [*(of_district(one, code) for one in (stock_and_flow(place), exits_by_reason())), incidence()]
        protected = protect(of_area, policy=Policy(), ledger=Ledger.empty())
        write_store(protected, bundle / AREA_STORES / code, equations=published_equations(of_area))
    write_plan(Plan(PLACEMENTS, _page(run), QA | {"policy": asdict(Policy())}, _manifest()), bundle)
    notebook = folder / "arsbilaga.ipynb"
    nbformat.write(_notebook(), notebook)
    build(notebook, bundle, reference=None)
    (bundle / DIFFERENCE).write_text(difference_page(before, bundle, name=f"arsbilaga/2024/{run}"), encoding="utf-8")
    (bundle / CLOCK).write_bytes(
        clock_record(started="2025-02-01T10:00:00+00:00", finished="2025-02-01T10:00:09+00:00")
    )
    return bundle


def of_district(result: Result, code: str) -> Result:
    """Return a result as the report on a district has it."""
    return replace(result, title=f"{result.title} i {code}", context={**result.context, "district": code})


def _page(run: str) -> dict[str, object]:
    facts = [("Period", "2024"), ("Diarienummer", "DEMO 2025/17"), ("Version", "1")]
    return {"facts": facts, "extract_date": "2025-01-31", "run": run, "draft": True}


def _manifest() -> dict[str, object]:
    return {
        "report": "arsbilaga",
        "extract": {"name": "demo", "hash": "a" * 63 + "1"},
        "params": {"year": 2024},
        "versions": {"pandas": "3.1.1"},
        "release": "fedcba987654",
        "released_with": [],
        "earlier": [],
    }


def _notebook() -> nbformat.NotebookNode:
    cells = [
        new_markdown_cell("# Årsbilaga\n\nBilaga enligt 29 kap. 9 § skollagen.", id="a"),
        new_code_cell("", id="b"),
        new_markdown_cell("## Hur många kom?\n\nUngdomar 16–19 år räknas under 2024.", id="c"),
        new_code_cell("", id="d"),
        new_markdown_cell("## Metod\n\nSe avsnitt 7.1.", id="e"),
    ]
    return new_notebook(cells=cells)


def stock_and_flow(more: int = 0) -> Result:
    """Registrations by year and sex: everything can be shown."""
    rows = [
        ("2023", "all", 2930, 2909, 2993),
        ("2023", "female", 1301, 1261, 1302),
        ("2023", "male", 1629, 1648, 1691),
        ("2024", "all", 2966, 2943 + more, 2907),
        ("2024", "female", 1272, 1305 + more, 1334),
        ("2024", "male", 1694, 1638, 1573),
    ]
    counts = [
        ("n_stock_end", "Registrerade vid årets slut", "stock"),
        ("n_entries", "Nya", "entries"),
        ("n_exits", "Avslutade", "exits"),
    ]
    columns = (
        Dimension("period", "Period"),
        SEX,
        *(Count(name, label, measure=measure, unit="spells") for name, label, measure in counts),
    )
    return _result("stock_and_flow", "Registrerade, nya och avslutade, 2023–2024", columns, rows)


def exits_by_reason() -> Result:
    """Exits by reason and sex; three girls of one reason must be hidden."""
    numbers = {
        "all": (2907, 1334, 1573),
        "study": (2033, 930, 1103),
        "turned_20": (841, 401, 440),
        "other": (33, HIDDEN, 30),
    }
    labels = {"all": "Totalt", "study": "Började studera", "turned_20": "Fyllt 20 år", "other": "Annan orsak"}
    totals = numbers["all"]
    rows = [
        (reason, sex, own[at], totals[at], own[at] / totals[at])
        for reason, own in numbers.items()
        for at, sex in enumerate(("all", "female", "male"))
    ]
    columns = (
        Dimension("reason", "Orsak", labels, total="all"),
        SEX,
        Count("n", "Avslutade", measure="exits_for", unit="spells"),
        Count("n_all", "Alla avslutade", measure="exits_of_all", unit="spells", regardless_of=("reason",)),
        Share("share", "Andel", numerator="n", denominator="n_all"),
    )
    return _result(
        "exits_by_reason", "Avslutade efter orsak, 2024", columns, rows, context=CONTEXT | {"period": "2024"}
    )


def incidence() -> Result:
    """Two ways out at three horizons, with intervals."""
    rows = [
        ("study_placement", "0", 400, 0, 0.0, 0.0, 0.0),
        ("study_placement", "3", 320, 62, 0.1552, 0.1233, 0.1914),
        ("study_placement", "12", 150, 150, 0.3851, 0.3248, 0.4437),
        ("other", "0", 400, 0, 0.0, 0.0, 0.0),
        ("other", "3", 320, 18, 0.0451, 0.0273, 0.0702),
        ("other", "12", 150, 71, 0.1803, 0.1441, 0.2199),
    ]
    labels = {"study_placement": "Studieplats", "other": "Annat avslut"}
    base = ("n_at_risk", "n_to_date")
    columns = (
        Dimension("way_out", "Väg ut", labels),
        Dimension("months", "Månader från start"),
        Count("n_at_risk", "Kvar", measure="at_risk", regardless_of=("way_out",)),
        Count("n_to_date", "Har lämnat hittills", measure="left_to_date"),
        Estimate("estimate", "Andel som har lämnat", base=base),
        Estimate("lower", "Nedre gräns", base=base),
        Estimate("upper", "Övre gräns", base=base),
    )
    return _result("incidence", "Andel som har lämnat registret, nyregistrerade 2023", columns, rows)


def _result(name: str, title: str, columns: tuple, rows: list[tuple], *, context: dict[str, str] = CONTEXT) -> Result:
    table = pd.DataFrame(rows, columns=[column.name for column in columns])
    return Result(name, title, columns, table, context=context, source="Påhittat uttag 2025-01-31", method=METHOD)
