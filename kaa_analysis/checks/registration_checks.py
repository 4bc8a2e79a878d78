"""Registrations whose end is not told whole, that came late, or that the rules do not carry."""

from __future__ import annotations

import pandas as pd

from kaa_analysis.checks.found_rows import found_rows
from kaa_analysis.indicators.coverage import REGISTER_ONLY


def exit_reason_missing(registrations: pd.DataFrame) -> pd.DataFrame:
    """Find the registrations that have ended without a reason."""
    rows = registrations[registrations["exit_date"].notna() & registrations["exit_reason"].isna()]
    return found_rows(rows, table="registrations", day="exit_date")


def exit_date_missing(registrations: pd.DataFrame) -> pd.DataFrame:
    """Find the registrations that have a reason for their end but no end."""
    rows = registrations[registrations["exit_date"].isna() & registrations["exit_reason"].notna()]
    return found_rows(rows, table="registrations", day="entry_date")


def registered_after_end(registrations: pd.DataFrame) -> pd.DataFrame:
    """Find the registrations whose row came to the source on the first day outside them or later."""
    rows = registrations[(registrations["registered_at"] >= registrations["exit_date"]).fillna(False)]
    return found_rows(rows, table="registrations", day="registered_at")


def registered_outside_target(listed: pd.DataFrame, *, day: pd.Timestamp) -> pd.DataFrame:
    """Find those of a coverage list who are registered on its day and not in the target group."""
    rows = listed[listed["coverage"].isin(REGISTER_ONLY)].assign(day=day)
    return found_rows(rows, table="persons", day="day")


def target_not_registered(listed: pd.DataFrame, *, day: pd.Timestamp) -> pd.DataFrame:
    """Find those of a coverage list who are in the target group on its day and not registered."""
    rows = listed[listed["coverage"].eq("rules_only")].assign(day=day)
    return found_rows(rows, table="persons", day="day")
