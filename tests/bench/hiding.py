"""What the joint protection of a release hides: the share of each report's counts, and of all that they count together."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.disclosure.attack.bundle_files import attack_bundles
from kaa_analysis.disclosure.hiding.published_cells import collect
from kaa_analysis.disclosure.released import Released, State
from kaa_analysis.disclosure.store import read_store
from kaa_analysis.render.cache.kept_execution import results_in
from kaa_analysis.render.cache.kept_results import whole_results
from kaa_analysis.render.plan import STORE
from kaa_analysis.render.verify import order_of

VOLUMES = "attempts"


@dataclass(frozen=True)
class Hidden:
    """Of one report: how many count cells it has and hides, what all of them, and the hidden ones, count together, and its key totals."""

    report: str
    n_cells: int
    n_hidden: int
    total: int
    total_hidden: int
    n_key: int
    n_key_hidden: int


def hidden_in(bundle: Path, *, secure: SecureFolder) -> Hidden:
    """Hold a bundle's protected tables against the unprotected results that are kept of the same report. Volumes of work do not count."""
    order = order_of(bundle)
    [kept] = (secure.results_of(order.params.extract) / order.name).glob("[!.]*")
    counts = collect(list(results_in(whole_results(kept)).values()))
    true = {cell_id: it.value for cell_id, it in counts.items() if it.value is not None and it.unit != VOLUMES}
    key = {cell_id for cell_id in true if counts[cell_id].key}
    hidden = {
        cell_id for table in read_store(bundle / STORE).values() for cell_id in _hidden_cells(table)
    } & true.keys()
    return Hidden(
        f"{order.kind.name} {order.params.period_folder()}",
        n_cells=len(true),
        n_hidden=len(hidden),
        total=sum(true.values()),
        total_hidden=sum(true[cell_id] for cell_id in hidden),
        n_key=len(key),
        n_key_hidden=len(key & hidden),
    )


def hiding_table(bundles: Sequence[Path], *, secure: SecureFolder) -> str:
    """Return a table with a row per report."""
    found = [hidden_in(bundle, secure=secure) for bundle in bundles]
    rows = [
        f"| {one.report} | {one.n_cells} | {100 * one.n_hidden / one.n_cells:.1f} | {100 * one.total_hidden / one.total:.2f} "
        f"| {one.n_key} | {one.n_key_hidden} |"
        for one in found
    ]
    head = [
        "| report | counts of persons and spells | hidden, % | of what they count together, % | key totals | hidden |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    return "\n".join([*head, *rows])


def attack_line(bundles: Sequence[Path]) -> str:
    """Attack the open data of the bundles together, as an outsider would; return what was found and how long it took."""
    began = time.perf_counter()
    found = attack_bundles(bundles)
    seconds = time.perf_counter() - began
    kinds = ", ".join(f"{kind} {n}" for kind, n in sorted(found.by_kind.items())) or "nothing"
    return f"Open data attacked together by an outsider: {found.n_targets} targets, found: {kinds}; {seconds:.1f} s."


def _hidden_cells(table: Released) -> list[str]:
    ids = table.cell_ids_table
    return [
        cell_id
        for name in ids.columns
        for cell_id, state in zip(ids[name], table.states_table[name], strict=True)
        if state == State.PROTECTED
    ]
