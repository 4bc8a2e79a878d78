"""The probability of being placed before 20, by age at entry and averaged over the persons."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from kaa_analysis.cohorts.cohort import CENSORED, FollowUp
from kaa_analysis.cohorts.exit_ways import TURNED_20
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.result import Column, Count, Dimension, Equation, Estimate, Result, RowSum, cell
from kaa_analysis.survival.cores.confidence_limits import confidence_limits
from kaa_analysis.survival.follow_up_result import follow_up_result
from kaa_analysis.survival.groups import ALL
from kaa_analysis.survival.horizons import HORIZONS, MONTHS
from kaa_analysis.survival.limit_columns import limit_columns
from kaa_analysis.survival.linked_counts import follow_up_context
from kaa_analysis.survival.placement_incidence import incidence_at
from kaa_analysis.survival.time_to_20 import times_to_20
from kaa_analysis.survival.ways_of_leaving import sought_or_other

AGE = "age_at_entry"
YOUNGEST, OLDEST = 15, 19
AGES = {str(YOUNGEST): f"{YOUNGEST} år eller yngre"} | {
    str(age): f"{age} år" for age in range(YOUNGEST + 1, OLDEST + 1)
}
"""The ages at entry in whole years. Who enters as 20 or older is followed no day."""

PARTS = ("n_placed", "n_turned_20", "n_left_otherwise", "n_not_yet_known")
NOTE = (
    "Andelen är sannolikheten att få en studieplats före 20-årsdagen, skattad enligt Aalen–Johansen fram till den dagen för varje ålder. "
    "För alla åldrar är den medelvärdet över dem som ingår. Ännu inte känt är de som var kvar i registret när uttaget gjordes; andelen anges "
    "inte där ingen i åldern har följts ända till 20-årsdagen."
)


def placement_before_20(follow_up: FollowUp, *, level: float = 0.95) -> Result:
    """Estimate the probability of leaving by the way sought before the 20th birthday, by age at entry and for everybody.

    One row per age at entry in whole years, everybody first: how many are followed, and of them how many have been placed, have turned 20, have left
    otherwise, and are not yet known (censored). ``share_before_20`` of an age is the Aalen–Johansen estimate at the latest 20th birthday
    of those of that age, by which all have left; it is NaN where nobody was followed until then. That of everybody is the mean of the
    ages' over the spells, missing where one of them is; its standard error takes the shares of the ages as given and, where persons have
    several spells, the errors of the ages as wholly dependent (an upper bound). Limits are log-log.

    Raises:
        DefinitionError: turning 20 is no competing way out of the follow-up, a date of birth is missing, or an age is none of those of the law.

    **Counts** spells.
    **Time** from time zero to the 20th birthday, the first day outside: an exit on that day is not before it.
    **Missing** a spell that is not yet over is censored at the end of observation.
    **Source** Aalen & Johansen 1978; `docs/methods/placement_before_twenty.md`.
    """
    times = _outcomes(follow_up)
    by_age = [times[times[AGE] == age] for age in AGES]
    found = pd.DataFrame([_counts(part) | _estimate(part, follow_up.sought) for part in (times, *by_age)])
    found.insert(0, AGE, [ALL, *AGES])
    found.loc[0, ["share", "se"]] = _mean(found[1:], clustered=times["person_id"].duplicated().any())
    lower, upper = confidence_limits(found["share"].to_numpy(), se=found["se"].to_numpy(), level=level)
    found = found.assign(share_before_20=found["share"], lower=lower, upper=upper)
    columns = _columns(follow_up, level=level)
    return follow_up_result(
        follow_up,
        "placement_before_20",
        title="Studieplats före 20 år, efter ålder vid start",
        columns=columns,
        table=found,
        note=NOTE,
        method="placement_before_20",
        equations=_equations(follow_up),
        row_sums=(RowSum("n_followed", PARTS),),
    )


def _outcomes(follow_up: FollowUp) -> pd.DataFrame:
    """Return the times with the age at entry as text, the time to 20 and the outcome: one of `PARTS`."""
    to_20, times = times_to_20(follow_up), follow_up.times
    n_other = int((~times[AGE].between(0, OLDEST).fillna(False)).sum())
    if n_other:
        raise DefinitionError(
            f"Åldern vid start ska vara högst {OLDEST} år.", found=f"äldre eller okänd: {n_other} av {len(times)}"
        )
    ways = {follow_up.sought: "n_placed", TURNED_20: "n_turned_20", CENSORED: "n_not_yet_known"}
    return times.assign(
        to_20=to_20,
        outcome=times["way_out"].map(ways).fillna("n_left_otherwise"),
        **{AGE: times[AGE].clip(lower=YOUNGEST).astype("string")},
    )


def _counts(times: pd.DataFrame) -> dict[str, int]:
    return {"n_followed": len(times)} | {part: int((times["outcome"] == part).sum()) for part in PARTS}


def _estimate(times: pd.DataFrame, sought: str) -> dict[str, float]:
    """Return the share placed before 20 of spells of one age and its standard error; NaN where nobody was followed until then."""
    if times.empty:
        return {"share": np.nan, "se": np.nan}
    placed = incidence_at(times, sought_or_other(times, sought), ends=[times["to_20"].max()], level=0.95).iloc[0]
    return {"share": placed["share"], "se": placed["se"]}


def _mean(ages: pd.DataFrame, *, clustered: bool) -> tuple[float, float]:
    """Return the mean over the spells of the ages' shares and its standard error; NaN where that of an age with spells is."""
    ages = ages[ages["n_followed"] > 0]
    weight = (ages["n_followed"] / ages["n_followed"].sum()).to_numpy()
    share, errors = ages["share"].to_numpy(), weight * ages["se"].to_numpy()
    return float(weight @ share), float(errors.sum() if clustered else np.sqrt((errors**2).sum()))


