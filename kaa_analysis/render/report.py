"""The whole way from checked parameters to a bundle in its place: run, protect, build, put in place."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from kaa_analysis.core.boundary import error_of
from kaa_analysis.core.errors import BundleError, KaaError
from kaa_analysis.core.project import POLICY_FILE, project_root
from kaa_analysis.core.provenance import CODE_SUFFIXES, hash_file, hash_tree, now, run_id
from kaa_analysis.core.secure_folder import PRIVATE, SecureFolder, write_atomically
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import read_policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.relations import published_equations
from kaa_analysis.disclosure.store import write_store
from kaa_analysis.params.reports import ReportOrder
from kaa_analysis.render.bundle import CLOCK, BundlePlace, building, clock_record, put_in_place
from kaa_analysis.render.execution import Execution, execute
from kaa_analysis.render.identity_scan import refuse_identities
from kaa_analysis.render.locks import held, is_free
from kaa_analysis.render.plan import STORE, Plan, write_plan

PACKAGE = Path(__file__).resolve().parents[1]
RUN_LOCK = ".lock"
BUILD_LOG = "senaste_bygge.txt"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Source:
    """The extract a report is made of: its name, the hash of its files, its date and its layout."""

    name: str
    hash: str
    date: date
    layout: str


@dataclass(frozen=True)
class MadeReport:
    """A bundle in its place; ``changed`` is False where the same bytes already stood there."""

    folder: Path
    changed: bool


def make_report(order: ReportOrder, *, source: Source, secure: SecureFolder, progress: Progress) -> MadeReport:
    """Make the bundle of ``order`` under ``reports/`` of the project, marked *utkast*.

    One execution; all its results are protected together; the files are made by a process that cannot reach the room.
    Whatever stops it, an earlier bundle stands untouched and no half bundle is visible.

    Raises:
        NotebookError, DisclosureError, BundleError: at the station that refused.
    """
    root = project_root()
    notebook = root / "notebooks" / order.kind.notebook
    provenance = _provenance(order, source=source, notebook=notebook, root=root)
    place = _place(order, root=root, run=run_id(provenance), secure=secure)
    started = now()
    with _run_folder(secure, order.kind.name) as room:
        progress("kör anteckningsboken i det säkra rummet")
        execution = execute(notebook, params=order.params.model_dump(), secure=secure, run_folder=room)
    results = list(execution.results.values())
    progress("skyddar alla resultat tillsammans")
    released = protect(results, policy=read_policy(root / POLICY_FILE), ledger=Ledger.empty())
    with building(place) as partial:
        progress("bygger sida, arbetsbok och data")
        write_store(released, partial / STORE, equations=published_equations(results))
        write_plan(_plan(order, execution=execution, source=source, provenance=provenance), partial)
        _build_elsewhere(notebook, partial, log=secure.logs / BUILD_LOG)
        (partial / CLOCK).write_bytes(clock_record(started=started.isoformat(), finished=now().isoformat()))
        refuse_identities(partial)
        progress("lägger rapporten på plats")
        changed = put_in_place(place)
    return MadeReport(place.final, changed)


def _provenance(order: ReportOrder, *, source: Source, notebook: Path, root: Path) -> dict[str, Any]:
    return {
        "report": order.kind.name,
        "extract": {"name": source.name, "hash": source.hash, "date": source.date.isoformat(), "layout": source.layout},
        "params": order.params.model_dump(),
        "policy": hash_file(root / POLICY_FILE),
        "notebook": hash_file(notebook),
        "code": hash_tree(PACKAGE, suffixes=CODE_SUFFIXES),
        "lock": hash_file(root / "requirements.lock"),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
    }


def _plan(order: ReportOrder, *, execution: Execution, source: Source, provenance: Mapping[str, Any]) -> Plan:
    page = {
        "period": order.params.period_folder().replace("-", "–"),
        "extract": source.name,
        "extract_date": source.date.isoformat(),
        "run": run_id(provenance),
        "draft": True,
    }
    return Plan(execution.placements, page, {**provenance, "status": "utkast"})


def _build_elsewhere(notebook: Path, partial: Path, *, log: Path) -> None:
    """Run `render.build` in a process whose environment and working directory say nothing of the secure folder."""
    kept = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG", "SYSTEMROOT", "TEMP", "TMP") if name in os.environ
    }
    environment = kept | {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "SOURCE_DATE_EPOCH": "0", "MPLBACKEND": "agg"}
    command = [sys.executable, "-m", "kaa_analysis.render.build", str(notebook), str(partial)]
    finished = subprocess.run(
        command, cwd=partial, env=environment, capture_output=True, text=True, close_fds=False, check=False
    )
    if finished.returncode:
        raise _told_by_builder(finished.returncode, finished.stderr, log=log)


def _told_by_builder(exit_code: int, words: str, *, log: Path) -> KaaError:
    """Return the error that the builder told as its last line; whatever else it said goes to the log inside the room."""
    write_atomically(log, words.encode())
    try:
        return error_of(json.loads(words.strip().splitlines()[-1]))
    except (IndexError, ValueError, KeyError):
        return BundleError("Bygget av rapporten avbröts.", found=f"slutkod {exit_code}", action="kör igen")


def _place(order: ReportOrder, *, root: Path, run: str, secure: SecureFolder) -> BundlePlace:
    lock = _locks(secure) / f"{order.kind.name}-{run}.lock"
    return BundlePlace(root / "reports", order.kind.name, order.params.period_folder(), run, lock)


@contextmanager
def _run_folder(secure: SecureFolder, report: str) -> Iterator[Path]:
    """Give a fresh private folder for one run: removed when all went well, else kept in the room until the next run."""
    secure.runs.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
    with ExitStack() as kept:
        with held(_locks(secure) / "runs.lock"):
            for earlier in secure.runs.glob(f"{report}-*"):
                if is_free(earlier / RUN_LOCK):
                    shutil.rmtree(earlier, ignore_errors=True)
            folder = Path(tempfile.mkdtemp(prefix=f"{report}-", dir=secure.runs))
            kept.enter_context(held(folder / RUN_LOCK))
        yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _locks(secure: SecureFolder) -> Path:
    return secure.path / "locks"
