"""The plan of a bundle: where each protected table is shown, and facts about the run. No microdata, no paths."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kaa_analysis.core.errors import BundleError
from kaa_analysis.core.provenance import canonical_json
from kaa_analysis.render.bundle import PLAN
from kaa_analysis.render.running.execution import Placement

STORE = "store"
"""The release store's folder in a bundle."""


@dataclass(frozen=True)
class Plan:
    """What the builder needs beside notebook and store: placements in document order, facts for the page, the QA page and the manifest.

    ``texts`` are the authors' texts by their names, ``merged`` the references in them to rows that were put together with others,
    ``definitions`` the records of what readers are told of the indicators.
    """

    placements: tuple[Placement, ...]
    page: Mapping[str, Any]
    qa: Mapping[str, Any]
    manifest: Mapping[str, Any]
    texts: Mapping[str, str] = field(default_factory=dict)
    definitions: Sequence[Mapping[str, Any]] = ()
    merged: Sequence[str] = ()


def write_plan(plan: Plan, folder: Path) -> None:
    """Write the plan into the bundle ``folder``."""
    (folder / PLAN).write_bytes(canonical_json(asdict(plan)))


def read_plan(folder: Path) -> Plan:
    """Return the plan of a bundle ``folder``.

    Raises:
        BundleError: the file is missing or is not what `write_plan` wrote.
    """
    try:
        record = json.loads((folder / PLAN).read_bytes())
        placements = tuple(Placement(**item) for item in record["placements"])
        words = (record.get("texts", {}), record.get("definitions", ()), record.get("merged", ()))
        return Plan(placements, record["page"], record["qa"], record["manifest"], *words)
    except (OSError, ValueError, TypeError, KeyError):
        raise BundleError("Körningens plan är inte hel.", action="kör rapporten igen") from None
