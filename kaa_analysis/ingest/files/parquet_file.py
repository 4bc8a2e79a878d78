"""Reading a delivered Parquet file: each column's type says whether its values have one certain form as text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pandas as pd

from kaa_analysis.ingest import wording
from kaa_analysis.ingest.coded_text import different_values
from kaa_analysis.ingest.column_names import shown
from kaa_analysis.ingest.expected_columns import TEXT, ExpectedColumns, ExpectedValue
from kaa_analysis.ingest.files.engine_text import coded_text, text_engine
from kaa_analysis.ingest.layout import FileForm
from kaa_analysis.ingest.problem_table import no_problems, problem_rows
from kaa_analysis.ingest.raw_file import (
    ABSENT,
    PRESENT,
    DeliveredRows,
    FileReading,
    file_reading,
    header_problems,
    kept_columns,
)
from kaa_analysis.ingest.reasons import Reason
from kaa_analysis.store.queries import sql_name, sql_text

MAGIC = b"PAR1"
MAX_ROWS = 50_000_000
FIRST_ROW = 2
"""RAD of the first row, as if a header stood above it."""
WHOLE_NUMBERS = frozenset(f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG", "HUGE")) | {
    "INTEGER",
    "UINTEGER",
}
MOMENTS = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
TEXTS = frozenset({"VARCHAR"})

PARQUET = "read_parquet({file}, hive_partitioning = false, file_row_number = true)"


def read_parquet_file(path: Path, *, name: str, columns: ExpectedColumns, form: FileForm) -> FileReading:
    """Read the Parquet file that is the file the layout calls ``name``; RAD is the number of the row, the first being 2.

    Nothing that stands in a row is ever told; names of columns are.
    """
    content = path.read_bytes()
    if not content.strip():
        return FileReading(None, ("filen är tom",))
    if not content.startswith(MAGIC):
        return FileReading(None, ("filen heter som en Parquetfil men är ingen, är krypterad eller skadad",))
    try:
        with text_engine() as engine:
            return _read(engine, path, name=name, columns=columns, form=form)
    except duckdb.Error:
        return FileReading(None, ("filen är skadad och går inte att läsa som Parquet",))


def _read(
    engine: duckdb.DuckDBPyConnection, path: Path, *, name: str, columns: ExpectedColumns, form: FileForm
) -> FileReading:
    source = PARQUET.format(file=sql_text(str(path)))
    described = engine.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {source}").fetchall()
    types = {column: kind for column, kind, *_ in described}
    kept = kept_columns(list(types), columns=columns)
    problems = header_problems(list(types), columns=columns) + _type_problems(types, kept=kept, columns=columns)
    [n_rows] = engine.execute(f"SELECT count(*) FROM {source}").fetchone()
    if n_rows > MAX_ROWS:
        problems.append(f"filen har {wording.rows(n_rows)}; högst {wording.rows(MAX_ROWS)} läses")
    if problems:
        return FileReading(None, tuple(problems))
    texts = {column: _expression(column, types[column], columns=columns, form=form) for column in kept}
    rows = coded_text(engine, expressions=texts, source=f"{source} ORDER BY file_row_number", first_line=FIRST_ROW)
    unfit = _clocks(rows, types=types, columns=columns)
    return file_reading(
        name, DeliveredRows(rows, tuple(types), problems=unfit), columns=columns, date_format=form.date_format
    )


def _type_problems(types: Mapping[str, str], *, kept: list[str], columns: ExpectedColumns) -> list[str]:
    read = [column for column in kept if column in columns.expected]
    return [
        f"kolumnen {shown(column)} {problem}"
        for column in read
        if (problem := _type_problem(types[column], expected=columns.expected[column]))
    ]


def _type_problem(kind: str, *, expected: ExpectedValue) -> str:
    if kind in TEXTS or kind in WHOLE_NUMBERS or kind == '"NULL"':
        return ""
    if kind == "DATE" or kind in MOMENTS:
        return "" if expected.type == "date" else "är en dag i filen men ska inte vara det"
    if kind == "BOOLEAN":
        certain = sorted(map(str, expected.codes.values())) == ["False", "True"]
        return "" if certain else "är ett sanningsvärde i filen men ska inte vara det"
    return "har en typ som inte läses (bara text, heltal, dag utan tidszon och sanningsvärde läses)"


def _expression(column: str, kind: str, *, columns: ExpectedColumns, form: FileForm) -> str:
    """Return the SQL that gives a column as text, empty where it is missing."""
    name = sql_name(column)
    expected = columns.expected.get(column, TEXT)
    if column in columns.only_presence:
        there = f"{name} IS NULL OR trim(CAST({name} AS VARCHAR)) = ''"
        return f"CASE WHEN {there} THEN {sql_text(ABSENT)} ELSE {sql_text(PRESENT)} END"
    text = f"CAST({name} AS VARCHAR)"
    if kind == "DATE" and expected.type == "date":
        text = f"strftime({name}, {sql_text(form.date_format)})"
    elif kind in MOMENTS and expected.type == "date":
        day = f"strftime({name}, {sql_text(form.date_format)})"
        text = f"CASE WHEN date_trunc('day', {name}) = {name} THEN {day} ELSE CAST({name} AS VARCHAR) END"
    elif kind == "BOOLEAN" and column in columns.expected:
        code = {meaning: code for code, meaning in expected.codes.items()}
        text = f"CASE {name} WHEN true THEN {sql_text(code[True])} WHEN false THEN {sql_text(code[False])} END"
    return f"coalesce({text}, '')"


def _clocks(rows: pd.DataFrame, *, types: Mapping[str, str], columns: ExpectedColumns) -> pd.DataFrame:
    """Return a problem per day that has a clock time."""
    found = [no_problems()]
    for column in [column for column in rows if types[column] in MOMENTS and column in columns.expected]:
        clocks = [value for value in different_values(rows[column]) if ":" in value]
        found.append(problem_rows(rows.index[rows[column].isin(clocks)], column=column, reason=Reason.UNFIT_CELL))
    return pd.concat(found, ignore_index=True)
