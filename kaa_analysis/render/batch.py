"""Many reports at once: each in a process of its own, so many at a time, and what stops one stops no other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import IO, Any, Protocol

from kaa_analysis.core.boundary import error_of
from kaa_analysis.core.errors import KaaError, UnexpectedError
from kaa_analysis.core.secure_folder import PRIVATE, SecureFolder
from kaa_analysis.params.reports import ReportOrder
from kaa_analysis.render.builder import BUILD, builder_environment
from kaa_analysis.render.cache.rerun import Rerun
from kaa_analysis.render.processes.forked import fork_server, starter_at
from kaa_analysis.render.processes.process_ends import RUN_AGAIN, how_it_ended
from kaa_analysis.render.processes.starting import Order, PlainStarter, Process, started_with_words
from kaa_analysis.render.report_job import Task
from kaa_analysis.render.running.room import room_environment

JOB = "kaa_analysis.render.report_job"
INSIDE = (
    JOB,
    "papermill",
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "jinja2",
    "matplotlib.font_manager",
    "pypdf",
    "kaa_analysis.ingest",
    "kaa_analysis.target_population",
    "kaa_analysis.cohorts",
    "kaa_analysis.indicators",
    "kaa_analysis.survival",
    "kaa_analysis.present.notebook",
    "kaa_analysis.render.report",
    "kaa_analysis.render.running.kernel_process",
    "kaa_analysis.render.running.private_kernels",
)
"""What the processes inside the room import."""

OUTSIDE = (
    BUILD,
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "nbconvert.exporters.html",
    "pypandoc",
    "pypdf",
    "seaborn",
    "typst",
    "xlsxwriter",
)
"""What the builders import."""

READING = "läser uttaget"
STARTING = "öppnar registret"
PROCESS_LOG = "senaste_processer.txt"
SECONDS_TO_STOP = 5


@dataclass
class Outcome:
    """What became of a report: its folder from the project and whether its bytes changed, or what stopped it; and the seconds of each stage."""

    order: ReportOrder
    folder: str | None = None
    changed: bool = False
    error: KaaError | None = None
    seconds: dict[str, float] = field(default_factory=dict)


class Listener(Protocol):
    """Whoever wants to know how it goes, while it goes. What is done for several reports is told as of the first."""

    def began(self, order: ReportOrder, stage: str) -> None:
        """Hear that a stage of a report begins."""

    def detail(self, order: ReportOrder, text: str) -> None:
        """Hear more of the stage."""

    def ended(self, outcome: Outcome) -> None:
        """Hear that a report is made or has failed."""


def make_reports(
    reruns: Sequence[Rerun], *, root: Path, secure: SecureFolder, at_once: int, listener: Listener
) -> list[Outcome]:
    """Make the reports that are not there already, ``at_once`` at a time, and return what became of each, in their order.

    Each extract is read once, before its reports. No error is raised: it is the outcome of its report.
    """
    outcomes = [Outcome(rerun.order) for rerun in reruns]
    wanted = []
    for outcome, rerun in zip(outcomes, reruns, strict=True):
        if rerun.bundle is None:
            wanted.append(_Work((outcome,), makes=True, anew=rerun.anew))
        else:
            outcome.folder = rerun.bundle.relative_to(root).as_posix()
            listener.ended(outcome)
    if wanted:
        with _servers(secure) as places:
            running = _Running(secure, places, listener)
            try:
                _run(wanted, running=running, at_once=at_once)
            finally:
                running.end()
    return outcomes


def _run(wanted: Sequence[_Work], *, running: _Running, at_once: int) -> None:
    """Start what can be started, listen until something ends, and again; an extract is read before its reports are made."""
    of_reading = {}
    for works in _by_extract(wanted):
        outcomes = tuple(outcome for work in works for outcome in work.outcomes)
        of_reading[_Work(outcomes, makes=False)] = works
    ready = deque(of_reading)
    while ready or running.works:
        while ready and len(running.works) < at_once:
            running.start(ready.popleft())
        for work in running.ended():
            if work.error is None and not work.makes:
                ready.extend(of_reading[work])
                continue
            for outcome in work.outcomes:
                outcome.error = work.error
                running.listener.ended(outcome)


def _by_extract(wanted: Sequence[_Work]) -> list[list[_Work]]:
    found: dict[tuple[str, int], list[_Work]] = {}
    for work in wanted:
        params = work.outcomes[0].order.params
        found.setdefault((params.extract, params.accept_problem_rows), []).append(work)
    return list(found.values())


@dataclass(eq=False)
class _Work:
    """A process under way: it makes the report of one outcome, or reads the extract of several."""

    outcomes: tuple[Outcome, ...]
    makes: bool
    anew: bool = False
    error: KaaError | None = None
    stage: str | None = None
    since: float = 0.0

    def hear(self, message: Mapping[str, Any], *, listener: Listener) -> None:
        """Take in what the process tells."""
        order = self.outcomes[0].order
        if "stage" in message:
            self.begin(message["stage"])
            listener.began(order, message["stage"])
        elif "detail" in message:
            listener.detail(order, message["detail"])
        elif "error" in message:
            self.error = error_of(message["error"])
        elif "made" in message:
            [outcome] = self.outcomes
            outcome.folder, outcome.changed = message["made"]["folder"], message["made"]["changed"]

    def begin(self, stage: str | None) -> None:
        """Note how long the stage before took, and that another begins."""
        now = time.monotonic()
        if self.stage is not None:
            seconds = self.outcomes[0].seconds
            seconds[self.stage] = seconds.get(self.stage, 0.0) + now - self.since
        self.stage, self.since = stage, now


class _Running:
    """The processes under way, and what they say."""

    def __init__(self, secure: SecureFolder, places: tuple[Path | None, Path | None], listener: Listener) -> None:
        self.secure, self.listener = secure, listener
        self.room, self.outside = places
        self.works: dict[_Work, Process] = {}
        self.heard: Queue[tuple[_Work, bytes]] = Queue()
        self.kept = False

    def start(self, work: _Work) -> None:
        """Start the process of a work."""
        order = work.outcomes[0].order
        task = Task(
            makes=work.makes,
            anew=work.anew,
            report=order.kind.name,
            params=order.params.model_dump(),
            secure=str(self.secure.path),
            room=None if self.room is None else str(self.room),
            outside=None if self.outside is None else str(self.outside),
        )
        work.begin(STARTING if work.makes else READING)
        if not work.makes:
            self.listener.began(order, f"{READING} {order.params.extract}")
        environment = os.environ | room_environment(self.secure)
        starter = starter_at(self.room) if work.makes else PlainStarter()  # reading begins while the servers import
        process, words = started_with_words(starter, Order(JOB, [task.as_argument()], Path.cwd(), environment))
        self.works[work] = process
        Thread(target=self._listen, args=(work, words), daemon=True).start()

    def _listen(self, work: _Work, words: IO[bytes]) -> None:
        """Pass on each line that a process says, and an empty one when it says no more."""
        with words:
            for line in words:
                self.heard.put((work, line))
        self.heard.put((work, b""))

    def ended(self) -> list[_Work]:
        """Listen until a process says something, and return the work that has ended by it, if any."""
        work, line = self.heard.get()
        if line:
            self._hear(work, line)
            return []
        self._end(work)
        return [work]

    def end(self) -> None:
        """Stop whatever still runs: first so that it can put away what it had begun, then at once."""
        for process in self.works.values():
            process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
        latest = time.monotonic() + SECONDS_TO_STOP
        for process in self.works.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, latest - time.monotonic()))
            process.kill()
            process.wait()

    def _hear(self, work: _Work, line: bytes) -> None:
        try:
            message = json.loads(line)
        except ValueError:
            message = None
        if isinstance(message, dict):
            work.hear(message, listener=self.listener)
        else:
            self._keep(line)  # not ours: a library's words, which may hold anything

    def _end(self, work: _Work) -> None:
        exit_code = self.works.pop(work).wait()
        work.begin(None)
        done = work.outcomes[0].folder is not None or not work.makes
        if work.error is None and (exit_code or not done):
            work.error = UnexpectedError(
                "Arbetet avbröts innan det var klart.",
                found=how_it_ended(exit_code),
                action=RUN_AGAIN,
            )

    def _keep(self, words: bytes) -> None:
        self.secure.logs.mkdir(exist_ok=True, mode=PRIVATE)
        log = self.secure.logs / PROCESS_LOG
        if not self.kept:
            log.unlink(missing_ok=True)
            self.kept = True
        log.touch(mode=0o600)
        with log.open("ab") as stream:
            stream.write(words)


def n_processors() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _servers(secure: SecureFolder) -> Iterator[tuple[Path | None, Path | None]]:
    """Give the places of the two servers: the one inside the room, and the one that never hears of it."""
    inside = os.environ | room_environment(secure)
    with (
        fork_server(*INSIDE, environment=inside) as room,
        fork_server(*OUTSIDE, environment=builder_environment()) as outside,
    ):
        yield room, outside
