"""Closed vocabularies: code, Swedish label, source and how sure the source is. The table is a data file beside this module."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files

import pandas as pd

from kaa_analysis.core.errors import DefinitionError, did_you_mean


@cache
def _table() -> pd.DataFrame:
    with files("kaa_analysis.core").joinpath("vocabularies.csv").open(encoding="utf-8") as stream:
        return pd.read_csv(stream, dtype="string", keep_default_na=False)


def labels(vocabulary: str) -> dict[str, str]:
    """Return the Swedish label of every code of a vocabulary, in the order of the data file.

    >>> labels("sex")
    {'female': 'Flickor', 'male': 'Pojkar'}
    """
    table = _table()
    rows = table[table["vocabulary"] == vocabulary]
    if rows.empty:
        hint = did_you_mean(vocabulary, table["vocabulary"].unique())
        raise DefinitionError(f'Ordlistan "{vocabulary}" finns inte{hint}.')
    return dict(zip(rows["code"], rows["label"], strict=True))


def codes(vocabulary: str) -> frozenset[str]:
    """Return the codes of a vocabulary."""
    return frozenset(labels(vocabulary))


def sources(vocabulary: str) -> dict[str, tuple[str, str]]:
    """Return the source of every code of a vocabulary and how sure it is, in the order of the data file.

    >>> sources("sex")["male"]
    ('förordning (2006:39) via personnummer', 'K')
    """
    table = _table()
    rows = table[table["vocabulary"] == vocabulary]
    return {code: (rows["source"][row], rows["mark"][row]) for row, code in rows["code"].items()}


def code_validity(vocabulary: str) -> dict[str, tuple[date | None, date | None]]:
    """Return the first day of every code of a vocabulary and its first day outside; None where it has no bound.

    >>> code_validity("entry_reason")["studiebevis"]
    (datetime.date(2017, 7, 1), None)
    """
    table = _table()
    rows = table[table["vocabulary"] == vocabulary]
    bounds = zip(rows["valid_from"], rows["valid_to"], strict=True)
    days = [tuple(date.fromisoformat(day) if day else None for day in pair) for pair in bounds]
    return dict(zip(rows["code"], days, strict=True))
