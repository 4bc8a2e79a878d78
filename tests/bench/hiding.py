"""What the joint protection of a release hides: the share of each report's counts, and of all that they count together."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kaa_analysis.core.result import Result
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.disclosure.released import Released, State
from kaa_analysis.disclosure.store import read_store
from kaa_analysis.render.cache.kept_execution import results_in
from kaa_analysis.render.cache.kept_results import whole_results
from kaa_analysis.render.plan import STORE
from kaa_analysis.render.verify import order_of

VOLUMES = "attempts"
attack: Callable[[Sequence[Path]], None] | None = None
"""Attacks the open data of bundles together, once there is such a thing."""


@dataclass(frozen=True)
class Hidden:
    """Of one report: how many count cells it has and hides, and what all of them, and the hidden ones, count together."""

    report: str
    n_cells: int
    n_hidden: int
    total: int
    total_hidden: int


def hidden_in(bundle: Path, *, secure: SecureFolder) -> Hidden:
    """Hold a bundle's protected tables against the unprotected results that are kept of the same report. Volumes of work do not count."""
    order = order_of(bundle)
    [kept] = (secure.results_of(order.params.extract) / order.name).glob("[!.]*")
    true = _true_counts(list(results_in(whole_results(kept)).values()))
    hidden = {
        cell_id for table in read_store(bundle / STORE).values() for cell_id in _hidden_cells(table)
    } & true.keys()
    name = f"{order.kind.name} {order.params.period_folder()}"
    return Hidden(name, len(true), len(hidden), sum(true.values()), sum(true[cell_id] for cell_id in hidden))


def hiding_table(bundles: Sequence[Path], *, secure: SecureFolder) -> str:
    """Return a table with a row per report."""
    found = [hidden_in(bundle, secure=secure) for bundle in bundles]
    rows = [
        f"| {one.report} | {one.n_cells} | {100 * one.n_hidden / one.n_cells:.1f} | {100 * one.total_hidden / one.total:.2f} |"
        for one in found
    ]
    head = [
        "| report | counts of persons and spells | hidden, % | of what they count together, % |",
        "|---|---:|---:|---:|",
    ]
    return "\n".join([*head, *rows])


def attack_line(bundles: Sequence[Path]) -> str:
    """Attack the bundles' open data together and return how long it took."""
    if attack is None:
        return "The bundles were not attacked together."
    began = time.perf_counter()
    attack(bundles)
    return f"Attacked together: {time.perf_counter() - began:.1f} s, nothing found."


def _true_counts(results: Sequence[Result]) -> dict[str, int]:
    units = {place: unit for result in results for place, unit in result.units().items()}
    counts = {place: value for result in results for place, value in result.cells().items()}
    return {place.id: value for place, value in counts.items() if value is not None and units[place] != VOLUMES}


def _hidden_cells(table: Released) -> list[str]:
    ids = table.cell_ids_table
    return [
        cell_id
        for name in ids.columns
        for cell_id, state in zip(ids[name], table.states_table[name], strict=True)
        if state == State.PROTECTED
    ]
