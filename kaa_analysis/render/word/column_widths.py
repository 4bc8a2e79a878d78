"""How wide the columns of a table are: numbers never break, headings break between words, the row headers take what is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kaa_analysis.present.grid import Grid, Group, Line

CHARACTER = 96
"""The width of a digit at 9 points, in twentieths of a point, with some room to spare."""

PADDING = 130
"""The margins inside a cell."""

INDENT = 160
"""How far the rows of a labelled group stand in."""

HEADING_LINES = 2
"""A heading may break into so many lines before its column is made wider."""


def column_widths(grid: Grid, total: int) -> list[int]:
    """Return the width of every column of a table ``total`` wide, all in twentieths of a point. They sum to ``total``.

    A column is never narrower than its longest cell or the longest word of its heading while there is room for all.
    """
    moved = INDENT if any(group.label for group in grid.groups) else 0
    needed = _moved([_width(most) for most in _needed(grid)], moved)
    if sum(needed) >= total:
        return _shared(needed, total)
    full = _moved([_width(most) for most in _wanted(grid)], moved)
    wanted = [max(pair) for pair in zip(needed, full, strict=True)]
    if sum(wanted) > total:
        rest = total - sum(needed)
        missing = [high - low for low, high in zip(needed, wanted, strict=True)]
        return [low + more for low, more in zip(needed, _shared(missing, rest), strict=True)]
    return _shared(wanted, total)


def _moved(widths: Sequence[int], indent: int) -> list[int]:
    return [widths[0] + indent, *widths[1:]]


def _width(characters: float) -> int:
    return round(characters * CHARACTER) + PADDING


def _shared(parts: Sequence[int], total: int) -> list[int]:
    """Return whole numbers in the proportions of ``parts`` that sum to ``total``; the first takes what rounding leaves."""
    widths = [part * total // sum(parts) for part in parts]
    widths[0] += total - sum(widths)
    return widths


def _needed(grid: Grid) -> list[float]:
    words = [max(_longest_word(text) for text in texts) for texts in heading_texts(grid)]
    cells = [
        max([0, *(len(line.cells[place]) if numeric else _longest_word(line.cells[place]) for line in _lines(grid))])
        for place, numeric in enumerate(grid.numeric)
    ]
    headers = [
        max([0, *(_longest_word(line.headers[place]) for line in _lines(grid))]) for place in range(grid.row_headers)
    ]
    return [float(max(pair)) for pair in zip(words, headers + cells, strict=True)]


def _wanted(grid: Grid) -> list[float]:
    headings = [max(len(text) for text in texts) / HEADING_LINES for texts in heading_texts(grid)]
    rows = [[*line.headers, *line.cells] for line in _lines(grid)]
    return [max([headings[place], *(len(row[place]) for row in rows)]) for place in range(len(headings))]


def heading_texts(grid: Grid) -> list[list[str]]:
    """Return the lowest heading over every column, in a list of its own."""
    columns: list[list[str]] = [[] for _ in range(grid.row_headers + len(grid.numeric))]
    upper, *rest = grid.head
    place = 0
    below = iter(rest[0]) if rest else iter(())
    for heading in upper:
        for _ in range(heading.columns):
            columns[place] = [heading.text] if heading.columns == 1 else [next(below).text]
            place += 1
    return columns


def _lines(grid: Grid) -> Iterator[Line]:
    groups: Sequence[Group] = grid.groups
    return (line for group in groups for line in group.lines)


def _longest_word(text: str) -> int:
    return max([0, *(len(word) for word in text.split(" "))])
