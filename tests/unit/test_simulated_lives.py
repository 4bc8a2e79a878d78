"""Lives in and out of school: the hazards are those that are stated, the causes those that were meant, the days those of the school year."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.synthetic import lives as lives_module
from kaa_analysis.synthetic.batches import Batch
from kaa_analysis.synthetic.draws import Draws
from kaa_analysis.synthetic.episodes import Episodes
from kaa_analysis.synthetic.lives import Lives, World, lives_of
from kaa_analysis.synthetic.margins import Margins, margins_of
from kaa_analysis.synthetic.population import Persons, persons_of
from kaa_analysis.synthetic.registrations import Registered, registered
from kaa_analysis.synthetic.school_calendar import (
    autumn_start,
    birthday,
    date_of,
    grade_nine_end,
    is_one_summer,
    month_of,
    spring_start,
    year_of,
)
from kaa_analysis.synthetic.schools import SUSA_YEARS, schools_of
from kaa_analysis.synthetic.studies import StudyOutcome, study
from kaa_analysis.synthetic.turns import Starts
from kaa_analysis.synthetic.ways_out import STUDY_FORMS, WaysOut, ways_out

SEED = 5
N = 40_000
N_STANDARD_ERRORS = 4
"""A share drawn rightly is further off once in 16 000 tests; the seeds are fixed."""
SIGNIFICANCE = 1e-4
NO_TRAITS = {"dropout_men": 0.0, "motivation_on_dropout": 0.0, "motivation_on_pace": 0.0, "district_on_pace": 0.0}
FLAT = {"own_pace": {"least": 1.0, "span": 0.0}, **NO_TRAITS}
TERM_STARTS = {"study_start_at_term": {"autumn": 1.0, "spring": 1.0}}
ON_TERM_DAYS = {month: 0.0 for month in range(1, 13)} | {1: 0.2, 8: 0.4}


def day(text: str) -> np.datetime64:
    return np.datetime64(text, "D")


def days(written: str | np.ndarray) -> np.ndarray:
    return np.asarray(written, dtype="datetime64[D]")


def within(observed: float, *, share: float, n: int) -> bool:
    return abs(observed - share) <= N_STANDARD_ERRORS * np.sqrt(share * (1 - share) / n)


def alike(n: int = N, **columns) -> Persons:
    """Return persons born 2004-05-10 who live in a district with average odds and differ in nothing but their numbers."""
    usual = {
        "number": np.arange(n) + 1, "birth_date": day("2004-05-10"), "sex": "K", "origin": "born_here",
        "arrival": day("2004-05-10"), "grade_nine": 2020, "district": "ALV", "motivation": 0.0, "openness": 0.5,
        "has_phone": True, "is_protected": False, "twentieth": day("2024-05-10"),
    } | columns  # fmt: skip
    return Persons(**{name: np.broadcast_to(np.asarray(value), n) for name, value in usual.items()})


def studies(
    persons: Persons, form: str = "NP", *, start: str = "2020-08-18", from_school: bool = True, **settings
) -> StudyOutcome:
    n = len(persons)
    starts = Starts(np.arange(n), np.full(n, form), np.full(n, day(start)), np.full(n, from_school))
    return study(starts, persons, Draws(SEED, persons.number, turn=1), margins=margins_of(NO_TRAITS | settings))


def times(n: int = N, *, entry: str = "2021-09-16", until: str = "2024-05-10", **columns) -> Episodes:
    usual = {
        "person": np.arange(n) + 1, "turn": 1, "entry": days(entry), "registered": days(entry), "until": days(until), "district": "ALV",
        "entry_reason": "ALD", "last_school": "GR", "has_phone": True, "is_protected": False, "newly_resident": False,
        "openness": 0.5, "motivation": 0.0,
    } | columns  # fmt: skip
    return Episodes(**{name: np.broadcast_to(np.asarray(value), n) for name, value in usual.items()})


def left(episodes: Episodes, *, aim: str = "NaT", **settings) -> WaysOut:
    n = len(episodes)
    draws = Draws(SEED, episodes.person, turn=episodes.turn)
    return ways_out(episodes, np.full(n, day(aim)), draws, margins=margins_of(FLAT | settings))


def expected_shares(
    *, entry: str, until: str, per_month: dict[str, float], starts: dict[int, float], aim: str = "", effect=1.0
):
    """Return the cumulative incidence of each way out until 20, day by day: study starts on the first days of terms, the others any day."""
    outside, found = 1.0, dict.fromkeys([*per_month, "studies"], 0.0)
    daily = {name: 1 - (1 - share) ** (12 / 365.25) for name, share in per_month.items()}
    for today in np.arange(day(entry) + 1, day(until)):
        year, month = int(year_of(today)), int(month_of(today))
        first_day = {8: autumn_start(year), 1: spring_start(year)}.get(month)
        share = starts.get(month, 0.0) if today == first_day else 0.0
        factor = (0.35 if year == int(year_of(day(until))) and month >= 7 else 1.0) * (
            effect if aim and today >= day(aim) else 1.0
        )
        chances = {"studies": 1 - (1 - share) ** factor} | daily
        for name, chance in chances.items():
            found[name] += outside * chance
            outside *= 1 - chance
    return found | {"F20": outside}


def test_the_share_that_leaves_in_each_lasar_is_that_of_its_hazard():
    hazards = [0.10, 0.30, 0.05]
    done = studies(alike(), dropout_by_year={"NP": hazards})
    end = done.enrolments["end"].to_numpy("datetime64[D]")
    cumulated = np.cumsum([hazards[0] * (1 - part_of_lasar(7)), *hazards[1:]])
    for place, hazard in enumerate(np.diff([0, *cumulated])):
        first, last = day(f"{2020 + place}-07-01"), day(f"{2021 + place}-07-01")
        there = end >= first if place else np.full(N, True)
        leaves = there & (first <= end) & (end < last) & done.enrolments["leave_reason"].eq("AV").to_numpy()
        assert within(leaves.sum() / there.sum(), share=1 - np.exp(-hazard), n=there.sum())
    stays = done.enrolments["leave_reason"].eq("FU")
    assert within(stays.mean(), share=np.exp(-cumulated[-1]), n=N)
    assert set(done.enrolments.loc[stays, "end"]) == {pd.Timestamp("2023-07-01")}


def part_of_lasar(*months: int) -> float:
    """Return the share of a läsår's hazard that falls in some months."""
    weights = margins_of({}).weights("entry_month_after_school")
    return sum(weights.get(month, 0) for month in months) / sum(weights.values())


