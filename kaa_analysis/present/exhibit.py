"""`Exhibit`: a table, figure or sentence with its slug, its texts and the hash of the `Released` it was made from.

It is neutral: every format (page, PDF, Word) writes the same grid, drawing, notes and method in its own way.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from kaa_analysis.core.errors import DisclosureError, ParameterError
from kaa_analysis.core.result import Method
from kaa_analysis.disclosure.released import Released
from kaa_analysis.present.drawing import Drawing
from kaa_analysis.present.fragment import figure_html, sentence_html, table_html
from kaa_analysis.present.grid import Grid, grid_text
from kaa_analysis.present.notes import Notes

EXHIBIT_MIME = "application/vnd.kaa.exhibit+json"

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Exhibit:
    """What a reader meets.

    A sentence has ``words``; a table has a ``grid``; a figure has a ``drawing`` with its alternative text ``alt``, and a ``grid``
    if the values it draws stand under it as a table. ``label`` is its number in a document ("Tabell 3"), empty outside one.
    """

    slug: str
    form: str
    title: str
    released_id: str
    released_hash: str
    words: str = ""
    grid: Grid | None = None
    drawing: Drawing | None = None
    alt: str = ""
    notes: Notes = field(default_factory=Notes)
    method: Method | None = None
    label: str = ""

    @property
    def kind(self) -> str:
        """*sentence*, *table* or *figure*."""
        return self.form.partition(":")[0]

    @property
    def html(self) -> str:
        """A semantic fragment without headings; every id in it begins with the slug."""
        if self.kind == "sentence":
            return sentence_html(self.words, slug=self.slug)
        if self.drawing is None:
            return table_html(self.grid, slug=self.slug, title=self.title, label=self.label, notes=self.notes)
        return figure_html(
            self.drawing.svg,
            slug=self.slug,
            title=self.title,
            label=self.label,
            numbers=self.grid,
            notes=self.notes,
            method=self.method,
        )

    @property
    def text(self) -> str:
        """The same as plain text."""
        shown = self.words or self.title
        parts = [shown, self.alt, grid_text(self.grid) if self.grid else "", *self.notes.lines()]
        return "\n".join(part for part in parts if part)

    def numbered(self, label: str) -> Exhibit:
        """Return the exhibit with its number in a document."""
        return replace(self, label=label)

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
