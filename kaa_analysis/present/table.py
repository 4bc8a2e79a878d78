"""The form *table*: a semantic HTML table with its notes, and the same as aligned plain text."""

from __future__ import annotations

from html import escape

from kaa_analysis.disclosure.released import Released
from kaa_analysis.present.caption import notes_html, notes_text
from kaa_analysis.present.exhibit import Exhibit, check_slug, require_released
from kaa_analysis.present.grid import Grid, Group, Heading, Line, grid
from kaa_analysis.present.interval import INTERVAL_NOTE, bounds_of

COLUMN_GAP = "  "


def table(released: Released, slug: str) -> Exhibit:
    """Return a released table as an accessible table.

    Raises:
        DisclosureError: ``released`` is not a `Released`.
        ParameterError: ``slug`` cannot be an anchor.
    """
    released, slug = require_released(released), check_slug(slug)
    layout = grid(released)
    shown = layout.texts()
    extra = [INTERVAL_NOTE] if bounds_of(released.columns) else []
    return Exhibit(
        slug=slug,
        form="table",
        title=released.title,
        released_id=released.id,
        released_hash=released.hash,
        html=_html(released, layout, slug, notes_html(released, shown=shown, extra=extra)),
        text="\n".join([released.title, grid_text(layout), notes_text(released, shown=shown, extra=extra)]).rstrip(),
        note=released.note,
        source=released.source,
    )


def _html(released: Released, layout: Grid, slug: str, notes: str) -> str:
    return (
        f'<div class="kaa-exhibit kaa-table" id="{slug}">'
        + scrolling_table_html(layout, slug=slug, title=released.title)
        + (f'<div class="kaa-notes">{notes}</div>' if notes else "")
        + "</div>"
    )


def scrolling_table_html(layout: Grid, *, slug: str, title: str, quiet: bool = False) -> str:
    """Return the table inside a region that can be scrolled by keyboard. ``quiet`` is for a table aligned under a figure."""
    look = ' class="kaa-quiet"' if quiet else ""
    return (
        f'<div class="kaa-scroll" role="region" tabindex="0" aria-labelledby="{slug}-caption"><table{look}>'
        f'<caption id="{slug}-caption"><span class="kaa-title">{escape(title)}</span></caption>'
        f"<thead>{''.join(_head_row(line) for line in layout.head)}</thead>"
        f"{''.join(_group(group, layout) for group in layout.groups)}</table></div>"
    )


def _head_row(headings: tuple[Heading, ...]) -> str:
    return f"<tr>{''.join(_heading(heading) for heading in headings)}</tr>"


def _heading(heading: Heading) -> str:
    if not heading.text:
        return "<td></td>"
    scope = "colgroup" if heading.columns > 1 else "col"
    spans = f' colspan="{heading.columns}"' if heading.columns > 1 else ""
    spans += f' rowspan="{heading.lines}"' if heading.lines > 1 else ""
    look = ' class="kaa-number"' if heading.numeric else ""
    return f'<th scope="{scope}"{spans}{look}>{escape(heading.text)}</th>'


def _group(group: Group, layout: Grid) -> str:
    look = ' class="kaa-total"' if group.total else ""
    width = layout.row_headers + len(layout.numeric)
    label = (
        f'<tr class="kaa-group"><th scope="rowgroup" colspan="{width}"><span>{escape(group.label)}</span></th></tr>'
        if group.label
        else ""
    )
    return f"<tbody{look}>{label}{''.join(_line(line, layout) for line in group.lines)}</tbody>"


def _line(line: Line, layout: Grid) -> str:
    look = ' class="kaa-total"' if line.total else ""
    headers = "".join(f'<th scope="row">{escape(text)}</th>' for text in line.headers)
    cells = "".join(
        f'<td class="kaa-number">{escape(text)}</td>' if numeric else f"<td>{escape(text)}</td>"
        for text, numeric in zip(line.cells, layout.numeric, strict=True)
    )
    return f"<tr{look}>{headers}{cells}</tr>"


def grid_text(layout: Grid) -> str:
    """Return the layout as plain text in aligned columns; a column under two headings has both."""
    lines = [_flat_head(layout)]
    for group in layout.groups:
        if group.label:
            lines.append([group.label] + [""] * (len(lines[0]) - 1))
        lines.extend([*line.headers, *line.cells] for line in group.lines)
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    right = [False] * layout.row_headers + list(layout.numeric)
    return "\n".join(
        COLUMN_GAP.join(
            text.rjust(width) if at_right else text.ljust(width)
            for text, width, at_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def _flat_head(layout: Grid) -> list[str]:
    upper, *rest = layout.head
    lower = iter(rest[0]) if rest else iter(())
    return [
        text
        for heading in upper
        for text in (
            [heading.text]
            if heading.columns == 1
            else [f"{heading.text}, {next(lower).text.lower()}" for _ in range(heading.columns)]
        )
    ]
