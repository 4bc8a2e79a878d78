"""Kernels that talk over sockets in a private folder of their own, and whose own words go to a log inside the room."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from jupyter_client import AsyncKernelManager
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from kaa_analysis.core.boundary import opened_privately
from kaa_analysis.render.processes.starting import Order, Starter

KERNEL = "kaa_analysis.render.running.kernel_process"


class StartedProvisioner(LocalProvisioner):
    """Has a `Starter` start the kernel's process; everything after that is as for any local kernel."""

    starter: Starter
    words: IO[bytes]

    async def launch_kernel(self, cmd: list[str], **settings: Any) -> KernelConnectionInfo:
        """Start the kernel that the manager has written a connection file for; ``cmd`` is what would start it from scratch."""
        order = Order(
            module=KERNEL,
            arguments=["-f", self.parent.connection_file],
            folder=Path(settings.get("cwd") or Path.cwd()),
            environment=settings["env"],
            output=self.words,
            errors=self.words,
        )
        self.process = self.starter.start(order)
        self.pid = self.pgid = self.process.pid
        return self.connection_info


def _opened(log: Path) -> IO[bytes]:
    return open(log, "ab", opener=opened_privately)


@contextmanager
def private_kernels(log: Path, *, starter: Starter) -> Iterator[type]:
    """Give a kernel manager for one kernel, started by ``starter``. What the kernel process writes by itself goes to ``log``.

    The transport is IPC wherever the system has it: TCP would carry code and results in the clear to anybody on the machine.
    """
    place = starter.sockets
    with tempfile.TemporaryDirectory(prefix="kaa-", dir=place) as folder, _opened(log) as words:

        class PrivateKernelManager(AsyncKernelManager):
            def __init__(self, **settings: Any) -> None:
                super().__init__(**settings)
                if place is not None:
                    self.transport, self.ip = "ipc", str(Path(folder, "kernel"))
                self.connection_file = str(Path(folder, "connection.json"))

            async def start_kernel(self, **settings: Any) -> None:
                if os.name == "posix":  # elsewhere a kernel is interrupted by way of what its own launcher makes
                    self.provisioner = StartedProvisioner(kernel_id="", kernel_spec=self.kernel_spec, parent=self)
                    self.provisioner.starter, self.provisioner.words = starter, words
                    await super().start_kernel(**settings)
                else:
                    await super().start_kernel(**settings, stdout=words, stderr=words)

        yield PrivateKernelManager
