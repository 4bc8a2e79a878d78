"""The texts of a PDF: what its pages say, and every string, name and stream of every object, whether a page shows it or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kaa_analysis.render.gate.markup_texts import OFFICE, markup_texts
from kaa_analysis.render.gate.opened_pdf import opened_pdf
from kaa_analysis.render.gate.unreadable import Unreadable

if TYPE_CHECKING:
    from pypdf import PdfReader

_STREAM = re.compile(rb"stream\r?\n.*?endstream", re.DOTALL)
_OFFSETS = re.compile(rb"\d{10} \d{5} [nf]")
_OBJECT = re.compile(rb"(?<!\d)(\d+) (\d+) obj\b")
_KERNING = re.compile(rb"(?<!\\)\)\s*-?[\d.]+\s*\(")
_STRING = re.compile(rb"\(((?:[^\\()]|\\.|\((?:[^\\()]|\\.)*\))*)\)", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r?\n|.)", re.DOTALL)
_HEXADECIMAL = re.compile(rb"<([0-9A-Fa-f\s]+)>")
_HEXADECIMAL_TEXT = re.compile(r"<(\s*(?:FE\s*FF|EF\s*BB\s*BF)[0-9A-F\s]*)>", re.IGNORECASE)
_UNPRINTABLE = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_UTF_16, _UTF_8 = b"\xfe\xff", b"\xef\xbb\xbf"
_MARKS = (_UTF_16, _UTF_8)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_MACHINERY = ("/XRef", "/ObjStm")
_OPAQUE_FILTERS = frozenset({"/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode", "/Crypt"})


def pdf_texts(content: bytes) -> Iterator[tuple[str, str]]:
    """Give the text of every page (part *sida N*), the strings and names of all objects, the XMP metadata, all decoded streams but
    pixels, and what stands in the file outside the streams.

    Raises:
        Unreadable: the file is encrypted or damaged, holds an embedded file, a picture whose bytes can carry more than pixels,
            earlier versions of itself, or objects that its cross-reference does not know.
    """
    yield "", _outside_streams(content)
    try:
        reader = opened_pdf(content)
        if reader.is_encrypted:
            raise Unreadable("är krypterad")
        _refuse_unknown_objects(reader, content)
        yield from _object_texts(reader)
        yield from _page_texts(content)
    except Unreadable:
        raise
    except Exception:  # noqa: BLE001 - whatever a damaged file makes the reader do, the file is refused
        raise Unreadable("kan inte läsas som PDF") from None


def _page_texts(content: bytes) -> Iterator[tuple[str, str]]:
    """Give what each page says, read by PDFium, which knows nothing of how our own reader finds texts."""
    from pypdfium2 import PdfDocument

    with PdfDocument(content) as document:
        for number in range(len(document)):
            page = document[number]
            yield f"sida {number + 1}", page.get_textpage().get_text_range()
            page.close()


def _outside_streams(content: bytes) -> str:
    if not content.startswith(b"%PDF-"):
        raise Unreadable("är inte en PDF")
    if content.count(b"startxref") != 1 or content.count(b"%%EOF") != 1:
        raise Unreadable("innehåller tidigare versioner av sig själv")
    outside = _OFFSETS.sub(b"", _STREAM.sub(b"", content)).decode("latin-1")
    return _HEXADECIMAL_TEXT.sub(lambda found: _hexadecimal_words(found[1].encode()), outside)


def _refuse_unknown_objects(reader: PdfReader, content: bytes) -> None:
    present = {(int(number), int(generation)) for number, generation in _OBJECT.findall(_STREAM.sub(b"", content))}
    if present - set(_places(reader)):
        raise Unreadable("har objekt som korsreferensen inte känner")


def _places(reader: PdfReader) -> Iterator[tuple[int, int]]:
    for generation, numbers in reader.xref.items():
        yield from ((number, generation) for number in numbers)
    yield from ((number, 0) for number in reader.xref_objStm)


def _object_texts(reader: PdfReader) -> Iterator[tuple[str, str]]:
    from pypdf.generic import IndirectObject, StreamObject

    strings: list[str] = []
    objects = (reader.get_object(IndirectObject(number, generation, reader)) for number, generation in _places(reader))
    for item in [*objects, reader.trailer]:
        strings.extend(_strings(item))
        if isinstance(item, StreamObject):
            _refuse_embedded(item)
            yield from _stream_texts(item)
    yield "objekt", "\n".join(strings)


def _refuse_embedded(stream: Any) -> None:
    filters = stream.get("/Filter", ())
    names = set(filters) if isinstance(filters, list) else {filters} if filters else set()
    if stream.get("/Type") == "/EmbeddedFile":
        raise Unreadable("innehåller en inbäddad fil")
    if names & _OPAQUE_FILTERS:
        raise Unreadable("innehåller en bild av ett slag som kan bära mer än bildpunkter")


def _strings(item: Any) -> Iterator[str]:
    """Give the names and strings of an object and what stands directly in it; references are objects of their own."""
    if isinstance(item, dict):
        for key, value in item.items():
            yield str(key)
            yield from _strings(value)
    elif isinstance(item, list):
        for value in item:
            yield from _strings(value)
    elif isinstance(item, bytes):
        yield _words(_UNPRINTABLE.sub(b"", item) if not item.startswith(_MARKS) else bytes(item))
    elif isinstance(item, str):
        yield str(item)


def _stream_texts(stream: Any) -> Iterator[tuple[str, str]]:
    if stream.get("/Subtype") == "/Image" or stream.get("/Type") in _MACHINERY:
        return
    decoded = stream.get_data()
    if stream.get("/Subtype") == "/XML":
        yield from (("metadata", text) for _, text in markup_texts(decoded, style=OFFICE))
    else:
        yield "objekt", _readable(decoded)


def _readable(decoded: bytes) -> str:
    """Return a stream with its strings written out; strings of glyph numbers, which pages give as text, are left out."""
    joined = _KERNING.sub(b"", decoded)
    literal = _STRING.sub(lambda found: _words(_ESCAPE.sub(_unescaped, found[1])).encode(), joined)
    return _HEXADECIMAL.sub(lambda found: _hexadecimal_words(found[1]).encode(), literal).decode("utf-8", "replace")


def _unescaped(escape: re.Match[bytes]) -> bytes:
    word = escape[1]
    if word.isdigit():
        return bytes([int(word, 8) % 256])
    return b"" if word.endswith(b"\n") else _LETTERS.get(word, word)


def _hexadecimal_words(digits: bytes) -> str:
    joined = b"".join(digits.split())
    return _words(bytes.fromhex((joined + b"0" * (len(joined) % 2)).decode()))


def _words(written: bytes) -> str:
    if written.startswith(_UTF_16):
        return written[2:].decode("utf-16-be", "replace")
    if written.startswith(_UTF_8):
        return written[3:].decode("utf-8", "replace")
    return "" if _UNPRINTABLE.search(written) else f"({written.decode('latin-1')})"
