"""A bounded selection of the trials of commands, and proof that what they look for would be found. `make fuzz` makes many more."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest

from tests.fuzz.bases import CANARY
from tests.fuzz.canaries import EXTRACT, NUMBERS, WORDS, canaries_of, canary_package
from tests.fuzz.command_rooms import ROW, Room, made_room
from tests.fuzz.outside import leaks_in, open_modes, texts_outside
from tests.fuzz.planted_faults import ALL_OPENLY
from tests.fuzz.speaking_cells import LIMITS, QUIET, STOPPING, by_year, plant_cells
from tests.fuzz.trials import EDITED, NOTEBOOK, ORDER, REPORT, SURROUNDINGS, prepare, words_of

KINDS = ["free text", "identity", "number", "day"]
FIRST_YEAR = 2030


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Room:
    """A room whose extract is read and whose report of the time to study placement is made."""
    return made_room(tmp_path_factory.mktemp("leaks") / "room", orders=("tid_till_studier_demo",))


@pytest.fixture
def room(made, tmp_path) -> Room:
    """A room of its own where all is made."""
    return made.copy(tmp_path / "room")


def test_every_column_that_takes_one_has_a_canary_on_every_row():
    package = canary_package()
    named = {name for table in package.tables.values() for name in table.header}
    assert WORDS | NUMBERS.keys() <= named
    for table in package.tables.values():
        for name in (WORDS | NUMBERS.keys()) & {*table.header}:
            values = [row[table.header.index(name)] for row in table.rows]
            assert [value for value in values if value and not value.startswith(CANARY) and len(value) < 7] == []


def test_what_a_made_report_leaves_is_free_of_canaries_and_the_room_is_closed(made):
    texts = texts_outside(made.project.root, secure=made.secure, delivered=made.project.root / "raw")
    assert {"report.html", "report.pdf", "report.docx"} <= {Path(place).name for place in texts}
    assert leaks_in(texts, made.canaries) == []
    assert open_modes(made.secure) == []


EXIT_CODES = {"extract": 0, "check": 0, "score": 4, "explain": 0, "diff": 0, "gate": 6}


@pytest.mark.parametrize(("command", "exit_code"), EXIT_CODES.items())
def test_a_command_tells_and_leaves_no_canary(room, command, exit_code):
    prepare(command, room)
    ran = room.run(*words_of(command, room))
    assert (ran.exit_code, ran.leaks, ran.open_modes) == (exit_code, (), ()), ran.words


def test_the_gate_tells_where_a_row_stands_in_an_edited_file_and_nothing_of_it(room):
    prepare("gate", room, without_identity=True)
    ran = room.run(*words_of("gate", room))
    assert "ett tal som inte hör till någon visad cell" in ran.words
    assert (ran.exit_code, ran.leaks) == (6, ()), ran.words


FAULTS = [
    ("read", "kaa_analysis.ingest.register_reader:convert", "notes of an error", "no place for logs", 70),
    ("read", "kaa_analysis.ingest.register_reader:convert", "an end", "as always", 70),
    ("check", "kaa_analysis.checks:run_checks", "a panic", "as always", 70),
    ("check", "kaa_analysis.checks:run_checks", "no memory", "no place for logs", 70),
    ("check", "kaa_analysis.checks:run_checks", "an error called so", "as always", 70),
    ("check", "kaa_analysis.checks:run_checks", "a warning", "everything told by Python", 0),
    ("check", "kaa_analysis.checks:run_checks", "a log record", "as always", 0),
    ("check", "kaa_analysis.checks:run_checks", "an error in a thread", "as always", 0),
    ("check", "kaa_analysis.checks:run_checks", "an error in a destructor", "as always", 0),
    ("gate", "kaa_analysis.render.gate.edited:bind_file", "an undecodable text", "as always", 70),
    ("report", "kaa_analysis.disclosure.protect:protect", "an error in another's handling", "no place for logs", 70),
    ("report", "kaa_analysis.render.build:build", "a full disk", "as always", 70),
]


@pytest.mark.parametrize(("command", "place", "saying", "where", "exit_code"), FAULTS)
def test_a_fault_that_says_a_row_of_a_person_is_told_without_it(room, command, place, saying, where, exit_code):
    prepare(command, room)
    words = words_of(command, room)
    if command == "gate":
        shutil.copy(room.bundles(REPORT)[0] / "report.docx", room.project.root / EDITED)
    if command == "report":
        shutil.rmtree(room.project.root / "reports")
        words = ("report", ORDER)
    ran = SURROUNDINGS[where](room).with_fault(place, saying).run(*words)
    assert ran.said
    assert (ran.exit_code, ran.leaks, ran.open_modes) == (exit_code, (), ()), ran.words


def test_what_a_library_said_is_kept_in_the_room(room):
    room.with_fault("kaa_analysis.checks:run_checks", "a warning").run("check", EXTRACT)
    assert CANARY in (room.secure / "logs" / "frammande_ord.txt").read_text(encoding="utf-8")


def test_cells_that_say_a_row_in_every_quiet_way_are_refused_without_it(room):
    plant_cells(room.project.root / NOTEBOOK, *QUIET.values())
    ran = room.run("report", ORDER, "--gor-om")
    assert (ran.exit_code, ran.leaks, ran.open_modes) == (7, (), ()), ran.words
    for number in range(len(QUIET)):
        if list(QUIET)[number] not in (
            "a comm",
            "a temporary file",
            "the history",
            "a file of the engine",
            "a destructor",
        ):
            assert f"(id planted{number})" in ran.words, list(QUIET)[number]


def test_cells_that_stop_with_a_row_are_told_without_it(room):
    params = (room.project.root / "params" / "arsbilaga_demo.yaml").read_text(encoding="utf-8")
    orders = []
    for number in range(len(STOPPING)):
        orders.append(f"params/year{number}.yaml")
        (room.project.root / orders[-1]).write_text(params.replace("year: 2024", f"year: {FIRST_YEAR + number}"))
    plant_cells(
        room.project.root / "notebooks" / "10_annual_appendix.ipynb", by_year([*STOPPING.values()], first=FIRST_YEAR)
    )
    ran = room.run("batch", *orders, "--tider")
    assert f"0 klara (utkast), 0 oförändrade, {len(STOPPING)} stoppade" in ran.words
    assert ran.words.count("(id planted0)") >= 4
    assert (ran.leaks, ran.open_modes) == ((), ())


def test_neither_the_command_nor_a_kernel_may_dump_its_memory(room):
    plant_cells(room.project.root / NOTEBOOK, LIMITS)
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        room.run("report", ORDER, "--gor-om")
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
    assert int((room.secure / "limits.txt").read_text()) in (0, 1)


def test_a_report_that_is_killed_leaves_no_canary(room):
    def kill(process) -> None:
        for line in process.stderr:
            if line.startswith("[3/6]"):
                break
        time.sleep(0.5)
        os.kill(process.pid, signal.SIGKILL)

    ran = room.run("report", ORDER, "--gor-om", meanwhile=kill)
    assert (ran.exit_code, ran.leaks, ran.open_modes) == (-signal.SIGKILL, (), ())


def test_a_notebook_saved_in_the_laboratory_holds_nothing_that_it_has_shown(room):
    row = (room.secure / ROW).read_text(encoding="utf-8").strip()
    saved = room.project.root / "notebooks" / "utforska.ipynb"

    def explore(process) -> None:
        server = json.loads(
            _awaited(lambda: next((room.secure / "jupyter").rglob("jpserver-*.json"), None)).read_bytes()
        )
        shown = nbformat.v4.new_output("stream", name="stdout", text=row)
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("row", id="a", outputs=[shown])])
        _ask(server, "contents/utforska.ipynb", "PUT", {"type": "notebook", "format": "json", "content": notebook})
        _ask(server, "contents/utforska.ipynb/checkpoints", "POST")
        _ask(server, "shutdown", "POST")

    ran = room.with_settings(BROWSER="true").run("lab", meanwhile=explore)
    assert (ran.leaks, ran.open_modes) == ((), ()), ran.words
    assert [cell.source for cell in nbformat.read(saved, as_version=4).cells] == ["row"]


def _awaited(there):
    until = time.monotonic() + 120
    while (found := there()) is None:
        assert time.monotonic() < until
        time.sleep(0.2)
    return found


def _ask(server: dict, place: str, method: str, content: object = None) -> None:
    asked = urllib.request.Request(
        f"{server['url']}api/{place}",
        data=json.dumps(content).encode(),
        method=method,
        headers={"Authorization": f"token {server['token']}", "Content-Type": "application/json"},
    )
    _awaited(lambda: _answered(asked))


def _answered(asked: urllib.request.Request) -> bool | None:
    try:
        with urllib.request.urlopen(asked) as answer:
            return answer.status < 300
    except (urllib.error.URLError, ConnectionError):
        return None


OPEN_PLACES = {"stdout", "stderr", "scratch/left.txt", "home/.history", "left.txt", "the names of files", "a command"}


def test_a_row_that_leaves_in_the_open_is_found_wherever_it_goes(room):
    ran = room.with_fault("kaa_analysis.checks:run_checks", ALL_OPENLY).run("check", EXTRACT)
    found: dict[str, set[str]] = {}
    for leak in ran.leaks:
        place, _, kind = leak.rpartition(": ")
        place = "a command" if place.startswith("command of") else place.removesuffix("!utf-8")
        found.setdefault(place, set()).add(kind)
    assert found.keys() == OPEN_PLACES
    assert {place for place, kinds in found.items() if not {*KINDS} <= kinds} <= {"the names of files"}


FORMS = {
    "Kanarieutskick": ["free text"],
    "200581151016": ["identity"],
    "0581151016": ["identity"],
    "20058115-1016": ["identity"],
    "2005-01-15": ["day"],
    "20050115": ["day"],
    "15/01/2005": ["day"],
    "2025-01-31": [],
    "8420001": [],
    "1234567": [],
}


@pytest.mark.parametrize(("words", "kinds"), FORMS.items())
def test_a_canary_is_known_in_its_forms(words, kinds):
    assert canaries_of(canary_package()).kinds_in(f"a {words} b") == kinds


def test_numbers_and_pseudonyms_are_known():
    canaries = canaries_of(canary_package())
    assert canaries.kinds_in(f"({min(canaries.numbers)})") == ["number"]
    assert canaries.kinds_in(f'"{min(canaries.pseudonyms).upper()}"') == ["pseudonym"]


def test_a_file_open_to_others_in_the_room_is_found(tmp_path):
    tmp_path.chmod(0o700)
    (tmp_path / "open.txt").touch(mode=0o644)
    (tmp_path / "closed.txt").touch(mode=0o600)
    assert open_modes(tmp_path) == ["0644 open.txt"]
