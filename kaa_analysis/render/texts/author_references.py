"""References to released cells in running text, ``{indicator:period:split}``: how they are written, found and replaced."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

HOW = "{indikator:period:uppdelning}, till exempel {stock_end:2024:all} eller {share_to_studies:2024:sex=female}"
"""How a reference is written, for messages."""

ALL = "all"

_PAIR = r"[A-Za-z0-9_]+=[^=,{}:\s]+"
_REFERENCE = re.compile(
    rf"\{{(?P<indicator>[a-z0-9_]+):(?P<period>[^:{{}}\n=]+):(?P<split>{ALL}(?=[=}}])|{_PAIR}(?:,[ ]?{_PAIR})*)(?:=(?P<seen>[^{{}}\n]*))?\}}"
)
_BRACE = re.compile(r"[{}]")


@dataclass(frozen=True)
class Reference:
    """A reference: which indicator, which period, the values of the splits that do not stand at their total, and the value its author saw.

    ``seen`` is empty where no value is noted.
    """

    indicator: str
    period: str
    split: tuple[tuple[str, str], ...]
    seen: str = ""

    @property
    def name(self) -> str:
        """The reference without braces and without the seen value.

        >>> Reference("stock_end", "2024", (("sex", "female"),), "12").name
        'stock_end:2024:sex=female'
        """
        split = ",".join(f"{name}={value}" for name, value in self.split) or ALL
        return f"{self.indicator}:{self.period}:{split}"

    @property
    def written(self) -> str:
        """The reference as it stands in a text."""
        return f"{{{self.name}{f'={self.seen}' if self.seen else ''}}}"


def references_in(text: str) -> tuple[Reference, ...]:
    """Return the references of a text in order.

    >>> [one.name for one in references_in("Av {stock_end:2024:all=1 234} var {share_to_studies:2024:sex=female,kind=aim=41,6 %} kvar.")]
    ['stock_end:2024:all', 'share_to_studies:2024:sex=female,kind=aim']
    """
    return tuple(_reference(found) for found in _REFERENCE.finditer(text))


def replaced(text: str, *, by: Callable[[Reference], str]) -> str:
    """Return the text with each reference replaced by what ``by`` gives for it; nothing else is touched.

    >>> replaced("Det var {stock_end:2024:all}.", by=lambda reference: reference.period)
    'Det var 2024.'
    """
    return _REFERENCE.sub(lambda found: by(_reference(found)), text)


def has_loose_brace(text: str) -> bool:
    """Return whether a brace is left when the references are taken out.

    >>> has_loose_brace("{stock_end:2024:all}"), has_loose_brace("{stock_end:2024}")
    (False, True)
    """
    return _BRACE.search(_REFERENCE.sub("", text)) is not None


def _reference(found: re.Match[str]) -> Reference:
    pairs = [] if found["split"] == ALL else [pair.strip().split("=") for pair in found["split"].split(",")]
    split = tuple((name, value) for name, value in pairs)
    return Reference(found["indicator"], found["period"].strip(), split, (found["seen"] or "").strip())
