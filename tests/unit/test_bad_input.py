"""Every kind of bad input: what is told (kind and counts), that its good twin is read, and that no value ever leaves."""

import shutil
import traceback
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis.core.errors import ExtractError, KaaError, UnexpectedError
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.ingest.extract import add_extract
from kaa_analysis.ingest.register_reader import read_register

SMALL = Path(__file__).parents[1] / "data" / "ber_small"
FILES = sorted(path.name for path in SMALL.iterdir())
EXTRACT_ROWS = {"registrations": 22, "persons": 20, "contacts": 20}

Change = Callable[[Path], None]


@pytest.fixture
def secure(tmp_path) -> SecureFolder:
    return SecureFolder(tmp_path / "secure")


@pytest.fixture
def delivery(tmp_path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "delivery"))


def read(delivery: Path, secure: SecureFolder, **options):
    add_extract("prov", layout="ber_demo", files=sorted(delivery.iterdir()), extract_date=None, secure=secure)
    return read_register("prov", secure=secure, **options)


def refused(delivery: Path, secure: SecureFolder, **options) -> ExtractError:
    with pytest.raises(ExtractError) as caught:
        read(delivery, secure, **options)
    assert caught.value.exit_code == 4
    return caught.value


def nothing(delivery: Path) -> None:
    """The good twin of most bad extracts: the same without the change."""


def text(name: str, old: str, new: str) -> Change:
    """Replace the first ``old`` in a file."""

    def change(delivery: Path) -> None:
        before = (delivery / name).read_text(encoding="utf-8")
        assert old in before
        (delivery / name).write_text(before.replace(old, new, 1), encoding="utf-8", newline="\n")

    return change


def content(name: str, make: Callable[[bytes], bytes]) -> Change:
    """Replace a file's bytes."""
    return lambda delivery: (delivery / name).write_bytes(make((delivery / name).read_bytes())) and None


def cell(name: str, row: int, column: str, value: str) -> Change:
    """Set one cell; rows count from 1 after the header."""

    def change(delivery: Path) -> None:
        lines = (delivery / name).read_text(encoding="utf-8").splitlines()
        fields = lines[row].split(";")
        fields[lines[0].split(";").index(column)] = value
        lines[row] = ";".join(fields)
        (delivery / name).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")

    return change


def all_of(*changes: Change) -> Change:
    def change(delivery: Path) -> None:
        for one in changes:
            one(delivery)

    return change


def without_row(name: str, row: int) -> Change:
    def change(delivery: Path) -> None:
        lines = (delivery / name).read_text(encoding="utf-8").splitlines()
        del lines[row]
        (delivery / name).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")

    return change


def repeated_row(name: str, row: int) -> Change:
    def change(delivery: Path) -> None:
        lines = (delivery / name).read_text(encoding="utf-8").splitlines()
        (delivery / name).write_text("\n".join([*lines, lines[row]]) + "\n", encoding="utf-8", newline="\n")

    return change


def renamed(old: str, new: str) -> Change:
    return lambda delivery: (delivery / old).rename(delivery / new) and None


