"""The machine and the programs of a run, in the words of a table."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("pandas", "duckdb", "numpy", "pandera")
GIB = 1024**3


def machine(libraries: Sequence[str] = LIBRARIES) -> str:
    """Return cores, memory, system, Python and the ``libraries`` that do the work."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    versions = ", ".join(f"{name} {version(name)}" for name in libraries)
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, {platform.system()}; "
        f"Python {platform.python_version()}, {versions}"
    )


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    return next((line.split(": ", 1)[1] for line in lines if line.startswith("model name")), platform.machine())
