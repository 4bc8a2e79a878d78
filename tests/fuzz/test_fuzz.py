"""A bounded sample of the fuzzing, spread over every family, and proof that each of its judgements can fall."""

import itertools
import logging
import warnings
from dataclasses import replace
from pathlib import Path

import pytest

from kaa_analysis.ingest import register_reader
from kaa_analysis.store.dtypes import typed_table
from tests.fuzz.bases import BASES, good_package
from tests.fuzz.binary_files import parquet_lines, workbook_lines
from tests.fuzz.file_mutations import DESCRIPTION
from tests.fuzz.judging import Judged, judged
from tests.fuzz.mutants import FAMILIES, NONE, OF_FILES, OF_TABLES, Mutant, mutant, unchanged
from tests.fuzz.oracle import Failure, good_tables, verdict
from tests.fuzz.packages import WRITERS, Form, Package, Table, write_csv, written
from tests.fuzz.raw_rows import RawRowsError, raw_rows, rows_of_file
from tests.fuzz.reading import read, sandbox
from tests.fuzz.summary import summary

SEED = 4
OF_EACH_FAMILY = 14
GOOD = "ber_small"


@pytest.mark.parametrize("family", FAMILIES)
def test_no_mutant_of_the_family_crashes_the_reading_loses_a_row_or_shows_a_persons_value(family):
    first = FAMILIES.index(family)
    numbers = range(first, first + OF_EACH_FAMILY * len(FAMILIES), len(FAMILIES))
    found = [judged(number, seed=SEED) for number in numbers]
    assert {mutant.family for mutant in found} == {family}
    assert [mutant.line for mutant in found if mutant.failures] == []


@pytest.mark.parametrize("base", BASES)
def test_the_good_delivery_is_read(base):
    assert verdict(unchanged(base), again=True) == ("register", [])


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("base", BASES)
def test_the_good_delivery_is_the_same_register_in_every_format(base, kind):
    assert verdict(Mutant(NONE, (), in_format(base, kind))) == ("register", [])


def in_format(base: str, kind: str) -> Package:
    package = good_package(base)
    for form in package.forms.values():
        form.kind = kind
    package.contents = dict(written(package))
    return package


@pytest.mark.parametrize("kind", WRITERS)
def test_a_row_lost_is_a_failure_in_every_format(monkeypatch, kind):
    monkeypatch.setattr(register_reader, "typed_table", losing)
    bad = Mutant("rows", (), in_format(GOOD, kind))
    assert verdict(bad) == ("register", [Failure("lost rows", "kontakter.csv, contacts")])


def test_the_formats_all_come_up_and_the_bytes_are_the_same_every_time():
    names = {name.rpartition(".")[2] for number in range(15) for name in mutant(SEED, number).package.contents}
    assert names >= {"csv", "xlsx", "parquet"}
    for kind in WRITERS:
        assert in_format(GOOD, kind).contents == in_format(GOOD, kind).contents


def test_a_mutant_is_the_same_bytes_every_time_and_its_neighbour_others():
    contents = [mutant(SEED, number).package.contents for number in (5, 5, 5 + len(FAMILIES))]
    assert contents[0] == contents[1]
    assert contents[0] != contents[2]


def test_every_mutation_of_every_family_comes_up_in_a_run(monkeypatch):
    monkeypatch.setattr("tests.fuzz.mutants.written", lambda package: {})
    steps = {step for number in range(1000) for step in mutant(SEED, number).steps}
    mutations = {f"{of}: {name}" for of, names in {**OF_TABLES, **OF_FILES}.items() for name in names}
    assert mutations - steps == set()


def plain(base: str = GOOD) -> Mutant:
    """The good delivery as if it were changed, so that its register is not held against the good one."""
    return replace(unchanged(base), family="rows")


def with_bad_code() -> Mutant:
    """The good delivery, but for an unknown sex of the first person, whose rows are then set aside."""
    bad = plain()
    bad.package.tables["personer.csv"].rows[0][2] = "X"
    bad.package.contents = dict(written(bad.package))
    return bad


