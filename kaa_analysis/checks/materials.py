"""What the checks are made on: the tables of a register, read once each, and what is found out on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.checks.check_settings import CheckSettings
from kaa_analysis.checks.delivered_counts import DeliveredCount
from kaa_analysis.cohorts.spells import MISREGISTERED
from kaa_analysis.core.periods import day_before
from kaa_analysis.indicators.coverage import coverage_list
from kaa_analysis.schema.tables import stored_tables, table_schema
from kaa_analysis.target_population import TargetPopulation, target_population

if TYPE_CHECKING:
    from kaa_analysis.store import Register


@dataclass(frozen=True, eq=False)
class Materials:
    """A register with its settings. Everything is read at first use and kept; nothing of it is ever changed."""

    register: Register
    settings: CheckSettings
    given_population: TargetPopulation | None = None
    delivered: tuple[DeliveredCount, ...] | None = None

    @cached_property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Every table that the register keeps, by name."""
        return {name: self.register.table(name, columns=list(table_schema(name).columns)) for name in stored_tables()}

    @cached_property
    def registrations(self) -> pd.DataFrame:
        """The registrations that are no mistakes; what is already told to be one needs no more mending."""
        rows = self.tables["registrations"]
        return rows[rows["exit_reason"].ne(MISREGISTERED).fillna(True)]

    @cached_property
    def population(self) -> TargetPopulation:
        """The target population: the given one, else that of the default rules."""
        return self.given_population or target_population(self.register)

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """The coverage list of the day before the extract."""
        return coverage_list(self.register, day=day_before(self.register.extract_date), population=self.population)

    @property
    def last_day(self) -> pd.Timestamp:
        """The last observed day."""
        return pd.Timestamp(day_before(self.register.extract_date))
