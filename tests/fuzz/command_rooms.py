"""A project whose register is full of canaries, the commands run in it, and everything that can be seen of them outside the secure folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.fuzz.canaries import EXTRACT, Canaries, canaries_of, canary_package, put_key
from tests.fuzz.outside import leaks_in, open_modes, stamps, texts_outside
from tests.fuzz.packages import Package, written
from tests.fuzz.planted_faults import SAID, planted_in
from tests.fuzz.watching import Watcher
from tests.system.conftest import Project, make_project

ROW = "row.txt"
GRANTS = "grants:\n" + "".join(
    f'  - {{table: {table}, decision: "1", date: "2000-02-01", by: Nämnden, valid_to: "2098-12-31"}}\n'
    for table in ("admissions", "notices", "schools", "surveys")
)
FAULTS = "faults"
WHERE = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
"""Where the package under test is found."""


@dataclass(frozen=True)
class Ran:
    """What became of a command: its exit code, its words, and every canary that could be seen."""

    exit_code: int
    words: str
    leaks: tuple[str, ...]
    open_modes: tuple[str, ...]
    said: bool


@dataclass(frozen=True)
class Room:
    """A project with what has been delivered in ``raw`` and the canaries of it."""

    project: Project
    canaries: Canaries

    @property
    def secure(self) -> Path:
        """The secure folder."""
        return self.project.secure

    @property
    def delivered(self) -> list[str]:
        """The delivered files."""
        return [str(path) for path in sorted((self.project.root / "raw").iterdir())]

    def adding(self, name: str = EXTRACT) -> tuple[str, ...]:
        """Return the words of the command that adds the delivered files as an extract."""
        return ("extract", name, *self.delivered, "--layout", "ber_demo", "--tillagg", "skolor")

    def with_settings(self, **settings: str) -> Room:
        """Return the same room with more variables of the environment."""
        return replace(self, project=replace(self.project, settings=self.project.settings | settings))

    def with_fault(self, place: str, saying: str) -> Room:
        """Return the same room, the function ``module:name`` saying a row."""
        row = self.secure / ROW
        return self.with_settings(**planted_in(self.project.root / FAULTS, place=place, saying=saying, row=row))

    def bundles(self, report: str) -> list[Path]:
        """Return the report's bundles."""
        return self.project.bundles(report)

    def run(self, *words: str, meanwhile: Callable[[subprocess.Popen[str]], None] | None = None) -> Ran:
        """Run ``kaa`` and look at everything; ``meanwhile`` may do something to the process."""
        (self.secure / SAID).unlink(missing_ok=True)
        environment, before = self.project.environment, stamps(self.project.root)
        with Watcher(Path(environment["HOME"])) as watcher:
            process = self.project.start(self.project.command(*words))
            if meanwhile is not None:
                meanwhile(process)
            told, said = process.communicate()
            left = () if watcher.all_end() else ("a process that goes on",)
        answered = "" if words[0] == "explain" else told  # what was asked of one person, in the room
        raw = self.project.root / "raw"
        texts = texts_outside(self.project.root, secure=self.secure, delivered=raw, before=before)
        texts |= watcher.texts(asked=words) | {"stdout": answered, "stderr": said}
        return Ran(
            process.returncode,
            told + said,
            (*leaks_in(texts, self.canaries), *left),
            tuple(open_modes(self.secure)),
            (self.secure / SAID).exists(),
        )

    def copy(self, folder: Path) -> Room:
        """Return a copy of the room, the secure folder's own contents included."""
        shutil.copytree(self.project.root, folder, symlinks=True, ignore=shutil.ignore_patterns(FAULTS))
        return Room(replace(self.project, root=folder), self.canaries)


def new_room(folder: Path, *, package: Package | None = None) -> Room:
    """Return a room in ``folder`` with ``package`` delivered, else the good one, and nothing read yet."""
    good = canary_package()
    project = replace(make_project(folder), settings=WHERE)
    (folder / "params" / "grants.yaml").write_text(GRANTS, encoding="utf-8")
    for path in folder.glob("params/*_demo.yaml"):
        path.write_text(
            path.read_text(encoding="utf-8").replace("extract: demo", f"extract: {EXTRACT}"), encoding="utf-8"
        )
    (folder / "raw").mkdir()
    contents = written(package or good) if package is None or not package.contents else package.contents
    for name, content in contents.items():
        if content is not None:
            (folder / "raw" / name).write_bytes(content)
    put_key(project.secure)
    row = next(row for row in good.tables["kontakter.csv"].rows if all((row[0], row[5])))
    born = next(person[1] for person in good.tables["personer.csv"].rows if person[0] == row[0])
    (project.secure / ROW).write_text(";".join([born, *row]) + "\n", encoding="utf-8")
    (project.secure / ROW).chmod(0o600)
    return Room(project, canaries_of(good))


def made_room(folder: Path, *, orders: Sequence[str] = ("arsbilaga_demo", "tid_till_studier_demo")) -> Room:
    """Return a room whose extract is read and whose reports are made."""
    room = new_room(folder)
    for words in (room.adding(), *(("report", f"params/{order}.yaml") for order in orders)):
        ran = room.run(*words)
        assert ran.exit_code == 0, ran.words
    return room
