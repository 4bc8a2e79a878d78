"""An error that a notebook's cell has stopped with, told in known words alone.

Our own errors repeat the names they were called with. A cell can call anything with a person's value, so a word stays only if the
package, the notebook or the report's parameters hold it, or if it is a count or the first or last day of a period.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from functools import cache

from kaa_analysis.core.boundary import PACKAGE
from kaa_analysis.core.errors import KaaError

MASK = "…"
TEXTS = frozenset({".py", ".sql", ".csv", ".yaml", ".json", ".txt", ".md"})

_WORD = re.compile(r"\w+(?:[-+.:/]\w+)*")
_PART = re.compile(r"\w+")
_COUNT = re.compile(r"[0-9]{1,4}(?:[.:][0-9]{1,2})?")
_END_OF_PERIOD = re.compile(r"20(?:1[5-9]|[2-9][0-9])-(?:01-01|04-30|05-01|06-30|07-01|08-31|09-01|12-31)")


def in_known_words(error: KaaError, *, known: Iterable[str]) -> KaaError:
    """Return the error with every word masked that neither the package nor the texts ``known`` hold.

    >>> from kaa_analysis.core.errors import DefinitionError
    >>> value = "Kana" + "rieskolan"
    >>> error = DefinitionError(f'Registret har ingen tabell "{value}".', found=["persons, 200581151016, 12"], action="se 2024-12-31")
    >>> print(in_known_words(error, known=["persons"]))
    Registret har ingen tabell "…".
      – persons, …, 12
    Gör så här: se 2024-12-31
    """
    of_report = frozenset(word for text in known for word in (*_WORD.findall(text), *_PART.findall(text)))

    def masked(text: str) -> str:
        return _WORD.sub(lambda word: word[0] if _is_known(word[0], of_report) else MASK, text)

    return type(error)(
        masked(error.expected), found=[masked(line) for line in error.found], action=masked(error.action)
    )


def _is_known(word: str, of_report: Set[str]) -> bool:
    if word in of_report or _COUNT.fullmatch(word) or _END_OF_PERIOD.fullmatch(word):
        return True
    parts = _PART.findall(word)
    if len(parts) > 1 and any(part[0].isdigit() for part in parts):
        return False
    return all(part in of_report or part in _words_of_package() or _COUNT.fullmatch(part) for part in parts)


@cache
def _words_of_package() -> frozenset[str]:
    """Return the words of the package's own files; a number with more than four digits is none."""
    files = (path for path in sorted(PACKAGE.rglob("*")) if path.suffix in TEXTS and path.is_file())
    words = {word for path in files for word in _PART.findall(path.read_text(encoding="utf-8", errors="ignore"))}
    return frozenset(word for word in words if not word.isdigit())
