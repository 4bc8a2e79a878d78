"""The annual appendix shows every share of the catalogue."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat

from kaa_analysis.indicators.indicator_catalogue import Indicator, indicators

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "10_annual_appendix.ipynb"
ELSEWHERE = {"district_beside_city", "official_beside_cohort"}
"""Results that the report on the city cannot have: that of one district, and that of a cohort which the report on the time to studies follows."""


def shown_as_tables(source: str) -> set[str]:
    """Return the names of the indicators' functions whose result is shown as a table, directly or by a name it was given."""
    tree = ast.parse(source)
    given = {
        target.id: name
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and (name := _function(node.value))
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found = set()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "show" and _form(call).startswith("table"):
            shown = call.args[0]
            found.add(given.get(shown.id, "") if isinstance(shown, ast.Name) else _function(shown))
    return found - {""}


def _function(node: ast.expr) -> str:
    is_ours = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return node.func.attr if is_ours and getattr(node.func.value, "id", "") == "indicators" else ""


def _form(call: ast.Call) -> str:
    return next((word.value.value for word in call.keywords if word.arg == "as_"), "")


def missing_shares(source: str) -> tuple[list[Indicator], list[str]]:
    """Return the shares that the city's report can show, and the names of those that it does not."""
    shown = shown_as_tables(source)
    shares = [found for found in indicators().values() if found.is_share and found.result not in ELSEWHERE]
    return shares, [found.id for found in shares if found.result not in shown]


def code() -> str:
    return "\n".join(cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code")


def test_every_share_of_the_catalogue_stands_in_the_report_on_the_city():
    shares, missing = missing_shares(code())
    assert len(shares) >= 6
    assert missing == []


def test_a_share_whose_table_is_not_shown_is_missing():
    source = code().replace('report.show(to_studies, slug="tabell-studier", as_="table")', "")
    assert source != code()
    missing = set(missing_shares(source)[1]) - set(missing_shares(code())[1])
    assert missing == {"share_to_studies", "share_study_starts"}
