"""The texts and tables of a PDF: by its own structure where it is tagged, every text on a page, and every string of its objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kaa_analysis.render.gate.blocks import Block, Role, TableBlock, TableCell, Words
from kaa_analysis.render.gate.opened_pdf import opened_pdf
from kaa_analysis.render.gate.page_texts import page_texts
from kaa_analysis.render.gate.pdf_strings import pdf_strings
from kaa_analysis.render.gate.unreadable import Unreadable

if TYPE_CHECKING:
    from pypdf import PdfReader

Marked = dict[tuple[int, int], str]
"""The texts of marked content by page (from 0) and number on the page."""

_BLOCKS = frozenset(
    {
        "/P",
        "/H",
        "/H1",
        "/H2",
        "/H3",
        "/H4",
        "/H5",
        "/H6",
        "/LI",
        "/Caption",
        "/Note",
        "/FENote",
        "/BlockQuote",
        "/Title",
        "/TOCI",
    }
)
_INLINE = frozenset({"/Span", "/Strong", "/Em", "/Link", "/Reference", "/Lbl", "/LBody", "/Code", "/Quote", "/Sub"})
SOFT_HYPHEN = "\u00ad"
_BROKEN_WORD = re.compile(rf"(?<=[a-zåäö]){SOFT_HYPHEN}(?=[a-zåäö])")


def pdf_blocks(content: bytes) -> list[Block]:
    """Return the blocks of a PDF in the order of its structure, then what is in no structure: page heads and feet, metadata, notes.

    Raises:
        Unreadable: the file cannot be read.
    """
    try:
        reader = opened_pdf(content)
        return [*_Document(reader).blocks(), *pdf_strings(reader, content)]
    except Unreadable:
        raise
    except Exception:  # noqa: BLE001 - whatever a damaged file makes the reader do, the file is refused
        raise Unreadable("kan inte läsas som PDF") from None


def _rejoined(block: Block) -> Block:
    """Return the block with hyphens as they are read: a font can have one glyph for those of words and those where lines are broken."""
    if isinstance(block, Words):
        return replace(block, text=_plain_hyphens(block.text))
    rows = (
        tuple(tuple(replace(cell, text=_plain_hyphens(cell.text)) for cell in row) for row in part)
        for part in (block.head, block.body)
    )
    head, body = rows
    return replace(block, head=head, body=body)


def _plain_hyphens(text: str) -> str:
    return _BROKEN_WORD.sub("", text).replace(SOFT_HYPHEN, "-")


@dataclass
class _Document:
    """One file being read. ``marked`` loses each text that the structure has given."""

    reader: PdfReader
    marked: Marked = field(default_factory=dict)
    pages: dict[int, int] = field(default_factory=dict)
    n_tables: int = 0

    def blocks(self) -> list[Block]:
        for number, page in enumerate(self.reader.pages):
            self.pages[page.indirect_reference.idnum] = number
            for mark, text in page_texts(page):
                self.marked[number, mark] = self.marked.get((number, mark), "") + text
        root = self.reader.trailer["/Root"].get("/StructTreeRoot")
        told = list(self._element(root.get_object())) if root is not None else []
        left = [Words(f"sida {page + 1}", text) for (page, _), text in sorted(self.marked.items())]
        return [_rejoined(block) for block in (*told, *left)]

    def _element(self, element: Any) -> Iterator[Block]:
        kind = element.get("/S")
        if kind == "/Table":
            yield from self._table(element)
        elif kind == "/Figure":
            yield from self._figure(element)
        elif kind in _BLOCKS and not any(child.get("/S") not in _INLINE for child in _elements(element)):
            place = self._place(element)
            yield Words(place, self._text(element), role=Role.CONTENTS if kind == "/TOCI" else Role.PROSE)
        else:
            own = self._own(element)
            if own:
                yield Words(self._place(element), own)
            for child in _elements(element):
                yield from self._element(child)

    def _figure(self, element: Any) -> Iterator[Block]:
        place = self._place(element)
        yield Words(place, self._text(element), role=Role.DRAWING)

    def _table(self, element: Any) -> Iterator[Block]:
        self.n_tables += 1
        place = f"tabell {self.n_tables} i filen ({self._place(element)})"
        head: list[tuple[TableCell, ...]] = []
        body: list[tuple[TableCell, ...]] = []
        title = ""
        for part in _elements(element):
            if part.get("/S") == "/Caption":
                title = self._text(part)
                yield Words(place, title)
            elif part.get("/S") == "/TR":
                body.append(self._row(part))
            else:
                rows = head if part.get("/S") == "/THead" else body
                rows += [self._row(row) for row in _elements(part)]
        yield TableBlock(place, tuple(head or body[:1]), tuple(body if head else body[1:]), title)

    def _row(self, row: Any) -> tuple[TableCell, ...]:
        return tuple(
            TableCell(self._text(cell), *(_span(cell, name) for name in ("/ColSpan", "/RowSpan")))
            for cell in _elements(row)
        )

    def _text(self, element: Any) -> str:
        return (
            self._own(element) + "".join(self._text(child) for child in _elements(element))
            if not _mixed(element)
            else self._mixed_text(element)
        )

    def _mixed_text(self, element: Any) -> str:
        texts = []
        for kid in _kids(element):
            found = kid.get_object() if hasattr(kid, "get_object") else kid
            texts.append(
                self._text(found) if isinstance(found, dict) and "/S" in found else self._content(found, element)
            )
        return "".join(texts)

    def _own(self, element: Any) -> str:
        return "".join(self._content(_object(kid), element) for kid in _kids(element) if not _is_element(_object(kid)))

    def _content(self, kid: Any, element: Any) -> str:
        if isinstance(kid, dict):
            page, number = kid.get("/Pg", element.get("/Pg")), kid.get("/MCID")
        else:
            page, number = element.get("/Pg"), kid
        if number is None or page is None:
            return ""
        at = page.get_object().indirect_reference.idnum if not hasattr(page, "idnum") else page.idnum
        return self.marked.pop((self.pages.get(at, -1), int(number)), "")

    def _place(self, element: Any) -> str:
        for found in _with_pages(element):
            at = self.pages.get(getattr(found, "idnum", -1))
            if at is not None:
                return f"sida {at + 1}"
        return "dokumentets struktur"


def _kids(element: Any) -> list[Any]:
    kids = element.get("/K")
    kids = kids.get_object() if hasattr(kids, "idnum") else kids
    return kids if isinstance(kids, list) else [] if kids is None else [kids]


def _object(kid: Any) -> Any:
    return kid.get_object() if hasattr(kid, "get_object") else kid


def _is_element(found: Any) -> bool:
    return isinstance(found, dict) and "/S" in found


def _elements(element: Any) -> list[Any]:
    return [found for kid in _kids(element) if _is_element(found := _object(kid))]


def _mixed(element: Any) -> bool:
    kinds = {_is_element(_object(kid)) for kid in _kids(element)}
    return len(kinds) > 1


def _with_pages(element: Any) -> Iterator[Any]:
    if "/Pg" in element:
        yield element.raw_get("/Pg")
    for child in _elements(element):
        yield from _with_pages(child)


def _span(cell: Any, name: str) -> int:
    attributes = cell.get("/A", [])
    for one in attributes if isinstance(attributes, list) else [attributes]:
        found = _object(one)
        if isinstance(found, dict) and name in found:
            return int(found[name])
    return 1
