"""Every text that a finished bundle holds, visible or hidden, read by the kind of each file; what cannot be read is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.render.gate.markup_texts import HTML, markup_texts, plain_text
from kaa_analysis.render.gate.packed_texts import packed_texts
from kaa_analysis.render.gate.pdf_texts import pdf_texts
from kaa_analysis.render.gate.png_texts import png_texts
from kaa_analysis.render.gate.unreadable import Unreadable

NAME = "namn"
"""The part that is the name of a file or folder itself."""


@dataclass(frozen=True)
class Content:
    """One text of one file. ``part`` says where in the file: a packed part, a page, *namn*, or nothing for the file as a whole."""

    file: str
    part: str
    text: str


def contents(bundle: Path) -> Iterator[Content]:
    """Give every text in ``bundle``: first all names, then raw markup, text without markup, metadata and packed parts of each file.

    The same words can come more than once, since markup is given both as it stands and as it is read.

    Raises:
        DisclosureError: a file is of a kind that is not known, is not what its name says, is damaged or encrypted, or holds a
            packed file, a program or an embedded object.
    """
    yield from names(bundle)
    for path in sorted(bundle.rglob("*")):
        name = path.relative_to(bundle).as_posix()
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise _refusal(name, "länk eller annat som inte är en fil")
        if path.is_file():
            yield from file_contents(path, name)


def names(bundle: Path) -> Iterator[Content]:
    """Give the name of every file and folder in ``bundle`` as a text of its own."""
    for path in sorted(bundle.rglob("*")):
        yield Content(path.relative_to(bundle).as_posix(), NAME, path.name)


def file_contents(path: Path, name: str) -> Iterator[Content]:
    """Give every text of one file, told as the file ``name``.

    Raises:
        DisclosureError: as `contents`.
    """
    reader = READERS.get(path.suffix)
    if reader is None:
        raise _refusal(name, "okänt slag av fil")
    try:
        for part, text in reader(path.read_bytes()):
            yield Content(name, part, text)
    except Unreadable as reason:
        raise _refusal(name, str(reason)) from None


def _refusal(name: str, reason: str) -> DisclosureError:
    return DisclosureError(
        "Allt i en rapport ska kunna läsas innan den släpps.",
        found=f"{name}: {reason}",
        action="ta bort filen eller det som är inbäddat i den och kör igen",
    )


def _text_file(content: bytes) -> Iterator[tuple[str, str]]:
    yield "", plain_text(content)


def _markup_file(content: bytes) -> Iterator[tuple[str, str]]:
    return markup_texts(content, style=HTML)


READERS: Mapping[str, Callable[[bytes], Iterator[tuple[str, str]]]] = MappingProxyType(
    {
        ".csv": _text_file,
        ".docx": packed_texts,
        ".html": _markup_file,
        ".json": _text_file,
        ".pdf": pdf_texts,
        ".png": png_texts,
        ".svg": _markup_file,
        ".xlsx": packed_texts,
    }
)
"""How each kind of file is read: a function from its bytes to pairs of part and text. Other kinds are refused."""
