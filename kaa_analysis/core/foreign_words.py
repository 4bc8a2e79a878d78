"""What libraries say by themselves goes to a log inside the secure folder: it may repeat the values that they were given.

Warnings, log records, and the errors of threads and destructors would else be printed for whoever looks on.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kaa_analysis.core.boundary import PRIVATE_FOLDER, opened_privately

LOG = "frammande_ord.txt"
LARGEST = 1 << 20
"""A longer log, in bytes, is begun anew."""

LogFolder = Callable[[], Path | None]
"""Where logs lie, asked for when there is something to say; None where there is no secure folder, and then the words are lost."""


def keep_foreign_words(log_folder: LogFolder) -> None:
    """Let nothing that a library says in this process reach its output; it is kept in ``log_folder``."""

    def keep(words: str) -> None:
        _append(words, log_folder)

    def warned(message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: Any, **__: Any) -> None:
        keep(warnings.formatwarning(message, category, filename, lineno))

    def raised(kind: type[BaseException], error: BaseException | None, trace: Any) -> None:
        keep("".join(traceback.format_exception(kind, error, trace)))

    warnings.showwarning = warned
    logging.lastResort = _Keeping(keep)
    logging.raiseExceptions = False
    sys.excepthook = raised
    sys.unraisablehook = lambda told: raised(told.exc_type, told.exc_value, told.exc_traceback)
    threading.excepthook = lambda told: raised(told.exc_type, told.exc_value, told.exc_traceback)


class _Keeping(logging.Handler):
    """Hands on every record of a warning or worse."""

    def __init__(self, keep: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self.keep = keep

    def emit(self, record: logging.LogRecord) -> None:
        """Hand on the record's text; what cannot be made text is nothing to tell."""
        try:
            words = self.format(record)
        except Exception:  # noqa: BLE001 - a record that was made wrongly
            return
        self.keep(words + "\n")


def _append(words: str, log_folder: LogFolder) -> None:
    """Add ``words`` to the log, if there is one and the disk takes them."""
    try:
        folder = log_folder()
        if folder is None:
            return
        folder.mkdir(exist_ok=True, mode=PRIVATE_FOLDER)
        log = folder / LOG
        is_full = log.exists() and log.stat().st_size > LARGEST
        with open(
            log, "w" if is_full else "a", encoding="utf-8", errors="backslashreplace", opener=opened_privately
        ) as stream:
            stream.write(words)
    except Exception:  # noqa: BLE001 - whatever is said of this would repeat the words
        return
