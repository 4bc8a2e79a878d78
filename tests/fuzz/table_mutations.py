"""Mutations of tables: rows, columns, the delivery note, and changes that change nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from tests.fuzz.packages import NOTE, Package, Row, Table

Mutation = Callable[[Package, Random], None]


def any_table(package: Package, draw: Random) -> Table:
    """Return a table of the package, the delivery note apart."""
    return package.tables[draw.choice(package.data_files)]


def any_row(table: Table, draw: Random) -> Row:
    """Return a row, or the header where there are no rows."""
    return draw.choice(table.rows or [table.header])


def some_rows(table: Table, draw: Random) -> list[Row]:
    """Return from one row to all of them."""
    return draw.sample(table.rows, k=draw.choice((1, 1, 2, 5, len(table.rows)))) if len(table.rows) >= 5 else table.rows


def drop_rows(package: Package, draw: Random) -> None:
    table = any_table(package, draw)
    gone = [id(row) for row in some_rows(table, draw)]
    table.rows = [row for row in table.rows if id(row) not in gone]


def repeat_rows(package: Package, draw: Random) -> None:
    table = any_table(package, draw)
    for row in some_rows(table, draw):
        table.rows.insert(draw.randint(0, len(table.rows)), [*row])


def swap_with_header(package: Package, draw: Random) -> None:
    table = any_table(package, draw)
    if table.rows:
        place = draw.randrange(len(table.rows))
        table.header, table.rows[place] = table.rows[place], table.header


def split_row(package: Package, draw: Random) -> None:
    table = any_table(package, draw)
    place = draw.randrange(len(table.rows) or 1)
    for row in table.rows[place : place + 1]:
        at = draw.randint(0, len(row))
        table.rows[place : place + 1] = [row[:at], row[at:]]


def join_with_header(package: Package, draw: Random) -> None:
    table = any_table(package, draw)
    if table.rows:
        first = table.rows.pop(0)
        table.header = [*table.header[:-1], table.header[-1] + first[0], *first[1:]]


def ragged_rows(package: Package, draw: Random) -> None:
    for row in some_rows(any_table(package, draw), draw):
        if row and draw.random() < 0.5:
            del row[draw.randrange(len(row)) :]
        else:
            row.extend(draw.choice(["", "x", "2005-01-15"]) for _ in range(draw.randint(1, 3)))


def blank_rows(package: Package, draw: Random) -> None:
    table = any_table(package, draw)
    blank = draw.choice([[], [""], [""] * len(table.header), [" "], [" "] * len(table.header)])
    table.rows.insert(draw.randint(0, len(table.rows)), [*blank])


def rows_of_another_file(package: Package, draw: Random) -> None:
    table, other = any_table(package, draw), any_table(package, draw)
    table.rows.append([*any_row(other, draw)])


def drop_column(package: Package, draw: Random) -> None:
    table = any_table(package, draw)
    place = draw.randrange(len(table.header))
    for line in table.lines:
        del line[place : place + 1]


def rename_column(package: Package, draw: Random) -> None:
    header = any_table(package, draw).header
    place = draw.randrange(len(header))
    name = header[place]
    header[place] = draw.choice(
        [name.lower(), f" {name}", f"{name} ", name[1:], name.title(), f"{name}_2", f"\ufeff{name}", f"{name}\n", ""]
    )


def repeat_column(package: Package, draw: Random) -> None:
    table = any_table(package, draw)
    place, at = draw.randrange(len(table.header)), draw.randint(0, len(table.header))
    for line in table.lines:
        line.insert(at, line[place] if place < len(line) else "")


def swap_column_names(package: Package, draw: Random) -> None:
    header = any_table(package, draw).header
    one, other = draw.randrange(len(header)), draw.randrange(len(header))
    header[one], header[other] = header[other], header[one]


def _added(names: list[str], values: list[str]) -> Mutation:
    def add(package: Package, draw: Random) -> None:
        table, name = any_table(package, draw), draw.choice(names)
        at = draw.randint(0, len(table.header))
        table.header.insert(at, name)
        for row in table.rows:
            row.insert(at, draw.choice(values))

    return add


unknown_column = _added(["HUSDJUR", "Kolumn 7", "x", "KON2", "åäö", "200581151016", "=1+1"], ["", "Kanarie hund", "7"])
sensitive_column = _added(["Födelseland", "DIAGNOS", "religion", "ORSAK_SOCIALTJANST"], ["Kanarieland", ""])
unneeded_column = _added(
    ["NAMN", "E-POST", "Adress", "TELEFON", "Postnr", "förnamn"], ["Kanarie Fågel", "kanarie@exempel.se", ""]
)


def note_number(package: Package, draw: Random) -> None:
    package.keep_note = False
    row = _note_row(package, draw)
    row[1] = draw.choice(["", "0", "-1", "tjugo", "20,0", "1e3", "200581151016", "9" * 30, "²", " 20", row[1] + "0"])


def note_date(package: Package, draw: Random) -> None:
    days = ["", "2025-01-30", "31/01/2025", "45688", "2025-02-30", "9999-12-31", "0001-01-01", "2005-01-15", "idag"]
    day = draw.choice(days)
    for row in draw.choice([[_note_row(package, draw)], package.tables[NOTE].rows]) if NOTE in package.tables else []:
        row[2] = day


def note_file(package: Package, draw: Random) -> None:
    row = _note_row(package, draw)
    row[0] = draw.choice(["", "hemligt.csv", row[0].upper(), "200581151016.csv", NOTE, "personer.csv"])


def note_rows(package: Package, draw: Random) -> None:
    if NOTE in package.tables:
        rows = package.tables[NOTE].rows
        draw.choice(
            [rows.clear, lambda: rows.pop() if rows else None, lambda: rows.extend([[*row] for row in rows[:1]])]
        )()


def stale_note(package: Package, draw: Random) -> None:
    package.keep_note = False
    draw.choice([drop_rows, repeat_rows])(package, draw)


def _note_row(package: Package, draw: Random) -> Row:
    return any_row(package.tables[NOTE], draw) if NOTE in package.tables else ["", "", ""]


def nothing(package: Package, draw: Random) -> None:
    """Leave everything as it is."""


def other_row_order(package: Package, draw: Random) -> None:
    for table in package.tables.values():
        draw.shuffle(table.rows)


def other_column_order(package: Package, draw: Random) -> None:
    for table in package.tables.values():
        order = draw.sample(range(len(table.header)), k=len(table.header))
        table.header[:] = [table.header[place] for place in order]
        for row in table.rows:
            row[:] = [row[place] for place in order]


def quoted_fields(package: Package, draw: Random) -> None:
    for form in package.forms.values():
        form.quote_all = True


def other_line_ends(package: Package, draw: Random) -> None:
    for form in package.forms.values():
        form.line_end = "\r\n"


ROWS: Mapping[str, Mutation] = {
    "drop": drop_rows,
    "repeat": repeat_rows,
    "swap with header": swap_with_header,
    "join with header": join_with_header,
    "split": split_row,
    "ragged": ragged_rows,
    "blank": blank_rows,
    "of another file": rows_of_another_file,
}
COLUMNS: Mapping[str, Mutation] = {
    "drop": drop_column,
    "rename": rename_column,
    "repeat": repeat_column,
    "swap names": swap_column_names,
    "unknown": unknown_column,
    "sensitive": sensitive_column,
    "unneeded": unneeded_column,
}
DELIVERY_NOTE: Mapping[str, Mutation] = {
    "number": note_number,
    "date": note_date,
    "file": note_file,
    "rows": note_rows,
    "stale": stale_note,
}
HARMLESS: Mapping[str, Mutation] = {
    "nothing": nothing,
    "row order": other_row_order,
    "column order": other_column_order,
    "quotes": quoted_fields,
    "line ends": other_line_ends,
}
