"""The register queries mean the same on another engine, and SQL stands where it is looked at."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from kaa_analysis.core.provenance import CODE_SUFFIXES
from kaa_analysis.store.register_query import SUFFIX, query_of, register_queries
from tests.contract.portable_sql import objections
from tests.contract.sql_places import ENGINE, PLUMBING, misplaced_sql

PACKAGE = Path(__file__).resolve().parents[2] / "kaa_analysis"

CONTRACT = """\
-- row: a row asked whose person has been registered
-- asked: person_id key, day date
-- values: from_date date
-- tables: registrations
-- gives: asked_row number, n number, first_day date
-- key: asked_row
-- bounds: from_date is the first day counted
"""
GOOD = f"""{CONTRACT}\
SELECT asked.asked_row AS asked_row, COUNT(*) AS n, MIN(registrations.entry_date) AS first_day
FROM asked
JOIN registrations ON registrations.person_id = asked.person_id AND registrations.entry_date <= asked.day
WHERE registrations.entry_date >= $from_date
GROUP BY asked.asked_row
ORDER BY asked_row
"""
DAY, OTHER = "registrations.entry_date", "registrations.exit_date"

SAFE_COUNTS = (
    "MAX(DATEDIFF('day', registrations.entry_date, registrations.exit_date))",
    "COUNT(*) FILTER (WHERE registrations.entry_date + 30 < registrations.exit_date)",
    "MAX(EXTRACT(MONTH FROM registrations.entry_date))",
    "SUM(CASE WHEN registrations.exit_date IS NULL THEN 1 ELSE 0 END)",
)

BAD_COUNTS = (
    (f"MAX(DATEDIFF('year', {DAY}, {OTHER}))", "part of a day: DATEDIFF in YEAR"),
    (f"MAX(DATEDIFF('month', {DAY}, {OTHER}))", "part of a day: DATEDIFF in MONTH"),
    (f"MAX(EXTRACT(dow FROM {DAY}))", "part of a day: EXTRACT DOW"),
    (f"MAX(EXTRACT(isodow FROM {DAY}))", "part of a day: EXTRACT ISODOW"),
    (f"MAX(EXTRACT(week FROM {DAY}))", "part of a day: EXTRACT WEEK"),
    (f"MAX(ISODOW({DAY}))", "function: DAYOFWEEK_ISO the week begins on another day"),
    (f"MAX(DAYOFWEEK({DAY}))", "function: DAY_OF_WEEK the week begins on another day"),
    ("MAX(CAST(registrations.spell / 2 AS INT))", "cast: CAST of DOUBLE to INT"),
    ("MAX((registrations.spell / 2)::BIGINT)", "cast: CAST of DOUBLE to BIGINT"),
    ("MAX(TRY_CAST(registrations.spell * 1.5 AS BIGINT))", "cast: CAST of"),
    (f"MAX({DAY} - {OTHER})", "days apart: a day and what is no number of days"),
    ("MAX(DATE_SUB('day', asked.day, registrations.entry_date))", "function: DATE_SUB is another function"),
    ("MAX(DATESUB('month', asked.day, registrations.entry_date))", "function: DATESUB is another function"),
    ("QUANTILE_CONT(registrations.spell, 0.5)", "function: PERCENTILE_CONT fails"),
    ("MAX(TRY_STRPTIME(registrations.exit_reason, '%Y'))", "function: TRY_STRPTIME fails"),
    ("MEDIAN(registrations.spell)", "function: MEDIAN is not tried on both engines"),
    ("FIRST(registrations.spell)", "function: FIRST is not tried on both engines"),
    ("ARG_MAX(registrations.spell, asked.day)", "function: ARG_MAX is not tried on both engines"),
    ("MAX(registrations.spell // 2)", "function: IntDiv rounds in its own way"),
    ("MAX(10 / registrations.spell)", "division: 10 / registrations.spell divides by what can be 0"),
    ("MAX(10 / 0)", "division: 10 / 0 divides by what can be 0"),
    (f"MAX({DAY} + INTERVAL 1 MONTH)", "form: Interval"),
    ("MAX(registrations.spells)", "names: "),
    ("COUNT(DISTINCT registrations.exit_reason) > 1", "given: n is BOOLEAN, told is BIGINT"),
)

BAD_TEXTS = (
    ("AS first_day\n", "AS first_day, registrations.*\n", "star: SELECT *"),
    ("SELECT asked.asked_row AS asked_row, COUNT(*) AS n,", "SELECT *,", "star: SELECT *"),
    ("ORDER BY asked_row\n", "", "order: ORDER BY asked_row is the full key"),
    ("ORDER BY asked_row\n", "ORDER BY n\n", "order: ORDER BY asked_row is the full key"),
    ("ORDER BY asked_row\n", "ORDER BY asked_row DESC\n", "order: ORDER BY asked_row is the full key"),
    ("ORDER BY asked_row\n", "ORDER BY ALL\n", "order: ORDER BY asked_row is the full key"),
    ("ORDER BY asked_row\n", "ORDER BY 1\n", "order: ORDER BY asked_row is the full key"),
    ("ORDER BY asked_row\n", "ORDER BY asked_row LIMIT 5\n", "order: LIMIT"),
    ("GROUP BY asked.asked_row", "GROUP BY ALL", "form: GROUP BY ALL"),
    ("\nJOIN", "\nASOF JOIN", "join: ASOF JOIN is DuckDB's alone"),
    ("\nJOIN", "\nFULL JOIN", "join: FULL"),
    (
        "ON registrations.person_id = asked.person_id AND registrations.entry_date <= asked.day",
        "USING (person_id)",
        "join: JOIN USING",
    ),
    ("$from_date", "DATE '2024-01-01'", "value: bound are [], told are ['from_date']"),
    ("$from_date", "$since", "value: bound are ['since'], told are ['from_date']"),
    ("$from_date", "$1", "value: bound are ['1'], told are ['from_date']"),
    ("tables: registrations", "tables: registrations, persons", "tables: reads"),
    ("FROM asked\n", "FROM asked CROSS JOIN RANGE(3)\n", "function: GENERATE_SERIES"),
    ("FROM asked\n", "FROM asked CROSS JOIN generate_series(1, 3)\n", "function: GENERATE_SERIES"),
    ("FROM asked\n", "FROM asked TABLESAMPLE (10 PERCENT)\n", "form: TableSample"),
    ("-- asked: person_id key, day date\n", "", "tables: reads"),
    ("key: asked_row", "key: asked_row, n", "order: ORDER BY asked_row, n"),
    ("n number", "n_rows number", "given: gives"),
    ("n number", "n figure", "contract: there is no type figure"),
    ("-- row: a row asked whose person has been registered\n", "", "contract: row is not told"),
    ("-- bounds: from_date is the first day counted\n", "", "contract: bounds is not told"),
    ("-- key: asked_row\n", "-- key: person_id\n", "contract: the key person_id is not given"),
    ("-- tables: registrations\n", "-- tables: register\n", "contract: there is no table register"),
    ("SELECT asked", "DELETE FROM asked; SELECT asked", "parse: not one SELECT"),
    ("SELECT asked", "SELEC asked", "parse: "),
)

NUMBERED = """\
-- row: a row asked whose person has been registered
-- asked: person_id key, day date
-- tables: registrations
-- gives: asked_row number, spell number
-- key: asked_row
-- bounds: entered on the day or before
WITH entered AS (
  SELECT asked.asked_row AS asked_row, registrations.spell AS spell,
    ROW_NUMBER() OVER (PARTITION BY asked.asked_row ORDER BY registrations.entry_date DESC, registrations.spell DESC) AS nth
  FROM asked JOIN registrations ON registrations.person_id = asked.person_id AND registrations.entry_date <= asked.day
)
SELECT asked_row, spell FROM entered WHERE nth = 1 ORDER BY asked_row
"""
SUMMED = "SUM(registrations.spell) OVER (PARTITION BY asked.asked_row ORDER BY {} RANGE BETWEEN 7 PRECEDING AND CURRENT ROW) AS nth"
ROW_NUMBER = NUMBERED[NUMBERED.index("ROW_NUMBER") : NUMBERED.index("\n  FROM")]

BAD_WINDOWS = (
    (", registrations.spell DESC)", ")", "first row: ROW_NUMBER needs the full key in PARTITION BY and ORDER BY; lacking: spell"),
    (" ORDER BY registrations.entry_date DESC, registrations.spell DESC)", ")", "first row: "),
    ("PARTITION BY asked.asked_row ", "PARTITION BY asked.day ", "first row: ROW_NUMBER needs the full key in PARTITION BY and ORDER BY; lacking: person_id"),
    ("ROW_NUMBER()", "RANK()", "function: RANK is not tried on both engines"),
    (ROW_NUMBER, SUMMED.format("registrations.entry_date"), "window: RANGE over days fails"),
)  # fmt: skip


def problems(text: str) -> list[str]:
    return objections(query_of("tried", text))


@pytest.mark.parametrize("name", sorted(register_queries()))
def test_a_register_query_means_the_same_on_another_engine(name):
    assert objections(register_queries()[name]) == []


@pytest.mark.parametrize("text", [GOOD, NUMBERED, *(GOOD.replace("COUNT(*)", count) for count in SAFE_COUNTS)])
def test_what_is_known_to_mean_the_same_is_let_through(text):
    assert problems(text) == []


def test_a_range_over_whole_numbers_is_let_through():
    assert problems(NUMBERED.replace(ROW_NUMBER, SUMMED.format("registrations.spell"))) == []


@pytest.mark.parametrize(("count", "told"), BAD_COUNTS)
def test_an_expression_that_means_something_else_or_fails_elsewhere_is_refused(count, told):
    assert [line for line in problems(GOOD.replace("COUNT(*)", count)) if line.startswith(told)] != []


@pytest.mark.parametrize(("text", "other", "told"), BAD_TEXTS)
def test_a_query_in_another_form_is_refused(text, other, told):
    assert text in GOOD
    assert [line for line in problems(GOOD.replace(text, other)) if line.startswith(told)] != []


@pytest.mark.parametrize(("text", "other", "told"), BAD_WINDOWS)
def test_a_window_that_chooses_among_equals_or_ranges_over_days_is_refused(text, other, told):
    assert text in NUMBERED
    assert [line for line in problems(NUMBERED.replace(text, other)) if line.startswith(told)] != []


def test_sql_stands_in_the_register_queries_and_in_the_plumbing_of_formats_alone():
    assert misplaced_sql(PACKAGE) == []


def test_every_exception_is_of_a_module_that_needs_it():
    without = {name for name in PLUMBING | dict.fromkeys(ENGINE) if not (PACKAGE / name).is_file()}
    idle = {name for name in PLUMBING if not {"duckdb", "SELECT"} & set((PACKAGE / name).read_text("utf-8").split())}
    assert (without, idle - {"store/queries.py"}) == (set(), set())


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("QUERY = 'SELECT a FROM persons'", ["cohorts/area.py:1 holds SQL"]),
        ("QUERY = f'SELECT {a} FROM {b}'", ["cohorts/area.py:1 holds SQL"]),
        ("q = ('select person_id '\n     'from persons')", ["cohorts/area.py:1 holds SQL"]),
        ("q = 'CREATE TEMP TABLE t AS'", ["cohorts/area.py:1 holds SQL"]),
        ("q = 'ORDER BY person_id'", ["cohorts/area.py:1 holds SQL"]),
        ("import duckdb", ["cohorts/area.py knows the engine"]),
        ("from duckdb import connect", ["cohorts/area.py knows the engine"]),
        ("'''Select the persons from the register.'''", []),
        ("q = 'Select those whom the order is by'", []),
    ],
)
def test_sql_and_the_engine_are_found_elsewhere(tmp_path, code, told):
    (tmp_path / "cohorts").mkdir()
    (tmp_path / "cohorts" / "area.py").write_text(code, encoding="utf-8")
    assert misplaced_sql(tmp_path) == told


def test_a_file_of_sql_elsewhere_is_found(tmp_path):
    for folder in ("store/sql", "indicators"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "asked.sql").write_text("SELECT 1", encoding="utf-8")
    assert misplaced_sql(tmp_path) == ["indicators/asked.sql is a file of SQL outside store/sql"]


def test_a_changed_query_changes_the_run_and_what_a_register_holds_is_read_without_any():
    assert SUFFIX in CODE_SUFFIXES
    asking = [
        path.name
        for path in sorted((PACKAGE / "ingest").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "ask"
    ]
    assert asking == []
