"""Mutations of the sheet inside a workbook: types, forms, values and places of cells, numbers of rows, formulas, merged cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random

from tests.fuzz.binary_files import SHEET, repacked
from tests.fuzz.packages import Package
from tests.fuzz.table_mutations import Mutation


def _places(pattern: bytes, replacements: Sequence[bytes]) -> Mutation:
    """Return the mutation that writes one of the replacements over one, several or all places of a workbook's sheet where the pattern fits."""
    sought = re.compile(pattern)

    def edit(sheet: bytes, draw: Random) -> bytes:
        found = list(sought.finditer(sheet))
        chosen = draw.sample(found, k=draw.choice([1, 1, min(4, len(found)), len(found)])) if found else []
        for match in sorted(chosen, key=re.Match.start, reverse=True):
            sheet = sheet[: match.start()] + match.expand(draw.choice(replacements)) + sheet[match.end() :]
        return sheet

    def mutate(package: Package, draw: Random) -> None:
        names = [name for name, content in package.contents.items() if content is not None and content[:2] == b"PK"]
        if names:
            name = draw.choice(names)
            package.contents[name] = repacked(package.contents[name], edit, draw, part=SHEET)

    return mutate


VALUES = [
    b"", b"0", b"1", b"-1", b"999999", b"1e999", b"1E+11", b"nan", b"0.5", b"45413.25", b"59", b"200581151016", b"2005811510161234",
    b"200581151016.0", b"TRUE", b"#N/A", b"9" * 400, b"9" * 5000, b" 7 ", b"1_000", b"0x10", b"2025-01-31", b"&lt;",
]  # fmt: skip
WORKBOOK: Mapping[str, Mutation] = {
    "type": _places(rb' t="s"', [b' t="%s"' % kind for kind in (b"b", b"e", b"d", b"n", b"str", b"inlineStr", b"x", b"")]),
    "form": _places(rb'(<c r="\w+")( s="\d+")?', [rb'\1 s="1"', rb'\1 s="99"', rb'\1 s="0"', rb'\1 s="x"']),
    "value": _places(rb"<v>[^<]*</v>", [b"<v>%s</v>" % value for value in VALUES]),
    "number": _places(rb'<c r="(\w+)"[^>]*><v>[^<]*</v>', [rb'<c r="\1" s="1"><v>%s</v>' % value for value in VALUES]),
    "place": _places(rb'<c r="(\w+)"', [rb"<c", rb'<c r="A1"', rb'<c r="ZZZZ5"', rb'<c r="b5"', rb'<c r="5"', rb'<c r="XFD5"', rb'<c r="\1\1"']),
    "row": _places(rb'<row r="(\d+)"', [rb"<row", *[rb'<row r="%s"' % n for n in (b"0", b"-1", b"1", b"5.0", b"1048577", b"99999999999", b"x")]]),
    "hidden": _places(rb'<row r="(\d+)"', [rb'<row r="\1" hidden="1"']),
    "formula": _places(rb"<v>([^<]*)</v>", [rb"<f>1+1</f><v>\1</v>", rb"<f>1+1</f>", rb"<f/><v/>", rb'<f t="shared" si="0"/><v>\1</v>']),
    "size": _places(rb'<dimension ref="[^"]*"', [rb'<dimension ref="A1"', rb'<dimension ref="A1:B3"', rb'<dimension ref="x"']),
    "merged": _places(rb"</sheetData>", [rb'</sheetData><mergeCells><mergeCell ref="A2:A3"/></mergeCells>', rb"", rb"</sheetData><x/>"]),
    "element": _places(rb"<c [^>]*>", [rb"", rb"<x>", rb"<!-- Kanarie -->\g<0>", rb"<![CDATA[Kanarie]]>\g<0>"]),
}  # fmt: skip
