"""The difference as text for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from kaa_analysis.present.formats import number, symbol_legend
from kaa_analysis.render.difference.causes import KIND_LABELS
from kaa_analysis.render.difference.cells import Change, Difference
from kaa_analysis.render.difference.comparison import Comparison
from kaa_analysis.render.difference.explanations import WITHIN_TOLERANCE
from kaa_analysis.render.difference.table_texts import TextChange

MOST_LINES = 40

WARNING = (
    "Arbetsmaterial: två utkast är inte skyddade mot varandra. Skillnaden mellan dem kan avslöja antal som är dolda i "
    "dem. Förvara därför jämförelsen lika skyddat som utkasten."
)
TOLERANCES = (
    "Antal jämförs exakt, och andelar exakt med det antal decimaler som rapporten anger.",
    "En skattning som skiljer en enhet i sista decimalen räknas som lika, inom toleransen: "
    "en annan processor kan avrunda på annat sätt. Allt annat är en skillnad.",
)
NO_CAUSES = "Inget: data, parametrar, kod, röjandepolicy och programversioner är desamma."
ALL_EQUAL = "Allt som jämförs är lika."


@dataclass(frozen=True)
class _Line:
    text: str
    is_item: bool = True


def summary(comparison: Comparison, *, most_lines: int | None = MOST_LINES) -> str:
    """Return the whole comparison as Swedish text; at most ``most_lines`` lines of causes and of differences (None: all)."""
    causes = [_Line(f"  {KIND_LABELS[cause.kind]}: {cause.what}") for cause in comparison.causes]
    sections = [
        _heading(comparison),
        ["Vad som skiljer körningarna åt", *(_cut(causes, most_lines) or [f"  {NO_CAUSES}"])],
        ["Celler", f"  {counts_text(comparison)}", *(f"  {line}" for line in TOLERANCES)],
        ["Skillnader", *(_cut(_listing(comparison), most_lines) or [f"  {ALL_EQUAL}"])],
        _files(comparison.files),
        _legend(comparison),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def counts_text(comparison: Comparison) -> str:
    """Return how many cells were compared, equal, within the tolerance and different, as a sentence."""
    cells = comparison.cells
    return (
        f"{number(cells.compared)} celler jämförda: {number(cells.equal)} lika, "
        f"{number(len(cells.within_tolerance))} inom toleransen, {number(len(cells.differences))} olika."
    )


def by_table(differences: Sequence[Difference]) -> list[tuple[str, str, list[Difference]]]:
    """Return (id, title, differences) per table, tables and differences in the order they come."""
    order: dict[str, int] = {}
    for difference in differences:
        order.setdefault(difference.table, len(order))
    ordered = sorted(differences, key=lambda difference: order[difference.table])
    grouped = [(table, list(items)) for table, items in groupby(ordered, key=lambda difference: difference.table)]
    return [(table, items[0].title, items) for table, items in grouped]


def explained_symbols(differences: Sequence[Difference]) -> list[tuple[str, str]]:
    """Return (symbol, meaning) for the symbols that stand alone as a value before or after."""
    return symbol_legend(text for difference in differences for text in (difference.before, difference.after))


def text_change_words(change: TextChange) -> str:
    """Return a change of text with its words before and after, where there are any.

    >>> text_change_words(TextChange("Bestånd", "noten ändrad", "", "Ny not."))
    'noten ändrad: ”” → ”Ny not.”'
    """
    return f"{change.what}: ”{change.before}” → ”{change.after}”" if change.before or change.after else change.what


def _heading(comparison: Comparison) -> list[str]:
    return [
        "Jämförelse av två rapportpaket",
        f"  före:  {comparison.before.name} (helt)",
        f"  efter: {comparison.after.name} (helt)",
        *(f"  {remark}" for remark in comparison.remarks),
        f"  {WARNING}",
    ]


def _listing(comparison: Comparison) -> list[_Line]:
    lines = _per_table(comparison.cells.differences)
    lines += _per_table(comparison.cells.within_tolerance, before_title=f"{WITHIN_TOLERANCE.capitalize()}: ")
    if comparison.texts:
        lines.append(_Line(f"  Texter, tabeller och figurer (orsak: {comparison.words_reason})", is_item=False))
        lines += [_Line(f"    {change.where}: {text_change_words(change)}") for change in comparison.texts]
    return lines


def _per_table(differences: Sequence[Difference], *, before_title: str = "") -> list[_Line]:
    lines = []
    for _, title, items in by_table(differences):
        lines += [_Line(f"  {before_title}{title}", is_item=False), *(_Line(f"    {_words(item)}") for item in items)]
    return lines


def _words(item: Difference) -> str:
    how = item.reason if item.change is Change.CHANGED else f"{item.change}; {item.reason}"
    return f"{item.place}; {item.measure}: {item.before} → {item.after} [{how}]"


def _cut(lines: Sequence[_Line], most: int | None) -> list[str]:
    """Return the lines as texts, or the first ``most`` of them and how many items were left out."""
    if most is None or len(lines) <= most:
        return [line.text for line in lines]
    kept = list(lines[:most])
    while kept and not kept[-1].is_item:
        kept.pop()
    left = sum(line.is_item for line in lines[len(kept) :])
    return [*(line.text for line in kept), f"  … och {number(left)} till: --alla visar alla"]


def _files(names: Sequence[str]) -> list[str]:
    return ["Färdiga filer som inte är byte för byte lika", *(f"  {name}" for name in names)] if names else []


def _legend(comparison: Comparison) -> list[str]:
    cells = comparison.cells
    legend = explained_symbols((*cells.differences, *cells.within_tolerance))
    return ["Teckenförklaring", *(f"  {symbol}  {meaning}" for symbol, meaning in legend)] if legend else []