FILE_PROBLEMS: dict[str, tuple[Change, Change, tuple[str, ...]]] = {
    "a file is missing": (
        lambda delivery: (delivery / "bevis.csv").unlink(),
        nothing,
        ("bevis.csv: filen saknas",),
    ),
    "the delivery note is missing": (
        lambda delivery: (delivery / "leverans.csv").unlink(),
        nothing,
        ("leverans.csv: filen saknas",),
    ),
    "a file is misspelt": (
        renamed("kontakter.csv", "kontakt.csv"),
        nothing,
        ("kontakter.csv: filen saknas", 'kontakt.csv: filen känner layouten inte (menade du "kontakter.csv"?)'),
    ),
    "a file too many, named after someone": (
        lambda delivery: (delivery / "200681011234.csv").write_text("x") and None,
        nothing,
        ("(namnet visas inte): filen känner layouten inte",),
    ),
    "an empty file": (content("kaa.csv", lambda _: b""), nothing, ("kaa.csv: filen är tom",)),
    "a file of blank lines": (content("kaa.csv", lambda _: b"\n\n"), nothing, ("kaa.csv: filen är tom",)),
    "a DOS code page": (
        content("kontakter.csv", lambda there: there.decode().encode("cp850")),
        nothing,
        (
            "kontakter.csv: filen ska vara UTF-8, UTF-8 med BOM eller Windows-1252;"
            " den ser ut att vara DOS (kodsida 850) (inte UTF-8 vid byte 144)",
        ),
    ),
    "UTF-16": (
        content("kaa.csv", lambda there: there.decode().encode("utf-16")),
        nothing,
        ("kaa.csv: filen ska vara UTF-8, UTF-8 med BOM eller Windows-1252; den är UTF-16",),
    ),
    "UTF-16 without mark": (
        content("kaa.csv", lambda there: there.decode().encode("utf-16-le")),
        nothing,
        ("kaa.csv: filen innehåller nolltecken; den ser ut att vara UTF-16 eller skadad",),
    ),
    "cut off in a row": (
        content("kaa.csv", lambda there: there[:-20]),
        nothing,
        (
            "kaa.csv: den sista raden är inte avslutad; filen kan vara avhuggen",
            "kaa.csv: fel antal fält på 1 rad; rubrikraden har 8 fält",
        ),
    ),
    "cut off between rows": (
        without_row("kaa.csv", 22),
        nothing,
        ("kaa.csv: ska ha 22 rader enligt leverans.csv men har 21; filen kan vara avhuggen",),
    ),
    "more rows than told": (
        repeated_row("kaa.csv", 22),
        nothing,
        ("kaa.csv: ska ha 22 rader enligt leverans.csv men har 23",),
    ),
    "ragged rows": (
        all_of(text("bevis.csv", ";GRU;", ";GRU;;"), text("bevis.csv", ";MOT;", ";")),
        nothing,
        ("bevis.csv: fel antal fält på 2 rader; rubrikraden har 3 fält",),
    ),
    "a misspelt column": (
        text("kaa.csv", "AVSLUTSORSAK", "AVSLUTORSAK"),
        nothing,
        (
            "kaa.csv: kolumnen AVSLUTSORSAK saknas",
            'kaa.csv: kolumnen AVSLUTORSAK känner layouten inte (menade du "AVSLUTSORSAK"?)',
        ),
    ),
    "a column twice": (
        text("bevis.csv", "BEVIS;DATUM", "BEVIS;BEVIS"),
        nothing,
        ("bevis.csv: kolumnen DATUM saknas", "bevis.csv: kolumnen BEVIS finns 2 gånger"),
    ),
    "a column of a sensitive kind": (
        text("bevis.csv", "DATUM", "Hälsa"),
        nothing,
        (
            "bevis.csv: kolumnen DATUM saknas",
            "bevis.csv: kolumnen Hälsa får inte finnas i ett KAA-register (hälsa eller funktionsnedsättning)",
        ),
    ),
    "a column that could be a value": (
        text("bevis.csv", "DATUM", "200681011234"),
        nothing,
        (
            "bevis.csv: kolumnen DATUM saknas",
            "bevis.csv: kolumnen (namnet visas inte) känner layouten inte",
        ),
    ),
    "no header": (
        all_of(without_row("bevis.csv", 0)),
        nothing,
        ("bevis.csv: rubrikraden saknas: inget av fälten på första raden är en kolumn som layouten känner",),
    ),
    "another delimiter": (
        content("bevis.csv", lambda there: there.replace(b";", b"|")),
        nothing,
        ("bevis.csv: fälten ska skiljas åt med semikolon, komma eller tabb; filen ser ut att ha lodstreck",),
    ),
    "quotes that do not match": (
        text("kontakter.csv", "Vårutskick 2023", '"Vårutskick 2023'),
        text("kontakter.csv", "Vårutskick 2023", '"Vårutskick 2023"'),
        ("kontakter.csv: citattecknen går inte ihop; filen kan vara avhuggen",),
    ),
    "a file that the note does not name": (
        without_row("leverans.csv", 4),
        nothing,
        ("leverans.csv: bevis.csv saknas i leveransfilen",),
    ),
    "a file that only the note names": (
        content("leverans.csv", lambda there: there + b"hemligt.csv;3;2025-01-31\n"),
        nothing,
        ("leverans.csv: nämner 1 fil som layouten inte känner",),
    ),
    "a file twice in the note": (
        repeated_row("leverans.csv", 1),
        nothing,
        ("leverans.csv: nämner 1 fil mer än en gång",),
    ),
    "a count that is none": (
        cell("leverans.csv", 1, "RADER", "tjugo"),
        nothing,
        ("leverans.csv: radantalet för personer.csv är inte ett rimligt heltal",),
    ),
    "several days of extract": (
        cell("leverans.csv", 1, "UTTAGSDATUM", "2025-02-01"),
        nothing,
        ("leverans.csv: UTTAGSDATUM ska vara samma dag på alla rader men det finns 2 olika",),
    ),
    "a day of extract that is none": (
        content("leverans.csv", lambda there: there.replace(b"2025-01-31", b"2025-01-32")),
        nothing,
        ("leverans.csv: UTTAGSDATUM är inte ett giltigt datum",),
    ),
    "several files at once": (
        all_of(content("bevis.csv", lambda _: b""), text("kaa.csv", "LOPNR", "NR"), renamed("insatser.csv", "x.csv")),
        nothing,
        (
            "insatser.csv: filen saknas",
            "x.csv: filen känner layouten inte",
            "bevis.csv: filen är tom",
            "kaa.csv: kolumnen LOPNR saknas",
            "kaa.csv: kolumnen NR känner layouten inte",
        ),
    ),
}


