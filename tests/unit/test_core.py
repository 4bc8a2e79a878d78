"""The core keeps its contracts."""

from __future__ import annotations

import json
import os
import stat
import traceback
from datetime import date

import pandas as pd
import pytest

from kaa_analysis.core import errors
from kaa_analysis.core.boundary import boundary
from kaa_analysis.core.errors import DefinitionError, KaaError, SecureFolderError, UnexpectedError, UsageError
from kaa_analysis.core.periods import age_on, birthday, calendar_year, half_year, lasar, tertial
from kaa_analysis.core.project import project_root
from kaa_analysis.core.provenance import hash_tree, run_id
from kaa_analysis.core.result import Count, Dimension, Equation, Result, RowSum, cell, result_from_record
from kaa_analysis.core.secure_folder import SecureFolder, secure_folder, write_atomically
from kaa_analysis.core.vocabularies import (
    codes,
    labels,
)

SECRET = "198001019876-hemligt"
SEX = Dimension("sex", "Kön", {"all": "Totalt", "female": "Flickor", "male": "Pojkar"}, total="all")


def persons_by_sex(**changes) -> Result:
    settings = {
        "id": "persons",
        "title": "Personer",
        "columns": (SEX, Count("n", "Antal", "registered")),
        "table": pd.DataFrame({"sex": ["all", "female", "male"], "n": [10, 4, 6]}),
        "context": {"period": "2024"},
    }
    return Result(**settings | changes)


class TestErrors:
    def test_every_kind_of_error_has_an_exit_code_and_a_name_of_its_own(self):
        kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, KaaError)]
        assert len({kind.exit_code for kind in kinds}) == len(kinds)
        assert len({kind.kind for kind in kinds}) == len(kinds)

    def test_a_message_says_what_was_expected_what_was_found_and_what_to_do(self):
        error = UsageError("Väntat.", found=["ett", "två"], action="gör om")
        assert str(error) == "Väntat.\n  – ett\n  – två\nGör så här: gör om"


class TestBoundary:
    def test_a_foreign_error_loses_its_text_everywhere_but_in_the_secure_log(self, tmp_path):
        with pytest.raises(UnexpectedError) as caught, boundary("Provet", log_folder=tmp_path):
            int(SECRET)
        assert SECRET not in "".join(traceback.format_exception(caught.value))
        assert "ValueError" in str(caught.value)
        (log,) = tmp_path.iterdir()
        assert SECRET in log.read_text()
        assert stat.S_IMODE(log.stat().st_mode) == 0o600

    def test_our_own_errors_pass_unchanged(self):
        original = UsageError("Väntat.")
        with pytest.raises(UsageError) as caught, boundary("Provet"):
            raise original
        assert caught.value is original


class TestPeriods:
    @pytest.mark.parametrize(
        ("period", "start", "last_day", "label"),
        [
            (calendar_year(2024), date(2024, 1, 1), date(2024, 12, 31), "2024"),
            (lasar(1999), date(1999, 7, 1), date(2000, 6, 30), "läsåret 1999/00"),
            (tertial(2024, 1), date(2024, 1, 1), date(2024, 4, 30), "tertial 1 2024"),
            (tertial(2024, 2), date(2024, 1, 1), date(2024, 8, 31), "tertial 2 2024"),
            (half_year(2024, 1), date(2024, 1, 1), date(2024, 6, 30), "första halvåret 2024"),
        ],
    )
    def test_each_calendar_has_its_days_and_label(self, period, start, last_day, label):
        assert (period.start, period.last_day, period.label) == (start, last_day, label)

    def test_a_tertial_three_does_not_exist(self):
        with pytest.raises(DefinitionError, match="1 eller 2"):
            tertial(2024, 3)

    def test_one_born_on_29_february_has_the_birthday_on_1_march_where_the_year_has_none(self):
        born = pd.Series(pd.to_datetime(["2004-02-29", "2004-02-29", "2005-07-10"]))
        assert birthday(born, 17).dt.date.tolist() == [date(2021, 3, 1), date(2021, 3, 1), date(2022, 7, 10)]
        assert birthday(born, 20).dt.date.tolist() == [date(2024, 2, 29), date(2024, 2, 29), date(2025, 7, 10)]
        assert age_on(born, date(2021, 2, 28)).tolist() == [16, 16, 15]
        assert age_on(born, date(2021, 3, 1)).tolist() == [17, 17, 15]


