"""A report on a part of the municipality leaves out what is for the whole alone, and the other way round."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kaa_analysis.params.reports import REPORTS, ReportOrder, check_params
from kaa_analysis.render.cache.executed_cells import executed_cells
from kaa_analysis.render.notebook_cells import PART, WHOLE, cells_of_report, is_about_part

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def cell(name: str, *tags: str, kind: str = "markdown") -> dict:
    return {"cell_type": kind, "id": name, "metadata": {"tags": list(tags)} if tags else {}, "source": [name]}


def notebook() -> dict:
    cells = [
        cell("a"),
        cell("b", WHOLE),
        cell("c", PART),
        cell("d", "parameters", WHOLE, kind="code"),
        cell("e", "parameters", kind="code"),
    ]
    return {"cells": cells, "nbformat": 4}


@pytest.mark.parametrize(("about_part", "names"), [(False, "abde"), (True, "ace")])
def test_each_kind_of_report_has_its_cells_and_those_of_both(about_part, names):
    own = cells_of_report(notebook(), about_part=about_part)
    assert "".join(each["id"] for each in own["cells"] if each["source"]) == names
    assert [each["id"] for each in own["cells"]] == list("abcde"), "a cell keeps its number"
    assert own["nbformat"] == 4


def test_the_tags_are_gone_and_other_tags_stay():
    own = cells_of_report(notebook(), about_part=False)["cells"]
    assert [each["metadata"] for each in own] == [{}, {}, {}, {"tags": ["parameters"]}, {"tags": ["parameters"]}]


def test_a_notebook_without_such_tags_is_the_same_for_both():
    plain = {"cells": [cell("a"), cell("e", "parameters", kind="code")]}
    assert cells_of_report(plain, about_part=True) == cells_of_report(plain, about_part=False) == plain


def test_what_is_executed_is_told_of_the_cells_that_the_report_has(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(notebook()), encoding="utf-8")
    whole, part = (executed_cells(path, about_part=about) for about in (False, True))
    assert (whole.places, part.places) == ((2, 3, 4), (1, 3, 4))
    assert whole.hash != part.hash


@pytest.mark.parametrize(("area", "about_part"), [("all", False), ("jarva", True)])
def test_a_report_about_a_district_is_about_a_part(area, about_part):
    params = {"extract": "demo", "accept_problem_rows": 0, "year": 2024, "division": "2023", "area": area}
    params |= {"law": "as_in_force", "summer_rule": "until_15_september"}
    kind = REPORTS["arsbilaga"]
    assert is_about_part(ReportOrder(kind, check_params(kind, params, where="test"))) is about_part


def test_the_appendix_about_a_district_has_no_heading_without_what_it_announces():
    own = cells_of_report(json.loads((NOTEBOOKS / "10_annual_appendix.ipynb").read_text()), about_part=True)
    names = [each["id"] for each in own["cells"] if each["source"]]
    announced = [name.removesuffix("-visas") for name in names if name.endswith("-visas")]
    assert [name for name in announced if name not in names] == []
    assert "bara-omradet" in names
    assert "skolor" not in names
