"""The calendars a city reports in: the first and last day of every period, last year, series, reference days, birthdays."""

from datetime import date, timedelta

import pandas as pd
import pytest

from kaa_analysis.cohorts import entering_during
from kaa_analysis.core.earlier_periods import previous, series
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import (
    Period,
    age_on,
    autumn,
    birthday,
    calendar_year,
    days_from_to,
    half_year,
    lasar,
    lasar_that_ended_in,
    tertial,
)
from kaa_analysis.core.reference_days import ReferenceDay, last_day_of, reference_day
from kaa_analysis.indicators import stock_and_flow, three_years
from kaa_analysis.store.dtypes import empty_table, typed_table
from kaa_analysis.target_population import TargetRules, target_population
from tests.spec.asked_by_hand import AskedByHand

DAY = timedelta(days=1)

CALENDARS = [
    (calendar_year(2024), "2024", date(2024, 1, 1), date(2024, 12, 31), 366),
    (calendar_year(2023), "2023", date(2023, 1, 1), date(2023, 12, 31), 365),
    (lasar(2023), "läsåret 2023/24", date(2023, 7, 1), date(2024, 6, 30), 366),
    (lasar(1999), "läsåret 1999/00", date(1999, 7, 1), date(2000, 6, 30), 366),
    (lasar(2023, start_month=8), "läsåret 2023/24", date(2023, 8, 1), date(2024, 7, 31), 366),
    (lasar_that_ended_in(2024), "läsåret 2023/24", date(2023, 7, 1), date(2024, 6, 30), 366),
    (lasar_that_ended_in(2024, start_month=8), "läsåret 2023/24", date(2023, 8, 1), date(2024, 7, 31), 366),
    (autumn(2024), "hösten 2024", date(2024, 7, 1), date(2024, 12, 31), 184),
    (autumn(2024, start_month=8), "hösten 2024", date(2024, 8, 1), date(2024, 12, 31), 153),
    (tertial(2024, 1), "tertial 1 2024", date(2024, 1, 1), date(2024, 4, 30), 121),
    (tertial(2023, 1), "tertial 1 2023", date(2023, 1, 1), date(2023, 4, 30), 120),
    (tertial(2024, 2), "tertial 2 2024", date(2024, 1, 1), date(2024, 8, 31), 244),
    (half_year(2024, 1), "första halvåret 2024", date(2024, 1, 1), date(2024, 6, 30), 182),
    (half_year(2024, 2), "andra halvåret 2024", date(2024, 7, 1), date(2024, 12, 31), 184),
    (days_from_to("2022-01-01", "2024-12-31"), "2022–2024", date(2022, 1, 1), date(2024, 12, 31), 1096),
]


def days_of(period: Period) -> tuple[date, date]:
    return period.start, period.last_day


