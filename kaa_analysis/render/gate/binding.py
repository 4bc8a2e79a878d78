"""Binding each number of a file to the released cell at its place. What cannot be bound is told by file, place and kind, never by value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kaa_analysis.render.gate.blocks import Block, Role, TableBlock, Words
from kaa_analysis.render.gate.expectation import Expectation, Shown, Told
from kaa_analysis.render.gate.placed_cells import joined
from kaa_analysis.render.gate.structural_numbers import holds_number, numbers_in, plain, without_forms
from kaa_analysis.render.gate.table_reading import UNBOUND, UNKNOWN_TABLE, Layout, TableReading

CONTENTS_PAGE = 4
"""A page number of a contents list has fewer digits than this."""
NUMBER_SIGN = "#"


_FREE_NUMBER = re.compile(r"[0-9]+(?: [0-9]{3}(?![0-9]))*(?:,[0-9]+)?")
_WORD = re.compile(rf"[^\W\d_]+|{NUMBER_SIGN}|¤")


@dataclass(frozen=True)
class Unbound:
    """A place with something that cannot be bound, and what kind of thing it is."""

    file: str
    place: str
    kind: str

    @property
    def line(self) -> str:
        """The finding as it is told."""
        return f"{self.file}: {self.place}: {self.kind}" if self.place else f"{self.file}: {self.kind}"


@dataclass(frozen=True)
class Original:
    """How a file was before it was edited: the text that each told number stood in, and the headings of each table cell by its place."""

    texts: Mapping[tuple[str, Role, int], str]
    layouts: Mapping[str, Layout]


@dataclass
class Binding:
    """The binding of one file: what was found, and how much was bound.

    ``used`` are the exhibits' texts and ``tables`` their tables met so far; ``allowed`` are texts of the plan that may stand
    whole; a ``named`` file says itself which exhibit each text belongs to. With the ``original`` of an edited file numbers in its text must also stand among the same words as before, and
    a table whose headings were reworded is read by where its cells stand.
    """

    file: str
    expected: Expectation
    found: list[Unbound] = field(default_factory=list)
    structural: Counter[str] = field(default_factory=Counter)
    bound: int = 0
    tables: set[str] = field(default_factory=set)
    used: set[tuple[str, Role, int]] = field(default_factory=set)
    allowed: frozenset[str] = frozenset()
    texts: dict[tuple[str, Role, int], str] = field(default_factory=dict)
    layouts: dict[str, Layout] = field(default_factory=dict)
    original: Original | None = None
    named: bool = False

    def refuse(self, place: str, kind: str) -> None:
        """Note that something at a place cannot be bound."""
        self.found.append(Unbound(self.file, place, kind))

    def blocks(self, blocks: Iterable[Block]) -> None:
        """Bind every text and table."""
        for block in blocks:
            if isinstance(block, TableBlock):
                self.table(block)
            else:
                self.words(block)

    def words(self, words: Words) -> None:
        """Bind the numbers of a text: structural ones by their form, the rest, in order, to those of a text of an exhibit."""
        if not holds_number(words.text):
            return
        text = plain(words.text)
        if text in self.expected.facts or text == self.expected.run:
            self.structural["uppgifter om dokumentet"] += 1
            return
        if text in self.allowed:
            self.structural["texter ur planen"] += 1
            return
        left = numbers_in(without_forms(text, counts=self.structural))
        if words.role is Role.CONTENTS and len(left) == 1 and text.endswith(left[0]) and len(left[0]) < CONTENTS_PAGE:
            self.structural["sidnummer"] += 1
            return
        if left and not self._told(left, words):
            self.refuse(words.place, UNBOUND)

    def _told(self, numbers: tuple[str, ...], words: Words) -> bool:
        for told in self._candidates(words):
            if numbers in told.sequences and self._same_words(words, told):
                self.used.add(told.place)
                self.texts[told.place] = plain(words.text)
                self.bound += len(numbers)
                return True
        return False

    def _same_words(self, words: Words, told: Told) -> bool:
        """Return whether each number has a neighbour that it had in the original; drawings are not edited as text."""
        before = self.original.texts.get(told.place) if self.original is not None else None
        if before is None or told.role is Role.DRAWING:
            return True
        pairs = zip(_neighbours(plain(words.text)), _neighbours(before), strict=False)
        return all(one[0] == other[0] or one[1] == other[1] for one, other in pairs)

    def _candidates(self, words: Words) -> list[Told]:
        own = (told for told in self.expected.told if told.role is words.role)
        left = [told for told in own if told.place not in self.used]
        return [told for told in left if told.slug == words.slug] if self.named else left

    def table(self, block: TableBlock) -> None:
        """Bind every cell of a table to the released cell that its headings lead to."""
        candidates = self._tables(block)
        layouts = self.original.layouts if self.original is not None else {}
        trials = [TableReading.of(block, shown, before=layouts.get(shown.slug)) for shown in candidates]
        best = max(trials, key=lambda trial: trial.merit, default=None)
        if best is None or not (best.resolved or block.slug):
            if _holds_number(block):
                self.refuse(block.place, UNKNOWN_TABLE)
            return
        self.tables.add(best.shown.slug)
        self.bound += best.bound
        self.layouts[best.shown.slug] = tuple(tuple(row) for row in best.layout)
        for place, kind in best.problems:
            self.refuse(f"{block.place}, {place}", kind)

    def _tables(self, block: TableBlock) -> list[Shown]:
        laid_out = [shown for shown in self.expected.exhibits if shown.is_table]
        if block.slug:
            return [shown for shown in laid_out if shown.slug == block.slug]
        left = [shown for shown in laid_out if shown.slug not in self.tables]
        titled = [shown for shown in left if block.title and joined(shown.table.title) in joined(block.title)]
        return titled or left


def _neighbours(text: str) -> list[tuple[str, str]]:
    """Return the word before and the word after each number that is no structural form."""
    words = _WORD.findall(_FREE_NUMBER.sub(f" {NUMBER_SIGN} ", without_forms(text)))
    edges = ["", *words, ""]
    return [(edges[at], edges[at + 2]) for at, word in enumerate(words) if word == NUMBER_SIGN]


def _holds_number(block: TableBlock) -> bool:
    return any(holds_number(cell.text) for row in (*block.head, *block.body) for cell in row)
