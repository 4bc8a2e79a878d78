"""What the action plan says is to be measured, version by version: each measuring point with the indicators that answer it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.indicators.indicator_catalogue import indicators

FOLDER = "plans"


class Delivery(StrEnum):
    """How far a measuring point is answered."""

    DONE = "done"
    PARTLY = "partly"
    LATER = "later"
    IMPORTED = "imported"
    ELSEWHERE = "elsewhere"
    NOT_HELD = "not_held"
    NOT_COUNTED = "not_counted"


DELIVERY_LABELS = {
    Delivery.DONE: "redovisas",
    Delivery.PARTLY: "redovisas delvis",
    Delivery.LATER: "redovisas inte ännu",
    Delivery.IMPORTED: "väntar på en färdig tabell",
    Delivery.ELSEWHERE: "redovisas på annat sätt",
    Delivery.NOT_HELD: "får inte finnas i registret",
    Delivery.NOT_COUNTED: "inget att räkna",
}
ANSWERED = (Delivery.DONE, Delivery.PARTLY)


@dataclass(frozen=True)
class MeasuringPoint:
    """A point of a section of the plan, in the plan's order; ``indicators`` are ids of the catalogue."""

    section: str
    number: int
    what: str
    indicators: tuple[str, ...]
    delivery: Delivery
    remark: str


def plan_versions() -> tuple[str, ...]:
    """Return the versions of the plan whose measuring points are known, the oldest first.

    >>> plan_versions()
    ('2018',)
    """
    names = (path.name for path in files("kaa_analysis.indicators").joinpath(FOLDER).iterdir())
    return tuple(sorted(name.removesuffix(".csv") for name in names if name.endswith(".csv")))


@cache
def measuring_points(version: str) -> tuple[MeasuringPoint, ...] | None:
    """Return the measuring points of a version of the plan, None where nobody has gone through it ("ej kartlagd").

    Raises:
        DefinitionError: a point names an unknown indicator or state, or one that does not go with its indicators.

    >>> measuring_points("2018")[0].section
    '4.2.2'
    >>> measuring_points("2030") is None
    True
    """
    if version not in plan_versions():
        return None
    text = files("kaa_analysis.indicators").joinpath(FOLDER, f"{version}.csv").read_text(encoding="utf-8")
    return tuple(_point(record, version) for record in csv.DictReader(text.splitlines()))


def sections_of(indicator: str, *, version: str) -> tuple[str, ...]:
    """Return the sections of a version of the plan that an indicator answers, in the plan's order.

    >>> sections_of("covered_by_district", version="2018")
    ('8.3',)
    """
    points = measuring_points(version) or ()
    return tuple(dict.fromkeys(point.section for point in points if indicator in point.indicators))


def _point(record: dict[str, str], version: str) -> MeasuringPoint:
    place = f"{version}: {record['section']} punkt {record['point']}"
    names = tuple(record["indicators"].split())
    for name in names:
        if name not in indicators():
            raise DefinitionError(f'Indikatorn "{name}" finns inte{did_you_mean(name, indicators())}.', found=place)
    if record["state"] not in list(Delivery):
        raise DefinitionError(f"En mätpunkt ska vara något av {', '.join(Delivery)}.", found=place)
    delivery = Delivery(record["state"])
    if bool(names) != (delivery in ANSWERED) or (delivery is Delivery.PARTLY and not record["remark"]):
        raise DefinitionError(
            "En mätpunkt som redovisas ska ha indikatorer, och en som redovisas delvis en anmärkning om vad som saknas.",
            found=place,
        )
    return MeasuringPoint(record["section"], int(record["point"]), record["what"], names, delivery, record["remark"])
