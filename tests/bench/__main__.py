"""Measure a synthetic register, that of a city by default: ``python -m tests.bench``; prints the tables of docs/benchmarks.md."""

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
from kaa_analysis.synthetic.scenario import scenarios
from tests.bench.machine import machine
from tests.bench.steps import STEPS

CITY = "stockholm"
SPARK = "spark"
"""The part that runs the register queries on another engine, among the steps that can be left out."""


@dataclass(frozen=True)
class Measured:
    """Seconds of work by the wall and by the processor, peak memory of the process in MiB, how many rows or persons came of it."""

    seconds: float
    processor: float
    peak_mib: float
    number: int


def main() -> int:
    """Run every step in a process of its own, one after the other, then Spark beside our engine; return the exit code."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="kaa-bench-") as folder:
        measured = {
            name: _measure(name, Path(folder), options.scenario) for name in STEPS if name not in options.without
        }
        compared = None if SPARK in options.without else _on_spark(folder, options.scenario)
        delivered = (Path(folder) / "raw" / "leverans.csv").read_text(encoding="utf-8").splitlines()[1:]
    answer(f"{options.date or now().date()}, {machine()}; `python -m tests.bench --scenario {options.scenario}`\n")
    answer("Rows: " + ", ".join(f"{row.split(';')[0]} {row.split(';')[1]}" for row in delivered) + "\n")
    answer("| step | rows or persons | s | processor s | peak MiB |\n|---|---:|---:|---:|---:|")
    for name, it in measured.items():
        answer(f"| {name} | {it.number} | {it.seconds:.1f} | {it.processor:.1f} | {it.peak_mib:.0f} |")
    answer(f"\n{_ratios(measured)}")
    if compared is None:
        return 0
    answer(compared.stdout)
    return compared.returncode


def _measure(name: str, folder: Path, scenario: str) -> Measured:
    tell(f"{name} …")
    command = [sys.executable, "-m", "tests.bench.steps", name, str(folder), scenario]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Measured(**json.loads(done.stdout))


def _on_spark(folder: str, scenario: str) -> subprocess.CompletedProcess[str]:
    """Run the register queries on Spark as well. Without Spark that is told, and is a failure: else nobody would know."""
    tell(f"{SPARK} …")
    command = [sys.executable, "-m", "tests.bench.spark_rows", folder, scenario]
    return subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)


def _ratios(measured: dict[str, Measured]) -> str:
    """Return the ratios of processor time that are asked about, of the steps that were made."""
    per_row = {name: it.processor / it.number for name, it in measured.items() if it.number}
    told = [
        f"{words} {per_row[first] / per_row[second]:.{digits}f}"
        for words, first, second, digits in (
            ("ingest / the same unchanged", "ingest", "ingest, unchanged", 0),
            ("ingest / pandas alone", "ingest", "rival: ingest", 1),
            (
                "target population, person by person / ours, per person",
                "rival: target population",
                "target population",
                0,
            ),
        )
        if first in per_row and second in per_row
    ]
    return f"Ratios of processor time: {'; '.join(told)}." if told else ""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--scenario", default=CITY, choices=sorted(scenarios()))
    parser.add_argument(
        "--without", nargs="*", default=(), choices=[*STEPS, SPARK], metavar="STEP", help="steps to leave out"
    )
    parser.add_argument("--date", help="the day of the run; without it the clock is read once")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
