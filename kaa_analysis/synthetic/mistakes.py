"""The mistakes that the simulated municipality made itself, as the extract shows them: what the checks may find without anybody having spoiled a file.

Their kinds are those of the catalogue of errors that come from the simulation.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from kaa_analysis.synthetic.introduction_inside import INTRODUCTION_OUTSIDE
from kaa_analysis.synthetic.invented_identity import IMPOSSIBLE_MONTHS
from kaa_analysis.synthetic.known_rows import Tables
from kaa_analysis.synthetic.registrations import (
    CLOSED_LATE,
    MISREGISTERED,
    REASONS_REPORTED_FROM,
    STARTED_LATE,
    Registered,
)
from kaa_analysis.synthetic.school_calendar import date_of

LATE_DAYS = 31
"""A registration may run this many days after a study start before anybody calls it late (K904)."""
COLUMNS = ("kind", "file", "identity", "number")
PERSONS, SPELLS = "personer.csv", "kaa.csv"


def mistakes_in(extract: Tables, register: Registered, *, extract_date: date) -> pd.DataFrame:
    """Return a row per mistake: kind, file, identity, number of the registration (missing where it is about the person).

    ``extract`` are the tables of the extract, with identities. Who is in the target group is looked at on the day before the extract.
    """
    last_day = pd.Timestamp(extract_date) - pd.Timedelta(days=1)
    persons = extract["persons"].set_index("person")["identity"]
    parts = {
        (kind, PERSONS): persons.loc[chosen].to_frame("identity")
        for kind, chosen in _about_persons(extract, register, last_day).items()
    } | {
        (kind, SPELLS): rows[["identity", "number"]]
        for kind, rows in _about_spells(extract, register, last_day).items()
    }
    found = [rows.assign(kind=kind, file=file) for (kind, file), rows in parts.items()]
    return pd.concat(found, ignore_index=True).reindex(columns=COLUMNS)


def _about_persons(extract: Tables, register: Registered, last_day: pd.Timestamp) -> dict[str, pd.Index]:
    """Return the persons whom the register does not know although they are, or were, in the target group; and those born on another day."""
    known = pd.Index(extract["persons"]["person"])
    inside = register.inside[register.inside["person"].isin(known)]
    now = pd.Index(inside.loc[_runs(inside, last_day), "person"].unique())
    registered = pd.Index(extract["registrations"].loc[_runs(extract["registrations"], last_day), "person"].unique())
    missed = pd.Index(register.missed).intersection(known)
    persons = extract["persons"]
    another_day = _written_day(persons["identity"]) != persons["birth_date"].to_numpy("datetime64[D]")
    return {
        "never_registered": now.difference(registered),
        "never_registered_then": missed.difference(now),
        "born_on_another_day": pd.Index(persons.loc[another_day, "person"]),
    }


def _about_spells(extract: Tables, register: Registered, last_day: pd.Timestamp) -> dict[str, pd.DataFrame]:
    spells = extract["registrations"]
    runs = _runs(spells, last_day)
    inside_now = register.inside.loc[_runs(register.inside, last_day), "person"]
    wrongly_running = runs & ~spells["person"].isin(inside_now)
    late = spells["mistake"].eq(CLOSED_LATE) & spells["end"].notna()
    long_in_introduction = late & spells["exit_reason"].eq("IM") & (spells["days_late"] > LATE_DAYS)
    long_in_introduction &= spells["end"] >= pd.Timestamp(INTRODUCTION_OUTSIDE)
    is_mistake = spells["mistake"].eq(MISREGISTERED)
    reported = spells["start"] >= pd.Timestamp(REASONS_REPORTED_FROM)
    kinds = {
        "registered_late": spells["mistake"].eq(STARTED_LATE),
        "misregistered": is_mistake & ~wrongly_running,
        "misregistered_still": is_mistake & wrongly_running,
        "closed_late": late & ~long_in_introduction,
        "closed_late_introduction": long_in_introduction,
        "not_yet_closed": wrongly_running & ~is_mistake,
        "entry_reason_missing": reported & spells["entry_reason"].eq(""),
    }
    return {kind: spells[chosen] for kind, chosen in kinds.items()}


def _runs(rows: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    return (rows["start"] <= day) & (rows["end"].isna() | (rows["end"] > day))


def _written_day(identities: pd.Series) -> np.ndarray:
    """Return the birth dates that the identities are written with."""
    year, month_day = np.divmod(identities.to_numpy() // 10_000, 10_000)
    month, day_of_month = np.divmod(month_day, 100)
    return date_of(year, month - IMPOSSIBLE_MONTHS, day_of_month)
