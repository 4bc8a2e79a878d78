"""The outreach routine on whole arrays: its order, its seasons, what is known at the way out, and luck that nobody else moves."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.checks import contact_checks
from kaa_analysis.synthetic.draws import Draws
from kaa_analysis.synthetic.episodes import Episodes
from kaa_analysis.synthetic.margins import margins
from kaa_analysis.synthetic.outreach import cut, first_reached, potential_contacts
from kaa_analysis.synthetic.school_calendar import big_letter_day, days, in_summer_pause, month_of, weekday_of, year_of

SEED = 11
N_STANDARD_ERRORS = 4
"""A share drawn rightly is further off once in 16 000 tests; the seeds are fixed."""
CHANNELS = {
    "BREV": "letter",
    "SMS": "sms",
    "TEL": "phone",
    "KNACK": "knackakort",
    "HEM": "home_visit",
    "DROP": "drop_in",
}


def _episodes(n: int, **columns) -> Episodes:
    draws = Draws(5, np.arange(n) + 1, turn=np.arange(n) % 3)
    until = draws.day("until", np.datetime64("2018-01-01"), np.datetime64("2021-12-31"))
    entry = until - days(draws.whole("length", 5, 1400))
    drawn = Episodes(
        person=draws.persons,
        turn=draws.turn,
        entry=entry,
        registered=entry + days(draws.whole("late", 0, 3)),
        until=until,
        district=draws.pick("district", {"SOD": 1, "HVB": 1}),
        entry_reason=draws.pick("reason", {"AVN": 0.7, "STB": 0.3}),
        last_school=np.full(n, "NP"),
        has_phone=draws.chance("phone", 0.8),
        is_protected=draws.chance("protected", 0.05),
        newly_resident=np.zeros(n, dtype=bool),
        openness=draws.uniform("openness"),
        motivation=draws.normal("motivation"),
    )
    return replace(drawn, **{name: np.full(n, value) for name, value in columns.items()})


def _with(**settings):
    return replace(margins(), settings={**margins().settings, **settings})


CLEAN = _with(card_before_three_calls=0.0)


@pytest.fixture(scope="module")
def episodes() -> Episodes:
    return _episodes(3000)


@pytest.fixture(scope="module")
def contacts(episodes) -> pd.DataFrame:
    return potential_contacts(episodes, seed=SEED, margins=CLEAN)


def _of(contacts: pd.DataFrame, array: np.ndarray) -> np.ndarray:
    return array[contacts["episode"].to_numpy()]


def _canonical(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return the contacts as the checks see them, every episode a person."""
    return pd.DataFrame(
        {
            "person_id": contacts["episode"],
            "contact": np.arange(len(contacts)),
            "date": contacts["day"],
            "direction": contacts["direction"].map({"U": "outgoing", "I": "incoming"}).astype(str),
            "channel": contacts["channel"].astype(str).map(CHANNELS).fillna("other"),
            "staff_count": contacts["staff"].where(contacts["staff"] > 0).astype("Int64"),
        }
    )


def _registrations(episodes: Episodes) -> pd.DataFrame:
    entry = pd.Series(episodes.entry.astype("datetime64[s]"))
    return pd.DataFrame({"person_id": np.arange(len(episodes)), "entry_date": entry})


def _persons(episodes: Episodes) -> pd.DataFrame:
    return pd.DataFrame({"person_id": np.arange(len(episodes)), "has_phone": episodes.has_phone})


def _within(observed: float, *, share: float, n: int) -> bool:
    return abs(observed - share) <= N_STANDARD_ERRORS * np.sqrt(share * (1 - share) / n)


