"""Many notebooks started from several processes by one fork server, each checked to have run to its end."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat

from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.render.batch import INSIDE
from kaa_analysis.render.processes.forked import fork_server, starter_at
from kaa_analysis.render.running.execution import EXECUTED, execute
from kaa_analysis.render.running.room import room_environment

CLIENTS = 4


@dataclass(frozen=True)
class Starts:
    """How many notebooks were asked for, by how many processes at once, how many ran to their end, how many did not, and the seconds."""

    asked: int
    clients: int
    made: int
    failed: int
    seconds: float


def many_starts(number: int, *, clients: int = CLIENTS) -> Starts:
    """Start ``number`` notebooks from ``clients`` processes at once."""
    with tempfile.TemporaryDirectory(prefix="kaa-starts-") as folder:
        place, secure = Path(folder), SecureFolder(Path(folder, "secure"))
        secure.path.mkdir(mode=0o700)
        nbformat.write(_notebook(), place / "start.ipynb")
        began = time.perf_counter()
        with fork_server(*INSIDE, environment=os.environ | room_environment(secure)) as server:
            each = [len(range(first, number, clients)) for first in range(clients)]
            started = [_client(folder, str(server), str(n), str(name)) for name, n in enumerate(each)]
            told = [process.communicate()[0] for process in started]
        seconds = time.perf_counter() - began
    made = sum(int(line) for line in told)
    return Starts(number, clients, made, number - made, seconds)


def _client(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", "tests.bench.starts", *words], stdout=subprocess.PIPE, text=True)


def _notebook() -> nbformat.NotebookNode:
    cells = ["number = 0", "import pandas\nfrom kaa_analysis import indicators", "assert number > 0"]
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
    made.cells[0].metadata["tags"] = ["parameters"]
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python", "language": "python"}
    return made


def main(folder: str, server: str, number: str, name: str) -> None:
    """Run so many notebooks one after the other; print how many came to their end."""
    place, made = Path(folder), 0
    for turn in range(int(number)):
        run = place / f"{name}-{turn}"
        run.mkdir()
        try:
            execute(
                place / "start.ipynb",
                params={"number": turn + 1},
                secure=SecureFolder(place / "secure"),
                run_folder=run,
                folder=place,
                starter=starter_at(Path(server)),
            )
        except Exception as error:  # noqa: BLE001 - whatever stopped it, it is a start that failed
            sys.stderr.write(f"{type(error).__name__}\n")
            continue
        executed = nbformat.read(run / EXECUTED, as_version=4)
        made += [cell.execution_count for cell in executed.cells if cell.cell_type == "code"][-1] is not None
    sys.stdout.write(f"{made}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
