"""Everything the register may hold: thirteen tables, what needs a grant, what is discarded, what is made neutral, the generated page."""

import shutil
import traceback
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml

from kaa_analysis.core.errors import ExtractError
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.core.vocabularies import labels, sources
from kaa_analysis.ingest import register_reader
from kaa_analysis.ingest.coded_text import coded_rows
from kaa_analysis.ingest.column_names import sensitive_kind, unneeded_kind
from kaa_analysis.ingest.delivered_files import read_delivered_file
from kaa_analysis.ingest.expected_columns import ExpectedColumns
from kaa_analysis.ingest.extract import add_extract
from kaa_analysis.ingest.files.csv_file import read_csv_file
from kaa_analysis.ingest.grants import Grant, project_grants, read_grants
from kaa_analysis.ingest.layout import Layout
from kaa_analysis.ingest.layout_files import layout_bytes, parse_layout, read_layout
from kaa_analysis.ingest.raw_file import RawFile
from kaa_analysis.ingest.register_reader import read_register
from kaa_analysis.ingest.sensitive_codes import without_sensitive_codes
from kaa_analysis.schema import register_page
from kaa_analysis.schema.grant_subjects import grant_subjects
from kaa_analysis.schema.tables import STATEMENTS, Scope, tables
from kaa_analysis.store.register import UsedGrant, open_register
from kaa_analysis.target_population.numbered_rows import accepted_places_of

ROOT = Path(__file__).resolve().parents[2]
SMALL, NEW = ROOT / "tests" / "data" / "ber_small", ROOT / "tests" / "data" / "ber_new"
PHONE = "0701234567"
WANTED = ("admissions", "notices", "schools")


def granted(*tables_granted: str, date: str = "2024-01-15", valid_to: str = "2025-12-31") -> tuple[Grant, ...]:
    return tuple(
        Grant.model_validate(
            {"table": table, "decision": "UTBN 2025/1", "date": date, "by": "Nämnden", "valid_to": valid_to}
        )
        for table in tables_granted
    )


@pytest.fixture
def secure(tmp_path) -> SecureFolder:
    return SecureFolder(tmp_path / "secure")


@pytest.fixture
def delivery(tmp_path) -> Path:
    """The required and the optional files, with the delivery note that names both."""
    folder = Path(shutil.copytree(SMALL, tmp_path / "delivery"))
    return Path(shutil.copytree(NEW, folder, dirs_exist_ok=True))


def read(delivery: Path, secure: SecureFolder, **options):
    options = {"grants": granted(*WANTED)} | options
    add_extract("prov", layout="ber_demo", files=sorted(delivery.iterdir()), extract_date=None, secure=secure)
    return read_register("prov", secure=secure, **options)


def refused(delivery: Path, secure: SecureFolder, **options) -> ExtractError:
    with pytest.raises(ExtractError) as caught:
        read(delivery, secure, **options)
    return caught.value


