"""Fuzz ingest: ``python -m tests.fuzz --mutants 10000``; exit code 1 if anything failed. ``--only`` reads one mutant again."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from kaa_analysis.cli.stages import answer, tell
from tests.fuzz.judging import Judged, judged
from tests.fuzz.summary import summary

PROGRESS_EVERY = 250


def main() -> int:
    """Run as the command line says, and return the exit code."""
    options = _options()
    numbers = [options.only] if options.only is not None else range(options.mutants)
    found = []
    for done, result in enumerate(_judged(numbers, options), start=1):
        found.append(result)
        if result.failures:
            tell(result.line)
        if done % PROGRESS_EVERY == 0 or done == len(numbers):
            n_failures = sum(bool(it.failures) for it in found)
            tell(f"{done} of {len(numbers)} mutants, {n_failures} failures")
    failing = sorted((it for it in found if it.failures), key=lambda it: it.number)
    answer(summary(found))
    if options.failures is not None:
        options.failures.write_text("".join(it.line + "\n" for it in failing), encoding="utf-8")
    return int(bool(failing))


def _judged(numbers: range | list[int], options: argparse.Namespace) -> Iterator[Judged]:
    work = partial(judged, seed=options.seed)
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        yield from pool.imap_unordered(work, numbers, chunksize=10)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=2909)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", type=int, help="the number of one mutant to read again")
    parser.add_argument("--failures", type=Path, help="write the seeds of failing mutants here, a JSON line each")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
