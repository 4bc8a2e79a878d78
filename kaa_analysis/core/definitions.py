"""`Definition`: what an indicator is, in words for readers, and which tables show it. It holds no number of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Definition:
    """An indicator as readers are told of it.

    A share has a ``numerator`` and a ``denominator``, a count neither. It stands in the column ``column`` of every table whose id is one
    of ``tables``, or begins with one of them and an underscore.
    """

    id: str
    name: str
    definition: str
    caveat: str
    source: str
    column: str
    tables: tuple[str, ...]
    numerator: str = ""
    denominator: str = ""

    def as_record(self) -> dict[str, Any]:
        """Return the definition as plain JSON values; `definition_from_record` gives it back."""
        return asdict(self) | {"tables": list(self.tables)}


def definition_from_record(record: Mapping[str, Any]) -> Definition:
    """Return the definition of a record made by `Definition.as_record`."""
    return Definition(**dict(record) | {"tables": tuple(record["tables"])})


def tables_showing(
    definitions: Sequence[Definition], tables: Mapping[str, Collection[str]]
) -> dict[str, tuple[str, ...]]:
    """Return which tables show each definition that is shown at all, in the order of the definitions.

    ``tables`` holds the columns of each table by its id. Where the id begins as two definitions of the same column say, the longer one counts.

    >>> one, other = (Definition(id=name, name="", definition="", caveat="", source="", column="n", tables=(name,)) for name in ("flow", "flow_by_law"))
    >>> tables_showing([one, other], {"flow_by_law": ["n"], "flow_autumn": ["n"], "flow": ["m"]})
    {'flow': ('flow_autumn',), 'flow_by_law': ('flow_by_law',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    for table, columns in tables.items():
        fits = {one.id: _fit(one, table) for one in definitions if one.column in columns and _fit(one, table)}
        for name, length in fits.items():
            if length == max(fits.values()):
                found[name] = (*found.get(name, ()), table)
    return {one.id: found[one.id] for one in definitions if one.id in found}


def _fit(definition: Definition, table: str) -> int:
    """Return how much of the table's id the definition names, 0 where it is of another table."""
    return max(
        (len(name) for name in definition.tables if table == name or table.startswith(f"{name}_")),
        default=0,
    )