@pytest.mark.parametrize(("bad", "good", "found"), FILE_PROBLEMS.values(), ids=FILE_PROBLEMS.keys())
def test_a_bad_file_is_told_and_its_good_twin_is_read(tmp_path, delivery, bad, good, found):
    twin = Path(shutil.copytree(delivery, tmp_path / "twin"))
    bad(delivery)
    error = refused(delivery, SecureFolder(tmp_path / "secure"), accept_problem_rows=1000)
    assert error.expected == 'Uttaget "prov" ska ha de filer och kolumner som layouten "ber_demo" anger.'
    assert error.found == found
    assert error.action == "rätta leveransen och hämta in den under ett nytt namn; ett uttag ändras aldrig"
    assert not (tmp_path / "secure" / "registers").exists()
    good(twin)
    counts = read(twin, SecureFolder(tmp_path / "other")).row_counts
    assert {name: counts[name] for name in EXTRACT_ROWS} == EXTRACT_ROWS


P01, P02 = "200581151016", "200583022041"
REAL_TEST_NUMBER = "189001029819"

ROW_PROBLEMS: dict[str, tuple[Change, tuple[str, ...], int]] = {
    "a code that the layout does not know": (
        all_of(cell("kaa.csv", 3, "STARTORSAK", "XYZ"), cell("kaa.csv", 5, "STARTORSAK", "np")),
        ("kaa.csv, STARTORSAK: okänd kod – 2 rader",),
        2,
    ),
    "a yes/no that is neither": (
        cell("insatser.csv", 1, "ACCEPTERAD", "ja"),
        ("insatser.csv, ACCEPTERAD: okänd kod – 1 rad",),
        1,
    ),
    "days that do not exist or are written otherwise": (
        all_of(
            cell("bevis.csv", 1, "DATUM", "2021-02-29"),
            cell("bevis.csv", 2, "DATUM", "2021-6-10"),
            cell("bevis.csv", 3, "DATUM", "20210610"),
            cell("bevis.csv", 4, "DATUM", "9999-12-31"),
            cell("bevis.csv", 5, "DATUM", " 2021-06-10"),
        ),
        ("bevis.csv, DATUM: ogiltigt datum – 5 rader",),
        5,
    ),
    "numbers that are none": (
        all_of(cell("kaa.csv", 3, "LOPNR", "1.0"), cell("kontakter.csv", 7, "ANTAL_PERSONAL", "två")),
        ("kaa.csv, LOPNR: inte ett heltal – 1 rad", "kontakter.csv, ANTAL_PERSONAL: inte ett heltal – 1 rad"),
        2,
    ),
    "municipalities that are none, one with its zero lost": (
        all_of(cell("folkbokforing.csv", 3, "KOMMUN", "180"), cell("folkbokforing.csv", 4, "KOMMUN", "Stockholm")),
        (
            "folkbokforing.csv, KOMMUN: inledande nollor saknas (så gör Excel) – 1 rad",
            "folkbokforing.csv, KOMMUN: inte en kommunkod med fyra siffror – 1 rad",
        ),
        2,
    ),
    "required values that are missing": (
        all_of(cell("kaa.csv", 3, "STARTDATUM", ""), cell("kontakter.csv", 2, "UTFALL", "")),
        (
            "kaa.csv, STARTDATUM: obligatoriskt värde saknas – 1 rad",
            "kontakter.csv, UTFALL: obligatoriskt värde saknas – 1 rad",
        ),
        2,
    ),
    "an identity that is missing": (
        cell("kontakter.csv", 2, "PERSONNUMMER", ""),
        ("kontakter.csv, PERSONNUMMER: obligatoriskt värde saknas – 1 rad",),
        1,
    ),
    "an end before its start": (
        cell("kaa.csv", 1, "SLUTDATUM", "2023-02-28"),
        ("kaa.csv, SLUTDATUM: slutdatum före startdatum – 1 rad",),
        1,
    ),
    "an end without a start": (
        cell("insatser.csv", 4, "SLUT", "2023-10-01"),
        ("insatser.csv, SLUT: slutdatum utan startdatum – 1 rad",),
        1,
    ),
    "a key in two rows": (
        cell("kaa.csv", 2, "LOPNR", "1"),
        ("kaa.csv, PERSONNUMMER+LOPNR: samma nyckel på flera rader – 2 rader",),
        2,
    ),
    "identities of the wrong form, date, check digit and kind": (
        all_of(
            cell("bevis.csv", 1, "PERSONNUMMER", "058115-1016"),
            cell("bevis.csv", 2, "PERSONNUMMER", "200582302041"),
            cell("bevis.csv", 3, "PERSONNUMMER", P01[:-1] + "7"),
            cell("bevis.csv", 4, "PERSONNUMMER", REAL_TEST_NUMBER),
        ),
        (
            "bevis.csv, PERSONNUMMER: identiteten har ett omöjligt datum – 1 rad",
            "bevis.csv, PERSONNUMMER: identiteten har fel form – 1 rad",
            "bevis.csv, PERSONNUMMER: identiteten har fel kontrollsiffra – 1 rad",
            "bevis.csv, PERSONNUMMER: identitet som kan vara verklig, som layouten inte tar emot – 1 rad",
        ),
        4,
    ),
    "a person that is not among the persons": (
        cell("bevis.csv", 1, "PERSONNUMMER", "200681010013"),
        ("bevis.csv, PERSONNUMMER: personen finns inte bland personerna – 1 rad",),
        1,
    ),
    "an identity in a text": (
        cell("kontakter.csv", 1, "UTSKICK", f"till {P02}"),
        ("kontakter.csv, UTSKICK: text som ser ut att innehålla ett personnummer – 1 rad",),
        1,
    ),
    "a person set aside takes all its rows along": (
        cell("personer.csv", 1, "KON", "X"),
        (
            "personer.csv, KON: okänd kod – 1 rad",
            "folkbokforing.csv, PERSONNUMMER: personens egen rad har undantagits – 2 rader",
            "skolgang.csv, PERSONNUMMER: personens egen rad har undantagits – 2 rader",
            "bevis.csv, PERSONNUMMER: personens egen rad har undantagits – 1 rad",
            "kaa.csv, PERSONNUMMER: personens egen rad har undantagits – 2 rader",
            "kontakter.csv, PERSONNUMMER: personens egen rad har undantagits – 2 rader",
            "insatser.csv, PERSONNUMMER: personens egen rad har undantagits – 2 rader",
        ),
        12,
    ),
    "two problems in one row are one row": (
        all_of(cell("kaa.csv", 3, "STARTORSAK", "XYZ"), cell("kaa.csv", 3, "REGISTRERAD", "igår")),
        ("kaa.csv, REGISTRERAD: ogiltigt datum – 1 rad", "kaa.csv, STARTORSAK: okänd kod – 1 rad"),
        1,
    ),
}


