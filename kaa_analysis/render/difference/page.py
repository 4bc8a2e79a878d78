"""The difference as a page: what the run before was given, and cell by cell what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from kaa_analysis.core.errors import BundleError, DisclosureError
from kaa_analysis.present.formats import number
from kaa_analysis.render.difference.causes import KIND_LABELS
from kaa_analysis.render.difference.cells import Difference
from kaa_analysis.render.difference.comparison import Comparison, compare, read_bundle, short_name
from kaa_analysis.render.difference.summary import (
    ALL_EQUAL,
    NO_CAUSES,
    TOLERANCES,
    WARNING,
    by_table,
    counts_text,
    explained_symbols,
)
from kaa_analysis.render.pages.html_page import anchored, page
from kaa_analysis.render.pages.page_tables import text_table

TITLE = "Skillnad mot föregående körning"
NO_EARLIER = "Det finns ingen tidigare körning av den här rapporten för den här perioden att jämföra med."
OTHER_FORMAT = "Den föregående körningen går inte att läsa och jämföra: den är skriven av en annan version av programmet, eller ändrad."
CELL_HEADINGS = ("Plats", "Mått", "Före", "Efter", "Ändring", "Orsak")
NUMERIC = ("Före", "Efter")


def difference_page(before: Path | None, after: Path, *, name: str | None = None) -> str:
    """Return a self-contained page of how the bundle ``after`` differs from ``before``; None: it is the first of its kind.

    ``name`` is the short name (report/period/run) of ``after`` where it does not stand in its place yet. An earlier
    bundle that cannot be read is told on the page: what lies beside a report never stops it.

    Raises:
        BundleError, DisclosureError: ``after`` is missing, damaged, or not what its store's index says.
    """
    if before is None:
        return _framed(_paragraph(NO_EARLIER), facts=[("Körning", name or short_name(after))])
    try:
        earlier = read_bundle(before)
    except (BundleError, DisclosureError):
        return _framed(_paragraph(OTHER_FORMAT), facts=_sides(short_name(before), name or short_name(after)))
    return comparison_page(compare(earlier, read_bundle(after, name=name)))


def comparison_page(comparison: Comparison) -> str:
    """Return the page of a comparison."""
    sections = [
        _lead(comparison),
        _causes(comparison),
        _cells(comparison),
        _within_tolerance(comparison),
        _texts(comparison),
        _files(comparison.files),
        _reading(comparison),
    ]
    return _framed("".join(sections), facts=_sides(comparison.before.name, comparison.after.name))


def _sides(before: str, after: str) -> list[tuple[str, str]]:
    return [("Före", before), ("Efter", after)]


def _framed(body: str, *, facts: Sequence[tuple[str, str]]) -> str:
    with_ids, contents = anchored(body)
    return page(title=TITLE, facts=facts, body_html=with_ids, toc=contents, draft=True)


def _lead(comparison: Comparison) -> str:
    unexplained = (
        [
            f"Oförklarade skillnader: {number(comparison.unexplained)}. "
            "Inget av det som skiljer körningarna åt kan ha gett dem."
        ]
        if comparison.unexplained
        else []
    )
    return "".join(_paragraph(words) for words in (*unexplained, *comparison.remarks, WARNING))


def _causes(comparison: Comparison) -> str:
    heading = "<h2>Vad skiljer körningarna åt?</h2>"
    if not comparison.causes:
        return heading + _paragraph(NO_CAUSES)
    rows = [(KIND_LABELS[cause.kind], cause.what) for cause in comparison.causes]
    return heading + text_table(
        ("Slag", "Vad som har ändrats"), rows, slug="skillnad-orsaker", title="Vad som skiljer körningarna åt"
    )


def _cells(comparison: Comparison) -> str:
    found = by_table(comparison.cells.differences)
    tables = [
        text_table(CELL_HEADINGS, _cell_rows(items), slug=f"skillnad-celler-{table}", title=title, numeric=NUMERIC)
        for table, title, items in found
    ]
    return (
        "<h2>Vilka värden skiljer sig?</h2>"
        + _paragraph(counts_text(comparison))
        + "".join(tables or [_no_difference(comparison)])
    )


def _no_difference(comparison: Comparison) -> str:
    return "" if comparison.differs else _paragraph(ALL_EQUAL)


def _within_tolerance(comparison: Comparison) -> str:
    items = comparison.cells.within_tolerance
    if not items:
        return ""
    rows = [(item.title, *row) for item, row in zip(items, _cell_rows(items), strict=True)]
    headings = ("Tabell", *CELL_HEADINGS)
    return "<h2>Inom toleransen</h2>" + text_table(
        headings,
        rows,
        slug="skillnad-toleransen",
        title="Skattningar som skiljer en enhet i sista decimalen",
        numeric=NUMERIC,
    )


def _texts(comparison: Comparison) -> str:
    if not comparison.texts:
        return ""
    rows = [(change.where, change.what, change.before, change.after) for change in comparison.texts]
    return (
        "<h2>Texter, tabeller och figurer</h2>"
        + _paragraph(f"Orsak: {comparison.words_reason}.")
        + text_table(
            ("Var", "Vad", "Från", "Till"),
            rows,
            slug="skillnad-texter",
            title="Texter, tabeller och figurer som skiljer sig",
        )
    )


def _files(names: Sequence[str]) -> str:
    if not names:
        return ""
    items = "".join(f"<li>{escape(name)}</li>" for name in names)
    return f"<h2>Vilka filer skiljer sig?</h2>{_paragraph('Färdiga filer som inte är byte för byte lika:')}<ul>{items}</ul>"


def _reading(comparison: Comparison) -> str:
    cells = comparison.cells
    legend = explained_symbols((*cells.differences, *cells.within_tolerance))
    symbols = ["Teckenförklaring: " + "; ".join(f"{symbol} {meaning}" for symbol, meaning in legend) + "."]
    reasons = "Orsaken är varje ändring som kan ha gett skillnaden. Kan flera ha gjort det nämns alla."
    lines = (*TOLERANCES, reasons, *(symbols if legend else []))
    return "<h2>Så läses jämförelsen</h2>" + "".join(_paragraph(line) for line in lines)


def _cell_rows(items: Iterable[Difference]) -> list[tuple[str, ...]]:
    return [(item.place, item.measure, item.before, item.after, str(item.change), item.reason) for item in items]


def _paragraph(words: str) -> str:
    return f"<p>{escape(words)}</p>"
