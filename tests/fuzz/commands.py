"""Fuzz the commands: ``python -m tests.fuzz.commands --trials 100``; exit code 1 if a canary was seen. ``--only`` makes one trial again."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from kaa_analysis.cli.stages import answer, tell
from tests.fuzz.command_rooms import made_room
from tests.fuzz.trials import trial


def main() -> int:
    """Run as the command line says, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.commands", description=__doc__)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seed", type=int, default=2909)
    parser.add_argument("--only", type=int, help="the number of one trial to make again")
    options = parser.parse_args()
    numbers = [options.only] if options.only is not None else range(options.trials)
    kinds: Counter[str] = Counter()
    failing = 0
    with tempfile.TemporaryDirectory(prefix="kaa-commands-") as folder:
        made = made_room(Path(folder))
        for number in numbers:
            made_now = trial(number, seed=options.seed, made=made)
            kinds[made_now.what.partition(":")[0]] += 1
            failing += bool(made_now.problems)
            if made_now.problems or options.only is not None:
                tell(made_now.line)
            if kinds.total() % 20 == 0:
                tell(f"{kinds.total()} trials made, {failing} failures")
    answer(f"{kinds.total()} trials, {failing} failures; " + ", ".join(f"{kind} {n}" for kind, n in kinds.items()))
    return int(failing > 0)


if __name__ == "__main__":
    sys.exit(main())
