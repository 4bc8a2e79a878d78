"""Which cells each figure draws, told anew: the numbers of its drawing, of its alternative text and of the notes under it, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from kaa_analysis.core.result import Column, Count, Dimension, Estimate, Share
from kaa_analysis.disclosure.released import Released
from kaa_analysis.render.gate.placed_cells import INTERVAL, Heading, Placed, Places, interval, joined
from kaa_analysis.render.gate.released_lines import LineCell, ReleasedLine, at_totals, released_lines, split_text
from kaa_analysis.render.gate.sentence_numbers import BOUNDS, MONTHS, WAY_OUT, main_estimate
from kaa_analysis.render.gate.structural_numbers import numbers_in, plain, without_forms

TIMES = ("period", "year", "lasar", "day")
SEX = "sex"
NO_DISTRICT = "not_shown"
"""Those of no district, who stand after all others."""

MOST_CURVES = 5
TICKS = tuple(tuple(str(top * step // 4) for step in range(5)) for top in (20, 40, 60, 80, 100))
"""The numbers that the upright axis of a curve can have: four equal steps from nothing to a whole fifth of all."""

Numbers = tuple[str, ...]


@dataclass(frozen=True)
class FigureNumbers:
    """The numbers of a figure in order. ``drawing`` holds the sequences that its axis can give; ``below`` the table under it."""

    drawing: tuple[Numbers, ...]
    alt: Numbers
    remarks: Numbers = ()
    below: Places | None = None


def figure_numbers(table: Released, form: str) -> FigureNumbers | None:
    """Return the numbers of the figure that ``form`` makes of a table; None where it is not known here what it draws."""
    reading = FIGURES.get(form)
    return None if reading is None else reading(table)


def _bars(table: Released) -> FigureNumbers:
    bars, total, labels = _of_main_split(table)
    known = sorted((bar for bar in bars if bar[0].known), key=lambda bar: -float(bar[0].value))
    said = [total[0].number] if total is not None and total[0].known else []
    drawn = (*labels, *_numbers(*(bar for bar in bars if bar[0].known)))
    return FigureNumbers((drawn,), (*said, *_numbers(*known)), tuple(said))


def _funnel(table: Released) -> FigureNumbers:
    bars, _, labels = _of_main_split(table)
    told = _numbers(*(bar for bar in bars if bar[0].known))
    return FigureNumbers(((*labels, *told),), told)


def _districts(table: Released) -> FigureNumbers:
    split = next(one for one in table.of_role(Dimension) if one.name == "district")
    bars, total, _ = _of_main_split(table)
    places = [value for value in _values_of(table, split) if value != split.total]
    by_place = dict(zip(places, bars, strict=True))
    pooled = [by_place.pop(NO_DISTRICT)] if NO_DISTRICT in by_place else []
    known = sorted((bar for bar in by_place.values() if bar[0].known), key=lambda bar: -float(bar[0].value))
    told = _numbers(*known, *(bar for bar in pooled if bar[0].known))
    said = (total[0].number,) if total is not None and total[0].known else ()
    return FigureNumbers((told,), (*said, *told), said)


def _values_of(table: Released, split: Dimension) -> list[str]:
    """Return the values of a split in the order of the bars."""
    lines = at_totals(table, released_lines(table), keep=frozenset({split.name}))
    return [line.place[split.name] for line in _latest(table, lines, keep={split.name})]


def _of_main_split(table: Released) -> tuple[list[list[LineCell]], list[LineCell] | None, Numbers]:
    """Return the count of each bar and its share, that of the total, and numbers in the labels that are no structural form."""
    split = min(table.of_role(Dimension), key=lambda one: (one.name == SEX, one.name in TIMES))
    counts = [column for kind in (Count, Share, Estimate) for column in table.of_role(kind)]
    share = next((one for one in table.of_role(Share) if one.numerator == counts[0].name), None)
    names = [counts[0].name, *([share.name] if share is not None else [])]
    bars: dict[str, list[LineCell]] = {}
    for line in _latest(
        table, at_totals(table, released_lines(table), keep=frozenset({split.name})), keep={split.name}
    ):
        bars[line.place[split.name]] = [line.cells[name] for name in names]
    total = bars.pop(split.total, None) if split.total is not None else None
    labels = tuple(number for value in bars for number in numbers_in(without_forms(plain(split_text(split, value)))))
    return list(bars.values()), total, labels


def _monthly_flow(table: Released) -> FigureNumbers:
    panels = [_steps(table, "month", count) for count in table.of_role(Count)[:2]]
    alt: list[str] = []
    for cells in panels:
        known = [cell for cell in cells if cell.known]
        if known:
            alt += [max(known, key=lambda cell: cell.value).number, min(known, key=lambda cell: cell.value).number]
    hidden = sum(not cell.known for cells in panels for cell in cells)
    return FigureNumbers(
        (_in_table([cell for cells in panels for cell in cells]),), (*alt, *([str(hidden)] if hidden > 1 else []))
    )


def _series(table: Released) -> FigureNumbers:
    split = next(one for name in (*TIMES, "month") for one in table.of_role(Dimension) if one.name == name)
    columns = [column for kind in (Count, Share, Estimate) for column in table.of_role(kind)]
    stocks = [column for column in columns if column.name in ("n_stock_end", "n_stock")]
    cells = _steps(table, split.name, (stocks or columns)[0])
    return FigureNumbers((_in_table(cells),), tuple(cell.number for cell in cells if cell.known))


def _steps(table: Released, name: str, column: Column) -> list[LineCell]:
    total = next(split.total for split in table.of_role(Dimension) if split.name == name)
    lines = _latest(table, at_totals(table, released_lines(table), keep=frozenset({name})), keep={name})
    return [line.cells[column.name] for line in lines if line.place[name] != total]


@dataclass(frozen=True)
class _Curve:
    label: str
    lines: list[ReleasedLine]
    cells: list[LineCell]

    @property
    def end(self) -> LineCell | None:
        known = [cell for cell in self.cells if cell.known]
        return known[-1] if known else None


def _curve(table: Released) -> FigureNumbers:
    drawn = _drawn_curves(table)
    heading, below = _below(table, drawn)
    months = tuple(line.place[MONTHS] for line in drawn[0].lines)
    told = [
        cell.number
        for curve in drawn
        for line, cell in zip(curve.lines, curve.cells, strict=True)
        if cell.known and line.place[MONTHS] != "0"
    ]
    ends = sorted((curve.end for curve in drawn if curve.end is not None), key=lambda cell: float(cell.value))
    counts = _in_table([cell for _, cells in below for cell in cells])
    after = (*(cell.number for cell in ends), *counts)
    numbers = tuple((*months, *ticks, *after) for ticks in TICKS)
    return FigureNumbers(numbers, tuple(told), below=_places(drawn, heading, below))


def _drawn_curves(table: Released) -> list[_Curve]:
    split = _split_of_curves(table)
    lines = _lines_of_curves(table, split)
    name = main_estimate(table)
    values = list(dict.fromkeys(line.place[split.name] for line in lines)) if split is not None else [""]
    if split is not None and split.name == WAY_OUT and len(values) > 1:
        values = [value for value in values if value != split.total]
    curves = []
    for value in values:
        own = sorted((line for line in lines if split is None or line.place[split.name] == value), key=_months)
        label = split_text(split, value) if split is not None else ""
        curves.append(_Curve(label, own, [line.cells[name] for line in own]))
    highest = sorted(curves, key=lambda curve: -float(curve.end.value) if curve.end is not None else 1.0)[:MOST_CURVES]
    return [curve for curve in curves if curve in highest]


def _split_of_curves(table: Released) -> Dimension | None:
    splits = [split for split in table.of_role(Dimension) if split.name != MONTHS]
    ways = [split for split in splits if split.name == WAY_OUT]
    return next(iter([*ways, *(split for split in splits if split.total is not None)]), None)


def _lines_of_curves(table: Released, split: Dimension | None) -> list[ReleasedLine]:
    keep = {MONTHS, *([split.name] if split is not None else [])}
    return _latest(table, at_totals(table, released_lines(table), keep=frozenset(keep)), keep=keep)


def _below(table: Released, drawn: Sequence[_Curve]) -> tuple[str, list[tuple[str, list[LineCell]]]]:
    counts, split = table.of_role(Count), _split_of_curves(table)
    if split is not None and split.name == WAY_OUT:
        count = next((one for one in counts if "to_date" in one.name), counts[0])
        return count.label, [(curve.label, [line.cells[count.name] for line in curve.lines]) for curve in drawn]
    lines = _lines_of_curves(table, split)
    told = sorted((one for one in counts if _is_told(one, lines)), key=lambda one: "risk" not in one.name)
    rows = []
    for count in told:
        for curve in drawn:
            label = count.label if split is None else f"{count.label}, {curve.label.lower()}"
            rows.append((label, [line.cells[count.name] for line in curve.lines]))
    return "Antal", rows


def _is_told(count: Count, lines: Sequence[ReleasedLine]) -> bool:
    if "entered" not in count.name:
        return "to_date" not in count.name
    start = min(map(_months, lines))
    later = [line.cells[count.name] for line in lines if _months(line) > start]
    return any(not cell.known or cell.value for cell in later)


def _places(drawn: Sequence[_Curve], heading: str, below: Sequence[tuple[str, list[LineCell]]]) -> Places:
    found: Places = {}
    for curve in drawn:
        for line, cell in zip(curve.lines, curve.cells, strict=True):
            column = (line.place[MONTHS],)
            shown = Placed(plain(cell.text), cell.known)
            found.setdefault(Heading("Andel", joined(curve.label or "Skattning"), column), []).append(shown)
            found.setdefault(Heading("Andel", joined(INTERVAL), column), []).append(_interval(line, shown))
    for label, cells in below:
        for line, cell in zip(drawn[0].lines, cells, strict=True):
            place = Heading(joined(heading), joined(label), (line.place[MONTHS],))
            found.setdefault(place, []).append(Placed(plain(cell.text), cell.known))
    return found


def _interval(line: ReleasedLine, shown: Placed) -> Placed:
    if not shown.known:
        return shown
    limits = [line.cells[name] for name in sorted(BOUNDS) if name in line.cells]
    if len(limits) < len(BOUNDS) or not all(cell.known for cell in limits):
        return Placed(".", known=False)
    return Placed(plain(interval(*limits)), known=True)


def _months(line: ReleasedLine) -> int:
    return int(line.place[MONTHS])


def _latest(table: Released, lines: list[ReleasedLine], *, keep: set[str]) -> list[ReleasedLine]:
    for split in table.of_role(Dimension):
        if split.name in TIMES and split.name not in keep and lines:
            last = max(line.place[split.name] for line in lines)
            lines = [line for line in lines if line.place[split.name] == last]
    return lines


def _numbers(*bars: list[LineCell]) -> Numbers:
    return tuple(cell.number for bar in bars for cell in bar if cell.known)


def _in_table(cells: Sequence[LineCell]) -> Numbers:
    """Return the numbers that are written with figures: a true zero is a dash."""
    return tuple(number for cell in cells if cell.known for number in numbers_in(cell.text))


FIGURES: Mapping[str, Callable[[Released], FigureNumbers]] = MappingProxyType(
    {
        "bars": _bars,
        "districts": _districts,
        "funnel": _funnel,
        "monthly_flow": _monthly_flow,
        "series": _series,
        "low_series": _series,
        "curve": _curve,
        "survival": _curve,
    }
)
"""Each figure by its form: a function from its table to the numbers in it."""
