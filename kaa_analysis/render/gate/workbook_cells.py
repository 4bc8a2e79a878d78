"""The cells of a workbook as the file holds them, in every sheet whether it is shown or not, and the parts around them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kaa_analysis.render.gate.office_parts import local, office_parts, parsed
from kaa_analysis.render.gate.unreadable import Unreadable

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ADDRESS = re.compile(r"([A-Z]+)([0-9]+)")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_TEXT_TYPES = frozenset({"s", "inlineStr", "str", "e"})


@dataclass(frozen=True)
class SheetCell:
    """What a cell holds: its text as the file has it, whether it is a number, and whether a formula gives it."""

    text: str
    number: bool
    formula: bool


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name and its cells by row and column, from 1; empty cells are left out."""

    name: str
    cells: Mapping[tuple[int, int], SheetCell]

    @property
    def rows(self) -> list[int]:
        """The rows that hold something, in order."""
        return sorted({row for row, _ in self.cells})


@dataclass(frozen=True)
class Workbook:
    """A workbook: its sheets, the texts that no cell uses, and the roots of all its parts; those of sheets without their cells."""

    sheets: tuple[Sheet, ...]
    unused: tuple[str, ...]
    parts: Mapping[str, Element]


def read_workbook(content: bytes) -> Workbook:
    """Return what a workbook holds.

    Raises:
        Unreadable: it cannot be read.
    """
    roots = {name: parsed(part) for name, part in office_parts(content).items()}
    shared = [_whole(item) for item in roots["xl/sharedStrings.xml"]] if "xl/sharedStrings.xml" in roots else []
    used: set[int] = set()
    names = _sheet_names(roots, content)
    sheets = []
    for part in sorted((part for part in roots if _SHEET.fullmatch(part)), key=lambda part: (len(part), part)):
        sheets.append(Sheet(names.get(part, part), _cells(roots[part], shared, used)))
    unused = tuple(text for place, text in enumerate(shared) if place not in used)
    return Workbook(tuple(sheets), unused, roots)


def _sheet_names(roots: Mapping[str, Element], content: bytes) -> dict[str, str]:
    """Return the name of each sheet by its part."""
    targets = _targets(content)
    workbook = roots.get("xl/workbook.xml")
    found = {}
    for sheet in (one for one in (workbook.iter() if workbook is not None else ()) if local(one.tag) == "sheet"):
        reference = next((value for name, value in sheet.attrib.items() if local(name) == "id"), "")
        found[targets.get(reference, "")] = sheet.get("name", "")
    return found


def _targets(content: bytes) -> dict[str, str]:
    import io
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            root = parsed(package.read("xl/_rels/workbook.xml.rels"))
    except KeyError:
        raise Unreadable("är inte en arbetsbok") from None
    return {
        one.get("Id", ""): posixpath.normpath(posixpath.join("xl", one.get("Target", "")).replace("xl//", "/")).lstrip(
            "/"
        )
        for one in root
    }


def _cells(root: Element, shared: list[str], used: set[int]) -> dict[tuple[int, int], SheetCell]:
    found = {}
    for parent in list(root.iter()):
        if local(parent.tag) != "sheetData":
            continue
        for cell in (one for one in parent.iter() if local(one.tag) == "c"):
            address = _ADDRESS.fullmatch(cell.get("r", ""))
            if address is None:
                raise Unreadable("en cell i arbetsboken saknar adress")
            read = _cell(cell, shared, used)
            if read.text or read.formula:
                found[int(address[2]), _column(address[1])] = read
        parent.clear()
    return found


def _cell(cell: Element, shared: list[str], used: set[int]) -> SheetCell:
    kind = cell.get("t", "n")
    value = "".join(_whole(one) for one in cell if local(one.tag) in ("v", "is"))
    formula = any(local(one.tag) == "f" for one in cell)
    if kind == "s" and value.isdecimal() and int(value) < len(shared):
        used.add(int(value))
        value = shared[int(value)]
    return SheetCell(value, kind not in _TEXT_TYPES and bool(value), formula)


def _whole(element: Element) -> str:
    return "".join(element.itertext())


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
