"""The true cumulative incidence of each way out of a first time outside school, everybody followed past 20: plain shares.

Time zero is the first day outside school and in the target group, whether or not any register knew of it: delayed entry is the register's,
not the person's. Turning 20 is a way out like the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.synthetic.truth.layout_codes import SEXES, WAYS_OUT
from kaa_analysis.synthetic.truth.tallying import ALL

HORIZONS: Mapping[str, int] = {"3": 91, "6": 183, "12": 365, "24": 731}
"""Days by months of 365.25/12 days: the horizons of the report's tables."""

BEFORE_20 = "before_20"
PLACEMENT = "study_placement"
GROUPS = ["sex", "age_at_entry"]
WAY_OF: Mapping[str, str] = {code: way for way, codes in WAYS_OUT.items() for code in codes}


def first_episodes(episodes: pd.DataFrame) -> pd.DataFrame:
    """Return each person's earliest episode, in the order of the persons."""
    ordered = episodes.sort_values(["person", "entry"], kind="stable")
    return ordered.drop_duplicates("person", ignore_index=True)


def incidence(episodes: pd.DataFrame) -> pd.DataFrame:
    """Count who has left by each way within each horizon, and before 20.

    ``episodes`` has a row per person: entry, out (the first day outside the target group), way (the code of the exit reason),
    until (the 20th birthday), sex (K, M), age (whole years at entry). One row per way out (`WAYS_OUT`), sex, age at entry (both
    with "all") and horizon (months, or `BEFORE_20`): n who entered, count who had left that way on day out − entry ≤ the horizon,
    share. Who is out on the day of entry has left at every horizon.

    Raises:
        DefinitionError: a way or sex has no meaning, an out is missing, before the entry or after the 20th birthday, or a person stands twice.
    """
    groups, stayed, _ = _read(episodes)
    passed = np.searchsorted(list(HORIZONS.values()), stayed, side="left")
    cells = groups.assign(way_out=episodes["way"].map(WAY_OF).to_numpy(), passed=passed)
    cells = cells.groupby([*GROUPS, "way_out", "passed"], as_index=False, observed=True).size()
    parts = [
        cells.assign(
            way_out=way,
            months=months,
            n=cells["size"],
            count=cells["size"].where((cells["way_out"] == way) & (cells["passed"] <= place), 0),
        )
        for way in WAYS_OUT
        for place, months in enumerate([*HORIZONS, BEFORE_20])
    ]
    return add_up_incidence([_with_totals(part, keys=["way_out", "months"], sums=["n", "count"]) for part in parts])


def restricted_time(episodes: pd.DataFrame) -> pd.DataFrame:
    """Add up the days without a study placement, and those in the target group, within each horizon and until 20.

    ``episodes`` as in `incidence`. Days without placement are counted until the placement or the horizon τ. Who leaves another way
    is never placed, so that the mean is τ less the restricted mean time lost to placement, ∫ F(t) dt from 0 to τ. Days in the target
    group are counted until whatever way out comes first, or τ. Until 20 the horizon is each person's own.

    Returns a row per sex, age at entry (both with "all") and horizon: n, both sums of days and their means.

    Raises:
        DefinitionError: as in `incidence`.
    """
    groups, stayed, until_20 = _read(episodes)
    is_placed = episodes["way"].map(WAY_OF).eq(PLACEMENT).to_numpy()
    parts = []
    for months, horizon in {**HORIZONS, BEFORE_20: until_20}.items():
        inside = np.minimum(stayed, horizon)
        days = {"days_without_placement": np.where(is_placed, inside, horizon), "days_in_target_group": inside}
        parts.append(groups.assign(months=months, n=1, **days))
    return add_up_time([_with_totals(part, keys=["months"], sums=["n", *days]) for part in parts])


def add_up_incidence(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return the incidence of all chunks, which have no person in common."""
    table = _summed(parts, keys=["way_out", *GROUPS, "months"], sums=["n", "count"])
    return table.assign(share=table["count"] / table["n"])


def add_up_time(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return the restricted time of all chunks, which have no person in common."""
    sums = ["days_without_placement", "days_in_target_group"]
    table = _summed(parts, keys=[*GROUPS, "months"], sums=["n", *sums])
    return table.assign(**{f"mean_{name}": table[name] / table["n"] for name in sums})


def _read(episodes: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.int64], NDArray[np.int64]]:
    """Return sex and age at entry of each episode, its days until the way out, and those until 20."""
    stayed, until_20 = (_days_since(episodes["entry"], episodes[name]) for name in ("out", "until"))
    problems = {
        "okänd väg ut": ~episodes["way"].isin(WAY_OF),
        "okänt kön": ~episodes["sex"].isin(SEXES),
        "slut saknas eller ligger före början": ~(stayed >= 0),
        "slut efter 20-årsdagen": stayed > until_20,
        "samma person igen": episodes["person"].duplicated(),
    }
    found = [f"{what}: {int(rows.sum())} av {len(episodes)}" for what, rows in problems.items() if rows.any()]
    if found:
        raise DefinitionError("Varje person ska ha en följd tid utanför skolan, till och med 20-årsdagen.", found=found)
    groups = pd.DataFrame(
        {"sex": episodes["sex"].map(SEXES).to_numpy(), "age_at_entry": episodes["age"].to_numpy(np.int64)}
    )
    return groups, stayed.astype(np.int64), until_20.astype(np.int64)


def _days_since(start: pd.Series, end: pd.Series) -> NDArray[np.float64]:
    """Return whole days from start to end, NaN where there is no end."""
    return ((end - start) / pd.Timedelta(days=1)).to_numpy(dtype=np.float64)


def _with_totals(part: pd.DataFrame, *, keys: Sequence[str], sums: Sequence[str]) -> pd.DataFrame:
    """Return the sums by sex and age at entry, with both totals."""
    table = part.groupby([*keys, *GROUPS], as_index=False)[list(sums)].sum()
    table["age_at_entry"] = table["age_at_entry"].astype(str)
    for group in GROUPS:
        table = pd.concat([table, table.assign(**{group: ALL})], ignore_index=True)
    return table


def _summed(parts: Iterable[pd.DataFrame], *, keys: Sequence[str], sums: Sequence[str]) -> pd.DataFrame:
    """Return the sums by ``keys``, ways out and horizons in their order, totals first."""
    table = pd.concat(list(parts), ignore_index=True).groupby(list(keys), as_index=False)[list(sums)].sum()
    return table.sort_values(list(keys), key=_place, kind="stable", ignore_index=True)


def _place(column: pd.Series) -> pd.Series:
    """Return what a key column is sorted by."""
    orders = {"way_out": [*WAYS_OUT], "months": [*HORIZONS, BEFORE_20], "sex": [ALL, *SEXES.values()]}
    if column.name in orders:
        return column.map({value: place for place, value in enumerate(orders[column.name])})
    return column.replace(ALL, "0").astype(int)
