"""The layouts beside BER: supplements, the agency's half-year file, finished tables. Twenty hand-typed rows each, what enters and what does not, and why."""

import re
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
import yaml

from kaa_analysis import cohorts
from kaa_analysis.checks.check_report import State
from kaa_analysis.checks.delivered_counts import DeliveredCount
from kaa_analysis.checks.examination import run_checks
from kaa_analysis.checks.work_lists import work_lists
from kaa_analysis.core import periods
from kaa_analysis.core.errors import DefinitionError, ExtractError, ParameterError
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.indicators.coverage import coverage
from kaa_analysis.indicators.exits import exits_by_reason
from kaa_analysis.indicators.law_series import series_by_law
from kaa_analysis.indicators.stock import stock_and_flow
from kaa_analysis.ingest import (
    FinishedCell,
    FinishedTable,
    add_extract,
    half_year_editions,
    open_extract,
    order_form,
    read_finished_tables,
    read_register,
)
from kaa_analysis.ingest.grants import Grant
from kaa_analysis.ingest.half_year_editions import (
    EditionCode,
    closed_half_year,
    edition_codes,
    edition_columns,
    edition_names,
    with_edition,
)
from kaa_analysis.ingest.identity import pseudonym
from kaa_analysis.ingest.layout_files import (
    composed,
    layout_bytes,
    layout_hash,
    parse_layout,
    parse_supplement,
    read_finished_layout,
    read_layout,
    read_supplement,
    supplement_names,
)
from kaa_analysis.ingest.reasons import Reason
from kaa_analysis.schema.law_rules import LawRules
from kaa_analysis.store import Register
from kaa_analysis.target_population import explain

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
MAIN = sorted((DATA / "ber_small").iterdir())
HALF_YEAR = DATA / "kaa_halvar" / "kaa_halvar.csv"
DELIVERED = DeliveredCount("BESTAND", periods.half_year(2023, 1), 4, date(2023, 7, 10))
FINISHED = DATA / "fardiga_tabeller" / "fardiga_tabeller.csv"
DECIDED = tuple(
    Grant.model_validate({"table": table, "decision": "UTBN 1", "date": "2024-01-15", "by": "Nämnden", "valid_to": "2025-12-31"})
    for table in ("admissions", "schools")
)  # fmt: skip


@pytest.fixture
def secure(tmp_path) -> SecureFolder:
    return SecureFolder(tmp_path / "secure")


def with_supplement(secure: SecureFolder, *names: str, more: tuple[Path, ...] = (), **options) -> Register:
    files = [*MAIN, *more, *(path for name in names for path in sorted((DATA / name).iterdir()))]
    add_extract("prov", layout="ber_demo", files=files, extract_date=None, secure=secure, supplements=names)
    return read_register("prov", secure=secure, **{"accept_problem_rows": 20, "grants": DECIDED} | options)


def half_year(secure: SecureFolder, *, day: date = date(2023, 6, 30), edition: str | None = None) -> Register:
    add_extract("halvar", layout="kaa_halvar_demo", files=[HALF_YEAR], extract_date=day, secure=secure, edition=edition)
    return read_register("halvar", secure=secure, accept_problem_rows=20)


def causes(secure: SecureFolder, name: str, file: str) -> dict[int, str]:
    """Return the cause of every row of a problem file by its line."""
    path = secure.problems / name / file
    lines = path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else []
    return {int(line.split(";")[1]): line.split(";")[0] for line in lines}


def rows(register: Register, table: str, *, secure: SecureFolder, columns: list[str]) -> list[tuple]:
    """Return the rows of a table with the last four digits of the identity in place of the pseudonym, missing values None, in their order."""
    key = secure.pseudonym_key()
    identities = {line.split(";")[0] for line in (DATA / "ber_small" / "personer.csv").read_text().splitlines()[1:]}
    last_digits = {pseudonym(identity, key=key, source=""): identity[-4:] for identity in identities}
    frame = register.table(table)
    if "person_id" in frame:
        frame = frame.assign(person_id=frame["person_id"].map(last_digits))
    written = frame[columns].astype("string").astype(object)
    return sorted(tuple(None if pd.isna(value) else value for value in row) for row in written.to_numpy())


class TestFlai:
    def test_rows_with_consent_enter_after_those_of_ber_in_the_order_of_the_offer(self, secure):
        register = with_supplement(secure, "flai")
        columns = ["person_id", "intervention_number", "kind", "offered_date", "accepted", "start_date", "end_date"]
        assert register.row_counts["interventions"] == 20 + 10
        told = rows(register, "interventions", secure=secure, columns=[*columns, "provider", "consent"])
        of_amf = [row[:7] for row in told if row[3] in FLAI_DAYS and row[7:] == ("amf", "True")]
        assert of_amf == [
            ("1016", "3", "youth_employment", "2023-06-01", "True", "2023-06-07", "2023-06-14"),
            ("1016", "4", "youth_employment", "2023-06-14", "True", "2023-06-14", "2023-07-26"),
            ("1016", "5", "aim", "2024-05-02", "True", "2024-05-13", "2024-08-31"),
            ("1351", "2", "internship", "2023-10-16", "True", "2023-10-23", "2023-12-02"),
            ("1798", "3", "youth_employment", "2024-08-12", "True", "2024-08-19", "2024-12-21"),
            ("2041", "3", "aim", "2024-02-12", "True", "2024-02-19", None),
            ("2041", "4", "coaching", "2024-02-12", "False", None, None),
            ("2261", "3", "other", "2024-09-02", "True", "2024-09-09", None),
            ("2841", "2", "aim", "2024-01-15", None, None, None),
            ("3159", "2", "group_activity", "2024-11-04", "True", "2024-11-11", None),
        ]

    def test_what_does_not_enter_is_a_problem_row_with_its_reason(self, secure):
        with_supplement(secure, "flai")
        assert causes(secure, "prov", "flai_insatser.csv") == {
            7: "SAMTYCKE:SAMTYCKE_SAKNAS",
            8: "SAMTYCKE:SAMTYCKE_SAKNAS",
            11: "ERBJUDEN:OGILTIGT_DATUM",
            12: "SLUT:SLUT_FORE_START",
            13: "INSATS:OKAND_KOD",
            16: "ERBJUDEN:VARDE_SAKNAS",
            17: "PERSONNUMMER:IDENTITET_FEL_KONTROLLSIFFRA",
            18: "PERSONNUMMER:IDENTITET_KAN_VARA_VERKLIG",
            19: "PERSONNUMMER:OKAND_PERSON",
            20: "SAMTYCKE:OKAND_KOD",
        }

    def test_a_missing_consent_is_told_in_words_without_a_value(self, secure):
        with pytest.raises(ExtractError) as caught:
            with_supplement(secure, "flai", accept_problem_rows=0)
        assert "flai_insatser.csv, SAMTYCKE: samtycke saknas – 2 rader" in caught.value.found
        assert "200586301137" not in str(caught.value)

    def test_codes_of_a_sensitive_kind_are_counted_and_read_as_other(self, secure):
        assert with_supplement(secure, "flai").findings["sensitive_code"] == 2

    def test_the_delivery_note_of_the_main_layout_does_not_name_the_file(self, secure):
        assert "flai" not in (DATA / "ber_small" / "leverans.csv").read_text(encoding="utf-8")
        assert with_supplement(secure, "flai").extract_date == date(2025, 1, 31)


