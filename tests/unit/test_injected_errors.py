"""Errors put into raw files: each does exactly what it says, to a row it can happen to, and the list tells where."""

from __future__ import annotations

import csv
import difflib
import shutil
import stat
from collections import Counter
from pathlib import Path

import pytest

from kaa_analysis.checks import catalogue
from kaa_analysis.core.errors import DefinitionError, ExtractError
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.ingest import add_extract, read_register
from kaa_analysis.ingest.reasons import Reason
from kaa_analysis.synthetic.errors import (
    InjectedError,
    Origin,
    error_kinds,
    file_errors,
    process_errors,
    refused_deliveries,
    spoil,
    spoiling,
    write_errors,
)
from kaa_analysis.synthetic.errors.error_kinds import not_from_raw_files
from kaa_analysis.synthetic.errors.error_page import PAGE, error_page
from kaa_analysis.synthetic.raw_files import COLUMNS
from tests.unit.hand_made_extract import EXTRACT_DATE, FILES, IDENTITIES, OPTIONAL_FILES, rows_of, write_extract

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = ROOT / "tests" / "data" / "injected_errors.txt"
ROW_KINDS = [name for name, kind in error_kinds().items() if kind.origin is Origin.ROWS]


@pytest.fixture
def folder(tmp_path) -> Path:
    return write_extract(tmp_path / "uttag")


@pytest.fixture
def only(monkeypatch):
    """Leave one kind in the catalogue, so that a profile injects it alone."""

    def leave(kind: str) -> None:
        monkeypatch.setattr(spoiling, "error_kinds", lambda: {kind: error_kinds()[kind]})
        monkeypatch.setattr(file_errors, "error_kinds", lambda: {kind: error_kinds()[kind]})

    return leave


def told(text: str) -> str:
    """Return a text with letters in place of the identities."""
    for letter, identity in IDENTITIES.items():
        text = text.replace(identity, letter)
    return text


def differences(before: Path, after: Path) -> list[str]:
    """Return the lines that differ in any file but the delivery note, with the file's name."""
    lines = []
    for path in sorted(before.glob("*.csv")):
        if path.name != "leverans.csv":
            texts = [(place / path.name).read_text(encoding="utf-8").splitlines() for place in (before, after)]
            changes = difflib.unified_diff(*texts, n=0, lineterm="")
            lines += [f"{change[0]} {path.stem} {change[1:]}" for change in list(changes)[2:] if change[0] in "+-"]
    return lines


def as_agreed(content: bytes) -> list[str]:
    """Return the lines of a file as if it had been written as agreed."""
    encoding = "utf-8-sig" if content.isascii() or b"\xc3" in content or content.startswith(b"\xef") else "cp1252"
    return [line.rstrip(" ").replace(",", ";") for line in content.decode(encoding).splitlines()]


def spoiled_alone(kind: str, folder: Path) -> list[str]:
    """Return what one error of a kind changes, and what the list says of it."""
    before = Path(shutil.copytree(folder, folder.with_name("före")))
    [error] = spoil(folder, profile="awful", seed=1, extract_date=EXTRACT_DATE)
    lines = " ".join(map(str, error.lines)) or "–"
    about = (
        f"= {error.person_identity or '–'} {error.other_identity or '–'} [{error.row_key}] rad {lines}: {error.detail}"
    )
    return [told(line) for line in (*differences(before, folder), about)]


def expected_changes() -> dict[str, list[str]]:
    blocks = EXPECTED.read_text(encoding="utf-8").strip().split("\n\n")
    return {block.split("\n")[0]: block.split("\n")[1:] for block in blocks}


@pytest.mark.parametrize("kind", ROW_KINDS)
def test_an_error_changes_exactly_the_rows_it_says(kind, folder, only):
    only(kind)
    assert spoiled_alone(kind, folder) == expected_changes()[kind]


def test_every_kind_that_spoils_rows_has_an_injector_and_an_expected_change():
    assert list(spoiling.INJECTORS) != []
    assert sorted(spoiling.INJECTORS) == sorted(ROW_KINDS) == sorted(expected_changes())


