"""Which unprotected results are kept: at most one set per extract, report and parameters, closed by a record with every file's hash."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kaa_analysis.core.provenance import hash_file, hash_value
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.render.cache.closed_record import read_closed
from kaa_analysis.render.cache.order_parts import Facts, OrderParts

CLOSING = "closing.json"
"""Written last, and moved into place with the files that it names."""


@dataclass(frozen=True)
class KeptResults:
    """A whole set: its folder, the hash of each result's file by the result's id, where they are shown, what is told of the indicators, and
    what they were made of.
    """

    folder: Path
    files: dict[str, str]
    placements: list[dict[str, Any]]
    definitions: list[dict[str, Any]]
    facts: Facts


def result_file(folder: Path, name: str) -> Path:
    """Return the file of the result called ``name``."""
    return folder / f"{name}.json"


def results_slot(parts: OrderParts, *, secure: SecureFolder) -> Path:
    """Return the folder in which the one set of an order lies, in a folder named by its key."""
    return secure.results_of(parts.extract) / parts.slot


def results_place(parts: OrderParts, *, secure: SecureFolder) -> Path:
    """Return the folder of the set that was made of just these parts."""
    return results_slot(parts, secure=secure) / parts.results_key


def whole_results(folder: Path) -> KeptResults | None:
    """Return the set in ``folder`` if its closing record is whole and every file is there with its hash, and no other; else None."""
    content = read_closed(folder / CLOSING)
    try:
        kept = None if content is None else KeptResults(folder, **content)
        same = kept is not None and _hashes(folder) == {
            result_file(folder, name): told for name, told in kept.files.items()
        }
    except (OSError, TypeError, AttributeError):
        return None
    return kept if same else None


def results_of_parts(parts: OrderParts, *, secure: SecureFolder) -> KeptResults | None:
    """Return the whole set that was made of just these parts, None if there is none."""
    kept = whole_results(results_place(parts, secure=secure))
    return kept if kept and hash_value(kept.facts) == parts.results_key else None


def earlier_results(parts: OrderParts, *, secure: SecureFolder) -> KeptResults | None:
    """Return the whole set of the same report, period and parameters, whatever else it was made of."""
    folders = sorted(results_slot(parts, secure=secure).glob("[!.]*"))
    return next((kept for folder in folders if (kept := whole_results(folder))), None)


def prune_results(parts: OrderParts, *, secure: SecureFolder) -> None:
    """Remove every set of the order but the one made of these parts, and the sets of extracts that are no longer there."""
    place = results_place(parts, secure=secure)
    others = [folder for folder in place.parent.iterdir() if folder != place]
    others += [folder for folder in secure.kept_results.iterdir() if not (secure.extracts / folder.name).is_dir()]
    for folder in others:
        shutil.rmtree(folder)


def _hashes(folder: Path) -> dict[Path, str]:
    return {path: hash_file(path) for path in folder.iterdir() if path.name != CLOSING}
