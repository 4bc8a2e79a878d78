"""Nothing that a notebook does to its kernel is known to the next one, though both kernels are forked from one process."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from kaa_analysis.core.errors import NotebookError
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.render.batch import INSIDE
from kaa_analysis.render.processes.forked import ForkedProcess, ForkingStarter, fork_server
from kaa_analysis.render.processes.process_ends import RUN_AGAIN
from kaa_analysis.render.processes.starting import Order, PlainStarter, Process, Starter
from kaa_analysis.render.running.execution import execute
from kaa_analysis.render.running.room import room_environment

STATES = {
    "a pandas option": ('pd.set_option("display.max_rows", 7)', 'pd.get_option("display.max_rows")'),
    "a setting of matplotlib": ('matplotlib.rcParams["font.size"] = 77', 'matplotlib.rcParams["font.size"]'),
    "a function of a library": ("statistics.mean = len", "statistics.mean.__name__"),
    "a method of a library": ("pd.DataFrame.merge = print", "pd.DataFrame.merge.__name__"),
    "an attribute of the package": (
        "kaa_analysis.core.provenance.hash_value = len",
        "kaa_analysis.core.provenance.hash_value.__name__",
    ),
    "a loaded module": ('sys.modules["left_behind"] = sys', '"left_behind" in sys.modules'),
    "a builtin": ("builtins.left_behind = 1", 'hasattr(builtins, "left_behind")'),
    "a variable of the environment": ('os.environ["LEFT_BEHIND"] = "1"', "sorted(os.environ)"),
    "the working directory": ('os.chdir("/")', "os.getcwd()"),
    "where modules are found": ('sys.path.insert(0, "/left/behind")', "sys.path"),
    "the level of logging": ('logging.getLogger("pandas").setLevel(7)', 'logging.getLogger("pandas").level'),
    "whether logging is disabled": ("logging.disable(50)", "logging.root.manager.disable"),
    "the filters of warnings": (
        'warnings.filterwarnings("error", message="left behind")',
        "[str(kept) for kept in warnings.filters]",
    ),
    "the locale": ('locale.setlocale(locale.LC_NUMERIC, "C.UTF-8")', "locale.setlocale(locale.LC_NUMERIC)"),
    "the decimal context": ("decimal.getcontext().prec = 3", "decimal.getcontext().prec"),
    "how numpy takes a division by zero": ('np.seterr(divide="raise")', 'np.geterr()["divide"]'),
    "the state of random": ("random.seed(1)", "random.getstate() == random.Random(1).getstate()"),
    "the state of numpy's random": (
        "np.random.seed(1)",
        "list(np.random.get_state()[1]) == list(np.random.RandomState(1).get_state()[1])",
    ),
    "a thread": (
        'threading.Thread(target=threading.Event().wait, name="left behind", daemon=True).start()',
        'sum(thread.name == "left behind" for thread in threading.enumerate())',
    ),
    "an open connection of duckdb": (
        'kept = duckdb.connect(":memory:kept"); kept.execute("create table left_behind (a int)")',
        'duckdb.connect(":memory:kept").execute("select count(*) from duckdb_tables()").fetchone()[0]',
    ),
    "the time zone": ('os.environ["TZ"] = "AAA-5"; time.tzset()', "time.tzname[0]"),
    "the mask of new files": ("os.umask(0o027)", "[os.umask(0o022), os.umask(0o022)][0]"),
    "the handler of a signal": (
        "signal.signal(signal.SIGUSR1, signal.SIG_IGN)",
        "signal.getsignal(signal.SIGUSR1) == signal.SIG_IGN",
    ),
    "the limit of recursion": ("sys.setrecursionlimit(4321)", "sys.getrecursionlimit()"),
    "whether rubbish is collected": ("gc.disable()", "gc.isenabled()"),
}
"""What a notebook may leave behind: how it is done, and how it is seen."""

ADDED_TO_BY_LIBRARIES = "the filters of warnings"
"""As they are imported: in a forked kernel all have been."""

SECONDS_TO_END = 20

IMPORTS = """
import builtins, decimal, gc, json, locale, logging, os, random, signal, statistics, sys, threading, time, warnings
import duckdb, matplotlib
import numpy as np
import pandas as pd
import kaa_analysis.core.provenance

