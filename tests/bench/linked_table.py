"""A simulated table of 2 106 linked cells (region × activity × age, three hierarchies, 391 unsafe): protected and attacked."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

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


def least_further_cells(system: CellSystem) -> int:
    """Return a number of further cells below which no choice is safe: the optimum of a program that looks at one relation at a time.

    Where an unsafe cell cannot have every value of its window while only unsafe cells move, one more cell of the relation must be
    hidden; and in a relation without unsafe cells no cell is hidden alone. What several relations require together is not asked.
    """
    counts = np.array(system.values)
    room = counts - system.lowest
    lowest = {cell: _lowest_value(system, cell) for cell in np.flatnonzero(system.unsafe).tolist()}
    ends = {cell: (low - counts[cell], low + BELOW - 2 - counts[cell]) for cell, low in lowest.items()}
    rows: list[np.ndarray] = []
    least = []
    for relation in range(system.matrix.shape[0]):
        row = system.matrix[[relation]].toarray()[0]
        row[system.fixed] = 0
        open_cells = ((row != 0) & ~system.unsafe).astype(int)
        unsafe = np.flatnonzero((row != 0) & system.unsafe)
        if (
            len(unsafe)
            and open_cells.any()
            and any(_needs_more(row, cell, room=room, ends=ends[cell], among=unsafe) for cell in unsafe.tolist())
        ):
            rows.append(open_cells)
            least.append(1)
        elif not len(unsafe):
            for cell in np.flatnonzero(open_cells):
                company = open_cells.copy()
                company[cell] = -1
                rows.append(company)
                least.append(0)
    able = (~system.unsafe & ~system.fixed).astype(float)
    answer = milp(
        np.ones(len(able)),
        integrality=np.ones(len(able)),
        bounds=Bounds(0, able),
        constraints=LinearConstraint(sparse.csr_array(np.array(rows)), least, np.inf),
        options={"time_limit": 60.0},
    )
    return int(np.ceil(answer.mip_dual_bound - 1e-6))


def _lowest_value(system: CellSystem, cell: int) -> int:
    """Return the lowest value of a cell that fits the zeros if everything else is hidden."""
    goal = np.zeros(len(system.ids))
    goal[cell] = 1
    answer = milp(
        goal,
        integrality=np.ones(len(goal)),
        bounds=Bounds(
            np.where(system.fixed, system.values, system.lowest), np.where(system.fixed, system.values, np.inf)
        ),
        constraints=LinearConstraint(system.matrix, 0, 0),
    )
    return max(1, round(answer.fun))


def _needs_more(row: np.ndarray, cell: int, *, room: np.ndarray, ends: tuple[int, int], among: np.ndarray) -> bool:
    """Return whether a cell cannot move to both ``ends`` in a relation while only cells ``among`` these move, down by their ``room``."""
    others = among[among != cell]
    for end in ends:
        wanted = -row[cell] * end
        only_downwards = (row[others] * wanted < 0).all()
        if only_downwards and room[others].sum() < abs(wanted):
            return True
    return False


def main() -> None:
    """Print what is hidden beyond the unsafe cells, and how long protection and attack take."""
    table = read_table()
    for lowest, words in ((1, "a hidden cell is at least 1, since zeros are shown"), (0, "a hidden cell can be 0")):
        system, begun = system_of(table, lowest=lowest), time.perf_counter()
        hidden = hidden_cells(system, width=BELOW - 1)
        protected = time.perf_counter()
        sys.stdout.write(f"{words}: {(hidden & ~system.unsafe).sum()} further cells, {protected - begun:.1f} s\n")
        if lowest:
            found = attacked(table, hidden)
            seconds = time.perf_counter() - protected
            sys.stdout.write(f"no fewer than {least_further_cells(system)} can be enough\n")
            sys.stdout.write(
                f"attacked: {found.by_kind or 'nothing found'}, {found.n_targets} targets, {seconds:.1f} s\n"
            )


if __name__ == "__main__":
    main()
