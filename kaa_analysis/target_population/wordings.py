"""The wordings of 29 kap. 9 § skollagen and the days on which each is applied. The wordings are a data file beside this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import pairwise

import pandas as pd

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.strict_yaml import read_strict_yaml
from kaa_analysis.target_population.intervals import DAWN, FOREVER
from kaa_analysis.target_population.settings import Law

CONDITIONS = {
    "residence": "Hemkommun",
    "under_20": "Har inte fyllt 20 år",
    "compulsory_school": "Har fullgjort skolplikten eller folkbokförts efter skolpliktig ålder",
    "not_in_education": "Genomför inte gymnasieskola, anpassad gymnasieskola eller motsvarande",
    "no_gymnasieexamen": "Har inte gymnasieexamen",
    "no_adapted_certificate": "Har inte gymnasiebevis från anpassad gymnasieskola",
    "no_equivalent": "Har inte fullföljt motsvarande utbildning",
}
"""The residence and the six numbered conditions of the present wording (Lag 2022:1315), in the order of the law."""


@dataclass(frozen=True)
class Wording:
    """One wording of the law. ``places`` are the school forms in which a pupil is outside; ``labels`` replace those of `CONDITIONS`."""

    in_force: date
    act: str
    source: str
    mark: str
    places: tuple[str, ...]
    newly_resident: bool
    unverified: str
    labels: Mapping[str, str]

    def label(self, condition: str) -> str:
        """Return the Swedish words of a condition in this wording."""
        return self.labels.get(condition, CONDITIONS[condition])

    def same_content(self, other: Wording) -> bool:
        """Whether the same persons are inside, whatever things are called."""
        return (frozenset(self.places), self.newly_resident) == (frozenset(other.places), other.newly_resident)


@dataclass(frozen=True)
class Window:
    """The days ``[start, end)`` on which the content of a wording is applied."""

    start: pd.Timestamp
    end: pd.Timestamp
    wording: Wording


@cache
def wordings() -> tuple[Wording, ...]:
    """Return the wordings from the oldest to the present one.

    >>> [f"{wording.in_force} {wording.act}" for wording in wordings()]
    ['2015-01-01 Lag (2014:1002)', '2018-07-01 Lag (2018:749)', '2023-07-02 Lag (2022:1315)']
    """
    text = files("kaa_analysis.target_population").joinpath("wordings.yaml").read_text(encoding="utf-8")
    return tuple(
        Wording(
            **entry | {"in_force": date.fromisoformat(entry["in_force"]), "places": tuple(entry["places"])},
        )
        for entry in read_strict_yaml(text)
    )


def wording_on(day: date) -> Wording:
    """Return the wording in force on ``day``.

    Raises:
        DefinitionError: the day lies before the first wording.

    >>> wording_on(date(2018, 6, 30)).act
    'Lag (2014:1002)'
    """
    found = [wording for wording in wordings() if wording.in_force <= day]
    if not found:
        raise DefinitionError(
            "Dagen ska ligga i aktivitetsansvarets tid.",
            found="en dag före den första lydelsen",
            action=f"välj {wordings()[0].in_force} eller senare",
        )
    return found[-1]


def changes_of_law() -> tuple[date, ...]:
    """Return the days on which a wording came into force that other persons are inside by than the one before; new names are no change.

    >>> [day.isoformat() for day in changes_of_law()]
    ['2018-07-01']
    """
    return tuple(new.in_force for old, new in pairwise(wordings()) if not new.same_content(old))


def windows(law: Law, known: Sequence[Wording]) -> tuple[Window, ...]:
    """Return the days on which each content is applied: that of the last wording alone if "bridged", else each from its day on.

    Wordings of the same content share a window; the first one reaches back for ever, so that every day has its conditions.
    """
    if law == "bridged":
        return (Window(DAWN, FOREVER, known[-1]),)
    first_of_content = [
        wording for number, wording in enumerate(known) if not number or not wording.same_content(known[number - 1])
    ]
    starts = [DAWN, *(pd.Timestamp(wording.in_force) for wording in first_of_content[1:]), FOREVER]
    return tuple(
        Window(start, end, wording)
        for start, end, wording in zip(starts[:-1], starts[1:], first_of_content, strict=True)
    )