def test_rows_set_aside_are_counted():
    assert verdict(with_bad_code()) == ("register", [])


def test_a_row_of_spaces_is_found_among_the_problem_rows():
    number = next(number for number in itertools.count() if mutant(4, number).steps == ("rows: blank",))
    assert judged(number, seed=4) == Judged(4, number, "rows", ("rows: blank",), "register", ())


def test_a_foreign_error_inside_the_boundary_is_a_failure(monkeypatch):
    def foreign(*_, **__):
        raise KeyError("2005")

    monkeypatch.setattr(register_reader, "convert", foreign)
    word, [failure] = verdict(plain())
    assert word == "70 Oväntat fel"
    assert failure.kind == "uncaught"


def test_a_foreign_error_outside_the_boundary_is_a_failure(monkeypatch):
    def foreign(*_, **__):
        raise KeyError("2005")

    monkeypatch.setattr("tests.fuzz.reading.read_register", foreign)
    assert verdict(plain()) == ("uncaught KeyError", [Failure("uncaught", "KeyError i okänd plats")])


def losing(rows, *, table):
    """Lose the last row of the contacts, after ingest has counted them."""
    return typed_table(rows.iloc[:-1] if table == "contacts" else rows, table=table)


def test_a_row_lost_on_the_way_to_the_register_is_a_failure(monkeypatch):
    monkeypatch.setattr(register_reader, "typed_table", losing)
    assert verdict(with_bad_code()) == ("register", [Failure("lost rows", "kontakter.csv, contacts")])


def test_a_row_of_another_person_is_a_failure(monkeypatch):
    def exchanged(rows, *, table):
        others = rows["person_id"].to_numpy()[::-1] if table == "persons" else None
        return typed_table(rows if others is None else rows.assign(person_id=others).iloc[1:], table=table)

    monkeypatch.setattr(register_reader, "typed_table", exchanged)
    assert Failure("lost rows", "personer.csv, persons") in verdict(plain())[1]


def test_rows_set_aside_without_a_problem_file_are_a_failure(monkeypatch):
    monkeypatch.setattr(register_reader, "write_problem_file", lambda *_, **__: None)
    failures = verdict(with_bad_code())[1]
    assert {failure.kind for failure in failures} == {"lost rows"}
    assert len(failures) == 7


def test_the_merged_rows_of_open_data_are_counted_one_by_one(monkeypatch):
    def fewer_persons(rows, *, table):
        return typed_table(rows.iloc[1:] if table == "persons" else rows, table=table)

    monkeypatch.setattr(register_reader, "typed_table", fewer_persons)
    assert verdict(plain("mvad")) == ("register", [Failure("lost rows", "mvad_spells.csv, persons")])


def told_to_a_file(words: str) -> None:
    Path("anteckning.txt").write_text(words, encoding="utf-8")


CHANNELS = {
    "printed": print,
    "warned": warnings.warn,
    "logged": logging.getLogger("prov").warning,
    "left in a file": told_to_a_file,
}


@pytest.mark.parametrize("channel", CHANNELS.values(), ids=CHANNELS.keys())
def test_an_identity_outside_the_secure_folder_is_a_failure(monkeypatch, channel):
    leak(monkeypatch, channel, "200581151016")
    assert verdict(plain())[1] == [Failure("leak", "identity"), Failure("leak", "spoiled value")]


FORMS = {
    "581151016": [],
    "0581151016": ["identity"],
    "058115-1016": ["identity"],
    "20058115 1016": ["identity"],
    "2005-81-15-1016": ["identity"],
    "2005-01-15": ["spoiled value", "day"],
    "20050115": ["day of birth"],
    "15/01/2005": ["day of birth"],
    "född 38367": ["day of birth"],
    "kanarieskola 3": ["free text"],
    "2025-01-31": [],
}


@pytest.mark.parametrize(("words", "kinds"), FORMS.items(), ids=FORMS.keys())
def test_a_value_in_any_form_is_a_failure(monkeypatch, words, kinds):
    leak(monkeypatch, print, words)
    assert verdict(plain())[1] == [Failure("leak", kind) for kind in kinds]