def test_who_begins_in_january_has_what_is_left_of_the_hazard_of_that_lasar():
    done = studies(alike(), start="2021-01-08", dropout_by_year={"NP": [0.6, 0.0]})
    left_of_it = 0.6 * part_of_lasar(1, 2, 3, 4, 5)
    assert within(done.enrolments["leave_reason"].eq("AV").mean(), share=1 - np.exp(-left_of_it), n=N)


def test_dropout_falls_in_the_months_as_their_weights_say():
    done = studies(alike(), start="2020-07-02", dropout_by_year={"NP": [0.2, 0.0, 0.0]})
    gone = done.enrolments[done.enrolments["leave_reason"].eq("AV")]
    weights = margins_of({}).weights("entry_month_after_school")
    months = [8, 9, 10, 11, 12, 1, 2, 3, 4, 5]
    clock = np.cumsum([weights[7], *(weights[month] for month in months)]) / sum(weights.values()) * 0.2
    share = -np.diff(np.exp(-clock))
    counts = gone["end"].dt.month.value_counts().reindex(months).to_numpy()
    expected = counts.sum() * share / share.sum()
    assert set(gone["end"].dt.month) == set(months)
    assert ((counts - expected) ** 2 / expected).sum() < chi2.ppf(1 - SIGNIFICANCE, len(months) - 1)


@pytest.mark.parametrize(
    ("persons", "settings", "factor"),
    [
        ({"sex": "M"}, {"dropout_men": 0.5}, np.exp(0.5)),
        ({"sex": "K"}, {"dropout_men": 0.5}, 1.0),
        ({"district": "RIK"}, {"district_log_odds": {"RIK": 0.4, "ALV": 0.0}}, np.exp(0.4)),
        ({"motivation": -2.0}, {"motivation_on_dropout": 0.3}, np.exp(0.6)),
        ({"motivation": 2.0}, {"motivation_on_dropout": 0.3}, np.exp(-0.6)),
    ],
)
def test_what_bears_on_dropout_multiplies_its_hazard(persons, settings, factor):
    done = studies(alike(**persons), dropout_by_year={"NP": [0.0, 0.2, 0.0]}, **settings)
    assert within(done.enrolments["leave_reason"].eq("AV").mean(), share=1 - np.exp(-0.2 * factor), n=N)


def test_who_has_been_outside_leaves_again_as_many_times_oftener_as_is_stated():
    settings = {"dropout_by_year": {"NP": [0.0, 0.1, 0.0]}, "dropout_again": 4.0}
    first = studies(alike(), **settings)
    again = studies(alike(), from_school=False, **settings)
    assert within(first.enrolments["leave_reason"].eq("AV").mean(), share=1 - np.exp(-0.1), n=N)
    assert within(again.enrolments["leave_reason"].eq("AV").mean(), share=1 - np.exp(-0.4), n=N)