class TestPeriods:
    @pytest.mark.parametrize(("period", "label", "first", "last", "days"), CALENDARS)
    def test_each_has_its_label_first_day_last_day_and_length(self, period, label, first, last, days):
        assert (period.label, *days_of(period), period.end) == (label, first, last, last + DAY)
        assert (period.end - period.start).days == days

    def test_tertial_two_holds_tertial_one_and_the_halves_and_the_year_fit(self):
        assert tertial(2024, 2).start == tertial(2024, 1).start
        assert half_year(2024, 1).end == half_year(2024, 2).start == autumn(2024).start == lasar(2024).start
        assert lasar(2023).end == lasar(2024).start
        assert half_year(2024, 2).end == calendar_year(2024).end

    @pytest.mark.parametrize("month", [0, 1, 6, 9, 13])
    def test_a_lasar_begins_in_july_or_august(self, month):
        with pytest.raises(DefinitionError, match=r"månad 7 \(juli\) eller 8 \(augusti\)"):
            lasar(2023, start_month=month)

    @pytest.mark.parametrize("number", [0, 3])
    def test_there_are_two_tertial_reports_and_two_halves(self, number):
        with pytest.raises(DefinitionError, match="Tertialrapporten är 1 eller 2"):
            tertial(2024, number)
        with pytest.raises(DefinitionError, match="Ett halvår är 1 eller 2"):
            half_year(2024, number)

    @pytest.mark.parametrize(
        "make",
        [
            calendar_year,
            lasar,
            autumn,
            lambda year: tertial(year, 1),
            lambda year: half_year(year, 1),
            lambda year: days_from_to(f"{year}-02-01", f"{year}-02-28"),
            lambda year: reference_day("15_october", year=year),
        ],
    )
    def test_the_years_have_limits(self, make):
        for year in (1989, 2101):
            with pytest.raises(DefinitionError, match="Året ska ligga mellan 1990 och 2100"):
                make(year)
        assert make(1990) is not None
        assert make(2099) is not None

    @pytest.mark.parametrize(
        ("period", "extract", "preliminary"),
        [
            (autumn(2024), date(2024, 12, 31), True),
            (autumn(2024), date(2025, 1, 1), False),
            (lasar(2023), date(2024, 6, 30), True),
            (lasar(2023), date(2024, 7, 1), False),
            (tertial(2024, 1), date(2024, 4, 30), True),
            (tertial(2024, 1), date(2024, 5, 1), False),
        ],
    )
    def test_a_period_is_preliminary_until_the_day_after_its_last_day(self, period, extract, preliminary):
        assert period.is_preliminary(extract) is preliminary


class TestEarlier:
    @pytest.mark.parametrize(
        ("period", "before"),
        [
            (calendar_year(2024), calendar_year(2023)),
            (lasar(2023), lasar(2022)),
            (lasar(2000), lasar(1999)),
            (lasar(2023, start_month=8), lasar(2022, start_month=8)),
            (autumn(2024), autumn(2023)),
            (autumn(2024, start_month=8), autumn(2023, start_month=8)),
            (tertial(2024, 1), tertial(2023, 1)),
            (tertial(2024, 2), tertial(2023, 2)),
            (half_year(2024, 1), half_year(2023, 1)),
            (half_year(2024, 2), half_year(2023, 2)),
            (days_from_to("2022-01-01", "2024-12-31"), days_from_to("2021-01-01", "2023-12-31")),
            (days_from_to("2024-03-01", "2024-03-31"), days_from_to("2023-03-01", "2023-03-31")),
            (days_from_to("2024-02-01", "2024-02-29"), days_from_to("2023-02-01", "2023-02-28")),
            (days_from_to("2025-02-01", "2025-02-28"), days_from_to("2024-02-01", "2024-02-29")),
            (days_from_to("2024-02-01", "2024-02-28"), days_from_to("2023-02-01", "2023-02-28")),
            (days_from_to("2024-02-29", "2024-02-29"), days_from_to("2023-02-28", "2023-02-28")),
            (days_from_to("2024-02-29", "2024-03-31"), days_from_to("2023-02-28", "2023-03-31")),
        ],
    )
    def test_last_year_of_a_period_is_the_same_one_a_year_earlier(self, period, before):
        assert previous(period) == before

    def test_a_series_ends_with_the_period_and_goes_back_in_its_own_calendar(self):
        assert [each.label for each in series(tertial(2024, 2))] == [
            "tertial 2 2022",
            "tertial 2 2023",
            "tertial 2 2024",
        ]
        assert [each.label for each in series(lasar(2023), n=2)] == ["läsåret 2022/23", "läsåret 2023/24"]
        assert series(autumn(2024), n=1) == [autumn(2024)]
        assert [days_of(each) for each in series(half_year(2024, 2))] == [
            (date(2022, 7, 1), date(2022, 12, 31)),
            (date(2023, 7, 1), date(2023, 12, 31)),
            (date(2024, 7, 1), date(2024, 12, 31)),
        ]

    @pytest.mark.parametrize(
        ("observed_from", "labels"),
        [
            (date(2022, 1, 1), ["2022", "2023", "2024"]),
            (date(2022, 1, 2), ["2023", "2024"]),
            (date(2024, 5, 1), ["2024"]),
        ],
    )
    def test_a_series_leaves_out_what_began_before_the_history(self, observed_from, labels):
        assert [each.label for each in series(calendar_year(2024), observed_from=observed_from)] == labels
        assert three_years(2024, observed_from=observed_from) == series(
            calendar_year(2024), observed_from=observed_from
        )

    def test_a_series_has_a_period_and_stays_within_the_years(self):
        with pytest.raises(DefinitionError, match="minst en period"):
            series(calendar_year(2024), n=0)
        with pytest.raises(DefinitionError, match="Året ska ligga mellan"):
            series(calendar_year(1991))

    def test_a_period_of_no_calendar_has_no_last_year(self):
        with pytest.raises(DefinitionError, match="mars 2024: month"):
            previous(Period(date(2024, 3, 1), date(2024, 4, 1), "mars 2024", "month"))


