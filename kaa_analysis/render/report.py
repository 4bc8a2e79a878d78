"""The whole way from checked parameters to a bundle in its place: run, protect, build, pass the gate, put in place.

A release of one report goes the way in one process (`make_report`). The reports of a larger release are each run (`run_report`), then
protected together (`render.joint_protection`), and then each built (`build_report`).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from kaa_analysis.core.errors import KaaError
from kaa_analysis.core.provenance import now
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.render.builder import build_twice
from kaa_analysis.render.bundle import (
    AREA_STORES,
    CLOCK,
    DIFFERENCE,
    OUTSIDE,
    BundlePlace,
    building,
    clock_record,
    put_in_place,
)
from kaa_analysis.render.cache.order_parts import OrderReader
from kaa_analysis.render.cache.remembering import Memory, remembering
from kaa_analysis.render.cache.rerun import Rerun
from kaa_analysis.render.company import districts_of
from kaa_analysis.render.difference.comparison import short_name
from kaa_analysis.render.difference.earlier_run import previous_bundle
from kaa_analysis.render.difference.page import difference_page
from kaa_analysis.render.facts import plan_of
from kaa_analysis.render.gate.rerender import refuse_differences
from kaa_analysis.render.gate.scan import Forbidden, forbidden_paths, refuse_traces
from kaa_analysis.render.gate.unbound import refuse_unbound
from kaa_analysis.render.handover import Handover
from kaa_analysis.render.inputs import Inputs, Source, read_inputs
from kaa_analysis.render.joint_protection import protect_reports, write_part
from kaa_analysis.render.plan import STORE, write_plan
from kaa_analysis.render.processes.starting import PlainStarter, Starter
from kaa_analysis.render.run_folder import run_folder
from kaa_analysis.render.running.execution import EXECUTED, Execution, execute
from kaa_analysis.render.running.published_numbers import refuse_other_published
from kaa_analysis.render.texts.told_texts import told_texts

BUILD_LOG = "senaste_bygge.txt"

Progress = Callable[[str], None]
PutStore = Callable[[Path], None]
"""Puts the release store of a report into a bundle's folder."""


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
    """Make the bundle of a release of one report under ``reports/`` of the project, marked *utkast*.

    What ``rerun`` says is kept of the notebook's results is used. Whatever stops it, an earlier bundle stands untouched, no half
    bundle is visible and nothing of it is kept.

    Raises:
        ParameterError, NotebookError, DisclosureError, BundleError: at the station that refused.
    """
    started = now()
    inputs = read_inputs(rerun.order, source=source, root=at.root, company=rerun.company)
    with remembering(rerun, root=at.root, secure=at.secure) as memory:
        execution = _remembered(memory, inputs, at=at)
        at.progress("skyddar alla resultat tillsammans")
        put_store = protected(inputs, {inputs.order.name: execution})
        return _placed(inputs, execution, put_store=put_store, memory=memory, at=at, started=started)


def run_report(rerun: Rerun, *, source: Source, at: Workplace, handover: Handover) -> None:
    """Run the notebook of a report that is to be protected with others, unless its results are kept, and leave what it noted.

    Raises:
        ParameterError, BundleError: something that the report is to be made of cannot be used.
        NotebookError: the notebook was stopped.
    """
    inputs = read_inputs(rerun.order, source=source, root=at.root, company=rerun.company)
    with remembering(rerun, root=at.root, secure=at.secure) as memory:
        handover.leave(_remembered(memory, inputs, at=at), parts=rerun.parts)


def build_report(rerun: Rerun, *, source: Source, at: Workplace, handover: Handover) -> MadeReport:
    """Make the bundle of a report whose release has been protected, as `make_report`.

    Raises:
        ParameterError: something that the release is made of was changed since its notebooks were run.
        DisclosureError, BundleError: at the station that refused.
    """
    started = now()
    inputs = read_inputs(rerun.order, source=source, root=at.root, company=rerun.company)
    reader = OrderReader(at.root, secure=at.secure)
    execution = handover.execution(inputs, parts=rerun.parts, reader=reader)
    with remembering(rerun, root=at.root, secure=at.secure) as memory:
        if not rerun.keeps_results:
            memory.note(execution)
        districts = districts_of(inputs.order, inputs.company.companions)
        put_store = handover.store(inputs.order, districts=districts)
        return _placed(inputs, execution, put_store=put_store, memory=memory, at=at, started=started)


