"""The share placed within a year and two by the quarter in which the registration began."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.result import Dimension, Equation, Result, cell
from kaa_analysis.survival.follow_up_result import follow_up_result
from kaa_analysis.survival.groups import ALL
from kaa_analysis.survival.horizons import MONTHS, horizon_times, months_dimension
from kaa_analysis.survival.linked_counts import follow_up_context
from kaa_analysis.survival.placed_within import SUMS, placed_within, placed_within_columns

QUARTER = "entry_quarter"
QUARTERS = {"1": "Januari–mars", "2": "April–juni", "3": "Juli–september", "4": "Oktober–december"}
QUARTER_HORIZONS = (12, 24)
NOTE = (
    "Den som kommer in strax före en terminsstart har nära till nästa plats, den som kommer in strax efter får vänta. Efter ett helt år har alla haft "
    "lika många terminsstarter på sig; skillnader som är kvar då beror på annat, till exempel ålder."
)


def placement_by_quarter(
    follow_up: FollowUp, *, horizons: Sequence[int] = QUARTER_HORIZONS, level: float = 0.95
) -> Result:
    """Estimate the share that has left by the way sought within each horizon, by the quarter of the first registered day.

    One row per quarter (everybody first) and horizon (whole months): how many are followed, and of them how many have been placed by the horizon, have
    left otherwise, are no longer followed, and are still there. ``share_placed`` is the Aalen–Johansen estimate with log-log limits, clustered on the
    person where persons have several spells; it is NaN past the last observed time, and of a quarter without spells.

    Raises:
        DefinitionError: horizons out of order, or times that no estimator can carry.

    **Counts** spells.
    **Time** whole days or months since time zero; the quarter is that of the entry date, of all years together.
    **Missing** a spell that is not yet over is censored at the end of observation.
    **Source** Aalen & Johansen 1978; `docs/methods/aalen_johansen.md`.
    """
    times = follow_up.times_table
    quarter = times["entry_date"].dt.quarter.astype("string")
    parts = {ALL: times} | {value: times[quarter == value] for value in QUARTERS}
    rows = [
        placed_within(part, end, sought=follow_up.sought, level=level) | {QUARTER: value, MONTHS: str(months)}
        for value, part in parts.items()
        for months, end in zip(horizons, horizon_times(horizons, unit=follow_up.unit), strict=True)
    ]
    columns = (
        Dimension(QUARTER, "Inträdets kvartal", {ALL: "Hela året"} | QUARTERS, total=ALL),
        months_dimension(horizons),
        *placed_within_columns(f"{follow_up.cohort}_quarterly", all_of_them="Följs", level=level),
    )
    return follow_up_result(
        follow_up,
        "placement_by_quarter",
        title="Andel med studieplats efter inträdets kvartal",
        columns=columns,
        table=pd.DataFrame(rows),
        note=NOTE,
        method="placement_by_quarter",
        equations=_equations(follow_up, horizons=horizons),
        row_sums=SUMS,
    )


def _equations(follow_up: FollowUp, *, horizons: Sequence[int]) -> Iterator[Equation]:
    """Give that the numbers of the whole year are those of the follow-up's other tables."""
    context, prefix = follow_up_context(follow_up), follow_up.cohort
    followed = cell(f"{prefix}_follow_up", **context, step="followed")
    for months in horizons:
        place = context | {MONTHS: str(months)}
        placed = cell(f"{prefix}_events_to_date", **place, way_out=follow_up.sought)
        yield Equation("De som följs", ((1, followed), (-1, cell(f"{prefix}_quarterly", **place))))
        yield Equation("De som har fått studieplats", ((1, placed), (-1, cell(f"{prefix}_quarterly_placed", **place))))
