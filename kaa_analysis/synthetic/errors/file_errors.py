"""Files that are written otherwise than agreed and still can be read without doubt: another encoding, line ends, spaces after values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from kaa_analysis.synthetic.errors.error_kinds import CLEAN, Origin, error_kinds, known_profile
from kaa_analysis.synthetic.errors.injected_error import InjectedError

SWEDISH = "åäöÅÄÖ"


def in_windows_1252(content: bytes) -> bytes | None:
    """Return the file in Windows-1252; None where it has no Swedish letter, or others than Swedish ones, by which it could be told."""
    text = content.decode("utf-8")
    outside = {letter for letter in text if not letter.isascii()}
    return text.encode("cp1252") if outside and outside <= set(SWEDISH) else None


def with_windows_line_ends(content: bytes) -> bytes:
    """Return the file with a carriage return before every line end."""
    return content.replace(b"\n", b"\r\n")


def with_trailing_spaces(content: bytes) -> bytes:
    """Return the file with a space after the last value of every row, as an export of fixed width leaves them."""
    header, *lines = content.decode("utf-8").split("\n")[:-1]
    return "".join(f"{line}\n" for line in (header, *(f"{line} " for line in lines))).encode()


def with_byte_order_mark(content: bytes) -> bytes:
    """Return the file with the mark that Excel puts first in UTF-8."""
    return b"\xef\xbb\xbf" + content


def with_commas(content: bytes) -> bytes | None:
    """Return the file with commas between the fields; None where a value has one."""
    return None if b"," in content else content.replace(b";", b",")


REWRITERS: Mapping[str, Callable[[bytes], bytes | None]] = {
    "file_in_windows_1252": in_windows_1252,
    "file_with_windows_line_ends": with_windows_line_ends,
    "file_with_trailing_spaces": with_trailing_spaces,
    "file_with_byte_order_mark": with_byte_order_mark,
    "file_with_commas": with_commas,
}
"""How each file is written otherwise. None means that it cannot be told apart then, and the file is left as it was."""


def spoil_files(folder: Path, *, profile: str) -> tuple[InjectedError, ...]:
    """Write the files of the kinds that the profile has otherwise, in place; return what was done."""
    if known_profile(profile) == CLEAN:
        return ()
    done = []
    for kind in error_kinds().values():
        path = folder / kind.file
        if kind.origin is not Origin.FILES or not kind.shares[profile] or not path.is_file():
            continue
        content = REWRITERS[kind.id](path.read_bytes())
        if content is not None:
            path.write_bytes(content)
            done.append(InjectedError(kind.id, kind.file, detail="hela filen"))
    return tuple(done)
