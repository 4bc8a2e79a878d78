"""The finished package: our properties and settings in it, nothing in it that names a machine or a moment, the same bytes each time."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

from kaa_analysis.render.document import Document
from kaa_analysis.render.word.conversion import LANGUAGE
from kaa_analysis.render.word.markup import escaped
from kaa_analysis.render.word.template_file import CONTENT_TYPES, DOCUMENT
from kaa_analysis.render.word.word_properties import property_parts

SETTINGS = "word/settings.xml"
MOMENT = (1980, 1, 1, 0, 0, 0)
"""The first that the format can hold."""

_COMPATIBILITY = (
    '<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
    "</w:compat>"
)
_SETTINGS_LEFT_OUT = re.compile(
    r"<w:(rsids|compat|mailMerge)>.*?</w:\1>|<w:(?:rsids|compat|proofState|embedSystemFonts|embedTrueTypeFonts|savePreviewPicture|attachedTemplate)\b[^>]*/>",
    re.DOTALL,
)
_AFTER_COMPATIBILITY = re.compile(r"<m:mathPr\b|<w:(?:themeFontLang|clrSchemeMapping|decimalSymbol)\b|</w:settings>")
_REVISION = re.compile(r'<w:rsid\b[^>]*/>| w:rsid\w*="[^"<>]*"(?=[^<>]*>)')
_LANGUAGE_TAG = re.compile(r"<w:(?:lang|themeFontLang)\b[^>]*>")
_TITLE_FIELD = re.compile(
    r'(<w:fldSimple\b[^>]*w:instr="\s*TITLE\b[^"]*"[^>]*>.*?<w:t\b[^>]*>)[^<]*(</w:t>)', re.DOTALL
)
_PICTURE = "<wp:inline>"
_PICTURE_WITHOUT_DISTANCE = '<wp:inline distT="0" distB="0" distL="0" distR="0">'
_HEAD_OR_FOOT = re.compile(r"word/(?:header|footer)\d*\.xml")


def finished(content: bytes, document: Document) -> bytes:
    """Return the package of the converter with the properties of the document, in fixed order and without dates."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts |= {name: _part(name, part, document) for name, part in parts.items() if name.endswith(".xml")}
    return _packed(parts | property_parts(document))


def _part(name: str, part: bytes, document: Document) -> bytes:
    text = _REVISION.sub("", part.decode("utf-8"))
    text = _LANGUAGE_TAG.sub(lambda found: re.sub(r'"en-[A-Z]{2}"', f'"{LANGUAGE}"', found[0]), text)
    if name == SETTINGS:
        text = _settings(text)
    if name == DOCUMENT:
        text = text.replace(_PICTURE, _PICTURE_WITHOUT_DISTANCE)
    if _HEAD_OR_FOOT.fullmatch(name):
        text = _TITLE_FIELD.sub(lambda found: found[1] + escaped(document.title) + found[2], text)
    return text.encode("utf-8")


def _settings(text: str) -> str:
    """Return the settings with the present layout rules of Word, placed where the format wants them."""
    text = _SETTINGS_LEFT_OUT.sub("", text)
    return _AFTER_COMPATIBILITY.sub(lambda found: _COMPATIBILITY + found[0], text, count=1)


def _packed(parts: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        for name in sorted(parts, key=lambda name: (name != CONTENT_TYPES, name)):
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            package.writestr(entry, parts[name])
    return content.getvalue()
