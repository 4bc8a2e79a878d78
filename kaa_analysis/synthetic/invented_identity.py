"""Identities that cannot exist: twelve digits with month + 80, right parity and right check digit."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.synthetic.draws import Codes, Days, Draws, Numbers
from kaa_analysis.synthetic.school_calendar import ONE_DAY, date_of, days, month_of, year_of

if TYPE_CHECKING:
    from kaa_analysis.synthetic.margins import Margins

IMPOSSIBLE_MONTHS = 80
SERIALS = 1000
WEIGHTS = np.array([2, 1, 2, 1, 2, 1, 2, 1, 2])


def check_digits(nine_digits: Numbers) -> Numbers:
    """Return the Luhn digit (weights 2, 1, 2, …) of numbers of nine digits.

    >>> check_digits(np.array([640823323])).tolist()
    [4]
    """
    digits = nine_digits[:, None] // 10 ** np.arange(8, -1, -1) % 10
    doubled = digits * WEIGHTS
    return -(doubled // 10 + doubled % 10).sum(axis=1) % 10


def check_digit(nine_digits: str) -> int:
    """Return the Luhn digit of nine digits.

    >>> check_digit("640823323")
    4
    """
    return int(check_digits(np.array([int(nine_digits)]))[0])


def impossible_identity(written: date, *, serial: int) -> str:
    """Return one identity as text.

    >>> impossible_identity(date(2006, 3, 9), serial=238)
    '200683092381'
    """
    return str(impossible_identities(np.array([written], dtype="datetime64[D]"), np.array([serial]))[0])


def impossible_identities(written: Days, serial: Numbers) -> Numbers:
    """Return YYYYMMDDNNNC with month + 80 as whole numbers; the check digit is that of the nine digits as written.

    >>> impossible_identities(np.array(["2006-03-09"], dtype="datetime64[D]"), np.array([238])).tolist()
    [200683092381]
    """
    day_of_month = (written - written.astype("datetime64[M]")).astype(np.int64) + 1
    body = ((year_of(written) * 100 + month_of(written) + IMPOSSIBLE_MONTHS) * 100 + day_of_month) * SERIALS + serial
    return body * 10 + check_digits(body % 10**9)


def invented_identities(birth_date: Days, sex: Codes, draws: Draws, *, margins: Margins) -> Numbers:
    """Return an identity for each of the persons, all different as long as those of a day stand together; the serial is odd for men (``M``) and even for women.

    Now and then it is written with a later day of the month, as the law allows when a day's numbers are used up (folkbokföringslagen 18 §). ``draws`` are
    those of the persons.

    Raises:
        DefinitionError: more persons of one sex are written with the same day than there are serials.
    """
    nearby = draws.chance("identity.nearby", margins.share("identity_on_nearby_day"))
    last_of_month = date_of(year_of(birth_date), month_of(birth_date) + 1) - ONE_DAY
    later = np.minimum(birth_date + days(draws.whole("identity.days", 1, 3)), last_of_month)
    written = np.where(nearby, later, birth_date)
    odd = (sex == "M").astype(np.int64)
    place = pd.Series(written).groupby([written, odd], sort=False).cumcount().to_numpy()
    if len(place) and place.max() >= SERIALS // 2:
        raise DefinitionError("Identitetsnumren räcker inte för så många personer födda samma dag.")
    first = Draws(draws.seed, written.astype(np.int64), turn=odd).whole("identity.serial", 0, SERIALS // 2 - 1)
    return impossible_identities(written, 2 * ((first + place) % (SERIALS // 2)) + odd)
