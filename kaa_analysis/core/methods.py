"""Reading the texts that say how each result is made: one YAML file per analysing subpackage, an entry per result."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.core.result import Method
from kaa_analysis.core.strict_yaml import read_strict_yaml


def method_of(name: str, file: Path) -> Method:
    """Return the method called ``name`` in ``file``.

    Raises:
        DefinitionError: there is none, or it lacks a part.
    """
    known = _methods(file)
    if name not in known:
        raise DefinitionError(
            f'Metodtexten "{name}" finns inte{did_you_mean(name, known)}.', action=f"skriv den i {file.name}"
        )
    return known[name]


@cache
def _methods(file: Path) -> Mapping[str, Method]:
    records = read_strict_yaml(file.read_text(encoding="utf-8"))
    try:
        return {
            name: Method(**{part: " ".join(text.split()) for part, text in parts.items()})
            for name, parts in records.items()
        }
    except (TypeError, AttributeError):
        raise DefinitionError(
            "Varje metodtext ska ha counts, time, missing och source.", action=f"rätta {file.name}"
        ) from None
