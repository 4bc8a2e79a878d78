"""Where a person is folkbokförd: moves in, within and out of the city, and the new divisions of 1 July 2020 and 2023."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kaa_analysis.synthetic.draws import Codes, Days, Draws, Numbers
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.population import MOVED_IN, MOVED_IN_LATER, Persons
from kaa_analysis.synthetic.school_calendar import NO_DAY, ONE_DAY, birthday

STOCKHOLM = "0180"
MERGERS = (
    ("2020-07-01", {"HLI": "HAL", "ALV": "HAL"}),
    ("2023-07-01", {"RIK": "JAR", "SPT": "JAR", "NOR": "NIN", "OST": "NIN"}),
)
"""The day of a new division, and the districts that it merged."""
VASTERORT = ("RIK", "SPT", "JAR", "HVB", "BRO")
AGES_OF_MOVES = (17, 18, 19)


@dataclass(frozen=True, eq=False)
class Moves:
    """Moves within the city: ``days`` and new ``districts`` of shape (n, 3), a year of age each; a missing day = no move."""

    home: Codes
    days: Days
    districts: Codes

    def district_on(self, rows: Numbers, day: Days) -> Codes:
        """Return the district (division of 2007) of the persons at ``rows`` on a day each."""
        found = self.home[rows]
        for place in range(self.days.shape[1]):
            found = np.where(self.days[rows, place] <= day, self.districts[rows, place], found)
        return found


def moves_within(persons: Persons, draws: Draws, *, margins: Margins) -> Moves:
    """Return the moves between districts of those who live here, after they have come."""
    all_days, districts = [], []
    for age in AGES_OF_MOVES:
        first, after = birthday(persons.birth_date, age), birthday(persons.birth_date, age + 1)
        day = draws.day(f"move.{age}.day", first, after - ONE_DAY)
        moves = draws.chance(f"move.{age}", margins.share("moves_within_city_per_year")) & (day > persons.arrival)
        all_days.append(np.where(moves, day, NO_DAY))
        districts.append(draws.pick(f"move.{age}.to", margins.weights("districts")))
    return Moves(persons.district, np.column_stack(all_days), np.column_stack(districts))


def first_stays(persons: Persons, moves: Moves, draws: Draws, *, margins: Margins) -> pd.DataFrame:
    """Return where each lives from birth or from coming to the country, and the moves within the city."""
    came_from = np.isin(persons.origin, (MOVED_IN, MOVED_IN_LATER))
    elsewhere = draws.pick("came_from", margins.weights("other_municipalities"))
    born = stays_of(persons.number, persons.birth_date, elsewhere, "")[came_from]
    parts = [born, stays_of(persons.number, persons.arrival, STOCKHOLM, moves.home)]
    for place in range(moves.days.shape[1]):
        day = moves.days[:, place]
        moved = stays_of(persons.number, day, STOCKHOLM, moves.districts[:, place], is_move=True)
        parts.append(moved[~np.isnat(day)])
    return pd.concat(parts, ignore_index=True)


def stays_of(
    person: Numbers, day: Days, municipality: Codes | str, district: Codes | str, *, is_move: bool = False
) -> pd.DataFrame:
    """Return the rows of changes of address."""
    columns = {"person": person, "day": day, "municipality": municipality, "district": district, "is_move": is_move}
    return pd.DataFrame(columns)


def residence_periods(stays: pd.DataFrame, *, protected: Numbers) -> pd.DataFrame:
    """Return the periods as folkbokföringen shows them: split on the day a district was merged, no district for the ``protected``.

    ``stays`` has a row per change of address: person, day, municipality ("" = abroad or dead), district (division of 2007), is_move (within
    the city: nothing for who is away that day). What is left of a person's day is the last change of it.
    """
    changes = stays.sort_values(["person", "day"], kind="stable")
    settled = changes["municipality"].mask(changes["is_move"]).groupby(changes["person"], sort=False).ffill()
    changes = changes[~changes["is_move"] | settled.eq(STOCKHOLM)].drop_duplicates(["person", "day"], keep="last")
    periods = changes.assign(end=changes.groupby("person", sort=False)["day"].shift(-1)).rename(
        columns={"day": "start"}
    )
    periods = periods[periods["municipality"].ne("")]
    for day, merged in MERGERS:
        periods = _split(periods, pd.Timestamp(day), merged)
    hidden = periods["district"].mask(periods["person"].isin(protected), "")
    columns = ["person", "municipality", "district", "start", "end"]
    return periods.assign(district=hidden).sort_values(["person", "start"], kind="stable", ignore_index=True)[columns]


def _split(periods: pd.DataFrame, day: pd.Timestamp, merged: Mapping[str, str]) -> pd.DataFrame:
    """Return the periods with those that lived in a merged district on ``day`` cut in two."""
    lasts = periods["district"].isin(list(merged)) & (periods["end"].isna() | (periods["end"] > day))
    successor = periods.loc[lasts, "district"].map(merged)
    after = periods[lasts].assign(district=successor, start=periods.loc[lasts, "start"].clip(lower=day))
    before = periods[~lasts | (periods["start"] < day)]
    return pd.concat([before.assign(end=before["end"].mask(lasts, day)), after], ignore_index=True)


def in_division_of_2023(districts: Codes) -> Codes:
    """Return the districts that those of the division of 2007 belong to since 1 July 2023."""
    found = districts
    for _, merged in MERGERS:
        for former, successor in merged.items():
            found = np.where(found == former, successor, found)
    return found
