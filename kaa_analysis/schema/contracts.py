"""The contract of every canonical table, generated from `tables.yaml`: what must hold before a table enters the register."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd
import pandera.pandas as pa

from kaa_analysis.core.geography import district_labels
from kaa_analysis.core.vocabularies import codes
from kaa_analysis.schema.tables import ColumnSchema, TableSchema, table_schema

INTERVALS: Mapping[str, tuple[str, str]] = {
    "residence": ("from_date", "to_date"),
    "schooling": ("from_date", "to_date"),
    "registrations": ("entry_date", "exit_date"),
    "activities": ("from_date", "to_date"),
    "interventions": ("start_date", "end_date"),
    "schools": ("susa_from", "susa_to"),
}
"""The first day and the first day outside, of the tables whose rows are intervals."""

MUNICIPALITY = re.compile(r"\d{4}", re.ASCII)
PSEUDONYM = re.compile(r"[0-9a-f]{16}")

WHOLE_TABLE = "tabellen"

_TYPES = {"number": "Int64", "boolean": "boolean", "date": "datetime64[us]"}


@cache
def contract(name: str) -> pa.DataFrameSchema:
    """Return the pandera contract of a canonical table: columns in order, types, vocabularies, key, no end before its start.

    >>> contract("credentials").unique
    ['person_id', 'kind', 'date']
    """
    schema = table_schema(name)
    return pa.DataFrameSchema(
        {column.name: _column(column) for column in schema.columns.values()},
        checks=_interval(schema),
        unique=list(schema.key),
        strict=True,
        ordered=True,
        name=name,
    )


def broken_rules(rows: pd.DataFrame, *, table: str) -> dict[tuple[str, str], int]:
    """Return how many rows break each rule of the contract, by column and name of the rule; empty if it holds.

    What concerns several columns stands under `WHOLE_TABLE`; what concerns no row counts as one.


    The names come from the schema, so that no value of a row is in what is returned.
    """
    try:
        contract(table).validate(rows, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
    else:
        return {}
    of_a_column = cases["schema_context"].eq("Column") & cases["column"].isin(table_schema(table).columns)
    columns = cases["column"].where(of_a_column, WHOLE_TABLE)
    rules = cases["check"].astype(str).str.extract(r"^([A-Za-z_]+)", expand=False).fillna("rule")
    counts = cases["index"].groupby([columns, rules]).nunique().clip(lower=1)
    return {(str(column), str(rule)): int(n) for (column, rule), n in counts.items()}


def _column(column: ColumnSchema) -> pa.Column:
    if column.type in _TYPES:
        return pa.Column(_TYPES[column.type], _checks(column), nullable=column.nullable)
    is_text = pa.Check(_is_text, name="dtype", element_wise=False)
    return pa.Column(checks=[is_text, *_checks(column)], nullable=column.nullable)


def _in_form(pattern: re.Pattern[str]) -> pa.Check:
    """Return the check that a text has a form from its beginning to its end; different values are looked at once."""

    def fits(column: pd.Series) -> pd.Series:
        codes, values = pd.factorize(column)
        return pd.Series(
            np.array([pattern.fullmatch(value) is not None for value in values], dtype=bool)[codes], index=column.index
        )

    return pa.Check(fits, name="str_matches")


def _is_text(column: pd.Series) -> bool:
    """Return whether a column is text, row by row or as categories."""
    is_coded = isinstance(column.dtype, pd.CategoricalDtype)
    return pd.api.types.is_string_dtype(column.cat.categories if is_coded else column)


def _checks(column: ColumnSchema) -> list[pa.Check]:
    if column.vocabulary:
        return [pa.Check.isin(sorted(codes(column.vocabulary)))]
    if column.pattern:
        return [_in_form(re.compile(column.pattern))]
    by_type = {
        "key": lambda: [_in_form(PSEUDONYM)],
        "district": lambda: [pa.Check.isin(sorted(district_labels()))],
        "municipality": lambda: [_in_form(MUNICIPALITY)],
        "number": lambda: [pa.Check.ge(0)],
    }
    return by_type[column.type]() if column.type in by_type else []


def _interval(schema: TableSchema) -> list[pa.Check]:
    if schema.name not in INTERVALS:
        return []
    start, end = INTERVALS[schema.name]

    def ends_after_start(rows: pd.DataFrame) -> pd.Series:
        return rows[end].isna() | (rows[end] >= rows[start])

    return [pa.Check(ends_after_start, name="ends_after_start", ignore_na=False)]
