"""The district of a code on a day, and the districts of a division: typed from `docs/layouts/ber.md`, not read from `core.geography`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

NOT_SHOWN = "not_shown"
"""The pooled area of unknown, protected or missing addresses."""

DIVISION_FROM: Mapping[str, date] = {"2007": date(2007, 1, 1), "2020": date(2020, 7, 1), "2023": date(2023, 7, 1)}
UNCHANGED: Mapping[str, tuple[str, str]] = {
    "BRO": ("bromma", "vasterort"),
    "HVB": ("hasselby_vallingby", "vasterort"),
    "KUN": ("kungsholmen", "innerstaden"),
    "SOD": ("sodermalm", "innerstaden"),
    "EAV": ("enskede_arsta_vantor", "soderort"),
    "FAR": ("farsta", "soderort"),
    "SKA": ("skarpnack", "soderort"),
    "SKH": ("skarholmen", "soderort"),
}
"""District and part of the city of the codes that are the same in every division."""

MERGED: Mapping[str, tuple[str, str, str, str]] = {
    "HLI": ("hagersten_liljeholmen", "HAL", "2020", "soderort"),
    "ALV": ("alvsjo", "HAL", "2020", "soderort"),
    "RIK": ("rinkeby_kista", "JAR", "2023", "vasterort"),
    "SPT": ("spanga_tensta", "JAR", "2023", "vasterort"),
    "NOR": ("norrmalm", "NIN", "2023", "innerstaden"),
    "OST": ("ostermalm", "NIN", "2023", "innerstaden"),
}
"""District, code of the district it was merged into, the division that did so, and part of the city."""

FORMED: Mapping[str, tuple[str, str, str]] = {
    "HAL": ("hagersten_alvsjo", "2020", "soderort"),
    "JAR": ("jarva", "2023", "vasterort"),
    "NIN": ("norra_innerstaden", "2023", "innerstaden"),
}
"""District, the division that formed it, and part of the city."""

PARTS: Mapping[str, str] = {
    **dict(UNCHANGED.values()),
    **{district: part for district, _, _, part in MERGED.values()},
    **{district: part for district, _, part in FORMED.values()},
    NOT_SHOWN: NOT_SHOWN,
}
"""The part of the city of every district."""

DISTRICTS: Sequence[str] = tuple(PARTS)
"""Every district and the pooled area; a district's number is its place here."""


def division_of(day: date) -> str:
    """Return the division in force on a day; the first one before it began.

    >>> division_of(date(2020, 6, 30)), division_of(date(2020, 7, 1))
    ('2007', '2020')
    """
    return [name for name, first in DIVISION_FROM.items() if first <= day or name == "2007"][-1]


def district_of(code: str, *, division: str) -> str:
    """Return the district that a written code is in a division: `NOT_SHOWN` for none, an unknown one and one formed later.

    >>> district_of("RIK", division="2020"), district_of("RIK", division="2023"), district_of("JAR", division="2020")
    ('rinkeby_kista', 'jarva', 'not_shown')
    """
    if code in MERGED:
        district, into, merged_in, _ = MERGED[code]
        return FORMED[into][0] if division >= merged_in else district
    if code in FORMED:
        district, formed_in, _ = FORMED[code]
        return district if division >= formed_in else NOT_SHOWN
    return UNCHANGED.get(code, (NOT_SHOWN, ""))[0]


def district_numbers(codes: Sequence[str], *, division: str) -> NDArray[np.int64]:
    """Return the number (place in `DISTRICTS`) of the district that each code is in a division, shape (n,)."""
    return np.array([DISTRICTS.index(district_of(code, division=division)) for code in codes], dtype=np.int64)


def recoded(division: str) -> NDArray[np.int64]:
    """Return, for every district number, that of the district of ``division`` which holds it, shape (districts,).

    >>> DISTRICTS[recoded("2020")[DISTRICTS.index("alvsjo")]]
    'hagersten_alvsjo'
    """
    into = {district: district_of(code, division=division) for code, (district, *_) in MERGED.items()}
    return np.array([DISTRICTS.index(into.get(district, district)) for district in DISTRICTS], dtype=np.int64)


def part_numbers() -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the parts of the city, and the place among them of every district's part."""
    parts = tuple(dict.fromkeys(PARTS.values()))
    return parts, np.array([parts.index(PARTS[district]) for district in DISTRICTS], dtype=np.int64)
