"""Measure the survival cores beside R's survival: ``python -m tests.bench.survival``; prints a table of docs/benchmarks.md.

Both sides on one thread, with the data already read. Every estimate and every variance is compared with R's; the command ends with
code 1 where one differs.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kaa_analysis.cli.stages import answer, tell
from kaa_analysis.core.provenance import now
from tests.bench.machine import machine
from tests.bench.simulated_spells import write_spells
from tests.bench.survival_calls import CALLS

SIZES = (10_000, 100_000, 1_000_000)
SCRIPT = Path(__file__).with_suffix(".R")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
LIBRARIES = ("numpy", "scipy")
VERSION = "version"
RELATIVE = 1e-8
"""So near, relatively, every estimate and every variance has to be to R's."""


@dataclass(frozen=True)
class Beside:
    """One call on both sides: median processor seconds, memory beyond what was held before (MiB), the largest relative difference of a number.

    ``r_seconds`` is NaN and ``difference`` 0 where R is left out.
    """

    name: str
    rows: int
    seconds: float
    r_seconds: float
    extra_mib: float
    difference: float

    @property
    def line(self) -> str:
        """The call as a row of the table."""
        if math.isnan(self.r_seconds):
            return f"| {self.name} | {self.rows:,} | {self.seconds:.4f} | – | – | {self.extra_mib:.0f} | – |".replace(
                ",", " "
            )
        seconds = f"{self.seconds:.4f} | {self.r_seconds:.3f} | {self.r_seconds / self.seconds:.1f}"
        same = f"{self.difference:.0e}" if self.difference <= RELATIVE else f"DIFFERENT: {self.difference:.0e}"
        return f"| {self.name} | {self.rows:,} | {seconds} | {self.extra_mib:.0f} | {same} |".replace(",", " ")


def main() -> int:
    """Print a row per size and call; return the exit code."""
    options = _options()
    if shutil.which("Rscript") is None:
        answer("**Not run**: there is no Rscript. Install R with its package survival, or leave this out.")
        return 1
    versions, measured = set(), []
    for n in options.rows:
        with tempfile.TemporaryDirectory(prefix="kaa-bench-") as folder:
            tell(f"{n} …")
            write_spells(n, folder=Path(folder))
            by_r = _in_r(folder, n)
            versions.add(by_r.pop(VERSION))
            measured += list(_beside(by_r, folder=folder, n=n))
    command = " ".join(["python -m tests.bench.survival", *sys.argv[1:]])
    answer(f"{options.date or now().date()}, {machine(LIBRARIES)}, R {', '.join(versions)}; `{command}`\n")
    answer("| call | rows | processor s | R, processor s | R / ours | extra MiB | largest difference |")
    answer("|---|---:|---:|---:|---:|---:|---:|")
    for call in measured:
        answer(call.line)
    return int(any(not call.difference <= RELATIVE for call in measured))


def _in_r(folder: str, n: int) -> dict[str, str]:
    """Return the processor seconds of each call in R, whose estimates are then in ``folder``, and R's version."""
    command = ["Rscript", "--vanilla", str(SCRIPT), folder, str(n)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | ONE_THREAD)
    return dict(line.split(";", 1) for line in done.stdout.splitlines())


def _beside(by_r: dict[str, str], *, folder: str, n: int) -> Iterator[Beside]:
    for name in CALLS:
        command = [sys.executable, "-m", "tests.bench.survival_calls", name, folder]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | ONE_THREAD)
        told, r_seconds, difference = json.loads(done.stdout), math.nan, 0.0
        if name in by_r:
            r_seconds = float(by_r[name])
            difference = furthest(Path(folder, f"{name}.ours"), Path(folder, f"{name}.r"))
        yield Beside(name, n, told["seconds"], r_seconds, told["extra_mib"], difference)


def furthest(ours: Path, theirs: Path) -> float:
    """Return the largest relative difference of two files of numbers, infinite where one of them has a number that the other has not."""
    one, other = np.fromfile(ours), np.fromfile(theirs)
    if one.shape != other.shape:
        return np.inf
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.abs(one[~same] / other[~same] - 1)
    return float(np.nan_to_num(relative, nan=np.inf, posinf=np.inf).max(initial=0))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.survival", description=__doc__)
    parser.add_argument("--rows", nargs="+", type=int, default=SIZES, help="how many rows, one run each")
    parser.add_argument("--date", help="the day of the run; without it the clock is read once")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