@pytest.mark.parametrize(("bad", "found", "n_failing"), ROW_PROBLEMS.values(), ids=ROW_PROBLEMS.keys())
def test_bad_rows_stop_the_reading_unless_that_many_are_accepted(delivery, secure, bad, found, n_failing):
    bad(delivery)
    error = refused(delivery, secure, accept_problem_rows=n_failing - 1)
    assert error.found == found
    assert error.action == (
        "titta på raderna i den säkra mappen, i problems/prov/ (orsaken står i kolumnen ORSAK). Rätta dem i källan och gör ett"
        f" nytt uttag, eller godta att de undantas: --godta-problemrader {n_failing}, eller accept_problem_rows: {n_failing}"
        " i parameterfilen"
    )
    assert not secure.registers.exists()

    register = read(delivery, secure, accept_problem_rows=n_failing)
    assert register.accepted_problem_rows == n_failing
    assert sum(register.row_counts.values()) == 148 - n_failing


def test_the_message_says_how_many_rows_in_how_many_files_and_how_many_were_allowed(delivery, secure):
    cell("personer.csv", 1, "KON", "X")(delivery)
    error = refused(delivery, secure, accept_problem_rows=3)
    assert error.expected == 'Uttaget "prov" har 12 rader i 7 filer som inte kan läsas in; högst 3 rader får undantas.'


