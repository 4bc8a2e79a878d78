"""Support on whole arrays: who is offered what, Aim under strategies, what became of it; activities, notices and surveys."""

from dataclasses import replace
from datetime import date
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.checks import date_checks, support_checks
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.store.dtypes import typed_table
from kaa_analysis.synthetic.draws import Draws
from kaa_analysis.synthetic.episodes import Episodes
from kaa_analysis.synthetic.margins import margins
from kaa_analysis.synthetic.outreach import cut, first_reached, potential_contacts
from kaa_analysis.synthetic.reported_activities import activities_of
from kaa_analysis.synthetic.school_calendar import days, in_summer_pause, weekday_of
from kaa_analysis.synthetic.school_notices import GymnasiumEnrolments, notices_of
from kaa_analysis.synthetic.support import aim_start, finish_offers, potential_offers
from kaa_analysis.synthetic.survey_answers import number_surveys, surveys_of
from tests.spec.hand_typed import HandTyped

SEED = 12
N_STANDARD_ERRORS = 4
"""A share drawn rightly is further off once in 16 000 tests; the seeds are fixed."""
EXTRACT = date(2020, 6, 30)
NO_DAY = np.datetime64("NaT", "D")


def _with(**settings):
    return replace(margins(), settings={**margins().settings, **settings})


CLEAN = _with(card_before_three_calls=0.0, begun_unreached=0.0, activity_renewed=1.0)


def _episodes(n: int, **columns) -> Episodes:
    draws = Draws(6, np.arange(n) + 1, turn=np.arange(n) % 2)
    until = draws.day("until", np.datetime64("2019-01-01"), np.datetime64("2022-12-31"))
    entry = until - days(draws.whole("length", 5, 1400))
    drawn = Episodes(
        person=draws.persons,
        turn=draws.turn,
        entry=entry,
        registered=entry,
        until=until,
        district=draws.pick("district", {"SOD": 1, "HVB": 1}),
        entry_reason=np.full(n, "AVN"),
        last_school=np.full(n, "NP"),
        has_phone=draws.chance("phone", 0.8),
        is_protected=np.zeros(n, dtype=bool),
        newly_resident=np.zeros(n, dtype=bool),
        openness=draws.uniform("openness"),
        motivation=draws.normal("motivation"),
    )
    return replace(drawn, **{name: np.full(n, value) for name, value in columns.items()})


class Simulated:
    """Episodes with everything that hangs on their way out."""

    def __init__(self, n: int) -> None:
        self.episodes = _episodes(n)
        draws = Draws(9, self.episodes.person, turn=self.episodes.turn)
        self.way = draws.pick("way", {"NP": 0.35, "IM": 0.15, "FLY": 0.2, "F20": 0.3})
        out = draws.day("out", self.episodes.entry, self.episodes.until)
        self.end = np.where(self.way == "F20", self.episodes.until, out)
        potential = potential_contacts(self.episodes, seed=SEED, margins=CLEAN)
        self.contacts = cut(potential, end=self.end)
        self.reached = first_reached(potential, n_episodes=n)
        self.potential = potential_offers(self.episodes, self.reached, seed=SEED, margins=CLEAN)
        self.offers = self.finished(self.potential)
        self.activities = activities_of(
            self.episodes, self.contacts, end=self.end, extract_date=EXTRACT, seed=SEED, margins=CLEAN
        )

    def finished(self, offers: pd.DataFrame) -> pd.DataFrame:
        return finish_offers(offers, self.episodes, end=self.end, way=self.way, seed=SEED, margins=CLEAN)


@pytest.fixture(scope="module")
def simulated() -> Simulated:
    return Simulated(4000)


def _of(rows: pd.DataFrame, array: np.ndarray) -> np.ndarray:
    return array[rows["episode"].to_numpy()]


