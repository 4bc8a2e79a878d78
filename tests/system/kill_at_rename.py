"""Run what follows and die by SIGKILL just before or just after its n-th rename to a visible place below ``reports``.

``python kill_at_rename.py before|after N report params/arsbilaga_demo.yaml``: the command ``kaa`` with those words.
``python kill_at_rename.py before|after N put BUNDLE FOLDER``: a copy of a finished bundle is put in its place in the project FOLDER.
With N = 0 nothing dies.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path


def kill_at(moment: str, number: int) -> None:
    """Make the ``number``-th visible rename deadly; pathlib and shutil rename by these two functions of ``os``."""
    seen = 0

    def deadly(rename: Callable[..., None]) -> Callable[..., None]:
        def renamed(source: os.PathLike[str] | str, target: os.PathLike[str] | str, **more: int) -> None:
            nonlocal seen
            counts = is_visible(Path(target))
            seen += counts
            dies = counts and seen == number
            if dies and moment == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            rename(source, target, **more)
            if dies:
                os.kill(os.getpid(), signal.SIGKILL)

        return renamed

    os.rename, os.replace = deadly(os.rename), deadly(os.replace)


def is_visible(target: Path) -> bool:
    """Return whether ``target`` lies below ``reports`` and in no hidden folder there."""
    _, _, below = target.as_posix().partition("/reports/")
    return bool(below) and not any(part.startswith(".") for part in below.split("/"))


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
    if words[0] == "put":
        put(Path(words[1]), Path(words[2]))
        return
    from kaa_analysis.cli.main import main as kaa

    sys.argv = ["kaa", *words]
    kaa()


if __name__ == "__main__":
    main()
