"""How long a registration is followed where a change of the law, and not the youth, decided what the register says of its end."""

from __future__ import annotations

from datetime import date

import pandas as pd

from kaa_analysis.cohorts.spells import MISREGISTERED
from kaa_analysis.target_population import TargetPopulation, changes_of_law, exit_kind
from kaa_analysis.target_population.administrative import ADMINISTRATIVE, EXIT, MEASURE_INSIDE, forced_by_law
from kaa_analysis.target_population.education import LAW_CHANGE
from kaa_analysis.target_population.endings import END_OF_OBSERVATION

UNKNOWN_END = "unknown_end"
"""The censoring of a registration that went on although the register ended it, until a day that nobody knows."""

CENSORINGS = (END_OF_OBSERVATION, ADMINISTRATIVE, UNKNOWN_END)
"""Why a spell is censored: observation ended, a change of the law put the youth outside, or nobody knows when it ended."""

END_COLUMNS = ["exit_kind", "end_date", "end_reason", "censored_by"]
EXIT_REASON_OF = {
    "turned_20": "turned_20",
    "resident_elsewhere": "moved",
    "no_residence": "moved",
    "enrolled": "national_programme",
    "introduction_programme": "introduction_programme",
    "held": "completed",
}
"""The exit reason that an end by the rules stands for; any other is "other". Which school form a place has is not told by the rules."""


def changes_between(start: date, end: date, *, population: TargetPopulation | None) -> tuple[date, ...]:
    """Return the days after ``start`` and before ``end`` on which the law, as the population applies it, came to cover others.

    The bridged law, and a register to which the law does not apply (None), know no change.
    """
    if population is None or population.rules.law == "bridged":
        return ()
    return tuple(day for day in changes_of_law() if start < day < end)


def with_known_ends(
    spells: pd.DataFrame, *, everyone: pd.DataFrame, population: TargetPopulation | None
) -> pd.DataFrame:
    """Return the spells with the columns exit_kind, end_date, end_reason, censored_by; ``everyone`` holds all spells of the register.

    The end is the exit of the register, except where the law is applied as it was in force:

    * An exit that a change of the law forced (administrative) is a censoring on the day of the change.
    * An exit to an introduction programme that was a measure inside ends nothing. The spell goes on to the next known end: that of the
      person's next registration of the same unbroken time in the target group (one that did not end in the same way), open if that one is; without
      such a registration the end of that time by the rules, administrative if the law alone ended it. If the rules do not have the
      person inside on the day of the exit, nothing is known of what came after: a censoring on that day (`UNKNOWN_END`).

    exit_kind is missing, and end_date too, where a registration has not ended; end_reason is missing where censored_by is not.
    """
    ends = pd.DataFrame(
        {
            "exit_kind": pd.Series(EXIT, index=spells.index, dtype="string").where(spells["exit_date"].notna()),
            "end_date": spells["exit_date"],
            "end_reason": spells["exit_reason"],
            "censored_by": pd.Series(pd.NA, index=spells.index, dtype="string"),
        }
    )
    if not spells.empty and changes_between(spells["entry_date"].min().date(), date.max, population=population):
        moved = _moved_ends(everyone, population=population)
        keys = pd.MultiIndex.from_frame(spells[["person_id", "spell"]])
        found = moved.reindex(keys).set_axis(spells.index)
        is_moved = found["exit_kind"].notna()
        ends = pd.DataFrame({name: ends[name].mask(is_moved, found[name]) for name in END_COLUMNS})
    return spells.assign(**{name: ends[name] for name in END_COLUMNS})


def _moved_ends(everyone: pd.DataFrame, *, population: TargetPopulation) -> pd.DataFrame:
    """Return the `END_COLUMNS` by person_id and spell of those registrations whose end is another than the register's."""
    rows = everyone[everyone["exit_reason"].ne(MISREGISTERED).fillna(True)]
    rows = rows[rows["person_id"].isin(rows.loc[rows["entry_date"] < pd.Timestamp(changes_of_law()[-1]), "person_id"])]
    rows = rows.assign(
        exit_kind=exit_kind(rows, population=population), changed=forced_by_law(rows, population=population)
    )
    forced = rows["exit_kind"].eq(ADMINISTRATIVE).fillna(False).astype(bool)
    rows = rows.assign(
        end_date=rows["exit_date"].mask(forced, rows["changed"]),
        end_reason=rows["exit_reason"].mask(forced),
        censored_by=pd.Series(pd.NA, index=rows.index, dtype="string").mask(forced, ADMINISTRATIVE),
    )
    inside = rows["exit_kind"].eq(MEASURE_INSIDE).fillna(False).astype(bool)
    went_on = _ends_of_those_who_went_on(rows[inside], rows=rows[~inside], population=population)
    moved = pd.concat([rows.loc[forced, ["person_id", "spell", *END_COLUMNS]], went_on], ignore_index=True)
    return moved.set_index(["person_id", "spell"])


def _ends_of_those_who_went_on(
    went_on: pd.DataFrame, *, rows: pd.DataFrame, population: TargetPopulation
) -> pd.DataFrame:
    """Return the ends of registrations that an introduction programme did not end; ``rows`` are the other registrations."""
    rules = _ends_by_the_rules(population, persons=went_on["person_id"])
    stays = went_on[["person_id", "spell", "exit_date"]].merge(
        rules, on="person_id", how="inner", validate="many_to_many"
    )
    stays = stays[(stays["start"] <= stays["exit_date"]) & (stays["exit_date"] <= stays["stay_end"])]
    rows = rows[rows["person_id"].isin(stays["person_id"])]
    later = stays.merge(
        rows[["person_id", "entry_date", "end_date", "end_reason", "censored_by"]],
        on="person_id",
        how="inner",
        validate="many_to_many",
        suffixes=("_of_stay", ""),
    )
    later = later[(later["exit_date"] <= later["entry_date"]) & (later["entry_date"] <= later["stay_end"])]
    later = later.sort_values("entry_date", kind="stable").drop_duplicates(["person_id", "spell"])
    unknown = went_on[["person_id", "spell"]].assign(
        end_date=went_on["exit_date"], end_reason=pd.NA, censored_by=UNKNOWN_END
    )
    told = [frame[["person_id", "spell", *END_COLUMNS[1:]]] for frame in (later, stays, unknown)]
    found = pd.concat([frame.astype({"end_reason": "string", "censored_by": "string"}) for frame in told])
    return found.drop_duplicates(["person_id", "spell"]).assign(exit_kind=MEASURE_INSIDE)


def _ends_by_the_rules(population: TargetPopulation, *, persons: pd.Series) -> pd.DataFrame:
    """Return every time of ``persons`` in the target group as person_id, start, stay_end, and its end as end_date, end_reason, censored_by."""
    times = population.intervals_table
    times = times[times["person_id"].isin(persons)]
    reason = times["end_reason"]
    by_law = reason == LAW_CHANGE
    return times[["person_id", "start"]].assign(
        stay_end=times["end"],
        end_date=times["end"].mask(reason == END_OF_OBSERVATION),
        end_reason=reason.map(EXIT_REASON_OF)
        .fillna("other")
        .astype("string")
        .mask(by_law | (reason == END_OF_OBSERVATION)),
        censored_by=pd.Series(pd.NA, index=times.index, dtype="string").mask(by_law, ADMINISTRATIVE),
    )
