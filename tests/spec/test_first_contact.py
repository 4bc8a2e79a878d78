"""The time to the first contact on hand-drawn registers: when it begins and ends, and how it stands to the indicator of the first month."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.cli.commands import INVENTED_LAYOUT, INVENTED_SUPPLEMENTS
from kaa_analysis.cohorts import (
    CENSORED,
    STUDY_OR_OTHER_ENDS,
    chosen_area,
    entering_during,
    first_spells,
    follow_up,
    follow_up_to_first_contact,
)
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import calendar_year, days_from_to
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.indicators import first_attempt_within_month, inclusion_flow
from kaa_analysis.ingest import add_extract, read_register
from kaa_analysis.survival import cumulative_incidence, follow_up_base, life_table, median_weeks
from kaa_analysis.survival.horizons import FIRST_MONTH, FIRST_MONTHS
from kaa_analysis.synthetic.scenario import scenario
from kaa_analysis.synthetic.write import write_register
from tests.spec import test_known_ends as known_ends
from tests.spec.test_indicators import HandDrawn, assert_cells_agree, contact, numbered, spell

YEAR = calendar_year(2024)

CASES = {
    "contacted on the day of registration": (("2024-02-01", "2024-02-01"), ["2024-02-01"], (0, "attempt")),
    "contacted before it came to the register": (("2024-02-01", "2024-02-10"), ["2024-02-05"], (0, "attempt")),
    "contacted before the entry alone": (("2024-02-01", "2024-02-10"), ["2024-01-31"], (357, CENSORED)),
    "registered a month late": (("2024-02-01", "2024-03-01"), ["2024-03-11"], (10, "attempt")),
    "day of registration unknown": (("2024-02-01", None), ["2024-02-21"], (20, "attempt")),
    "registered ahead of the entry": (("2024-02-01", "2024-01-20"), ["2024-01-25", "2024-02-03"], (14, "attempt")),
    "the first of several": (("2024-02-01", "2024-02-01"), ["2024-05-01", "2024-02-08"], (7, "attempt")),
    "never contacted, still there": (("2024-02-01", "2024-02-01"), [], (366, CENSORED)),
    "contacted on the last observed day": (("2024-02-01", "2024-02-01"), ["2025-01-31"], (365, "attempt")),
    "contacted on the day of extract": (("2024-02-01", "2024-02-01"), ["2025-02-01"], (366, CENSORED)),
    "left without contact": (("2024-02-01", "2024-02-01", "2024-03-01"), [], (29, "left")),
    "contacted on the last registered day": (("2024-02-01", "2024-02-01", "2024-03-01"), ["2024-02-29"], (28, "attempt")),
    "contacted on the exit date": (("2024-02-01", "2024-02-01", "2024-03-01"), ["2024-03-01"], (29, "left")),
    "contacted after the exit": (("2024-02-01", "2024-02-01", "2024-02-10"), ["2024-02-20"], (9, "left")),
    "left on the day of extract": (("2024-02-01", "2024-02-01", "2025-02-01"), [], (366, "left")),
    "one day, contacted": (("2024-02-01", "2024-02-01", "2024-02-01"), ["2024-02-01"], (0, "attempt")),
    "one day, not contacted": (("2024-02-01", "2024-02-01", "2024-02-01"), [], (0, "left")),
    "over when it came to the register": (("2024-02-01", "2024-02-10", "2024-02-10"), ["2024-02-05"], None),
    "over before it came to the register": (("2024-02-01", "2024-02-11", "2024-02-10"), [], None),
}  # fmt: skip
"""Entry, registration and exit; the days of the attempts; the time and what ended it (None: never at risk)."""


def drawn(days, attempts) -> HandDrawn:
    entry, registered_at, *leaving = days
    row = spell("a", entry, *leaving, *(["komvux"] if leaving else []), registered_at=registered_at)
    return HandDrawn([row], contacts=numbered([contact("a", day) for day in attempts], "contact"))


def followed(register, **choice):
    return follow_up_to_first_contact(entering_during(register, YEAR), register, **choice)


def ended(follow_up) -> list[tuple[int, str]]:
    return list(follow_up.times[["exit_time", "way_out"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(("days", "attempts", "expected"), CASES.values(), ids=CASES)
def test_the_wait_runs_from_the_registration_to_the_first_attempt_while_registered(days, attempts, expected):
    found = followed(drawn(days, attempts))
    assert ended(found) == ([] if expected is None else [expected])
    assert found.n_never_at_risk == (expected is None)
    assert found.times["entry_time"].eq(0).all()


def test_a_new_registration_waits_for_a_contact_of_its_own():
    spells = [
        spell("a", "2024-02-01", "2024-03-01", "komvux", registered_at="2024-02-01"),
        spell("a", "2024-04-01", number=2, registered_at="2024-04-01"),
    ]
    register = HandDrawn(
        spells, contacts=numbered([contact("a", day) for day in ("2024-02-11", "2024-04-15")], "contact")
    )
    assert ended(followed(register)) == [(10, "attempt"), (14, "attempt")]
    earlier_alone = HandDrawn(spells, contacts=numbered([contact("a", "2024-02-11")], "contact"))
    assert ended(followed(earlier_alone)) == [(10, "attempt"), (306, CENSORED)]


@pytest.mark.parametrize(
    ("contacts", "expected"),
    [
        ([contact("a", "2024-02-05"), contact("a", "2024-02-20", "reached")], (19, "reached")),
        ([contact("a", "2024-02-05", "answered")], (366, CENSORED)),
        ([contact("a", "2024-02-05", "guardian_only")], (366, CENSORED)),
        ([contact("a", "2024-02-05", "reached", channel="drop_in")], (366, CENSORED)),
        ([contact("a", "2024-02-05", "reached", direction="incoming")], (366, CENSORED)),
        ([contact("a", "2025-01-30", "reached", responded_date="2025-02-03")], (366, CENSORED)),
        ([contact("a", "2025-01-30", "reached", responded_date="2025-01-31")], (364, "reached")),
    ],
)
def test_who_is_reached_has_talked_with_us_when_we_sought_the_contact(contacts, expected):
    register = HandDrawn([spell("a", "2024-02-01", registered_at="2024-02-01")], contacts=numbered(contacts, "contact"))
    assert ended(followed(register, contact="reached")) == [expected]


def test_own_contact_is_no_attempt():
    own = [contact("a", "2024-02-02", channel="drop_in"), contact("a", "2024-02-03", direction="incoming")]
    register = HandDrawn([spell("a", "2024-02-01", registered_at="2024-02-01")], contacts=numbered(own, "contact"))
    assert ended(followed(register)) == [(366, CENSORED)]


def test_the_summer_is_that_of_the_indicator():
    days = {"a": "2024-05-31", "b": "2024-06-01", "c": "2024-09-15", "d": "2024-09-16"}
    register = HandDrawn([spell(name, "2024-05-01", registered_at=day) for name, day in days.items()])
    seasons = dict(followed(register).times[["person_id", "season"]].itertuples(index=False, name=None))
    assert seasons == {"a": "rest_of_year", "b": "summer", "c": "summer", "d": "rest_of_year"}


def test_where_the_law_alone_ended_a_registration_the_wait_is_censored_on_that_day():
    names = ["forced_and_told_late", "national"]
    register = known_ends.HandDrawn({name: known_ends.CASES[name] for name in names})
    found = follow_up_to_first_contact(entering_during(register, known_ends.YEARS), register)
    times = found.times.set_index("person_id")[["exit_time", "way_out"]]
    to_change, to_school = ((date(*day) - date(2016, 8, 1)).days for day in ((2018, 7, 1), (2017, 8, 16)))
    assert times.loc[names].to_numpy().tolist() == [[to_change, CENSORED], [to_school, "left"]]
    assert dict(follow_up_base(found, horizons=FIRST_MONTHS).frame.to_numpy().tolist()) == {
        "included": 2,
        "never_at_risk": 0,
        "followed": 2,
        "to_law_change": 1,
        "went_on": 0,
    }


class TestTables:
    def register(self) -> HandDrawn:
        """Eight waits of 3, 12, 20, 40, 70 days, one that ends by leaving after 25, one open since January, and one over at once."""
        waits = {"a": 3, "b": 12, "c": 20, "d": 40, "e": 70}
        spells = [spell(name, "2024-02-01", registered_at="2024-02-01") for name in waits]
        spells += [
            spell("f", "2024-02-01", "2024-02-26", "turned_20", registered_at="2024-02-01"),
            spell("g", "2024-07-01", registered_at="2024-07-01"),
            spell("h", "2024-02-01", "2024-02-10", "komvux", registered_at="2024-02-10"),
        ]
        day = {
            name: (pd.Timestamp("2024-02-01") + pd.Timedelta(days=n)).date().isoformat() for name, n in waits.items()
        }
        return HandDrawn(spells, contacts=numbered([contact(name, on) for name, on in day.items()], "contact"))

    def test_the_counts_and_shares_are_those_worked_out_by_hand(self):
        result = cumulative_incidence(followed(self.register()), horizons=FIRST_MONTHS)
        columns = ["way_out", "months", "n_events", "n_events_to_date", "n_at_risk"]
        expected = [
            ["any", "1", 4, 4, 3], ["any", "2", 1, 5, 2], ["any", "3", 1, 6, 1], ["any", "6", 0, 6, 1],
            ["attempt", "1", 3, 3, 3], ["attempt", "2", 1, 4, 2], ["attempt", "3", 1, 5, 1], ["attempt", "6", 0, 5, 1],
            ["left", "1", 1, 1, 3], ["left", "2", 0, 1, 2], ["left", "3", 0, 1, 1], ["left", "6", 0, 1, 1],
        ]  # fmt: skip
        assert result.frame[columns].to_numpy().tolist() == expected
        shares = result.frame.set_index(["way_out", "months"])["share_left"]
        np.testing.assert_allclose(shares["attempt"], np.array([3, 4, 5, 5]) / 7, rtol=1e-12)
        np.testing.assert_allclose(shares["left"], 1 / 7, rtol=1e-12)

    def test_their_words_are_of_contacts_and_their_names_their_own(self):
        sought, reached = (followed(self.register(), contact=name) for name in ("attempt", "reached"))
        shares = cumulative_incidence(sought, by="season", horizons=FIRST_MONTH)
        assert (shares.id, shares.title) == (
            "entering_to_attempt_cumulative_incidence_by_season",
            "Andel kontaktade och andel som lämnat registret utan kontaktförsök, efter tid på året: nyregistrerade 2024",
        )
        assert dict(shares.column("way_out").labels) == {
            "any": "Kontakt eller avslut",
            "attempt": "Kontaktad",
            "left": "Lämnade utan kontakt",
        }
        assert shares.note.endswith("Sommar är 1 juni–15 september, efter den dag registreringen fördes in.")
        waiting = life_table(reached, horizons=FIRST_MONTHS)
        assert (waiting.id, waiting.title) == (
            "entering_to_reached_life_table",
            "Väntar på ett första samtal: nyregistrerade 2024",
        )
        assert [waiting.column(name).label for name in ("n_left", "n_at_risk", "share_registered")] == [
            "Samtal eller avslut",
            "Väntar",
            "Andel som väntar",
        ]
        measures = {place.measure for result in (shares, waiting) for place in result.cells()}
        assert {name.rsplit("_to_", 1)[0] for name in measures if name.endswith("_at_risk")} == {"entering"}

    def test_the_same_registrations_are_counted_as_by_the_indicator(self):
        register = self.register()
        cohort = entering_during(register, YEAR)
        sought, reached = (
            follow_up_to_first_contact(cohort, register, contact=name) for name in ("attempt", "reached")
        )
        tables = [
            table(follow_up, by=by, horizons=FIRST_MONTHS)
            for table in (cumulative_incidence, life_table)
            for follow_up in (sought, reached)
            for by in (None, "sex", "season")
        ]
        tables += [median_weeks(sought, by="sex"), median_weeks(sought, by="season")]
        base = follow_up_base(sought, horizons=FIRST_MONTHS)
        indicator = first_attempt_within_month(register, periods=[YEAR])
        assert_cells_agree(*tables, base, indicator, inclusion_flow(cohort))
        assert dict(base.frame.to_numpy().tolist()) == {"included": 8, "never_at_risk": 1, "followed": 7}
        linked = {term.measure for table in tables for equation in table.equations for _, term in equation.terms}
        assert {"first_attempt", "entering_to_reached_sought_only"} <= linked

    def test_differences_between_the_two_waits_are_declared(self):
        """What readers can work out: who was sought but not reached, and where they are now, adds up in every row."""
        register = self.register()
        sought, reached = (followed(register, contact=name) for name in ("attempt", "reached"))
        known = (
            life_table(sought, horizons=FIRST_MONTHS).cells()
            | cumulative_incidence(sought, horizons=FIRST_MONTHS).cells()
        )
        waiting = life_table(reached, horizons=FIRST_MONTHS)
        known |= waiting.cells() | cumulative_incidence(reached, horizons=FIRST_MONTHS).cells()
        found = {
            (dict(term.place)["months"], term.measure.rpartition("sought_")[2]): -sum(
                factor * known[other] for factor, other in equation.terms if other != term
            )
            // factor_of_term
            for equation in waiting.equations
            for factor_of_term, term in equation.terms
            if "_sought_" in term.measure and len(equation.terms) == 3
        }
        assert found == {
            (month, what): n
            for month, only in {"1": 3, "2": 4, "3": 5, "6": 5}.items()
            for what, n in {"only": only, "waiting": only, "left": 0}.items()
        }

    def test_half_were_contacted_within_so_many_weeks(self):
        found = median_weeks(followed(self.register()), by="season").frame
        assert found["season"].tolist() == ["all", "rest_of_year", "summer"]
        assert found["n_followed"].tolist() == [7, 6, 1]
        np.testing.assert_array_equal(found["weeks"].astype(float), [6, 3, np.nan])
        np.testing.assert_array_equal(found["persons_within"].astype(float), [4, 3, np.nan])
        np.testing.assert_array_equal(found["persons_after"].astype(float), [3, 3, np.nan])

    @pytest.mark.parametrize(("wait", "weeks"), [(0, 0), (1, 1), (7, 1), (8, 2)])
    def test_a_contact_on_the_last_day_of_a_week_is_within_it(self, wait, weeks):
        day = (pd.Timestamp("2024-02-01") + pd.Timedelta(days=wait)).date().isoformat()
        found = median_weeks(followed(drawn(("2024-02-01", "2024-02-01"), [day]))).frame
        assert found["weeks"].tolist() == [weeks]


class TestRefused:
    def test_another_contact(self):
        with pytest.raises(DefinitionError, match=r'Kontakten ska vara attempt eller reached.*menade du "reached"'):
            followed(drawn(("2024-02-01", "2024-02-01"), []), contact="reach")

    def test_contacts_of_another_extract(self):
        register = drawn(("2024-02-01", "2024-02-01"), [])
        later = HandDrawn([spell("a", "2024-02-01")], extract_date=date(2025, 3, 1))
        with pytest.raises(DefinitionError, match=r"samma uttag"):
            follow_up_to_first_contact(entering_during(register, YEAR), later)
        assert len(followed(register).times) == 1

    def test_the_cohort_of_a_district(self):
        register = drawn(("2024-02-01", "2024-02-01"), [])
        cohort = entering_during(register, YEAR, area=chosen_area("jarva", division="2023"))
        with pytest.raises(DefinitionError, match=r"hela kommunen"):
            follow_up_to_first_contact(cohort, register)

    def test_a_split_that_the_follow_up_does_not_know(self):

        register = drawn(("2024-02-01", "2024-02-01"), [])
        cohort = entering_during(register, YEAR)
        leaving = follow_up(cohort, ways_out=STUDY_OR_OTHER_ENDS, unit="days", delayed_entry=True)
        with pytest.raises(DefinitionError, match=r"ha uppgiften"):
            life_table(leaving, by="season")
        with pytest.raises(DefinitionError, match=r"tiden till första kontakt"):
            median_weeks(leaving)


def test_only_the_cohort_of_all_new_registrations_is_tied_to_the_indicator():
    register = drawn(("2024-02-01", "2024-02-01"), [])
    first = follow_up_to_first_contact(first_spells(entering_during(register, YEAR)), register)
    assert first.cohort == "entering_first_to_attempt"
    terms = {
        term.measure for equation in life_table(first, horizons=FIRST_MONTHS).equations for _, term in equation.terms
    }
    assert "first_attempt" not in terms
    assert "entering_first_to_attempt_at_risk" in terms


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demonstration register."""
    folder = tmp_path_factory.mktemp("demo")
    secure = SecureFolder(folder / "secure")
    write_register(folder / "raw", scenario=scenario("demo"))
    add_extract(
        "demo",
        layout=INVENTED_LAYOUT,
        supplements=INVENTED_SUPPLEMENTS,
        files=sorted((folder / "raw").glob("*.csv")),
        extract_date=None,
        secure=secure,
        observed_from=scenario("demo").start,
        invented=True,
    )
    return read_register("demo", secure=secure)