def test_a_failing_row_lies_whole_in_the_problem_file_with_its_line_and_causes(delivery, secure):
    all_of(cell("kaa.csv", 3, "STARTORSAK", "XYZ"), cell("kaa.csv", 3, "REGISTRERAD", "igår"))(delivery)
    refused(delivery, secure)
    assert (secure.problems / "prov" / "kaa.csv").read_text(encoding="utf-8") == (
        "ORSAK;RAD;PERSONNUMMER;LOPNR;STARTDATUM;STARTORSAK;SLUTDATUM;AVSLUTSORSAK;SENASTE_SKOLA;REGISTRERAD\n"
        f"REGISTRERAD:OGILTIGT_DATUM STARTORSAK:OKAND_KOD;4;{P02};1;2022-07-01;XYZ;;;IMA;igår\n"
    )
    assert [path.name for path in (secure.problems / "prov").iterdir()] == ["kaa.csv"]
    assert (secure.problems / "prov" / "kaa.csv").stat().st_mode & 0o777 == 0o600


def test_a_register_with_accepted_problems_is_not_opened_by_who_accepts_none(delivery, secure):
    cell("kaa.csv", 3, "STARTORSAK", "XYZ")(delivery)
    read(delivery, secure, accept_problem_rows=1)
    assert refused(delivery, secure).found == ("kaa.csv, STARTORSAK: okänd kod – 1 rad",)
    told = []
    read(delivery, secure, accept_problem_rows=5, progress=told.append)
    assert told == ['Registret "prov" är redan inläst och oförändrat.']


def test_an_extract_dated_otherwise_than_its_note_is_refused(delivery, secure):
    add_extract("prov", layout="ber_demo", files=sorted(delivery.iterdir()), extract_date=None, secure=secure)
    description = secure.extracts / "prov" / "uttag.yaml"
    description.write_text('layout: ber_demo\nextract_date: "2025-01-30"\n', encoding="utf-8")
    with pytest.raises(ExtractError) as caught:
        read_register("prov", secure=secure)
    assert caught.value.found == ("leverans.csv: UTTAGSDATUM är en annan dag än uttagsdagen i uttag.yaml",)
    description.write_text('layout: ber_demo\nextract_date: "2025-01-31"\n', encoding="utf-8")
    assert read_register("prov", secure=secure).row_counts["persons"] == 20


