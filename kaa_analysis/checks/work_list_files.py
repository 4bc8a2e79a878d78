"""Writing work lists inside the secure folder, in the form that Excel opens by itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from kaa_analysis.checks.work_lists import WorkList
from kaa_analysis.core.boundary import boundary
from kaa_analysis.core.secure_folder import PRIVATE, SecureFolder, write_atomically

HEADER = ("NUMMER", "VAD", "SEDAN", "SENAST")
ENCODING = "utf-8-sig"


def write_work_lists(lists: Sequence[WorkList], *, name: str, secure: SecureFolder) -> Path:
    """Write every list to ``worklists/<name>/<list>.csv`` of the secure folder and return the folder.

    UTF-8 with BOM, ``;`` between fields, days as ``YYYY-MM-DD``; readable by the owner alone. A list without rows is its header, so that
    no earlier list is left standing.

    Raises:
        UnexpectedError: a file could not be written.
    """
    folder = secure.worklists / name
    with boundary("Skrivningen av arbetslistorna", log_folder=secure.logs):
        for place in (secure.worklists, folder):
            place.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
        for work_list in lists:
            write_atomically(folder / f"{work_list.name}.csv", list_text(work_list).encode(ENCODING))
    return folder


def list_text(work_list: WorkList) -> str:
    """Return the text of a list's file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER)
    rows = work_list.rows_table
    days = {name: rows[name].dt.strftime("%Y-%m-%d").where(rows[name].notna(), "") for name in ("since", "until")}
    writer.writerows(pd.DataFrame({"number": rows["number"], "what": rows["what"], **days}).itertuples(index=False))
    return text.getvalue()
