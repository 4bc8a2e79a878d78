"""Counts that were delivered before, held against what the register says now."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kaa_analysis.core.errors import DefinitionError, ExtractError
from kaa_analysis.core.periods import Period, calendar_year, half_year, lasar, tertial
from kaa_analysis.core.secure_folder import SecureFolder, secure_folder
from kaa_analysis.indicators.stock import stock_and_flow
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

FILE = "delivered_counts.csv"
HEADER = ("VAD", "PERIOD", "ANTAL", "LEVERERAT")
COUNTED: Mapping[str, tuple[str, str]] = {
    "BESTAND": ("n_stock_end", "registrerade vid periodens slut"),
    "NYA": ("n_entries", "nya registreringar"),
    "AVSLUTADE": ("n_exits", "avslutade registreringar"),
    "PERSONER": ("n_persons", "personer registrerade under perioden"),
}
"""What can be delivered: the column of `stock_and_flow` it is, and its Swedish words."""

PERIOD = re.compile(r"(?P<year>20\d\d)(?:-(?P<part>[TH])(?P<number>[12])|/(?P<next>\d\d))?", re.ASCII)


@dataclass(frozen=True)
class DeliveredCount:
    """One count as it was delivered: what (a key of `COUNTED`), of which period, how many and on which day."""

    what: str
    period: Period
    count: int
    delivered: date


@dataclass(frozen=True)
class CountComparison:
    """A delivered count beside today's; ``now`` is None where this extract does not cover the period."""

    told: DeliveredCount
    now: int | None

    @property
    def differs(self) -> bool:
        """Whether the two are known to differ."""
        return self.now is not None and self.now != self.told.count

    def line(self) -> str:
        """Return the comparison in a Swedish line."""
        _, words = COUNTED[self.told.what]
        told = f"{words}, {self.told.period.label}: lämnat {self.told.count} ({self.told.delivered.isoformat()})"
        return f"{told}, nu {self.now}" if self.now is not None else f"{told}, täcks inte av uttaget"


def read_delivered_counts(secure: SecureFolder | None = None) -> tuple[DeliveredCount, ...] | None:
    """Return the counts in ``delivered_counts.csv`` of the secure folder, None where there is no such file.

    UTF-8 with or without BOM, ``;`` between VAD (BESTAND, NYA, AVSLUTADE, PERSONER), PERIOD (2024, 2024-T1, 2024-H2 or 2023/24), ANTAL and
    LEVERERAT (a day). ``secure`` defaults to the folder that the environment names.

    Raises:
        ExtractError: the file is something else; the lines are told, not what they hold.
    """
    path = (secure or secure_folder()).path / FILE
    if not path.exists():
        return None
    try:
        lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")), delimiter=";"))
    except (OSError, UnicodeDecodeError, csv.Error):
        raise _unreadable(["filen är inte läsbar text i UTF-8"]) from None
    if not lines or tuple(lines[0]) != HEADER:
        raise _unreadable(["rad 1: kolumnerna är andra"])
    rows = [(number, fields) for number, fields in enumerate(lines[1:], start=2) if fields]
    read = [(number, _delivered(fields)) for number, fields in rows]
    if wrong := [f"rad {number}" for number, told in read if told is None]:
        raise _unreadable(wrong)
    return tuple(told for _, told in read if told is not None)


def compare_counts(
    delivered: Sequence[DeliveredCount], register: Register, *, population: TargetPopulation | None = None
) -> tuple[CountComparison, ...]:
    """Return each delivered count beside the same count from this register, in the order they were delivered.

    Counted as in `stock_and_flow`. A period that began before the history, or was not over on the day of extract, is not counted.
    """
    return tuple(CountComparison(told, _now(told, register, population)) for told in delivered)


def period_named(text: str) -> Period:
    """Return the period written 2024, 2024-T1, 2024-H2 or 2023/24.

    >>> period_named("2023/24").label, period_named("2024-H1").end
    ('läsåret 2023/24', datetime.date(2024, 7, 1))

    Raises:
        DefinitionError: it is written otherwise.
    """
    found = PERIOD.fullmatch(text)
    year = int(found["year"]) if found else 0
    if found is None or (found["next"] and int(found["next"]) != (year + 1) % 100):
        raise DefinitionError("Perioden ska skrivas som 2024, 2024-T1, 2024-H2 eller 2023/24.")
    if found["next"]:
        return lasar(year)
    if found["part"] is None:
        return calendar_year(year)
    return {"T": tertial, "H": half_year}[found["part"]](year, int(found["number"]))


def _delivered(fields: Sequence[str]) -> DeliveredCount | None:
    try:
        what, period, count, delivered = (field.strip() for field in fields)
        if what not in COUNTED or not re.fullmatch(r"[0-9]{1,9}", count):
            return None
        return DeliveredCount(what, period_named(period), int(count), date.fromisoformat(delivered))
    except (ValueError, DefinitionError):
        return None


def _now(told: DeliveredCount, register: Register, population: TargetPopulation | None) -> int | None:
    covered = register.observed_from is None or told.period.start >= register.observed_from
    if not covered or told.period.end > register.extract_date:
        return None
    frame = stock_and_flow(register, periods=[told.period], population=population).frame
    column, _ = COUNTED[told.what]
    return int(frame.loc[frame["sex"] == "all", column].item())


def _unreadable(found: Sequence[str]) -> ExtractError:
    return ExtractError(
        f"{FILE} i den säkra mappen ska ha kolumnerna {';'.join(HEADER)}: vad ({', '.join(COUNTED)}), period (2024, 2024-T1, 2024-H2 "
        "eller 2023/24), antal och dag.",
        found=found,
        action="rätta raderna, eller flytta undan filen",
    )
