"""Converting a delivered file's text into the columns of a canonical table, value by distinct value."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache, partial

import numpy as np
import pandas as pd

from kaa_analysis.ingest.coded_text import coded, different_values, emptied, repeated_text, with_values
from kaa_analysis.ingest.identity import have_twelve_digits, identity_days, identity_findings, identity_sexes
from kaa_analysis.ingest.layout import ColumnLayout, Feed, IdentityKind, SupplierForm
from kaa_analysis.ingest.problem_table import no_problems, problem_rows
from kaa_analysis.ingest.raw_file import ABSENT, PRESENT
from kaa_analysis.ingest.reasons import REASON_OF_IDENTITY, Reason
from kaa_analysis.schema.contracts import INTERVALS, MUNICIPALITY
from kaa_analysis.schema.tables import ColumnSchema, table_schema
from kaa_analysis.store.dtypes import PANDAS_TYPES

WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")
MONTHS, DAYS = r"(?:0\d|1[0-2]|8[1-9]|9[0-2])", r"(?:[0-2]\d|3[01]|[6-8]\d|9[01])"
"""Two digits that an identity has for its month and day, those of invented and coordination numbers among them."""
DASHES = "-+\u2010\u2011\u2012\u2013\u2014\u2212"
IDENTITY_LIKE = re.compile(rf"(?<!\d)(?:\d{{2}})?\d{{2}}{MONTHS}{DAYS}\s?[{DASHES}]?\s?\d{{4}}(?!\d)")
"""What may be a personnummer, also where a word processor has put in another dash or spaces; an organisation's number is none."""
SLICE_DIGITS = 7
"""So many digits in a row that are also in the person's identity are no chance."""
DATE_YEARS = range(1900, 2100)
DAYS_KEPT = 65_536
"""How many written days are read once: the same days stand in many columns."""
TEXT = "string"
YEAR = "år"
"""The unit of numbers that are years."""
PRESENCE = {PRESENT: True, ABSENT: False}

Parsed = str | int | bool | date | Reason | None
Parser = Callable[[Sequence[str]], np.ndarray]
"""Returns what each of the different values of a column, none of them empty, is parsed to."""


@dataclass(frozen=True, eq=False)
class Converted:
    """A file's rows as a canonical table, and why rows cannot enter it.

    ``rows`` has the canonical columns the feed gives, person_id still being the identity; ``problems`` has a row per failing cell:
    RAD (line), column (name in the source), reason. Both keep every row that concerns the table; nothing else is taken away here.
    """

    feed: Feed
    rows: pd.DataFrame
    problems: pd.DataFrame


def is_told(raw: pd.DataFrame, *, feed: Feed) -> bool:
    """Return whether a file tells anything of a table: an optional feed is passed over if the file has none of the columns it needs."""
    return not feed.optional or any(name in raw for name in feed.when_any)


def concerned(raw: pd.DataFrame, *, feed: Feed) -> pd.Series:
    """Return which rows of a file concern a table: those where something stands in one of the columns that the feed names, or all."""
    if not feed.when_any:
        return pd.Series(True, index=raw.index)
    there = [raw[name] != "" for name in feed.when_any if name in raw]
    return pd.Series(np.logical_or.reduce(there), index=raw.index)


