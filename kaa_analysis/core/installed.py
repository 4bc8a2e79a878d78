"""Which programs are at work: Python, the libraries as they are installed, and the lock that says what they should be."""

from __future__ import annotations

import sys
from pathlib import Path

from kaa_analysis.core.project import LOCK_FILE
from kaa_analysis.core.provenance import hash_file

PLACES = frozenset({"site-packages", "dist-packages"})
DESCRIBED_BY = ".dist-info"


def python_version() -> str:
    """Return Python's version without its last part: that part never changes what a program computes."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def installed_versions() -> dict[str, str]:
    """Return the version of every installed library by name, the first found where there are several; none is imported."""
    folders = [Path(name) for name in sys.path if Path(name).name in PLACES and Path(name).is_dir()]
    described = [path.name for folder in folders for path in sorted(folder.glob(f"*{DESCRIBED_BY}"))]
    found: dict[str, str] = {}
    for name, _, version in (text.removesuffix(DESCRIBED_BY).partition("-") for text in described):
        found.setdefault(name, version)
    return dict(sorted(found.items()))


def lock_hash(root: Path | None) -> str | None:
    """Return the hash of the lock of the project in ``root``, None where there is no project or no lock."""
    path = None if root is None else root / LOCK_FILE
    return hash_file(path) if path and path.is_file() else None