def leak(monkeypatch, channel, words: str) -> None:
    checked = register_reader._checked

    def telling(files):
        channel(words)
        return checked(files)

    monkeypatch.setattr(register_reader, "_checked", telling)


def test_a_value_in_a_message_is_a_failure(monkeypatch):
    monkeypatch.setattr("kaa_analysis.ingest.delivered_names.shown", lambda name: name)
    bad = plain()
    bad.package.contents["200581151016.csv"] = b"x"
    assert verdict(bad) == ("4 Fel i uttaget", [Failure("leak", "identity"), Failure("leak", "spoiled value")])


def test_another_answer_to_the_same_mutant_is_a_failure(monkeypatch):
    numbers = itertools.count()
    monkeypatch.setattr("kaa_analysis.ingest.wording.rows", lambda _: f"{next(numbers)} rader")
    assert verdict(plain(), again=True)[1] == [Failure("not deterministic", "register")]


def test_a_harmless_mutation_that_changes_the_register_is_a_failure(monkeypatch):
    good_tables(GOOD)
    monkeypatch.setattr(register_reader, "typed_table", losing)
    assert Failure("changed by nothing", GOOD) in verdict(unchanged(GOOD))[1]


def test_a_harmless_mutation_that_is_refused_is_a_failure():
    bad = unchanged(GOOD)
    del bad.package.contents["kaa.csv"]
    assert verdict(bad) == ("4 Fel i uttaget", [Failure("changed by nothing", "ber_small: 4 Fel i uttaget")])
    assert bad.family == NONE


def test_the_reader_of_raw_rows_reads_what_the_writer_wrote():
    table = Table(["A", "B"], [["x;y", 'q"q'], ["line\r\nend", ""], ["", ""]])
    assert raw_rows(write_csv(table, Form()), delimiter=";") == table.lines
    assert raw_rows(write_csv(table, Form(encoding="utf-16", quote_all=True)), delimiter=";") == table.lines
    with pytest.raises(RawRowsError):
        raw_rows(b'A;"B\n', delimiter=";")


def test_the_readers_of_workbooks_and_parquet_read_what_the_writers_wrote(tmp_path):
    table = Table(["A", "B", "C"], [["200581151016", "2024-05-01", "0180"], ["7", "", "å "], ["", "", "x"]])
    for kind, lines in (("xlsx", workbook_lines), ("xlsx typed", workbook_lines), ("parquet", parquet_lines)):
        content = WRITERS[kind](table, Form(kind=kind))
        assert lines(content) == table.lines
        (tmp_path / "a").write_bytes(content)
        assert rows_of_file(tmp_path / "a", delimiter=";")[1] == {
            "A": "7",
            "B": "",
            "C": "å".encode().decode("latin-1"),
        }


def test_what_is_placed_beside_the_copies_and_the_description_are_spoiled_too():
    bad = unchanged(GOOD)
    bad.package.placed["mapp"] = None
    with sandbox() as place:
        assert str(read(bad, place).error).splitlines()[1] == "  – 1 mapp som layouten inte känner"
    assert set(DESCRIPTION) == {"spoiled", "bytes"}


def test_the_summary_counts_outcomes_and_failures_by_family():
    found = [
        Judged(1, 0, "rows", ("rows: drop",), "register", ()),
        Judged(1, 14, "rows", ("rows: blank",), "4 Fel i uttaget", (Failure("leak", "identity"),)),
    ]
    lines = summary(found).splitlines()
    assert lines[2] == "| rows | 2 | 1 | 1 4 Fel i uttaget | 1 |"
    assert lines[-1] == "| **all** | 2 | 1 | 1 4 Fel i uttaget | 1 |"
    assert found[1].line == (
        '{"seed": 1, "number": 14, "steps": ["rows: blank"], "outcome": "4 Fel i uttaget", "failures": ["leak: identity"]}'
    )
