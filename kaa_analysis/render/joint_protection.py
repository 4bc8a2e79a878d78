"""All results of all reports of a release protected as one, in the same order however the reports were asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from kaa_analysis.core.result import Result
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.release_parts import ReleasePart, release_parts
from kaa_analysis.disclosure.store import READABLE, write_store
from kaa_analysis.render.earlier_bundles import EarlierBundle, ledger_of


def protect_reports(
    results: Mapping[str, Mapping[str, Result]], *, policy: Policy, earlier: Sequence[EarlierBundle]
) -> dict[str, ReleasePart]:
    """Return what each report of a release gets, by the report's name; ``results`` holds the results by id of each.

    Raises:
        DisclosureError: as `disclosure.release_parts.protect_release`.
    """
    in_order = {name: list(results[name].values()) for name in sorted(results)}
    return release_parts(in_order, policy=policy, ledger=ledger_of(earlier))


def write_part(part: ReleasePart, folder: Path, *, mode: int = READABLE) -> None:
    """Write a report's part of a release as its release store."""
    write_store(part.released, folder, equations=part.equations, elsewhere=part.elsewhere, mode=mode)
