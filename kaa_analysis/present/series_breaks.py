"""Where a drawn series breaks: read from the table's own note, so that figure and text cannot disagree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kaa_analysis.core.breaks import breaks_told, broken_gaps
from kaa_analysis.core.periods import Period, period_called
from kaa_analysis.disclosure.released import Released
from kaa_analysis.present.formats import listing
from kaa_analysis.present.style import MUTED, SMALL_POINTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BREAK_LABEL = "serien bryts"
DECEMBER = 12


@dataclass(frozen=True)
class SeriesBreaks:
    """The gaps that break, by the place of the bar after each, what they lie between, and the sentences of the note."""

    gaps: tuple[int, ...] = ()
    between: tuple[tuple[str, str], ...] = ()
    told: tuple[str, ...] = ()

    def alt(self) -> list[str]:
        """Return the sentence for the alternative text, if there is anything to say.

        >>> SeriesBreaks((1,), (("2017", "2018"),)).alt()
        ['Serien bryts mellan 2017 och 2018.']
        """
        places = [f"mellan {before} och {after}" for before, after in self.between]
        return [f"Serien bryts {listing(places, last_word='samt')}."] if places else []


def series_breaks(released: Released, values: Sequence[str], *, texts: Sequence[str]) -> SeriesBreaks:
    """Return the breaks that the note of a table tells of, in a series of bars by time: the values of the split and their texts."""
    breaks, periods = breaks_told(released.note), [_period(value) for value in values]
    if not breaks or None in periods:
        return SeriesBreaks()
    gaps = broken_gaps(periods, breaks)
    between = tuple((texts[gap - 1].lower(), texts[gap].lower()) for gap in gaps)
    return SeriesBreaks(gaps, between, tuple(one.told for one in breaks))


def mark_breaks(axes: Axes, breaks: SeriesBreaks, *, labelled: bool) -> None:
    """Draw a dashed line in every broken gap between the bars, with its name above it if ``labelled``."""
    for gap in breaks.gaps:
        axes.axvline(gap - 0.5, color=MUTED, linewidth=1.0, linestyle=(0, (4, 3)))
        if labelled:
            axes.annotate(
                BREAK_LABEL,
                (gap - 0.5, 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(0, 2),
                textcoords="offset points",
                ha="center",
                va="bottom",
                fontsize=SMALL_POINTS,
                color=MUTED,
            )


def _period(value: str) -> Period | None:
    """Return the period of a value of a split by time: a label of a calendar, or a month written 2024-09."""
    year, _, month = value.partition("-")
    if len(value) == len("2024-09") and year.isdigit() and month.isdigit():
        first = date(int(year), int(month), 1)
        after = date(first.year + 1, 1, 1) if first.month == DECEMBER else first.replace(month=first.month + 1)
        return Period(first, after, value, "month")
    return period_called(value)
