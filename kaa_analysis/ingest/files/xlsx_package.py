"""The package around a workbook: what may not be in it, how much it may unpack to, and its parts by their role."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.parsers import expat

from kaa_analysis.ingest import wording

MAX_UNPACKED_BYTES = 2**30
"""Ten times what the contacts of a large city take unpacked."""
OLD_FORMAT = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
FIRST_PART = "_rels/.rels"

Attributes = dict[str, str]
Opened = Callable[[str, Attributes], object]
Closed = Callable[[str], object]


class UnfitWorkbookError(Exception):
    """A workbook that is not read; its text is Swedish and safe to tell. It never leaves the reading of the file."""


@dataclass(frozen=True)
class WorkbookParts:
    """The names of the parts of a workbook: its sheets in order, the shared texts and the cell styles (None if there are none)."""

    workbook: str
    sheets: tuple[str, ...]
    texts: str | None
    styles: str | None


@contextmanager
def opened_package(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open the package of a workbook after a look at what it holds.

    Raises:
        UnfitWorkbookError: it is no such package, is encrypted, holds macros or links to other files, or is too large unpacked.
    """
    if not zipfile.is_zipfile(path):
        raise UnfitWorkbookError(_what_it_is(path.read_bytes()))
    with zipfile.ZipFile(path) as package:
        _refuse_contents(package)
        yield package


def workbook_parts(package: zipfile.ZipFile) -> WorkbookParts:
    """Return the parts of a workbook as its relations name them."""
    [workbook] = [target for kind, target in _relations(package, of="").values() if kind == "officeDocument"]
    relations = _relations(package, of=workbook)
    sheets: list[str] = []

    def sheet(name: str, attributes: Attributes) -> None:
        if name == "sheet":
            [relation] = [value for key, value in attributes.items() if key.endswith(":id")]
            sheets.append(relations[relation][1])

    with package.open(workbook) as stream:
        parse(stream, opened=sheet)
    by_kind = {kind: target for kind, target in relations.values()}
    return WorkbookParts(workbook, tuple(sheets), by_kind.get("sharedStrings"), by_kind.get("styles"))


def parse(
    stream: IO[bytes], *, opened: Opened, closed: Closed | None = None, text: Callable[[str], object] | None = None
) -> None:
    """Read a part from beginning to end; elements are named without their prefix. A document type is refused: no workbook has one."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def root(name: str, attributes: Attributes) -> None:
        prefix = name.rpartition(":")[0] + ":" if ":" in name else ""
        parser.StartElementHandler = _without_prefix(opened, prefix=prefix)
        if closed is not None:
            parser.EndElementHandler = _without_prefix(closed, prefix=prefix)
        parser.StartElementHandler(name, attributes)

    parser.StartElementHandler = root
    if text is not None:
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.ParseFile(stream)


def _without_prefix(handler: Callable[..., object], *, prefix: str) -> Callable[..., object]:
    """Return the handler for names with the prefix of the part's first element; a handler called itself is twice as fast."""
    return (lambda name, *more: handler(name.removeprefix(prefix), *more)) if prefix else handler


def _refuse_document_type(*_: object) -> None:
    raise UnfitWorkbookError("filen är skadad: den har en dokumenttyp, som ingen Excelfil har")


def _what_it_is(content: bytes) -> str:
    if not content.strip():
        return "filen är tom"
    if not content.startswith(OLD_FORMAT):
        return "filen heter som en Excelfil men är ingen, eller är skadad"
    if ENCRYPTED in content:
        return "filen är skyddad med lösenord; lämna den utan"
    return "filen är i det gamla Excelformatet (xls); spara den som XLSX"


def _refuse_contents(package: zipfile.ZipFile) -> None:
    names = package.namelist()
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise UnfitWorkbookError("filen har makron; spara den som XLSX utan makron")
    if any("externallinks/" in name.lower() for name in names):
        raise UnfitWorkbookError("filen har länkar till andra filer; spara den med värden i stället för länkar")
    if any(name.lower().endswith("workbook.bin") for name in names):
        raise UnfitWorkbookError("filen är i Excels binära format (xlsb); spara den som XLSX")
    unpacked = sum(part.file_size for part in package.infolist())
    if unpacked > MAX_UNPACKED_BYTES:
        limit = wording.amount(MAX_UNPACKED_BYTES // 2**20, "MiB", "MiB")
        raise UnfitWorkbookError(
            f"filen är större än {limit} uppackad och läses inte; lämna tabellen som CSV eller Parquet"
        )
    if FIRST_PART not in names:
        raise UnfitWorkbookError("filen heter som en Excelfil men är ett annat arkiv, eller är skadad")


def _relations(package: zipfile.ZipFile, *, of: str) -> dict[str, tuple[str, str]]:
    """Return kind and target by id of the relations ``of`` a part ("" for the package itself)."""
    folder, file = posixpath.split(of)
    found: dict[str, tuple[str, str]] = {}

    def relation(name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes["Target"])).lstrip("/")
            found[attributes["Id"]] = (attributes["Type"].rpartition("/")[2], target)

    with package.open(posixpath.join(folder, "_rels", f"{file}.rels")) as stream:
        parse(stream, opened=relation)
    return found