class TestReferenceDays:
    @pytest.mark.parametrize(
        ("kind", "day", "label"),
        [
            ("15_september", date(2024, 9, 15), "15 september 2024"),
            ("15_october", date(2024, 10, 15), "15 oktober 2024"),
            ("31_december", date(2024, 12, 31), "31 december 2024"),
        ],
    )
    def test_each_fixed_day_has_its_date_and_label(self, kind, day, label):
        assert reference_day(kind, year=2024) == ReferenceDay(day, label)

    @pytest.mark.parametrize(
        ("period", "day", "label"),
        [
            (tertial(2024, 1), date(2024, 4, 30), "30 april 2024, sista dagen i tertial 1 2024"),
            (tertial(2024, 2), date(2024, 8, 31), "31 augusti 2024, sista dagen i tertial 2 2024"),
            (lasar(2023), date(2024, 6, 30), "30 juni 2024, sista dagen i läsåret 2023/24"),
            (
                days_from_to("2024-02-01", "2024-02-29"),
                date(2024, 2, 29),
                "29 februari 2024, sista dagen i 1 februari 2024–29 februari 2024",
            ),
        ],
    )
    def test_the_last_day_of_a_period_says_of_which(self, period, day, label):
        assert last_day_of(period) == ReferenceDay(day, label)

    def test_a_day_is_observed_if_the_extract_was_made_later(self):
        day = reference_day("15_october", year=2024)
        assert [day.is_observed(date(2024, 10, number)) for number in (15, 16)] == [False, True]

    def test_an_unknown_day_is_refused_with_a_hint(self):
        with pytest.raises(DefinitionError, match='menade du "15_october"'):
            reference_day("15_oktober", year=2024)


