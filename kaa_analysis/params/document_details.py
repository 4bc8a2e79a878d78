"""The details of the document (``params/dokument.yaml``): reference number, committee, meeting, officer, version, appendix."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kaa_analysis.core.errors import ParameterError, did_you_mean
from kaa_analysis.core.project import DOCUMENT_FILE
from kaa_analysis.core.strict_yaml import RepeatedKeyError, read_strict_yaml
from kaa_analysis.params.models import Day
from kaa_analysis.params.reports import REPORTS

OVERRIDES = "reports"


class DocumentDetails(BaseModel):
    """What stands under the title beside period and extract. None: not known yet, the line is left out."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    organisation: str | None = Field(min_length=1, max_length=120, description="organisation eller förvaltning")
    committee: str | None = Field(min_length=1, max_length=120, description="nämnd")
    meeting: Day | None = Field(description="sammanträdesdag, ÅÅÅÅ-MM-DD")
    dnr: str | None = Field(min_length=1, max_length=60, description="diarienummer")
    officer: str | None = Field(min_length=1, max_length=120, description="handläggare")
    version: str | None = Field(min_length=1, max_length=20, description="version, inom citattecken")
    appendix: int | None = Field(ge=1, le=999, description="bilagans nummer, ett heltal")

    def unknown(self) -> list[str]:
        """Return the descriptions of what is not known yet."""
        fields = type(self).model_fields
        return [
            str(field.description).partition(",")[0] for name, field in fields.items() if getattr(self, name) is None
        ]


def read_document_details(path: Path, *, report: str) -> DocumentDetails:
    """Return the details that hold for ``report``: the common ones, and before them those under ``reports: <report>:``.

    Raises:
        ParameterError: the file is missing or not YAML, names an unknown detail or report, lacks a detail, or has a value that
            cannot be used. The message names lines, never values.
    """
    record = _record(path)
    overrides = record.pop(OVERRIDES, None) or {}
    problems = _unknown(overrides, REPORTS, where=OVERRIDES) if isinstance(overrides, Mapping) else [OVERRIDES]
    if not problems and report in overrides:
        own = overrides[report]
        problems = [] if isinstance(own, Mapping) else [f"{OVERRIDES}: {report}"]
        record |= own if not problems else {}
    fields = DocumentDetails.model_fields
    problems += _unknown(record, fields, where=path.name)
    problems += [f'"{name}" saknas: {field.description}' for name, field in fields.items() if name not in record]
    if not problems:
        try:
            return DocumentDetails(**record)
        except ValidationError as error:
            names = [str(item["loc"][0]) for item in error.errors(include_input=False, include_url=False)]
            problems = [f'"{name}" har ett värde som inte går: {fields[name].description}' for name in names]
    raise ParameterError(
        f"{path.name} ska ange varje uppgift om dokumentet, eller null om den inte är känd.",
        found=problems,
        action=f"rätta {DOCUMENT_FILE.as_posix()} och kör igen",
    ) from None


def _record(path: Path) -> dict[str, Any]:
    try:
        record = read_strict_yaml(path.read_text(encoding="utf-8"))
    except RepeatedKeyError as error:
        found = f'"{error.key}" står mer än en gång'
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        found = type(error).__name__
    else:
        if isinstance(record, dict):
            return {str(name): value for name, value in record.items()}
        found = "filen består inte av rader"
    raise ParameterError(
        f"{DOCUMENT_FILE.as_posix()} ska vara läsbar YAML, en rad per uppgift om dokumentet.",
        found=found,
        action="rätta filen, eller hämta tillbaka den som följde med",
    )


def _unknown(names: Mapping[str, Any], known: Mapping[str, Any], *, where: str) -> list[str]:
    return [f'{where}: "{name}" finns inte{did_you_mean(str(name), known)}' for name in names if name not in known]
