"""What stands under an exhibit: remarks, those symbols that occur in it, and the source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kaa_analysis.core.result import Method
from kaa_analysis.disclosure.released import Mark, Released, State
from kaa_analysis.present.formats import symbol_legend

ROUNDED_NOTE = "Antalen är avrundade; delarna behöver därför inte summera till totalen."
INSIDE_ROOM_NOTE = "Arbetsmaterial som inte får lämna den säkra mappen."
LEGEND_LABEL = "Teckenförklaring"

METHOD_SUMMARY = "Så är det räknat"
METHOD_LABELS = {
    "counts": "Vad som räknas",
    "time": "Tid",
    "missing": "Saknade uppgifter",
    "source": "Grund",
}


@dataclass(frozen=True)
class Notes:
    """The lines under an exhibit. ``legend`` holds a (symbol, meaning) per symbol; ``source`` is a sentence, or empty."""

    remarks: tuple[str, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()
    source: str = ""

    def lines(self) -> list[str]:
        """Return the notes as plain lines."""
        legend = [f"{LEGEND_LABEL}: {self.legend_text()}"] if self.legend else []
        return [*self.remarks, *legend, *([self.source] if self.source else [])]

    def legend_text(self) -> str:
        """Return the legend as one sentence without its label."""
        return "; ".join(f"{symbol} {meaning}" for symbol, meaning in self.legend) + "."


def notes_of(
    released: Released, *, shown: Iterable[str] = (), extra: Iterable[str] = (), with_note: bool = True
) -> Notes:
    """Return the notes of a released table: the mark if it may not leave the room, its own note, what rounding does, ``extra`` as one.

    ``shown`` holds the cell texts whose symbols are to be explained.
    """
    remarks = []
    if released.mark is Mark.INSIDE_ROOM:
        remarks.append(INSIDE_ROOM_NOTE)
    if released.note and with_note:
        remarks.append(released.note)
    if (released.states == State.ROUNDED).to_numpy().any():
        remarks.append(ROUNDED_NOTE)
    together = " ".join(text for text in extra if text)
    return Notes(
        remarks=(*remarks, together) if together else tuple(remarks),
        legend=tuple(symbol_legend(shown)),
        source=source_text(released) if released.source else "",
    )


def source_text(released: Released) -> str:
    """Return the source as a sentence."""
    return f"Källa: {released.source.removeprefix('Källa: ').rstrip('.')}."


def method_lines(method: Method) -> list[tuple[str, str]]:
    """Return a (label, text) per part of the method."""
    return [(label, getattr(method, part)) for part, label in METHOD_LABELS.items()]
