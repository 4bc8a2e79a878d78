"""Measure a register of city size: ``python -m tests.bench``; prints the tables of docs/benchmarks.md."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kaa_analysis.cli.stages import answer, tell
from kaa_analysis.core.provenance import now
from tests.bench.city import PERSONS
from tests.bench.machine import machine
from tests.bench.steps import STEPS


@dataclass(frozen=True)
class Measured:
    """Seconds of work by the wall and by the processor, peak memory of the process in MiB, how many rows or persons came of it."""

    seconds: float
    processor: float
    peak_mib: float
    number: int


def main() -> None:
    """Run every step in a process of its own, one after the other."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="kaa-bench-") as folder:
        measured = {name: _measure(name, Path(folder), options.persons) for name in STEPS}
        delivered = (Path(folder) / "raw" / "leverans.csv").read_text(encoding="utf-8").splitlines()[1:]
    answer(f"{options.date or now().date()}, {machine()}; `python -m tests.bench --persons {options.persons}`\n")
    answer("Rows: " + ", ".join(f"{row.split(';')[0]} {row.split(';')[1]}" for row in delivered) + "\n")
    answer("| step | rows or persons | s | processor s | peak MiB |\n|---|---:|---:|---:|---:|")
    for name, it in measured.items():
        answer(f"| {name} | {it.number} | {it.seconds:.1f} | {it.processor:.1f} | {it.peak_mib:.0f} |")
    answer(f"\n{_ratios(measured)}")


def _measure(name: str, folder: Path, persons: int) -> Measured:
    tell(f"{name} …")
    command = [sys.executable, "-m", "tests.bench.steps", name, str(folder), str(persons)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Measured(**json.loads(done.stdout))


def _ratios(measured: dict[str, Measured]) -> str:
    cold, again = measured["ingest"], measured["ingest, unchanged"]
    plain, ours, naive = (measured[name] for name in ("rival: ingest", "target population", "rival: target population"))
    per_person = (naive.processor / naive.number) / (ours.processor / ours.number)
    return (
        f"Ratios of processor time: ingest / the same unchanged {cold.processor / again.processor:.0f}; ingest / pandas alone "
        f"{cold.processor / plain.processor:.1f}; target population, person by person / ours, per person {per_person:.0f}."
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--persons", type=int, default=PERSONS)
    parser.add_argument("--date", help="the day of the run; without it the clock is read once")
    return parser.parse_args()


if __name__ == "__main__":
    main()
