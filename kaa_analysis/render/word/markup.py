"""Paragraphs, captions and fields in WordprocessingML. Every text is escaped; nothing else decides what is markup."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

MOST_BOOKMARK_CHARACTERS = 40
FIRST_BOOKMARK = 100_000
"""The bookmarks of the conversion are numbered from 20."""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

StyleIds = Mapping[str, str]
"""The template's identifier of each style by the style's name in lower case."""


def escaped(text: str) -> str:
    """Return the text as it stands between tags, without the characters that the format cannot hold."""
    return escape(_NOT_XML.sub("", text))


def text_run(text: str, *, bold: bool = False) -> str:
    """Return a run of text.

    >>> text_run("a < b")
    '<w:r><w:t xml:space="preserve">a &lt; b</w:t></w:r>'
    """
    look = "<w:rPr><w:b/><w:bCs/></w:rPr>" if bold else ""
    return f'<w:r>{look}<w:t xml:space="preserve">{escaped(text)}</w:t></w:r>' if text else ""


def attribute(text: str) -> str:
    """Return the text as a quoted attribute value."""
    return quoteattr(_NOT_XML.sub("", text))


def paragraph(content: str, style: str, *, keep_next: bool = False, indent: int = 0, centred: bool = False) -> str:
    """Return a paragraph around ``content``. ``indent`` is in twentieths of a point."""
    kept = "<w:keepNext/>" if keep_next else ""
    moved = f'<w:ind w:left="{indent}"/>' if indent else ""
    middle = '<w:jc w:val="center"/>' if centred else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{kept}{moved}{middle}</w:pPr>{content}</w:p>'


def caption(label: str, title: str, *, slug: str, number: int, style: str, keep_next: bool) -> str:
    """Return a caption whose number is a sequence field, so that Word can list, renumber and refer to it.

    ``label`` is its name and number ("Tabell 3"), bookmarked by the slug; ``number`` is that of the bookmark in the file.
    """
    name, _, counted = label.rpartition(" ")
    if not name:
        return paragraph(text_run(title), style, keep_next=keep_next)
    sequence = f'<w:fldSimple w:instr=" SEQ {name} \\* ARABIC ">{text_run(counted)}</w:fldSimple>'
    identity = FIRST_BOOKMARK + number
    marked = (
        f'<w:bookmarkStart w:id="{identity}" w:name="{bookmark_name(slug)}"/>{text_run(f"{name} ")}{sequence}'
        f'<w:bookmarkEnd w:id="{identity}"/>'
    )
    return paragraph(marked + text_run(f". {title}"), style, keep_next=keep_next)


def bookmark_name(slug: str) -> str:
    """Return the slug as a name Word allows: letters, digits and underscores, a letter first, at most 40.

    >>> bookmark_name("tabell-flode"), bookmark_name("2024-flode")
    ('tabell_flode', 'kaa_2024_flode')
    """
    name = slug.replace("-", "_")
    name = name if name[0].isalpha() else f"kaa_{name}"
    if len(name) <= MOST_BOOKMARK_CHARACTERS:
        return name
    return f"{name[:31]}_{hashlib.sha256(slug.encode()).hexdigest()[:8]}"