def test_contacts_stand_in_the_order_of_episode_and_day_with_one_type_per_column(contacts):
    in_order = contacts.sort_values(["episode", "day"], kind="stable", ignore_index=True)
    pd.testing.assert_frame_equal(contacts, in_order)
    assert contacts.dtypes.astype(str).to_dict() == {
        "episode": "int32",
        "day": "datetime64[s]",
        "direction": "category",
        "channel": "category",
        "campaign": "category",
        "staff": "int8",
        "planned_visit": "datetime64[s]",
        "outcome": "category",
        "responded": "datetime64[s]",
        "responder": "category",
    }


def test_nobody_at_all_gives_a_table_of_no_rows_and_the_same_columns(episodes, contacts):
    nobody = potential_contacts(episodes.of(np.zeros(len(episodes), dtype=bool)), seed=SEED, margins=CLEAN)
    pd.testing.assert_frame_equal(nobody, contacts.iloc[:0])
    assert first_reached(nobody, n_episodes=0).tolist() == []


def test_who_is_never_registered_is_never_contacted():
    unknown = _episodes(50, registered=np.datetime64("NaT", "D"))
    assert len(potential_contacts(unknown, seed=SEED, margins=CLEAN)) == 0


def test_no_contact_lies_before_the_register_knows_or_on_the_twentieth_birthday_or_later(episodes, contacts):
    day = contacts["day"].to_numpy()
    assert (day >= _of(contacts, np.maximum(episodes.entry, episodes.registered))).all()
    assert (day < _of(contacts, episodes.until)).all()
    assert not (contacts["responded"].to_numpy() >= _of(contacts, episodes.until)).any()


def test_nobody_is_sought_on_weekends_and_only_the_letter_at_twenty_is_sent_in_the_summer_pause(contacts):
    day = contacts["day"].to_numpy().astype("datetime64[D]")
    assert weekday_of(day).max() == 4
    in_pause = contacts[in_summer_pause(day)]
    assert in_pause["campaign"].astype(str).unique().tolist() == ["F20"]


def test_the_big_letter_goes_out_on_its_day_and_that_of_a_studiebevis_two_weeks_later(episodes, contacts):
    campaign = contacts["campaign"].astype(str)
    for prefix, wait in {"HT": 0, "STB": 14}.items():
        sent = contacts[campaign.str.startswith(prefix)]
        day = sent["day"].to_numpy().astype("datetime64[D]")
        assert (day == big_letter_day(year_of(day)) + days(wait)).all()
        assert (sent["campaign"].astype(str) == np.char.add(prefix, year_of(day).astype(str))).all()
        assert ((_of(sent, episodes.entry_reason) == "STB") == (prefix == "STB")).all()
        assert set(month_of(day)) <= {9, 10}


def test_everyone_registered_on_the_day_gets_the_big_letter_but_who_is_protected():
    first, day = np.datetime64("2019-07-01"), big_letter_day(2019)
    youths = _episodes(200, entry=first, registered=first, until=day + days(100), entry_reason="AVN")
    sent = potential_contacts(youths, seed=SEED, margins=CLEAN)
    letters = sent[sent["channel"].eq("BREV") & sent["campaign"].eq("HT2019")]
    assert letters["episode"].tolist() == np.flatnonzero(~youths.is_protected).tolist()
    assert 0 < youths.is_protected.sum() < 20


def test_every_letter_has_an_sms_the_same_day_exactly_where_there_is_a_phone(episodes, contacts):
    letters = contacts[contacts["channel"].eq("BREV") & contacts["campaign"].ne("F20")]
    texts = contacts[contacts["channel"].eq("SMS")]
    with_phone = letters[_of(letters, episodes.has_phone)][["episode", "day"]].assign(mailed=True)
    both = with_phone.merge(
        texts[["episode", "day"]].drop_duplicates(), how="left", indicator=True, validate="one_to_one"
    )
    assert (both["_merge"] == "both").all()
    assert _of(texts, episodes.has_phone).all()


def test_a_letter_and_its_sms_are_never_both_answered(contacts):
    mailed = contacts[contacts["channel"].isin(["BREV", "SMS"])]
    assert mailed.groupby(["episode", "day"])["responded"].count().max() == 1


