"""Plain tables of words and numbers for the pages beside the report: same look and same semantics as the report's own."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kaa_analysis.present.fragment import table_html
from kaa_analysis.present.grid import Grid, Group, Heading, Line
from kaa_analysis.present.notes import Notes


def text_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    slug: str,
    title: str,
    numeric: Collection[str] = (),
    note: str = "",
) -> str:
    """Return the HTML of a table with a row per row of ``rows``; the first column heads its row.

    ``numeric`` names the headings of columns that are right-aligned numbers.
    """
    first, *others = headings
    grid = Grid(
        head=((Heading(first, numeric=False), *(Heading(text, numeric=text in numeric) for text in others)),),
        groups=(Group("", tuple(Line((row[0],), tuple(row[1:])) for row in rows)),),
        row_headers=1,
        numeric=tuple(text in numeric for text in others),
    )
    return table_html(grid, slug=slug, title=title, label="", notes=Notes((note,) if note else ()))