FLAI_DAYS = ["2023-06-01", "2023-06-14", "2024-05-02", "2023-10-16", "2024-08-12", "2024-02-12", "2024-09-02", "2024-01-15", "2024-11-04"]  # fmt: skip


class TestSkolslussen:
    def test_who_was_not_admitted_then_guided_then_placed(self, secure):
        register = with_supplement(secure, "skolslussen")
        columns = ["person_id", "year", "round", "outcome", "guided_date", "placed_date"]
        assert rows(register, "admissions", secure=secure, columns=columns) == [
            ("1016", "2021", "final", "not_admitted", "2021-06-21", None),
            ("1016", "2021", "reserve_1", "not_admitted", None, None),
            ("1016", "2021", "reserve_2", "admitted", None, "2021-08-18"),
            ("1351", "2021", "later", "not_admitted", "2021-09-13", "2021-09-14"),
            ("1918", "2022", "reserve_1", "not_admitted", "2022-08-09", "2022-08-15"),
            ("2041", "2021", "final", "not_admitted", "2021-06-28", None),
            ("2041", "2021", "reserve_1", "admitted", None, "2021-07-29"),
            ("2062", "2023", "final", "not_admitted", "2023-06-19", None),
            ("2261", "2021", "final", "not_applied", "2021-09-06", None),
            ("2480", "2022", "final", "not_admitted", "2022-06-20", None),
            ("2629", "2022", "final", "not_admitted", "2022-06-22", None),
            ("2629", "2022", "later", "not_admitted", None, "2022-08-24"),
        ]
        assert causes(secure, "prov", "skolslussen.csv") == {
            7: "PERSONNUMMER+AR+OMGANG:DUBBLETT",
            8: "PERSONNUMMER+AR+OMGANG:DUBBLETT",
            12: "VAGLEDD:OGILTIGT_DATUM",
            13: "ANTAGEN:OKAND_KOD",
            16: "AR:OGILTIGT_TAL",
            17: "OMGANG:VARDE_SAKNAS",
            20: "PERSONNUMMER:OKAND_PERSON",
            21: "PERSONNUMMER:IDENTITET_FEL_FORM",
        }

    def test_without_a_decision_nothing_is_read(self, secure):
        with pytest.raises(ExtractError) as caught:
            with_supplement(secure, "skolslussen", grants=())
        assert caught.value.found == (
            "skolslussen.csv: admissions (utfallet av en antagningsomgång för en person) – inget beslut är registrerat",
        )

    def test_the_same_table_twice_is_refused_and_said_how_to_mend(self, secure, tmp_path):
        note = (DATA / "ber_small" / "leverans.csv").read_text(encoding="utf-8")
        folder = Path(shutil.copytree(DATA / "ber_small", tmp_path / "delivery"))
        shutil.copy(DATA / "ber_new" / "antagning.csv", folder)
        (folder / "leverans.csv").write_text(note + "antagning.csv;20;2025-01-31\n", encoding="utf-8", newline="\n")
        files = [*sorted(folder.iterdir()), DATA / "skolslussen" / "skolslussen.csv"]
        add_extract(
            "dubbelt", layout="ber_demo", files=files, extract_date=None, secure=secure, supplements=["skolslussen"]
        )
        with pytest.raises(ExtractError) as caught:
            read_register("dubbelt", secure=secure, grants=DECIDED)
        assert caught.value.found == (
            "skolslussen.csv: ger admissions, som antagning.csv redan ger; leverera en av dem",
        )


