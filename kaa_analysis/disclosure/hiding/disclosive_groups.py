"""Values that say something sensitive of everybody in a group where all have them, or none: the groups they are counted in.

There "none" (0) and "all" are unsafe too, and so is what leaves one: somebody in the group who knows the own record then knows it of
the others. Zeros beside such a value are not always shown, since they could tell that all the others have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kaa_analysis.core.result import Result
from kaa_analysis.disclosure.hiding.nested_groups import rest_id, shares
from kaa_analysis.disclosure.hiding.published_cells import PublishedCount
from kaa_analysis.disclosure.hiding.relations import Relation, without
from kaa_analysis.disclosure.named_values import MEASURE
from kaa_analysis.disclosure.policy import Policy


def disclosive_groups(
    results: Sequence[Result], *, counts: Mapping[str, PublishedCount], policy: Policy
) -> dict[str, tuple[str, str]]:
    """Return, by the id of each cell of a disclosive value, the ids of its group and of the rest of the group.

    The group of a value of a split is the cell at the split's total; the group of a measure is the denominator of its share.
    Of two groups the smaller is meant: who is neither all nor none of it is neither of the larger. Empty groups, and cells
    without a known group, are left out.
    """
    wholes = {part: whole for result in results for _, part, whole in shares(result, policy)}
    found = {}
    for cell_id, count in counts.items():
        if count.unit not in policy.protected_units:
            continue
        around = [
            wholes.get(cell_id) if name == MEASURE else without(count.cell, name).id
            for name in policy.disclosive_parts(count.cell)
        ]
        around = [whole for whole in around if whole in counts and whole != cell_id and counts[whole].value]
        if around and count.value is not None:
            whole = min(around, key=lambda found: (counts[found].value, found))
            found[cell_id] = (whole, rest_id(cell_id, whole=whole))
    return found


def soft_cells(relations: Iterable[Relation], *, groups: Mapping[str, tuple[str, str]]) -> frozenset[str]:
    """Return the cells whose zeros can be hidden: those of disclosive values and the parts beside them in their groups."""
    found = set(groups)
    of_groups = {whole for whole, _ in groups.values()}
    for relation in relations:
        if not groups.keys().isdisjoint(relation.terms) and not of_groups.isdisjoint(relation.terms):
            found.update(cell_id for cell_id in relation.terms if cell_id not in of_groups)
    return frozenset(found)
