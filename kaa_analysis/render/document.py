"""`Document`: what a report says, in order, before any format: prose from the notebook and numbered exhibits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import nbformat

from kaa_analysis.present.exhibit import Exhibit
from kaa_analysis.present.formats import SYMBOLS

LABELS = {"table": "Tabell", "figure": "Figur"}
DRAFT_MARK = "UTKAST"
DRAFT_WORDS = "Inte fastställt. Får inte spridas som färdig rapport."


@dataclass(frozen=True)
class Prose:
    """A piece of running text in Markdown, headings from level 2. ``slug`` names a text with figures of released cells."""

    markdown: str
    slug: str = ""


@dataclass(frozen=True)
class Document:
    """A report before any format.

    ``facts`` holds a (label, text) per line under the title: period, extract, and the details of the document. ``run`` names the
    execution; ``day`` is the ISO day of the extract, the only date a file's metadata may carry. ``one_page`` asks for a single page
    in print.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    blocks: tuple[Prose | Exhibit, ...]
    run: str
    day: str
    draft: bool
    one_page: bool = False

    def exhibits(self) -> list[Exhibit]:
        """Return the exhibits in order."""
        return [block for block in self.blocks if isinstance(block, Exhibit)]


def document_of(
    committed: nbformat.NotebookNode, exhibits: Mapping[int, Sequence[Exhibit | Prose]], *, page: Mapping[str, Any]
) -> Document:
    """Return the document of a committed notebook with the exhibits and filled texts of each cell, by the cell's number from 0.

    The notebook's first line is its title. Tables and figures are numbered in order, each kind for itself, and the symbols
    that stand in place of numbers are explained once at the end, or on one page only under the tables. What the page is about, if it
    tells, is a part of the title.
    """
    first, *rest = committed.cells
    heading, _, opening = first.source.partition("\n")
    blocks: list[Prose | Exhibit] = [Prose(opening.strip())] if opening.strip() else []
    for number, cell in enumerate(rest, start=1):
        if cell.cell_type == "markdown":
            blocks.append(Prose(cell.source))
        blocks.extend(exhibits.get(number, ()))
    one_page = page.get("one_page", False)
    if not one_page:
        blocks.append(Prose(_legend()))
    title = heading.removeprefix("# ").strip()
    return Document(
        title=f"{title}, {page['about']}" if "about" in page else title,
        facts=tuple((label, text) for label, text in page["facts"]),
        blocks=tuple(_numbered(blocks)),
        run=page["run"],
        day=page["extract_date"],
        draft=page["draft"],
        one_page=one_page,
    )


def _numbered(blocks: Sequence[Prose | Exhibit]) -> Iterator[Prose | Exhibit]:
    numbers: Counter[str] = Counter()
    for block in blocks:
        if isinstance(block, Exhibit) and block.kind in LABELS:
            numbers[block.kind] += 1
            yield block.numbered(f"{LABELS[block.kind]} {numbers[block.kind]}")
        else:
            yield block


def _legend() -> str:
    lines = [f"* **{symbol}** {meaning}" for symbol, meaning in SYMBOLS.items()]
    return "\n".join(["## Teckenförklaring", "", *lines])
