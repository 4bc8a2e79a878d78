"""Running a notebook inside the room, and reading what it noted. Only what `Report.show` noted may have been shown."""

from __future__ import annotations

import json
import logging
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from kaa_analysis.core.boundary import error_of, error_record
from kaa_analysis.core.definitions import Definition, definition_from_record
from kaa_analysis.core.errors import KaaError, NotebookError, UnexpectedError
from kaa_analysis.core.provenance import hash_value
from kaa_analysis.core.result import Result, result_from_record
from kaa_analysis.core.secure_folder import SecureFolder, private_files
from kaa_analysis.present.author_slots import DEFINED_SLUG
from kaa_analysis.present.exhibit import EXHIBIT_MIME
from kaa_analysis.present.notebook import DEFINITIONS, RESULTS, RUN_FOLDER_VARIABLE, SHOWN
from kaa_analysis.render.processes.process_ends import RUN_AGAIN
from kaa_analysis.render.processes.starting import Starter
from kaa_analysis.render.running.kernel import BEGUN, ERROR
from kaa_analysis.render.running.known_words import in_known_words
from kaa_analysis.render.running.room import room_environment

EXECUTED = "executed.ipynb"
KERNEL_LOG = "kernel.log"
CELL_SECONDS = 600
PARAMETERS = "parameters"
"""The tag of the cell that papermill puts the given parameters after."""
ADDED_BY_PAPERMILL = {"injected-parameters", "papermill-error-cell-tag"}


@dataclass(frozen=True)
class Placement:
    """An exhibit's place: the number of its cell in the committed notebook, its slug, form and result.

    The place of an author's text, and that of the definitions, rests on no result: ``result`` is empty.
    """

    cell: int
    slug: str
    form: str
    result: str


@dataclass(frozen=True)
class Execution:
    """What one execution noted: results by id, where they are shown, in document order, and what readers are told of the indicators."""

    results: Mapping[str, Result]
    placements: tuple[Placement, ...]
    definitions: tuple[Definition, ...] = ()


def execute(
    notebook: Path,
    *,
    params: Mapping[str, Any],
    secure: SecureFolder,
    run_folder: Path,
    folder: Path,
    starter: Starter,
    known: Iterable[str] = (),
) -> Execution:
    """Run ``notebook`` with ``params`` in a kernel of its own that ``starter`` starts, in the working directory ``folder``, and return what it noted.

    The executed copy, the kernel's sockets and the noted results stay in private folders. A second kernel is never reused. An error
    is told in the words of the package, the notebook, its parameters and ``known``.

    Raises:
        KaaError: of the kind that a cell raised, with the cell named.
        NotebookError: a cell failed otherwise, the kernel ended before its time, or a cell shows anything but an exhibit (printed text, a raw table, a forged output).
    """
    import papermill
    from nbclient.exceptions import DeadKernelError

    from kaa_analysis.render.running.private_kernels import private_kernels

    with (
        private_kernels(run_folder / KERNEL_LOG, starter=starter) as manager,
        _environment(secure, run_folder),
        _silence(),
    ):
        (run_folder / BEGUN).unlink(missing_ok=True)
        try:
            papermill.execute_notebook(
                notebook,
                run_folder / EXECUTED,
                parameters=dict(params),
                kernel_manager_class=manager,
                kernel_name="python3",
                cwd=folder,
                progress_bar=False,
                log_output=False,
                execution_timeout=CELL_SECONDS,
                request_save_on_cell_execute=False,
                shutdown_kernel="immediate",
            )
        except papermill.PapermillExecutionError as error:
            raise _failed_cell(run_folder, fallback=error.cell_index, known=known) from None
        except DeadKernelError:
            raise _dead_kernel(notebook, run_folder=run_folder, has_params=bool(params)) from None
    return read_execution(run_folder)


def read_execution(run_folder: Path) -> Execution:
    """Return what the executed notebook in ``run_folder`` noted, after checking every output of every cell."""
    executed = nbformat.read(run_folder / EXECUTED, as_version=4)
    shown = _noted(run_folder / SHOWN)
    noted = dict(shown)
    placements: list[Placement] = []
    refused: list[str] = []
    for number, cell in enumerate(_committed_cells(executed)):
        for output in cell.get("outputs", ()):
            record = output.get("data", {}).get(EXHIBIT_MIME) if output.output_type == "display_data" else None
            slug = record.get("slug") if isinstance(record, dict) else None
            if slug is not None and noted.get(slug) == record and _is_placeholder(output, slug):
                noted.pop(slug)
                placements.append(Placement(number, slug, record["form"], record["result"]))
            else:
                refused.append(f"cell {number + 1} (id {cell.id}): {_kind(output)}")
    if refused or noted:
        refused += [f'"{slug}" noterades men syns inte i någon cell' for slug in noted]
        error = NotebookError(
            "En anteckningsbok som blir rapport får bara visa det som går genom report.show.",
            found=refused,
            action="ta bort utskriften eller visa resultatet med report.show(resultat, slug=…, as_=…)",
        )
        raise in_known_words(error, known=[*_sources(executed), *(cell.id for cell in executed.cells)])
    results = _shown_results(run_folder / RESULTS, noted=shown)
    return Execution(results, tuple(placements), _definitions(run_folder / DEFINITIONS, noted=shown))


