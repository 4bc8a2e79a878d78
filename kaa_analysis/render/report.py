"""The whole way from checked parameters to a bundle in its place: run, protect, build, pass the gate, put in place."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kaa_analysis.core.errors import KaaError
from kaa_analysis.core.locks import held, is_free
from kaa_analysis.core.provenance import now
from kaa_analysis.core.secure_folder import PRIVATE, SecureFolder
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.relations import published_equations
from kaa_analysis.disclosure.store import write_store
from kaa_analysis.params.reports import ReportOrder
from kaa_analysis.render.builder import build_twice
from kaa_analysis.render.bundle import CLOCK, DIFFERENCE, OUTSIDE, BundlePlace, building, clock_record, put_in_place
from kaa_analysis.render.cache.remembering import Memory, remembering
from kaa_analysis.render.cache.rerun import Rerun
from kaa_analysis.render.difference.comparison import short_name
from kaa_analysis.render.difference.earlier_run import previous_bundle
from kaa_analysis.render.difference.page import difference_page
from kaa_analysis.render.facts import plan_of
from kaa_analysis.render.gate.rerender import refuse_differences
from kaa_analysis.render.gate.scan import Forbidden, forbidden_paths, refuse_traces
from kaa_analysis.render.inputs import Inputs, Source, read_inputs
from kaa_analysis.render.plan import STORE, write_plan
from kaa_analysis.render.processes.starting import PlainStarter, Starter
from kaa_analysis.render.running.execution import EXECUTED, Execution, execute

RUN_LOCK = ".lock"
BUILD_LOG = "senaste_bygge.txt"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Workplace:
    """Where a report is made, who hears of its stages, and who starts its processes: kernels inside the room, builders outside it."""

    root: Path
    secure: SecureFolder
    progress: Progress
    room: Starter = field(default_factory=PlainStarter)
    outside: Starter = field(default_factory=PlainStarter)


@dataclass(frozen=True)
class MadeReport:
    """A bundle in its place; ``changed`` is False where the same bytes already stood there."""

    folder: Path
    changed: bool


def make_report(rerun: Rerun, *, source: Source, at: Workplace) -> MadeReport:
    """Make the bundle of an order under ``reports/`` of the project, marked *utkast*.

    What ``rerun`` says is kept of the notebook's results is used. Whatever stops it, an earlier bundle stands untouched, no half
    bundle is visible and nothing of it is kept.

    Raises:
        ParameterError, NotebookError, DisclosureError, BundleError: at the station that refused.
    """
    started = now()
    inputs = read_inputs(rerun.order, source=source, root=at.root)
    with remembering(rerun, root=at.root, secure=at.secure) as memory:
        execution = _remembered(memory, inputs, at=at)
        with produced(inputs, execution, at=at) as place:
            at.progress("lägger rapporten på plats")
            before = previous_bundle(place.final)
            page = difference_page(before, place.partial, name=short_name(place.final))
            (place.partial / DIFFERENCE).write_text(page, encoding="utf-8")
            (place.partial / CLOCK).write_bytes(clock_record(started=started.isoformat(), finished=now().isoformat()))
            runs = frozenset({inputs.run, *([before.name] if before else [])})
            refuse_traces(place.partial, forbidden=_forbidden(inputs, runs=runs, at=at))
            changed = put_in_place(place)
            memory.done(inputs, bundle=place.final)
    return MadeReport(place.final, changed)


def _remembered(memory: Memory, inputs: Inputs, *, at: Workplace) -> Execution:
    """Return what the notebook noted in an earlier run of the same, else run it."""
    kept = memory.execution(inputs)
    if kept is not None:
        at.progress("återanvänder resultaten från en tidigare körning")
        return kept
    execution = executed(inputs, at=at)
    memory.note(execution)
    return execution


def executed(inputs: Inputs, *, at: Workplace) -> Execution:
    """Run the notebook inside the room and return what it noted.

    Raises:
        NotebookError: it failed or showed what it may not show; it says where the notebook is kept.
    """
    with _run_folder(inputs.order, secure=at.secure) as room:
        at.progress("kör anteckningsboken i den säkra mappen")
        notebook, params = inputs.kept_notebook(room), inputs.order.params.model_dump()
        with _place_of_failure(room):
            return execute(
                notebook,
                params=params,
                secure=at.secure,
                run_folder=room,
                folder=inputs.notebook.parent,
                starter=at.room,
            )


@contextmanager
def produced(inputs: Inputs, execution: Execution, *, at: Workplace) -> Iterator[BundlePlace]:
    """Give the place whose hidden folder holds the finished bundle; it is gone afterwards if nobody moved it.

    All results of the execution are protected together; the files are made twice by processes that cannot reach the room, and the
    two must be the same.

    Raises:
        DisclosureError, BundleError: at the station that refused.
    """
    place = _place(inputs, at=at)
    with building(place):
        at.progress("skyddar alla resultat tillsammans")
        _write_protected(execution, inputs=inputs, folder=place.partial)
        shutil.copytree(place.partial, place.twin)
        at.progress("bygger rapporten i alla format, två gånger")
        notebook, reference = inputs.kept_notebook(place.work), inputs.kept_reference(place.work)
        log = at.secure.logs / f"{inputs.order.name}_{BUILD_LOG}"
        build_twice(notebook, place, reference=reference, log=log, starter=at.outside)
        refuse_differences(place.partial, place.twin, outside=OUTSIDE)
        yield place


@contextmanager
def _place_of_failure(room: Path) -> Iterator[None]:
    """Let an error say where the notebook that it stopped is kept."""
    try:
        yield
    except KaaError as error:
        kept = f"den körda anteckningsboken ligger kvar i den säkra mappen: {room.parent.name}/{room.name}/{EXECUTED}"
        found = [*error.found, *([kept] if (room / EXECUTED).exists() else [])]
        raise type(error)(error.expected, found=found, action=error.action) from None


def _write_protected(execution: Execution, *, inputs: Inputs, folder: Path) -> None:
    """Write the release store and the plan: all that the builder will know."""
    results = list(execution.results.values())
    released = protect(results, policy=inputs.policy, ledger=Ledger.empty())
    write_store(released, folder / STORE, equations=published_equations(results))
    write_plan(plan_of(inputs, execution.placements), folder)


def _forbidden(inputs: Inputs, *, runs: frozenset[str], at: Workplace) -> Forbidden:
    persons = inputs.source.register.table("persons", columns=["person_id"])
    return Forbidden(frozenset(persons["person_id"]), forbidden_paths(root=at.root, secure=at.secure.path), runs)


def _place(inputs: Inputs, *, at: Workplace) -> BundlePlace:
    name, run = inputs.order.kind.name, inputs.run
    lock = at.secure.locks / f"{name}-{run}.lock"
    return BundlePlace(at.root / "reports", name, inputs.order.params.period_folder(), run, lock)


@contextmanager
def _run_folder(order: ReportOrder, *, secure: SecureFolder) -> Iterator[Path]:
    """Give a fresh private folder for one run: removed when all went well, else kept in the room until the same is run again."""
    secure.runs.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
    with ExitStack() as kept:
        with held(secure.locks / "runs.lock"):
            for earlier in secure.runs.glob(f"{order.name}-*"):
                if is_free(earlier / RUN_LOCK):
                    shutil.rmtree(earlier, ignore_errors=True)
            folder = Path(tempfile.mkdtemp(prefix=f"{order.name}-", dir=secure.runs))
            kept.enter_context(held(folder / RUN_LOCK))
        yield folder
    shutil.rmtree(folder, ignore_errors=True)
