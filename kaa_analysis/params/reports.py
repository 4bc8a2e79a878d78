"""Which reports there are, and reading a parameter file: everything is checked before a kernel starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from kaa_analysis.core.errors import ParameterError, did_you_mean
from kaa_analysis.params.models import AnnualAppendixParams, ReportParams, TimeToStudyPlacementParams

LONGEST_FILE = 40
"""A parameter file holds what differs from one report to the next, not the domain."""


@dataclass(frozen=True)
class ReportKind:
    """A report: its name in files and folders, its notebook and the model of its parameters."""

    name: str
    notebook: str
    model: type[ReportParams]


REPORTS: Mapping[str, ReportKind] = {
    kind.name: kind
    for kind in (
        ReportKind("arsbilaga", "10_annual_appendix.ipynb", AnnualAppendixParams),
        ReportKind("tid_till_studier", "20_time_to_study_placement.ipynb", TimeToStudyPlacementParams),
    )
}


@dataclass(frozen=True)
class ReportOrder:
    """A report to make, with checked parameters."""

    kind: ReportKind
    params: ReportParams


def read_order(path: Path) -> ReportOrder:
    """Return the report and the checked parameters that a parameter file asks for.

    Raises:
        ParameterError: the file is missing, is not flat YAML, names an unknown report or parameter, or a value is not allowed.
    """
    record = _flat_yaml(path)
    name = record.pop("report", None)
    if name not in REPORTS:
        raise ParameterError(
            f"{path.name}: report ska vara ett av {', '.join(REPORTS)}{did_you_mean(str(name), REPORTS)}.",
            action="rätta raden report: i parameterfilen",
        )
    return ReportOrder(REPORTS[name], check_params(REPORTS[name], record, where=path.name))


def check_params(kind: ReportKind, values: Mapping[str, Any], *, where: str) -> ReportParams:
    """Return the parameters as the report's model, or tell every problem at once."""
    fields = kind.model.model_fields
    problems = [f'"{name}" är ingen parameter{did_you_mean(name, fields)}' for name in values if name not in fields]
    problems += [f'"{name}" saknas: {field.description}' for name, field in fields.items() if name not in values]
    if not problems:
        try:
            return kind.model(**values)
        except ValidationError as error:
            problems = [_problem(item, fields) for item in error.errors(include_input=False, include_url=False)]
    raise ParameterError(
        f"{where}: parametrarna ska vara {', '.join(fields)}.",
        found=problems,
        action="rätta parameterfilen och kör igen",
    ) from None


def _problem(item: Mapping[str, Any], fields: Mapping[str, Any]) -> str:
    if not item["loc"]:
        return str(item["ctx"]["error"]) if item["type"] == "value_error" else "värdena hör inte ihop"
    name = str(item["loc"][0])
    allowed = item.get("ctx", {}).get("expected")
    return f'"{name}" har ett värde som inte går: {fields[name].description}' + (f" ({allowed})" if allowed else "")


def _flat_yaml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ParameterError(
            "Parameterfilen ska finnas och vara text i UTF-8.", found=path.name, action="kontrollera filnamnet"
        ) from None
    try:
        record = yaml.safe_load(text)
    except yaml.YAMLError:
        raise ParameterError("Parameterfilen ska vara YAML, en rad per parameter.", found=path.name) from None
    nested = isinstance(record, dict) and any(isinstance(value, (dict, list)) for value in record.values())
    if not isinstance(record, dict) or nested or len(text.splitlines()) > LONGEST_FILE:
        raise ParameterError(
            f"Parameterfilen ska vara platt, en rad per parameter, högst {LONGEST_FILE} rader.", found=path.name
        )
    return record
