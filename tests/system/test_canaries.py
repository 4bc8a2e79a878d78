"""No person's value leaves the secure folder: planted words, identities and birth dates are searched for in all that a run leaves and tells."""

from __future__ import annotations

import csv
import re
import zipfile
from pathlib import Path

import pytest
import typst
from pypdf import PdfReader

TEXT_COLUMNS = {"skolgang.csv": ("PROGRAM", "SKOLENHET", "HUVUDMAN"), "kontakter.csv": ("UTSKICK",)}
CANARY = "KANARIE"
SUPPLEMENTS = ("--tillagg", "skolor", "--tillagg", "fardiga_tabeller")


def rows_of(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream, delimiter=";")
        return list(reader.fieldnames), list(reader)


def plant(folder: Path) -> set[str]:
    """Put a word of its own in every free text field; return the words' beginning and every identity, record number and birth date of the extract.

    Nobody is born after 2008 and no report tells of a day before 2015, so a birth date can stand nowhere by right.
    """
    for name, columns in TEXT_COLUMNS.items():
        header, rows = rows_of(folder / name)
        for number, row in enumerate(rows):
            for column in columns:
                row[column] = f"{CANARY}{column}{number}"
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, header, delimiter=";", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    _, persons = rows_of(folder / "personer.csv")
    born = {row["FODELSEDATUM"] for row in persons}
    assert max(born) < "2009-01-01"
    identities = {row["PERSONNUMMER"] for row in persons}
    numbers = {row["REGISTERNUMMER"] for row in persons}
    assert {len(number) for number in numbers} == {9}
    return {CANARY} | identities | {identity[2:] for identity in identities} | born | numbers


GRANTS = "grants:\n" + "".join(
    f'  - {{table: {table}, decision: "1", date: "2024-01-15", by: Nämnden, valid_to: "2025-12-31"}}\n'
    for table in ("admissions", "notices", "schools")
)


def everything_outside(project) -> dict[str, str]:
    """Return the text of every file outside the secure folder, the parts of packed files and the pages of PDFs included."""
    texts = {}
    for path in project.root.rglob("*"):
        if not path.is_file() or path.is_relative_to(project.secure):
            continue
        texts[str(path)] = path.read_bytes().decode("utf-8", errors="replace")
        if path.suffix == ".pdf":
            texts |= {f"{path}!{page.page_number}": page.extract_text() for page in PdfReader(path).pages}
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                texts |= {
                    f"{path}!{name}": packed.read(name).decode("utf-8", errors="replace") for name in packed.namelist()
                }
    return texts


