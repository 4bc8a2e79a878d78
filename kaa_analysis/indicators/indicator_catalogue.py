"""The catalogue of indicators, read from `catalogue.yaml`: what each is called, what it is of what, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from kaa_analysis.core.definitions import Definition
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.strict_yaml import read_strict_yaml

CALENDARS = {
    "day": "en viss dag",
    "month": "månad",
    "tertial": "tertial",
    "half_year": "halvår",
    "year": "kalenderår",
    "lasar": "läsår",
    "autumn": "höst, preliminärt",
}
"""The periods that an indicator can be told for, with their Swedish names."""


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One indicator. A share has a ``numerator`` and a ``denominator``, a count neither.

    ``calendar`` are names of `CALENDARS`. It stands in the column ``column`` of what the function ``result`` of `kaa_analysis.indicators`
    returns; ``spec`` is the file of tests that proves it, ``methods`` its page in docs/methods. ``tables`` are the ids of the tables that
    the function gives, or how they begin, where that is not the function's own name.
    """

    id: str
    name: str
    definition: str
    calendar: tuple[str, ...]
    caveat: str
    source: str
    result: str
    column: str
    spec: str
    methods: str
    numerator: str = ""
    denominator: str = ""
    tables: tuple[str, ...] = ()

    @property
    def is_share(self) -> bool:
        """Whether it is a share of something."""
        return bool(self.denominator)


@cache
def indicators() -> Mapping[str, Indicator]:
    """Return every indicator by its id, in the order of the catalogue.

    Raises:
        DefinitionError: an entry lacks a part, has an unknown one, or names an unknown calendar.

    >>> indicators()["share_to_studies"].name
    'Andel avslut till studier'
    """
    text = files("kaa_analysis.indicators").joinpath("catalogue.yaml").read_text(encoding="utf-8")
    return MappingProxyType({name: _indicator(name, record) for name, record in read_strict_yaml(text).items()})


def definitions() -> tuple[Definition, ...]:
    """Return what readers are told of every indicator, in the order of the catalogue: what `Report.define` takes.

    >>> definitions()[0].name
    'Registrerade vid periodens början'
    """
    return tuple(
        Definition(
            id=one.id,
            name=one.name,
            definition=one.definition,
            caveat=one.caveat,
            source=one.source,
            column=one.column,
            tables=one.tables or (one.result,),
            numerator=one.numerator,
            denominator=one.denominator,
        )
        for one in indicators().values()
    )


def _indicator(name: str, record: Mapping[str, object]) -> Indicator:
    parts = dict(record)
    try:
        calendar, tables = tuple(parts.pop("calendar")), tuple(parts.pop("tables", ()))
        words = {key: str(it) for key, it in parts.items()}
        found = Indicator(id=name, calendar=calendar, tables=tables, **words)
    except (KeyError, TypeError) as error:
        raise DefinitionError("En indikator i katalogen ska ha alla sina delar och inga andra.", found=name) from error
    if not set(calendar) <= CALENDARS.keys() or bool(found.numerator) != bool(found.denominator):
        raise DefinitionError(
            "En indikator ska ha kända kalendrar, och både täljare och nämnare eller ingen av dem.", found=name
        )
    return found
