"""A document as typst: our template, the prose as pandoc writes it, and each exhibit as a call whose arguments are string literals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path

from kaa_analysis.present.exhibit import Exhibit
from kaa_analysis.present.notes import METHOD_SUMMARY, method_lines
from kaa_analysis.render.document import DRAFT_MARK, DRAFT_WORDS, Document, Prose
from kaa_analysis.render.pdf.literals import Value, call, literal
from kaa_analysis.render.pdf.typst_prose import typst_prose

TEMPLATE = Path(__file__).with_name("report.typ")
CONTENTS_TITLE = "Innehåll"
KEY_SECTION = "Det viktigaste"
"""The section whose sentences stand out. It comes first, on the first page; the contents list follows it."""

AUTHOR_FACTS = ("Nämnd", "Organisation", "Kommun")
KEYWORDS = ("kommunernas aktivitetsansvar", "KAA", "29 kap. 9 § skollagen")

_SECTION = re.compile(r"^##? +(.*?) *$", re.MULTILINE)


def typst_source(document: Document) -> str:
    """Return the whole document as typst code that needs no other file: equal documents give equal code.

    Raises:
        BundleError: a piece of prose does not end where it should.
    """
    template = TEMPLATE.read_text(encoding="utf-8")
    return "\n\n".join([template, *_front(document), *_body(document)]) + "\n"


def _front(document: Document) -> Iterator[str]:
    draft = {"mark": DRAFT_MARK, "words": DRAFT_WORDS} if document.draft else None
    day = date.fromisoformat(document.day)
    frame: dict[str, Value] = {
        "title": document.title,
        "running": f"{document.title} · körning {document.run}",
        "draft": draft,
        "author": [text for label, text in document.facts if label in AUTHOR_FACTS][:1],
        "keywords": KEYWORDS,
    }
    if document.one_page:
        frame["compact"] = True
    settings = ", ".join(f"{name}: {literal(value)}" for name, value in frame.items())
    yield f"#show: kaa-report.with({settings}, day: datetime(year: {day.year}, month: {day.month}, day: {day.day}))"
    if draft and not document.one_page:  # one page says it in its header alone
        yield f"#kaa-draft({literal(draft)})"
    if document.facts:
        yield f"#kaa-facts({literal(document.facts)}{', compact: true' if document.one_page else ''})"


def _body(document: Document) -> Iterator[str]:
    prose = iter(typst_prose([block.markdown for block in document.blocks if isinstance(block, Prose)]))
    section, with_contents = "", document.one_page
    for block in document.blocks:
        if isinstance(block, Exhibit):
            yield exhibit_source(block, key=section == KEY_SECTION, compact=document.one_page)
            continue
        sections = _SECTION.findall(block.markdown)
        if sections and sections[0] != KEY_SECTION and not with_contents:
            yield f"#kaa-contents({literal(CONTENTS_TITLE)})"
            with_contents = True
        section = sections[-1] if sections else section
        yield next(prose)


def exhibit_source(exhibit: Exhibit, *, key: bool = False, compact: bool = False) -> str:
    """Return the call that sets one exhibit; ``key`` makes a sentence stand out, ``compact`` takes less room and leaves the method out."""
    if exhibit.kind == "sentence":
        return f"#kaa-sentence({literal(exhibit.words)}, key: {literal(key)}{', compact: true' if compact else ''})"
    common: dict[str, Value] = {"label": exhibit.label, "title": exhibit.title, "notes": exhibit.notes.lines()}
    if compact:
        common["compact"] = True
    if exhibit.drawing is None:
        return call("kaa-table", **common, grid=_grid(exhibit))
    return call(
        "kaa-figure", **common, svg=exhibit.drawing.svg, alt=exhibit.alt, method=None if compact else _method(exhibit)
    )


def _grid(exhibit: Exhibit) -> Value:
    return {name.replace("_", "-"): value for name, value in asdict(exhibit.grid).items()}


def _method(exhibit: Exhibit) -> Value:
    if exhibit.method is None:
        return None
    title = f"{METHOD_SUMMARY} ({exhibit.label})" if exhibit.label else METHOD_SUMMARY
    return {"title": title, "parts": method_lines(exhibit.method)}
