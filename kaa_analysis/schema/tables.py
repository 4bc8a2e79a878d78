"""The canonical tables, read from `tables.yaml`: columns with type, description, unit, ground and caveat; the law around each table.

Beside them stand the internal tables of `internal_tables.yaml`, which ingest alone writes and no layout can feed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.core.strict_yaml import read_yaml

TYPES = frozenset({"key", "number", "date", "code", "district", "municipality", "boolean", "text"})
STATEMENTS = ("controller", "purpose", "secrecy", "decision")


class Scope(StrEnum):
    """How a table lies to the register's own purpose (29 kap. 9 § and 26 kap. 25 § skollagen, förordning 2006:39 § 3)."""

    WITHIN = "within"
    OUTSIDE = "outside"
    WHEN_LINKED = "when_linked"


@dataclass(frozen=True)
class Statement:
    """What is stated about a table, None where it is not decided, and how sure it is (K, K-utdrag, S nnn, M, EJ)."""

    text: str | None
    mark: str


@dataclass(frozen=True)
class ColumnSchema:
    """One column of a canonical table.

    ``pattern`` is the only form a text may have; ``synthetic`` says how an invented register should fill the column.
    """

    name: str
    type: str
    description: str
    ground: str
    nullable: bool = False
    vocabulary: str | None = None
    unit: str = ""
    caveat: str = ""
    pattern: str | None = None
    synthetic: str = ""


@dataclass(frozen=True)
class TableSchema:
    """One canonical table: what a row is, its key, the order it is kept in, its columns by name, and the law around it."""

    name: str
    row: str
    key: tuple[str, ...]
    order: tuple[str, ...]
    scope: Scope
    controller: Statement
    purpose: Statement
    secrecy: Statement
    decision: Statement
    columns: Mapping[str, ColumnSchema]


@cache
def tables() -> Mapping[str, TableSchema]:
    """Return every canonical table by name.

    >>> tables()["registrations"].key
    ('person_id', 'spell')
    """
    return _read("tables.yaml")


@cache
def internal_tables() -> Mapping[str, TableSchema]:
    """Return the tables that ingest writes about the delivery itself, by name.

    >>> list(internal_tables())
    ['identity_flags', 'person_lines']
    """
    return _read("internal_tables.yaml")


def stored_tables() -> Mapping[str, TableSchema]:
    """Return every table that a register keeps: the canonical ones, then the internal ones."""
    return {**tables(), **internal_tables()}


def table_schema(name: str) -> TableSchema:
    """Return one table that a register keeps.

    Raises:
        DefinitionError: there is no such table.
    """
    if name not in stored_tables():
        raise DefinitionError(f'Registret har ingen tabell "{name}"{did_you_mean(name, tables())}.')
    return stored_tables()[name]


def _read(file: str) -> Mapping[str, TableSchema]:
    text = files("kaa_analysis.schema").joinpath(file).read_text(encoding="utf-8")
    return {name: _table(name, record) for name, record in read_yaml(text).items()}


def _table(name: str, record: Mapping) -> TableSchema:
    columns = {column: ColumnSchema(name=column, **fields) for column, fields in record["columns"].items()}
    unknown = {column.type for column in columns.values()} - TYPES
    if unknown:
        raise DefinitionError("Okänd kolumntyp i schemat.", found=sorted(unknown))
    return TableSchema(
        name=name,
        row=record["row"],
        key=tuple(record["key"]),
        order=tuple(record["order"]),
        scope=Scope(record["scope"]),
        columns=columns,
        **{about: Statement(**record[about]) for about in STATEMENTS},
    )
