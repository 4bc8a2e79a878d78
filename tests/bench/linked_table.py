"""A simulated table of 2 106 linked cells (region × activity × age, three hierarchies, 391 unsafe): protected and attacked."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from kaa_analysis.disclosure.attack.findings import Findings
from kaa_analysis.disclosure.attack.publication import PROTECTED, SHOWN, Publication, SeenCell, Terms
from kaa_analysis.disclosure.attack.rules import Rules
from kaa_analysis.disclosure.attack.verdict import attack
from kaa_analysis.disclosure.hiding.cell_system import CellSystem
from kaa_analysis.disclosure.hiding.secondary import hidden_cells

TABLE = Path(__file__).parents[1] / "data" / "linked_table.csv"
SPLITS = ("region", "activity", "age")
BELOW = 5


def read_table() -> pd.DataFrame:
    """Return the table: a row per cell, by region, activity and age, with the parent of each value and the count ``n``."""
    return pd.read_csv(TABLE, keep_default_na=False)


def equations(table: pd.DataFrame) -> list[Terms]:
    """Return that every cell with children along a split is their sum, as terms (coefficient, cell id)."""
    place = {tuple(row): number for number, row in enumerate(table[list(SPLITS)].itertuples(index=False))}
    found = []
    for at, split in enumerate(SPLITS):
        children: dict[str, list[str]] = {}
        for value, parent in dict(zip(table[split], table[f"{split}_parent"], strict=True)).items():
            children.setdefault(parent, []).append(value)
        for where in place:
            beneath = children.get(where[at], ()) if where[at] else ()
            if beneath:
                parts = [place[*where[:at], value, *where[at + 1 :]] for value in beneath]
                found.append(((-1, name(place[where])), *((1, name(part)) for part in parts)))
    return found


def name(number: int) -> str:
    """Return the id of a cell of the table."""
    return f"{number:05d}"


def system_of(table: pd.DataFrame, *, lowest: int) -> CellSystem:
    """Return the table as a system; ``lowest`` is what readers know of a hidden cell: 1 where zeros are shown, else 0."""
    counts = table["n"].to_numpy(dtype=np.int64)
    sums = equations(table)
    rows = [row for row, terms in enumerate(sums) for _ in terms]
    columns = [int(cell_id) for terms in sums for _, cell_id in terms]
    factors = np.array([factor for terms in sums for factor, _ in terms], dtype=np.int64)
    at_total = sum((table[split] == "T").to_numpy(dtype=np.int64) for split in SPLITS)
    n = len(table)
    return CellSystem(
        ids=tuple(name(number) for number in range(n)),
        values=counts,
        lowest=np.full(n, lowest),
        latent=np.zeros(n, dtype=bool),
        fixed=counts == 0,
        key=np.zeros(n, dtype=bool),
        unsafe=(counts >= 1) & (counts < BELOW),
        rest=np.full(n, -1),
        weights=2.0**at_total * (1 + np.log10(1 + counts)),
        matrix=sparse.csr_array((factors, (rows, columns)), shape=(len(sums), n)),
    )


def attacked(table: pd.DataFrame, hidden: np.ndarray) -> Findings:
    """Return what the attack finds if the cells at ``hidden`` (n, boolean) are hidden and all others shown."""
    truth = {name(number): int(count) for number, count in enumerate(table["n"])}
    cells = {
        cell_id: SeenCell(
            cell_id, PROTECTED if hidden[int(cell_id)] else SHOWN, None if hidden[int(cell_id)] else count
        )
        for cell_id, count in truth.items()
    }
    return attack(Publication(cells, equations=tuple(equations(table))), truth=truth, rules=Rules(unsafe_below=BELOW))


def main() -> None:
    """Print what is hidden beyond the unsafe cells, and how long protection and attack take."""
    table = read_table()
    for lowest, words in ((1, "a hidden cell is at least 1, since zeros are shown"), (0, "a hidden cell can be 0")):
        system, begun = system_of(table, lowest=lowest), time.perf_counter()
        hidden = hidden_cells(replace(system), width=BELOW - 1)
        protected = time.perf_counter()
        sys.stdout.write(f"{words}: {(hidden & ~system.unsafe).sum()} further cells, {protected - begun:.1f} s\n")
        if lowest:
            found = attacked(table, hidden)
            seconds = time.perf_counter() - protected
            sys.stdout.write(
                f"attacked: {found.by_kind or 'nothing found'}, {found.n_targets} targets, {seconds:.1f} s\n"
            )


if __name__ == "__main__":
    main()
