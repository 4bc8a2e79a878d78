"""Notebooks are thin: they call, protect and show."""

from __future__ import annotations

import ast
import itertools
import re
from pathlib import Path

import nbformat
import pytest

from kaa_analysis.params.reports import INSIDE_ROOM, REPORTS, check_params

ROOT = Path(__file__).resolve().parents[2]
KINDS = {**REPORTS, **INSIDE_ROOM}
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LONGEST_CELL = 10
LOGIC = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If, ast.IfExp, ast.Try, ast.With,
    ast.BinOp, ast.BoolOp, ast.Compare, ast.Subscript, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp,
)  # fmt: skip
PARAGRAPH = re.compile(r"\d+ kap\. \d+ §|\d+–\d+ §§|avsnitt \d+(\.\d+)*|WCAG \d\.\d")


def cells(path: Path, kind: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def parameters_cell(path: Path) -> nbformat.NotebookNode:
    (cell,) = [cell for cell in cells(path, "code") if "parameters" in cell.metadata.get("tags", [])]
    return cell


def test_every_report_has_its_notebook_and_every_other_notebook_stays_inside_the_room():
    assert [path.name for path in NOTEBOOKS] == sorted(kind.notebook for kind in KINDS.values())
    assert not {kind.notebook for kind in REPORTS.values()} & {kind.notebook for kind in INSIDE_ROOM.values()}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_by_the_report_or_inside_the_room_and_never_both(path):
    source = "\n".join(cell.source for cell in cells(path, "code"))
    inside = path.name in {kind.notebook for kind in INSIDE_ROOM.values()}
    assert ("WorkView.open()" in source, "Report.open()" in source) == (inside, not inside)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_committed_notebook_holds_no_outputs_and_no_traces_of_a_run(path):
    notebook = nbformat.read(path, as_version=4)
    assert [cell.id for cell in notebook.cells if cell.get("outputs") or cell.get("execution_count")] == []
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_cell_is_long_or_holds_logic(path):
    for cell in cells(path, "code"):
        assert len(cell.source.splitlines()) <= LONGEST_CELL, cell.id
        assert [type(node).__name__ for node in ast.walk(ast.parse(cell.source)) if isinstance(node, LOGIC)] == [], (
            cell.id
        )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_number_is_typed_into_the_text(path):
    for cell in cells(path, "markdown"):
        assert re.findall(r"\d+", PARAGRAPH.sub("", cell.source)) == [], cell.id


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_headings_begin_with_one_title_and_skip_no_level(path):
    text = "\n".join(cell.source for cell in cells(path, "markdown"))
    levels = [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert max(after - before for before, after in itertools.pairwise(levels)) <= 1


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_parameters_cell_has_the_fields_of_the_model_with_values_that_pass(kind):
    statements = ast.parse(parameters_cell(ROOT / "notebooks" / kind.notebook).source).body
    values = {statement.target.id: ast.literal_eval(statement.value) for statement in statements}
    assert list(values) == list(kind.model.model_fields)
    assert check_params(kind, values, where="parameters cell").model_dump() == values


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_comment_beside_each_parameter_is_the_help_of_the_model(kind):
    lines = parameters_cell(ROOT / "notebooks" / kind.notebook).source.splitlines()
    comments = [line.split("  # ")[1] for line in lines]
    assert comments == [field.description for field in kind.model.model_fields.values()]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_all_imports_stand_in_one_setup_cell(path):
    importing = [cell.id for cell in cells(path, "code") if re.search(r"^(from|import) ", cell.source, re.MULTILINE)]
    assert len(importing) == 1
