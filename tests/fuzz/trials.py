"""One trial: a command of ``kaa`` run where something is wrong, drawn from a seed and a number, in a copy of a room that is all right."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from random import Random

from tests.fuzz.canaries import EXTRACT, canary_package
from tests.fuzz.command_rooms import ROW, Ran, Room, new_room
from tests.fuzz.mutants import OF_FILES, OF_TABLES
from tests.fuzz.packages import Package, written
from tests.fuzz.planted_faults import SAYINGS
from tests.fuzz.speaking_cells import QUIET, STOPPING, plant_cells

REPORT = "tid_till_studier"
ORDER = f"params/{REPORT}_demo.yaml"
IDENTITY_DIGITS = 12
EDITED = "raw/redigerad.docx"
NOTEBOOK = "notebooks/20_time_to_study_placement.ipynb"

PLACES: Mapping[str, tuple[str, ...]] = {
    "extract": ("kaa_analysis.ingest.extract:_copy", "kaa_analysis.ingest.extract:write_atomically"),
    "read": (
        "kaa_analysis.ingest.register_reader:convert",
        "kaa_analysis.ingest.register_reader:write_register",
        "kaa_analysis.store.dtypes:typed_table",
    ),
    "check": ("kaa_analysis.checks:run_checks", "kaa_analysis.checks:work_lists", "kaa_analysis.checks:check_listing"),
    "explain": ("kaa_analysis.target_population:explanation_text", "kaa_analysis.ingest:read_register"),
    "report": (
        "kaa_analysis.render.batch:make_reports",
        "kaa_analysis.render.report_job:perform",
        "kaa_analysis.render.report:protected",
        "kaa_analysis.disclosure.protect:protect",
        "kaa_analysis.disclosure.final_attack:refuse_if_found",
        "kaa_analysis.disclosure.hiding.secondary:hidden_cells",
        "kaa_analysis.render.build:build",
        "kaa_analysis.render.report:refuse_unbound",
        "kaa_analysis.render.report:refuse_traces",
        "kaa_analysis.render.report:difference_page",
        "kaa_analysis.render.report:put_in_place",
    ),
    "verify": ("kaa_analysis.render.verify:verify", "kaa_analysis.render.verify:differences"),
    "diff": ("kaa_analysis.render.difference.comparison:compare_bundles", "kaa_analysis.render.difference.summary:summary"),
    "gate": ("kaa_analysis.render.gate.edited:refuse_edits", "kaa_analysis.render.gate.edited:bind_file"),
}  # fmt: skip
"""The functions that a fault is planted in, by the command that comes to them."""


def words_of(command: str, room: Room) -> tuple[str, ...]:
    """Return the words of a command in a room whose report is made."""
    bundle = next((str(path) for path in room.bundles(REPORT)), "reports/none")
    return {
        "extract": room.adding("igen"),
        "read": ("check", "igen", "--alla"),
        "check": ("check", EXTRACT, "--alla", "--arbetslistor"),
        "explain": ("explain", min(room.canaries.pseudonyms), "2024-05-01", "--uttag", EXTRACT),
        "report": ("report", ORDER, "--gor-om"),
        "earlier": ("report", ORDER, "--gor-om", "--tidigare", bundle),
        "batch": ("batch", "params/arsbilaga_demo.yaml", ORDER, "--tider", "--forklara", "--gor-om"),
        "verify": ("verify", bundle),
        "diff": ("diff", bundle, bundle, "--alla", "--csv", "skillnad.csv"),
        "gate": ("gate", EDITED, "--rapport", bundle),
        "synth": ("synth", "demo"),
        "score": ("check", EXTRACT, "--score"),
    }[command]


COMMANDS = ("extract", "check", "explain", "report", "earlier", "batch", "verify", "diff", "gate", "synth", "score")


@dataclass(frozen=True)
class Trial:
    """What was tried, in words, and what became of it."""

    number: int
    what: str
    ran: Ran

    @property
    def problems(self) -> tuple[str, ...]:
        """The canaries seen, and what lies open in the secure folder."""
        return (*self.ran.leaks, *(f"open: {place}" for place in self.ran.open_modes))

    @property
    def line(self) -> str:
        """The trial as a line of JSON."""
        return json.dumps({"trial": self.number, "what": self.what, "exit": self.ran.exit_code, "problems": self.problems}, ensure_ascii=False)  # fmt: skip


def trial(number: int, *, seed: int, made: Room) -> Trial:
    """Make trial ``number`` of ``seed`` in a copy of ``made``; the kinds of trials take turns."""
    draw = Random(f"{seed}:{number}")
    kind = next(islice(cycle(KINDS), number % len(KINDS), None))
    with tempfile.TemporaryDirectory(prefix="kaa-trial-") as folder:
        what, ran = KINDS[kind](made, Path(folder, "room"), draw)
    return Trial(number, f"{kind}: {what}", ran)


def fault(made: Room, folder: Path, draw: Random, *, place: str = "", saying: str = "") -> tuple[str, Ran]:
    """Run a command with a fault planted where it comes by."""
    command = next((name for name, places in PLACES.items() if place in places), draw.choice([*PLACES]))
    place, saying = place or draw.choice(PLACES[command]), saying or draw.choice([*SAYINGS])
    room = made.copy(folder)
    prepare(command, room)
    if command == "gate":
        shutil.copy(room.bundles(REPORT)[0] / "report.docx", room.project.root / EDITED)
    return f"{command}, {saying} in {place}", room.with_fault(place, saying).run(*words_of(command, room))


def prepare(command: str, room: Room, *, without_identity: bool = False) -> None:
    """Make what the command needs beside a made report; ``without_identity`` lets a row in an edited file come as far as to the numbers."""
    if command == "read":
        shutil.copytree(room.secure / "extracts" / EXTRACT, room.secure / "extracts" / "igen")
    if command == "gate":
        edit(room, without_identity=without_identity)


def edit(room: Room, *, without_identity: bool = False) -> None:
    """Write a row of a person into the report in Word, where text, headings, cells, notes of the file and names of pictures are."""
    row = (room.secure / ROW).read_text(encoding="utf-8").strip()
    if without_identity:
        row = ";".join(value for value in row.split(";") if len(value) != IDENTITY_DIGITS)
    paragraph = "<w:p><w:pPr>{style}</w:pPr><w:r><w:t>" + row + "</w:t></w:r></w:p>"
    heading = paragraph.format(style='<w:pStyle w:val="Heading1"/>')
    table = f"<w:tbl><w:tr><w:tc>{paragraph.format(style='')}</w:tc></w:tr></w:tbl>"
    changes = {
        "word/document.xml": ("<w:sectPr", heading + paragraph.format(style="") + table + "<w:sectPr"),
        "docProps/core.xml": ("</cp:coreProperties>", f"<cp:keywords>{row}</cp:keywords></cp:coreProperties>"),
    }
    edited = room.project.root / EDITED
    with zipfile.ZipFile(room.bundles(REPORT)[0] / "report.docx") as made, zipfile.ZipFile(edited, "w") as package:
        for name in made.namelist():
            text = made.read(name)
            if name in changes:
                before, after = changes[name]
                text = text.decode().replace(before, after, 1).encode()
            package.writestr(name, text)


def cell(made: Room, folder: Path, draw: Random) -> tuple[str, Ran]:
    """Make the report with a cell that says a row."""
    name, source = draw.choice([*QUIET.items(), *STOPPING.items()])
    room = made.copy(folder)
    plant_cells(room.project.root / NOTEBOOK, source)
    command = draw.choice(["report", "batch"])
    return f"{command}, {name}", room.run(*words_of(command, room))


def distorted(made: Room, folder: Path, draw: Random) -> tuple[str, Ran]:
    """Add, check and report a delivery with something wrong in it; the last command that ran is told of."""
    package, steps = _distorted(draw)
    folder.mkdir()
    room = new_room(folder, package=package)
    rans = [room.run(*room.adding())]
    if rans[0].exit_code == 0:
        rans.append(
            room.run("check", EXTRACT, "--alla", "--arbetslistor", "--godta-problemrader", draw.choice("09") * 4)
        )
        last = draw.choice(["explain", "report", "score"])
        rans.append(room.run(*words_of(last, room)))
    leaks = tuple(leak for ran in rans for leak in ran.leaks)
    return ", ".join(steps), Ran(rans[-1].exit_code, rans[-1].words, leaks, rans[-1].open_modes, False)


def _distorted(draw: Random) -> tuple[Package, list[str]]:
    package = canary_package()
    families = {**OF_TABLES, **{name: OF_FILES[name] for name in ("bytes", "encodings", "files")}}
    chosen = [(of, draw.choice([*families[of]])) for of in draw.choices([*families], k=draw.choice((1, 1, 3)))]
    for of, name in chosen:
        if of in OF_TABLES:
            OF_TABLES[of][name](package, draw)
    package.contents = dict(written(package))
    for of, name in chosen:
        if of in OF_FILES:
            OF_FILES[of][name](package, draw)
    return package, [f"{of}: {name}" for of, name in chosen]


def _file_in_place(room: Room, place: str) -> Room:
    path = room.project.root / place
    shutil.rmtree(path, ignore_errors=True)
    path.write_text("", encoding="utf-8")
    path.chmod(0o600)
    return room


SURROUNDINGS: Mapping[str, Callable[[Room], Room]] = {
    "as always": lambda room: room,
    "no place for logs": partial(_file_in_place, place="secure/logs"),
    "no place for runs": partial(_file_in_place, place="secure/runs"),
    "no place for reports": partial(_file_in_place, place="reports"),
    "no temporary folder": lambda room: room.with_settings(TMPDIR="/nowhere"),
    "everything told by Python": lambda room: room.with_settings(PYTHONFAULTHANDLER="1", PYTHONDEVMODE="1", PYTHONWARNINGS="always"),
    "warnings are errors": lambda room: room.with_settings(PYTHONWARNINGS="error"),
}  # fmt: skip


def surroundings(made: Room, folder: Path, draw: Random) -> tuple[str, Ran]:
    """Run a command where the machine is not as it should, also with a fault."""
    command, where = draw.choice(COMMANDS), draw.choice([*SURROUNDINGS])
    room = made.copy(folder)
    prepare(command, room)
    words = words_of(command, room)
    room = SURROUNDINGS[where](room)
    what = f"{command}, {where}"
    if command in PLACES and draw.random() < 0.5:
        place, saying = draw.choice(PLACES[command]), draw.choice([*SAYINGS])
        return f"{what}, {saying} in {place}", room.with_fault(place, saying).run(*words)
    return what, room.run(*words)


def stopped(made: Room, folder: Path, draw: Random) -> tuple[str, Ran]:
    """Stop a command at any moment, by an interruption or a kill."""
    command, how = draw.choice(COMMANDS), draw.choice([signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
    room, after = made.copy(folder), draw.uniform(0.2, 12)
    prepare(command, room)

    def stop(process: subprocess.Popen[str]) -> None:
        time.sleep(after)
        if process.poll() is None:
            os.kill(process.pid, how)

    return f"{command}, {how.name} after {after:.1f} s", room.run(*words_of(command, room), meanwhile=stop)


KINDS = {"fault": fault, "cell": cell, "distorted": distorted, "surroundings": surroundings, "stopped": stopped}