def _interventions(offers: pd.DataFrame) -> pd.DataFrame:
    """Return the recorded offers as the checks see them, every episode a person."""
    told = offers[offers["is_recorded"]]
    return pd.DataFrame(
        {
            "person_id": told["episode"],
            "intervention_number": told.groupby("episode").cumcount() + 1,
            "kind": told["kind"].astype(str),
            "provider": told["provider"].astype(str).str.lower(),
            "offered_date": told["offered"],
            "start_date": told["start"],
            "end_date": told["end"],
            "end_reason": told["end_reason"].astype(str).replace("", None),
            "step": told["step"].astype(str).replace("", pd.NA).astype("string"),
            "consent": told["consent"].astype(str).map({"J": True, "N": False}).astype("boolean"),
        }
    )


def _talks(contacts: pd.DataFrame) -> pd.DataFrame:
    outcome = contacts["outcome"].astype(str).replace({"NA": "reached"})
    return pd.DataFrame({"person_id": contacts["episode"], "date": contacts["day"], "outcome": outcome})


def _within(observed: float, *, share: float, n: int) -> bool:
    return abs(observed - share) <= N_STANDARD_ERRORS * np.sqrt(share * (1 - share) / n)


def test_offers_are_made_while_registered_and_never_before_the_youth_was_reached(simulated):
    offers, reached = simulated.potential, simulated.reached
    offered = offers["offered"].to_numpy()
    assert (offered >= _of(offers, simulated.episodes.entry)).all()
    assert (offered < _of(offers, simulated.episodes.until)).all()
    assert not (offered < _of(offers, reached)).any()


def test_the_checks_of_the_package_find_nothing_in_support_without_process_noise(simulated):
    told, talks = _interventions(simulated.offers), _talks(simulated.contacts)
    found = {
        "K205": date_checks.begun_before_offer(told),
        "K801": support_checks.consent_refused(told, providers=("amf",)),
        "K802": support_checks.consent_unknown(told, providers=("amf",)),
        "K803": support_checks.begun_unreached(told, talks),
        "K804": support_checks.end_reason_missing(told),
        "K805": support_checks.told_twice(told, providers=("amf",), within_days=7),
    }
    assert {name: len(rows) for name, rows in found.items()} == dict.fromkeys(found, 0)
    assert told["end_date"].notna().sum() > 500


def test_support_begun_unreached_is_found_when_the_process_is_noisy(simulated):
    noisy = potential_offers(
        simulated.episodes, simulated.reached, seed=SEED, margins=_with(begun_unreached=1.0, offered_if_not_reached=1.0)
    )
    found = support_checks.begun_unreached(_interventions(simulated.finished(noisy)), _talks(simulated.contacts))
    assert len(found) > 50


def test_without_the_filter_on_recorded_rows_the_refused_consents_are_found(simulated):
    all_rows = _interventions(simulated.offers.assign(is_recorded=True))
    assert len(support_checks.consent_refused(all_rows, providers=("amf",))) > 50


def test_consent_is_asked_of_arbetsmarknadsforvaltningen_alone_and_given_as_often_as_the_setting_says(simulated):
    offers = simulated.potential
    asked = offers["provider"].eq("AMF")
    assert set(offers.loc[~asked, "consent"].astype(str)) == {""}
    by_episode = offers[asked].groupby("episode")["consent"].agg(lambda answers: "".join(sorted(set(answers))))
    assert set(by_episode) == {"J", "N"}
    assert _within((by_episode == "J").mean(), share=0.9, n=len(by_episode))
    assert (offers["is_recorded"] == offers["consent"].ne("N")).all()


def test_first_offers_and_declined_ones_follow_their_settings(simulated):
    offers = simulated.potential
    first = offers[offers["number"].eq(0)]
    could = ~np.isnat(simulated.reached) & (simulated.reached + days(80) < simulated.episodes.until)
    offered = np.isin(np.flatnonzero(could), first["episode"])
    assert _within(offered.mean(), share=margins().share("offered_if_reached"), n=could.sum())
    assert _within(first["accepted"].eq("N").mean(), share=0.25, n=len(first))


