"""The form *table*: a released table laid out for reading, with its notes.

In *table:beside* two groups stand beside each other, in *table:years* the periods.
"""

from __future__ import annotations

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.result import Dimension
from kaa_analysis.disclosure.released import Released
from kaa_analysis.present.exhibit import Exhibit, check_slug, require_released
from kaa_analysis.present.grid import SPREAD, YEARS, Grid, beside_grid, grid, years_grid
from kaa_analysis.present.interval import interval_note
from kaa_analysis.present.notes import notes_of
from kaa_analysis.present.sentences import sentence

BESIDE = ("district", "sex")


def table(released: Released, slug: str) -> Exhibit:
    """Return a released table as an accessible table; one without rows as its note, a sentence.

    Raises:
        DisclosureError: ``released`` is not a `Released`.
        ParameterError: ``slug`` cannot be an anchor.
    """
    released, slug = require_released(released), check_slug(slug)
    if released.values_table.empty:
        return sentence(released, slug, name="note")
    return _laid_out(released, slug, grid(released), form="table")


def beside_table(released: Released, slug: str) -> Exhibit:
    """Return a table by district and sex with a row per measure and the districts beside each other, each by sex.

    Raises:
        DefinitionError: the table is split otherwise.
        DisclosureError, ParameterError: as `table`.
    """
    released, slug = require_released(released), check_slug(slug)
    splits = [split.name for split in released.of_role(Dimension)]
    if splits != list(BESIDE):
        raise DefinitionError(
            "Områden bredvid varandra behöver en tabell som är delad på område och kön.",
            found=f'"{released.id}" är delad på: {", ".join(splits) or "ingenting"}',
        )
    return _laid_out(released, slug, beside_grid(released), form="table:beside")


def years_table(released: Released, slug: str) -> Exhibit:
    """Return a table by period and at least one other split, but not sex, with the periods beside each other.

    Raises:
        DefinitionError: the table is split otherwise.
        DisclosureError, ParameterError: as `table`.
    """
    released, slug = require_released(released), check_slug(slug)
    splits = [split.name for split in released.of_role(Dimension)]
    if YEARS not in splits or SPREAD in splits or splits == [YEARS]:
        raise DefinitionError(
            "Perioder bredvid varandra behöver en tabell som är delad på period och något mer, men inte på kön.",
            found=f'"{released.id}" är delad på: {", ".join(splits) or "ingenting"}',
        )
    return _laid_out(released, slug, years_grid(released), form="table:years")


def _laid_out(released: Released, slug: str, layout: Grid, *, form: str) -> Exhibit:
    return Exhibit(
        slug=slug,
        form=form,
        title=released.title,
        released_id=released.id,
        released_hash=released.hash,
        grid=layout,
        notes=notes_of(released, shown=layout.texts(), extra=[interval_note(released.columns)]),
        method=released.method,
    )
