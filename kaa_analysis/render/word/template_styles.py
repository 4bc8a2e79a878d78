"""The styles of a template: found by name, whatever language of Word gave them their identifiers, and completed."""

from __future__ import annotations

from xml.dom.minidom import Document as Tree
from xml.dom.minidom import Element

WORDML = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def wordml_children(parent: Element, name: str) -> list[Element]:
    """Return the elements called ``name`` right under ``parent``."""
    return [
        child
        for child in parent.childNodes
        if child.nodeType == child.ELEMENT_NODE and child.localName == name and child.namespaceURI == WORDML
    ]


def _value(parent: Element, name: str) -> str:
    found = wordml_children(parent, name)
    return found[0].getAttributeNS(WORDML, "val") if found else ""


def style_identifiers(styles: Tree) -> dict[str, str]:
    """Return the identifier of each style by its name in lower case."""
    return {
        _value(style, "name").lower(): style.getAttributeNS(WORDML, "styleId")
        for style in wordml_children(styles.documentElement, "style")
    }


def add_missing_styles(styles: Tree, defaults: Tree) -> None:
    """Put in every default style whose name is not there; what it is based on is found by name."""
    known, ours = style_identifiers(styles), style_identifiers(defaults)
    there = {ours[name]: identity for name, identity in known.items() if name in ours}
    for style in wordml_children(defaults.documentElement, "style"):
        if _value(style, "name").lower() in known:
            continue
        added = styles.importNode(style, True)
        added.setAttribute("xmlns:w", WORDML)
        if added.hasAttribute("w:default"):
            added.removeAttribute("w:default")
        for link in ("basedOn", "next"):
            for element in wordml_children(added, link):
                identity = element.getAttributeNS(WORDML, "val")
                element.setAttribute("w:val", there.get(identity, identity))
        styles.documentElement.appendChild(added)