class TestBirthdays:
    LEAP = pd.to_datetime(pd.Series(["2004-02-29"]))

    @pytest.mark.parametrize(
        ("day", "first_of_march", "last_of_february"),
        [
            ("2020-02-28", 15, 15),
            ("2020-02-29", 16, 16),
            ("2021-02-27", 16, 16),
            ("2021-02-28", 16, 17),
            ("2021-03-01", 17, 17),
            ("2022-02-28", 17, 18),
            ("2023-02-28", 18, 19),
            ("2023-03-01", 19, 19),
            ("2024-02-28", 19, 19),
            ("2024-02-29", 20, 20),
        ],
    )
    def test_one_born_29_february_has_the_age_that_the_setting_says(self, day, first_of_march, last_of_february):
        day = date.fromisoformat(day)
        assert age_on(self.LEAP, day).tolist() == [first_of_march]
        assert age_on(self.LEAP, day, leap_day="1_march").tolist() == [first_of_march]
        assert age_on(self.LEAP, day, leap_day="28_february").tolist() == [last_of_february]

    @pytest.mark.parametrize(
        ("born", "years", "day"),
        [
            ("2004-02-28", 17, "2021-02-28"),
            ("2004-03-01", 17, "2021-03-01"),
            ("2004-02-29", 20, "2024-02-29"),
            ("2005-12-31", 20, "2025-12-31"),
            ("2005-01-01", 20, "2025-01-01"),
        ],
    )
    def test_all_others_have_the_same_birthday_by_both_settings(self, born, years, day):
        dates = pd.to_datetime(pd.Series([born]))
        for setting in ("1_march", "28_february"):
            found = birthday(dates, years, leap_day=setting)
            assert found.dt.strftime("%Y-%m-%d").tolist() == [day]
            last_day_before = found - pd.Timedelta(days=1)
            assert age_on(dates, found, leap_day=setting).tolist() == [years]
            assert age_on(dates, last_day_before, leap_day=setting).tolist() == [years - 1]

    def test_a_missing_birth_date_or_day_has_no_age(self):
        born = pd.to_datetime(pd.Series([None, "2004-05-10"]))
        assert age_on(born, pd.to_datetime(pd.Series(["2024-01-01", None]))).isna().all()

    def test_a_misspelt_setting_is_refused_with_a_hint(self):
        with pytest.raises(DefinitionError, match='menade du "1_march"'):
            age_on(self.LEAP, date(2024, 1, 1), leap_day="1_mars")

    @pytest.mark.parametrize(("setting", "age"), [("1_march", 18), ("28_february", 19)])
    def test_the_age_at_entry_follows_the_rules_of_the_target_population(self, setting, age):
        register = HandDrawn([{"person_id": "a", "spell": 1, "entry_date": "2023-02-28"}], born="2004-02-29")
        population = target_population(register, rules=TargetRules(leap_day_birthday=setting))
        assert list(entering_during(register, calendar_year(2023), population=population).spells["age_at_entry"]) == [
            age
        ]


class HandDrawn(AskedByHand):
    """A register drawn by hand: persons born on one day who left compulsory school in June of the year of turning 16."""

    follows_law = True
    source = "BER-uttag"
    municipality = "0180"
    observed_from = None

    def __init__(self, registrations, *, born, extract_date=date(2024, 12, 1)):
        self.extract_date = extract_date
        names = [row["person_id"] for row in registrations]
        drawn = {
            "persons": [{"person_id": name, "birth_date": born, "sex": "male"} for name in names],
            "residence": [{"person_id": name, "municipality": "0180", "from_date": born} for name in names],
            "credentials": [
                {"person_id": name, "kind": "grundskola", "date": f"{int(born[:4]) + 16}-06-13"} for name in names
            ],
            "registrations": registrations,
        }
        self._tables = {name: typed_table(pd.DataFrame(rows), table=name) for name, rows in drawn.items()}

    def table(self, name, *, columns):
        return self._tables.get(name, empty_table(name))[list(columns)].copy()


def test_a_series_of_tertials_is_counted_and_the_one_that_the_extract_cuts_is_marked_preliminary():
    entries = ["2023-04-30", "2023-05-01", "2024-04-30", "2024-08-01"]
    rows = [{"person_id": f"p{number}", "spell": 1, "entry_date": day} for number, day in enumerate(entries)]
    register = HandDrawn(rows, born="2006-05-10", extract_date=date(2024, 8, 1))
    first = stock_and_flow(register, periods=series(tertial(2024, 1), n=2))
    second = stock_and_flow(register, periods=series(tertial(2024, 2), n=2))
    counted = [
        [tuple(row) for row in result.frame.query("sex == 'all'")[["period", "n_stock_start", "n_entries"]].to_numpy()]
        for result in (first, second)
    ]
    assert counted == [
        [("tertial 1 2023", 0, 1), ("tertial 1 2024", 2, 1)],
        [("tertial 2 2023", 0, 2), ("tertial 2 2024", 2, 1)],
    ]
    assert "Preliminärt" not in first.note
    assert second.note.endswith("Preliminärt för tertial 2 2024: uppgifter till och med 2024-07-31.")
