"""The districts of the city through its divisions (14 until 2020-06-30, 13 until 2023-06-30, 11 since) and its three parts.

A district's code names an area, the same in every division that has it. Dates of districts and divisions are data beside this module.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from kaa_analysis.core.errors import DefinitionError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

NOT_SHOWN_BY_AREA = "not_shown"
"""The pooled area of those whose area is unknown, protected, without address or not of its day: *Område redovisas inte*."""

NOT_SHOWN_LABEL = "Område redovisas inte"

_POOLED = {NOT_SHOWN_BY_AREA: NOT_SHOWN_LABEL}


@dataclass(frozen=True)
class Division:
    """A division of the city in force on the days ``[valid_from, valid_to)``; ``valid_to`` is None for the present one.

    ``districts`` are the codes in the order of presentation, ``label`` the Swedish words for the division.
    """

    name: str
    valid_from: date
    valid_to: date | None
    districts: tuple[str, ...]
    label: str

    def labels(self) -> dict[str, str]:
        """Return the Swedish name of every district, then of the pooled area."""
        return {code: district_labels()[code] for code in self.districts} | _POOLED

    def parts(self) -> dict[str, tuple[str, ...]]:
        """Return the districts of each part of the city; the pooled area is a part of its own.

        >>> division("2023").parts()["vasterort"]
        ('bromma', 'hasselby_vallingby', 'jarva')
        """
        of_each = part_of_city()
        return {part: tuple(code for code in self.labels() if of_each[code] == part) for part in part_labels()}


@cache
def divisions() -> tuple[Division, ...]:
    """Return the divisions, the earliest first.

    >>> [(division.name, len(division.districts)) for division in divisions()]
    [('2007', 14), ('2020', 13), ('2023', 11)]
    """
    rows = _rows("divisions.csv")
    starts = [date.fromisoformat(row["valid_from"]) for row in rows]
    return tuple(
        Division(row["name"], start, end, _districts_on(start), row["label"])
        for row, start, end in zip(rows, starts, [*starts[1:], None], strict=True)
    )


def division(name: str) -> Division:
    """Return the division called ``name``.

    Raises:
        DefinitionError: there is no such division.
    """
    known = {each.name: each for each in divisions()}
    if name not in known:
        raise DefinitionError(
            f"Stadsdelsindelningen ska vara {_listed(list(known), 'eller')}{did_you_mean(name, known)}.",
            found=str(name),
        )
    return known[name]


def division_on(day: date) -> Division:
    """Return the division in force on a day.

    >>> division_on(date(2023, 6, 30)).name, division_on(date(2023, 7, 1)).name
    ('2020', '2023')

    Raises:
        DefinitionError: the day lies before the first division.
    """
    begun = [each for each in divisions() if each.valid_from <= day]
    if not begun:
        raise DefinitionError(
            "Stadens indelning är känd från och med den första i divisions.csv.",
            found=f"{day}, indelningen börjar {divisions()[0].valid_from}",
        )
    return begun[-1]


def division_for(last_day: date, *, name: str | None = None) -> Division:
    """Return the division to report a period that ends with ``last_day`` in: the one named, by default the one in force that day.

    Raises:
        DefinitionError: there is no such division, or it is finer: a district of that day cannot be split into its districts.
    """
    in_force = division_on(last_day)
    chosen = in_force if name is None else division(name)
    _require_whole(in_force.districts, to=chosen)
    return chosen


def recoding(to: Division) -> dict[str, str]:
    """Return, for every code whose area lies within one district of ``to``, that district; the pooled area stays.

    >>> recoding(division("2020"))["alvsjo"], "jarva" in recoding(division("2020"))
    ('hagersten_alvsjo', False)
    """
    areas = _areas()
    return {code: district for code, area in areas.items() for district in to.districts if area <= areas[district]} | {
        NOT_SHOWN_BY_AREA: NOT_SHOWN_BY_AREA
    }


def recode(districts: pd.Series, *, to: Division) -> pd.Series:
    """Return the districts of another division that hold the areas of ``districts``; missing stays missing.

    The code alone decides, not the day: *Rinkeby-Kista* is *Järva* in the division of 2023 whenever it was written.

    Raises:
        DefinitionError: ``to`` is finer, or a code is unknown.
    """
    used = districts.dropna().unique()
    unknown = sorted(set(used) - set(district_labels()))
    if unknown:
        raise DefinitionError("Varje område ska ha en känd kod.", found=f"okända koder: {', '.join(unknown)}")
    _require_whole(used, to=to)
    return districts.map(recoding(to)).astype("string")


def recode_to_the_day(districts: pd.Series, *, days: pd.Series) -> pd.Series:
    """Return the districts in the division in force on each day.

    A code of an earlier division is given as the district that took over its area. Missing, unknown, and a code whose area no
    district had as a part on the day (*Järva* in 2021) are `NOT_SHOWN_BY_AREA`, in whichever division the report is made. Days
    before the first division, and missing ones, are read in the first.
    """
    import pandas as pd  # here: checking parameters asks for divisions and needs no tables

    first, *later = divisions()
    found = _given(districts, to=first)
    for each in later:
        found = found.mask(days >= pd.Timestamp(each.valid_from), _given(districts, to=each))
    return found


def merged_districts(in_force: Division, *, to: Division) -> dict[str, tuple[str, ...]]:
    """Return the districts of ``to`` that are several in the division ``in_force``, each with those.

    >>> merged_districts(division("2007"), to=division("2020"))
    {'hagersten_alvsjo': ('hagersten_liljeholmen', 'alvsjo')}
    """
    given = recoding(to)
    merged = {code: tuple(one for one in in_force.districts if given[one] == code) for code in to.districts}
    return {code: districts for code, districts in merged.items() if len(districts) > 1}


def district_labels() -> dict[str, str]:
    """Return the Swedish name of every district code, past ones and the pooled area included."""
    return {row["code"]: row["name"] for row in _rows("districts.csv")} | _POOLED


def district_located() -> dict[str, str]:
    """Return the Swedish words for *in the district* of every district code, past ones included.

    >>> district_located()["jarva"], district_located()["sodermalm"]
    ('i Järva', 'på Södermalm')
    """
    return {row["code"]: row["located"] for row in _rows("districts.csv")}


def district_validity() -> dict[str, tuple[date, date | None]]:
    """Return the first day of every district and its first day outside; None where it is still one.

    >>> district_validity()["alvsjo"]
    (datetime.date(1997, 1, 1), datetime.date(2020, 7, 1))
    """
    return {
        row["code"]: (
            date.fromisoformat(row["valid_from"]),
            date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        )
        for row in _rows("districts.csv")
    }


def part_of_city() -> dict[str, str]:
    """Return the part of the city of every district code, past ones and the pooled area included."""
    return {row["code"]: row["group"] for row in _rows("districts.csv")} | {NOT_SHOWN_BY_AREA: NOT_SHOWN_BY_AREA}


def part_labels() -> dict[str, str]:
    """Return the Swedish names of the parts of the city."""
    return {"vasterort": "Västerort", "innerstaden": "Innerstaden", "soderort": "Söderort"} | _POOLED


def _require_whole(codes: Iterable[str], *, to: Division) -> None:
    """Refuse codes whose area lies in several districts of ``to``."""
    whole = recoding(to)
    split = [code for code in codes if code not in whole]
    if split:
        names = _listed(sorted(district_labels()[code] for code in split), "och")
        raise DefinitionError(
            f"Områden räknas bara om till en lika grov eller grövre indelning än sin egen, inte till {to.label}.",
            found=f"{names} kan inte delas upp",
            action="välj en senare indelning",
        )


def _given(districts: pd.Series, *, to: Division) -> pd.Series:
    return districts.map(recoding(to)).astype("string").fillna(NOT_SHOWN_BY_AREA)


def _listed(words: list[str], last: str) -> str:
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


@cache
def _rows(name: str) -> tuple[Mapping[str, str], ...]:
    with files("kaa_analysis.core").joinpath(name).open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


def _districts_on(day: date) -> tuple[str, ...]:
    text = day.isoformat()
    return tuple(
        row["code"]
        for row in _rows("districts.csv")
        if row["valid_from"] <= text and (row["valid_to"] == "" or text < row["valid_to"])
    )


@cache
def _areas() -> dict[str, frozenset[str]]:
    """Return every district as the set of the smallest districts it is made of: itself, or those it succeeded."""
    rows = _rows("districts.csv")
    parts = {row["code"]: {other["code"] for other in rows if other["successor"] == row["code"]} for row in rows}

    def smallest(code: str) -> frozenset[str]:
        return frozenset().union(*map(smallest, parts[code])) if parts[code] else frozenset({code})

    return {code: smallest(code) for code in parts}
