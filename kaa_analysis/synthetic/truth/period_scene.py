"""One period of a chunk: what every count starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.synthetic.truth.known_tables import Intervals, KnownTables, Registrations, Whole, day_number
from kaa_analysis.synthetic.truth.observed_periods import Observed
from kaa_analysis.synthetic.truth.tallying import Place, Tally
from kaa_analysis.synthetic.truth.target_days import TargetDays, registered_days


@dataclass(frozen=True, eq=False)
class Scene:
    """A chunk's tables, its true days in the target group and a period.

    ``counted`` and ``covered`` tell of every registration whether it is counted at all, and whether it has a day in the period
    that is registered and in the target group; ``bridged`` whether the present law throughout counts it (None: not known).
    """

    known: KnownTables
    target: TargetDays
    tally: Tally
    period: Observed
    counted: NDArray[np.bool_]
    covered: NDArray[np.bool_]
    bridged: NDArray[np.bool_] | None = None

    def place(self, indicator: str, *, division: str = "") -> Place:
        """Return where the counts of an indicator stand in this period."""
        return Place(indicator, self.period.label, division)


def counted(known: KnownTables, target: TargetDays) -> NDArray[np.bool_]:
    """Return which registrations are counted at all: those with a registered day in the target group before the day of extract."""
    return target.meets(registered_days(known.registrations, start=0, end=day_number(known.extract_date)))


def covered(known: KnownTables, target: TargetDays, period: Observed) -> NDArray[np.bool_]:
    """Return which registrations have a day in the period that is registered and in the target group."""
    return target.meets(registered_days(known.registrations, start=period.start, end=period.end))


def began(rows: Intervals, period: Observed) -> NDArray[np.bool_]:
    """Return which rows began in the period."""
    return (rows.start >= period.start) & (rows.start < period.end)


def ended(rows: Intervals, period: Observed) -> NDArray[np.bool_]:
    """Return which rows ended in the period: the first day outside lies in it."""
    return (rows.end >= period.start) & (rows.end < period.end)


def running(rows: Intervals, day: int) -> NDArray[np.bool_]:
    """Return which rows run on a day."""
    return (rows.start <= day) & (day < rows.end)


def there_in(rows: Intervals, period: Observed) -> NDArray[np.bool_]:
    """Return which rows have a day in the period; one that ended on its first day has that day."""
    return (rows.start < period.end) & ((rows.end > period.start) | (rows.start >= period.start))


def last_of_person(rows: Registrations, chosen: NDArray[np.bool_]) -> Whole:
    """Return, of the chosen registrations, each person's last one by its number, as places among the rows."""
    places = np.flatnonzero(chosen)
    places = places[np.lexsort((rows.number[places], rows.who[places]))]
    who = rows.who[places]
    return places[np.append(who[1:] != who[:-1], True)] if len(places) else places
