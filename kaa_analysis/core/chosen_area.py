"""The part of the municipality that a report is about: one district of a division, or all of it."""

from __future__ import annotations

from dataclasses import dataclass

from kaa_analysis.core import geography
from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.core.geography import Division

WHOLE_MUNICIPALITY = "all"
"""The name that stands for no choice: everybody, also those who belong to no district."""


@dataclass(frozen=True)
class ChosenArea:
    """A district of a division: its code, its Swedish name and the words for being in it (*i Järva*, *på Södermalm*)."""

    code: str
    label: str
    located: str
    division: Division


def chosen_area(name: str, *, division: str) -> ChosenArea | None:
    """Return the district called ``name`` in a division, None for the whole municipality ("all").

    The pooled area of those whose district is not shown cannot be chosen: it is no district.

    >>> chosen_area("sodermalm", division="2023").located, chosen_area("all", division="2023")
    ('på Södermalm', None)

    Raises:
        DefinitionError: there is no such division, or no such district in it.
    """
    given = geography.division(division)
    if name == WHOLE_MUNICIPALITY:
        return None
    if name not in given.districts:
        raise DefinitionError(
            f"Området ska vara {WHOLE_MUNICIPALITY} (hela kommunen) eller ett område i {given.label}{_hint(name, given)}.",
            found=f"områden: {', '.join(given.districts)}",
        )
    return ChosenArea(name, geography.district_labels()[name], geography.district_located()[name], given)


def _hint(name: str, division: Division) -> str:
    """Return the nearest name, or the district that holds the area of one from before a merger."""
    if successor := geography.recoding(division).get(name.lower()):
        return did_you_mean(successor, division.districts)
    return did_you_mean(name.lower(), [WHOLE_MUNICIPALITY, *division.districts])
