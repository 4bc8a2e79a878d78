"""What readers are told of the indicators: which tables show each, and words that hold no number of their own."""

from __future__ import annotations

from kaa_analysis.core.definitions import Definition, definition_from_record, tables_showing
from kaa_analysis.indicators import definitions
from kaa_analysis.indicators.indicator_catalogue import indicators
from kaa_analysis.present.definition_list import definitions_markdown
from kaa_analysis.present.typeface import missing_characters
from kaa_analysis.render.gate.structural_numbers import numbers_in, plain, without_forms
from tests.unit.test_methods import indicator_results


def of(name: str, *, column: str = "n", tables: tuple[str, ...] = ()) -> Definition:
    return Definition(id=name, name=name, definition="", caveat="", source="", column=column, tables=tables or (name,))


def test_every_indicator_is_defined_in_the_order_of_the_catalogue() -> None:
    told = [(one.id, one.name, one.numerator, one.denominator) for one in definitions()]
    assert told == [(one.id, one.name, one.numerator, one.denominator) for one in indicators().values()]
    assert [definition_from_record(one.as_record()) for one in definitions()] == list(definitions())


def test_every_table_of_an_indicator_s_function_with_its_column_shows_that_indicator() -> None:
    made = indicator_results()
    for indicator in indicators().values():
        for result in made[indicator.result]:
            columns = {result.id: [column.name for column in result.columns]}
            shows = indicator.column in columns[result.id]
            assert (indicator.id in tables_showing(definitions(), columns)) is shows, (indicator.id, result.id)


def test_no_indicator_claims_a_table_of_another_function_but_the_one_with_its_earlier_years() -> None:
    own = {(one.result, one.column): one.id for one in indicators().values()}
    for function, made in indicator_results().items():
        name = function.removesuffix("_by_year")
        for result in made:
            shown = tables_showing(definitions(), {result.id: [column.name for column in result.columns]})
            found = {own[name, column.name] for column in result.columns if (name, column.name) in own}
            assert set(shown) == found, result.id


def test_a_table_shows_the_indicator_whose_name_says_most_of_its_id() -> None:
    both = [of("exits"), of("exits_by_reason"), of("exits_total", column="m")]
    tables = {"exits": ["n"], "exits_by_reason_and_provider": ["n", "m"], "exitsx": ["n"], "other": ["n"]}
    assert tables_showing(both, tables) == {"exits": ("exits",), "exits_by_reason": ("exits_by_reason_and_provider",)}
    assert tables_showing([of("a", tables=("b", "c"))], {"c_autumn": ["n"], "b": ["n"]}) == {"a": ("c_autumn", "b")}


def test_the_words_of_every_definition_hold_no_number_but_paragraphs_sections_and_dates() -> None:
    for one in definitions():
        words = plain(definitions_markdown([one]))
        assert numbers_in(without_forms(words)) == (), one.id
        assert missing_characters(words.replace("\n", "")) == [], one.id
