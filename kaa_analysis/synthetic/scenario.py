"""What is to be simulated: how many persons, which days, which seed, which settings and errors. A scenario is a small file in `scenarios/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.core.strict_yaml import read_yaml
from kaa_analysis.synthetic.batches import Batch, batches
from kaa_analysis.synthetic.errors.error_kinds import known_profile
from kaa_analysis.synthetic.margins import margins_of

LAST_FORESEEN_DAY = date(2030, 12, 31)
YOUNGEST, OLDEST = 16, 20
"""In the calendar year of leaving grade 9 a person turns 16; nobody older than 20 is in the target group."""
FIRST_YEAR_OF_MARGINS = 2019
FIRST_MONTH_OUTSIDE = 6
"""Grade 9 ends in June."""


class Truth(StrEnum):
    """How much of the truth is written beside the extract: counts alone, or every episode and other worlds too."""

    COUNTS = "counts"
    WHOLE = "whole"


@dataclass(frozen=True)
class Scenario:
    """A synthetic register. The same scenario always gives the same bytes.

    ``births_per_year`` is how many of each birth year live in the city some day before 20. ``start`` is the first day of observation: nobody
    whose last registration ended before it is in the files. ``extract_date`` is the day of extract, the last day anything can have
    happened. Of those never registered, ``others_share`` are in the files. ``truth`` says how much of it is written. ``errors`` names a profile of
    the catalogue of errors; without one there is no list of errors, and no score.
    ``settings`` replace those of `margins.yaml`.

    Raises:
        DefinitionError: the days, sizes or shares cannot be simulated; there is no such setting or profile.
    """

    name: str
    why: str
    seed: int
    births_per_year: int
    start: date
    extract_date: date
    others_share: float = 0.05
    truth: Truth = Truth.WHOLE
    errors: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = []
        if not self.start < self.extract_date <= LAST_FORESEEN_DAY:
            problems.append(f"start {self.start}, uttagsdatum {self.extract_date}")
        if self.births_per_year < 1 or self.seed < 0:
            problems.append(f"births_per_year {self.births_per_year}, seed {self.seed}")
        if not 0 <= self.others_share <= 1:
            problems.append("others_share ska vara en andel")
        if problems:
            raise DefinitionError(f'Scenariot "{self.name}" går inte att simulera.', found=problems)
        margins_of(self.settings)
        if self.errors:
            known_profile(self.errors)

    @property
    def batches(self) -> tuple[Batch, ...]:
        """Return the parts of the population that are simulated one at a time, oldest first."""
        return batches(self.birth_years, births_per_year=self.births_per_year)

    @property
    def whole_years(self) -> range:
        """Return the calendar years that are observed from their first day to their last."""
        first = self.start.year + (self.start > date(self.start.year, 1, 1))
        return range(first, self.extract_date.year + (self.extract_date == date(self.extract_date.year, 12, 31)))

    @property
    def margin_years(self) -> tuple[int, ...]:
        """Return the whole years that the published margins are of: since introduction programmes left the target group."""
        return tuple(year for year in self.whole_years if year >= FIRST_YEAR_OF_MARGINS)

    @property
    def birth_years(self) -> range:
        """Return the birth years of which somebody can be in the register between start and extract."""
        last = self.extract_date.year - YOUNGEST - (self.extract_date.month < FIRST_MONTH_OUTSIDE)
        return range(self.start.year - OLDEST, last + 1)


@cache
def scenarios() -> Mapping[str, Scenario]:
    """Return the scenarios of the package by name, in the order of their files' names.

    Raises:
        DefinitionError: a file is no scenario.
    """
    folder = files("kaa_analysis.synthetic").joinpath("scenarios")
    found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".yaml")), key=lambda entry: entry.name)
    read = {entry.name.removesuffix(".yaml"): entry.read_text(encoding="utf-8") for entry in found}
    return MappingProxyType({name: scenario_of(text, name=name) for name, text in read.items()})


def scenario(name: str) -> Scenario:
    """Return a scenario by its name.

    Raises:
        DefinitionError: there is none of that name.
    """
    if name not in scenarios():
        raise DefinitionError(f'Scenariot "{name}" finns inte{did_you_mean(name, scenarios())}.')
    return scenarios()[name]


def scenario_of(text: str, *, name: str) -> Scenario:
    """Return the scenario that the text of a file in `scenarios/` describes.

    Raises:
        DefinitionError: a field is unknown or missing, or the scenario cannot be simulated.
    """
    given = read_yaml(text)
    known = {each.name: each for each in fields(Scenario) if each.name != "name"}
    required = {name for name, each in known.items() if each.default is MISSING and each.default_factory is MISSING}
    problems = [f"okänt fält: {field}{did_you_mean(field, known)}" for field in given if field not in known]
    problems += [f"fältet saknas: {field}" for field in sorted(required - set(given))]
    depth = given.get("truth", Truth.WHOLE)
    if depth not in list(Truth):
        problems.append(f"truth ska vara {' eller '.join(Truth)}{did_you_mean(depth, Truth)}")
    if problems:
        raise DefinitionError(f'Scenariot "{name}" går inte att läsa.', found=problems)
    return Scenario(name=name, **given | {"truth": Truth(depth)})
