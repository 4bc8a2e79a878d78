"""A register written by hand, as tests of the checks and the work lists need it.

A row is written as its columns are named in the first line; ``-`` is a missing value. What is not written is the default of the
table. The person is ``a`` (a girl born 10 May 2006) where nobody else is named; the extract is of 1 February 2025.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from kaa_analysis.store.dtypes import empty_table, typed_table
from kaa_analysis.store.register import UsedGrant
from tests.spec.asked_by_hand import AskedByHand

EXTRACT = date(2025, 2, 1)
DEFAULTS = {
    "persons": {"birth_date": "2006-05-10", "sex": "female", "has_phone": True},
    "registrations": {"spell": 1, "entry_date": "2024-02-01"},
    "residence": {"municipality": "0180", "from_date": "2006-05-10"},
    "schooling": {"school_form": "national_programme"},
    "contacts": {"contact": 1, "direction": "outgoing", "channel": "phone", "outcome": "no_answer"},
    "interventions": {"intervention_number": 1, "kind": "guidance", "provider": "utbf", "offered_date": "2024-03-01"},
    "activities": {"activity_number": 1, "kind": "none"},
    "surveys": {"instrument": "aim", "survey_number": 1},
    "credentials": {"kind": "grundskola", "date": "2022-06-14"},
}


def rows(table: str, header: str, *lines: str) -> pd.DataFrame:
    """Return a canonical table of the written rows."""
    records = [dict(zip(header.split(), line.split(), strict=True)) for line in lines]
    known = [{name: value for name, value in record.items() if value != "-"} for record in records]
    person = {} if table in ("surveys", "schools") else {"person_id": "a"}
    missing = [{name: None for name, value in record.items() if value == "-"} for record in records]
    filled = [person | DEFAULTS.get(table, {}) | one | gone for one, gone in zip(known, missing, strict=True)]
    yes_no = {"yes": True, "no": False}
    return typed_table(pd.DataFrame(filled).replace(yes_no), table=table)


@dataclass
class HandTyped(AskedByHand):
    """A register of written tables; the persons are ``a`` alone if none are written."""

    tables: dict[str, pd.DataFrame]
    name: str = "prov"
    source: str = "BER-uttag"
    municipality: str = "0180"
    is_kaa: bool = True
    follows_law: bool = True
    identity_kind: str = "personnummer"
    observed_from: date | None = None
    extract_date: date = EXTRACT
    findings: dict[str, int] = field(default_factory=dict)
    problem_counts: dict[str, int] = field(default_factory=dict)
    grants: tuple[UsedGrant, ...] = ()

    def table(self, name, *, columns):
        default = rows("persons", "person_id", "a") if name == "persons" else empty_table(name)
        return self.tables.get(name, default)[list(columns)].copy()


def register(*written: tuple[str, ...], **facts) -> HandTyped:
    """Return a register of the written tables: name, columns, rows."""
    return HandTyped({table: rows(table, header, *lines) for table, header, *lines in written}, **facts)