TWINS = {
    "twentieth_birthday_inside": [("kaa.csv", "2024-01-19;F20", "2024-01-10;F20")],
    "never_closed_at_20": [("kaa.csv", ";F20;", ";ANN;")],
    "exit_year_wrong": [("kaa.csv", "2024-08-19;NP", "2024-08-19;KVX")],
    "left_for_introduction_too_early": [("kaa.csv", "2018-05-31", "2018-06-30")],
    "entry_reason_before_its_time": [("kaa.csv", "2018-01-10;OKA", "2018-01-10;")],
    "registration_lost": [("kontakter.csv", ";U;", ";I;")],
    "start_swapped_past_end": [("kaa.csv", "2018-01-10", "2018-01-25")],
    "registrations_overlap": [("kaa.csv", "2022-08-15;IM", "2022-08-15;FEL")],
    "last_day_is_day_of_move": [
        ("folkbokforing.csv", "2021-05-31", "2021-05-20"),
        ("folkbokforing.csv", "2016-03-05", "2016-03-01"),
    ],
    "current_residence_lost": [("personer.csv", ";J;N;", ";J;J;")],
    "certificate_lost": [("bevis.csv", "GEX", "UTL")],
    "current_enrolment_lost": [("folkbokforing.csv", "0180;JAR", "0163;")],
    "card_before_calls": [("personer.csv", ";J;N;100000001", ";N;N;100000001")],
    "calls_lost": [("kontakter.csv", "KNACK", "BREV")],
    "conversation_lost": [("kontakter.csv", "2023-02-20;U;TEL", "2023-05-20;U;TEL")],
    "three_calls_on_a_day": [("kontakter.csv", "2023-02-20;U;TEL", "2023-02-20;U;SMS")],
    "sought_past_twenty": [("kontakter.csv", "2023-05-01;U;SMS", "2023-05-01;U;BREV")],
    "contact_ahead": [("kontakter.csv", "2024-06-03", "2024-01-03")],
    "contact_on_wrong_person": [("kaa.csv", "2022-03-04", "2023-12-04")],
    "visit_before_card": [("kontakter.csv", "2023-03-10;EJ", ";EJ")],
    "home_visit_alone": [("kontakter.csv", ";2;;SV", ";1;;SV")],
    "intervention_in_two_systems": [("insatser.csv", "COA;AMF", "COA;UTBF")],
    "offered_ahead": [("insatser.csv", "2024-06-01", "2024-01-01")],
    "activity_known_years_ago": [("aktiviteter.csv", "2023-07-01;;", "2023-07-01;2023-12-31;")],
    "survey_in_words": [("enkater.csv", "F1=4", "")],
}
"""What is written otherwise in the extract, so that no row is left that the error can happen to."""


@pytest.mark.parametrize("kind", TWINS)
def test_an_error_does_not_happen_to_a_row_that_it_cannot_happen_to(kind, folder, only):
    only(kind)
    for file, old, new in TWINS[kind]:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new), encoding="utf-8", newline="\n")
    assert spoil(folder, profile="awful", seed=1, extract_date=EXTRACT_DATE) == ()


@pytest.mark.parametrize("kind", [name for name, kind in error_kinds().items() if kind.origin is Origin.FILES])
def test_a_file_written_otherwise_holds_the_same_rows(kind, folder, only):
    only(kind)
    file = error_kinds()[kind].file
    before = (folder / file).read_bytes()
    assert spoil(folder, profile="awful", seed=1, extract_date=EXTRACT_DATE) == (
        InjectedError(kind, file, detail="hela filen"),
    )
    after = (folder / file).read_bytes()
    assert after != before
    assert as_agreed(after) == before.decode("utf-8").splitlines()


@pytest.mark.parametrize(
    ("rewrite", "content"),
    [
        (file_errors.in_windows_1252, "FIL;RADER\nbevis.csv;2\n"),
        (file_errors.in_windows_1252, "FIL\nFrançois på Åvägen\n"),
        (file_errors.with_commas, "FIL;RADER\na,b;2\n"),
    ],
)
def test_a_file_that_could_not_be_read_without_doubt_is_left_as_it_is(rewrite, content):
    assert rewrite(content.encode()) is None


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    folders = [write_extract(tmp_path / name) for name in ("ett", "två", "tre")]
    done = [
        spoil(f, profile="awful", seed=s, extract_date=EXTRACT_DATE) for f, s in zip(folders, (1, 1, 2), strict=True)
    ]
    contents = [{path.name: path.read_bytes() for path in sorted(f.iterdir())} for f in folders]
    assert done[0] == done[1] != done[2]
    assert contents[0] == contents[1] != contents[2]


