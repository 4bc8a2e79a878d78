"""Kernels that talk over sockets in a private folder of their own, and whose own words go to a log inside the room."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LONGEST_PLACE = 60
"""A socket's whole path may have about a hundred characters; its folder and name need forty of them."""


@contextmanager
def private_kernels(log: Path) -> Iterator[type]:
    """Give a kernel manager for one kernel. What the kernel process writes by itself goes to ``log``.

    The transport is IPC wherever the system has it: TCP would carry code and results in the clear to anybody on the machine.
    """
    from jupyter_client import AsyncKernelManager

    place = _place_for_sockets()
    with tempfile.TemporaryDirectory(prefix="kaa-", dir=place) as folder, log.open("ab") as words:

        class PrivateKernelManager(AsyncKernelManager):
            def __init__(self, **settings: Any) -> None:
                super().__init__(**settings)
                if place is not None:
                    self.transport, self.ip = "ipc", str(Path(folder, "kernel"))
                self.connection_file = str(Path(folder, "connection.json"))

            async def start_kernel(self, **settings: Any) -> None:
                await super().start_kernel(**settings, stdout=words, stderr=words)

        yield PrivateKernelManager


def _place_for_sockets() -> Path | None:
    """Return a folder whose path is short enough to hold sockets, or None where the system has none."""
    if os.name != "posix":
        return None
    named = (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp", "/var/tmp")
    places = [Path(name) for name in named if name and len(name) <= LONGEST_PLACE]
    return next((place for place in places if place.is_dir() and os.access(place, os.W_OK | os.X_OK)), None)
