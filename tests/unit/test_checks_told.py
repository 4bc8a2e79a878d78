"""What is told and written about checks: lines with counts, lists inside the secure folder, tables under a watermark, a page."""

from __future__ import annotations

import os
import re
import stat
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis import checks
from kaa_analysis.checks import catalogue_page
from kaa_analysis.checks.check_settings import activity_validity
from kaa_analysis.checks.delivered_counts import DeliveredCount, period_named
from kaa_analysis.cli.main import main
from kaa_analysis.core.errors import DefinitionError, ExtractError, NotebookError, ParameterError
from kaa_analysis.core.result import Count, Dimension, Result, Text
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.ingest import add_extract
from kaa_analysis.params.reports import read_order
from kaa_analysis.present.work_view import WorkView
from tests.spec.hand_typed import register

ROOT = Path(__file__).resolve().parents[2]
YOUTHS = (
    ("persons", "person_id protected_identity record_number birth_date", "a no 17 2006-05-10", "b yes 18 2006-05-10"),
    ("registrations", "person_id entry_date", "a 2024-12-01", "b 2024-12-01"),
    ("contacts", "person_id contact date", "a 1 2024-11-30"),
    ("interventions", "provider consent", "amf no"),
)


@pytest.fixture
def secure(tmp_path) -> SecureFolder:
    (tmp_path / "secure").mkdir(mode=0o700)
    return SecureFolder(tmp_path / "secure")


class TestListing:
    def test_the_table_tells_what_was_found_and_what_was_not_run(self):
        told = checks.check_listing(checks.run_checks(register(*YOUTHS))).splitlines()
        assert told[0] == "Kontroller av uttaget prov, 2025-02-01"
        assert told[1].split() == ["id", "allvar", "rader", "personer", "kontroll"]
        found = [line.split()[:4] for line in told if re.match(r"  K\d+ +\w+ +\d", line)]
        assert found == [["K611", "varning", "1", "1"], ["K701", "varning", "1", "1"], ["K801", "stopp", "1", "1"]]
        place = {line.split()[0]: number for number, line in enumerate(told) if line.startswith("  K")}
        assert told[place["K206"] : place["K206"] + 2] == [
            "  K206  varning           inte körd  Enkät besvarad före inbjudan",
            "        skäl: tabellen surveys har inga rader",
        ]
        assert told[place["K801"] + 1] == "        rättas av: handläggare"

    def test_every_line_fits_in_a_window_of_eighty_characters(self):
        told = checks.check_listing(checks.run_checks(register(*YOUTHS)), everything=True).splitlines()
        assert [line for line in told if len(line) > 80] == []
        assert [line for line in checks.list_lines(checks.work_lists(register(*YOUTHS))) if len(line) > 80] == []
        assert {
            line.index(name) for line in told for name in ("Slutorsak saknas", "Födelsedag saknas") if name in line
        } == {37}

    def test_checks_without_findings_are_shown_on_demand(self):
        report = checks.run_checks(register(*YOUTHS))
        few, whole = checks.check_listing(report), checks.check_listing(report, everything=True)
        ids = [re.findall(r"^  (K\d+) ", text, re.MULTILINE) for text in (few, whole)]
        assert ids[1] == list(checks.catalogue())
        n_none = len(ids[1]) - len(ids[0])
        assert few.endswith(
            f"{n_none} av {len(ids[1])} kontroller utan fynd (visas med --alla).\nVad varje kontroll betyder: docs/kontroller.md"
        )

    def test_what_ingest_set_aside_has_an_unknown_number_of_persons(self):
        report = checks.run_checks(register(problem_counts={"DUBBLETT": 4}))
        assert re.search(
            r"K101 +fel +4 +okänt +Samma nyckel på flera rader\n +rättas av: leverantör\n +raderna ligger i problems/prov/",
            checks.check_listing(report),
        )

    def test_no_line_holds_a_person(self):
        report = checks.run_checks(register(*YOUTHS))
        text = checks.check_listing(report, everything=True)
        assert re.findall(r"\b(17|18)\b|2006-05-10|contact=", text) == []

    def test_a_finding_that_stops_is_an_error_with_counts(self):
        with pytest.raises(ExtractError) as caught:
            checks.refuse_stopping(checks.run_checks(register(*YOUTHS)))
        assert caught.value.found == ("K801 Insats utan samtycke: 1 rad",)
        assert checks.refuse_stopping(checks.run_checks(register())) is None


