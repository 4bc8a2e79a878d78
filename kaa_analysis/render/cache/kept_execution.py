"""Keeping what an execution noted, and giving it back to a run that would compute the same."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

from kaa_analysis.core.definitions import definition_from_record
from kaa_analysis.core.errors import KaaError
from kaa_analysis.core.locks import held
from kaa_analysis.core.provenance import canonical_json, hash_bytes
from kaa_analysis.core.result import Result, result_from_record
from kaa_analysis.core.secure_folder import SecureFolder, write_atomically
from kaa_analysis.render.cache.closed_record import write_closed
from kaa_analysis.render.cache.executed_cells import ExecutedCells
from kaa_analysis.render.cache.kept_results import (
    CLOSING,
    KeptResults,
    prune_results,
    result_file,
    results_of_parts,
    results_place,
)
from kaa_analysis.render.cache.order_parts import OrderParts, facts_of_results
from kaa_analysis.render.running.execution import Execution, Placement

LOCK = "results.lock"


def keep_execution(execution: Execution, *, parts: OrderParts, secure: SecureFolder) -> None:
    """Keep what was noted, for the owner alone, in place of what was kept of the same order before.

    The set appears whole or not at all.
    """
    with held(secure.locks / LOCK):
        if parts.cells is not None:
            _put(execution, parts=parts, cells=parts.cells, secure=secure)
            prune_results(parts, secure=secure)


def kept_execution(parts: OrderParts, *, secure: SecureFolder) -> Execution | None:
    """Return what an execution of just these parts noted, None if nothing whole is kept of one.

    The exhibits stand where the cells that show them stand now: prose may have come between.
    """
    kept = results_of_parts(parts, secure=secure)
    return None if kept is None or parts.cells is None else execution_of(kept, cells=parts.cells)


def execution_of(kept: KeptResults, *, cells: ExecutedCells) -> Execution | None:
    """Return the execution that a set holds, its exhibits placed among the notebook's ``cells``; None where it does not hold one."""
    try:
        results = results_in(kept)
        placements = tuple(Placement(**shown | {"cell": cells.places[shown["cell"]]}) for shown in kept.placements)
        definitions = tuple(definition_from_record(record) for record in kept.definitions)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, KaaError):
        return None
    return Execution(results, placements, definitions)


def results_in(kept: KeptResults) -> dict[str, Result]:
    """Return the results of a set by id.

    Raises:
        OSError, ValueError, KeyError, TypeError, KaaError: a file is not what was written.
    """
    return {name: _result(kept, name) for name in sorted(kept.files)}


def _put(execution: Execution, *, parts: OrderParts, cells: ExecutedCells, secure: SecureFolder) -> None:
    place = results_place(parts, secure=secure)
    secure.make_private(place.parent)
    unfinished = Path(tempfile.mkdtemp(dir=place.parent, prefix=".unfinished-"))
    try:
        write_execution(execution, parts=parts, cells=cells, folder=unfinished)
        if place.exists():
            shutil.rmtree(place)
        unfinished.rename(place)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def write_execution(execution: Execution, *, parts: OrderParts, cells: ExecutedCells, folder: Path) -> None:
    """Write every result and then the closing record; a place is told by the cell's number among the executed cells."""
    files = {}
    for name, result in execution.results.items():
        content = canonical_json(result.as_record())
        write_atomically(result_file(folder, name), content)
        files[name] = hash_bytes(content)
    placements = [asdict(shown) | {"cell": cells.places.index(shown.cell)} for shown in execution.placements]
    told = {"placements": placements, "definitions": [one.as_record() for one in execution.definitions]}
    write_closed(folder / CLOSING, {"files": files, **told, "facts": facts_of_results(parts.facts)})


def _result(kept: KeptResults, name: str) -> Result:
    content = result_file(kept.folder, name).read_bytes()
    if hash_bytes(content) != kept.files[name]:
        raise ValueError(name)
    return result_from_record(json.loads(content))
