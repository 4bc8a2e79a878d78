"""The texts and tables of a Word file: the document's own in order, then every other part's; fields, hidden and deleted words included."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from kaa_analysis.render.gate.blocks import Block, Role, TableBlock, TableCell, Words
from kaa_analysis.render.gate.office_parts import local, office_parts, other_words, parsed
from kaa_analysis.render.gate.structural_numbers import holds_number

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

DOCUMENT = "word/document.xml"
_TEXTS = frozenset({"t", "delText", "instrText", "delInstrText"})
_BREAKS = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": " "}
_SHAPE = re.compile(r"Antal rader: ([0-9]+)\. Antal kolumner med värden: ([0-9]+)\.")
_FIELD = re.compile(
    r'\s*(?:PAGE|NUMPAGES|SECTIONPAGES|TITLE|SEQ (?:Tabell|Figur)|TOC|REF|PAGEREF|HYPERLINK|STYLEREF)\b(?:\s+(?:\\[a-z*]|"[0-9]-[0-9]"|[A-Za-z_ÅÄÖåäö]\w*|ARABIC|MERGEFORMAT))*\s*'
)
_PICTURE_NAMES = re.compile(r"(?:Picture|Bild|Graphic|Image|Bildobjekt|image) ?[0-9]*|[\w-]+\.png", re.IGNORECASE)
_BOOKMARKS = re.compile(r"(?:_Toc|_Ref|_Hlk|OLE_LINK|_GoBack|_)[0-9]*")


def word_blocks(content: bytes, *, slugs: Collection[str], shapes: Collection[tuple[int, int]]) -> list[Block]:
    """Return the blocks of a Word file; ``slugs`` are the exhibits' ids and ``shapes`` the sizes of their tables.

    Raises:
        Unreadable: a part is not markup that can be read.
    """
    parts = office_parts(content)
    names = frozenset(slug.replace("-", "_") for slug in slugs)
    blocks: list[Block] = []
    for name, part in parts.items():
        root = parsed(part)
        if name.startswith("word/"):
            reader = _Reader("" if name == DOCUMENT else name, names, shapes)
            blocks += reader.part(root)
        else:
            blocks += other_words(name, root)
    return sorted(blocks, key=lambda block: block.place.startswith("word/"))


class _Reader:
    """Reads one part: paragraphs and tables, then the attributes that somebody may read."""

    def __init__(self, name: str, names: frozenset[str], shapes: Collection[tuple[int, int]]) -> None:
        self.name, self.names, self.shapes = name, names, shapes
        self.number = 0
        self.n_tables = 0
        self.described = ""

    def part(self, root: Element) -> Iterator[Block]:
        yield from self._inside(root)
        for element in root.iter():
            yield from self._attributes(element)

    def _inside(self, parent: Element) -> Iterator[Block]:
        for child in parent:
            kind = local(child.tag)
            if kind == "p":
                yield from self._paragraph(child)
            elif kind == "tbl":
                yield from self._table(child)
            elif kind in _TEXTS or (child.text and child.text.strip() and kind not in _TEXTS):
                yield Words(self._place("text"), "".join(child.itertext()))
            else:
                yield from self._inside(child)

    def _place(self, what: str) -> str:
        return f"{self.name}, {what}" if self.name else what

    def _paragraph(self, element: Element) -> Iterator[Block]:
        self.number += 1
        texts, inner = ["", ""], []
        _collect(element, texts, inner)
        place = self._place(f"stycke {self.number}")
        role = Role.CONTENTS if _is_contents(element) else Role.PROSE
        yield Words(place, texts[0], role=role)
        if not _FIELD.fullmatch(texts[1]):
            yield Words(f"{place}, fältkod", texts[1])
        for held in inner:
            yield from self._inside(held)

    def _table(self, element: Element) -> Iterator[Block]:
        self.n_tables += 1
        place = self._place(f"tabell {self.n_tables} i filen")
        rows = [child for child in element if local(child.tag) == "tr"]
        head = [_row(row) for row in rows if _is_head(row)]
        body = [_row(row) for row in rows if not _is_head(row)]
        title = next((_value(one) for one in element.iter() if local(one.tag) == "tblCaption"), "")
        if self.name:
            for row in (*head, *body):
                yield from (Words(place, cell.text) for cell in row)
        else:
            yield TableBlock(place, tuple(head or body[:1]), tuple(body if head else body[1:]), title)
        for row in rows:
            yield from self._nested(row)

    def _nested(self, row: Element) -> Iterator[Block]:
        for cell in row:
            for child in cell:
                if local(child.tag) == "tbl":
                    yield from self._table(child)

    def _attributes(self, element: Element) -> Iterator[Block]:
        kind = local(element.tag)
        for name, value in element.attrib.items():
            own = local(name)
            if not holds_number(value) or not _is_read(kind, own):
                continue
            if own in ("descr", "title", "alt"):
                if not _PICTURE_NAMES.fullmatch(value) and (kind == "docPr" or value != self.described):
                    yield Words(self._place("alternativ text"), value, role=Role.ALTERNATIVE)
                self.described = value if kind == "docPr" else self.described
            elif kind == "tblDescription":
                yield from self._description(value)
            elif not self._is_own_name(kind, value):
                yield Words(self._place(f"egenskapen {kind}"), value.replace("_", " "))

    def _description(self, text: str) -> Iterator[Block]:
        shape = _SHAPE.match(text)
        known = shape is not None and any(
            int(shape[1]) == rows and int(shape[2]) <= columns for rows, columns in self.shapes
        )
        yield Words(self._place("en tabells beskrivning"), _SHAPE.sub("", text, count=1) if known else text)

    def _is_own_name(self, kind: str, value: str) -> bool:
        if kind == "bookmarkStart":
            return value in self.names or _BOOKMARKS.fullmatch(value) is not None
        if kind in ("start", "startOverride"):
            return value in ("0", "1")
        if kind == "fldSimple":
            return _FIELD.fullmatch(value) is not None
        if kind == "lvlText":
            return re.sub(r"%[1-9]", "", value).strip("(). -") == ""
        return kind in ("docPr", "cNvPr") and _PICTURE_NAMES.fullmatch(value) is not None


_READ: Mapping[str, frozenset[str]] = {
    "bookmarkStart": frozenset({"name"}),
    "fldSimple": frozenset({"instr"}),
    "tblCaption": frozenset({"val"}),
    "tblDescription": frozenset({"val"}),
    "alias": frozenset({"val"}),
    "tag": frozenset({"val"}),
    "docVar": frozenset({"name", "val"}),
    "lvlText": frozenset({"val"}),
    "start": frozenset({"val"}),
    "startOverride": frozenset({"val"}),
    "docPr": frozenset({"name"}),
    "cNvPr": frozenset({"name"}),
    "hyperlink": frozenset({"tooltip"}),
    "textpath": frozenset({"string"}),
    "default": frozenset({"val"}),
    "listItem": frozenset({"displayText", "value"}),
    "statusText": frozenset({"val"}),
    "helpText": frozenset({"val"}),
}
"""The attributes that hold words, by their element."""


def _is_read(kind: str, name: str) -> bool:
    return name in ("descr", "title", "alt", "author", "initials") or name in _READ.get(kind, ())


def _collect(element: Element, texts: list[str], inner: list[Element]) -> None:
    """Add the words of a paragraph to the first of ``texts``, its field codes to the second, and what is a text box to ``inner``."""
    for child in element:
        kind = local(child.tag)
        if kind in ("instrText", "delInstrText"):
            texts[1] += child.text or ""
        elif kind in _TEXTS:
            texts[0] += child.text or ""
        elif kind in _BREAKS:
            texts[0] += _BREAKS[kind]
        elif kind == "txbxContent":
            inner.append(child)
        else:
            if child.text and child.text.strip():
                texts[0] += f"\n{child.text}\n"
            _collect(child, texts, inner)


def _row(row: Element) -> tuple[TableCell, ...]:
    cells = []
    for cell in row.iter():
        if local(cell.tag) == "tc":
            spans = [_value(one) for one in cell.iter() if local(one.tag) == "gridSpan"][:1]
            cells.append(TableCell(_cell_text(cell), int(spans[0]) if spans and spans[0].isdecimal() else 1))
    return tuple(cells)


def _cell_text(cell: Element) -> str:
    lines = []
    for child in cell:
        if local(child.tag) != "tbl":
            texts, inner = ["", ""], []
            _collect(child, texts, inner)
            lines += [texts[0], *("".join(held.itertext()) for held in inner)]
    return "\n".join(line for line in lines if line)


def _is_head(row: Element) -> bool:
    return any(local(one.tag) == "tblHeader" and _value(one) not in ("0", "false", "off") for one in row.iter())


def _is_contents(paragraph: Element) -> bool:
    style = next((_value(one) for one in paragraph.iter() if local(one.tag) == "pStyle"), "")
    return style.lower().startswith(("toc", "innehll", "innehåll", "contents"))


def _value(element: Element) -> str:
    return next((value for name, value in element.attrib.items() if local(name) == "val"), "")
