"""The entry point of ``kaa``: runs a command and turns whatever stops it into text and an exit code."""

from __future__ import annotations

import sys
from pathlib import Path

import typer
from typer.exceptions import TyperException

from kaa_analysis.cli.commands import app
from kaa_analysis.cli.stages import tell
from kaa_analysis.core.boundary import safe_error
from kaa_analysis.core.core_dumps import refuse_core_dumps
from kaa_analysis.core.errors import UsageError
from kaa_analysis.core.foreign_words import keep_foreign_words
from kaa_analysis.core.secure_folder import secure_folder

INTERRUPTED = 130


def main() -> None:
    """Run the command line. The one place where errors become text and exit codes."""
    refuse_core_dumps()
    keep_foreign_words(_logs)
    try:
        exit_code = app(prog_name="kaa", standalone_mode=False) or 0
    except (typer.Abort, KeyboardInterrupt):
        exit_code = INTERRUPTED
    except BaseException as error:  # noqa: BLE001 - the boundary of the command line
        safe = _usage(error) or safe_error(error, what="Kommandot", log_folder=_logs())
        tell(f"{safe.kind}: {safe}")
        exit_code = safe.exit_code
    if exit_code == INTERRUPTED:
        tell("avbrutet")
    sys.exit(exit_code)


def _usage(error: BaseException) -> UsageError | None:
    if isinstance(error, TyperException):
        return UsageError("Kommandot förstods inte.", action="kaa --help visar kommandona")
    return None


def _logs() -> Path | None:
    try:
        return secure_folder().logs
    except Exception:  # noqa: BLE001 - without a secure folder the foreign text is kept nowhere
        return None