def test_nobody_leaves_on_the_first_day_and_nobody_drops_out_in_june_or_on_the_planned_last_day():
    done = studies(alike(), start="2021-01-13", dropout_by_year={"NP": [2.0, 2.0, 2.0]})
    gone = done.enrolments[done.enrolments["leave_reason"].eq("AV")]
    assert (gone["end"] > gone["start"]).all()
    assert (gone["end"] < pd.Timestamp("2023-07-01")).all()
    assert 6 not in set(gone["end"].dt.month)
    assert set(gone.loc[gone["end"].dt.month == 7, "end"].dt.day) == {1}
    assert gone.loc[gone["end"].dt.month == 8, "end"].dt.day.min() == 25


def test_studies_carried_through_end_in_a_certificate_and_a_studiebevis_is_a_time_outside():
    done = studies(alike(), dropout_by_year={"NP": [0.0]}, graduates=0.8)
    kinds = done.certificates["kind"].value_counts(normalize=True)
    assert set(kinds.index) == {"GEX", "STB"}
    assert within(kinds["GEX"], share=0.8, n=N)
    assert set(done.certificates["day"]) == {pd.Timestamp("2023-06-05")}
    assert len(done.outside) == done.certificates["kind"].eq("STB").sum()
    assert set(done.outside.reason) == {"STB"}
    assert set(done.outside.day) == {day("2023-07-01")}
    assert len(done.onward) == 0


def test_a_year_of_introduction_leads_on_as_is_stated_and_without_a_certificate():
    done = studies(
        alike(), form="IM", dropout_by_year={"IM": [0.0]}, after_introduction_year={"NP": 0.5, "IM": 0.3, "out": 0.2}
    )
    assert len(done.certificates) == 0
    assert set(done.enrolments["form"]) == {"IMV", "IMY", "IMA", "IMS"}
    assert within((done.onward.form == "NP").sum() / N, share=0.5, n=N)
    assert within(len(done.outside) / N, share=0.2, n=N)
    assert set(done.onward.day) == {autumn_start(2021)}
    assert done.enrolments["leave_reason"].value_counts().to_dict() == {"BY": len(done.onward), "FU": len(done.outside)}


def test_competing_ways_out_have_the_shares_of_their_hazards():
    per_month = {"FLY": 0.03, "AVL": 0.01, "FUL": 0.02}
    out = left(times(), other_exits_per_month=per_month, study_start_by_month=ON_TERM_DAYS, **TERM_STARTS)
    share = expected_shares(entry="2021-09-16", until="2024-05-10", per_month=per_month, starts=ON_TERM_DAYS)
    ways = np.where(np.isin(out.reason, STUDY_FORMS), "studies", out.reason)
    assert sum(share.values()) == pytest.approx(1)
    for way, wanted in share.items():
        assert within((ways == way).mean(), share=wanted, n=N)


def test_from_july_of_the_year_of_turning_20_a_study_start_has_the_stated_part_of_its_hazard():
    settings = {"other_exits_per_month": {"FLY": 0.0}, "study_start_by_month": ON_TERM_DAYS, **TERM_STARTS}
    out = left(times(entry="2024-02-01", until="2024-12-01"), **settings)
    share = expected_shares(entry="2024-02-01", until="2024-12-01", per_month={}, starts=ON_TERM_DAYS)
    assert share["studies"] == pytest.approx(1 - 0.6**0.35)
    assert within((out.reason != "F20").mean(), share=share["studies"], n=N)
    assert set(out.reason) == {"KVX", "FHS", "F20"}


def test_a_study_start_in_july_of_that_year_is_late_already():
    in_july = {month: 0.0 for month in range(1, 13)} | {7: 0.4}
    out = left(
        times(entry="2024-06-01", until="2024-08-15"), other_exits_per_month={"FLY": 0.0}, study_start_by_month=in_july
    )
    assert within((out.reason != "F20").mean(), share=1 - 0.6**0.35, n=N)
    assert set(out.reason) == {"KVX", "FHS", "F20"}


