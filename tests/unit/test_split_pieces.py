"""Spells cut at the calendar and at a time since entry: where the cuts fall, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.cohorts.follow_up_choices import FollowUpChoices
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.split_pieces import TERM_STARTS, split_at_calendar, split_at_time, whole_pieces
from tests.unit.model_follow_up import drawn, made_follow_up

AUGUST = (((8, 15), (8, 17)),)


def spells(*rows: tuple[str, int, int, str]):
    """Spells as (entry date, entry time, exit time, way out)."""
    columns = ["entry_date", "entry_time", "exit_time", "way_out"]
    return made_follow_up(
        pd.DataFrame(rows, columns=columns).assign(entry_date=lambda made: pd.to_datetime(made["entry_date"]))
    )


def test_the_cuts_are_before_the_first_and_after_the_last_day_of_a_span():
    """From 14 August: day 0 is the 14th, days 1 to 3 the 15th to 17th, day 4 the 18th. A piece (begin, end] holds the days begin … end − 1."""
    made = split_at_calendar(spells(("2024-08-14", 0, 6, "study_placement")), spans=AUGUST)
    assert made.to_numpy().tolist() == [
        [0, 0, 1, False, False],
        [0, 1, 4, False, True],
        [0, 4, 7, True, False],
    ]


def test_an_exit_on_a_day_inside_lies_in_a_piece_inside_and_a_day_0_exit_stays_one_piece():
    made = split_at_calendar(
        spells(
            ("2024-08-10", 0, 7, "study_placement"),
            ("2024-08-10", 0, 8, "study_placement"),
            ("2024-08-15", 0, 0, "study_placement"),
            ("2024-08-10", 6, 20, "censored"),
        ),
        spans=AUGUST,
    )
    assert made.to_numpy().tolist() == [
        [0, 0, 5, False, False],
        [0, 5, 8, True, True],
        [1, 0, 5, False, False],
        [1, 5, 8, False, True],
        [1, 8, 9, True, False],
        [2, 0, 1, True, True],
        [3, 7, 8, False, True],
        [3, 8, 21, False, False],
    ]


def test_the_days_of_every_piece_lie_on_the_side_that_it_says():
    follow_up = drawn(60)
    made = split_at_calendar(follow_up)
    zero = follow_up.times["entry_date"]
    for row in made.itertuples():
        days = [zero[row.spell_row] + pd.Timedelta(days=day) for day in (row.begin, row.end - 1)]
        inside = [any(first <= (day.month, day.day) <= last for first, last in TERM_STARTS) for day in days]
        assert inside == [row.inside] * 2
    whole = whole_pieces(follow_up)
    together = made.groupby("spell_row").agg(begin=("begin", "min"), end=("end", "max"), event=("event", "sum"))
    np.testing.assert_array_equal(together.to_numpy(dtype=int), whole.set_index("spell_row").to_numpy(dtype=int))
    assert ((made["end"] - made["begin"]).groupby(made["spell_row"]).sum() == whole["end"] - whole["begin"]).all()


def test_what_happens_at_the_time_itself_comes_before_the_cut():
    pieces = whole_pieces(spells(("2024-01-01", 0, 5, "study_placement"), ("2024-01-01", 5, 9, "study_placement")))
    made = split_at_time(pieces, 5)
    assert made[["begin", "end", "event", "later"]].to_numpy().tolist() == [[0, 6, True, False], [6, 10, True, True]]


@pytest.mark.parametrize(
    "spans",
    [
        pytest.param((), id="none"),
        pytest.param((((12, 20), (1, 7)),), id="over the new year"),
        pytest.param((((2, 1), (2, 30)),), id="no day"),
        pytest.param((((1, 1), (3, 1)), ((2, 1), (4, 1))), id="into each other"),
    ],
)
def test_spans_that_are_none_are_refused(spans):
    with pytest.raises(DefinitionError, match="Varje del av året"):
        split_at_calendar(drawn(20), spans=spans)
    assert len(split_at_calendar(drawn(20), spans=(((1, 1), (3, 1)), ((3, 2), (4, 1))))) >= 20


def test_the_calendar_needs_days_from_the_entry_date():
    with pytest.raises(DefinitionError, match="i dagar från startdatumet"):
        split_at_calendar(drawn(20, unit="months"))
    with pytest.raises(DefinitionError, match="i dagar från startdatumet"):
        split_at_calendar(replace(drawn(20), choices=FollowUpChoices(time_zero="target_group")))
    assert len(split_at_calendar(drawn(20))) > 20


def test_a_spell_without_a_time_is_told_as_a_count():
    follow_up = drawn(20)
    times = follow_up.times
    times.loc[3, "exit_time"] = pd.NA
    with pytest.raises(DefinitionError, match="utan: 1 av 20"):
        whole_pieces(replace(follow_up, times_table=times))
