"""Faults of ingest that fuzzing has found, each with the mutant cut down to what matters."""

import csv
import os
import shutil
from pathlib import Path

import pytest

from kaa_analysis.core.errors import ExtractError
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.ingest import add_extract, read_register
from kaa_analysis.store import Register

SMALL = Path(__file__).parents[1] / "data" / "ber_small"


@pytest.fixture
def secure(tmp_path) -> SecureFolder:
    return SecureFolder(tmp_path / "secure")


@pytest.fixture
def delivery(tmp_path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "delivery"))


def read(delivery: Path, secure: SecureFolder, **options) -> Register:
    add_extract("prov", layout="ber_demo", files=sorted(delivery.iterdir()), extract_date=None, secure=secure)
    return read_register("prov", secure=secure, **options)


def test_a_file_whose_name_is_not_utf_8_is_one_that_the_layout_does_not_know(delivery, secure):
    (delivery / os.fsdecode(b"\xe5\xe4\xf6.zip")).write_bytes(b"x")
    with pytest.raises(ExtractError) as caught:
        read(delivery, secure)
    assert caught.value.found == ("(namnet visas inte): filen känner layouten inte",)


def test_a_carriage_return_in_a_failing_row_does_not_break_the_row_in_the_problem_file(delivery, secure):
    path = delivery / "kontakter.csv"
    path.write_bytes(path.read_bytes().replace(b";U;BREV;", b';U;"BREV\rx";', 1))
    register = read(delivery, secure, accept_problem_rows=1)
    assert register.row_counts["contacts"] == 19
    with (secure.problems / "prov" / "kontakter.csv").open(encoding="utf-8", newline="") as stream:
        _, row = csv.reader(stream, delimiter=";")
    assert row[:2] == ["KANAL:OKAND_KOD", "2"]
    assert row[6] == "BREV\rx"


def test_a_first_row_that_has_run_into_the_header_is_not_told_word_by_word(delivery, secure):
    path = delivery / "skolgang.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("AVGANGSORSAK\n", "AVGANGSORSAK", 1), encoding="utf-8")
    with pytest.raises(ExtractError) as caught:
        read(delivery, secure)
    assert caught.value.found == (
        "skolgang.csv: kolumnen AVGANGSORSAK saknas",
        'skolgang.csv: kolumnen (namnet visas inte) känner layouten inte (menade du "AVGANGSORSAK"?)',
        *["skolgang.csv: kolumnen (namnet visas inte) känner layouten inte"] * 7,
        "skolgang.csv: fel antal fält på 20 rader; rubrikraden har 15 fält",
    )
