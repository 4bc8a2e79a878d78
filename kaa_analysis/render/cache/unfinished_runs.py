"""A mark per run under way: what a killed run leaves is known by its mark, and nothing kept beside it is trusted."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kaa_analysis.core.secure_folder import SecureFolder


@contextmanager
def marked_run(slot: str, *, secure: SecureFolder) -> Iterator[None]:
    """Leave a mark while the run of an order goes on. It is gone when the run has ended, well or with an error, and stays if it is killed."""
    folder = secure.make_private(secure.unfinished)
    handle, name = tempfile.mkstemp(prefix=f"{slot}.", dir=folder)
    os.close(handle)
    try:
        yield
    finally:
        Path(name).unlink(missing_ok=True)


def unfinished_runs(slot: str, *, secure: SecureFolder) -> tuple[Path, ...]:
    """Return the marks of runs of an order that have not ended: killed, or still going on."""
    return tuple(sorted(secure.unfinished.glob(f"{slot}.*")))


def forget(marks: Sequence[Path]) -> None:
    """Remove marks, once the same order has been made to its end."""
    for mark in marks:
        mark.unlink(missing_ok=True)
