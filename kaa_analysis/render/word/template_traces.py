"""What a template tells of the persons who have written in it: taken out, or refused where only its author can choose."""

from __future__ import annotations

import re
from xml.dom.minidom import Document as Tree
from xml.dom.minidom import Element

from kaa_analysis.render.word.template_fields import empty_personal_fields
from kaa_analysis.render.word.template_file import Parts, elements, markup, refused, remove, tree
from kaa_analysis.render.word.template_pictures import MARKUP_PARTS
from kaa_analysis.render.word.template_styles import WORDML

CHANGES_ACTION = "godta eller avvisa alla ändringar i mallen, stäng av spårning av ändringar och spara den"

TRACKED = {"ins", "del", "moveFrom", "moveTo", "delText", "delInstrText", "cellIns", "cellDel", "cellMerge"}

SETTINGS_OF_THE_LOOK = {
    "zoom", "mirrorMargins", "gutterAtTop", "bookFoldPrinting", "bookFoldRevPrinting", "bookFoldPrintingSheets",
    "alignBordersAndEdges", "bordersDoNotSurroundHeader", "bordersDoNotSurroundFooter", "displayBackgroundShape",
    "defaultTabStop", "autoHyphenation", "consecutiveHyphenLimit", "hyphenationZone", "doNotHyphenateCaps",
    "evenAndOddHeaders", "defaultTableStyle", "characterSpacingControl", "footnotePr", "endnotePr", "mathPr",
    "themeFontLang", "clrSchemeMapping", "decimalSymbol", "listSeparator", "stylePaneFormatFilter", "doNotTrackMoves",
    "drawingGridHorizontalSpacing", "drawingGridVerticalSpacing", "displayHorizontalDrawingGridEvery",
    "displayVerticalDrawingGridEvery",
}  # fmt: skip
"""Every other setting is left out: variables, protections, mail merge, paths, identities of the file."""

PERMISSIONS = {"permStart", "permEnd"}
"""Who may write where."""

EMBEDDED_FONTS = {"embedRegular", "embedBold", "embedItalic", "embedBoldItalic"}
DRAWINGML = "http://schemas.openxmlformats.org/drawingml/2006/main"
BOUND_TO_PERSONS = ("creator", "lastmodifiedby", "manager", "description")

_PATH = re.compile(r"\A(?:file:|[A-Za-z]:[\\/]|\\\\|/(?:Users|home)/).*[\\/]", re.DOTALL)


def without_traces(parts: Parts) -> Parts:
    """Return the parts without names of persons in settings, fields, permissions and bound fields; all markup in UTF-8.

    Raises:
        BundleError: a part is broken, has tracked changes, or fetches something from a place outside the file.
    """
    return {name: _clean(part) if name.endswith(MARKUP_PARTS) else part for name, part in parts.items()}


def _clean(part: bytes) -> bytes:
    parsed = tree(part)
    if any(_is_tracked(element) for element in elements(parsed)):
        raise refused("mallen har spårade ändringar", action=CHANGES_ACTION)
    if _name(parsed.documentElement) == "settings":
        _leave_out_settings(parsed.documentElement)
    for element in elements(parsed):
        if _name(element) in PERMISSIONS | EMBEDDED_FONTS:
            remove(element)
    _fill_plainly(parsed)
    _shorten_paths(parsed)
    _empty_bound_to_persons(parsed)
    empty_personal_fields(parsed)
    return markup(parsed)


def _name(element: Element) -> str:
    return element.localName if element.namespaceURI == WORDML else ""


def _is_tracked(element: Element) -> bool:
    name = _name(element)
    return name in TRACKED or name.endswith("Change") or element.hasAttributeNS(WORDML, "author")


def _leave_out_settings(settings: Element) -> None:
    for setting in list(settings.childNodes):
        if setting.nodeType != setting.TEXT_NODE and setting.localName not in SETTINGS_OF_THE_LOOK:
            settings.removeChild(setting)


def _fill_plainly(parsed: Tree) -> None:
    """Give a theme whose backgrounds are pictures, which stay behind, plain ones."""
    if parsed.documentElement.localName != "theme":
        return
    for picture in parsed.getElementsByTagNameNS(DRAWINGML, "blipFill"):
        plain = parsed.createElementNS(DRAWINGML, "a:solidFill")
        plain.setAttribute("xmlns:a", DRAWINGML)
        plain.appendChild(parsed.createElementNS(DRAWINGML, "a:schemeClr")).setAttribute("val", "phClr")
        picture.parentNode.replaceChild(plain, picture)


def _shorten_paths(parsed: Tree) -> None:
    """Keep only the file's name where a picture's name or description is a place on a disk."""
    shown = [element for element in elements(parsed) if element.localName != "Relationship"]
    for element in shown:
        for attribute in (element.attributes or {}).values():
            attribute.value = _PATH.sub("", attribute.value)


def _empty_bound_to_persons(parsed: Tree) -> None:
    """Empty the content controls that show who has written the document; Word fills them with what the file says."""
    for binding in parsed.getElementsByTagNameNS("*", "dataBinding"):
        shown = binding.getAttributeNS(WORDML, "xpath").lower()
        if any(name in shown for name in BOUND_TO_PERSONS):
            for text in binding.parentNode.parentNode.getElementsByTagNameNS(WORDML, "t"):
                remove(text)
