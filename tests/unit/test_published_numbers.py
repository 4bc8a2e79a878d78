"""Published numbers are shown without further protection: a notebook can show those of the extract's finished tables, and no others."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from kaa_analysis.core.errors import NotebookError
from kaa_analysis.core.project import DECISIONS_FILE, DOCUMENT_FILE, LOCK_FILE, POLICY_FILE
from kaa_analysis.core.result import Count, Dimension, Estimate, Result
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.ingest import add_extract, finished_results, read_register
from kaa_analysis.params.reports import read_order
from kaa_analysis.render.inputs import Source, read_inputs
from kaa_analysis.render.report import Workplace, executed
from kaa_analysis.render.running.execution import Execution, Placement
from kaa_analysis.render.running.published_numbers import refuse_other_published
from kaa_analysis.store import Register

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
FILES = [*sorted((DATA / "ber_small").iterdir()), DATA / "fardiga_tabeller" / "fardiga_tabeller.csv"]
PROJECT = (POLICY_FILE, DOCUMENT_FILE, DECISIONS_FILE, LOCK_FILE, Path("params") / "arsbilaga_demo.yaml")
SETUP = """\
from dataclasses import replace
import pandas as pd
from kaa_analysis import ingest
from kaa_analysis.core.result import Dimension, Estimate, Result
from kaa_analysis.present.notebook import Report
report = Report.open()
register = ingest.read_register(extract)
finished = ingest.finished_results(register)
"""
AS_THEY_ARE = 'report.show_each(finished, slug="fardig", as_="table")'
BY_HAND = """\
columns = (Dimension("row", "Grupp", {"a": "A"}), Estimate("value", "Tal", (), rule="published"))
table = pd.DataFrame({"row": ["a"], "value": [float(register.row_counts["persons"])]})
report.show(Result("eget_tal", "Tal", columns, table), slug="eget", as_="table")
"""
ALTERED = """\
altered = finished[0].frame.assign(column_1=[74.2, 11.0])
report.show(replace(finished[0], table=altered), slug="andrad", as_="table")
"""
EXPECTED = (
    "Tal som en annan enhet har publicerat visas utan skydd och ska därför vara just de i uttagets färdiga tabeller."
)


@pytest.fixture(scope="module")
def secure(tmp_path_factory) -> SecureFolder:
    folder = tmp_path_factory.mktemp("room")
    folder.chmod(0o700)
    return SecureFolder(folder)


@pytest.fixture(scope="module")
def register(secure) -> Register:
    add_extract(
        "prov", layout="ber_demo", files=FILES, extract_date=None, secure=secure, supplements=["fardiga_tabeller"]
    )
    return read_register("prov", secure=secure)


def run(cell: str, *, folder: Path, register: Register, secure: SecureFolder) -> Execution:
    """Run a notebook of the setup and one cell the way of a report."""
    for name in PROJECT:
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    cells = [nbformat.v4.new_code_cell(source, id=f"c{n}") for n, source in enumerate((SETUP, cell))]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    (folder / "notebooks").mkdir()
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, folder / "notebooks" / "10_annual_appendix.ipynb")
    order = read_order(folder / "params" / "arsbilaga_demo.yaml")
    order = replace(order, params=order.params.model_copy(update={"extract": register.name}))
    inputs = read_inputs(order, source=Source(register, {"kaa.csv": "1" * 64}), root=folder)
    return executed(inputs, at=Workplace(folder, secure, progress=lambda stage: None))


def test_a_report_shows_the_finished_tables_as_they_are(tmp_path, register, secure):
    execution = run(AS_THEY_ARE, folder=tmp_path, register=register, secure=secure)
    assert [place.result for place in execution.placements] == [
        "fardig_gymnasieexamen", "fardig_brukarundersokning", "fardig_im_resultat",
    ]  # fmt: skip


@pytest.mark.parametrize(("cell", "name"), [(BY_HAND, "eget_tal"), (ALTERED, "fardig_gymnasieexamen")])
def test_a_notebook_that_writes_or_alters_a_published_number_is_refused_with_its_cell_named(
    tmp_path, register, secure, cell, name
):
    with pytest.raises(NotebookError) as error:
        run(cell, folder=tmp_path, register=register, secure=secure)
    told, kept = error.value.found
    assert (error.value.expected, told) == (EXPECTED, f"cell 2: {name}")
    assert kept.startswith("den körda anteckningsboken ligger kvar i den säkra mappen: ")


def shown(*results: Result) -> Execution:
    placements = tuple(
        Placement(number, f"visning-{number}", "table", result.id) for number, result in enumerate(results)
    )
    return Execution({result.id: result for result in results}, placements)


def notebook(folder: Path) -> Path:
    nbformat.write(nbformat.v4.new_notebook(), folder / "notebook.ipynb")
    return folder / "notebook.ipynb"


def with_number(result: Result) -> Result:
    return replace(result, table=result.frame.assign(column_2=[69.3, 9.5]))


def with_count(result: Result) -> Result:
    counted = (*result.columns, Count("n", "Antal", measure="stock"))
    return replace(result, columns=counted, table=result.frame.assign(n=[3, 12]))


@pytest.mark.parametrize(
    "change",
    [
        with_number,
        with_count,
        lambda result: replace(result, title="En annan rubrik, 2024"),
        lambda result: replace(result, table=result.frame.head(1)),
    ],
)
def test_whatever_is_changed_in_a_finished_table_it_is_refused(
    tmp_path, register, secure, change: Callable[[Result], Result]
):
    first, *others = finished_results(register, secure=secure)
    told = {"notebook": notebook(tmp_path), "register": register, "secure": secure}
    refuse_other_published(shown(first, *others), **told)
    with pytest.raises(NotebookError) as error:
        refuse_other_published(shown(*others, change(first)), **told)
    assert error.value.found == ("cell 3: fardig_gymnasieexamen",)


def test_a_finished_table_under_another_name_is_refused_and_a_name_that_nobody_knows_is_not_repeated(
    tmp_path, register, secure
):
    first, *_ = finished_results(register, secure=secure)
    with pytest.raises(NotebookError) as error:
        refuse_other_published(
            shown(first.named("u200805101234")), notebook=notebook(tmp_path), register=register, secure=secure
        )
    assert error.value.found == ("cell 1: …",)


def test_without_published_numbers_no_finished_table_is_read(tmp_path, register):
    counted = Result("antal", "Antal", (Count("n", "Antal", measure="stock"),), pd.DataFrame({"n": [12]}))
    columns = (Dimension("row", "Grupp", {"a": "A"}), Count("n", "Antal", "stock"), Estimate("v", "Tal", ("n",)))
    derived = Result("skattning", "Tal", columns, pd.DataFrame({"row": ["a"], "n": [12], "v": [0.5]}))
    nowhere = SecureFolder(tmp_path / "nowhere")
    refuse_other_published(shown(counted, derived), notebook=notebook(tmp_path), register=register, secure=nowhere)
    assert not nowhere.path.exists()
