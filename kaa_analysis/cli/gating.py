"""`kaa gate`: a file that somebody has edited by hand, held against the report it comes from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from kaa_analysis.cli.stages import answer, tell
from kaa_analysis.core.errors import UsageError
from kaa_analysis.core.secure_folder import ENVIRONMENT_VARIABLE

MOST_LEFT_OUT = 10


def gate_file(path: Path, *, given: Path | None) -> None:
    """Tell that a file has nothing to remark on, with what was looked at.

    Raises:
        UsageError: there is no such file, or no report to hold it against.
        DisclosureError: a number, trace or picture in it is refused.
    """
    from kaa_analysis.render.gate.edited import bundle_of, refuse_edits
    from kaa_analysis.render.gate.scan import Forbidden, forbidden_paths

    if not path.is_file():
        raise UsageError(
            "FIL ska vara en fil som finns.", action="ange filen som har ändrats, till exempel rapport.docx"
        )
    bundle = bundle_of(path, given=given)
    paths = forbidden_paths(root=bundle.resolve(), secure=Path(os.environ.get(ENVIRONMENT_VARIABLE) or bundle))
    forbidden = Forbidden(frozenset(), paths)
    passed = refuse_edits(path, bundle=bundle, forbidden=forbidden, progress=lambda stage: tell(f"{stage} …"))
    for title in passed.left_out[:MOST_LEFT_OUT]:
        tell(f"anmärkning: tabellen finns inte kvar i filen: {title}")
    if len(passed.left_out) > MOST_LEFT_OUT:
        tell(f"anmärkning: och {len(passed.left_out) - MOST_LEFT_OUT} tabeller till")
    answer(outcome(passed.file, tables=passed.tables, bound=passed.bound, structural=dict(passed.structural)))


def outcome(file: str, *, tables: int, bound: int, structural: Mapping[str, int]) -> str:
    """Return what was looked at, as lines.

    >>> print(outcome("rapport.docx", tables=2, bound=31, structural={"år": 4, "datum": 2}))
    rapport.docx: inget att anmärka
      tabeller: 2
      tal bundna till visade celler: 31
      tal av andra slag: datum 2, år 4
    """
    kinds = ", ".join(f"{kind} {structural[kind]}" for kind in sorted(structural)) or "inga"
    return "\n".join(
        [
            f"{file}: inget att anmärka",
            f"  tabeller: {tables}",
            f"  tal bundna till visade celler: {bound}",
            f"  tal av andra slag: {kinds}",
        ]
    )