def test_who_declined_is_never_in_support_and_some_who_accepted_never_begin(simulated):
    offers = simulated.potential
    assert offers.loc[offers["accepted"].ne("J"), "start"].isna().all()
    accepted = offers[
        offers["accepted"].eq("J") & offers["number"].mod(4).eq(0) & _of(offers, ~np.isnat(simulated.reached))
    ]
    assert _within(accepted["start"].isna().mean(), share=0.07, n=len(accepted))


def test_missing_support_is_told_without_an_answer_or_a_start(simulated):
    missing = simulated.potential[simulated.potential["not_offered_reason"].ne("")]
    assert set(missing["accepted"].astype(str)) == {""}
    assert missing["start"].isna().all()
    assert missing["episode"].is_unique
    by_reason = missing.groupby("not_offered_reason", observed=True)["provider"].agg(lambda p: "".join(sorted(set(p))))
    assert by_reason.to_dict() == {"STOD": "ANN", "PLATS": "AMF", "ANN": "ANN"}
    could = ~np.isnat(simulated.reached) & (simulated.reached + days(115) < simulated.episodes.until)
    assert _within(np.isin(np.flatnonzero(could), missing["episode"]).mean(), share=0.06, n=could.sum())


def test_youth_employment_is_a_week_six_weeks_and_half_a_year_each_offered_as_it_begins(simulated):
    steps = simulated.potential[simulated.potential["step"].ne("")]
    assert set(steps["kind"].astype(str)) == {"UNG"}
    length = (steps["planned_end"] - steps["start"]).dt.days
    assert length.groupby(steps["step"], observed=True).unique().map(list).to_dict() == {
        "FOB": [7],
        "PRA": [42],
        "ANS": [182],
    }
    following = steps.merge(
        steps[["episode", "start", "step"]], left_on=["episode", "planned_end"], right_on=["episode", "start"],
        suffixes=("", "_next"), validate="one_to_one",
    )  # fmt: skip
    pairs = following.groupby(["step", "step_next"], observed=True).size().index.tolist()
    assert pairs == [("FOB", "PRA"), ("PRA", "ANS")]
    assert (steps.loc[steps["step"].ne("FOB"), "offered"] == steps.loc[steps["step"].ne("FOB"), "start"]).all()


def test_youth_employment_and_aim_are_begun_once_in_an_episode(simulated):
    begun = simulated.potential[simulated.potential["start"].notna()]
    aim, first_steps = begun[begun["kind"].eq("AIM")], begun[begun["step"].eq("FOB")]
    assert (aim["episode"].is_unique, first_steps["episode"].is_unique) == (True, True)


def test_the_way_into_aim_is_told_of_those_who_accepted_it_and_of_no_other_support(simulated):
    offers = simulated.potential
    told = offers["route_in"].ne("")
    assert (told == (offers["kind"].eq("AIM") & offers["accepted"].eq("J"))).all()
    assert offers.loc[told, "route_in"].value_counts().index[0] == "LOK"


def test_aim_is_offered_less_in_vasterort_by_the_factor_of_the_setting():
    alike = _with(support={"AIM/AMF": 50, "SYV/UTBF": 50}, aim_by_motivation=0.0, offered_if_reached=1.0)
    shares = {}
    for district in ("SOD", "HVB"):
        youths = _episodes(4000, district=district)
        offers = potential_offers(youths, youths.entry, seed=SEED, margins=alike)
        first = offers[offers["number"].eq(0)]
        shares[district] = (first["kind"].eq("AIM").mean(), len(first))
    assert _within(shares["SOD"][0], share=0.5, n=shares["SOD"][1])
    assert _within(shares["HVB"][0], share=0.35 / 1.35, n=shares["HVB"][1])


def test_motivation_moves_the_log_odds_of_aim_by_the_setting():
    alike = _with(support={"AIM/AMF": 50, "SYV/UTBF": 50}, aim_by_motivation=0.7, offered_if_reached=1.0)
    youths = _episodes(6000, district="SOD", motivation=1.0)
    offers = potential_offers(youths, youths.entry, seed=SEED, margins=alike)
    first = offers[offers["number"].eq(0)]
    expected = 1 / (1 + np.exp(-0.7))
    assert _within(first["kind"].eq("AIM").mean(), share=expected, n=len(first))