def test_the_protected_get_no_letter_card_or_visit(episodes, contacts):
    protected = contacts[_of(contacts, episodes.is_protected)]
    assert set(protected["channel"]) == {"TEL", "EPOST", "SOC", "DROP"} | ({"SMS"} & set(protected["channel"]))
    assert not protected["campaign"].ne("").any()


def test_the_steps_of_a_round_come_in_the_order_of_the_routine(contacts):
    sought = contacts[contacts["channel"].isin(["BREV", "TEL", "KNACK", "HEM"])]
    cards = sought[sought["channel"].eq("KNACK")][["episode", "day", "planned_visit"]]
    pairs = cards.merge(
        sought[["episode", "day", "channel"]], on="episode", suffixes=("", "_other"), validate="many_to_many"
    )
    written = pairs[pairs["channel"].eq("BREV") & (pairs["day_other"] < pairs["day"])]
    assert len(cards.merge(written[["episode", "day"]].drop_duplicates(), validate="many_to_one")) == len(cards)
    visits = contacts[contacts["channel"].eq("HEM")][["episode", "day"]]
    carded = visits.merge(
        cards, left_on=["episode", "day"], right_on=["episode", "planned_visit"], validate="one_to_one"
    )
    assert len(carded) == len(visits) > 50


def test_a_card_that_was_answered_is_not_followed_by_its_visit(contacts):
    answered = contacts[contacts["channel"].eq("KNACK") & contacts["responded"].notna()]
    assert (answered["responded"] > answered["day"]).all()
    assert (answered["responded"] < answered["planned_visit"]).all()
    visits = contacts[contacts["channel"].eq("HEM")][["episode", "day"]]
    met = answered[["episode", "planned_visit"]].merge(
        visits, left_on=["episode", "planned_visit"], right_on=["episode", "day"], validate="one_to_one"
    )
    assert (len(answered) > 10, len(met)) == (True, 0)


def test_who_has_been_reached_gets_no_card_and_no_visit_after(episodes, contacts):
    reached = _of(contacts, first_reached(contacts, n_episodes=len(episodes)))
    late = contacts[contacts["channel"].isin(["KNACK", "HEM"]) & (contacts["day"].to_numpy() > reached)]
    assert len(late) == 0


def test_who_comes_by_is_not_sought_any_more_until_the_next_mailing(episodes):
    visited = potential_contacts(episodes, seed=SEED, margins=_with(drop_in=2.0, card_before_three_calls=1.0))
    came = visited[visited["direction"].eq("I")][["episode", "day"]]
    sought = visited[visited["channel"].isin(["KNACK", "HEM"])][["episode", "day"]]
    pairs = came.merge(sought, on="episode", suffixes=("_came", ""), validate="many_to_many")
    assert (len(came) > 1000, (pairs["day"] >= pairs["day_came"]).sum()) == (True, 0)
    assert set(visited.loc[visited["direction"].eq("I"), "channel"].astype(str)) == {"DROP", "TEL"}


def test_who_will_come_by_is_sought_until_then_as_others_are():
    first = np.datetime64("2019-09-24")
    youths = _episodes(1500, entry=first, registered=first, until=np.datetime64("2020-06-15"), entry_reason="AVN")
    alone = potential_contacts(youths, seed=SEED, margins=_with(drop_in=0.0, keeps_in_touch=0.0, letter_at_twenty=0.0))
    with_visits = potential_contacts(
        youths, seed=SEED, margins=_with(drop_in=2.0, keeps_in_touch=0.0, letter_at_twenty=0.0)
    )
    came = with_visits[with_visits["direction"].eq("I")].set_index("episode")["day"]
    calls = alone[alone["channel"].eq("TEL")]
    expected = calls[calls["day"] < calls["episode"].map(came).fillna(pd.Timestamp("2021-01-01"))]
    outgoing = with_visits[with_visits["channel"].eq("TEL") & with_visits["direction"].eq("U")]
    pd.testing.assert_frame_equal(outgoing.reset_index(drop=True), expected.reset_index(drop=True))
    assert expected["episode"].isin(came.index).sum() > 100


