"""Changing finished files the way a hand or a program would, for the tests of the gate."""

from __future__ import annotations

import zipfile

OWN = "731"
"""A number that the bundle has nowhere."""


def replaced(path, old: str, new: str) -> None:
    """Write ``new`` for the first ``old`` in a text file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def part_replaced(path, part: str, old: str, new: str) -> None:
    """Write ``new`` for the first ``old`` in a part of a packed file."""
    changed_parts(path, {part: lambda text: _once(text, old, new)})


def _once(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def changed_parts(path, changes) -> None:
    """Change some parts of a packed file, or add new ones."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    for name, change in changes.items():
        parts[name] = change(parts[name].decode()).encode() if callable(change) else change
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"
