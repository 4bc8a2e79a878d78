"""Starting `render.build` as a process of its own, whose environment and working directory say nothing of the secure folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from kaa_analysis.core.boundary import error_of
from kaa_analysis.core.errors import BundleError, KaaError
from kaa_analysis.core.secure_folder import write_atomically
from kaa_analysis.render.bundle import BundlePlace

KEPT = ("PATH", "PYTHONPATH", "HOME", "LANG", "SYSTEMROOT", "TEMP", "TMP")
SET = {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "MPLBACKEND": "agg"}


def build_twice(notebook: Path, place: BundlePlace, *, reference: Path | None, log: Path) -> None:
    """Build the bundle and its twin beside each other, each from its own copy of release store and plan.

    Raises:
        KaaError: of the kind that the builder told.
    """
    processes = [_start(notebook, folder, reference=reference) for folder in (place.partial, place.twin)]
    finished = [(process, process.communicate()[1]) for process in processes]
    for process, words in finished:
        if process.returncode:
            raise _told(process.returncode, words, log=log)


def _start(notebook: Path, folder: Path, *, reference: Path | None) -> subprocess.Popen[str]:
    environment = {name: os.environ[name] for name in KEPT if name in os.environ} | SET
    command = [sys.executable, "-m", "kaa_analysis.render.build", str(notebook), str(folder)]
    if reference is not None:
        command.append(str(reference))
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        close_fds=False,
    )


def _told(exit_code: int, words: str, *, log: Path) -> KaaError:
    """Return the error that the builder told as its last line; whatever else it said goes to the log inside the room."""
    write_atomically(log, words.encode())
    try:
        return error_of(json.loads(words.strip().splitlines()[-1]))
    except (IndexError, ValueError, KeyError):
        return BundleError("Bygget av rapporten avbröts.", found=f"slutkod {exit_code}", action="kör igen")