def _definitions(path: Path, *, noted: Mapping[str, Mapping[str, str]]) -> tuple[Definition, ...]:
    """Return the definitions that the notebook gave, none where it gave none, refused if they are not those that were noted."""
    if DEFINED_SLUG not in noted:
        return ()
    content = json.loads(path.read_bytes())
    if hash_value(content) != noted[DEFINED_SLUG]["result_hash"]:
        raise NotebookError("Definitionerna är inte längre de som gavs.", action="kör rapporten igen")
    return tuple(definition_from_record(record) for record in content)


def _shown_results(folder: Path, *, noted: Mapping[str, Mapping[str, str]]) -> dict[str, Result]:
    """Return the results that are shown, refused if one is not the one that was noted."""
    hashes = {record["result"]: record["result_hash"] for record in noted.values() if record["result"]}
    results = {}
    for name, told in sorted(hashes.items()):
        content = json.loads((folder / f"{name}.json").read_bytes())
        if hash_value(content) != told:
            raise NotebookError("Ett resultat är inte längre det som visades.", found=name, action="kör rapporten igen")
        results[name] = result_from_record(content)
    return results


def _committed_cells(executed: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Return the cells that stand in the committed notebook too: not the parameters and the error notices that papermill adds."""
    return [cell for cell in executed.cells if not ADDED_BY_PAPERMILL & set(cell.metadata.get("tags", ()))]


def _is_placeholder(output: nbformat.NotebookNode, slug: str) -> bool:
    """Return whether an output says nothing but the slug."""
    return (
        set(output.data) == {EXHIBIT_MIME, "text/plain"}
        and output.data["text/plain"] == f"[{slug}]"
        and not output.metadata
    )


def _noted(folder: Path) -> dict[str, dict[str, str]]:
    return (
        {path.stem: json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))} if folder.exists() else {}
    )


def _kind(output: nbformat.NotebookNode) -> str:
    if output.output_type == "stream":
        return "utskriven text (print)" if output.name == "stdout" else "varning eller feltext på stderr"
    if output.output_type == "error":
        return "ett fel"
    if EXHIBIT_MIME in output.get("data", {}):
        return "något som ser ut som en visning men inte är noterat"
    return "ett rått värde (" + ", ".join(sorted(output.get("data", {}))) + ")"


def _failed_cell(run_folder: Path, *, fallback: int, known: Iterable[str]) -> KaaError:
    """Return the error that stopped the run, with its cell named; a foreign one is the notebook's fault until shown otherwise."""
    executed = nbformat.read(run_folder / EXECUTED, as_version=4)
    failing = [
        (number, cell)
        for number, cell in enumerate(_committed_cells(executed), start=1)
        if any(output.output_type == "error" for output in cell.get("outputs", ()))
    ]
    if not failing or not (run_folder / ERROR).exists():
        return NotebookError(f"Cell {fallback} stoppade.", action="kör anteckningsboken i JupyterLab för att se var")
    number, cell = failing[0]
    record = json.loads((run_folder / ERROR).read_bytes())
    if record["exit_code"] == UnexpectedError.exit_code:
        return NotebookError(f"Cell {number} (id {cell.id}) stoppade.", found=record["found"], action=record["action"])
    error = in_known_words(error_of(record), known=[*_sources(executed), *known])
    return error_of(error_record(error), where=f"Cell {number} (id {cell.id}): ")


def _sources(executed: nbformat.NotebookNode) -> list[str]:
    """Return what the cells of the committed notebook and of its parameters say."""
    return [cell.source for cell in executed.cells]


def _dead_kernel(notebook: Path, *, run_folder: Path, has_params: bool) -> KaaError:
    """Return the error of a kernel that ended by itself or was killed, with the last cell of the notebook that it had begun named."""
    run = _run_cells(nbformat.read(notebook, as_version=4), has_params=has_params)
    n_begun = (run_folder / BEGUN).stat().st_size if (run_folder / BEGUN).exists() else 0
    begun = [f"cell {told[0]} (id {told[1].id}) hade börjat" for told in run[:n_begun] if told is not None]
    return NotebookError(
        "Processen som körde anteckningsboken avslutades innan den var klar, som den gör när minnet tar slut.",
        found=begun[-1:],
        action=RUN_AGAIN,
    )


def _run_cells(notebook: nbformat.NotebookNode, *, has_params: bool) -> list[tuple[int, nbformat.NotebookNode] | None]:
    """Return the cells with code as papermill runs them, numbered as in the notebook; None for the given parameters, after their cell or first."""
    code = ((number, cell) for number, cell in enumerate(notebook.cells, start=1) if cell.cell_type == "code")
    run = [(number, cell) for number, cell in code if cell.source.strip()]
    if not has_params:
        return [*run]
    places = [place for place, (_, cell) in enumerate(run, start=1) if PARAMETERS in cell.metadata.get("tags", ())]
    place = places[0] if places else 0
    return [*run[:place], None, *run[place:]]


@contextmanager
def _silence() -> Iterator[None]:
    """Let no library say anything about a run: what it says may repeat what a cell gave it."""
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)


@contextmanager
def _environment(secure: SecureFolder, run_folder: Path) -> Iterator[None]:
    ours = room_environment(secure) | {RUN_FOLDER_VARIABLE: str(run_folder), "TMPDIR": str(run_folder)}
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        with private_files():
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