class TestResult:
    def test_a_cell_is_the_same_in_every_table_that_counts_the_same_thing_at_the_same_place(self):
        total_only = Result(
            id="total", title="Alla", columns=(Count("n", "Antal", "registered"),), table=pd.DataFrame({"n": [10]}),
            context={"period": "2024"},
        )  # fmt: skip
        assert total_only.cell_at(0, "n") == persons_by_sex().cell_at(0, "n") == cell("registered", period="2024")
        assert persons_by_sex().cell_at(1, "n").id == "registered|period=2024|sex=female"

    def test_totals_row_sums_and_declared_relations_become_equations(self):
        result = Result(
            id="flow",
            title="Flöde",
            columns=(Count("n_in", "In", "entries"), Count("n_out", "Ut", "exits"), Count("n_both", "Båda", "both")),
            table=pd.DataFrame({"n_in": [5], "n_out": [3], "n_both": [8]}),
            row_sums=(RowSum("n_both", ("n_in", "n_out")),),
            equations=(Equation("egen", ((1, cell("entries")), (-5, cell("elsewhere")))),),
        )
        named = {
            equation.name: {term.id: factor for factor, term in equation.terms} for equation in result.all_equations()
        }
        assert named == {
            "Båda: summan av delarna": {"both": -1, "entries": 1, "exits": 1},
            "egen": {"entries": 1, "elsewhere": -5},
        }
        (total,) = persons_by_sex().all_equations()
        assert [factor for factor, _ in total.terms] == [-1, 1, 1]

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"table": pd.DataFrame({"sex": ["all"], "antal": [1]})}, "just de kolumner"),
            ({"table": pd.DataFrame({"sex": ["all", "all"], "n": [1, 1]})}, "en rad per kombination"),
            ({"columns": (SEX, Count("n", "Antal", SEX))}, "med ett ord vad som räknas"),
            ({"table": pd.DataFrame({"sex": ["all"], "n": [-1]})}, "hela och inte negativa"),
            ({"table": pd.DataFrame({"sex": ["all"], "n": [1.5]})}, "hela och inte negativa"),
            ({"table": pd.DataFrame({"sex": ["all", "female", "male"], "n": [9, 4, 6]})}, "summa stämmer inte"),
        ],
    )
    def test_a_table_that_is_not_what_it_says_is_refused(self, changes, told):
        with pytest.raises(DefinitionError, match=told):
            persons_by_sex(**changes)

    def test_changing_what_was_given_or_got_changes_nothing(self):
        given = pd.DataFrame({"sex": ["all", "female", "male"], "n": [10, 4, 6]})
        result = persons_by_sex(table=given)
        given.loc[0, "n"] = 99
        got = result.frame
        got.loc[0, "n"] = 98
        assert result.frame["n"].tolist() == [10, 4, 6]

    def test_a_result_survives_being_written_as_plain_values(self):
        result = persons_by_sex(row_sums=(RowSum("n", ("n",)),), equations=(Equation("e", ((1, cell("a", b="c")),)),))
        again = result_from_record(json.loads(json.dumps(result.as_record())))
        assert again.as_record() == result.as_record()
        assert again.cells() == result.cells()


class TestSecureFolder:
    def test_it_is_made_closed_to_others_and_refused_if_open(self, tmp_path, monkeypatch):
        monkeypatch.setenv("KAA_SECURE", str(tmp_path / "room"))
        folder = secure_folder()
        assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
        folder.path.chmod(0o750)
        with pytest.raises(SecureFolderError, match="0750"):
            secure_folder()

    def test_the_key_is_made_once_and_never_among_the_extracts(self, tmp_path, monkeypatch):
        monkeypatch.delenv("KAA_KEY", raising=False)
        folder = SecureFolder(tmp_path)
        assert folder.pseudonym_key() == folder.pseudonym_key()
        assert stat.S_IMODE((tmp_path / "keys" / "pseudonym.key").stat().st_mode) == 0o600
        monkeypatch.setenv("KAA_KEY", str(folder.extracts / "demo" / "key"))
        with pytest.raises(SecureFolderError, match="bland uttagen"):
            folder.pseudonym_key()

    def test_a_named_key_is_used_and_never_made(self, tmp_path, monkeypatch):
        folder, named = SecureFolder(tmp_path / "room"), tmp_path / "named.key"
        monkeypatch.setenv("KAA_KEY", str(named))
        with pytest.raises(SecureFolderError, match="rätta KAA_KEY") as missing:
            folder.pseudonym_key()
        assert missing.value.found == ("filen finns inte; en utpekad nyckel görs aldrig automatiskt",)
        assert list(tmp_path.iterdir()) == []
        write_atomically(named, bytes(range(32)))
        assert folder.pseudonym_key() == bytes(range(32))

    @pytest.mark.parametrize("named", ["", "folder"])
    def test_a_key_that_is_a_folder_is_refused(self, tmp_path, monkeypatch, named):
        (tmp_path / "folder").mkdir()
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("KAA_KEY", named)
        with pytest.raises(SecureFolderError, match="där ligger en mapp"):
            SecureFolder(tmp_path / "room").pseudonym_key()

    def test_a_key_that_is_too_short_is_told_by_its_length_alone(self, tmp_path, monkeypatch):
        write_atomically(tmp_path / "short.key", b"hemlig")
        monkeypatch.setenv("KAA_KEY", str(tmp_path / "short.key"))
        with pytest.raises(SecureFolderError, match="minst 32 byte") as short:
            SecureFolder(tmp_path / "room").pseudonym_key()
        assert short.value.found == ("6 byte",)

    def test_a_folder_in_the_place_of_the_own_key_is_refused(self, tmp_path, monkeypatch):
        monkeypatch.delenv("KAA_KEY", raising=False)
        (tmp_path / "keys" / "pseudonym.key").mkdir(parents=True)
        with pytest.raises(SecureFolderError, match="där ligger en mapp"):
            SecureFolder(tmp_path).pseudonym_key()

    @pytest.mark.parametrize("named", [None, ""])
    def test_inside_a_project_it_lies_in_the_project_wherever_one_stands(self, tmp_path, monkeypatch, named):
        for name in ("notebooks", "params"):
            (tmp_path / name).mkdir()
        monkeypatch.delenv("KAA_SECURE", raising=False)
        if named is not None:
            monkeypatch.setenv("KAA_SECURE", named)
        for place in (tmp_path, tmp_path / "notebooks"):
            monkeypatch.chdir(place)
            assert secure_folder().path == (tmp_path / ".secure").resolve()

    def test_outside_a_project_it_must_be_named(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("KAA_SECURE", raising=False)
        with pytest.raises(SecureFolderError, match="ska KAA_SECURE peka ut den säkra mappen"):
            secure_folder()
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("name", "told"),
        [("file", "sökvägen leder till en fil, inte till en mapp"), ("file/room", "sökvägen går genom en fil")],
    )
    def test_a_file_in_its_place_is_told_in_swedish(self, tmp_path, monkeypatch, name, told):
        (tmp_path / "file").touch()
        monkeypatch.setenv("KAA_SECURE", str(tmp_path / name))
        with pytest.raises(SecureFolderError) as refused:
            secure_folder()
        assert refused.value.found == (told,)

    def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(self, tmp_path, monkeypatch):
        path = tmp_path / "file"
        write_atomically(path, b"old")
        monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("full disk")))
        with pytest.raises(OSError, match="full disk"):
            write_atomically(path, b"new")
        assert path.read_bytes() == b"old"
        assert list(tmp_path.iterdir()) == [path]


