"""How much of a split's rows would have to be hidden at least: the measure by which a coarser grouping is chosen.

Unsafe counts are hidden, and where one hidden number stands alone among what adds up to a total, the smallest other goes with it, again
and again. It is an estimate: the protection itself weighs all tables of the release against each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kaa_analysis.core.result import Count, Dimension, Result
from kaa_analysis.disclosure.policy import Policy


@dataclass(frozen=True)
class ExpectedLoss:
    """How many of the numbers in the rows of a split (zeros left out) would be hidden, and how much of what they count."""

    n_hidden: int = 0
    n_numbers: int = 0
    hidden: int = 0
    counted: int = 0

    @property
    def of_numbers(self) -> float:
        """The share of the numbers that would be hidden."""
        return self.n_hidden / self.n_numbers if self.n_numbers else 0.0

    @property
    def of_counted(self) -> float:
        """The share of what they count that would be hidden."""
        return self.hidden / self.counted if self.counted else 0.0

    def __add__(self, other: ExpectedLoss) -> ExpectedLoss:
        return ExpectedLoss(
            self.n_hidden + other.n_hidden,
            self.n_numbers + other.n_numbers,
            self.hidden + other.hidden,
            self.counted + other.counted,
        )


def expected_loss(tables: Sequence[Result], *, split: str, policy: Policy) -> ExpectedLoss:
    """Return the loss in the rows of ``split`` in all ``tables`` together, those of its total left out."""
    return sum((_of_table(table, split=split, policy=policy) for table in tables), ExpectedLoss())


def _of_table(table: Result, *, split: str, policy: Policy) -> ExpectedLoss:
    total = table.column(split).total
    rows = [row for row, value in enumerate(table.table[split].tolist()) if value != total]
    loss = ExpectedLoss()
    for count in table.of_role(Count):
        if count.unit not in policy.protected_units or split in count.regardless_of:
            continue
        numbers = table.table[count.name].fillna(0).astype(int).tolist()
        hidden = _hidden(numbers, lines=list(_lines(table)), policy=policy)
        live = [row for row in rows if numbers[row]]
        lost = [row for row in live if row in hidden]
        loss += ExpectedLoss(len(lost), len(live), sum(numbers[row] for row in lost), sum(numbers[row] for row in live))
    return loss


def _hidden(numbers: Sequence[int], *, lines: Sequence[tuple[int, list[int]]], policy: Policy) -> set[int]:
    """Return the rows that would be hidden; ``lines`` hold the row of a total and those of its parts."""
    hidden = {row for row, number in enumerate(numbers) if policy.is_unsafe(number)}
    before = -1
    while len(hidden) > before:
        before = len(hidden)
        for total, parts in lines:
            if len(hidden.intersection([total, *parts])) == 1:
                others = [(numbers[row], row) for row in parts if numbers[row] and row not in hidden]
                hidden.add(min(others)[1] if others else total)
    return hidden


def _lines(table: Result) -> Iterator[tuple[int, list[int]]]:
    """Give the row of each total with the rows of its parts, over each split that adds up."""
    splits = table.of_role(Dimension)
    places = list(zip(*(table.table[split.name].tolist() for split in splits), strict=True))
    row_at = {place: row for row, place in enumerate(places)}
    for number, split in enumerate(splits):
        if not split.additive or split.total is None:
            continue
        parts: dict[int, list[int]] = {}
        for place, row in row_at.items():
            total = row_at.get((*place[:number], split.total, *place[number + 1 :]))
            if place[number] != split.total and total is not None:
                parts.setdefault(total, []).append(row)
        yield from parts.items()