def test_the_checks_of_the_package_find_nothing_in_the_routine_without_process_noise(episodes, contacts):
    told, registrations, persons = _canonical(contacts), _registrations(episodes), _persons(episodes)
    found = {
        "K701": contact_checks.before_registration(told, registrations),
        "K702": contact_checks.home_visits_short_of_staff(told, least=2),
        "K703": contact_checks.home_visits_of_unknown_staff(told),
        "K704": contact_checks.repeated_calls(told, least=2),
        "K705": contact_checks.cards_before_calls(told, registrations, persons, phone_days=3),
    }
    assert {name: len(rows) for name, rows in found.items()} == dict.fromkeys(found, 0)
    assert told["channel"].eq("knackakort").sum() > 200


def test_cards_before_three_calls_are_found_when_the_process_is_noisy(episodes):
    noisy = potential_contacts(episodes, seed=SEED, margins=_with(card_before_three_calls=1.0))
    found = contact_checks.cards_before_calls(
        _canonical(noisy), _registrations(episodes), _persons(episodes), phone_days=3
    )
    assert len(found) > 50


def test_the_first_letter_is_sent_within_a_month_as_often_as_the_setting_says():
    first = np.datetime64("2019-01-14")
    youths = _episodes(2000, entry=first, registered=first, until=np.datetime64("2019-09-01"), is_protected=False)
    sent = potential_contacts(youths, seed=SEED, margins=CLEAN)
    letters = sent[sent["channel"].eq("BREV") & sent["campaign"].eq("")].drop_duplicates("episode")
    in_time = (letters["day"] - pd.Timestamp(first)).dt.days <= 31
    assert len(letters) >= 1990
    assert _within(in_time.mean(), share=0.85, n=len(letters))


@pytest.mark.parametrize(("first", "letter"), [("2019-06-03", "2019-09-24"), ("2019-09-24", "2019-09-24")])
def test_who_is_new_in_summer_waits_for_the_big_letter(first, letter):
    youths = _episodes(
        100,
        entry=np.datetime64(first),
        registered=np.datetime64(first),
        until=np.datetime64("2020-08-01"),
        entry_reason="AVN",
    )
    sent = potential_contacts(youths, seed=SEED, margins=CLEAN)
    first_letters = sent[sent["channel"].eq("BREV")].drop_duplicates("episode")
    assert first_letters["day"].dt.strftime("%Y-%m-%d").unique().tolist() == [letter]


def test_the_share_of_youths_who_answer_the_letter_follows_its_setting():
    first = np.datetime64("2019-09-01")
    youths = _episodes(
        4000,
        entry=first,
        registered=first,
        until=np.datetime64("2020-03-01"),
        openness=0.5,
        is_protected=False,
        entry_reason="AVN",
    )
    sent = potential_contacts(youths, seed=SEED, margins=_with(drop_in=0.0))
    mailed = sent[sent["campaign"].eq("HT2019")]
    answered = {who: mailed.loc[mailed["responder"].eq(who), "episode"].nunique() / len(youths) for who in "UV"}
    assert _within(answered["U"], share=0.53 * margins().share("ease_in_mailing"), n=len(youths))
    assert _within(answered["V"], share=0.06, n=len(youths))


def test_who_is_open_is_reached_oftener_than_who_is_not():
    youths = _episodes(1500)
    shares = []
    for openness in (0.1, 0.9):
        alike = replace(youths, openness=np.full(len(youths), openness))
        reached = first_reached(potential_contacts(alike, seed=SEED, margins=CLEAN), n_episodes=len(youths))
        shares.append(np.mean(~np.isnat(reached)))
    assert shares[1] > shares[0] + 0.1


