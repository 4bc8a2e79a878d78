"""A whole bundle of hand-made results in which an author has written, for the tests of texts and their figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import nbformat

from kaa_analysis.core.definitions import Definition
from kaa_analysis.disclosure.hiding.relations import published_equations
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.store import read_store, write_store
from kaa_analysis.render.build import build
from kaa_analysis.render.bundle import CLOCK, DIFFERENCE, clock_record
from kaa_analysis.render.difference.page import difference_page
from kaa_analysis.render.plan import STORE, Plan, write_plan
from kaa_analysis.render.running.execution import Placement
from kaa_analysis.render.texts.released_figures import ReleasedFigures
from tests.unit import report_to_gate as made

TEXT = """### Läget

Vid årets slut var **{stock_end:2024:all=2 930}** registreringar öppna, av dem {stock_end:2024:sex=female=1 272} flickors.

- Andelen som började studera var {exits_by_reason:2024:reason=study,sex=male} bland pojkarna.
- Av annan orsak slutade {n_exits_by_reason:2024:reason=other,sex=female} flickor.

Beslut fattas den 20 februari 2025, dnr AMF 2025/17, telefon 08-508 25 000."""


def defined(name: str, *, column: str, table: str = "stock_and_flow") -> Definition:
    words = {"name": f"Antal {name}", "definition": "Det som räknas.", "caveat": "Inget."}
    return Definition(id=name, source="29 kap. 9 § skollagen", column=column, tables=(table,), **words)


DEFINITIONS = (
    defined("stock_end", column="n_stock_end"),
    defined("entries", column="n_entries"),
    defined("exits_by_reason", column="share", table="exits_by_reason"),
    defined("n_exits_by_reason", column="n", table="exits_by_reason"),
    defined("elsewhere", column="n", table="somewhere_else"),
)
PLACES = (
    Placement(1, "forvaltningens-analys", "author:forvaltningens_analys", ""),
    Placement(1, "forslag", "author:forslag", ""),
    Placement(3, "definitioner", "definitions", ""),
)


def figures() -> ReleasedFigures:
    """The released figures of the hand-made results."""
    results = [made.stock_and_flow(), made.exits_by_reason(), made.incidence()]
    return ReleasedFigures(DEFINITIONS, protect(results, policy=Policy(), ledger=Ledger.empty()))


def bundle_with_texts(folder: Path, *, texts: Mapping[str, str], merged: tuple[str, ...] = ()) -> Path:
    """Make the bundle of `report_to_gate` with texts of authors and definitions, and return its place."""
    bundle = folder / "reports" / "arsbilaga" / "2024" / made.RUN
    bundle.mkdir(parents=True)
    results = [made.stock_and_flow(), made.exits_by_reason(), made.incidence()]
    released = protect(results, policy=Policy(), ledger=Ledger.empty())
    write_store(released, bundle / STORE, equations=published_equations(results))
    qa = made.QA | {"policy": asdict(Policy())}
    plan = Plan((*made.PLACEMENTS, *PLACES), made._page(made.RUN), qa, made._manifest())
    records = [one.as_record() for one in DEFINITIONS]
    write_plan(replace(plan, texts=dict(texts), definitions=records, merged=merged), bundle)
    notebook = folder / "arsbilaga.ipynb"
    nbformat.write(made._notebook(), notebook)
    build(notebook, bundle, reference=None)
    name = f"arsbilaga/2024/{made.RUN}"
    (bundle / DIFFERENCE).write_text(difference_page(None, bundle, name=name), encoding="utf-8")
    clock = clock_record(started="2025-02-01T10:00:00+00:00", finished="2025-02-01T10:00:09+00:00")
    (bundle / CLOCK).write_bytes(clock)
    assert read_store(bundle / STORE)
    return bundle