def _columns(follow_up: FollowUp, *, level: float) -> tuple[Column, ...]:
    cohort = follow_up.cohort
    share = Estimate("share_before_20", "Andel med studieplats före 20 år", ("n_followed", *PARTS))
    return (
        Dimension(AGE, "Ålder vid start", {ALL: "Alla åldrar"} | AGES, total=ALL),
        Count("n_followed", "Följs", f"{cohort}_before_20_followed", "spells"),
        Count("n_placed", "Fick studieplats", f"{cohort}_before_20_placed", "spells"),
        Count("n_turned_20", "Fyllde 20 år", f"{cohort}_before_20_turned_20", "spells"),
        Count("n_left_otherwise", "Lämnade på annat sätt", f"{cohort}_before_20_left", "spells"),
        Count("n_not_yet_known", "Ännu inte känt", f"{cohort}_before_20_not_yet_known", "spells"),
        share,
        *limit_columns(share, level=level),
    )


def _equations(follow_up: FollowUp) -> Iterator[Equation]:
    """Give how the total row hangs together with the tables of the same follow-up."""
    context, prefix = follow_up_context(follow_up), f"{follow_up.cohort}_before_20"
    followed = cell(f"{follow_up.cohort}_follow_up", **context, step="followed")
    yield Equation(
        "De som följs är alla åldrar tillsammans", ((1, followed), (-1, cell(f"{prefix}_followed", **context)))
    )
    for measure, way in (("placed", follow_up.sought), ("turned_20", TURNED_20)):
        place = context | {"way_out": way}
        to_date = cell(f"{follow_up.cohort}_events_to_date", **place, **{MONTHS: str(HORIZONS[-1])})
        later = cell(f"{follow_up.cohort}_events_later", **place)
        yield Equation(
            "De som har lämnat gjorde det till och med den sista tidpunkten eller senare",
            ((1, cell(f"{prefix}_{measure}", **context)), (-1, to_date), (-1, later)),
        )