class TestWorkListFiles:
    def test_the_files_open_in_excel_and_belong_to_the_owner_alone(self, secure):
        lists = checks.work_lists(register(*YOUTHS))
        folder = checks.write_work_lists(lists, name="prov", secure=secure)
        assert folder == secure.path / "worklists" / "prov"
        assert sorted(path.name for path in folder.iterdir()) == [
            "avslutsorsak.csv", "fyller_20.csv", "telefondagar.csv", "utan_forsok.csv",
        ]  # fmt: skip
        content = (folder / "utan_forsok.csv").read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        assert content.decode("utf-8-sig").split("\r\n") == [
            "NUMMER;VAD;SEDAN;SENAST", "17;inget försök, månaden går ut;2024-12-01;2025-01-01", "",
        ]  # fmt: skip
        assert (folder / "fyller_20.csv").read_text(encoding="utf-8-sig") == "NUMMER;VAD;SEDAN;SENAST\n"
        if os.name == "posix":
            modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
            assert (modes, stat.S_IMODE(folder.stat().st_mode)) == ({0o600}, 0o700)

    def test_a_new_list_takes_the_place_of_the_old_one_and_the_same_bytes_come_again(self, secure):
        first = checks.write_work_lists(checks.work_lists(register(*YOUTHS)), name="prov", secure=secure)
        before = {path.name: path.read_bytes() for path in first.iterdir()}
        checks.write_work_lists(checks.work_lists(register(*YOUTHS)), name="prov", secure=secure)
        assert {path.name: path.read_bytes() for path in first.iterdir()} == before
        checks.write_work_lists(checks.work_lists(register(YOUTHS[0])), name="prov", secure=secure)
        assert (first / "utan_forsok.csv").read_text(encoding="utf-8-sig") == "NUMMER;VAD;SEDAN;SENAST\n"

    def test_the_lines_tell_lengths_and_who_is_left_out(self):
        lines = checks.list_lines(checks.work_lists(register(*YOUTHS)))
        assert lines[:3] == [
            "  utan_forsok.csv     1  Inget kontaktförsök sedan registreringen",
            "        inte med: 1 med skyddad identitet",
            "  fyller_20.csv       0  Fyller 20 år snart",
        ]


class TestDeliveredCountsFile:
    def write(self, secure: SecureFolder, text: str) -> None:
        (secure.path / "delivered_counts.csv").write_text(text, encoding="utf-8")

    def test_no_file_is_no_counts(self, secure):
        assert checks.read_delivered_counts(secure) is None

    def test_the_counts_are_read_with_or_without_a_byte_order_mark(self, secure):
        expected = (DeliveredCount("NYA", period_named("2024-H2"), 151, date(2025, 2, 3)),)
        for mark in ("", "\ufeff"):
            self.write(secure, f"{mark}VAD;PERIOD;ANTAL;LEVERERAT\nNYA;2024-H2;151;2025-02-03\n\n")
            assert checks.read_delivered_counts(secure) == expected

    @pytest.mark.parametrize(
        "line",
        ["NYA;2024;x;2025-02-03", "NYA;2024;-1;2025-02-03", "NYTT;2024;1;2025-02-03", "NYA;2024-T3;1;2025-02-03", "NYA;2024;1;2025-02-30", "NYA;2024;1", "NYA;2023/25;1;2025-02-03"],
    )  # fmt: skip
    def test_a_line_that_is_something_else_is_told_by_its_number_alone(self, secure, line):
        self.write(secure, f"VAD;PERIOD;ANTAL;LEVERERAT\nBESTAND;2024;300;2025-02-03\n{line}\n")
        with pytest.raises(ExtractError) as caught:
            checks.read_delivered_counts(secure)
        assert caught.value.found == ("rad 3",)

    def test_other_columns_are_refused(self, secure):
        self.write(secure, "VAD;ANTAL\nNYA;3\n")
        with pytest.raises(ExtractError) as caught:
            checks.read_delivered_counts(secure)
        assert caught.value.found == ("rad 1: kolumnerna är andra",)

    def test_a_file_in_another_encoding_is_refused(self, secure):
        (secure.path / "delivered_counts.csv").write_bytes("VAD;PERIOD;ANTAL;LEVERERAT;Å".encode("latin-1"))
        with pytest.raises(ExtractError, match="delivered_counts"):
            checks.read_delivered_counts(secure)

    @pytest.mark.parametrize("written", ["24", "2024-T3", "2024/26", "1999", "2024-h1", "２０２４"])
    def test_a_period_written_otherwise_is_refused(self, written):
        with pytest.raises(DefinitionError):
            period_named(written)


