"""Filling in an author's text: each reference becomes what its released cell says, and what has changed since it was written is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kaa_analysis.core.errors import ParameterError
from kaa_analysis.present.author_slots import author_title
from kaa_analysis.render.gate.structural_numbers import MASK, numbers_in, plain, without_forms
from kaa_analysis.render.texts.author_references import HOW, Reference, references_in, replaced
from kaa_analysis.render.texts.released_figures import Figure, ReleasedFigures, UnknownReferenceError
from kaa_analysis.render.texts.text_files import SUFFIX

CHANGED_WORDS = "(ändrat sedan texten skrevs)"
"""What stands after a number in a draft where its author saw another."""

NOT_SHOWN = "visas inte"
SWALLOWED = "talet kan inte skiljas från ett datum, en ålder eller liknande intill; skriv om meningen"


@dataclass(frozen=True)
class Remark:
    """A reference that its author should look at again: in which text, what was seen and what is released.

    ``seen`` is empty where nothing was noted, and where the cell is hidden now: a number that is no longer shown is not repeated.
    """

    slot: str
    reference: str
    seen: str
    released: str

    def row(self) -> tuple[str, str, str, str]:
        """Return the remark as a row for readers."""
        return author_title(self.slot), f"{{{self.reference}}}", self.seen, self.released


@dataclass(frozen=True)
class FilledText:
    """A text as it stands in the report, and what its author should look at again."""

    markdown: str
    remarks: tuple[Remark, ...]


def filled_texts(texts: Mapping[str, str], *, figures: ReleasedFigures, draft: bool) -> dict[str, FilledText]:
    """Return each text by its name, filled in from released cells. In a ``draft`` a changed number is said to be so.

    Raises:
        ParameterError: references name no released cell, or give a number that cannot be told from what stands beside it.
    """
    problems = [line for slot, text in texts.items() for line in _problems(slot, text, figures)]
    if problems:
        raise ParameterError(
            "Varje hänvisning i en text ska leda till en cell som rapporten visar.",
            found=problems,
            action=f"rätta hänvisningen; den skrivs {HOW}",
        )
    return {slot: _filled(slot, text, figures, draft=draft) for slot, text in texts.items()}


def without_hidden(texts: Mapping[str, str], *, figures: ReleasedFigures) -> dict[str, str]:
    """Return the texts without the values that their authors saw in cells that are not shown now: no bundle repeats them."""

    def kept(reference: Reference) -> str:
        known = figures.figure(reference).known
        return reference.written if known else f"{{{reference.name}}}"

    return {slot: replaced(text, by=kept) for slot, text in texts.items()}


def is_changed(reference: Reference, figure: Figure) -> bool:
    """Return whether the author saw another number than the one that is released."""
    return bool(reference.seen) and figure.known and plain(reference.seen) != plain(figure.text)


def _filled(slot: str, text: str, figures: ReleasedFigures, *, draft: bool) -> FilledText:
    found = [(reference, figures.figure(reference)) for reference in references_in(text)]
    remarks = (_remark(slot, *pair) for pair in found)
    markdown = replaced(text, by=lambda reference: _words(reference, figures.figure(reference), draft=draft))
    return FilledText(markdown, tuple(remark for remark in remarks if remark is not None))


def _words(reference: Reference, figure: Figure, *, draft: bool) -> str:
    return f"{figure.text} {CHANGED_WORDS}" if draft and is_changed(reference, figure) else figure.text


def _remark(slot: str, reference: Reference, figure: Figure) -> Remark | None:
    if not figure.known:
        return Remark(slot, reference.name, "", NOT_SHOWN)
    return Remark(slot, reference.name, reference.seen, figure.text) if is_changed(reference, figure) else None


def _problems(slot: str, text: str, figures: ReleasedFigures) -> Iterator[str]:
    for block in text.splitlines():
        references = references_in(block)
        unknown = [
            f"{{{reference.name}}}: {why}" for reference in references if (why := unknown_reason(reference, figures))
        ]
        if not unknown and not _stand_apart(block, references, figures):
            unknown = [f"{', '.join(f'{{{reference.name}}}' for reference in references)}: {SWALLOWED}"]
        yield from (f"{slot}{SUFFIX}: {problem}" for problem in unknown)


def unknown_reason(reference: Reference, figures: ReleasedFigures) -> str:
    """Return why a reference names no released cell, the empty string where it does."""
    try:
        figures.figure(reference)
    except UnknownReferenceError as why:
        return str(why)
    return ""


def _stand_apart(block: str, references: Sequence[Reference], figures: ReleasedFigures) -> bool:
    """Return whether every number that is filled in is read as itself where it stands."""
    told = [number for reference in references for number in numbers_in(plain(figures.figure(reference).text))]
    typed = numbers_in(without_forms(plain(replaced(block, by=lambda _: MASK))))
    filled = numbers_in(without_forms(plain(replaced(block, by=lambda found: figures.figure(found).text))))
    left = iter(filled)
    return len(filled) == len(typed) + len(told) and all(number in left for number in told)
