"""The file `uttag.yaml` of an extract: its layout, supplements and edition, its day, and from which day its history is whole."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from kaa_analysis.core.errors import ExtractError
from kaa_analysis.core.strict_yaml import read_strict_yaml
from kaa_analysis.ingest.half_year_editions import closed_half_year, first_day
from kaa_analysis.ingest.layout_files import layout_names, read_layout

DESCRIPTION = "uttag.yaml"
NAME_OF_LAYOUT = re.compile(r"[a-z][a-z_]{0,39}")
"""Nothing else is told in a message as the name of a layout: no row that has slipped in, no day."""


@dataclass(frozen=True)
class Description:
    """What is told of an extract beside its files. ``invented`` = written by the simulation, of persons who do not exist."""

    layout: str
    extract_date: date | None = None
    observed_from: date | None = None
    supplements: tuple[str, ...] = ()
    edition: str | None = None
    invented: bool = False

    def with_half_year(self) -> Description:
        """Return the description with what a layout with editions leaves to be understood.

        The edition is that of the half-year that the day of extract closes, and the history begins with the half-year: who left the
        register before it is not in the file.
        """
        if self.extract_date is None or not _has_editions(self.layout):
            return self
        edition = self.edition or closed_half_year(self.extract_date)
        return replace(self, edition=edition, observed_from=self.observed_from or first_day(edition))

    def as_yaml(self) -> bytes:
        """Return the content of the file; what is not told is left out."""
        told = {name: _written(value) for name, value in asdict(self).items() if value}
        return yaml.safe_dump(told, sort_keys=True).encode()


def read_description(folder: Path) -> Description:
    """Return the description that lies in an extract's folder.

    Raises:
        ExtractError: there is none, or it is not readable as one.
    """
    problem = ExtractError(
        f"Uttaget ska ha en fil {DESCRIPTION} med layout och uttagsdag.",
        action=f'skriv till exempel: layout: ber, och extract_date: "2025-01-31", i {DESCRIPTION}',
    )
    try:
        told = read_strict_yaml((folder / DESCRIPTION).read_text(encoding="utf-8"))
        days = {name: _day(told.get(name)) for name in ("extract_date", "observed_from")}
    except (OSError, ValueError, AttributeError, yaml.YAMLError):
        raise problem from None
    if set(told) - {field.name for field in fields(Description)} or not _has_form(told):
        raise problem
    described = Description(**told | days | {"supplements": tuple(told.get("supplements", ()))})
    return described.with_half_year()


def _has_editions(layout: str) -> bool:
    return layout in layout_names() and read_layout(layout).editions is not None


def _has_form(told: dict[str, Any]) -> bool:
    supplements = told.get("supplements", [])
    names = [told.get("layout"), *(supplements if isinstance(supplements, list) else [None])]
    days = [_day(told.get(name)) for name in ("extract_date", "observed_from")]
    return (
        all(isinstance(name, str) and NAME_OF_LAYOUT.fullmatch(name) for name in names)
        and isinstance(told.get("edition"), str | None)
        and told.get("invented", True) is True
        and all(isinstance(day, date | None) for day in days)
    )


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value


def _day(told: object) -> object:
    return date.fromisoformat(told) if isinstance(told, str) else told
