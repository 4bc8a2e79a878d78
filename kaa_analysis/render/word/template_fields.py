"""The fields of a template whose last shown value may name a person, a file or a disk: that value is emptied, the field stays."""

from __future__ import annotations

from dataclasses import dataclass
from xml.dom.minidom import Document as Tree

from kaa_analysis.render.word.template_file import elements, refused, remove
from kaa_analysis.render.word.template_look import OUTSIDE
from kaa_analysis.render.word.template_styles import WORDML

PERSONAL = {
    "AUTHOR", "LASTSAVEDBY", "USERNAME", "USERINITIALS", "USERADDRESS", "FILENAME", "TEMPLATE", "COMMENTS",
    "DOCPROPERTY", "DOCVARIABLE", "INFO",
}  # fmt: skip
FETCHING = {"INCLUDEPICTURE", "INCLUDETEXT", "INCLUDE", "IMPORT", "LINK", "DDE", "DDEAUTO", "RD"}


@dataclass
class _Field:
    instruction: str = ""
    shows: bool = False
    has_personal_inside: bool = False

    @property
    def personal(self) -> bool:
        return self.has_personal_inside or _is_personal(self.instruction)


def empty_personal_fields(parsed: Tree) -> None:
    """Take out the shown text of every personal field of the part, whether written as one element or as a row of marks.

    Raises:
        BundleError: a field fetches its content from a place outside the file.
    """
    for simple in parsed.getElementsByTagNameNS(WORDML, "fldSimple"):
        if _is_personal(simple.getAttributeNS(WORDML, "instr")):
            for text in simple.getElementsByTagNameNS(WORDML, "t"):
                remove(text)
    _empty_marked_fields(parsed)


def _empty_marked_fields(parsed: Tree) -> None:
    open_fields: list[_Field] = []
    for element in elements(parsed):
        if element.namespaceURI != WORDML:
            continue
        if element.localName == "fldChar":
            _mark(element.getAttributeNS(WORDML, "fldCharType"), open_fields)
        elif element.localName == "instrText" and open_fields:
            open_fields[-1].instruction += "".join(node.data for node in element.childNodes)
        elif element.localName == "fldData" or (
            element.localName == "t" and any(field.shows and field.personal for field in open_fields)
        ):
            remove(element)


def _mark(kind: str, open_fields: list[_Field]) -> None:
    if kind == "begin":
        open_fields.append(_Field())
    elif kind == "separate" and open_fields:
        open_fields[-1].shows = True
    elif kind == "end" and open_fields:
        ended = open_fields.pop()
        if ended.personal and open_fields:
            open_fields[-1].has_personal_inside = True


def _is_personal(instruction: str) -> bool:
    """Tell whether the field's name is one of those.

    >>> _is_personal(" FileName \\\\p "), _is_personal(" PAGE ")
    (True, False)
    """
    words = instruction.upper().split()
    if words and words[0] in FETCHING:
        raise refused(OUTSIDE)
    return bool(words) and words[0] in PERSONAL
