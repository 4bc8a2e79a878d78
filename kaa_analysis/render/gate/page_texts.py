"""The texts that a PDF page draws, in the order it draws them, each with the number of the marked content it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Text = tuple[int, str]
"""The number of the marked content and what is written there; what is outside, or is marked as no content, has numbers below zero."""


_OPERATOR = re.compile(
    rb"/(?P<font>[^\s/<>\[\]()]+)\s+(?P<size>-?[\d.]+)\s+Tf"
    rb"|(?P<matrix>(?:-?[\d.]+\s+){6})(?:cm|Tm)"
    rb"|/(?P<tag>\w+)\s*<<(?P<properties>(?:[^<>]|<[^<>]*>|<<[^<>]*>>)*)>>\s*BDC"
    rb"|/(?P<named_tag>\w+)\s*/(?P<named>[^\s/<>\[\]()]+)\s+BDC"
    rb"|/\w+\s*(?P<unmarked>BMC)"
    rb"|(?P<end>\bEMC)"
    rb"|(?P<begin>\bBT\b)"
    rb"|(?P<line>-?[\d.]+\s+-?[\d.]+\s+T[dD]\b|\bT\*)"
    rb"|\((?P<string>(?:[^\\()]|\\.|\((?:[^\\()]|\\.)*\))*)\)"
    rb"|<(?P<hex>[0-9A-Fa-f\s]*)>(?!>)"
    rb"|/(?P<form>[^\s/<>\[\]()]+)\s+Do\b",
    re.DOTALL,
)
_MCID = re.compile(rb"/MCID\s+(\d+)")
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r?\n|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_SINGLE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f]+)>|\[([^\]]*)\])")
_SECTION = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
_ACTUAL = re.compile(rb"/(?:ActualText|E)\s*(?:\((?P<string>(?:[^\\()]|\\.)*)\)|<(?P<hex>[0-9A-Fa-f\s]*)>)", re.DOTALL)
LEAST_NOTE = 1_000_000
"""What notes on a page draw has numbers below those of the page's own marked content."""

_APART = 1.1
"""Two glyphs of one line further apart than so many times their size belong to different texts."""


@dataclass(frozen=True)
class _Font:
    """How the codes of a font are read: so many bytes each."""

    codes: Mapping[int, str]
    width: int

    def text(self, written: bytes) -> str:
        if self.width == 1 and not self.codes:
            return written.decode("latin-1")
        steps = range(0, len(written) - self.width + 1, self.width)
        return "".join(self.codes.get(int.from_bytes(written[at : at + self.width], "big"), "\ufffd") for at in steps)


def page_texts(page: Any) -> Iterator[Text]:
    """Give every text of a page, visible or not, forms on it included. Glyphs that stand together are one text; others have a line each."""
    contents = page.get_contents()
    if contents is not None:
        yield from _Drawn(page.get("/Resources", {})).texts(contents.get_data())
    for number, look in enumerate(_looks_of_notes(page), start=1):
        own = _Drawn(look.get("/Resources", {}), outside=-LEAST_NOTE * number)
        yield from own.texts(look.get_data())


