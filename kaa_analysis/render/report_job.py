"""The process that does one part of the making of reports, and tells how it goes as lines of JSON: ``python -m … TASK``, a task as JSON.

Whoever started it knows nothing of registers and notebooks; see `render.batch`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaa_analysis.core.boundary import error_record, safe_error
from kaa_analysis.core.collection import collect_seldom
from kaa_analysis.core.project import POLICY_FILE, project_root
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.params.reports import REPORTS, ReportOrder, check_params
from kaa_analysis.render.cache.order_parts import OrderReader
from kaa_analysis.render.cache.rerun import Rerun, look_up
from kaa_analysis.render.company import Company
from kaa_analysis.render.earlier_bundles import earlier_bundles
from kaa_analysis.render.processes.forked import starter_at
from kaa_analysis.render.processes.process_ends import die_with_parent

if TYPE_CHECKING:
    from kaa_analysis.render.inputs import Source
    from kaa_analysis.render.report import MadeReport, Workplace


class Part(StrEnum):
    """What one process does: it reads an extract, runs the notebook of one report, protects a release, builds one report of it, or makes
    a release of one report from notebook to bundle.
    """

    READ = "read"
    RUN = "run"
    PROTECT = "protect"
    BUILD = "build"
    MAKE = "make"


@dataclass(frozen=True)
class Task:
    """One thing to do, ``anew`` whatever is kept.

    ``orders`` are the reports of the release as (report, params, folder of texts): the first is the one that is run, built or made; of a reading only
    the first counts. ``handover`` is the private folder of a release of several reports; ``earlier`` are the folders of earlier bundles.
    ``room`` and ``outside`` are where the servers listen that fork kernels and builders, None where there are none.
    """

    part: Part
    anew: bool
    orders: Sequence[tuple[str, Mapping[str, Any], str]]
    earlier: Sequence[str]
    handover: str | None
    secure: str
    room: str | None
    outside: str | None

    @property
    def members(self) -> tuple[ReportOrder, ...]:
        """The reports with their parameters."""
        return tuple(
            ReportOrder(REPORTS[name], check_params(REPORTS[name], params, where=name), texts)
            for name, params, texts in self.orders
        )

    @property
    def company(self) -> Company:
        """What the first report is protected with.

        Raises:
            BundleError, DisclosureError: an earlier bundle cannot be used.
        """
        return Company(self.members[1:], earlier_bundles(Path(place) for place in self.earlier))

    def as_argument(self) -> str:
        """Return the task as one argument of a command."""
        return json.dumps(asdict(self))


def told(orders: Iterable[ReportOrder]) -> tuple[tuple[str, Mapping[str, Any], str], ...]:
    """Return orders as a task names them."""
    return tuple((order.kind.name, order.params.model_dump(), order.texts) for order in orders)


Told = Callable[[str, Any], None]


def perform(task: Task, *, tell: Told) -> None:
    """Do the task; ``tell`` gets ("stage", text), ("detail", text) and, for a report, ("made", its folder and whether it changed).

    Raises:
        KaaError: as `ingest.read_register`, `render.report.make_report` and `render.handover.Handover.protect`.
    """
    from kaa_analysis.disclosure.policy import read_policy

    read_policy(project_root() / POLICY_FILE)  # a policy that cannot be used stops before the extract is read
    if task.part is Part.READ:
        _source(task, progress=lambda line: tell("detail", line))
    elif task.part is Part.PROTECT:
        _protect(task)
    else:
        _report(task, tell=tell)


def _protect(task: Task) -> None:
    from kaa_analysis.render.handover import Handover

    handover = Handover(Path(str(task.handover)))
    handover.protect(task.members, root=project_root(), earlier=task.company.earlier)


def _report(task: Task, *, tell: Told) -> None:
    """Do what is to be done of one report."""
    from kaa_analysis.render.report import Workplace

    secure, root = SecureFolder(Path(task.secure)), project_root()
    rerun = look_up(task.members[0], reader=OrderReader(root, secure=secure), anew=task.anew, company=task.company)
    if task.part is Part.BUILD and rerun.bundle is not None:  # a companion was stopped, as when it was built
        tell("made", {"folder": rerun.bundle.relative_to(root).as_posix(), "changed": False})
        return
    source = _source(task, progress=lambda _: None)
    room, outside = (starter_at(None if place is None else Path(place)) for place in (task.room, task.outside))
    at = Workplace(root, secure, lambda stage: tell("stage", stage), room, outside)
    made = _done(rerun, task=task, source=source, at=at)
    if made is not None:
        tell("made", {"folder": made.folder.relative_to(root).as_posix(), "changed": made.changed})


def _done(rerun: Rerun, *, task: Task, source: Source, at: Workplace) -> MadeReport | None:
    """Run, build or make the report, and return its bundle unless it was only run."""
    from kaa_analysis.render.handover import Handover
    from kaa_analysis.render.report import build_report, make_report, run_report

    if task.part is Part.MAKE:
        return make_report(rerun, source=source, at=at)
    handover = Handover(Path(str(task.handover)))
    if task.part is Part.BUILD:
        return build_report(rerun, source=source, at=at, handover=handover)
    run_report(rerun, source=source, at=at, handover=handover)
    return None


def _source(task: Task, *, progress: Callable[[str], None]) -> Source:
    """Return the register of the first report's extract, read now or before."""
    from kaa_analysis.ingest import open_extract, read_register
    from kaa_analysis.render.inputs import Source

    params, secure = task.members[0].params, SecureFolder(Path(task.secure))
    register = read_register(
        params.extract, accept_problem_rows=params.accept_problem_rows, secure=secure, progress=progress
    )
    return Source(register, open_extract(register.name, secure=secure).hashes)


def main(arguments: Sequence[str]) -> int:
    """Do the task of the command line; return the exit code. The last line on stdout is the error, if there was one."""
    collect_seldom()
    given = json.loads(arguments[0])
    task = Task(**given | {"part": Part(given["part"])})
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
