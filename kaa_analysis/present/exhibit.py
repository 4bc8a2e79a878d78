"""`Exhibit`: a table, figure or sentence with its slug, its texts and the hash of the `Released` it was made from."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from kaa_analysis.core.errors import DisclosureError, ParameterError
from kaa_analysis.disclosure.released import Released

EXHIBIT_MIME = "application/vnd.kaa.exhibit+json"

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Exhibit:
    """What a reader meets. ``html`` is a semantic fragment without headings; every id in it begins with ``slug``.

    ``alt`` is the alternative text of a figure (empty for tables and sentences, which are text); ``svg`` is a whole SVG document.
    """

    slug: str
    form: str
    title: str
    released_id: str
    released_hash: str
    html: str
    text: str
    alt: str = ""
    note: str = ""
    source: str = ""
    svg: str | None = None

    def record(self) -> dict[str, str]:
        """Return what identifies the exhibit: which form of which released table it is, and its alternative text."""
        return {
            "slug": self.slug,
            "form": self.form,
            "title": self.title,
            "released_id": self.released_id,
            "released_hash": self.released_hash,
            "alt": self.alt,
        }

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, Any]:
        bundle = {EXHIBIT_MIME: self.record(), "text/html": self.html, "text/plain": self.text}
        return {
            kind: content
            for kind, content in bundle.items()
            if (not include or kind in include) and kind not in (exclude or ())
        }


def require_released(candidate: object) -> Released:
    """Return ``candidate`` if it has been through disclosure control.

    Raises:
        DisclosureError: it is anything but a `Released`.
    """
    if not isinstance(candidate, Released):
        raise DisclosureError(
            "Bara det som har gått genom röjandekontrollen (Released) kan visas.",
            found=f"fick {type(candidate).__name__}",
            action="låt disclosure.protect släppa resultatet och visa det som kommer ut",
        )
    return candidate


def check_slug(slug: str) -> str:
    """Return ``slug`` if it can be an anchor and a file name.

    Raises:
        ParameterError: it holds anything but a–z, 0–9 and single hyphens between them.
    """
    if not isinstance(slug, str) or not _SLUG.fullmatch(slug):
        raise ParameterError(
            "Ett exhibits slug ska vara små bokstäver a–z, siffror och bindestreck emellan.",
            found=f'"{slug}"',
            action='skriv till exempel "inskrivna-per-stadsdel"',
        )
    return slug
