"""The summer between two school years: who is counted as taking part although no enrolment runs."""

from __future__ import annotations

import pandas as pd

from kaa_analysis.target_population.intervals import intervals

LAST_DAY_FROM = (6, 1)
"""A place counts as held before the summer if its last day is 1 June or later (month, day)."""

STARTED_BY = (9, 15)
"""A place counts as held after the summer if its first day is 15 September or earlier (month, day)."""


def summer_gaps(enrolled: pd.DataFrame) -> pd.DataFrame:
    """Return the gaps of a summer between a place that ended and the next one that began, at the same or another school.

    ``enrolled`` holds disjoint intervals. A gap counts where the last enrolled day is 1 June or later and the next enrolment
    begins by 15 September of the same year (both days inside).
    """
    places = enrolled.sort_values(["person_id", "start"], kind="stable")
    next_start = places.groupby("person_id", sort=False)["start"].shift(-1)
    return _gaps(places["person_id"], places["end"], next_start)


def autumn_places(completed: pd.DataFrame, enrolled: pd.DataFrame) -> pd.DataFrame:
    """Return the days from the end of compulsory school to the first place of the same autumn.

    ``completed`` has a row per person: person_id, start (first day after compulsory school). The same days as in `summer_gaps`
    decide: school ended 1 June or later, the place began by 15 September of that year.
    """
    pairs = enrolled.merge(
        completed[["person_id", "start"]].rename(columns={"start": "left"}),
        on="person_id",
        how="inner",
        validate="many_to_one",
    )
    later = pairs[pairs["start"] >= pairs["left"]]
    first = later.groupby(["person_id", "left"], sort=False, as_index=False)["start"].min()
    return _gaps(first["person_id"], first["left"], first["start"])


def accepted_places(accepted: pd.DataFrame, completed: pd.DataFrame, enrolled: pd.DataFrame) -> pd.DataFrame:
    """Return the days through 15 September of those who accepted a place of that autumn and began none.

    ``accepted`` has a row per person and year: person_id, year. The days begin with the first day after compulsory school or a place
    whose last day is 1 June or later that year. Who began any place after that day and by 15 September is judged by it alone.
    """
    ended = pd.concat(
        [
            completed[["person_id", "start"]].rename(columns={"start": "left"}),
            enrolled[["person_id", "end"]].rename(columns={"end": "left"}),
        ],
        ignore_index=True,
    )
    waits = accepted.drop_duplicates().merge(ended, on="person_id", how="inner", validate="many_to_many")
    until = _day_of(waits["year"], STARTED_BY) + pd.Timedelta(days=1)
    last_day = waits["left"] - pd.Timedelta(days=1)
    waits = waits.assign(until=until)[(last_day >= _day_of(waits["year"], LAST_DAY_FROM)) & (waits["left"] < until)]
    first = waits.groupby(["person_id", "until"], sort=False, as_index=False)["left"].min()
    begun = first.merge(
        enrolled[["person_id", "start"]],
        on="person_id",
        how="inner",
        validate="one_to_many" if first["person_id"].is_unique else "many_to_many",
    )
    begun = begun[(begun["left"] <= begun["start"]) & (begun["start"] < begun["until"])]
    kept = ~pd.MultiIndex.from_frame(first[["person_id", "until"]]).isin(
        pd.MultiIndex.from_frame(begun[["person_id", "until"]])
    )
    return intervals(first.loc[kept, "person_id"], first.loc[kept, "left"], first.loc[kept, "until"])


def _day_of(year: pd.Series, month_day: tuple[int, int]) -> pd.Series:
    month, day = month_day
    return pd.to_datetime(year.astype("Int64").astype("string") + f"-{month:02d}-{day:02d}")


def _gaps(person_id: pd.Series, left: pd.Series, started: pd.Series) -> pd.DataFrame:
    last_day = left - pd.Timedelta(days=1)
    from_june = last_day.dt.month * 100 + last_day.dt.day >= LAST_DAY_FROM[0] * 100 + LAST_DAY_FROM[1]
    by_september = started.dt.month * 100 + started.dt.day <= STARTED_BY[0] * 100 + STARTED_BY[1]
    counts = from_june & by_september & (last_day.dt.year == started.dt.year)
    return intervals(person_id[counts], left[counts], started[counts])