def test_never_takes_aim_away_and_nothing_else(simulated):
    never = potential_offers(simulated.episodes, simulated.reached, seed=SEED, margins=CLEAN, aim="never")
    others = simulated.potential[simulated.potential["kind"].ne("AIM")].reset_index(drop=True)
    pd.testing.assert_frame_equal(never, others)
    assert np.isnat(aim_start(never, n_episodes=len(simulated.episodes))).all()


def test_within_90_days_begins_aim_for_everyone_reached_on_a_working_day_in_the_grace(simulated):
    n = len(simulated.episodes)
    early = potential_offers(simulated.episodes, simulated.reached, seed=SEED, margins=CLEAN, aim="within_90_days")
    start, reached = aim_start(early, n_episodes=n), simulated.reached
    np.testing.assert_array_equal(np.isnat(start), np.isnat(reached))
    wait = (start - reached)[~np.isnat(reached)].astype(int)
    assert (wait.min(), wait.max() < 90, np.median(wait) > 30) == (0, True, True)
    assert weekday_of(start[~np.isnat(start)]).max() == 4
    assert not in_summer_pause(start[~np.isnat(start)]).any()
    others = simulated.potential[simulated.potential["kind"].ne("AIM")].reset_index(drop=True)
    pd.testing.assert_frame_equal(early[early["kind"].ne("AIM")].reset_index(drop=True), others)


def test_aim_within_90_days_breaks_no_check(simulated):
    early = potential_offers(simulated.episodes, simulated.reached, seed=SEED, margins=CLEAN, aim="within_90_days")
    told = _interventions(simulated.finished(early))
    assert len(support_checks.begun_unreached(told, _talks(simulated.contacts))) == 0
    assert len(date_checks.begun_before_offer(told)) == 0
    assert len(support_checks.told_twice(told, providers=("amf",), within_days=7)) == 0


def test_an_unknown_strategy_is_told_with_the_known_ones(simulated):
    with pytest.raises(DefinitionError, match=r"as_drawn, never eller within_90_days.*never") as told:
        potential_offers(simulated.episodes, simulated.reached, seed=SEED, margins=CLEAN, aim="nevr")
    assert told.value.found == ("nevr",)


def test_a_person_has_the_same_offers_alone_as_among_others(simulated):
    some = np.array([1, 10, 11, 3999])
    alone = potential_offers(simulated.episodes.of(some), simulated.reached[some], seed=SEED, margins=CLEAN)
    among = simulated.potential[simulated.potential["episode"].isin(some)].reset_index(drop=True)
    among = among.assign(episode=np.searchsorted(some, among["episode"]).astype("int32"))
    pd.testing.assert_frame_equal(alone, among)
    finished = finish_offers(
        alone, simulated.episodes.of(some), end=simulated.end[some], way=simulated.way[some], seed=SEED, margins=CLEAN
    )
    expected = simulated.offers[simulated.offers["episode"].isin(some)].reset_index(drop=True)
    expected = expected.assign(episode=np.searchsorted(some, expected["episode"]).astype("int32"))
    pd.testing.assert_frame_equal(finished, expected)


def test_who_is_never_registered_is_never_offered_anything():
    unknown = _episodes(50, registered=NO_DAY)
    always = _with(offered_if_not_reached=1.0)
    assert len(potential_offers(unknown, np.full(50, NO_DAY), seed=SEED, margins=always)) == 0


def test_nobody_offered_anything_gives_a_table_of_no_rows_and_the_same_columns(simulated):
    none = np.zeros(len(simulated.episodes), dtype=bool)
    empty = potential_offers(simulated.episodes.of(none), simulated.reached[none], seed=SEED, margins=CLEAN)
    pd.testing.assert_frame_equal(empty, simulated.potential.iloc[:0])


