"""All delivered files of an extract, read together; everything wrong with files as wholes is told in one error."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kaa_analysis.core.errors import ExtractError
from kaa_analysis.ingest import wording
from kaa_analysis.ingest.delivered_names import delivered_by_file, layout_file, unknown_file
from kaa_analysis.ingest.delivery_note import read_delivery_note
from kaa_analysis.ingest.expected_columns import expected_columns
from kaa_analysis.ingest.extract import Extract
from kaa_analysis.ingest.files.csv_file import read_csv_file
from kaa_analysis.ingest.files.parquet_file import read_parquet_file
from kaa_analysis.ingest.files.xlsx_file import read_xlsx_file
from kaa_analysis.ingest.layout import Layout
from kaa_analysis.ingest.layout_checks import double_deliveries
from kaa_analysis.ingest.one_municipality import n_of_other_municipalities
from kaa_analysis.ingest.raw_file import FileReading, RawFile
from kaa_analysis.ingest.sensitive_codes import without_sensitive_codes

READERS = {".csv": read_csv_file, ".xlsx": read_xlsx_file, ".parquet": read_parquet_file}


@dataclass(frozen=True, eq=False)
class Delivery:
    """The files of a delivery in the order of the layout, and the day of the extract.

    ``n_sensitive`` rows had a code of a sensitive kind, ``n_elsewhere`` name another municipality than most rows of their file.
    """

    files: tuple[RawFile, ...]
    extract_date: date
    n_sensitive: int = 0
    n_elsewhere: int = 0


def read_delivery(extract: Extract, *, layout: Layout, tell: Callable[[str], None]) -> Delivery:
    """Read every file that the layout names.

    Raises:
        ExtractError: files are missing, unknown, wrongly encoded, cut off, with other columns or other numbers of rows than told.
    """
    problems = _listing_problems(extract, layout=layout)
    there = {path.name: path for path in extract.register_files if path.is_file()}
    by_file = delivered_by_file(there, layout=layout)
    files: dict[str, RawFile] = {}
    for name in [name for name in layout.file_names if len(by_file.get(name, ())) == 1]:
        path = there[by_file[name][0]]
        reading = read_delivered_file(path, name=name, layout=layout)
        problems += [f"{path.name}: {problem}" for problem in reading.problems]
        if reading.file is not None:
            files[name] = reading.file
            told = (f"Läste {path.name}: {wording.rows(len(reading.file.rows))}.", *reading.file.told)
            tell(" ".join(told) + _discarded(reading.file))
    extract_date, date_problems = _extract_date(extract, layout=layout, files=files, delivered=by_file)
    if problems or date_problems:
        raise ExtractError(
            f'Uttaget "{extract.name}" ska ha de filer och kolumner som layouten "{layout.name}" anger.',
            found=[*problems, *date_problems],
            action="rätta leveransen och hämta in den under ett nytt namn; ett uttag ändras aldrig",
        )
    neutral = [
        without_sensitive_codes(files[name], layout=layout.form_of(name)) for name in layout.files if name in files
    ]
    return Delivery(
        tuple(file for file, _ in neutral),
        extract_date,
        n_sensitive=sum(n_rows for _, n_rows in neutral),
        n_elsewhere=sum(n_of_other_municipalities(file, file=layout.files[file.name]) for file, _ in neutral),
    )


def read_delivered_file(path: Path, *, name: str, layout: Layout) -> FileReading:
    """Read the file at ``path``, which is the one that the layout calls ``name``, with the reader of its suffix."""
    read = READERS[path.suffix.lower()]
    return read(path, name=name, columns=expected_columns(name, layout=layout), form=layout.form_of(name))


def _listing_problems(extract: Extract, *, layout: Layout) -> list[str]:
    names = [path.name for path in extract.register_files if path.is_file()]
    by_file = delivered_by_file(names, layout=layout)
    absent = [name for name in layout.file_names if name not in by_file]
    missing = [name for name in absent if name not in layout.files or not layout.files[name].optional]
    unknown = [name for name in names if layout_file(name, layout=layout) is None]
    n_folders = sum(path.is_dir() for path in extract.register_files)
    problems = [f"{name}: filen saknas" for name in missing]
    problems += [
        f"{name}: finns i flera format ({', '.join(delivered)}); lämna en av dem"
        for name, delivered in by_file.items()
        if len(delivered) > 1
    ]
    problems += double_deliveries(layout, delivered=by_file)
    problems += [unknown_file(name, absent=absent, layout=layout) for name in unknown]
    return problems + [f"{wording.amount(n_folders, 'mapp', 'mappar')} som layouten inte känner"] * bool(n_folders)


def _discarded(file: RawFile) -> str:
    return f" Kastade kolumner som inte behövs ({', '.join(file.discarded)})." if file.discarded else ""


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
