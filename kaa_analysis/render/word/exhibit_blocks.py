"""A document as blocks for the conversion: what we write is finished markup, the notebook's prose goes through unparsed."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from kaa_analysis.core.result import Method
from kaa_analysis.present.exhibit import Exhibit
from kaa_analysis.present.notes import METHOD_SUMMARY, method_lines
from kaa_analysis.present.style import WIDTH_INCHES
from kaa_analysis.render.document import DRAFT_MARK, DRAFT_WORDS, Document, Prose
from kaa_analysis.render.pandoc import PROSE_READER
from kaa_analysis.render.word.markup import StyleIds, caption, paragraph, text_run
from kaa_analysis.render.word.word_table import table_markup

MARKUP = "openxml"
FIGURE_STYLE = "KAA-figur"

Block = dict[str, Any]


def document_blocks(document: Document, *, styles: StyleIds, width: int) -> list[Block]:
    """Return the blocks of the whole document, its tables ``width`` twentieths of a point wide. Prose names the reader that parses it."""
    blocks = [_markup(_opening(document, styles))]
    for number, block in enumerate(document.blocks):
        if isinstance(block, Prose):
            blocks.append({"t": "RawBlock", "c": [PROSE_READER, block.markdown]})
        else:
            blocks.extend(_exhibit(block, number, styles, width))
    return blocks


def _markup(content: str) -> Block:
    return {"t": "RawBlock", "c": [MARKUP, content]}


def _opening(document: Document, styles: StyleIds) -> str:
    lines = [paragraph(text_run(document.title), styles["title"])]
    if document.draft:
        words = text_run(DRAFT_MARK, bold=True) + text_run(f" {DRAFT_WORDS}")
        lines.insert(0, paragraph(words, styles["kaa-utkast"]))
    lines += [paragraph(text_run(f"{label}: {text}"), styles["kaa-uppgift"]) for label, text in document.facts]
    return "".join(lines)


def _exhibit(exhibit: Exhibit, number: int, styles: StyleIds, width: int) -> Iterator[Block]:
    if exhibit.kind == "sentence":
        yield {"t": "Para", "c": [_words(exhibit.words)]}
    elif exhibit.kind == "table":
        yield _markup(_table(exhibit, number, styles, width))
    else:
        yield _picture(exhibit)
        yield _markup(_below_figure(exhibit, number, styles))


def _words(text: str) -> Block:
    return {"t": "Str", "c": text}


def _table(exhibit: Exhibit, number: int, styles: StyleIds, width: int) -> str:
    notes = exhibit.notes.lines()
    return (
        caption(exhibit.label, exhibit.title, slug=exhibit.slug, number=number, style=styles["caption"], keep_next=True)
        + table_markup(exhibit.grid, title=exhibit.title, styles=styles, width=width, keep_last=bool(notes))
        + _small(notes or [""], styles)
    )


def _picture(exhibit: Exhibit) -> Block:
    address = "data:image/png;base64," + b64encode(exhibit.drawing.png).decode()
    attributes = ["", [], [["width", f"{WIDTH_INCHES}in"], ["file", f"{exhibit.slug}.png"]]]
    image = {"t": "Image", "c": [attributes, [_words(exhibit.alt)], [address, ""]]}
    return {"t": "Div", "c": [["", [], [["custom-style", FIGURE_STYLE]]], [{"t": "Para", "c": [image]}]]}


def _below_figure(exhibit: Exhibit, number: int, styles: StyleIds) -> str:
    notes, method = exhibit.notes.lines(), exhibit.method
    return (
        caption(
            exhibit.label,
            exhibit.title,
            slug=exhibit.slug,
            number=number,
            style=styles["caption"],
            keep_next=bool(notes),
        )
        + _small(notes, styles, together=False)
        + (_method(method, styles) if method is not None else "")
    )


def _small(lines: list[str], styles: StyleIds, *, together: bool = True) -> str:
    """Return the notes; those of a figure may go over a page's foot, so that the figure itself finds room above it."""
    last = len(lines) - 1 if together else 0
    return "".join(
        paragraph(text_run(line), styles["kaa-not"], keep_next=place < last) for place, line in enumerate(lines)
    )


def _method(method: Method, styles: StyleIds) -> str:
    box = styles["kaa-metod"]
    lines = [text_run(METHOD_SUMMARY, bold=True)]
    lines += [text_run(f"{label}: ", bold=True) + text_run(text) for label, text in method_lines(method)]
    return "".join(paragraph(line, box, keep_next=line is not lines[-1]) for line in lines)
