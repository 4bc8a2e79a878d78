"""The last look at a finished bundle: nothing in it may be shaped like an identity number, right or wrong."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from kaa_analysis.core.errors import DisclosureError

_EMBEDDED = re.compile(rb"data:[a-z/0-9-]+;base64,[A-Za-z0-9+/=]+")
_IDENTITY = re.compile(
    rb"(?<![0-9A-Za-z.,])(?:19|20)?\d{2}(?:0[1-9]|1[0-2]|8[1-9]|9[0-2])(?:[06][1-9]|[1278]\d|[39][01])[-+]?\d{4}(?![0-9A-Za-z])"
)
"""Year, month (or month + 80, invented), day (or day + 60, coordination number), four digits; with or without century and sign."""


def refuse_identities(bundle: Path) -> None:
    """Refuse a bundle in which any file, or any part of a packed file, holds something shaped like an identity number.

    Raises:
        DisclosureError: the files are named, what was found is not.
    """
    found = [name for name, content in _contents(bundle) if _IDENTITY.search(_EMBEDDED.sub(b"", content))]
    if found:
        raise DisclosureError(
            "En rapport får inte innehålla något som ser ut som ett personnummer eller samordningsnummer.",
            found=found,
            action="sök i anteckningsbokens text, ta bort det och kör igen",
        )


def _contents(bundle: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(path for path in bundle.rglob("*") if path.is_file()):
        name = path.relative_to(bundle).as_posix()
        yield name, path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                for part in packed.namelist():
                    yield f"{name}: {part}", packed.read(part)
