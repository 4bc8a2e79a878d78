"""`Layout`: how a supplier's files become canonical tables. Layouts are data files beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr, ValidationError

from kaa_analysis.core.errors import ParameterError, did_you_mean
from kaa_analysis.core.provenance import hash_value
from kaa_analysis.core.vocabularies import codes, district_labels
from kaa_analysis.ingest.column_names import sensitive_kind, unneeded_kind
from kaa_analysis.schema.tables import ColumnSchema, table_schema, tables

IdentityKind = Literal["personnummer", "synthetic", "record_number"]
SingleCharacter = Annotated[str, Field(min_length=1, max_length=1)]
CODED = frozenset({"code", "district", "boolean"})


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ColumnLayout(_Part):
    """Where a canonical column comes from; its type is the schema's.

    ``codes`` names a code list of the layout. ``inclusive_end`` says that the source holds the last day, so that one day is added.
    ``required`` tightens a column that the schema lets be missing, ``optional`` lets the source lack the column. ``missing_when``
    maps a source column to the values at which this one is missing whatever stands in it. ``present`` reads only whether
    something stands in the source, never what (a telephone number).
    """

    source: str
    codes: str | None = None
    inclusive_end: bool = False
    required: bool = False
    optional: bool = False
    present: bool = False
    missing_when: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)


class Feed(_Part):
    """One canonical table fed by a file. ``distinct`` merges identical rows; ``constants`` are canonical values of every row.

    ``youths_outside_kaa`` says that the rows may concern youths whom the register does not cover: then a grant is needed.
    """

    table: str
    columns: Mapping[str, ColumnLayout]
    constants: Mapping[str, StrictStr] = Field(default_factory=dict)
    distinct: bool = False
    youths_outside_kaa: bool = False


class SensitiveCodes(_Part):
    """The codes of a code list that reveal health or social services, and the code of the same list that they are read as."""

    read_as: str
    codes: tuple[StrictStr, ...]


class FileLayout(_Part):
    """One delivered file. ``ignored`` names the columns that may be delivered but are not read; an ``optional`` file may be absent."""

    feeds: tuple[Feed, ...]
    ignored: tuple[str, ...] = ()
    optional: bool = False

    @property
    def used(self) -> tuple[str, ...]:
        """The source columns that are read and must be there, in the order of the layout."""
        names = [
            name
            for column in self._columns
            for name in (column.source, *column.missing_when)
            if not column.optional or name != column.source
        ]
        return tuple(dict.fromkeys(names))

    @property
    def named(self) -> tuple[str, ...]:
        """Every source column that the layout names: used, optional, ignored."""
        optional = dict.fromkeys(column.source for column in self._columns if column.optional)
        return (*self.used, *optional, *self.ignored)

    @property
    def only_presence(self) -> frozenset[str]:
        """The source columns of which only presence is read."""
        return frozenset(column.source for column in self._columns if column.present)

    @property
    def _columns(self) -> list[ColumnLayout]:
        return [column for feed in self.feeds for column in feed.columns.values()]


class DeliveryNote(_Part):
    """The file that says which files were delivered, with how many rows, and of which day the extract is."""

    file: str
    file_column: str
    rows_column: str
    date_column: str


class Layout(_Part):
    """How a supplier's files become canonical tables.

    ``follows_law`` says whether the rules of the target population apply; ``source`` is what tables name as their
    source; ``municipality`` the code of the home municipality whose register it is, if the law applies;
    ``sensitive_codes`` holds, by code list, the codes that may not be kept.
    """

    name: str
    title: str
    identity: IdentityKind
    follows_law: bool
    source: str
    municipality: str | None = None
    encoding: str
    delimiter: SingleCharacter
    date_format: str
    code_lists: Mapping[str, Mapping[StrictStr, StrictStr | StrictBool]]
    sensitive_codes: Mapping[str, SensitiveCodes] = Field(default_factory=dict)
    files: Mapping[str, FileLayout]
    delivery_note: DeliveryNote | None = None

    @property
    def file_names(self) -> tuple[str, ...]:
        """Every file of a delivery, the delivery note last."""
        return (*self.files, *((self.delivery_note.file,) if self.delivery_note else ()))


def layout_names() -> tuple[str, ...]:
    """Return the names of the layouts that come with the package.

    >>> layout_names()
    ('ber', 'ber_demo', 'mvad')
    """
    folder = files("kaa_analysis.ingest").joinpath("layouts")
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")))


@cache
def read_layout(name: str) -> Layout:
    """Return the layout called ``name``.

    Raises:
        ParameterError: there is no such layout, or its file is not a valid one.
    """
    return _valid_layout(_record(name))


def layout_hash(name: str) -> str:
    """Return the hash of what a layout says, that of the layout it is based on included."""
    return hash_value(_record(name))


def _record(name: str) -> dict[str, Any]:
    """Return a layout's record; ``based_on`` names another layout whose values hold where this one says nothing."""
    record = yaml.safe_load(layout_bytes(name))
    base = record.pop("based_on", None)
    return _record(base) | record if base else record