def change(path: Path, *pairs: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8", newline="\n")


def add_columns(path: Path, **values: str) -> None:
    """Add columns with the same value in every row."""
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    lines = [";".join([header, *values]), *(";".join([row, *values.values()]) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def without(delivery: Path, *names: str) -> None:
    note = delivery / "leverans.csv"
    for name in names:
        (delivery / name).unlink()
        change(note, (f"{name};20;2025-01-31\n", ""))


def changed_layout(change_record: Callable[[dict], None]) -> Layout:
    record = yaml.safe_load(layout_bytes("ber"))
    record |= {"name": "ber_demo", "identity": "synthetic"}
    change_record(record)
    return parse_layout(yaml.safe_dump(record, allow_unicode=True, sort_keys=False).encode())


def first_row(rows: pd.DataFrame) -> list[str]:
    return rows.head(1).astype("string").to_numpy().tolist()[0]


def days(*written: str | None) -> pd.Series:
    return pd.Series(pd.to_datetime(list(written)).astype("datetime64[us]"))


class TestSchema:
    def test_the_thirteen_tables_are_there_and_three_and_linked_surveys_lie_outside_the_purpose(self):
        within = dict.fromkeys(
            ["persons", "residence", "schooling", "credentials", "registrations", "activities", "contacts", "interventions"],
            Scope.WITHIN,
        )  # fmt: skip
        outside = dict.fromkeys(["admissions", "notices"], Scope.OUTSIDE)
        assert {name: schema.scope for name, schema in tables().items()} == {
            **within, **outside, "surveys": Scope.WHEN_LINKED, "schools": Scope.OUTSIDE, "school_cohorts": Scope.WITHIN,
        }  # fmt: skip

    def test_every_table_states_the_law_around_it_with_how_sure_it_is(self):
        stated = {(name, about): getattr(schema, about) for name, schema in tables().items() for about in STATEMENTS}
        assert {statement.mark for statement in stated.values()} <= {"K", "K-utdrag", "S 004", "M", "EJ"}
        undecided = {about for (_, about), statement in stated.items() if statement.text is None}
        assert undecided == {"decision"}
        assert {statement.mark for (_, about), statement in stated.items() if about == "decision"} == {"EJ"}

    def test_every_column_has_a_description_a_ground_and_a_hint_for_invented_registers(self):
        columns = [(name, column) for name, schema in tables().items() for column in schema.columns.values()]
        bare = [(name, c.name) for name, c in columns if not (c.description and c.ground and c.synthetic)]
        assert (bare, len(columns)) == ([], 91)

    def test_keys_and_orders_are_columns_and_no_part_of_a_key_may_be_missing(self):
        for schema in tables().values():
            assert {*schema.key, *schema.order} <= set(schema.columns)
            assert [name for name in schema.key if schema.columns[name].nullable] == []

    def test_every_coded_column_has_a_vocabulary_whose_codes_have_source_and_mark(self):
        coded = [c for schema in tables().values() for c in schema.columns.values() if c.type == "code"]
        for column in coded:
            told = sources(column.vocabulary)
            assert list(told) == list(labels(column.vocabulary))
            assert [code for code, (source, mark) in told.items() if not (source and mark)] == []

    def test_no_column_of_the_register_has_a_name_of_a_sensitive_or_unneeded_kind(self):
        names = [name for schema in tables().values() for name in schema.columns]
        assert [name for name in names if sensitive_kind(name) or unneeded_kind(name)] == []


class TestPage:
    def test_the_committed_page_is_what_the_schema_generates(self):
        assert (ROOT / "docs" / "register.md").read_text(encoding="utf-8") == register_page.register_page()

    def test_the_command_writes_the_page_in_the_project_it_is_run_in(self, tmp_path, monkeypatch):
        for folder in ("notebooks", "params"):
            (tmp_path / folder).mkdir()
        monkeypatch.chdir(tmp_path / "notebooks")
        register_page.main()
        assert (tmp_path / "docs" / "register.md").read_text(encoding="utf-8") == register_page.register_page()

    def test_the_page_has_every_table_column_code_and_subject_of_a_grant(self):
        page = register_page.register_page()
        headings = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
        assert headings == ["Tabellerna", "Beslut för det som ligger utanför", *tables(), "Interna tabeller", "Koder"]
        coded = {c.vocabulary for schema in tables().values() for c in schema.columns.values() if c.vocabulary}
        told = [f"| `{name}` |" for schema in tables().values() for name in schema.columns]
        told += [f"| `{code}` | {label} |" for name in coded for code, label in labels(name).items()]
        told += [f"| `{subject}` |" for subject in grant_subjects()]
        assert [row for row in told if row not in page] == []


class TestNewTables:
    def test_the_twenty_rows_of_every_optional_file_are_in_the_register(self, delivery, secure):
        register = read(delivery, secure)
        new = ("activities", "admissions", "notices", "surveys", "schools")
        assert {name: register.row_counts[name] for name in new} == dict.fromkeys(new, 20)
        assert register.findings == {"overlapping_registrations": 1, "sensitive_code": 2}

    def test_without_the_optional_files_their_tables_are_empty_and_no_grant_is_needed(self, secure):
        add_extract("prov", layout="ber_demo", files=sorted(SMALL.iterdir()), extract_date=None, secure=secure)
        register = read_register("prov", secure=secure, grants=())
        assert [name for name, rows in register.row_counts.items() if not rows] == [
            "activities", "admissions", "notices", "surveys", "schools", "school_cohorts",
        ]  # fmt: skip
        assert register.table("surveys").dtypes.astype(str).to_dict() == {
            "instrument": "string", "survey_number": "Int64", "person_id": "string",
            "invited_date": "datetime64[us]", "answered_date": "datetime64[us]", "items": "string",
        }  # fmt: skip

    def test_a_reported_activity_is_converted_whole_its_inclusive_end_made_exclusive(self, delivery, secure):
        activities = read(delivery, secure).table("activities")
        expected = pd.DataFrame(
            {
                "activity_number": pd.array([1, 2], dtype="Int64"),
                "kind": pd.array(["none", "internship"], dtype="string"),
                "from_date": days("2023-03-01", "2023-09-11"),
                "to_date": days("2023-03-27", "2024-02-01"),
                "known_at": days("2023-03-27", "2023-10-02"),
            }
        )
        of_one = activities[activities["known_at"].isin(expected["known_at"])].drop(columns="person_id")
        pd.testing.assert_frame_equal(of_one.reset_index(drop=True), expected)

    def test_an_admission_a_notice_a_survey_and_a_school_are_converted_whole(self, delivery, secure):
        register = read(delivery, secure)
        placed = register.table("admissions").dropna(subset=["placed_date"]).drop(columns="person_id")
        assert sorted(placed.astype("string").fillna("").to_numpy().tolist()) == [
            ["2021", "reserve_2", "admitted", "", "2021-08-16"],
            ["2022", "final", "not_admitted", "2022-06-28", "2022-08-10"],
            ["2023", "later", "admitted", "", "2023-09-18"],
        ]
        notices = register.table("notices")
        assert notices["kind"].value_counts().to_dict() == {"dropout": 11, "substantial_absence": 6, "started": 3}
        surveys = register.table("surveys")
        assert surveys["person_id"].isna().all()
        assert first_row(surveys.drop(columns="person_id")) == [
            "aim",
            "1",
            "2023-09-11",
            "2023-10-02",
            "A1=5 A2=4 A3=10",
        ]
        assert first_row(register.table("schools")) == [
            "10000001", "rinkeby_kista", "Stockholms kommun", "2015-09-01", "2019-08-31", "rinkeby",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("file", "old", "new", "found"),
        [
            ("aktiviteter.csv", ";ING;", ";LAT;", "aktiviteter.csv, SYSSELSATTNING: okänd kod – 1 rad"),
            ("aktiviteter.csv", ";2023-03-26;", ";2023-02-01;", "aktiviteter.csv, TOM: slutdatum före startdatum – 1 rad"),
            ("aktiviteter.csv", ";OKA;;;", ";OKA;;2022-08-01;", "aktiviteter.csv, TOM: slutdatum utan startdatum – 1 rad"),
            ("aktiviteter.csv", "2024-10-14\n", "\n", "aktiviteter.csv, KAND: obligatoriskt värde saknas – 1 rad"),
            ("antagning.csv", ";RES2;", ";RES1;", "antagning.csv, PERSONNUMMER+AR+OMGANG: samma nyckel på flera rader – 2 rader"),
            ("aviseringar.csv", "200581151016;1", "200781302062;9", None),
            ("aviseringar.csv", "200581151016;1", "200581151024;1", "aviseringar.csv, PERSONNUMMER: personen finns inte bland personerna – 1 rad"),
            ("enkater.csv", "F1=4 F2=2 F3=5", "Jag heter Kim", "enkater.csv, SVAR: har inte den form som ska gälla – 1 rad"),
            ("enkater.csv", "F1=4 F2=2 F3=5", "F1=4", None),
            ("skolor.csv", "10000002;", "10000001;", "skolor.csv, SKOLENHET: samma nyckel på flera rader – 2 rader"),
            ("skolor.csv", ";HAS\n", ";VAL\n", "skolor.csv, PRIORITERAT_OMRADE: okänd kod – 1 rad"),
        ],
    )  # fmt: skip
    def test_a_bad_row_of_an_optional_file_is_told_and_its_good_twin_is_read(
        self, delivery, secure, file, old, new, found
    ):
        change(delivery / file, (old, new))
        if found is None:
            assert read(delivery, secure).accepted_problem_rows == 0
        else:
            assert refused(delivery, secure).found == (found,)

    def test_an_optional_file_and_the_delivery_note_must_agree(self, delivery, secure):
        (delivery / "enkater.csv").unlink()
        change(delivery / "leverans.csv", ("skolor.csv;20;2025-01-31\n", ""))
        assert refused(delivery, secure).found == (
            "leverans.csv: skolor.csv saknas i leveransfilen",
            "enkater.csv: filen saknas men nämns i leverans.csv",
        )

    def test_a_misspelt_optional_file_is_told_with_the_nearest_name(self, delivery, secure):
        (delivery / "enkater.csv").rename(delivery / "enkat.csv")
        assert refused(delivery, secure).found[0] == 'enkat.csv: filen känner layouten inte (menade du "enkater.csv"?)'

    def test_optional_columns_are_read_where_they_are_delivered(self, delivery, secure):
        add_columns(delivery / "insatser.csv", STEG="PRA", VAG_IN="LOK", EJ_ERBJUDEN_ORSAK="")
        add_columns(delivery / "bevis.csv", BEHORIG="J")
        register = read(delivery, secure)
        offered = register.table("interventions", columns=["step", "route_in", "not_offered_reason"])
        assert offered.astype("string").fillna("").drop_duplicates().to_numpy().tolist() == [
            ["practice", "local_coordinator", ""]
        ]
        assert register.table("credentials")["eligible"].all()


def invented(delivery: Path, secure: SecureFolder, *, layout: str) -> None:
    files = sorted(delivery.glob("*.csv"))
    add_extract("prov", layout=layout, files=files, extract_date=None, secure=secure, invented=True)


class TestGrants:
    def test_every_table_outside_the_purpose_is_refused_without_a_grant_and_before_a_row_is_read(
        self, delivery, secure
    ):
        told: list[str] = []
        error = refused(delivery, secure, grants=(), progress=told.append)
        assert error.expected == (
            "Uppgifter utanför registrets ändamål (förordning 2006:39 § 3) läses in bara med ett registrerat beslut."
        )
        assert error.found == (
            "antagning.csv: admissions (utfallet av en antagningsomgång för en person) – inget beslut är registrerat",
            "aviseringar.csv: notices (ett meddelande från en skola till hemkommunen) – inget beslut är registrerat",
            "skolor.csv: schools (en skolenhet) – inget beslut är registrerat",
        )
        assert error.action == (
            "ett beslut är den ansvariga nämndens skriftliga medgivande till att uppgifterna används i den här uppföljningen. "
            "Skriv in det i params/grants.yaml under grants: med table, decision (diarienummer), date, by (beslutsfattare) och "
            "valid_to. Finns inget beslut: hämta in leveransen utan filen"
        )
        assert told == []
        assert not secure.registers.exists()

    def test_a_table_is_read_with_its_own_grant_and_not_with_anothers(self, delivery, secure):
        without(delivery, "antagning.csv", "skolor.csv")
        assert [line.split(" ")[1] for line in refused(delivery, secure, grants=granted("schools")).found] == [
            "notices"
        ]
        assert read_register("prov", secure=secure, grants=granted("notices")).row_counts["notices"] == 20

    @pytest.mark.parametrize(
        ("first", "last", "is_read"),
        [
            ("2025-01-31", "2025-01-31", True),
            ("2024-01-15", "2025-01-30", False),
            ("2025-02-01", "2025-12-31", False),
        ],
    )
    def test_a_grant_holds_from_its_day_to_its_last_day_both_included(self, delivery, secure, first, last, is_read):
        grants = granted("admissions", "schools") + granted("notices", date=first, valid_to=last)
        if is_read:
            assert read(delivery, secure, grants=grants).row_counts["notices"] == 20
            return
        assert refused(delivery, secure, grants=grants).found == (
            "aviseringar.csv: notices (ett meddelande från en skola till hemkommunen) – "
            f"beslutet gäller {first} till och med {last}, inte på uttagsdagen 2025-01-31",
        )
        assert not secure.registers.exists()

    def test_the_grant_that_supports_a_table_is_told(self, delivery, secure):
        told: list[str] = []
        without(delivery, "antagning.csv", "skolor.csv")
        read(delivery, secure, grants=granted("notices"), progress=told.append)
        supported = [line for line in told if line.startswith("Stöd")]
        assert supported == ["Stöd för notices: beslut UTBN 2025/1, som gäller till och med 2025-12-31."]

    def test_the_register_tells_the_grants_it_rests_on_and_the_optional_tables_delivered(self, delivery, secure):
        without(delivery, "antagning.csv", "skolor.csv")
        grants = granted("notices", valid_to="2024-06-30") + granted("admissions", "notices")
        register = read(delivery, secure, grants=grants)
        used = UsedGrant("notices", "UTBN 2025/1", "2024-01-15", "Nämnden", "2025-12-31")
        assert register.grants == open_register(register.folder).grants == (used,)
        assert register.sources == open_register(register.folder).sources == ("activities", "notices", "surveys")

    def test_another_grant_for_the_same_table_is_told_though_the_register_is_already_read(self, delivery, secure):
        first = read(delivery, secure)
        renewed = granted("admissions", "schools") + granted("notices", date="2024-12-31")
        told: list[str] = []
        again = read_register("prov", secure=secure, grants=renewed, progress=told.append)
        assert told == ['Registret "prov" är redan inläst och oförändrat.']
        assert [grant.date for grant in first.grants] == ["2024-01-15"] * 3
        assert again.grants == open_register(first.folder).grants
        assert {grant.table: grant.date for grant in again.grants}["notices"] == "2024-12-31"

    def test_without_optional_files_there_is_neither_grant_nor_source(self, secure):
        register = read(SMALL, secure, grants=granted(*WANTED))
        assert (register.grants, register.sources) == ((), ())

    def test_admissions_read_with_a_grant_tell_who_accepted_a_place(self, delivery, secure):
        register = read(delivery, secure)
        rows = register.table("admissions")
        admitted = rows[rows["outcome"] == "admitted"]
        accepted = accepted_places_of(register)
        assert 0 < len(accepted) < len(rows)
        assert set(accepted.itertuples(index=False, name=None)) == set(
            admitted[["person_id", "year"]].itertuples(index=False, name=None)
        )

    def test_a_renewed_grant_holds_although_the_first_has_expired(self, delivery, secure):
        grants = granted(*WANTED) + granted("notices", valid_to="2024-06-30")
        assert read(delivery, secure, grants=grants).row_counts["notices"] == 20

    def test_a_register_that_was_read_with_a_grant_is_not_opened_without_it(self, delivery, secure):
        read(delivery, secure)
        with pytest.raises(ExtractError, match="bara med ett registrerat beslut"):
            read_register("prov", secure=secure, grants=granted("admissions", "schools"))
        assert read_register("prov", secure=secure, grants=granted(*WANTED)).row_counts["notices"] == 20

    def test_surveys_that_carry_a_person_need_a_grant_and_are_linked_with_one(self, delivery, secure, monkeypatch):
        def link(record):
            feed = record["files"]["enkater.csv"]["feeds"][0]
            feed["columns"]["person_id"] = {"source": "PERSONNUMMER"}

        layout = changed_layout(link)
        monkeypatch.setattr(register_reader, "read_layout", lambda name: layout)
        add_columns(delivery / "enkater.csv", PERSONNUMMER="200581151016")
        assert refused(delivery, secure).found == (
            "enkater.csv: surveys (en inbjudan till en enkät, besvarad eller inte, kopplad till en person) – "
            "inget beslut är registrerat",
        )
        register = read_register("prov", secure=secure, grants=granted(*WANTED, "surveys"))
        assert register.table("surveys")["person_id"].nunique() == 1
        assert set(register.table("surveys")["person_id"]) < set(register.table("persons")["person_id"])

    def test_enrolments_of_youths_outside_kaa_need_a_grant(self, secure, monkeypatch):
        layout = changed_layout(lambda r: r["files"]["skolgang.csv"]["feeds"][0].update(youths_outside_kaa=True))
        monkeypatch.setattr(register_reader, "read_layout", lambda name: layout)
        error = refused(SMALL, secure, grants=())
        assert error.found == (
            "skolgang.csv: youths_outside_kaa (en inskrivning av en ungdom utanför KAA, till exempel en elev i SUSA) – "
            "inget beslut är registrerat",
        )
        register = read_register("prov", secure=secure, grants=granted("youths_outside_kaa"))
        assert register.row_counts["schooling"] == 21

    def test_what_the_simulation_wrote_needs_no_grant_and_says_so(self, delivery, secure):
        invented(delivery, secure, layout="ber_demo")
        told: list[str] = []
        register = read_register("prov", secure=secure, grants=(), progress=told.append, accept_problem_rows=100)
        assert {"admissions", "notices", "schools"} <= {name for name, n in register.row_counts.items() if n}
        assert [line for line in told if line.startswith("Stöd")] == [
            f"Stöd för {table}: beslut DEMO (påhittade personer), som gäller till och med 2099-12-31."
            for table in ("admissions", "notices", "schools")
        ]

    def test_no_layout_that_takes_real_identities_gives_grants_to_what_says_that_it_is_invented(self, delivery, secure):
        invented(delivery, secure, layout="ber")
        with pytest.raises(ExtractError) as caught:
            read_register("prov", secure=secure, grants=())
        assert [line.split(" – ")[1] for line in caught.value.found] == ["inget beslut är registrerat"] * 3

    def test_a_description_says_of_an_invented_extract_only_that_it_is_one(self, delivery, secure):
        invented(delivery, secure, layout="ber_demo")
        description = secure.extracts / "prov" / "uttag.yaml"
        assert "invented: true\n" in description.read_text(encoding="utf-8")
        description.write_text("invented: kanske\nlayout: ber_demo\n", encoding="utf-8")
        with pytest.raises(ExtractError, match=r"ska ha en fil uttag.yaml"):
            read_register("prov", secure=secure, grants=())

    def test_the_grants_of_the_project_are_those_that_are_used(self, delivery, secure, tmp_path, monkeypatch):
        for folder in ("notebooks", "params"):
            (tmp_path / "project" / folder).mkdir(parents=True)
        monkeypatch.chdir(tmp_path / "project")
        assert project_grants() == ()
        without(delivery, "antagning.csv", "skolor.csv")
        assert refused(delivery, secure, grants=None).found[0].endswith("inget beslut är registrerat")
        (tmp_path / "project" / "params" / "grants.yaml").write_text(
            'grants:\n  - {table: notices, decision: "1", date: "2024-01-15", by: Nämnden, valid_to: "2025-12-31"}\n',
            encoding="utf-8",
        )
        assert read(delivery, secure, grants=None).row_counts["notices"] == 20

    def test_the_shipped_file_records_no_grant(self):
        assert read_grants(ROOT / "params" / "grants.yaml") == ()

    def test_the_example_in_the_shipped_file_is_a_grant(self, tmp_path):
        lines = (ROOT / "params" / "grants.yaml").read_text(encoding="utf-8").splitlines()
        example = [line.removeprefix("#") for line in lines if line.startswith("#   ")]
        (tmp_path / "grants.yaml").write_text("grants:\n" + "\n".join(example), encoding="utf-8")
        assert read_grants(tmp_path / "grants.yaml") == (
            Grant.model_construct(
                table="notices",
                decision="UTBN 2025/123",
                date=date(2025, 1, 15),
                by="Utbildningsnämnden",
                valid_to=date(2026, 12, 31),
            ),
        )

    @pytest.mark.parametrize(
        ("wrong", "found"),
        [
            ({"table": "notises"}, 'beslut 1: table är inget som kräver beslut (menade du "notices"?)'),
            ({"table": "persons"}, "beslut 1: table är inget som kräver beslut"),
            ({"table": None}, "beslut 1: table är inget som kräver beslut"),
            ({"beslut": "x"}, 'beslut 1: okänt fält "beslut"'),
            ({"valid_to": ...}, "beslut 1: valid_to saknas: sista dagen beslutet gäller, ÅÅÅÅ-MM-DD"),
            ({"valid_to": "31/12 2025"}, "beslut 1: valid_to har ett värde som inte går: sista dagen beslutet gäller, ÅÅÅÅ-MM-DD"),
            ({"date": "20240115"}, "beslut 1: date har ett värde som inte går: beslutsdagen, ÅÅÅÅ-MM-DD"),
            ({"date": 2024}, "beslut 1: date har ett värde som inte går: beslutsdagen, ÅÅÅÅ-MM-DD"),
            ({"by": ""}, "beslut 1: by har ett värde som inte går: vem som har beslutat, utan personnummer"),
            ({"by": "Direktören 20088103-1234"}, "beslut 1: by har ett värde som inte går: vem som har beslutat, utan personnummer"),
            ({"decision": "UTBN 200881031234"}, "beslut 1: decision har ett värde som inte går: beslutets beteckning, inom citattecken, utan personnummer"),
            ({"decision": 17}, "beslut 1: decision har ett värde som inte går: beslutets beteckning, inom citattecken, utan personnummer"),
            ({"valid_to": "2024-01-14"}, "beslut 1: valid_to ligger före date"),
        ],
    )  # fmt: skip
    def test_a_grant_that_is_not_one_is_refused_and_its_good_twin_is_read(self, tmp_path, wrong, found):
        good = {"table": "notices", "decision": "1", "date": "2024-01-15", "by": "Nämnden", "valid_to": "2025-12-31"}
        bad = {name: value for name, value in (good | wrong).items() if value is not ...}
        path = tmp_path / "grants.yaml"
        path.write_text(yaml.safe_dump({"grants": [good]}, allow_unicode=True), encoding="utf-8")
        assert [grant.table for grant in read_grants(path)] == ["notices"]
        path.write_text(yaml.safe_dump({"grants": [bad]}, allow_unicode=True), encoding="utf-8")
        with pytest.raises(ExtractError) as caught:
            read_grants(path)
        assert caught.value.expected == "grants.yaml ska ange varje beslut med table, decision, date, by, valid_to."
        assert caught.value.found == (found,)

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("", "filen ska ha en enda lista, grants:, tom om inga beslut finns"),
            ("- table: notices", "filen ska ha en enda lista, grants:, tom om inga beslut finns"),
            ("grants: {}", "filen ska ha en enda lista, grants:, tom om inga beslut finns"),
            ("grants: [", "filen är inte läsbar YAML i UTF-8"),
            ("grants: [notices]", "beslut 1: ska ange table, decision, date, by, valid_to"),
            ("grants:\n- table: notices\n  table: schools", '"table" står mer än en gång i samma beslut'),
        ],
    )
    def test_a_file_of_another_form_is_refused(self, tmp_path, text, found):
        (tmp_path / "grants.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(ExtractError) as caught:
            read_grants(tmp_path / "grants.yaml")
        assert caught.value.found == (found,)

    def test_what_stands_in_a_grant_is_never_told(self, tmp_path):
        (tmp_path / "grants.yaml").write_text("grants:\n- {table: notices, by: Hemlig Person, date: 198001019876}\n")
        with pytest.raises(ExtractError) as caught:
            read_grants(tmp_path / "grants.yaml")
        told = "".join(traceback.format_exception(caught.value))
        assert "Hemlig" not in told
        assert "198001019876" not in told


class TestColumns:
    def test_a_column_of_a_sensitive_kind_stops_the_load_with_its_reason_in_every_file(self, delivery, secure):
        for name in ("personer.csv", "aktiviteter.csv", "skolor.csv"):
            add_columns(delivery / name, FODELSELAND="x")
        reason = (
            "kolumnen FODELSELAND får inte finnas i ett KAA-register (etniskt ursprung, medborgarskap eller migration)"
        )
        assert refused(delivery, secure).found == tuple(
            f"{name}: {reason}" for name in ("personer.csv", "aktiviteter.csv", "skolor.csv")
        )

    def test_an_unknown_column_stops_the_load(self, delivery, secure):
        add_columns(delivery / "aktiviteter.csv", ANTECKNING="x")
        assert refused(delivery, secure).found == ("aktiviteter.csv: kolumnen ANTECKNING känner layouten inte",)

    def test_names_addresses_numbers_and_e_mail_are_discarded_and_in_no_file_frame_or_message(
        self, delivery, secure, capfd
    ):
        canary = "Kanariefågel 17"
        unneeded = {"FORNAMN": canary, "Gatuadress": canary, "POSTNR": canary, "Mobil": PHONE, "E-POST": canary}
        add_columns(delivery / "personer.csv", **unneeded)
        change(delivery / "personer.csv", ("2005-01-15;M", "2005-01-15;Z"))
        told: list[str] = []
        register = read(delivery, secure, accept_problem_rows=1000, progress=told.append)
        assert told[0] == (
            "Läste personer.csv: 20 rader. Kastade kolumner som inte behövs (namn, adress, telefonnummer, e-post)."
        )
        problem_file = (secure.problems / "prov" / "personer.csv").read_text(encoding="utf-8").splitlines()
        assert problem_file == [
            "ORSAK;RAD;PERSONNUMMER;FODELSEDATUM;KON;FOLKBOKFORD_EFTER_SKOLPLIKT;TELEFON_FINNS;SKYDDAD",
            "KON:OKAND_KOD;2;200581151016;2005-01-15;Z;N;J;N",
        ]
        extracts = secure.extracts
        kept = [path for path in secure.path.rglob("*") if path.is_file() and not path.is_relative_to(extracts)]
        content = b"".join(path.read_bytes() for path in kept)
        assert [word for word in (canary, PHONE) if word.encode() in content] == []
        values = " ".join(
            " ".join(register.table(name).astype("string").fillna("").to_numpy().ravel()) for name in tables()
        )
        seen = values + "".join(told) + "".join(capfd.readouterr())
        assert [word for word in (canary, PHONE) if word in seen] == []

    @pytest.mark.parametrize("canary", ["200681010013", "1987-06-05", "Kanariefågel Hemlig", "4711471147"])
    def test_a_canary_in_every_column_of_every_optional_file_never_leaves(self, delivery, secure, capfd, canary):
        names = [path.name for path in sorted(NEW.iterdir()) if path.name != "leverans.csv"]
        for name in names:
            lines = (delivery / name).read_text(encoding="utf-8").splitlines()
            for row in range(1, lines[0].count(";") + 2):
                fields = lines[row].split(";")
                lines[row] = ";".join([*fields[: row - 1], canary, *fields[row:]])
            (delivery / name).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        told: list[str] = []
        error = refused(delivery, secure, progress=told.append)
        register = read_register(
            "prov", secure=secure, grants=granted(*WANTED), accept_problem_rows=100, progress=told.append
        )
        seen = [*told, *traceback.format_exception(error), repr(register), *capfd.readouterr()]
        assert [text for text in seen if canary in text] == []
        kept = sum(
            register.row_counts[table] for table in ("activities", "admissions", "notices", "surveys", "schools")
        )
        assert (kept + register.accepted_problem_rows, register.accepted_problem_rows >= 15) == (100, True)

    def test_a_column_that_a_layout_lets_be_ignored_is_discarded_too_if_it_is_of_an_unneeded_kind(self, tmp_path):
        path = tmp_path / "fil.csv"
        path.write_text("NR;NAMN;ANNAT\n1;Hemlig;x\n", encoding="utf-8", newline="\n")
        named = ("NR", "NAMN", "ANNAT")
        columns = ExpectedColumns(used=("NR",), named=named)
        reading = read_csv_file(path, name="fil.csv", columns=columns, form=read_layout("ber"))
        assert reading.file.rows.to_dict("list") == {"NR": ["1"], "ANNAT": ["x"]}
        assert reading.file.discarded == ("namn",)

    @pytest.mark.parametrize("name", ["NAMN", "E-POST", "Telefonnummer", "ADRESS", "Post nr"])
    def test_lawful_but_unneeded_names_are_recognised(self, name):
        assert unneeded_kind(name) is not None

    @pytest.mark.parametrize("name", ["TELEFON_FINNS", "VARDNADSHAVARE_NAMN", "ADRESSAT", "HUVUDMAN"])
    def test_other_names_are_not_taken_for_unneeded(self, name):
        assert unneeded_kind(name) is None

    def test_no_column_of_a_layout_that_follows_the_law_is_discarded(self):
        named = [name for file in read_layout("ber").files.values() for name in file.named]
        assert [name for name in named if unneeded_kind(name)] == []

    def test_has_phone_can_be_derived_and_the_number_is_never_in_a_frame(self, delivery, secure, monkeypatch):
        def derive(record):
            columns = record["files"]["personer.csv"]["feeds"][0]["columns"]
            columns["has_phone"] = {"source": "TELEFON", "present": True}

        layout = changed_layout(derive)
        monkeypatch.setattr(register_reader, "read_layout", lambda name: layout)
        path = delivery / "personer.csv"
        lines = path.read_text(encoding="utf-8").replace("TELEFON_FINNS", "TELEFON").splitlines()
        number = [lines[0], *(line[:-3] + (f"{PHONE};" if line[-3] == "J" else " ;") + line[-1] for line in lines[1:])]
        path.write_text("\n".join(number) + "\n", encoding="utf-8", newline="\n")
        reading = read_delivered_file(path, name="personer.csv", layout=layout)
        assert reading.file.rows["TELEFON"].value_counts().to_dict() == {"finns": 16, "saknas": 4}
        assert read(delivery, secure).table("persons")["has_phone"].value_counts().to_dict() == {True: 16, False: 4}


class TestSensitiveCodes:
    def test_the_codes_become_other_and_are_counted_by_row_without_saying_which(self):
        layout = read_layout("ber_demo")
        text = {"INSATS": ["SVS", "AIM", "SVS", "ANN"], "AKTIVITET_EFTER": ["SJV", "SJV", "", "ANN"]}
        rows = coded_rows(pd.DataFrame(text, index=pd.Index([2, 3, 4, 5], name="RAD")))
        neutral, n_rows = without_sensitive_codes(RawFile("insatser.csv", rows), layout=layout)
        replaced = {"INSATS": ["ANN", "AIM", "ANN", "ANN"], "AKTIVITET_EFTER": ["ANN", "ANN", "", "ANN"]}
        pd.testing.assert_frame_equal(neutral.rows, coded_rows(pd.DataFrame(replaced, index=rows.index)))
        assert n_rows == 3
        assert list(rows["INSATS"]) == ["SVS", "AIM", "SVS", "ANN"]

    def test_neither_register_problem_file_nor_message_tells_which_code_it_was(self, delivery, secure):
        change(delivery / "aktiviteter.csv", ("SJV;2024-03-16;;", "SJV;2024-03-99;;"))
        change(delivery / "insatser.csv", (";SYV;", ";SVS;"))
        told: list[str] = []
        register = read(delivery, secure, accept_problem_rows=1, progress=told.append)
        assert "Att se över: kod av känsligt slag, inläst som annat – 3 rader." in told
        assert register.findings["sensitive_code"] == 3
        assert (secure.problems / "prov" / "aktiviteter.csv").read_text(encoding="utf-8").splitlines()[1:] == [
            "FROM:OGILTIGT_DATUM;10;200681012480;1;ANN;2024-03-99;;2024-03-20"
        ]
        assert register.table("activities")["kind"].value_counts()["other"] == 2
        assert register.table("interventions")["kind"].value_counts()["other"] == 2
        assert not [line for line in told if "SJV" in line or "SVS" in line]
