"""Which code this is: the package's version and the same hash of the code that every report carries."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from kaa_analysis.core.provenance import CODE_SUFFIXES, RUN_ID_DIGITS, hash_tree

PACKAGE = Path(__file__).resolve().parents[1]


def version_line() -> str:
    """Return the version and the first twelve digits of the code's hash."""
    try:
        number = version("kaa-analysis")
    except PackageNotFoundError:
        number = "(inte installerad)"
    return f"kaa {number}, kod {hash_tree(PACKAGE, suffixes=CODE_SUFFIXES)[:RUN_ID_DIGITS]}"
