"""The figures of a fuzzing run: per family the mutants, the registers, the refusals by exit code and kind, the failures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tests.fuzz.judging import Judged
from tests.fuzz.mutants import FAMILIES

REGISTER = "register"


def summary(judged: Sequence[Judged]) -> str:
    """Return a Markdown table with a row per family and one for all."""
    rows = [_row(family, [mutant for mutant in judged if mutant.family == family]) for family in FAMILIES]
    head = ["| family | mutants | registers | refused | failures |", "|---|---:|---:|---|---:|"]
    return "\n".join([*head, *rows, _row("**all**", judged)])


def _row(name: str, judged: Sequence[Judged]) -> str:
    outcomes = Counter(mutant.outcome for mutant in judged)
    n_registers = outcomes.pop(REGISTER, 0)
    refused = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())) or "–"
    n_failures = sum(bool(mutant.failures) for mutant in judged)
    return f"| {name} | {len(judged)} | {n_registers} | {refused} | {n_failures} |"
