"""The texts and tables of a page or a drawing, each with the exhibit whose element holds it; attributes that are read are texts too."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from html.parser import HTMLParser

from kaa_analysis.render.gate.blocks import Block, Role, TableBlock, TableCell, Words
from kaa_analysis.render.gate.structural_numbers import holds_number

READ_ATTRIBUTES = frozenset(
    {
        "alt",
        "aria-description",
        "aria-label",
        "aria-valuetext",
        "content",
        "label",
        "placeholder",
        "summary",
        "title",
        "value",
        "start",
        "datetime",
    }
)
"""Attributes that are shown or read aloud; of data-* attributes all are."""

NUMBER_ATTRIBUTES = frozenset({"id", "class", "name", "href", "for"})
"""Names and addresses: digits in them stand between letters or are those of an exhibit."""

VIEWPORT = "width=device-width, initial-scale=1"
"""How wide a page is on a phone: the one number that a page's head has."""

_INLINE = frozenset(
    {"a", "abbr", "b", "code", "em", "i", "small", "span", "strong", "sub", "sup", "tspan", "br", "wbr", "mark"}
)
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_DRAWN_ID = re.compile(r"#?(?:[\w-]*-)?(?:[mph]|image|C[0-9a-f]+_[0-9a-f]+_)[0-9a-f]{10}")
_NAMED = re.compile(r"#?[A-Za-zÅÄÖåäö_.][\w.:/#?=&%-]*", re.DOTALL)
_LOOSE_NUMBER = re.compile(r"[-_=][0-9]+(?![0-9a-f]*[a-f])")
_STYLE_WORDS = re.compile(r"/\*.*?\*/|content\s*:\s*(\"[^\"]*\"|'[^']*')", re.DOTALL)
_PAYLOAD = re.compile(r"data:([\w.+-]+/[\w.+-]+)(?:;[\w.=-]+)*;base64,([A-Za-z0-9+/=\s]*)")


@dataclass
class _Table:
    """A table being read."""

    slug: str
    place: str
    head: list[list[TableCell]] = field(default_factory=list)
    body: list[list[TableCell]] = field(default_factory=list)
    in_head: bool = False
    spans: tuple[int, int] = (1, 1)
    title: str = ""

    def block(self) -> TableBlock:
        head, body = (tuple(tuple(row) for row in part if row) for part in (self.head, self.body))
        return TableBlock(self.place, head, body, self.title, self.slug)


def html_blocks(text: str, *, slugs: Collection[str]) -> list[Block]:
    """Return the blocks of HTML or SVG in order; ``slugs`` are the ids of the exhibits."""
    reader = _Reader(frozenset(slugs))
    reader.feed(_PAYLOAD.sub(lambda found: reader.payload(found[1], found[2]), text))
    reader.close()
    reader.flush()
    return reader.blocks


