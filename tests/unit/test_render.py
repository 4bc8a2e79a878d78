"""The last stations: what a run may have noted, what a bundle may hold, and who holds a lock."""

from __future__ import annotations

import json

import nbformat
import pandas as pd
import pytest

from kaa_analysis.core.definitions import Definition
from kaa_analysis.core.errors import BundleError, DefinitionError, KaaError, NotebookError
from kaa_analysis.core.locks import held, is_free
from kaa_analysis.core.provenance import canonical_json, hash_value
from kaa_analysis.core.result import Count, Dimension, Estimate, Result, Text
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.present import notebook
from kaa_analysis.present.exhibit import EXHIBIT_MIME
from kaa_analysis.present.notebook import Report
from kaa_analysis.render.bundle import BundlePlace, building, damage, is_whole, put_in_place, write_manifest
from kaa_analysis.render.running.execution import Placement, read_execution

SEX = Dimension("sex", "Kön", {"all": "Totalt", "female": "Flickor"}, total="all")
DEFINITION = Definition(id="a", name="A", definition="D.", caveat="C.", source="S", column="n", tables=("a",))


def persons(n: int = 12) -> Result:
    return Result("persons", "Personer", (Count("n", "Antal", "registered"),), pd.DataFrame({"n": [n]}))


def noted_run(folder, *, outputs=None, result=None) -> None:
    """Write what a run leaves that showed one result as a table called antal."""
    content = (result or persons()).as_record()
    record = {"slug": "antal", "form": "table", "result": "persons", "result_hash": hash_value(persons().as_record())}
    for name in ("results", "shown"):
        (folder / name).mkdir(parents=True)
    (folder / "results" / "persons.json").write_bytes(canonical_json(content))
    (folder / "shown" / "antal.json").write_bytes(canonical_json(record))
    data = {EXHIBIT_MIME: record, "text/plain": "[antal]"}
    cell = nbformat.v4.new_code_cell("report.show(…)", id="visar")
    cell.outputs = [nbformat.v4.new_output("display_data", data=data)] if outputs is None else outputs(data)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "executed.ipynb")


class TestExecution:
    def test_what_was_noted_and_shown_is_read_with_its_place(self, tmp_path):
        noted_run(tmp_path)
        execution = read_execution(tmp_path)
        assert [(place.cell, place.slug, place.form, place.result) for place in execution.placements] == [
            (0, "antal", "table", "persons")
        ]
        assert execution.results["persons"].frame["n"].tolist() == [12]

    def test_a_result_that_changed_after_it_was_shown_is_refused(self, tmp_path):
        noted_run(tmp_path, result=persons(13))
        with pytest.raises(NotebookError, match="inte längre det som visades"):
            read_execution(tmp_path)

    def test_a_result_that_was_never_shown_is_left_out(self, tmp_path):
        noted_run(tmp_path)
        (tmp_path / "results" / "extra.json").write_bytes(canonical_json(persons().as_record()))
        assert list(read_execution(tmp_path).results) == ["persons"]

    @pytest.mark.parametrize(
        "forged",
        [
            lambda data: [nbformat.v4.new_output("display_data", data=data | {"text/plain": "[antal] Anna"})],
            lambda data: [nbformat.v4.new_output("display_data", data=data, metadata={"namn": "Anna"})],
            lambda data: [nbformat.v4.new_output("display_data", data=data | {"text/html": "Anna"})],
            lambda data: [nbformat.v4.new_output("display_data", data=data)] * 2,
            lambda data: [nbformat.v4.new_output("execute_result", data=data)],
            lambda data: [],
        ],
        ids=["other text", "metadata", "more formats", "twice", "a value", "noted but not shown"],
    )
    def test_an_output_that_is_more_or_less_than_its_placeholder_is_refused(self, tmp_path, forged):
        noted_run(tmp_path, outputs=forged)
        with pytest.raises(NotebookError) as refusal:
            read_execution(tmp_path)
        assert "Anna" not in str(refusal.value)


