"""Small tables of districts with their total, and what readers see of them once they are protected."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kaa_analysis.core.result import Count, Dimension, Result
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.released import Released

DISTRICT = Dimension("district", "Område", total="all")


def by_district(
    numbers: Sequence[int | None],
    *,
    name: str = "stock",
    measure: str = "registered",
    unit: str = "persons",
    **more: object,
) -> Result:
    """A table of districts a, b, c … with their total last."""
    frame = pd.DataFrame({"district": [*"abcdefgh"[: len(numbers) - 1], "all"], "n": pd.array(numbers, dtype="Int64")})
    return Result(name, "Titel", (DISTRICT, Count("n", "Antal", measure, unit)), frame, **more)


def protected(*results: Result, policy: Policy | None = None, ledger: Ledger | None = None) -> dict[str, Released]:
    return protect(results, policy=policy or Policy(), ledger=ledger or Ledger.empty())


def shown(released: Released, column: str = "n") -> list[float | None]:
    return [None if pd.isna(value) else value for value in released.values_table[column]]


def states(released: Released, column: str = "n") -> list[str]:
    return [str(state) for state in released.states_table[column]]
