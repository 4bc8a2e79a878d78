"""A delivery concerns one municipality: rows that name another one than most rows are counted."""

from __future__ import annotations

from kaa_analysis.ingest.coded_text import different_values, replaced
from kaa_analysis.ingest.layout import FileLayout
from kaa_analysis.ingest.raw_file import RawFile

DIGITS = 4


def n_of_other_municipalities(raw: RawFile, *, file: FileLayout) -> int:
    """Return how many rows name another municipality than the one that most rows name; rows that name none are not counted.

    A code that has lost its leading zero is the same code. Which municipalities they are is not told: the layout holds for any of them.
    """
    if file.municipality is None or file.municipality not in raw.rows:
        return 0
    told = raw.rows[file.municipality]
    plain = {value: value.strip() for value in different_values(told)}
    same = replaced(told, {value: code.zfill(DIGITS) if code else "" for value, code in plain.items()})
    rows_of_each = same[same != ""].value_counts()
    return int(rows_of_each.sum() - rows_of_each.max()) if len(rows_of_each) else 0
