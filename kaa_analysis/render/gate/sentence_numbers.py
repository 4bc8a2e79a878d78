"""Which cells each sentence reads, told anew: the numbers that must stand in it, in order. Years, dates and months are structural."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from kaa_analysis.core.result import Dimension, Estimate, Share
from kaa_analysis.disclosure.released import Released
from kaa_analysis.render.gate.released_lines import LineCell, ReleasedLine, at_totals, bounds, released_lines

PERIOD, STEP, WAY_OUT, MONTHS, SEASON = "period", "step", "way_out", "months", "season"
BOUNDS = frozenset({"lower", "upper"})


def sentence_numbers(table: Released, name: str) -> tuple[str, ...] | None:
    """Return the numbers of the sentence called ``name`` in order; None where it is not known here which cells it reads."""
    reading = SENTENCE_CELLS.get(name)
    return None if reading is None else tuple(cell.number for cell in reading(table))


def _stock(table: Released) -> list[LineCell]:
    now, before = _latest_two(table)
    name = "n_stock_end" if "n_stock_end" in now.cells else "n_stock"
    if not now.cells[name].known:
        return []
    earlier = [] if before is None or _alike(now.cells[name], before.cells[name]) else [before.cells[name]]
    return _known(now.cells[name], *earlier)


def _flow(table: Released) -> list[LineCell]:
    now, _ = _latest_two(table)
    return _known(now.cells["n_entries"], now.cells["n_exits"])


def _exits(table: Released) -> list[LineCell]:
    share = table.of_role(Share)[0]
    now, before = _latest_two(table)
    if not now.cells[share.name].known:
        return []
    earlier = [before.cells[share.name]] if before is not None else []
    return _known(now.cells[share.denominator], now.cells[share.name], *earlier) + _limits(table, now)


def _funnel(table: Released) -> list[LineCell]:
    found = {line.place[STEP]: line for line in at_totals(table, released_lines(table), keep=frozenset({STEP}))}
    registered, reached = found["registered"].cells["n"], found["reached"]
    if not reached.cells["n"].known:
        return []
    shares = [reached.cells[one.name] for one in table.of_role(Share) if one.numerator == "n"][:1]
    told = [] if registered.known and registered.value == 1 else [registered]
    return _known(*told, reached.cells["n"], *shares)


def _support(table: Released) -> list[LineCell]:
    share = table.of_role(Share)[0]
    now, before = _latest_two(table)
    taking_part, everybody, part = (now.cells[name] for name in (share.numerator, share.denominator, share.name))
    if not taking_part.known or not everybody.known:
        return _known(taking_part)
    told = [] if everybody.value == 1 else [everybody]
    earlier = [before.cells[share.name]] if before is not None and part.known else []
    return _known(*told, taking_part, part, *earlier)


def _response(table: Released) -> list[LineCell]:
    letters = [line for line in _by_period(table) if line.place["outreach_step"] == "term_letter"]
    now = letters[-1].cells
    if not now["share_responded"].known:
        return []
    earlier = [line.cells["share_responded"] for line in letters[-2:-1]]
    return _known(now["n_tried"], now["share_responded"], *earlier)


def _chosen(table: Released) -> list[LineCell]:
    latest = {line.place["administration"]: line.cells["share_chose"] for line in _by_period(table)}
    return _known(latest["utbf"], latest["amf"])


def _placement(table: Released) -> list[LineCell]:
    ways = next(split for split in table.of_role(Dimension) if split.name == WAY_OUT)
    first = next(value for value in ways.labels if value != ways.total)
    lines = at_totals(table, released_lines(table), keep=frozenset({WAY_OUT, MONTHS}))
    line = next(line for line in lines if line.place[WAY_OUT] == first and line.place[MONTHS] == "12")
    estimate = line.cells[main_estimate(table)]
    return [estimate, *_limits(table, line)] if estimate.known else []


def _hazard_ratio(table: Released) -> list[LineCell]:
    girls = [
        line for line in released_lines(table) if (line.place["covariate"], line.place["level"]) == ("sex", "female")
    ]
    told = [[line.cells[name] for name in ("hazard_ratio", "lower", "upper")] for line in girls]
    return [cell for cells in told if all(cell.known for cell in cells) for cell in cells]


def _first_contact(table: Released) -> list[LineCell]:
    ways = next(split for split in table.of_role(Dimension) if split.name == WAY_OUT)
    first = next(value for value in ways.labels if value != ways.total)
    lines = at_totals(table, released_lines(table), keep=frozenset({WAY_OUT, MONTHS, SEASON}))
    at = {line.place[SEASON]: line for line in lines if (line.place[WAY_OUT], line.place[MONTHS]) == (first, "1")}
    total = next(split.total for split in table.of_role(Dimension) if split.name == SEASON)
    name = main_estimate(table)
    told = [at[season] for season in ("rest_of_year", total) if at[season].cells[name].known][:1]
    summer = [at["summer"].cells[name]] if told == [at["rest_of_year"]] else []
    return [cell for line in told for cell in (line.cells[name], *_limits(table, line))] + _known(*summer)


def _note(table: Released) -> list[LineCell]:
    return []


SENTENCE_CELLS: Mapping[str, Callable[[Released], list[LineCell]]] = MappingProxyType(
    {
        "stock": _stock,
        "flow": _flow,
        "exits": _exits,
        "funnel": _funnel,
        "support": _support,
        "response": _response,
        "chosen": _chosen,
        "placement": _placement,
        "hazard_ratio": _hazard_ratio,
        "first_contact": _first_contact,
        "note": _note,
    }
)
"""Each sentence by its name: a function from its table to the cells whose numbers it tells, in order."""


def main_estimate(table: Released) -> str:
    """Return the name of the estimate that the limits belong to."""
    return next(column.name for column in table.of_role(Estimate) if column.name not in BOUNDS)


def _alike(now: LineCell, before: LineCell) -> bool:
    """Return whether both are known and the same: such a pair is told as one number."""
    return now.known and before.known and now.value == before.value


def _known(*cells: LineCell) -> list[LineCell]:
    return [cell for cell in cells if cell.known]


def _limits(table: Released, line: ReleasedLine) -> list[LineCell]:
    names = bounds(table)
    cells = [line.cells[name] for name in names] if names is not None else []
    return cells if all(cell.known for cell in cells) else []


def _by_period(table: Released) -> list[ReleasedLine]:
    """Return the lines at the totals, the latest period last."""
    return sorted(
        at_totals(table, released_lines(table), keep=frozenset({PERIOD})), key=lambda line: line.place[PERIOD]
    )


def _latest_two(table: Released) -> tuple[ReleasedLine, ReleasedLine | None]:
    lines = at_totals(table, released_lines(table), keep=frozenset({PERIOD}))
    if lines and PERIOD in lines[0].place:
        lines.sort(key=lambda line: line.place[PERIOD])
    return lines[-1], lines[-2] if len(lines) > 1 else None