class TestSurveysAndSchools:
    def test_invitations_enter_without_persons_and_need_no_decision(self, secure):
        register = with_supplement(secure, "enkater", grants=())
        columns = ["instrument", "survey_number", "invited_date", "answered_date", "items"]
        assert rows(register, "surveys", secure=secure, columns=columns) == [
            ("aim", "1", "2024-05-06", "2024-05-06", "A1=3 A2=4 A10=1"),
            ("aim", "2", "2024-05-06", None, None),
            ("aim", "3", "2024-05-13", "2024-05-20", "A1=2"),
            ("dropout_or_switch", "1", "2024-09-16", "2024-09-30", "V1=7 V2=12"),
            ("dropout_or_switch", "2", "2024-09-16", None, None),
            ("dropout_or_switch", "4", "2024-10-07", "2024-10-08", "V1=3"),
            ("first_contact", "1", "2024-02-05", "2024-02-09", "F1=4 F2=2"),
            ("first_contact", "2", "2024-02-05", None, None),
            ("first_contact", "3", "2024-02-12", "2024-02-12", "F1=5 F2=5"),
            ("first_contact", "6", "2024-04-02", None, None),
            ("group_activity", "1", "2024-06-03", "2024-06-03", "G1=5"),
            ("group_activity", "3", "2024-06-10", None, None),
        ]
        assert register.table("surveys")["person_id"].isna().all()
        assert causes(secure, "prov", "enkatsvar.csv") == {
            5: "ENKAT+LOPNR:DUBBLETT",
            6: "ENKAT+LOPNR:DUBBLETT",
            7: "SVAR:OGILTIG_FORM",
            9: "INBJUDEN:OGILTIGT_DATUM",
            10: "INBJUDEN:VARDE_SAKNAS",
            14: "LOPNR:OGILTIGT_TAL",
            16: "SVAR:OGILTIG_FORM",
            20: "ENKAT:OKAND_KOD",
        }

    def test_schools_with_susa_and_their_counted_cohorts_enter(self, secure):
        register = with_supplement(secure, "skolor")
        columns = ["school_unit", "district", "susa_from", "susa_to", "prioritised_area"]
        during = ("2015-09-01", "2019-08-31")
        assert rows(register, "schools", secure=secure, columns=columns) == [
            ("20000001", "rinkeby_kista", *during, "rinkeby"),
            ("20000002", "rinkeby_kista", *during, "husby"),
            ("20000003", "spanga_tensta", *during, "tensta"),
            ("20000004", "enskede_arsta_vantor", *during, "ragsved"),
            ("20000005", "skarholmen", *during, "skarholmen"),
            ("20000006", "hasselby_vallingby", *during, "hasselby"),
            ("20000007", "hasselby_vallingby", None, None, "hasselby"),
            ("20000008", "bromma", None, None, None),
            ("20000009", "kungsholmen", None, None, None),
            ("20000010", "norra_innerstaden", None, None, None),
            ("20000011", "sodermalm", None, None, None),
            ("20000017", None, None, None, None),
        ]
        counted = ["school_unit", "cohort_year", "n_pupils", "n_eligible", "n_not_enrolled_15_october"]
        assert rows(register, "school_cohorts", secure=secure, columns=counted) == [
            ("20000001", "2014", "61", None, "9"),
            ("20000001", "2015", "58", None, "8"),
            ("20000001", "2016", "64", None, "6"),
            ("20000001", "2017", "60", None, "5"),
            ("20000002", "2014", "47", None, "7"),
            ("20000002", "2015", "52", None, "9"),
            ("20000002", "2016", "49", None, "4"),
            ("20000003", "2014", "72", None, "11"),
            ("20000003", "2015", "70", None, "10"),
            ("20000008", "2014", "81", None, "3"),
            ("20000008", "2015", "79", None, "3"),
            ("20000008", "2017", "80", None, "2"),
            ("20000009", "2015", "41", None, "0"),
        ]

    def test_what_does_not_enter_of_schools_and_cohorts(self, secure):
        with_supplement(secure, "skolor")
        assert causes(secure, "prov", "skolenheter.csv") == {
            13: "SUSA_TOM:SLUT_FORE_START",
            14: "SUSA_TOM:SLUT_UTAN_START",
            15: "STADSDEL:OKAND_KOD",
            16: "HUVUDMAN:IDENTITET_I_TEXT",
            17: "SUSA_FROM:OGILTIGT_DATUM",
            19: "PRIORITERAT_OMRADE:OKAND_KOD",
            20: "SKOLENHET:DUBBLETT",
            21: "SKOLENHET:DUBBLETT",
        }
        assert causes(secure, "prov", "skolkullar.csv") == {
            9: "ELEVER:VARDE_SAKNAS",
            12: "SKOLENHET+AR:DUBBLETT",
            13: "SKOLENHET+AR:DUBBLETT",
            16: "EJ_INSKRIVNA_15_OKTOBER:OGILTIGT_TAL",
            18: "SKOLENHET:VARDE_SAKNAS",
            19: "AR:OGILTIGT_TAL",
            21: "ELEVER:OGILTIGT_TAL",
        }

    def test_counted_cohorts_without_the_list_of_schools_need_no_decision(self, secure):
        files = [*MAIN, DATA / "skolor" / "skolkullar.csv"]
        add_extract("kullar", layout="ber_demo", files=files, extract_date=None, secure=secure, supplements=["skolor"])
        register = read_register("kullar", secure=secure, accept_problem_rows=7, grants=())
        assert (register.row_counts["schools"], register.row_counts["school_cohorts"]) == (0, 13)