def parse_layout(content: bytes) -> Layout:
    """Return the layout that a YAML file's ``content`` describes.

    Raises:
        ParameterError: the content is not a valid layout; every problem is told.
    """
    try:
        return _valid_layout(yaml.safe_load(content))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ParameterError("Layouten är inte läsbar YAML.") from None


def _valid_layout(record: Any) -> Layout:
    try:
        layout = Layout.model_validate(record)
    except ValidationError as error:
        found = [".".join(map(str, problem["loc"])) + ": " + problem["type"] for problem in error.errors()]
        raise ParameterError("Layouten har inte den form den ska ha.", found=found) from None
    problems = _problems(layout)
    if problems:
        raise ParameterError(f'Layouten "{layout.name}" stämmer inte med registrets schema.', found=problems)
    return layout


def layout_bytes(name: str) -> bytes:
    """Return the content of a layout's file.

    Raises:
        ParameterError: there is no such layout.
    """
    if name not in layout_names():
        raise ParameterError(
            f'Layouten "{name}" finns inte{did_you_mean(name, layout_names())}.',
            action=f"välj en av {', '.join(layout_names())}",
        )
    return files("kaa_analysis.ingest").joinpath("layouts", f"{name}.yaml").read_bytes()


def _problems(layout: Layout) -> list[str]:
    problems = [*_repeated_tables(layout), *_date_format(layout), *_sensitive_code_problems(layout)]
    if layout.follows_law and layout.municipality is None:
        problems.append("municipality måste anges där lagens regler gäller")
    for file_name, file in layout.files.items():
        problems += [f"{file_name}: {problem}" for problem in _file_problems(file, follows_law=layout.follows_law)]
        for feed in file.feeds:
            problems += [f"{file_name}, {feed.table}: {problem}" for problem in _feed_problems(feed, layout=layout)]
    return problems


def _repeated_tables(layout: Layout) -> list[str]:
    fed = [feed.table for file in layout.files.values() for feed in file.feeds]
    missing = [] if "persons" in fed else ["ingen fil ger tabellen persons"]
    return missing + [f"tabellen {table} ges av flera filer" for table in dict.fromkeys(fed) if fed.count(table) > 1]


def _date_format(layout: Layout) -> list[str]:
    day = date(2001, 2, 3)
    return [] if day.strftime(layout.date_format) not in ("", layout.date_format) else ["date_format anger inget datum"]


def _sensitive_code_problems(layout: Layout) -> list[str]:
    problems = []
    for name, sensitive in layout.sensitive_codes.items():
        code_list = layout.code_lists.get(name, {})
        if code_list.get(sensitive.read_as) != "other":
            problems.append(f"sensitive_codes: {name} ska läsas som en kod som betyder other")
        problems += [
            f"sensitive_codes: {code} står också i kodlistan {name}" for code in sensitive.codes if code in code_list
        ]
    return problems


def _file_problems(file: FileLayout, *, follows_law: bool) -> list[str]:
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
    if follows_law:
        problems += [
            f"kolumnen {name} får inte finnas ({sensitive_kind(name)})" for name in file.named if sensitive_kind(name)
        ]
    return problems


def _feed_problems(feed: Feed, *, layout: Layout) -> list[str]:
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
    for name, column in feed.columns.items():
        if name in schema.columns:
            problems += _column_problems(column, schema=schema.columns[name], layout=layout)
    return problems


def _column_problems(column: ColumnLayout, *, schema: ColumnSchema, layout: Layout) -> list[str]:
    problems = []
    if column.present and (schema.type != "boolean" or column.codes is not None):
        problems.append(f"kolumnen {schema.name} kan inte ha present")
    elif not column.present and (schema.type in CODED) != (column.codes is not None):
        problems.append(f"kolumnen {schema.name} {'behöver' if schema.type in CODED else 'kan inte ha'} en kodlista")
    elif column.codes is not None and column.codes not in layout.code_lists:
        problems.append(f"kodlistan {column.codes} finns inte{did_you_mean(column.codes, layout.code_lists)}")
    elif column.codes is not None:
        outside = set(layout.code_lists[column.codes].values()) - _allowed(schema)
        problems += [f"kodlistan {column.codes} ger den okända koden {code}" for code in sorted(map(str, outside))]
    if column.optional and not schema.nullable:
        problems.append(f"kolumnen {schema.name} måste ges och kan inte ha optional")
    if column.inclusive_end and schema.type != "date":
        problems.append(f"kolumnen {schema.name} är inget datum och kan inte ha inclusive_end")
    return problems


def _allowed(schema: ColumnSchema) -> frozenset:
    if schema.type == "boolean":
        return frozenset({True, False})
    return frozenset(district_labels()) if schema.type == "district" else codes(schema.vocabulary)
