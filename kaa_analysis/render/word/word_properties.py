"""What the file says of itself: title, subject, organisation, status, language and run. The day of the extract is its only date."""

from __future__ import annotations

from kaa_analysis.render.document import Document
from kaa_analysis.render.word.conversion import LANGUAGE
from kaa_analysis.render.word.markup import escaped

SUBJECT = "Kommunernas aktivitetsansvar"
DRAFT_STATUS = "Utkast"
FINAL_STATUS = "Fastställt"
ORGANISATION_LABELS = ("Nämnd", "Organisation", "Förvaltning", "Kommun")

_PROLOGUE = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_FORMAT_ID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
"""The identifier that the format prescribes for properties of one's own."""


def organisation(document: Document) -> str:
    """Return who answers for the document, as told under its title; empty if it is not told."""
    facts = dict(document.facts)
    return next((facts[label] for label in ORGANISATION_LABELS if facts.get(label)), "")


def status(document: Document) -> str:
    """Return whether the document is a draft, in words."""
    return DRAFT_STATUS if document.draft else FINAL_STATUS


def property_parts(document: Document) -> dict[str, bytes]:
    """Return the three parts of a Word file that hold its properties, by name."""
    parts = {
        "docProps/core.xml": _core(document),
        "docProps/app.xml": f'<Properties xmlns="{_OFFICE}/extended-properties"/>',
        "docProps/custom.xml": _custom({"Körning": document.run, "Status": status(document)}),
    }
    return {name: (_PROLOGUE + part).encode() for name, part in parts.items()}


def _core(document: Document) -> str:
    moment = f"{document.day}T00:00:00Z"
    dates = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{moment}</dcterms:{name}>' for name in ("created", "modified")
    )
    return (
        f'<cp:coreProperties xmlns:cp="{_CORE}" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escaped(document.title)}</dc:title><dc:subject>{SUBJECT}</dc:subject>"
        f"<dc:creator>{escaped(organisation(document))}</dc:creator><dc:language>{LANGUAGE}</dc:language>"
        f"{dates}<cp:contentStatus>{status(document)}</cp:contentStatus></cp:coreProperties>"
    )


def _custom(properties: dict[str, str]) -> str:
    listed = "".join(
        f'<property fmtid="{_FORMAT_ID}" pid="{number}" name="{name}"><vt:lpwstr>{escaped(text)}</vt:lpwstr></property>'
        for number, (name, text) in enumerate(properties.items(), start=2)
    )
    return f'<Properties xmlns="{_OFFICE}/custom-properties" xmlns:vt="{_OFFICE}/docPropsVTypes">{listed}</Properties>'
