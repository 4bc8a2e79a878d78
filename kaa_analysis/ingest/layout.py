"""`Layout`: what is told of a supplier's files so that they become canonical tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

from kaa_analysis.schema.law_rules import LawRules

IdentityKind = Literal["personnummer", "synthetic", "record_number"]
Encoding = Literal["utf-8", "utf-8-sig", "cp1252"]
SingleCharacter = Annotated[str, Field(min_length=1, max_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ColumnLayout(_Part):
    """Where a canonical column comes from; its type is the schema's.

    ``codes`` names a code list of the layout. ``inclusive_end`` says that the source holds the last day, so that one day is added.
    ``numbered`` counts a person's rows in the order of the day in ``source``, after those of earlier feeds of the table; rows of a
    ``distinct`` feed with the same day share their number. ``from_identity`` reads sex or day of birth from the identity number in
    ``source``, where the number gives it. ``consent`` sets aside every row that is not true here. ``required`` tightens a column that the schema lets be missing, ``optional`` lets the source lack the column. ``missing_when``
    maps a source column to the values at which this one is missing whatever stands in it. ``present`` reads only whether
    something stands in the source, never what (a telephone number).
    """

    source: str
    codes: str | None = None
    inclusive_end: bool = False
    required: bool = False
    optional: bool = False
    present: bool = False
    numbered: bool = False
    consent: bool = False
    from_identity: Literal["sex", "birth_date"] | None = None
    missing_when: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)


class Feed(_Part):
    """One canonical table fed by a file. ``distinct`` merges identical rows; ``constants`` are canonical values of every row.

    ``youths_outside_kaa`` says that the rows may concern youths whom the register does not cover: then a grant is needed.
    ``when_any`` names source columns: rows in which nothing stands in any of them do not concern the table. An ``optional`` feed is passed over where the
    file has none of them.
    """

    table: str
    columns: Mapping[str, ColumnLayout]
    constants: Mapping[str, StrictStr | StrictBool] = Field(default_factory=dict)
    when_any: tuple[str, ...] = ()
    optional: bool = False
    distinct: bool = False
    youths_outside_kaa: bool = False

    @property
    def is_numbered(self) -> bool:
        """Whether the rows are numbered per person when they are read, so that other feeds of the table may go before."""
        return any(column.numbered for column in self.columns.values())

    def ordering(self, numbered: str) -> str | None:
        """Return the column whose day orders the rows that the column ``numbered`` counts: the other one of the same source."""
        source = self.columns[numbered].source
        others = [name for name, column in self.columns.items() if column.source == source and not column.numbered]
        return others[0] if others else None


class SensitiveCodes(_Part):
    """The codes of a code list that reveal health or social services, and the code of the same list that they are read as."""

    read_as: str
    codes: tuple[StrictStr, ...]


class FileLayout(_Part):
    """One delivered file.

    ``row`` and ``meanings`` (by source column) are what the supplier is told where the schema's own words do not fit. ``ignored`` names the columns that may be delivered but are not read; an ``optional`` file may be absent.
    ``municipality`` names the one of them that tells which municipality registered the row: all rows should tell the same.
    """

    row: str = ""
    meanings: Mapping[str, str] = Field(default_factory=dict)
    feeds: tuple[Feed, ...]
    ignored: tuple[str, ...] = ()
    municipality: str | None = None
    optional: bool = False

    @property
    def used(self) -> tuple[str, ...]:
        """The source columns that are read and must be there, in the order of the layout."""
        names = [
            name
            for feed in self.feeds
            if not feed.optional
            for column in feed.columns.values()
            for name in (column.source, *column.missing_when)
            if not column.optional or name != column.source
        ]
        return tuple(dict.fromkeys(names))

    @property
    def named(self) -> tuple[str, ...]:
        """Every source column that the layout names: used, optional, ignored."""
        optional = [column.source for column in self.columns if column.source not in self.used]
        return (*self.used, *dict.fromkeys(optional), *self.ignored)

    @property
    def only_presence(self) -> frozenset[str]:
        """The source columns of which only presence is read."""
        return frozenset(column.source for column in self.columns if column.present)

    @property
    def columns(self) -> list[ColumnLayout]:
        """Where every canonical column of every feed comes from."""
        return [column for feed in self.feeds for column in feed.columns.values()]


class DeliveryNote(_Part):
    """The file that says which files were delivered, with how many rows, and of which day the extract is."""

    file: str
    file_column: str
    rows_column: str
    date_column: str


class FileForm(_Part):
    """The form of a sender's text and days.

    Problem files are written with ``encoding`` and ``delimiter``; a delivered CSV file may have any of ``encodings`` and ``delimiters``.
    """

    name: str
    title: str
    encoding: Encoding
    delimiter: SingleCharacter
    encodings: tuple[Encoding, ...] = ("utf-8", "utf-8-sig", "cp1252")
    delimiters: tuple[SingleCharacter, ...] = (";", ",", "\t")
    date_format: str


class SupplierForm(FileForm):
    """How one supplier writes its files: the form of text and days, code lists, files.

    ``sensitive_codes`` holds, by code list, the codes that may not be kept; ``other_editions`` the codes that hold in other editions
    than the one that is read.
    """

    code_lists: Mapping[str, Mapping[StrictStr, StrictStr | StrictBool]]
    sensitive_codes: Mapping[str, SensitiveCodes] = Field(default_factory=dict)
    other_editions: Mapping[str, tuple[StrictStr, ...]] = Field(default_factory=dict)
    files: Mapping[str, FileLayout]


class Supplement(SupplierForm):
    """How files of another sender, delivered with those of a main layout, become canonical tables; its identities are of the main layout's kind."""

    supplement: Literal[True]


class Layout(SupplierForm):
    """How a supplier's files become canonical tables.

    ``rules`` says whether the rules of the target population are applied, and if not, why; ``source`` is what tables name as their
    source; ``municipality`` the code of the home municipality whose register it is, if they are; ``editions`` names the tables of
    columns and codes per half-year; ``supplements`` are those that the files of a composed layout come from.
    """

    identity: IdentityKind
    rules: LawRules
    source: str
    municipality: str | None = None
    delivery_note: DeliveryNote | None = None
    editions: str | None = None
    supplements: tuple[Supplement, ...] = ()

    @property
    def file_names(self) -> tuple[str, ...]:
        """Every file of a delivery, the delivery note last."""
        return (*self.files, *((self.delivery_note.file,) if self.delivery_note else ()))

    @property
    def noted_files(self) -> dict[str, FileLayout]:
        """The files that the delivery note tells of: those of the main layout, not those of other senders."""
        return {name: file for name, file in self.files.items() if self.form_of(name) is self}

    def form_of(self, file_name: str) -> SupplierForm:
        """Return the form in which a file is written: its supplement's, or the layout's own."""
        return next((form for form in self.supplements if file_name in form.files), self)


class FinishedLayout(FileForm):
    """The one file of finished tables: its form, and the source of every field that a row tells (`finished_tables.py`)."""

    finished: Literal[True]
    file: str
    columns: Mapping[Literal["table_id", "title", "row", "column", "value", "unit", "period", "source", "contact"], str]
