"""What a finished file says, in the shapes that numbers are bound in: running text and tables, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a text is: a drawing's own words, an alternative text, a line of the contents list, or running text."""

    PROSE = "text"
    DRAWING = "drawing"
    ALTERNATIVE = "alternative"
    CONTENTS = "contents"


@dataclass(frozen=True)
class Words:
    """A text. ``slug`` names the exhibit it belongs to where the file says so. Separate texts of a drawing are separate lines."""

    place: str
    text: str
    slug: str = ""
    role: Role = Role.PROSE


@dataclass(frozen=True)
class TableCell:
    """A cell of a table and how many columns and lines it covers."""

    text: str
    columns: int = 1
    lines: int = 1


@dataclass(frozen=True)
class TableBlock:
    """A table: its head and body row by row, the title it says it has, and the exhibit it belongs to where the file says so."""

    place: str
    head: tuple[tuple[TableCell, ...], ...]
    body: tuple[tuple[TableCell, ...], ...]
    title: str = ""
    slug: str = ""


Block = Words | TableBlock
