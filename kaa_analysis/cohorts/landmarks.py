"""A follow-up from a landmark: those still registered and under observation some months after time zero, time counted from there."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import months_to_days


def landmark(follow_up: FollowUp, *, months: int) -> FollowUp:
    """Return the follow-up of those still there ``months`` after time zero, time counted from that day.

    They are those at risk just after it: under observation by then and neither gone nor censored, the ``n_at_risk`` of `life_table` at the same
    month. Who came under observation later is left out, also if registered at the landmark: what is known at the landmark must be known of
    all. Nobody enters late therefore. The ordinary estimators then estimate what is true of those who were still there, and of nobody else;
    the title says so, and the cohort has a name of its own, so that no cell is taken for one of the whole cohort's.

    Raises:
        DefinitionError: ``months`` is no whole number from 1, the follow-up begins at a landmark already, or nobody is left.
    """
    if follow_up.landmark:
        raise DefinitionError(
            "En uppföljning räknas från högst ett senare tillfälle.",
            found=f"den börjar redan {follow_up.landmark} månader efter start",
            action="utgå från uppföljningen av alla",
        )
    if not isinstance(months, int) or isinstance(months, bool) or months < 1:
        raise DefinitionError("Tillfället ska vara ett helt antal månader, minst 1.", found=str(months))
    start = months if follow_up.unit == "months" else months_to_days(months)
    times = follow_up.times
    there = (times["entry_time"] <= start) & (times["exit_time"] > start)
    if not there.any():
        raise DefinitionError(
            "Ingen är kvar och under observation vid tillfället.",
            found=f"{months} månader efter start",
            action="välj ett tidigare tillfälle",
        )
    times = times[there]
    ahead = pd.DateOffset(months=months) if follow_up.unit == "months" else pd.Timedelta(days=start)
    times = times.assign(
        entry_time=0 * times["entry_time"],
        exit_time=times["exit_time"] - start,
        time_to_20=times["time_to_20"] - start,
        time_zero=times["time_zero"] + ahead,
    )
    word = "månad" if months == 1 else "månader"
    return replace(
        follow_up,
        cohort=f"{follow_up.cohort}_landmark_{months}",
        title=f"{follow_up.title}, kvar i registret efter {months} {word}",
        times_table=times,
        n_never_at_risk=0,
        n_day_0_excluded=0,
        n_before=0,
        conditioned_on=0,
        landmark=months,
    )
