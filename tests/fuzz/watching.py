"""What others on the machine can see of a run's processes while they run: words of command, surroundings, open files."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

SECONDS = 0.1
LAST_SECONDS = 60.0
"""So long the other processes of a run may go on after the command's own: they notice by themselves that it is gone."""
SYSTEM_S = "/tmp"


class Watcher:
    """Looks at all processes whose home is ``home``, until it is left."""

    def __init__(self, home: Path) -> None:
        self.home, self.began = home, time.time()
        self.mark = f"HOME={home}\0".encode()
        self.seen: dict[str, str] = {}
        self.files: set[Path] = set()
        self.pids: set[str] = set()
        self._met: set[str] = set()
        self._others: set[str] = set()
        self._end = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def texts(self, *, asked: Sequence[str]) -> dict[str, str]:
        """Return all that was seen, by what it was, and every file that a process wrote in the system's folder of temporary files.

        The words ``asked`` of the command itself are whose who wrote them.
        """
        left = {
            f"{path} (had been open)": path.read_bytes().decode("latin-1")
            for path in self.files
            if path.is_relative_to(SYSTEM_S) and not path.is_relative_to(self.home.parent) and self._is_written(path)
        }
        seen = dict(self.seen)
        for place in [place for place in seen if place.startswith("command")]:
            for word in asked:
                seen[place] = seen[place].replace(word, "")
        return seen | left

    def all_end(self) -> bool:
        """Wait for every process of the run to end, and return whether they all did."""
        last = time.monotonic() + LAST_SECONDS
        while (going_on := self._going_on()) and time.monotonic() < last:
            time.sleep(SECONDS)
        return not going_on

    def _going_on(self) -> bool:
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if self.mark in (process / "environ").read_bytes() + b"\0":
                    return True
        return False

    def _is_written(self, path: Path) -> bool:
        return path.is_file() and path.stat().st_mtime >= self.began

    def _watch(self) -> None:
        while not self._end.wait(SECONDS):
            there = {process.name for process in Path("/proc").glob("[0-9]*")}
            self._others &= there
            for name in there - self._others:
                with suppress(OSError):
                    self._look(Path("/proc", name))

    def _look(self, process: Path) -> None:
        surroundings = (process / "environ").read_bytes()
        if self.mark not in surroundings + b"\0":
            if process.name in self._met:  # what was just forked has still its parent's surroundings
                self._others.add(process.name)
            self._met.add(process.name)
            return
        self.pids.add(process.name)
        self.seen[f"command of {process.name}"] = (process / "cmdline").read_bytes().decode(errors="replace")
        self.seen[f"environment of {process.name}"] = surroundings.decode(errors="replace")
        for opened in (process / "fd").iterdir():
            with suppress(OSError):
                self.files.add(opened.readlink())
