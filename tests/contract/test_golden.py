"""The executed notebooks that nbval compares with are those of today's notebooks."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = sorted((ROOT / "tests" / "golden").glob("*.ipynb"))


def is_exhibit_or_place_for_words(data) -> bool:
    """Return whether an output is an exhibit, or says where words come when the report is made."""
    place = "".join(data.get("text/plain", ""))
    waits = set(data) == {"text/plain"} and place.startswith("[") and place.endswith(": skrivs in när rapporten görs]")
    return "application/vnd.kaa.exhibit+json" in data or waits


def test_every_notebook_has_an_executed_copy():
    assert [path.name for path in GOLDEN] == sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_an_executed_copy_has_the_cells_of_its_notebook(path):
    executed, committed = (nbformat.read(place, as_version=4).cells for place in (path, ROOT / "notebooks" / path.name))
    assert [(cell.id, cell.source) for cell in executed] == [(cell.id, cell.source) for cell in committed]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_an_executed_copy_holds_exhibits_and_nothing_of_the_run(path):
    notebook = nbformat.read(path, as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert len(outputs) > 5
    assert {output.output_type for output in outputs} == {"display_data"}
    assert [output.data for output in outputs if not is_exhibit_or_place_for_words(output.data)] == []
    assert "papermill" not in notebook.metadata
    assert [cell.id for cell in notebook.cells if "execution" in cell.metadata] == []