def test_nothing_is_offered_or_begun_on_the_way_out_or_later(simulated):
    offers = simulated.offers
    assert (offers["offered"].to_numpy() < _of(offers, simulated.end)).all()
    assert not (offers["start"].to_numpy() >= _of(offers, simulated.end)).any()
    kept = simulated.potential["offered"].to_numpy() < _of(simulated.potential, simulated.end)
    assert len(offers) == kept.sum()


def test_every_begun_support_has_an_end_after_its_start_a_reason_and_an_activity_after(simulated):
    offers = simulated.offers
    begun = offers["start"].notna()
    assert (offers.loc[begun, "end"] > offers.loc[begun, "start"]).all()
    assert offers.loc[begun, ["end_reason", "activity_after"]].ne("").all(axis=None)
    assert offers.loc[~begun, "end"].isna().all()
    assert not offers.loc[~begun, ["end_reason", "activity_after"]].ne("").any(axis=None)
    told = offers.loc[begun & offers["end_reason"].isin(["STU", "ARB", "OKA"])]
    assert (told["end_reason"].astype(str) == told["activity_after"].astype(str)).all()


def test_support_before_a_study_start_ends_for_studies_at_the_latest_then_when_it_always_does(simulated):
    always = _with(ends_at_study_start=1.0, begun_unreached=0.0)
    offers = finish_offers(
        simulated.potential, simulated.episodes, end=simulated.end, way=simulated.way, seed=SEED, margins=always
    )
    begun = offers[offers["start"].notna() & offers["kind"].ne("UNG")]
    to_studies = begun[_of(begun, np.isin(simulated.way, ["NP", "IM"]))]
    out = _of(to_studies, simulated.end)
    assert (to_studies["end"].to_numpy() <= out).all()
    soon = to_studies[to_studies["end"].to_numpy() == out]
    assert (set(soon["end_reason"].astype(str)), len(soon) > 100) == ({"STU"}, True)
    others = begun[_of(begun, simulated.way == "FLY")]
    assert (others["end"].to_numpy() > _of(others, simulated.end)).any()


def test_known_activities_lapse_for_nobody_when_they_are_always_renewed(simulated):
    running = _running(simulated, simulated.activities)
    assert len(support_checks.lapsed(running, extract_date=EXTRACT)) == 0
    assert len(running) > 300


def test_activities_that_are_not_renewed_lapse(simulated):
    told = activities_of(
        simulated.episodes, simulated.contacts, end=simulated.end, extract_date=EXTRACT, seed=SEED,
        margins=_with(activity_renewed=0.0),
    )  # fmt: skip
    assert told["episode"].is_unique
    assert len(support_checks.lapsed(_running(simulated, told), extract_date=EXTRACT)) > 100


def _running(simulated: Simulated, activities: pd.DataFrame) -> pd.DataFrame:
    registered = (simulated.episodes.entry < np.datetime64(EXTRACT)) & ~(simulated.end < np.datetime64(EXTRACT))
    end = pd.Series(simulated.end[registered].astype("datetime64[us]"))
    registrations = pd.DataFrame(
        {
            "person_id": np.flatnonzero(registered).astype(str),
            "entry_date": simulated.episodes.entry[registered].astype("datetime64[us]"),
            "exit_date": end.where(end < pd.Timestamp(EXTRACT)),
        }
    )
    rows = pd.DataFrame(
        {
            "person_id": activities["episode"].astype("string"),
            "activity_number": activities.groupby("episode").cumcount() + 1,
            "kind": activities["kind"].astype(str),
            "to_date": activities["end"],
            "known_at": activities["known"],
        }
    )
    told = HandTyped({"activities": typed_table(rows, table="activities")}, extract_date=EXTRACT)
    return support_checks.running_activities(told, registrations, valid_for=margins().weights("activity_valid_days"))