def test_aim_multiplies_the_hazard_of_a_study_start_from_its_day_and_changes_nothing_else():
    per_month = {"FLY": 0.03, "FUL": 0.02}
    settings = {"other_exits_per_month": per_month, "study_start_by_month": ON_TERM_DAYS, **TERM_STARTS}
    aim = str(spring_start(2023))
    without, with_aim = left(times(), **settings), left(times(), aim=aim, aim_effect=1.8, **settings)
    early = without.day < day(aim)
    assert np.array_equal(without.day[early], with_aim.day[early])
    assert np.array_equal(without.reason[early], with_aim.reason[early])
    assert (with_aim.day <= without.day).all()
    other = (with_aim.day != without.day) | (with_aim.reason != without.reason)
    assert 0 < other.sum() < N / 2
    assert np.isin(with_aim.reason[other], STUDY_FORMS).all()
    share = expected_shares(
        entry="2021-09-16", until="2024-05-10", per_month=per_month, starts=ON_TERM_DAYS, aim=aim, effect=1.8
    )
    assert within(np.isin(with_aim.reason, STUDY_FORMS).mean(), share=share["studies"], n=N)


def test_aim_without_an_effect_changes_no_day_of_anybody():
    settings = {"aim_effect": 1.0}
    without, with_aim = left(times(), **settings), left(times(), aim="2022-01-01", **settings)
    assert np.array_equal(without.day, with_aim.day)
    assert np.array_equal(without.reason, with_aim.reason)


def test_pace_multiplies_the_hazard_of_a_study_start():
    settings = {"other_exits_per_month": {"FLY": 0.0}, "study_start_by_month": ON_TERM_DAYS, **TERM_STARTS}
    one_term = {"entry": "2021-12-01", "until": "2022-05-10"}
    fast = left(times(**one_term, motivation=1.5), **settings, **{"motivation_on_pace": 0.4})
    slow = left(times(**one_term, district="RIK"), **settings, **{"district_on_pace": 1.0})
    own = left(times(**one_term), **settings, **{"own_pace": {"least": 0.5, "span": 1.0}})
    january = 0.8
    assert within((fast.reason != "F20").mean(), share=1 - january ** np.exp(0.6), n=N)
    assert within((slow.reason != "F20").mean(), share=1 - january ** np.exp(-0.5), n=N)
    averaged = (january**0.5 - january**1.5) / -np.log(january)
    assert within((own.reason != "F20").mean(), share=1 - averaged, n=N)


def test_nothing_ends_on_the_first_day_and_everything_by_the_20th_birthday():
    entry = np.resize(np.arange(day("2021-08-01"), day("2024-05-10")), N)
    out = left(
        times(entry=entry),
        other_exits_per_month={"FLY": 0.9, "FUL": 0.9},
        study_start_by_month={m: 0.9 for m in range(1, 13)},
    )
    assert (out.day > entry).all()
    assert (out.day <= day("2024-05-10")).all()
    assert set(out.reason[out.day == day("2024-05-10")]) == {"F20"}
    assert ((out.reason == "F20") == (out.day == day("2024-05-10"))).all()
    last = times(entry=np.full(N, day("2024-05-09")))
    assert set(left(last).reason) == {"F20"}


def test_who_has_a_protected_identity_does_not_move_and_the_others_are_as_they_were():
    is_protected = np.arange(N) % 10 == 0
    open_, hidden = left(times()), left(times(is_protected=is_protected))
    assert "FLY" in set(open_.reason[is_protected])
    assert "FLY" not in set(hidden.reason[is_protected])
    assert np.array_equal(open_.day[~is_protected], hidden.day[~is_protected])


def test_the_form_of_studies_is_one_that_the_age_can_begin():
    until = np.resize(np.arange(day("2022-01-01"), day("2024-12-31")), N)
    episodes = times(entry="2020-06-11", until=until, newly_resident=np.arange(N) % 5 == 0)
    out = left(episodes, other_exits_per_month={"FLY": 0.0})
    started = np.isin(out.reason, STUDY_FORMS)
    reason, began, turns_20 = out.reason[started], out.day[started], year_of(until)[started]
    newly, adult = episodes.newly_resident[started], year_of(began) >= turns_20 - 1
    too_late = began >= date_of(turns_20, 7)
    assert set(reason[too_late]) == {"KVX", "FHS"}
    assert set(reason[newly & ~too_late]) == {"NP", "IM", "KVX"}
    assert set(reason[~newly & adult & ~too_late]) == {"NP", "IM", "KVX", "FHS"}
    assert set(reason[~newly & ~adult]) == {"NP", "IM", "ANG"}


@pytest.mark.parametrize(
    ("ended", "begun", "is_summer"),
    [
        ("2023-06-01", "2023-08-15", False), ("2023-06-02", "2023-08-15", True), ("2023-07-01", "2023-09-15", True),
        ("2023-07-01", "2023-09-16", False), ("2023-07-01", "2024-08-20", False), ("2023-12-31", "2024-08-20", False),
        ("NaT", "2023-08-15", False), ("2023-07-01", "NaT", False),
    ],
)  # fmt: skip
def test_a_summer_between_two_places_lasts_from_june_to_15_september(ended, begun, is_summer):
    assert is_one_summer(days([ended]), days([begun])).tolist() == [is_summer]