def test_follow_ups_grow_with_their_setting():
    youths = _episodes(500)
    volumes = [
        len(potential_contacts(youths, seed=SEED, margins=_with(keeps_in_touch=share))) for share in (0.0, 0.6, 0.9)
    ]
    assert volumes == sorted(volumes)
    assert volumes[2] > 1.5 * volumes[0]


def test_the_letter_at_twenty_is_sent_in_the_last_two_weeks_before(episodes, contacts):
    sent = contacts[contacts["campaign"].eq("F20")]
    before = (_of(sent, episodes.until) - sent["day"].to_numpy().astype("datetime64[D]")).astype(int)
    assert set(before) <= set(range(1, 15))
    assert sent["episode"].is_unique
    could = (~episodes.is_protected & (episodes.registered <= episodes.until - days(15))).sum()
    assert _within(
        len(sent[(_of(sent, episodes.registered) <= _of(sent, episodes.until) - days(15))]) / could, share=0.95, n=could
    )


def test_a_person_has_the_same_contacts_alone_as_among_others(episodes, contacts):
    some = np.array([2, 700, 701, 2999])
    alone = potential_contacts(episodes.of(some), seed=SEED, margins=CLEAN)
    among = contacts[contacts["episode"].isin(some)].reset_index(drop=True)
    among = among.assign(episode=np.searchsorted(some, among["episode"]).astype("int32"))
    pd.testing.assert_frame_equal(alone, among)


def test_another_seed_gives_other_contacts(episodes, contacts):
    assert not potential_contacts(episodes, seed=SEED + 1, margins=CLEAN).equals(contacts)


def test_what_is_known_at_the_way_out_is_what_had_happened_by_then(episodes, contacts):
    end = Draws(8, episodes.person).day("end", episodes.entry, episodes.until)
    known = cut(contacts, end=end)
    earlier = contacts[contacts["day"].to_numpy() < _of(contacts, end)].reset_index(drop=True)
    too_late = earlier["responded"].to_numpy() >= _of(earlier, end)
    same = ["episode", "day", "direction", "channel", "campaign", "staff", "planned_visit"]
    pd.testing.assert_frame_equal(known[same], earlier[same])
    pd.testing.assert_frame_equal(known[~too_late], earlier[~too_late])
    assert 0 < too_late.sum() < 200
    assert set(known.loc[too_late, "outcome"].astype(str)) == {"EJ"}
    assert known.loc[too_late, "responded"].isna().all()
    assert set(known.loc[too_late, "responder"].astype(str)) == {""}


def test_the_day_first_reached_is_the_same_before_and_after_the_cut_unless_it_lies_beyond_the_way_out(
    episodes, contacts
):
    end = Draws(8, episodes.person).day("end", episodes.entry, episodes.until)
    potential = first_reached(contacts, n_episodes=len(episodes))
    known = first_reached(cut(contacts, end=end), n_episodes=len(episodes))
    expected = np.where(potential < end, potential, np.datetime64("NaT", "D"))
    np.testing.assert_array_equal(known, expected)


def test_without_a_way_out_nothing_is_cut(episodes, contacts):
    never = np.full(len(episodes), np.datetime64("NaT", "D"))
    pd.testing.assert_frame_equal(cut(contacts, end=never), contacts)


def test_first_reached_is_the_day_of_the_answer_or_else_of_the_contact():
    talks = pd.DataFrame(
        {
            "episode": [0, 0, 1, 2],
            "day": pd.to_datetime(["2020-01-07", "2020-01-20", "2020-02-03", "2020-02-03"]),
            "outcome": ["NA", "NA", "NA", "VH"],
            "responded": pd.to_datetime(["2020-01-25", None, None, "2020-02-10"]),
        }
    )
    assert first_reached(talks, n_episodes=4).astype(str).tolist() == ["2020-01-20", "2020-02-03", "NaT", "NaT"]
