"""Work for the processes of `test_processes`: ``main([what, …])`` does one thing and says what it found."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

SLEEP = "86400"
"""Seconds: longer than any test."""


def surroundings(*arguments: str) -> int:
    """Say all that a process knows of where it is."""
    told = {
        "environment": dict(os.environ),
        "folder": str(Path.cwd()),
        "first of the path": sys.path[0],
        "arguments": sys.argv,
        "temporary files": tempfile.gettempdir(),
        "an hour of 1970": time.localtime(0).tm_hour,
        "words go to": [_kind(number) for number in (0, 1, 2)],
        "other open files": [number for number in range(3, 1000) if _kind(number) is not None],
        "leads its group": os.getpgid(0) == os.getpid(),
        "takes interrupts": signal.getsignal(signal.SIGINT) is signal.default_int_handler,
    }
    print(json.dumps(told))  # noqa: T201 - the words are what is tested
    return 0


def _kind(number: int) -> str | None:
    """Return what an open file is; None if it is not open."""
    try:
        return str(Path(f"/proc/self/fd/{number}").readlink()).split(":")[0]
    except FileNotFoundError:
        return None


def words(*arguments: str) -> int:
    """Say something in both ways."""
    sys.stdout.write("ut ")
    sys.stdout.flush()
    sys.stderr.write("fel")
    return 0


def leave(*arguments: str) -> int:
    """Return an exit code."""
    return int(arguments[0])


def leave_by_exit(*arguments: str) -> int:
    """Leave by the exception, with a code or with words."""
    sys.exit(int(arguments[0]) if arguments[0].isdigit() else arguments[0])


def fail(*arguments: str) -> int:
    """Fail by an exception."""
    raise ValueError("så här")


def killed(*arguments: str) -> int:
    """Send oneself a signal."""
    os.kill(os.getpid(), int(arguments[0]))
    time.sleep(float(SLEEP))
    return 0


def sleep(*arguments: str) -> int:
    """Start another process, say both numbers and sleep."""
    other = subprocess.Popen(["sleep", SLEEP])
    own_group = subprocess.Popen(["sleep", SLEEP], process_group=0)
    print(os.getpid(), other.pid, own_group.pid, flush=True)  # noqa: T201 - the words are what is tested
    time.sleep(float(SLEEP))
    return 0


def leave_one_behind(*arguments: str) -> int:
    """Start another process, say its number and leave at once."""
    print(subprocess.Popen(["sleep", SLEEP]).pid)  # noqa: T201 - the words are what is tested
    return 0


def pipeline(*arguments: str) -> int:
    """Ask the server that listens at a place for processes, one after the other, and say how they ended and whether the server forked them."""
    from kaa_analysis.render.processes.forked import ForkedProcess, ForkingStarter
    from kaa_analysis.render.processes.starting import Order

    place, n_processes = Path(arguments[0]), int(arguments[1])
    starter = ForkingStarter(place)
    started = [
        starter.start(Order("forked_work", ["leave", str(number % 7)], Path("/"), dict(os.environ)))
        for number in range(n_processes)
    ]
    ended = [process.wait() for process in started]
    forked = sum(isinstance(process, ForkedProcess) for process in started)
    print(json.dumps({"ended": ended, "forked": forked}))  # noqa: T201 - the words are what is tested
    return 0


REMEMBERED: list[str] = []


def remember(*arguments: str) -> int:
    """Remember the words and the folder of the order, and fail if asked to."""
    REMEMBERED.extend((*arguments, str(Path.cwd())))
    if arguments[0] == "fail":
        raise ValueError("så här")
    return 0


def recall(*arguments: str) -> int:
    """Say what this process, or the one it was forked from, has remembered."""
    print(json.dumps(REMEMBERED))  # noqa: T201 - the words are what is tested
    return 0


WORKS: dict[str, Callable[..., int]] = {
    work.__name__: work
    for work in (
        surroundings,
        words,
        leave,
        leave_by_exit,
        fail,
        killed,
        sleep,
        leave_one_behind,
        pipeline,
        remember,
        recall,
    )
}


def main(arguments: Sequence[str]) -> int:
    """Do the work that the first argument names, with the others."""
    what, *others = arguments
    return WORKS[what](*others)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
