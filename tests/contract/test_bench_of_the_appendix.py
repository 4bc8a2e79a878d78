"""The benchmark of the annual appendix makes what its notebook shows."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]
NO_RESULT = {"definitions", "latest_in_area", "three_lasar", "three_years"}
"""What the notebook or the benchmark takes from `indicators` that is no table."""


def taken(source: str) -> set[str]:
    """Return the names that a source takes from `indicators`, those that give a table."""
    found = {
        node.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "indicators"
    }
    return found - NO_RESULT


def test_every_table_of_the_notebook_is_made_and_no_other():
    cells = nbformat.read(ROOT / "notebooks" / "10_annual_appendix.ipynb", as_version=4).cells
    notebook = taken("\n".join(cell.source for cell in cells if cell.cell_type == "code"))
    assert taken((ROOT / "tests" / "bench" / "annual.py").read_text(encoding="utf-8")) == notebook
    assert len(notebook) > 30
