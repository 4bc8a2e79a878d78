"""The district of a person on a day, in the division of that day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.core.geography import NOT_SHOWN_BY_AREA, recode_to_the_day

if TYPE_CHECKING:
    from kaa_analysis.store import Register


def district_on(register: Register, person_id: pd.Series, day: pd.Series) -> pd.Series:
    """Return the district code of each person on each day, in the division in force that day.

    Whose area is unknown that day (no residence, another municipality, no address, a code that no division had yet), whose
    identity is protected, and everybody in a register that the law's rules are not applied to, is `NOT_SHOWN_BY_AREA`. A missing day gives
    a missing district. Districts of different days are compared after `core.geography.recode` to one division: else a merger
    looks like a move.
    """
    asked = pd.DataFrame({"person_id": person_id, "day": day})
    if not register.follows_law:
        return _only_where_asked(pd.Series(NOT_SHOWN_BY_AREA, index=asked.index, dtype="string"), asked["day"])
    lived = register.table("residence", columns=["person_id", "district", "from_date", "to_date"])
    lived = lived[lived["person_id"].isin(asked["person_id"].unique())]
    found = recode_to_the_day(_lived_in(lived, asked), days=asked["day"])
    persons = register.table("persons", columns=["person_id", "protected_identity"])
    hidden = persons.loc[persons["protected_identity"].fillna(False).astype(bool), "person_id"]
    return _only_where_asked(found.mask(asked["person_id"].isin(hidden), NOT_SHOWN_BY_AREA), asked["day"])


def _lived_in(lived: pd.DataFrame, asked: pd.DataFrame) -> pd.Series:
    """Return the district of the latest residence period that began by the day, if it had not ended."""
    questions = asked[asked["day"].notna()].sort_values("day", kind="stable").reset_index(names="row")
    periods = lived.sort_values("from_date", kind="stable")
    answers = pd.merge_asof(questions, periods, left_on="day", right_on="from_date", by="person_id")
    current = answers["to_date"].isna() | (answers["day"] < answers["to_date"])
    return answers["district"].where(current).set_axis(answers["row"]).reindex(asked.index)


def _only_where_asked(district: pd.Series, day: pd.Series) -> pd.Series:
    return district.where(day.notna()).astype("string")
