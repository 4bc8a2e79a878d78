"""Finished tables of other units as they are shown, and the fixed sentences that stand where data are not there."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis.core.errors import DefinitionError, ExtractError, NotebookError
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.core.result import Count, Dimension, Estimate, Result
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.indicators import notices_from_schools, skolslussen_fork, without_admission
from kaa_analysis.ingest import add_extract, finished_results, read_register
from kaa_analysis.ingest.extract import open_extract
from kaa_analysis.present.forms import exhibit
from kaa_analysis.present.notebook import Report
from kaa_analysis.synthetic.finished_numbers import write_finished_tables
from kaa_analysis.synthetic.scenario import scenario
from tests.spec.hand_typed import register as typed_register

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
MAIN = sorted((DATA / "ber_small").iterdir())
FINISHED = DATA / "fardiga_tabeller" / "fardiga_tabeller.csv"


@pytest.fixture
def secure(tmp_path) -> SecureFolder:
    return SecureFolder(tmp_path / "secure")


def read(secure: SecureFolder, *files: Path, name: str = "prov"):
    finished = ("fardiga_tabeller",) if files else ()
    add_extract(name, layout="ber_demo", files=[*MAIN, *files], extract_date=None, secure=secure, supplements=finished)
    return read_register(name, secure=secure)


def results_of(secure: SecureFolder, tmp_path: Path, *changes: tuple[str, str]) -> tuple[Result, ...]:
    """Return the results of the file with some of its texts replaced."""
    text = FINISHED.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "fardiga_tabeller.csv"
    path.write_text(text, encoding="utf-8", newline="\n")
    return finished_results(read(secure, path), secure=secure)


def shown(result: Result) -> str:
    released = protect([result], policy=Policy(), ledger=Ledger.empty())[result.id]
    return exhibit(released, slug="prov", form="table").text


def test_finished_tables_are_told_as_they_are_with_their_own_source(secure):
    examen, users, introduction = finished_results(read(secure, FINISHED), secure=secure)
    pd.testing.assert_frame_equal(
        examen.frame,
        pd.DataFrame(
            {"row": ["row_1", "row_2"], "column_1": [74.1, 11.0], "column_2": [69.3, 9.4], "column_3": [71.6, 10.1]}
        ),
        check_dtype=False,
    )
    assert (examen.title, examen.source) == (
        "Andel med gymnasieexamen inom tre år, 2024",
        "Utbildningsförvaltningen, gymnasieavdelningen",
    )
    assert ["Introduktionsprogram", "11,0", "9,4", "10,1"] in [line.split() for line in shown(examen).splitlines()]
    assert "Enhet: procent. För talen svarar Gymnasiestaben." in shown(examen)
    assert [line.split() for line in shown(users).splitlines()[2:4]] == [
        ["Gymnasieskola", "71", "75", "73"],
        ["Anpassad", "gymnasieskola", "88", "86", "87"],
    ]
    assert [column.label for column in introduction.of_role(Estimate)] == [
        "Nationellt program", "Kvar", "Ej i gymnasieskolan", "Alla",
    ]  # fmt: skip


def test_nothing_of_ours_is_linked_to_a_published_number(secure):
    found = finished_results(read(secure, FINISHED), secure=secure)
    assert [(result.of_role(Count), result.all_equations()) for result in found] == [([], ())] * 3


def test_a_combination_that_was_not_told_is_not_applicable(secure, tmp_path):
    line = next(
        line for line in FINISHED.read_text(encoding="utf-8").splitlines() if "Introduktionsprogram;Pojkar" in line
    )
    examen, *_ = results_of(secure, tmp_path, (line + "\n", ""))
    assert ["Introduktionsprogram", "11,0", ".", "10,1"] in [line.split() for line in shown(examen).splitlines()]


@pytest.mark.parametrize(
    ("change", "is_shown"),
    [
        ((";58;elever;", ";4;elever;"), False),
        ((";58;elever;", ";4,0;elever;"), False),
        ((";58;elever;", ";0;elever;"), True),
        ((";58;elever;", ";5;elever;"), True),
        ((";9,4;procent;", ";1,4;procent;"), True),
    ],
)
def test_a_table_with_few_persons_is_told_of_and_not_shown(secure, tmp_path, change, is_shown):
    found = results_of(secure, tmp_path, change)
    assert [not result.frame.empty for result in found] == [True, True, is_shown]
    if not is_shown:
        assert shown(found[2]) == (
            "Tabellen ”Elever på introduktionsprogram efter ett år” visas inte: något antal är mindre än fem, och den som lämnade tabellen har inte "
            "skyddat det. För uppgifterna svarar Gymnasiestaben."
        )


def test_more_decimals_than_are_shown_are_refused(secure, tmp_path):
    with pytest.raises(DefinitionError, match=r"högst två decimaler"):
        results_of(secure, tmp_path, (";74,1;", ";74,123;"))


def test_without_finished_tables_a_fixed_sentence_says_so(secure):
    [none] = finished_results(read(secure), secure=secure)
    assert shown(none) == (
        "Gymnasieskolans resultat, brukarundersökningar och gymnasieskolornas enkäter redovisas inte: inga färdiga tabeller har lämnats till "
        "rapporten."
    )


def test_the_register_is_the_same_with_finished_tables_beside_it_and_the_extract_is_another(secure):
    alone, beside = read(secure, name="ensam"), read(secure, FINISHED, name="bredvid")
    assert alone.row_counts == beside.row_counts
    assert alone.extract_hash != beside.extract_hash
    assert "fardiga_tabeller.csv" in open_extract("bredvid", secure=secure).hashes


def test_finished_tables_that_were_promised_must_be_there(secure):
    add_extract(
        "lovat", layout="ber_demo", files=MAIN, extract_date=None, secure=secure, supplements=["fardiga_tabeller"]
    )
    register = read_register("lovat", secure=secure)
    with pytest.raises(ExtractError, match=r"fardiga_tabeller\.csv: filen saknas"):
        finished_results(register, secure=secure)


def test_the_invented_tables_are_three_that_can_be_shown(secure, tmp_path):
    write_finished_tables(tmp_path, scenario=scenario("demo"))
    found = finished_results(read(secure, tmp_path / "fardiga_tabeller.csv"), secure=secure)
    assert [(result.id, len(result.frame)) for result in found] == [
        ("fardig_gymnasieexamen", 2),
        ("fardig_brukarundersokning", 2),
        ("fardig_avhoppsenkat", 2),
    ]
    assert {result.title.rpartition(", ")[2] for result in found} == {str(scenario("demo").extract_date.year - 1)}


@pytest.mark.parametrize(
    "column",
    [
        Estimate("value", "Tal", ()),
        Estimate("value", "Tal", ("n",), rule="published"),
        Estimate("value", "Tal", (), rule="mean"),
    ],
)
def test_only_a_published_number_rests_on_no_count(column):
    table = pd.DataFrame({"row": ["a"], "n": [10], "value": [1.5]})
    columns = (Dimension("row", "Grupp", {"a": "A"}), Count("n", "Antal", measure="stock"), column)
    with pytest.raises(DefinitionError, match=r"ska vila på antal i samma rad"):
        Result(id="prov", title="Prov", columns=columns, table=table)


def test_published_numbers_come_from_finished_tables_alone():
    sources = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in (ROOT / "kaa_analysis").rglob("*.py")
    }
    naming = {name for name, source in sources.items() if '"published"' in source}
    assert naming == {
        "kaa_analysis/core/result.py",
        "kaa_analysis/disclosure/shown/estimates.py",
        "kaa_analysis/ingest/finished_results.py",
    }


def test_each_result_is_shown_under_a_number(secure, tmp_path):
    report = Report(Policy(), run_folder=tmp_path)
    found = finished_results(read(secure, FINISHED), secure=secure)
    report.show_each(found, slug="tabell-fardig", as_="table")
    noted = sorted(path.name for path in (tmp_path / "shown").iterdir())
    assert noted == ["tabell-fardig-1.json", "tabell-fardig-2.json", "tabell-fardig-3.json"]
    with pytest.raises(NotebookError, match=r"används två gånger"):
        report.show_each(found[:1], slug="tabell-fardig", as_="table")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            without_admission,
            "Hur det gick för dem som inte antogs till gymnasieskolan redovisas inte: uttaget har inga uppgifter om antagning. De tillhör "
            "utbildningsnämnden och läses in bara med ett registrerat beslut.",
        ),
        (
            skolslussen_fork,
            "Hur det gick för dem som inte antogs till gymnasieskolan redovisas inte: uttaget har inga uppgifter om antagning. De tillhör "
            "utbildningsnämnden och läses in bara med ett registrerat beslut.",
        ),
        (
            notices_from_schools,
            "Skolornas anmälningar om frånvaro och avbrott redovisas inte: uttaget har inga sådana anmälningar. De tillhör "
            "utbildningsnämnden och läses in bara med ett registrerat beslut.",
        ),
    ],
)
def test_a_table_that_needs_a_grant_is_shown_as_its_sentence_without_one(make, sentence):
    assert shown(make(typed_register(extract_date=date(2025, 2, 1)), periods=[calendar_year(2024)])) == sentence
