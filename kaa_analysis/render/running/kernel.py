"""What every kernel of ours loads at start: foreign errors lose their text, and nothing is written to a history.

An IPython extension (`load_ipython_extension`), named in the configuration that `room.write_configuration` puts in the secure folder.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from kaa_analysis.core.boundary import error_record, opened_privately, safe_error
from kaa_analysis.core.provenance import canonical_json
from kaa_analysis.core.secure_folder import secure_folder, write_atomically
from kaa_analysis.present.notebook import RUN_FOLDER_VARIABLE

ERROR = "error.json"
"""Where a run's kernel leaves the error that stopped it, in the run's folder."""

BEGUN = "begun"
"""Where it leaves, as a byte each, that it has begun a cell."""


def load_ipython_extension(shell: Any) -> None:
    """Replace the text of every foreign error before the notebook sees it; our own errors are shown without a traceback."""
    shell.set_custom_exc((BaseException,), _show_safely)
    shell.events.register("pre_run_cell", _note_beginning)


def _note_beginning(info: Any) -> None:
    run_folder = os.environ.get(RUN_FOLDER_VARIABLE)
    if run_folder and info.store_history:  # else something that the kernel runs by itself
        with open(Path(run_folder) / BEGUN, "ab", opener=opened_privately) as noted:
            noted.write(b".")


def _show_safely(
    shell: Any, kind: type[BaseException], error: BaseException, trace: Any, tb_offset: Any = None
) -> list[str]:
    run_folder, room = os.environ.get(RUN_FOLDER_VARIABLE), secure_folder()
    log_folder = Path(run_folder) if run_folder else room.logs
    safe = safe_error(error.with_traceback(trace), what="Cellen", log_folder=log_folder, secure=room.path)
    if safe is not error:
        error.args = (str(safe),)  # the kernel's reply repeats str(error)
    if run_folder:
        write_atomically(Path(run_folder) / ERROR, canonical_json(error_record(safe)))
    lines = [f"{safe.kind}: {safe}"]
    shell._showtraceback(type(safe), safe, lines)
    return lines
