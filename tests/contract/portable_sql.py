"""What SQL may say here: only what means the same on DuckDB and, carried over by sqlglot, on Spark.

`objections` parses a register query, finds the type of every expression from the schema, and tells what breaks a rule. Functions are
an allow-list: one that nobody has run on both engines is refused. A new one is added after `make bench` gave the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from kaa_analysis.schema.tables import TYPES, stored_tables
from kaa_analysis.store.queries import SQL_TYPES
from kaa_analysis.store.register_query import ASKED, ASKED_ROW, RegisterQuery

SAME_EVERYWHERE = (
    exp.And, exp.Or, exp.Case, exp.If, exp.Cast, exp.TryCast, exp.Coalesce, exp.Nullif, exp.Count, exp.Min, exp.Max, exp.Sum,
    exp.RowNumber, exp.Extract, exp.Year, exp.Month, exp.Day, exp.DateDiff, exp.Exists, exp.Abs,
)  # fmt: skip
WHY_NOT: Mapping[type[exp.Expression] | str, str] = {
    exp.DayOfWeek: "the week begins on another day",
    exp.DayOfWeekIso: "the week begins on another day",
    exp.GenerateSeries: "becomes a sequence with other ends",
    exp.PercentileCont: "fails",
    "DATE_SUB": "is another function",
    "DATESUB": "is another function",
    "TRY_STRPTIME": "fails",
}
"""What is known of some that are not the same; all others are refused as not tried."""

PARTS_OF_A_DAY = frozenset({"YEAR", "QUARTER", "MONTH", "DAY"})
JOINS = frozenset({("", ""), ("", "INNER"), ("LEFT", ""), ("", "CROSS")})
WHOLE = frozenset(exp.DataType.INTEGER_TYPES)
SCHEMA_TYPES = {
    "BIGINT": WHOLE,
    "DATE": {exp.DType.DATE},
    "BOOLEAN": {exp.DType.BOOLEAN},
    "VARCHAR": exp.DataType.TEXT_TYPES,
}


@dataclass(frozen=True, eq=False)
class Parsed:
    """A query as written, and the same with every column qualified and typed."""

    query: RegisterQuery
    written: exp.Select
    typed: exp.Select


def objections(query: RegisterQuery) -> list[str]:
    """Return what breaks a rule: its name, and what was found. None for a query that may stand."""
    found = _contract(query)
    if found:
        return found
    try:
        statements = sqlglot.parse(query.text, read="duckdb")
    except SqlglotError:
        return ["parse: not one statement that can be read"]
    if len(statements) != 1 or not isinstance(statements[0], exp.Select):
        return ["parse: not one SELECT"]
    [written] = statements
    plain = [f"{name}: {told}" for name, rule in RULES_AS_WRITTEN.items() for told in rule(query, written)]
    if plain:
        return plain
    try:
        typed = annotate_types(qualify(written.copy(), schema=_schema(query), dialect="duckdb"), schema=_schema(query))
    except SqlglotError as error:
        return [f"names: {error}"]
    parsed = Parsed(query, written, typed)
    return [f"{name}: {told}" for name, rule in RULES_OF_TYPES.items() for told in rule(parsed)]


def _contract(query: RegisterQuery) -> list[str]:
    told = {"row": query.row, "tables": query.tables, "gives": query.gives, "key": query.key, "bounds": query.bounds}
    types = {*query.asked.values(), *query.takes.values(), *query.gives.values()}
    return [
        *(f"contract: {word} is not told" for word, value in told.items() if not value),
        *(f"contract: there is no type {type_}" for type_ in sorted(types - TYPES)),
        *(f"contract: the key {name} is not given" for name in query.key if name not in query.gives),
        *(f"contract: there is no table {name}" for name in query.tables if name not in stored_tables()),
    ]


def _statements(query: RegisterQuery, tree: exp.Select) -> Iterator[str]:
    refused = (exp.Lateral, exp.Unnest, exp.TableSample, exp.Values, exp.Pivot, exp.Interval)
    yield from (f"{type(node).__name__}" for node in tree.find_all(*refused))
    yield from ("DISTINCT ON" for node in tree.find_all(exp.Distinct) if node.args.get("on"))
    yield from ("GROUP BY ALL" for node in tree.find_all(exp.Group) if node.args.get("all"))
    yield from (
        f"FROM {type(node.this).__name__}"
        for node in tree.find_all(exp.Table)
        if not isinstance(node.this, exp.Identifier)
    )


def _stars(query: RegisterQuery, tree: exp.Select) -> Iterator[str]:
    yield from (
        "SELECT * gives other columns when the schema changes"
        for node in tree.find_all(exp.Star)
        if not isinstance(node.parent, exp.Count)
    )


def _functions(query: RegisterQuery, tree: exp.Select) -> Iterator[str]:
    for node in tree.find_all(exp.Func):
        if not isinstance(node, SAME_EVERYWHERE):
            name = node.name.upper() if isinstance(node, exp.Anonymous) else node.sql_name()
            yield f"{name} {WHY_NOT.get(name) or WHY_NOT.get(type(node)) or 'is not tried on both engines'}"
    yield from (f"{type(node).__name__} rounds in its own way" for node in tree.find_all(exp.IntDiv, exp.Mod))


def _parts_of_days(query: RegisterQuery, tree: exp.Select) -> Iterator[str]:
    for node in tree.find_all(exp.Extract):
        if node.name.upper() not in PARTS_OF_A_DAY:
            yield f"EXTRACT {node.name.upper()} counts from another day"
    for node in tree.find_all(exp.DateDiff):
        unit = node.args.get("unit")
        if unit is not None and unit.name.upper() != "DAY":
            yield f"DATEDIFF in {unit.name.upper()} counts boundaries on one engine and whole ones on the other"


def _joins(query: RegisterQuery, tree: exp.Select) -> Iterator[str]:
    for join in tree.find_all(exp.Join):
        if join.method:
            yield f"{join.method} JOIN is DuckDB's alone: write a window function, or a join and a filter"
        elif (join.side, join.kind) not in JOINS or join.args.get("using"):
            yield f"{join.side} {join.kind} JOIN {'USING' if join.args.get('using') else ''}".strip()


def _divisions(query: RegisterQuery, tree: exp.Select) -> Iterator[str]:
    for node in tree.find_all(exp.Div):
        by = node.expression.unnest()
        safe = (isinstance(by, exp.Literal) and float(by.name) != 0) or (
            isinstance(by, exp.Nullif) and by.expression.name == "0"
        )
        if not safe:
            yield f"{node.sql()} divides by what can be 0: NULLIF(…, 0)"


def _order(query: RegisterQuery, tree: exp.Select) -> Iterator[str]:
    ordered = [] if tree.args.get("order") is None else tree.args["order"].expressions
    names = tuple(each.this.name for each in ordered if isinstance(each.this, exp.Column) and not each.args.get("desc"))
    if len(names) != len(ordered) or names != query.key:
        yield f"ORDER BY {', '.join(query.key)} is the full key, in its order"
    if tree.args.get("limit") or tree.args.get("offset"):
        yield "LIMIT"


def _first_rows(query: RegisterQuery, tree: exp.Select) -> Iterator[str]:
    """A row numbered among equals is another row on another day: what it is numbered by holds the key of every table beside it."""
    for window in tree.find_all(exp.Window):
        if not isinstance(window.this, exp.RowNumber):
            continue
        by = [*window.args.get("partition_by", []), *(each.this for each in _ordered(window))]
        named = {column.name for column in by if isinstance(column, exp.Column)}
        named |= {"person_id"} if ASKED_ROW in named else set()
        lacking = {name for table in _read_beside(window) for name in stored_tables()[table].key if name not in named}
        if not _ordered(window) or lacking:
            yield f"ROW_NUMBER needs the full key in PARTITION BY and ORDER BY; lacking: {', '.join(sorted(lacking))}"


def _ordered(window: exp.Window) -> list[exp.Ordered]:
    return window.args["order"].expressions if window.args.get("order") else []


def _read_beside(window: exp.Window) -> list[str]:
    select = window.find_ancestor(exp.Select)
    sources = [select.args["from_"].this, *(join.this for join in select.args.get("joins") or [])]
    return [source.name for source in sources if isinstance(source, exp.Table) and source.name in stored_tables()]


def _bound(query: RegisterQuery, tree: exp.Select) -> Iterator[str]:
    named = {node.name for node in tree.find_all(exp.Placeholder, exp.Parameter)}
    if named != set(query.takes):
        yield f"bound are {sorted(named)}, told are {sorted(query.takes)}"


def _tables(query: RegisterQuery, tree: exp.Select) -> Iterator[str]:
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    read = {table.name for table in tree.find_all(exp.Table)} - own
    told = {*query.tables, *([ASKED] if query.asked else [])}
    if read != told or own & {*stored_tables(), ASKED}:
        yield f"reads {sorted(read)}, told are {sorted(told)}"


def _days_apart(parsed: Parsed) -> Iterator[str]:
    for node in parsed.typed.find_all(exp.Sub, exp.Add):
        sides = [side.type.this for side in (node.this, node.expression)]
        if exp.DType.DATE in sides and not WHOLE & set(sides):
            yield "a day and what is no number of days: DATEDIFF('day', …) gives the days between"


def _casts(parsed: Parsed) -> Iterator[str]:
    for node in parsed.typed.find_all(exp.Cast):
        given, wanted = node.this.type.this, node.to.this
        if wanted in WHOLE and given not in WHOLE | {exp.DType.BOOLEAN}:
            yield f"CAST of {given.name} to {wanted.name} rounds on one engine and cuts on the other"
        if wanted not in set().union(*SCHEMA_TYPES.values()):
            yield f"CAST to {wanted.name}"


def _windows(parsed: Parsed) -> Iterator[str]:
    for node in parsed.typed.find_all(exp.Window):
        spec = node.args.get("spec")
        is_of_days = any(each.this.type.this is exp.DType.DATE for each in _ordered(node))
        if spec is not None and spec.args.get("kind", "").upper() == "RANGE" and is_of_days:
            yield "RANGE over days fails: DATEDIFF to a fixed day is a number"


def _given(parsed: Parsed) -> Iterator[str]:
    given = [each.alias_or_name for each in parsed.typed.selects]
    if given != list(parsed.query.gives):
        yield f"gives {given}, told are {list(parsed.query.gives)}"
        return
    for each in parsed.typed.selects:
        wanted = SQL_TYPES.get(parsed.query.gives[each.alias_or_name], "VARCHAR")
        if each.type.this not in SCHEMA_TYPES[wanted]:
            yield f"{each.alias_or_name} is {each.type.sql()}, told is {wanted}"


def _schema(query: RegisterQuery) -> dict[str, dict[str, str]]:
    tables = {
        name: {column: told.type for column, told in table.columns.items()} for name, table in stored_tables().items()
    }
    asked = {ASKED: {ASKED_ROW: "number", **query.asked}} if query.asked else {}
    return {
        name: {column: SQL_TYPES.get(type_, "VARCHAR") for column, type_ in columns.items()}
        for name, columns in (tables | asked).items()
    }


RULES_AS_WRITTEN: Mapping[str, Callable[[RegisterQuery, exp.Select], Iterator[str]]] = {
    "form": _statements,
    "star": _stars,
    "function": _functions,
    "part of a day": _parts_of_days,
    "join": _joins,
    "division": _divisions,
    "order": _order,
    "first row": _first_rows,
    "value": _bound,
    "tables": _tables,
}
RULES_OF_TYPES: Mapping[str, Callable[[Parsed], Iterator[str]]] = {
    "days apart": _days_apart,
    "cast": _casts,
    "window": _windows,
    "given": _given,
}
