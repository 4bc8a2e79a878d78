"""Vertical bars over time with direct labels: panels on one scale (*figure:monthly_flow*), a stock by year (*figure:series*, *figure:low_series*)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import spanned
from kaa_analysis.core.result import Count, Dimension
from kaa_analysis.disclosure.released import Released
from kaa_analysis.present.exhibit import Exhibit
from kaa_analysis.present.figure import HIDDEN_NOTE, figure_exhibit
from kaa_analysis.present.formats import listing
from kaa_analysis.present.grid import dimension_text
from kaa_analysis.present.months import short_month
from kaa_analysis.present.reading import (
    TIME_DIMENSIONS,
    Point,
    dimension_named,
    latest,
    located,
    number_columns,
    rows_at_totals,
)
from kaa_analysis.present.series_breaks import SeriesBreaks, mark_breaks, series_breaks
from kaa_analysis.present.style import ACCENT, MUTED, QUIET_BAR, SMALL_POINTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL_INCHES = 1.75
PANEL_PAD_INCHES = 0.12
SERIES_INCHES = 2.6
LOW_SERIES_INCHES = 1.4
LABEL_ROOM = 1.18
FEW_COLUMNS = 6

END_STOCKS = ("n_stock_end", "n_stock")
"""A series shows the stock at the end of each period where the table has it, else its first number."""

MANY_TIMES = {"Månad": "månader", "Kvartal": "kvartal"}
"""The plural of what a bar is about, by the label of the split."""

Steps = list[tuple[str, Point]]


def monthly_flow_figure(released: Released, slug: str) -> Exhibit:
    """Return a panel of monthly bars for each of the first two counts (entries and exits), on the same scale.

    Raises:
        DefinitionError: the table is not split by month or has fewer than two counts.
    """
    dimension = dimension_named(released, "month")
    counts = released.of_role(Count)[:2]
    if len(counts) < 2:
        raise DefinitionError(
            "Flödet över året behöver två antal, de som kommer in och de som går ut.",
            found=f'"{released.id}" har {len(counts)} antal',
        )
    panels = [(count.label, _steps(released, dimension, count.name)) for count in counts]
    breaks = _breaks(released, dimension, panels[0][1])

    def draw(figure: Figure) -> None:
        panes = figure.subplots(len(panels), 1, sharex=True, sharey=True)
        figure.get_layout_engine().set(h_pad=PANEL_PAD_INCHES)
        for pane, (label, steps) in zip(panes, panels, strict=True):
            _draw(pane, [(short_month(text), point) for text, point in steps], last_only=False)
            mark_breaks(pane, breaks, labelled=False)
            pane.set_title(label)
            pane.tick_params(labelbottom=True)

    return figure_exhibit(
        released,
        slug=slug,
        form="figure:monthly_flow",
        alt=" ".join([_flow_alt(dimension, panels), *breaks.alt()]),
        draw=draw,
        height_inches=PANEL_INCHES * len(panels),
        remarks=_hidden_notes([point for _, steps in panels for _, point in steps]),
    )


def series_figure(released: Released, slug: str) -> Exhibit:
    """Return a bar per year (or other period), the last one accented.

    Raises:
        DefinitionError: the table is not split by time.
    """
    return _series(released, slug, form="figure:series", height_inches=SERIES_INCHES)


def low_series_figure(released: Released, slug: str) -> Exhibit:
    """Return `series_figure` with lower bars, for a page with little room.

    Raises:
        DefinitionError: the table is not split by time.
    """
    return _series(released, slug, form="figure:low_series", height_inches=LOW_SERIES_INCHES)


def _series(released: Released, slug: str, *, form: str, height_inches: float) -> Exhibit:
    dimension = dimension_named(released, *TIME_DIMENSIONS, "month")
    column = next((one for one in number_columns(released) if one.name in END_STOCKS), number_columns(released)[0])
    steps = _steps(released, dimension, column.name)
    breaks = _breaks(released, dimension, steps)
    with_note = len(number_columns(released)) == 1

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        _draw(axes, steps, last_only=True)
        mark_breaks(axes, breaks, labelled=True)

    return figure_exhibit(
        released,
        slug=slug,
        form=form,
        title=_series_title(released, column.label, steps),
        alt=" ".join([_series_alt(column.label, steps), *breaks.alt()]),
        draw=draw,
        height_inches=height_inches,
        with_note=with_note,
        remarks=[*(() if with_note else breaks.told), *_hidden_notes([point for _, point in steps])],
    )


def _series_title(released: Released, label: str, steps: Steps) -> str:
    """Return the table's title, or what is drawn and when if the table holds more than that."""
    if len(number_columns(released)) == 1 or not steps:
        return released.title
    return f"{label}{located(released)}, {spanned(steps[0][0], steps[-1][0])}"