class _Reader(HTMLParser):
    def __init__(self, slugs: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.slugs, self.blocks = slugs, []
        self.open: list[tuple[str, str]] = []
        self.tables: list[_Table] = []
        self.words: list[str] = []
        self.term = ""
        self.drawing: list[str] | None = None

    @property
    def slug(self) -> str:
        return next((slug for _, slug in reversed(self.open) if slug), "")

    @property
    def place(self) -> str:
        row = ""
        if self.tables:
            table = self.tables[-1]
            row = f", rad {len(table.head) + len(table.body)}"
        where = self.slug or (f"rad {self.getpos()[0]}")
        return where + row

    def payload(self, kind: str, packed: str) -> str:
        """Read a packed drawing or text where it stands; other payloads say nothing."""
        if kind == "image/svg+xml" or kind.startswith("text/"):
            try:
                self.blocks += html_blocks(base64.b64decode(packed).decode("utf-8", "replace"), slugs=self.slugs)
            except binascii.Error:
                self.say(packed)
        return "data:"

    def say(self, text: str, role: Role = Role.PROSE) -> None:
        if holds_number(text):
            self.blocks.append(Words(self.place, text, self.slug, role))

    def flush(self) -> None:
        text = "".join(self.words).strip()
        self.words = []
        if not text:
            return
        tag = self.open[-1][0] if self.open else ""
        if self.drawing is not None and tag not in ("title", "desc"):
            self.drawing.append(text)
        elif tag == "dt":
            self.term = text
        elif tag == "dd" and self.term:
            self.say(f"{self.term}: {text}")
        elif tag == "caption" and self.tables:
            self.tables[-1].title = text
            self.say(text)
        elif self.tables and tag in ("td", "th"):
            self._cell(text)
        else:
            self.say(text, Role.ALTERNATIVE if tag == "desc" else Role.PROSE)

    def _cell(self, text: str) -> None:
        table = self.tables[-1]
        rows = table.head if table.in_head else table.body
        rows[-1][-1] = TableCell(rows[-1][-1].text + text, *table.spans)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in _INLINE:
            self.flush()
        if tag not in _VOID:
            self.open.append((tag, self._slug_of(tag, given)))
        self._attributes(given)
        if tag == "svg":
            self.drawing = []
        elif tag == "table":
            self.tables.append(_Table(self.slug, self.slug or f"tabellen på rad {self.getpos()[0]}"))
        elif self.tables:
            self._table_part(tag, given)

    def _slug_of(self, tag: str, given: dict[str, str]) -> str:
        """Return the exhibit whose element this is: by its id, or by what a drawing says it is labelled by."""
        labelled = given.get("aria-labelledby", "").partition(" ")[0].removesuffix("-svg-title") if tag == "svg" else ""
        own = labelled or given.get("id", "")
        return own if own in self.slugs else ""

    def _table_part(self, tag: str, given: dict[str, str]) -> None:
        table = self.tables[-1]
        if tag == "thead":
            table.in_head = True
        elif tag == "tr":
            (table.head if table.in_head else table.body).append([])
        elif tag in ("td", "th"):
            rows = table.head if table.in_head else table.body
            if not rows:
                rows.append([])
            table.spans = (_span(given.get("colspan")), _span(given.get("rowspan")))
            rows[-1].append(TableCell("", *table.spans))

    def _attributes(self, given: dict[str, str]) -> None:
        for name, value in given.items():
            if value == VIEWPORT:
                continue
            if name in READ_ATTRIBUTES or name.startswith(("data-", "aria-value")):
                self.say(value, Role.ALTERNATIVE if name in ("alt", "aria-label") else Role.PROSE)
            elif name in NUMBER_ATTRIBUTES and holds_number(value):
                self._name(value)

    def _name(self, value: str) -> None:
        for word in value.split():
            own = word.lstrip("#")
            known = own in self.slugs or own.removesuffix("-caption") in self.slugs or _DRAWN_ID.fullmatch(word)
            if not known and holds_number(word) and not (_NAMED.fullmatch(word) and not _LOOSE_NUMBER.search(word)):
                self.say(word.replace("-", " ").replace("_", " "))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _INLINE:
            self.flush()
        if tag == "svg" and self.drawing is not None:
            self._drawn()
        elif tag == "thead" and self.tables:
            self.tables[-1].in_head = False
        elif tag == "table" and self.tables:
            self.blocks.append(self.tables.pop().block())
        while self.open and any(open_tag == tag for open_tag, _ in self.open):
            if self.open.pop()[0] == tag:
                break

    def _drawn(self) -> None:
        lines, self.drawing = self.drawing or [], None
        self.blocks.append(Words(self.place, "\n".join(lines), self.slug, Role.DRAWING))

    def handle_data(self, data: str) -> None:
        tag = self.open[-1][0] if self.open else ""
        if tag == "style":
            for found in _STYLE_WORDS.finditer(data):
                self.say(found[1] or found[0])
        else:
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.say(data)

    def handle_decl(self, decl: str) -> None:
        self.say(decl)

    def handle_pi(self, data: str) -> None:
        if not data.startswith("xml "):
            self.say(data)

    def unknown_decl(self, data: str) -> None:
        self.say(data)


def _span(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 1
