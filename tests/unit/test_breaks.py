"""Breaks in series: which there are, what the note says, what the figures mark, and words for a change bound to an interval."""

from __future__ import annotations

import re

import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from kaa_analysis.core.breaks import break_note, breaks_in, breaks_told, broken_gaps, every_break
from kaa_analysis.core.geography import division
from kaa_analysis.core.periods import autumn, calendar_year, lasar, tertial
from kaa_analysis.core.result import Count, Dimension
from kaa_analysis.present.compared_shares import difference_interval
from kaa_analysis.present.forms import exhibit
from kaa_analysis.render.gate.figure_numbers import figure_numbers
from kaa_analysis.render.gate.structural_numbers import numbers_in, plain, without_forms
from kaa_analysis.target_population import changes_of_law
from tests.unit.test_present import make_released, said, studies_table

BOTH = ["law", "districts"]
LAW, DISTRICTS_2020, DISTRICTS_2023 = every_break()


@pytest.mark.parametrize(
    ("periods", "kinds", "days"),
    [
        ([calendar_year(2017), calendar_year(2018)], BOTH, [LAW.day]),
        ([calendar_year(2017), calendar_year(2018)], ["districts"], []),
        ([calendar_year(2018), calendar_year(2019)], BOTH, [LAW.day]),
        ([lasar(2018), lasar(2019)], BOTH, []),
        ([lasar(2017), lasar(2018)], BOTH, [LAW.day]),
        ([calendar_year(2018)], BOTH, []),
        ([tertial(2018, 1), tertial(2019, 1)], BOTH, [LAW.day]),
        ([tertial(2017, 1), tertial(2018, 1)], BOTH, []),
        ([calendar_year(year) for year in (2022, 2023, 2024)], BOTH, [DISTRICTS_2023.day]),
        ([calendar_year(year) for year in (2022, 2023, 2024)], ["law"], []),
        ([], BOTH, []),
    ],
)
def test_a_break_lies_inside_a_series_if_some_of_its_time_is_before_and_some_after(periods, kinds, days):
    assert [one.day for one in breaks_in(periods, kinds=kinds)] == days
    assert [one.day for one in breaks_told(f"Not.{break_note(periods, kinds=kinds)}")] == days


@pytest.mark.parametrize(
    ("periods", "gaps"),
    [
        ([calendar_year(2017), calendar_year(2018), calendar_year(2019)], (1, 2)),
        ([calendar_year(2016), calendar_year(2017), calendar_year(2018)], (2,)),
        ([calendar_year(2018), calendar_year(2019)], (1,)),
        ([lasar(2016), lasar(2017), lasar(2018)], (2,)),
        ([autumn(2017), autumn(2018), autumn(2019)], (1,)),
        ([tertial(2017, 1), tertial(2018, 1), tertial(2019, 1)], (2,)),
        ([calendar_year(2016), calendar_year(2017)], ()),
    ],
)
def test_a_period_with_the_day_of_a_break_inside_is_broken_on_both_sides(periods, gaps):
    assert broken_gaps(periods, [LAW]) == gaps


def test_the_sentence_of_every_break_names_its_day_and_the_gate_knows_all_its_numbers():
    for one in every_break():
        assert f"{one.day.day} juli {one.day.year}" in one.told
        assert numbers_in(without_forms(plain(one.told))) == ()
    assert numbers_in(without_forms(plain("Läget när de fyllde 20 år, dagen före 20-årsdagen"))) == ()
    assert numbers_in(without_forms(plain("20 dagar före 20-årsdagen"))) == ("20",)


def series(*years: int, note: str = ""):
    period = Dimension("period", "Period", {str(year): str(year) for year in years})
    column = Count("n_stock_end", "Registrerade vid periodens slut", "stock_end", "spells")
    other = Count("n_entries", "Nya", "entries", "spells")
    return make_released((period, column, other), [[str(year), 900 + year % 10, 5] for year in years], note=note)


def test_the_series_is_marked_where_the_note_says_that_it_is_broken():
    shown = exhibit(series(2016, 2017, 2018, note=f"Not. {LAW.told}"), slug="serie", form="figure:series")
    assert shown.alt.endswith("Serien bryts mellan 2017 och 2018.")
    assert shown.notes.remarks == (LAW.told,)
    assert len(re.findall("serien bryts", shown.drawing.svg)) == 1
    assert "stroke-dasharray" in shown.drawing.svg
    inside = exhibit(series(2017, 2018, 2019, note=LAW.told), slug="serie", form="figure:series")
    assert inside.alt.endswith("Serien bryts mellan 2017 och 2018 samt mellan 2018 och 2019.")
    assert len(re.findall("serien bryts", inside.drawing.svg)) == 2