def convert(raw: pd.DataFrame, *, feed: Feed, layout: SupplierForm, identity: IdentityKind) -> Converted:
    """Convert the coded text of a file for one canonical table; an empty text = missing. ``identity`` is the kind of identities.

    Text and codes come out coded. A column that is ``numbered`` is left empty (`row_numbers.py`).
    """
    schema = table_schema(feed.table)
    raw = raw[concerned(raw, feed=feed)] if feed.when_any else raw
    columns: dict[str, pd.Series] = {}
    problems = [no_problems()]
    for name, column in feed.columns.items():
        dtype = PANDAS_TYPES[schema.columns[name].type]
        if column.numbered:
            columns[name] = pd.Series(pd.NA, index=raw.index, dtype=dtype)
            continue
        if column.optional and column.source not in raw:
            continue
        text = _text(raw, column=column)
        parser = _parser(schema.columns[name], column=column, layout=layout, identity=identity)
        columns[name], failed = _by_different_value(text, parser=parser, dtype=dtype)
        problems.append(_problem_rows(failed, column=column.source))
        problems.append(_lack(columns[name], text=text, column=column, schema=schema.columns[name]))
    for name, value in feed.constants.items():
        columns[name] = _constant(value, index=raw.index, dtype=PANDAS_TYPES[schema.columns[name].type])
    rows = pd.DataFrame(columns, index=raw.index)
    problems += [*_interval_problems(rows, feed=feed), _revealing_numbers(rows, feed=feed)]
    return Converted(feed, _exclusive_ends(rows, feed=feed), pd.concat(problems, ignore_index=True))


def _text(raw: pd.DataFrame, *, column: ColumnLayout) -> pd.Series:
    if column.source not in raw:
        return pd.Series(repeated_text("", times=len(raw)), index=raw.index)
    text = raw[column.source]
    for other, values in column.missing_when.items():
        text = emptied(text, where=raw[other].isin(values))
    return text


def _lack(values: pd.Series, *, text: pd.Series, column: ColumnLayout, schema: ColumnSchema) -> pd.DataFrame:
    if column.consent:
        without = text.index[(text == "") | (values == False).fillna(False)]  # noqa: E712 - by element
        return problem_rows(without, column=column.source, reason=Reason.NO_CONSENT)
    if column.from_identity or not (column.required or not schema.nullable):
        return no_problems()
    return problem_rows(text.index[text == ""], column=column.source, reason=Reason.MISSING_VALUE)


def _by_different_value(text: pd.Series, *, parser: Parser, dtype: str) -> tuple[pd.Series, pd.Series]:
    """Return the parsed column, coded if it is text, and the reasons of the rows whose value cannot be parsed."""
    codes, values = coded(text).codes, different_values(text)
    parsed = np.full(len(values), None, dtype=object)
    there = values != ""
    parsed[there] = parser(values[there])
    failed = np.array([isinstance(value, Reason) for value in parsed], dtype=bool)
    in_failed = failed[codes]
    reasons = pd.Series([str(reason) for reason in parsed[codes[in_failed]]], index=text.index[in_failed], dtype=object)
    parsed[failed] = None
    if dtype == TEXT:
        return pd.Series(with_values(text, parsed), index=text.index), reasons
    return pd.Series(pd.array(parsed, dtype=dtype).take(codes), index=text.index), reasons


def _constant(value: str | bool, *, index: pd.Index, dtype: str) -> pd.Series:
    if dtype == TEXT:
        return pd.Series(repeated_text(value, times=len(index)), index=index)
    return pd.Series(value, index=index, dtype=dtype)


def _problem_rows(failed: pd.Series, *, column: str) -> pd.DataFrame:
    return pd.DataFrame({"RAD": failed.index.to_numpy(dtype="int64"), "column": column, "reason": failed.to_numpy()})


def _parser(schema: ColumnSchema, *, column: ColumnLayout, layout: SupplierForm, identity: IdentityKind) -> Parser:
    if column.from_identity:
        return partial(_told_by_identities, what=column.from_identity, kind=identity)
    if schema.type == "key":
        return partial(_identities, kind=identity)
    parse = _parser_of_one(schema, column=column, layout=layout)
    return lambda values: np.array([parse(value) for value in values], dtype=object)


def _parser_of_one(schema: ColumnSchema, *, column: ColumnLayout, layout: SupplierForm) -> Callable[[str], Parsed]:
    if column.present:
        return partial(_code, codes=PRESENCE)
    if schema.pattern:
        return partial(_in_form, pattern=re.compile(schema.pattern))
    if column.codes is not None:
        others = frozenset(layout.other_editions.get(column.codes, ()))
        return partial(_code, codes=layout.code_lists[column.codes], other_editions=others)
    return {
        "number": _year if schema.unit == YEAR else _number,
        "date": partial(_date, date_format=layout.date_format),
        "municipality": _municipality,
        "text": _plain_text,
    }[schema.type]


