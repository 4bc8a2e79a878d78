"""The places in a report where people write, and the place of the definitions: what each is called in notebooks, files and headings."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kaa_analysis.core.errors import ParameterError, did_you_mean

AUTHOR_SLOTS: Mapping[str, str] = MappingProxyType(
    {
        "forvaltningens_analys": "Förvaltningens analys",
        "utvecklingsomraden": "Uppföljning av årets utvecklingsområden",
        "forslag": "Förslag till förändringar",
    }
)
"""The heading of each text that the administration writes, by its name: that of its file without ``.md``."""

AUTHOR_KIND = "author"
DEFINED_FORM = "definitions"
DEFINED_SLUG = "definitioner"


def check_author_slot(slot: str) -> str:
    """Return ``slot`` if it is one of `AUTHOR_SLOTS`.

    Raises:
        ParameterError: there is no such text.
    """
    if slot not in AUTHOR_SLOTS:
        raise ParameterError(
            f'Texten "{slot}" finns inte{did_you_mean(slot, AUTHOR_SLOTS)}.',
            found=f"texter: {', '.join(AUTHOR_SLOTS)}",
            action="välj en av texterna",
        )
    return slot


def author_title(slot: str) -> str:
    """Return the heading of a text.

    >>> author_title("forslag")
    'Förslag till förändringar'
    """
    return AUTHOR_SLOTS[slot]


def author_form(slot: str) -> str:
    """Return the form that a text is placed in a report by; `author_slot_of` gives the name back."""
    return f"{AUTHOR_KIND}:{slot}"


def author_slot_of(form: str) -> str:
    """Return the name of the text that a form places, the empty string for any other form.

    >>> author_slot_of(author_form("forslag")), author_slot_of("sentence:stock")
    ('forslag', '')
    """
    kind, _, slot = form.partition(":")
    return slot if kind == AUTHOR_KIND else ""
