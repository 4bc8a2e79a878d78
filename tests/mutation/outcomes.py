"""What became of the mutants: per package, and the survivors with the line they changed and the reason why none is killed by a test."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

KILLED, SURVIVED, TIMED_OUT, UNTESTED = "killed", "survived", "timed out", "not tested"
DEAD = (KILLED, TIMED_OUT)
REASONS = Path(__file__).parent / "survivors.csv"
PACKAGE = "kaa_analysis.disclosure."


@dataclass(frozen=True, order=True)
class Change:
    """One mutant, told by what it does: its number shifts with every line above it, its change does not."""

    module: str
    function: str
    before: str
    after: str


def change_of(mutant: str) -> Change:
    """Return the lines that the mutant changes in its function."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant
    from mutmut.utils.format_utils import orig_function_and_class_names_from_key

    module = mutant.removeprefix(PACKAGE).rpartition(".")[0]
    function, owner = orig_function_and_class_names_from_key(mutant)
    lines = get_diff_for_mutant(mutant, path=PACKAGE.replace(".", "/") + module.replace(".", "/") + ".py").splitlines()[
        2:
    ]
    before, after = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return Change(module, f"{owner}.{function}" if owner else function, before, after)


def read_outcomes(path: Path) -> dict[str, str]:
    """Return mutant → killed, survived, timed out or not tested."""
    return json.loads(path.read_text(encoding="utf-8"))


def survivors(outcomes: dict[str, str]) -> list[Change]:
    """Return the changes of the mutants that no test saw, sorted."""
    return sorted(change_of(mutant) for mutant, outcome in outcomes.items() if outcome in (SURVIVED, UNTESTED))


def reasons() -> dict[Change, str]:
    """Return why a survivor is none to write a test for, by its change."""
    with REASONS.open(encoding="utf-8", newline="") as lines:
        return {Change(*row[:-1]): row[-1] for row in list(csv.reader(lines))[1:]}


def write_reasons(found: Iterable[Change], told: dict[Change, str]) -> None:
    """Write the survivors with the reasons told so far; a new one gets an empty reason, one that is gone goes."""
    with REASONS.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow([*(field.name for field in fields(Change)), "reason"])
        writer.writerows((*astuple(change), told.get(change, "")) for change in sorted(set(found)))


def package_table(outcomes: dict[str, str]) -> str:
    """Return the counts of each package as a table in Markdown.

    >>> print(package_table({PACKAGE + "policy.x_f__mutmut_1": KILLED, PACKAGE + "shown.states.x_g__mutmut_1": SURVIVED}))
    | package | mutants | killed | survived | killed, % |
    |---|---:|---:|---:|---:|
    | shown | 1 | 0 | 1 | 0.0 |
    | (top) | 1 | 1 | 0 | 100.0 |
    | all | 2 | 1 | 1 | 50.0 |
    """
    tried, killed = Counter(), Counter()
    for mutant, outcome in outcomes.items():
        names = mutant.removeprefix(PACKAGE).split(".")
        for package in (names[0] if len(names) > 2 else "(top)", "all"):
            tried[package] += 1
            killed[package] += outcome in DEAD
    order = sorted(tried, key=lambda package: (package == "all", package == "(top)", package))
    rows = [
        f"| {it} | {tried[it]} | {killed[it]} | {tried[it] - killed[it]} | {100 * killed[it] / tried[it]:.1f} |"
        for it in order
    ]
    return "\n".join(["| package | mutants | killed | survived | killed, % |", "|---|---:|---:|---:|---:|", *rows])


def reason_table(found: list[Change], told: dict[Change, str]) -> str:
    """Return how many survivors have each reason, as a table in Markdown."""
    counted = Counter(told.get(change, "") or "no test yet" for change in found)
    rows = [f"| {reason} | {n} |" for reason, n in sorted(counted.items(), key=lambda it: (-it[1], it[0]))]
    return "\n".join(["| reason | survivors |", "|---|---:|", *rows])
