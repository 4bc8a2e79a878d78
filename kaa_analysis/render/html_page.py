"""The page that readers meet: one self-contained HTML document, without scripts or anything fetched from elsewhere."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import cache
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaa_analysis.core.errors import NotebookError
from kaa_analysis.present.formats import long_date
from kaa_analysis.present.typeface import font_face_rules

if TYPE_CHECKING:
    from jinja2 import Environment
    from nbconvert import TemplateExporter

    from kaa_analysis.present.exhibit import Exhibit

TEMPLATES = Path(__file__).with_name("templates")
TEMPLATE_NAME = "kaa"
ANCHOR_PREFIX = "avsnitt-"
NAMELESS = "Rapport"

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
    subtitle_lines: Sequence[str],
    body_html: str,
    toc: Sequence[tuple[str, str]],
    draft: bool,
    lang: str = "sv",
    footer_lines: Sequence[str] = (),
) -> str:
    """Return the whole HTML document around ``body_html``. ``toc`` holds an (anchor, text) per line of the contents list.

    The title is the only h1; ``subtitle_lines`` (period, date of extract) stand under it and again in the footer, before
    ``footer_lines``.

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
            subtitle_lines=list(subtitle_lines),
            footer_lines=list(footer_lines),
            draft=draft,
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


def without_title(body_html: str) -> tuple[str, str]:
    """Return the text of the first h1 (empty if there is none) and ``body_html`` without that heading.

    >>> without_title("<h1>Årsbilaga</h1><p>Syfte</p>")
    ('Årsbilaga', '<p>Syfte</p>')
    """
    for found in _HEADING.finditer(body_html):
        if found["level"] == "1":
            return _plain(found["inner"]), body_html[: found.start()] + body_html[found.end() :]
    return "", body_html


def notebook_exporter() -> TemplateExporter:
    """Return an exporter that makes our page of a notebook: its prose and the HTML of its outputs, byte for byte, no code.

    The title is the notebook's own h1. What else stands on the page comes from ``notebook.metadata["kaa"]`` or, before that,
    from ``resources["kaa"]``: ``title``; ``lines``, or the parts they are made of (``period``, ``extract``, ``extract_date`` as ISO);
    ``run`` for the footer; and ``draft`` (default True).
    """
    from nbconvert import TemplateExporter

    exporter = TemplateExporter(
        template_name=TEMPLATE_NAME, template_file="index.html.j2", extra_template_basedirs=[str(TEMPLATES)]
    )
    exporter.register_filter("kaa_prose", _prose)
    exporter.register_filter("kaa_page", _framed)
    return exporter


def notebook_page(notebook: Any, *, facts: Mapping[str, Any]) -> str:
    """Return the page of a notebook node with its outputs. For ``facts`` see `notebook_exporter`.

    Raises:
        NotebookError: as `page`.
    """
    body, _ = notebook_exporter().from_notebook_node(notebook, resources={"kaa": dict(facts)})
    return body


def page_of_notebook(committed: Any, exhibits: Mapping[int, Sequence[Exhibit]], *, facts: Mapping[str, Any]) -> str:
    """Return the page of a committed notebook (without outputs) with the exhibits of each cell, by the cell's number from 0.

    Raises:
        NotebookError: as `page`.
    """
    from nbformat.v4 import new_output

    filled = deepcopy(committed)
    for number, items in exhibits.items():
        filled.cells[number].outputs = [new_output("display_data", data={"text/html": item.html}) for item in items]
    return notebook_page(filled, facts=facts)


def _prose(markdown: str) -> str:
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    return MarkdownWithMath(renderer=IPythonRenderer(escape=False, exclude_anchor_links=True)).render(markdown)


def _framed(body_html: str, metadata: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    told = {**metadata, **facts}
    own_title, rest = without_title(body_html)
    body, contents = anchored(rest)
    return page(
        title=told.get("title") or own_title or NAMELESS,
        subtitle_lines=told.get("lines") or _lines(told),
        body_html=body,
        toc=contents,
        draft=bool(told.get("draft", True)),
        footer_lines=[f"Körning {told['run']}"] if told.get("run") else [],
    )


def _lines(told: Mapping[str, Any]) -> list[str]:
    lines = [f"Period: {told['period']}"] if told.get("period") else []
    if told.get("extract_date"):
        name = f" ({told['extract']})" if told.get("extract") else ""
        lines.append(f"Uttag ur registret: {long_date(told['extract_date'])}{name}")
    return lines


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
