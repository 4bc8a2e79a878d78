"""The template of the Word document: the organisation's own or the default, read, checked and given the styles that we need."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.dom.minidom import Document as Tree
from xml.dom.minidom import Element, parseString
from xml.parsers.expat import ExpatError

from kaa_analysis.core.errors import BundleError
from kaa_analysis.render.word.template_styles import WORDML, add_missing_styles, style_identifiers, wordml_children

DEFAULT_REFERENCE = Path(__file__).with_name("reference.docx")

CONTENT_TYPES = "[Content_Types].xml"
DOCUMENT = "word/document.xml"
STYLES = "word/styles.xml"
MAIN_PART = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"

RELATIONSHIPS = "word/_rels/document.xml.rels"
LOOK = {"styles", "settings", "fontTable", "theme", "numbering", "header", "footer"}
"""The kinds of parts that make a document's look. Pictures, comments and other content of the template's own pages stay behind."""

SETTINGS_LINKS = "word/_rels/settings.xml.rels"
"""Names the file that the template was made from."""

HYPERLINK = "hyperlink"

MOST_BYTES = 50_000_000
"""Unpacked: more is not a template."""

A4_TEXT_WIDTH = 9072
"""A4 with margins of 25 mm, in twentieths of a point."""

EXPECTED = "Wordmallen ska vara ett Worddokument (.docx) utan makron."
ACTION = (
    "öppna mallen i Word och spara den som Word-dokument (.docx), eller ta bort den: då används programmets egen mall"
)

Parts = dict[str, bytes]


@dataclass(frozen=True)
class Template:
    """A whole template as ``content``; the identifier of each style by its name in lower case; how wide the text is, in twentieths of a point."""

    content: bytes
    styles: Mapping[str, str]
    text_width: int


def read_template(reference: Path | None) -> Template:
    """Return the template with every style that the default one has and it lacks. None is the default one.

    Raises:
        BundleError: the file is missing, broken, no Word document, or carries macros.
    """
    parts = _look(_checked(_parts(reference or DEFAULT_REFERENCE)))
    own = _tree(parts[STYLES])
    add_missing_styles(own, _tree(_parts(DEFAULT_REFERENCE)[STYLES]))
    width = _text_width(_tree(parts[DOCUMENT]))
    return Template(
        content=_packed({**parts, STYLES: own.toxml(encoding="UTF-8")}), styles=style_identifiers(own), text_width=width
    )


def _parts(path: Path) -> Parts:
    try:
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as package:
            entries = [entry for entry in package.infolist() if not entry.is_dir()]
            if sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise _refused("uppackad är filen för stor för att vara en mall")
            return {entry.filename: package.read(entry) for entry in entries}
    except OSError:
        raise _refused(f"filen {path.name} går inte att läsa") from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error):
        raise _refused(f"filen {path.name} är skadad eller av ett annat slag") from None


def _checked(parts: Parts) -> Parts:
    absent = [name for name in (CONTENT_TYPES, DOCUMENT, RELATIONSHIPS, STYLES) if name not in parts]
    if absent:
        raise _refused(f"filen saknar {', '.join(absent)}")
    kinds = {
        kind.getAttribute("PartName"): kind.getAttribute("ContentType")
        for kind in _tree(parts[CONTENT_TYPES]).getElementsByTagName("Override")
    }
    macros = any("macroEnabled" in kind for kind in kinds.values())
    if macros or any(name.lower().endswith("vbaproject.bin") for name in parts):
        raise _refused("filen kan innehålla makron")
    if kinds.get(f"/{DOCUMENT}") != MAIN_PART:
        raise _refused("filen är inte sparad som Word-dokument")
    if any(_tree(parts[name]).documentElement.namespaceURI != WORDML for name in (DOCUMENT, STYLES)):
        raise _refused("filen är sparad som strikt Open XML")
    return parts


def _look(parts: Parts) -> Parts:
    """Return the parts that make the look: what the document part links to of those kinds, and what these link to in turn."""
    links = _tree(parts[RELATIONSHIPS])
    for link in _links(links):
        if _kind(link) not in LOOK:
            link.parentNode.removeChild(link)
    kept = {**parts, RELATIONSHIPS: links.toxml(encoding="UTF-8")}
    kept.pop(SETTINGS_LINKS, None)
    reached = _reached(DOCUMENT, kept) | {CONTENT_TYPES, "_rels/.rels"}
    return {name: part for name, part in kept.items() if name in reached}


def _reached(start: str, parts: Parts) -> set[str]:
    """Return the names of the part, of every part it leads to, and of their lists of links."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        folder, _, base = name.rpartition("/")
        listed = f"{folder}/_rels/{base}.rels"
        if name not in found and listed in parts:
            found.add(listed)
            waiting += [
                posixpath.normpath(posixpath.join("/", folder, target))[1:] for target in _targets(parts[listed])
            ]
        found.add(name)
    return found


def _targets(relationships: bytes) -> list[str]:
    links = _links(_tree(relationships))
    outside = [link for link in links if link.getAttribute("TargetMode") == "External"]
    if any(_kind(link) != HYPERLINK for link in outside):
        raise _refused("filen länkar till en bild eller ett objekt utanför sig själv")
    return [link.getAttribute("Target") for link in links if link not in outside]


def _links(tree: Tree) -> list[Element]:
    return list(tree.getElementsByTagName("Relationship"))


def _kind(link: Element) -> str:
    return link.getAttribute("Type").rpartition("/")[2]


def _refused(found: str) -> BundleError:
    return BundleError(EXPECTED, found=found, action=ACTION)


def _tree(part: bytes) -> Tree:
    if b"<!DOCTYPE" in part:
        raise _refused("filen har delar som inte hör hemma i ett Worddokument")
    try:
        return parseString(part)
    except (ExpatError, LookupError, ValueError):
        raise _refused("filens innehåll är skadat") from None


def _text_width(document: Tree) -> int:
    sections = document.getElementsByTagNameNS(WORDML, "sectPr")
    if not sections:
        return A4_TEXT_WIDTH
    size, margins = (wordml_children(sections[-1], name) for name in ("pgSz", "pgMar"))
    try:
        page = float(size[0].getAttributeNS(WORDML, "w"))
        sides = (float(margins[0].getAttributeNS(WORDML, side)) for side in ("left", "right"))
        width = round(page - sum(sides))
    except (IndexError, ValueError):
        return A4_TEXT_WIDTH
    return width if width > 0 else A4_TEXT_WIDTH


def _packed(parts: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as package:
        for name, part in parts.items():
            package.writestr(zipfile.ZipInfo(name), part)
    return content.getvalue()
