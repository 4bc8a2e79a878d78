"""The cells of a notebook that decide what it computes: a change of prose between them computes nothing new."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kaa_analysis.core.provenance import hash_bytes, hash_value
from kaa_analysis.render.notebook_cells import cells_of_report


@dataclass(frozen=True)
class ExecutedCells:
    """The hash of everything in a notebook but its prose, and the place of each such cell among all cells, from 0."""

    hash: str
    places: tuple[int, ...]


def executed_cells(notebook: Path, *, about_part: bool) -> ExecutedCells | None:
    """Return the cells of ``notebook`` that are not prose, None if there is no such file.

    They are numbered among the cells that a report on the whole municipality has, or one ``about_part`` of it.

    A tagged cell of text counts as well: the runner puts the parameters after a cell by its tag. A file that is no notebook
    is hashed whole.
    """
    try:
        content = notebook.read_bytes()
    except OSError:
        return None
    try:
        record = cells_of_report(json.loads(content), about_part=about_part)
        numbered = [(place, cell) for place, cell in enumerate(record.pop("cells")) if not _is_prose(cell)]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ExecutedCells(hash_bytes(content), ())
    return ExecutedCells(hash_value([record, [cell for _, cell in numbered]]), tuple(place for place, _ in numbered))


def _is_prose(cell: dict[str, Any]) -> bool:
    return cell["cell_type"] == "markdown" and not cell.get("metadata", {}).get("tags")
