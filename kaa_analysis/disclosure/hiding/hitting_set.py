"""Which of some candidates to hide: the cheapest choice that takes at least one of every set that must not be shown whole."""

from __future__ import annotations

import highspy
import numpy as np

from kaa_analysis.disclosure.hiding.linear_program import ENOUGH, OPTIONS

NODES = 30
"""Branchings before the best choice so far is taken."""

SEARCH = {
    **OPTIONS,
    "presolve": "on",
    "mip_rel_gap": 0.0,
    "mip_max_nodes": NODES,
    "mip_detect_symmetry": False,
    "mip_allow_restart": False,
}


class HittingSet:
    """A choice among ``n`` candidates with ``costs`` (n,) that meets every requirement added so far and costs ``most`` at most."""

    def __init__(self, costs: np.ndarray, *, most: float) -> None:
        columns = np.arange(len(costs), dtype=np.int32)
        self._highs = highspy.Highs()
        for name, value in SEARCH.items():
            self._highs.setOptionValue(name, value)
        self._highs.addVars(len(costs), np.zeros(len(costs)), np.ones(len(costs)))
        self._highs.changeColsCost(len(costs), columns, costs.astype(float))
        kinds = np.full(len(costs), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        self._highs.changeColsIntegrality(len(costs), columns, kinds)
        self._highs.addRow(-highspy.kHighsInf, most, len(costs), columns, costs.astype(float))

    def require_one_of(self, candidates: np.ndarray) -> None:
        """Take at least one of the candidates at these positions."""
        self._add(1.0, candidates, np.ones(len(candidates)))

    def require_company(self, candidate: int, others: np.ndarray) -> None:
        """Where ``candidate`` is taken, take at least one of ``others`` too: alone it would be of no use."""
        self._add(0.0, np.append(others, candidate), np.append(np.ones(len(others)), -1.0))

    def choose(self) -> np.ndarray | None:
        """Return the cheapest choice found (n, boolean), or None where none is cheap enough."""
        self._highs.run()
        feasible = self._highs.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        if self._highs.getModelStatus() not in ENOUGH or not feasible:
            return None
        return np.array(self._highs.getSolution().col_value) > 0.5

    def _add(self, least: float, candidates: np.ndarray, coefficients: np.ndarray) -> None:
        self._highs.addRow(
            least, highspy.kHighsInf, len(candidates), candidates.astype(np.int32), coefficients.astype(float)
        )
