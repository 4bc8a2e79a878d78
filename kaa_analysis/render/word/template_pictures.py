"""The pictures in the head and foot of a template: PNG or SVG, with nothing in them but what is drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.dom.minidom import parseString
from xml.parsers.expat import ExpatError

from kaa_analysis.core.errors import BundleError
from kaa_analysis.render.gate.png_texts import PICTURE_CHUNKS, SIGNATURE
from kaa_analysis.render.word.template_file import Parts, elements, markup, refused, remove

MARKUP_PARTS = (".xml", ".rels")
PICTURE_ACTION = "spara logotypen som PNG och sätt in den på nytt"
OBJECT_ACTION = "ta bort objektet ur mallens sidhuvud och sidfot"

_IMAGE = re.compile(r".*\.(?:png|svg|jpe?g|jfif|gif|bmp|tiff?|emf|wmf|emz|wmz|webp|ico|pict|tmp)|.*/media/.*")
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*>")
_METADATA = {"metadata", "namedview"}
_EDITORS = ("http://www.inkscape.org/", "http://sodipodi.", "http://ns.adobe.com/", "http://www.serif.com/")


def with_plain_pictures(parts: Parts) -> Parts:
    """Return the parts with every picture stripped of texts.

    Raises:
        BundleError: a part is a picture of another kind or an embedded object.
    """
    return {name: part if name.endswith(MARKUP_PARTS) else _picture(name, part) for name, part in parts.items()}


def _picture(name: str, part: bytes) -> bytes:
    lower = name.lower()
    if lower.endswith(".png") and part.startswith(SIGNATURE):
        return SIGNATURE + b"".join(_drawn_chunks(name, part))
    if lower.endswith(".svg"):
        return _drawn_svg(name, part)
    if _IMAGE.fullmatch(lower):
        raise _other_picture(name)
    raise refused(f"mallen har ett inbäddat objekt: {name}", action=OBJECT_ACTION)


def _other_picture(name: str) -> BundleError:
    return refused(f"bilden {name} är varken PNG eller SVG, eller är skadad", action=PICTURE_ACTION)


def _drawn_chunks(name: str, part: bytes) -> Iterator[bytes]:
    place, kind = len(SIGNATURE), b""
    while kind != b"IEND":
        end = place + 12 + int.from_bytes(part[place : place + 4], "big")
        kind = part[place + 4 : place + 8]
        if end > len(part):
            raise _other_picture(name)
        if kind in PICTURE_CHUNKS:
            yield part[place:end]
        place = end


def _drawn_svg(name: str, part: bytes) -> bytes:
    """Return the drawing without what its editor has noted of the author and the file."""
    content = _DOCTYPE.sub(b"", part)
    if b"<!DOCTYPE" in content.replace(b"\0", b""):
        raise _other_picture(name)
    try:
        drawing = parseString(content)
    except (ExpatError, LookupError, ValueError):
        raise _other_picture(name) from None
    for node in [child for child in drawing.childNodes if child is not drawing.documentElement]:
        drawing.removeChild(node)
    for element in elements(drawing):
        if element.localName in _METADATA or (element.namespaceURI or "").startswith(_EDITORS):
            remove(element)
            continue
        for attribute in list((element.attributes or {}).values()):
            if (attribute.namespaceURI or "").startswith(_EDITORS):
                element.removeAttributeNode(attribute)
        for child in list(element.childNodes):
            if child.nodeType in (child.COMMENT_NODE, child.PROCESSING_INSTRUCTION_NODE):
                element.removeChild(child)
    return markup(drawing)
