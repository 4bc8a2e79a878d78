"""What an exit in the register is around 2018-07-01: an exit, an administrative end, or no end at all."""

from __future__ import annotations

import pandas as pd

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.target_population.education import LAW_CHANGE
from kaa_analysis.target_population.membership import TargetPopulation
from kaa_analysis.target_population.wordings import wordings

EXIT = "exit"
ADMINISTRATIVE = "administrative"
MEASURE_INSIDE = "measure_inside"
INTRODUCTION_EXIT = "introduction_programme"


def exit_kind(registrations: pd.DataFrame, *, population: TargetPopulation) -> pd.Series:
    """Return what the end of each registration is, by codes of the vocabulary *exit_kind*; missing where it has not ended.

    ``registrations`` has the columns person_id, entry_date, exit_date, exit_reason. An exit to an introduction programme before
    2018-07-01 is "measure_inside": the pupil stays in the target group, and the registration should have gone on. An exit on or after
    the first day of a new wording that alone put the person outside, with no day in the target group between, is "administrative": follow-up
    is censored on that first day. Every other end is "exit".

    Raises:
        DefinitionError: the population was found by the bridged law, which knows no change.
    """
    if population.rules.law == "bridged":
        raise DefinitionError(
            "Avslut som en lagändring orsakade kan bara pekas ut med lydelserna som de gällde.",
            found="law: bridged",
            action="bestäm målgruppen med law: as_in_force",
        )
    ended = registrations["exit_date"].notna()
    kind = pd.Series(EXIT, index=registrations.index, dtype="string").where(ended)
    kind = kind.mask(ended & forced_by_law(registrations, population=population).notna(), ADMINISTRATIVE)
    to_introduction = registrations["exit_reason"].eq(INTRODUCTION_EXIT).fillna(False).astype(bool)
    return kind.mask(to_introduction & (registrations["exit_date"] < _introduction_outside()), MEASURE_INSIDE)


def forced_by_law(registrations: pd.DataFrame, *, population: TargetPopulation) -> pd.Series:
    """Return the day on which a change of the law put the person outside, for registrations that ran then and ended before any new day inside.

    Missing for all others, and for those that have not ended.
    """
    inside = population.intervals_table
    forced = inside.loc[inside["end_reason"] == LAW_CHANGE, ["person_id", "end"]].rename(columns={"end": "changed"})
    rows = registrations[["person_id", "entry_date", "exit_date"]].assign(row=registrations.index)
    rows = rows[rows["person_id"].isin(forced["person_id"])]  # few: what follows compares pseudonyms
    pairs = rows.merge(forced, on="person_id", how="inner", validate="many_to_many")
    pairs = pairs[(pairs["entry_date"] < pairs["changed"]) & (pairs["changed"] <= pairs["exit_date"])]
    last = pairs.groupby(["row", "person_id", "exit_date"], as_index=False, sort=False)["changed"].max()
    starts = inside.loc[inside["person_id"].isin(last["person_id"]), ["person_id", "start"]]
    later = last.merge(starts, on="person_id", how="inner", validate="many_to_many")
    back = later.loc[(later["changed"] <= later["start"]) & (later["start"] < later["exit_date"]), "row"]
    return last[~last["row"].isin(back)].set_index("row")["changed"].reindex(registrations.index)


def _introduction_outside() -> pd.Timestamp:
    """Return the first day on which an introduction programme is a place."""
    return min(pd.Timestamp(wording.in_force) for wording in wordings() if "im_individual" in wording.places)
