"""Why something differs: every cause that could explain it is named, and never one that could not.

A policy hides or shows, or puts rows together, and changes no number; facts about the document and the undecided questions change nothing of the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kaa_analysis.disclosure.released import State
from kaa_analysis.present.formats import listing
from kaa_analysis.render.difference.causes import Cause, Kind

UNEXPLAINED = "oförklarad"
WITHIN_TOLERANCE = "inom toleransen"
PROTECTION = "skydd"
POLICY_CHANGED = "policyn ändrad"
COMPANY_CHANGED = "skyddad tillsammans med annat"

WORDS: dict[Kind, str] = {
    Kind.DATA: "data",
    Kind.PARAMS: "parametrar",
    Kind.CODE: "kod",
    Kind.POLICY: PROTECTION,
    Kind.RELEASE: PROTECTION,
    Kind.VERSIONS: "programversioner",
    Kind.DOCUMENT: "dokumentuppgifter",
    Kind.UNDECIDED: "listan över val",
}

AS_CONSEQUENCE: dict[Kind, str] = {
    Kind.DATA: "ändrade data",
    Kind.PARAMS: "ändrade parametrar",
    Kind.CODE: "ändrad kod",
    Kind.VERSIONS: "ändrade programversioner",
}
"""The kinds that can change a number."""

ELSEWHERE = frozenset({Kind.DOCUMENT, Kind.UNDECIDED})
"""The kinds that change nothing of the tables: what they change stands under the title and on the QA page."""

_DISCLOSED = frozenset({State.SHOWN, State.ROUNDED, State.PROTECTED})
_BY_POLICY = frozenset({State.ROUNDED, State.PROTECTED})


def cell_reason(before: State | None, after: State | None, causes: Sequence[Cause]) -> str:
    """Return why a cell differs. A state is None where the cell does not exist.

    >>> data = Cause(Kind.DATA, "leverans.csv ändrad")
    >>> cell_reason(State.SHOWN, State.SHOWN, [data]), cell_reason(State.SHOWN, State.PROTECTED, [data])
    ('data', 'skydd (följd av ändrade data)')
    >>> cell_reason(State.SHOWN, State.SHOWN, [])
    'oförklarad'
    """
    kinds = {cause.kind for cause in causes if cause.moves_cells}
    numbers = [kind for kind in AS_CONSEQUENCE if kind in kinds]
    rules = {Kind.POLICY: POLICY_CHANGED, Kind.RELEASE: COMPANY_CHANGED}
    policy = [words for kind, words in rules.items() if kind in kinds]
    states = {before, after}
    if before != after and states <= _DISCLOSED:
        because = [*policy, *([f"följd av {either(AS_CONSEQUENCE[kind] for kind in numbers)}"] if numbers else [])]
        return f"{PROTECTION} ({either(because)})" if because else UNEXPLAINED
    may_be = [WORDS[kind] for kind in numbers]
    if states & _BY_POLICY or None in states:
        may_be += [f"{PROTECTION} ({words})" for words in policy]
    return either(may_be) or UNEXPLAINED


def words_reason(causes: Sequence[Cause]) -> str:
    """Return why a table's texts or the exhibits differ: facts about the document and the undecided questions stand elsewhere.

    >>> words_reason([Cause(Kind.CODE, "anteckningsboken ändrad"), Cause(Kind.DOCUMENT, "dnr: 1 → 2")])
    'kod'
    >>> words_reason([Cause(Kind.POLICY, "unsafe_below: 5 → 6"), Cause(Kind.RELEASE, "skyddad mot tidigare a: tillkommen")])
    'skydd'
    """
    kinds = {cause.kind for cause in causes} - ELSEWHERE
    return either(dict.fromkeys(word for kind, word in WORDS.items() if kind in kinds)) or UNEXPLAINED


def either(words: Iterable[str]) -> str:
    """Return words as a Swedish list of alternatives.

    >>> either(["data", "kod", "programversioner"]), either([])
    ('data, kod eller programversioner', '')
    """
    return listing(words, last_word="eller")
