"""Die by SIGKILL just before or just after the n-th rename of a process to a visible place below ``reports``, or ``cache``.

``python kill_at_rename.py before|after N put BUNDLE FOLDER``: a copy of a finished bundle is put in its place in the project FOLDER.
With N = 0 nothing dies. A run of ``kaa`` moves its bundles in processes of its own: `planted_in` gives the environment in which every one
of them is deadly, by way of the ``sitecustomize`` that Python itself imports at start.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

VARIABLE, COMMAND = "KILL_AT_RENAME", "KILL_AT_RENAME_COMMAND"
PLANT = f"import runpy\nrunpy.run_path({__file__!r})['plant']()\n"


def planted_in(folder: Path, *, moment: str, number: int, whole_run: bool, below: str = "reports") -> dict[str, str]:
    """Return the settings of a project whose reports die at a rename: the job that moves, and before it the command if ``whole_run``.

    ``folder`` gets what Python shall import at start.
    """
    (folder / "sitecustomize.py").write_text(PLANT)
    found_in = [str(folder), os.environ.get("PYTHONPATH", "")]
    return {
        "PYTHONPATH": os.pathsep.join(filter(None, found_in)),
        VARIABLE: f"{moment} {number} {int(whole_run)} {below}",
    }


def plant() -> None:
    """Make the renames of this process and of those forked from it deadly, if its environment says so."""
    if VARIABLE in os.environ:
        moment, number, whole_run, below = os.environ[VARIABLE].split()
        os.environ.setdefault(COMMAND, str(os.getpid()))  # the first of all to start
        kill_at(moment, int(number), below=below, also=int(os.environ[COMMAND]) if int(whole_run) else None)


def kill_at(moment: str, number: int, *, below: str = "reports", also: int | None = None) -> None:
    """Make the ``number``-th visible rename deadly; pathlib and shutil rename by these two functions of ``os``."""
    seen = 0

    def die() -> None:
        for pid in (also, os.getpid()):
            if pid is not None:
                os.kill(pid, signal.SIGKILL)

    def deadly(rename: Callable[..., None]) -> Callable[..., None]:
        def renamed(source: os.PathLike[str] | str, target: os.PathLike[str] | str, **more: int) -> None:
            nonlocal seen
            counts = is_visible(Path(target), below=below)
            seen += counts
            dies = counts and seen == number
            if dies and moment == "before":
                die()
            rename(source, target, **more)
            if dies:
                die()

        return renamed

    os.rename, os.replace = deadly(os.rename), deadly(os.replace)


def is_visible(target: Path, *, below: str) -> bool:
    """Return whether ``target`` lies below a folder called ``below`` and in no hidden folder there."""
    _, _, place = target.as_posix().partition(f"/{below}/")
    return bool(place) and not any(part.startswith(".") for part in place.split("/"))


def put(bundle: Path, project: Path) -> None:
    """Let a copy of ``bundle`` be what a run in ``project`` has built, and put it in its place."""
    from kaa_analysis.render.bundle import BundlePlace, building, put_in_place

    report, period, run = bundle.parts[-3:]
    place = BundlePlace(project / "reports", report, period, run, project / "secure" / "locks" / "put.lock")
    with building(place) as partial:
        shutil.copytree(bundle, partial, dirs_exist_ok=True)
        put_in_place(place)


def main() -> None:
    """Do what the words ask for."""
    moment, number, *words = sys.argv[1:]
    kill_at(moment, int(number))
    put(Path(words[1]), Path(words[2]))


if __name__ == "__main__":
    main()
