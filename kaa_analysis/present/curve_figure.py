"""Points with intervals joined by lines and bands: *figure:curve* (cumulative incidence) and *figure:survival* (share left).

Curves leave the room at a few horizons only, so they are drawn as points; a point that is not shown breaks its line and its band. Bands, one scale, at most
five curves, names at their ends and the counts aligned under the axis follow Morris et al. 2019 (KMunicate, BMJ Open 9:e030215).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, nan
from typing import TYPE_CHECKING

from kaa_analysis.disclosure.released import Released
from kaa_analysis.present.curves import CountLine, Curve, CurvePoint, counts_below, curves, main_estimate
from kaa_analysis.present.exhibit import Exhibit
from kaa_analysis.present.figure import figure_exhibit
from kaa_analysis.present.formats import interval_text, listing, percent
from kaa_analysis.present.grid import Grid, Group, Heading, Line
from kaa_analysis.present.interval import INTERVAL_LABEL, INTERVAL_NOTE
from kaa_analysis.present.style import (
    CURVE_COLOURS,
    CURVE_LABEL_COLOURS,
    CURVE_MARKERS,
    INK,
    MUTED,
    SMALL_POINTS,
    TYPE_POINTS,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CURVE_INCHES = 2.4
ROW_INCHES = 0.22
LINE_POINTS = 15
BAND_ALPHA = 0.16
AXIS_MONTHS = 24
"""The length of the axis that the next widths are for; on another they are longer or shorter in proportion."""

LABEL_MONTHS = 1.25
BEFORE_MONTHS = 0.9
AFTER_MONTHS = 0.6
LABEL_GAP = 0.085
"""Smallest distance between two labels at the ends of curves, as a share of the axis."""

BROKEN_NOTE = "Punkter som inte får visas är inte ritade och linjen är bruten där."

Below = Sequence[CountLine]


def curve_figure(released: Released, slug: str) -> Exhibit:
    """Return the cumulative incidence of each way out, with events to date aligned under it."""
    return _exhibit(released, slug, form="figure:curve", whole_axis=False)


def survival_figure(released: Released, slug: str) -> Exhibit:
    """Return the share left at each horizon, with at risk, events and censored aligned under it."""
    return _exhibit(released, slug, form="figure:survival", whole_axis=True)


def _exhibit(released: Released, slug: str, *, form: str, whole_axis: bool) -> Exhibit:
    drawn = curves(released)
    heading, below = counts_below(released, drawn)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        _draw_curves(axes, drawn, top=1.0 if whole_axis else _top(drawn))
        _draw_below(axes, below, heading=heading, left=-BEFORE_MONTHS * _scale(drawn))

    return figure_exhibit(
        released,
        slug=slug,
        form=form,
        alt=_alt(released, drawn),
        draw=draw,
        height_inches=CURVE_INCHES + ROW_INCHES * (len(below) + len(_headings(below)) + 2),
        remarks=[INTERVAL_NOTE, *([BROKEN_NOTE] if _hidden(drawn) else [])],
        numbers=_numbers(drawn, below, heading=heading),
    )


def _draw_curves(axes: Axes, drawn: Sequence[Curve], *, top: float) -> None:
    months = [point.months for point in drawn[0].points]
    scale = _scale(drawn)
    for place, curve in enumerate(drawn):
        _draw_curve(axes, curve, place=place)
    _draw_labels(axes, drawn, at=months[-1] + LABEL_MONTHS * scale, top=top)
    axes.set_xticks(months, [str(month) for month in months])
    axes.set_xlabel("Månader från start", loc="left", fontsize=SMALL_POINTS, color=MUTED)
    axes.set_xlim(-BEFORE_MONTHS * scale, months[-1] + AFTER_MONTHS * scale)
    axes.set_ylim(0, top)
    steps = [top * step / 4 for step in range(5)]
    axes.set_yticks(steps, [percent(round(step, 4), digits=0) for step in steps])
    axes.grid(axis="y")


def _draw_curve(axes: Axes, curve: Curve, *, place: int) -> None:
    colour = CURVE_COLOURS[place]
    months = [point.months for point in curve.points]
    values = [float(point.estimate.value) if point.estimate.known else nan for point in curve.points]
    limits = [_limits(point) for point in curve.points]
    axes.plot(months, values, color=colour, marker=CURVE_MARKERS[place], markersize=4.5, clip_on=False, zorder=3)
    axes.fill_between(months, *zip(*limits, strict=True), color=colour, alpha=BAND_ALPHA, linewidth=0)
    for month, (lower, upper) in zip(months, limits, strict=True):
        axes.plot([month, month], [lower, upper], color=colour, linewidth=1.4, alpha=0.6)


def _limits(point: CurvePoint) -> tuple[float, float]:
    """Return the limits of a point: the point itself where it has none, as at the start; not a number where it is not shown."""
    if not point.estimate.known:
        return nan, nan
    value = float(point.estimate.value)
    return value if point.lower is None else point.lower, value if point.upper is None else point.upper


def _scale(drawn: Sequence[Curve]) -> float:
    return drawn[0].points[-1].months / AXIS_MONTHS


def _draw_labels(axes: Axes, drawn: Sequence[Curve], *, at: float, top: float) -> None:
    """Write each curve's name and last value at its end, moved apart where they would meet."""
    ends = [(place, curve, curve.last_known) for place, curve in enumerate(drawn) if curve.last_known]
    floor = 0.0
    for place, curve, end in sorted(ends, key=lambda item: float(item[2].estimate.value)):
        height = max(float(end.estimate.value), floor)
        axes.text(
            at,
            height,
            " ".join(part for part in (curve.label, end.estimate.prose) if part),
            color=CURVE_LABEL_COLOURS[place],
            va="center_baseline",
            fontsize=TYPE_POINTS,
        )
        floor = height + LABEL_GAP * top


