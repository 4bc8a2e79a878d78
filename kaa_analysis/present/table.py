"""The form *table*: a released table laid out for reading, with its notes."""

from __future__ import annotations

from kaa_analysis.disclosure.released import Released
from kaa_analysis.present.exhibit import Exhibit, check_slug, require_released
from kaa_analysis.present.grid import grid
from kaa_analysis.present.interval import INTERVAL_NOTE, bounds_of
from kaa_analysis.present.notes import notes_of
from kaa_analysis.present.sentences import sentence


def table(released: Released, slug: str) -> Exhibit:
    """Return a released table as an accessible table; one without rows as its note, a sentence.

    Raises:
        DisclosureError: ``released`` is not a `Released`.
        ParameterError: ``slug`` cannot be an anchor.
    """
    released, slug = require_released(released), check_slug(slug)
    if released.values_table.empty:
        return sentence(released, slug, name="note")
    layout = grid(released)
    extra = [INTERVAL_NOTE] if bounds_of(released.columns) else []
    return Exhibit(
        slug=slug,
        form="table",
        title=released.title,
        released_id=released.id,
        released_hash=released.hash,
        grid=layout,
        notes=notes_of(released, shown=layout.texts(), extra=extra),
        method=released.method,
    )
