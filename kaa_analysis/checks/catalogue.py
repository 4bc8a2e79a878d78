"""The catalogue of checks, read from `catalogue.yaml`: what is looked for, why it matters, how bad it is and who mends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.strict_yaml import read_strict_yaml


class Severity(StrEnum):
    """How bad it is that rows are found, the worst first."""

    STOP = "stop"
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Mender(StrEnum):
    """Who can mend what is found."""

    SUPPLIER = "supplier"
    CASE_WORKER = "case_worker"
    STATISTICIAN = "statistician"
    SYSTEM_OWNER = "system_owner"


SEVERITY_LABELS = {
    Severity.STOP: "stopp",
    Severity.ERROR: "fel",
    Severity.WARNING: "varning",
    Severity.NOTE: "upplysning",
}
MENDER_LABELS = {
    Mender.SUPPLIER: "leverantör",
    Mender.CASE_WORKER: "handläggare",
    Mender.STATISTICIAN: "statistiker",
    Mender.SYSTEM_OWNER: "systemansvarig",
}


@dataclass(frozen=True)
class Check:
    """One check. ``id`` never changes meaning; ``table`` says where the rows lie, ``source`` the paragraph or section."""

    id: str
    name: str
    what: str
    why: str
    severity: Severity
    mender: Mender
    table: str
    source: str


@cache
def catalogue() -> Mapping[str, Check]:
    """Return every check by id, in the order of the ids.

    >>> catalogue()["K702"].name
    'Hembesök av färre än två medarbetare'
    """
    text = files("kaa_analysis.checks").joinpath("catalogue.yaml").read_text(encoding="utf-8")
    return MappingProxyType({name: _check(name, record) for name, record in read_strict_yaml(text).items()})


def _check(name: str, record: Mapping[str, str]) -> Check:
    try:
        severity, mender = Severity(record["severity"]), Mender(record["mender"])
        return Check(**{**record, "id": name, "severity": severity, "mender": mender})
    except (KeyError, TypeError, ValueError):
        raise DefinitionError(
            "Varje kontroll i katalogen ska ha name, what, why, severity, mender, table och source.",
            found=name,
            action="rätta catalogue.yaml",
        ) from None