def _steps(released: Released, dimension: Dimension, name: str) -> Steps:
    keep = {dimension.name}
    found = latest(released, rows_at_totals(released, keep=keep), keep=keep)
    return [
        (dimension_text(dimension, row.place[dimension.name]), row.point(name))
        for row in found
        if row.place[dimension.name] != dimension.total
    ]


def _breaks(released: Released, dimension: Dimension, steps: Steps) -> SeriesBreaks:
    texts = [text for text, _ in steps]
    values = {dimension_text(dimension, value): value for value in dimension.labels}
    return series_breaks(released, [values.get(text, text) for text in texts], texts=texts)


def _draw(axes: Axes, steps: Steps, *, last_only: bool) -> None:
    import seaborn  # half a second: only when a figure is drawn

    heights = [float(point.value) if point.known else 0.0 for _, point in steps]
    colours = [ACCENT if not last_only or place == len(steps) - 1 else QUIET_BAR for place in range(len(steps))]
    width = 0.68 if len(steps) > FEW_COLUMNS else 0.5
    places = list(range(len(steps)))
    seaborn.barplot(
        x=places,
        y=heights,
        hue=places,
        palette=colours,
        saturation=1,
        width=width,
        errorbar=None,
        legend=False,
        ax=axes,
    )
    for place, ((_, point), height) in enumerate(zip(steps, heights, strict=True)):
        axes.annotate(
            point.table_text,
            (place, height),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=SMALL_POINTS,
            **({} if point.known else {"color": MUTED}),
        )
    axes.set_xticks(range(len(steps)), [label for label, _ in steps])
    axes.set_yticks([])
    axes.set_xlim(-0.6, len(steps) - 0.4)
    axes.set_ylim(0, max(axes.get_ylim()[1], max([*heights, 1e-9]) * LABEL_ROOM))


def _flow_alt(dimension: Dimension, panels: list[tuple[str, Steps]]) -> str:
    names = listing(label.lower() for label, _ in panels)
    sentences = [f"Staplar per {dimension.label.lower()} i två rutor på samma skala: {names}."]
    times = MANY_TIMES.get(dimension.label, "perioder")
    sentences += [f"{label}: {_extremes(steps, times=times)}." for label, steps in panels]
    return " ".join([*sentences, *_hidden_sentence([point for _, steps in panels for _, point in steps])])


def _extremes(steps: Steps, *, times: str) -> str:
    known = [(label, point) for label, point in steps if point.known]
    if not known:
        return "inga värden visas"
    most = max(known, key=lambda step: step[1].value)
    least = min(known, key=lambda step: step[1].value)
    among = f"bland de {times} som visas " if len(known) < len(steps) else ""
    return f"{among}flest i {most[0].lower()} ({most[1].prose}) och färst i {least[0].lower()} ({least[1].prose})"


def _series_alt(label: str, steps: Steps) -> str:
    values = "; ".join(f"{text}: {point.prose if point.known else 'visas inte'}" for text, point in steps)
    return f"Staplar över tid. {label}: {values}."


def _hidden_notes(points: list[Point]) -> list[str]:
    return [HIDDEN_NOTE] if any(not point.known for point in points) else []


def _hidden_sentence(points: list[Point]) -> list[str]:
    hidden = sum(not point.known for point in points)
    if not hidden:
        return []
    return ["En stapel visas inte." if hidden == 1 else f"{hidden} staplar visas inte."]