LAW, REASONS = pd.Timestamp("2018-07-01"), pd.Timestamp("2017-07-01")
CLEAN = {
    "never_registered": 0.0, "starts_late": 0.0, "closes_late": 0.0, "misregistered_pupils": 0.0, "missing_entry_reason": 0.0,
    "registration_delay": {"1-1": 1}, "other_exits_per_month": {"FLY": 0.0145, "AVL": 0.0008, "FUL": 0.0024},
}  # fmt: skip


def lived(
    years: tuple[int, ...], *, births: int = 3000, world: World | None = None, **settings
) -> tuple[Lives, Margins]:
    margins = margins_of(settings)
    return lives_of(Batch(years, births), seed=SEED, margins=margins, world=world or World()), margins


@pytest.fixture(scope="module")
def lives() -> Lives:
    return lived((2004,), births=6000)[0]


@pytest.fixture(scope="module")
def before_the_law() -> tuple[Lives, Registered]:
    found, margins = lived((1998, 1999, 2000), **CLEAN)
    return found, registered(found, seed=SEED, margins=margins)


def outside_table(lives: Lives) -> pd.DataFrame:
    episodes, out = lives.outside.episodes, lives.outside.out
    columns = {
        "person": episodes.person, "turn": episodes.turn, "start": episodes.entry, "end": out.day, "reason": out.reason,
        "entry_reason": episodes.entry_reason, "until": episodes.until,
    }  # fmt: skip
    return pd.DataFrame(columns).sort_values(["person", "start"], kind="stable", ignore_index=True)


def test_persons_stand_in_the_order_of_birth_dates_and_repeat_grade_nine_as_often_as_is_stated():
    persons = persons_of(Batch((2004, 2005), 20_000), seed=SEED, margins=margins_of({}))
    assert (np.diff(persons.birth_date) >= np.timedelta64(0, "D")).all()
    assert len(np.unique(persons.number)) == 40_000
    assert within((persons.grade_nine - year_of(persons.birth_date) == 17).mean(), share=0.02, n=40_000)
    assert (persons.arrival < persons.twentieth).all()
    assert np.array_equal(persons.twentieth, birthday(persons.birth_date, 20))
    assert set(persons.origin[persons.is_protected]) == {"born_here"}


def test_nobody_is_in_school_and_outside_on_the_same_day_and_no_two_enrolments_overlap(lives):
    outside = outside_table(lives)[["person", "start", "end"]]
    inside = lives.schooling[["person", "start", "end"]].assign(end=lives.schooling["end"])
    everything = pd.concat([outside, inside]).sort_values(["person", "start"], kind="stable")
    following = everything.groupby("person")["start"].shift(-1)
    cut_by_20 = everything["person"].map(dict(zip(lives.persons.number, lives.persons.twentieth, strict=True)))
    assert (everything["end"] > everything["start"]).all()
    assert (following.isna() | (everything["end"] <= following) | (following >= cut_by_20)).all()


def test_a_time_outside_begins_when_a_place_ends_or_with_a_reason_that_needs_none(lives):
    outside = outside_table(lives)
    ends = set(zip(lives.schooling["person"], lives.schooling["end"], strict=True))
    follows = np.array([pair in ends for pair in zip(outside["person"], outside["start"], strict=True)])
    assert set(outside.loc[~follows, "entry_reason"]) == {"ALD", "NYF", "OKA"}
    assert {"AVN", "IMS", "AVA", "STB"} <= set(outside.loc[follows, "entry_reason"])


def test_a_study_start_is_an_enrolment_from_that_day(lives):
    outside = outside_table(lives)
    form = lives.schooling["form"].where(~lives.schooling["form"].str.startswith("IM"), "IM")
    starts = set(zip(lives.schooling["person"], lives.schooling["start"], form, strict=True))
    to_studies = outside[outside["reason"].isin(STUDY_FORMS)]
    assert len(to_studies) > 200
    assert set(zip(to_studies["person"], to_studies["end"], to_studies["reason"], strict=True)) <= starts


