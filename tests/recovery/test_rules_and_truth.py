"""The rules of the target population find, from the raw files alone, the days that the simulation knows to be inside."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis.checks import run_checks
from kaa_analysis.checks.check_report import CheckOutcome, State
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.ingest import add_extract, read_register
from kaa_analysis.synthetic.scenario import Scenario, scenario
from kaa_analysis.synthetic.simulation import simulate
from kaa_analysis.synthetic.write import write_register
from kaa_analysis.target_population import target_population
from tests.recovery.worlds import GRANTS, LAYOUT, SUPPLEMENTS, SimulatedWorld, simulated

FIRST_WORDING = pd.Timestamp("2015-01-01")
LAW = pd.Timestamp("2018-07-01")
CLEAN = replace(scenario("clean"), births_per_year=1500)
OVER_THE_LAW = replace(
    CLEAN, name="over_the_law", births_per_year=3000, start=date(2016, 1, 1), extract_date=date(2019, 12, 31)
)
NOT_RUN = {"K921"}
"""Needs the numbers that were delivered before."""


@pytest.fixture(scope="module", params=[CLEAN, OVER_THE_LAW], ids=lambda found: found.name)
def world(request, tmp_path_factory) -> SimulatedWorld:
    return simulated(request.param, tmp_path_factory.mktemp(request.param.name))


def true_intervals(found: Scenario, *, law: str) -> pd.DataFrame:
    """Return record_number, start, end of the true days in the target group before the day of extract, of those who are in the extract."""
    parts = []
    for batch in found.batches:
        part = simulate(batch, scenario=found)
        inside = part.register.inside if law == "as_in_force" else part.register.inside_bridged
        records = part.extract["persons"][["person", "record"]]
        parts.append(inside.merge(records, on="person", how="inner", validate="many_to_one"))
    intervals = pd.concat(parts).assign(record_number=lambda rows: rows["record"].astype(str))
    last = pd.Timestamp(found.extract_date)
    if law == "as_in_force":
        intervals = intervals[intervals["end"] > FIRST_WORDING]
        intervals = intervals.assign(start=intervals["start"].clip(lower=FIRST_WORDING))
    return in_order(intervals[intervals["start"] < last].assign(end=intervals["end"].clip(upper=last)))


def intervals_by_the_rules(world: SimulatedWorld, *, law: str) -> pd.DataFrame:
    persons = world.register.table("persons", columns=["person_id", "record_number"])
    intervals = target_population(world.register, law=law).intervals
    return in_order(intervals.merge(persons, on="person_id", how="left", validate="many_to_one"))


def in_order(intervals: pd.DataFrame) -> pd.DataFrame:
    columns = ["record_number", "start", "end"]
    typed = intervals[columns].astype({"record_number": "str", "start": "datetime64[s]", "end": "datetime64[s]"})
    return typed.sort_values(columns, ignore_index=True)


@pytest.mark.parametrize("law", ["as_in_force", "bridged"])
def test_the_rules_find_every_true_interval_and_no_other(world, law):
    truth = true_intervals(world.scenario, law=law)
    assert len(truth) > 1000
    pd.testing.assert_frame_equal(intervals_by_the_rules(world, law=law), truth)


def test_the_law_of_2018_makes_a_difference_to_the_truth_before_its_day_and_none_after():
    in_force, bridged = (true_intervals(OVER_THE_LAW, law=law) for law in ("as_in_force", "bridged"))
    bridged = bridged[bridged["end"] > FIRST_WORDING]
    bridged = bridged.assign(start=bridged["start"].clip(lower=FIRST_WORDING))
    ends = in_force["end"].value_counts()
    assert ends[LAW] > 50
    assert ends[LAW] > 10 * bridged["end"].eq(LAW).sum()
    later = [rows[rows["end"] > LAW] for rows in (in_force, bridged)]
    later = [rows.assign(start=rows["start"].clip(lower=LAW)) for rows in later]
    pd.testing.assert_frame_equal(in_order(later[0]), in_order(later[1]))


def test_no_check_finds_anything_in_the_register_without_errors(tmp_path):
    outcomes = _outcomes(scenario("clean"), tmp_path)
    assert len(outcomes) == 48
    assert {name for name, outcome in outcomes.items() if outcome.n_rows != 0} == NOT_RUN
    assert {name for name, outcome in outcomes.items() if outcome.state is State.NOT_RUN} == NOT_RUN


def test_the_mistakes_of_the_municipality_alone_are_found_by_several_checks(tmp_path):
    outcomes = _outcomes(replace(CLEAN, name="own_mistakes", errors="", settings={}), tmp_path)
    assert sum(bool(outcome.n_rows) for outcome in outcomes.values()) >= 5


def _outcomes(found: Scenario, folder: Path) -> dict[str, CheckOutcome]:
    write_register(folder / "raw", scenario=found)
    secure = SecureFolder(folder / "secure")
    files = [path for path in sorted((folder / "raw").glob("*.csv")) if path.name not in SUPPLEMENTS]
    add_extract(found.name, layout=LAYOUT, files=files, extract_date=None, secure=secure, observed_from=found.start)
    register = read_register(found.name, secure=secure, grants=GRANTS, accept_problem_rows=0)
    return {outcome.check.id: outcome for outcome in run_checks(register).outcomes}
