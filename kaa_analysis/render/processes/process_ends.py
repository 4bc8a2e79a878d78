"""How processes end: together with whoever started them, and what is told of one that ended before its work was done."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

KILLED = -9
"""The exit code of what was killed; not every system has a name for the signal."""

RUN_AGAIN = "kör igen; tar minnet slut på nytt, gör färre rapporter samtidigt (kaa batch --samtidigt 1) eller stäng andra program"

PR_SET_PDEATHSIG = 1


def how_it_ended(exit_code: int) -> str:
    """Return in words how a process ended; a negative code is the signal that ended it.

    >>> how_it_ended(1), how_it_ended(-11)
    ('slutkod 1', 'processen avslutades av signal 11')
    >>> how_it_ended(-9)
    'processen avslutades av signal 9, som den gör när minnet tar slut'
    """
    if exit_code >= 0:
        return f"slutkod {exit_code}"
    because = ", som den gör när minnet tar slut" if exit_code == KILLED else ""
    return f"processen avslutades av signal {-exit_code}{because}"


def die_with_parent() -> None:
    """Let this process be killed when the one that started it dies, however that dies; a system without such a bond knows none."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
