"""What both ways of starting a process have in common, and the plain way: a Python of its own, with imports of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Protocol

from kaa_analysis.render.processes.sockets import place_for_sockets


@dataclass(frozen=True)
class Order:
    """A process to start: ``python -m module arguments`` in ``folder`` with ``environment`` and no other.

    The module has a function ``main(arguments) -> exit code``. ``output`` and ``errors`` are where its words go, nowhere if None.
    """

    module: str
    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    output: IO[bytes] | None = None
    errors: IO[bytes] | None = None


class Process(Protocol):
    """A started process, the leader of a process group of its own."""

    pid: int

    def poll(self) -> int | None:
        """Return the exit code, None as long as it runs; a signal that ended it is told as a negative number."""

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code when it has ended."""

    def send_signal(self, signal: int) -> None:
        """Send it a signal, if it still runs."""

    def kill(self) -> None:
        """End it at once, if it still runs."""


class Starter(Protocol):
    """Whoever can start a process."""

    @property
    def sockets(self) -> Path | None:
        """A folder in which its processes' sockets may lie, or None where the system has none."""

    def start(self, order: Order) -> Process:
        """Return the process of an order, started."""

    def prepare(self, order: Order) -> None:
        """Do an order where every process that is started from now on can make use of it; nothing where processes share nothing."""


class PlainStarter:
    """Starts every process as a new Python: works everywhere, and pays every import again."""

    @property
    def sockets(self) -> Path | None:
        """The system's folder for such things."""
        return place_for_sockets()

    def start(self, order: Order) -> subprocess.Popen[bytes]:
        """Return the process of an order, started."""
        return subprocess.Popen(
            [sys.executable, "-m", order.module, *order.arguments],
            cwd=order.folder,
            env=dict(order.environment),
            stdin=subprocess.DEVNULL,
            stdout=order.output or subprocess.DEVNULL,
            stderr=order.errors or subprocess.DEVNULL,
            close_fds=False,
            process_group=0 if os.name == "posix" else None,
        )

    def prepare(self, order: Order) -> None:
        """Do nothing: a new Python shares nothing with this one."""


def started_with_words(starter: Starter, order: Order) -> tuple[Process, IO[bytes]]:
    """Return the process of an order, started, and the stream of what it says: on its standard output and of its errors alike."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as words:
        process = starter.start(replace(order, output=words, errors=words))
    return process, os.fdopen(reading, "rb")
