"""What has become of spells by one horizon, and the share placed by then: a row of a table, and its columns."""

from __future__ import annotations

import pandas as pd

from kaa_analysis.cohorts.cohort import CENSORED
from kaa_analysis.core.result import Column, Count, Estimate, RowSum
from kaa_analysis.survival.horizons import MONTHS
from kaa_analysis.survival.limit_columns import limit_columns
from kaa_analysis.survival.placement_incidence import incidence_at
from kaa_analysis.survival.ways_of_leaving import sought_or_other

PARTS = ("n_placed", "n_left_otherwise", "n_censored", "n_still")


def placed_within(times: pd.DataFrame, end: int, *, sought: str, level: float) -> dict[str, float]:
    """Return how many spells there are (n_spells), the counts of `PARTS` that they divide into, share_placed, lower and upper.

    ``times`` has the columns of `FollowUp.times`. The share is the Aalen–Johansen estimate at ``end``, NaN past the last observed time, with
    log-log limits from the infinitesimal jackknife, clustered on the person where persons have several spells.
    """
    over = times["exit_time"] <= end
    placed, censored = times["way_out"] == sought, times["way_out"] == CENSORED
    found = incidence_at(times, sought_or_other(times, sought), ends=[end], level=level).iloc[0]
    return {
        "n_spells": len(times),
        "n_placed": int((over & placed).sum()),
        "n_left_otherwise": int((over & ~placed & ~censored).sum()),
        "n_censored": int((over & censored).sum()),
        "n_still": int((~over).sum()),
        "share_placed": found["share"],
        "lower": found["lower"],
        "upper": found["upper"],
    }


def placed_within_columns(prefix: str, *, all_of_them: str, level: float) -> tuple[Column, ...]:
    """Return the columns of `placed_within`; what they count begins with ``prefix``, and ``all_of_them`` says who n_spells are.

    They are those of a table along `MONTHS`: no share is shown after a horizon at which a count is hidden.
    """
    share = Estimate("share_placed", "Andel med studieplats", ("n_spells", *PARTS), rule="curve", along=MONTHS)
    return (
        Count("n_spells", all_of_them, prefix, "spells"),
        Count("n_placed", "Har fått studieplats", f"{prefix}_placed", "spells"),
        Count("n_left_otherwise", "Har lämnat på annat sätt", f"{prefix}_left", "spells"),
        Count("n_censored", "Följs inte längre", f"{prefix}_censored", "spells"),
        Count("n_still", "Kvar", f"{prefix}_still", "spells"),
        share,
        *limit_columns(share, level=level),
    )


SUMS = (RowSum("n_spells", PARTS),)
