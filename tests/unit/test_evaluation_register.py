"""Before a protocol is frozen no outcome can be read through the evaluation's register, by any way; afterwards what it does not name is marked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis import cohorts
from kaa_analysis.core.errors import DefinitionError, ProtocolError
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.evaluation.evaluation_register import EvaluationRegister
from kaa_analysis.evaluation.protocol_mark import ProtocolMark, departures, mark_of
from kaa_analysis.evaluation.protocols.freezing import note_outcome_read
from kaa_analysis.evaluation.protocols.protocol import protocol_hash
from kaa_analysis.schema.tables import tables
from kaa_analysis.store.register import Register, write_register
from tests.unit.described_register import described_register
from tests.unit.protocol_project import ProtocolProject, protocol_project

ANNA, BO = "a" * 16, "b" * 16
ALLOWED = {
    "persons": ["person_id", "birth_date", "sex"],
    "registrations": ["person_id", "spell", "entry_date", "entry_reason"],
}


@pytest.fixture(scope="module")
def register(tmp_path_factory) -> Register:
    """A register of two persons, one of whom was placed."""
    described = described_register(tmp_path_factory.mktemp("secure") / "registers" / "prov-1")
    days = pd.to_datetime(["2023-02-01", "2023-03-01"])
    return write_register(
        described,
        tables_to_write={
            "persons": pd.DataFrame({"person_id": [ANNA, BO], "birth_date": pd.to_datetime(["2006-02-01", "2006-03-01"]), "sex": ["female", "male"]}),
            "residence": pd.DataFrame({"person_id": [ANNA, BO], "municipality": "0180", "district": "farsta", "from_date": pd.Timestamp("2006-01-01")}),
            "schooling": pd.DataFrame({"person_id": [ANNA], "school_form": ["komvux"], "from_date": pd.to_datetime(["2023-08-20"])}),
            "registrations": pd.DataFrame({"person_id": [ANNA, BO], "spell": 1, "entry_date": days, "exit_date": [pd.Timestamp("2023-08-20"), None], "exit_reason": ["komvux", None]}),
            "activities": pd.DataFrame({"person_id": [ANNA], "activity_number": 1, "kind": "work", "known_at": days[:1]}),
        },
    )  # fmt: skip


@pytest.fixture
def project(tmp_path) -> ProtocolProject:
    """A project with the protocol of Aim."""
    return protocol_project(tmp_path)


def opened(register: Register, project: ProtocolProject, **more: Callable[[], None]) -> EvaluationRegister:
    return EvaluationRegister(register, project.known(), **more)


class TestBeforeFreezing:
    @pytest.mark.parametrize("table", sorted(tables()))
    def test_no_column_that_an_outcome_or_the_end_of_follow_up_is_made_of_can_be_read(self, register, project, table):
        closed = opened(register, project)
        protocol = closed.known.protocol
        readable = set()
        for column in tables()[table].columns:
            try:
                closed.table(table, columns=[column])
            except ProtocolError as error:
                assert error.exit_code == 10
            else:
                readable.add(f"{table}.{column}")
        assert protocol.closed_columns.isdisjoint(readable)
        keys = {f"{table}.{column}" for column in tables()[table].key}
        assert readable - keys <= protocol.open_columns

    @pytest.mark.parametrize("table", sorted({*tables()} - {"residence", "contacts"}))
    def test_no_whole_table_with_an_unnamed_column_can_be_read(self, register, project, table):
        with pytest.raises(ProtocolError):
            opened(register, project).table(table)

    def test_what_is_read_beside_an_outcome_is_refused_with_it_and_told_which(self, register, project):
        with pytest.raises(ProtocolError) as error:
            opened(register, project).table("registrations", columns=["person_id", "entry_date", "exit_date"])
        assert error.value.found == (
            "registrations.exit_date: utfallet görs av den",
            "protokollet aim är inte fryst",
        )
        assert "kaa protocol freeze aim" in error.value.action

    def test_covariates_exposure_and_time_zero_can_be_read(self, register, project):
        closed = opened(register, project)
        for table, columns in ALLOWED.items():
            pd.testing.assert_frame_equal(closed.table(table, columns=columns), register.table(table, columns=columns))
        assert closed.table("interventions", columns=["person_id", "kind", "start_date"]).empty
        assert closed.table("contacts", columns=["date", "outcome"]).empty

    @pytest.mark.parametrize(
        ("table", "column", "told"),
        [
            ("schooling", "person_id", "utfallet görs av den"),  # who has an enrolment has the outcome
            ("schooling", "programme", "utfallet görs av den"),
            ("credentials", "date", "läses bara för målgruppens regler, som visar vem som är inskriven"),
            ("notices", "date", "nämns inte i protokollet"),
        ],
    )
    def test_what_tells_the_outcome_in_another_way_is_closed_too(self, register, project, table, column, told):
        with pytest.raises(ProtocolError) as error:
            opened(register, project).table(table, columns=[column])
        assert error.value.found[0] == f"{table}.{column}: {told}"

    def test_the_questions_that_read_an_outcome_or_something_unnamed_are_refused(self, register, project):
        closed = opened(register, project)
        asked = pd.DataFrame({"person_id": [ANNA], "day": [pd.Timestamp("2023-02-01")]})
        for query in ("activity_known_on_day", "rows_per_month"):
            with pytest.raises(ProtocolError):
                closed.ask(query, asked=asked)
        assert len(closed.ask("residence_on_day", asked=asked)) == 1

    def test_a_cohort_cannot_be_followed(self, register, project):
        with pytest.raises(ProtocolError):
            cohorts.entering_during(opened(register, project), calendar_year(2023))

    def test_what_was_found_out_through_the_register_itself_does_not_come_through(self, register, project):
        cohorts.entering_during(register, calendar_year(2023))
        with pytest.raises(ProtocolError):
            cohorts.entering_during(opened(register, project), calendar_year(2023))

    @pytest.mark.parametrize("name", ["folder", "row_counts", "findings", "problem_counts", "_read"])
    def test_nothing_that_holds_rows_or_counts_of_them_is_there(self, register, project, name):
        with pytest.raises((ProtocolError, AttributeError)):
            getattr(opened(register, project), name)

    def test_results_are_explorative(self, register, project):
        closed = opened(register, project)
        assert closed.mark() == ProtocolMark(closed.known.hash, True, ("protokollet aim är inte fryst",))

    def test_a_column_that_is_not_there_is_told_as_always(self, register, project):
        with pytest.raises(DefinitionError) as error:
            opened(register, project).table("persons", columns=["birth_dat"])
        assert "birth_date" in str(error.value)

    def test_of_schools_the_number_of_pupils_can_be_read_and_those_without_a_place_not(self, register, tmp_path):
        closed = opened(register, protocol_project(tmp_path / "susa", like="susa_skolor"))
        assert closed.table("school_cohorts", columns=["school_unit", "cohort_year", "n_pupils"]).empty
        with pytest.raises(ProtocolError):
            closed.table("school_cohorts", columns=["n_not_enrolled_15_october"])
        with pytest.raises(ProtocolError):
            closed.table("registrations", columns=["exit_reason"])


class TestAfterFreezing:
    def test_everything_can_be_read(self, register, project):
        project.freeze()
        for table in tables():
            pd.testing.assert_frame_equal(opened(register, project).table(table), register.table(table))

    def test_the_result_carries_the_hash_and_is_not_explorative(self, register, project):
        frozen = project.freeze()
        read = opened(register, project)
        for column in sorted(read.known.protocol.named_columns):
            table, _, name = column.partition(".")
            read.table(table, columns=[name])
        assert read.mark() == ProtocolMark(frozen.hash, False, ())

    def test_reading_what_the_protocol_does_not_name_marks_every_later_result(self, register, project):
        project.freeze()
        read = opened(register, project)
        before = read.mark()
        read.table("persons", columns=["person_id", "has_phone"])
        read.ask("rows_per_month", from_date=date(2023, 1, 1))
        assert not before.explorative
        assert read.mark().explorative
        assert "persons.has_phone nämns inte i protokollet" in read.mark().why
        assert any(reason.startswith("notices.") for reason in read.mark().why)
        assert not any(reason.startswith("persons.person_id") for reason in read.mark().why)

    def test_a_cohort_of_the_target_group_can_be_followed_as_the_register_itself_gives_it(self, register, project):
        project.freeze()
        followed = cohorts.entering_during(opened(register, project), calendar_year(2023))
        pd.testing.assert_frame_equal(followed.spells, cohorts.entering_during(register, calendar_year(2023)).spells)

    def test_the_protocol_of_aim_names_all_that_following_its_participants_reads(self, register, project):
        project.freeze()
        read = opened(register, project)
        followed = cohorts.participation(cohorts.entering_during(read, calendar_year(2023)), read, intervention="aim")
        assert len(followed.flow_table)
        assert not read.mark().explorative

    def test_the_target_group_is_marked_where_the_protocol_does_not_ask_for_it(self, register, project):
        project.change("target_group: true", "target_group: false")
        project.freeze()
        read = opened(register, project)
        assert isinstance(read.folder, Path)
        assert read.mark().why == ("målgruppen enligt lagen nämns inte i protokollet",)

    def test_the_first_reading_of_an_outcome_is_told_once_and_before_the_rows(self, register, project):
        project.freeze()
        told = []
        read = opened(register, project, on_outcome=lambda: told.append("utfall"))
        read.table("persons", columns=["sex"])
        assert told == []
        read.table("schooling", columns=["school_form"])
        read.table("registrations", columns=["exit_date"])
        assert told == ["utfall"]

        def refuse() -> None:
            raise ProtocolError("kan inte anteckna")

        with pytest.raises(ProtocolError):
            opened(register, project, on_outcome=refuse).table("schooling", columns=["school_form"])

    def test_a_protocol_changed_afterwards_closes_the_outcome_and_says_what_is_changed(self, register, project):
        project.freeze()
        project.change("balance_limit: 0.1", "balance_limit: 0.2")
        with pytest.raises(ProtocolError) as error:
            opened(register, project).table("schooling", columns=["school_form"])
        assert "analysis.balance_limit: 0.1 → 0.2" in error.value.found
        assert opened(register, project).mark().explorative

    def test_a_version_frozen_with_the_outcome_known_gives_explorative_results(self, register, project):
        known = project.freeze()
        read = opened(register, project, on_outcome=lambda: note_outcome_read(known, extract_hash=register.extract_hash, secure=project.secure))  # fmt: skip
        read.table("schooling", columns=["from_date"])
        project.change("balance_limit: 0.1", "balance_limit: 0.2")
        project.change("version: 1", "version: 2")
        project.freeze()
        assert opened(register, project).mark().why == ("version 2 frystes efter att utfall hade lästs enligt en tidigare version",)  # fmt: skip

    def test_a_column_beside_the_outcome_that_is_not_named_is_marked_too(self, register, project):
        project.freeze()
        read = opened(register, project)
        read.table("schooling", columns=["person_id", "programme"])
        assert read.mark().why == ("schooling.programme nämns inte i protokollet",)

    def test_every_fact_of_a_register_is_handed_on_or_held_back_by_name(self, register, project):
        held_back = {"row_counts", "findings", "problem_counts", "accepted_problem_rows"}
        public = {name for name in dir(Register) if not name.startswith("_")} | {one.name for one in fields(Register)}
        read = opened(register, project)
        assert {name for name in public if not hasattr(EvaluationRegister, name)} - {"answers"} == held_back
        facts = public - held_back - {"answers", "folder", "table", "ask"}
        assert {name for name in facts if getattr(read, name) != getattr(register, name)} == set()


def test_a_protocol_altered_in_memory_opens_nothing(register, project):
    known = project.freeze()
    other = known.protocol.model_copy(update={"version": 2})
    with pytest.raises(ProtocolError):
        EvaluationRegister(register, replace(known, protocol=other))
    with pytest.raises(ProtocolError):
        EvaluationRegister(register, replace(known, protocol=other, hash=protocol_hash(known.name, other)))


class TestDepartures:
    def test_the_planned_analysis_leaves_nothing(self, project):
        known = project.freeze()
        adjusted = [name for name, covariate in known.protocol.covariates.items() if covariate.adjusted]
        found = departures(known, outcome="studieplats", horizon_months=12, contrast="att", measure="risk_difference_points", method="weighting", strategy="sequential_trials", adjusted=adjusted)  # fmt: skip
        assert found == ()
        assert mark_of(known).departing(*found) == ProtocolMark(known.hash, False, ())

    def test_each_departure_is_told_and_makes_the_result_explorative(self, project):
        known = project.freeze()
        found = departures(known, outcome="x", horizon_months=24, contrast="ate", measure="hazard_ratio", method="aipw", strategy="landmark", adjusted=["kon"])  # fmt: skip
        assert [text.partition(" ")[0] for text in found] == ["utfallet", "horisonten", "kontrasten", "måttet", "metoden", "strategin", "justeringen"]  # fmt: skip
        assert mark_of(known).departing(*found) == ProtocolMark(known.hash, True, found)

    def test_what_the_protocol_does_not_have_cannot_be_adjusted_for(self, project):
        with pytest.raises(DefinitionError):
            departures(project.known(), outcome="studieplats", adjusted=["motivation"])
