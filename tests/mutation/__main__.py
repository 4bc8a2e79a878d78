"""Mutate the whole of ``disclosure`` and run its tests: ``python -m tests.mutation``; exit code 1 if a survivor is not explained."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from kaa_analysis.cli.stages import answer
from tests.mutation.outcomes import DEAD, package_table, read_outcomes, reason_table, reasons, survivors, write_reasons

MUTANTS = Path("mutants")
OUTCOMES = "outcomes.json"
LEAST = 0.9
"""The share of mutants that the tests are to notice."""
PYTEST = ("-p", "tests.mutation.forked_mutants", "--rootdir=.", "-s", "--tb=native", "--assert=plain")


def main() -> int:
    """Run as the command line says, and return the exit code."""
    options = _options()
    if not options.told:
        _write_mutants(options.processes)
        _run(options)
    outcomes = read_outcomes(MUTANTS / OUTCOMES)
    found, told = survivors(outcomes), reasons()
    answer(package_table(outcomes))
    answer(reason_table(found, told))
    if not options.only and options.one_in == 1:
        write_reasons(found, told)
    unexplained = [change for change in found if not told.get(change)]
    for change in unexplained:
        answer(f"{change.module}: {change.function}\n  - {change.before}\n  + {change.after}")
    return int(bool(unexplained) or len(outcomes) * LEAST > sum(outcome in DEAD for outcome in outcomes.values()))


def _run(options: argparse.Namespace) -> None:
    chosen = [f"--mutants-of={pattern}" for pattern in options.only] + ["--mutants-again"] * options.again
    chosen += [f"--mutants-one-in={options.one_in}", f"--mutant-seconds={options.seconds}"]
    chosen += [f"--mutant-processes={options.processes}", f"--mutant-outcomes={OUTCOMES}"]
    subprocess.run(
        [sys.executable, "-P", "-m", "pytest", *_tests(), *PYTEST, *chosen],
        cwd=MUTANTS,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([".", *sys.path[1:]])},
        check=True,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="PATTERN",
        help="such as 'attack.*' or 'policy.*'; may be repeated",
    )
    parser.add_argument("--told", action="store_true", help="run nothing: tell what the last run found")
    parser.add_argument("--again", action="store_true", help="leave out what was killed before")
    parser.add_argument("--one-in", type=int, default=1, metavar="N", help="a fixed sample: one mutant in N")
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="at most so many seconds of tests for a mutant, the fastest first"
    )
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


def _write_mutants(processes: int) -> None:
    from mutmut import __main__ as mutmut

    mutmut.set_mutant_under_test("mutant_generation")
    MUTANTS.mkdir(exist_ok=True)
    mutmut.copy_src_dir()
    mutmut.copy_also_copy_files()
    mutmut.create_mutants(processes)


def _tests() -> list[str]:
    from mutmut.configuration import config

    return [*config().pytest_add_cli_args_test_selection, *config().pytest_add_cli_args]


if __name__ == "__main__":
    sys.exit(main())
