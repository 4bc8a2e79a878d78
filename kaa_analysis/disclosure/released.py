"""`Released`: a table after disclosure control of the whole release, each cell with a state and an id.

Only `disclosure.protect`, `disclosure.inside_room` and reading a release store make one: they hold the seal. A `Released` knows
its own hash, over everything that can be seen of it; a store or a renderer that does not know the hash refuses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pandas as pd

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.kept_answers import KeptAnswers
from kaa_analysis.core.provenance import hash_value
from kaa_analysis.core.result import (
    Column,
    Evidence,
    Method,
    column_from_record,
    column_record,
    method_from_record,
    method_record,
    plain_rows,
    table_of,
)


class State(StrEnum):
    """What a cell says: five states that are never mixed up."""

    SHOWN = "shown"
    ROUNDED = "rounded"
    PROTECTED = "protected"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Mark(StrEnum):
    """What may be done with it: an inside-room table is watermarked and accepted by no store; a draft by the draft store only."""

    INSIDE_ROOM = "inside_room"
    DRAFT = "draft"


SEAL = object()
"""Held by this subpackage; import-linter and the contract tests see to it that no other uses it."""


@dataclass(frozen=True, eq=False)
class Released:
    """A protected table.

    ``values`` and ``states`` have the same shape: one row per combination of dimensions, columns in the order of ``columns``.
    A hidden, unknown or not applicable cell has the value ``<NA>``. ``cell_ids`` (count columns only) are those of `core.result.Cell`.

    Raises:
        DisclosureError: made by anybody but `protect`, or with evidence among its columns.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    values_table: pd.DataFrame
    states_table: pd.DataFrame
    cell_ids_table: pd.DataFrame
    context: Mapping[str, str]
    note: str
    source: str
    mark: Mark
    policy_hash: str
    method: Method | None = None
    seal: object = field(repr=False, default=None)
    answers: KeptAnswers = field(default_factory=KeptAnswers, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.seal is not SEAL:
            raise DisclosureError("Bara röjandekontrollen (disclosure.protect) gör något som får visas.")
        if self.of_role(Evidence):
            raise DisclosureError(
                "Underlaget för en skattning (Evidence) får aldrig lämna den säkra mappen.", found=self.id
            )
        for name in ("values_table", "states_table", "cell_ids_table"):
            object.__setattr__(self, name, getattr(self, name).reset_index(drop=True).copy())

    @property
    def values(self) -> pd.DataFrame:
        """A copy of the values; hidden, unknown and not applicable cells are ``<NA>``."""
        return self.values_table.copy()

    @property
    def states(self) -> pd.DataFrame:
        """A copy of the states, one `State` value per cell."""
        return self.states_table.copy()

    @property
    def cell_ids(self) -> pd.DataFrame:
        """A copy of the ids of the count cells."""
        return self.cell_ids_table.copy()

    def of_role(self, role: type[Column]) -> list[Column]:
        """Return the columns of one role, in order."""
        return [column for column in self.columns if isinstance(column, role)]

    def column(self, name: str) -> Column:
        """Return the column called ``name``."""
        return next(column for column in self.columns if column.name == name)

    @property
    def hash(self) -> str:
        """SHA-256 over everything that can be seen of the table."""
        return self.answers.answer("hash", lambda: hash_value(self.as_record()))

    def as_record(self) -> dict[str, Any]:
        """Return the table as plain JSON values; `from_record` gives it back."""
        return {
            "id": self.id,
            "title": self.title,
            "note": self.note,
            "source": self.source,
            "method": method_record(self.method),
            "mark": str(self.mark),
            "policy_hash": self.policy_hash,
            "context": dict(self.context),
            "columns": [column_record(column) for column in self.columns],
            "values": plain_rows(self.values_table),
            "states": self.states_table.astype(str).to_numpy().tolist(),
            "cell_ids": self.cell_ids_table.astype(str).to_numpy().tolist(),
            "cell_id_columns": list(self.cell_ids_table.columns),
        }


def from_record(record: Mapping[str, Any]) -> Released:
    """Return the `Released` of a record made by `Released.as_record`. The caller checks the hash against its store."""
    columns = tuple(column_from_record(item) for item in record["columns"])
    names = [column.name for column in columns]
    return Released(
        id=record["id"],
        title=record["title"],
        note=record["note"],
        source=record["source"],
        method=method_from_record(record["method"]),
        mark=Mark(record["mark"]),
        policy_hash=record["policy_hash"],
        context=dict(record["context"]),
        columns=columns,
        values_table=table_of(record["values"], columns),
        states_table=pd.DataFrame(record["states"], columns=names, dtype=object),
        cell_ids_table=pd.DataFrame(record["cell_ids"], columns=record["cell_id_columns"], dtype=object),
        seal=SEAL,
    )
