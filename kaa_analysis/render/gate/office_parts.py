"""The parts of an Office file as markup, and the words of those parts that are neither running text nor sheets."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kaa_analysis.render.gate.blocks import Words
from kaa_analysis.render.gate.structural_numbers import holds_number
from kaa_analysis.render.gate.unreadable import Unreadable

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

COUNTERS = frozenset(
    {
        "Pages",
        "Words",
        "Characters",
        "Lines",
        "Paragraphs",
        "CharactersWithSpaces",
        "TotalTime",
        "AppVersion",
        "DocSecurity",
        "i4",
        "revision",
        "Application",
    }
)
"""What the program counts by itself in a document's properties, and its own version."""

_MARKUP = re.compile(r".*\.(?:xml|rels|vml)", re.IGNORECASE)
_NOT_READ = re.compile(r"\[Content_Types\]\.xml|(?:.*/)?_rels/.*\.rels|.*/theme/.*")


def office_parts(content: bytes) -> dict[str, bytes]:
    """Return the markup parts of an Office file by name, without those that only tie the others together or hold colours.

    Raises:
        Unreadable: the file is damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = sorted(
                name for name in package.namelist() if _MARKUP.fullmatch(name) and not _NOT_READ.fullmatch(name)
            )
            return {name: package.read(name) for name in names}
    except (zipfile.BadZipFile, OSError, EOFError):
        raise Unreadable("det packade innehållet är skadat eller avklippt") from None


def picture_parts(content: bytes) -> dict[str, bytes]:
    """Return the parts of an Office file that are no markup: pictures, by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {
            name: package.read(name)
            for name in package.namelist()
            if not _MARKUP.fullmatch(name) and not name.endswith("/")
        }


def parsed(part: bytes) -> Element:
    """Return the root of a part.

    Raises:
        Unreadable: it is not markup, or uses entities.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        return fromstring(part)
    except (DefusedXmlException, ParseError):
        raise Unreadable("innehåller en del som inte går att läsa som XML") from None


def other_words(name: str, root: Element) -> Iterator[Words]:
    """Give every text of a part such as the document's properties, with the names of the author's own properties."""
    for element in root.iter():
        kind = local(element.tag)
        text = element.text or ""
        if holds_number(text) and not (
            kind in COUNTERS and name.startswith("docProps/") and name != "docProps/custom.xml"
        ):
            yield Words(f"{name}, {kind}", text)
        for attribute, value in element.attrib.items():
            if local(attribute) in ("name", "displayName", "altText", "altTextSummary") and holds_number(value):
                yield Words(f"{name}, {kind}", value)
        if element.tail and holds_number(element.tail):
            yield Words(f"{name}, {kind}", element.tail)


def local(name: str) -> str:
    """Return a name without its namespace.

    >>> local("{urn:office}tbl")
    'tbl'
    """
    return name.rpartition("}")[2]
