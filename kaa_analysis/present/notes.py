"""What stands under an exhibit: remarks, those symbols that occur in it, and the source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kaa_analysis.core.result import Count, Method, Share
from kaa_analysis.disclosure.released import Mark, Released, State
from kaa_analysis.present.formats import EN_DASH, listing, symbol_legend

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
    if rounded := rounded_text(released):
        remarks.append(rounded)
    together = " ".join(text for text in extra if text)
    return Notes(
        remarks=(*remarks, together) if together else tuple(remarks),
        legend=tuple(symbol_legend(shown)),
        source=source_text(released) if released.source else "",
    )


def rounded_text(released: Released) -> str:
    """Return what a reader of rounded numbers must know: to what they are rounded, and that the parts need not add up; empty if none is."""
    if not (released.states == State.ROUNDED).to_numpy().any():
        return ""
    counts = [count for count in released.of_role(Count) if count.rounded_to is not None]
    bases = sorted({count.rounded_to for count in counts})
    to = listing([f"{base} (0 betyder 0{EN_DASH}{(base - 1) // 2})" for base in bases], last_word="eller")
    what = "Talen" if len(counts) == len(released.of_role(Count)) else f"Talen under {listing(_quoted(counts))}"
    shares = " Andelarna är räknade på de avrundade talen." if _has_rounded_share(released) else ""
    return f"{what} är avrundade till närmaste {to}; delarna summerar därför inte alltid till totalen.{shares}"


def _quoted(counts: Iterable[Count]) -> list[str]:
    return [f"”{count.label}”" for count in counts]


def _has_rounded_share(released: Released) -> bool:
    shares = [share.name for share in released.of_role(Share)]
    return bool((released.states[shares] == State.ROUNDED).to_numpy().any())


def source_text(released: Released) -> str:
    """Return the source as a sentence."""
    return f"Källa: {released.source.removeprefix('Källa: ').rstrip('.')}."


def method_lines(method: Method) -> list[tuple[str, str]]:
    """Return a (label, text) per part of the method."""
    return [(label, getattr(method, part)) for part, label in METHOD_LABELS.items()]
