"""The canonical tables, read from `tables.yaml`: columns with type, description, unit, ground and caveat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from kaa_analysis.core.errors import DefinitionError, did_you_mean

TYPES = frozenset({"key", "number", "date", "code", "district", "municipality", "boolean", "text"})


@dataclass(frozen=True)
class ColumnSchema:
    """One column of a canonical table."""

    name: str
    type: str
    description: str
    ground: str
    nullable: bool = False
    vocabulary: str | None = None
    unit: str = ""
    caveat: str = ""


@dataclass(frozen=True)
class TableSchema:
    """One canonical table: what a row is, its key, the order it is kept in, its columns by name."""

    name: str
    row: str
    key: tuple[str, ...]
    order: tuple[str, ...]
    columns: Mapping[str, ColumnSchema]


@cache
def tables() -> Mapping[str, TableSchema]:
    """Return every canonical table by name.

    >>> tables()["registrations"].key
    ('person_id', 'spell')
    """
    text = files("kaa_analysis.schema").joinpath("tables.yaml").read_text(encoding="utf-8")
    return {name: _table(name, record) for name, record in yaml.safe_load(text).items()}


def table_schema(name: str) -> TableSchema:
    """Return one canonical table.

    Raises:
        DefinitionError: there is no such table.
    """
    if name not in tables():
        raise DefinitionError(f'Registret har ingen tabell "{name}"{did_you_mean(name, tables())}.')
    return tables()[name]


def _table(name: str, record: Mapping) -> TableSchema:
    columns = {column: ColumnSchema(name=column, **fields) for column, fields in record["columns"].items()}
    unknown = {column.type for column in columns.values()} - TYPES
    if unknown:
        raise DefinitionError("Okänd kolumntyp i schemat.", found=sorted(unknown))
    return TableSchema(name, record["row"], tuple(record["key"]), tuple(record["order"]), columns)
