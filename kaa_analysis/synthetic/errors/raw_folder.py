"""The raw files of a folder while they are spoiled: lines that can be read as rows, changed, taken away and added to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from kaa_analysis.core.errors import ExtractError
from kaa_analysis.synthetic.raw_files import DELIVERY, as_text

Row = Mapping[str, str]
PERSON = "PERSONNUMMER"
FIRST_LINE = 2
"""The line of the first row: the header is line 1."""


@dataclass(eq=False)
class RawTable:
    """A file whose fields hold neither delimiters nor line ends. A place is that of a row as it was written, from 0; None = taken away."""

    name: str
    columns: tuple[str, ...]
    lines: list[str | None]
    added: dict[int, list[str]] = field(default_factory=dict)

    @cached_property
    def places(self) -> Mapping[str, list[int]]:
        """The places of every person's rows, as the file was when first asked."""
        found: dict[str, list[int]] = {}
        if self.columns[0] == PERSON:
            for place, line in enumerate(self.lines):
                if line is not None:
                    found.setdefault(line.partition(";")[0], []).append(place)
        return found

    def row(self, place: int) -> dict[str, str] | None:
        """Return the row at a place, None if it was taken away."""
        line = self.lines[place]
        return None if line is None else dict(zip(self.columns, line.split(";"), strict=True))

    def change(self, place: int, row: Row | None) -> None:
        """Put another row at a place; None takes it away."""
        self.lines[place] = None if row is None else self._line(row)

    def add(self, place: int, row: Row) -> int:
        """Add a row after the one at a place, and after those already added there; return which of the added it is, from 1."""
        self.added.setdefault(place, []).append(self._line(row))
        return len(self.added[place])

    def line_numbers(self) -> dict[tuple[int, int], int]:
        """Return the line of every row as it will be written, by place and which of the added it is (0 = the row itself)."""
        numbers: dict[tuple[int, int], int] = {}
        line = FIRST_LINE
        for place, there in enumerate(self.lines):
            first = 0 if there is not None else 1
            for which in range(first, 1 + len(self.added.get(place, ()))):
                numbers[place, which] = line
                line += 1
        return numbers

    @property
    def written_lines(self) -> list[str]:
        """The rows as they will be written."""
        return [
            line
            for place, own in enumerate(self.lines)
            for line in (own, *self.added.get(place, ()))
            if line is not None
        ]

    def _line(self, row: Row) -> str:
        return ";".join(row[name] for name in self.columns)


@dataclass(eq=False)
class RawFolder:
    """The files of an extract by name, the delivery note apart."""

    tables: dict[str, RawTable]

    @cached_property
    def alike(self) -> Mapping[tuple[str, str], list[str]]:
        """The identities of those of each day of birth and sex, as the persons were when first asked."""
        found: dict[tuple[str, str], list[str]] = {}
        for place in range(len(self.tables["personer.csv"].lines)):
            row = self.tables["personer.csv"].row(place)
            if row is not None:
                found.setdefault((row["FODELSEDATUM"], row["KON"]), []).append(row[PERSON])
        return found

    def rows_of(self, file: str, identity: str) -> list[tuple[int, dict[str, str]]]:
        """Return the rows of a person in a file with their places; none if there is no such file."""
        table = self.tables.get(file)
        if table is None or not identity:
            return []
        rows = [(place, table.row(place)) for place in table.places.get(identity, ())]
        return [(place, row) for place, row in rows if row is not None]


def read_folder(folder: Path) -> RawFolder:
    """Read the files that the delivery note of ``folder`` names.

    Raises:
        ExtractError: the folder has no delivery note.
    """
    if not (folder / DELIVERY).is_file():
        raise ExtractError(f"Mappen ska hålla ett helt uttag med {DELIVERY}.", action="skriv uttaget först")
    names = [line.split(";")[0] for line in _lines(folder / DELIVERY)[1:]]
    return RawFolder({name: _table(folder / name) for name in names})


def write_folder(raw: RawFolder, folder: Path) -> None:
    """Write the files back, and the number of their rows into the delivery note: the delivery stays whole."""
    for name, table in raw.tables.items():
        _write(folder / name, "".join(f"{line}\n" for line in (";".join(table.columns), *table.written_lines)))
    header, *told = [tuple(line.split(";")) for line in _lines(folder / DELIVERY)]
    counted = [(name, str(len(raw.tables[name].written_lines)), *rest) for name, _, *rest in told]
    _write(folder / DELIVERY, as_text(header, counted))


def _table(path: Path) -> RawTable:
    header, *lines = _lines(path)
    return RawTable(path.name, tuple(header.split(";")), list(lines))


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
