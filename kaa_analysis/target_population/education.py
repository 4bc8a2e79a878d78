"""The third condition: the person takes part in no upper-secondary or equivalent education, judged by the wording of each day."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pandas as pd

from kaa_analysis.target_population.conditions import Condition, clipped, pieces
from kaa_analysis.target_population.intervals import DAWN, FOREVER, difference, intervals, union
from kaa_analysis.target_population.settings import TargetRules
from kaa_analysis.target_population.summer import accepted_places, autumn_places, summer_gaps
from kaa_analysis.target_population.wordings import Window

INTRODUCTION_PROGRAMMES = ("im_programme_choice", "im_vocational", "im_individual", "im_language")
LAW_CHANGE = "law_change"
"""The reason of a failing that began with a new wording and not with anything that the person did."""


def not_in_education(
    persons: pd.DataFrame,
    schooling: pd.DataFrame,
    left: pd.DataFrame,
    *,
    rules: TargetRules,
    windows: Sequence[Window],
    accepted: pd.DataFrame,
) -> Condition:
    """Return the days without a place. Before 2018-07-01 an introduction programme is a measure inside and no place.

    A place, or a summer that counts as one, that runs when a wording comes into force and was none before has the reason `LAW_CHANGE`
    from that day.
    """
    taken = [
        taking_part(schooling, left, forms=_forms(window, rules), rules=rules, accepted=accepted) for window in windows
    ]
    for (old, new), window in zip(pairwise(range(len(windows))), windows[1:], strict=True):
        taken[new] = _marked(taken[new], before=taken[old], day=window.start)
    fails = pd.concat(
        [clipped(found, window.start, window.end) for found, window in zip(taken, windows, strict=True)],
        ignore_index=True,
    )
    free = difference(intervals(persons["person_id"], DAWN, FOREVER), fails)
    programmes = schooling[schooling["school_form"].isin(INTRODUCTION_PROGRAMMES)]
    enrolled = intervals(programmes["person_id"], programmes["from_date"], programmes["to_date"])
    measure = difference(enrolled, fails)
    holds = [pieces(difference(free, measure), "no_place"), pieces(measure, "introduction_programme_inside")]
    return Condition(pd.concat(holds), fails, "enrolled")


def taking_part(
    schooling: pd.DataFrame,
    left: pd.DataFrame,
    *,
    forms: Sequence[str],
    rules: TargetRules,
    accepted: pd.DataFrame,
) -> pd.DataFrame:
    """Return the days in a place, the summer filled by the rules, as person_id, start, end, reason; no two pieces overlap."""
    enrolments = schooling[schooling["school_form"].isin(forms)]
    places = intervals(enrolments["person_id"], enrolments["from_date"], enrolments["to_date"])
    introduction = enrolments["school_form"].isin(INTRODUCTION_PROGRAMMES)
    other = enrolments[~introduction]
    enrolled = union(places)
    elsewhere = union(intervals(other["person_id"], other["from_date"], other["to_date"]))
    taken = [pieces(elsewhere, "enrolled"), pieces(difference(enrolled, elsewhere), "introduction_programme")]
    if rules.summer_rule == "until_15_september":
        break_days = summer_gaps(enrolled)
        autumn = difference(autumn_places(left, enrolled), union(enrolled, break_days))
        taken += [pieces(break_days, "summer_between_places"), pieces(autumn, "autumn_place")]
        if rules.accepted_place == "until_15_september":
            waiting = difference(accepted_places(accepted, left, enrolled), union(enrolled, break_days, autumn))
            taken.append(pieces(waiting, "accepted_place"))
    return pd.concat(taken, ignore_index=True)


def _forms(window: Window, rules: TargetRules) -> list[str]:
    switches = {"komvux": rules.komvux_counts, "folkhogskola": rules.folkhogskola_counts, "sfi": rules.sfi_counts}
    return [*window.wording.places, *(form for form, counts in switches.items() if counts == "yes")]


def _marked(after: pd.DataFrame, *, before: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return the pieces of the new wording, those that it forces cut at ``day`` and marked from then on."""
    outside = before.loc[(before["start"] <= day) & (day < before["end"]), "person_id"]
    forced = (after["start"] < day) & (day < after["end"]) & ~after["person_id"].isin(outside)
    return after.assign(
        start=after["start"].mask(forced, day), reason=after["reason"].astype("object").mask(forced, LAW_CHANGE)
    )
