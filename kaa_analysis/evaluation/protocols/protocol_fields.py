"""The kinds of values that a protocol's fields can have: texts, keys, days and columns of the register."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from kaa_analysis.core.errors import did_you_mean
from kaa_analysis.schema.tables import tables

NOBODY_YET = "ingen ännu"
"""Who vouches for an assumption that nobody has vouched for."""

IDENTITY_LIKE = re.compile(r"(?<!\d)(?:\d{2})?\d{6}\s?[-+–]?\s?\d{4}(?!\d)")
"""What may be a personnummer: a protocol is shown outside the secure folder and names nobody."""


class ProtocolPart(BaseModel):
    """What every part of a protocol shares: no unknown field, nothing left out, nothing taken for another type, no value in an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, allow_inf_nan=False)


def _folded(text: str) -> str:
    """Return a text without the breaks that only wrap its lines: a paragraph that is wrapped anew is the same paragraph."""
    words = " ".join(text.split())
    if not words:
        raise ValueError("texten är tom")
    if IDENTITY_LIKE.search(words):
        raise ValueError("texten ser ut att innehålla ett personnummer")
    return words


def _day_of_the_calendar(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError("den dagen finns inte i kalendern") from None
    return text


def _known_column(text: str) -> str:
    known = [f"{name}.{column}" for name, schema in tables().items() for column in schema.columns]
    if text not in known:
        raise ValueError(f"en kolumn skrivs tabell.kolumn och ska finnas i registret{did_you_mean(text, known)}")
    return text


def _each_once(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return columns in alphabetical order: their order means nothing."""
    if len(set(columns)) < len(columns):
        raise ValueError("en kolumn står flera gånger")
    return tuple(sorted(columns))


Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Text = Annotated[str, Field(max_length=2000), AfterValidator(_folded)]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_day_of_the_calendar)]
Column = Annotated[str, AfterValidator(_known_column)]
Columns = Annotated[tuple[Column, ...], AfterValidator(_each_once)]
