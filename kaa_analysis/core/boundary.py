"""The one boundary between foreign exceptions and what people see.

pandas, DuckDB, pydantic, pandera and Python itself print the offending values in their messages. Whatever is not ours is
therefore replaced: the type and the place in our code go on, the text goes to a file inside the secure folder.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import Any

from kaa_analysis.core.errors import KaaError, UnexpectedError

PACKAGE = Path(__file__).resolve().parents[1]

UNKNOWN_PLACE = "okänd plats"


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
    One of our errors that was raised elsewhere (in a notebook's cell) may say anything and is foreign too.
    """
    if isinstance(error, KaaError) and our_place(error) != UNKNOWN_PLACE:
        return error
    found = [f"{type(error).__name__} i {our_place(error)}"]
    if isinstance(error, OSError) and error.errno in (ENOSPC, EDQUOT):
        return UnexpectedError(
            f"{what} kunde inte slutföras: disken är full.", found=found, action="gör plats och kör igen"
        )
    action = "kör igen; står felet kvar, lämna raden ovan till den som förvaltar verktyget"
    if log_folder is not None:
        log_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        log = log_folder / "senaste_fel.txt"
        log.touch(mode=0o600)
        log.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        above = secure if secure is not None and log.is_relative_to(secure) else log_folder.parent
        place = log.relative_to(above).as_posix()
        action += f" (hela feltexten ligger i den säkra mappen: {place})"
    return UnexpectedError(f"{what} kunde inte slutföras.", found=found, action=action)


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
