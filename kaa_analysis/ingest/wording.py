"""Numbers with their noun and alternatives in a row, as messages say them."""

from __future__ import annotations

from collections.abc import Sequence


def amount(count: int, one: str, many: str) -> str:
    """Return a count with its noun, thousands set apart by a no-break space.

    >>> amount(1, "rad", "rader"), amount(15000, "rad", "rader")
    ('1 rad', '15\\xa0000 rader')
    """
    return f"{count:,} {one if count == 1 else many}".replace(",", "\u00a0")


def rows(count: int) -> str:
    """Return a number of rows.

    >>> rows(2)
    '2 rader'
    """
    return amount(count, "rad", "rader")


def files(count: int) -> str:
    """Return a number of files.

    >>> files(1)
    '1 fil'
    """
    return amount(count, "fil", "filer")


def cells(count: int) -> str:
    """Return a number of cells.

    >>> cells(2)
    '2 celler'
    """
    return amount(count, "cell", "celler")


def either(words: Sequence[str]) -> str:
    """Return alternatives in a row.

    >>> either(["CSV"]), either(["CSV", "XLSX", "Parquet"])
    ('CSV', 'CSV, XLSX eller Parquet')
    """
    *first, last = words
    return f"{', '.join(first)} eller {last}" if first else last
