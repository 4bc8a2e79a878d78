"""Deliveries that must be refused whole: each is a copy of a good one with one thing wrong, and what the error must say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kaa_analysis.synthetic.errors.error_kinds import Origin, error_kinds

TWO_YEARS = 2


@dataclass(frozen=True)
class RefusedDelivery:
    """A kind of delivery that is refused. ``spoil`` makes a good delivery such a one, in place; ``refused_by`` stands in the error."""

    kind: str
    file: str
    refused_by: str
    spoil: Callable[[Path], None]


def refused_deliveries() -> tuple[RefusedDelivery, ...]:
    """Return every kind of delivery that must be refused, in the order of the catalogue."""
    kinds = [kind for kind in error_kinds().values() if kind.origin is Origin.DELIVERY]
    return tuple(RefusedDelivery(k.id, k.file, k.refused_by, _on_file(k.file, SPOILERS[k.id])) for k in kinds)


def _on_file(file: str, how: Callable[[bytes], bytes | None]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        content = how((folder / file).read_bytes())
        if content is None:
            (folder / file).unlink()
        else:
            (folder / file).write_bytes(content)

    return spoil


def _lines(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True)


def _header_changed(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(old, new, 1)


def _first_row(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def spoil(content: bytes) -> bytes:
        header, first, *rest = _lines(content)
        return b"".join([header, change(first), *rest])

    return spoil


def _in_code_page_850(content: bytes) -> bytes:
    return content.decode("utf-8").encode("cp850")


def _in_utf_16(content: bytes) -> bytes:
    return content.decode("utf-8").encode("utf-16")


def _misread_and_saved(content: bytes) -> bytes:
    return content.decode("cp1252").encode("utf-8")


def _one_column_less(content: bytes) -> bytes:
    return b"".join(
        line.rstrip(b"\n").split(b";", 1)[0] + b";" + line.rstrip(b"\n").split(b";", 2)[2] + b"\n"
        for line in _lines(content)
    )


def _diagnosis_added(content: bytes) -> bytes:
    header, *rows = [line.rstrip(b"\n") for line in _lines(content)]
    return b"".join(line + b"\n" for line in [header + b";DIAGNOS", *(row + b";" for row in rows)])


def _years_later(content: bytes) -> bytes:
    """Write every day of extract two years later."""
    header, *rows = content.decode("utf-8").splitlines()
    fields = [row.split(";") for row in rows]
    moved = [[name, count, f"{int(day[:4]) + TWO_YEARS}{day[4:]}"] for name, count, day in fields]
    return "".join(f"{line}\n" for line in [header, *map(";".join, moved)]).encode()


SPOILERS: Mapping[str, Callable[[bytes], bytes | None]] = {
    "rows_lost": lambda content: b"".join(_lines(content)[:-3]),
    "file_cut_off": lambda content: content[:-7],
    "file_missing": lambda content: None,
    "file_empty": lambda content: b"",
    "file_in_code_page_850": _in_code_page_850,
    "file_in_utf_16": _in_utf_16,
    "letters_misread_and_saved": _misread_and_saved,
    "header_lost": lambda content: b"".join(_lines(content)[1:]),
    "column_renamed": _header_changed(b"AVSLUTSORSAK", b"ORSAK_AVSLUT"),
    "column_missing": _one_column_less,
    "sensitive_column_added": _diagnosis_added,
    "delimiter_in_a_value": _first_row(lambda line: line.replace(b";", b";;", 1)),
    "two_days_of_extract": _first_row(lambda line: line[:-3] + (b"02\n" if line.endswith(b"01\n") else b"01\n")),
    "day_of_extract_wrong": _years_later,
}
"""What is done to the file; None takes it away."""