def _draw_below(axes: Axes, below: Below, *, heading: str, left: float) -> None:
    """Write the counts under the axis, each under its horizon; where they are of groups, what is counted stands on a line above them.

    Names of groups are short, which leaves the axis room enough for the counts of a city.
    """
    placing = {"xycoords": axes.get_xaxis_transform(), "textcoords": "offset points", "fontsize": SMALL_POINTS}
    axes.annotate(heading, (left, 0), xytext=(0, -46), ha="left", va="baseline", color=MUTED, **placing)
    offset, headings = -62, _headings(below)
    for row in below:
        if row in headings:
            axes.annotate(row.counted, (left, 0), xytext=(0, offset), ha="left", va="baseline", color=MUTED, **placing)
            offset -= LINE_POINTS
        name = row.group or row.counted
        axes.annotate(name, (left, 0), xytext=(-8, offset), ha="right", va="baseline", color=INK, **placing)
        for months, point in row.counts:
            axes.annotate(
                point.table_text, (months, 0), xytext=(0, offset), ha="center", va="baseline", color=INK, **placing
            )
        offset -= LINE_POINTS


def _headings(below: Below) -> list[CountLine]:
    """Return the first row of each thing that is counted of groups."""
    return [
        row
        for place, row in enumerate(below)
        if row.group and row.counted not in {one.counted for one in below[:place]}
    ]


def _top(drawn: Sequence[Curve]) -> float:
    """Return the top of the axis: the highest bound rounded up to a fifth, so that its four steps are whole per cent."""
    highest = max([value for curve in drawn for point in curve.points for value in _heights(point)], default=1.0)
    return min(1.0, max(0.2, ceil(highest * 5) / 5))


def _heights(point: CurvePoint) -> list[float]:
    if not point.estimate.known:
        return []
    return [float(point.estimate.value), *([point.upper] if point.upper is not None else [])]


def _numbers(drawn: Sequence[Curve], below: Below, *, heading: str) -> Grid:
    """Return what the figure shows as a table: estimates with intervals per curve, then the counts."""
    months = [point.months for point in drawn[0].points]
    head = ((Heading("Månader från start", numeric=False), *(Heading(str(month)) for month in months)),)
    lines = []
    for curve in drawn:
        name = curve.label or "Skattning"
        lines.append(Line((name,), tuple(point.estimate.table_text for point in curve.points)))
        lines.append(Line((INTERVAL_LABEL,), tuple(_interval(point) for point in curve.points)))
    counted = tuple(Line((row.label,), tuple(point.table_text for _, point in row.counts)) for row in below)
    groups = (Group("Andel", tuple(lines)), Group(heading, counted))
    return Grid(head, groups, row_headers=1, numeric=(True,) * len(months))


def _interval(point: CurvePoint) -> str:
    if not point.estimate.known:
        return point.estimate.table_text
    if point.lower is None or point.upper is None:
        return "."
    return interval_text(percent(point.lower), percent(point.upper))


def _hidden(drawn: Sequence[Curve]) -> list[str]:
    return [curve.label for curve in drawn if any(not point.estimate.known for point in curve.points)]


def _alt(released: Released, drawn: Sequence[Curve]) -> str:
    months = listing(str(point.months) for point in drawn[0].points)
    sentences = [f"Punkter med osäkerhetsintervall vid {months} månader: {main_estimate(released).label.lower()}."]
    for curve in drawn:
        start = f"{curve.label}: " if curve.label else ""
        values = "; ".join(
            f"{point.estimate.prose if point.estimate.known else 'visas inte'} vid {point.months} månad{'er' if point.months > 1 else ''}"
            for point in curve.points
            if point.months
        )
        sentences.append(f"{start}{values}.")
    if _hidden(drawn):
        sentences.append("Linjen är bruten där punkter inte får visas.")
    return " ".join(sentences)
