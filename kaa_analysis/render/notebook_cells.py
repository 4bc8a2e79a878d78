"""Which cells of a notebook a report has: some are for the report on the whole municipality alone, some for that on a part of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kaa_analysis.params.reports import ReportOrder

WHOLE = "hela-kommunen"
"""The tag of a cell that is left out of a report on a part of the municipality."""
PART = "ett-omrade"
"""The tag of a cell that is left out of a report on the whole municipality."""

Record = dict[str, Any]


def is_about_part(order: ReportOrder) -> bool:
    """Return whether a report is about a part of the municipality."""
    return order.params.chosen_area() is not None


def cells_of_report(notebook: Mapping[str, Any], *, about_part: bool) -> Record:
    """Return the JSON record of a notebook with the cells of one kind of report, and without the tags that told them apart.

    In place of every other cell stands one without content, so that a cell has the number that it has in the notebook.

    >>> cells = [{"id": "a", "metadata": {"tags": ["hela-kommunen"]}}, {"id": "b", "metadata": {"tags": ["ett-omrade"]}}]
    >>> [cell.get("source") for cell in cells_of_report({"cells": cells}, about_part=True)["cells"]]
    [[], None]
    """
    left_out = WHOLE if about_part else PART
    cells = [_empty(cell) if left_out in _tags(cell) else _without_own_tags(cell) for cell in notebook["cells"]]
    return {**notebook, "cells": cells}


def _empty(cell: Record) -> Record:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": cell["id"],
        "metadata": {},
        "outputs": [],
        "source": [],
    }


def _without_own_tags(cell: Record) -> Record:
    if not {WHOLE, PART} & set(_tags(cell)):
        return cell
    others = [tag for tag in _tags(cell) if tag not in (WHOLE, PART)]
    return {**cell, "metadata": dict(_with_tags(cell["metadata"], others))}


def _with_tags(metadata: Record, tags: list[str]) -> Iterator[tuple[str, Any]]:
    yield from ((name, value) for name, value in metadata.items() if name != "tags")
    if tags:
        yield "tags", tags


def _tags(cell: Mapping[str, Any]) -> list[str]:
    return list(cell.get("metadata", {}).get("tags", ()))
