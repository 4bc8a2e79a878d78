"""The hunt: for every target, every table that must exist is looked for; what has none is given away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from kaa_analysis.core.shared_work import shared
from kaa_analysis.disclosure.attack.hunted_part import Means, Part
from kaa_analysis.disclosure.attack.knowledge import Knowledge
from kaa_analysis.disclosure.attack.target import Target

Answer = TypeVar("Answer")


def given_away(targets: Sequence[Target], *, means: Means) -> list[Target]:
    """Return the targets that somebody who knows all this can narrow down too far.

    Every table found is checked in whole numbers before it counts.

    Raises:
        DisclosureError: the solver gave no certain answer.
    """
    found = [
        members[number]
        for members, numbers in _hunted(targets, means, lambda part: part.given_away())
        for number in numbers
    ]
    return [targets[number] for number in sorted(found)]


def possible(targets: Sequence[Target], *, values: range, means: Means) -> np.ndarray:
    """Return which values (k, len(values)), at most twice the threshold, some whole table gives each of ``targets`` (k).

    Raises:
        DisclosureError: the solver gave no certain answer.
    """
    found = np.zeros((len(targets), len(values)), dtype=bool)
    for members, seen in _hunted(targets, means, lambda part: part.possible(values)):
        found[members] = seen
    return found


def _hunted(
    targets: Sequence[Target], means: Means, hunt: Callable[[Part], Answer]
) -> Iterator[tuple[list[int], Answer]]:
    """Give what is found in every connected set of cells, with the numbers of its targets."""
    rows = means.knowledge.rows([target.terms for target in targets])
    groups = means.knowledge.rows([((1, target.group),) if target.group else () for target in targets])
    connected = list(_connected(means.knowledge, sparse.csr_array(abs(rows) + groups)))

    def hunted(place: tuple[np.ndarray, list[int]]) -> Answer:
        cells, members = place
        return hunt(Part(cells, targets=[targets[member] for member in members], rows=rows[members], means=means))

    weights = [len(cells) * len(members) for cells, members in connected]
    for (_, members), answer in zip(connected, shared(hunted, connected, weights=weights), strict=True):
        yield members, answer


def _connected(knowledge: Knowledge, together: sparse.csr_array) -> Iterator[tuple[np.ndarray, list[int]]]:
    """Yield every connected set of cells that can move, with its targets; and once the targets in which none can.

    ``together`` (k, n) holds the cells of each target, so that they end up in one set.
    """
    free = np.flatnonzero(knowledge.lower < knowledge.upper)
    together = sparse.csr_array(together[:, free])
    links = sparse.csr_array(sparse.vstack([knowledge.matrix[:, free], together]) != 0).astype(np.int64)
    _, labels = connected_components(links.T @ links, directed=False)
    label_of = np.full(together.shape[0], -1)
    touched = np.flatnonzero(np.diff(together.indptr))
    label_of[touched] = labels[together.indices[together.indptr[touched]]]
    for label in np.unique(label_of):
        yield free[labels == label], np.flatnonzero(label_of == label).tolist()