class TestProvenance:
    def test_a_changed_byte_a_new_name_or_a_new_file_changes_the_hash_of_the_code(self, tmp_path):
        (tmp_path / "a.py").write_text("1")
        first = hash_tree(tmp_path, suffixes=[".py"])
        (tmp_path / "notes.txt").write_text("not code")
        assert hash_tree(tmp_path, suffixes=[".py"]) == first
        (tmp_path / "a.py").write_text("2")
        second = hash_tree(tmp_path, suffixes=[".py"])
        (tmp_path / "a.py").rename(tmp_path / "b.py")
        assert len({first, second, hash_tree(tmp_path, suffixes=[".py"])}) == 3

    def test_the_run_id_is_twelve_hex_digits_of_what_the_run_is_made_of(self):
        assert run_id({"a": 1}) == run_id({"a": 1}) != run_id({"a": 2})
        assert len(run_id({})) == 12


class TestVocabularies:
    def test_an_unknown_vocabulary_is_told_with_the_nearest_name(self):
        assert "turned_20" in codes("exit_reason")
        with pytest.raises(DefinitionError, match='menade du "exit_reason"'):
            labels("exit_reasons")


class TestProject:
    def test_the_project_is_found_from_any_folder_inside_it_and_missed_outside(self, tmp_path):
        for name in ("notebooks", "params"):
            (tmp_path / "project" / name).mkdir(parents=True)
        assert project_root(tmp_path / "project" / "notebooks") == (tmp_path / "project").resolve()
        with pytest.raises(UsageError, match="projektets mapp"):
            project_root(tmp_path)


class TestOpenPlaces:
    @pytest.mark.parametrize("place", ["reports/secure", "notebooks", "params/x", ".", ".."])
    def test_the_secure_folder_is_refused_in_the_projects_open_folders_and_around_it(
        self, tmp_path, monkeypatch, place
    ):
        project = tmp_path / "around" / "project"
        for name in ("notebooks", "params", "reports"):
            (project / name).mkdir(parents=True)
        monkeypatch.chdir(project)
        monkeypatch.setenv("KAA_SECURE", str(project / place))
        with pytest.raises(SecureFolderError, match="öppna mappar"):
            secure_folder()

    def test_a_folder_of_its_own_in_the_project_is_taken(self, tmp_path, monkeypatch):
        for name in ("notebooks", "params"):
            (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("KAA_SECURE", str(tmp_path / "rummet"))
        assert secure_folder().path == (tmp_path / "rummet").resolve()

    def test_a_key_that_others_can_read_is_refused(self, tmp_path, monkeypatch):
        key = tmp_path / "key"
        key.write_bytes(bytes(range(32)))
        key.chmod(0o644)
        monkeypatch.setenv("KAA_KEY", str(key))
        with pytest.raises(SecureFolderError, match="0644"):
            SecureFolder(tmp_path / "room").pseudonym_key()
        key.chmod(0o600)
        assert SecureFolder(tmp_path / "room").pseudonym_key() == bytes(range(32))
