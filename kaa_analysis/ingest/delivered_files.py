"""All delivered files of an extract, read together; everything wrong with files as wholes is told in one error."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from kaa_analysis.core.errors import ExtractError, did_you_mean
from kaa_analysis.ingest import wording
from kaa_analysis.ingest.column_names import shown
from kaa_analysis.ingest.delivery_note import read_delivery_note
from kaa_analysis.ingest.extract import Extract
from kaa_analysis.ingest.layout import Layout
from kaa_analysis.ingest.raw_file import RawFile, read_raw_file
from kaa_analysis.ingest.sensitive_codes import without_sensitive_codes


@dataclass(frozen=True, eq=False)
class Delivery:
    """The files of a delivery in the order of the layout, the day of the extract, and the rows that had a code of a sensitive kind."""

    files: tuple[RawFile, ...]
    extract_date: date
    n_sensitive: int = 0


def read_delivery(extract: Extract, *, layout: Layout, tell: Callable[[str], None]) -> Delivery:
    """Read every file that the layout names.

    Raises:
        ExtractError: files are missing, unknown, wrongly encoded, cut off, with other columns or other numbers of rows than told.
    """
    problems = _listing_problems(extract, layout=layout)
    there = {path.name: path for path in extract.files if path.is_file()}
    files: dict[str, RawFile] = {}
    for name in layout.file_names:
        if name not in there:
            continue
        reading = read_raw_file(
            there[name], encoding=layout.encoding, delimiter=layout.delimiter, **_columns(name, layout=layout)
        )
        problems += [f"{name}: {problem}" for problem in reading.problems]
        if reading.file is not None:
            files[name] = reading.file
            tell(f"Läste {name}: {wording.rows(len(reading.file.rows))}.{_discarded(reading.file)}")
    extract_date, date_problems = _extract_date(extract, layout=layout, files=files, delivered=there)
    if problems or date_problems:
        raise ExtractError(
            f'Uttaget "{extract.name}" ska ha de filer och kolumner som layouten "{layout.name}" anger.',
            found=[*problems, *date_problems],
            action="rätta leveransen och hämta in den under ett nytt namn; ett uttag ändras aldrig",
        )
    neutral = [without_sensitive_codes(files[name], layout=layout) for name in layout.files if name in files]
    return Delivery(tuple(file for file, _ in neutral), extract_date, sum(n_rows for _, n_rows in neutral))


def _listing_problems(extract: Extract, *, layout: Layout) -> list[str]:
    names = [path.name for path in extract.files if path.is_file()]
    absent = [name for name in layout.file_names if name not in names]
    missing = [name for name in absent if name not in layout.files or not layout.files[name].optional]
    unknown = [name for name in names if name not in layout.file_names]
    n_folders = sum(path.is_dir() for path in extract.files)
    problems = [f"{name}: filen saknas" for name in missing]
    problems += [f"{shown(name)}: filen känner layouten inte{did_you_mean(name, absent)}" for name in unknown]
    return problems + [f"{wording.amount(n_folders, 'mapp', 'mappar')} som layouten inte känner"] * bool(n_folders)


def _discarded(file: RawFile) -> str:
    return f" Kastade kolumner som inte behövs ({', '.join(file.discarded)})." if file.discarded else ""


def _columns(name: str, *, layout: Layout) -> dict[str, Collection[str]]:
    note = layout.delivery_note
    if note is not None and name == note.file:
        columns = (note.file_column, note.rows_column, note.date_column)
        return {"used": columns, "named": columns}
    file = layout.files[name]
    return {"used": file.used, "named": file.named, "only_presence": file.only_presence}


def _extract_date(
    extract: Extract, *, layout: Layout, files: dict[str, RawFile], delivered: Collection[str]
) -> tuple[date | None, list[str]]:
    note = layout.delivery_note
    if note is None:
        told = extract.extract_date
        return told, [] if told else ["uttag.yaml: uttagsdagen (extract_date) saknas"]
    if note.file not in files:
        return None, []
    n_rows = {name: len(file.rows) for name, file in files.items()}
    reading = read_delivery_note(files[note.file], layout=layout, n_rows=n_rows, delivered=delivered)
    problems = list(reading.problems)
    if None not in (reading.extract_date, extract.extract_date) and reading.extract_date != extract.extract_date:
        problems.append(f"{note.file}: {note.date_column} är en annan dag än uttagsdagen i uttag.yaml")
    return reading.extract_date, problems
