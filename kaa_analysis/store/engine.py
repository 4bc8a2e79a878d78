"""The engine that reads and writes the register's Parquet files (DuckDB): bounded memory, and nothing outside the secure folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import duckdb

ENGINE_MEMORY = "1GiB"
"""What the engine may hold at once: what a country's register takes, with two processes on a small machine. The rest it writes to disk (decision 13)."""

SPILL = ".duckdb-"
"""How the folders begin, beside the registers, that hold what does not fit in memory: one of its own for every engine, for the files in them
have the same names."""


@contextmanager
def register_engine(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an engine for the register in ``folder``. It knows no frame that is not registered with it, and leaves nothing behind."""
    spill = folder.parent / f"{SPILL}{uuid4().hex}"
    settings = {
        "memory_limit": ENGINE_MEMORY,
        "temp_directory": str(spill),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",
    }
    try:
        with duckdb.connect(":memory:", config=settings) as engine:
            yield engine
    finally:
        shutil.rmtree(spill, ignore_errors=True)
