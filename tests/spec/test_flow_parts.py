"""The flow in its parts, and the share to studies measured in two ways, on hand-typed registers."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pytest

from kaa_analysis.cohorts import chosen_area
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.core.result import Result
from kaa_analysis.indicators import (
    exits_by_reason,
    flow_in_parts,
    persons_in_flow,
    share_to_studies,
    stock_and_flow,
    studies_within_year,
    study_bounds,
    study_measures,
)
from kaa_analysis.target_population import target_population
from tests.spec.hand_typed import HandTyped, register

YEARS = [calendar_year(2023), calendar_year(2024)]
MADE = (
    stock_and_flow, exits_by_reason, share_to_studies, flow_in_parts, persons_in_flow, study_measures, study_bounds,
    studies_within_year,
)  # fmt: skip
FLOW = (
    "a 1 2022-09-01 - -",
    "b 1 2022-09-01 2023-02-01 komvux",
    "b 2 2024-01-31 2024-02-01 -",
    "c 1 2022-09-01 2023-02-01 turned_20",
    "c 2 2024-02-01 - -",
    "d 1 2023-05-01 2023-06-01 moved",
    "d 2 2023-07-01 2023-08-01 national_programme",
    "e 1 2023-10-01 2024-03-01 completed",
    "f 1 2024-02-29 2024-02-29 misregistered",
    "g 1 2024-12-31 2025-01-01 -",
    "h 1 2024-02-01 2025-02-01 folkhogskola",
)
"""a stays throughout. b is back the day before a year has gone, c on the day; d comes, leaves and is back within 2023; e was completed;
f is a mistake; g leaves after the year; h would leave for studies on the day of extract, which is not observed."""


def typed(*lines: str, **facts: object) -> HandTyped:
    names = sorted({line.split()[0] for line in lines})
    return register(
        ("persons", "person_id sex", *(f"{name} {'female' if name in 'ace' else 'male'}" for name in names)),
        ("registrations", "person_id spell entry_date exit_date exit_reason", *lines),
        **{"follows_law": False} | facts,
    )


def told(result: Result, *columns: str, **place: str) -> list[tuple]:
    frame = result.frame
    for name, value in ({"sex": "all"} | place).items():
        frame = frame[frame[name] == value]
    return list(frame[list(columns)].itertuples(index=False, name=None))


def assert_equations_hold(results: Sequence[Result]) -> int:
    """Check that no cell has two values and every equation whose cells are known holds; return how many there were."""
    known: dict = {}
    for result in results:
        for place, value in result.cells().items():
            assert known.setdefault(place, value) == value, place.id
    checked = 0
    for equation in (one for result in results for one in result.all_equations()):
        values = [known.get(place) for _, place in equation.terms]
        if None not in values:
            checked += 1
            assert sum(f * v for (f, _), v in zip(equation.terms, values, strict=True)) == 0, equation.name
    return checked


def test_the_flow_is_told_in_its_parts_from_one_year_s_end_to_the_next():
    result = flow_in_parts(typed(*FLOW), periods=YEARS)
    names = [
        "period", "sex", "n_stock_start", "n_first", "n_again_within_year", "n_again_later", "n_to_studies", "n_turned_20",
        "n_otherwise", "n_stock_end",
    ]  # fmt: skip
    expected = pd.DataFrame(
        [
            ["2023", "all", 3, 2, 1, 0, 2, 1, 1, 2],
            ["2023", "female", 2, 1, 0, 0, 0, 1, 0, 2],
            ["2023", "male", 1, 1, 1, 0, 2, 0, 1, 0],
            ["2024", "all", 2, 2, 1, 1, 1, 0, 1, 4],
            ["2024", "female", 2, 0, 0, 1, 1, 0, 0, 2],
            ["2024", "male", 0, 2, 1, 0, 0, 0, 1, 2],
        ],
        columns=names,
    )
    pd.testing.assert_frame_equal(result.frame, expected, check_dtype=False)
    assert result.title == "Så förändrades antalet registrerade, 2023–2024"


@pytest.mark.parametrize(
    ("earlier", "entry", "kind"),
    [
        ("2023-02-01", "2024-01-31", "n_again_within_year"),
        ("2023-02-01", "2024-02-01", "n_again_later"),
        ("2022-12-31", "2024-02-28", "n_again_later"),
        ("2023-03-01", "2024-02-29", "n_again_within_year"),
        ("2024-01-01", "2024-01-01", "n_again_within_year"),
        ("2024-06-01", "2024-05-01", "n_again_within_year"),
        ("-", "2024-05-01", "n_again_within_year"),
    ],
    ids=[
        "the day before",
        "on the day",
        "long ago",
        "before a leap day's year",
        "same day",
        "overlapping",
        "still open",
    ],
)
def test_who_is_back_before_a_year_has_gone_is_told_from_who_is_back_later(earlier, entry, kind):
    drawn = typed(f"a 1 2022-01-01 {earlier} other", f"a 2 {entry} - -")
    result = flow_in_parts(drawn, periods=[calendar_year(2024)])
    others = {"n_first", "n_again_within_year", "n_again_later"} - {kind}
    assert told(result, kind, *sorted(others)) == [(1, 0, 0)]


def test_a_mistake_makes_nobody_come_back_and_a_year_after_a_leap_day_is_over_on_28_february():
    mistaken = typed("a 1 2023-01-01 2023-02-01 misregistered", "a 2 2024-01-01 - -")
    assert told(flow_in_parts(mistaken, periods=YEARS), "n_first", "n_again_within_year", period="2024") == [(1, 0)]
    leap = typed(
        "a 1 2023-01-01 2024-02-29 other",
        "a 2 2025-02-28 - -",
        "b 1 2023-01-01 2024-02-29 other",
        "b 2 2025-02-27 - -",
        extract_date=calendar_year(2026).start,
    )
    assert told(flow_in_parts(leap, periods=[calendar_year(2025)]), "n_again_within_year", "n_again_later") == [(1, 1)]


def test_persons_stand_once_on_either_side_however_often_they_come_and_go():
    result = persons_in_flow(typed(*FLOW), periods=YEARS)
    names = ["n_persons_start", "n_persons_first", "n_persons_again", "n_persons_left", "n_persons_end"]
    assert told(result, "period", *names) == [("2023", 3, 2, 0, 3, 2), ("2024", 2, 2, 2, 2, 4)]


def test_who_was_there_at_the_start_has_not_come_and_who_is_back_at_the_end_has_not_left():
    drawn = typed("a 1 2023-01-01 2024-03-01 other", "a 2 2024-04-01 - -")
    result = persons_in_flow(drawn, periods=[calendar_year(2024)])
    names = ["n_persons_start", "n_persons_first", "n_persons_again", "n_persons_left", "n_persons_end"]
    assert told(result, *names) == [(1, 0, 0, 0, 1)]
    assert told(flow_in_parts(drawn, periods=[calendar_year(2024)]), "n_again_within_year", "n_otherwise") == [(1, 1)]


def test_the_two_measures_stand_side_by_side_and_every_row_adds_up():
    result = study_measures(typed(*FLOW), periods=YEARS)
    names = ["period", "origin", "n_base", "n_to_studies", "n_elsewhere", "n_stock_end", "n_exits"]
    assert told(result, *names) == [
        ("2023", "all", 6, 2, 2, 2, 4),
        ("2023", "entered", 3, 1, 1, 1, 2),
        ("2023", "before", 3, 1, 1, 1, 2),
        ("2024", "all", 6, 1, 1, 4, 2),
        ("2024", "entered", 4, 0, 1, 3, 1),
        ("2024", "before", 2, 1, 0, 1, 1),
    ]
    shares = told(result, "share_of_exits", "share_of_all", period="2023")
    assert shares == [(0.5, 2 / 6), (0.5, 1 / 3), (0.5, 1 / 3)]
    official = share_to_studies(typed(*FLOW), periods=YEARS)
    assert told(official, "share_to_studies", period="2023") == [(0.5,)]


def test_a_year_after_they_came_they_are_in_studies_gone_otherwise_still_there_or_not_yet_followed():
    lines = (
        "a 1 2023-05-01 2024-04-30 komvux",
        "b 1 2023-05-01 2024-05-01 komvux",
        "c 1 2024-02-01 2024-03-01 -",
        "d 1 2024-02-02 2024-03-01 national_programme",
        "e 1 2023-05-01 - -",
        "g 1 2023-05-01 2023-05-01 moved",
    )
    result = studies_within_year(typed(*lines), periods=YEARS)
    names = [
        "period", "n_entries", "n_not_yet", "n_followed", "n_studies_within_year", "n_elsewhere_within_year",
        "n_still_after_year",
    ]  # fmt: skip
    assert told(result, *names) == [("2023", 4, 0, 4, 1, 1, 2), ("2024", 2, 1, 1, 0, 1, 0)]
    assert told(result, "share_within_year") == [(0.25,), (0.0,)]
    none_followed = studies_within_year(typed("a 1 2024-12-01 - -"), periods=YEARS)
    assert [pd.isna(share) for (share,) in told(none_followed, "share_within_year")] == [True, True]


def test_exits_without_a_reason_leave_the_share_between_two_bounds():
    lines = (
        "a 1 2023-05-01 2024-04-30 komvux",
        "b 1 2023-05-01 2024-05-01 completed",
        "c 1 2023-05-01 2024-03-01 -",
        "d 1 2023-05-01 2024-03-01 moved",
    )
    result = study_bounds(typed(*lines), periods=YEARS)
    names = ["n_exits", "n_to_studies", "n_unknown", "n_at_most", "share_at_least", "share_at_most"]
    assert told(result, *names, period="2024") == [(4, 2, 1, 3, 0.5, 0.75)]
    assert "antar att ingen av dem vars orsak saknas" in result.note


def test_all_tables_of_the_flow_are_reconciled_to_one_another():
    results = [make(typed(*FLOW), periods=YEARS) for make in MADE]
    assert assert_equations_hold(results) > 200
    wrong = flow_in_parts(typed(*FLOW[:-1]), periods=YEARS)
    with pytest.raises(AssertionError):
        assert_equations_hold([*results, wrong])


@pytest.mark.parametrize("make", MADE, ids=lambda make: make.__name__)
def test_a_series_over_the_change_of_the_law_says_that_it_is_broken(make):
    drawn = typed("a 1 2017-09-01 - -", follows_law=True)
    broken = make(drawn, periods=[calendar_year(year) for year in (2017, 2018)])
    assert "Serien bryts den 1 juli 2018:" in broken.note
    assert "bryts" not in make(drawn, periods=[calendar_year(year) for year in (2019, 2020)]).note
    assert "bryts" not in make(drawn, periods=[calendar_year(2018)]).note
    without_law = typed("a 1 2017-09-01 - -")
    assert "bryts" not in make(without_law, periods=[calendar_year(year) for year in (2017, 2018)]).note


def test_the_latest_exit_counts_also_if_an_earlier_registration_had_it():
    drawn = typed("a 1 2022-01-01 2024-01-01 other", "a 2 2022-06-01 2022-07-01 other", "a 3 2024-06-01 - -")
    assert told(flow_in_parts(drawn, periods=YEARS), "n_again_within_year", "n_again_later", period="2024") == [(1, 0)]


def test_the_change_of_the_law_breaks_no_series_by_the_present_law():
    drawn = typed("a 1 2017-09-01 - -", follows_law=True)
    over = [calendar_year(year) for year in (2017, 2018)]
    for law, broken in (("as_in_force", True), ("bridged", False)):
        population = target_population(drawn, law=law)
        assert ("bryts" in flow_in_parts(drawn, periods=over, population=population).note) == broken


class TestDistrict:
    LIVES = (
        "residence",
        "person_id from_date to_date district",
        "a 2006-05-10 - rinkeby_kista",
        "b 2006-05-10 2024-03-01 rinkeby_kista",
        "b 2024-03-01 - sodermalm",
    )
    SPELLS = (
        "registrations",
        "person_id spell entry_date exit_date exit_reason",
        "a 1 2022-09-01 - -",
        "b 1 2022-09-01 2024-02-01 other",
        "b 2 2024-05-01 2024-06-01 komvux",
    )
    PERSONS = ("persons", "person_id sex protected_identity", "a female no", "b male no")

    def drawn(self):
        return register(self.PERSONS, self.LIVES, self.SPELLS, ("credentials", "person_id", "a", "b"))

    def test_registrations_go_by_themselves_and_a_person_with_the_last_one(self):
        years = [calendar_year(2024)]
        found = {
            code: (
                told(flow_in_parts(self.drawn(), periods=years, area=area), "n_stock_start", "n_again_within_year"),
                told(persons_in_flow(self.drawn(), periods=years, area=area), "n_persons_start", "n_persons_left"),
            )
            for code in ("jarva", "sodermalm")
            for area in [chosen_area(code, division="2023")]
        }
        assert found == {"jarva": ([(2, 0)], [(1, 0)]), "sodermalm": ([(0, 1)], [(1, 1)])}
        whole = persons_in_flow(self.drawn(), periods=years)
        assert told(whole, "n_persons_start", "n_persons_left") == [(2, 1)]

    @pytest.mark.parametrize("make", MADE, ids=lambda make: make.__name__)
    def test_a_series_on_a_district_is_broken_where_the_districts_changed(self, make):
        area = chosen_area("jarva", division="2023")
        years = [calendar_year(year) for year in (2023, 2024)]
        assert (
            "Serien bryts den 1 juli 2023, då tretton stadsdelsområden blev elva"
            in make(self.drawn(), periods=years, area=area).note
        )
        assert "bryts" not in make(self.drawn(), periods=years[1:], area=area).note
        assert "bryts" not in make(self.drawn(), periods=years).note
