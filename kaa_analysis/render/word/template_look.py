"""Which parts of a template come along: those that make its look, and the pictures in its head and foot."""

from __future__ import annotations

import posixpath
from xml.dom.minidom import Document as Tree
from xml.dom.minidom import Element

from kaa_analysis.render.word.template_file import (
    CONTENT_TYPES,
    DOCUMENT,
    RELATIONSHIPS,
    Parts,
    markup,
    refused,
    remove,
    tree,
)

LINKING = {"header", "footer", "numbering"}
UNLINKED = {"styles", "settings", "fontTable", "theme"}
"""Their links lead to the file that the template was made from, to embedded fonts and to backgrounds of slides."""

LOOK = LINKING | UNLINKED
"""The kinds of parts that make a document's look. Pictures, comments and other content of the template's own pages stay behind."""

HYPERLINK = "hyperlink"
OUTSIDE = "filen länkar till en bild eller ett objekt utanför sig själv"


def look_of(parts: Parts) -> Parts:
    """Return the parts that make the look: what the document part links to of those kinds, and what these link to in turn.

    Raises:
        BundleError: a part shows something that is not in the file.
    """
    listed = tree(parts[RELATIONSHIPS])
    kept = dict(parts)
    for link in _links(listed):
        if _kind(link) not in LOOK:
            remove(link)
        elif _kind(link) in UNLINKED:
            kept.pop(_list_of(_target(link, DOCUMENT)), None)
    kept[RELATIONSHIPS] = markup(listed)
    reached = _reached(DOCUMENT, kept) | {CONTENT_TYPES, "_rels/.rels"}
    return {name: part for name, part in kept.items() if name in reached}


def _reached(start: str, parts: Parts) -> set[str]:
    """Return the names of the part, of every part it leads to, and of their lists of links."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found and _list_of(name) in parts:
            found.add(_list_of(name))
            waiting += [_target(link, name) for link in _links_inside(tree(parts[_list_of(name)]))]
        found.add(name)
    return found


def _list_of(name: str) -> str:
    folder, _, base = name.rpartition("/")
    return f"{folder}/_rels/{base}.rels"


def _target(link: Element, source: str) -> str:
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(source), link.getAttribute("Target")))[1:]


def _links_inside(listed: Tree) -> list[Element]:
    outside = [link for link in _links(listed) if link.getAttribute("TargetMode") == "External"]
    if any(_kind(link) != HYPERLINK for link in outside):
        raise refused(OUTSIDE)
    return [link for link in _links(listed) if link not in outside]


def _links(listed: Tree) -> list[Element]:
    return list(listed.getElementsByTagName("Relationship"))


def _kind(link: Element) -> str:
    return link.getAttribute("Type").rpartition("/")[2]
