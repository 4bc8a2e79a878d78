"""What differs between two contents of a protocol, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kaa_analysis.evaluation.protocols.protocol_file import field_path

LONGEST_SHOWN = 40
"""A longer text is said to be changed, not repeated."""


def protocol_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a Swedish line per field that is another, in the order of the fields' names; none for equal contents.

    >>> protocol_changes({"estimand": {"horizon_months": 12}}, {"estimand": {"horizon_months": 6}, "version": 2})
    ('estimand.horizon_months: 12 → 6', 'version: tillagt: 2')
    """
    old, new = dict(_leaves(before)), dict(_leaves(after))
    told = {path: _told(path, old, new) for path in old.keys() | new.keys() if _of(path, old) != _of(path, new)}
    return tuple(f"{field_path(path)}: {told[path]}" for path in sorted(told, key=field_path))


def _of(path: tuple[str | int, ...], leaves: Mapping[tuple[str | int, ...], Any]) -> tuple[bool, str]:
    return path in leaves, repr(leaves.get(path))


def _told(
    path: tuple[str | int, ...], old: Mapping[tuple[str | int, ...], Any], new: Mapping[tuple[str | int, ...], Any]
) -> str:
    if path not in old:
        return f"tillagt: {_shown(new[path])}"
    if path not in new:
        return f"borttaget: {_shown(old[path])}"
    before, after = _shown(old[path]), _shown(new[path])
    return "ändrad text" if _LONG in (before, after) else f"{before} → {after}"


_LONG = "en text"


def _shown(value: Any) -> str:
    """Return a value as it stands in the file, a longer text as no more than that."""
    if isinstance(value, str) and len(value) > LONGEST_SHOWN:
        return _LONG
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value) if value not in ({}, []) else "tomt"


def _leaves(content: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield every value that holds no others, by its path; a list of columns or months is one value."""
    if isinstance(content, Mapping) and content:
        for key, value in content.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(content, list) and any(isinstance(each, Mapping) or " " in str(each) for each in content):
        for place, value in enumerate(content):
            yield from _leaves(value, (*path, place))
    else:
        yield path, ", ".join(map(str, content)) if isinstance(content, list) and content else content