def found(texts: dict[str, str], planted: set[str]) -> list[str]:
    """Return the places whose text holds the planted word, a planted identity or record number as a whole number, or a planted birth date."""
    hits = []
    for place, text in texts.items():
        values = {*re.findall(r"\d{10,12}", text), *re.findall(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", text)}
        values |= {*re.findall(r"(?<![0-9A-Za-z])\d{9}(?![0-9A-Za-z])", text)}
        if values & planted or CANARY in text:
            hits.append(place)
    return hits


@pytest.fixture(scope="module")
def canaries(tmp_path_factory, demo, project_in):
    """A project with an extract of its own, full of canaries, its report made."""
    project = project_in(tmp_path_factory.mktemp("canaries"))
    raw = project.root / "raw"
    raw.mkdir()
    for path in (demo.secure / "extracts" / "demo").glob("*.csv"):
        (raw / path.name).write_bytes(path.read_bytes())
    planted = plant(raw)
    files = [str(path) for path in sorted(raw.glob("*.csv"))]
    (project.root / "params" / "grants.yaml").write_text(GRANTS, encoding="utf-8")
    added = project.kaa("extract", "kanarie", *files, "--layout", "ber_demo", *SUPPLEMENTS)
    assert added.returncode == 0, added.stderr
    for path in raw.glob("*"):
        path.unlink()
    for params in project.root.glob("params/*_demo.yaml"):
        params.write_text(params.read_text().replace("extract: demo", "extract: kanarie"))
    return project, planted


@pytest.mark.parametrize("params", ["arsbilaga_demo", "tid_till_studier_demo"])
def test_no_planted_word_or_identity_leaves_the_secure_folder_in_a_whole_run(canaries, params):
    project, planted = canaries
    run = project.kaa("report", f"params/{params}.yaml")
    assert run.returncode == 0, run.stderr
    assert CANARY not in run.stderr + run.stdout
    assert found({"stderr": run.stderr, "stdout": run.stdout}, planted) == []
    texts = everything_outside(project)
    assert any("report.html" in place for place in texts)
    assert found(texts, planted) == []


def test_no_planted_word_or_number_leaves_the_secure_folder_in_a_check_with_work_lists(canaries):
    project, planted = canaries
    run = project.kaa("check", "kanarie", "--alla", "--arbetslistor")
    assert run.returncode == 0, run.stderr
    assert found({"stderr": run.stderr, "stdout": run.stdout}, planted) == []
    assert found(everything_outside(project), planted) == []
    folder = project.secure / "worklists" / "kanarie"
    listed = {path.name: path.read_text(encoding="utf-8-sig") for path in folder.iterdir()}
    held = {number for text in listed.values() for number in re.findall(r"^\d+", text, re.MULTILINE)}
    assert held
    assert held <= planted
    assert [name for name, text in listed.items() if re.search(r"\d{10,12}", text)] == []


def test_the_notebook_of_the_checks_is_no_report(canaries):
    project, planted = canaries
    asked = project.kaa("report", "notebooks/90_data_quality.ipynb")
    assert asked.returncode == 3
    assert "90_data_quality.ipynb är arbetsmaterial i den säkra mappen och blir aldrig en rapport." in asked.stderr
    assert found({"stderr": asked.stderr, "stdout": asked.stdout}, planted) == []


LEAKS = {
    "word": f"{CANARY}PROGRAM17",
    "identity": r"\d{12}",
    "short identity": r"\d{10}",
    "birth date": r"\d{4}-\d{2}-\d{2}",
    "record number": r"\d{9}",
}


@pytest.mark.parametrize("kind", LEAKS)
@pytest.mark.parametrize(("file", "place"), [("leak.txt", ""), ("leak.zip", "!part.xml"), ("leak.pdf", "!0")])
def test_the_search_that_finds_nothing_would_find_a_planted_value(canaries, kind, file, place):
    project, planted = canaries
    leaked = next((value for value in sorted(planted) if re.fullmatch(LEAKS[kind], value)), LEAKS["word"])
    leak = project.root / "home" / file
    if leak.suffix == ".zip":
        with zipfile.ZipFile(leak, "w", compression=zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("part.xml", f"<v>{leaked}</v>" * 20)
    elif leak.suffix == ".pdf":
        leak.write_bytes(typst.compile(f'#"{leaked}"'.encode()))
    else:
        leak.write_text(f"<v>{leaked}</v>")
    hits = found(everything_outside(project), planted)
    leak.unlink()
    assert [Path(hit).name for hit in hits] == [file + place]
    assert (leaked == LEAKS["word"]) == (kind == "word")


def test_a_failing_read_tells_counts_and_no_values(canaries):
    project, planted = canaries
    folder = project.secure / "extracts" / "kanarie"
    path = folder / "kaa.csv"
    header, rows = rows_of(path)
    for row in rows[:7]:
        row["AVSLUTSORSAK"] = f"{CANARY}ORSAK"
    content = "\n".join([";".join(header), *(";".join(row.values()) for row in rows)]) + "\n"
    original = path.read_bytes()
    path.write_text(content, encoding="utf-8")
    run = project.kaa("report", "params/arsbilaga_demo.yaml")
    path.write_bytes(original)
    assert run.returncode == 4
    assert 'Uttaget "kanarie" har 7 rader i 1 fil som inte kan läsas in; inga rader får undantas.' in run.stderr
    assert "  – kaa.csv, AVSLUTSORSAK: okänd kod – 7 rader\n" in run.stderr
    assert CANARY not in run.stderr + run.stdout
    assert found({"stderr": run.stderr, "stdout": run.stdout}, planted) == []
    assert found(everything_outside(project), planted) == []
