"""What an injector sees and what it answers, and the changes that many kinds of errors share."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from kaa_analysis.synthetic.errors.raw_folder import PERSON, RawFolder, Row


@dataclass(frozen=True)
class Candidate:
    """A row that may be spoiled, with everything that is told of its person. ``taken`` are persons who already have an error."""

    file: str
    place: int
    row: Row
    folder: RawFolder
    extract_date: date
    luck: np.random.Generator
    taken: Set[str] = frozenset()

    @property
    def identity(self) -> str:
        """The person's identity, empty in files without persons."""
        return self.row.get(PERSON, "")

    @property
    def person(self) -> Row:
        """The person's row among the persons."""
        rows = self.rows("personer.csv")
        return rows[0][1] if rows else {}

    @property
    def extract_day(self) -> str:
        """The day of extract as text."""
        return self.extract_date.isoformat()

    def rows(self, file: str) -> list[tuple[int, Row]]:
        """Return the person's rows in a file, with their places."""
        return list(self.folder.rows_of(file, self.identity))

    def others(self) -> list[tuple[int, Row]]:
        """Return the person's other rows in the same file."""
        return [(place, row) for place, row in self.rows(self.file) if place != self.place]

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, both included."""
        return int(self.luck.integers(low, high + 1))

    def neighbour(self) -> Row | None:
        """Return the person after this one among the persons, if free to be spoiled."""
        table = self.folder.tables["personer.csv"]
        places = table.places.get(self.identity, [])
        if not places:
            return None
        other = table.row((places[0] + 1) % len(table.lines))
        is_free = (
            other is not None and other[PERSON] in table.places and other[PERSON] not in {*self.taken, self.identity}
        )
        return other if is_free else None


@dataclass(frozen=True)
class Elsewhere:
    """A change in another row; None takes it away. ``added`` is a row that is put after it."""

    file: str
    place: int
    row: Row | None
    added: Row | None = None


@dataclass(frozen=True)
class Change:
    """What becomes of a row: another one or none, and perhaps rows ``added`` after it and changes ``elsewhere``.

    ``found_at`` is the row that the check points at, where it is another than ``row`` (of the table of the same file); ``identity`` that of the
    person as found, where it is another than before. ``other_identity`` is a second person whom it concerns, ``left_alone`` are persons
    who must have no error of their own.
    """

    row: Row | None
    added: tuple[Row, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    found_at: Row | None = None
    identity: str | None = None
    other_identity: str = ""
    left_alone: tuple[str, ...] = ()


Injector = Callable[[Candidate], Change | None]
"""Returns the change of a row, None if the error cannot happen to it. Nothing is changed by the call itself."""
Condition = Callable[[Candidate], bool]


def anything(candidate: Candidate) -> bool:
    """Return true: every row will do."""
    return True


def blanked(*columns: str, where: Condition = anything) -> Injector:
    """Return an injector that empties the columns of a row in which all of them have something."""

    def spoil(candidate: Candidate) -> Change | None:
        if not all(candidate.row[name] for name in columns) or not where(candidate):
            return None
        return Change({**candidate.row, **dict.fromkeys(columns, "")})

    return spoil


def rewritten(column: str, how: Callable[[str], str], *, where: Condition = anything) -> Injector:
    """Return an injector that writes the value of a column otherwise; where ``how`` changes nothing the row will not do."""

    def spoil(candidate: Candidate) -> Change | None:
        value = candidate.row[column]
        if not value or not where(candidate) or how(value) == value:
            return None
        return Change({**candidate.row, column: how(value)})

    return spoil


def swapped(first: str, second: str, *, where: Condition = anything) -> Injector:
    """Return an injector that lets two columns with different values change places."""

    def spoil(candidate: Candidate) -> Change | None:
        one, other = candidate.row[first], candidate.row[second]
        if not one or not other or one == other or not where(candidate):
            return None
        return Change({**candidate.row, first: other, second: one})

    return spoil


def told_twice(candidate: Candidate) -> Change | None:
    """Write the whole row once more."""
    return Change(candidate.row, added=(candidate.row,))


def changed(candidate: Candidate, **values: str) -> Change:
    """Return the row with other values in some columns."""
    return Change({**candidate.row, **values})


def with_identity(identity: str, row: Row) -> Row:
    """Return the row as another person's."""
    return {**row, PERSON: identity}


def found_at(change: Change, row: Row) -> Change:
    """Return the change with the row that the check will point at."""
    return replace(change, found_at=row)


def day(text: str) -> date:
    """Return the day of a text in the form of the layout."""
    return date.fromisoformat(text)


def later(text: str, days: int) -> str:
    """Return the day so many days later.

    >>> later("2024-02-28", 2)
    '2024-03-01'
    """
    return (day(text) + timedelta(days=days)).isoformat()


def years_later(text: str, years: int) -> str:
    """Return the same day in another year; 29 February is 1 March in years without it.

    >>> years_later("2004-02-29", 20), years_later("2004-02-29", 19)
    ('2024-02-29', '2023-03-01')
    """
    there = day(text)
    try:
        return there.replace(year=there.year + years).isoformat()
    except ValueError:
        return date(there.year + years, 3, 1).isoformat()


def day_month_swapped(text: str) -> str:
    """Return the day with day and month in each other's place, the same where that is no day or the same one.

    >>> day_month_swapped("2024-03-05"), day_month_swapped("2024-03-25")
    ('2024-05-03', '2024-03-25')
    """
    year, month, month_day = text.split("-")
    return f"{year}-{month_day}-{month}" if int(month_day) <= 12 else text