def test_a_summer_between_two_places_is_no_time_outside(lives):
    outside = outside_table(lives)
    left_school = outside["entry_reason"].isin(["AVN", "IMS", "AVA", "STB"])
    days = {name: outside[name].to_numpy("datetime64[D]") for name in ("start", "end")}
    in_summer = is_one_summer(days["start"], days["end"]) & outside["reason"].isin(STUDY_FORMS).to_numpy()
    assert not (in_summer & left_school).any()
    enrolled = lives.schooling.sort_values(["person", "start"])
    following = enrolled.groupby("person")["start"].shift(-1)
    left = enrolled["leave_reason"].isin(["AV", "FU"]) & enrolled["form"].ne("GR")
    gaps = left & is_one_summer(enrolled["end"].to_numpy("datetime64[D]"), following.to_numpy("datetime64[D]"))
    assert gaps.sum() > 5


def test_who_was_left_without_a_place_is_registered_from_16_september_and_inside_from_the_end_of_grade_nine(lives):
    outside = outside_table(lives)
    waiting = outside[outside["entry_reason"].eq("ALD")]
    assert len(waiting) > 10
    assert {(start.month, start.day) for start in waiting["start"]} == {(9, 16)}
    found = registered(lives, seed=SEED, margins=margins_of(CLEAN))
    first = found.inside.drop_duplicates("person").set_index("person")["start"]
    year = waiting.set_index("person")["start"].dt.year
    assert (first[year.index].to_numpy("datetime64[D]") == grade_nine_end(year.to_numpy())).all()


def test_some_are_outside_again_after_a_place_and_none_takes_more_turns_than_are_foreseen(lives, monkeypatch):
    outside = outside_table(lives)
    again = outside[outside.duplicated("person")]
    assert 0.05 < len(again) / len(outside) < 0.4
    assert (outside.groupby("person")["turn"].diff().dropna() > 0).all()
    monkeypatch.setattr(lives_module, "MOST_TURNS", 1)
    with pytest.raises(DefinitionError, match=r"Någon född 2004–2004 börjar och slutar skolan fler än 1 gånger"):
        lived((2004,), births=500)


def test_who_moves_away_is_elsewhere_until_a_return_some_months_later_without_a_place(lives):
    outside = outside_table(lives)
    away = outside[outside["reason"].eq("FLY")]
    moves_out = lives.stays[lives.stays["municipality"].ne("0180") & lives.stays["day"].isin(away["end"])]
    gone = away.merge(moves_out, left_on=["person", "end"], right_on=["person", "day"], validate="one_to_one")
    assert len(gone) == len(away) > 50
    following = outside.groupby("person")["start"].shift(-1)
    back = outside[outside["reason"].eq("FLY") & following.notna()]
    days_away = (following[back.index] - back["end"]).dt.days
    assert len(back) >= 3
    assert days_away.between(60, 400).all()
    returned = outside.loc[back.index + 1]
    assert set(returned["entry_reason"]) == {"OKA"}
    home = lives.stays[lives.stays["municipality"].eq("0180")]
    assert set(zip(returned["person"], returned["start"], strict=True)) <= set(
        zip(home["person"], home["day"], strict=True)
    )


def test_as_many_move_back_as_is_stated():
    found, _ = lived((2004,), returns_after_move=1.0, births=2000)
    outside = outside_table(found)
    moved = outside[outside["reason"].eq("FLY")]
    in_time = moved[moved["end"] + pd.Timedelta(days=400) < moved["until"]]
    assert len(in_time) > 10
    assert set(in_time["person"]) <= set(outside.loc[outside["entry_reason"].eq("OKA"), "person"])


def test_school_cohorts_count_the_pupils_who_leave_grade_nine_here(lives):
    cohorts, pupils = lives.school_cohorts, lives.schooling[lives.schooling["form"].eq("GR")]
    here = pupils[pupils["person"].isin(lives.admissions["person"])]
    counted = here.groupby(["unit", here["end"].dt.year.rename("year")]).size().reset_index(name="n")
    told = cohorts[["unit", "year", "n_pupils"]].rename(columns={"n_pupils": "n"})
    pd.testing.assert_frame_equal(
        told.astype({"year": "int64", "n": "int64"}), counted.astype({"unit": told["unit"].dtype, "year": "int64"})
    )


def test_school_cohorts_count_who_is_in_no_upper_secondary_school_on_15_october(lives):
    later, pupils = lives.schooling[lives.schooling["form"].ne("GR")], set(lives.admissions["person"])
    for year in (2020, 2021):
        leavers = pupils & set(lives.persons.number[lives.persons.grade_nine == year])
        counted = pd.Timestamp(year, 10, 15)
        enrolled = set(later.loc[(later["start"] <= counted) & (later["end"] > counted), "person"])
        cohort = lives.school_cohorts[lives.school_cohorts["year"].eq(year)]
        assert cohort["n_not_enrolled"].sum() == len(leavers - enrolled)
    assert lives.school_cohorts["n_not_enrolled"].sum() > 20


