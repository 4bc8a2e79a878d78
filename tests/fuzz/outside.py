"""Everything that can be seen outside the secure folder after a run, and the modes of what lies inside it."""

from __future__ import annotations

import gzip
import io
import stat
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from pypdf import PdfReader

from tests.fuzz.canaries import Canaries

MADE_BY_LIBRARIES = ("ipython/profile_default/startup/README", "matplotlib/fontlist-*.json")
"""Files that libraries copy or make of the machine's own, whoever's the register is."""


Stamps = Mapping[Path, tuple[int, int, int]]


def stamps(root: Path) -> Stamps:
    """Return what tells every file below ``root`` from one that was written later."""
    found = {path: path.lstat() for path in root.rglob("*")}
    return {path: (told.st_ino, told.st_mtime_ns, told.st_size) for path, told in found.items()}


def texts_outside(root: Path, *, secure: Path, delivered: Path, before: Stamps | None = None) -> dict[str, str]:
    """Return the text of every file below ``root`` by its place, packed parts and pages of PDFs included, and every path's own name.

    Files that are as they were ``before`` are left out.
    """
    now = stamps(root)
    texts = {"the names of files": ""}
    for path in sorted(root.rglob("*")):
        is_old = before is not None and now.get(path) == before.get(path)
        if is_old or path.is_relative_to(secure) or path.is_relative_to(delivered):
            continue
        texts["the names of files"] += f"{path.relative_to(root)}\n"
        if path.is_file():
            place = path.relative_to(root).as_posix()
            texts |= {place + part: text for part, text in _parts(path.read_bytes())}
    return texts


def leaks_in(texts: Mapping[str, str], canaries: Canaries) -> list[str]:
    """Return where canaries stand, and of which kinds."""
    return [f"{place}: {kind}" for place, text in texts.items() for kind in canaries.kinds_in(text)]


def open_modes(secure: Path) -> list[str]:
    """Return what inside a secure folder could be read by others than its owner if it were moved: it lies there with its mode."""
    return [
        f"{stat.S_IMODE(path.lstat().st_mode):04o} {path.relative_to(secure).as_posix()}"
        for path in sorted([secure, *secure.rglob("*")])
        if not path.is_symlink() and path.lstat().st_mode & 0o077
        if not any(path.match(name) for name in MADE_BY_LIBRARIES)
    ]


def _parts(content: bytes) -> Iterator[tuple[str, str]]:
    yield "", content.decode("latin-1")
    if not content.isascii():
        yield "!utf-8", content.decode("utf-8", errors="replace")
    if content[:4] == b"%PDF":
        for page in PdfReader(io.BytesIO(content)).pages:
            yield f"!{page.page_number}", page.extract_text()
    elif content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield f"!{name}", packed.read(name).decode("utf-8", errors="replace")
    elif content[:2] == b"\x1f\x8b":
        yield "!gzip", gzip.decompress(content).decode("utf-8", errors="replace")