class TestShow:
    @pytest.mark.parametrize(
        "columns",
        [
            (Dimension("who", "Vem"), Count("n", "Antal", "registered")),
            (SEX, Count("n", "Antal", "registered"), Text("words", "Ord")),
        ],
        ids=["a split without labels", "free text"],
    )
    def test_words_that_no_label_stands_for_are_not_shown(self, columns):
        row = {"who": "Anna", "sex": "all", "n": 12, "words": "Anna"}
        result = Result("r", "R", columns, pd.DataFrame([{column.name: row[column.name] for column in columns}]))
        with pytest.raises(NotebookError) as refusal:
            Report(Policy()).show(result, slug="r", as_="table")
        assert "Anna" not in str(refusal.value)

    @pytest.mark.parametrize(
        "changes",
        [
            {"id": "../../utanfor"},
            {"columns": (Count("n", "Antal", "registered"), Estimate("e", "Skattning", ()))},
            {"columns": (Count("n", "Antal", "registered"), Estimate("e", "Skattning", ("m",)))},
        ],
        ids=["a path as id", "an estimate that rests on nothing", "an estimate that rests on no count of its row"],
    )
    def test_a_result_that_cannot_be_protected_is_no_result(self, changes):
        settings = {"id": "r", "title": "R", "columns": (Count("n", "Antal", "registered"),)} | changes
        table = pd.DataFrame({column.name: [1] for column in settings["columns"]})
        with pytest.raises(DefinitionError):
            Result(**settings, table=table)


def words_noted(folder, *, give) -> list[dict[str, object]]:
    """Write what a run leaves that has one cell in which ``give`` calls the report, and return what the cell shows."""
    shown = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notebook, "_display", shown.append)
        give(Report(Policy(), folder))
    bundles = [one._repr_mimebundle_() for one in shown]
    if folder is not None:
        cell = nbformat.v4.new_code_cell("report", id="visar")
        cell.outputs = [nbformat.v4.new_output("display_data", data=data) for data in bundles]
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "executed.ipynb")
    return bundles


def in_both_places(report: Report) -> None:
    report.author("forslag")
    report.define((DEFINITION,))


def twice(report: Report) -> None:
    report.author("forslag")
    report.author("forslag")


class TestWords:
    def test_the_place_of_an_author_s_text_is_noted_and_rests_on_no_result(self, tmp_path):
        words_noted(tmp_path, give=lambda report: report.author("forslag"))
        execution = read_execution(tmp_path)
        assert execution.placements == (Placement(0, "forslag", "author:forslag", ""),)
        assert (execution.results, execution.definitions) == ({}, ())

    def test_the_definitions_are_noted_with_their_place(self, tmp_path):
        words_noted(tmp_path, give=lambda report: report.define((DEFINITION,)))
        execution = read_execution(tmp_path)
        assert execution.placements == (Placement(0, "definitioner", "definitions", ""),)
        assert execution.definitions == (DEFINITION,)

    def test_definitions_that_changed_after_they_were_given_are_refused(self, tmp_path):
        words_noted(tmp_path, give=lambda report: report.define((DEFINITION,)))
        (tmp_path / "definitions.json").write_bytes(canonical_json([DEFINITION.as_record() | {"name": "B"}]))
        with pytest.raises(NotebookError, match="inte längre de som gavs"):
            read_execution(tmp_path)

    @pytest.mark.parametrize(
        ("give", "told"),
        [
            (lambda report: report.author("forslaget"), 'menade du "forslag"'),
            (lambda report: report.define(["Anna"]), r"indicators\.definitions"),
            (twice, "två gånger"),
        ],
    )
    def test_a_text_that_there_is_not_a_word_that_is_no_definition_and_a_place_twice_are_refused(
        self, tmp_path, give, told
    ):
        with pytest.raises(KaaError, match=told) as refusal:
            words_noted(tmp_path, give=give)
        assert "Anna" not in str(refusal.value)

    def test_in_jupyterlab_it_is_said_that_the_words_come_later(self):
        assert words_noted(None, give=in_both_places) == [
            {"text/plain": "[Förslag till förändringar: skrivs in när rapporten görs]"},
            {"text/plain": "[Definitioner: skrivs in när rapporten görs]"},
        ]


