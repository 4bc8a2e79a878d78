"""Reading a protocol (``params/protocols/<name>.yaml``): every problem is told at once, with its field and line, never what is written there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import ValidationError

from kaa_analysis.core.errors import ParameterError, did_you_mean
from kaa_analysis.core.project import PROTOCOLS_FOLDER
from kaa_analysis.core.strict_yaml import RepeatedKeyError, read_strict_yaml
from kaa_analysis.evaluation.protocols.protocol import ContradictionsError, Protocol
from kaa_analysis.evaluation.protocols.protocol_fields import ProtocolPart
from kaa_analysis.evaluation.protocols.yaml_lines import line_of, yaml_lines

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
KEY = re.compile(r"[a-z][a-z_]*[a-z0-9_]{0,20}")
SUFFIX = ".yaml"
_ACTION = "rätta protokollet; docs/protokoll.md säger vad varje fält betyder"

Lines = Mapping[tuple[str | int, ...], int]


def protocol_names(root: Path) -> list[str]:
    """Return the names of the protocols of the project in ``root``."""
    return sorted(path.stem for path in (root / PROTOCOLS_FOLDER).glob(f"*{SUFFIX}") if NAME.fullmatch(path.stem))


def read_protocol(name: str, *, root: Path) -> Protocol:
    """Return the protocol called ``name`` of the project in ``root``.

    Raises:
        ParameterError: there is none, it is no YAML, or a field is missing, unknown, has a value that cannot be used or contradicts another;
            every problem is told.
    """
    if not NAME.fullmatch(name) or name not in protocol_names(root):
        there = protocol_names(root)
        raise ParameterError(
            f"Protokollet finns inte i {PROTOCOLS_FOLDER.as_posix()}/{did_you_mean(name, there)}.",
            found=[f"finns: {one}" for one in there] or "inga protokoll finns",
            action="ange protokollets namn, utan mapp och utan .yaml",
        )
    path = root / PROTOCOLS_FOLDER / f"{name}{SUFFIX}"
    record, lines = _record(path)
    try:
        return Protocol.model_validate_json(_plain(record, path=path))
    except ValidationError as error:
        items = error.errors(include_input=False, include_url=False)
        problems = [problem for item in items for problem in _problems(item, lines=lines)]
    raise ParameterError(
        f"{path.name} ska ange {', '.join(Protocol.model_fields)}.",
        found=[text for _, text in sorted(problems)],
        action=_ACTION,
    )


def _record(path: Path) -> tuple[Mapping[str, Any], Lines]:
    try:
        text = path.read_text(encoding="utf-8")
        lines = yaml_lines(text)
        record = read_strict_yaml(text)
    except RepeatedKeyError as error:
        found = f'"{field_path((error.key,))}" står mer än en gång i samma del'
    except (yaml.YAMLError, OSError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        found = "filen är inte läsbar YAML i UTF-8, utan upprepningar med *"
        found = f"rad {mark.line + 1}: {found}" if mark is not None else found
    else:
        if isinstance(record, dict):
            return record, lines
        found = "filen består inte av fält"
    raise ParameterError(f"{path.name} ska vara ett protokoll i YAML.", found=found, action=_ACTION)


def _plain(record: Mapping[str, Any], *, path: Path) -> str:
    try:
        return json.dumps(record, allow_nan=False)
    except (TypeError, ValueError):
        raise ParameterError(
            f"{path.name} ska bara ha texter, tal, true, false, null och listor.",
            found="något annat, till exempel .nan eller en nyckel som inte är ett namn",
            action=_ACTION,
        ) from None


def _problems(item: Mapping[str, Any], *, lines: Lines) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of what pydantic found at one place."""
    error = item.get("ctx", {}).get("error")
    if isinstance(error, ContradictionsError):
        for path, reason in error.found:
            yield _told(path, reason, lines=lines)
        return
    path = tuple(part for part in item["loc"] if part != "[key]")
    yield _told(path, _reason(item, path), lines=lines)


def _told(path: tuple[str | int, ...], reason: str, *, lines: Lines) -> tuple[int, str]:
    line = line_of(lines, path)
    where = f"rad {line}, " if line is not None else ""
    return line or 0, f"{where}{field_path(path)}: {reason}"


def field_path(path: tuple[str | int, ...]) -> str:
    """Return a path of keys and places as people write it, places from 1; a key that is no name is not repeated.

    >>> field_path(("decisions", 0, "date")), field_path(("covariates", "Å 1", "why"))
    ('decisions[1].date', 'covariates.(…).why')
    """
    return "".join(
        f"[{part + 1}]" if isinstance(part, int) else f".{part if KEY.fullmatch(part) else '(…)'}" for part in path
    ).removeprefix(".")


def _reason(item: Mapping[str, Any], path: tuple[str | int, ...]) -> str:
    around, description = _field(path)
    if item["type"] == "extra_forbidden":
        return f"fältet finns inte{did_you_mean(str(path[-1]), around)}"
    if item["type"] == "missing":
        return f"saknas – {description}"
    if "[key]" in item["loc"]:
        return "ett namn skrivs med a–z, siffror och understreck och börjar med en bokstav"
    error = item.get("ctx", {}).get("error")
    return str(error) if error is not None else f"värdet går inte – {description}"


def _field(path: tuple[str | int, ...]) -> tuple[Mapping[str, Any], str]:
    """Return the fields of the part that a path leads into and what is said of the last field that it names."""
    fields, description = Protocol.model_fields, ""
    for part in path:
        if isinstance(part, str) and part in fields:
            description = str(fields[part].description)
            inner = part_of(fields[part].annotation)
            fields = fields if inner is None else inner.model_fields
    return fields, description


def part_of(annotation: Any) -> type[ProtocolPart] | None:
    """Return the part of a protocol that a field holds, alone, in a list or under names."""
    if isinstance(annotation, type) and issubclass(annotation, ProtocolPart):
        return annotation
    return next((found for each in get_args(annotation) if (found := part_of(each)) is not None), None)
