"""The frames of the target population, worked out once for a register, a day and rules, and kept beside the register."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from typing import TYPE_CHECKING

from kaa_analysis.core.boundary import PACKAGE
from kaa_analysis.core.provenance import CODE_SUFFIXES, hash_tree, hash_value
from kaa_analysis.store.kept_frames import Frames, Question, kept_frames
from kaa_analysis.store.register import file_hashes
from kaa_analysis.target_population.settings import TargetRules

if TYPE_CHECKING:
    from kaa_analysis.store import Register

DECIDING_CODE = ("core", "schema", "store", "target_population")
"""The subpackages whose code and data decide who belongs to the target group."""

LIBRARIES = ("duckdb", "numpy", "pandas")


def kept_population(register: Register, *, observed_to: date, rules: TargetRules, find: Callable[[], Frames]) -> Frames:
    """Return the frames found for everybody in ``register``: kept ones where the register lies in a folder, else what ``find`` gives."""
    files = file_hashes(register)
    if not files:
        return find()
    about = {
        "files": files,
        "municipality": register.municipality,
        "observed_to": observed_to.isoformat(),
        "rules": asdict(rules),
    }
    return kept_frames(register.folder, Question("target_population", deciding_code(), about), find=find)


def deciding_code() -> str:
    """Return one hash of the code and the libraries that decide what is found."""
    code = {part: hash_tree(PACKAGE / part, suffixes=CODE_SUFFIXES) for part in DECIDING_CODE}
    libraries = {name: version(name) for name in LIBRARIES} | {"python": list(sys.version_info[:2])}
    return hash_value(code | libraries)
