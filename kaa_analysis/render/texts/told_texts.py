"""The authors' texts of one run, held against its release store before any file of the report is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kaa_analysis.core.definitions import tables_showing
from kaa_analysis.core.errors import NotebookError
from kaa_analysis.core.result import Dimension
from kaa_analysis.disclosure.store import read_store
from kaa_analysis.present.author_slots import author_slot_of
from kaa_analysis.render.plan import STORE
from kaa_analysis.render.running.execution import Execution
from kaa_analysis.render.texts.author_references import Reference, references_in
from kaa_analysis.render.texts.released_figures import ReleasedFigures
from kaa_analysis.render.texts.text_filling import filled_texts, unknown_reason, without_hidden


@dataclass(frozen=True)
class ToldTexts:
    """The texts as a bundle may tell them, by their names, and the names of references to rows that were put together with others."""

    texts: Mapping[str, str] = field(default_factory=dict)
    merged: tuple[str, ...] = ()


def told_texts(texts: Mapping[str, str], *, execution: Execution, bundle: Path) -> ToldTexts:
    """Return the texts that the notebook has places for; the release store of the ``bundle`` lies in it.

    Raises:
        ParameterError: a reference names no cell that the report shows.
        NotebookError: there are references, but the notebook gives no definitions of indicators.
    """
    places = {author_slot_of(placement.form) for placement in execution.placements}
    placed = {slot: text for slot, text in texts.items() if slot in places}
    if not any(references_in(text) for text in placed.values()):
        return ToldTexts(placed)
    if not execution.definitions:
        raise NotebookError(
            "En anteckningsbok med texter som hänvisar till rapportens tal ska också ge definitionerna.",
            action="lägg till report.define(indicators.definitions()) i anteckningsboken",
        )
    released = read_store(bundle / STORE)
    merged = tuple(_merged(placed, execution, ReleasedFigures(execution.definitions, released)))
    figures = ReleasedFigures(execution.definitions, released, frozenset(merged))
    filled_texts(placed, figures=figures, draft=True)
    return ToldTexts(without_hidden(placed, figures=figures), merged)


def _merged(texts: Mapping[str, str], execution: Execution, figures: ReleasedFigures) -> Iterator[str]:
    """Give the references that lead nowhere only because the protection has put rows together."""
    found = dict.fromkeys(reference for text in texts.values() for reference in references_in(text))
    unknown = [reference for reference in found if unknown_reason(reference, figures)]
    yield from dict.fromkeys(one.name for one in unknown if _was_there(one, execution))


def _was_there(reference: Reference, execution: Execution) -> bool:
    """Return whether a table had the reference's rows, in a split whose values can be put together. No number is looked at."""
    columns = {name: [column.name for column in result.columns] for name, result in execution.results.items()}
    for table in tables_showing(execution.definitions, columns).get(reference.indicator, ()):
        splits = {split.name: split for split in execution.results[table].of_role(Dimension)}
        asked = [(splits.get(name), value) for name, value in reference.split]
        known = all(split is not None and value in split.labels for split, value in asked)
        if known and any(split.coarser for split, _ in asked):
            return True
    return False
