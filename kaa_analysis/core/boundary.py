"""The one boundary between foreign exceptions and what people see.

pandas, DuckDB, pydantic, pandera and Python itself print the offending values in their messages. Whatever is not ours is
therefore replaced: the type and the place in our code go on, the text goes to a file inside the secure folder.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import Any

from kaa_analysis.core.errors import KaaError, UnexpectedError

PACKAGE = Path(__file__).resolve().parents[1]

UNKNOWN_PLACE = "okänd plats"

LOG = "senaste_fel.txt"
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


def our_place(error: BaseException) -> str:
    """Return ``module:line`` of the innermost frame inside the package, or `UNKNOWN_PLACE`."""
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(PACKAGE)
    ]
    if not frames:
        return UNKNOWN_PLACE
    innermost = frames[-1]
    return f"{Path(innermost.filename).relative_to(PACKAGE.parent).as_posix()}:{innermost.lineno}"


def safe_error(error: BaseException, *, what: str, log_folder: Path | None, secure: Path | None = None) -> KaaError:
    """Return ``error`` itself if the package raised it, else an `UnexpectedError` without its text, kept in ``log_folder``.

    The place of the text is told from the secure folder ``secure``; without it the log folder is taken to lie just below that.
    One of our errors that was raised elsewhere (in a notebook's cell) may say anything and is foreign too. Nothing is raised: where
    the text cannot be kept it is lost.
    """
    if isinstance(error, KaaError) and _raised_by_us(error):
        return error
    found = [f"{_kind(error)} i {our_place(error)}"]
    if isinstance(error, OSError) and error.errno in (ENOSPC, EDQUOT):
        return UnexpectedError(
            f"{what} kunde inte slutföras: disken är full.", found=found, action="gör plats och kör igen"
        )
    action = "kör igen; står felet kvar, lämna raden ovan till den som förvaltar verktyget"
    if log_folder is not None and _kept(error, log_folder / LOG):
        above = secure if secure is not None and log_folder.is_relative_to(secure) else log_folder.parent
        place = (log_folder / LOG).relative_to(above).as_posix()
        action += f" (hela feltexten ligger i den säkra mappen: {place})"
    return UnexpectedError(f"{what} kunde inte slutföras.", found=found, action=action)


def _raised_by_us(error: BaseException) -> bool:
    """Return whether the package itself raised the error, and no function of others that the package called."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and Path(frames[-1].filename).is_relative_to(PACKAGE)


def _kind(error: BaseException) -> str:
    """Return the name of the error's type; one that was made on the spot may be called anything, and is an Exception.

    >>> _kind(ValueError("hemligt")), _kind(type("hemligt", (ValueError,), {})())
    ('ValueError', 'Exception')
    """
    kind = type(error)
    is_known = (
        getattr(sys.modules.get(kind.__module__), kind.__qualname__, None) is kind and kind.__module__ != "__main__"
    )
    return kind.__name__ if is_known else Exception.__name__


def _kept(error: BaseException, log: Path) -> bool:
    """Write the whole text of ``error`` to ``log``, for the owner alone, and return whether it could be done."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        with open(log, "w", encoding="utf-8", errors="backslashreplace", opener=opened_privately) as stream:
            stream.writelines(traceback.format_exception(error))
    except Exception:  # noqa: BLE001 - a full disk or memory: what is said of that would repeat the text
        return False
    return True


def opened_privately(path: str, flags: int) -> int:
    """Open a file that, if it is made now, is for the owner alone; an ``opener`` of `open`."""
    return os.open(path, flags, PRIVATE_FILE)


def error_record(error: KaaError) -> dict[str, Any]:
    """Return one of our errors as plain JSON values, to be told by another process; `error_of` gives it back."""
    return {
        "exit_code": error.exit_code,
        "expected": error.expected,
        "found": list(error.found),
        "action": error.action,
    }


def error_of(record: Mapping[str, Any], *, where: str = "") -> KaaError:
    """Return the error of a record made by `error_record`; ``where`` is put before what was expected.

    >>> error_of({"exit_code": 3, "expected": "Så här.", "found": [], "action": ""}, where="Cell 2: ")
    ParameterError('Cell 2: Så här.')
    """
    kinds = {kind.exit_code: kind for kind in KaaError.__subclasses__()}
    kind = kinds.get(record["exit_code"], UnexpectedError)
    return kind(where + record["expected"], found=record["found"], action=record["action"])


@contextmanager
def boundary(what: str, *, log_folder: Path | None = None) -> Iterator[None]:
    """Let our own errors through and replace every foreign one. ``what`` is a Swedish noun phrase for the work at hand.

    >>> import traceback
    >>> from kaa_analysis.core.errors import UnexpectedError
    >>> try:
    ...     with boundary("Inläsningen"):
    ...         int("hemligt")
    ... except UnexpectedError as error:
    ...     "hemligt" in "".join(traceback.format_exception(error))
    False
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, KaaError):
        raise
    except BaseException as error:  # noqa: BLE001 - the one place that catches everything
        raise safe_error(error, what=what, log_folder=log_folder).with_traceback(None) from None
