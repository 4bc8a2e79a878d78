"""The margins of one calendar year: who is covered, reached, in support, new, gone, and still there a year later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pandas as pd

from kaa_analysis.synthetic.known_rows import Tables

Row = tuple[int, int]
"""A numerator and its denominator."""
AGES = (16, 19)
OLDEST = 20


def margins_of_year(tables: Tables, population: pd.DataFrame, year: int, *, last: int) -> Iterator[tuple[str, Row]]:
    """Yield the margins of ``year``; who is still out a year later only if that year is observed too (``last`` is the last one).

    Persons are those registered some day of the year; exits, the new and the population are those of the second half-year.
    """
    spells, born = tables["registrations"], birth_years(tables)
    first, midsummer, end = date(year, 1, 1), date(year, 7, 1), date(year, 12, 31)
    persons = _registered(spells, first, end)["person"].drop_duplicates()
    autumn = _registered(spells, midsummer, end)
    yield "share_reached", (persons.isin(_reached(tables["contacts"], year)).sum(), len(persons))
    yield "share_in_intervention", (persons.isin(_in_support(tables["offers"], first, end)).sum(), len(persons))
    yield "share_turning_18_or_19", ((year - persons.map(born)).isin([18, 19]).sum(), len(persons))
    yield "half_year_exit_share", ((autumn["end"] <= pd.Timestamp(end)).sum(), len(autumn))
    yield "share_new_in_autumn", ((autumn["start"] >= pd.Timestamp(midsummer)).sum(), len(autumn))
    yield "year_to_autumn_half", (len(persons), autumn["person"].nunique())
    yield "share_of_population_in_autumn", (autumn["person"].nunique(), _young(population, year))
    if year < last:
        stock = _registered(autumn, end, end)["person"]
        can_stay = stock[year + 1 - stock.map(born) < OLDEST]
        a_year_later = date(year + 1, 12, 31)
        yield (
            "still_out_next_year",
            (can_stay.isin(_registered(spells, a_year_later, a_year_later)["person"]).sum(), len(can_stay)),
        )


def birth_years(tables: Tables) -> pd.Series:
    """Return the birth years by person."""
    return tables["persons"].set_index("person")["birth_date"].dt.year


def _reached(contacts: pd.DataFrame, year: int) -> pd.Series:
    return contacts.loc[contacts["outcome"].eq("NA") & contacts["day"].dt.year.eq(year), "person"]


def _in_support(offers: pd.DataFrame, first: date, last: date) -> pd.Series:
    begun = offers[offers["start"] <= pd.Timestamp(last)]
    return begun.loc[begun["end"].isna() | (begun["end"] > pd.Timestamp(first)), "person"]


def _young(population: pd.DataFrame, year: int) -> int:
    """Return how many turned 16 to 19 that year and lived in the city at its end."""
    turned = year - population["birth_date"].dt.year
    return int((turned.between(*AGES) & (population["arrival"] <= pd.Timestamp(year, 12, 31))).sum())


def _registered(spells: pd.DataFrame, first: date, last: date) -> pd.DataFrame:
    return spells[(spells["start"] <= pd.Timestamp(last)) & ~(spells["end"] <= pd.Timestamp(first))]
