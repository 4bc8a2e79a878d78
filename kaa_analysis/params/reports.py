"""Which reports there are, and reading a parameter file: everything is checked before a kernel starts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from kaa_analysis.core.errors import ParameterError, did_you_mean
from kaa_analysis.core.project import DOCUMENT_FILE, GRANTS_FILE, POLICY_FILE, PROTOCOLS_FOLDER, find_project_root
from kaa_analysis.core.provenance import RUN_ID_DIGITS, hash_value
from kaa_analysis.core.strict_yaml import RepeatedKeyError, read_strict_yaml
from kaa_analysis.params.models import (
    AnnualAppendixParams,
    DataQualityParams,
    DistrictSheetParams,
    HalfYearReportParams,
    NotebookParams,
    OutreachReportParams,
    ReportParams,
    TertialReportParams,
    TimeToEducationParams,
    TimeToFirstContactParams,
    TimeToStudyPlacementParams,
)

TEXTS = "texter"
"""The folder beside a parameter file that holds, in a folder named as the file, what people write in the report."""

LONGEST_FILE = 40
"""A parameter file holds what differs from one report to the next, not the domain."""


@dataclass(frozen=True)
class ReportKind:
    """A report: its name in files and folders, its notebook, the model of its parameters, and whether it is to be one page in print."""

    name: str
    notebook: str
    model: type[ReportParams]
    one_page: bool = False


REPORTS: Mapping[str, ReportKind] = {
    kind.name: kind
    for kind in (
        ReportKind("arsbilaga", "10_annual_appendix.ipynb", AnnualAppendixParams),
        ReportKind("tertialrapport", "11_tertial_report.ipynb", TertialReportParams),
        ReportKind("uppsoksrapport", "12_outreach_report.ipynb", OutreachReportParams),
        ReportKind("halvarsrapport", "13_half_year_report.ipynb", HalfYearReportParams),
        ReportKind("stadsdelsblad", "14_district_sheet.ipynb", DistrictSheetParams, one_page=True),
        ReportKind("tid_till_studier", "20_time_to_study_placement.ipynb", TimeToStudyPlacementParams),
        ReportKind("tid_till_forsta_kontakt", "21_time_to_first_contact.ipynb", TimeToFirstContactParams),
        ReportKind("tid_till_utbildning", "29_time_to_education.ipynb", TimeToEducationParams),
    )
}


@dataclass(frozen=True)
class RoomKind:
    """A notebook that stays inside the secure room: no report can be made of it."""

    name: str
    notebook: str
    model: type[NotebookParams]


INSIDE_ROOM: Mapping[str, RoomKind] = {
    kind.name: kind for kind in (RoomKind("datakvalitet", "90_data_quality.ipynb", DataQualityParams),)
}


@dataclass(frozen=True)
class ReportOrder:
    """A report to make, with checked parameters. ``texts`` is the folder of its authors' texts from the project, empty where it can have none.

    The same report with other texts is the same report.
    """

    kind: ReportKind
    params: ReportParams
    texts: str = field(default="", compare=False)

    @property
    def name(self) -> str:
        """The name of everything that is kept of the report inside the secure folder: report, period, and a hash of the parameters."""
        digits = hash_value(self.params.model_dump())[:RUN_ID_DIGITS]
        return f"{self.kind.name}-{self.params.period_folder()}-{digits}"


def read_order(path: Path) -> ReportOrder:
    """Return the report and the checked parameters that a parameter file asks for.

    Raises:
        ParameterError: the file is missing, is not flat YAML, holds a parameter twice, names an unknown report or
            parameter, a value is not allowed, or the notebook stays inside the secure room.
    """
    _refuse_inside_room(path.name)
    record = _flat_yaml(path)
    name = record.pop("report", None)
    _refuse_inside_room(name)
    if name not in REPORTS:
        raise ParameterError(
            f"{path.name}: report ska vara ett av {', '.join(REPORTS)}{did_you_mean(str(name), REPORTS)}.",
            action="rätta raden report: i parameterfilen",
        )
    return ReportOrder(REPORTS[name], check_params(REPORTS[name], record, where=path.name), texts_beside(path))


def texts_beside(path: Path) -> str:
    """Return the folder of the texts of a parameter file, from the project that the file lies in; empty where it lies in none."""
    root = find_project_root()
    folder = path.absolute().parent.resolve() / TEXTS / path.stem
    return folder.relative_to(root).as_posix() if root is not None and folder.is_relative_to(root) else ""


def _refuse_inside_room(name: object) -> None:
    for kind in INSIDE_ROOM.values():
        if name in (kind.name, kind.notebook):
            raise ParameterError(
                f"{kind.notebook} är arbetsmaterial i den säkra mappen och blir aldrig en rapport.",
                found=f"rapporter: {', '.join(REPORTS)}",
                action="öppna anteckningsboken med kaa lab, eller kör kaa check för kontrollerna",
            )


def check_params(kind: ReportKind | RoomKind, values: Mapping[str, Any], *, where: str) -> NotebookParams:
    """Return the parameters as the notebook's model, or tell every problem at once."""
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
    context = item.get("ctx", {})
    reason = context["error"] if item["type"] == "value_error" else context.get("expected", "")
    if not item["loc"]:
        return str(reason) or "värdena hör inte ihop"
    name = str(item["loc"][0])
    told = f'"{name}" har ett värde som inte går: {fields[name].description}'
    return told + (f" ({str(reason).replace(' or ', ' eller ')})" if reason else "")


def _flat_yaml(path: Path) -> dict[str, Any]:
    text = _text(path)
    try:
        record = read_strict_yaml(text)
    except RepeatedKeyError as error:
        raise ParameterError(
            f"{path.name}: en parameter får stå en gång.",
            found=f'"{error.key}" står mer än en gång',
            action="ta bort den rad som inte ska gälla",
        ) from None
    except yaml.YAMLError:
        raise ParameterError("Parameterfilen ska vara YAML, en rad per parameter.", found=path.name) from None
    nested = isinstance(record, dict) and any(isinstance(value, (dict, list)) for value in record.values())
    if not isinstance(record, dict) or nested or len(text.splitlines()) > LONGEST_FILE:
        raise ParameterError(
            f"Parameterfilen ska vara platt, en rad per parameter, högst {LONGEST_FILE} rader.", found=path.name
        )
    return {str(name): value for name, value in record.items()}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        there = parameter_files()
        raise ParameterError(
            f"Parameterfilen finns inte: {path}{did_you_mean(path.as_posix(), there)}",
            found=[f"finns: {name}" for name in there],
            action="kontrollera namnet, eller kopiera en av filerna och ändra i kopian",
        ) from None
    except (OSError, UnicodeDecodeError):
        raise ParameterError(
            "Parameterfilen ska vara en läsbar text i UTF-8.", found=str(path), action="kontrollera filen"
        ) from None


def parameter_files() -> list[str]:
    """Return the project's parameter files, those in sub-folders last, as paths from the working directory; none outside a project.

    Protocols of evaluations are none.
    """
    root = find_project_root()
    others = {POLICY_FILE.name, DOCUMENT_FILE.name, GRANTS_FILE.name}
    params = root / "params" if root else None
    files = sorted(params.rglob("*.yaml"), key=_files_before_folders) if params else []
    shown = [path for path in files if path.parent != params or path.name not in others]
    shown = [path for path in shown if root is None or root / PROTOCOLS_FOLDER not in path.parents]
    return [Path(os.path.relpath(path)).as_posix() for path in shown]


def _files_before_folders(path: Path) -> tuple[int, str]:
    return len(path.parts), path.as_posix()
