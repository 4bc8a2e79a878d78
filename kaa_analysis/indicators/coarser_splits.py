"""The coarser groupings of a split whose values are the codes of a vocabulary."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kaa_analysis.core.groupings import Grouping, grouped_vocabulary


def coarser_groupings(
    vocabulary: str, *, split: str, label: str, values: Collection[str], notes: Sequence[str]
) -> tuple[Grouping, ...]:
    """Return the groups of the ``values`` that the split can have, from finer to coarser; ``notes`` tell readers of each level.

    >>> [grouping] = coarser_groupings(
    ...     "end_reason", split="end_reason", label="Orsak", values=["studies", "work", "unknown", "other"], notes=["Sammanslaget."]
    ... )
    >>> dict(grouping.groups)
    {'studies_or_work': ('studies', 'work'), 'other_or_unknown': ('other', 'unknown')}
    """
    found = []
    for note, (groups, labels) in zip(notes, grouped_vocabulary(vocabulary), strict=True):
        of_split = {group: tuple(code for code in codes if code in values) for group, codes in groups.items()}
        found.append(Grouping(split, label, of_split, labels, note))
    return tuple(found)
