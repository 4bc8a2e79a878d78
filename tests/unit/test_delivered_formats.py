"""The same register whatever format it was delivered in, and a clear refusal or problem row for everything that is uncertain."""

from __future__ import annotations

import csv
import io
import shutil
import traceback
import zipfile
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from openpyxl.styles import Protection
from openpyxl.worksheet.formula import ArrayFormula

from kaa_analysis.core.errors import ExtractError
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.ingest.delivered_files import read_delivered_file
from kaa_analysis.ingest.expected_columns import ExpectedValue, expected_columns
from kaa_analysis.ingest.extract import add_extract
from kaa_analysis.ingest.files import xlsx_package
from kaa_analysis.ingest.files.csv_recognition import recognised_encoding
from kaa_analysis.ingest.layout_files import layout_bytes, parse_layout, read_layout
from kaa_analysis.ingest.reasons import REASON_LABELS, Reason
from kaa_analysis.ingest.register_reader import read_register
from kaa_analysis.ingest.spoiled_cells import spoiling
from kaa_analysis.schema.tables import tables

DATA = Path(__file__).parents[1] / "data"
SMALL = DATA / "ber_small"
LAYOUT = read_layout("ber_demo")
N_ROWS = 148
NUMBERS = {"LOPNR", "KONTAKTNR", "INSATSNR", "ANTAL_PERSONAL", "PERSONNUMMER", "SKOLENHET", "RADER"}
DAYS = {
    "FODELSEDATUM", "FROM", "TOM", "DATUM", "STARTDATUM", "SLUTDATUM", "REGISTRERAD", "PLANERAT_BESOK", "SVARSDATUM",
    "ERBJUDEN", "START", "SLUT", "UTTAGSDATUM",
}  # fmt: skip
CANARY = "Kanariefågel Hemlig"

Write = Callable[[Path, list[str], list[list[str]]], None]


@pytest.fixture
def secure(tmp_path) -> SecureFolder:
    return SecureFolder(tmp_path / "secure")


@pytest.fixture
def delivery(tmp_path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "delivery"))


def content(name: str) -> tuple[list[str], list[list[str]]]:
    with (SMALL / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream, delimiter=";")
    return header, rows


def stems() -> list[str]:
    return sorted(path.stem for path in SMALL.iterdir())


def read(delivery: Path, secure: SecureFolder, *, name: str = "prov", **options):
    add_extract(name, layout="ber_demo", files=sorted(delivery.iterdir()), extract_date=None, secure=secure)
    return read_register(name, secure=secure, **options)


def refused(delivery: Path, secure: SecureFolder, **options) -> ExtractError:
    with pytest.raises(ExtractError) as caught:
        read(delivery, secure, **options)
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    return caught.value


