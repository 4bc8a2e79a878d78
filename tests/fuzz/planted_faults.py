"""Faults planted in the package from outside: a function that, when called, says a row of a person's values in one way or another.

`planted_in` writes the ``sitecustomize`` that Python itself imports at start; it holds where the row lies, and nothing of it.
"""

from __future__ import annotations

import errno
import importlib.abc
import importlib.machinery
import importlib.util
import logging
import os
import signal
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

Saying = Callable[[str], None]
SAID = "said"
"""The file beside the row's that tells that a planted fault was reached."""


class Panic(BaseException):
    """As the errors of libraries written in other languages: no `Exception`."""


def _raised(make: Callable[[str], BaseException]) -> Saying:
    def say(row: str) -> NoReturn:
        raise make(row)

    return say


def _while_handling(row: str) -> NoReturn:
    try:
        raise ValueError(row)
    except ValueError:
        raise KeyError(row) from None


def _noted(row: str) -> NoReturn:
    error = ValueError("x")
    error.add_note(row)
    raise ExceptionGroup(row, [error])


def _in_thread(row: str) -> None:
    thread = threading.Thread(target=_raised(ValueError), args=(row,))
    thread.start()
    thread.join()


def _in_destructor(row: str) -> None:
    type("Ending", (), {"__del__": lambda _: _raised(ValueError)(row)})()


def _unreadable(row: str) -> NoReturn:
    row.encode().replace(b";", b"\xff").decode()
    raise AssertionError


def _dumped(row: str) -> NoReturn:
    os.abort()


def _killed(row: str) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


SAYINGS: dict[str, Saying] = {
    "an error": _raised(ValueError),
    "an error of the system": _raised(lambda row: OSError(errno.EIO, row, row)),
    "a full disk": _raised(lambda row: OSError(errno.ENOSPC, row, row)),
    "no memory": _raised(MemoryError),
    "an error in another's handling": _while_handling,
    "notes of an error": _noted,
    "an undecodable text": _unreadable,
    "an error called so": _raised(lambda row: type(row, (ValueError,), {})()),
    "a panic": _raised(Panic),
    "an end": _raised(SystemExit),
    "an interruption": _raised(KeyboardInterrupt),
    "a warning": warnings.warn,
    "a log record": logging.getLogger("library").error,
    "an error in a thread": _in_thread,
    "an error in a destructor": _in_destructor,
    "an abort": _dumped,
    "a kill": _killed,
}
"""How the row is said; the last two keep it in memory when they end the process."""

OPENLY: dict[str, Saying] = {
    "printed": print,
    "on stderr": lambda row: sys.stderr.write(row) and None,
    "written to the descriptor": lambda row: os.write(2, row.encode()) and None,
    "a temporary file": lambda row: Path(tempfile.gettempdir(), "left.txt").write_text(row) and None,
    "a file at home": lambda row: Path.home().joinpath(".history").write_text(row) and None,
    "a file in the project": lambda row: Path("left.txt").write_text(row) and None,
    "the name of a file": lambda row: Path(row.split(";")[0]).touch(),
    "the words of a command": lambda row: os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", "import time; time.sleep(0.5)", row]) and None,
}  # fmt: skip
"""How a row leaves in the open, which no boundary holds back: the search must find each."""


def _all_openly(row: str) -> None:
    for say in OPENLY.values():
        say(row)


ALL_OPENLY = "all openly"


def planted_in(folder: Path, *, place: str, saying: str, row: Path) -> dict[str, str]:
    """Return the settings of a project in which the function ``module:name`` says the first line of the file ``row``, then goes on."""
    folder.mkdir(exist_ok=True)
    plant = f"import runpy\nrunpy.run_path({__file__!r})['plant']({place!r}, {saying!r}, {str(row)!r})\n"
    (folder / "sitecustomize.py").write_text(plant)
    return {"PYTHONPATH": os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH", "")]))}


def plant(place: str, saying: str, row: str) -> None:
    """Have the module's function replaced as soon as the module has been imported."""
    module, name = place.split(":")
    sys.meta_path.insert(0, _Finder(module, name, {**SAYINGS, **OPENLY, ALL_OPENLY: _all_openly}[saying], Path(row)))


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, module: str, name: str, say: Saying, row: Path) -> None:
        self.module, self.name, self.say, self.row = module, name, say, row

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.module:
            return None
        found = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if found is None or found.loader is None:
            return None
        executed = found.loader.exec_module

        def exec_and_plant(module: ModuleType) -> None:
            executed(module)
            setattr(module, self.name, self.saying(getattr(module, self.name)))

        found.loader.exec_module = exec_and_plant
        return found

    def saying(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def says_and_goes_on(*arguments: Any, **settings: Any) -> Any:
            self.row.with_name(SAID).touch(mode=0o600)
            self.say(self.row.read_text().splitlines()[0])
            return function(*arguments, **settings)

        return says_and_goes_on
