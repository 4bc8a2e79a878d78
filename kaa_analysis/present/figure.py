"""Putting a drawing, its caption and its alternative text together as an exhibit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from kaa_analysis.disclosure.released import Released
from kaa_analysis.present.drawing import drawing
from kaa_analysis.present.exhibit import Exhibit
from kaa_analysis.present.grid import Grid
from kaa_analysis.present.notes import notes_of

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
    remarks: Iterable[str] = (),
    numbers: Grid | None = None,
) -> Exhibit:
    """Return a figure with its caption; ``numbers`` are the drawn values as a table, ``remarks`` are added to the released
    note, which is left out without ``with_note``; ``title`` replaces the table's where the figure shows only a part of it."""
    title = title or released.title
    return Exhibit(
        slug=slug,
        form=form,
        title=title,
        released_id=released.id,
        released_hash=released.hash,
        grid=numbers,
        drawing=drawing(draw, height_inches=height_inches, slug=slug, title=title, alt=alt),
        alt=alt,
        notes=notes_of(released, extra=remarks, with_note=with_note),
        method=released.method,
    )
