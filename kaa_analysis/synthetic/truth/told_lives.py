"""The lives of a birth year as the tables that incidence and effects are counted from, whether or not any register knew of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kaa_analysis.synthetic.draws import Days, Flags, Numbers
from kaa_analysis.synthetic.lives import Lives
from kaa_analysis.synthetic.truth.known_tables import People, intervals_of
from kaa_analysis.synthetic.truth.layout_codes import STUDY_STARTS
from kaa_analysis.synthetic.truth.target_days import target_days

SECONDS = "datetime64[s]"


def true_episodes(lives: Lives, *, inside: pd.DataFrame) -> pd.DataFrame:
    """Return a row per time outside school that has a day in the target group (``inside``: person, start, end).

    Columns: person, turn, entry, registered (the day on which the register would have it), until (the 20th birthday), out (the first
    day outside), way (the code of the exit reason), sex, age (whole years at entry).
    """
    episodes, out, persons = lives.outside.episodes, lives.outside.out, lives.persons
    place = pd.Index(persons.number).get_indexer(episodes.person)
    table = pd.DataFrame(
        {
            "person": episodes.person,
            "turn": episodes.turn,
            "entry": episodes.entry.astype(SECONDS),
            "registered": episodes.registered.astype(SECONDS),
            "until": episodes.until.astype(SECONDS),
            "out": out.day.astype(SECONDS),
            "way": out.reason.astype(str),
            "sex": persons.sex[place].astype(str),
        }
    )
    table = table.assign(age=whole_years(persons.birth_date[place], episodes.entry))
    return table[_in_target_group(table, inside, persons.number)].reset_index(drop=True)


def whole_years(birth_date: Days, day: Days) -> Numbers:
    """Return the age in whole years on each day; who is born 29 February has the birthday 1 March in a year without the day.

    >>> born = np.array(["2004-02-29"] * 2, dtype="datetime64[D]")
    >>> whole_years(born, np.array(["2022-02-28", "2022-03-01"], dtype="datetime64[D]")).tolist()
    [17, 18]
    """
    (birth_year, birth_month_day), (year, month_day) = (_year_and_day(each) for each in (birth_date, day))
    return year - birth_year - (month_day < birth_month_day)


def _year_and_day(day: Days) -> tuple[Numbers, Numbers]:
    """Return the year, and 100 × month + day."""
    month = day.astype("datetime64[M]")
    number = month.astype(np.int64)
    return 1970 + number // 12, 100 * (number % 12 + 1) + (day.astype("datetime64[D]") - month).astype(np.int64) + 1


def reached_outcomes(lives: Lives, *, strategy: str) -> pd.DataFrame:
    """Return what came of those who were reached in their first time outside: person, strategy, time_zero, aim, placed, out.

    The first time begins alike in every world, and so does the outreach; only Aim and what follows it differ. A few stand in one world and
    not in another: where studies begin so soon that the time outside was only the summer between two places.
    """
    outside = lives.outside
    first = np.zeros(len(outside), dtype=bool)
    order = np.lexsort((outside.episodes.entry, outside.episodes.person))
    first[order[np.unique(outside.episodes.person[order], return_index=True)[1]]] = True
    chosen = first & (outside.reached < outside.out.day)
    out, reason = outside.out.day[chosen], outside.out.reason[chosen]
    placed = np.where(np.isin(reason, sorted(STUDY_STARTS)), out, np.datetime64("NaT", "D"))
    days: dict[str, Days] = {
        "time_zero": outside.reached[chosen], "aim": outside.aim[chosen], "placed": placed, "out": out,
    }  # fmt: skip
    table = pd.DataFrame({name: day.astype(SECONDS) for name, day in days.items()})
    table.insert(0, "person", outside.episodes.person[chosen])
    table.insert(1, "strategy", strategy)
    return table.sort_values("person", ignore_index=True)


def _in_target_group(episodes: pd.DataFrame, inside: pd.DataFrame, numbers: Numbers) -> Flags:
    people = People(pd.DataFrame({"person": numbers}))
    asked = episodes[["person"]].assign(start=episodes["entry"], end=episodes["out"])
    return target_days(intervals_of(inside, people=people)).meets(intervals_of(asked, people=people))