from pathlib import Path
"""
SPOIL = "\n".join(spoil for spoil, _ in STATES.values())
SEE = "\n".join(["seen = {}", *(f"seen[{name!r}] = {seen}" for name, (_, seen) in STATES.items())])
TELL = "_ = Path(told_in).write_text(json.dumps(seen))"


class Noting(Starter):
    """A starter that notes what it has started."""

    def __init__(self, starter: Starter) -> None:
        self.starter, self.started = starter, []

    @property
    def sockets(self) -> Path | None:
        return self.starter.sockets

    def start(self, order: Order) -> Process:
        self.started.append(self.starter.start(order))
        return self.started[-1]


@pytest.fixture(scope="module")
def room(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("room")
    folder.chmod(0o700)
    return folder


@pytest.fixture(scope="module")
def forking(room) -> Iterator[Noting]:
    """The starter of kernels that a report has."""
    with fork_server(*INSIDE, environment=os.environ | room_environment(SecureFolder(room))) as place:
        yield Noting(ForkingStarter(place))


def seen_by(*cells: str, starter: Starter, room: Path) -> dict[str, object]:
    """Run a notebook of these cells the way of a report, and return what it saw."""
    notebook = room / "notebook.ipynb"
    nbformat.write(
        nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source, id=f"c{n}") for n, source in enumerate((IMPORTS, *cells))],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        ),
        notebook,
    )
    run_folder, told_in = room / "run", room / "seen.json"
    run_folder.mkdir(exist_ok=True)
    told_in.write_text("{}")
    execute(
        notebook,
        params={"told_in": str(told_in)},
        secure=SecureFolder(room),
        run_folder=run_folder,
        folder=room,
        starter=starter,
    )
    return json.loads(told_in.read_text())


def test_a_notebook_finds_everything_as_fresh_whatever_the_one_before_did(forking, room):
    fresh = seen_by(SEE, TELL, starter=forking, room=room)
    assert list(fresh) == list(STATES)
    assert seen_by(SPOIL, starter=forking, room=room) == {}
    assert seen_by(SEE, TELL, starter=forking, room=room) == fresh
    assert [type(process) for process in forking.started[-3:]] == [ForkedProcess] * 3

    spoilt = seen_by(SPOIL, SEE, TELL, starter=forking, room=room)
    assert [name for name in STATES if spoilt[name] == fresh[name]] == [], "in one kernel all of it would be seen"


def test_a_notebook_finds_in_a_forked_kernel_what_it_finds_in_one_that_is_started_by_itself(forking, room):
    forked = seen_by(SEE, TELL, starter=forking, room=room)
    alone = seen_by(SEE, TELL, starter=PlainStarter(), room=room)
    assert {name for name in STATES if forked[name] != alone[name]} <= {ADDED_TO_BY_LIBRARIES}


@pytest.mark.parametrize("signal", [9, 15])
def test_a_kernel_that_is_killed_takes_with_it_what_it_had_started_and_the_cell_is_told(forking, room, signal):
    start = "import subprocess\n_ = Path(told_in).write_text(str(subprocess.Popen(['sleep', '86400']).pid))"
    with pytest.raises(NotebookError) as told:
        seen_by(start, f"os.kill(os.getpid(), {signal})\ntime.sleep(86400)", "1", starter=forking, room=room)
    assert str(told.value) == (
        "Processen som körde anteckningsboken avslutades innan den var klar, som den gör när minnet tar slut.\n"
        "  – cell 3 (id c2) hade börjat\n"
        f"Gör så här: {RUN_AGAIN}"
    )
    sleeping = Path(f"/proc/{(room / 'seen.json').read_text()}")
    latest = time.monotonic() + SECONDS_TO_END
    while sleeping.exists() and time.monotonic() < latest:
        time.sleep(0.01)
    assert not sleeping.exists() or " Z " in (sleeping / "stat").read_text()
    assert list(forking.sockets.glob("kaa-*")) == []
