"""Registers that a process holds opened, so that those forked from it need not read them again."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from kaa_analysis.store.register import Register, file_hashes

_HELD: dict[Path, tuple[Register, dict[str, str]]] = {}


def hold(register: Register) -> None:
    """Keep a register, with what has been read and found out of it, for this process and all that are forked from it."""
    _HELD[register.folder] = register, file_hashes(register)


def as_held(opened: Register) -> Register:
    """Return the register that is held if it is the one just ``opened``, file by file and word by word, else ``opened`` itself."""
    kept, hashes = _HELD.get(opened.folder, (None, {}))
    if kept is None or hashes != file_hashes(opened):
        return opened
    told = [field.name for field in fields(Register) if field.init]
    same = all(getattr(kept, name) == getattr(opened, name) for name in told)
    return kept if same else opened