class TestComposition:
    def test_all_supplements_together_lose_no_row(self, secure):
        names = supplement_names()
        register = with_supplement(secure, *names, accept_problem_rows=60)
        n_delivered = sum(
            len(path.read_text(encoding="utf-8").splitlines()) - 1 for name in names for path in (DATA / name).iterdir()
        )
        n_kept = sum(register.row_counts[table] for table in ("admissions", "surveys", "schools", "school_cohorts"))
        n_kept += register.row_counts["interventions"] - 20
        assert (n_delivered, n_kept, register.accepted_problem_rows) == (100, 59, 41)

    def test_a_supplement_is_read_in_its_own_form(self, secure, monkeypatch, tmp_path):
        text = (DATA / "enkater" / "enkatsvar.csv").read_text(encoding="utf-8").replace(";", "\t")
        (tmp_path / "enkatsvar.csv").write_text(text, encoding="cp1252", newline="\n")
        record = yaml.safe_load(layout_bytes("enkater")) | {"delimiter": "\t", "encoding": "cp1252"}
        other = parse_supplement(yaml.safe_dump(record).encode())
        monkeypatch.setattr("kaa_analysis.ingest.layout_files.read_supplement", lambda name: other)
        files = [*MAIN, tmp_path / "enkatsvar.csv"]
        add_extract("tabb", layout="ber_demo", files=files, extract_date=None, secure=secure, supplements=["enkater"])
        register = read_register("tabb", secure=secure, accept_problem_rows=8)
        assert register.row_counts["surveys"] == 12
        problems = (secure.problems / "tabb" / "enkatsvar.csv").read_text(encoding="cp1252")
        assert problems.startswith("ORSAK\tRAD\tENKAT\tLOPNR\t")

    def test_the_description_names_supplements_and_the_register_is_another_one(self, secure):
        with_supplement(secure, "enkater", grants=())
        extract = open_extract("prov", secure=secure)
        assert (extract.supplements, extract.edition) == (("enkater",), None)
        assert (extract.folder / "uttag.yaml").read_text() == "layout: ber_demo\nsupplements:\n- enkater\n"
        hashes = {
            layout_hash("ber_demo"),
            layout_hash("ber_demo", supplements=["flai"]),
            layout_hash("ber_demo", supplements=["enkater"]),
            layout_hash("kaa_halvar", edition="2022-2"),
            layout_hash("kaa_halvar", edition="2023-1"),
        }
        assert len(hashes) == 5

    @pytest.mark.parametrize(
        ("layout", "supplements", "expected", "found"),
        [
            ("ber_demo", ["flaj"], 'Tillägget "flaj" finns inte (menade du "flai"?).', ()),
            ("ber_demo", ["ber"], 'Tillägget "ber" finns inte.', ()),
            ("flai", [], 'Layouten "flai" är ett tillägg och läses bara in med en huvudlayout.', ()),
            (
                "ber_demo",
                ["flai", "flai"],
                "Layout och tillägg ska ha filer med olika namn.",
                ("flai_insatser.csv hör till flera av dem",),
            ),
            ("mvad", ["flai"], 'Layouten "mvad" har inga personnummer som tilläggens rader kan höra till.', ()),
            ("fardiga_tabeller", ["flai"], 'Layouten "fardiga_tabeller" ger färdiga tabeller och inget register.', ()),
        ],
    )
    def test_what_is_no_composition_is_refused_when_it_is_added(self, secure, layout, supplements, expected, found):
        with pytest.raises(ParameterError) as caught:
            add_extract("x", layout=layout, files=MAIN, extract_date=None, secure=secure, supplements=supplements)
        assert caught.value.expected.startswith(expected)
        assert caught.value.found == found
        assert not secure.extracts.exists()

    @pytest.mark.parametrize("text", ["supplements: flai", "supplements: [1]", "edition: 1", "tillagg: [flai]"])
    def test_a_description_of_another_form_is_refused(self, secure, text):
        folder = secure.extracts / "hand"
        shutil.copytree(DATA / "ber_small", folder)
        (folder / "uttag.yaml").write_text(f"layout: ber_demo\n{text}\n", encoding="utf-8")
        with pytest.raises(ExtractError, match=r"uttag\.yaml med layout och uttagsdag"):
            read_register("hand", secure=secure)

    @pytest.mark.parametrize(
        ("change", "found"),
        [
            (
                lambda feed: feed["columns"].update(consent={"source": "SAMTYCKE", "codes": "yes_no"}, accepted={"source": "X", "codes": "yes_no", "numbered": True}),
                "flai_insatser.csv, interventions: kolumnen accepted är inget löpnummer per person och kan inte ha numbered",
            ),
            (
                lambda feed: feed["columns"]["intervention_number"].update(source="START"),
                "flai_insatser.csv, interventions: kolumnen intervention_number ska numreras efter en dag som en annan kolumn läser och som inte får saknas",
            ),
            (
                lambda feed: feed["columns"]["kind"].update(consent=True),
                "flai_insatser.csv, interventions: kolumnen kind är inget samtycke",
            ),
            (
                lambda feed: feed["columns"]["start_date"].update(from_identity="sex"),
                "flai_insatser.csv, interventions: kolumnen start_date kan inte läsas ur identiteten",
            ),
            (
                lambda feed: feed.update(when_any=["INSATS"]),
                "flai_insatser.csv: ingen tabell tar emot varje rad (when_any)",
            ),
            (lambda feed: feed.update(optional=True), "flai_insatser.csv, interventions: optional kräver when_any"),
            (lambda feed: feed["columns"].pop("kind"), "flai_insatser.csv, interventions: kolumnen kind måste ges"),
        ],
    )  # fmt: skip
    def test_a_supplement_that_does_not_fit_the_schema_is_refused(self, change, found):
        record = yaml.safe_load(layout_bytes("flai"))
        assert parse_supplement(yaml.safe_dump(record).encode()) == read_supplement("flai")
        change(record["files"]["flai_insatser.csv"]["feeds"][0])
        with pytest.raises(ParameterError) as caught:
            parse_supplement(yaml.safe_dump(record).encode())
        assert found in caught.value.found

    def test_a_table_fed_twice_must_be_numbered(self):
        record = yaml.safe_load(layout_bytes("ber"))
        record["files"]["insatser.csv"]["feeds"] *= 2
        with pytest.raises(ParameterError) as caught:
            parse_layout(yaml.safe_dump(record, allow_unicode=True).encode())
        assert caught.value.found == ("tabellen interventions ges flera gånger utan att numreras",)

    def test_where_the_rules_are_applied_every_table_they_are_tested_against_is_fed(self):
        record = yaml.safe_load(layout_bytes("kaa_halvar")) | {"rules": "applied", "code_lists": {}}
        with pytest.raises(ParameterError) as caught:
            parse_layout(yaml.safe_dump(record, allow_unicode=True).encode())
        assert caught.value.found[:4] == (
            "municipality måste anges där lagens regler tillämpas",
            "ingen fil ger tabellen residence, som lagens regler prövas mot",
            "ingen fil ger tabellen schooling, som lagens regler prövas mot",
            "ingen fil ger tabellen credentials, som lagens regler prövas mot",
        )


