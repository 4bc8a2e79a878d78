"""A follow-up from a landmark: who is in it, what time counts from, and how its counts hang together with those from time zero."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.cohorts import landmark
from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.errors import DefinitionError, DisclosureError
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.survival import cumulative_incidence, follow_up_base, landmark_base, life_table

DIGITS = 1e-12


def followed(entries, exits, ways, *, unit="months"):
    n = len(ways)
    times = pd.DataFrame(
        {
            "person_id": [f"p{number}" for number in range(n)],
            "spell": 1,
            "entry_time": pd.array(entries, dtype="Int64"),
            "exit_time": pd.array(exits, dtype="Int64"),
            "way_out": ways,
            "way_known": True,
            "censored_by": pd.array([None] * n, dtype="string"),
            "exit_kind": pd.array([None] * n, dtype="string"),
            "time_to_20": pd.array([30] * n, dtype="Int64"),
            "time_zero": pd.Timestamp("2024-01-01"),
            "sex": ["female", "male"] * (n // 2) + ["female"] * (n % 2),
        }
    )
    ways_out = {"studies": "Studier", "other": "Annat"}
    return FollowUp(
        "new_2024", "Nya 2024", calendar_year(2024), date(2026, 3, 1), unit, ways_out, times, n_never_at_risk=2
    )


S, A, C = "studies", "other", "censored"
SEVEN = ([0, 0, 0, 0, 3, 4, 0], [2, 3, 4, 3, 6, 6, 9], [S, A, S, C, S, A, C])


def test_those_at_risk_just_after_the_landmark_are_followed_from_there():
    """At 3: gone at 2 and 3, censored at 3, entered at 4 (too late); entered at 3 is there."""
    found = landmark(followed(*SEVEN), months=3)
    assert found.times[["entry_time", "exit_time", "way_out"]].to_numpy().tolist() == [[0, 1, S], [0, 3, S], [0, 6, C]]
    assert found.times["time_to_20"].tolist() == [27] * 3
    assert found.times["time_zero"].tolist() == [pd.Timestamp("2024-04-01")] * 3
    assert (found.cohort, found.landmark, found.n_never_at_risk) == ("new_2024_landmark_3", 3, 0)
    assert found.title == "Nya 2024, kvar i registret efter 3 månader"


def test_in_days_a_month_is_rounded_as_in_the_tables():
    given = followed([0, 0], [92, 200], [S, S], unit="days")
    found = landmark(given, months=3)
    assert found.times["exit_time"].tolist() == [1, 109]
    assert found.times["time_zero"].tolist() == [pd.Timestamp("2024-01-01") + pd.Timedelta(days=91)] * 2


def test_the_incidence_from_the_landmark_is_conditional_on_being_there():
    """Without late entries and censoring it is (F(6) − F(3)) / S(3)."""
    given = followed([0] * 8, [1, 2, 3, 4, 4, 5, 6, 8], [S, A, S, S, A, S, S, A])
    from_start = cumulative_incidence(given).frame.query("way_out == 'studies'").set_index("months")["share_left"]
    left = life_table(given).frame.set_index("months")["share_registered"]
    after = cumulative_incidence(landmark(given, months=3)).frame.query("way_out == 'studies'").set_index("months")
    expected = (from_start["6"] - from_start["3"]) / left["3"]
    np.testing.assert_allclose(after.loc["3", "share_left"], expected, rtol=DIGITS)


def test_the_notes_say_what_time_counts_from():
    found = landmark(followed(*SEVEN), months=3)
    for result in (life_table(found), cumulative_incidence(found), follow_up_base(found)):
        assert "Tiden räknas från 3 månader efter start" in result.note
        assert "kvar i registret efter 3 månader" in result.title
    assert "Tiden räknas från" not in life_table(followed(*SEVEN)).note


def test_the_base_says_what_became_of_the_others():
    given = followed(*SEVEN)
    result = landmark_base(given, landmark(given, months=3))
    told = dict(zip(result.frame["step"], result.frame["n_spells"], strict=True))
    assert told == {"followed": 7, "left": 2, "lost": 1, "later": 1, "there": 3}


@pytest.mark.parametrize("unit", ["months", "days"])
def test_every_count_after_the_landmark_agrees_with_those_from_time_zero(unit):
    draws = np.random.default_rng(7)
    n, scale = 400, 1 if unit == "months" else 30
    entries = np.where(draws.random(n) < 0.7, 0, draws.integers(0, 12 * scale, n))
    exits = entries + draws.integers(1, 24 * scale, n)
    given = followed(entries, exits, draws.choice([S, A, C], n), unit=unit)
    later = landmark(given, months=6)
    tables = [table(one, by="sex") for one in (given, later) for table in (life_table, cumulative_incidence)]
    base = [follow_up_base(given), landmark_base(given, later)]
    released = protect([*tables, *base], policy=Policy(), ledger=Ledger.empty())
    assert set(released) == {result.id for result in [*tables, *base]}
    of_fewer = landmark(replace(given, times_table=given.times[50:]), months=6)
    with pytest.raises(DisclosureError, match="Angivna summor ska stämma"):
        protect([life_table(given), life_table(of_fewer), *base], policy=Policy(), ledger=Ledger.empty())


def test_a_late_entrant_who_could_be_worked_out_from_the_two_is_hidden():
    """Two come under observation after the landmark and leave by studies: the placements from the landmark are two fewer than from the start."""
    entries = [0] * 60 + [4, 4] + [0] * 40
    exits = [5] * 60 + [6, 6] + [8] * 40
    given = followed(entries, exits, [S] * 62 + [A] * 40)
    later = landmark(given, months=3)
    results = [cumulative_incidence(given), life_table(given), cumulative_incidence(later), landmark_base(given, later)]
    released = protect(results, policy=Policy(), ledger=Ledger.empty())
    base = released[results[-1].id].states_table["n_spells"]
    assert base.tolist()[3] == "protected"
    alone = protect(results[2:3], policy=Policy(), ledger=Ledger.empty())[results[2].id].states_table
    assert alone["n_events_to_date"].eq("shown").all()
    beside = released[results[2].id].states_table["n_events_to_date"]
    whole = released[results[0].id].states_table["n_events_to_date"]
    assert beside.eq("protected").any() or whole.eq("protected").any()


@pytest.mark.parametrize("months", [0, -1, 2.5, True, "3"])
def test_a_landmark_is_a_whole_number_of_months(months):
    with pytest.raises(DefinitionError, match="helt antal månader"):
        landmark(followed(*SEVEN), months=months)


def test_a_landmark_that_nobody_reaches_or_of_another_follow_up_is_refused():
    given = followed(*SEVEN)
    with pytest.raises(DefinitionError, match="Ingen är kvar"):
        landmark(given, months=9)
    with pytest.raises(DefinitionError, match="högst ett senare tillfälle"):
        landmark(landmark(given, months=3), months=1)
    with pytest.raises(DefinitionError, match="ska vara gjord av den från start"):
        landmark_base(replace(given, cohort="other"), landmark(given, months=3))
