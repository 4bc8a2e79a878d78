"""The estimand of a follow-up: turning 20, moves, day 0, time zero, and where too few are at risk at the start."""

from dataclasses import replace

import pytest

from kaa_analysis.cohorts import STUDY_OR_OTHER_ENDS, FollowUpChoices, entering_during, first_spells, follow_up
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.survival import follow_up_base, life_table
from kaa_analysis.target_population import target_population
from tests.spec.test_cohorts import HandDrawn, spell

YEAR = calendar_year(2024)
BORN = {"too_old": "2004-12-01", "on_the_day": "2004-12-01", "day_before": "2004-12-01", "open": "2004-12-01"}
AROUND_20 = [
    spell("too_old", "2024-02-01", "2024-12-20", "komvux"),
    spell("on_the_day", "2024-02-01", "2024-12-01", "komvux"),
    spell("day_before", "2024-02-01", "2024-11-30", "komvux"),
    spell("open", "2024-02-01"),
]


def followed(rows, *, born=None, population=False, choices=None, least_at_risk=1, delayed_entry=True):
    persons = [{"person_id": name, "birth_date": day, "sex": "female"} for name, day in (born or {}).items()]
    register = HandDrawn(rows, persons=persons)
    law = target_population(register)
    return follow_up(
        first_spells(entering_during(register, YEAR, population=law)),
        ways_out=STUDY_OR_OTHER_ENDS,
        unit="days",
        delayed_entry=delayed_entry,
        choices=choices,
        population=law if population else None,
        least_at_risk=least_at_risk,
    )


def ends(found):
    return {row.person_id: (row.entry_time, row.exit_time, row.way_out) for row in found.times.itertuples()}


def test_who_has_turned_20_has_left_by_turning_20_whatever_the_register_says_later():
    birthday = (0, 304, "turned_20")
    assert ends(followed(AROUND_20, born=BORN)) == {
        "too_old": birthday,
        "on_the_day": birthday,
        "open": birthday,
        "day_before": (0, 303, "study_placement"),
    }
    assert followed(AROUND_20, born=BORN).times["time_to_20"].tolist() == [304] * 4


def test_turning_20_as_a_censoring_is_another_estimand_and_says_so():
    hypothetical = followed(AROUND_20, born=BORN, choices=FollowUpChoices(turning_20="censored"))
    assert ends(hypothetical)["open"] == (0, 304, "censored")
    assert hypothetical.times.set_index("person_id")["censored_by"].fillna("").to_dict() == {
        "too_old": "turned_20", "on_the_day": "turned_20", "open": "turned_20", "day_before": "",
    }  # fmt: skip
    assert "om ingen fyllde 20 år" in life_table(hypothetical).note
    assert "om ingen fyllde 20 år" not in life_table(followed(AROUND_20, born=BORN)).note


def test_moves_compete_or_are_censored():
    rows = [spell("a", "2024-02-01", "2024-03-01", "moved"), spell("b", "2024-02-01", "2024-03-02", "komvux")]
    assert ends(followed(rows))["a"] == (0, 29, "moved")
    censored = followed(rows, choices=FollowUpChoices(moves="censored"))
    assert ends(censored) == {"a": (0, 29, "censored"), "b": (0, 30, "study_placement")}
    assert censored.times["censored_by"].fillna("").tolist() == ["moved", ""]


def test_an_exit_on_the_day_of_entry_is_an_event_or_excluded_and_counted():
    rows = [
        spell("at_once", "2024-02-01", "2024-02-01", "komvux"),
        spell("later", "2024-02-01", "2024-03-01", "komvux"),
    ]
    assert ends(followed(rows))["at_once"] == (0, 0, "study_placement")
    without = followed(rows, choices=FollowUpChoices(day_0="excluded"))
    assert (list(ends(without)), without.n_day_0_excluded, without.n_never_at_risk) == (["later"], 1, 0)
    base = follow_up_base(without).frame.set_index("step")["n_spells"]
    assert base.to_dict() == {"included": 2, "never_at_risk": 0, "day_0_excluded": 1, "followed": 1}


def test_from_the_first_day_in_the_target_group_the_registration_is_the_delayed_entry():
    rows = [spell("a", "2024-02-01", "2024-03-01", "komvux", registered_at="2024-02-05")]
    found = followed(rows, population=True, choices=FollowUpChoices(time_zero="target_group"))
    assert ends(found) == {"a": (236, 261, "study_placement")}  # 14 June 2023, the day after compulsory school
    with pytest.raises(DefinitionError, match=r"kräver målgruppen"):
        followed(rows, choices=FollowUpChoices(time_zero="target_group"))


def test_a_follow_up_begins_where_enough_are_at_risk_and_says_from_when():
    rows = [
        spell("early", "2024-02-01", "2024-02-11", "komvux", registered_at="2024-02-01"),
        spell("a", "2024-02-01", "2024-03-01", "komvux", registered_at="2024-02-15"),
        spell("b", "2024-02-01", "2024-03-05", "komvux", registered_at="2024-02-20"),
        spell("late", "2024-02-01", "2024-03-09", "komvux", registered_at="2024-03-02"),
    ]
    found = followed(rows, least_at_risk=2)
    assert (found.conditioned_on, found.n_before) == (19, 1)
    assert ends(found) == {
        "a": (19, 29, "study_placement"),
        "b": (19, 33, "study_placement"),
        "late": (30, 37, "study_placement"),
    }
    assert "var kvar efter 19 dagar från start" in life_table(found).note
    base = follow_up_base(found).frame.set_index("step")["n_spells"]
    assert base.to_dict() == {"included": 4, "never_at_risk": 0, "before": 1, "followed": 3}
    never = followed(rows, least_at_risk=9)
    assert (never.conditioned_on, len(never.times)) == (0, 4)


def test_a_choice_that_there_is_not_is_refused_with_a_hint():
    with pytest.raises(DefinitionError, match=r"Valet turning_20 ska vara competing eller censored"):
        FollowUpChoices(turning_20="censor")


def test_a_spell_has_the_district_of_the_day_of_entry_and_not_that_of_the_period():
    chosen = entering_during(HandDrawn([spell("a", "2024-02-01", "2024-03-01", "komvux")]), YEAR)
    moved = replace(chosen, spells_table=chosen.spells.assign(entry_district="bromma", district="jarva"))
    found = follow_up(moved, ways_out=STUDY_OR_OTHER_ENDS, unit="days", delayed_entry=True)
    assert found.times["district"].tolist() == ["bromma"]
