"""Measure the reports of a city: ``python -m tests.bench.reports``; prints tables of docs/benchmarks.md.

The city and its districts from the raw extract as one release, the same with nothing changed, plain papermill and nbconvert beside
them, what is hidden in each report, the open data attacked, and notebook starts.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from kaa_analysis.cli.stages import answer, tell
from kaa_analysis.core.provenance import now
from kaa_analysis.core.secure_folder import ENVIRONMENT_VARIABLE, PRIVATE, SecureFolder
from tests.bench.extracts import write_extract
from tests.bench.hiding import attack_line, hiding_table
from tests.bench.machine import machine
from tests.bench.starts import many_starts

ROOT = Path(__file__).resolve().parents[2]
CITY = "stockholm"
PARAMS = "params/stockholm"
SAMPLED_SECONDS = 0.25
KIB_PER_MIB = 1024
KAA = "from kaa_analysis.cli.main import main; main()"


@dataclass
class Peak:
    """The most memory that all processes of a command have had together, shared pages counted once."""

    mib: float = 0.0


@dataclass(frozen=True)
class Timed:
    """A command that was run: its seconds, the most memory of its processes together, and what it said."""

    seconds: float
    peak_mib: float
    said: str


def main() -> None:
    """Run everything in a project and a secure folder of its own, and tell."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="kaa-bench-") as place:
        project = _project(Path(place))
        (project / "secure").mkdir(mode=PRIVATE)
        tell(f"skriver {CITY} …")
        write_extract(Path(place), name=CITY)
        answer(f"{options.date or now().date()}, {machine()}; `python -m tests.bench.reports`\n")
        answer("| reports of the city and its districts | s | peak MiB of all processes |\n|---|---:|---:|")
        first = _run([sys.executable, "-c", KAA, "batch", PARAMS, "--tider"], project)
        _row("`kaa batch`, from the raw extract, four formats, gate included", first)
        _row("the same, nothing changed", _run([sys.executable, "-c", KAA, "batch", PARAMS], project))
        if not options.without_rival:
            _row("rival: papermill, then nbconvert to HTML, one after the other", _rival(project))
        answer(f"\n{_stages(first.said)}\n")
        bundles = sorted(path.parent for path in (project / "reports").glob("*/*/*/manifest.json"))
        answer(f"{hiding_table(bundles, secure=SecureFolder(project / 'secure'))}\n")
        answer(f"{attack_line(bundles)}\n")
        answer(_starts(options.starts))


def _row(name: str, timed: Timed) -> None:
    answer(f"| {name} | {timed.seconds:.1f} | {timed.peak_mib:.0f} |")


def _project(place: Path) -> Path:
    for name in ("notebooks", "params"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for name in ("requirements.lock", "docs/avgoranden.csv"):
        (place / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, place / name)
    return place


def _rival(project: Path) -> Timed:
    """Run the committed notebook for each parameter file as any project would: a kernel of its own each, a page each, nothing else."""
    made = project / "rival"
    made.mkdir()
    commands = []
    for path in sorted((project / PARAMS).glob("*.yaml")):
        params = yaml.safe_load(path.read_text(encoding="utf-8"))
        params.pop("report")
        given, notebook = made / path.name, made / f"{path.stem}.ipynb"
        given.write_text(yaml.safe_dump(params), encoding="utf-8")
        source = project / "notebooks" / "10_annual_appendix.ipynb"
        commands += [
            [sys.executable, "-m", "papermill", "-f", str(given), "--no-progress-bar", str(source), str(notebook)],
            [sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", str(notebook)],
        ]
    timed = [_run(command, project) for command in commands]
    return Timed(sum(it.seconds for it in timed), max(it.peak_mib for it in timed), "")


def _run(command: list[str], project: Path) -> Timed:
    environment = os.environ | {ENVIRONMENT_VARIABLE: str(project / "secure"), "PYTHONPATH": str(ROOT)}
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=project, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    with _watched(process.pid) as peak:
        said = process.communicate()[0].decode()
    seconds = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: {process.returncode}\n{said}")
    return Timed(seconds, peak.mib, said)


@contextmanager
def _watched(pid: int) -> Iterator[Peak]:
    """Sample the memory of a process and its descendants while it runs."""
    peak, ended = Peak(), threading.Event()

    def watch() -> None:
        while not ended.wait(SAMPLED_SECONDS):
            peak.mib = max(peak.mib, sum(_own_mib(each) for each in _family(pid)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        ended.set()
        watcher.join()


def _family(pid: int) -> list[int]:
    """Return a process and its descendants."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:  # it has ended
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def _own_mib(pid: int) -> float:
    """Return a process's memory, pages that it shares with others by its part of them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended
        return 0.0
    return next((int(line.split()[1]) / KIB_PER_MIB for line in lines if line.startswith("Pss:")), 0.0)


def _stages(said: str) -> str:
    """Return the table of the stages that the command told of, by all reports together."""
    lines = [line.strip().split(" s  ") for line in said.splitlines() if " s  " in line]
    total: Counter[str] = Counter({stage: float(seconds.replace(",", ".")) for seconds, stage in lines})
    rows = [f"| {stage} | {seconds:.1f} |" for stage, seconds in total.items()]
    return "\n".join(["| stage, all reports together, as they wait for each other | s |", "|---|---:|", *rows])


def _starts(number: int) -> str:
    result = many_starts(number)
    return (
        f"Notebook starts: {result.made} of {result.asked} from {result.clients} processes in {result.seconds:.1f} s "
        f"({result.seconds / result.asked:.2f} s each), {result.failed} failed."
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.reports", description=__doc__)
    parser.add_argument("--starts", type=int, default=200, help="how many notebooks are started")
    parser.add_argument("--without-rival", action="store_true", help="leave out papermill and nbconvert")
    parser.add_argument("--date", help="the day of the run; without it the clock is read once")
    return parser.parse_args()


if __name__ == "__main__":
    main()
