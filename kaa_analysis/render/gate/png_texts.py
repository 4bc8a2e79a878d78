"""The texts that a PNG picture carries beside its pixels."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from kaa_analysis.render.gate.unreadable import Unreadable

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PICTURE_CHUNKS = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"sBIT", b"sRGB", b"bKGD", b"hIST", b"pHYs"}
)
"""Chunks of numbers only; every other one is given as text."""


def png_texts(content: bytes) -> Iterator[tuple[str, str]]:
    """Give each chunk of a PNG that is not the picture itself: tEXt, zTXt and iTXt unpacked, eXIf and others as Latin-1.

    Each is given twice: as it stands, where a null byte may be half a letter, and with null bytes as the ends of words.

    Raises:
        Unreadable: it is no PNG, is cut off, or has something after its end.
    """
    if not content.startswith(SIGNATURE):
        raise Unreadable("är inte en PNG-bild")
    for kind, payload in _chunks(content):
        if kind not in PICTURE_CHUNKS:
            text = _chunk_text(kind, payload)
            yield kind.decode("latin-1"), text
            yield kind.decode("latin-1"), text.replace("\0", "\n")


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place, kind = len(SIGNATURE), b""
    while kind != b"IEND":
        length = int.from_bytes(content[place : place + 4], "big")
        kind, payload = content[place + 4 : place + 8], content[place + 8 : place + 8 + length]
        place += 12 + length
        if place > len(content):
            raise Unreadable("bilden är avklippt")
        yield kind, payload
    if place != len(content):
        raise Unreadable("något står efter bildens slut")


def _chunk_text(kind: bytes, payload: bytes) -> str:
    if kind == b"iTXt":
        return _international_text(payload)
    if kind in (b"zTXt", b"iCCP"):
        keyword, _, packed = payload.partition(b"\0")
        return f"{keyword.decode('latin-1')}\n{_inflated(packed[1:]).decode('latin-1')}"
    return payload.decode("latin-1")


def _international_text(payload: bytes) -> str:
    keyword, _, rest = payload.partition(b"\0")
    compressed, after_flags = rest[:1] == b"\1", rest[2:]
    language, _, after_language = after_flags.partition(b"\0")
    translated, _, words = after_language.partition(b"\0")
    words = _inflated(words) if compressed else words
    return b"\n".join((keyword, language, translated, words)).decode("utf-8", "replace")


def _inflated(packed: bytes) -> bytes:
    try:
        return zlib.decompress(packed)
    except zlib.error:
        raise Unreadable("bildens text kan inte packas upp") from None