class TestTables:
    def test_the_summary_has_a_row_per_check_and_tells_why_some_were_not_run(self):
        summary = checks.check_summary(checks.run_checks(register(*YOUTHS)))
        assert list(summary.frame["check"]) == list(checks.catalogue())
        row = summary.frame.set_index("check").loc["K801"]
        assert row.tolist() == ["fynd", "stopp", "handläggare", 1, 1]
        assert pd.isna(summary.frame.set_index("check").loc["K206", "n_rows"])
        assert "K206: tabellen surveys har inga rader" in summary.note

    def test_findings_are_counted_by_the_year_of_their_day(self):
        frame = checks.findings_over_time(checks.run_checks(register(*YOUTHS))).frame
        assert frame[frame["n_rows"] > 0].to_numpy().tolist() == [
            ["K611", "2025", 1],
            ["K701", "2024", 1],
            ["K801", "2024", 1],
        ]

    def test_a_register_without_findings_has_an_empty_table(self):
        clean = register(("persons", "birth_date", "2015-05-10"))
        assert checks.findings_over_time(checks.run_checks(clean)).frame.empty

    def test_rows_are_counted_by_table_and_year_from_the_beginning_of_the_history(self):
        made = register(
            ("contacts", "contact date", "1 2022-12-31", "2 2023-01-01", "3 2024-05-05"), observed_from=date(2023, 1, 1)
        )
        assert checks.rows_over_time(made).frame.to_numpy().tolist() == [
            ["contacts", "2023", 1],
            ["contacts", "2024", 1],
        ]

    def test_the_sizes_of_the_lists_are_those_of_the_lists(self):
        made = register(*YOUTHS)
        sizes = checks.work_list_sizes(checks.work_lists(made), made).frame
        assert sizes.to_numpy().tolist() == [
            ["utan_forsok", 1, 1, 0],
            ["fyller_20", 0, 0, 0],
            ["telefondagar", 0, 0, 0],
            ["avslutsorsak", 0, 0, 0],
        ]

    def test_activities_are_current_or_lapsed(self):
        made = register(
            ("persons", "person_id", "a", "b"),
            ("registrations", "person_id entry_date", "a 2024-02-01", "b 2024-02-01"),
            ("activities", "person_id kind known_at", "a work 2024-11-03", "b none 2024-11-03"),
        )
        frame = checks.lapsed_activities(made).frame
        assert frame[frame["n_running"] > 0].to_numpy().tolist() == [
            ["all", 2, 1, 1],
            ["work", 1, 1, 0],
            ["none", 1, 0, 1],
        ]

    def test_every_kind_of_activity_has_its_days(self):
        assert min(activity_validity().values()) == 30


class TestPage:
    def test_the_committed_page_is_that_of_the_catalogue(self):
        assert (ROOT / "docs" / "kontroller.md").read_text(encoding="utf-8") == catalogue_page.catalogue_page()

    def test_the_page_tells_of_every_check_and_every_setting(self):
        page = catalogue_page.catalogue_page()
        told = [f"### {check.id} {check.name}\n\n{check.what}\n\n{check.why}" for check in checks.catalogue().values()]
        assert [text for text in told if text not in page] == []
        assert "| `attempt_days` | 25 | dagar utan försök (arbetslistan utan_forsok) |" in page
        assert "| `consent_providers` | amf | utförare vars insatser kräver samtycke (K801, K802) |" in page

    def test_the_page_is_written_from_the_catalogue(self, tmp_path, monkeypatch):
        for folder in ("notebooks", "params", "docs"):
            (tmp_path / folder).mkdir()
        monkeypatch.chdir(tmp_path)
        catalogue_page.main()
        assert (tmp_path / "docs" / "kontroller.md").read_text(encoding="utf-8") == catalogue_page.catalogue_page()


class TestCommand:
    """``kaa check`` on the twenty youths of `tests/data/ber_small`."""

    @pytest.fixture
    def check(self, monkeypatch, capsys, secure):
        monkeypatch.setenv("KAA_SECURE", str(secure.path))
        monkeypatch.chdir(secure.path.parent)

        def run(*words: str, change=lambda name, text: text) -> tuple[int, str, str]:
            raw = secure.path.parent / "raw"
            raw.mkdir()
            for path in (ROOT / "tests" / "data" / "ber_small").iterdir():
                (raw / path.name).write_text(change(path.name, path.read_text(encoding="utf-8")), encoding="utf-8")
            add_extract("prov", layout="ber_demo", files=sorted(raw.iterdir()), extract_date=None, secure=secure)
            monkeypatch.setattr(sys, "argv", ["kaa", "check", "prov", *words])
            with pytest.raises(SystemExit) as stop:
                main()
            said = capsys.readouterr()
            return stop.value.code, said.out, said.err

        return run

    def test_the_outcome_is_told_on_stdout_and_nothing_is_written(self, check, secure):
        code, out, err = check()
        assert code == 0
        assert out.startswith("Kontroller av uttaget prov, 2025-01-31\n")
        assert "arbetslistor" not in err
        assert not secure.worklists.exists()

    def test_the_lists_are_written_where_it_says_with_the_line_where_a_record_number_is_missing(self, check, secure):
        code, _, err = check("--arbetslistor", "--alla")
        assert code == 0
        assert "arbetslistorna ligger i den säkra mappen, i worklists/prov/:" in err
        folder = secure.worklists / "prov"
        assert {path.name: path.read_text(encoding="utf-8-sig").splitlines()[1:] for path in folder.iterdir()} == {
            "utan_forsok.csv": [
                "personer.csv rad 15;inget försök, registrerad 1 juni–15 september;2024-06-17;2024-07-17"
            ],
            "fyller_20.csv": ["personer.csv rad 3;brev med överlämning;;2025-03-02"],
            "telefondagar.csv": [],
            "avslutsorsak.csv": [],
        }

    def test_a_finding_that_stops_gives_another_exit_code_after_the_table(self, check):
        def without_consent(name: str, text: str) -> str:
            return text.replace(";ING;J\n", ";ING;N\n") if name == "insatser.csv" else text

        code, out, err = check(change=without_consent)
        assert code == 4
        assert re.search(r"K801 +stopp +1 +1 +Insats utan samtycke", out)
        assert "Fel i uttaget: Uttaget bör inte användas förrän" in err


