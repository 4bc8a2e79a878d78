"""Having `render.build` done by a process of its own, whose environment and working directory say nothing of the secure folder."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import IO

from kaa_analysis.core.boundary import error_of
from kaa_analysis.core.errors import BundleError, KaaError
from kaa_analysis.core.secure_folder import write_atomically
from kaa_analysis.render.bundle import BundlePlace
from kaa_analysis.render.processes.process_ends import RUN_AGAIN, how_it_ended
from kaa_analysis.render.processes.starting import Order, Process, Starter, started_with_words

BUILD = "kaa_analysis.render.build"
KEPT = ("PATH", "PYTHONPATH", "HOME", "LANG", "SYSTEMROOT", "TEMP", "TMP")
SET = {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "MPLBACKEND": "agg"}


def build_twice(notebook: Path, place: BundlePlace, *, reference: Path | None, log: Path, starter: Starter) -> None:
    """Build the bundle and its twin beside each other, each from its own copy of release store and plan.

    Raises:
        KaaError: of the kind that the builder told.
    """
    started: list[tuple[Process, IO[bytes]]] = []
    try:
        for folder in (place.partial, place.twin):
            started.append(_start(notebook, folder, reference=reference, starter=starter))
        finished = [(words.read(), process.wait()) for process, words in started]
    finally:
        for process, words in started:
            process.kill()  # does nothing to one that has ended
            words.close()
    for words, exit_code in finished:
        if exit_code:
            raise _told(exit_code, words.decode(errors="replace"), log=log)


def _start(notebook: Path, folder: Path, *, reference: Path | None, starter: Starter) -> tuple[Process, IO[bytes]]:
    """Return the process that builds in ``folder``, and what it says."""
    order = Order(
        BUILD, [str(path) for path in (notebook, folder, reference) if path is not None], folder, builder_environment()
    )
    return started_with_words(starter, order)


def builder_environment() -> dict[str, str]:
    """Return all that a builder is told of its surroundings."""
    return {name: os.environ[name] for name in KEPT if name in os.environ} | SET


def _told(exit_code: int, words: str, *, log: Path) -> KaaError:
    """Return the error that the builder told as its last line; whatever else it said goes to the log inside the room."""
    write_atomically(log, words.encode())
    try:
        return error_of(json.loads(words.strip().splitlines()[-1]))
    except (IndexError, ValueError, KeyError):
        return BundleError("Bygget av rapporten avbröts.", found=how_it_ended(exit_code), action=RUN_AGAIN)