class TestHalfYearFile:
    def test_a_youth_is_one_person_and_a_registration_one_spell_however_many_rows(self, secure):
        register = half_year(secure)
        assert rows(register, "persons", secure=secure, columns=["person_id", "birth_date", "sex"]) == [
            ("1016", "2005-01-15", "male"),
            ("1137", "2005-06-30", "male"),
            ("1351", "2005-12-31", "male"),
            ("2041", "2005-03-02", "female"),
            ("2261", "2005-09-09", "female"),
            ("4284", "2007-04-01", "female"),
        ]
        columns = ["person_id", "spell", "entry_date", "entry_reason", "exit_date", "exit_reason"]
        assert rows(register, "registrations", secure=secure, columns=columns) == [
            ("1016", "1", "2022-09-01", "never_started", "2023-04-17", "national_programme"),
            ("1137", "1", "2022-08-22", "ended_introduction", None, None),
            ("1351", "1", "2022-02-01", "never_started", "2022-05-02", "completed"),
            ("1351", "2", "2023-06-19", "never_started", None, None),
            ("2041", "1", "2023-01-16", "dropout_national", None, None),
            ("2261", "1", "2021-11-01", "studiebevis", "2023-06-12", "adapted_upper_secondary"),
            ("4284", "1", "2023-03-01", "newly_resident", "2023-06-12", "introduction_programme"),
        ]

    def test_activities_contacts_and_measures_enter_from_their_blocks(self, secure):
        register = half_year(secure)
        columns = ["person_id", "activity_number", "kind", "known_at"]
        assert rows(register, "activities", secure=secure, columns=columns) == [
            ("1016", "1", "none", "2022-09-01"),
            ("1016", "2", "none", "2022-09-20"),
            ("1016", "3", "job_seeking", "2022-10-03"),
            ("1016", "4", "work", "2023-02-06"),
            ("1016", "5", "job_seeking", "2022-11-30"),
            ("1137", "1", "job_seeking", "2022-08-22"),
            ("1137", "2", "job_seeking", "2022-09-05"),
            ("1137", "3", "job_seeking", "2022-10-14"),
            ("1351", "1", "unknown", "2022-02-01"),
            ("2041", "1", "unknown", "2023-01-16"),
            ("2261", "1", "none", "2021-11-01"),
            ("2261", "2", "other", "2023-03-01"),
            ("4284", "1", "unknown", "2023-03-01"),
            ("4284", "2", "studies", "2023-03-15"),
            ("4284", "3", "studies", "2023-06-09"),
        ]
        columns = ["person_id", "contact", "date", "direction", "channel", "outcome"]
        same = ("outgoing", "other", "reached")
        assert rows(register, "contacts", secure=secure, columns=columns) == [
            ("1016", "1", "2022-09-20", *same),
            ("1016", "2", "2022-10-03", *same),
            ("1016", "3", "2023-02-06", *same),
            ("1137", "1", "2022-09-05", *same),
            ("2261", "1", "2023-03-01", *same),
            ("4284", "1", "2023-03-15", *same),
        ]
        columns = ["person_id", "intervention_number", "kind", "provider", "offered_date", "end_date", "activity_after"]
        assert rows(register, "interventions", secure=secure, columns=columns) == [
            ("1016", "1", "guidance", "other", "2022-10-03", "2022-12-01", "job_seeking"),
            ("1137", "1", "coaching", "other", "2022-09-12", None, None),
            ("1137", "2", "group_activity", "other", "2022-09-12", "2022-10-15", "job_seeking"),
            ("2261", "1", "other", "other", "2023-03-06", None, None),
            ("4284", "1", "internship", "other", "2023-04-03", "2023-06-10", "studies"),
        ]
        assert register.findings["sensitive_code"] == 1

    def test_what_does_not_enter_is_a_problem_row_with_its_reason(self, secure):
        register = half_year(secure)
        assert causes(secure, "halvar", "kaa_halvar.csv") == {
            10: "syskontakt:OKAND_KOD",
            11: "datumatgslut:SLUT_UTAN_START datumatgstart:VARDE_SAKNAS",
            12: "datumkontakt:VARDE_SAKNAS",
            13: "orsakavreg:KOD_UTANFOR_UPPLAGAN",
            14: "personnr+datumreg:DUBBLETT",
            15: "personnr+datumreg:DUBBLETT",
            16: "datumreg:OGILTIGT_DATUM",
            17: "orsakreg:OKAND_KOD",
            18: "personnr:IDENTITET_KAN_VARA_VERKLIG",
            20: "datumatgslut:SLUT_FORE_START",
        }
        assert (register.accepted_problem_rows, register.row_counts["registrations"]) == (10, 7)

    def test_stock_flow_and_exits_can_be_made_of_it(self, secure):
        register = half_year(secure)
        spring = periods.half_year(2023, 1)
        flow = stock_and_flow(register, periods=[spring]).table
        both = flow[flow["sex"] == "all"].iloc[0]
        counted = ["n_stock_start", "n_entries", "n_exits", "n_stock_end", "n_persons"]
        assert both[counted].astype(int).tolist() == [3, 3, 3, 3, 6]
        exits = exits_by_reason(register, periods=[spring]).table
        of_all = exits[(exits["sex"] == "all") & (exits["n_exits"] > 0)]
        assert dict(zip(of_all["exit_reason"], of_all["n_exits"].astype(int), strict=True)) == {
            "all": 3, "national_programme": 1, "introduction_programme": 1, "adapted_upper_secondary": 1,
        }  # fmt: skip

    def test_it_is_a_kaa_register_with_the_exit_reasons_of_kaa_alone(self, secure):
        register = half_year(secure)
        assert (register.rules, register.is_kaa, register.follows_law) == (LawRules.NOT_ENOUGH_TABLES, True, False)
        exits = exits_by_reason(register, periods=[periods.half_year(2023, 1)]).table
        assert list(dict.fromkeys(exits["exit_reason"])) == [
            "all", "national_programme", "introduction_programme", "adapted_upper_secondary", "komvux", "folkhogskola", "completed",
            "turned_20", "moved", "deceased_or_emigrated", "other", "missing",
        ]  # fmt: skip

    def test_whoever_is_registered_is_followed_up_by_the_ways_out_of_kaa(self, secure):
        register = half_year(secure)
        cohort = cohorts.registered_during(register, periods.half_year(2023, 1))
        assert list(cohort.flow["n_spells"]) == [7, 1, 0, 6]
        ways_out = cohorts.ways_out_named("kaa", register)
        times = cohorts.follow_up(cohort, ways_out=ways_out, unit="days", delayed_entry=True).times
        assert times["way_out"].value_counts().to_dict() == {"study_placement": 3, "censored": 3}
        with pytest.raises(DefinitionError) as caught:
            cohorts.ways_out_named("education", register)
        assert caught.value.action == "välj ways_out: kaa eller kaa_without_komvux"

    def test_checks_that_need_the_target_population_alone_are_not_made(self, secure):
        report = run_checks(half_year(secure, day=date(2023, 7, 1)), delivered=(DELIVERED,))
        by_law = {
            check: report.outcome(check) for check in ("K401", "K402", "K404", "K611", "K612", "K903", "K904", "K921")
        }
        missing = "uttaget saknar tabeller som reglerna för målgruppen prövas mot"
        assert {check: (outcome.state, outcome.reason) for check, outcome in by_law.items()} == {
            "K401": (State.NONE, ""),
            "K402": (State.NONE, ""),
            "K404": (State.NONE, ""),
            "K611": (State.NOT_RUN, missing),
            "K612": (State.NOT_RUN, missing),
            "K903": (State.NONE, ""),
            "K904": (State.NOT_RUN, "tabellen schooling har inga rader"),
            "K921": (State.FOUND, ""),
        }
        assert by_law["K921"].remarks == (
            "registrerade vid periodens slut, första halvåret 2023: lämnat 4 (2023-07-10), nu 3",
        )

    @pytest.mark.parametrize(
        "asked",
        [
            work_lists,
            lambda register: coverage(register, day=date(2023, 5, 1)),
            lambda register: series_by_law(register, periods=[periods.half_year(2023, 1)]),
            lambda register: explain(register, "0" * 16, day=date(2023, 5, 1)),
        ],
    )
    def test_what_needs_the_target_population_is_refused_for_want_of_tables(self, secure, asked):
        with pytest.raises(DefinitionError, match="lagens regler") as caught:
            asked(half_year(secure))
        assert caught.value.found == ("uttaget saknar tabeller som reglerna för målgruppen prövas mot",)

    def test_what_was_before_the_half_year_is_not_in_it_and_cannot_be_reported(self, secure):
        register = half_year(secure)
        assert register.observed_from == date(2023, 1, 1)
        with pytest.raises(DefinitionError):
            stock_and_flow(register, periods=[periods.half_year(2022, 2)])

    @pytest.mark.parametrize(
        ("codes", "n_rows"),
        [({2: "0180"}, 0), ({2: "180"}, 0), ({2: ""}, 0), ({2: "0181"}, 1), ({2: "0181", 6: "0182", 8: "0181"}, 3)],
    )
    def test_rows_of_another_municipality_than_most_are_a_finding(self, secure, tmp_path, codes, n_rows):
        lines = HALF_YEAR.read_text(encoding="utf-8").splitlines()
        for line, code in codes.items():
            lines[line - 1] = lines[line - 1].replace(";0180;", f";{code};")
        path = tmp_path / "kaa_halvar.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        add_extract("x", layout="kaa_halvar_demo", files=[path], extract_date=date(2023, 6, 30), secure=secure)
        register = read_register("x", secure=secure, accept_problem_rows=20)
        assert register.findings.get("other_municipality", 0) == n_rows
        assert register.row_counts["registrations"] == 7
        assert run_checks(register).outcome("K110").n_rows == n_rows

    def test_a_file_without_the_column_of_its_municipality_is_read(self, secure, tmp_path):
        rows_told = pd.read_csv(HALF_YEAR, sep=";", dtype=str, keep_default_na=False).drop(columns="kommunreg")
        path = tmp_path / "kaa_halvar.csv"
        rows_told.to_csv(path, sep=";", index=False)
        add_extract("x", layout="kaa_halvar_demo", files=[path], extract_date=date(2023, 6, 30), secure=secure)
        assert "other_municipality" not in read_register("x", secure=secure, accept_problem_rows=20).findings

    def test_the_column_of_the_municipality_must_be_one_that_is_not_read(self):
        record = yaml.safe_load(layout_bytes("mvad"))
        record["files"]["mvad_spells.csv"]["municipality"] = "male"
        with pytest.raises(ParameterError) as caught:
            parse_layout(yaml.safe_dump(record, allow_unicode=True).encode())
        assert caught.value.found == ("mvad_spells.csv: kolumnen male i municipality står inte bland ignored",)

    def test_only_the_demonstration_twin_takes_invented_identities(self, secure):
        add_extract("x", layout="kaa_halvar", files=[HALF_YEAR], extract_date=date(2023, 6, 30), secure=secure)
        with pytest.raises(ExtractError) as caught:
            read_register("x", secure=secure)
        assert (
            "kaa_halvar.csv, personnr: påhittad identitet, som layouten inte tar emot – 19 rader" in caught.value.found
        )


