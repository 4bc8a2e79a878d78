"""The closed list of numbers that belong to no cell: dates, paragraphs, exhibit numbers and the like, each by its own written form.

A number that stands alone, or with what is counted, has none of these forms and must be the number of a released cell.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from kaa_analysis.render.gate.traces import written_out

MASK = "¤"
KEPT_TEXTS = 16_384
"""How many texts are put in plain characters once: headings and cells come again in every format."""

_MONTH = "(?:januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december)"
_YEAR = "(?:19|20)[0-9]{2}"
_ISO = rf"{_YEAR}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01])(?:[T ][0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:\.[0-9]+)?)?(?:Z|[-+][0-9]{{2}}:?[0-9]{{2}})?)?)?"
_COUNTED = "(?:ungdom|person|registrering|flick|pojk|elev|barn|individ|avslut|insats|försök|samtal|besök|procent|fall|stycken|st\\b|av dem|av de\\b|%)"
_HORIZON = "(?:[0-9]|1[0-2]|15|18|24|30|36|48|60)"
_SECTION = r"[0-9]{1,2}(?:\.[0-9]{1,2}){0,3}"
_WORD = r"(?<![0-9A-Za-zÅÄÖåäö])"
_ALONE = r"(?<![0-9A-Za-z])(?<![0-9][ ,.:])"
_ENDS = r"(?![0-9A-Za-z])(?![,.: ][0-9])"


@dataclass(frozen=True)
class Form:
    """A written form: what it is, how it is recognised, a text that has it, and a text that looks alike but has a number of its own."""

    kind: str
    pattern: re.Pattern[str]
    example: str
    twin: str


def _form(kind: str, pattern: str, example: str, twin: str) -> Form:
    return Form(kind, re.compile(pattern), example, twin)


FORMS: tuple[Form, ...] = (
    _form("kontrollsummor", r"(?<![0-9A-Za-z])[0-9a-f]{64}(?![0-9A-Za-z])", "a" * 63 + "1", "a" * 62 + "1"),
    _form(
        "körningar",
        rf"{_WORD}(?i:körning|körningen heter|release):? [0-9a-f]{{12}}(?![0-9A-Za-z])",
        "Körning 385f0571958e",
        "körning 3",
    ),
    _form("datum", rf"{_ALONE}{_ISO}(?![0-9])", "2024-12-31", "2024-13-31"),
    _form(
        "datum",
        rf"{_ALONE}(?:[1-9]|[12][0-9]|3[01])(?: {_MONTH})?-(?:[1-9]|[12][0-9]|3[01]) {_MONTH}(?: {_YEAR})?(?![0-9])",
        "1 juni–15 september",
        "1–15 ungdomar",
    ),
    _form(
        "datum",
        rf"{_ALONE}(?:[1-9]|[12][0-9]|3[01]) {_MONTH}(?: {_YEAR})?(?![0-9])",
        "31 december 2024",
        "31 av december",
    ),
    _form(
        "hänvisningar", r"docs/[a-z/]*[0-9]{4}-[a-z-]+\.md", "docs/decisions/0002-problem-rows.md", "docs/decisions/3"
    ),
    _form(
        "hänvisningar",
        rf"{_WORD}(?:[Ff]örordning|[Ll]ag|SFS|[Pp]rop\.|[Dd]nr|PM) ?\(?{_YEAR}(?:/[0-9]{{2}})?:[0-9]{{1,6}}\)?",
        "dnr 2019:00783",
        "dnr: 3",
    ),
    _form(
        "paragrafer",
        r"(?<![0-9,.])[0-9]{1,2} ?[a-z]? kap\.(?: [0-9]{1,3} ?[a-z]?(?:(?:-| och |, )[0-9]{1,3} ?[a-z]?)? §§?)?",
        "29 kap. 9 §",
        "29 kapten",
    ),
    _form("paragrafer", r"(?<![0-9,.])(?<![0-9] )[0-9]{1,3} ?[a-z]? §§?(?! ?[0-9])", "9 §", "9 personer §"),
    _form("paragrafer", r"§ [0-9]{1,3}(?![0-9,])(?! [0-9a-zåäö])", "förordning 2006:39 § 3", "§ 3 ungdomar"),
    _form(
        "hänvisningar",
        rf"{_WORD}(?:[Aa]vsnitt(?:en)?|[Pp]unkt) {_SECTION}(?:(?:, | och )[0-9]{{1,2}}\.[0-9]{{1,2}}(?:\.[0-9]{{1,2}})*)*(?![0-9,%])",
        "avsnitt 7.1 och 8.3",
        "avsnittet 3",
    ),
    _form("hänvisningar", rf"{_WORD}[Bb]eslut [0-9]{{1,2}}(?= om )", "beslut 2 om problemrader", "beslut 2"),
    _form(
        "numrering",
        rf"{_WORD}(?:Tabell|tabell|Figur|figur|Bilaga|bilaga) [0-9]{{1,2}}(?![0-9]|,[0-9]| [0-9]{{3}})",
        "Tabell 12",
        "tabell med 12",
    ),
    _form(
        "sidnummer",
        rf"{_WORD}(?:[Ss]ida|[Ss]idan) [0-9]{{1,3}}(?: ?(?:\(|av )[0-9]{{1,3}}\)?)?(?![0-9,])",
        "sida 3 (16)",
        "sidor: 3",
    ),
    _form("veckor", rf"{_WORD}[Vv]ecka [0-9]{{1,2}}(?: {_YEAR})?(?![0-9,])", "vecka 8", "veckor: 8"),
    _form("tertial", rf"{_WORD}[Tt]ertial [12] {_YEAR}(?:-{_YEAR})?(?![0-9])", "tertial 2 2022-2024", "tertial 3 2024"),
    _form("läsår", rf"{_ALONE}{_YEAR}/[0-9]{{2}}(?![0-9])", "läsåret 2023/24", "3/24"),
    _form(
        "åldrar",
        rf"{_ALONE}(?:1[5-9]|2[0-5])(?:(?:-| och | till )(?:1[5-9]|2[0-5]))?(?:[- ]år(?![a-zåäö])|[- ]?åring(?:ar|arna|en)?(?![a-zåäö])|-årig[a-zåäö]*|-årsdag[a-zåäö]*)",
        "16–19 år",
        "17 åringsgrupper",
    ),
    _form(
        "månader från start",
        rf"{_ALONE}(?:(?:{_HORIZON}, )*{_HORIZON} och )?{_HORIZON} månad(?:er|ers)?(?![a-zåäö])",
        "vid 0, 3, 6 och 12 månader",
        "37 månader",
    ),
    _form(
        "villkorad start",
        r"(?<=var kvar efter )[0-9]{1,4} (?:dagar|månader)(?= från start)",
        "de som var kvar efter 12 dagar från start",
        "de som var kvar efter 12 dagar",
    ),
    _form(
        "rapporter i releasen",
        r"tillsammans med [0-9]{1,3} rapporter till(?![a-zåäö])",
        "tillsammans med 2 rapporter till",
        "tillsammans med 2 ungdomar till",
    ),
    _form(
        "beräkningssätt",
        r"(?:365,25/12 dagar|(?<=räknas )dag 0(?![0-9,])|(?<=andelen är )0 eller 1(?![0-9,]))",
        "gränserna inte där andelen är 0 eller 1",
        "0 eller 1",
    ),
    _form(
        "konfidensnivå",
        r"(?:\(95 (?:%|procent)\)|(?<![0-9,])95-procent[a-zåäö]*|(?<![0-9,])95 % konfidensintervall)",
        "Intervall (95 %)",
        "95 procent",
    ),
    _form(
        "år",
        rf"{_ALONE}{_YEAR}(?:-{_YEAR})?(?![0-9A-Za-zåäö])(?![,.:][0-9]| [0-9]{{3}}(?![0-9])| ?{_COUNTED})",
        "under 2024",
        "2024 ungdomar",
    ),
)
"""The forms in the order they are taken out of a text: what holds another form comes before it."""

_NUMBER = re.compile(r"[0-9]+(?: [0-9]{3}(?![0-9]))*(?:,[0-9]+)?")


@lru_cache(maxsize=KEPT_TEXTS)
def plain(text: str) -> str:
    r"""Return a text as it is compared: plain digits, hyphens and spaces, one space between words, line by line.

    >>> plain("2\u00a0966  av \u2013\n3")
    '2 966 av -\n3'
    """
    lines = (" ".join(line.split()) for line in written_out(text).splitlines())
    return "\n".join(line for line in lines if line)


def without_forms(text: str, *, counts: Counter[str] | None = None) -> str:
    """Return a plain text without everything in `FORMS`; ``counts`` gets how many of each kind there were.

    >>> without_forms("Av 3 ungdomar den 31 december 2024")
    'Av 3 ungdomar den ¤'
    """
    if not holds_number(text):
        return text
    for form in FORMS:
        text, n = form.pattern.subn(MASK, text)
        if n and counts is not None:
            counts[form.kind] += n
    return text


def numbers_in(text: str) -> tuple[str, ...]:
    """Return the numbers of a plain text in order, as written; a numeral that is no decimal digit is a number too.

    >>> numbers_in("2 966 av 41,6 % och ½")
    ('2 966', '41,6', '½')
    """
    found = [(number.start(), number[0]) for number in _NUMBER.finditer(text)]
    found += [(place, sign) for place, sign in enumerate(text) if sign.isnumeric() and not sign.isdecimal()]
    return tuple(number for _, number in sorted(found))


def holds_number(text: str) -> bool:
    """Return whether any character is a numeral of any kind."""
    return any(sign.isnumeric() for sign in text)
