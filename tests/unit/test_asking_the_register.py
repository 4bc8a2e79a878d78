"""Asking the register: what each query answers on the days that matter, and what it refuses."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from kaa_analysis.core.errors import DefinitionError, UnexpectedError
from kaa_analysis.store import engine
from kaa_analysis.store.dtypes import PANDAS_TYPES, typed_table
from kaa_analysis.store.register import Register, write_register
from kaa_analysis.store.register_query import register_queries
from tests.bench.register_questions import NOBODY, at_most, question
from tests.bench.spark_rows import as_rows, difference, main
from tests.unit.described_register import described_register

ANNA, BO, CLARA = "a" * 16, "b" * 16, "c" * 16
MOVES = [
    (ANNA, "sodermalm", "2007-02-01", "2020-05-01"),
    (ANNA, "farsta", "2020-05-01", None),
    (BO, "sodermalm", "2010-01-01", None),
    (BO, "kungsholmen", "2015-01-01", "2016-01-01"),
]
KNOWN = [
    (ANNA, 1, "working", None, "2024-01-10"),
    (ANNA, 2, "studying", "2024-06-01", "2024-03-01"),
    (ANNA, 3, "other", None, "2024-03-01"),
    (BO, 1, "working", "2024-02-01", "2024-01-15"),
]
CONTACTS = [(ANNA, 1, "2023-12-31"), (ANNA, 2, "2024-01-01"), (BO, 1, "2024-01-31"), (BO, 2, "2024-02-01")]


def days(*written: str | None) -> pd.Series:
    return pd.to_datetime(pd.Series(written, dtype="string")).astype("datetime64[us]")


def tables() -> dict[str, pd.DataFrame]:
    moves = pd.DataFrame(MOVES, columns=["person_id", "district", "from_date", "to_date"]).assign(municipality="0180")
    known = pd.DataFrame(KNOWN, columns=["person_id", "activity_number", "kind", "to_date", "known_at"])
    contacts = pd.DataFrame(CONTACTS, columns=["person_id", "contact", "date"])
    contacts = contacts.assign(direction="outgoing", channel="letter", outcome="no_answer")
    persons = pd.DataFrame({"person_id": [ANNA, BO, CLARA], "sex": "female", "protected_identity": [False, None, True]})
    spells = pd.DataFrame({"person_id": [ANNA, BO], "spell": 1, "entry_date": ["2024-01-01", "2024-01-31"]})
    made = {
        "persons": persons,
        "residence": moves,
        "activities": known,
        "contacts": contacts,
        "registrations": spells.assign(exit_date=["2024-01-20", None]),
    }
    return {name: typed_table(rows, table=name) for name, rows in made.items()}


@pytest.fixture
def register(tmp_path) -> Register:
    described = described_register(tmp_path / "registers" / "prov-1")
    return write_register(described, tables_to_write=tables())


def asked(*rows: tuple[str, str | None]) -> pd.DataFrame:
    return pd.DataFrame({"person_id": [person for person, _ in rows], "day": days(*(day for _, day in rows))})


def residence(*rows: tuple[int, str | None, bool | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["asked_row", "district", "protected_identity"])
    return frame.astype({"asked_row": "Int64", "district": "string", "protected_identity": "boolean"})


class TestResidenceOnDay:
    def test_a_period_holds_on_its_first_day_and_not_on_the_day_it_ends(self, register):
        found = register.ask(
            "residence_on_day",
            asked=asked((ANNA, "2020-04-30"), (ANNA, "2020-05-01"), (ANNA, "2007-02-01"), (ANNA, "2007-01-31")),
        )
        expected = residence((0, "sodermalm", False), (1, "farsta", False), (2, "sodermalm", False), (3, None, False))
        pd.testing.assert_frame_equal(found, expected)

    def test_of_overlapping_periods_the_latest_decides_even_when_it_has_ended(self, register):
        found = register.ask(
            "residence_on_day", asked=asked((BO, "2014-12-31"), (BO, "2015-01-01"), (BO, "2016-01-01"))
        )
        pd.testing.assert_frame_equal(
            found, residence((0, "sodermalm", None), (1, "kungsholmen", None), (2, None, None))
        )

    def test_a_missing_day_a_person_without_residence_and_one_not_in_the_register_are_rows_without_an_answer(
        self, register
    ):
        found = register.ask(
            "residence_on_day", asked=asked((ANNA, None), (CLARA, "2024-01-01"), (NOBODY, "2024-01-01"))
        )
        pd.testing.assert_frame_equal(found, residence((0, None, False), (1, None, True), (2, None, None)))

    def test_the_same_asked_twice_is_answered_twice_in_the_order_asked_whatever_the_index(self, register):
        rows = asked((BO, "2014-01-01"), (ANNA, "2024-01-01"), (BO, "2014-01-01")).set_axis([7, 7, 1])
        expected = residence((0, "sodermalm", None), (1, "farsta", False), (2, "sodermalm", None))
        pd.testing.assert_frame_equal(register.ask("residence_on_day", asked=rows), expected)

    def test_nothing_asked_is_an_empty_answer_of_the_right_types(self, register):
        pd.testing.assert_frame_equal(register.ask("residence_on_day", asked=asked()), residence())


class TestActivityKnownOnDay:
    def known(self, *rows: tuple[int, str, int, str, str]) -> pd.DataFrame:
        columns = ["asked_row", "person_id", "activity_number", "kind", "known_at"]
        frame = pd.DataFrame(rows, columns=columns).astype({"asked_row": "Int64", "activity_number": "Int64"})
        frame = frame.astype({"person_id": "string", "kind": "string"})
        return frame.assign(known_at=days(*frame["known_at"]))

    def test_the_last_one_known_by_the_day_is_taken_the_day_itself_included(self, register):
        found = register.ask(
            "activity_known_on_day", asked=asked((ANNA, "2024-01-09"), (ANNA, "2024-01-10"), (ANNA, "2024-02-29"))
        )
        expected = self.known((1, ANNA, 1, "working", "2024-01-10"), (2, ANNA, 1, "working", "2024-01-10"))
        pd.testing.assert_frame_equal(found, expected)

    def test_of_those_known_from_the_same_day_the_highest_number_is_the_last(self, register):
        found = register.ask("activity_known_on_day", asked=asked((ANNA, "2024-03-01")))
        pd.testing.assert_frame_equal(found, self.known((0, ANNA, 3, "other", "2024-03-01")))

    def test_one_that_has_ended_by_the_day_is_not_known_any_more(self, register):
        found = register.ask(
            "activity_known_on_day",
            asked=asked((BO, "2024-02-01"), (BO, "2024-01-31"), (BO, None), (NOBODY, "2024-01-31")),
        )
        pd.testing.assert_frame_equal(found, self.known((1, BO, 1, "working", "2024-01-15")))


class TestRowsPerMonth:
    def test_rows_are_counted_by_table_and_month_from_the_first_day_on(self, register):
        found = register.ask("rows_per_month", from_date=date(2024, 1, 1))
        expected = pd.DataFrame(
            [
                ("activities", 2024, 1, 2),
                ("activities", 2024, 3, 2),
                ("contacts", 2024, 1, 2),
                ("contacts", 2024, 2, 1),
                ("registrations", 2024, 1, 2),
            ],
            columns=["table_name", "year", "month", "n_rows"],
        ).astype({"table_name": "string", "year": "Int64", "month": "Int64", "n_rows": "Int64"})
        pd.testing.assert_frame_equal(found, expected)

    def test_no_rows_since_then_is_an_empty_answer_of_the_right_types(self, register):
        found = register.ask("rows_per_month", from_date=date(2030, 1, 1))
        assert (len(found), [str(dtype) for dtype in found.dtypes]) == (0, ["string", "Int64", "Int64", "Int64"])


class TestRefused:
    def test_an_unknown_query_is_refused_with_the_nearest_name(self, register):
        with pytest.raises(DefinitionError) as caught:
            register.ask("residence_on_days")
        assert (
            caught.value.message() == 'Registret har ingen fråga "residence_on_days" (menade du "residence_on_day"?).'
        )

    def test_wrong_columns_are_told_together(self, register):
        rows = asked((ANNA, "2024-01-01")).rename(columns={"day": "days"})
        with pytest.raises(DefinitionError) as caught:
            register.ask("residence_on_day", asked=rows)
        assert caught.value.message() == (
            'Frågan "residence_on_day" kan inte ställas så.\n'
            '  – kolumnen "day" saknas\n'
            '  – kolumnen "days" är okänd (menade du "day"?)'
        )

    def test_a_column_twice_is_refused(self, register):
        rows = asked((ANNA, "2024-01-01"))
        with pytest.raises(DefinitionError) as caught:
            register.ask("residence_on_day", asked=rows.assign(again=rows["day"]).rename(columns={"again": "day"}))
        assert caught.value.found == ('kolumnen "day" står flera gånger',)

    def test_a_query_of_rows_is_not_asked_without_them_and_one_without_rows_not_with_them(self, register):
        with pytest.raises(DefinitionError) as without:
            register.ask("residence_on_day")
        with pytest.raises(DefinitionError) as given:
            register.ask("rows_per_month", asked=asked((ANNA, "2024-01-01")), from_date=date(2024, 1, 1))
        assert without.value.found == ('kolumnen "person_id" saknas', 'kolumnen "day" saknas')
        assert given.value.found == ("frågan ställs utan rader",)

    @pytest.mark.parametrize("value", ["2024-01-01", datetime(2024, 1, 1), 20240101, None])  # noqa: DTZ001
    def test_a_value_of_another_type_is_refused(self, register, value):
        with pytest.raises(DefinitionError) as caught:
            register.ask("rows_per_month", from_date=value)
        assert caught.value.found == ('värdet "from_date" ska ha typen date',)

    def test_missing_and_unknown_values_are_told_together(self, register):
        with pytest.raises(DefinitionError) as caught:
            register.ask("rows_per_month", from_dates=date(2024, 1, 1))
        assert caught.value.found == (
            'värdet "from_date" saknas',
            'värdet "from_dates" är okänt (menade du "from_date"?)',
        )

    def test_what_is_asked_is_never_read_as_sql_and_never_told(self, register):
        person = "'; DROP VIEW persons; --"
        found = register.ask("residence_on_day", asked=asked((person, "2024-01-01"), (ANNA, "2024-01-01")))
        pd.testing.assert_frame_equal(found, residence((0, None, None), (1, "farsta", False)))
        rows = pd.DataFrame({"person_id": [ANNA], "day": ["hemligt"]})
        with pytest.raises(UnexpectedError) as caught:
            register.ask("residence_on_day", asked=rows)
        assert "hemligt" not in caught.value.message()


def test_every_query_gives_a_key_that_no_two_rows_share(register):
    shared = {}
    for name, query in register_queries().items():
        posed = question(register, name)
        found = register.ask(name, asked=posed.asked, **posed.values)
        shared[name] = (len(found) > 0, bool(found.duplicated(list(query.key)).any()))
    assert shared == {name: (True, False) for name in register_queries()}


def test_every_query_reads_types_of_the_schema():
    told = {type_ for query in register_queries().values() for type_ in (*query.gives.values(), *query.asked.values())}
    assert told <= set(PANDAS_TYPES)


def test_an_engine_has_bounded_memory_and_a_folder_of_its_own_beside_the_registers(tmp_path):
    told = "SELECT current_setting('memory_limit'), current_setting('temp_directory')"
    with engine.register_engine(tmp_path / "prov") as one, engine.register_engine(tmp_path / "prov") as other:
        limits, places = zip(one.execute(told).fetchone(), other.execute(told).fetchone(), strict=True)
    assert limits == ("1.0 GiB", "1.0 GiB")
    assert len(set(places)) == 2
    assert {Path(place).parent for place in places} == {tmp_path}
    assert all(Path(place).name.startswith(".duckdb-") for place in places)


def test_what_does_not_fit_in_memory_is_written_there_and_taken_away(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "ENGINE_MEMORY", "40MiB")
    with engine.register_engine(tmp_path / "prov") as opened:
        opened.execute("SET threads = 1")
        opened.execute("CREATE TEMP TABLE held AS SELECT i, hash(i) AS other FROM range(6000000) t(i)")
        spilt = sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file())
        [(n_rows,)] = opened.execute("SELECT count(*) FROM held").fetchall()
    assert (n_rows, spilt > 0) == (6_000_000, True)
    assert list(tmp_path.iterdir()) == []


def test_the_engine_knows_no_frame_that_is_not_registered(tmp_path):
    unseen = pd.DataFrame({"person_id": [ANNA]})
    with engine.register_engine(tmp_path / "prov") as opened, pytest.raises(duckdb.CatalogException):
        opened.execute("SELECT person_id FROM unseen")
    assert len(unseen) == 1


class TestComparingEngines:
    """The part of ``make bench`` that holds Spark's rows against ours, as far as it goes without Spark."""

    def test_rows_are_compared_as_plain_values_days_as_dates_and_missing_as_none(self, register):
        found = register.ask("activity_known_on_day", asked=asked((ANNA, "2024-01-10")))
        assert as_rows(found) == [(0, ANNA, 1, "working", date(2024, 1, 10))]
        assert as_rows(residence((0, None, None), (1, "farsta", False))) == [(0, None, None), (1, "farsta", False)]

    def test_a_difference_is_told_in_counts_alone(self):
        told = difference([(1, "a"), (2, "b")], [(1, "a"), (2, "c"), (3, "d")])
        assert told == "DIFFERENT: 2 and 3 rows, 1 of those in the same place are others"

    def test_of_many_rows_so_few_are_asked_as_may_be(self, register):
        posed = question(register, "residence_on_day")
        assert [len(posed.asked), len(at_most(posed, n=3).asked), len(at_most(posed, n=6).asked)] == [6, 3, 6]
        assert at_most(replace(posed, asked=None), n=3).asked is None

    def test_without_spark_it_says_that_it_was_not_run_and_fails(self, capsys, monkeypatch, tmp_path):
        monkeypatch.setattr("tests.bench.spark_rows.SPARK_FOLDER", tmp_path)
        assert main("nowhere", "stockholm") == 1
        assert "**Not run**: pyspark is not installed" in capsys.readouterr().out

    def test_without_java_it_says_that_it_was_not_run_and_fails(self, capsys, monkeypatch, tmp_path):
        (tmp_path / "pyspark").mkdir()
        (tmp_path / "pyspark" / "__init__.py").touch()
        monkeypatch.setattr("tests.bench.spark_rows.SPARK_FOLDER", tmp_path)
        monkeypatch.setenv("JAVA_HOME", str(tmp_path))
        assert main("nowhere", "stockholm") == 1
        assert "**Not run**: there is no Java" in capsys.readouterr().out
