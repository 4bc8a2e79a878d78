"""Putting a drawing, its caption and its alternative text together as an exhibit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import TYPE_CHECKING

from kaa_analysis.disclosure.released import Released
from kaa_analysis.present.caption import notes_html, notes_text
from kaa_analysis.present.exhibit import Exhibit
from kaa_analysis.present.svg import draw_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HIDDEN_NOTE = "Värden som inte får visas (..) är inte ritade."


def figure_exhibit(
    released: Released,
    *,
    slug: str,
    form: str,
    title: str | None = None,
    alt: str,
    draw: Callable[[Figure], None],
    height_inches: float,
    with_note: bool = True,
    notes: Iterable[str] = (),
    below_html: str = "",
    below_text: str = "",
) -> Exhibit:
    """Return a figure with its caption; ``below`` is a table aligned under it, ``notes`` are added to the released
    note, which is left out without ``with_note``; ``title`` replaces the table's where the figure shows only a part of it."""
    title = title or released.title
    svg = draw_svg(draw, height_inches=height_inches, slug=slug, title=title, alt=alt)
    extra = list(notes)
    caption = f'<span class="kaa-title">{escape(title)}</span>{notes_html(released, extra=extra, with_note=with_note)}'
    return Exhibit(
        slug=slug,
        form=form,
        title=title,
        released_id=released.id,
        released_hash=released.hash,
        html=(
            f'<figure class="kaa-exhibit kaa-figure" id="{slug}"><div class="kaa-drawing" role="region" tabindex="0" aria-label="Figur: {escape(title)}">{svg}</div>{below_html}'
            f"<figcaption>{caption}</figcaption></figure>"
        ),
        text="\n".join(
            part for part in (title, alt, below_text, notes_text(released, extra=extra, with_note=with_note)) if part
        ),
        alt=alt,
        note=released.note if with_note else "",
        source=released.source,
        svg=svg,
    )