@pytest.fixture
def place(tmp_path):
    return BundlePlace(tmp_path / "reports", "arsbilaga", "2024", "abc", tmp_path / "locks" / "abc.lock")


def make_bundle(folder, words: str = "hej") -> None:
    (folder / "report.html").write_text(words)
    write_manifest(folder, {"status": "utkast"})


class TestBundle:
    def test_a_file_slipped_in_after_the_manifest_stops_the_bundle(self, place):
        with pytest.raises(BundleError, match="just de filer"), building(place) as partial:
            make_bundle(partial)
            (partial / "raa.csv").write_text("a")
            put_in_place(place)
        assert not place.final.exists()
        assert not place.partial.exists()

    def test_work_that_fails_leaves_nothing_below_reports(self, place):
        with pytest.raises(RuntimeError), building(place):
            raise RuntimeError
        assert list(place.reports.iterdir()) == []

    def test_the_same_bytes_again_change_nothing_and_a_damaged_bundle_is_moved_aside(self, place):
        for expected in (True, False):
            with building(place) as partial:
                make_bundle(partial)
                assert put_in_place(place) is expected
        (place.final / "report.html").write_text("skadad")
        with building(place) as partial:
            make_bundle(partial)
            assert put_in_place(place) is True
        assert is_whole(place.final)
        assert (place.final.parent / "abc.skadad-1" / "report.html").read_text() == "skadad"


@pytest.mark.parametrize("name", [".~lock.report.docx#", "~$report.docx", "Thumbs.db", ".DS_Store"])
def test_what_a_program_leaves_when_somebody_looks_damages_nothing(tmp_path, name):
    make_bundle(tmp_path)
    (tmp_path / name).write_text("läst")
    assert damage(tmp_path) == []


def test_an_empty_folder_or_a_link_in_a_bundle_is_told(tmp_path):
    make_bundle(tmp_path)
    (tmp_path / "tom").mkdir()
    (tmp_path / "länk.html").symlink_to(tmp_path / "report.html")
    assert damage(tmp_path) == ["länk.html: står inte i manifestet", "tom: står inte i manifestet"]
    (tmp_path / "report.html").unlink()
    (tmp_path / "report.html").symlink_to(tmp_path / "manifest.json")
    assert "report.html: är ändrad" in damage(tmp_path)


def test_what_a_killed_run_left_is_swept_and_what_is_being_worked_on_is_not(tmp_path):
    locks = tmp_path / "locks"
    left, busy, ours = (
        BundlePlace(tmp_path / "reports", "arsbilaga", "2024", run, locks / f"arsbilaga-{run}.lock")
        for run in ("dead", "busy", "ours")
    )
    left.partial.mkdir(parents=True)
    left.lock.parent.mkdir()
    left.lock.touch()
    with building(busy), building(ours):
        assert (left.work.exists(), busy.partial.is_dir(), ours.partial.is_dir()) == (False, True, True)


def test_a_lock_is_free_until_somebody_holds_it_and_again_afterwards(tmp_path):
    lock = tmp_path / "locks" / "a.lock"
    assert is_free(lock)
    with held(lock):
        assert not is_free(lock)
    assert is_free(lock)


def test_the_manifest_names_every_file_but_itself_and_the_clock(tmp_path):
    (tmp_path / "run.json").write_text("{}")
    make_bundle(tmp_path)
    assert list(json.loads((tmp_path / "manifest.json").read_text())["files"]) == ["report.html"]
