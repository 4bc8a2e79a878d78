"""The package around a workbook: what may not be in it and how much it may unpack to, looked at before openpyxl opens it."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from openpyxl import Workbook
from openpyxl.reader.excel import ExcelReader

from kaa_analysis.ingest import wording

MAX_UNPACKED_BYTES = 2**30
"""Ten times what the contacts of a large city take unpacked."""
OLD_FORMAT = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
FIRST_PART = "_rels/.rels"
PACKAGE = b"PK\x03\x04"
STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
DAMAGE = (
    zipfile.BadZipFile, zlib.error, ParseError, OSError, EOFError, LookupError, ValueError, TypeError, AttributeError,
    ArithmeticError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What zip, XML and openpyxl raise when a package is damaged; openpyxl has no error of its own for it."""


class UnfitWorkbookError(Exception):
    """A workbook that is not read; its text is Swedish and safe to tell. It never leaves the reading of the file."""


@dataclass(frozen=True, eq=False)
class OpenedWorkbook:
    """A workbook opened for reading: openpyxl's, the package, the name of every worksheet's part in the same order, how many sheets are charts."""

    book: Workbook
    package: zipfile.ZipFile
    parts: tuple[str, ...]
    n_charts: int


class _TableReader(ExcelReader):
    """openpyxl's reader, but that sheets of charts are only counted: it fails on one without a drawing."""

    n_charts = 0

    def read_chartsheet(self, sheet: object, rel: object) -> None:
        """Count the sheet."""
        self.n_charts += 1


@contextmanager
def opened_workbook(path: Path) -> Iterator[OpenedWorkbook]:
    """Open a workbook after a look at what its package holds; openpyxl's warnings, which tell values of cells, are not let out.

    Raises:
        UnfitWorkbookError: it is no such package, is encrypted, holds macros or links to other files, is too large unpacked, or is one that openpyxl cannot open.
    """
    if not _begins_as_package(path) or not zipfile.is_zipfile(path):
        raise UnfitWorkbookError(_what_it_is(path.read_bytes()))
    with path.open("rb") as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(stream) as package:
            _refuse_contents(package)
            _refuse_foreign_xml(package)
        yield _loaded(stream)


def _loaded(stream: IO[bytes]) -> OpenedWorkbook:
    try:
        reader = _TableReader(stream, read_only=True, data_only=True, keep_links=False)
        reader.read()
        relations = [relation for _, relation in reader.parser.find_sheets()]
    except DAMAGE:
        raise UnfitWorkbookError(
            "filen är skadad eller skriven på ett ovanligt sätt; öppna den i Excel och spara den på nytt som XLSX"
        ) from None
    for relation in relations:
        reader.archive.getinfo(relation.target)
    parts = tuple(relation.target for relation in relations if "chartsheet" not in relation.Type)
    return OpenedWorkbook(reader.wb, reader.archive, parts, reader.n_charts)


def _begins_as_package(path: Path) -> bool:
    """Return whether nothing stands before the package; zip itself would look past it."""
    with path.open("rb") as stream:
        return stream.read(len(PACKAGE)) == PACKAGE


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


def _refuse_foreign_xml(package: zipfile.ZipFile) -> None:
    """Refuse a document type, which no workbook has, and the strict form, whose cells openpyxl does not see; both show in a part's first element."""
    for name in package.namelist():
        root = ""
        with package.open(name) as stream, suppress(ParseError):
            try:
                root = next((element.tag for _, element in iterparse(stream, events=("start",), forbid_dtd=True)), "")
            except DefusedXmlException:
                raise UnfitWorkbookError("filen är skadad: den har en dokumenttyp, som ingen Excelfil har") from None
        if root.startswith(STRICT):
            raise UnfitWorkbookError("filen är sparad som strikt Open XML; spara den som vanlig XLSX")
