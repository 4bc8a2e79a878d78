"""`Result`: a finished tidy table whose columns have roles from a closed set. It has not been protected and may not leave the room.

A **cell** is what is counted (*measure*) at a place in the splits. The same measure at the same place is the same cell in every
table of a release, so that tables which share cells are protected together. A dimension standing at its total adds nothing
to the place: "registered 2024, all" is one cell whether the table is split by sex or by district.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import pandas as pd
from pandas.api.types import is_numeric_dtype

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.core.groupings import Grouping, grouping_from_record, grouping_problems, grouping_record
from kaa_analysis.core.kept_answers import KeptAnswers

ID = re.compile(r"[A-Za-z0-9_-]{1,100}")

Unit = Literal["persons", "spells", "attempts"]

Rule = Literal["counts", "mean", "quantile", "curve", "model", "published"]
QuantileUnit = Literal["days", "weeks", "months"]

EVIDENCE_OF: Mapping[str, tuple[str, ...]] = {
    "counts": (),
    "mean": ("the largest contribution", "the second largest", "the sum of all"),
    "quantile": ("persons below", "persons above"),
    "curve": (),
    "model": ("residual degrees of freedom", "persons in the smallest cell"),
    "published": (),
}
"""What the evidence of an estimate is, rule by rule, in the order it is named."""


@dataclass(frozen=True)
class Dimension:
    """A split. ``total`` is the value that stands for all the others together (None where the split has no total row).

    ``labels`` maps each value to the Swedish text that readers see. ``additive`` says that the other rows add up to the total.
    ``coarser`` are the groupings that the values can be put together in where they are too small to show, from finer to coarser:
    each holds every value but the total once and puts together groups of the one before.
    """

    name: str
    label: str
    labels: Mapping[str, str] = field(default_factory=dict)
    total: str | None = None
    additive: bool = True
    coarser: tuple[Grouping, ...] = ()

    def text(self, value: str) -> str:
        """Return the Swedish text of a value."""
        return self.labels.get(value, value)


@dataclass(frozen=True)
class Count:
    """A number of persons, spells or attempts. ``measure`` is what is counted, one word for one thing in the whole release.

    Attempts (letters, calls) are volumes of work and name no person; persons and spells are protected. ``regardless_of`` names
    dimensions of the table that the count does not depend on: the number at risk is one cell, whichever the way out of its row.
    ``cumulative`` says that it counts what happened in, or who was there during, the period of its place: over a longer period that
    holds a shorter one it is not smaller.
    ``key`` says that readers need it most (*Det viktigaste* reads it): it is kept as long as anything else can give way.
    ``rounded_to`` is set by the protection: the base that the released numbers are rounded to.
    """

    name: str
    label: str
    measure: str
    unit: Unit = "persons"
    regardless_of: tuple[str, ...] = ()
    cumulative: bool = False
    key: bool = False
    rounded_to: int | None = None


@dataclass(frozen=True)
class Share:
    """A proportion 0–1 of two counts of the same row, recomputed from the protected counts."""

    name: str
    label: str
    numerator: str
    denominator: str
    digits: int = 3


@dataclass(frozen=True)
class Estimate:
    """A number that rests on the counts named in ``base`` (columns of the same row): hidden where any of them is.

    ``rule`` says what more it takes for it to be shown, and ``evidence`` names the `Evidence` columns that prove it (`EVIDENCE_OF`).
    A quantile is in a ``unit`` of time and has no decimals. A curve goes ``along`` a dimension of time and rests on the counts of
    all its earlier rows too; where it is one of several ways that compete, ``among`` names their dimension, and it rests on the
    rows of their total as well. ``also`` names measures, of other tables, whose cells at the same places it rests on.
    A number that another unit has published rests on no counts of ours and has no ``base``; no other estimate is without.
    """

    name: str
    label: str
    base: tuple[str, ...]
    digits: int = 3
    rule: Rule = "counts"
    evidence: tuple[str, ...] = ()
    unit: QuantileUnit | None = None
    along: str | None = None
    among: str | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """A number by which it is decided whether an estimate can be shown. It never leaves the secure folder: no `Released` holds it."""

    name: str
    label: str


@dataclass(frozen=True)
class Text:
    """Words that belong to a row and hold no number."""

    name: str
    label: str


Column = Dimension | Count | Share | Estimate | Evidence | Text

ROLES: dict[str, type[Column]] = {
    "dimension": Dimension,
    "count": Count,
    "share": Share,
    "estimate": Estimate,
    "evidence": Evidence,
    "text": Text,
}
"""The closed set of roles a column can have, by their names in records."""

Place = tuple[tuple[str, str], ...]


@dataclass(frozen=True, order=True)
class Cell:
    """A measure at a place: the unit of disclosure control."""

    measure: str
    place: Place = ()

    @cached_property
    def id(self) -> str:
        """A readable id, the same in every table.

        >>> cell("registered", period="2024", sex="female").id
        'registered|period=2024|sex=female'
        """
        return "|".join([self.measure, *(f"{name}={value}" for name, value in self.place)])


def cell(measure: str, **place: str) -> Cell:
    """Return the cell of ``measure`` at the named place (leave out dimensions that stand at their total)."""
    return Cell(measure, tuple(sorted(place.items())))


def cell_called(cell_id: str) -> Cell:
    """Return the cell of an id made by `Cell.id`.

    >>> cell_called("registered|period=2024|sex=female") == cell("registered", sex="female", period="2024")
    True
    """
    measure, *place = cell_id.split("|")
    return Cell(measure, tuple((name, value) for name, _, value in (item.partition("=") for item in place)))


@dataclass(frozen=True)
class Equation:
    """A linear relation that holds exactly: the sum of coefficient × cell is zero. ``name`` says which one, in Swedish.

    A term may be in no table: readers then know only that it is not negative. ``volumes`` names the measures of such terms that
    are volumes of work and point at no person; all others are protected like persons wherever readers could work them out.
    """

    name: str
    terms: tuple[tuple[int, Cell], ...]
    volumes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowSum:
    """In every row the count ``total`` is the sum of the counts ``parts``."""

    total: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Method:
    """How a result is made, in Swedish for readers: what is counted or estimated, which day counts, what a missing value does, source."""

    counts: str
    time: str
    missing: str
    source: str


@dataclass(frozen=True, eq=False)
class Result:
    """A finished table. One row per combination of the dimensions; columns in the order of ``columns``.

    ``context`` holds what is the same for all rows (period, day, extract) and belongs to every cell's place.
    ``equations`` are relations beyond those of totals (`Dimension.total`) and rows (`RowSum`), possibly with cells of other tables.

    Raises:
        DefinitionError: columns differ from the frame's, a row stands twice, a count is negative or not whole,
            a declared sum does not hold, an estimate lacks what its rule needs, or a coarser grouping is no grouping of the values
            or of the one before.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    table: pd.DataFrame
    context: Mapping[str, str] = field(default_factory=dict)
    row_sums: tuple[RowSum, ...] = ()
    equations: tuple[Equation, ...] = ()
    note: str = ""
    source: str = ""
    method: Method | None = None
    answers: KeptAnswers = field(default_factory=KeptAnswers, init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", self.table.reset_index(drop=True).copy())
        _check(self)

    @property
    def frame(self) -> pd.DataFrame:
        """A copy of the table."""
        return self.table.copy()

    def of_role(self, role: type[Column]) -> list[Column]:
        """Return the columns of one role, in order."""
        return [column for column in self.columns if isinstance(column, role)]

    def column(self, name: str) -> Column:
        """Return the column called ``name``."""
        return next(column for column in self.columns if column.name == name)

    def cell_at(self, row: int, name: str) -> Cell:
        """Return the cell of count column ``name`` in row number ``row``."""
        count = self.column(name)
        place = dict(self.context)
        for dimension in self.of_role(Dimension):
            value = self.table.at[row, dimension.name]
            if value != dimension.total and dimension.name not in count.regardless_of:
                place[dimension.name] = value
        return cell(count.measure, **place)

    def cells_of(self, count: Count) -> list[Cell]:
        """Return the cells of a count column, row by row."""
        return list(self.answers.answer(("cells_of", count), lambda: self._cells_of(count)))

    def _cells_of(self, count: Count) -> tuple[Cell, ...]:
        split = [dimension for dimension in self.of_role(Dimension) if dimension.name not in count.regardless_of]
        columns = [self.table[dimension.name].tolist() for dimension in split]
        found = []
        for row in range(len(self.table)):
            values = [(dimension, column[row]) for dimension, column in zip(split, columns, strict=True)]
            place = {dimension.name: value for dimension, value in values if value != dimension.total}
            found.append(cell(count.measure, **{**self.context, **place}))
        return tuple(found)

    def cells(self) -> dict[Cell, int | None]:
        """Return every count of the table with its value (None = unknown)."""
        return dict(self.answers.answer("cells", self._cells))

    def _cells(self) -> dict[Cell, int | None]:
        return {
            found: None if pd.isna(value) else int(value)
            for count in self.of_role(Count)
            for found, value in zip(self.cells_of(count), self.table[count.name].tolist(), strict=True)
        }

    def units(self) -> dict[Cell, Unit]:
        """Return the unit of every cell."""
        return {found: count.unit for count in self.of_role(Count) for found in self.cells_of(count)}

    def all_equations(self) -> tuple[Equation, ...]:
        """Return every linear relation among the cells: totals over each dimension, sums within rows, and the declared ones."""
        own = self.answers.answer("own equations", lambda: (*_totals(self), *_row_sums(self)))
        return (*own, *self.equations)

    def named(self, name: str) -> Result:
        """Return the same result with the id ``name``, without another look at what was found right.

        Raises:
            DefinitionError: an id cannot be ``name``.
        """
        _check_id(name)
        same = copy(self)
        object.__setattr__(same, "id", name)
        return same

    def as_record(self) -> dict[str, Any]:
        """Return the result as plain JSON values; `result_from_record` gives it back. The record may not leave the room."""
        return {
            "id": self.id,
            "title": self.title,
            "note": self.note,
            "source": self.source,
            "method": method_record(self.method),
            "context": dict(self.context),
            "columns": [column_record(column) for column in self.columns],
            "rows": plain_rows(self.table),
            "row_sums": [[rule.total, list(rule.parts)] for rule in self.row_sums],
            "equations": [
                [
                    equation.name,
                    [[factor, term.measure, dict(term.place)] for factor, term in equation.terms],
                    list(equation.volumes),
                ]
                for equation in self.equations
            ],
        }


def method_record(method: Method | None) -> dict[str, str] | None:
    """Return a method as plain JSON values; `method_from_record` gives it back."""
    return None if method is None else asdict(method)


def method_from_record(record: Mapping[str, str] | None) -> Method | None:
    """Return the method of a record made by `method_record`."""
    return None if record is None else Method(**record)


def column_record(column: Column) -> dict[str, Any]:
    """Return a column as plain JSON values; `column_from_record` gives it back. Labels are pairs: their order is a meaning."""
    role = next(name for name, kind in ROLES.items() if isinstance(column, kind))
    fields = {name: getattr(column, name) for name in column.__dataclass_fields__}
    if coarser := fields.pop("coarser", ()):
        fields["coarser"] = [grouping_record(grouping) for grouping in coarser]
    plain = {
        name: [*map(list, value.items())] if isinstance(value, Mapping) else value for name, value in fields.items()
    }
    return {"role": role} | plain


def column_from_record(record: Mapping[str, Any]) -> Column:
    """Return the column of a record made by `column_record`."""
    fields = {name: tuple(value) if isinstance(value, list) else value for name, value in record.items()}
    if "labels" in fields:
        fields["labels"] = dict(fields["labels"])
    if "coarser" in fields:
        fields["coarser"] = tuple(grouping_from_record(grouping) for grouping in fields["coarser"])
    return ROLES[fields.pop("role")](**fields)


def plain_rows(table: pd.DataFrame) -> list[list[Any]]:
    """Return the rows of a table as plain JSON values; a missing value is None."""

    def plain(value: Any) -> Any:
        if pd.isna(value):
            return None
        return value.item() if hasattr(value, "item") else value

    return [[plain(value) for value in row] for row in table.astype(object).itertuples(index=False)]


def table_of(rows: list[list[Any]], columns: tuple[Column, ...]) -> pd.DataFrame:
    """Return the table of plain rows: counts as Int64, shares, estimates and evidence as Float64, the rest as they are."""
    table = pd.DataFrame(rows, columns=[column.name for column in columns], dtype=object)
    for column in columns:
        if isinstance(column, Count):
            table[column.name] = table[column.name].astype("Int64")
        elif isinstance(column, (Share, Estimate, Evidence)):
            table[column.name] = table[column.name].astype("Float64")
    return table


def result_from_record(record: Mapping[str, Any]) -> Result:
    """Return the `Result` of a record made by `Result.as_record`."""
    columns = tuple(column_from_record(item) for item in record["columns"])
    return Result(
        id=record["id"],
        title=record["title"],
        note=record["note"],
        source=record["source"],
        method=method_from_record(record["method"]),
        context=dict(record["context"]),
        columns=columns,
        table=table_of(record["rows"], columns),
        row_sums=tuple(RowSum(total, tuple(parts)) for total, parts in record["row_sums"]),
        equations=tuple(
            Equation(name, tuple((factor, cell(measure, **place)) for factor, measure, place in terms), tuple(volumes))
            for name, terms, volumes in record["equations"]
        ),
    )


def _totals(result: Result) -> list[Equation]:
    equations = []
    dimensions = result.of_role(Dimension)
    cells = {count.name: result.cells_of(count) for count in result.of_role(Count)}
    for dimension in dimensions:
        if dimension.total is None or not dimension.additive:
            continue
        own = result.table[dimension.name].tolist()
        for rows in rows_by(result, [other.name for other in dimensions if other is not dimension]):
            total = [row for row in rows if own[row] == dimension.total]
            parts = [row for row in rows if own[row] != dimension.total]
            if len(total) != 1 or not parts:
                continue
            for count in result.of_role(Count):
                if dimension.name in count.regardless_of:
                    continue
                terms = [(-1, cells[count.name][total[0]]), *((1, cells[count.name][row]) for row in parts)]
                equations.append(Equation(f"{dimension.label}: delarna summerar till totalen", tuple(terms)))
    return equations


def rows_by(result: Result, names: list[str]) -> list[list[int]]:
    """Return the rows that have the same values in the dimensions ``names``, group by group in the order of their first rows."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    columns = [result.table[name].tolist() for name in names]
    for row in range(len(result.table)):
        groups.setdefault(tuple(column[row] for column in columns), []).append(row)
    return list(groups.values())


def _row_sums(result: Result) -> list[Equation]:
    cells = {count.name: result.cells_of(count) for count in result.of_role(Count)}
    return [
        Equation(
            f"{result.column(rule.total).label}: summan av delarna",
            ((-1, cells[rule.total][row]), *((1, cells[part][row]) for part in rule.parts)),
        )
        for rule in result.row_sums
        for row in range(len(result.table))
    ]


def _rule_problems(column: Estimate, result: Result) -> Iterator[str]:
    """Give what an estimate lacks, or has too much of, for its rule."""
    if column.rule not in EVIDENCE_OF:
        yield f"{column.name}: okänd regel{did_you_mean(str(column.rule), EVIDENCE_OF)}"
        return
    numeric = {name.name for name in result.of_role(Evidence) if is_numeric_dtype(result.table.get(name.name))}
    needed = len(EVIDENCE_OF[column.rule])
    if len(column.evidence) != needed or not numeric.issuperset(column.evidence):
        yield f"{column.name}: regeln {column.rule} kräver {needed} kolumner av slaget Evidence med tal"
    if (column.rule == "quantile") != (column.unit in get_args(QuantileUnit)):
        yield f"{column.name}: en kvantil, och bara den, ska ha en tidsenhet ({', '.join(get_args(QuantileUnit))})"
    elif column.rule == "quantile" and column.digits:
        yield f"{column.name}: en kvantil ska vara utan decimaler (digits=0)"
    dimensions = {dimension.name: dimension for dimension in result.of_role(Dimension)}
    if (column.rule == "curve") != (column.along in dimensions):
        yield f"{column.name}: en kurva, och bara den, ska gå längs en uppdelning i tabellen (along)"
    if column.among is not None and (column.among not in dimensions or dimensions[column.among].total is None):
        yield f"{column.name}: among ska vara en uppdelning i tabellen som har en total"
    if column.rule != "curve" and (column.among is not None or column.also):
        yield f"{column.name}: bara en kurva har among och also"


def _check_id(name: str) -> None:
    if not ID.fullmatch(name):
        raise DefinitionError("Ett resultats id ska bestå av bokstäver a–z, siffror, streck och understreck.")


def _check(result: Result) -> None:
    _check_id(result.id)
    counts = {count.name for count in result.of_role(Count)}
    if nameless := [count.name for count in result.of_role(Count) if not isinstance(count.measure, str)]:
        raise DefinitionError(f'Varje antal i "{result.id}" ska säga med ett ord vad som räknas.', found=nameless)
    baseless = [
        column.name
        for column in result.of_role(Estimate)
        if bool(column.base) == (column.rule == "published") or set(column.base) - counts
    ]
    if baseless:
        raise DefinitionError(f'Varje skattning i "{result.id}" ska vila på antal i samma rad.', found=baseless)
    problems = [problem for column in result.of_role(Estimate) for problem in _rule_problems(column, result)]
    if problems:
        raise DefinitionError(f'Varje skattning i "{result.id}" ska ha det som dess regel kräver.', found=problems)
    expected = [column.name for column in result.columns]
    if list(result.table.columns) != expected:
        raise DefinitionError(
            f'Resultatet "{result.id}" ska ha just de kolumner det anger.',
            found=[f"angivna: {', '.join(expected)}", f"i tabellen: {', '.join(map(str, result.table.columns))}"],
        )
    dimensions = [dimension.name for dimension in result.of_role(Dimension)]
    if result.table.duplicated(dimensions).any() if dimensions else len(result.table) != 1:
        raise DefinitionError(
            f'Resultatet "{result.id}" ska ha en rad per kombination av {", ".join(dimensions) or "ingenting"}.'
        )
    for dimension in result.of_role(Dimension):
        if dimension.labels and not result.table[dimension.name].isin(list(dimension.labels)).all():
            raise DefinitionError(
                f'Alla värden i uppdelningen ska ha en etikett i "{result.id}".', found=dimension.name
            )
    _check_groupings(result)
    for count in result.of_role(Count):
        values = pd.to_numeric(result.table[count.name]).dropna()
        if (values < 0).any() or (values % 1 != 0).any():
            raise DefinitionError(f'Antalen i "{result.id}" ska vara hela och inte negativa.', found=count.name)
        result.table[count.name] = result.table[count.name].astype("Int64")
    known = result.cells()
    for count in result.of_role(Count):
        for found, value in zip(result.cells_of(count), result.table[count.name].tolist(), strict=True):
            if known[found] != (None if pd.isna(value) else value):
                raise DefinitionError(f'Samma antal har två värden i "{result.id}".', found=count.name)
    for equation in result.all_equations():
        values = [known.get(term) for _, term in equation.terms]
        if None in values:
            continue
        if sum(coefficient * value for (coefficient, _), value in zip(equation.terms, values, strict=True)):
            raise DefinitionError(f'En angiven summa stämmer inte i "{result.id}".', found=equation.name)


def _check_groupings(result: Result) -> None:
    problems = []
    for split in result.of_role(Dimension):
        values = [value for value in split.labels or result.table[split.name].unique() if value != split.total]
        problems += grouping_problems(split.coarser, name=split.name, values=values, total=split.total)
        if split.coarser and not split.additive:
            problems.append(f"{split.name}: raderna går inte att lägga ihop")
    if problems:
        raise DefinitionError(
            f'Varje grövre gruppering i "{result.id}" ska dela upp alla värden och rymma grupperna i den före.',
            found=problems,
        )
