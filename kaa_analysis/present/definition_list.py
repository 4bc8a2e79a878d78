"""The definitions of indicators as running text: a list with a point per indicator, the same in every format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kaa_analysis.core.definitions import Definition

HEADING = "Definitioner"
INTRODUCTION = (
    "Här står vad varje indikator i rapporten betyder. Hur tabellerna är räknade står under *Så är det räknat*."
)

_MARKS = re.compile(r"[\\`*_\[\]<>#|~$^&]")


def definitions_markdown(definitions: Sequence[Definition]) -> str:
    """Return the section as Markdown with its heading; nothing where there is nothing to define.

    >>> one = Definition(id="n", name="Nya", definition="De som kom.", caveat="Inget.", source="29 kap. 9 §", column="n", tables=("t",))
    >>> definitions_markdown([one]).splitlines()[-1]
    '* **Nya.** De som kom. *Att tänka på:* Inget. *Källa:* 29 kap. 9 §.'
    """
    if not definitions:
        return ""
    return "\n".join([f"## {HEADING}", "", INTRODUCTION, "", *map(_point, definitions)])


def _point(definition: Definition) -> str:
    return f"* {' '.join(_parts(definition))}"


def _parts(definition: Definition) -> Iterator[str]:
    yield f"**{_sentence(definition.name)}** {_words(definition.definition)}"
    told = {
        "Täljare": definition.numerator,
        "Nämnare": definition.denominator,
        "Att tänka på": definition.caveat,
        "Källa": definition.source,
    }
    yield from (f"*{label}:* {_sentence(text)}" for label, text in told.items() if text)


def _sentence(text: str) -> str:
    return _words(text if text.endswith(".") else f"{text}.")


def _words(text: str) -> str:
    """Return a text in which nothing is taken for a mark."""
    return _MARKS.sub(lambda found: f"\\{found[0]}", " ".join(text.split()))