def _placed(
    inputs: Inputs, execution: Execution, *, put_store: PutStore, memory: Memory, at: Workplace, started: datetime
) -> MadeReport:
    with produced(inputs, execution, put_store=put_store, at=at) as place:
        at.progress("lägger rapporten på plats")
        before = previous_bundle(place.final)
        page = difference_page(before, place.partial, name=short_name(place.final))
        (place.partial / DIFFERENCE).write_text(page, encoding="utf-8")
        (place.partial / CLOCK).write_bytes(clock_record(started=started.isoformat(), finished=now().isoformat()))
        runs = inputs.told_runs | ({before.name} if before else set())
        refuse_unbound(place.partial, earlier=before)
        refuse_traces(place.partial, forbidden=_forbidden(inputs, runs=runs, at=at))
        changed = put_in_place(place)
        memory.done(inputs, bundle=place.final)
    return MadeReport(place.final, changed)


def protected(inputs: Inputs, executions: Mapping[str, Execution]) -> PutStore:
    """Protect the results of all executions of a release, by the orders' names, and return what puts the store of this report in place.

    Beside it are put those of its districts, where the report is on the city.

    Raises:
        DisclosureError: the release cannot be protected.
    """
    results = {name: execution.results for name, execution in executions.items()}
    parts = protect_reports(results, policy=inputs.policy, earlier=inputs.company.earlier)
    districts = districts_of(inputs.order, inputs.company.companions)
    orders = {STORE: inputs.order} | {f"{AREA_STORES}/{code}": order for code, order in districts.items()}

    def put(bundle: Path) -> None:
        for place, order in orders.items():
            write_part(parts[order.name], bundle / place)

    return put


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
        ExtractError, DefinitionError: the finished tables of the extract cannot be shown.
    """
    with run_folder(inputs.order.name, secure=at.secure, keeps_failed=True) as room:
        at.progress("kör anteckningsboken i den säkra mappen")
        notebook, params = inputs.kept_notebook(room), inputs.order.params.model_dump()
        with _place_of_failure(room):
            execution = execute(
                notebook,
                params=params,
                secure=at.secure,
                run_folder=room,
                folder=inputs.notebook.parent,
                starter=at.room,
                known=[json.dumps(inputs.provenance["extract"], ensure_ascii=False)],
            )
            refuse_other_published(execution, notebook=notebook, register=inputs.source.register, secure=at.secure)
            return execution


@contextmanager
def produced(inputs: Inputs, execution: Execution, *, put_store: PutStore, at: Workplace) -> Iterator[BundlePlace]:
    """Give the place whose hidden folder holds the finished bundle; it is gone afterwards if nobody moved it.

    The files are made twice, of the protected tables that ``put_store`` puts there and nothing else, by processes that cannot reach
    the room, and the two must be the same.

    Raises:
        ParameterError: a reference in a text names no cell that the report shows.
        DisclosureError, BundleError: at the station that refused.
    """
    place = _place(inputs, at=at)
    with building(place):
        put_store(place.partial)
        told = told_texts(inputs.texts, execution=execution, bundle=place.partial)
        plan = plan_of(inputs, execution.placements, told=told, definitions=execution.definitions)
        write_plan(plan, place.partial)
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


def _forbidden(inputs: Inputs, *, runs: frozenset[str], at: Workplace) -> Forbidden:
    persons = inputs.source.register.table("persons", columns=["person_id"])
    return Forbidden(frozenset(persons["person_id"]), forbidden_paths(root=at.root, secure=at.secure.path), runs)


def _place(inputs: Inputs, *, at: Workplace) -> BundlePlace:
    name, run = inputs.order.kind.name, inputs.run
    lock = at.secure.locks / f"{name}-{run}.lock"
    return BundlePlace(at.root / "reports", name, inputs.order.params.period_folder(), run, lock)
