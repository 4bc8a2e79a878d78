"""The groups a follow-up is split by: everybody first, then each value of the split."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd

from kaa_analysis.cohorts.cohort import CENSORED, FollowUp
from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.core.geography import Division, division_for, divisions, recode
from kaa_analysis.core.result import Dimension
from kaa_analysis.core.vocabularies import labels
from kaa_analysis.survival.whole_times import whole_times

ALL = "all"
DISTRICT = "district"

SEASONS = {"rest_of_year": "Övriga året", "summer": "Sommar"}
SPLIT_NOTES = {"season": " Sommar är 1 juni–15 september, efter den dag registreringen fördes in."}

SPLITS: dict[str, tuple[str, str, Callable[[Division], dict[str, str]]]] = {
    "sex": ("Kön", "Totalt", lambda division: labels("sex")),
    DISTRICT: ("Stadsdelsområde", "Hela staden", lambda division: division.labels()),
    "season": ("Tid på året", "Totalt", lambda division: SEASONS),
}
"""The splits that results may have: the column's Swedish name, the label of everybody, and the labels of its values in a division of the city."""


def group_dimension(by: str | None, *, follow_up: FollowUp) -> Dimension | None:
    """Return the dimension of the split ``by``, everybody (`ALL`) standing for its total; None without a split.

    Districts are those of the division in which the period of ``follow_up`` is reported.

    Raises:
        DefinitionError: there is no such split.
    """
    if by is None:
        return None
    if by not in SPLITS:
        hint = did_you_mean(by, SPLITS)
        raise DefinitionError(f'Uppdelningen "{by}" finns inte{hint}.', found=f"kända: {', '.join(SPLITS)}")
    label, everybody, values = SPLITS[by]
    division = _division(follow_up) if by == DISTRICT else divisions()[-1]
    return Dimension(by, label, {ALL: everybody} | values(division), total=ALL)


def split_words(by: str | None, joint: str) -> str:
    """Return what a title says of the split: ``joint`` and its name, nothing without a split.

    >>> split_words("sex", " efter "), split_words(None, " efter ")
    (' efter kön', '')
    """
    return f"{joint}{SPLITS[by][0].lower()}" if by else ""


def split_note(by: str | None) -> str:
    """Return what a note has to say of the split, after what it says otherwise; the empty string where there is nothing.

    >>> split_note("season"), split_note("sex")
    (' Sommar är 1 juni–15 september, efter den dag registreringen fördes in.', '')
    """
    return SPLIT_NOTES.get(by, "")


def groups(follow_up: FollowUp, *, by: str | None) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    """Give each group's place (``{by: value}``, empty without a split) and its times, everybody first.

    A spell belongs to the district of the day of entry, *Område redovisas inte* among them, in the division of the period.

    Raises:
        DefinitionError: there is no such split, the follow-up does not know it, or a spell has no time, an unknown way out or no known value of the split.
    """
    dimension = group_dimension(by, follow_up=follow_up)
    times = whole_times(follow_up.times)
    _check_values(times["way_out"], {CENSORED, *follow_up.ways_out}, "way_out")
    if dimension is None:
        yield {}, times
        return
    if by not in times:
        raise DefinitionError(
            "Uppföljningen ska ha uppgiften som den delas upp efter.", found=f"saknas: {dimension.label.lower()}"
        )
    if by == DISTRICT:
        times = times.assign(district=recode(times[DISTRICT], to=_division(follow_up)))
    parts = [value for value in dimension.labels if value != ALL]
    _check_values(times[by], set(parts), by)
    yield {by: ALL}, times
    for value in parts:
        yield {by: value}, times[times[by] == value]


def _division(follow_up: FollowUp) -> Division:
    return division_for(follow_up.period.last_day)


def _check_values(column: pd.Series, known: set[str], name: str) -> None:
    n_unknown = int((~column.isin(known)).sum())
    if n_unknown:
        raise DefinitionError(
            f"Varje registrering ska ha ett känt värde i {name}.", found=f"utan: {n_unknown} av {len(column)}"
        )
