"""What is to be simulated: how many persons, which days, which seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kaa_analysis.core.errors import DefinitionError

LAST_FORESEEN_DAY = date(2030, 12, 31)


@dataclass(frozen=True)
class Scenario:
    """A synthetic register. The same scenario always gives the same bytes.

    ``persons`` is the number of rows in the file of persons. ``start`` is the first day of observation: nobody whose last
    registration ended before it is in the files. ``extract_date`` is the day of extract, the last day anything can have
    happened. ``registered_share`` of the persons have at least one registration, ``missed_share`` should have had one but
    have none, the rest go to school or have finished it.
    """

    name: str
    seed: int
    persons: int
    start: date
    extract_date: date
    registered_share: float = 0.8
    missed_share: float = 0.025

    def __post_init__(self) -> None:
        problems = []
        if not self.start < self.extract_date <= LAST_FORESEEN_DAY:
            problems.append(f"start {self.start}, uttagsdatum {self.extract_date}")
        if self.persons < 1 or self.seed < 0:
            problems.append(f"persons {self.persons}, seed {self.seed}")
        if not 0 <= self.registered_share + self.missed_share <= 1 or min(self.registered_share, self.missed_share) < 0:
            problems.append("registered_share och missed_share ska vara andelar vars summa är högst 1")
        if problems:
            raise DefinitionError(f'Scenariot "{self.name}" går inte att simulera.', found=problems)


DEMO = Scenario(name="demo", seed=2909, persons=1500, start=date(2022, 1, 1), extract_date=date(2025, 1, 31))
"""The demonstration register: three calendar years and the January in which the annual report is written."""

SCENARIOS = {scenario.name: scenario for scenario in (DEMO,)}
"""The scenarios that can be asked for by name."""
