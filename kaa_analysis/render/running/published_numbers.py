"""Numbers that another unit has published: shown without further protection, so that only those of the extract's finished tables may be."""

from __future__ import annotations

from pathlib import Path

import nbformat

from kaa_analysis.core.errors import NotebookError
from kaa_analysis.core.provenance import hash_value
from kaa_analysis.core.result import Estimate, Result
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.disclosure.shown.estimates import PUBLISHED
from kaa_analysis.ingest import finished_results
from kaa_analysis.render.running.execution import Execution
from kaa_analysis.render.running.known_words import in_known_words
from kaa_analysis.store import Register


def refuse_other_published(execution: Execution, *, notebook: Path, register: Register, secure: SecureFolder) -> None:
    """Refuse what an execution of ``notebook`` shows as published numbers, where a finished table of the extract does not give just that result.

    Raises:
        NotebookError: a result was made by hand, or is no longer the finished table that it is called; told with its cell and id.
        ExtractError, DefinitionError: as `finished_results`.
    """
    published = {name: result for name, result in execution.results.items() if _has_published(result)}
    if not published:
        return
    finished = {result.id: _hash(result) for result in finished_results(register, secure=secure)}
    others = [name for name, result in published.items() if _hash(result) != finished.get(name)]
    if others:
        places = [place for place in execution.placements if place.result in others]
        error = NotebookError(
            "Tal som en annan enhet har publicerat visas utan skydd och ska därför vara just de i uttagets färdiga tabeller.",
            found=[f"cell {place.cell + 1}: {place.result}" for place in places],
            action="visa det som ingest.finished_results(register) ger, oförändrat; räkna allt annat med paketets funktioner",
        )
        sources = [cell.source for cell in nbformat.read(notebook, as_version=4).cells]
        raise in_known_words(error, known=[*sources, *finished])


def _has_published(result: Result) -> bool:
    return any(column.rule == PUBLISHED for column in result.of_role(Estimate))


def _hash(result: Result) -> str:
    return hash_value(result.as_record())