@dataclass
class _Drawn:
    """One stream of drawing being read."""

    resources: Any
    fonts: dict[str, _Font] = field(default_factory=dict)
    marks: list[int | None] = field(default_factory=list)
    outside: int = -1
    font: _Font = field(default_factory=lambda: _Font({}, 1))
    size: float = 0.0
    at: tuple[float, float] = (0.0, 0.0)
    last: tuple[float, float] | None = None

    def texts(self, stream: bytes) -> Iterator[Text]:
        for found in _OPERATOR.finditer(stream):
            kind = found.lastgroup
            if kind == "size":
                self.font, self.size = self._font(found["font"].decode("latin-1")), abs(float(found["size"]))
            elif kind == "matrix":
                numbers = [float(number) for number in found["matrix"].split()]
                if numbers[4:] != [0.0, 0.0]:
                    self.at = (numbers[4], numbers[5])
            elif kind in ("properties", "named", "unmarked"):
                self.marks.append(self._mark(found))
                self._parted()
                yield from self._replacing(found["properties"] or b"")
            elif kind == "end":
                self.marks[-1:] = []
                self._parted()
            elif kind == "line":
                yield self._mark_now(), " "
            elif kind in ("string", "hex"):
                yield self._mark_now(), self._break() + self.font.text(_written(found))
            elif kind == "form":
                yield from self._form(found["form"].decode("latin-1"))

    def _replacing(self, properties: bytes) -> Iterator[Text]:
        """Give the words that a reader gets in place of what is drawn."""
        for found in _ACTUAL.finditer(properties):
            written = _written(found)
            text = (
                written[2:].decode("utf-16-be", "replace")
                if written.startswith(b"\xfe\xff")
                else written.decode("latin-1")
            )
            yield self.outside, text
            self.outside -= 1

    def _parted(self) -> None:
        self.last, self.outside = None, self.outside - 1

    def _mark_now(self) -> int:
        return next((mark for mark in reversed(self.marks) if mark is not None), self.outside)

    def _mark(self, found: re.Match[bytes]) -> int | None:
        if found["properties"] is not None:
            number = _MCID.search(found["properties"])
            return int(number[1]) if number else None
        if found["named"] is not None:
            number = _named(self.resources, "/Properties", found["named"].decode("latin-1")).get("/MCID")
            return None if number is None else int(number)
        return None

    def _break(self) -> str:
        """Return what parts this text from the one before in the same marked content: a line, unless it goes on beside it."""
        before, self.last = self.last, self.at
        if before is None or before == self.at:
            return ""
        beside = abs(before[1] - self.at[1]) < self.size / 4 and 0 < self.at[0] - before[0] < self.size * _APART
        return "" if beside else "\n"

    def _font(self, name: str) -> _Font:
        if name not in self.fonts:
            self.fonts[name] = _read_font(_named(self.resources, "/Font", name))
        return self.fonts[name]

    def _form(self, name: str) -> Iterator[Text]:
        form = _named(self.resources, "/XObject", name)
        if form.get("/Subtype") == "/Form":
            own = _Drawn(form.get("/Resources", self.resources), marks=list(self.marks), outside=self.outside)
            yield from own.texts(form.get_data())


def _looks_of_notes(page: Any) -> Iterator[Any]:
    """Give what the notes on a page draw."""
    for note in page.get("/Annots", []):
        look = note.get_object().get("/AP", {}).get("/N", {})
        yield from (look,) if hasattr(look, "get_data") else (one.get_object() for one in look.values())


def _named(resources: Any, kind: str, name: str) -> Any:
    """Return a resource by its name; nothing where a page uses a name that it does not have."""
    return resources.get(kind, {}).get("/" + name, {})


def _written(found: re.Match[bytes]) -> bytes:
    if found["string"] is not None:
        return _ESCAPE.sub(_unescaped, found["string"]) if b"\\" in found["string"] else found["string"]
    joined = b"".join(found["hex"].split())
    return bytes.fromhex((joined + b"0" * (len(joined) % 2)).decode())


def _unescaped(escape: re.Match[bytes]) -> bytes:
    word = escape[1]
    if word.isdigit():
        return bytes([int(word, 8) % 256])
    return b"" if word.endswith(b"\n") else _LETTERS.get(word, word)


def _read_font(font: Any) -> _Font:
    width = 2 if font.get("/Subtype") == "/Type0" else 1
    table = font.get("/ToUnicode")
    return _Font(_codes(table.get_data()) if table is not None else {}, width)


def _codes(table: bytes) -> dict[int, str]:
    codes: dict[int, str] = {}
    for kind, lines in _SECTION.findall(table):
        if kind == b"bfchar":
            codes |= {int(code, 16): _unicode(text) for code, text in _SINGLE.findall(lines)}
            continue
        for first, last, start, listed in _RANGE.findall(lines):
            texts = re.findall(rb"<([0-9A-Fa-f]+)>", listed)
            for place, code in enumerate(range(int(first, 16), int(last, 16) + 1)):
                codes[code] = _unicode(texts[place]) if place < len(texts) else chr(int(start or b"0", 16) + place)
    return codes


def _unicode(digits: bytes) -> str:
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode()).decode("utf-16-be", "replace")
