"""The pandas types of the canonical columns."""

from __future__ import annotations

import pandas as pd

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.schema.tables import table_schema

PANDAS_TYPES = {
    "key": "string",
    "code": "string",
    "district": "string",
    "municipality": "string",
    "text": "string",
    "number": "Int64",
    "boolean": "boolean",
    "date": "datetime64[us]",
}


def pandas_types(table: str) -> dict[str, str]:
    """Return the pandas type of every column of a canonical table, in the order of the schema.

    >>> pandas_types("credentials")
    {'person_id': 'string', 'kind': 'string', 'date': 'datetime64[us]', 'eligible': 'boolean'}
    """
    return {name: PANDAS_TYPES[column.type] for name, column in table_schema(table).columns.items()}


def empty_table(table: str) -> pd.DataFrame:
    """Return a canonical table without rows, with the right columns and types."""
    return pd.DataFrame({name: pd.array([], dtype=dtype) for name, dtype in pandas_types(table).items()})


def typed_table(rows: pd.DataFrame, *, table: str) -> pd.DataFrame:
    """Return ``rows`` with the columns of the schema in its order, each in its type; nullable columns may be absent.

    A column of text may also be categorical, with its categories in order, and stays so.

    Raises:
        DefinitionError: a required column is absent, or there is one the schema does not have.
    """
    schema = table_schema(table)
    absent = [name for name, column in schema.columns.items() if name not in rows and not column.nullable]
    unknown = [str(name) for name in rows.columns if name not in schema.columns]
    if absent or unknown:
        found = [f"saknas: {', '.join(absent)}"] * bool(absent) + [f"okända: {len(unknown)} kolumner"] * bool(unknown)
        raise DefinitionError(f'Tabellen "{table}" ska ha schemats kolumner.', found=found)
    in_order = rows.reindex(columns=list(schema.columns)).reset_index(drop=True)
    kept = [name for name, dtype in in_order.dtypes.items() if isinstance(dtype, pd.CategoricalDtype)]
    in_order = in_order.astype({name: dtype for name, dtype in pandas_types(table).items() if name not in kept})
    return in_order.copy()  # fresh memory: DuckDB 2.0 cannot scan reversed views
