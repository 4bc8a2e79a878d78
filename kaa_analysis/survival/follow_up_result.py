"""What all tables about a follow-up have in common: id, title, context, note, source and method are put together here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.methods import method_of
from kaa_analysis.core.result import Column, Dimension, Equation, Result, RowSum
from kaa_analysis.survival.groups import group_dimension, split_note
from kaa_analysis.survival.linked_counts import METHODS, follow_up_context, follow_up_words, source, title_of


def follow_up_result(
    follow_up: FollowUp,
    name: str,
    *,
    title: str,
    columns: Sequence[Column],
    table: pd.DataFrame,
    note: str,
    method: str,
    by: str | None = None,
    equations: Iterable[Equation] = (),
    row_sums: Iterable[RowSum] = (),
    told: dict[str, str] | None = None,
) -> Result:
    """Return a table about a follow-up, of those of ``table``'s columns that ``columns`` name.

    ``name`` and the split ``by`` make the id. What the follow-up is called comes after ``title``, what the split and the follow-up have to say after
    ``note``; ``method`` is an entry of ``methods.yaml``. ``told`` is what is the same in all rows beside the context of the follow-up.

    Raises:
        DefinitionError: as `Result`, and where there is no such method.
    """
    return Result(
        id=f"{follow_up.cohort}_{name}" + (f"_by_{by}" if by else ""),
        title=f"{title}: {title_of(follow_up)}",
        columns=tuple(columns),
        table=table[[column.name for column in columns]],
        context=follow_up_context(follow_up) | (told or {}),
        row_sums=tuple(row_sums),
        equations=tuple(equations),
        note=note + split_note(by) + follow_up_words(follow_up),
        source=source(follow_up),
        method=method_of(method, METHODS),
    )


def split_dimensions(follow_up: FollowUp, *, by: str | None) -> list[Dimension]:
    """Return the dimension of the split, none without one."""
    dimension = group_dimension(by, follow_up=follow_up)
    return [] if dimension is None else [dimension]
