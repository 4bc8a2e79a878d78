"""Horizontal bars with direct labels: one bar per value of a split (*figure:bars*), district (*figure:districts*) or step (*figure:funnel*)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kaa_analysis.core.geography import NOT_SHOWN_LABEL
from kaa_analysis.core.result import Dimension, Share
from kaa_analysis.disclosure.released import Released
from kaa_analysis.present.exhibit import Exhibit
from kaa_analysis.present.figure import HIDDEN_NOTE, figure_exhibit
from kaa_analysis.present.formats import PROTECTED
from kaa_analysis.present.grid import dimension_text
from kaa_analysis.present.reading import (
    DISTRICT,
    Point,
    Row,
    dimension_named,
    latest,
    latest_note,
    latest_title,
    main_dimension,
    number_columns,
    rows_at_totals,
)
from kaa_analysis.present.style import ACCENT, INK, MUTED, QUIET_BAR

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SORTED_NOTE = "Områdena står i storleksordning; de som inte visas står sist."
BAR_INCHES = 0.36
MARGIN_INCHES = 0.25
LABEL_ROOM = 1.32
"""How far the axis goes beyond the longest bar, so that its label has room."""


@dataclass(frozen=True)
class Bar:
    """A bar: its label, the number it shows, and that number's share if the table has one."""

    label: str
    point: Point
    share: Point | None
    quiet: bool = False

    @property
    def text(self) -> str:
        """What stands at the bar's end."""
        if not self.point.known:
            return self.point.table_text
        if self.share is None or not self.share.known:
            return self.point.prose
        return f"{self.point.prose} ({self.share.prose})"


def bars_figure(released: Released, slug: str) -> Exhibit:
    """Return one bar per value of the main split, in the order given; the total is said in the caption, not drawn."""
    dimension = main_dimension(released)
    bars, total = _bars(released, dimension)
    said = f"Totalt {total.point.prose}." if total is not None and total.point.known else ""
    alt = _bars_alt(dimension, bars, said)
    return _exhibit(released, slug, form="figure:bars", bars=bars, alt=alt, notes=[said], lead=False)


def districts_figure(released: Released, slug: str) -> Exhibit:
    """Return one bar per district, the largest first; after them those that are not shown, and last those of no district, in grey.

    What is not shown stands together, in the order of the table: its place says nothing of how many they are.

    Raises:
        DefinitionError: the table is not split by district.
    """
    dimension = dimension_named(released, DISTRICT)
    found, total = _bars(released, dimension)
    own = [bar for bar in found if bar.label != NOT_SHOWN_LABEL]
    ranked = sorted(own, key=lambda bar: (not bar.point.known, -float(bar.point.value) if bar.point.known else 0.0))
    bars = [*ranked, *(replace(bar, quiet=True) for bar in found if bar.label == NOT_SHOWN_LABEL)]
    said = f"Totalt {total.point.prose}." if total is not None and total.point.known else ""
    alt = _districts_alt(bars, said)
    return _exhibit(released, slug, form="figure:districts", bars=bars, alt=alt, notes=[SORTED_NOTE, said], lead=False)


def funnel_figure(released: Released, slug: str) -> Exhibit:
    """Return one bar per step for all persons together; every bar carries its number and share."""
    bars, _ = _bars(released, main_dimension(released))
    return _exhibit(released, slug, form="figure:funnel", bars=bars, alt=_funnel_alt(bars), notes=[], lead=True)


def _bars(released: Released, dimension: Dimension) -> tuple[list[Bar], Bar | None]:
    found = latest(released, rows_at_totals(released, keep={dimension.name}), keep={dimension.name})
    column = number_columns(released)[0]
    share = next((one for one in released.of_role(Share) if one.numerator == column.name), None)
    bars = {row.place[dimension.name]: _bar(row, dimension, column.name, share) for row in found}
    total = bars.pop(dimension.total, None) if dimension.total is not None else None
    return list(bars.values()), total


def _bar(row: Row, dimension: Dimension, name: str, share: Share | None) -> Bar:
    label = dimension_text(dimension, row.place[dimension.name])
    return Bar(label, row.point(name), row.point(share.name) if share else None)


def _exhibit(
    released: Released, slug: str, *, form: str, bars: list[Bar], alt: str, notes: list[str], lead: bool
) -> Exhibit:
    hidden = any(not bar.point.known for bar in bars)

    def draw(figure: Figure) -> None:
        _draw(figure.subplots(), bars, lead=lead)

    return figure_exhibit(
        released,
        slug=slug,
        form=form,
        title=latest_title(released),
        alt=alt,
        draw=draw,
        height_inches=MARGIN_INCHES + BAR_INCHES * len(bars),
        remarks=[latest_note(released), *notes, HIDDEN_NOTE if hidden else ""],
    )


def _draw(axes: Axes, bars: list[Bar], *, lead: bool) -> None:
    import seaborn  # half a second: only when a figure is drawn

    lengths = [float(bar.point.value) if bar.point.known else 0.0 for bar in bars]
    colours = [QUIET_BAR if bar.quiet or (lead and place == 0) else ACCENT for place, bar in enumerate(bars)]
    places = list(range(len(bars)))
    seaborn.barplot(
        x=lengths,
        y=places,
        hue=places,
        palette=colours,
        saturation=1,
        width=0.62,
        orient="y",
        errorbar=None,
        legend=False,
        ax=axes,
    )
    axes.axvline(0, color=MUTED, linewidth=0.8)
    for place, (bar, length) in enumerate(zip(bars, lengths, strict=True)):
        axes.annotate(
            bar.text,
            (length, place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center_baseline",
            color=INK if bar.point.known else MUTED,
        )
    axes.set_yticks(range(len(bars)), [bar.label for bar in bars])
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.set_xlim(0, max([*lengths, 1e-9]) * LABEL_ROOM)
    axes.set_ylim(len(bars) - 0.5, -0.5)


def _bars_alt(dimension: Dimension, bars: list[Bar], total: str) -> str:
    known = sorted((bar for bar in bars if bar.point.known), key=lambda bar: -float(bar.point.value))
    sentences = [f"Liggande staplar, en per {dimension.label.lower()}.", *([total] if total else [])]
    if known:
        largest = "Störst" if len(known) == len(bars) else "Störst av det som visas"
        sentences.append(f"{largest} är {known[0].label}: {known[0].text}.")
    if len(known) > 1:
        rest = "; ".join(f"{bar.label} {bar.text}" for bar in known[1:])
        sentences.append(f"Därefter kommer {rest}.")
    return " ".join([*sentences, *_hidden_sentence(bars)])


def _districts_alt(bars: list[Bar], total: str) -> str:
    known = "; ".join(f"{bar.label} {bar.text}" for bar in bars if bar.point.known)
    sentences = ["Liggande staplar, en per stadsdelsområde, den största först.", *([total] if total else [])]
    return " ".join([*sentences, *([f"{known}."] if known else []), *_hidden_sentence(bars)])


def _funnel_alt(bars: list[Bar]) -> str:
    steps = "; ".join(f"{bar.label}: {bar.text if bar.point.known else 'visas inte'}" for bar in bars)
    return " ".join([f"Liggande staplar, en per steg uppifrån och ned. {steps}.", *_hidden_sentence(bars)])


def _hidden_sentence(bars: list[Bar]) -> list[str]:
    hidden = [bar.label for bar in bars if not bar.point.known]
    return [f"Inte visat ({PROTECTED}): {', '.join(hidden)}."] if hidden else []
