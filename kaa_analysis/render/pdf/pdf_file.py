"""Setting a document as PDF/A-2a and PDF/UA-1: typst refuses what is not accessible, and no text is set in a font we do not ship."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from kaa_analysis.core.errors import BundleError
from kaa_analysis.present.typeface import FONTS
from kaa_analysis.render.document import Document
from kaa_analysis.render.pdf.table_tags import with_row_headers
from kaa_analysis.render.pdf.typst_document import typst_source

STANDARDS = ("a-2a", "ua-1")

_NO_GLYPH = "could not be displayed with font"
_TOO_WIDE = "assertion failed: too wide"
_WITHOUT_TEXT = re.compile(r"PDF/[\w, /-]+ error: [\w ]+")


def write_pdf(document: Document, path: Path) -> None:
    """Write ``document`` to ``path``; the same document gives the same bytes.

    Raises:
        BundleError: the document cannot be set as an accessible PDF for the archive.
    """
    path.write_bytes(pdf_bytes(document))


def pdf_bytes(document: Document) -> bytes:
    """Return ``document`` as the bytes of a PDF file.

    Raises:
        BundleError: as `write_pdf`.
    """
    grids = [exhibit.grid for exhibit in document.exhibits() if exhibit.kind == "table"]
    return with_row_headers(_compiled(typst_source(document), day=document.day), grids)


def _compiled(source: str, *, day: str) -> bytes:
    import typst

    try:
        return typst.compile(
            source.encode(),
            root=str(FONTS),
            pdf_standards=list(STANDARDS),
            ignore_system_fonts=True,
            font_paths=[str(FONTS)],
            timestamp=datetime.fromisoformat(day).replace(tzinfo=UTC),
        )
    except typst.TypstError as error:
        raise _refused(error.message) from None


def _refused(message: str) -> BundleError:
    """Return our error. typst's own words go with it only when they quote nothing from the document."""
    if _NO_GLYPH in message:
        found = "texten har ett tecken som typsnittet saknar"
    elif message == _TOO_WIDE:
        found = "en tabell är för bred också för en liggande sida"
    else:
        found = message if _WITHOUT_TEXT.fullmatch(message) else "typst kunde inte sätta dokumentet"
    return BundleError(
        "Rapporten ska gå att sätta som tillgänglig PDF för arkivet (PDF/A-2a, PDF/UA-1).",
        found=found,
        action="se efter bilder, tecken utöver europeiska bokstäver och rubriknivåer i anteckningsbokens text",
    )