def test_susa_lowers_the_share_without_a_place_at_its_schools_in_its_years_only():
    settings = {"susa_effect": -1.0, "without_place": 0.1}
    years = (1999, 2000, 2003, 2004)
    with_susa, margins = lived(years, births=4000, **settings)
    without, _ = lived(years, births=4000, world=World(with_susa=False), **settings)
    schools = schools_of(margins)
    both = with_susa.school_cohorts.merge(
        without.school_cohorts, on=["unit", "year"], validate="one_to_one", suffixes=("", "_without")
    )
    in_project = both["unit"].isin(schools.loc[schools["has_susa"], "unit"]) & both["year"].between(*SUSA_YEARS)
    assert (both["n_pupils"] == both["n_pupils_without"]).all()
    same = both["n_not_enrolled"] == both["n_not_enrolled_without"]
    assert same[~in_project].all()
    assert both.loc[~in_project, "unit"].isin(schools.loc[schools["has_susa"], "unit"]).any()
    touched = both[in_project]
    assert (touched["n_not_enrolled"] <= touched["n_not_enrolled_without"]).all()
    assert touched["n_not_enrolled"].sum() < 0.8 * touched["n_not_enrolled_without"].sum()


def test_sixteen_schools_have_susa_from_september_2015_and_leave_their_first_cohort_in_2016():
    assert schools_of(margins_of({}))["has_susa"].sum() == 16
    assert SUSA_YEARS == (2016, 2019)


def test_the_autumn_of_2015_brings_as_many_newly_arrived_pupils_as_is_stated():
    settings = {"newly_arrived_shock": 3.0, "repeats_grade_nine": 0.0, "protected": 0.0}
    weights = margins_of({}).weights("origin")
    usual = weights["newly_arrived_pupil"] / sum(weights.values())
    shocked = 3 * weights["newly_arrived_pupil"] / (sum(weights.values()) + 2 * weights["newly_arrived_pupil"])
    for born, share in ((1999, usual), (2000, shocked), (2001, shocked), (2002, usual)):
        persons = persons_of(Batch((born,), 20_000), seed=SEED, margins=margins_of(settings))
        assert within((persons.origin == "newly_arrived_pupil").mean(), share=share, n=20_000)


def test_introduction_programmes_before_july_2018_are_days_in_the_target_group_and_later_ones_are_not(before_the_law):
    lives, found = before_the_law
    programmes = lives.schooling[lives.schooling["form"].str.startswith("IM")]
    inside = found.inside.rename(columns={"start": "inside_from", "end": "inside_to"})
    pairs = programmes.merge(inside, on="person", how="left", validate="many_to_many")
    twentieth = pairs["person"].map(dict(zip(lives.persons.number, lives.persons.twentieth, strict=True)))
    shared = pairs[["end", "inside_to"]].min(axis=1) - pairs[["start", "inside_from"]].max(axis=1)
    overlaps = shared > pd.Timedelta(0)
    after = pairs["start"] >= LAW
    assert not (overlaps & after & (pairs["inside_from"] >= LAW)).any()
    long = pairs["end"] - pairs["start"] > pd.Timedelta(days=60)
    whole = long & (pairs["start"] < LAW - pd.Timedelta(days=60)) & (pairs["start"] < twentieth)
    covered = overlaps[whole].groupby([pairs.loc[whole, "person"], pairs.loc[whole, "start"]]).any()
    assert len(covered) > 300
    assert covered.all()


def test_the_law_ends_the_registrations_of_introduction_pupils_on_its_day_with_another_reason(before_the_law):
    lives, found = before_the_law
    forced = found.spells[found.spells["end"].eq(LAW) & found.spells["exit_reason"].eq("ANN")]
    programmes = lives.schooling[lives.schooling["form"].str.startswith("IM")]
    there = programmes[(programmes["start"] < LAW) & (programmes["end"] >= LAW)]
    assert len(forced) > 30
    assert set(forced["person"]) <= set(there["person"])
    assert set(found.spells["exit_reason"]) == {*STUDY_FORMS, "F20", "FLY", "AVL", "FUL", "ANN"}
    assert set(found.spells.loc[found.spells["exit_reason"].eq("ANN"), "end"]) == {LAW}


def test_a_registration_goes_on_from_a_time_outside_into_an_introduction_programme_and_out_of_it(before_the_law):
    lives, found = before_the_law
    outside = outside_table(lives)
    into = outside[outside["reason"].eq("IM") & (outside["end"] < LAW)]
    spells = found.spells[["person", "start", "end"]].rename(columns={"start": "spell_from", "end": "spell_to"})
    pairs = into.merge(spells, on="person", validate="many_to_many")
    held = pairs[(pairs["spell_from"] <= pairs["start"]) & (pairs["spell_to"] > pairs["end"])]
    registered_times = pairs[(pairs["spell_from"] <= pairs["start"]) & (pairs["spell_to"] >= pairs["end"])]
    assert len(registered_times) > 50
    assert len(held) == len(registered_times)


