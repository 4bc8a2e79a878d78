"""The client of the fork server: starts the server, asks it for processes, and goes on without it where it cannot be had."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from kaa_analysis.render.processes.fork_server import end_session
from kaa_analysis.render.processes.process_ends import KILLED
from kaa_analysis.render.processes.sockets import place_for_sockets
from kaa_analysis.render.processes.starting import Order, PlainStarter, Process, Starter

SERVER = "kaa_analysis.render.processes.fork_server"
SOCKET = "fork"
LONGEST_ANSWER = 1024


class ForkedProcess:
    """A process that the server has forked; as `subprocess.Popen` as far as it goes."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, connection: socket.socket, *, server: int) -> None:
        self.pid, self.server = pid, server
        self.returncode: int | None = None
        self._connection = connection

    def poll(self) -> int | None:
        """Return the exit code, None as long as it runs."""
        if self.returncode is None:
            self._connection.setblocking(False)
            with suppress(BlockingIOError):
                self._take_end()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code when it has ended.

        Raises:
            subprocess.TimeoutExpired: it has not ended after ``timeout`` seconds.
        """
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                self._take_end()
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(f"pid {self.pid}", timeout or 0) from None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send the process and what it has started a signal, if it still runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def kill(self) -> None:
        """Kill the process and what it has started."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the process and what it has started to end."""
        self.send_signal(signal.SIGTERM)

    def _take_end(self) -> None:
        try:
            answer = self._connection.recv(LONGEST_ANSWER)
        except ConnectionError:
            answer = b""
        if not answer:  # the server is dead, and its children with it, but not what they had started
            end_session(self.server)
        self.returncode = json.loads(answer)["exit"] if answer else KILLED
        self._connection.close()


class ForkingStarter:
    """Starts processes by way of the server that listens at ``place``; each by itself if the server refuses or is gone."""

    def __init__(self, place: Path) -> None:
        self.place = place

    @property
    def sockets(self) -> Path:
        """The server's private folder, which goes with whoever owns the server."""
        return self.place.parent

    def start(self, order: Order) -> Process:
        """Return the process of an order, started."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        files = [stream.fileno() for stream in (order.output, order.errors) if stream is not None]
        try:
            connection.connect(str(self.place))
            socket.send_fds(connection, [json.dumps(_record(order)).encode()], files)
            answer = connection.recv(LONGEST_ANSWER)
        except OSError:
            answer = b""
        if not answer:
            connection.close()
            return PlainStarter().start(order)
        started = json.loads(answer)
        return ForkedProcess(started["pid"], connection, server=started["server"])

    def prepare(self, order: Order) -> None:
        """Have the server do an order itself, before it forks any more, and wait until it has; what goes wrong is told to nobody."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with connection, suppress(OSError):
            connection.connect(str(self.place))
            connection.send(json.dumps(_record(order) | {"stays": True}).encode())
            connection.recv(LONGEST_ANSWER)


def starter_at(place: Path | None) -> Starter:
    """Return the starter that asks the server at ``place``, or the plain one where there is none."""
    return PlainStarter() if place is None else ForkingStarter(place)


@contextmanager
def fork_server(*modules: str, environment: Mapping[str, str]) -> Iterator[Path | None]:
    """Give the place of a server that imports ``modules`` and forks; it ends, with all its processes and its folder, when the caller has left or died.

    None where the system cannot: a fork is safe in Linux alone, and a socket needs a short path. The server gets ``environment`` and no
    other; what it says while importing goes nowhere. The caller goes on at once: the first order waits for the imports.
    """
    place = place_for_sockets()
    if not can_fork() or place is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="kaa-", dir=place) as folder:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(str(Path(folder, SOCKET)))
        listener.listen()
        ours, theirs = socket.socketpair()
        server = subprocess.Popen(
            [sys.executable, "-m", SERVER, str(listener.fileno()), str(theirs.fileno()), folder, *modules],
            env=dict(environment) | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[listener.fileno(), theirs.fileno()],
            start_new_session=True,
        )
        listener.close()
        theirs.close()
        try:
            yield Path(folder, SOCKET)
        finally:
            server.kill()  # and its children with it; it may be busy importing
            server.wait()
            end_session(server.pid)
            ours.close()


def can_fork() -> bool:
    """Return whether this system forks safely and tells when a process has ended."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


def _record(order: Order) -> dict[str, Any]:
    return {
        "module": order.module,
        "arguments": [*order.arguments],
        "folder": str(order.folder),
        "environment": dict(order.environment),
        "output": order.output is not None,
        "errors": order.errors is not None,
    }
