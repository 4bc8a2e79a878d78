"""Pausing the search for cyclic garbage while millions of small lists are made: it would look through all of them again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = 50_000
"""So many more objects than were freed before they are looked through; Python's own is 700."""


@contextmanager
def collection_paused() -> Iterator[None]:
    """Pause the collection of cyclic garbage, and take it up again if it was on.

    >>> with collection_paused():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def collect_seldom() -> None:
    """Let this process collect cyclic garbage seldom: it works on large tables for a short time and is gone."""
    gc.set_threshold(SELDOM, 50, 100)