def by_calendar_month(register, cohort) -> dict[str, int]:
    """Return the rows of the indicator, worked out of the waits: who was contacted by the same day of the next month."""
    times = follow_up_to_first_contact(cohort, register).times
    keys = ["person_id", "spell"]
    spells = cohort.spells.merge(
        times[[*keys, "exit_time", "way_out", "season"]], on=keys, how="left", validate="one_to_one"
    )
    zero = spells["registered_at"].fillna(spells["entry_date"])
    deadline = zero + pd.DateOffset(months=1)
    within = spells["way_out"].eq("attempt") & (spells["exit_time"] <= (deadline - zero).dt.days)
    left = spells["exit_date"] <= deadline
    rows = {
        "summer": spells["season"].eq("summer"),
        "left_before": left & ~within,
        "not_yet_decided": ~left & (deadline >= pd.Timestamp(register.extract_date)),
        "within": within,
    }
    chosen = np.select(
        [row.fillna(False).to_numpy(dtype=bool) for row in rows.values()], list(rows), default="later_or_none"
    )
    return {"all": len(spells)} | pd.Series(chosen).value_counts().to_dict()


@pytest.mark.parametrize(
    "days", [("2022-01-01", "2024-12-31"), ("2022-07-01", "2024-06-30"), ("2024-12-01", "2025-01-20")]
)
def test_the_waits_give_the_rows_of_the_indicator_on_the_demonstration_register(demo, days):
    period = days_from_to(*days)
    found = first_attempt_within_month(demo, periods=[period]).frame.query("sex == 'all' and n_spells > 0")
    indicator = dict(found[["status", "n_spells"]].itertuples(index=False, name=None))
    assert by_calendar_month(demo, entering_during(demo, period)) == indicator
    assert indicator["all"] > 20


def test_an_attempt_after_the_exit_is_within_the_month_by_the_indicator_alone():
    register = drawn(*CASES["contacted after the exit"][:2])
    found = first_attempt_within_month(register, periods=[YEAR]).frame.query("sex == 'all' and n_spells > 0")
    assert found["status"].tolist() == ["all", "within"]
    assert by_calendar_month(register, entering_during(register, YEAR)) == {"all": 1, "left_before": 1}
