"""Reading one mutant in a sandbox of its own: what became of it, and everything that could be seen."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kaa_analysis.core.errors import KaaError
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.ingest import add_extract, read_register
from kaa_analysis.ingest.grants import Grant
from kaa_analysis.schema.grant_subjects import grant_subjects
from kaa_analysis.schema.tables import tables
from kaa_analysis.store import Register
from tests.fuzz.bases import BASES
from tests.fuzz.mutants import Mutant

NAME = "prov"
KEY = b"a key for invented identities only"
MANY = 10**6
GRANT_DAYS = {"date": "2000-02-01", "valid_to": "2098-12-31"}
GRANTS = tuple(
    Grant.model_validate({"table": subject, "decision": "PROV 1", "by": "Provet", **GRANT_DAYS})
    for subject in grant_subjects()
)


@dataclass(frozen=True)
class Sandbox:
    """Where a mutant is read: the delivered files, the secure folder, and the open folder, where nothing may be left."""

    folder: Path

    @property
    def delivered(self) -> Path:
        """The files as they come from the supplier."""
        return self.folder / "delivered"

    @property
    def open(self) -> Path:
        """The working directory, with the place for temporary files."""
        return self.folder / "open"

    @property
    def secure(self) -> SecureFolder:
        """The secure folder."""
        return SecureFolder(self.folder / "secure")


@dataclass(frozen=True, eq=False)
class Outcome:
    """A register, or the error that refused the delivery; ``seen`` is all that was told, printed, logged or left outside the secure folder."""

    register: Register | None
    error: BaseException | None
    seen: str

    @property
    def word(self) -> str:
        """The outcome for a summary: register, or the exit code and kind of the error."""
        if self.register is not None:
            return "register"
        if isinstance(self.error, KaaError):
            return f"{self.error.exit_code} {self.error.kind}"
        return f"uncaught {type(self.error).__name__}"


@contextlib.contextmanager
def sandbox() -> Iterator[Sandbox]:
    """Give a sandbox with a fixed pseudonym key, and remove it."""
    with tempfile.TemporaryDirectory(prefix="kaa-fuzz-") as folder:
        place = Sandbox(Path(folder))
        for path in (place.delivered, place.open / "tmp", place.secure.path / "keys"):
            path.mkdir(parents=True, mode=0o700)
        key = place.secure.path / "keys" / "pseudonym.key"
        key.write_bytes(KEY)
        key.chmod(0o600)
        yield place


def read(mutant: Mutant, place: Sandbox) -> Outcome:
    """Add the mutant's files as an extract and read the register from it, whatever comes."""
    for name, content in mutant.package.contents.items():
        _put(place.delivered / name, content)
    told: list[str] = []
    with _watched(place) as printed:
        try:
            register, error = _read(mutant, place, told), None
        except Exception as caught:  # noqa: BLE001 - what is not a KaaError is what the fuzzing looks for
            register, error = None, caught
    lines = [] if error is None else [str(error), *traceback.format_exception(error)]
    return Outcome(register, error, "\n".join([*told, *lines, *printed, *_left_outside(place, mutant)]))


def _read(mutant: Mutant, place: Sandbox, told: list[str]) -> Register:
    base = BASES[mutant.package.base]
    files = [place.delivered / name for name in sorted(mutant.package.contents)]
    extract = add_extract(NAME, layout=base.layout, files=files, extract_date=base.extract_date, secure=place.secure)
    for name, content in mutant.package.placed.items():
        if not (extract / name).exists():
            _put(extract / name, content)
    if mutant.package.description is not None:
        (extract / "uttag.yaml").write_bytes(mutant.package.description)
    return read_register(NAME, secure=place.secure, accept_problem_rows=MANY, progress=told.append, grants=GRANTS)


def _put(path: Path, content: bytes | None) -> None:
    if content is None:
        path.mkdir(exist_ok=True)
    else:
        path.write_bytes(content)


@contextlib.contextmanager
def _watched(place: Sandbox) -> Iterator[list[str]]:
    """Collect what is printed (by C code too), warned and logged; the working directory and temporary files lie in the open folder."""
    printed: list[str] = []
    log = logging.Handler()
    log.emit = lambda record: printed.append(log.format(record))
    before = Path.cwd(), tempfile.tempdir
    os.chdir(place.open)
    tempfile.tempdir = str(place.open / "tmp")
    logging.getLogger().addHandler(log)
    try:
        with _descriptors(place.folder / "printed", printed), warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            yield printed
        printed += [str(warning.message) for warning in warned]
    finally:
        logging.getLogger().removeHandler(log)
        os.chdir(before[0])
        tempfile.tempdir = before[1]


@contextlib.contextmanager
def _descriptors(file: Path, printed: list[str]) -> Iterator[None]:
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with file.open("w+b") as stream:
        for number in (1, 2):
            os.dup2(stream.fileno(), number)
        try:
            with contextlib.redirect_stdout(_Printed(printed)), contextlib.redirect_stderr(_Printed(printed)):
                yield
        finally:
            for number, copy in zip((1, 2), kept, strict=True):
                os.dup2(copy, number)
                os.close(copy)
    printed.append(file.read_text(encoding="utf-8", errors="replace"))


class _Printed:
    def __init__(self, printed: list[str]) -> None:
        self.write = printed.append

    def flush(self) -> None:
        """Nothing waits."""


def _left_outside(place: Sandbox, mutant: Mutant) -> list[str]:
    delivered = {place.delivered / name for name in mutant.package.contents}
    there = [
        path
        for folder in (place.open, place.delivered)
        for path in folder.rglob("*")
        if path.is_file() and path not in delivered
    ]
    return [f"{path.name}\n{path.read_bytes().decode('latin-1')}" for path in there]


def fingerprint(outcome: Outcome, place: Sandbox) -> str:
    """Return a hash of all that came of a mutant: outcome, words, tables, problem rows."""
    parts = [outcome.word.encode(), outcome.seen.replace(str(place.folder), "").encode("utf-8", "replace")]
    folders = [place.secure.problems] + ([outcome.register.folder] if outcome.register else [])
    files = sorted(path for folder in folders if folder.is_dir() for path in folder.rglob("*") if path.is_file())
    parts += [path.name.encode() + path.read_bytes() for path in files]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def table_hashes(register: Register) -> dict[str, str]:
    """Return the hash of every canonical table of a register; where a person's line stands in the files may follow their order."""
    paths = [register.folder / f"{table}.parquet" for table in tables()]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.is_file()}


def days_that_may_be_told() -> set[str]:
    """Return the days that are no person's: of grants, and of extracts."""
    extracts: list[date] = [base.extract_date for base in BASES.values() if base.extract_date]
    return {*GRANT_DAYS.values(), *(day.isoformat() for day in extracts)}