def test_a_clean_register_is_not_touched(folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert spoil(folder, profile="clean", seed=1, extract_date=EXTRACT_DATE) == ()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_an_unknown_profile_is_refused_with_the_nearest_known(folder):
    with pytest.raises(DefinitionError, match=r"Det finns ingen sådan profil för fel \(menade du \"typical\"\?\)"):
        spoil(folder, profile="typcal", seed=1, extract_date=EXTRACT_DATE)


def test_a_folder_without_a_delivery_note_is_refused(folder):
    (folder / "leverans.csv").unlink()
    with pytest.raises(ExtractError, match=r"Mappen ska hålla ett helt uttag med leverans\.csv"):
        spoil(folder, profile="typical", seed=1, extract_date=EXTRACT_DATE)


def test_nobody_has_two_errors_and_who_shall_be_left_alone_is(folder):
    left_alone = {IDENTITIES["A"], IDENTITIES["F"]}
    before = {file: (folder / file).read_text(encoding="utf-8").splitlines() for file in FILES}
    errors = spoil(folder, profile="awful", seed=3, extract_date=EXTRACT_DATE, untouched=left_alone)
    persons = Counter(
        identity for error in errors for identity in {error.person_identity, error.other_identity} if identity
    )
    assert set(persons.values()) == {1}
    assert len(persons) >= 4
    after = {file: as_agreed((folder / file).read_bytes()) for file in FILES}
    kept = {file: [row for row in rows if any(name in row for name in left_alone)] for file, rows in before.items()}
    assert {file: [row for row in rows if row not in after[file]] for file, rows in kept.items()} == {
        file: [] for file in FILES
    }


def test_the_delivery_note_is_counted_anew(folder, only):
    only("calls_lost")
    spoil(folder, profile="typical", seed=1, extract_date=EXTRACT_DATE)
    counts = dict(
        line.split(";")[:2] for line in (folder / "leverans.csv").read_text(encoding="utf-8").splitlines()[1:]
    )
    assert counts == {file: str(len(rows_of(file)) - 3 * (file == "kontakter.csv")) for file in FILES}


def test_counts_grow_with_the_file_and_are_at_least_one():
    kind = error_kinds()["sex_wrong"]
    assert [kind.count(n, profile=p) for n in (0, 100, 40_000) for p in ("clean", "typical", "awful")] == [
        0, 0, 0, 0, 1, 1, 0, 16, 160,
    ]  # fmt: skip


def test_every_check_and_every_reason_has_a_kind_or_a_word_on_why_not():
    finders = [finder for kind in error_kinds().values() for finder in kind.found_by]
    checks, reasons = zip(*(finder.partition(":")[::2] for finder in finders), strict=True)
    assert sorted({*checks, *not_from_raw_files()} & set(catalogue())) == sorted(catalogue())
    assert sorted({*reasons, *not_from_raw_files()} & set(Reason)) == sorted(Reason)
    assert not {*checks, *reasons} & set(not_from_raw_files())
    assert {also for kind in error_kinds().values() for also in kind.also} <= set(catalogue())


def test_every_kind_spoils_a_file_of_the_layout():
    assert {kind.file for kind in error_kinds().values()} == {*COLUMNS, "leverans.csv"} - {"skolkullar.csv"}


def test_errors_of_the_simulation_are_told_by_person_and_row():
    found = process_errors(
        "registered_after_end", file="kaa.csv", identities=["i", "j"], row_keys=["spell=1", "spell=2"]
    )
    assert found == (
        InjectedError("registered_after_end", "kaa.csv", "i", "spell=1", detail="ur simuleringen"),
        InjectedError("registered_after_end", "kaa.csv", "j", "spell=2", detail="ur simuleringen"),
    )


def test_an_error_of_rows_is_none_of_the_simulation():
    with pytest.raises(DefinitionError, match=r"Felet ska vara ett av dem som simuleringen själv gör"):
        process_errors("sex_wrong", file="personer.csv", identities=["i"])


def test_the_list_is_private_and_says_what_should_find_each_error(tmp_path):
    path = tmp_path / "truth" / "demo" / "errors.csv"
    write_errors(
        path, [InjectedError("contact_told_twice", "kontakter.csv", "i", "contact=3", (4, 5), detail="rad tillagd")]
    )
    assert [stat.S_IMODE(place.stat().st_mode) for place in (path.parent, path)] == [0o700, 0o600]
    with path.open(encoding="utf-8", newline="") as stream:
        assert list(csv.DictReader(stream, delimiter=";")) == [
            {
                "KIND": "contact_told_twice",
                "NAME": "Kontaktförsök två gånger",
                "FILE": "kontakter.csv",
                "LINES": "4 5",
                "TABLE": "contacts",
                "ROW_KEY": "contact=3",
                "IDENTITY": "i",
                "OTHER_IDENTITY": "",
                "FOUND_BY": "K101:DUBBLETT",
                "ALSO": "K803 K705",
                "CANNOT_BE_TOLD": "",
                "READ_RIGHT": "",
                "DETAIL": "rad tillagd",
            }
        ]


@pytest.mark.parametrize("refused", refused_deliveries(), ids=lambda refused: refused.kind)
def test_a_delivery_that_must_be_refused_is(refused, folder, tmp_path):
    secure = SecureFolder(tmp_path / "secure")
    for file in OPTIONAL_FILES:
        (folder / file).unlink()
    note = (folder / "leverans.csv").read_text(encoding="utf-8").splitlines()
    kept = "".join(f"{line}\n" for line in note if line.split(";")[0] not in OPTIONAL_FILES)
    (folder / "leverans.csv").write_text(kept, encoding="utf-8", newline="\n")
    for name in ("hel", "spoiled"):
        if name != "hel":
            refused.spoil(folder)
        add_extract(name, layout="ber_demo", files=sorted(folder.glob("*.csv")), extract_date=None, secure=secure)
    assert read_register("hel", secure=secure).row_counts["persons"] == len(IDENTITIES)
    with pytest.raises(ExtractError) as raised:
        read_register("spoiled", secure=secure)
    assert refused.refused_by in raised.value.message()


def test_the_page_of_errors_is_up_to_date():
    assert (ROOT / PAGE).read_text(encoding="utf-8") == error_page()
