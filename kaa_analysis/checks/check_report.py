"""`CheckReport`: what each check of the catalogue found in a register, or why it was not run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import pandas as pd

from kaa_analysis.checks.catalogue import Check, Severity
from kaa_analysis.checks.found_rows import no_rows, together


class State(StrEnum):
    """How a check ended. What was not run has not passed."""

    FOUND = "found"
    NONE = "none"
    NOT_RUN = "not_run"


@dataclass(frozen=True, eq=False)
class CheckOutcome:
    """One check of one register.

    ``reason`` says why it was not run. ``n_rows`` counts the rows found and ``n_persons`` their persons, None where that is not
    known: of what ingest set aside only counts are kept. ``remarks`` are Swedish lines with counts alone. ``findings_table`` has the
    columns of `found_rows` and stays inside the secure room.
    """

    check: Check
    state: State
    n_rows: int | None = None
    n_persons: int | None = None
    reason: str = ""
    remarks: tuple[str, ...] = ()
    findings_table: pd.DataFrame = field(default_factory=no_rows, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "findings_table", self.findings_table.reset_index(drop=True).copy())


@dataclass(frozen=True, eq=False)
class CheckReport:
    """The outcomes of every check of the catalogue, in its order. Stays inside the secure room."""

    register: str
    source: str
    extract_date: date
    outcomes: tuple[CheckOutcome, ...]

    def outcome(self, check_id: str) -> CheckOutcome:
        """Return the outcome of one check."""
        return next(outcome for outcome in self.outcomes if outcome.check.id == check_id)

    @property
    def findings(self) -> pd.DataFrame:
        """Every finding: check_id, table, person_id, row_key, day."""
        found = [outcome.findings_table.assign(check_id=outcome.check.id) for outcome in self.outcomes]
        rows = together([rows for rows in found if len(rows)])
        rows = rows if "check_id" in rows else rows.assign(check_id=pd.array([], dtype="string"))
        return rows[["check_id", "table", "person_id", "row_key", "day"]].astype({"check_id": "string"})

    @property
    def stopping(self) -> tuple[CheckOutcome, ...]:
        """The outcomes for which the extract should not be used before they are mended."""
        return tuple(o for o in self.outcomes if o.state is State.FOUND and o.check.severity is Severity.STOP)
