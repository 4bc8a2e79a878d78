"""Frames kept beside a register: the same from memory and from disk, and worked out anew whenever anything is not as it was written."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from kaa_analysis.store.kept_frames import DESCRIPTION, KEPT, Question, kept_frames
from kaa_analysis.store.register import Register, write_register
from kaa_analysis.target_population import kept_population, membership, target_population
from tests.unit.described_register import described_register

CODE, OTHER_CODE = "1" * 64, "2" * 64


def frames() -> dict[str, pd.DataFrame]:
    codes = ["b", "a", None, "b"]
    return {
        "rows": pd.DataFrame(
            {
                "person_id": pd.array([3, 1, 2, 1], dtype="int64"),
                "text": pd.Series(codes, dtype="str"),
                "plain": pd.Series(["x", "y", "x", "å"], dtype="object"),
                "missing": pd.Series(codes, dtype="string"),
                "holds": [True, False, True, True],
                "day": pd.to_datetime(["2024-01-01", None, "1900-01-01", "2200-01-01"]).astype("datetime64[us]"),
            }
        ),
        "empty": pd.DataFrame({"text": pd.Series([], dtype="object"), "n": pd.Series([], dtype="int64")}),
    }


class Finder:
    """Counts how often it is asked to find the frames."""

    def __init__(self):
        self.n = 0

    def __call__(self) -> dict[str, pd.DataFrame]:
        self.n += 1
        return frames()


def question(**changed) -> Question:
    return replace(Question("prov", CODE, {"rules": "r", "files": {"persons": "0"}}), **changed)


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "prov-1"
    place.mkdir(mode=0o700)
    return place


def written(folder) -> list:
    return sorted(path for path in (folder / KEPT).rglob("*") if path.is_file())


def test_frames_from_disk_are_those_from_memory_with_columns_types_and_order(folder):
    find = Finder()
    found, kept = (kept_frames(folder, question(), find=find) for _ in range(2))
    assert find.n == 1
    assert set(found) == set(kept)
    for name in found:
        pd.testing.assert_frame_equal(kept[name], found[name], check_index_type=True)
    assert {path.stat().st_mode & 0o777 for path in written(folder)} == {0o600}


@pytest.mark.parametrize(
    "other", [{"code": OTHER_CODE}, {"about": {"rules": "s", "files": {"persons": "0"}}}, {"name": "annat"}]
)
def test_another_question_is_worked_out_by_itself(folder, other):
    find = Finder()
    kept_frames(folder, question(), find=find)
    kept_frames(folder, question(**other), find=find)
    assert find.n == 2


def test_what_other_code_has_kept_is_removed(folder):
    kept_frames(folder, question(), find=frames)
    kept_frames(folder, question(code=OTHER_CODE), find=frames)
    assert [path.name for path in (folder / KEPT).iterdir()] == [f"prov-{OTHER_CODE[:12]}"]


def test_a_changed_byte_of_any_kept_file_is_found_and_the_frames_are_worked_out_and_kept_anew(folder):
    kept_frames(folder, question(), find=frames)
    for path in written(folder):
        content = path.read_bytes()
        for place in range(0, len(content), max(1, len(content) // 40)):
            path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
            find = Finder()
            found = [kept_frames(folder, question(), find=find) for _ in range(2)]
            assert find.n == 1, f"{path.suffix}, byte {place}"
            pd.testing.assert_frame_equal(found[0]["rows"], frames()["rows"])
            pd.testing.assert_frame_equal(found[1]["rows"], frames()["rows"])


def test_half_of_what_is_to_be_kept_is_nothing(folder):
    kept_frames(folder, question(), find=frames)
    for name in [path.name for path in written(folder)]:
        whole = next(path for path in written(folder) if path.name == name)
        for harm in (lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes()[:-7])):
            harm(whole)
            find = Finder()
            kept_frames(folder, question(), find=find)
            assert find.n == 1
    description = next(path for path in written(folder) if path.name == DESCRIPTION)
    description.write_text("[]", encoding="utf-8")
    find = Finder()
    kept_frames(folder, question(), find=find)
    assert find.n == 1


def test_several_that_keep_the_same_at_once_all_get_it_and_leave_it_whole(folder):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: kept_frames(folder, question(), find=frames), range(8)))
    for each in found:
        pd.testing.assert_frame_equal(each["rows"], frames()["rows"])
    find = Finder()
    kept_frames(folder, question(), find=find)
    assert find.n == 0
    assert len(written(folder)) == 3


def test_where_nothing_can_be_written_the_frames_are_found_all_the_same(folder):
    (folder / KEPT).write_text("i vägen", encoding="utf-8")
    pd.testing.assert_frame_equal(kept_frames(folder, question(), find=frames)["rows"], frames()["rows"])


@pytest.fixture
def register(tmp_path) -> Register:
    born = pd.to_datetime(["2007-02-28", "2006-05-10"])
    everybody = ["a" * 16, "b" * 16]
    rows = {
        "persons": pd.DataFrame({"person_id": everybody, "birth_date": born, "sex": ["female", "male"]}),
        "residence": pd.DataFrame({"person_id": everybody, "municipality": "0180", "from_date": born}),
        "credentials": pd.DataFrame(
            {"person_id": everybody, "kind": "grundskola", "date": pd.to_datetime(["2023-06-13", "2022-06-13"])}
        ),
    }
    described = described_register(tmp_path / "registers" / "prov-1")
    return write_register(described, tables_to_write=rows)


@pytest.fixture
def n_found(monkeypatch) -> list:
    found = []
    original = membership._found
    monkeypatch.setattr(membership, "_found", lambda *args, **named: found.append(1) or original(*args, **named))
    return found


def test_the_population_of_a_register_is_found_once_and_is_the_same_from_disk(register, n_found):
    found, kept = target_population(register), target_population(register)
    assert len(n_found) == 1
    for name in ("intervals_table", "conditions_table"):
        pd.testing.assert_frame_equal(getattr(kept, name), getattr(found, name))
    everybody = target_population(register, persons=register.table("persons")["person_id"])
    pd.testing.assert_frame_equal(kept.intervals, everybody.intervals)
    pd.testing.assert_frame_equal(kept.conditions, everybody.conditions)
    assert len(kept.intervals) == 2


def test_another_law_day_municipality_or_code_is_found_anew(register, n_found, monkeypatch):
    target_population(register)
    target_population(register, law="bridged")
    target_population(register, observed_to=date(2024, 1, 1))
    assert target_population(replace(register, municipality="0182")).intervals.empty
    assert len(n_found) == 4
    monkeypatch.setattr(kept_population, "deciding_code", lambda: OTHER_CODE)
    target_population(register)
    assert len(n_found) == 5


def test_the_population_of_a_register_with_other_rows_is_found_anew(register, n_found):
    target_population(register)
    kept = shutil.move(register.folder / KEPT, register.folder.parent / KEPT)
    rows = {name: register.table(name) for name in ("persons", "residence", "credentials")}
    rows["credentials"] = rows["credentials"].iloc[:1]
    changed = write_register(replace(register), tables_to_write=rows)
    shutil.move(kept, changed.folder / KEPT)
    assert len(target_population(changed).intervals) == 2
    assert len(n_found) == 2


def test_every_byte_of_code_that_decides_the_population_is_in_its_hash(tmp_path, monkeypatch):
    package = tmp_path / "package"
    for part in kept_population.DECIDING_CODE:
        (package / part).mkdir(parents=True)
        (package / part / "rules.py").write_text("1", encoding="utf-8")
    monkeypatch.setattr(kept_population, "PACKAGE", package)
    hashes = [kept_population.deciding_code()]
    for part in kept_population.DECIDING_CODE:
        (package / part / "rules.py").write_text("2", encoding="utf-8")
        hashes.append(kept_population.deciding_code())
    monkeypatch.setattr(kept_population, "version", lambda name: "0")
    hashes.append(kept_population.deciding_code())
    assert len(set(hashes)) == len(kept_population.DECIDING_CODE) + 2