class TestEditions:
    def test_every_half_year_since_the_second_of_2018_has_its_columns(self):
        names = edition_names("kaa_halvar")
        assert names[:3] == ("2018-2", "2019-1", "2019-2")
        by_edition = {name: {row.column: row.status for row in edition_columns("kaa_halvar") if row.edition == name} for name in names}  # fmt: skip
        layout = read_layout("kaa_halvar")
        assert [
            name for name, columns in by_edition.items() if set(columns) != set(layout.files["kaa_halvar.csv"].named)
        ] == []
        later = ["indsyss", "kallkann", "datumkann", "komsak", "datumkom", "atgtyp"]
        assert {name for name, columns in by_edition.items() if all(columns[name] == "absent" for name in later)} == {
            name for name in names if name < "2022-2"
        }
        assert {row.status for row in edition_columns("kaa_halvar")} == {"required", "optional", "absent"}
        assert {row.mark for row in edition_columns("kaa_halvar")} == {"K", "M"}

    def test_every_code_number_is_marked_unverified(self):
        assert {row.mark for row in edition_codes("kaa_halvar")} == {"M"}
        assert {row.code_list for row in edition_codes("kaa_halvar")} == {
            "entry_reason",
            "activity",
            "intervention",
            "exit_reason",
        }

    def test_a_sensitive_number_of_another_edition_is_neutral_too_unless_it_means_something_else(self, monkeypatch):
        told = [
            ("20", "work", "2018-2", None),
            ("27", "sensitive", "2018-2", "2019-1"),
            ("27", "studies", "2023-1", None),
        ]
        told += [("28", "other", "2018-2", None), ("30", "none", "2018-2", "2019-1")]
        rows_told = tuple(EditionCode("activity", *code, "x", "M") for code in told)
        monkeypatch.setattr(half_year_editions, "edition_codes", lambda table: rows_told)
        between, later = (
            half_year_editions.codes_of_editions("x", edition=edition) for edition in ("2020-1", "2023-1")
        )
        assert between == {
            "code_lists": {"activity": {"20": "work", "28": "other"}},
            "sensitive_codes": {"activity": {"read_as": "28", "codes": ("27",)}},
            "other_editions": {"activity": ("30",)},
        }
        assert later == {
            "code_lists": {"activity": {"20": "work", "27": "studies", "28": "other"}},
            "sensitive_codes": {},
            "other_editions": {"activity": ("30",)},
        }

    def test_the_edition_is_the_half_year_that_the_day_of_extract_closes_unless_it_is_named(self, secure):
        half_year(secure)
        assert open_extract("halvar", secure=secure).edition == "2023-1"
        assert closed_half_year(date(2023, 12, 31)) == "2023-2"
        assert closed_half_year(date(2023, 12, 30)) == "2023-1"

    def test_a_code_that_holds_in_one_edition_fails_in_the_next(self, secure):
        half_year(secure, day=date(2023, 12, 31))
        found = causes(secure, "halvar", "kaa_halvar.csv")
        assert (found[8], 13 in found) == ("orsakavreg:KOD_UTANFOR_UPPLAGAN", False)
        assert Reason("KOD_UTANFOR_UPPLAGAN") is Reason.OTHER_EDITION

    def test_a_named_edition_goes_before_the_day(self, secure):
        register = half_year(secure, day=date(2023, 12, 31), edition="2023-1")
        assert register.row_counts["registrations"] == 7

    def test_a_column_of_a_later_edition_stops_the_load_and_is_read_in_its_own(self, secure, tmp_path):
        text = HALF_YEAR.read_text(encoding="utf-8").splitlines()
        dated = [f"{line};;" for line in text[1:]]
        dated[3] = f"{text[4]};22;2023-05-08"
        path = tmp_path / "kaa_halvar.csv"
        path.write_text("\n".join([f"{text[0]};indsyss;datumkann", *dated]) + "\n", encoding="utf-8", newline="\n")
        for name, edition in (("fore", "2022-1"), ("efter", "2023-1")):
            add_extract(
                name,
                layout="kaa_halvar_demo",
                files=[path],
                extract_date=date(2023, 6, 30),
                secure=secure,
                edition=edition,
            )
        with pytest.raises(ExtractError) as caught:
            read_register("fore", secure=secure, accept_problem_rows=20)
        assert caught.value.found == (
            "kaa_halvar.csv: kolumnen indsyss känner layouten inte",
            'kaa_halvar.csv: kolumnen datumkann känner layouten inte (menade du "datumkontakt"?)',
        )
        register = read_register("efter", secure=secure, accept_problem_rows=20)
        columns = ["person_id", "activity_number", "kind", "known_at"]
        told = rows(register, "activities", secure=secure, columns=columns)
        assert [row for row in told if row[0] == "2041"] == [
            ("2041", "1", "unknown", "2023-01-16"), ("2041", "2", "job_seeking", "2023-05-08"),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("layout", "edition", "expected"),
        [
            ("kaa_halvar_demo", "2018-1", "Upplagan finns inte"),
            ("kaa_halvar_demo", "2023", "Upplagan finns inte"),
            ("ber_demo", "2023-1", 'Layouten "ber_demo" har inga upplagor.'),
        ],
    )
    def test_an_edition_that_is_not_one_is_refused_when_it_is_added(self, secure, layout, edition, expected):
        with pytest.raises(ParameterError) as caught:
            add_extract(
                "x", layout=layout, files=[HALF_YEAR], extract_date=date(2023, 6, 30), secure=secure, edition=edition
            )
        assert caught.value.expected.startswith(expected)
        assert not secure.extracts.exists()

    def test_a_layout_without_editions_stays_as_it_is(self):
        layout = read_layout("ber")
        assert with_edition(layout, edition=None) is layout
        assert composed(layout, supplements=()).files == layout.files


