"""The process that makes one report or reads one extract, and tells how it goes as lines of JSON: ``python -m … TASK``, a task as JSON.

Whoever started it knows nothing of registers and notebooks; see `render.batch`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kaa_analysis.core.boundary import error_record, safe_error
from kaa_analysis.core.collection import collect_seldom
from kaa_analysis.core.project import POLICY_FILE, project_root
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.params.reports import REPORTS, ReportOrder, check_params
from kaa_analysis.render.cache.order_parts import OrderReader
from kaa_analysis.render.cache.rerun import look_up
from kaa_analysis.render.processes.forked import starter_at
from kaa_analysis.render.processes.process_ends import die_with_parent


@dataclass(frozen=True)
class Task:
    """One thing to do: read the extract of a report, or make the report, ``anew`` whatever is kept.

    ``room`` and ``outside`` are where the servers listen that fork kernels and builders, None where there are none.
    """

    makes: bool
    anew: bool
    report: str
    params: dict[str, Any]
    secure: str
    room: str | None
    outside: str | None

    @property
    def order(self) -> ReportOrder:
        """The report and its parameters."""
        kind = REPORTS[self.report]
        return ReportOrder(kind, check_params(kind, self.params, where=self.report))

    def as_argument(self) -> str:
        """Return the task as one argument of a command."""
        return json.dumps(asdict(self))


Told = Callable[[str, Any], None]


def perform(task: Task, *, tell: Told) -> None:
    """Do the task; ``tell`` gets ("stage", text), ("detail", text) and, for a report, ("made", its folder and whether it changed).

    Raises:
        KaaError: as `ingest.read_register` and `render.report.make_report`.
    """
    from kaa_analysis.disclosure.policy import read_policy
    from kaa_analysis.ingest import open_extract, read_register
    from kaa_analysis.render.inputs import Source
    from kaa_analysis.render.report import Workplace, make_report

    order, secure, root = task.order, SecureFolder(Path(task.secure)), project_root()
    read_policy(root / POLICY_FILE)  # a policy that cannot be used stops before the extract is read
    register = read_register(
        order.params.extract,
        accept_problem_rows=order.params.accept_problem_rows,
        secure=secure,
        progress=(lambda line: None) if task.makes else (lambda line: tell("detail", line)),
    )
    if not task.makes:
        return
    rerun = look_up(order, reader=OrderReader(root, secure=secure), anew=task.anew)
    source = Source(register, open_extract(register.name, secure=secure).hashes)
    room, outside = (starter_at(None if place is None else Path(place)) for place in (task.room, task.outside))
    at = Workplace(root, secure, lambda stage: tell("stage", stage), room, outside)
    made = make_report(rerun, source=source, at=at)
    tell("made", {"folder": made.folder.relative_to(root).as_posix(), "changed": made.changed})


def main(arguments: Sequence[str]) -> int:
    """Do the task of the command line; return the exit code. The last line on stdout is the error, if there was one."""
    collect_seldom()
    task = Task(**json.loads(arguments[0]))
    words = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)

    def tell(kind: str, what: Any) -> None:
        print(json.dumps({kind: what}), file=words)

    try:
        perform(task, tell=tell)
    except Exception as error:  # noqa: BLE001 - the boundary of this process
        safe = safe_error(error, what="Rapporten", log_folder=Path(task.secure) / "logs")
        tell("error", error_record(safe))
        return safe.exit_code
    return 0


if __name__ == "__main__":
    die_with_parent()
    sys.exit(main(sys.argv[1:]))
