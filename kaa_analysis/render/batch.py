"""Many reports at once: each part in a process of its own, so many at a time, and what stops one report stops no other.

Reports of one extract are one release: all notebooks are run, all results protected together, then all reports built.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import IO

from kaa_analysis.core.errors import UnexpectedError
from kaa_analysis.core.secure_folder import PRIVATE, SecureFolder
from kaa_analysis.render.builder import BUILD, builder_environment
from kaa_analysis.render.cache.rerun import Rerun
from kaa_analysis.render.company import releases_of
from kaa_analysis.render.processes.forked import fork_server, starter_at
from kaa_analysis.render.processes.process_ends import RUN_AGAIN, how_it_ended
from kaa_analysis.render.processes.starting import Order, PlainStarter, Process, started_with_words
from kaa_analysis.render.report_job import Part, Task, told
from kaa_analysis.render.run_folder import run_folder
from kaa_analysis.render.running.room import room_environment
from kaa_analysis.render.works import Listener, Outcome, Release, Work, bundle_folder, longest_first

AHEAD = "kaa_analysis.render.running.reading_ahead"
JOB = "kaa_analysis.render.report_job"
INSIDE = (
    JOB,
    "papermill",
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "jinja2",
    "matplotlib.font_manager",
    "pypdf",
    "pypdfium2",
    "kaa_analysis.ingest",
    "kaa_analysis.target_population",
    "kaa_analysis.cohorts",
    "kaa_analysis.indicators",
    "kaa_analysis.survival",
    "kaa_analysis.present.notebook",
    "kaa_analysis.render.handover",
    "kaa_analysis.render.notebook_schema",
    "kaa_analysis.render.report",
    "kaa_analysis.render.running.kernel_process",
    "kaa_analysis.render.running.private_kernels",
    AHEAD,
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
    "kaa_analysis.render.notebook_schema",
)
"""What the builders import."""

READING = "läser uttaget"
STARTING = "öppnar registret"
PROTECTING = "skyddar alla rapporters resultat tillsammans"
HANDOVER = "release"
PROCESS_LOG = "senaste_processer.txt"
SECONDS_TO_STOP = 5


def make_reports(
    reruns: Sequence[Rerun],
    *,
    root: Path,
    secure: SecureFolder,
    at_once: int,
    listener: Listener,
    earlier: Sequence[Path] = (),
) -> list[Outcome]:
    """Make the reports that are not there already, ``at_once`` at a time, and return what became of each, in their order.

    The reports of one extract are one release: their notebooks are run, then all their results are protected together, also against
    whoever has the ``earlier`` bundles, then each is built. Each extract is read once, before its reports. A report that is stopped
    falls out of its release. No error is raised: it is the outcome of its report.
    """
    outcomes = {rerun.order: Outcome(rerun.order) for rerun in reruns}
    of_order = {rerun.order: rerun for rerun in reruns}
    releases = []
    for members in releases_of(of_order):
        if all(of_order[order].bundle is not None for order in members):
            for order in members:
                outcomes[order].folder = bundle_folder(of_order[order], root=root)
                listener.ended(outcomes[order])
        else:
            releases.append(Release([outcomes[order] for order in members], [of_order[order] for order in members]))
    if releases:
        with _servers(secure) as places, run_folder(HANDOVER, secure=secure, keeps_failed=False) as folder:
            running = _Running(secure, places, listener, earlier=earlier, folder=folder)
            try:
                _run(releases, running=running, at_once=at_once, root=root)
            finally:
                running.end()
    return list(outcomes.values())


def _run(releases: Sequence[Release], *, running: _Running, at_once: int, root: Path) -> None:
    """Start what can be started, listen until something ends, and again."""
    followers = _by_reading(releases)
    ready = deque(followers)
    while ready or running.works:
        while ready and len(running.works) < at_once:
            running.start(ready.popleft())
        for work in running.ended():
            if work.part is not Part.READ:
                ready.extend(_after(work, running=running, root=root))
            elif work.error is None:
                running.read_ahead(followers[work])
                ready.extend(followers[work])
            else:
                for unread in followers[work]:
                    unread.error = work.error
                    ready.extend(_after(unread, running=running, root=root))


def _by_reading(releases: Sequence[Release]) -> dict[Work, list[Work]]:
    """Return the first work of every report by the reading that goes before it."""
    found: dict[tuple[str, int], list[Work]] = {}
    for release in releases:
        for outcome, rerun in zip(release.outcomes, release.reruns, strict=True):
            part = Part.RUN if len(release.outcomes) > 1 else Part.MAKE
            params = outcome.order.params
            works = found.setdefault((params.extract, params.accept_problem_rows), [])
            works.append(Work((outcome,), part, release, anew=rerun.anew))
    return {Work(works[0].outcomes, Part.READ, works[0].release): longest_first(works) for works in found.values()}


def _after(work: Work, *, running: _Running, root: Path) -> list[Work]:
    """Return what can be started when a work has ended, and tell of the reports that are done or stopped by it."""
    if work.error is not None or work.part in (Part.MAKE, Part.BUILD):
        for outcome in work.outcomes:
            outcome.error = work.error
            running.listener.ended(outcome)
    if work.part is Part.RUN:
        return work.release.after_running()
    if work.part is Part.PROTECT and work.error is None:
        return work.release.after_protecting(listener=running.listener, root=root)
    return []


class _Running:
    """The processes under way, and what they say."""

    def __init__(
        self,
        secure: SecureFolder,
        places: tuple[Path | None, Path | None],
        listener: Listener,
        *,
        earlier: Sequence[Path],
        folder: Path,
    ) -> None:
        self.secure, self.listener = secure, listener
        self.earlier, self.folder = earlier, folder
        self.room, self.outside = places
        self.works: dict[Work, Process] = {}
        self.heard: Queue[tuple[Work, bytes]] = Queue()
        self.kept = False

    def start(self, work: Work) -> None:
        """Start the process of a work."""
        task = Task(
            part=work.part,
            anew=work.anew,
            orders=told(work.release.orders_with(work.order, part=work.part)),
            earlier=[str(place.absolute()) for place in self.earlier],
            handover=str(self.folder / work.order.params.extract),
            secure=str(self.secure.path),
            room=None if self.room is None else str(self.room),
            outside=None if self.outside is None else str(self.outside),
        )
        self._tell_beginning(work)
        environment = os.environ | room_environment(self.secure)
        reads = work.part is Part.READ
        starter = PlainStarter() if reads else starter_at(self.room)  # reading begins while the servers import
        process, words = started_with_words(starter, Order(JOB, [task.as_argument()], Path.cwd(), environment))
        self.works[work] = process
        Thread(target=self._listen, args=(work, words), daemon=True).start()

    def read_ahead(self, works: Sequence[Work]) -> None:
        """Let the kernels of several notebooks find ready what each would else find for itself."""
        orders = [work.order for work in works if not work.keeps_results]
        if len(orders) > 1:
            environment = os.environ | room_environment(self.secure)
            asked = json.dumps([(order.kind.name, order.params.model_dump()) for order in orders])
            starter_at(self.room).prepare(Order(AHEAD, [str(self.secure.path), asked], Path.cwd(), environment))

    def _tell_beginning(self, work: Work) -> None:
        """Note the stage that a process begins with, and tell of what is done for several reports."""
        if work.part is Part.READ:
            work.begin(READING)
            self.listener.began(work.order, f"{READING} {work.order.params.extract}")
        elif work.part is Part.PROTECT:
            work.begin(PROTECTING)
            self.listener.began(work.order, f"{PROTECTING} ({len(work.outcomes)} av {len(work.release.outcomes)})")
        else:
            work.begin(STARTING)

    def _listen(self, work: Work, words: IO[bytes]) -> None:
        """Pass on each line that a process says, and an empty one when it says no more."""
        with words:
            for line in words:
                self.heard.put((work, line))
        self.heard.put((work, b""))

    def ended(self) -> list[Work]:
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

    def _hear(self, work: Work, line: bytes) -> None:
        try:
            message = json.loads(line)
        except ValueError:
            message = None
        if isinstance(message, dict):
            work.hear(message, listener=self.listener)
        else:
            self._keep(line)  # not ours: a library's words, which may hold anything

    def _end(self, work: Work) -> None:
        exit_code = self.works.pop(work).wait()
        work.begin(None)
        done = work.outcomes[0].folder is not None or work.part not in (Part.MAKE, Part.BUILD)
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


@contextmanager
def _servers(secure: SecureFolder) -> Iterator[tuple[Path | None, Path | None]]:
    """Give the places of the two servers: the one inside the room, and the one that never hears of it."""
    inside = os.environ | room_environment(secure)
    with (
        fork_server(*INSIDE, environment=inside) as room,
        fork_server(*OUTSIDE, environment=builder_environment()) as outside,
    ):
        yield room, outside
