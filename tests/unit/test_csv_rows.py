"""The rows of a CSV file are the same whether the engine reads it or csv; the engine leaves to csv what it does not take whole."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis.ingest.coded_text import coded, emptied, replaced, rows_where
from kaa_analysis.ingest.expected_columns import ExpectedColumns
from kaa_analysis.ingest.files import csv_rows as subject

COLUMNS = ExpectedColumns(used=("NR", "TEXT"), named=("NR", "TEXT", "TELEFON"), only_presence=frozenset({"TELEFON"}))
BOM = b"\xef\xbb\xbf"


def read(tmp_path: Path, content: bytes, *, encoding: str = "utf-8") -> subject.CsvRows:
    path = tmp_path / "fil.csv"
    path.write_bytes(content)
    return subject.csv_rows(path, content, encoding=encoding, delimiter=";", columns=COLUMNS)


def by_engine(tmp_path: Path, content: bytes) -> subject.CsvRows | None:
    path = tmp_path / "fil.csv"
    path.write_bytes(content)
    return subject._read_by_engine(path, content, encoding="utf-8-sig", delimiter=";", columns=COLUMNS)


@pytest.mark.parametrize(
    "content",
    [
        b"NR;TEXT\n1;a\n2;\n",
        BOM + b"NR;TEXT\n1; a\n2;NULL\n",
        "TEXT;ANNAT;NR\nÅsa 'x';y;3\n\\N;,;#1\n".encode(),
        b"NR;TEXT;TELEFON\n1;a;070\n2;b; \n",
        b"NR;TEXT\n" + b"".join(b"%d;%d\n" % (number, number % 7) for number in range(60_000)),
    ],
)
def test_the_engine_and_csv_read_a_plain_file_alike(tmp_path, content):
    quick = by_engine(tmp_path, content)
    plain = subject._read_by_csv(content, encoding="utf-8-sig", delimiter=";", columns=COLUMNS)
    assert (quick.header, quick.n_ragged) == (plain.header, plain.n_ragged)
    pd.testing.assert_frame_equal(quick.rows, plain.rows)


@pytest.mark.parametrize(
    ("content", "n_ragged"),
    [
        (b"NR;TEXT\n1;a;x\n2;b\n", 1),
        (b"NR;TEXT\n1\n2;b\n", 1),
        (b"NR;TEXT\n1;a\n\n2;b\n", 1),
        (b"NR;TEXT\n\n\n", 2),
        (b"NR;TEXT\n1;a\r2;b\n", 0),
        (b"NR;TEXT\r\n1;a\r\n2;b \r\n", 0),
        (b"NR;TEXT\n", 0),
    ],
)
def test_rows_of_another_width_are_counted_and_other_line_ends_are_rows(tmp_path, content, n_ragged):
    found = read(tmp_path, content)
    plain = subject._read_by_csv(content, encoding="utf-8", delimiter=";", columns=COLUMNS)
    assert (found.n_ragged, plain.n_ragged) == (n_ragged, n_ragged)
    pd.testing.assert_frame_equal(found.rows, plain.rows)


def test_a_quoted_field_may_hold_delimiter_line_end_and_quotation_mark_and_its_row_begins_on_its_line(tmp_path):
    found = read(tmp_path, b'NR;TEXT\n1;"a;b\nc ""d"""\n2;e"f\n').rows
    assert found.to_dict("list") == {"NR": ["1", "2"], "TEXT": ['a;b\nc "d"', 'e"f']}
    assert list(found.index) == [2, 4]


def test_a_file_of_many_parts_is_one_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(subject, "ROWS_AT_ONCE", 2)
    found = read(tmp_path, b'NR;TEXT\n1;"c"\n2;a\n3;b\n4;a\n5;"c"\n').rows
    assert found.to_dict("list") == {"NR": ["1", "2", "3", "4", "5"], "TEXT": ["c", "a", "b", "a", "c"]}
    assert (list(found["TEXT"].cat.categories), list(found.index)) == (["a", "b", "c"], [2, 3, 4, 5, 6])


@pytest.mark.parametrize("content", [b'NR;TEXT\n1;"a"b\n', b'NR;TEXT\n1;"a\n', b"NR;TEXT\n1;" + b"a" * 200_000 + b"\n"])
def test_quotation_marks_that_do_not_match_and_fields_too_long_are_refused(tmp_path, content):
    with pytest.raises(csv.Error):
        read(tmp_path, content)


def test_values_of_a_coded_column_are_replaced_emptied_and_looked_at_once_each():
    text = pd.Series(coded(["b", "a", "b", "c"]), index=[2, 3, 4, 5])
    assert list(replaced(text, {"b": "c"})) == ["c", "a", "c", "c"]
    assert list(emptied(text, where=pd.Series([True, False, False, True], index=text.index))) == ["", "a", "b", ""]
    assert list(rows_where(text, [True, False, True])) == [False, True, False, True]