def _code(value: str, *, codes: Mapping[str, str | bool], other_editions: Collection[str] = ()) -> Parsed:
    return Reason.OTHER_EDITION if value in other_editions else codes.get(value, Reason.UNKNOWN_CODE)


def _identities(values: Sequence[str], *, kind: IdentityKind) -> np.ndarray:
    findings = identity_findings(values, kind=kind)
    reasons = np.array([REASON_OF_IDENTITY.get(finding) for finding in findings], dtype=object)
    return np.where(reasons == None, values, reasons)  # noqa: E711 - by element


def _told_by_identities(values: Sequence[str], *, what: str, kind: IdentityKind) -> np.ndarray:
    """Return what identities that are possible and have twelve digits tell; None of the others, whose own column tells what is wrong."""
    possible = [finding not in REASON_OF_IDENTITY for finding in identity_findings(values, kind=kind)]
    told = have_twelve_digits(values) & possible
    found = np.full(len(values), None, dtype=object)
    found[told] = identity_sexes(values[told]) if what == "sex" else identity_days(values[told])
    return found


def _number(value: str) -> Parsed:
    return int(value) if WHOLE_NUMBER.fullmatch(value) else Reason.BAD_NUMBER


def _year(value: str) -> Parsed:
    year = _number(value)
    return year if year in DATE_YEARS else Reason.BAD_NUMBER


@lru_cache(maxsize=DAYS_KEPT)
def _date(value: str, *, date_format: str) -> Parsed:
    try:
        day = datetime.strptime(value, date_format).date()  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        return Reason.BAD_DATE
    return day if day.year in DATE_YEARS and day.strftime(date_format) == value else Reason.BAD_DATE


def _municipality(value: str) -> Parsed:
    return value if MUNICIPALITY.fullmatch(value) else Reason.BAD_MUNICIPALITY


def _in_form(value: str, *, pattern: re.Pattern[str]) -> Parsed:
    return value if pattern.fullmatch(value) else Reason.BAD_FORM


def _plain_text(value: str) -> Parsed:
    return Reason.IDENTITY_IN_TEXT if IDENTITY_LIKE.search(value) else value


def _interval_problems(rows: pd.DataFrame, *, feed: Feed) -> list[pd.DataFrame]:
    start, end = INTERVALS.get(feed.table, (None, None))
    if end not in rows:
        return []
    source = feed.columns[end].source
    backwards = rows.index[rows[end] < rows[start]]
    problems = [problem_rows(backwards, column=source, reason=Reason.END_BEFORE_START)]
    if table_schema(feed.table).columns[start].nullable:
        lonely = rows.index[rows[end].notna() & rows[start].isna()]
        problems.append(problem_rows(lonely, column=source, reason=Reason.END_WITHOUT_START))
    return problems


def _revealing_numbers(rows: pd.DataFrame, *, feed: Feed) -> pd.DataFrame:
    """Return a problem per record number that is a part of the person's own identity: from nine digits the tenth follows."""
    if "record_number" not in rows:
        return no_problems()
    told = rows[["person_id", "record_number"]].dropna()
    revealing = [
        len(number) >= SLICE_DIGITS and number in identity
        for identity, number in zip(told["person_id"].array, told["record_number"].array, strict=True)
    ]
    source = feed.columns["record_number"].source
    return problem_rows(told.index[revealing], column=source, reason=Reason.IDENTITY_IN_TEXT)


def _exclusive_ends(rows: pd.DataFrame, *, feed: Feed) -> pd.DataFrame:
    inclusive = [name for name, column in feed.columns.items() if column.inclusive_end and name in rows]
    return rows.assign(**{name: rows[name] + pd.Timedelta(days=1) for name in inclusive})