def as_csv(*, encoding: str, delimiter: str) -> Write:
    def write(path: Path, header: list[str], rows: list[list[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows([header, *rows])
        path.with_suffix(".csv").write_bytes(text.getvalue().encode(encoding))

    return write


def typed(column: str, value: str):
    """Return a value as a program with types would hold it."""
    if value == "":
        return None
    if column in NUMBERS:
        return int(value)
    return date.fromisoformat(value) if column in DAYS else value


def as_workbook_of_texts(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with xlsxwriter.Workbook(path.with_suffix(".xlsx"), {"strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([header, *rows]):
            for place, value in enumerate(row):
                sheet.write_string(number, place, value) if value else sheet.write_blank(number, place, None)


def as_typed_workbook(path: Path, header: list[str], rows: list[list[str]]) -> None:
    book = openpyxl.Workbook()
    book.active.append(header)
    for row in rows:
        book.active.append([typed(column, value) for column, value in zip(header, row, strict=True)])
    book.create_sheet("Tomt blad")
    book.save(path.with_suffix(".xlsx"))


def as_streamed_workbook(path: Path, header: list[str], rows: list[list[str]]) -> None:
    """Texts in the cells themselves, dates in another format, as a program that streams writes them."""
    with xlsxwriter.Workbook(path.with_suffix(".xlsx"), {"constant_memory": True, "date_1904": True}) as book:
        sheet = book.add_worksheet()
        as_day = book.add_format({"num_format": "[$-41D]d mmmm yyyy;@"})
        sheet.write_row(0, 0, header)
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(typed(*pair) for pair in zip(header, row, strict=True)):
                if isinstance(value, date):
                    sheet.write_datetime(number, place, value, as_day)
                elif value is not None:
                    sheet.write(number, place, value)


def parquet_of(path: Path, frame: pd.DataFrame, *, columns: str = "*") -> None:
    with duckdb.connect() as engine:
        engine.register("frame", frame)
        engine.execute(f"COPY (SELECT {columns} FROM frame) TO '{path.with_suffix('.parquet')}' (FORMAT parquet)")


def as_parquet_of_texts(path: Path, header: list[str], rows: list[list[str]]) -> None:
    parquet_of(path, pd.DataFrame(rows, columns=header, dtype="string").replace("", pd.NA))


def as_typed_parquet(path: Path, header: list[str], rows: list[list[str]]) -> None:
    kinds = {column: "BIGINT" for column in header if column in NUMBERS} | {
        column: "TIMESTAMP" if column == "STARTDATUM" else "DATE" for column in header if column in DAYS
    }
    columns = [
        f'("{column}" = \'J\') AS "{column}"'
        if column in ("SKYDDAD", "TELEFON_FINNS")
        else f'CAST("{column}" AS {kinds.get(column, "VARCHAR")}) AS "{column}"'
        for column in header
    ]
    frame = pd.DataFrame(rows, columns=header, dtype="string").replace("", pd.NA)
    parquet_of(path, frame, columns=", ".join(columns))


FORMATS: dict[str, Write] = {
    **{
        f"csv {encoding} {words}": as_csv(encoding=encoding, delimiter=delimiter)
        for encoding in ("utf-8", "utf-8-sig", "cp1252")
        for delimiter, words in ((";", "semicolon"), (",", "comma"), ("\t", "tab"))
    },
    "workbook of texts": as_workbook_of_texts,
    "workbook with types": as_typed_workbook,
    "workbook as streamed, from 1904": as_streamed_workbook,
    "parquet of texts": as_parquet_of_texts,
    "parquet with types": as_typed_parquet,
}


def written(folder: Path, write: Write, *, only: Iterable[str] | None = None) -> Path:
    """Return a folder with the small register in which the files of ``only`` (all if None) are written anew by ``write``."""
    folder.mkdir()
    for name in stems():
        if only is None or name in only:
            write(folder / name, *content(name))
        else:
            shutil.copy(SMALL / f"{name}.csv", folder)
    return folder


def assert_same_register(one, other) -> None:
    assert (one.row_counts, one.findings, one.extract_date) == (other.row_counts, other.findings, other.extract_date)
    for table in tables():
        pd.testing.assert_frame_equal(one.table(table), other.table(table))


class TestTheSameRegister:
    @pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS.keys())
    def test_every_format_gives_the_same_tables_and_findings(self, tmp_path, delivery, secure, write):
        other = read(written(tmp_path / "other", write), secure, name="other")
        assert sum(other.row_counts.values()) == N_ROWS
        assert_same_register(read(delivery, secure), other)

    def test_one_delivery_may_mix_formats(self, tmp_path, delivery, secure):
        folder = written(tmp_path / "other", as_typed_workbook, only=["kaa"])
        (folder / "bevis.csv").unlink()
        as_typed_parquet(folder / "bevis", *content("bevis"))
        assert_same_register(read(delivery, secure), read(folder, secure, name="other"))

    def test_the_note_may_name_the_files_as_delivered_and_suffixes_may_be_capitals(self, tmp_path, delivery, secure):
        folder = written(tmp_path / "other", as_workbook_of_texts, only=["kaa", "bevis"])
        (folder / "bevis.xlsx").rename(folder / "bevis.XLSX")
        note = folder / "leverans.csv"
        note.write_text(note.read_text().replace("kaa.csv", "kaa.xlsx").replace("bevis.csv", "bevis.XLSX"))
        assert_same_register(read(delivery, secure), read(folder, secure, name="other"))

    def test_the_progress_says_what_was_recognised(self, tmp_path, secure):
        folder = written(tmp_path / "other", as_csv(encoding="cp1252", delimiter="\t"), only=["kontakter", "bevis"])
        as_csv(encoding="utf-8-sig", delimiter=";")(folder / "kaa", *content("kaa"))
        told: list[str] = []
        read(folder, secure, progress=told.append)
        assert told[3:6] == [
            "Läste bevis.csv: 20 rader. Fälten skiljs åt med tabb.",
            "Läste kaa.csv: 22 rader. Kodningen är UTF-8 med BOM.",
            "Läste kontakter.csv: 20 rader. Kodningen är Windows-1252. Fälten skiljs åt med tabb.",
        ]

    def test_hidden_rows_and_saved_values_of_formulas_are_read_and_told(self, tmp_path, delivery, secure):
        folder = written(tmp_path / "other", as_workbook_of_texts, only=["kaa"])
        header, rows = content("kaa")
        with xlsxwriter.Workbook(folder / "kaa.xlsx") as book:
            sheet = book.add_worksheet()
            for number, row in enumerate([header, *rows]):
                for place, value in enumerate(row):
                    sheet.write_string(number, place, value) if value else None
            sheet.write_formula(1, 3, '="A"&"VN"', None, rows[0][3])
            sheet.write_formula(len(rows) + 1, 0, '=""', None, "nothing")
            sheet.autofilter(0, 0, len(rows), len(header) - 1)
            for number in (2, 5, 6):
                sheet.set_row(number, None, None, {"hidden": True})
        repacked(folder / "kaa.xlsx", in_sheet(b"<v>nothing</v>", b"<v></v>"))
        told: list[str] = []
        assert_same_register(read(delivery, secure), read(folder, secure, name="other", progress=told.append))
        assert told[4] == "Läste kaa.xlsx: 22 rader. Läste också 3 dolda rader. Läste 1 formel med det sparade värdet."

    def test_spaces_after_values_are_taken_away_and_told(self, tmp_path, delivery, secure):
        folder = written(tmp_path / "other", as_csv(encoding="utf-8", delimiter=";"))
        header, rows = content("kaa")
        padded = [[rows[0][0] + "  ", *rows[0][1:]], [rows[1][0], rows[1][1] + "\u00a0", *rows[1][2:]], *rows[2:]]
        as_csv(encoding="utf-8", delimiter=";")(folder / "kaa", header, padded)
        told: list[str] = []
        assert_same_register(read(delivery, secure), read(folder, secure, name="other", progress=told.append))
        assert told[4] == "Läste kaa.csv: 22 rader. Tog bort blanksteg efter värdet i 2 celler."

    def test_unneeded_columns_are_discarded_and_presence_is_read_in_every_format(self, tmp_path, monkeypatch):
        record = layout_bytes("ber").replace(
            b"has_phone: {source: TELEFON_FINNS, codes: yes_no}", b"has_phone: {source: TELEFON, present: true}"
        )
        layout = parse_layout(record)
        header, rows = content("personer")
        place = header.index("TELEFON_FINNS")
        header = [*header[:place], "TELEFON", *header[place + 1 :], "EFTERNAMN"]
        rows = [[*row[:place], "0701234567" if row[place] == "J" else "", *row[place + 1 :], CANARY] for row in rows]
        for write in FORMATS.values():
            folder = tmp_path / f"one{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            if write is not as_typed_parquet:
                write(folder / "personer", header, rows)
                [path] = folder.iterdir()
                file = read_delivered_file(path, name="personer.csv", layout=layout).file
                assert file.rows["TELEFON"].value_counts().to_dict() == {"finns": 16, "saknas": 4}
                assert (file.discarded, "EFTERNAMN" in file.rows) == (("namn",), False)


class TestNames:
    def test_a_table_in_two_formats_is_refused(self, delivery, secure):
        as_workbook_of_texts(delivery / "kaa", *content("kaa"))
        as_parquet_of_texts(delivery / "kaa", *content("kaa"))
        assert refused(delivery, secure).found == (
            "kaa.csv: finns i flera format (kaa.csv, kaa.parquet, kaa.xlsx); lämna en av dem",
        )

    @pytest.mark.parametrize(
        ("suffix", "words"),
        [
            (".xls", "det gamla Excelformatet"), (".xlsm", "Excel med makron"), (".xlsb", "Excels binära format"),
            (".ods", "OpenDocument"), (".txt", "ett okänt textformat"),
        ],
    )  # fmt: skip
    def test_other_formats_of_a_known_table_are_told_as_such(self, delivery, secure, suffix, words):
        (delivery / "kaa.csv").rename(delivery / f"kaa{suffix}")
        assert refused(delivery, secure).found == (
            "kaa.csv: filen saknas",
            f"kaa{suffix}: filen är i {words}, som inte läses; lämna den som CSV, XLSX eller Parquet",
        )

    def test_what_needs_a_grant_needs_it_in_every_format(self, tmp_path, secure):
        for format_, write in (("xlsx", as_workbook_of_texts), ("parquet", as_parquet_of_texts)):
            folder = Path(shutil.copytree(SMALL, tmp_path / format_))
            header, *rows = list(csv.reader((DATA / "ber_new" / "antagning.csv").open(encoding="utf-8"), delimiter=";"))
            write(folder / "antagning", header, rows)
            add_extract(format_, layout="ber_demo", files=sorted(folder.iterdir()), extract_date=None, secure=secure)
            with pytest.raises(ExtractError, match="inget beslut är registrerat"):
                read_register(format_, secure=secure, grants=())

    def test_rows_are_compared_with_the_note_in_every_format(self, tmp_path, secure):
        for number, write in enumerate((as_typed_workbook, as_typed_parquet)):
            folder = written(tmp_path / f"folder{number}", write)
            header, rows = content("kaa")
            write(folder / "kaa", header, rows[:-1])
            assert refused(folder, secure, name=f"prov{number}").found == (
                "kaa.csv: ska ha 22 rader enligt leverans.csv men har 21; filen kan vara avhuggen",
            )


def csv_problem(tmp_path: Path, content_: bytes, *, name: str = "kaa.csv", layout=LAYOUT) -> tuple[str, ...]:
    (tmp_path / name).write_bytes(content_)
    return read_delivered_file(tmp_path / name, name=name, layout=layout).problems


class TestRecognition:
    @pytest.mark.parametrize(
        ("text", "encoding", "found"),
        [
            ("Vår", "utf-8", "utf-8"),
            ("Var", "ascii", "utf-8"),
            ("Vår – höst", "cp1252", "cp1252"),
            ("Café på ön", "cp1252", "cp1252"),
            ("Vår", "iso-8859-1", "cp1252"),
            ("Vår", "utf-8-sig", "utf-8-sig"),
        ],
    )
    def test_what_is_certain_is_read(self, text, encoding, found):
        allowed = ("utf-8", "utf-8-sig", "cp1252")
        assert recognised_encoding(text.encode(encoding), allowed=allowed).code == found

    @pytest.mark.parametrize(
        ("content_", "words"),
        [
            ("Väg".encode("cp850"), "den ser ut att vara DOS (kodsida 850) (inte UTF-8 vid byte 1)"),
            ("Väg".encode("mac_roman"), "den ser ut att vara Mac (MacRoman) (inte UTF-8 vid byte 1)"),
            ("Café".encode("cp1252"), "den ser ut att vara Windows-1252 (inte UTF-8 vid byte 3)"),
            ("Vår Øst".encode("cp1252"), "den ser ut att vara av okänd kodning eller skadad (inte UTF-8 vid byte 1)"),
            ("Vår".encode("cp1252") + "Vår".encode(), "den ser ut att vara av okänd kodning eller skadad (inte UTF-8 vid byte 1)"),
            ("Vår".encode()[:2], "den ser ut att vara av okänd kodning eller skadad (inte UTF-8 vid byte 1)"),
            ("Vår".encode("utf-16"), "den är UTF-16"),
        ],
    )  # fmt: skip
    def test_what_is_not_is_refused_with_what_it_looks_like(self, content_, words):
        found = recognised_encoding(content_, allowed=("utf-8", "cp1252"))
        assert (found.code, found.problem) == (None, f"filen ska vara UTF-8 eller Windows-1252; {words}")

    @pytest.mark.parametrize(
        ("write", "words"),
        [
            (as_workbook_of_texts, "en Excelfil (XLSX) eller ett arkiv"),
            (as_parquet_of_texts, "en Parquetfil"),
        ],
    )
    def test_another_format_named_csv_is_told(self, tmp_path, write, words):
        write(tmp_path / "x", *content("kaa"))
        [path] = tmp_path.iterdir()
        assert csv_problem(tmp_path, path.read_bytes()) == (f"filen heter som en CSV-fil men är {words}",)

    def test_a_layout_may_allow_less(self, tmp_path):
        narrow = parse_layout(layout_bytes("ber") + b'\nencodings: [utf-8]\ndelimiters: [";"]\n')
        kaa = (SMALL / "kaa.csv").read_bytes()
        marked = b"\xef\xbb\xbf" + kaa
        assert csv_problem(tmp_path, kaa, layout=narrow) == ()
        assert csv_problem(tmp_path, marked) == ()
        assert csv_problem(tmp_path, marked, layout=narrow) == (
            "filen ska vara UTF-8; den ser ut att vara UTF-8 med BOM",
        )
        assert csv_problem(tmp_path, kaa.replace(b";", b","), layout=narrow) == (
            "fälten ska skiljas åt med semikolon; filen ser ut att ha komma",
        )

    def test_a_header_that_fits_two_delimiters_is_refused_and_data_never_decides(self, tmp_path):
        both = b"PERSONNUMMER;DATUM,BEVIS\n1;2,3\n"
        assert csv_problem(tmp_path, both, name="bevis.csv") == (
            "rubrikraden går att läsa med både semikolon och komma mellan fälten",
        )
        decoy = b"PERSONNUMMER;BEVIS;DATUM\n1,2,3,4,5;GRU;2021-06-10\n"
        file = read_delivered_file(_file(tmp_path, "bevis.csv", decoy), name="bevis.csv", layout=LAYOUT).file
        assert file.rows.to_dict("list") == {"PERSONNUMMER": ["1,2,3,4,5"], "BEVIS": ["GRU"], "DATUM": ["2021-06-10"]}

    @pytest.mark.parametrize(
        "write", [as_csv(encoding="utf-8", delimiter=";"), as_workbook_of_texts, as_parquet_of_texts]
    )
    def test_letters_read_in_the_wrong_encoding_and_saved_so_are_a_problem_of_the_file(self, tmp_path, secure, write):
        folder = written(tmp_path / "other", write, only=["kontakter"])
        header, rows = content("kontakter")
        misread = [[value.encode().decode("cp1252") for value in row] for row in rows]
        write(folder / "kontakter", header, misread)
        [found] = refused(folder, secure).found
        n_cells = sum(not value.isascii() for row in rows for value in row)
        assert found.partition(": ")[2] == (
            f"å, ä och ö är förvanskade i {n_cells} celler: filen har lästs i fel kodning och sparats om;"
            " be leverantören om en ny"
        )


def _file(folder: Path, name: str, content_: bytes) -> Path:
    (folder / name).write_bytes(content_)
    return folder / name


def workbook(tmp_path: Path, change: Callable[[openpyxl.Workbook], object], *, name: str = "kaa") -> Path:
    """Return a workbook of the small register's file, changed."""
    as_typed_workbook(tmp_path / name, *content(name))
    book = openpyxl.load_workbook(tmp_path / f"{name}.xlsx")
    change(book)
    book.save(tmp_path / f"{name}.xlsx")
    return tmp_path / f"{name}.xlsx"


def repacked(
    path: Path, change: Callable[[str, bytes], bytes | None], *, extra: dict[str, bytes] | None = None
) -> Path:
    """Rewrite the parts of a package; None drops one."""
    with zipfile.ZipFile(path) as package:
        parts = {name: change(name, package.read(name)) for name in package.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in (parts | (extra or {})).items():
            if part is not None:
                package.writestr(name, part)
    return path


def same(name: str, part: bytes) -> bytes:
    return part


def in_sheet(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    def change(name: str, part: bytes) -> bytes:
        return part.replace(old, new, 1) if name.endswith("sheet1.xml") else part

    return change


def shared(folder: Path) -> Path:
    """Return a workbook whose texts are shared by number."""
    as_workbook_of_texts(folder / "kaa", *content("kaa"))
    return folder / "kaa.xlsx"


def problems_of(path: Path) -> tuple[str, ...]:
    reading = read_delivered_file(path, name=f"{path.stem}.csv", layout=LAYOUT)
    assert (reading.file is None) == bool(reading.problems)
    assert CANARY not in "".join(reading.problems)
    return reading.problems


DAMAGED = ("filen är skadad och går inte att läsa som en Excelfil",)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
NO_HEADER = ("rubrikraden saknas: inget av fälten på första raden är en kolumn som layouten känner",)

WORKBOOKS: dict[str, tuple[Callable[[Path], Path], tuple[str, ...]]] = {
    "other sheets with content, one hidden": (
        lambda folder: workbook(
            folder,
            lambda book: (
                book.create_sheet("Två").append([CANARY]),
                book.create_sheet("Tre").append([1]),
                setattr(book["Tre"], "sheet_state", "hidden"),
            ),
        ),
        ("filen har 2 blad med innehåll utöver det första; lämna en fil per tabell",),
    ),
    "a chart sheet": (
        lambda folder: workbook(folder, lambda book: book.create_chartsheet("Diagram")),
        ("filen har 1 blad med innehåll utöver det första; lämna en fil per tabell",),
    ),
    "merged cells": (
        lambda folder: workbook(folder, lambda book: book.active.merge_cells("A3:A4")),
        ("bladet har 1 område med sammanslagna celler; dela upp dem, så att varje rad har sina egna värden",),
    ),
    "a title above the header": (
        lambda folder: workbook(
            folder, lambda book: (book.active.insert_rows(1), setattr(book.active["A1"], "value", CANARY))
        ),
        NO_HEADER,
    ),
    "an empty first row": (lambda folder: workbook(folder, lambda book: book.active.insert_rows(1)), NO_HEADER),
    "an empty sheet": (lambda folder: workbook(folder, lambda book: book.active.delete_rows(1, 30)), NO_HEADER),
    "a column that the layout does not know": (
        lambda folder: workbook(folder, lambda book: setattr(book.active["I1"], "value", "HUVUDMAN_2")),
        ("kolumnen HUVUDMAN_2 känner layouten inte",),
    ),
    "something beside the table": (
        lambda folder: workbook(folder, lambda book: setattr(book.active["K9"], "value", CANARY)),
        ("1 rad har något till höger om rubrikradens kolumner",),
    ),
    "macros": (
        lambda folder: repacked(workbook(folder, lambda book: None), same, extra={"xl/vbaProject.bin": b"x"}),
        ("filen har makron; spara den som XLSX utan makron",),
    ),
    "links to other files": (
        lambda folder: repacked(
            workbook(folder, lambda book: None), same, extra={"xl/externalLinks/externalLink1.xml": b"x"}
        ),
        ("filen har länkar till andra filer; spara den med värden i stället för länkar",),
    ),
    "a binary workbook": (
        lambda folder: repacked(workbook(folder, lambda book: None), same, extra={"xl/workbook.bin": b"x"}),
        ("filen är i Excels binära format (xlsb); spara den som XLSX",),
    ),
    "another archive": (
        lambda folder: repacked(workbook(folder, lambda book: None), lambda name, part: None, extra={"a.txt": b"x"}),
        ("filen heter som en Excelfil men är ett annat arkiv, eller är skadad",),
    ),
    "an old workbook": (
        lambda folder: _file(folder, "kaa.xlsx", OLE + "Workbook".encode("utf-16-le")),
        ("filen är i det gamla Excelformatet (xls); spara den som XLSX",),
    ),
    "a password": (
        lambda folder: _file(folder, "kaa.xlsx", OLE + "EncryptedPackage".encode("utf-16-le")),
        ("filen är skyddad med lösenord; lämna den utan",),
    ),
    "text named xlsx": (
        lambda folder: _file(folder, "kaa.xlsx", (SMALL / "kaa.csv").read_bytes()),
        ("filen heter som en Excelfil men är ingen, eller är skadad",),
    ),
    "an empty file": (lambda folder: _file(folder, "kaa.xlsx", b""), ("filen är tom",)),
    "cut off": (
        lambda folder: _file(folder, "kaa.xlsx", workbook(folder, lambda book: None).read_bytes()[:-40]),
        ("filen heter som en Excelfil men är ingen, eller är skadad",),
    ),
    "bytes before the package": (
        lambda folder: _file(folder, "kaa.xlsx", b"\xef\xbb\xbf" + workbook(folder, lambda book: None).read_bytes()),
        ("filen heter som en Excelfil men är ingen, eller är skadad",),
    ),
    "a document type": (
        lambda folder: repacked(
            workbook(folder, lambda book: None),
            in_sheet(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><worksheet'),
        ),
        ("filen är skadad: den har en dokumenttyp, som ingen Excelfil har",),
    ),
    "a sheet cut off": (
        lambda folder: repacked(workbook(folder, lambda book: None), in_sheet(b"</sheetData>", b"")),
        DAMAGED,
    ),
    "a sheet that is missing": (
        lambda folder: repacked(
            workbook(folder, lambda book: None), lambda name, part: None if name.endswith("sheet1.xml") else part
        ),
        DAMAGED,
    ),
    "a text that is missing": (
        lambda folder: repacked(shared(folder), in_sheet(b't="s"><v>3<', b't="s"><v>999<')),
        DAMAGED,
    ),
    "rows out of order": (
        lambda folder: repacked(workbook(folder, lambda book: None), in_sheet(b'<row r="5"', b'<row r="2"')),
        ("filen är skadad: bladets rader står inte i ordning",),
    ),
    "a cell twice": (
        lambda folder: repacked(workbook(folder, lambda book: None), in_sheet(b'<c r="B5"', b'<c r="A5"')),
        ("filen är skadad: samma cell står två gånger",),
    ),
    "cells out of order": (
        lambda folder: repacked(workbook(folder, lambda book: None), in_sheet(b'<c r="B5"', b'<c r="J5"')),
        ("filen är skadad: radens celler står inte i ordning",),
    ),
    "a row beyond the sheet": (
        lambda folder: repacked(workbook(folder, lambda book: None), in_sheet(b'<row r="23"', b'<row r="1048577"')),
        ("filen är skadad: bladets rader står inte i ordning",),
    ),
    "the strict form": (
        lambda folder: repacked(
            workbook(folder, lambda book: None),
            lambda name, part: part.replace(b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", STRICT),
        ),
        ("filen är sparad som strikt Open XML; spara den som vanlig XLSX",),
    ),
    "colours that no program writes": (
        lambda folder: repacked(
            workbook(folder, lambda book: None), lambda name, part: part.replace(b'<color theme="1"', b'<color rgb="x"')
        ),
        ("filen är skadad eller skriven på ett ovanligt sätt; öppna den i Excel och spara den på nytt som XLSX",),
    ),
    "a cell nowhere": (
        lambda folder: repacked(workbook(folder, lambda book: None), in_sheet(b'<c r="B5"', b'<c r="ZZZZ5"')),
        ("filen är skadad: en cell har en omöjlig plats",),
    ),
}


class TestWorkbooks:
    @pytest.mark.parametrize(("make", "found"), WORKBOOKS.values(), ids=WORKBOOKS.keys())
    def test_what_is_not_one_plain_table_is_refused(self, tmp_path, make, found):
        assert problems_of(make(tmp_path)) == found

    def test_the_good_twin_of_all_of_them_is_read(self, tmp_path):
        path = repacked(workbook(tmp_path, lambda book: None), same)
        file = read_delivered_file(path, name="kaa.csv", layout=LAYOUT).file
        header, rows = content("kaa")
        assert [list(file.rows), *file.rows.to_numpy().tolist()] == [header, *rows]
        assert list(file.rows.index) == list(range(2, 24))
        assert (file.told, len(file.problems)) == ((), 0)

    def test_a_package_that_unpacks_to_too_much_is_refused_before_it_is_read(self, tmp_path, monkeypatch):
        path = repacked(workbook(tmp_path, lambda book: None), same, extra={"xl/media/image.png": b"\0" * 3_000_000})
        assert path.stat().st_size < 20_000
        assert problems_of(path) == ()
        monkeypatch.setattr(xlsx_package, "MAX_UNPACKED_BYTES", 2**21)
        assert problems_of(path) == (
            "filen är större än 2 MiB uppackad och läses inte; lämna tabellen som CSV eller Parquet",
        )

    def test_a_protected_sheet_and_names_with_a_prefix_are_read(self, tmp_path):
        def protect(book):
            book.active.protection.sheet = True
            book.active["A1"].protection = Protection(locked=True)

        path = workbook(tmp_path, protect)
        plain = read_delivered_file(path, name="kaa.csv", layout=LAYOUT).file.rows

        def prefixed(name: str, part: bytes) -> bytes:
            if not name.endswith("sheet1.xml"):
                return part
            part = (
                part.replace(b"</", b"</x:").replace(b"<", b"<x:").replace(b"<x:/x:", b"</x:").replace(b"<x:?", b"<?")
            )
            return part.replace(b"xmlns=", b"xmlns:x=", 1)

        repacked(path, prefixed)
        pd.testing.assert_frame_equal(read_delivered_file(path, name="kaa.csv", layout=LAYOUT).file.rows, plain)

    def test_the_size_that_a_sheet_says_of_itself_hides_no_rows(self, tmp_path):
        path = workbook(tmp_path, lambda book: None)
        whole = read_delivered_file(path, name="kaa.csv", layout=LAYOUT).file.rows
        repacked(path, in_sheet(b'<dimension ref="A1:H23"', b'<dimension ref="A1:B2"'))
        pd.testing.assert_frame_equal(read_delivered_file(path, name="kaa.csv", layout=LAYOUT).file.rows, whole)

    def test_no_value_of_a_cell_is_warned_of(self, tmp_path, recwarn):
        path = workbook(tmp_path, set_cell("A3", 200581151016, "yyyy-mm-dd"))
        recwarn.clear()
        assert (problems_of(path), len(recwarn)) == ((), 0)

    def test_empty_rows_are_no_rows_and_every_row_keeps_its_number(self, tmp_path):
        path = workbook(tmp_path, lambda book: book.active.insert_rows(4, amount=2))
        rows = read_delivered_file(path, name="kaa.csv", layout=LAYOUT).file.rows
        assert list(rows.index) == [2, 3, *range(6, 26)]
        assert rows["PERSONNUMMER"].ne("").all()

    def test_texts_are_read_whole_with_fonts_line_breaks_and_escapes(self, tmp_path):
        with xlsxwriter.Workbook(tmp_path / "kontakter.xlsx") as book:
            sheet = book.add_worksheet()
            header, rows = content("kontakter")
            sheet.write_row(0, 0, header)
            for number, text in enumerate(("Rad\nbruten", "_x000A_", "<&>", "", None), start=1):
                sheet.write_row(number, 0, rows[0])
                sheet.write_string(number, 5, text) if text is not None else None
            sheet.write_rich_string(5, 5, "Halv", book.add_format({"bold": True}), "fet")
        rows = read_delivered_file(tmp_path / "kontakter.xlsx", name="kontakter.csv", layout=LAYOUT).file.rows
        assert list(rows["UTSKICK"]) == ["Rad\nbruten", "_x000A_", "<&>", "", "Halvfet"]


def set_cell(place: str, value, number_format: str | None = None) -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        book.active[place] = value
        if number_format:
            book.active[place].number_format = number_format

    return change


def error(book: openpyxl.Workbook) -> None:
    book.active["D3"] = "#REF!"
    assert book.active["D3"].data_type == "e"


CELLS: dict[str, tuple[Callable[[openpyxl.Workbook], object], str, str, str]] = {
    "a cell with an error": (error, "STARTORSAK", "CELLFEL", "#REF!"),
    "a formula without value": (set_cell("D3", '="AVN"'), "STARTORSAK", "FORMEL_UTAN_VARDE", ""),
    "an array formula without value": (set_cell("D3", ArrayFormula("D3", "=A1:A2")), "STARTORSAK", "FORMEL_UTAN_VARDE", ""),
    "true": (set_cell("D3", True), "STARTORSAK", "OGILTIG_CELL", "SANT"),
    "decimals": (set_cell("B3", 2.5), "LOPNR", "OGILTIG_CELL", "2.5"),
    "a day with a clock time": (set_cell("C3", datetime(2024, 5, 1, 12)), "STARTDATUM", "OGILTIG_CELL", "45413.5"),  # noqa: DTZ001
    "a day before there are certain ones": (set_cell("C3", 59, "yyyy-mm-dd"), "STARTDATUM", "OGILTIG_CELL", "59"),
    "a day that is a plain number": (set_cell("C3", 45413, "General"), "STARTDATUM", "EXCEL_DATUM_SOM_TAL", "45413"),
    "an identity in the form of a day": (set_cell("A3", 200581151016, "yyyy-mm-dd"), "PERSONNUMMER", "OGILTIG_CELL", "200581151016"),
    "a clock time": (set_cell("C3", 0.5, "yyyy-mm-dd"), "STARTDATUM", "OGILTIG_CELL", "0.5"),
    "a length of time": (set_cell("C3", 45413, "[h]:mm"), "STARTDATUM", "OGILTIG_CELL", "45413"),
    "a number beyond all bounds": (set_cell("B3", 1.5e300), "LOPNR", "EXCEL_SIFFROR_BORTA", "15" + "0" * 299),
    "a code that became a day": (set_cell("D3", date(2024, 5, 1)), "STARTORSAK", "EXCEL_VARDE_SOM_DATUM", "2024-05-01"),
    "an identity as shown": (set_cell("A3", "2,00581E+11"), "PERSONNUMMER", "EXCEL_SIFFROR_BORTA", "2,00581E+11"),
    "an identity rounded": (set_cell("A3", 200581000000), "PERSONNUMMER", "EXCEL_SIFFROR_BORTA", "200581000000"),
    "more digits than Excel keeps": (set_cell("A3", 2005811510161234), "PERSONNUMMER", "EXCEL_SIFFROR_BORTA", "2005811510161234"),
    "an apostrophe": (set_cell("A3", "'200581151016"), "PERSONNUMMER", "EXCEL_APOSTROF", "'200581151016"),
}  # fmt: skip


class TestSpoiledCells:
    @pytest.mark.parametrize(("change", "column", "reason", "text"), CELLS.values(), ids=CELLS.keys())
    def test_a_cell_that_is_spoiled_is_a_problem_row_whole_in_the_problem_file(
        self, tmp_path, secure, change, column, reason, text
    ):
        folder = written(tmp_path / "other", as_typed_workbook)
        workbook(folder, change)
        caught = refused(folder, secure)
        assert caught.found == (f"kaa.csv, {column}: {REASON_LABELS[Reason(reason)]} – 1 rad",)
        header, rows = content("kaa")
        whole = [text if name == column else value for name, value in zip(header, rows[1], strict=True)]
        with (secure.problems / "prov" / "kaa.csv").open(encoding="utf-8", newline="") as stream:
            assert list(csv.reader(stream, delimiter=";")) == [
                ["ORSAK", "RAD", *header],
                [f"{column}:{reason}", "3", *whole],
            ]
        register = read(folder, secure, accept_problem_rows=1)
        assert sum(register.row_counts.values()) + register.accepted_problem_rows == N_ROWS

    @pytest.mark.parametrize(
        ("value", "kind", "codes", "reason"),
        [
            ("180", "municipality", (), Reason.EXCEL_ZERO_LOST),
            ("0180", "municipality", (), None),
            ("7", "code", ("07", "10"), Reason.EXCEL_ZERO_LOST),
            ("10", "code", ("07", "10"), None),
            ("9", "code", ("07", "10"), None),
            ("45413", "date", (), Reason.EXCEL_DATE_AS_NUMBER),
            ("45413", "number", (), None),
            ("2024-05-01", "date", (), None),
            ("1E+07", "text", (), Reason.EXCEL_DIGITS_LOST),
            ("1,00E+07", "text", (), Reason.EXCEL_DIGITS_LOST),
            ("E+07", "text", (), None),
            ("#SAKNAS!", "text", (), Reason.CELL_ERROR),
            ("#1", "text", (), None),
            ("'0180", "municipality", (), Reason.EXCEL_APOSTROPHE),
            ("'t Hart", "text", (), None),
            ("200581000000", "key", (), Reason.EXCEL_DIGITS_LOST),
            ("200581000000", "text", (), None),
            ("", "key", (), None),
        ],
    )
    def test_the_ways_of_a_spreadsheet_are_told_apart(self, value, kind, codes, reason):
        expected = ExpectedValue(kind, dict.fromkeys(codes, "other"))
        assert spoiling(value, expected=expected, date_format="%Y-%m-%d") is reason

    def test_a_number_of_days_that_is_a_date_in_the_layouts_form_is_one(self):
        assert spoiling("24123", expected=ExpectedValue("date"), date_format="%y%j") is None

    def test_the_same_is_seen_in_a_csv_file_saved_from_a_spreadsheet(self, tmp_path, secure):
        folder = written(tmp_path / "other", as_csv(encoding="cp1252", delimiter=";"))
        header, rows = content("folkbokforing")
        spoiled = [[value.replace("0180", "180") for value in row] for row in rows]
        as_csv(encoding="cp1252", delimiter=";")(folder / "folkbokforing", header, spoiled)
        n_rows = sum(row[1] == "180" for row in spoiled)
        assert n_rows > 20
        assert refused(folder, secure).found == (
            f"folkbokforing.csv, KOMMUN: inledande nollor saknas (så gör Excel) – {n_rows} rader",
        )

    def test_a_spoiled_cell_of_the_note_is_told(self, tmp_path, secure):
        folder = written(tmp_path / "other", as_typed_workbook)
        workbook(folder, set_cell("C2", 45688, "General"), name="leverans")
        assert refused(folder, secure).found == (
            "leverans.csv, UTTAGSDATUM: datumet har blivit ett tal (så gör Excel) – 1 rad",
            "leverans.csv: UTTAGSDATUM ska vara samma dag på alla rader men det finns 2 olika",
        )

    def test_a_cell_in_a_column_that_is_not_read_sets_no_row_aside(self, tmp_path):
        layout = read_layout("mvad")
        ignored = layout.files["mvad_spells.csv"].ignored
        columns = expected_columns("mvad_spells.csv", layout=layout)
        book = openpyxl.Workbook()
        book.active.append(list(columns.named))
        book.active.append([1.5 if name in ignored else "1" for name in columns.named])
        book.save(tmp_path / "mvad_spells.xlsx")
        file = read_delivered_file(tmp_path / "mvad_spells.xlsx", name="mvad_spells.csv", layout=layout).file
        assert (len(file.problems), file.rows.loc[2, "spell"]) == (0, "1.5")


class TestParquet:
    @pytest.mark.parametrize(
        ("column", "sql", "found"),
        [
            ("LOPNR", "1.5", "har en typ som inte läses"),
            ("LOPNR", "CAST(1 AS DOUBLE)", "har en typ som inte läses"),
            ("STARTORSAK", "['AVN']", "har en typ som inte läses"),
            ("STARTORSAK", "{'a': 'AVN'}", "har en typ som inte läses"),
            ("STARTORSAK", "CAST('AVN' AS BLOB)", "har en typ som inte läses"),
            ("STARTDATUM", "TIMESTAMPTZ '2024-05-01 00:00:00+00'", "har en typ som inte läses"),
            ("STARTDATUM", "TIME '12:00:00'", "har en typ som inte läses"),
            ("STARTORSAK", "true", "är ett sanningsvärde i filen men ska inte vara det"),
            ("STARTORSAK", "DATE '2024-05-01'", "är en dag i filen men ska inte vara det"),
        ],
    )
    def test_a_column_without_one_certain_form_as_text_is_refused(self, tmp_path, column, sql, found):
        header, rows = content("kaa")
        frame = pd.DataFrame(rows, columns=header, dtype="string")
        parquet_of(tmp_path / "kaa", frame, columns=f"* REPLACE ({sql} AS {column})")
        [problem] = problems_of(tmp_path / "kaa.parquet")
        assert problem.startswith(f"kolumnen {column} {found}")

    def test_a_day_with_a_clock_time_is_a_problem_row(self, tmp_path):
        header, rows = content("kaa")
        moment = "CASE WHEN LOPNR = '2' THEN TIMESTAMP '2024-05-01 12:00:00' ELSE TIMESTAMP '2024-05-01' END"
        parquet_of(tmp_path / "kaa", pd.DataFrame(rows, columns=header), columns=f"* REPLACE ({moment} AS STARTDATUM)")
        file = read_delivered_file(tmp_path / "kaa.parquet", name="kaa.csv", layout=LAYOUT).file
        second = [number for number, row in enumerate(rows, start=2) if row[1] == "2"]
        assert file.problems.to_dict("list") == {
            "RAD": second,
            "column": ["STARTDATUM"] * len(second),
            "reason": ["OGILTIG_CELL"] * len(second),
        }
        assert set(file.rows.loc[~file.rows.index.isin(second), "STARTDATUM"]) == {"2024-05-01"}

    @pytest.mark.parametrize(
        ("content_", "found"),
        [
            (b"", "filen är tom"),
            (b"PERSONNUMMER;LOPNR\n", "filen heter som en Parquetfil men är ingen, är krypterad eller skadad"),
            (b"PAR1" + b"\0" * 60 + b"PAR1", "filen är skadad och går inte att läsa som Parquet"),
        ],
    )
    def test_a_file_that_is_none_is_refused(self, tmp_path, content_, found):
        assert problems_of(_file(tmp_path, "kaa.parquet", content_)) == (found,)

    def test_a_file_cut_off_or_with_broken_pages_is_refused(self, tmp_path):
        as_parquet_of_texts(tmp_path / "kaa", *content("kaa"))
        whole = (tmp_path / "kaa.parquet").read_bytes()
        assert problems_of(tmp_path / "kaa.parquet") == ()
        damaged = ("filen är skadad och går inte att läsa som Parquet",)
        assert problems_of(_file(tmp_path, "kaa.parquet", whole[:-20])) == damaged
        assert problems_of(_file(tmp_path, "kaa.parquet", whole[:4] + b"\xff" * 400 + whole[404:])) == damaged

    def test_folders_named_like_partitions_add_no_columns(self, tmp_path):
        folder = tmp_path / "KON=K"
        folder.mkdir()
        as_parquet_of_texts(folder / "kaa", *content("kaa"))
        assert problems_of(folder / "kaa.parquet") == ()

    def test_a_column_that_the_layout_does_not_know_is_told(self, tmp_path):
        header, rows = content("kaa")
        parquet_of(tmp_path / "kaa", pd.DataFrame(rows, columns=header), columns="*, 1.5 AS HUVUDMAN_2")
        assert problems_of(tmp_path / "kaa.parquet") == ("kolumnen HUVUDMAN_2 känner layouten inte",)


class TestProblemFiles:
    @pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS.keys())
    def test_a_row_set_aside_is_whole_and_the_sum_holds_in_every_format(self, tmp_path, secure, write):
        folder = written(tmp_path / "other", write)
        header, rows = content("kaa")
        rows[2][3] = "XYZ"
        write(folder / "kaa", header, rows)
        assert refused(folder, secure).found == ("kaa.csv, STARTORSAK: okänd kod – 1 rad",)
        with (secure.problems / "prov" / "kaa.csv").open(encoding="utf-8", newline="") as stream:
            assert list(csv.reader(stream, delimiter=";")) == [
                ["ORSAK", "RAD", *header],
                ["STARTORSAK:OKAND_KOD", "4", *rows[2]],
            ]
        register = read(folder, secure, accept_problem_rows=1)
        assert sum(register.row_counts.values()) + register.accepted_problem_rows == N_ROWS

    def test_a_letter_that_the_layouts_encoding_lacks_is_not_lost(self, tmp_path, delivery, secure, monkeypatch):
        layout = LAYOUT.model_copy(update={"encoding": "cp1252"})
        monkeypatch.setattr("kaa_analysis.ingest.register_reader.read_layout", lambda name: layout)
        text = (delivery / "kaa.csv").read_text(encoding="utf-8").replace("AVN", "Łódź", 1)
        (delivery / "kaa.csv").write_text(text, encoding="utf-8", newline="\n")
        refused(delivery, secure)
        assert (secure.problems / "prov" / "kaa.csv").read_bytes().startswith(b"\xef\xbb\xbfORSAK;RAD;")
        assert ";Łódź;" in (secure.problems / "prov" / "kaa.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    "write", [as_workbook_of_texts, as_typed_workbook, as_parquet_of_texts], ids=["texts", "types", "parquet"]
)
def test_a_canary_in_every_column_never_leaves(tmp_path, secure, capfd, write):
    folder = written(tmp_path / "other", write)
    for name in ("personer", "kaa", "kontakter", "insatser"):
        header, rows = content(name)
        texts = as_workbook_of_texts if write is as_typed_workbook else write
        for place, row in zip(range(len(header)), rows, strict=False):
            row[place] = CANARY
        texts(folder / name, header, rows)
    told: list[str] = []
    refused(folder, secure, progress=told.append)
    register = read(folder, secure, accept_problem_rows=1000, progress=told.append)
    assert register.accepted_problem_rows > 30
    assert CANARY not in "\n".join([*told, repr(register), *capfd.readouterr()])
