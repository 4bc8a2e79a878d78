"""The contract of the survival station: hand-computed tables, edges, messages."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.core.result import cell
from kaa_analysis.survival.cores.aalen_johansen import aalen_johansen
from kaa_analysis.survival.cores.confidence_limits import confidence_limits
from kaa_analysis.survival.cores.kaplan_meier import kaplan_meier
from kaa_analysis.survival.cumulative_incidence import cumulative_incidence
from kaa_analysis.survival.horizons import horizon_times
from kaa_analysis.survival.life_table import life_table
from kaa_analysis.survival.naive_incidence import naive_incidence
from kaa_analysis.survival.unknown_exit_bounds import unknown_exit_bounds

ENTRY = [0, 0, 0, 0, 2, 0]
EXIT = [0, 2, 3, 3, 5, 6]
CAUSE = [1, 2, 1, 0, 1, 0]
DIGITS = 1e-12


def follow_up(*, unit="months", **columns) -> FollowUp:
    """The six spells of the hand-computed life table."""
    times = {
        "person_id": list("abcdef"),
        "spell": 1,
        "entry_time": ENTRY,
        "exit_time": EXIT,
        "way_out": [["censored", "studies", "work"][cause] for cause in CAUSE],
        "sex": ["female", "female", "female", "male", "male", "male"],
    }
    ways = {"studies": "Studier", "work": "Arbete"}
    period = calendar_year(2024)
    table = pd.DataFrame(times | columns)
    return FollowUp("new_2024", "Nya 2024", period, date(2025, 3, 1), unit, ways, table)


def test_life_table_equals_the_one_worked_out_by_hand():
    """Day 0 counts those present from the start; entry at 2 is not at risk at 2; the event at 3 comes before the censoring."""
    curve = kaplan_meier(ENTRY, EXIT, [cause > 0 for cause in CAUSE])
    counts = pd.DataFrame(
        {name: getattr(curve, name) for name in ("times", "n_at_risk", "n_entered", "n_event", "n_censored")}
    )
    expected = pd.DataFrame(
        [[0, 5, 5, 1, 0], [2, 4, 0, 1, 0], [3, 4, 1, 1, 1], [5, 2, 0, 1, 0], [6, 1, 0, 0, 1]], columns=counts.columns
    )
    pd.testing.assert_frame_equal(counts, expected)
    np.testing.assert_allclose(curve.survival, [4 / 5, 3 / 5, 9 / 20, 9 / 40, 9 / 40], rtol=DIGITS)
    greenwood = np.cumsum([1 / 20, 1 / 12, 1 / 12, 1 / 2, 0])
    np.testing.assert_allclose(curve.se_log, np.sqrt(greenwood), rtol=DIGITS)
    np.testing.assert_allclose(curve.se, curve.survival * np.sqrt(greenwood), rtol=DIGITS)


def test_incidences_equal_those_worked_out_by_hand():
    incidence = aalen_johansen(ENTRY, EXIT, CAUSE, n_causes=2)
    studies = np.cumsum([1 / 5, 0, 3 / 5 / 4, 9 / 20 / 2, 0])
    work = np.cumsum([0, 4 / 5 / 4, 0, 0, 0])
    np.testing.assert_allclose(incidence.cif, [studies, work], rtol=DIGITS)
    assert incidence.n_event.tolist() == [[1, 0, 1, 1, 0], [0, 1, 0, 0, 0]]
    assert incidence.n_at_risk.tolist() == [5, 4, 4, 2, 1]
    assert incidence.n_censored.tolist() == [0, 0, 1, 0, 1]


def test_jackknife_without_censoring_is_that_of_a_proportion():
    incidence = aalen_johansen([0] * 8, [1, 1, 2, 3, 3, 4, 5, 5], [1, 2, 1, 1, 2, 2, 1, 1], n_causes=2)
    np.testing.assert_allclose(incidence.se**2, incidence.cif * (1 - incidence.cif) / 8, rtol=DIGITS)


def test_life_table_of_a_follow_up_balances_between_horizons():
    result = life_table(follow_up(), horizons=(0, 3, 6, 12))
    expected = pd.DataFrame(
        {
            "months": ["0", "3", "6", "12"],
            "n_entered": [5, 1, 0, 0],
            "n_left": [1, 2, 1, 0],
            "n_censored": [0, 1, 1, 0],
            "n_at_risk": [4, 2, 0, 0],
            "n_left_to_date": [1, 3, 4, 4],
            "share_registered": [4 / 5, 9 / 20, 9 / 40, np.nan],
        }
    ).astype({name: "Int64" for name in ("n_entered", "n_left", "n_censored", "n_at_risk", "n_left_to_date")})
    pd.testing.assert_frame_equal(result.frame.drop(columns=["lower", "upper"]), expected)
    curve = kaplan_meier(ENTRY, EXIT, [cause > 0 for cause in CAUSE])
    np.testing.assert_array_equal(result.frame["lower"], curve.at([0, 3, 6, 12])["lower"])
    np.testing.assert_array_equal(result.frame["upper"], curve.at([0, 3, 6, 12])["upper"])


def test_incidence_of_a_follow_up_has_a_row_per_group_way_out_and_horizon():
    result = cumulative_incidence(follow_up(), by="sex", horizons=(3, 6))
    rows = [
        ["all", "any", "3", 3, 3, 11 / 20],
        ["all", "any", "6", 1, 4, 31 / 40],
        ["all", "studies", "3", 2, 2, 7 / 20],
        ["all", "studies", "6", 1, 3, 23 / 40],
        ["all", "work", "3", 1, 1, 1 / 5],
        ["all", "work", "6", 0, 1, 1 / 5],
        ["female", "any", "3", 3, 3, 1.0],
        ["female", "any", "6", 0, 3, 1.0],
        ["female", "studies", "3", 2, 2, 2 / 3],
        ["female", "studies", "6", 0, 2, 2 / 3],
        ["female", "work", "3", 1, 1, 1 / 3],
        ["female", "work", "6", 0, 1, 1 / 3],
        ["male", "any", "3", 0, 0, 0.0],
        ["male", "any", "6", 1, 1, 1 / 2],
        ["male", "studies", "3", 0, 0, 0.0],
        ["male", "studies", "6", 1, 1, 1 / 2],
        ["male", "work", "3", 0, 0, 0.0],
        ["male", "work", "6", 0, 0, 0.0],
    ]
    columns = ["sex", "way_out", "months", "n_events", "n_events_to_date", "share_left"]
    expected = pd.DataFrame(rows, columns=columns).astype({"n_events": "Int64", "n_events_to_date": "Int64"})
    pd.testing.assert_frame_equal(result.frame[columns], expected, rtol=DIGITS)


def test_leaving_for_any_reason_is_the_complement_of_the_life_table():
    remaining = life_table(follow_up(), by="sex").frame
    leaving = cumulative_incidence(follow_up(), by="sex").frame.query("way_out == 'any'").reset_index(drop=True)
    complement = 1 - remaining[["share_registered", "upper", "lower"]].set_axis(
        ["share_left", "lower", "upper"], axis=1
    )
    pd.testing.assert_frame_equal(leaving[["share_left", "lower", "upper"]], complement)


def test_both_tables_hold_the_same_cells_for_leaving():
    horizons = (0, 3, 6)
    left = life_table(follow_up(), by="sex", horizons=horizons).cells()
    events = cumulative_incidence(follow_up(), by="sex", horizons=horizons).cells()
    shared = set(left) & set(events)
    measures = {"new_2024_events": 9, "new_2024_events_to_date": 9}
    assert {name: sum(place.measure == name for place in shared) for name in measures} == measures
    assert {place: left[place] for place in shared} == {place: events[place] for place in shared}
    place = {"extract": "2025-03-01", "period": "2024", "months": "3", "sex": "male"}
    assert left[cell("new_2024_events", **place)] == 0


def test_horizons_are_linked_by_equations_in_every_group():
    result = cumulative_incidence(follow_up(), by="sex", horizons=(0, 3, 6))
    names = [equation.name for equation in result.equations]
    assert names == ["Har lämnat: från en tidpunkt till nästa"] * (3 * 3 * 3)
    kept = [equation.name for equation in life_table(follow_up(), by="sex", horizons=(0, 3, 6)).equations]
    assert kept.count("Kvar: från en tidpunkt till nästa") == kept.count(names[0]) == 3 * 3


def test_curves_and_their_limits_rest_on_every_count_that_they_are_worked_out_of():
    kept, left = life_table(follow_up()), cumulative_incidence(follow_up())
    flows = ("n_at_risk", "n_left_to_date", "n_entered", "n_censored")
    for name in ("share_registered", "lower", "upper"):
        column = kept.column(name)
        assert (column.rule, column.along, column.among, column.base, column.also) == (
            "curve",
            "months",
            None,
            flows,
            (),
        )
    for name in ("share_left", "lower", "upper"):
        column = left.column(name)
        assert (column.rule, column.along, column.among) == ("curve", "months", "way_out")
        assert column.base == ("n_events_to_date", "n_at_risk")
        assert column.also == tuple(f"{follow_up().cohort}_{flow}" for flow in ("entered", "censored"))


def test_a_group_without_spells_has_zeros_and_no_estimates():
    result = life_table(follow_up(sex="female"), by="sex", horizons=(0, 3)).frame.query("sex == 'male'")
    counts = ["n_entered", "n_left", "n_censored", "n_at_risk", "n_left_to_date"]
    assert result[counts].eq(0).all(axis=None)
    assert result[["share_registered", "lower", "upper"]].isna().all(axis=None)
    left = cumulative_incidence(follow_up(sex="female"), by="sex", horizons=(0, 3)).frame.query("sex == 'male'")
    assert left["n_events_to_date"].eq(0).all()
    assert left[["share_left", "lower", "upper"]].isna().all(axis=None)


def test_horizons_in_days_fall_on_whole_days():
    days = follow_up(unit="days", entry_time=0, exit_time=[90, 91, 92, 183, 184, 400])
    assert horizon_times((0, 3, 6, 12, 24), unit="days") == [0, 91, 183, 365, 731]
    assert life_table(days).frame["n_left_to_date"].tolist() == [0, 2, 3, 4, 4]
    assert life_table(days).frame["n_at_risk"].tolist() == [6, 4, 2, 1, 0]


def test_swedish_labels_name_groups_ways_out_and_horizons():
    result = cumulative_incidence(follow_up(), by="sex", horizons=(0, 1, 12))
    assert dict(result.column("sex").labels) == {"all": "Totalt", "female": "Flickor", "male": "Pojkar"}
    assert dict(result.column("way_out").labels) == {"any": "Alla orsaker", "studies": "Studier", "work": "Arbete"}
    assert dict(result.column("months").labels) == {
        "0": "Vid start",
        "1": "1\N{NO-BREAK SPACE}månad",
        "12": "12\N{NO-BREAK SPACE}månader",
    }
    assert result.column("lower").label == "95\N{NO-BREAK SPACE}% konfidensintervall, nedre gräns"


def test_a_curve_is_not_extended_past_the_last_time_unless_everybody_has_left():
    open_ended = kaplan_meier([0, 0], [2, 4], [True, False]).at([1, 4, 5])["survival"]
    finished = kaplan_meier([0, 0], [2, 4], [True, True]).at([1, 4, 5])["survival"]
    np.testing.assert_array_equal(open_ended, [1.0, 0.5, np.nan])
    np.testing.assert_array_equal(finished, [1.0, 0.0, 0.0])
    incidence = aalen_johansen([0, 0], [2, 4], [1, 2], n_causes=2).at([9])
    np.testing.assert_array_equal(incidence["cif"], [0.5, 0.5])


def test_whole_and_fractional_times_give_the_same_curve():
    whole = kaplan_meier(ENTRY, EXIT, np.array(CAUSE) > 0)
    fractional = kaplan_meier(np.array(ENTRY) / 2, np.array(EXIT) / 2, np.array(CAUSE) > 0)
    np.testing.assert_array_equal(fractional.times * 2, whole.times)
    np.testing.assert_array_equal(fractional.survival, whole.survival)


@pytest.mark.parametrize(
    ("entry", "exit_", "found"),
    [
        ([0, 7, 7], [5, 7, 9], "utträden samma dag som ett senare inträde: 1 av 3"),
        ([0, 8, 0], [5, 7, 9], "utträden före inträdet: 1 av 3"),
        ([-1, -1, 0], [5, 7, 9], "inträden före tid 0: 2 av 3"),
        ([0, 0, 0], [5, np.nan, 9], "saknade tider: 1 av 3"),
        ([0, 0], [5, 7, 9], "former (2,) och (3,)"),
        (["a", "b", "c"], [5, 7, 9], "Tiderna ska vara tal"),
    ],
)
def test_times_that_no_estimator_can_carry_are_refused_with_counts(entry, exit_, found):
    with pytest.raises(DefinitionError) as caught:
        kaplan_meier(entry, exit_, [True, True, False])
    assert found in str(caught.value)


def test_unclear_events_and_causes_are_refused_with_counts():
    with pytest.raises(DefinitionError, match="varken eller: 1 av 2"):
        kaplan_meier([0, 0], [1, 2], [1, 2])
    with pytest.raises(DefinitionError, match="1 uppgifter för 2 tider"):
        kaplan_meier([0, 0], [1, 2], [True])
    with pytest.raises(DefinitionError, match="andra värden: 1 av 2"):
        aalen_johansen([0, 0], [1, 2], [1, 3], n_causes=2)
    with pytest.raises(DefinitionError, match="3 orsaker för 2 tider"):
        aalen_johansen([0, 0], [1, 2], [1, 1, 1], n_causes=2)


def test_unknown_options_are_refused():
    with pytest.raises(DefinitionError, match='menade du "log-log"'):
        kaplan_meier([0], [1], [True], interval="loglog")
    with pytest.raises(DefinitionError, match="mellan 0 och 1"):
        confidence_limits(np.array([0.5]), se=np.array([0.1]), level=95)
    with pytest.raises(DefinitionError, match='menade du "sex"'):
        life_table(follow_up(), by="sexx")
    with pytest.raises(DefinitionError, match="stigande ordning"):
        cumulative_incidence(follow_up(), horizons=(6, 3))


@pytest.mark.parametrize(
    ("column", "value", "found"),
    [
        ("way_out", "secret", "way_out"),
        ("sex", pd.NA, "sex"),
        ("exit_time", pd.NA, "tid för inträde och utträde"),
    ],
)
def test_rows_without_known_values_are_refused_without_showing_them(column, value, found):
    values = follow_up().times[column].astype(object)
    values[1] = value
    with pytest.raises(DefinitionError) as caught:
        life_table(follow_up(**{column: values}), by="sex")
    assert found in str(caught.value)
    assert "utan: 1 av 6" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_arguments_are_left_as_they_were():
    given = follow_up()
    before = given.times
    cumulative_incidence(given, by="sex")
    pd.testing.assert_frame_equal(given.times, before)


def test_a_follow_up_of_years_before_the_districts_can_be_split_by_sex():
    early = follow_up(sex=["female"] * 3 + ["male"] * 3)
    early = replace(early, period=calendar_year(1999))
    assert life_table(early, by="sex").frame["sex"].unique().tolist() == ["all", "female", "male"]


@pytest.mark.parametrize("make", [life_table, cumulative_incidence, naive_incidence, unknown_exit_bounds])
def test_districts_are_those_of_the_period_in_every_table(make):
    early = follow_up(district=["rinkeby_kista"] * 2 + ["spanga_tensta"] * 2 + ["bromma"] * 2, way_known=True)
    early = replace(early, period=calendar_year(2019), rest="work")
    result = make(early, by="district")
    shown = list(result.column("district").labels)
    assert result.frame["district"].unique().tolist() == shown
    assert {"rinkeby_kista", "spanga_tensta"} < set(shown) and "jarva" not in shown
