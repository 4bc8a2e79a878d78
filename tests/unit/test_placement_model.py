"""The models of study placement and the tests of groups as tables: held against the cores, their counts, what is hidden and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.cohorts.follow_up_choices import FollowUpChoices
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.result import Cell, Result
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.survival.cores.cox_model import cox
from kaa_analysis.survival.cores.fine_gray import fine_gray
from kaa_analysis.survival.cores.gray_test import gray_test
from kaa_analysis.survival.cores.log_rank import log_rank
from kaa_analysis.survival.cores.pairwise_log_rank import pairwise_log_rank
from kaa_analysis.survival.cumulative_incidence import cumulative_incidence
from kaa_analysis.survival.fitted_placement import fitted_placement, seen_to
from kaa_analysis.survival.follow_up_base import follow_up_base
from kaa_analysis.survival.group_tests import group_tests
from kaa_analysis.survival.life_table import life_table
from kaa_analysis.survival.model_covariates import baseline_covariates
from kaa_analysis.survival.placement_before_20 import placement_before_20
from kaa_analysis.survival.placement_model import placement_model, placement_model_checks
from kaa_analysis.survival.split_pieces import TERM_STARTS
from kaa_analysis.survival.subdistribution_model import subdistribution_model
from tests.unit.model_follow_up import drawn, made_follow_up

SAME = 1e-9
ITERATED = 1e-6
BASELINE = ("sex", "age_at_entry", "season")


def row_at(result: Result, **place: str) -> pd.Series:
    """Return the one row of a table at a place."""
    frame = result.frame
    [found] = [row for _, row in frame.iterrows() if all(row[name] == value for name, value in place.items())]
    return found


def ratios(row: pd.Series) -> list[float]:
    return [row[name] for name in ("hazard_ratio", "lower", "upper")]


def to_end(follow_up, end=731):
    """Return entry, exit, way out and sex up to a time, for those who came before it."""
    times = follow_up.times[follow_up.times["entry_time"] < end]
    way = times["way_out"].mask(times["exit_time"] > end, "censored")
    return times["entry_time"].to_numpy(int), times["exit_time"].clip(upper=end).to_numpy(int), way, times


# the model


@pytest.mark.parametrize("unit", ["days", "months"])
def test_the_ratio_is_that_of_the_core_up_to_the_horizon(unit):
    follow_up = drawn(unit=unit)
    entry, exit, way, times = to_end(follow_up, 731 if unit == "days" else 24)
    core = cox(entry, exit, way == "study_placement", (times["sex"] == "female").to_numpy(float)[:, None])
    made = placement_model(follow_up, covariates=["sex"])
    girls, boys = (row_at(made, level=level) for level in ("female", "male"))
    np.testing.assert_allclose(
        ratios(girls), core.table().loc[0, ["hazard_ratio", "lower", "upper"]].astype(float), rtol=ITERATED
    )
    assert np.isnan(ratios(boys)).all()
    assert made.column("level").labels == {"female": "Flickor", "male": "Pojkar (jämförs med)"}
    assert [girls["n_spells"], boys["n_spells"]] == [int((times["sex"] == sex).sum()) for sex in ("female", "male")]
    assert girls["n_sought"] + boys["n_sought"] == int((way == "study_placement").sum()) == core.n_events
    assert girls["residual_df"] == core.n_events - 1


def test_the_ratio_of_the_calendar_is_that_of_a_row_per_day():
    """A slow twin: every day of every spell is a row of its own, with the calendar of that day."""
    follow_up = drawn(80, seed=3)
    rows = []
    for spell in follow_up.times.itertuples():
        first = 0 if spell.entry_time == 0 else spell.entry_time + 1
        for time in range(first, min(spell.exit_time, 731) + 1):
            day = spell.entry_date + pd.Timedelta(days=time)
            term = any(start <= (day.month, day.day) <= end for start, end in TERM_STARTS)
            event = time == spell.exit_time and spell.way_out == "study_placement"
            rows.append((time, time + 1, event, spell.sex == "female", term))
    begin, end, event, girl, term = (np.array(column) for column in zip(*rows, strict=True))
    core = cox(begin, end, event, np.column_stack([girl, term]).astype(float)).table()
    fitted = fitted_placement(seen_to(follow_up, 24), ["sex", "calendar"], check=False)
    ours = fitted.model.table()
    assert [own.level for own in fitted.parameters] == ["female", "term_start"]
    np.testing.assert_allclose(ours["coefficient"], core["coefficient"], rtol=ITERATED, atol=SAME)
    np.testing.assert_allclose(ours["se"], core["se"], rtol=ITERATED)


def test_persons_with_several_spells_are_clusters():
    follow_up = drawn()
    twice = replace(follow_up, times_table=follow_up.times.assign(person_id=[f"p{row // 2}" for row in range(240)]))
    entry, exit, way, times = to_end(twice)
    girl = (times["sex"] == "female").to_numpy(float)[:, None]
    core = cox(entry, exit, way == "study_placement", girl, cluster=times["person_id"])
    made = placement_model(twice, covariates=["sex"])
    np.testing.assert_allclose(
        ratios(row_at(made, level="female")),
        core.table().loc[0, ["hazard_ratio", "lower", "upper"]].astype(float),
        rtol=ITERATED,
    )
    assert (
        ratios(row_at(made, level="female"))[1:]
        != ratios(row_at(placement_model(follow_up, covariates=["sex"]), level="female"))[1:]
    )


def test_a_ratio_that_changes_is_told_before_and_after_six_months():
    follow_up = drawn(400, changing=True, late=False)
    made, checks = placement_model(follow_up, covariates=["sex"]), placement_model_checks(follow_up, covariates=["sex"])
    entry, exit, way, times = to_end(follow_up)
    girl, event = (times["sex"] == "female").to_numpy(), (way == "study_placement").to_numpy()
    early, late = exit > 0, exit > 183
    begin = np.concatenate([entry, np.full(late.sum(), 183)])
    end = np.concatenate([np.minimum(exit, 183), exit[late]])
    happened = np.concatenate([event & (exit <= 183), event[late]])
    x = np.concatenate([np.column_stack([girl, 0 * girl]), np.column_stack([0 * girl, girl])[late]]).astype(float)
    core = cox(begin, end, happened, x).table()
    for place, since in enumerate(("first", "later")):
        told = ratios(row_at(made, level="female", since_entry=since))
        np.testing.assert_allclose(
            told, core.loc[place, ["hazard_ratio", "lower", "upper"]].astype(float), rtol=ITERATED
        )
    assert early.all()
    counts = made.frame.set_index(["since_entry", "level"])["n_sought"]
    assert counts["first", "female"] == (event & girl & (exit <= 183)).sum()
    assert counts["later", "male"] == (event & ~girl & (exit > 183)).sum()
    tested = row_at(checks, covariate="sex")
    assert tested["done"] == "split"
    assert tested["p_value"] < 0.01
    assert set(placement_model(drawn(), covariates=["sex"]).frame["since_entry"]) == {"all"}


def test_nothing_is_split_where_a_level_has_no_exit_in_a_period():
    """Girls leave at once or never: the test fails, but their rate after six months has no bound."""
    follow_up = drawn(400, changing=True, late=False)
    times = follow_up.times
    late_girls = (times["sex"] == "female") & (times["exit_time"] > 183)
    times["way_out"] = times["way_out"].mask(late_girls, "censored")
    made = placement_model_checks(replace(follow_up, times_table=times), covariates=["sex"])
    assert row_at(made, covariate="sex")["done"] == "too_few"
    assert row_at(placement_model_checks(follow_up, covariates=["sex"]), covariate="sex")["done"] == "split"


def test_a_level_without_exits_has_no_ratio_and_nothing_is_tested():
    follow_up = drawn()
    times = follow_up.times
    times["way_out"] = times["way_out"].mask(times["age_at_entry"] == 19, "censored")
    without = replace(follow_up, times_table=times)
    made, checks = (
        call(without, covariates=["sex", "age_at_entry"]) for call in (placement_model, placement_model_checks)
    )
    assert np.isnan(ratios(row_at(made, level="19"))).all()
    assert np.isfinite(ratios(row_at(made, level="female"))).all()
    assert checks.frame["p_value"].isna().all()
    assert set(checks.frame["done"]) == {"together", "untested"}
    assert np.isnan(
        ratios(
            row_at(
                subdistribution_model(
                    replace(without, times_table=times.assign(entry_time=0)), covariates=["age_at_entry"]
                ),
                level="19",
                ratio_of="share",
            )
        )
    ).all()


def test_the_checks_are_those_of_the_core_with_holm():
    fitted = fitted_placement(seen_to(drawn(), 24), BASELINE)
    made = placement_model_checks(drawn(), covariates=BASELINE).frame.set_index("covariate")
    assert made["p_value"].tolist() == [
        fitted.test.together.p_value,
        *fitted.test.p_value[np.argsort([list(made.index[1:]).index(name) for name in fitted.test.names])],
    ]
    assert made.loc["age_at_entry", "df"] == 3
    assert (made["p_holm"].dropna() >= made["p_value"][1:]).all()


# covariates


def test_the_youngest_are_put_together_while_they_are_few():
    def levels(n_of_age):
        ages = [age for age, n in n_of_age.items() for _ in range(n)]
        times = pd.DataFrame(
            {"exit_time": range(10, 10 + len(ages)), "way_out": "study_placement", "age_at_entry": ages}
        )
        [made] = baseline_covariates(made_follow_up(times), ["age_at_entry"])
        return dict(made.levels)

    years = {age: f"{age} år" for age in (16, 17, 18, 19)}
    whole = {str(age): label for age, label in years.items()}
    assert levels({16: 30, 17: 40, 18: 50}) == {age: whole[age] for age in ("16", "17", "18")}
    assert levels({16: 29, 17: 40, 18: 50}) == {"17_or_younger": "17 år eller yngre", "18": "18 år"}
    assert levels({14: 10, 15: 25, 16: 30, 17: 9}) == {
        "15_or_younger": "15 år eller yngre",
        "16": "16 år",
        "17": "17 år",
    }
    assert levels({16: 3, 17: 4, 18: 5, 19: 2}) == {"18_or_younger": "18 år eller yngre", "19": "19 år"}


def test_the_youngest_are_put_together_while_a_combination_of_them_is_small():
    def levels(n_young_girls):
        sexes = ["female"] * n_young_girls + ["male"] * 40 + ["female"] * 60 + ["male"] * 60
        ages = [16] * (n_young_girls + 40) + [17, 18] * 60
        times = pd.DataFrame(
            {"exit_time": range(10, 10 + len(ages)), "way_out": "other", "age_at_entry": ages, "sex": sexes}
        )
        return list(baseline_covariates(made_follow_up(times), ["sex", "age_at_entry"])[1].levels)

    assert levels(5) == ["16", "17", "18"]
    assert levels(4) == ["17_or_younger", "18"]
    assert levels(0) == ["16", "17", "18"]


@pytest.mark.parametrize(
    ("covariates", "told"),
    [
        pytest.param(["sexx"], 'sexx: okänd (menade du "sex"?)', id="unknown"),
        pytest.param(["sex", "sex"], "sex: står flera gånger", id="twice"),
        pytest.param(["sex", "season"], "season: känd för 240 av 240, olika värden: 1", id="the same for all"),
        pytest.param(["age_at_entry"], "age_at_entry: känd för 239 av 240, olika värden: 4", id="missing"),
    ],
)
def test_a_covariate_that_no_model_can_have_is_refused_by_name(covariates, told):
    follow_up = drawn()
    times = follow_up.times.assign(entry_date=pd.Timestamp("2023-09-01"))
    times.loc[7, "age_at_entry"] = pd.NA
    with pytest.raises(DefinitionError) as refused:
        placement_model(replace(follow_up, times_table=times), covariates=covariates)
    assert refused.value.found == (told,)
    assert len(placement_model(follow_up, covariates=["sex", "season", "age_at_entry"]).frame) == 8


def test_what_the_follow_up_does_not_know_is_left_out_unless_it_is_asked_for():
    follow_up = drawn(unit="months")
    unknown = replace(
        follow_up, times_table=follow_up.times.assign(age_at_entry=pd.array([pd.NA] * 240, dtype="Int64"))
    )
    assert set(placement_model(unknown).frame["covariate"]) == {"sex", "season"}
    assert set(placement_model(follow_up).frame["covariate"]) == set(BASELINE)
    assert set(placement_model(drawn()).frame["covariate"]) == {*BASELINE, "calendar"}
    with pytest.raises(DefinitionError, match="i dagar från startdatumet"):
        placement_model(follow_up, covariates=["calendar"])
    target = replace(drawn(), choices=FollowUpChoices(time_zero="target_group"))
    assert set(placement_model(target).frame["covariate"]) == set(BASELINE)
    with pytest.raises(DefinitionError, match="minst en kovariat"):
        placement_model(follow_up, covariates=[])


@pytest.mark.parametrize("horizon", [0, 6, 18, 36])
def test_the_horizon_is_one_of_the_other_tables(horizon):
    with pytest.raises(DefinitionError, match="en av de andra tabellernas tidpunkter"):
        placement_model(drawn(), horizon=horizon)
    shorter = row_at(placement_model(drawn(), covariates=["sex"], horizon=12), level="female")
    assert shorter["n_sought"] < row_at(placement_model(drawn(), covariates=["sex"]), level="female")["n_sought"]


def test_a_model_without_any_exit_is_refused():
    follow_up = drawn()
    with pytest.raises(DefinitionError, match="minst en händelse"):
        placement_model(replace(follow_up, times_table=follow_up.times.assign(way_out="censored")))


# what is counted and what leaves the room


def everything(follow_up) -> list[Result]:
    """Every table of a follow-up that shares cells with those of the models."""
    splits = (None, "sex")
    return [
        follow_up_base(follow_up),
        *(life_table(follow_up, by=by) for by in splits),
        *(cumulative_incidence(follow_up, by=by) for by in splits),
        placement_before_20(follow_up),
        placement_model(follow_up),
        placement_model_checks(follow_up),
        group_tests(follow_up, by="sex"),
        group_tests(follow_up, by="age_at_entry"),
        group_tests(follow_up, by="season"),
    ]


@pytest.mark.parametrize("changing", [False, True], ids=["one ratio", "split"])
def test_every_declared_sum_holds_between_the_tables(changing):
    made = everything(drawn(400, changing=changing, seed=8))
    known: dict[Cell, int] = {}
    for result in made:
        for found, value in result.cells().items():
            assert known.setdefault(found, value) == value
    told = [equation for result in made[6:] for equation in result.all_equations()]
    whole = [equation for equation in told if all(term in known for _, term in equation.terms)]
    assert [equation.name for equation in whole if sum(n * known[term] for n, term in equation.terms)] == []
    rests = [sum(-n * known.get(term, 0) for n, term in e.terms) for e in told if e not in whole]
    single = [
        (rest, [n for n, term in e.terms if term not in known])
        for rest, e in zip(rests, [e for e in told if e not in whole], strict=True)
    ]
    assert [rest for rest, unknown in single if len(unknown) == 1 and rest / unknown[0] < 0] == []
    named = {equation.name for equation in whole}
    assert {"Nivåerna summerar till alla", "De som har lämnat hittills", "De jämförda grupperna tillsammans"} <= named
    assert ("Den första periodens avslut" in named) == changing


def with_boys(n_boys: int):
    """Eighty girls and some boys; every other one leaves for studies."""
    n = 80 + n_boys
    ways = ["study_placement" if row % 2 else "other" for row in range(n)]
    times = pd.DataFrame(
        {
            "exit_time": [20 + 7 * row % 300 for row in range(n)],
            "way_out": ways,
            "sex": ["female"] * 80 + ["male"] * n_boys,
        }
    )
    return made_follow_up(times)


def states_of(result: Result, *columns: str) -> set[str]:
    released = protect([result], policy=Policy(), ledger=Ledger.empty())[result.id]
    return {state for name in columns for state in released.states[name]}


def test_a_group_with_few_exits_takes_every_ratio_and_test_of_it():
    """With ten boys five leave for studies, with eight four."""
    for call in (placement_model, subdistribution_model):
        assert states_of(call(with_boys(10), covariates=["sex"]), "hazard_ratio", "lower") == {
            "shown",
            "not_applicable",
        }
        assert states_of(call(with_boys(8), covariates=["sex"]), "hazard_ratio", "lower") == {"protected"}
    assert states_of(group_tests(with_boys(10), by="sex"), "p_value") == {"shown"}
    assert states_of(group_tests(with_boys(8), by="sex"), "p_value") == {"shown", "protected"}


def test_a_small_combination_takes_every_ratio():
    """Every level has many, but few girls are 18."""

    def made(n_girls_of_18):
        ages = [17] * 60 + [18] * n_girls_of_18 + [17] * 40 + [18] * 60
        sexes = ["female"] * (60 + n_girls_of_18) + ["male"] * 100
        ways = ["study_placement" if row % 2 else "other" for row in range(len(ages))]
        times = pd.DataFrame(
            {
                "exit_time": [20 + 7 * row % 300 for row in range(len(ages))],
                "way_out": ways,
                "age_at_entry": ages,
                "sex": sexes,
            }
        )
        return placement_model(made_follow_up(times), covariates=["sex", "age_at_entry"])

    assert states_of(made(5), "hazard_ratio") == {"shown", "not_applicable"}
    assert states_of(made(4), "hazard_ratio") == {"protected", "not_applicable"}


def test_few_exits_beside_the_parameters_take_every_ratio():
    """Girls and boys every other one; with eleven exits ten degrees of freedom are left."""

    def made(n_exits):
        ways = ["study_placement" if row < n_exits else "other" for row in range(120)]
        times = pd.DataFrame(
            {"exit_time": [20 + 77 * row % 300 for row in range(120)], "way_out": ways, "sex": ["female", "male"] * 60}
        )
        return made_follow_up(times)

    for call in (placement_model, placement_model_checks, subdistribution_model):
        column = "chi_square" if call is placement_model_checks else "hazard_ratio"
        assert "shown" in states_of(call(made(11), covariates=["sex"]), column)
        assert "shown" not in states_of(call(made(10), covariates=["sex"]), column)


# Fine and Gray's ratios


@pytest.mark.parametrize("late", [False, True], ids=["from the start", "late"])
@pytest.mark.parametrize("per_person", [1, 2])
def test_both_ratios_are_those_of_the_cores(late, per_person):
    follow_up = drawn(late=late)
    persons = [f"p{row // per_person}" for row in range(240)]
    follow_up = replace(follow_up, times_table=follow_up.times.assign(person_id=persons))
    entry, exit, way, times = to_end(follow_up)
    clusters = {"cluster": times["person_id"].to_numpy(object)} if per_person == 2 else {}
    girl = (times["sex"] == "female").to_numpy(float)[:, None]
    cause = np.where(way == "study_placement", 1, np.where(way == "censored", 0, 2))
    share = fine_gray(entry, exit, cause, girl, n_causes=2, **clusters)
    rate = cox(entry, exit, cause == 1, girl, **clusters).table().loc[0, ["hazard_ratio", "lower", "upper"]]
    made = subdistribution_model(follow_up, covariates=["sex"])
    np.testing.assert_allclose(ratios(row_at(made, level="female", ratio_of="rate")), rate.astype(float), rtol=ITERATED)
    expected = np.exp([share.coefficients[0], share.lower[0], share.upper[0]])
    np.testing.assert_allclose(ratios(row_at(made, level="female", ratio_of="share")), expected, rtol=SAME)


def test_a_covariate_that_changes_over_time_is_refused():
    with pytest.raises(DefinitionError, match="känd vid inträdet"):
        subdistribution_model(drawn(late=False), covariates=["sex", "calendar"])
    assert set(subdistribution_model(drawn(late=False)).frame["covariate"]) == set(BASELINE)


# tests of groups


def test_the_tests_are_those_of_the_cores():
    follow_up = drawn(late=False)
    entry, exit, way, times = to_end(follow_up)
    cause = np.where(way == "study_placement", 1, np.where(way == "censored", 0, 2))
    groups = times["sex"].to_numpy(object)
    made = group_tests(follow_up, by="sex").frame.set_index("test")
    for name, core in {
        "leaving": log_rank(entry, exit, cause > 0, groups),
        "placement": log_rank(entry, exit, cause == 1, groups),
    }.items():
        np.testing.assert_allclose(
            made.loc[name, ["chi_square", "df", "p_value"]].astype(float), [core.chi_square, core.df, core.p], rtol=SAME
        )
    gray = gray_test(exit, cause, groups)
    np.testing.assert_allclose(
        made.loc["incidence", ["chi_square", "p_value"]].astype(float), [gray.chi_square[0], gray.p[0]], rtol=SAME
    )
    assert made["n_exits"].tolist() == [(cause > 0).sum(), (cause == 1).sum(), (cause == 1).sum()]
    assert "p_holm" not in made


def test_more_than_two_groups_are_tested_in_pairs_too():
    follow_up = drawn()
    entry, exit, way, times = to_end(follow_up)
    core = pairwise_log_rank(entry, exit, way == "study_placement", times["age_at_entry"].astype(str).to_numpy(object))
    made = group_tests(follow_up, by="age_at_entry").frame
    pairs = made[(made["test"] == "placement") & (made["comparison"] != "all_groups")]
    assert pairs["comparison"].tolist() == [
        f"{one}_and_{other}" for one, other in zip(core.first, core.second, strict=True)
    ]
    np.testing.assert_allclose(
        pairs[["p_value", "p_holm"]].astype(float), np.column_stack([core.p, core.p_holm]), rtol=SAME
    )
    alone = made[(made["test"] == "placement") & (made["comparison"] == "17_and_18")].iloc[0]
    assert alone["n_spells"] == times["age_at_entry"].isin([17, 18]).sum()


def test_gray_s_test_is_missing_where_somebody_comes_late():
    late, early = (
        group_tests(drawn(late=is_late), by="age_at_entry").frame.query("test == 'incidence'")
        for is_late in (True, False)
    )
    assert late["comparison"].tolist() == ["all_groups"]
    assert late["p_value"].isna().all()
    assert early["p_value"].notna().all()


def test_a_test_of_persons_with_several_spells_is_refused():
    follow_up = drawn()
    twice = replace(follow_up, times_table=follow_up.times.assign(person_id=[f"p{row // 2}" for row in range(240)]))
    with pytest.raises(DefinitionError, match="personer med flera: 120 av 120"):
        group_tests(twice, by="sex")
    with pytest.raises(DefinitionError, match="okänd"):
        group_tests(follow_up, by="district")
