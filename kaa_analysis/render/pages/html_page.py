"""The page that readers meet: one self-contained HTML document, without scripts or anything fetched from elsewhere."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from kaa_analysis.core.errors import NotebookError
from kaa_analysis.present.typeface import font_face_rules
from kaa_analysis.render.document import DRAFT_MARK, DRAFT_WORDS, Document, Prose

if TYPE_CHECKING:
    import nbformat
    from jinja2 import Environment
    from nbconvert import TemplateExporter

TEMPLATES = Path(__file__).with_name("templates")
TEMPLATE_NAME = "kaa"
ANCHOR_PREFIX = "avsnitt-"

Contents = list[tuple[str, str]]

_HEADING = re.compile(r"<h(?P<level>[1-6])[^>]*>(?P<inner>.*?)</h(?P=level)>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_ID = re.compile(r'<[^>]*\sid="([^"]*)"')
_FETCHES = re.compile(
    r"<script\b|<(?:link|iframe|object|embed|base)\b|\bsrc\s*=\s*[\"']?(?!data:)|@import\b|url\(\s*[\"']?(?:https?:)?//",
    re.IGNORECASE,
)


def page(
    *,
    title: str,
    facts: Sequence[tuple[str, str]],
    body_html: str,
    toc: Sequence[tuple[str, str]],
    draft: bool,
    lang: str = "sv",
    footer_lines: Sequence[str] = (),
) -> str:
    """Return the whole HTML document around ``body_html``. ``toc`` holds an (anchor, text) per line of the contents list.

    The title is the only h1; ``facts`` (a label and a text each) stand under it, ``footer_lines`` at the end.

    Raises:
        NotebookError: the body has an h1, skips a heading level, uses an id twice, or holds or fetches something foreign.
    """
    from markupsafe import Markup

    _check(body_html)
    css = font_face_rules() + (TEMPLATES / "page.css").read_text(encoding="utf-8")
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            lang=lang,
            title=title,
            facts=list(facts),
            footer_lines=list(footer_lines),
            draft=(DRAFT_MARK, DRAFT_WORDS) if draft else None,
            toc=list(toc),
            css=Markup(css),
            body=Markup(body_html.strip()),
        )
    )


def anchored(body_html: str) -> tuple[str, Contents]:
    """Return ``body_html`` with an id from its own words on every heading, and the contents list of its h2s.

    >>> anchored("<h2>Vilka nås inte?</h2>")
    ('<h2 id="avsnitt-vilka-nas-inte">Vilka nås inte?</h2>', [('avsnitt-vilka-nas-inte', 'Vilka nås inte?')])
    """
    used: Counter[str] = Counter()
    contents: Contents = []

    def with_id(found: re.Match[str]) -> str:
        text = _plain(found["inner"])
        anchor = _anchor(text)
        used[anchor] += 1
        if used[anchor] > 1:
            anchor = f"{anchor}-{used[anchor]}"
        if found["level"] == "2":
            contents.append((anchor, text))
        return f'<h{found["level"]} id="{anchor}">{found["inner"]}</h{found["level"]}>'

    return _HEADING.sub(with_id, body_html), contents


def page_of_document(document: Document) -> str:
    """Return the page of a document, made by nbconvert with our own template: prose and exhibits in order.

    Raises:
        NotebookError: as `page`.
    """
    body, _ = _exporter().from_notebook_node(_as_notebook(document), resources={"kaa": document})
    return body


def _as_notebook(document: Document) -> nbformat.NotebookNode:
    """Return the document as the notebook it came from, without its code: what nbconvert reads."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

    cells = []
    for number, block in enumerate(document.blocks):
        if isinstance(block, Prose) and block.slug:
            html = f'<div class="kaa-author" id="{block.slug}">{_prose(block.markdown)}</div>'
            output = new_output("display_data", data={"text/html": html})
            cells.append(new_code_cell("", id=f"kaa-{number}", outputs=[output]))
        elif isinstance(block, Prose):
            cells.append(new_markdown_cell(block.markdown, id=f"kaa-{number}"))
        else:
            output = new_output("display_data", data={"text/html": block.html})
            cells.append(new_code_cell("", id=f"kaa-{number}", outputs=[output]))
    return new_notebook(cells=cells)


def _exporter() -> TemplateExporter:
    from nbconvert import TemplateExporter

    exporter = TemplateExporter(
        template_name=TEMPLATE_NAME, template_file="index.html.j2", extra_template_basedirs=[str(TEMPLATES)]
    )
    exporter.register_filter("kaa_prose", _prose)
    exporter.register_filter("kaa_page", _framed)
    return exporter


def _prose(markdown: str) -> str:
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    return MarkdownWithMath(renderer=IPythonRenderer(escape=True, exclude_anchor_links=True)).render(markdown)


def _framed(body_html: str, document: Document) -> str:
    body, contents = anchored(body_html)
    return page(
        title=document.title,
        facts=document.facts,
        body_html=body,
        toc=contents,
        draft=document.draft,
        footer_lines=[f"Körning {document.run}"],
    )


def _check(body_html: str) -> None:
    levels = [1, *(int(found["level"]) for found in _HEADING.finditer(body_html))]
    texts = ["", *(_plain(found["inner"]) for found in _HEADING.finditer(body_html))]
    problems = [
        f'rubriken "{text}" är en andra h1' for level, text in zip(levels[1:], texts[1:], strict=True) if level == 1
    ]
    problems += [
        f'rubriken "{texts[place]}" hoppar från nivå {levels[place - 1]} till {levels[place]}'
        for place in range(1, len(levels))
        if levels[place] > levels[place - 1] + 1
    ]
    ids = Counter(_ID.findall(body_html))
    problems += [f'"{anchor}" används som id {times} gånger' for anchor, times in ids.items() if times > 1]
    problems += sorted({f"sidan får inte hämta eller köra något: {found[0]}" for found in _FETCHES.finditer(body_html)})
    if problems:
        raise NotebookError(
            "Rapportsidan ska ha en h1, rubriker i ordning, unika id:n och inget som hämtas utifrån.",
            found=problems,
            action="rätta rubrikerna eller texten i anteckningsboken",
        )


def _anchor(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return ANCHOR_PREFIX + (re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-") or "utan-namn")


def _plain(html: str) -> str:
    return unescape(_TAG.sub("", html)).strip()


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=False
    )
