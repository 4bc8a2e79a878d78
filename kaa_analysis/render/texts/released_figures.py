"""The released cell that a reference in a text names: found by what the indicators are, where they stand, and at which period and split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from kaa_analysis.core.definitions import Definition, tables_showing
from kaa_analysis.core.errors import did_you_mean
from kaa_analysis.core.kept_answers import KeptAnswers
from kaa_analysis.core.result import Dimension
from kaa_analysis.disclosure.released import Released, State
from kaa_analysis.present.reading import TIME_DIMENSIONS, Point, Row, rows
from kaa_analysis.render.gate.structural_numbers import plain
from kaa_analysis.render.texts.author_references import Reference

HIDDEN_WORDS: Mapping[State, str] = {
    State.PROTECTED: "(visas inte)",
    State.UNKNOWN: "(uppgiften är okänd)",
}
"""What a text says in place of a number that is not shown."""

MOST_OPTIONS = 12


class UnknownReferenceError(Exception):
    """A reference names no released cell; its text says why, in Swedish. ``stage`` tells how near it came."""

    def __init__(self, why: str, *, stage: int) -> None:
        super().__init__(why)
        self.stage = stage


@dataclass(frozen=True)
class Figure:
    """What stands in a text at a reference; ``known`` says whether it is a number."""

    text: str
    known: bool


@dataclass(frozen=True)
class ReleasedFigures:
    """The released tables of a report, and what readers are told of its indicators.

    ``merged`` are the names of references to rows that the protection has put together with others.
    """

    definitions: Sequence[Definition]
    tables: Mapping[str, Released]
    merged: frozenset[str] = frozenset()
    answers: KeptAnswers = field(default_factory=KeptAnswers, init=False, repr=False, compare=False)

    def figure(self, reference: Reference) -> Figure:
        """Return what stands at a reference.

        Raises:
            UnknownReferenceError: there is no such indicator, period or split in the report.
        """
        return self.answers.answer(reference.name, lambda: self._figure(reference))

    def _figure(self, reference: Reference) -> Figure:
        if reference.name in self.merged:
            return Figure(HIDDEN_WORDS[State.PROTECTED], known=False)
        definition = self._definition(reference)
        points, problems = [], []
        for table in self._tables(definition):
            try:
                points.append(_point(table, definition.column, reference))
            except UnknownReferenceError as error:
                problems.append(error)
        if not points:
            raise max(problems, key=lambda error: error.stage)
        return _figure(next((point for point in points if point.known), points[0]))

    def _definition(self, reference: Reference) -> Definition:
        known = {one.id: one for one in self.definitions}
        if reference.indicator not in known:
            raise UnknownReferenceError(
                f'indikatorn "{reference.indicator}" finns inte{did_you_mean(reference.indicator, known)}', stage=0
            )
        if not self._tables(known[reference.indicator]):
            shown = [name for name, one in known.items() if self._tables(one)]
            raise UnknownReferenceError(
                f'indikatorn "{reference.indicator}" visas inte i rapporten; där visas {_options(shown)}', stage=0
            )
        return known[reference.indicator]

    def _tables(self, definition: Definition) -> list[Released]:
        with_rows = {name: table for name, table in self.tables.items() if not table.values_table.empty}
        columns = {name: [column.name for column in table.columns] for name, table in with_rows.items()}
        return [self.tables[name] for name in tables_showing(self.definitions, columns).get(definition.id, ())]


def _point(table: Released, column: str, reference: Reference) -> Point:
    found = _at_period(table, reference)
    split = _split(table, reference)
    for name, value in split.items():
        values = sorted({row.place[name] for row in found})
        found = [row for row in found if row.place[name] == value]
        if not found:
            _refuse(f'{name} har inte värdet "{value}"{did_you_mean(value, values)}; där finns {_options(values)}', 3)
    if len(found) != 1:
        _refuse("uppdelningen leder till flera celler", 3)
    return found[0].point(column)


def _at_period(table: Released, reference: Reference) -> list[Row]:
    own = [split.name for split in table.of_role(Dimension) if split.name in TIME_DIMENSIONS]
    every = rows(table)
    of_context = [table.context[name] for name in TIME_DIMENSIONS if name in table.context]
    times = {id(row): [row.place[name] for name in own] or of_context for row in every}
    found = [row for row in every if any(_alike(time, reference.period) for time in times[id(row)])]
    if not found:
        periods = sorted({time for row in every for time in times[id(row)]})
        _refuse(
            f'perioden "{reference.period}" finns inte{did_you_mean(reference.period, periods)}; där finns {_options(periods)}',
            1,
        )
    return found


def _split(table: Released, reference: Reference) -> dict[str, str]:
    """Return the value of each split but that of time: the total where the reference says nothing."""
    splits = {split.name: split for split in table.of_role(Dimension) if split.name not in TIME_DIMENSIONS}
    asked = dict(reference.split)
    for name in asked:
        if name not in splits:
            _refuse(
                f'ingen uppdelning heter "{name}"{did_you_mean(name, splits)}; där finns {_options(list(splits))}', 2
            )
    for name, split in splits.items():
        if name not in asked and split.total is None:
            values = sorted(set(table.values_table[name].astype(str)))
            _refuse(f"uppdelningen ska säga vilket värde av {name}: {_options(values)}", 2)
    return {name: asked.get(name, split.total) for name, split in splits.items()}


def _figure(point: Point) -> Figure:
    if point.known:
        return Figure(point.prose, known=True)
    if point.state in HIDDEN_WORDS:
        return Figure(HIDDEN_WORDS[point.state], known=False)
    raise UnknownReferenceError("där kan ingen uppgift förekomma", stage=3)


def _alike(one: str, other: str) -> bool:
    return plain(one).casefold() == plain(other).casefold()


def _options(words: Sequence[str]) -> str:
    shown = list(words[:MOST_OPTIONS])
    return (
        ", ".join([*shown, f"och {len(words) - MOST_OPTIONS} till"] if len(words) > MOST_OPTIONS else shown) or "inget"
    )


def _refuse(why: str, stage: int) -> NoReturn:
    raise UnknownReferenceError(why, stage=stage)
