"""The same work on many things, shared among the processors by forking, with the answers in the order of the things."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from kaa_analysis.core.errors import UnexpectedError

THREADS = Path("/proc/self/task")

Thing = TypeVar("Thing")
Answer = TypeVar("Answer")


def shared(
    work: Callable[[Thing], Answer], things: Sequence[Thing], *, weights: Sequence[float], at_once: int | None = None
) -> list[Answer]:
    """Return what ``work`` answers for each of the things, in their order.

    The heaviest by ``weights`` are dealt out first, each to the process that has least to do; this process has its share. ``at_once``
    defaults to the processors at hand. Where forking is not safe (another system than Linux, a second thread), all is done here.
    Answers have to be such that they can be pickled. Whoever dies takes nothing with it: a process ends when its share is done.

    Raises:
        UnexpectedError: a process ended before its time.
        Exception: what ``work`` raised for the first of the things, in their order, for which it raised anything.

    >>> shared(lambda number: number**2, [1, 2, 3], weights=[1, 1, 1])
    [1, 4, 9]
    """
    shares = _shares(weights, n_processors() if at_once is None else at_once)
    if len(shares) < 2 or not _may_fork():
        return [work(thing) for thing in things]
    others = [_forked(work, things, share) for share in shares[1:]]
    try:
        answers = _answers(work, things, shares[0])
    finally:
        told = [_told(pid, words) for pid, words in others]
    for other in told:
        answers |= other
    for number in range(len(things)):
        if isinstance(answers[number], _Raised):
            raise answers[number].error
    return [answers[number] for number in range(len(things))]


def n_processors() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Raised:
    """An error in place of an answer."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def n_threads() -> int:
    """Return how many threads this process has, those of its libraries too; 0 where the system does not tell."""
    try:
        return sum(1 for _ in THREADS.iterdir())
    except OSError:
        return 0


def _may_fork() -> bool:
    return sys.platform == "linux" and n_threads() == 1


def _shares(weights: Sequence[float], n_shares: int) -> list[list[int]]:
    """Return the numbers of the things of each process; empty shares are left out."""
    shares: list[list[int]] = [[] for _ in range(n_shares)]
    loads = [0.0] * n_shares
    for number in sorted(range(len(weights)), key=lambda number: (-weights[number], number)):
        least = loads.index(min(loads))
        shares[least].append(number)
        loads[least] += weights[number]
    return [sorted(share) for share in shares if share]


def _answers(work: Callable[[Any], Any], things: Sequence[Any], share: Sequence[int]) -> dict[int, Any]:
    """Return the answers of a share by the things' numbers, up to the first error."""
    found: dict[int, Any] = {}
    for number in share:
        try:
            found[number] = work(things[number])
        except Exception as error:  # noqa: BLE001 - it is raised where the answers come together
            return found | dict.fromkeys(share[len(found) :], _Raised(error))
    return found


def _forked(work: Callable[[Any], Any], things: Sequence[Any], share: Sequence[int]) -> tuple[int, BinaryIO]:
    """Return the number of a process that does a share, and the stream in which it tells its answers."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, os.fdopen(reading, "rb")
    code = 1
    try:
        os.close(reading)
        with os.fdopen(writing, "wb") as words:
            pickle.dump(_answers(work, things, share), words)
        code = 0
    finally:
        os._exit(code)


def _told(pid: int, words: BinaryIO) -> dict[int, Any]:
    with words:
        content = words.read()
    _, status = os.waitpid(pid, 0)
    if status:
        raise UnexpectedError(
            "Arbetet delas på flera processer, som alla ska bli klara.",
            found=f"en process avslutades i förtid ({os.waitstatus_to_exitcode(status)})",
            action="kör igen; räcker minnet inte, stäng andra program",
        )
    return pickle.loads(content)
