"""What stands under an exhibit: note, source, and those symbols that occur in it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from kaa_analysis.disclosure.released import Mark, Released, State
from kaa_analysis.present.formats import symbol_legend

ROUNDED_NOTE = "Antalen är avrundade; delarna behöver därför inte summera till totalen."
INSIDE_ROOM_NOTE = "Arbetsmaterial som inte får lämna den säkra mappen."


def notes_html(
    released: Released, *, shown: Iterable[str] = (), extra: Iterable[str] = (), with_note: bool = True
) -> str:
    """Return the paragraphs under an exhibit. ``shown`` holds the cell texts whose symbols are to be explained."""
    paragraphs = [
        f'<p class="kaa-note">{escape(text)}</p>' for text in notes(released, extra=extra, with_note=with_note)
    ]
    legend = symbol_legend(shown)
    if legend:
        meanings = "; ".join(
            f'<span class="kaa-symbol">{escape(symbol)}</span> {meaning}' for symbol, meaning in legend
        )
        paragraphs.append(f'<p class="kaa-symbols">Teckenförklaring: {meanings}.</p>')
    if released.source:
        paragraphs.append(f'<p class="kaa-source">{escape(source_text(released))}</p>')
    return "".join(paragraphs)


def notes_text(
    released: Released, *, shown: Iterable[str] = (), extra: Iterable[str] = (), with_note: bool = True
) -> str:
    """Return the same as plain lines."""
    lines = notes(released, extra=extra, with_note=with_note)
    legend = symbol_legend(shown)
    if legend:
        lines.append("Teckenförklaring: " + "; ".join(f"{symbol} {meaning}" for symbol, meaning in legend) + ".")
    if released.source:
        lines.append(source_text(released))
    return "\n".join(lines)


def notes(released: Released, *, extra: Iterable[str] = (), with_note: bool = True) -> list[str]:
    """Return the notes of a released table: the mark if it may not leave the room, its own, what rounding does, then ``extra`` as one."""
    found = []
    if released.mark is Mark.INSIDE_ROOM:
        found.append(INSIDE_ROOM_NOTE)
    if released.note and with_note:
        found.append(released.note)
    if (released.states == State.ROUNDED).to_numpy().any():
        found.append(ROUNDED_NOTE)
    together = " ".join(text for text in extra if text)
    return [*found, together] if together else found


def source_text(released: Released) -> str:
    """Return the source as a sentence."""
    return f"Källa: {released.source.removeprefix('Källa: ').rstrip('.')}."
