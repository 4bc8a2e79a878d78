"""The form *table:years*: the periods beside each other, and what the gate finds at each place of it."""

import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.result import Count, Dimension
from kaa_analysis.disclosure.released import Released
from kaa_analysis.present.forms import exhibit
from kaa_analysis.present.grid import grid_text
from kaa_analysis.render.gate.placed_cells import Heading, joined, places_of, shapes_of
from tests.unit.test_present import by_year, district_table, make_released, stock_table

PERIOD = Dimension("period", "Period", {"2023": "2023", "2024": "2024"})
MONTH = Dimension("month_of_year", "Månad", {"01": "januari", "02": "februari"})
NEW = Count("n_entries", "Nya", "entries", "spells")


def unfinished() -> Released:
    """A table whose last month of the latest year has not come."""
    return make_released((MONTH, PERIOD, NEW), [["01", "2023", 20], ["02", "2023", 30], ["01", "2024", 40]])


def of_periods_alone() -> Released:
    return make_released((PERIOD, NEW), [["2023", 20], ["2024", 30]])


def test_the_periods_stand_beside_each_other_under_every_measure():
    shown = exhibit(by_year(hidden=[(1, "n_ended", "protected")]), slug="slut", form="table:years")
    assert grid_text(shown.grid).splitlines() == [
        "Insats        Avslutade, 2023  Avslutade, 2024  Påbörjade, 2023  Påbörjade, 2024",
        "Någon insats              120              140              130              150",
        "Aim                        ..               24               31               26",
    ]


def test_a_row_that_a_period_lacks_is_not_applicable_there():
    assert grid_text(exhibit(unfinished(), slug="manader", form="table:years").grid).splitlines() == [
        "Månad     Nya, 2023  Nya, 2024",
        "januari          20         40",
        "februari         30          .",
    ]


@pytest.mark.parametrize("table", [by_year, unfinished], ids=lambda table: table.__name__)
def test_the_gate_knows_what_stands_at_every_place(table):
    released = table()
    layout, places = exhibit(released, slug="slut", form="table:years").grid, places_of(released)
    columns = [
        (joined(upper.text), joined(lower.text))
        for upper, lowers in zip(layout.head[0][1:], _under(layout.head), strict=True)
        for lower in lowers
    ]
    [group] = layout.groups
    for line in group.lines:
        found = [places[Heading("", joined(line.headers[0]), column)] for column in columns]
        assert [placed.text for [placed] in found] == list(line.cells)
    assert (len(group.lines), len(columns)) in shapes_of(released)


def _under(head):
    lower = iter(head[1])
    return [[next(lower) for _ in range(upper.columns)] for upper in head[0][1:]]


@pytest.mark.parametrize(
    ("table", "found"),
    [(district_table, "district, sex"), (stock_table, "period, sex"), (of_periods_alone, "period")],
    ids=["no period", "by sex", "nothing but the period"],
)
def test_no_other_table_can_be_read_so(table, found):
    with pytest.raises(DefinitionError) as told:
        exhibit(table(), slug="slut", form="table:years")
    assert told.value.found[0].endswith(f"är delad på: {found}")
