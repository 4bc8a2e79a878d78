"""The numbered objects of a PDF file as typst writes it: plain text, one after the other, found by one cross-reference table.

Only the objects that are changed are changed: fonts, metadata, colour profile, file id and everything else stay byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kaa_analysis.core.errors import BundleError

_TABLE = re.compile(rb"xref\n0 (\d+)\n")
_ENTRY = re.compile(rb"(\d{10}) (\d{5}) ([fn])\r\n")
_OBJECT = re.compile(rb"(\d+) 0 obj\n")
_ENTRY_BYTES = 20


class PdfObjects:
    """The objects of a PDF file by number, to be read and replaced."""

    def __init__(self, pdf: bytes) -> None:
        """Take a file apart.

        Raises:
            BundleError: it is not built as typst builds it.
        """
        start = int(pdf[pdf.rindex(b"startxref") :].split()[1])
        table = _TABLE.match(pdf, start)
        if table is None:
            raise unexpected("korsreferenstabellen")
        end = table.end() + int(table[1]) * _ENTRY_BYTES
        offsets = sorted(int(at) for at, _, kind in _ENTRY.findall(pdf, table.end(), end) if kind == b"n")
        self._opening = pdf[: offsets[0]]
        self._bodies = dict(_numbered(pdf[at:to]) for at, to in zip(offsets, [*offsets[1:], start], strict=True))
        self._trailer = pdf[end : pdf.rindex(b"startxref")]
        if set(self._bodies) != set(range(1, int(table[1]))):
            raise unexpected("objektens nummer")

    def __getitem__(self, number: int) -> bytes:
        return self._bodies[number]

    def items(self) -> list[tuple[int, bytes]]:
        """Return (number, body) of every object in order of number."""
        return sorted(self._bodies.items())

    def replace(self, changed: Mapping[int, bytes]) -> None:
        """Give the objects of ``changed`` new bodies."""
        self._bodies |= changed

    def pdf(self) -> bytes:
        """Return the file."""
        parts, offsets, at = [self._opening], {}, len(self._opening)
        for number, body in self._bodies.items():
            offsets[number] = at
            parts.append(b"%d 0 obj\n" % number + body)
            at += len(parts[-1])
        entries = b"".join(b"%010d 00000 n\r\n" % offsets[number] for number in sorted(offsets))
        parts.append(b"xref\n0 %d\n0000000000 65535 f\r\n" % (len(offsets) + 1) + entries + self._trailer)
        return b"".join(parts) + b"startxref\n%d\n%%%%EOF" % at


def unexpected(what: str) -> BundleError:
    """Return the error for a file that typst has built in another way than this version does."""
    return BundleError(
        "PDF-filen ska vara byggd som den låsta versionen av typst bygger den.",
        found=f"annorlunda: {what}",
        action="installera låsta versioner och kör rapporten igen",
    )


def _numbered(written: bytes) -> tuple[int, bytes]:
    found = _OBJECT.match(written)
    if found is None:
        raise unexpected("ett objekts början")
    return int(found[1]), written[found.end() :]