class TestFinishedTables:
    def read(self, secure: SecureFolder, path: Path = FINISHED) -> tuple[FinishedTable, ...]:
        add_extract("f", layout="fardiga_tabeller", files=[path], extract_date=date(2025, 1, 31), secure=secure)
        return read_finished_tables("f", secure=secure)

    def test_every_number_is_told_exactly_and_in_its_order(self, secure):
        found = self.read(secure)
        assert [(table.id, len(table.cells)) for table in found] == [
            ("gymnasieexamen", 6), ("brukarundersokning", 6), ("im_resultat", 8),
        ]  # fmt: skip
        assert found[1] == FinishedTable(
            id="brukarundersokning",
            title="Nöjda med sin utbildning",
            unit="procent",
            period="2024",
            source="Stadsledningskontoret",
            contact="Enheten för uppföljning",
            cells=(
                FinishedCell("Gymnasieskola", "Flickor", Decimal(71)),
                FinishedCell("Gymnasieskola", "Pojkar", Decimal(75)),
                FinishedCell("Gymnasieskola", "Alla", Decimal(73)),
                FinishedCell("Anpassad gymnasieskola", "Flickor", Decimal(88)),
                FinishedCell("Anpassad gymnasieskola", "Pojkar", Decimal(86)),
                FinishedCell("Anpassad gymnasieskola", "Alla", Decimal(87)),
            ),
        )
        assert str(found[0].cells[0].value) == "74.1"

    @pytest.mark.parametrize(
        ("old", "new", "problem"),
        [
            (";74,1;", ";cirka 74;", "VARDE är inget tal – 1 rad"),
            (";74,1;", ";;", "VARDE saknas – 1 rad"),
            (";74,1;procent;2024;", ";74,1;procent;;", "PERIOD saknas – 1 rad"),
            (";88;procent;2024;Stadsledningskontoret;", ";88;procent;2024;;", "KALLA saknas – 1 rad"),
            (";Flickor;74,1;", ";200581151016;74,1;", "KOLUMN ser ut att innehålla ett personnummer – 1 rad"),
            (";Pojkar;69,3;", ";Flickor;69,3;", "samma cell står flera gånger – 2 rader"),
            (";88;procent;", ";88;elever;", "ENHET är inte samma i hela tabellen – 6 rader"),
            ("im_resultat;", "IM resultat;", "TABELL ska vara små bokstäver a–z, siffror och understreck – 1 rad"),
        ],
    )
    def test_what_is_no_finished_table_is_refused_without_the_value(self, secure, tmp_path, old, new, problem):
        text = FINISHED.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / "fardiga_tabeller.csv"
        path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")
        with pytest.raises(ExtractError) as caught:
            self.read(secure, path)
        assert problem in caught.value.found
        assert "200581151016" not in str(caught.value)
        assert "cirka" not in str(caught.value)

    def test_the_file_must_be_alone_and_have_its_columns(self, secure, tmp_path):
        add_extract(
            "tva", layout="fardiga_tabeller", files=[FINISHED, HALF_YEAR], extract_date=date(2025, 1, 31), secure=secure
        )
        with pytest.raises(ExtractError) as caught:
            read_finished_tables("tva", secure=secure)
        assert caught.value.found == ("fardiga_tabeller.csv ska vara den enda filen; uttaget har 2 filer",)
        path = tmp_path / "fardiga_tabeller.csv"
        path.write_text(FINISHED.read_text(encoding="utf-8").replace("KALLA", "KÄLLA"), encoding="utf-8", newline="\n")
        with pytest.raises(ExtractError) as caught:
            self.read(secure, path)
        assert caught.value.found[0] == "fardiga_tabeller.csv: kolumnen KALLA saknas"

    def test_it_is_no_register_and_a_register_is_no_finished_table(self, secure):
        self.read(secure)
        with pytest.raises(ParameterError, match=r"ger färdiga tabeller och inget register"):
            read_register("f", secure=secure)
        with pytest.raises(ParameterError):
            read_finished_layout("ber")

    def test_its_day_must_be_told(self, secure):
        with pytest.raises(ExtractError, match=r"har ingen leveransfil"):
            add_extract("f", layout="fardiga_tabeller", files=[FINISHED], extract_date=None, secure=secure)


