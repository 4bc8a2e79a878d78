"""Python values as typst code. Text becomes a string literal, never markup, so that no label can say anything but itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})

Value = Any
"""A text, truth value, whole number or None, or a sequence or mapping of such."""


def literal(value: Value) -> str:
    """Return a text, truth value, whole number, None, sequence or mapping (keys are names) as typst code.

    >>> print(literal({"title": 'Andel "nådda" #1', "lines": (1, 2), "total": False, "method": None}))
    (title: "Andel \\"nådda\\" #1", lines: (1, 2,), total: false, method: none,)
    """
    if isinstance(value, str):
        return f'"{value.translate(_ESCAPES)}"'
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return f"({''.join(f'{key}: {literal(part)}, ' for key, part in value.items()).rstrip() or ':'})"
    return f"({''.join(f'{literal(part)}, ' for part in value).rstrip()})"


def call(function: str, **arguments: Value) -> str:
    """Return a call of a template's function in markup; underscores in names become hyphens.

    >>> call("kaa-table", title="Registrerade", row_headers=1)
    '#kaa-table(title: "Registrerade", row-headers: 1)'
    """
    named = ", ".join(f"{name.replace('_', '-')}: {literal(value)}" for name, value in arguments.items())
    return f"#{function}({named})"
