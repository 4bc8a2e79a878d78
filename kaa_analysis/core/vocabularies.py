"""Closed vocabularies: code, Swedish label, source and how sure the source is. The tables are data files beside this module."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import pandas as pd

from kaa_analysis.core.errors import DefinitionError, did_you_mean

NOT_SHOWN_BY_AREA = "not_shown"
"""The pooled area of those whose area is unknown, protected or without address: *Område redovisas inte*."""


@cache
def _read(name: str) -> pd.DataFrame:
    with files("kaa_analysis.core").joinpath(name).open(encoding="utf-8") as stream:
        return pd.read_csv(stream, dtype="string", keep_default_na=False)


def labels(vocabulary: str) -> dict[str, str]:
    """Return the Swedish label of every code of a vocabulary, in the order of the data file.

    >>> labels("sex")
    {'female': 'Flickor', 'male': 'Pojkar'}
    """
    table = _read("vocabularies.csv")
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
    table = _read("vocabularies.csv")
    rows = table[table["vocabulary"] == vocabulary]
    return {code: (rows["source"][row], rows["mark"][row]) for row, code in rows["code"].items()}


def district_labels() -> dict[str, str]:
    """Return the Swedish name of every district code, past ones and the pooled area included."""
    table = _read("districts.csv")
    return dict(zip(table["code"], table["name"], strict=True)) | {NOT_SHOWN_BY_AREA: "Område redovisas inte"}


def district_groups() -> dict[str, str]:
    """Return the part of the city (vasterort, innerstaden, soderort) of every district code."""
    table = _read("districts.csv")
    return dict(zip(table["code"], table["group"], strict=True)) | {NOT_SHOWN_BY_AREA: NOT_SHOWN_BY_AREA}


def current_districts() -> list[str]:
    """Return the codes of today's division (11 districts since 2023-07-01), in the order of the data file."""
    table = _read("districts.csv")
    return list(table.loc[table["valid_to"] == "", "code"])


def district_successors() -> dict[str, str]:
    """Return, for every district code, the code that holds its area in today's division."""
    table = _read("districts.csv")
    return dict(zip(table["code"], table["successor"].where(table["successor"] != "", table["code"]), strict=True))


def group_labels() -> dict[str, str]:
    """Return the Swedish names of the parts of the city."""
    return {
        "vasterort": "Västerort",
        "innerstaden": "Innerstaden",
        "soderort": "Söderort",
        NOT_SHOWN_BY_AREA: "Område redovisas inte",
    }
