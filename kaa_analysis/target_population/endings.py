"""Why each time in the target group ended: by a condition that fails on that day, or because observation ended."""

from __future__ import annotations

from datetime import date

import pandas as pd

from kaa_analysis.target_population.education import LAW_CHANGE
from kaa_analysis.target_population.wordings import CONDITIONS

END_OF_OBSERVATION = "end_of_observation"


def with_endings(inside: pd.DataFrame, timeline: pd.DataFrame, *, observed_to: date) -> pd.DataFrame:
    """Return the intervals with the columns ended_by (condition) and end_reason (its reason on the first day outside).

    Of several conditions that fail from the same day the first in the order of the law is told; a change of the law only if nothing else
    ended the time. An interval that reaches ``observed_to`` has not ended: both columns are `END_OF_OBSERVATION`.
    """
    rank = {condition: number for number, condition in enumerate(CONDITIONS)}
    fails = timeline[~timeline["holds"].astype(bool)]
    order = fails["condition"].map(rank) + len(rank) * (fails["reason"] == LAW_CHANGE)
    first = fails.assign(order=order).sort_values("order", kind="stable").drop_duplicates(["person_id", "start"])
    endings = first.drop(columns="end").rename(
        columns={"start": "end", "condition": "ended_by", "reason": "end_reason"}
    )
    found = inside.merge(
        endings[["person_id", "end", "ended_by", "end_reason"]],
        on=["person_id", "end"],
        how="left",
        validate="many_to_one",
    )
    running = found["end"] >= pd.Timestamp(observed_to)
    told = ["ended_by", "end_reason"]
    found[told] = found[told].mask(running, END_OF_OBSERVATION)
    return found
