"""A PDF opened for reading once, however many look at it: reading its objects takes longer than looking at them."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pypdf import PdfReader


@lru_cache(maxsize=1)
def opened_pdf(content: bytes) -> PdfReader:
    """Return the reader of a file's ``content``: the same as last time for the same bytes. It is strict, and nobody changes it.

    Raises:
        Exception: of whatever kind pypdf raises on what is no PDF.
    """
    from pypdf import PdfReader

    return PdfReader(io.BytesIO(content), strict=True)
