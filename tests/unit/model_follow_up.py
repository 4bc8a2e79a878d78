"""Follow-ups made by hand or by a fixed draw, for the tests of models."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.periods import calendar_year

WAYS = {"study_placement": "Studieplats", "turned_20": "Fyllt 20 år", "other": "Annat avslut"}


def made_follow_up(times: pd.DataFrame, *, unit: str = "days", **more: object) -> FollowUp:
    """Return a follow-up of ``times``; what every spell has is filled in."""
    usual = {
        "person_id": [f"p{row}" for row in range(len(times))],
        "spell": 1,
        "entry_time": 0,
        "exit_kind": "exit",
        "censored_by": pd.NA,
        "time_to_20": 2000,
        "entry_date": pd.Timestamp("2023-09-01"),
        "sex": "male",
        "district": "farsta",
        "age_at_entry": 17,
        "entry_reason": "dropout",
    }
    filled = pd.DataFrame({name: value for name, value in usual.items() if name not in times}, index=times.index)
    return FollowUp(
        "new_2023",
        "Nya 2023",
        calendar_year(2023),
        date(2026, 1, 1),
        unit,
        WAYS,
        pd.concat([times, filled], axis=1),
        **more,
    )


def drawn(n: int = 240, *, seed: int = 5, late: bool = True, unit: str = "days", changing: bool = False) -> FollowUp:
    """Return ``n`` drawn spells, each of a person of its own; with ``changing`` girls are fast at first and slow after."""
    random = np.random.default_rng(seed)
    girl = random.random(n) < 0.5
    rate = np.where(girl & changing, 2.5, 1.0)
    first = random.exponential(300 / rate)
    second = 183 + random.exponential(np.where(girl & changing, 1500, 300))
    placed = np.where((first > 183) & changing, second, first).astype(int)
    other, censored = random.exponential(500, n).astype(int), random.integers(60, 900, n)
    end = np.minimum(np.minimum(placed, other), censored)
    way = np.where(end == placed, "study_placement", np.where(end == other, "other", "censored"))
    entry = np.where(random.random(n) < 0.3, random.integers(0, 40, n), 0) * late
    if unit == "months":
        end, entry = end // 30, entry // 30
    times = pd.DataFrame(
        {
            "entry_time": entry,
            "exit_time": np.where(end > entry, end, entry + 1),
            "way_out": pd.array(way, dtype="string"),
            "sex": pd.array(np.where(girl, "female", "male"), dtype="string"),
            "age_at_entry": pd.array(random.integers(16, 20, n), dtype="Int64"),
            "entry_date": pd.Timestamp("2023-01-01") + pd.to_timedelta(random.integers(0, 365, n), unit="D"),
        }
    )
    return made_follow_up(times, unit=unit)
