"""What stops a run, and what libraries say of it, is told without a person's value, even where it cannot be kept either."""

from __future__ import annotations

import logging
import os
import resource
import stat
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import nbformat
import pytest

from kaa_analysis.core import foreign_words
from kaa_analysis.core.boundary import safe_error
from kaa_analysis.core.errors import DefinitionError, NotebookError, UnexpectedError
from kaa_analysis.core.foreign_words import keep_foreign_words
from kaa_analysis.core.geography import division
from kaa_analysis.core.secure_folder import SecureFolder, write_atomically
from kaa_analysis.render.running.known_words import in_known_words
from kaa_analysis.render.running.room import lab_environment
from kaa_analysis.render.running.unsaved_outputs import without_outputs

SECRET = "20058115" + "-1016 Kana" + "rieskolan"


def caught(make) -> BaseException:
    try:
        make()
    except BaseException as error:  # noqa: BLE001 - whatever it is
        return error
    raise AssertionError


def raising(error: BaseException):
    def fall() -> None:
        raise error

    return fall


@pytest.mark.parametrize(("mode", "modes"), [(0o600, [0o700, 0o700, 0o600]), (0o644, [0o755, 0o755, 0o644])])
def test_folders_made_for_a_private_file_are_private_too(tmp_path, mode, modes):
    before = os.umask(0o022)
    try:
        write_atomically(tmp_path / "a" / "b" / "c", b"", mode=mode)
    finally:
        os.umask(before)
    made = (tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "b" / "c")
    assert [stat.S_IMODE(path.stat().st_mode) for path in made] == modes


class TestSafeError:
    @pytest.fixture(params=["a file where logs should lie", "a folder where the log should lie"])
    def logs(self, request, tmp_path) -> Path:
        logs = tmp_path / "logs"
        if request.param.startswith("a file"):
            logs.touch()
        else:
            (logs / "senaste_fel.txt").mkdir(parents=True)
        return logs

    def test_an_error_whose_text_cannot_be_kept_is_told_without_it_and_without_a_place(self, logs):
        safe = safe_error(caught(raising(ValueError(SECRET))), what="Provet", log_folder=logs)
        assert type(safe) is UnexpectedError
        assert safe.found == ("ValueError i okänd plats",)
        assert safe.action == "kör igen; står felet kvar, lämna raden ovan till den som förvaltar verktyget"

    def test_the_log_is_for_the_owner_alone_whatever_the_mask(self, tmp_path):
        before = os.umask(0)
        try:
            safe_error(caught(raising(ValueError(SECRET))), what="Provet", log_folder=tmp_path / "logs")
        finally:
            os.umask(before)
        log = tmp_path / "logs" / "senaste_fel.txt"
        assert SECRET in log.read_text(encoding="utf-8")
        assert [stat.S_IMODE(path.stat().st_mode) for path in (log.parent, log)] == [0o700, 0o600]

    def test_an_error_of_a_type_made_on_the_spot_is_told_as_an_exception(self):
        safe = safe_error(caught(raising(type(SECRET, (ValueError,), {})())), what="Provet", log_folder=None)
        assert safe.found == ("Exception i okänd plats",)

    def test_an_error_of_ours_raised_by_a_function_that_the_package_only_called_is_foreign(self):
        class Speaking(str):
            def __eq__(self, other: object) -> bool:
                raise NotebookError(SECRET)

            __hash__ = str.__hash__

        error = caught(lambda: division(Speaking("2023")))
        assert type(error) is NotebookError
        assert type(safe_error(error, what="Provet", log_folder=None)) is UnexpectedError


SAID = {
    "a warning": lambda: warnings.warn(SECRET, UserWarning, stacklevel=1),
    "a log record": lambda: logging.getLogger("a library").warning(SECRET),
    "a log record that cannot be made text": lambda: logging.getLogger("a library").error("%d", SECRET),
    "an error in a thread": lambda: threading.Thread(target=raising(ValueError(SECRET))).start(),
    "an error in a destructor": lambda: type("Ending", (), {"__del__": lambda _: raising(ValueError(SECRET))()})(),
    "an error that nobody catches": lambda: sys.excepthook(ValueError, ValueError(SECRET), None),
}
NOT_KEPT = {"a log record that cannot be made text"}


