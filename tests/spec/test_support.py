"""Support on registers typed by hand: who takes part, what begins and ends, why, what comes after, and the steps inside."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from kaa_analysis.core.errors import DefinitionError, DisclosureError
from kaa_analysis.core.kept_answers import KeptAnswers
from kaa_analysis.core.periods import calendar_year, tertial
from kaa_analysis.core.result import Result
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.indicators import (
    activity_after_support,
    exits_after_support,
    exits_by_reason,
    routes_into_aim,
    stock_and_flow,
    support_by_intervention,
    support_end_reasons,
    support_flow,
    work_or_studies_after_support,
    youth_employment_steps,
)
from tests.spec.hand_typed import HandTyped, register

YEARS = [calendar_year(2023), calendar_year(2024)]
YEAR = YEARS[-1]
GIRLS = ("a", "c", "f")
BOYS = ("b", "d", "e", "g", "h")


def typed(registrations: tuple[str, ...], interventions: tuple[str, ...]) -> HandTyped:
    """A register of girls a, c and f and boys b, d, e, g and h, all in the target group since June 2022; it keeps what it is asked."""
    made = register(
        ("persons", "person_id sex", *(f"{name} female" for name in GIRLS), *(f"{name} male" for name in BOYS)),
        ("credentials", "person_id", *GIRLS, *BOYS),
        ("residence", "person_id", *GIRLS, *BOYS),
        ("registrations", "person_id spell entry_date exit_date exit_reason", *registrations),
        (
            "interventions",
            "person_id intervention_number kind provider step route_in start_date end_date end_reason activity_after",
            *interventions,
        ),
    )
    made.answers = KeptAnswers()
    return made


def taking_part() -> HandTyped:
    """What the docstrings of the tables call edges; h was registered in 2022 alone."""
    return typed(
        (
            "a 1 2023-08-01 - -",
            "b 1 2023-08-01 - -",
            *(f"{name} 1 2024-02-01 - -" for name in "cdefg"),
            "h 1 2022-08-01 2022-12-01 other",
        ),
        (
            "a 1 guidance utbf - - 2023-10-01 2024-01-02 studies studies",
            "b 1 guidance amf - - 2023-10-01 2024-01-01 other studies_abroad",
            "c 1 guidance amf - - 2024-12-31 - - -",
            "d 1 guidance amf - - 2025-01-01 - - -",
            "e 1 guidance amf - - - - - -",
            "f 1 guidance amf - - 2024-02-01 2024-02-10 work internship",
            "f 2 aim amf - own_contact 2024-05-01 - - -",
            "f 3 aim utbf - relative 2024-06-01 - - -",
            "g 1 coaching utbf - - 2024-03-01 2024-03-01 - -",
            "h 1 aim amf - skolslussen 2024-02-01 2024-03-01 work work",
        ),
    )


def of_all(result: Result, *columns: str) -> list[tuple]:
    """The rows for girls and boys together that are not all zero, the columns asked for."""
    frame = result.frame
    counts = frame[frame["sex"] == "all"][list(columns)]
    numbers = counts.select_dtypes("number")
    return list(counts[(numbers != 0).any(axis=1)].itertuples(index=False, name=None))


def test_a_person_is_in_support_once_per_kind_if_the_intervention_has_a_day_in_the_period():
    by_kind = support_by_intervention(taking_part(), periods=YEARS)
    assert of_all(by_kind, "period", "kind", "n_persons", "n_covered") == [
        ("2023", "all", 2, 2),
        ("2024", "all", 4, 7),
        ("2023", "guidance", 2, 2),
        ("2024", "guidance", 3, 7),
        ("2023", "coaching", 0, 2),
        ("2024", "coaching", 1, 7),
        ("2023", "aim", 0, 2),
        ("2024", "aim", 1, 7),
        *((period, kind, 0, n) for kind in ("group_activity", "internship", "youth_employment", "other")
          for period, n in (("2023", 2), ("2024", 7))),
    ]  # fmt: skip
    by_provider = support_by_intervention(taking_part(), periods=[YEAR], by="provider")
    assert of_all(by_provider, "provider", "n_persons") == [("all", 4), ("utbf", 3), ("amf", 2)]


def test_persons_in_support_are_told_by_sex_with_their_share_of_the_covered():
    frame = support_by_intervention(taking_part(), periods=[YEAR]).frame
    rows = frame[frame["kind"] == "all"]
    assert rows[["sex", "n_persons", "n_covered", "share_in_support"]].to_numpy().tolist() == [
        ["all", 4, 7, 4 / 7],
        ["female", 3, 3, 1.0],
        ["male", 1, 4, 0.25],
    ]


def test_interventions_at_the_start_and_begun_less_ended_are_those_at_the_end():
    flow = support_flow(taking_part(), periods=YEARS)
    columns = ("n_start", "n_begun", "n_ended", "n_end")
    assert of_all(flow, "period", *columns) == [("2023", 0, 2, 0, 2), ("2024", 2, 5, 4, 3)]
    assert (flow.frame["n_start"] + flow.frame["n_begun"] - flow.frame["n_ended"]).tolist() == flow.frame[
        "n_end"
    ].tolist()
    by_kind = support_flow(taking_part(), periods=[YEAR], by="kind")
    assert of_all(by_kind, "kind", *columns[1:]) == [
        ("all", 5, 4, 3), ("guidance", 2, 3, 1), ("coaching", 1, 1, 0), ("aim", 2, 0, 2),
    ]  # fmt: skip
    by_provider = support_flow(taking_part(), periods=[YEAR], by="provider")
    assert of_all(by_provider, "provider", *columns[1:]) == [("all", 5, 4, 3), ("utbf", 2, 2, 1), ("amf", 3, 2, 2)]


def test_the_part_of_a_period_after_the_extract_has_not_come():
    cut = taking_part()
    cut.extract_date = date(2024, 5, 1)
    flow = support_flow(cut, periods=[YEAR])
    assert of_all(flow, "n_start", "n_begun", "n_ended", "n_end") == [(2, 2, 4, 0)]
    assert flow.note.endswith("Preliminärt för 2024: uppgifter till och med 2024-04-30.")


def test_an_unknown_split_is_refused_with_the_nearest():
    with pytest.raises(DefinitionError, match=r'menade du "kind"'):
        support_by_intervention(taking_part(), periods=[YEAR], by="kinds")
    with pytest.raises(DefinitionError, match=r'menade du "provider"'):
        support_flow(taking_part(), periods=[YEAR], by="providers")


def test_what_ended_has_its_reason_per_kind_and_a_missing_one_is_unknown():
    ended = support_end_reasons(taking_part(), period=YEAR)
    columns = ("kind", "end_reason", "n_ended", "n_all_ended", "n_persons")
    assert [row for row in of_all(ended, *columns) if row[2]] == [
        ("all", "all", 4, 4, 4),
        ("all", "studies", 1, 4, 4),
        ("all", "work", 1, 4, 4),
        ("all", "unknown", 1, 4, 4),
        ("all", "other", 1, 4, 4),
        ("guidance", "all", 3, 3, 3),
        ("guidance", "studies", 1, 3, 3),
        ("guidance", "work", 1, 3, 3),
        ("guidance", "other", 1, 3, 3),
        ("coaching", "all", 1, 1, 1),
        ("coaching", "unknown", 1, 1, 1),
    ]


def test_a_person_whose_interventions_of_a_kind_ended_twice_is_one_beside_two():
    twice = typed(
        ("a 1 2024-01-01 - -",),
        (
            "a 1 aim amf - - 2024-01-02 2024-02-01 work work",
            "a 2 aim amf - - 2024-03-01 2024-04-01 studies studies",
            "a 3 coaching amf - - 2024-03-01 2024-04-01 studies studies",
        ),
    )
    rows = of_all(support_end_reasons(twice, period=YEAR), "kind", "end_reason", "n_ended", "n_persons")
    assert [row for row in rows if row[1] == "all" and row[2]] == [
        ("all", "all", 3, 1), ("coaching", "all", 1, 1), ("aim", "all", 2, 1),
    ]  # fmt: skip


def leaving() -> HandTyped:
    """Interventions on the first and the last registered day, before and after them, in one exit and in two."""
    return typed(
        (
            "a 1 2024-01-10 2024-03-01 komvux",
            "b 1 2024-01-10 2024-03-01 turned_20",
            "c 1 2024-05-01 2024-05-01 -",
            "d 1 2024-01-10 2024-02-01 moved",
            "d 2 2024-04-01 2024-06-01 other",
            "e 1 2024-01-10 2024-02-01 other",
            "f 1 2024-01-10 2024-02-01 misregistered",
            "g 1 2024-01-10 - -",
        ),
        (
            "a 1 guidance utbf - - 2023-10-01 2024-01-10 other other",
            "a 2 aim amf - - 2024-03-01 - - -",
            "b 1 guidance utbf - - 2023-10-01 2024-01-11 other other",
            "b 2 aim amf - - 2024-02-29 - - -",
            "c 1 guidance utbf - - 2024-05-01 2024-05-01 other other",
            "d 1 guidance utbf - - 2024-01-15 2024-05-01 other other",
            "e 1 guidance utbf - - - - - -",
            "f 1 guidance utbf - - 2024-01-15 - - -",
            "g 1 guidance utbf - - 2024-01-15 - - -",
        ),
    )


def test_an_exit_follows_an_intervention_that_has_a_day_among_the_registered_ones():
    after = exits_after_support(leaving(), period=YEAR)
    columns = ("kind", "exit_reason", "n_exits", "n_all_exits", "n_persons")
    assert [row for row in of_all(after, *columns) if row[2]] == [
        ("all", "all", 4, 4, 3),
        ("all", "turned_20", 1, 4, 3),
        ("all", "moved", 1, 4, 3),
        ("all", "other", 1, 4, 3),
        ("all", "missing", 1, 4, 3),
        ("guidance", "all", 4, 4, 3),
        ("guidance", "turned_20", 1, 4, 3),
        ("guidance", "moved", 1, 4, 3),
        ("guidance", "other", 1, 4, 3),
        ("guidance", "missing", 1, 4, 3),
        ("aim", "all", 1, 1, 1),
        ("aim", "turned_20", 1, 1, 1),
    ]


def test_the_activity_after_has_the_unknown_as_a_row_of_its_own():
    after = activity_after_support(taking_part(), periods=[YEAR])
    assert of_all(after, "activity", "n_ended", "share_of_ended") == [
        ("all", 4, 1.0),
        ("internship", 1, 0.25),
        ("studies", 1, 0.25),
        ("studies_abroad", 1, 0.25),
        ("unknown", 1, 0.25),
    ]
    assert list(after.frame["activity"].unique())[-1] == "unknown"


def test_the_unknown_set_the_bounds_of_the_share_in_work_or_studies():
    bounds = work_or_studies_after_support(taking_part(), periods=YEARS)
    columns = ("n_ended", "n_active", "n_unknown", "n_elsewhere", "n_possibly", "share_at_least", "share_at_most")
    assert of_all(bounds, "period", *columns) == [("2024", 4, 2, 1, 1, 3, 0.5, 0.75)]
    nothing = bounds.frame.set_index(["period", "sex"]).loc[("2023", "all"), ["share_at_least", "share_at_most"]]
    assert nothing.isna().all()


def employed() -> HandTyped:
    return typed(
        tuple(f"{name} 1 2023-01-01 - -" for name in "abcdef"),
        (
            "a 1 youth_employment amf preparation - 2024-01-08 2024-01-15 other internship",
            "a 2 youth_employment amf practice - 2024-01-15 2024-02-26 other work",
            "a 3 youth_employment amf employment - 2024-02-26 - - -",
            "b 1 youth_employment amf preparation - 2024-03-01 2024-03-08 unknown unknown",
            "c 1 youth_employment amf preparation - 2024-12-20 2024-12-27 other internship",
            "c 2 youth_employment amf practice - 2025-01-02 - - -",
            "d 1 youth_employment amf employment - 2023-01-01 2023-07-01 work work",
            "d 2 youth_employment amf practice - 2024-05-01 - - -",
            "e 1 youth_employment amf - - 2024-04-01 2024-05-01 other other",
            "f 1 youth_employment amf preparation - 2024-01-10 2024-01-17 other internship",
            "f 2 youth_employment amf practice - 2024-01-17 2024-02-01 other other",
            "f 3 youth_employment amf preparation - 2024-09-01 2024-09-08 other other",
            "f 4 internship utbf practice - 2024-10-01 - - -",
        ),
    )


def test_who_began_a_step_has_gone_on_is_still_in_it_or_has_ended_at_the_end_of_the_period():
    steps = youth_employment_steps(employed(), periods=YEARS)
    columns = ("period", "intervention_step", "n_begun", "n_went_on", "n_still", "n_left")
    assert of_all(steps, *columns) == [
        ("2023", "employment", 1, 0, 0, 1),
        ("2024", "preparation", 4, 1, 0, 3),
        ("2024", "practice", 3, 1, 1, 1),
        ("2024", "employment", 1, 0, 1, 0),
        ("2024", "missing", 1, 0, 0, 1),
    ]


def test_there_is_no_row_for_steps_not_noted_where_all_are():
    register_of_a = employed()
    interventions = register_of_a.tables["interventions"]
    register_of_a.tables["interventions"] = interventions[interventions["person_id"] == "a"]
    steps = youth_employment_steps(register_of_a, periods=[YEAR])
    assert of_all(steps, "intervention_step", "n_begun", "n_went_on", "n_still") == [
        ("preparation", 1, 1, 0), ("practice", 1, 1, 0), ("employment", 1, 0, 1),
    ]  # fmt: skip
    assert "missing" not in set(steps.frame["intervention_step"])


def test_the_route_into_aim_is_that_of_the_first_one_begun_and_a_missing_one_is_a_row():
    routes = routes_into_aim(taking_part(), periods=YEARS)
    assert of_all(routes, "period", "route_in", "n_begun", "n_all_begun") == [
        ("2024", "all", 1, 1), ("2024", "own_contact", 1, 1),
        *(("2024", route, 0, 1) for route in ("relative", "local_coordinator", "skolslussen", "other", "missing")),
    ]  # fmt: skip
    untold = typed(
        ("b 1 2024-01-01 - -", "c 1 2024-01-01 - -"),
        ("b 1 aim amf - - 2024-02-01 - - -", "c 1 aim amf - skolslussen 2024-02-01 - - -"),
    )
    frame = routes_into_aim(untold, periods=[YEAR]).frame.set_index(["route_in", "sex"])
    assert frame.loc[[("skolslussen", "all"), ("missing", "all")], "share_of_begun"].tolist() == [0.5, 0.5]
    assert frame.loc[("missing", "male"), "n_begun"] == 1


def every_table(typed_register: HandTyped) -> list[Result]:
    return [
        stock_and_flow(typed_register, periods=YEARS),
        exits_by_reason(typed_register, periods=YEARS),
        *(support_by_intervention(typed_register, periods=YEARS, by=by) for by in ("kind", "provider")),
        *(support_flow(typed_register, periods=YEARS, by=by) for by in ("all", "kind", "provider")),
        support_end_reasons(typed_register, period=YEAR),
        exits_after_support(typed_register, period=YEAR),
        activity_after_support(typed_register, periods=YEARS),
        work_or_studies_after_support(typed_register, periods=YEARS),
        youth_employment_steps(typed_register, periods=YEARS),
        routes_into_aim(typed_register, periods=YEARS),
    ]


@pytest.mark.parametrize("made", [taking_part, leaving, employed])
def test_all_tables_of_support_hold_together_and_can_be_protected_together(made):
    tables = every_table(made())
    released = protect(tables, policy=Policy(), ledger=Ledger.empty())
    assert set(released) == {result.id for result in tables}


def test_tables_of_different_registers_do_not_hold_together():
    tables = every_table(leaving())
    tables[5] = support_end_reasons(taking_part(), period=YEAR)
    with pytest.raises(DisclosureError):
        protect(tables, policy=Policy(), ledger=Ledger.empty())


def test_a_longer_period_counts_at_least_as_much():
    periods = [tertial(2024, 1), tertial(2024, 2), YEAR]
    results = [support_by_intervention(taking_part(), periods=periods), support_flow(taking_part(), periods=periods)]
    assert set(protect(results, policy=Policy(), ledger=Ledger.empty())) == {"support_by_intervention", "support_flow"}


def test_every_table_says_that_what_needs_consent_is_understated():
    tables = every_table(taking_part())[2:]
    assert [result.id for result in tables if "samtycke, så de är underskattade" not in result.note] == []


def test_the_order_of_rows_changes_nothing():
    turned = employed()
    turned.tables["interventions"] = turned.tables["interventions"].iloc[::-1].reset_index(drop=True)
    for one, other in zip(every_table(employed()), every_table(turned), strict=True):
        pd.testing.assert_frame_equal(one.frame, other.frame)