def test_a_series_whose_note_tells_of_no_break_is_drawn_whole():
    shown = exhibit(series(2016, 2017, 2018, note="Not."), slug="serie", form="figure:series")
    assert "bryts" not in shown.alt
    assert shown.notes.remarks == ()
    assert "serien bryts" not in shown.drawing.svg
    assert "stroke-dasharray" not in shown.drawing.svg


def test_months_are_marked_too_and_the_gate_reads_the_same_numbers():
    names = {"year": "Hela perioden", "2018-06": "juni 2018", "2018-07": "juli 2018"}
    counts = (Count("n_entries", "Nya", "entries", "spells"), Count("n_exits", "Avslutade", "exits", "spells"))
    rows = [["year", 100, 90], ["2018-06", 60, 40], ["2018-07", 40, 50]]
    table = make_released((Dimension("month", "Månad", names, total="year"), *counts), rows, note=LAW.told)
    shown = exhibit(table, slug="manader", form="figure:monthly_flow")
    assert shown.alt.endswith("Serien bryts mellan juni 2018 och juli 2018.")
    assert numbers_in(without_forms(plain(shown.alt))) == figure_numbers(table, "monthly_flow").alt


def test_texts_that_are_no_periods_are_never_marked():
    kind = Dimension("period", "Period", {"förr": "Förr", "nu": "Nu"})
    column = Count("n_stock_end", "Registrerade", "stock_end", "spells")
    table = make_released((kind, column), [["förr", 9], ["nu", 8]], note=LAW.told)
    assert "bryts" not in exhibit(table, slug="serie", form="figure:series").alt


@pytest.mark.parametrize(("n", "of", "m", "out_of"), [(40, 50, 30, 50), (610, 1000, 763, 1204), (5, 9, 2, 11)])
def test_the_interval_of_a_difference_is_newcombe_s(n, of, m, out_of):
    shares = [
        [n / of, *proportion_confint(n, of, method="wilson")],
        [m / out_of, *proportion_confint(m, out_of, method="wilson")],
    ]
    expected = confint_proportions_2indep(n, of, m, out_of, method="newcomb", compare="diff")
    assert difference_interval(*shares) == pytest.approx(expected, abs=1e-12)


def with_shares(now: list[float], before: list[float], **more):
    table = studies_table(**more)
    values = table.values
    values.loc[0, ["share_to_studies", "share_low", "share_high"]] = before
    values.loc[1, ["share_to_studies", "share_low", "share_high"]] = now
    return make_released(table.columns, values.to_numpy().tolist(), **more)


@pytest.mark.parametrize(
    ("now", "before", "ending"),
    [
        ([0.70, 0.67, 0.73], [0.61, 0.58, 0.64], "en högre andel än under 2023 (61,0 procent). "),
        ([0.50, 0.47, 0.53], [0.61, 0.58, 0.64], "en lägre andel än under 2023 (61,0 procent). "),
        ([0.634, 0.606, 0.661], [0.61, 0.58, 0.64], "mot 61,0 procent under 2023. "),
    ],
)
def test_a_share_is_higher_or_lower_only_where_the_difference_is_more_than_chance(now, before, ending):
    told = said(with_shares(now, before), "sentence:exits")
    assert f"gymnasieutbildning, {ending}Osäkerhetsintervallet" in told
    assert told.endswith("Skillnaden kan inte skiljas från slumpen.") == ending.startswith("mot")


def test_nothing_is_said_of_the_difference_where_an_interval_is_not_shown():
    hidden = [(0, "share_low", "protected")]
    told = said(studies_table(hidden=hidden), "sentence:exits")
    assert "mot 61,0 procent under 2023. Osäkerhetsintervallet" in told
    assert "slumpen" not in told


def test_the_days_of_the_breaks_are_those_of_the_law_and_of_the_divisions():
    assert LAW.day == changes_of_law()[-1]
    assert [DISTRICTS_2020.day, DISTRICTS_2023.day] == [division(name).valid_from for name in ("2020", "2023")]
