"""No possible identity stands in any file of the repository, but for the test numbers that Skatteverket has published."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import zipfile
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "tests" / "data" / "published_test_numbers.csv"
IDENTITY_LIKE = re.compile(r"(?<![\w.,])(\d{2})?(\d{2})(\d{2})(\d{2})[-+ ]?(\d{3})(\d)(?![\w]|[.,]\d)")
CENTURIES = ("18", "19", "20")
COORDINATION_DAYS = 60
LEAST_SCANNED = 200


def published() -> frozenset[str]:
    """Return the published test numbers, without their century."""
    with PUBLISHED.open(encoding="utf-8", newline="") as stream:
        return frozenset(row["identity"][2:] for row in csv.DictReader(stream))


def possible_identities(text: str) -> set[str]:
    """Return the ten digits of every number in ``text`` that could be a personnummer or samordningsnummer: date, form and check digit fit."""
    return {
        "".join(str(int(digit)) for digit in "".join(parts[1:]))
        for parts in (match.groups() for match in IDENTITY_LIKE.finditer(text))
        if _has_day(*parts[:4]) and _has_check_digit("".join(parts[1:]))
    }


def _has_day(century: str | None, year: str, month: str, day: str) -> bool:
    if century is not None and century not in CENTURIES:
        return False
    written = int(day) - COORDINATION_DAYS if int(day) > COORDINATION_DAYS else int(day)
    try:
        date(int((century or "20") + year), int(month), written)
    except ValueError:
        return False
    return True


def _has_check_digit(ten_digits: str) -> bool:
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(ten_digits))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def texts_of(content: bytes) -> list[str]:
    """Return the text of a file; of a packed one (Word, Excel) that of its parts, and so on inwards."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return [content.decode("utf-8", errors="replace")]
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return [text for name in packed.namelist() for text in texts_of(packed.read(name))]


def tracked_files() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def unpublished(paths: list[Path]) -> dict[str, int]:
    """Return how many possible, unpublished identities every file holds, its name included."""
    allowed = published()
    found = {}
    for path in paths:
        words = [path.name, *texts_of(path.read_bytes())]
        n_found = len(set().union(*map(possible_identities, words)) - allowed)
        if n_found:
            found[path.name] = n_found
    return found


def test_only_published_test_numbers_appear_as_identities_in_the_repository():
    paths = tracked_files()
    assert len(paths) > LEAST_SCANNED
    assert unpublished(paths) == {}


def test_every_published_number_is_one_and_is_used():
    used = set().union(
        *(
            possible_identities(text)
            for path in tracked_files()
            if path != PUBLISHED
            for text in texts_of(path.read_bytes())
        )
    )
    assert used == published()


def with_check_digit(nine_digits: str) -> str:
    """Return a number that the scan must find; made here so that none stands in this file."""
    return next(f"{nine_digits}{digit}" for digit in range(10) if _has_check_digit(f"{nine_digits}{digit}"))


FORMS = {
    "twelve digits": "20{0}",
    "ten digits": "{0}",
    "a hyphen": "{1}-{2}",
    "a plus": "{1}+{2}",
    "a space": "19{1} {2}",
    "between delimiters": "x;20{0};",
    "in quotes": '"{0}"',
    "at the end of a sentence": "Se {0}.",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
@pytest.mark.parametrize("nine_digits", ["060309238", "060369238"], ids=["personnummer", "samordningsnummer"])
def test_a_possible_identity_is_found_in_every_form(tmp_path, form, nine_digits):
    number = with_check_digit(nine_digits)
    path = tmp_path / "anteckning.md"
    path.write_text(form.format(number, number[:6], number[6:]), encoding="utf-8")
    assert unpublished([path]) == {"anteckning.md": 1}


def test_a_possible_identity_is_found_in_a_packed_file_and_in_a_name(tmp_path):
    number = with_check_digit("060309238")
    with zipfile.ZipFile(tmp_path / "mall.docx", "w") as packed:
        packed.writestr("word/document.xml", f"<w:t>{number}</w:t>")
    (tmp_path / f"{number}.csv").write_text("x", encoding="utf-8")
    assert unpublished(sorted(tmp_path.iterdir())) == {f"{number}.csv": 1, "mall.docx": 1}


@pytest.mark.parametrize(
    "body", ["068309238", "061309238", "060332238"], ids=["month + 80", "no such month", "no such day"]
)
def test_an_impossible_identity_is_none(tmp_path, body):
    path = tmp_path / "anteckning.md"
    path.write_text(f"20{with_check_digit(body)} och {body}0.25", encoding="utf-8")
    assert unpublished([path]) == {}
