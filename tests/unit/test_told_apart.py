"""Lines that nothing tells apart, the order of lines, numbers that say too much, years that are none: what the reading makes of them."""

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis.core.secure_folder import SecureFolder, write_atomically
from kaa_analysis.ingest import add_extract, read_register
from kaa_analysis.ingest.convert import IDENTITY_LIKE
from kaa_analysis.ingest.grants import Grant
from kaa_analysis.schema.tables import tables
from kaa_analysis.store import Register
from kaa_analysis.target_population import target_population

DATA = Path(__file__).parents[1] / "data"
FLAI = (DATA / "flai" / "flai_insatser.csv").read_text(encoding="utf-8").splitlines()
HALF_YEAR = (DATA / "kaa_halvar" / "kaa_halvar.csv").read_text(encoding="utf-8").splitlines()
ADMISSIONS = Grant.model_validate(
    {"table": "admissions", "decision": "UTBN 1", "date": "2024-01-15", "by": "Nämnden", "valid_to": "2025-12-31"}
)


@pytest.fixture
def secure(tmp_path) -> SecureFolder:
    folder = SecureFolder(tmp_path / "secure")
    write_atomically(folder.path / "keys" / "pseudonym.key", b"k" * 32)
    return folder


def ber(secure: SecureFolder, *, supplement: str | None = None, **lines: list[str]) -> Register:
    """Read the small delivery of BER with the lines of some files replaced or added."""
    folder = Path(shutil.copytree(DATA / "ber_small", secure.path.parent / "delivery"))
    for name, written in lines.items():
        (folder / f"{name}.csv").write_text("\n".join(written) + "\n", encoding="utf-8")
    supplements = [supplement] if supplement else []
    files = sorted(folder.iterdir())
    add_extract("prov", layout="ber_demo", files=files, extract_date=None, secure=secure, supplements=supplements)
    return read_register("prov", secure=secure, accept_problem_rows=100, grants=[ADMISSIONS])


def half_year(secure: SecureFolder, lines: list[str], *, name: str = "halvar") -> Register:
    folder = secure.path.parent / name
    folder.mkdir()
    (folder / "kaa_halvar.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    day, files = date(2023, 6, 30), [folder / "kaa_halvar.csv"]
    add_extract(name, layout="kaa_halvar_demo", files=files, extract_date=day, secure=secure)
    return read_register(name, secure=secure, accept_problem_rows=100)


def causes(secure: SecureFolder, name: str, file: str) -> dict[int, str]:
    lines = (secure.problems / name / file).read_text(encoding="utf-8").splitlines()[1:]
    return {int(line.split(";")[1]): line.split(";")[0] for line in lines}


def test_a_line_that_stands_twice_is_no_second_event_where_only_a_number_tells_them_apart(secure):
    other_day = FLAI[1].replace("2024-05-02", "2024-05-03")
    register = ber(secure, supplement="flai", flai_insatser=[FLAI[0], FLAI[1], FLAI[2], FLAI[1], other_day])
    assert causes(secure, "prov", "flai_insatser.csv") == {2: "ERBJUDEN:DUBBLETT", 4: "ERBJUDEN:DUBBLETT"}
    assert register.row_counts["interventions"] == 20 + 2


def test_a_half_year_file_delivered_twice_over_counts_nothing_twice(secure):
    once, twice = half_year(secure, HALF_YEAR), half_year(secure, [*HALF_YEAR, *HALF_YEAR[1:]], name="dubbelt")
    assert (once.row_counts["contacts"], once.row_counts["interventions"]) == (6, 5)
    assert (twice.row_counts["contacts"], twice.row_counts["interventions"]) == (0, 0)
    set_aside = causes(secure, "dubbelt", "kaa_halvar.csv")
    assert "datumatgstart:DUBBLETT datumkontakt:DUBBLETT" in set_aside[2]
    assert twice.accepted_problem_rows == len(set_aside)


@pytest.mark.parametrize("kind", ["flai", "half_year"])
def test_the_lines_in_another_order_give_the_same_register(secure, kind):
    def read(name, turned):
        if kind == "half_year":
            fields = HALF_YEAR[2].split(";")
            same_day = ";".join([*fields[:6], "26", *fields[7:]])
            return half_year(secure, turned([*HALF_YEAR, same_day]), name=name)
        same_day = FLAI[1].replace(";AIM;", ";COA;")
        shutil.rmtree(secure.path.parent / "delivery", ignore_errors=True)
        shutil.rmtree(secure.extracts, ignore_errors=True)
        return ber(secure, supplement="flai", flai_insatser=turned([*FLAI, same_day]))

    before = tables_of(read("ratt", list))
    after = tables_of(read("omvant", lambda lines: [lines[0], *lines[:0:-1]]))
    for name, table in before.items():
        pd.testing.assert_frame_equal(after[name], table, obj=name)


def tables_of(register: Register) -> dict[str, pd.DataFrame]:
    return {name: register.table(name) for name in tables()}


def test_a_record_number_that_is_a_part_of_the_own_identity_is_set_aside(secure):
    people = (DATA / "ber_small" / "personer.csv").read_text(encoding="utf-8").splitlines()
    identities = [line.split(";")[0] for line in people[1:]]
    shown = [identities[0][2:11], identities[1][4:12], identities[2][5:12]]
    kept = [identities[4][2:11], identities[4][6:12], *(str(number) for number in range(101, 116))]
    numbered = [f"{line};{number}" for line, number in zip(people[1:], [*shown, *kept], strict=True)]
    register = ber(secure, personer=[f"{people[0]};REGISTERNUMMER", *numbered])
    assert causes(secure, "prov", "personer.csv") == dict.fromkeys((2, 3, 4), "REGISTERNUMMER:IDENTITET_I_TEXT")
    assert sorted(register.table("persons")["record_number"]) == sorted(kept)


@pytest.mark.parametrize("year", ["20233", "1899", "2100", "0"])
def test_a_year_that_is_none_is_a_problem_row_and_the_rules_can_be_applied(secure, year):
    people = (DATA / "ber_small" / "personer.csv").read_text(encoding="utf-8").splitlines()
    one, other = (line.split(";")[0] for line in people[1:3])
    header = "PERSONNUMMER;AR;OMGANG;ANTAGEN;VAGLEDD;PLACERAD"
    rows = [header, f"{one};{year};SLUT;ANT;;", f"{other};2021;SLUT;ANT;;"]
    register = ber(secure, supplement="skolslussen", skolslussen=rows)
    assert causes(secure, "prov", "skolslussen.csv") == {2: "AR:OGILTIGT_TAL"}
    assert register.table("admissions")["year"].tolist() == [2021]
    assert not target_population(register).intervals.empty


@pytest.mark.parametrize(
    ("text", "is_like_one"),
    [
        ("brev till 20088103-1234", True),
        ("20088103\u20111234", True),
        ("20088103\u20131234", True),
        ("088103 - 1234", True),
        ("200881031234", True),
        ("0881631234", True),
        ("0881331234", False),
        ("0881931234", False),
        ("212000-0142", False),
        ("80000000", False),
    ],
)
def test_what_may_be_an_identity_in_a_text_is_seen_whatever_dash_it_has(text, is_like_one):
    assert bool(IDENTITY_LIKE.search(text)) is is_like_one
