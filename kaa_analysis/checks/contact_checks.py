"""Contacts that break the routine of outreach, or lie before the registration."""

from __future__ import annotations

import pandas as pd

from kaa_analysis.checks.found_rows import day_of_person, found_rows
from kaa_analysis.cohorts.contact_attempts import is_outgoing


def before_registration(contacts: pd.DataFrame, registrations: pd.DataFrame) -> pd.DataFrame:
    """Find the attempts before the person's first entry date, and those to somebody who was never registered."""
    entered = registrations.groupby("person_id", sort=False)["entry_date"].min()
    first = day_of_person(entered, contacts["person_id"])
    early = is_outgoing(contacts) & (first.isna() | (contacts["date"] < first))
    return found_rows(contacts[early], table="contacts", day="date")


def home_visits_short_of_staff(contacts: pd.DataFrame, *, least: int) -> pd.DataFrame:
    """Find the home visits by fewer than ``least``; an unknown number is not one."""
    rows = contacts[contacts["channel"].eq("home_visit") & (contacts["staff_count"] < least).fillna(False)]
    return found_rows(rows, table="contacts", day="date")


def home_visits_of_unknown_staff(contacts: pd.DataFrame) -> pd.DataFrame:
    """Find the home visits of which it is not told how many went."""
    rows = contacts[contacts["channel"].eq("home_visit") & contacts["staff_count"].isna()]
    return found_rows(rows, table="contacts", day="date")


def repeated_calls(contacts: pd.DataFrame, *, least: int) -> pd.DataFrame:
    """Find the outgoing calls that are at least ``least`` to one person on one day."""
    calls = outgoing_calls(contacts)
    n_calls = calls.groupby(["person_id", "date"], sort=False)["contact"].transform("size")
    return found_rows(calls[n_calls >= least], table="contacts", day="date")


def cards_before_calls(
    contacts: pd.DataFrame, registrations: pd.DataFrame, persons: pd.DataFrame, *, phone_days: int
) -> pd.DataFrame:
    """Find the knackakort sent before calls were made on ``phone_days`` different days since the latest entry.

    Calls on the day of the card count. Who has no phone is left out; a card before every entry counts no calls.
    """
    without_phone = persons.loc[persons["has_phone"].eq(False).fillna(False), "person_id"]
    cards = contacts[is_outgoing(contacts) & contacts["channel"].eq("knackakort")]
    cards = cards[~cards["person_id"].isin(without_phone)]
    n_days = called_days(cards, contacts, since=latest_entry(cards, registrations))
    return found_rows(cards[n_days < phone_days], table="contacts", day="date")


def outgoing_calls(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return the outgoing contacts by phone."""
    return contacts[is_outgoing(contacts) & contacts["channel"].eq("phone")]


def latest_entry(rows: pd.DataFrame, registrations: pd.DataFrame) -> pd.Series:
    """Return the last entry date of each row's person up to the row's ``date``; NaT where there is none."""
    pairs = rows[["person_id", "date"]].assign(row=rows.index)
    pairs = pairs.merge(registrations[["person_id", "entry_date"]], on="person_id", validate="many_to_many")
    entered = pairs[pairs["entry_date"] <= pairs["date"]].groupby("row")["entry_date"].max()
    return entered.reindex(rows.index).astype("datetime64[us]")


def called_days(rows: pd.DataFrame, contacts: pd.DataFrame, *, since: pd.Series) -> pd.Series:
    """Return on how many different days each row's person was called from ``since`` to the row's ``date``, both included."""
    days = outgoing_calls(contacts)[["person_id", "date"]].drop_duplicates()
    pairs = rows[["person_id"]].assign(row=rows.index, since=since, until=rows["date"])
    pairs = pairs.merge(days, on="person_id", validate="many_to_many")
    inside = pairs[(pairs["since"] <= pairs["date"]) & (pairs["date"] <= pairs["until"])]
    return inside.groupby("row").size().reindex(rows.index, fill_value=0).astype("int64")