@pytest.mark.parametrize(
    "description",
    [
        "",
        "- ber",
        "layout: [",
        "layout: 3",
        "layout: ber_demo\nextra: 1",
        'layout: ber_demo\nextract_date: "igår"',
        "layout: ber_demo\nextract_date: 2025-01-31 10:00:00",
        "layout: ber_demo\nobserved_from: 2020-01-01T00:00:00",
        "layout: ber\nlayout: ber_demo",
        "layout: 2025-01-31",
        "layout: ber_demo\nsupplements: ['20088103-1234']",
    ],
)
def test_a_description_that_is_none_is_refused(delivery, secure, description):
    add_extract("prov", layout="ber_demo", files=sorted(delivery.iterdir()), extract_date=None, secure=secure)
    (secure.extracts / "prov" / "uttag.yaml").write_text(description, encoding="utf-8")
    with pytest.raises(ExtractError) as caught:
        read_register("prov", secure=secure)
    assert caught.value.expected == "Uttaget ska ha en fil uttag.yaml med layout och uttagsdag."


def test_a_folder_among_the_files_is_told(delivery, secure):
    add_extract("prov", layout="ber_demo", files=sorted(delivery.iterdir()), extract_date=None, secure=secure)
    (secure.extracts / "prov" / "gammalt").mkdir()
    with pytest.raises(ExtractError) as caught:
        read_register("prov", secure=secure)
    assert caught.value.found == ("1 mapp som layouten inte känner",)


def test_a_sex_or_birth_date_other_than_the_identitys_is_a_finding_and_kept(delivery, secure):
    all_of(
        cell("personer.csv", 1, "KON", "K"),
        cell("personer.csv", 2, "KON", "M"),
        cell("personer.csv", 3, "FODELSEDATUM", "2005-06-29"),
        cell("kaa.csv", 4, "SLUTDATUM", ""),
        cell("kaa.csv", 5, "STARTDATUM", "2025-02-01"),
    )(delivery)
    register = read(delivery, secure)
    assert register.findings == {
        "sex_differs_from_identity": 2,
        "birth_date_differs_from_identity": 1,
        "overlapping_registrations": 1,
        "exit_reason_without_date": 1,
        "dated_after_extract": 1,
    }
    assert register.row_counts["persons"] == 20


def test_rows_that_are_lost_on_the_way_stop_the_reading(delivery, secure, monkeypatch):
    def losing(converted, *, failed_lines):
        return converted.rows.iloc[1:]

    monkeypatch.setattr("kaa_analysis.ingest.register_reader.kept_rows", losing)
    error = refused(delivery, secure)
    assert error.expected == "Varje läst rad ska finnas i registret eller bland problemraderna."
    assert error.found[0] == "personer.csv, persons: summan stämmer inte (20 rader lästa)"
    assert not secure.registers.exists()


def test_a_table_that_breaks_the_contract_stops_the_reading_with_counts(delivery, secure, monkeypatch):
    def unchecked(rows, *, table):
        return rows.assign(sex="hemligt") if table == "persons" else rows

    monkeypatch.setattr("kaa_analysis.ingest.register_reader.typed_table", unchecked)
    error = refused(delivery, secure)
    assert error.expected == "Tabellerna ska uppfylla registrets kontrakt."
    assert "persons, sex: isin – 20 rader" in error.found
    assert "hemligt" not in error.message()


CANARIES = {"identity": "200681010013", "date": "1987-06-05", "text": "Kanariefågel Hemlig", "number": "4711471147"}


def planted(delivery: Path, canary: str) -> int:
    """Plant a canary in every column of every file, each in a row of its own; return how many cells."""
    n_planted = 0
    for name in FILES:
        header = (delivery / name).read_text(encoding="utf-8").splitlines()[0].split(";")
        for row, column in enumerate(header, start=1):
            cell(name, row, column, canary)(delivery)
            n_planted += 1
    return n_planted


