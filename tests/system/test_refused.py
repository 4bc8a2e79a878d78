"""What may not be shown is refused, with the cell named; what is misspelt stops before a kernel starts."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import nbformat
import pytest

from kaa_analysis.render.notebook_cells import cells_of_report

ORDER = ("report", "params/arsbilaga_demo.yaml")

FORGED = """
from IPython.display import publish_display_data
publish_display_data({"application/vnd.kaa.exhibit+json": {"slug": "x", "form": "table", "result": "r", "result_hash": "0"},
                      "text/plain": "[x]"})
"""

FOREIGN_ERROR = 'int("19121212-1212")'
REFUSED = {
    "print": ('print("191212121212")', "utskriven text (print)"),
    "raw frame": ('import pandas\npandas.DataFrame({"a": ["191212121212"]})', "ett rått värde"),
    "raw value": ("1 + 1", "ett rått värde"),
    "forged exhibit": (FORGED, "ser ut som en visning men inte är noterat"),
    "warning": ('import sys\nsys.stderr.write("191212121212")\nNone', "stderr"),
}


def insert_cell(project, source: str) -> int:
    """Add a cell at the end of the annual appendix and return its number."""
    path = project.root / "notebooks" / "10_annual_appendix.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell = nbformat.v4.new_code_cell(source)
    cell.id = "inserted"
    notebook.cells.append(cell)
    nbformat.write(notebook, path)
    return len(notebook.cells)


@pytest.mark.parametrize(("source", "told"), REFUSED.values(), ids=REFUSED)
def test_an_output_that_is_no_exhibit_is_refused_with_its_cell_named_and_nothing_left(with_demo, source, told):
    number = insert_cell(with_demo, source)
    run = with_demo.kaa(*ORDER)
    assert run.returncode == 7
    assert f"cell {number} (id inserted)" in run.stderr
    assert told in run.stderr
    assert "1912" not in run.stderr + run.stdout
    assert with_demo.left_under_reports() == []


def test_a_foreign_error_in_a_cell_is_told_by_type_and_place_alone(with_demo):
    number = insert_cell(with_demo, FOREIGN_ERROR)
    run = with_demo.kaa(*ORDER)
    assert run.returncode == 7
    assert f"Cell {number} (id inserted) stoppade" in run.stderr
    assert "ValueError" in run.stderr
    assert "1912" not in run.stderr + run.stdout
    assert with_demo.left_under_reports() == []


def run_builder(*arguments: str, project, folder) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kaa_analysis.render.build", *arguments]
    environment = {name: value for name, value in project.environment.items() if name != "KAA_SECURE"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def unbuilt(demo, tmp_path):
    """The store and the plan of a made bundle, nothing else of it."""
    (made,) = demo.bundles()
    shutil.copytree(made / "store", tmp_path / "store")
    shutil.copy(made / "plan.json", tmp_path)
    return tmp_path


def test_the_builder_makes_the_same_files_from_notebook_store_and_plan_alone(demo, unbuilt):
    (made,) = demo.bundles()
    notebook = json.loads((demo.root / "notebooks" / "10_annual_appendix.ipynb").read_bytes())
    own = unbuilt.parent / f"{unbuilt.name}.ipynb"
    own.write_text(json.dumps(cells_of_report(notebook, about_part=False)), encoding="utf-8")
    built = run_builder(str(own), str(unbuilt), project=demo, folder=unbuilt)
    assert built.returncode == 0, built.stderr
    assert (unbuilt / "manifest.json").read_bytes() == (made / "manifest.json").read_bytes()


def test_an_exhibit_whose_table_is_not_in_the_store_is_refused_by_the_builder(demo, unbuilt):
    plan = json.loads((unbuilt / "plan.json").read_text())
    plan["placements"][0]["result"] = "nowhere"
    (unbuilt / "plan.json").write_text(json.dumps(plan))
    built = run_builder(
        str(demo.root / "notebooks" / "10_annual_appendix.ipynb"), str(unbuilt), project=demo, folder=unbuilt
    )
    assert built.returncode == 8
    assert "nowhere" in built.stderr
    assert sorted(path.name for path in unbuilt.iterdir()) == ["plan.json", "store"]


def test_a_table_in_the_store_that_was_changed_is_refused_by_the_builder(demo, unbuilt):
    table = sorted((unbuilt / "store").glob("*.json"))[0]
    table.write_bytes(table.read_bytes().replace(b"protected", b"shown    ", 1) + b" ")
    built = run_builder(
        str(demo.root / "notebooks" / "10_annual_appendix.ipynb"), str(unbuilt), project=demo, folder=unbuilt
    )
    assert built.returncode == 6


def test_the_builder_refuses_to_know_the_secure_folder(demo, tmp_path):
    command = [sys.executable, "-m", "kaa_analysis.render.build", "a", "b"]
    built = subprocess.run(command, cwd=tmp_path, env=demo.environment, capture_output=True, text=True, check=False)
    assert built.returncode == 8
    assert "säkra mappen" in built.stderr


def test_a_notebook_saved_with_outputs_is_refused(with_demo):
    path = with_demo.root / "notebooks" / "10_annual_appendix.ipynb"
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    code[-1].outputs = [nbformat.v4.new_output("stream", name="stdout", text="hej")]
    nbformat.write(notebook, path)
    run = with_demo.kaa(*ORDER)
    assert run.returncode == 7
    assert "utan utdata" in run.stderr


SPEAKING = {
    "a comm nobody answers": "from comm import create_comm\ncreate_comm(target_name='191212121212')\nNone",
    "our own error raised by the cell": "from kaa_analysis.core.errors import NotebookError\nraise NotebookError('191212121212')",
}


@pytest.mark.parametrize("source", SPEAKING.values(), ids=SPEAKING)
def test_what_a_cell_hands_to_a_library_or_to_an_error_of_ours_is_not_repeated(with_demo, source):
    insert_cell(with_demo, source)
    run = with_demo.kaa(*ORDER)
    assert "[3/6]" in run.stderr
    assert "1912" not in run.stderr + run.stdout


MISSPELT = {
    "unknown parameter": ("yaer: 2024", '"yaer" är ingen parameter (menade du "year"?)'),
    "wrong type": ('year: "2024"', '"year" har ett värde som inte går'),
    "unknown report": ("report: arsbilga", '(menade du "arsbilaga"?)'),
    "unknown option": ("summer_rule: literl", '"summer_rule" har ett värde som inte går'),
}


@pytest.mark.parametrize(("line", "told"), MISSPELT.values(), ids=MISSPELT)
def test_a_misspelt_parameter_stops_before_anything_is_read(project, line, told):
    name = line.split(":")[0]
    path = project.root / "params" / "arsbilaga_demo.yaml"
    kept = [row for row in path.read_text().splitlines() if not row.startswith(f"{name}:")]
    path.write_text("\n".join([*kept, line]) + "\n")
    run = project.kaa(*ORDER)
    assert run.returncode == 3
    assert told in run.stderr
    assert "[2/6]" not in run.stderr


def test_an_extract_that_is_not_there_is_told_with_what_to_do(project):
    run = project.kaa(*ORDER)
    assert run.returncode == 4
    assert "kaa synth demo" in run.stderr


def test_an_unknown_command_is_told_in_swedish(project):
    run = project.kaa("rapport")
    assert run.returncode == 2
    assert "kaa --help" in run.stderr