def test_activities_follow_upon_each_other_in_the_registration_and_end_with_it(simulated):
    told = simulated.activities
    dated = told[told["start"].notna()]
    assert (dated["start"].to_numpy() >= _of(dated, simulated.episodes.entry)).all()
    assert (dated["start"] <= dated["known"]).all()
    assert (told["known"].to_numpy() < _of(told, simulated.end)).all()
    assert (told["known"] <= pd.Timestamp(EXTRACT)).all()
    following = told.groupby("episode")["start"].shift(-1)
    inside = following.notna() & told["start"].notna()
    assert (told.loc[inside, "end"] == following[inside]).all()
    last = told[~told.duplicated("episode", keep="last")]
    out = _of(last, simulated.end)
    has_ended = (out <= np.datetime64(EXTRACT)) & last["start"].notna().to_numpy()
    expected = np.where(has_ended, out, NO_DAY)
    np.testing.assert_array_equal(last["end"].to_numpy().astype("datetime64[D]"), expected)


def test_the_first_activity_is_told_at_the_first_talk_with_the_youth_or_a_guardian(simulated):
    talks = simulated.contacts[simulated.contacts["outcome"].isin(["NA", "VH"])]
    told_at = talks["responded"].fillna(talks["day"]).groupby(talks["episode"]).min()
    told_at = told_at[told_at <= pd.Timestamp(EXTRACT)]
    first = simulated.activities.drop_duplicates("episode").set_index("episode")["known"]
    assert (first == told_at.reindex(first.index)).all()
    assert _within(len(first) / len(told_at), share=0.8, n=len(told_at))


def test_the_days_an_activity_is_valid_are_those_of_the_check():
    canonical = {
        "ARB": "work", "PRA": "internship", "SOK": "job_seeking", "STU": "studies", "UTL": "studies_abroad",
        "FOR": "parental_leave", "ING": "none", "ANN": "other", "OKA": "unknown",
    }  # fmt: skip
    table = files("kaa_analysis.checks").joinpath("activity_validity.csv")
    with table.open(encoding="utf-8") as lines:
        checked = pd.read_csv(lines, keep_default_na=False).set_index("kind")["days"].to_dict()
    simulated = {canonical[kind]: valid for kind, valid in margins().weights("activity_valid_days").items()}
    assert simulated == checked


