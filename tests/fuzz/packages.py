"""A delivery as tables and as files: what the mutations change, and the writers that turn tables into bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from tests.fuzz.binary_files import parquet_bytes, workbook_bytes

NOTE = "leverans.csv"

Row = list[str]


@dataclass
class Table:
    """A file's header and rows as text; ``rows`` may be ragged."""

    header: Row
    rows: list[Row]

    @property
    def lines(self) -> list[Row]:
        """The header and the rows, the very lists."""
        return [self.header, *self.rows]

    def copy(self) -> Table:
        """Return a table that can be changed alone."""
        return Table([*self.header], [[*row] for row in self.rows])


@dataclass
class Form:
    """How a table is written."""

    kind: str = "csv"
    encoding: str = "utf-8"
    delimiter: str = ";"
    line_end: str = "\n"
    quote_all: bool = False


@dataclass
class Package:
    """A delivery on its way from good to bad.

    Mutations of tables change ``tables``, ``forms`` and ``keep_note``; mutations of files change ``contents`` (None = a folder of that name), ``placed``
    (what is put beside the copies inside the secure folder) and ``description`` (the bytes of uttag.yaml; None = as it is).
    """

    base: str
    tables: dict[str, Table]
    forms: dict[str, Form]
    keep_note: bool = True
    contents: dict[str, bytes | None] = field(default_factory=dict)
    placed: dict[str, bytes | None] = field(default_factory=dict)
    description: bytes | None = None

    @property
    def data_files(self) -> list[str]:
        """The names of the tables, the delivery note apart."""
        return [name for name in self.tables if name != NOTE]


Writer = Callable[[Table, Form], bytes]


def write_csv(table: Table, form: Form) -> bytes:
    r"""Return delimited text; a field is quoted where it must be, or all are.

    >>> write_csv(Table(["A", "B"], [["1", "x;y"]]), Form())
    b'A;B\n1;"x;y"\n'
    """
    text = "".join(form.delimiter.join(_field(value, form) for value in line) + form.line_end for line in table.lines)
    return text.encode(form.encoding, errors="replace")


WRITERS: Mapping[str, Writer] = {
    "csv": write_csv,
    "xlsx": lambda table, form: workbook_bytes(table.lines, typed=False),
    "xlsx typed": lambda table, form: workbook_bytes(table.lines, typed=True),
    "parquet": lambda table, form: parquet_bytes(table.lines),
}
"""By the kind of a form, whose first word is the suffix: a new file format is one more writer of the same tables."""


def written(package: Package) -> dict[str, bytes]:
    """Return every table of the package as bytes; a kept delivery note tells the true numbers of rows."""
    if package.keep_note and NOTE in package.tables:
        _tell_true_numbers(package)
    forms = package.forms
    return {
        f"{PurePath(name).stem}.{forms[name].kind.split()[0]}": WRITERS[forms[name].kind](table, forms[name])
        for name, table in package.tables.items()
    }


def _tell_true_numbers(package: Package) -> None:
    note = package.tables[NOTE]
    file, number = note.header.index("FIL"), note.header.index("RADER")
    for row in note.rows:
        if row[file] in package.tables:
            rows = package.tables[row[file]].rows
            is_sheet = package.forms[row[file]].kind.startswith("xlsx")
            row[number] = str(sum(map(any, rows)) if is_sheet else len(rows))


def _field(value: str, form: Form) -> str:
    if form.quote_all or any(sign in value for sign in (form.delimiter, '"', "\n", "\r")):
        return '"' + value.replace('"', '""') + '"'
    return value