class TestOrderForm:
    def test_the_page_is_the_one_that_the_layouts_give(self, tmp_path, monkeypatch):
        assert (ROOT / "docs" / "dataorder.md").read_text(encoding="utf-8") == order_form.order_form()
        for folder in ("notebooks", "params"):
            (tmp_path / folder).mkdir()
        monkeypatch.chdir(tmp_path)
        (tmp_path / "docs").mkdir()
        order_form.main()
        assert (tmp_path / "docs" / "dataorder.md").read_text(encoding="utf-8") == order_form.order_form()

    def test_it_tells_every_file_and_column_of_every_layout_for_real_deliveries(self):
        page = order_form.order_form()
        forms = [read_layout("ber"), read_layout("kaa_halvar"), *map(read_supplement, supplement_names())]
        for form in forms:
            for name, file in form.files.items():
                section = page.split(f"### {name}\n")[1].split("\n##")[0]
                assert [column for column in file.named if f"| `{column}` |" not in section] == []
        finished = read_finished_layout("fardiga_tabeller")
        assert [column for column in finished.columns.values() if f"| `{column}` |" not in page] == []
        assert "ber_demo" not in page
        assert "mvad" not in page

    def test_it_says_which_files_need_a_decision(self):
        page = order_form.order_form()
        needing = [
            part.split("\n")[0] for part in page.split("\n### ")[1:] if "**Kräver beslut**" in part.split("\n#")[0]
        ]
        assert needing == ["antagning.csv", "aviseringar.csv", "skolor.csv", "skolenheter.csv", "skolslussen.csv"]

    def test_a_row_without_consent_is_said_not_to_be_taken(self):
        line = next(line for line in order_form.order_form().splitlines() if "samtycke tas inte emot" in line)
        assert line.startswith("| `SAMTYCKE` |")

    def test_every_layout_has_its_page(self):
        readme = (ROOT / "docs" / "layouts" / "README.md").read_text(encoding="utf-8")
        names = [path.stem for path in (ROOT / "kaa_analysis/ingest/layouts").glob("*.yaml")]
        assert [name for name in names if f"`{name}`" not in readme] == []
        linked = set(re.findall(r"\]\(([a-z_]+\.md)\)", readme))
        assert linked == {path.name for path in (ROOT / "docs" / "layouts").glob("*.md")} - {"README.md"}
