"""Tables as a screen reader meets them: row headers, headings of row groups, and which headings each cell has.

typst tags column headings alone, and takes the first row group's heading for one of them. Here every table of the file gets the
structure of its `Grid`, with all headings of a cell named in the cell (`/Headers`) and by `/Scope`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from kaa_analysis.present.grid import Grid
from kaa_analysis.render.pdf.pdf_objects import PdfObjects, unexpected

_KIND = re.compile(rb"<</Type/StructElem/S/(\w+)/P (\d+) 0 R")
_CHILDREN = re.compile(rb"/K\[([^\]]*)\]")
_REFERENCE = re.compile(rb"(\d+) 0 R")
_CELL = re.compile(rb"(/S/)T[DH](/P \d+ 0 R)(?:/ID\((\w+)\))?/A\[.*?>>\](?=/K|/Pg|>>)", re.DOTALL)
_SPANS = re.compile(rb"/(?:Row|Col)Span \d+")
_NAMES = re.compile(rb"/IDTree<</Names\[[^\]]*\]>>")


def with_row_headers(pdf: bytes, grids: Sequence[Grid]) -> bytes:
    """Return the file with the tables tagged as their ``grids`` (one per table, in order) say.

    Raises:
        BundleError: the file's tables do not have the rows and cells of the grids.
    """
    objects = PdfObjects(pdf)
    tables = [number for number, body in objects.items() if _kind(body) == b"Table"]
    if len(tables) != len(grids):
        raise unexpected(f"{len(tables)} tabeller i stället för {len(grids)}")
    if not grids:
        return pdf
    names: dict[bytes, int] = {}
    for place, (table, grid) in enumerate(zip(tables, grids, strict=True), start=1):
        names |= _TaggedTable(objects, table, grid, prefix=b"t%d" % place).tagged()
    _write_names(objects, names)
    return objects.pdf()


@dataclass
class _TaggedTable:
    """One table of the file being given the structure of its grid; ``names`` collects the headings by id."""

    objects: PdfObjects
    table: int
    grid: Grid
    prefix: bytes
    names: dict[bytes, int] = field(default_factory=dict)

    def tagged(self) -> dict[bytes, int]:
        head, rows, below = self._rows()
        columns = self._head_cells(head)
        self._body_cells(rows, columns)
        self._sections(head, rows)
        self._notes_outside(below)
        return self.names

    def _rows(self) -> tuple[list[int], list[int], list[int]]:
        """Return the rows of head and body by the grid, and the one with the notes: the last of the foot, if there is a foot."""
        sections = self._parts(self.table)
        rows = [row for part in sections if self._is(part, b"THead", b"TBody", b"TFoot") for row in self._parts(part)]
        notes = [rows.pop()] if self._is(sections[-1], b"TFoot") else []
        n_head = len(self.grid.head)
        n_rows = n_head + sum(bool(group.label) + len(group.lines) for group in self.grid.groups)
        if len(rows) != n_rows:
            raise unexpected(f"{len(rows)} rader i en tabell i stället för {n_rows}")
        return rows[:n_head], rows[n_head:], notes

    def _head_cells(self, head: list[int]) -> list[list[bytes]]:
        """Tag the column headings and return, per column, the ids of those above it."""
        width = self.grid.row_headers + len(self.grid.numeric)
        columns: list[list[bytes]] = [[] for _ in range(width)]
        covered = [0] * width
        for line, (row, headings) in enumerate(zip(head, self.grid.head, strict=True)):
            for cell, heading in zip(self._cells(row, len(headings)), headings, strict=True):
                first = next(place for place in range(width) if covered[place] == line)
                over = range(first, first + heading.columns)
                name = b"%bx%dy%d" % (self.prefix, first, line)
                for place in over:
                    covered[place] += heading.lines
                    columns[place] += [name] if heading.text else []
                if heading.text:
                    self._set(cell, scope=b"Column", name=name)
                else:
                    self._set(cell)
        return columns

    def _body_cells(self, rows: list[int], columns: list[list[bytes]]) -> None:
        waiting = iter(enumerate(rows, start=len(self.grid.head)))
        for group in self.grid.groups:
            over: list[bytes] = []
            if group.label:
                line, row = next(waiting)
                over = [b"%bx0y%d" % (self.prefix, line)]
                self._set(self._cells(row, 1)[0], scope=b"Row", name=over[0])
            for _ in group.lines:
                line, row = next(waiting)
                self._line(self._cells(row, len(columns)), line, columns, over)

    def _line(self, cells: list[int], line: int, columns: list[list[bytes]], over: list[bytes]) -> None:
        n_headers = self.grid.row_headers
        own = [b"%bx%dy%d" % (self.prefix, place, line) for place in range(n_headers)]
        for cell, name, above in zip(cells, own, columns, strict=False):
            self._set(cell, scope=b"Row", name=name, headers=above + over)
        for cell, above in zip(cells[n_headers:], columns[n_headers:], strict=True):
            self._set(cell, headers=above + over + own)

    def _sections(self, head: list[int], rows: list[int]) -> None:
        """Put the heading rows in the table's head and all other rows in one body."""
        parts = self._parts(self.table)
        caption, (top, *_) = parts[0], [part for part in parts if self._is(part, b"THead")]
        body, *others = [part for part in parts if self._is(part, b"TBody")]
        self._hold(top, head)
        self._hold(body, rows)
        self._hold(self.table, [caption, top, body])
        self._remove(others)

    def _notes_outside(self, below: list[int]) -> None:
        """Let the notes follow after the table."""
        cells = [cell for row in below for cell in self._parts(row)]
        notes = [note for cell in cells for note in self._parts(cell)]
        parent = self._parent(self.table)
        siblings = self._parts(parent)
        after = siblings.index(self.table) + 1
        self._hold(parent, [*siblings[:after], *notes, *siblings[after:]])
        self._remove([*(self._parent(row) for row in below), *below, *cells])

    def _set(self, cell: int, *, scope: bytes = b"", name: bytes = b"", headers: Sequence[bytes] = ()) -> None:
        found = _CELL.search(self.objects[cell])
        if found is None:
            raise unexpected("en cells märkning")
        said = b"/Scope/" + scope if scope else b""
        if headers:
            said += b"/Headers[" + b"".join(b"(%b)" % header for header in headers) + b"]"
        said += b"".join(_SPANS.findall(found[0]))
        kind, own = (b"TH", b"/ID(" + name + b")") if scope else (b"TD", b"")
        attributes = b"/A[<</O/Table" + said + b">>]" if said else b""
        body = self.objects[cell]
        tag = found[1] + kind + found[2] + own + attributes
        self.objects.replace({cell: body[: found.start()] + tag + body[found.end() :]})
        if scope:
            self.names[name] = cell

    def _hold(self, parent: int, children: Sequence[int]) -> None:
        listed = b"/K[" + b" ".join(b"%d 0 R" % child for child in children) + b"]"
        changed = {parent: _CHILDREN.sub(listed, self.objects[parent], count=1)}
        for child in children:
            changed[child] = re.sub(rb"/P \d+ 0 R", b"/P %d 0 R" % parent, self.objects[child], count=1)
        self.objects.replace(changed)

    def _remove(self, numbers: Sequence[int]) -> None:
        self.objects.replace(dict.fromkeys(numbers, b"null\nendobj\n"))

    def _cells(self, row: int, expected: int) -> list[int]:
        cells = self._parts(row)
        if len(cells) != expected:
            raise unexpected(f"{len(cells)} celler i en rad i stället för {expected}")
        return cells

    def _parts(self, number: int) -> list[int]:
        found = _CHILDREN.search(self.objects[number])
        return [int(part) for part in _REFERENCE.findall(found[1])] if found else []

    def _parent(self, number: int) -> int:
        return int(_KIND.match(self.objects[number])[2])

    def _is(self, number: int, *kinds: bytes) -> bool:
        return _kind(self.objects[number]) in kinds


def _kind(body: bytes) -> bytes:
    found = _KIND.match(body)
    return found[1] if found else b""


def _write_names(objects: PdfObjects, names: dict[bytes, int]) -> None:
    root = next(number for number, body in objects.items() if body.startswith(b"<</Type/StructTreeRoot"))
    listed = b"".join(b"(%b)%d 0 R" % (name, names[name]) for name in sorted(names))
    written, n_found = _NAMES.subn(b"/IDTree<</Names[" + listed + b"]>>", objects[root])
    if n_found != 1:
        raise unexpected("förteckningen över tabellhuvuden")
    objects.replace({root: written})
