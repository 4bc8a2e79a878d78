"""The whole way from checked parameters to a bundle in its place: run, protect, build, pass the gate, put in place."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kaa_analysis.core.project import project_root
from kaa_analysis.core.provenance import now
from kaa_analysis.core.secure_folder import PRIVATE, SecureFolder
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.relations import published_equations
from kaa_analysis.disclosure.store import write_store
from kaa_analysis.params.reports import ReportOrder
from kaa_analysis.render.builder import build_twice
from kaa_analysis.render.bundle import CLOCK, DIFFERENCE, OUTSIDE, BundlePlace, building, clock_record, put_in_place
from kaa_analysis.render.difference.comparison import short_name
from kaa_analysis.render.difference.earlier_run import previous_bundle
from kaa_analysis.render.difference.page import difference_page
from kaa_analysis.render.facts import plan_of
from kaa_analysis.render.gate.rerender import refuse_differences
from kaa_analysis.render.gate.scan import Forbidden, forbidden_paths, refuse_traces
from kaa_analysis.render.inputs import Inputs, Source, read_inputs
from kaa_analysis.render.locks import held, is_free
from kaa_analysis.render.plan import STORE, write_plan
from kaa_analysis.render.running.execution import Execution, execute

RUN_LOCK = ".lock"
BUILD_LOG = "senaste_bygge.txt"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class MadeReport:
    """A bundle in its place; ``changed`` is False where the same bytes already stood there."""

    folder: Path
    changed: bool


def make_report(order: ReportOrder, *, source: Source, secure: SecureFolder, progress: Progress) -> MadeReport:
    """Make the bundle of ``order`` under ``reports/`` of the project, marked *utkast*.

    Whatever stops it, an earlier bundle stands untouched and no half bundle is visible.

    Raises:
        ParameterError, NotebookError, DisclosureError, BundleError: at the station that refused.
    """
    root, started = project_root(), now()
    inputs = read_inputs(order, source=source, root=root)
    with produced(inputs, root=root, secure=secure, progress=progress) as place:
        progress("lägger rapporten på plats")
        before = previous_bundle(place.final)
        page = difference_page(before, place.partial, name=short_name(place.final))
        (place.partial / DIFFERENCE).write_text(page, encoding="utf-8")
        (place.partial / CLOCK).write_bytes(clock_record(started=started.isoformat(), finished=now().isoformat()))
        runs = frozenset({inputs.run, *([before.name] if before else [])})
        refuse_traces(place.partial, forbidden=_forbidden(inputs, runs=runs, root=root, secure=secure))
        changed = put_in_place(place)
    return MadeReport(place.final, changed)


@contextmanager
def produced(inputs: Inputs, *, root: Path, secure: SecureFolder, progress: Progress) -> Iterator[BundlePlace]:
    """Give the place whose hidden folder holds the finished bundle; it is gone afterwards if nobody moved it.

    One execution; all its results are protected together; the files are made twice by a process that cannot reach the room,
    and the two must be the same.

    Raises:
        NotebookError, DisclosureError, BundleError: at the station that refused.
    """
    order = inputs.order
    with _run_folder(secure, order.kind.name) as room:
        progress("kör anteckningsboken i den säkra mappen")
        notebook = inputs.kept_notebook(room)
        execution = execute(
            notebook, params=order.params.model_dump(), secure=secure, run_folder=room, folder=inputs.notebook.parent
        )
    place = _place(inputs, root=root, secure=secure)
    with building(place):
        progress("skyddar alla resultat tillsammans")
        _write_protected(execution, inputs=inputs, folder=place.partial)
        shutil.copytree(place.partial, place.twin)
        progress("bygger rapporten i alla format, två gånger")
        notebook, reference = inputs.kept_notebook(place.work), inputs.kept_reference(place.work)
        build_twice(notebook, place, reference=reference, log=secure.logs / BUILD_LOG)
        refuse_differences(place.partial, place.twin, outside=OUTSIDE)
        yield place


def _write_protected(execution: Execution, *, inputs: Inputs, folder: Path) -> None:
    """Write the release store and the plan: all that the builder will know."""
    results = list(execution.results.values())
    released = protect(results, policy=inputs.policy, ledger=Ledger.empty())
    write_store(released, folder / STORE, equations=published_equations(results))
    write_plan(plan_of(inputs, execution.placements), folder)


def _forbidden(inputs: Inputs, *, runs: frozenset[str], root: Path, secure: SecureFolder) -> Forbidden:
    persons = inputs.source.register.table("persons", columns=["person_id"])
    return Forbidden(frozenset(persons["person_id"]), forbidden_paths(root=root, secure=secure.path), runs)


def _place(inputs: Inputs, *, root: Path, secure: SecureFolder) -> BundlePlace:
    name, run = inputs.order.kind.name, inputs.run
    lock = _locks(secure) / f"{name}-{run}.lock"
    return BundlePlace(root / "reports", name, inputs.order.params.period_folder(), run, lock)


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
