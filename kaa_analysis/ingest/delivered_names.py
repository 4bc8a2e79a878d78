"""Which file of the layout a delivered file is: the layout's stem with the suffix of any format that is read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

from kaa_analysis.core.errors import did_you_mean
from kaa_analysis.ingest import wording
from kaa_analysis.ingest.column_names import shown
from kaa_analysis.ingest.layout import Layout

FORMATS = {".csv": "CSV", ".xlsx": "XLSX", ".parquet": "Parquet"}
"""The suffixes that are read, in any case, with what the format is called."""

OTHER_FORMATS = {
    ".xls": "det gamla Excelformatet",
    ".xlsm": "Excel med makron",
    ".xlsb": "Excels binära format",
    ".ods": "OpenDocument",
    ".txt": "ett okänt textformat",
    ".tsv": "ett okänt textformat",
    ".zip": "ett arkiv",
}


def layout_file(delivered: str, *, layout: Layout) -> str | None:
    """Return the name in the layout of the file ``delivered``, or None if it is none of the layout's.

    >>> from kaa_analysis.ingest.layout_files import read_layout
    >>> [layout_file(name, layout=read_layout("ber")) for name in ("kaa.xlsx", "kaa.CSV", "kaa.xls", "KAA.csv")]
    ['kaa.csv', 'kaa.csv', None, None]
    """
    path = PurePath(delivered)
    if path.suffix.lower() not in FORMATS:
        return None
    return next((name for name in layout.file_names if PurePath(name).stem == path.stem), None)


def delivered_by_file(names: Iterable[str], *, layout: Layout) -> dict[str, list[str]]:
    """Return, by the layout's name, the delivered files that are that file; more than one cannot be read."""
    by_file: dict[str, list[str]] = {}
    for delivered in names:
        name = layout_file(delivered, layout=layout)
        if name is not None:
            by_file.setdefault(name, []).append(delivered)
    return by_file


def unknown_file(delivered: str, *, absent: Iterable[str], layout: Layout) -> str:
    """Return what is told of a delivered file that is none of the layout's; ``absent`` are the layout's files that are missing."""
    path = PurePath(delivered)
    if path.suffix.lower() in OTHER_FORMATS and path.stem in {PurePath(name).stem for name in layout.file_names}:
        return (
            f"{shown(delivered)}: filen är i {OTHER_FORMATS[path.suffix.lower()]}, som inte läses;"
            f" lämna den som {wording.either([*FORMATS.values()])}"
        )
    return f"{shown(delivered)}: filen känner layouten inte{did_you_mean(delivered, absent)}"
