"""Whether a layout fits the schema of the register: every problem is told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

from kaa_analysis.core.errors import did_you_mean
from kaa_analysis.core.geography import district_labels
from kaa_analysis.core.vocabularies import codes
from kaa_analysis.ingest.column_names import sensitive_kind, unneeded_kind
from kaa_analysis.schema.law_rules import LawRules
from kaa_analysis.schema.tables import ColumnSchema, table_schema, tables

if TYPE_CHECKING:
    from kaa_analysis.ingest.layout import ColumnLayout, Feed, FileLayout, Layout, SupplierForm

CODED = frozenset({"code", "district", "boolean"})
TESTED = ("residence", "schooling", "credentials")
"""The tables that the rules of the target population are tested against, beside persons."""
OF_IDENTITY = {"sex": "code", "birth_date": "date"}
"""What an identity number tells, by the type of the column that takes it."""


def main_problems(layout: Layout) -> list[str]:
    """Return what is wrong with a layout as the main one of an extract: persons, municipality, identity."""
    fed = [feed.table for file in layout.files.values() for feed in file.feeds]
    problems = [] if "persons" in fed else ["ingen fil ger tabellen persons"]
    if layout.rules is LawRules.APPLIED:
        problems += ["municipality måste anges där lagens regler tillämpas"] * (layout.municipality is None)
        problems += [
            f"ingen fil ger tabellen {table}, som lagens regler prövas mot" for table in TESTED if table not in fed
        ]
    reads_identity = any(column.from_identity for file in layout.files.values() for column in file.columns)
    if reads_identity and layout.identity == "record_number":
        problems.append("from_identity kräver personnummer")
    return problems


def double_deliveries(layout: Layout, *, delivered: Collection[str]) -> list[str]:
    """Return the files that give a table which another delivered file gives already, where the rows cannot be told apart by a number."""
    first: dict[str, str] = {}
    problems = []
    for name in [name for name in layout.files if name in delivered]:
        for feed in layout.files[name].feeds:
            other = first.setdefault(feed.table, name)
            if other != name and not feed.is_numbered:
                problems.append(f"{name}: ger {feed.table}, som {other} redan ger; leverera en av dem")
    return problems


def form_problems(form: SupplierForm) -> list[str]:
    """Return what is wrong with a layout or supplement by itself."""
    names_are_checked = getattr(form, "identity", None) != "record_number"
    problems = [*_repeated_tables(form), *_date_format(form), *_sensitive_code_problems(form)]
    for file_name, file in form.files.items():
        problems += [f"{file_name}: {problem}" for problem in _file_problems(file, of_persons=names_are_checked)]
        for feed in file.feeds:
            problems += [f"{file_name}, {feed.table}: {problem}" for problem in _feed_problems(feed, form=form)]
    return problems


def _repeated_tables(form: SupplierForm) -> list[str]:
    feeds = [feed for file in form.files.values() for feed in file.feeds]
    fed = [feed.table for feed in feeds]
    later = [feed for place, feed in enumerate(feeds) if feed.table in fed[:place] and not feed.is_numbered]
    return [
        f"tabellen {table} ges flera gånger utan att numreras" for table in dict.fromkeys(feed.table for feed in later)
    ]


def _date_format(form: SupplierForm) -> list[str]:
    day = date(2001, 2, 3)
    return [] if day.strftime(form.date_format) not in ("", form.date_format) else ["date_format anger inget datum"]


def _sensitive_code_problems(form: SupplierForm) -> list[str]:
    problems = []
    for name, sensitive in form.sensitive_codes.items():
        code_list = form.code_lists.get(name, {})
        if code_list.get(sensitive.read_as) != "other":
            problems.append(f"sensitive_codes: {name} ska läsas som en kod som betyder other")
        problems += [
            f"sensitive_codes: {code} står också i kodlistan {name}" for code in sensitive.codes if code in code_list
        ]
    return problems


def _file_problems(file: FileLayout, *, of_persons: bool) -> list[str]:
    repeated = [name for name in dict.fromkeys(file.named) if file.named.count(name) > 1]
    problems = [f"kolumnen {name} är både använd och förbigången" for name in repeated]
    problems += [
        f"kolumnen {name} får bara läsas till om den finns ({unneeded_kind(name)})"
        for name in file.used
        if unneeded_kind(name) and name not in file.only_presence
    ]
    sources = [column.source for feed in file.feeds for column in feed.columns.values()]
    problems += [
        f"kolumnen {name} läses både till sitt värde och till om den finns"
        for name in sorted(file.only_presence)
        if sources.count(name) > 1
    ]
    if file.municipality is not None and file.municipality not in file.ignored:
        problems.append(f"kolumnen {file.municipality} i municipality står inte bland ignored")
    asked = dict.fromkeys(name for feed in file.feeds for name in feed.when_any)
    problems += [f"kolumnen {name} i when_any läses inte" for name in asked if name not in sources]
    if all(feed.when_any for feed in file.feeds):
        problems.append("ingen tabell tar emot varje rad (when_any)")
    if of_persons:
        problems += [
            f"kolumnen {name} får inte finnas ({sensitive_kind(name)})" for name in file.named if sensitive_kind(name)
        ]
    return problems


def _feed_problems(feed: Feed, *, form: SupplierForm) -> list[str]:
    if feed.table not in tables():
        return [f"okänd tabell{did_you_mean(feed.table, tables())}"]
    schema = table_schema(feed.table)
    given = {*feed.columns, *feed.constants}
    problems = [
        f"okänd kolumn {name}{did_you_mean(name, schema.columns)}" for name in sorted(given - set(schema.columns))
    ]
    problems += [
        f"kolumnen {name} måste ges"
        for name, column in schema.columns.items()
        if not column.nullable and name not in given
    ]
    if feed.optional and not feed.when_any:
        problems.append("optional kräver when_any")
    for name, column in feed.columns.items():
        if column.numbered:
            problems += _number_problems(name, feed=feed)
        elif name in schema.columns:
            problems += _column_problems(column, schema=schema.columns[name], form=form)
    return problems


def _number_problems(name: str, *, feed: Feed) -> list[str]:
    schema = table_schema(feed.table)
    is_number_in_key = name in schema.key and schema.columns[name].type == "number" and "person_id" in feed.columns
    problems = [] if is_number_in_key else [f"kolumnen {name} är inget löpnummer per person och kan inte ha numbered"]
    ordering = feed.ordering(name)
    day = schema.columns.get(ordering or "")
    if day is None or day.type != "date" or (day.nullable and not feed.columns[day.name].required):
        problems.append(f"kolumnen {name} ska numreras efter en dag som en annan kolumn läser och som inte får saknas")
    return problems


def _column_problems(column: ColumnLayout, *, schema: ColumnSchema, form: SupplierForm) -> list[str]:
    problems = []
    if column.present and (schema.type != "boolean" or column.codes is not None):
        problems.append(f"kolumnen {schema.name} kan inte ha present")
    elif column.from_identity and OF_IDENTITY[column.from_identity] != schema.type:
        problems.append(f"kolumnen {schema.name} kan inte läsas ur identiteten")
    elif not (column.present or column.from_identity) and (schema.type in CODED) != (column.codes is not None):
        problems.append(f"kolumnen {schema.name} {'behöver' if schema.type in CODED else 'kan inte ha'} en kodlista")
    elif column.codes is not None and column.codes not in form.code_lists:
        problems.append(f"kodlistan {column.codes} finns inte{did_you_mean(column.codes, form.code_lists)}")
    elif column.codes is not None:
        outside = set(form.code_lists[column.codes].values()) - _allowed(schema)
        problems += [f"kodlistan {column.codes} ger den okända koden {code}" for code in sorted(map(str, outside))]
    if column.consent and schema.type != "boolean":
        problems.append(f"kolumnen {schema.name} är inget samtycke")
    if column.optional and not schema.nullable:
        problems.append(f"kolumnen {schema.name} måste ges och kan inte ha optional")
    if column.inclusive_end and schema.type != "date":
        problems.append(f"kolumnen {schema.name} är inget datum och kan inte ha inclusive_end")
    return problems


def _allowed(schema: ColumnSchema) -> frozenset:
    if schema.type == "boolean":
        return frozenset({True, False})
    return frozenset(district_labels()) if schema.type == "district" else codes(schema.vocabulary)
