"""School units that do not exist: compulsory schools in every district, sixteen of them with SUSA, and upper-secondary schools."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from kaa_analysis.synthetic.draws import Codes, Draws, Flags, Numbers
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.residence import in_division_of_2023

CITY, INDEPENDENT = "Stockholms stad", "Fristående"
SUSA_FROM, SUSA_TO = np.datetime64("2015-09-01"), np.datetime64("2019-08-31")
SUSA_YEARS = (2016, 2019)
"""The first and the last year in which a cohort left grade 9 after a school year with SUSA."""
SUSA_SCHOOLS = {
    "RIN": ("RIK", 3),
    "HUS": ("RIK", 3),
    "TEN": ("SPT", 3),
    "RAG": ("EAV", 2),
    "SKH": ("SKH", 3),
    "HAS": ("HVB", 2),
}
"""Area → (its district, how many of the sixteen schools). How the sixteen are spread over the six areas is a choice."""
UPPER_SECONDARY_UNITS = 60
"""Of each kind, municipal and independent."""
EVERY_INDEPENDENT = 5
"""Every fifth compulsory school of a district is independent, none with SUSA."""


@cache
def compulsory_schools(per_district: tuple[tuple[str, int], ...]) -> pd.DataFrame:
    """Return a row per compulsory school: unit, home (district of 2007), district (of 2023), provider, area, has_susa.

    ``per_district`` says how many schools lie in each district; the first ones of a district are those with SUSA.
    """
    rows = []
    for place, (district, n_schools) in enumerate(per_district, start=1):
        areas = [area for area, (home, n_susa) in SUSA_SCHOOLS.items() if home == district for _ in range(n_susa)]
        for number in range(1, n_schools + 1):
            area = areas[number - 1] if number <= len(areas) else ""
            independent = not area and number % EVERY_INDEPENDENT == 0
            rows.append((f"91{place:02d}{number:04d}", district, INDEPENDENT if independent else CITY, area))
    schools = pd.DataFrame(rows, columns=["unit", "home", "provider", "area"])
    return schools.assign(district=in_division_of_2023(schools["home"].to_numpy(str)), has_susa=schools["area"].ne(""))


def school_of(districts: Codes, draws: Draws, margins: Margins) -> Numbers:
    """Return the place in `compulsory_schools` of each person's school: mostly one of the own district."""
    elsewhere = draws.chance("school.elsewhere", margins.share("school_in_another_district"))
    other = draws.pick("school.district", margins.weights("compulsory_schools"))
    homes = np.where(elsewhere, other, districts)
    order = list(margins.weights("compulsory_schools"))
    counts = np.array(list(margins.weights("compulsory_schools").values()))
    first = np.cumsum(counts) - counts
    at = np.searchsorted(np.sort(order), homes)
    place = np.argsort(order)[at]
    return first[place] + draws.whole("school.number", 0, counts[place] - 1)


def schools_of(margins: Margins) -> pd.DataFrame:
    """Return the compulsory schools of the margins."""
    return compulsory_schools(tuple(margins.weights("compulsory_schools").items()))


def upper_secondary_unit(draws: Draws, margins: Margins) -> tuple[Codes, Codes]:
    """Return unit and provider of an upper-secondary enrolment."""
    independent: Flags = draws.chance("unit.independent", margins.share("independent_upper_secondary"))
    number = 90_000_000 + draws.whole("unit", 1, UPPER_SECONDARY_UNITS) + 100 * independent
    return number.astype("U8"), np.where(independent, INDEPENDENT, CITY)