def test_no_two_registrations_of_a_person_overlap_or_follow_on_each_other_and_they_are_numbered_in_their_order(
    before_the_law,
):
    _, found = before_the_law
    spells = found.spells
    same = spells["person"].eq(spells["person"].shift())
    assert (~same | (spells["start"] > spells["end"].shift())).all()
    assert (spells["number"] == spells.groupby("person").cumcount() + 1).all()
    assert (spells["registered"] >= spells["start"]).all()
    assert (spells["registered"] < spells["end"]).all()


def test_no_reason_of_entry_is_told_before_july_2017_and_every_one_after(before_the_law):
    spells = before_the_law[1].spells
    early = spells["start"] < REASONS
    assert early.sum() > 200
    assert set(spells.loc[early, "entry_reason"]) == {""}
    assert {"AVN", "IMS"} <= set(spells.loc[spells["start"] > LAW, "entry_reason"])
    assert "" not in set(spells.loc[spells["start"] > LAW, "entry_reason"])


def test_the_bridged_days_have_no_introduction_programme_and_are_the_same_from_the_day_of_the_law(before_the_law):
    lives, found = before_the_law
    outside = outside_table(lives)
    assert found.inside_bridged["person"].nunique() == outside["person"].nunique()
    in_force, bridged = found.inside, found.inside_bridged
    pd.testing.assert_frame_equal(days_from(in_force, LAW), days_from(bridged, LAW))
    before = [
        ((rows["end"].clip(upper=LAW) - rows["start"]).dt.days.clip(lower=0)).sum() for rows in (in_force, bridged)
    ]
    assert before[0] > 1.5 * before[1]


def days_from(inside: pd.DataFrame, first: pd.Timestamp) -> pd.DataFrame:
    kept = inside[inside["end"] > first]
    typed = kept.assign(start=kept["start"].clip(lower=first)).astype(
        {"start": "datetime64[s]", "end": "datetime64[s]"}
    )
    return typed.sort_values(["person", "start"], ignore_index=True)


def test_mistakes_are_as_many_as_is_stated_and_do_what_they_say():
    shares = {"closes_late": 0.3, "starts_late": 0.2, "never_registered": 0.1, "misregistered_pupils": 0.01}
    found, margins = lived((2003, 2004), births=5000, **CLEAN | shares | {"registration_delay": {"3-9": 1}})
    clean = registered(found, seed=SEED, margins=margins_of(CLEAN | {"registration_delay": {"3-9": 1}}))
    made = registered(found, seed=SEED, margins=margins)
    kinds = made.spells["mistake"].value_counts()
    n = len(clean.spells)
    due = clean.spells["person"].nunique()
    assert within(len(made.missed) / due, share=0.1, n=due)
    late = made.spells[made.spells["mistake"].eq("started_late")]
    assert (late["start"] == late["registered"]).all()
    assert 0.1 < kinds["started_late"] / n < 0.2
    closed = made.spells[made.spells["mistake"].eq("closed_late")]
    assert closed["days_late"].between(5, 40).all()
    assert set(closed["exit_reason"]) <= set(STUDY_FORMS)
    wrong = made.spells[made.spells["mistake"].eq("misregistered")]
    assert set(wrong["exit_reason"]) == {"FEL"}
    assert ((wrong["end"] - wrong["start"]).dt.days).between(1, 60).all()
    assert not set(wrong["person"]) & set(made.inside["person"])
    assert set(clean.spells["mistake"]) == {""}
    pd.testing.assert_frame_equal(made.inside, clean.inside)


def test_support_that_nobody_is_given_leaves_no_day_of_aim():
    found, _ = lived((2004,), births=1500, world=World(aim="never"))
    assert np.isnat(found.outside.aim).all()
    assert not found.outside.offers["kind"].eq("AIM").any()


def test_everybody_who_begins_aim_in_another_world_has_the_same_first_entry():
    worlds = [lived((2004,), births=1500, world=World(aim=aim))[0] for aim in ("as_drawn", "never")]
    entries = [outside_table(world).drop_duplicates("person")[["person", "start"]] for world in worlds]
    pd.testing.assert_frame_equal(*(rows.reset_index(drop=True) for rows in entries))
    assert not np.isnat(worlds[0].outside.aim).all()
