"""A district beside the city: each number is that of the report on the one or the other, and the first month is followed to its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaa_analysis.cohorts import chosen_area, registered_during
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import calendar_year, lasar
from kaa_analysis.core.result import Dimension, Share
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import read_policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.indicators import (
    district_beside_city,
    first_attempt_within_month,
    outreach_funnel,
    share_to_studies,
    stock_and_flow,
)
from kaa_analysis.present.forms import exhibit
from tests.spec.hand_typed import register
from tests.spec.test_district_reports import drawn

YEAR, SCHOOL_YEAR = calendar_year(2024), lasar(2023)
JARVA = chosen_area("jarva", division="2023")
POLICY = Path(__file__).parents[2] / "params" / "disclosure.yaml"
COUNTS = ("n_stock_end", "n_entries", "n_exits", "n_to_studies", "n_lasar", "n_reached", "n_decided", "n_within")


def beside(source=None, area=JARVA):
    return district_beside_city(source or drawn(), period=YEAR, school_year=SCHOOL_YEAR, area=area)


def released(result):
    return protect([result], policy=read_policy(POLICY), ledger=Ledger.empty())[result.id]


def counts_of(result, *, district, sex="all"):
    [row] = result.frame.query("district == @district and sex == @sex").to_dict("records")
    return tuple(row[name] for name in COUNTS)


def persons_of_spring():
    """Six girls of Järva whose first months end in each of the ways there are, and one in Farsta."""
    names = ["sought", "late", "never", "left", "running", "summer", "elsewhere"]
    return register(
        ("persons", "person_id sex", *(f"{name} female" for name in names)),
        ("credentials", "person_id", *names),
        (
            "residence",
            "person_id district from_date to_date",
            *(f"{name} {'farsta' if name == 'elsewhere' else 'jarva'} 2023-07-01 -" for name in names),
        ),
        (
            "registrations",
            "person_id spell entry_date exit_date exit_reason registered_at",
            "sought 1 2024-02-01 - - 2024-02-01",
            "late 1 2024-02-01 - - 2024-02-01",
            "never 1 2024-02-01 2024-04-01 komvux 2024-02-01",
            "left 1 2024-02-01 2024-02-20 moved 2024-02-01",
            "running 1 2024-12-31 - - 2025-01-20",
            "summer 1 2024-06-10 - - 2024-06-10",
            "elsewhere 1 2024-02-01 - - 2024-02-01",
        ),
        (
            "contacts",
            "person_id contact date outcome",
            "sought 1 2024-03-01 reached",
            "late 1 2024-03-02 no_answer",
            "running 1 2025-01-21 reached",
            "summer 1 2024-06-11 reached",
            "elsewhere 1 2024-02-02 no_answer",
        ),
    )


def test_the_first_month_is_followed_to_its_end_and_the_summer_and_the_month_that_runs_stand_outside():
    result = beside(persons_of_spring())
    assert counts_of(result, district="jarva") == (4, 6, 2, 1, 5, 2, 4, 1)
    assert counts_of(result, district="all") == (5, 7, 2, 1, 6, 2, 5, 2)
    assert counts_of(result, district="jarva", sex="male") == (0,) * len(COUNTS)
    shares = result.frame.query("sex == 'all'").set_index("district")[[one.name for one in result.of_role(Share)]]
    assert shares.loc["jarva"].tolist() == [1 / 2, 2 / 5, 1 / 4]
    assert shares.loc["all"].tolist() == [1 / 2, 2 / 6, 2 / 5]


def test_nothing_to_divide_by_is_no_share():
    rows = beside(persons_of_spring()).frame.query("sex == 'male'")
    assert rows[["share_to_studies", "share_reached", "share_within"]].isna().all(axis=None)


def test_each_count_is_that_of_the_report_on_the_district_or_on_the_city():
    result, source = beside(), drawn()
    for district, area in (("jarva", JARVA), ("all", None)):
        flow = stock_and_flow(source, periods=[YEAR], area=area).frame.set_index("sex")
        studies = share_to_studies(source, periods=[YEAR], area=area).frame.set_index("sex")
        school_year = registered_during(source, SCHOOL_YEAR, area=area)
        steps = outreach_funnel(source, school_year, period=SCHOOL_YEAR).frame.set_index(["sex", "step"])["n"]
        first_attempts = first_attempt_within_month(source, periods=[YEAR], area=area)
        first = first_attempts.frame.set_index(["sex", "status"])["n_spells"]
        for sex in ("all", "female", "male"):
            assert counts_of(result, district=district, sex=sex) == (
                *flow.loc[sex, ["n_stock_end", "n_entries", "n_exits"]],
                studies.loc[sex, "n_to_studies"],
                steps[sex, "registered"],
                steps[sex, "reached"],
                first[sex, "within"] + first[sex, "later_or_none"] + first[sex, "left_before"],
                first[sex, "within"],
            )


def test_every_count_is_a_cell_of_another_table_or_tied_to_one():
    source, result = drawn(), beside()
    known = {}
    for area in (JARVA, None):
        school_year = registered_during(source, SCHOOL_YEAR, area=area)
        for other in (
            stock_and_flow(source, periods=[YEAR, calendar_year(2023)], area=area),
            share_to_studies(source, periods=[YEAR], area=area),
            outreach_funnel(source, school_year, period=SCHOOL_YEAR),
            first_attempt_within_month(source, periods=[YEAR], area=area),
        ):
            known |= other.cells()
    own = result.cells()
    tied = {term: equation for equation in result.equations for _, term in equation.terms}
    assert {place for place in own if place not in known and place not in tied} == set()
    assert {place: value for place, value in own.items() if place in known} == {
        place: known[place] for place in own if place in known
    }
    checked = 0
    for equation in result.equations:
        values = [own.get(term, known.get(term)) for _, term in equation.terms]
        if None not in values:
            checked += 1
            assert sum(factor * value for (factor, _), value in zip(equation.terms, values, strict=True)) == 0
    assert checked == len(result.equations) == 24


def test_the_whole_municipality_is_no_district():
    with pytest.raises(DefinitionError, match=r"Stadsdelsbladet gäller ett område"):
        beside(area=None)


def test_the_district_does_not_add_up_to_the_city():
    [district] = [split for split in beside().of_role(Dimension) if split.name == "district"]
    assert (list(district.labels), district.total, district.additive) == (["jarva", "all"], "all", False)


def test_it_is_read_with_a_row_per_measure_and_the_two_beside_each_other():
    grid = exhibit(released(beside(persons_of_spring())), slug="bredvid", form="table:beside").grid
    assert [heading.text for heading in grid.head[0]] == ["Mått", "Järva", "Hela staden"]
    assert [heading.text for heading in grid.head[1]] == ["Totalt", "Flickor", "Pojkar"] * 2
    [group] = grid.groups
    assert [line.headers[0] for line in group.lines] == [
        "Registrerade vid periodens slut",
        "Nya registreringar",
        "Avslutade registreringar",
        "Avslut till studier",
        "Andel av avsluten",
        "Personer i registret läsåret 2023/24",
        "Nådda av dem",
        "Andel nådda",
        "Nya vars första månad är avgjord",
        "Kontaktförsök inom en månad",
        "Andel inom en månad",
    ]


@pytest.mark.parametrize(
    ("result", "found"),
    [
        (lambda: first_attempt_within_month(drawn(), periods=[YEAR]), "period, status, sex"),
        (lambda: stock_and_flow(drawn(), periods=[YEAR]), "period, sex"),
    ],
)
def test_no_other_table_can_be_read_so(result, found):
    with pytest.raises(DefinitionError) as told:
        exhibit(released(result()), slug="bredvid", form="table:beside")
    assert told.value.found[0].endswith(f"är delad på: {found}")
