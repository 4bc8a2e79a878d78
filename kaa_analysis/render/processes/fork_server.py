"""The process that has the imports done and becomes others by forking: ``python -m … LISTENER OWNER FOLDER MODULE…``.

``LISTENER`` and ``OWNER`` are open sockets, ``FOLDER`` is a private folder that goes when the owner has gone. One connection is one
process: the client sends an order and the open files that it shall write to, is told the process's number and, when it has ended, its exit
code. An order that *stays* is done in the server itself, and what it leaves in memory is shared by all that are forked later. Whoever closes the connection, or dies, ends the process and all that it has started; so does the owner's death for every process.
The server has one thread: a fork takes no other with it. If a library has started more, every order is refused.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from kaa_analysis.core.shared_work import n_threads
from kaa_analysis.render.processes.process_ends import die_with_parent

LONGEST_ORDER = 128 * 1024
"""An order is one message: a module, its arguments and its environment."""

OPEN_FILES = 2


@dataclass(eq=False)
class Child:
    """A process that was forked, the connection it belongs to, and the file that can be read when it has ended."""

    pid: int
    connection: socket.socket
    ended: int


class ForkServer:
    """The server's state: what it listens to, and its children."""

    def __init__(self, listener: socket.socket, owner: socket.socket) -> None:
        self.selector = selectors.DefaultSelector()
        self.selector.register(listener, selectors.EVENT_READ, lambda: self._meet(listener))
        self.selector.register(owner, selectors.EVENT_READ, self._stop)
        self.children: set[Child] = set()
        self.stopped = False

    def serve(self) -> None:
        """Take orders until the owner is gone; then end every process."""
        while not self.stopped:
            for key, _ in self.selector.select():
                key.data()
        for child in self.children:
            _kill_group(child.pid)

    def _stop(self) -> None:
        self.stopped = True

    def _meet(self, listener: socket.socket) -> None:
        """Listen to whoever connects, too; nobody waits for one that says nothing."""
        connection, _ = listener.accept()
        connection.setblocking(False)
        self.selector.register(connection, selectors.EVENT_READ, lambda: self._take_order(connection))

    def _take_order(self, connection: socket.socket) -> None:
        self.selector.unregister(connection)
        order, files = _received(connection)
        if isinstance(order, dict) and order.get("stays"):
            _prepare(order)
            order = None
        child = None if order is None else self._fork(order, files=files, connection=connection)
        _close(files)
        if child is None:
            connection.close()
            return
        self.children.add(child)
        self.selector.register(child.ended, selectors.EVENT_READ, lambda: self._ended(child))
        self.selector.register(connection, selectors.EVENT_READ, lambda: self._left(child))
        _tell(connection, {"pid": child.pid, "server": os.getpid()})

    def _fork(self, order: dict[str, Any], *, files: Sequence[int], connection: socket.socket) -> Child | None:
        """Return the process that does the order, or None where it cannot be forked."""
        if n_threads() != 1:
            return None
        try:
            pid = os.fork()
        except OSError:  # no more processes, or no memory for one
            return None
        if pid == 0:
            self._become(order, files=files, connection=connection)
        with suppress(OSError):  # the child does the same: whichever comes first
            os.setpgid(pid, pid)
        return Child(pid, connection, os.pidfd_open(pid))

    def _left(self, child: Child) -> None:
        """End the process whose connection is closed; its end is told to nobody."""
        if child in self.children and child.connection.fileno() != -1:  # it may have ended in the same moment
            self.selector.unregister(child.connection)
            child.connection.close()
            _kill_group(child.pid)

    def _ended(self, child: Child) -> None:
        self.children.remove(child)
        self.selector.unregister(child.ended)
        os.close(child.ended)
        _kill_group(child.pid)  # what it started itself and left behind
        _, status = os.waitpid(child.pid, 0)
        if child.connection.fileno() != -1:
            self.selector.unregister(child.connection)
            _tell(child.connection, {"exit": os.waitstatus_to_exitcode(status)})
            child.connection.close()

    def _become(self, order: dict[str, Any], *, files: Sequence[int], connection: socket.socket) -> NoReturn:
        """Be the ordered process, in the child; never return."""
        code = 1
        try:
            die_with_parent()
            with suppress(OSError):
                os.setpgid(0, 0)
            _close({connection.detach(), *self.selector.get_map()})
            self.selector.close()
            code = _run(order, files=files)
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
        except BaseException:  # noqa: BLE001 - the last stop of this process: what is told goes where its words go
            traceback.print_exc()
        finally:
            for stream in (sys.stdout, sys.stderr):
                with suppress(Exception):
                    stream.flush()
            os._exit(code)


def _received(connection: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """Return an order and its open files; None for the order if whoever asked has gone or is not one of ours."""
    files: list[int] = []
    try:
        message, files, _, _ = socket.recv_fds(connection, LONGEST_ORDER, OPEN_FILES)
        return json.loads(message), files
    except (OSError, ValueError):
        return None, files


def _prepare(order: dict[str, Any]) -> None:
    """Do the work of an order in this process: those forked from now on have what it leaves in memory. It may fail: they do without."""
    here = Path.cwd()
    with suppress(Exception):
        os.chdir(order["folder"])
        importlib.import_module(order["module"]).main(order["arguments"])
    os.chdir(here)
    _freeze()


def _freeze() -> None:
    """Let the children's collector not write to what is there now."""
    gc.collect()
    gc.freeze()


def _run(order: dict[str, Any], *, files: Sequence[int]) -> int:
    """Take on the order's files, folder and environment, and do its work."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nowhere = os.open(os.devnull, os.O_RDWR)
    given = iter(files)
    places = [nowhere, *(next(given) if wanted else nowhere for wanted in (order["output"], order["errors"]))]
    for number, place in enumerate(places):
        os.dup2(place, number)
    _close({nowhere, *files} - {0, 1, 2})
    os.chdir(order["folder"])
    if not sys.flags.safe_path:
        sys.path[0] = order["folder"]  # as ``python -m`` in that folder
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    tempfile.tempdir = None  # it is asked for anew
    sys.argv = [order["module"], *order["arguments"]]
    return int(importlib.import_module(order["module"]).main(order["arguments"]) or 0)


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def end_session(leader: int) -> None:
    """Kill whatever is left in the session of a server, but this process itself; what is started meanwhile too."""
    ended = {os.getpid()}
    while left := _session(leader) - ended:
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        ended |= left


def _session(leader: int) -> set[int]:
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(ProcessLookupError, PermissionError):
            if os.getsid(int(process.name)) == leader:
                found.add(int(process.name))
    return found


def _tell(connection: socket.socket, message: dict[str, int]) -> None:
    with suppress(OSError):  # whoever asked has gone
        connection.send(json.dumps(message).encode())


def _close(files: Sequence[int] | set[int]) -> None:
    for file in files:
        os.close(file)


def main(arguments: Sequence[str]) -> int:
    """Import the modules, in this one thread, and serve until the owner is gone."""
    listener, owner, folder, *modules = arguments
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for module in modules:
        importlib.import_module(module)
    _freeze()
    ForkServer(socket.socket(fileno=int(listener)), socket.socket(fileno=int(owner))).serve()
    end_session(os.getpid())
    shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
