"""The curves of a released life table or cumulative incidence: points at the released horizons, read from its rows."""

from __future__ import annotations

from dataclasses import dataclass

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.result import Count, Dimension, Estimate
from kaa_analysis.disclosure.released import Released
from kaa_analysis.present.grid import dimension_text
from kaa_analysis.present.reading import Point, Row, dimension_named, latest, rows_at_totals

HORIZON = "months"
WAY_OUT = "way_out"
MOST_CURVES = 5
BOUNDS = ("lower", "upper")


@dataclass(frozen=True)
class CurvePoint:
    """An estimate at a horizon (months since time zero) with its bounds; a bound is None where it is not released."""

    months: int
    estimate: Point
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class Curve:
    """One line of the figure. ``value`` is its value of the split, empty for everybody together."""

    value: str
    label: str
    points: tuple[CurvePoint, ...]

    @property
    def last_known(self) -> CurvePoint | None:
        """The last point that may be shown."""
        known = [point for point in self.points if point.estimate.known]
        return known[-1] if known else None


def split_of(released: Released) -> Dimension | None:
    """Return the dimension with a curve per value: ways out if there are any, else the group, else None."""
    dimensions = [dimension for dimension in released.of_role(Dimension) if dimension.name != HORIZON]
    ways = [dimension for dimension in dimensions if dimension.name == WAY_OUT]
    groups = [dimension for dimension in dimensions if dimension.total is not None]
    return next(iter(ways + groups), None)


def curves(released: Released) -> list[Curve]:
    """Return at most five curves, those that reach highest if there are more, in the order of the table.

    A total of ways out is left out when its parts are drawn; of groups it comes first.

    Raises:
        DefinitionError: the table has no horizons or no estimate.
    """
    dimension_named(released, HORIZON)
    split = split_of(released)
    keep = {HORIZON} | ({split.name} if split else set())
    found = latest(released, rows_at_totals(released, keep=keep))
    values = list(dict.fromkeys(row.place[split.name] for row in found)) if split else [""]
    if split is not None and split.name == WAY_OUT and len(values) > 1:
        values = [value for value in values if value != split.total]
    drawn = [_curve(released, split, value, found) for value in values]
    highest = sorted(drawn, key=lambda curve: -_height(curve))[:MOST_CURVES]
    return [curve for curve in drawn if curve in highest]


def _curve(released: Released, split: Dimension | None, value: str, found: list[Row]) -> Curve:
    name = main_estimate(released).name
    own = [row for row in found if split is None or row.place[split.name] == value]
    points = [
        CurvePoint(int(row.place[HORIZON]), row.point(name), *(_bound(row, bound) for bound in BOUNDS)) for row in own
    ]
    label = dimension_text(split, value) if split else ""
    return Curve(value, label, tuple(sorted(points, key=lambda point: point.months)))


def _bound(row: Row, name: str) -> float | None:
    point = row.points.get(name)
    return float(point.value) if point is not None and point.known else None


def _height(curve: Curve) -> float:
    last = curve.last_known
    return float(last.estimate.value) if last else -1.0


def main_estimate(released: Released) -> Estimate:
    """Return the estimate that the bounds belong to.

    Raises:
        DefinitionError: the table has no estimate.
    """
    found = [column for column in released.of_role(Estimate) if column.name not in BOUNDS]
    if not found:
        raise DefinitionError(f'En kurva behöver en skattning, men "{released.id}" har ingen.')
    return found[0]


@dataclass(frozen=True)
class CountLine:
    """A row of the table aligned under the curves: what is counted, of which group (empty for everybody together), and a count per horizon."""

    counted: str
    group: str
    counts: tuple[tuple[int, Point], ...]

    @property
    def label(self) -> str:
        """What is counted and of which group, as one text."""
        return f"{self.counted}, {self.group.lower()}" if self.group else self.counted


def counts_below(released: Released, drawn: list[Curve]) -> tuple[str, list[CountLine]]:
    """Return the heading and the rows of the table aligned under the curves.

    With ways out: events to date per way out. Otherwise the table's own counts (at risk, entered if somebody did after the first horizon,
    events, censored), per group if there are any.
    """
    split = split_of(released)
    if split is not None and split.name == WAY_OUT:
        count = _count_named(released, "to_date")
        found = latest(released, rows_at_totals(released, keep={HORIZON, WAY_OUT}))
        return count.label, [
            CountLine(
                curve.label, "", _by_horizon([row for row in found if row.place[WAY_OUT] == curve.value], count.name)
            )
            for curve in drawn
        ]
    keep = {HORIZON} | ({split.name} if split else set())
    found = latest(released, rows_at_totals(released, keep=keep))
    shown = [count for count in released.of_role(Count) if _is_told(count, found)]
    shown.sort(key=lambda count: "risk" not in count.name)
    if split is None:
        return "Antal", [CountLine(count.label, "", _by_horizon(found, count.name)) for count in shown]
    return "Antal", [
        CountLine(
            count.label,
            curve.label,
            _by_horizon([row for row in found if row.place[split.name] == curve.value], count.name),
        )
        for count in shown
        for curve in drawn
    ]


def _is_told(count: Count, found: list[Row]) -> bool:
    if "entered" not in count.name:
        return "to_date" not in count.name
    start = min(int(row.place[HORIZON]) for row in found)
    later = [row.point(count.name) for row in found if int(row.place[HORIZON]) > start]
    return any(not point.known or point.value for point in later)


def _count_named(released: Released, part: str) -> Count:
    counts = released.of_role(Count)
    if not counts:
        raise DefinitionError(f'En kurva visas med sina antal, men "{released.id}" har inga.')
    return next((count for count in counts if part in count.name), counts[0])


def _by_horizon(found: list[Row], name: str) -> tuple[tuple[int, Point], ...]:
    return tuple(sorted(((int(row.place[HORIZON]), row.point(name)) for row in found), key=lambda pair: pair[0]))
