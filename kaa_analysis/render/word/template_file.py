"""The file of a template: unpacked, its markup parsed, and refused if it is broken or of another kind."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from xml.dom.minidom import Document as Tree
from xml.dom.minidom import Element, parseString
from xml.parsers.expat import ExpatError

from kaa_analysis.core.errors import BundleError
from kaa_analysis.render.word.template_styles import WORDML

CONTENT_TYPES = "[Content_Types].xml"
DOCUMENT = "word/document.xml"
STYLES = "word/styles.xml"
RELATIONSHIPS = "word/_rels/document.xml.rels"
MAIN_PART = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"

MOST_BYTES = 50_000_000
"""Unpacked: more is not a template."""

EXPECTED = "Word-mallen ska vara ett Word-dokument (.docx) utan makron."
ACTION = (
    "öppna mallen i Word och spara den som Word-dokument (.docx), eller ta bort den: då används programmets egen mall"
)

Parts = dict[str, bytes]


def refused(found: str, *, action: str = ACTION) -> BundleError:
    """Return the error of a template that cannot be used."""
    return BundleError(EXPECTED, found=found, action=action)


def template_parts(path: Path) -> Parts:
    """Return the parts of a template by name.

    Raises:
        BundleError: the file is missing, broken, no Word document, or carries macros.
    """
    parts = unpacked(path)
    absent = [name for name in (CONTENT_TYPES, DOCUMENT, RELATIONSHIPS, STYLES) if name not in parts]
    if absent:
        raise refused(f"filen saknar {', '.join(absent)}")
    kinds = {
        kind.getAttribute("PartName"): kind.getAttribute("ContentType")
        for kind in tree(parts[CONTENT_TYPES]).getElementsByTagName("Override")
    }
    macros = any("macroEnabled" in kind for kind in kinds.values())
    if macros or any(name.lower().endswith("vbaproject.bin") for name in parts):
        raise refused("filen kan innehålla makron")
    if kinds.get(f"/{DOCUMENT}") != MAIN_PART:
        raise refused("filen är inte sparad som Word-dokument")
    if any(tree(parts[name]).documentElement.namespaceURI != WORDML for name in (DOCUMENT, STYLES)):
        raise refused("filen är sparad som strikt Open XML")
    return parts


def unpacked(path: Path) -> Parts:
    """Return the parts of any packed file by name.

    Raises:
        BundleError: the file is missing or broken.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as package:
            entries = [entry for entry in package.infolist() if not entry.is_dir()]
            if sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise refused("uppackad är filen för stor för att vara en mall")
            return {entry.filename: package.read(entry) for entry in entries}
    except OSError:
        raise refused(f"filen {path.name} går inte att läsa") from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error):
        raise refused(f"filen {path.name} är skadad eller av ett annat slag") from None


def tree(part: bytes) -> Tree:
    """Return the parsed markup of a part, in whatever encoding.

    Raises:
        BundleError: it is broken, or has a document type of its own.
    """
    if b"<!DOCTYPE" in part.replace(b"\0", b""):
        raise refused("filen har delar som inte hör hemma i ett Word-dokument")
    try:
        return parseString(part)
    except (ExpatError, LookupError, ValueError):
        raise refused("filens innehåll är skadat") from None


def markup(parsed: Tree) -> bytes:
    """Return the tree as a part in UTF-8."""
    return parsed.toxml(encoding="UTF-8")


def elements(parsed: Tree) -> list[Element]:
    """Return every element in the order it stands."""
    return list(parsed.getElementsByTagName("*"))


def remove(element: Element) -> None:
    """Take the element out of its tree."""
    element.parentNode.removeChild(element)