@pytest.mark.parametrize("saying", SAID)
@pytest.mark.parametrize("has_room", [True, False])
def test_what_a_library_says_is_never_printed_and_kept_in_the_room_if_there_is_one(tmp_path, saying, has_room):
    script = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from kaa_analysis.core.foreign_words import keep_foreign_words
from {Path(__file__).stem} import SAID
keep_foreign_words(lambda: Path({str(tmp_path / "logs")!r}) if {has_room} else None)
SAID[{saying!r}]()
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    kept = tmp_path / "logs" / foreign_words.LOG
    assert (kept.exists() and SECRET in kept.read_text(encoding="utf-8")) == (has_room and saying not in NOT_KEPT)


def test_a_log_of_foreign_words_that_has_grown_large_is_begun_anew(tmp_path, monkeypatch):
    for module, name in ((warnings, "showwarning"), (logging, "lastResort"), (logging, "raiseExceptions"), (sys, "excepthook"),
                         (sys, "unraisablehook"), (threading, "excepthook")):  # fmt: skip
        monkeypatch.setattr(module, name, getattr(module, name))
    log = tmp_path / foreign_words.LOG
    log.write_text("x" * (foreign_words.LARGEST + 1))
    keep_foreign_words(lambda: tmp_path)
    warnings.showwarning(SECRET, UserWarning, "x.py", 1)
    assert log.read_text(encoding="utf-8") == f"x.py:1: UserWarning: {SECRET}\n"


@pytest.mark.parametrize(("before", "most"), [("true", 1), ("ulimit -c 0", 0)])
def test_no_core_dump_is_left_to_this_process_or_its_children(before, most):
    """From whatever limit the tests themselves have; it can be lowered, not raised."""
    script = "import resource\nfrom kaa_analysis.core.core_dumps import refuse_core_dumps\nrefuse_core_dumps()\nprint(resource.getrlimit(resource.RLIMIT_CORE))"
    command = ["sh", "-c", f'{before} && exec "$0" -c "$1"', sys.executable, script]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    left = most if hard == resource.RLIM_INFINITY else min(most, hard)
    assert told == f"({left}, {left})\n"


TOLD = {
    f'Registret har ingen tabell "{SECRET}".': 'Registret har ingen tabell "… …".',
    "född 2005-01-15, uttag 2025-01-31": "född …, uttag 2025-01-31",
    "2024-12-31, 12 rader, 33.3 och 200581151016": "2024-12-31, 12 rader, 33.3 och …",
    "kolumnen person_id i persons": "kolumnen person_id i persons",
    'Namnet "egen-figur" används två gånger.': 'Namnet "egen-figur" används två gånger.',
    "text/html, 200581151016/x": "text/html, …",
}


@pytest.mark.parametrize(("said", "told"), TOLD.items())
def test_an_error_from_a_cell_is_told_in_the_words_of_package_notebook_and_parameters(said, told):
    error = in_known_words(DefinitionError(said, found=said, action=said), known=['slug="egen-figur"', "2025-01-31"])
    assert (type(error), error.expected, error.found, error.action) == (DefinitionError, told, (told,), told)


def test_a_notebook_is_saved_from_the_laboratory_without_what_its_cells_have_shown():
    shown = nbformat.v4.new_output("stream", name="stdout", text=SECRET)
    cells = [
        nbformat.v4.new_code_cell("1", id="a", outputs=[shown], execution_count=3, metadata={"execution": {"x": SECRET}, "tags": ["t"]}),
        nbformat.v4.new_markdown_cell("text", id="b"),
    ]  # fmt: skip
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"widgets": {"state": SECRET}})
    without_outputs(model={"type": "notebook", "content": notebook}, path="x.ipynb")
    assert notebook == nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("1", id="a", metadata={"tags": ["t"]}),
            nbformat.v4.new_markdown_cell("text", id="b"),
        ]
    )


def test_a_file_that_is_no_notebook_is_saved_as_it_is():
    model = {"type": "file", "content": "cells"}
    without_outputs(model=model)
    assert model == {"type": "file", "content": "cells"}


def test_everything_that_the_laboratory_writes_by_itself_lies_in_private_folders_of_the_room(tmp_path):
    tmp_path.chmod(0o700)
    environment = lab_environment(SecureFolder(tmp_path))
    assert {*environment} == {"KAA_SECURE", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR", "TMPDIR"}  # fmt: skip
    assert [name for name, place in environment.items() if not Path(place).is_relative_to(tmp_path)] == []
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")} == {0o700, 0o600}
