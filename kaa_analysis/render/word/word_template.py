"""The template of the Word document: the organisation's own or the default, read, checked and given the styles that we need."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.dom.minidom import Document as Tree

from kaa_analysis.render.word.template_file import DOCUMENT, STYLES, markup, template_parts, tree, unpacked
from kaa_analysis.render.word.template_look import look_of
from kaa_analysis.render.word.template_pictures import with_plain_pictures
from kaa_analysis.render.word.template_styles import WORDML, add_missing_styles, style_identifiers, wordml_children
from kaa_analysis.render.word.template_traces import without_traces

DEFAULT_REFERENCE = Path(__file__).with_name("reference.docx")

A4_TEXT_WIDTH = 9072
"""A4 with margins of 25 mm, in twentieths of a point."""


@dataclass(frozen=True)
class Template:
    """A whole template as ``content``; the identifier of each style by its name in lower case; how wide the text is, in twentieths of a point."""

    content: bytes
    styles: Mapping[str, str]
    text_width: int


def check_template(path: Path) -> None:
    """Refuse a template that `write_word` would refuse. Quick: to be called before a run.

    Raises:
        BundleError: as `read_template`.
    """
    read_template(path)


def read_template(reference: Path | None) -> Template:
    """Return the template with every style that the default one has and it lacks. None is the default one.

    Raises:
        BundleError: the file is missing, broken, no Word document or carries macros; it has tracked changes, shows
            something from outside itself, or has a picture in its head or foot that is neither PNG nor SVG.
    """
    parts = without_traces(with_plain_pictures(look_of(template_parts(reference or DEFAULT_REFERENCE))))
    own = tree(parts[STYLES])
    add_missing_styles(own, tree(unpacked(DEFAULT_REFERENCE)[STYLES]))
    width = _text_width(tree(parts[DOCUMENT]))
    return Template(content=_packed({**parts, STYLES: markup(own)}), styles=style_identifiers(own), text_width=width)


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
