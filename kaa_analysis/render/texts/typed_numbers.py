"""The numbers that an author may type: days, years, paragraphs and sections, dnr, pages and phone numbers. All others are references."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kaa_analysis.render.gate.structural_numbers import FORMS, MASK, holds_number, numbers_in, plain
from kaa_analysis.render.gate.traces import count_identities, written_out
from kaa_analysis.render.texts.author_references import replaced
from kaa_analysis.render.texts.markdown_subset import blocks_of

KINDS = ("datum", "veckor", "tertial", "läsår", "år", "paragrafer", "hänvisningar", "sidnummer")
"""The kinds of the gate's own forms that an author's text may hold."""

ALLOWED = (
    "datum (31 december 2024, vecka 8), år, läsår och tertial (2024, läsåret 2023/24, tertial 2 2024), paragraf och avsnitt "
    "(29 kap. 9 §, avsnitt 7.1), diarienummer (dnr AMF 2025/17), sida (sidan 3) och telefonnummer (08-508 25 000)"
)
"""The kinds as they are told."""

IDENTITY = "ser ut som ett personnummer eller samordningsnummer, och får aldrig stå i en text"
OTHER = "ett tal av ett slag som inte får skrivas för hand"

_YEAR = "(?:19|20)[0-9]{2}"
_REGISTERED = re.compile(
    rf"(?<![0-9A-Za-zÅÄÖåäö])(?:[Dd]nr|[Dd]iarienummer):? (?:[A-ZÅÄÖ]{{2,6}} )?"
    rf"(?:{_YEAR}[/:-][0-9]{{1,6}}|[0-9](?:\.[0-9]){{1,4}}-[0-9]{{1,6}}/{_YEAR})(?![0-9])"
)
_PHONE = re.compile(r"(?<![0-9A-Za-z])(?:\+46 ?|0)[1-9][0-9]{0,2}[- ][0-9]{2,3}(?: [0-9]{2,3}){1,3}(?![0-9])(?! [0-9])")


def without_typed(text: str) -> str:
    """Return a plain text without the numbers that an author may type.

    >>> without_typed("Ring 08-508 25 000 före den 1 mars 2025, dnr AMF 2025/17: 3 unga.")
    'Ring ¤ före den ¤, ¤: 3 unga.'
    """
    for pattern in (_REGISTERED, _PHONE, *(form.pattern for form in FORMS if form.kind in KINDS)):
        text = pattern.sub(MASK, text)
    return text


def number_problems(text: str) -> Iterator[tuple[int, str]]:
    r"""Give the number of the line, from 1, of each number that may not be typed, and what it looks like.

    >>> list(number_problems("Under 2024 var {entries:2024:all}\nnya, 17 fler än året före."))
    [(2, 'ett tal av ett slag som inte får skrivas för hand')]
    """
    if count_identities(written_out(text)):
        lines = enumerate(text.splitlines(), start=1)
        yield next((number for number, line in lines if count_identities(written_out(line))), 1), IDENTITY
    bare = replaced(text, by=lambda _: MASK)
    for block in blocks_of(bare):
        if _is_typed_wrongly(block.words):
            lines = bare.splitlines()[block.line - 1 :]
            wrong = [number for number, line in enumerate(lines, start=block.line) if _is_typed_wrongly(line)]
            yield wrong[0] if wrong else block.line, OTHER


def _is_typed_wrongly(words: str) -> bool:
    return holds_number(words) and bool(numbers_in(without_typed(plain(words))))
