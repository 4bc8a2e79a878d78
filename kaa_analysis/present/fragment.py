"""Writing exhibits as HTML: fragments without headings, in which every id begins with the exhibit's slug."""

from __future__ import annotations

from html import escape

from kaa_analysis.core.result import Method
from kaa_analysis.present.grid import Grid, Group, Heading, Line
from kaa_analysis.present.notes import LEGEND_LABEL, METHOD_SUMMARY, Notes, method_lines

NUMBERS_SUMMARY = "Siffrorna som tabell"


def sentence_html(words: str, *, slug: str) -> str:
    """Return a sentence as a paragraph."""
    return f'<p class="kaa-sentence" id="{slug}">{escape(words, quote=False)}</p>'


def table_html(grid: Grid, *, slug: str, title: str, label: str, notes: Notes) -> str:
    """Return a table in a region that can be scrolled by keyboard, with its notes."""
    below = _notes(notes)
    return (
        f'<div class="kaa-exhibit kaa-table" id="{slug}">'
        + scrolling_table_html(grid, slug=slug, title=title, label=label)
        + (f'<div class="kaa-notes">{below}</div>' if below else "")
        + "</div>"
    )


def figure_html(
    svg: str, *, slug: str, title: str, label: str, numbers: Grid | None, notes: Notes, method: Method | None
) -> str:
    """Return a figure: the drawing, the drawn values as a folded table, caption, and how it is made in a folded box."""
    below = "" if numbers is None else _folded_numbers(numbers, slug=slug, title=title)
    return (
        f'<figure class="kaa-exhibit kaa-figure" id="{slug}">'
        f'<div class="kaa-drawing" role="region" tabindex="0" aria-label="Figur: {escape(title)}">{svg}</div>{below}'
        f"<figcaption>{_title(title, label)}{_notes(notes)}{_method(method)}</figcaption></figure>"
    )


def _folded_numbers(numbers: Grid, *, slug: str, title: str) -> str:
    return (
        f'<details class="kaa-numbers"><summary>{NUMBERS_SUMMARY}</summary>'
        + scrolling_table_html(numbers, slug=f"{slug}-numbers", title=title, quiet=True)
        + "</details>"
    )


def _title(title: str, label: str) -> str:
    number = f'<span class="kaa-label">{escape(label)}.</span> ' if label else ""
    return f'<span class="kaa-title">{number}{escape(title)}</span>'


def _notes(notes: Notes) -> str:
    paragraphs = [f'<p class="kaa-note">{escape(text)}</p>' for text in notes.remarks]
    if notes.legend:
        meanings = "; ".join(
            f'<span class="kaa-symbol">{escape(symbol)}</span> {meaning}' for symbol, meaning in notes.legend
        )
        paragraphs.append(f'<p class="kaa-symbols">{LEGEND_LABEL}: {meanings}.</p>')
    if notes.source:
        paragraphs.append(f'<p class="kaa-source">{escape(notes.source)}</p>')
    return "".join(paragraphs)


def _method(method: Method | None) -> str:
    if method is None:
        return ""
    parts = "".join(f"<dt>{label}</dt><dd>{escape(text)}</dd>" for label, text in method_lines(method))
    return f'<details class="kaa-method"><summary>{METHOD_SUMMARY}</summary><dl>{parts}</dl></details>'


def scrolling_table_html(layout: Grid, *, slug: str, title: str, label: str = "", quiet: bool = False) -> str:
    """Return the table inside a region that can be scrolled by keyboard. ``quiet`` is for a table aligned under a figure."""
    look = ' class="kaa-quiet"' if quiet else ""
    return (
        f'<div class="kaa-scroll" role="region" tabindex="0" aria-labelledby="{slug}-caption"><table{look}>'
        f'<caption id="{slug}-caption">{_title(title, label)}</caption>'
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
