"""What a layout says of the columns of one delivered file: which must and may be there, and what a value in each is to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kaa_analysis.ingest.layout import ColumnLayout, FileLayout, Layout, SupplierForm
from kaa_analysis.schema.tables import table_schema


@dataclass(frozen=True)
class ExpectedValue:
    """The type of the canonical column that a column of the file becomes, and, if it is coded, its codes with what they mean."""

    type: str
    codes: Mapping[str, str | bool] = field(default_factory=dict)


TEXT = ExpectedValue("text")


@dataclass(frozen=True)
class ExpectedColumns:
    """The columns of a delivered file: ``used`` must be there, ``named`` may be there (the used ones among them).

    Of those ``only_presence`` it is read whether something stands there; ``expected`` says what values in the others that are read are to be.
    """

    used: tuple[str, ...]
    named: tuple[str, ...]
    only_presence: frozenset[str] = frozenset()
    expected: Mapping[str, ExpectedValue] = field(default_factory=dict)


def expected_columns(name: str, *, layout: Layout) -> ExpectedColumns:
    """Return the columns of the file that the layout calls ``name``, the delivery note included.

    >>> from kaa_analysis.ingest.layout_files import read_layout
    >>> expected_columns("folkbokforing.csv", layout=read_layout("ber")).expected["KOMMUN"]
    ExpectedValue(type='municipality', codes={})
    """
    note = layout.delivery_note
    if note is not None and name == note.file:
        columns = (note.file_column, note.rows_column, note.date_column)
        values = dict(zip(columns, (TEXT, ExpectedValue("number"), ExpectedValue("date")), strict=True))
        return ExpectedColumns(columns, columns, expected=values)
    file = layout.files[name]
    return ExpectedColumns(file.used, file.named, file.only_presence, _values(file, form=layout.form_of(name)))


def _values(file: FileLayout, *, form: SupplierForm) -> dict[str, ExpectedValue]:
    values: dict[str, ExpectedValue] = {}
    for feed in file.feeds:
        schema = table_schema(feed.table)
        for name, column in feed.columns.items():
            if column.present or column.numbered or column.from_identity:
                continue
            value = ExpectedValue(schema.columns[name].type, _codes(column, form=form))
            values[column.source] = value if values.get(column.source, value) == value else TEXT
    return values


def _codes(column: ColumnLayout, *, form: SupplierForm) -> dict[str, str | bool]:
    if column.codes is None:
        return {}
    sensitive = form.sensitive_codes.get(column.codes)
    neutral = dict.fromkeys(sensitive.codes, sensitive.read_as) if sensitive else {}
    return {**form.code_lists[column.codes], **neutral}