def counted(labels: dict[str, str], **more) -> Result:
    split = Dimension("kind", "Slag", labels)
    columns = (split, *more.pop("columns", ()), Count("n", "Antal", measure="n"))
    return Result(id="prov", title="Prov", columns=columns, table=pd.DataFrame({"kind": ["x"], **more, "n": [2]}))


class TestWorkView:
    @pytest.fixture
    def shown(self, monkeypatch) -> list:
        found: list = []
        monkeypatch.delenv("KAA_RUN", raising=False)
        monkeypatch.setattr("IPython.display.display", found.append)
        return found

    def test_small_counts_are_shown_under_the_watermark(self, shown):
        WorkView.open().show(counted({"x": "Ett slag"}), slug="prov", as_="table")
        (exhibit,) = shown
        assert exhibit.grid.texts() == ["2"]
        assert "Arbetsmaterial som inte får lämna den säkra mappen." in exhibit.html

    @pytest.mark.parametrize(
        "result",
        [
            counted({}),
            counted({"x": "0123456789abcdef"}),
            counted({"x": "Person 161803399"}),
            counted({"x": "Ett slag"}, columns=(Text("who", "Vem"),), who=["161803399"]),
        ],
        ids=["a value without a label", "a pseudonym", "a record number", "a record number in words"],
    )
    def test_what_could_be_a_row_about_a_person_is_refused(self, shown, result):
        with pytest.raises(NotebookError, match="Rader om personer visas inte"):
            WorkView.open().show(result, slug="prov", as_="table")
        assert shown == []

    def test_a_frame_is_refused(self, shown):
        with pytest.raises(NotebookError) as caught:
            WorkView.open().show(pd.DataFrame({"person_id": ["a"]}), slug="prov", as_="table")
        assert (caught.value.found, shown) == (("DataFrame",), [])

    def test_a_run_of_a_report_is_refused(self, monkeypatch):
        monkeypatch.setenv("KAA_RUN", "somewhere")
        with pytest.raises(NotebookError, match="kan inte bli en rapport"):
            WorkView.open()


class TestNoReport:
    @pytest.mark.parametrize("name", ["datakvalitet", "90_data_quality.ipynb"])
    def test_a_parameter_file_that_asks_for_it_is_refused(self, tmp_path, name):
        path = tmp_path / "order.yaml"
        path.write_text(f"report: {name}\nextract: demo\naccept_problem_rows: 0\n", encoding="utf-8")
        with pytest.raises(ParameterError) as caught:
            read_order(path)
        assert (
            caught.value.expected
            == "90_data_quality.ipynb är arbetsmaterial i den säkra mappen och blir aldrig en rapport."
        )

    def test_the_notebook_itself_is_refused_the_same_way(self):
        with pytest.raises(ParameterError, match="blir aldrig en rapport"):
            read_order(ROOT / "notebooks" / "90_data_quality.ipynb")


def test_the_record_number_is_known_to_ingest_the_schema_and_the_work_lists_alone():
    holders = {
        path.relative_to(ROOT / "kaa_analysis").as_posix()
        for path in (ROOT / "kaa_analysis").rglob("*.py")
        if re.search(r"record_number|person_lines", path.read_text(encoding="utf-8"))
    }
    assert {name for name in holders if not name.startswith(("ingest/", "schema/"))} == {
        "checks/check_rules.py", "checks/identity_checks.py", "checks/work_lists.py", "store/register.py", "synthetic/errors/person_errors.py",
        "synthetic/extract_tables.py",
    }  # fmt: skip
