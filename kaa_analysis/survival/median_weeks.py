"""Within how many weeks half of the registrations have had the first contact, leaving the register competing."""

from __future__ import annotations

from math import ceil

import numpy as np
import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.result import Count, Estimate, Evidence, Result
from kaa_analysis.survival.contact_links import contact_links
from kaa_analysis.survival.cores.aalen_johansen import aalen_johansen
from kaa_analysis.survival.cores.quantile_times import SAME
from kaa_analysis.survival.follow_up_result import follow_up_result, split_dimensions
from kaa_analysis.survival.groups import groups, split_words
from kaa_analysis.survival.outcome_words import words_of
from kaa_analysis.survival.ways_of_leaving import causes

HALF = 0.5
WEEK = 7
FOLLOWED = {"step": "followed"}
BESIDES = ("persons_within", "persons_after")


def median_weeks(follow_up: FollowUp, *, by: str | None = None) -> Result:
    """Estimate the least number of whole weeks after time zero within which half of the spells have had the first contact.

    One row per group (everybody first): the spells that are followed and the weeks at which the Aalen–Johansen incidence of the contact
    has come to a half; NaN where it never does. The persons who had the contact by then, and those who had not, are the evidence by which it is
    decided whether it can be shown. ``by`` is None, "sex" or "season".

    Raises:
        DefinitionError: the follow-up is not one to a first contact, or as in `cumulative_incidence`.

    **Counts** spells; the evidence counts persons.
    **Time** whole weeks of seven days, an event on a week's last day within it; on day 0 is within 0 weeks.
    **Missing** as in `cumulative_incidence`; where the incidence ends below a half there is no median.
    **Source** Aalen & Johansen 1978; `docs/methods/first_contact.md`.
    """
    if follow_up.outcome == "left":
        raise DefinitionError(
            "Medianen i veckor gäller tiden till första kontakt.",
            action="gör uppföljningen med follow_up_to_first_contact",
        )
    words = words_of(follow_up)
    columns = (
        *split_dimensions(follow_up, by=by),
        Count("n_followed", "Följs", f"{follow_up.cohort}_follow_up", "spells"),
        Evidence(BESIDES[0], "Personer inom veckorna"),
        Evidence(BESIDES[1], "Personer därefter"),
        Estimate("weeks", "Veckor", ("n_followed",), digits=0, rule="quantile", evidence=BESIDES, unit="weeks"),
    )
    rows = [place | _row(times, follow_up) for place, times in groups(follow_up, by=by)]
    return follow_up_result(
        follow_up,
        "median_weeks",
        title=f"{words.median}{split_words(by, ', efter ')}",
        columns=columns,
        table=pd.DataFrame(rows),
        note=words.median_note,
        method="median_weeks",
        by=by,
        equations=contact_links(follow_up, by=by),
        told=FOLLOWED,
    )


def _row(times: pd.DataFrame, follow_up: FollowUp) -> dict[str, float]:
    ways = list(follow_up.ways_out)
    incidence = aalen_johansen(times["entry_time"], times["exit_time"], causes(times, follow_up), n_causes=len(ways))
    is_half = incidence.cif[ways.index(follow_up.outcome)] >= HALF - SAME
    if not is_half.any():
        return {"n_followed": len(times), "weeks": np.nan} | dict.fromkeys(BESIDES, np.nan)
    weeks = ceil(incidence.times[is_half][0] / WEEK)
    within = times["way_out"].eq(follow_up.outcome) & (times["exit_time"] <= WEEK * weeks)
    persons = [times.loc[rows, "person_id"].nunique() for rows in (within, ~within)]
    return {"n_followed": len(times), "weeks": weeks} | dict(zip(BESIDES, persons, strict=True))
