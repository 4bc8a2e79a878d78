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
    lived = register.ask("residence_on_day", asked=asked)
    found = recode_to_the_day(lived["district"].set_axis(asked.index), days=asked["day"])
    hidden = lived["protected_identity"].fillna(False).astype(bool).set_axis(asked.index)
    return _only_where_asked(found.mask(hidden, NOT_SHOWN_BY_AREA), asked["day"])


def _only_where_asked(district: pd.Series, day: pd.Series) -> pd.Series:
    return district.where(day.notna()).astype("string")
