"""The texts of a packed Office file: every part, what stands between and around the parts, and the pictures' metadata."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from kaa_analysis.render.gate.markup_texts import HTML, OFFICE, markup_texts
from kaa_analysis.render.gate.png_texts import png_texts
from kaa_analysis.render.gate.unreadable import Unreadable

_ENCRYPTED, _HAS_DESCRIPTOR = 0x1, 0x8
_DESCRIPTOR_LENGTHS = frozenset({12, 16, 20, 24})
_LOCAL_HEADER = 30
_END_RECORD = 22
_MARKUP_PART = re.compile(r".*\.(?:xml|rels|vml)|mimetype", re.IGNORECASE)
_PROGRAM = re.compile(r".*(?:vbaproject|vbadata|macrosheets|activex).*|.*\.(?:exe|dll|js|vbs)", re.IGNORECASE)
_EMBEDDED = re.compile(r".*/embeddings/.*|.*oleobject.*", re.IGNORECASE)
_PACKED = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def packed_texts(content: bytes) -> Iterator[tuple[str, str]]:
    """Give every part's name, its raw markup and its text without tags, PNG metadata, and the comments and extra fields of the packing.

    Raises:
        Unreadable: the file is truncated, encrypted, or has bytes outside its parts; or a part is packed, a program, an
            embedded object or of another kind than markup, SVG and PNG.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            _refuse_hidden_bytes(packed, content)
            yield "", packed.comment.decode("utf-8", "replace")
            for member in packed.infolist():
                yield from _member_texts(member, packed, content)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise Unreadable("det packade innehållet är skadat eller avklippt") from None


def _member_texts(member: zipfile.ZipInfo, packed: zipfile.ZipFile, content: bytes) -> Iterator[tuple[str, str]]:
    name = member.filename
    beside = (member.comment, member.extra, _local_fields(member, content))
    yield name, "\n".join([name, *(field.decode("utf-8", "replace") for field in beside)])
    if member.is_dir():
        return
    for _, text in _part_texts(name, packed.read(member)):
        yield name, text


def _part_texts(name: str, part: bytes) -> Iterator[tuple[str, str]]:
    if _PROGRAM.fullmatch(name):
        raise Unreadable("innehåller ett program (makro)")
    if _EMBEDDED.fullmatch(name) or part.startswith(_OLE):
        raise Unreadable("innehåller ett inbäddat objekt")
    if part.startswith(_PACKED):
        raise Unreadable("innehåller en packad fil")
    if _MARKUP_PART.fullmatch(name):
        return markup_texts(part, style=OFFICE)
    if name.lower().endswith(".svg"):
        return markup_texts(part, style=HTML)
    if name.lower().endswith(".png"):
        return png_texts(part)
    raise Unreadable("innehåller en del av okänt slag")


def _refuse_hidden_bytes(packed: zipfile.ZipFile, content: bytes) -> None:
    """Refuse bytes that belong to no part: before the first, between two, or after the end."""
    members = sorted(packed.infolist(), key=lambda member: member.header_offset)
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise Unreadable("innehållet är krypterat")
    end = 0
    for member, following in zip(members, [*members[1:], None], strict=True):
        if member.header_offset != end:
            raise Unreadable("har byte utanför sina delar")
        end = _end_of_payload(member, content)
        upcoming = following.header_offset if following else packed.start_dir
        if member.flag_bits & _HAS_DESCRIPTOR and upcoming - end in _DESCRIPTOR_LENGTHS:
            end = upcoming
    directory = content.rfind(b"PK\x05\x06")
    if end != packed.start_dir or directory + _END_RECORD + len(packed.comment) != len(content):
        raise Unreadable("har byte utanför sina delar")


def _local_fields(member: zipfile.ZipInfo, content: bytes) -> bytes:
    """Return the name and the extra field that stand before the part itself; they can differ from those of the directory."""
    start = member.header_offset + _LOCAL_HEADER
    return content[start : _end_of_payload(member, content) - member.compress_size]


def _end_of_payload(member: zipfile.ZipInfo, content: bytes) -> int:
    lengths = content[member.header_offset + 26 : member.header_offset + _LOCAL_HEADER]
    name, extra = int.from_bytes(lengths[:2], "little"), int.from_bytes(lengths[2:], "little")
    return member.header_offset + _LOCAL_HEADER + name + extra + member.compress_size
