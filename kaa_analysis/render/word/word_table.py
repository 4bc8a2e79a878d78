"""A grid as a Word table: header rows that repeat on every page, a row-header column, and an alternative text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kaa_analysis.present.grid import Grid, Heading
from kaa_analysis.render.word.column_widths import INDENT, column_widths
from kaa_analysis.render.word.markup import StyleIds, attribute, paragraph, text_run

TABLE_STYLE = "kaa-tabell"
TEXT_STYLE = "kaa-tabelltext"
NUMBER_STYLE = "kaa-tabelltal"

WHOLE_TABLE = 18
"""A table of at most so many rows is kept on one page."""

KEPT_ROWS = 2
"""In a longer table so many rows stay with its head, and as many with its end."""

RULE = '<w:bottom w:val="single" w:sz="6" w:space="0" w:color="1B2127"/>'
NO_RULE = '<w:bottom w:val="nil"/>'
LOOK = '<w:tblLook w:val="04A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1" w:lastColumn="0" w:noHBand="0" w:noVBand="1"/>'


@dataclass(frozen=True)
class BodyRow:
    """A row under the head; one that ``opens`` a group has the group's label alone, across all columns."""

    texts: tuple[str, ...]
    bold: bool = False
    indented: bool = False
    opens: bool = False


def table_markup(grid: Grid, *, title: str, styles: StyleIds, width: int, keep_last: bool) -> str:
    """Return the table, ``width`` twentieths of a point wide. ``keep_last`` keeps its last row with the next paragraph."""
    widths = column_widths(grid, width)
    head, body = head_rows(grid), list(body_rows(grid))
    kept = kept_with_next(body, head=len(head), last=keep_last)
    rows = [_head_row(row, widths, styles, last=row is head[-1]) for row in head]
    rows += [_body_row(row, grid, widths, styles, keep) for row, keep in zip(body, kept, strict=True)]
    columns = "".join(f'<w:gridCol w:w="{one}"/>' for one in widths)
    properties = (
        f'<w:tblStyle w:val="{styles[TABLE_STYLE]}"/><w:tblW w:w="{width}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        f"{LOOK}<w:tblCaption w:val={attribute(title)}/><w:tblDescription w:val={attribute(description(grid))}/>"
    )
    return f"<w:tbl><w:tblPr>{properties}</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"


def description(grid: Grid) -> str:
    """Return what a listener is told of a table before reading it: how large it is and what its columns are."""
    rows = sum(len(group.lines) for group in grid.groups)
    headings = ", ".join(heading.text for heading in grid.head[0] if heading.text)
    return f"Antal rader: {rows}. Antal kolumner med värden: {len(grid.numeric)}. Rubriker: {headings}."


def head_rows(grid: Grid) -> list[list[Heading]]:
    """Return the rows of the head, without cells that span rows: such a heading stands in the lowest, next to its values."""
    upper, *rest = grid.head
    if not rest:
        return [list(upper)]
    below = iter(rest[0])
    top = [replace(heading, text="", lines=1) if heading.lines > 1 else heading for heading in upper]
    lowest: list[Heading] = []
    for heading in upper:
        lowest += [heading] if heading.lines > 1 else [next(below) for _ in range(heading.columns)]
    return [top, lowest]


def body_rows(grid: Grid) -> Iterator[BodyRow]:
    """Return every row under the head, the labels of the groups as rows of their own."""
    for group in grid.groups:
        if group.label:
            yield BodyRow((group.label,), bold=True, opens=True)
        for line in group.lines:
            bold = line.total or group.total
            yield BodyRow((*line.headers, *line.cells), bold=bold, indented=bool(group.label))


def kept_with_next(body: Sequence[BodyRow], *, head: int, last: bool) -> list[bool]:
    """Return of each row whether it stays on the page of the next one."""
    n = len(body)
    if n + head <= WHOLE_TABLE:
        return [True] * (n - 1) + [last]
    inner = [row.opens or place < KEPT_ROWS or place >= n - KEPT_ROWS for place, row in enumerate(body[:-1])]
    return [*inner, last]


def _head_row(headings: Sequence[Heading], widths: Sequence[int], styles: StyleIds, *, last: bool) -> str:
    cells, place = [], 0
    for heading in headings:
        style = styles[NUMBER_STYLE if heading.numeric else TEXT_STYLE]
        rule = RULE if last else "" if heading.text else NO_RULE
        wide = sum(widths[place : place + heading.columns])
        shown = paragraph(text_run(heading.text, bold=True), style, keep_next=True, centred=heading.columns > 1)
        cells.append(_cell(shown, wide, span=heading.columns, rule=rule))
        place += heading.columns
    return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{''.join(cells)}</w:tr>"


def _body_row(row: BodyRow, grid: Grid, widths: Sequence[int], styles: StyleIds, keep_next: bool) -> str:
    numeric = [False] * grid.row_headers + list(grid.numeric)
    cells = []
    for place, text in enumerate(row.texts):
        style = styles[NUMBER_STYLE if numeric[place] else TEXT_STYLE]
        indent = INDENT if row.indented and place == 0 else 0
        shown = paragraph(text_run(text, bold=row.bold), style, keep_next=keep_next, indent=indent)
        span = len(widths) if row.opens else 1
        cells.append(_cell(shown, sum(widths) if row.opens else widths[place], span=span))
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>"


def _cell(content: str, width: int, *, span: int = 1, rule: str = "") -> str:
    spans = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    borders = f'<w:tcBorders>{rule}</w:tcBorders><w:vAlign w:val="bottom"/>' if rule else ""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spans}{borders}</w:tcPr>{content}</w:tc>'
