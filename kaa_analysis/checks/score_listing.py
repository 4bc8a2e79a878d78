"""A score as lines for the command line: counts alone, in Swedish."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from kaa_analysis.checks.catalogue import catalogue
from kaa_analysis.checks.score import Fate, KindScore, Score

HEADER = ("id", "fel", "inlagda", "funna", "missade")
FIRST_NUMBER = 2
INDENT = " " * 4
WIDTH = 80


def score_listing(score: Score) -> str:
    """Return the score: a line per kind that should be found, then the false alarms, then the kinds that cannot be told or are read right.

    Lines fit in 80 characters as long as the names and counts do.
    """
    kinds = score.of(Fate.FOUND)
    rows = [HEADER, *map(_row, kinds), _sum(kinds)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADER))]
    parts = [f"Kontrollerna mot de fel som lades in i {score.register}", *(_line(row, widths) for row in rows)]
    parts += ["", *_alarms(score)]
    parts += _told("Fel som inte går att skilja från sanningen", score.of(Fate.CANNOT_BE_TOLD))
    parts += _told("Fel som läses rätt", score.of(Fate.READ_RIGHT))
    return "\n".join(parts)


def _row(kind: KindScore) -> tuple[str, ...]:
    found_by = ", ".join(finder.partition(":")[0] for finder in kind.found_by)
    return (found_by, kind.name, str(kind.n_injected), str(kind.n_found), str(kind.n_missed))


def _sum(kinds: Sequence[KindScore]) -> tuple[str, ...]:
    counts = [(kind.n_injected, kind.n_found, kind.n_missed) for kind in kinds]
    return ("", "alla", *(str(sum(column)) for column in (zip(*counts, strict=True) if counts else ((), (), ()))))


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        text.rjust(width) if place >= FIRST_NUMBER else text.ljust(width)
        for place, (text, width) in enumerate(zip(row, widths, strict=True))
    ]
    return ("  " + "  ".join(cells)).rstrip()


def _alarms(score: Score) -> list[str]:
    alarms = {check: n_rows for check, n_rows in score.false_alarms.items() if n_rows}
    n_silent = len(score.false_alarms) - len(alarms)
    not_run = [f"Inte körda: {', '.join(score.not_run)}."] * bool(score.not_run)
    if not alarms:
        return [f"Inga falska larm i {n_silent} kontroller.", *not_run]
    lines = [f"{INDENT}{check} {catalogue()[check].name}: {n_rows}" for check, n_rows in alarms.items()]
    return ["Falska larm (rader):", *lines, f"Inga falska larm i {n_silent} andra kontroller.", *not_run]


def _told(heading: str, kinds: Sequence[KindScore]) -> list[str]:
    if not kinds:
        return []
    told = [_wrapped(f"{kind.name} ({kind.n_injected}): {kind.why}") for kind in kinds]
    return ["", f"{heading}:", *(line for lines in told for line in lines)]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent=INDENT)