def outside(tmp_path: Path, *, secure: SecureFolder, delivery: Path) -> str:
    kept = (secure.path, delivery)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and not any(path.is_relative_to(it) for it in kept)]
    return "".join(str(path) + path.read_text(errors="replace") for path in files)


@pytest.mark.parametrize("note", ["good note", "bad note"])
@pytest.mark.parametrize("canary", CANARIES.values(), ids=CANARIES.keys())
def test_a_canary_in_every_column_of_every_file_never_leaves(
    tmp_path, delivery, secure, capfd, monkeypatch, canary, note
):
    monkeypatch.chdir(tmp_path)
    assert planted(delivery, canary) == 52 + 3
    if note == "good note":
        shutil.copy(SMALL / "leverans.csv", delivery / "leverans.csv")
    told: list[str] = []
    with pytest.raises(KaaError) as caught:
        read(delivery, secure, progress=told.append)
    printed = "".join(capfd.readouterr())
    seen = "\n".join([*told, caught.value.message(), *traceback.format_exception(caught.value), printed])
    assert canary not in seen
    assert canary not in outside(tmp_path, secure=secure, delivery=delivery)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("canary", CANARIES.values(), ids=CANARIES.keys())
def test_a_canary_in_rows_that_are_set_aside_never_leaves(tmp_path, delivery, secure, capfd, monkeypatch, canary):
    monkeypatch.chdir(tmp_path)
    planted(delivery, canary)
    shutil.copy(SMALL / "leverans.csv", delivery / "leverans.csv")
    told: list[str] = []
    register = read(delivery, secure, accept_problem_rows=1000, progress=told.append)
    assert register.accepted_problem_rows > 50
    assert canary not in "\n".join([*told, repr(register), *capfd.readouterr()])
    assert canary not in outside(tmp_path, secure=secure, delivery=delivery)


@pytest.mark.parametrize("canary", CANARIES.values(), ids=CANARIES.keys())
def test_a_canary_in_a_file_without_header_never_leaves(delivery, secure, canary):
    for name in FILES:
        cell(name, 1, (delivery / name).read_text(encoding="utf-8").splitlines()[0].split(";")[-1], canary)(delivery)
        without_row(name, 0)(delivery)
    error = refused(delivery, secure)
    assert len(error.found) == len(FILES)
    assert canary not in "".join(traceback.format_exception(error))


def test_a_foreign_error_is_replaced_and_its_text_stays_in_the_secure_folder(delivery, secure, monkeypatch):
    canary = CANARIES["text"]

    def foreign(raw: pd.DataFrame, **_):
        raise ValueError(canary)

    monkeypatch.setattr("kaa_analysis.ingest.register_reader.convert", foreign)
    with pytest.raises(UnexpectedError) as caught:
        read(delivery, secure)
    assert caught.value.expected == "Inläsningen av uttaget kunde inte slutföras."
    assert caught.value.exit_code == 70
    assert canary not in "".join(traceback.format_exception(caught.value))
    assert canary in (secure.logs / "senaste_fel.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(("day", "is_read"), [("1999-07-01", True), ("2000-04-30", True), ("2001-01-01", False)])
def test_a_day_of_extract_long_after_all_that_happened_is_refused(secure, day, is_read):
    mvad = Path(__file__).resolve().parents[1] / "data" / "mvad_spells.csv"
    add_extract("mvad", layout="mvad", files=[mvad], extract_date=date.fromisoformat(day), secure=secure)
    if is_read:
        assert read_register("mvad", secure=secure).row_counts["registrations"] == 507
        return
    with pytest.raises(ExtractError, match="mer än ett år") as refusal:
        read_register("mvad", secure=secure)
    assert "1999" not in str(refusal.value)


def test_a_file_that_begins_with_an_empty_line_lacks_its_header(delivery, secure):
    path = delivery / "kaa.csv"
    path.write_text("\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    add_extract("prov", layout="ber_demo", files=sorted(delivery.iterdir()), extract_date=None, secure=secure)
    with pytest.raises(ExtractError, match="rubrikraden saknas"):
        read_register("prov", secure=secure)
