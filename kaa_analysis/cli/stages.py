"""What the command line says while it works: on stderr, so that stdout holds the outcome alone."""

from __future__ import annotations

import sys
import time


class Stages:
    """Tells each stage on stderr as it begins, and how long the one before took."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.number = 0
        self.since = time.monotonic()

    def begin(self, text: str) -> None:
        """Begin the next stage."""
        self._end()
        self.number += 1
        tell(f"[{self.number}/{self.total}] {text} …")

    def done(self, text: str) -> None:
        """End the last stage and tell the outcome."""
        self._end()
        tell(text)

    def detail(self, text: str) -> None:
        """Tell something about the stage under way."""
        tell(f"      {text}")

    def _end(self) -> None:
        if self.number:
            tell(f"      klart på {time.monotonic() - self.since:.1f} s".replace(".", ","))
        self.since = time.monotonic()


def tell(text: str) -> None:
    """Say something to the one who waits."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - the command line speaks on stderr


def answer(text: str) -> None:
    """Give what was asked for, to a reader or another program."""
    print(text, flush=True)  # noqa: T201 - the command line answers on stdout