@pytest.fixture(scope="module")
def enrolments() -> GymnasiumEnrolments:
    n = 4000
    draws = Draws(3, np.arange(n) // 2 + 1, turn=np.arange(n) % 2)
    start = np.where(draws.turn == 0, np.datetime64("2017-08-15"), np.datetime64("2019-08-20"))
    reason = draws.pick("reason", {"AV": 0.4, "FU": 0.3, "BY": 0.1, "": 0.2})
    end = np.where(reason == "", NO_DAY, start + days(draws.whole("length", 200, 600)))
    return GymnasiumEnrolments(
        draws.persons, draws.turn, start, end, reason, draws.pick("unit", {"10000001": 1, "10000002": 1})
    )


def test_notices_tell_of_the_start_of_absence_while_enrolled_and_of_the_dropout_after(enrolments):
    notices = notices_of(enrolments, seed=SEED, margins=margins())
    n_dropouts = (enrolments.leave_reason == "AV").sum()
    counts = notices["kind"].value_counts()
    assert _within(counts["BOR"] / len(enrolments.person), share=0.9, n=len(enrolments.person))
    assert _within(counts["SLU"] / n_dropouts, share=0.95, n=n_dropouts)
    assert list(notices.columns) == ["person", "kind", "day", "unit"]
    assert notices["person"].is_monotonic_increasing


def test_notices_of_absence_come_before_most_dropouts_and_are_rare_otherwise(enrolments):
    drops_out = enrolments.leave_reason == "AV"
    alone = {}
    for name, rows in {"dropouts": drops_out, "others": ~drops_out}.items():
        some = GymnasiumEnrolments(**{field: values[rows] for field, values in vars(enrolments).items()})
        notices = notices_of(some, seed=SEED, margins=margins())
        alone[name] = notices["kind"].eq("FRV").sum() / rows.sum()
    assert 0.4 < alone["dropouts"] < 0.62
    assert 0 < alone["others"] < 0.04


def test_a_notice_of_dropout_comes_on_or_after_it_and_no_other_after_the_enrolment(enrolments):
    one = GymnasiumEnrolments(**{field: values[enrolments.turn == 0] for field, values in vars(enrolments).items()})
    notices = notices_of(one, seed=SEED, margins=margins())
    end = one.end[np.searchsorted(one.person, notices["person"])]
    after = notices["day"].to_numpy() >= end
    assert after[notices["kind"].eq("SLU")].all()
    assert not after[notices["kind"].ne("SLU")].any()


@pytest.fixture(scope="module")
def surveys(simulated) -> pd.DataFrame:
    episodes = simulated.episodes
    aim = aim_start(simulated.potential, n_episodes=len(episodes))
    invited = {"FK": simulated.reached, "AIM": aim}
    draws = Draws(SEED, episodes.person, turn=episodes.turn)
    return number_surveys(
        pd.concat(
            [
                surveys_of(
                    instrument, invited=days_, draws=draws, openness=episodes.openness, motivation=episodes.motivation,
                    extract_date=EXTRACT, margins=margins(),
                )
                for instrument, days_ in invited.items()
            ]
        )
    )  # fmt: skip


def test_surveys_carry_no_person_and_are_numbered_per_instrument(surveys):
    assert list(surveys.columns) == ["instrument", "number", "invited", "answered", "items"]
    for _, rows in surveys.groupby("instrument", observed=True):
        assert rows["number"].tolist() == list(range(1, len(rows) + 1))


def test_the_number_of_a_survey_tells_neither_its_day_nor_the_place_of_its_person():
    n = 2000
    draws, even = Draws(2, np.arange(n)), np.full(n, 0.5)
    told = surveys_of(
        "AVH", invited=np.datetime64("2014-01-01") + days(np.arange(n)), draws=draws, openness=even, motivation=even,
        extract_date=EXTRACT, margins=margins(),
    )  # fmt: skip
    numbered = number_surveys(told)
    by_day = numbered["number"].corr(numbered["invited"].astype("int64"), method="spearman")
    assert abs(by_day) < N_STANDARD_ERRORS / np.sqrt(len(numbered))


def test_answers_come_after_the_invitation_within_a_month_and_have_the_pattern_of_the_table(surveys):
    answered = surveys["answered"].notna()
    wait = (surveys["answered"] - surveys["invited"]).dt.days[answered]
    assert (wait.min(), wait.max()) == (0, 30)
    assert (surveys["answered"].dropna() <= pd.Timestamp(EXTRACT)).all()
    assert (surveys["items"].ne("") == answered).all()
    by_instrument = {"FK": r"F1=[1-5] F2=[1-5] F3=[1-5] F4=[1-5]", "AIM": r"A1=[1-5] A2=[1-5] A3=[1-5] A4=[1-5]"}
    for instrument, pattern in by_instrument.items():
        items = surveys.loc[answered & surveys["instrument"].eq(instrument), "items"]
        assert items.str.fullmatch(pattern).all()
        assert len(items) > 30


def test_those_who_answer_are_more_motivated_than_those_who_do_not():
    n = 4000
    draws, even = Draws(2, np.arange(n)), np.full(n, 0.5)
    answered = {}
    for motivation in (-1.0, 0.0, 1.0):
        found = surveys_of(
            "FK", invited=np.full(n, np.datetime64("2020-01-07")), draws=draws, openness=even,
            motivation=np.full(n, motivation), extract_date=EXTRACT, margins=margins(),
        )  # fmt: skip
        assert _within(len(found) / n, share=0.9, n=n)
        assert _within(found["answered"].notna().mean(), share=1 / (1 + np.exp(-0.5 * motivation)), n=len(found))
        answered[motivation] = found["items"].str.count("=[45]").sum() / found["answered"].notna().sum()
    assert answered[-1.0] < answered[0.0] < answered[1.0]
