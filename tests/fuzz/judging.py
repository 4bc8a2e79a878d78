"""One mutant made, read and judged; what is kept of it can be shown to anybody."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.fuzz.mutants import mutant
from tests.fuzz.oracle import Failure, verdict

AGAIN_EVERY = 20
"""One mutant in so many is read twice and compared."""


@dataclass(frozen=True)
class Judged:
    """What became of one mutant; nothing in it is a person's value."""

    seed: int
    number: int
    family: str
    steps: tuple[str, ...]
    outcome: str
    failures: tuple[Failure, ...]

    @property
    def line(self) -> str:
        """The mutant as a JSON line from which it can be made again."""
        failures = [f"{failure.kind}: {failure.place}" for failure in self.failures]
        record = {"seed": self.seed, "number": self.number, "steps": list(self.steps), "outcome": self.outcome}
        return json.dumps(record | {"failures": failures}, ensure_ascii=False)


def judged(number: int, *, seed: int) -> Judged:
    """Make mutant ``number`` of ``seed`` and judge what becomes of it; a judge that stumbles is a failure of that mutant."""
    made = mutant(seed, number)
    try:
        outcome, failures = verdict(made, again=number % AGAIN_EVERY == 0)
    except Exception as error:  # noqa: BLE001 - told by its kind alone, and the other mutants are judged
        outcome, failures = "not judged", [Failure("the judge stumbled", type(error).__name__)]
    return Judged(seed, number, made.family, made.steps, outcome, tuple(failures))
