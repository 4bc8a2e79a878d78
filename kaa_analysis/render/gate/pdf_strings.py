"""What a PDF says outside its pages: the strings of its objects, its metadata, and comments between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kaa_analysis.render.gate.blocks import Role, Words

if TYPE_CHECKING:
    from pypdf import PdfReader

_NOT_WORDS = frozenset(
    {"/ID", "/Headers", "/CreationDate", "/ModDate", "/Lang", "/Registry", "/Ordering", "/Producer", "/Creator", "/M", "/OutputConditionIdentifier",
     "/RegistryName", "/Info", "/DA", "/FontFamily", "/Panose", "/OutputCondition", "/CharSet", "/Names", "/Dest", "/NM"}
)  # fmt: skip
"""Keys whose strings are names and moments of the file itself."""

_XMP_WORDS = re.compile(r">([^<>]*[0-9][^<>]*)<|\s(?!xmlns)[\w:]+=\"([^\"]*[0-9][^\"]*)\"")
_XMP_OWN = re.compile(
    r"[A-Za-z0-9+/=]{20,}(?:_source)?|(?:[A-Za-z .]+ )?[0-9]+(?:\.[0-9]+){1,3}|https?://[\w./#-]+|uuid:[0-9a-f-]{36}|[0-9A-Za-z]|(?:[A-Za-z ]+ISO [0-9]{4,5}[A-Za-z ]*\(?)?PDF/(?:UA|A)[-A-Za-z 12]*\)?|W5M0MpCehiHzreSzNTczkc9d"
)
_VERSIONED = re.compile(r"[A-Za-z][A-Za-z /.]* v?[0-9]+(?:\.[0-9]+){1,3}")
_COMMENT = re.compile(rb"(?:^|[\r\n])%(?!PDF-1\.[0-9]\s|%EOF)([^\r\n\x80-\xff]*[0-9][^\r\n\x80-\xff]*)[\r\n]")
_STREAM = re.compile(rb"stream\r?\n.*?endstream", re.DOTALL)


def pdf_strings(reader: PdfReader, content: bytes) -> Iterator[Words]:
    """Give every string of the objects that somebody may read, the words of the metadata, and comments in the file itself."""
    from pypdf.generic import IndirectObject, StreamObject

    places = [(number, generation) for generation, numbers in reader.xref.items() for number in numbers]
    places += [(number, 0) for number in reader.xref_objStm]
    for number, generation in places:
        item = reader.get_object(IndirectObject(number, generation, reader))
        yield from _words_of(item, "")
        if isinstance(item, StreamObject) and item.get("/Subtype") == "/XML":
            yield from _metadata(item.get_data().decode("utf-8", "replace"), n_pages=len(reader.pages))
    for comment in _COMMENT.findall(_STREAM.sub(b"", content)):
        yield Words("kommentar", comment.decode("latin-1"))


def _words_of(item: Any, key: str) -> Iterator[Words]:
    """Give the strings of an object that somebody may read; those of what it refers to are given with that."""
    if isinstance(item, dict):
        for name, value in item.items():
            if name not in _NOT_WORDS or (name == "/Info" and not _VERSIONED.fullmatch(str(value))):
                yield from _words_of(value, str(name))
            elif name in ("/Producer", "/Creator") and not _VERSIONED.fullmatch(str(value)):
                yield Words(f"egenskapen {name[1:]}", str(value))
    elif isinstance(item, list):
        for value in item:
            yield from _words_of(value, key)
    elif isinstance(item, (str, bytes)) and not str(item).startswith("/"):
        text = str(item) if isinstance(item, str) else bytes(item).decode("latin-1")
        yield Words(
            f"egenskapen {key[1:]}", text, role=Role.ALTERNATIVE if key in ("/Alt", "/ActualText") else Role.PROSE
        )


def _metadata(text: str, *, n_pages: int) -> Iterator[Words]:
    text = text.replace(f"<xmpTPg:NPages>{n_pages}</xmpTPg:NPages>", "")
    for found in _XMP_WORDS.finditer(text):
        words = (found[1] or found[2]).strip()
        if not _XMP_OWN.fullmatch(words):
            yield Words("metadata", words)
