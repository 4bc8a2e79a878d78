"""A linear program that HiGHS keeps warm between solves: one thread, fixed seed, the same answer every time."""

from __future__ import annotations

import highspy
import numpy as np
from scipy import sparse

from kaa_analysis.core.errors import DisclosureError

SECONDS_PER_SOLVE = 60.0
"""A solve that takes longer refuses the release."""
WHOLE_TOLERANCE = 1e-6
"""HiGHS' own tolerance for whole numbers and for rows; what is nearer than this to a whole number is that number."""
GAP = 0.03
"""A whole deviation need not be the very cheapest: nothing rests on that but a few hidden cells more or less."""
NODES = 500
"""Branchings of a search in whole numbers before its best solution so far is taken."""
ENOUGH = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kSolutionLimit)
"""How a solve may end whose solution is used (every witness is checked afterwards, in whole numbers)."""

OPTIONS = {
    "output_flag": False,
    "threads": 1,
    "parallel": "off",
    "random_seed": 0,
    "solver": "simplex",
    "presolve": "off",
    "mip_rel_gap": GAP,
    "mip_max_nodes": NODES,
}


class LinearProgram:
    """Minimise ``costs @ x`` under ``matrix @ x == right_side`` and ``lower <= x <= upper``.

    ``matrix`` is (m, n); ``right_side`` (m,), the others (n,); without bounds x is not negative.
    """

    def __init__(
        self,
        matrix: sparse.csr_array,
        *,
        right_side: np.ndarray,
        costs: np.ndarray,
        upper: np.ndarray | None = None,
    ) -> None:
        self._n = matrix.shape[1]
        self._columns = np.arange(self._n, dtype=np.int32)
        self._costs = costs.astype(float)
        self._whole = False
        self._highs = highspy.Highs()
        for name, value in OPTIONS.items():
            self._highs.setOptionValue(name, value)
        self._highs.passModel(_model(matrix, right_side, self._costs, upper))

    def bound(self, columns: np.ndarray, *, lower: np.ndarray, upper: np.ndarray) -> None:
        """Set the bounds of some columns (three arrays of one length)."""
        self._highs.changeColsBounds(
            len(columns), columns.astype(np.int32), np.asarray(lower, dtype=float), np.asarray(upper, dtype=float)
        )

    def add_row(self, columns: np.ndarray, coefficients: np.ndarray) -> int:
        """Add a row that does not bind yet, and return its number."""
        infinity = highspy.kHighsInf
        self._highs.addRow(-infinity, infinity, len(columns), columns.astype(np.int32), coefficients.astype(float))
        return self._highs.getNumRow() - 1

    def bound_row(self, row: int, *, lower: float, upper: float) -> None:
        """Set the bounds of a row."""
        self._highs.changeRowBounds(row, float(lower), float(upper))

    def cost(self, costs: np.ndarray) -> None:
        """Set the costs (n,)."""
        self._costs = costs.astype(float)
        self._highs.changeColsCost(self._n, self._columns, self._costs)

    def solve(self, *, whole: bool = False) -> np.ndarray | None:
        """Return an optimal x (n,), with ``whole`` in whole numbers, or None where nothing fits.

        Raises:
            DisclosureError: HiGHS gave neither an optimum nor a proof that there is none.
        """
        self._set_whole(whole)
        status = self._run()
        if (
            status in ENOUGH
            and self._highs.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        ):
            return np.array(self._highs.getSolution().col_value)
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        raise DisclosureError(
            "Röjandekontrollen ska ha ett säkert svar för varje cell.",
            found=f"lösaren slutade utan svar ({status.name.removeprefix('k')})",
            action="dela upp releasen eller redovisa grövre, och kör igen",
        )

    def slopes(self) -> np.ndarray:
        """Return by how much the least cost of the last solve would change for each step of each x (n,) from its bound."""
        return np.array(self._highs.getSolution().col_dual)

    def _run(self) -> highspy.HighsModelStatus:
        """Run from the last basis, and once more from nothing where that basis led nowhere."""
        self._run_once()
        if self._highs.getModelStatus() == highspy.HighsModelStatus.kUnknown:
            self._highs.clearSolver()
            self._run_once()
        return self._highs.getModelStatus()

    def _run_once(self) -> None:
        """Run with a limit of its own: HiGHS counts the time of all runs together."""
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + SECONDS_PER_SOLVE)
        self._highs.run()

    def is_fixed(self, column: int) -> bool:
        """Return whether only one value of a column fits."""
        direction = np.zeros(self._n)
        direction[column] = 1.0
        kept, ends = self._costs, []
        for sign in (1.0, -1.0):
            self.cost(sign * direction)
            ends.append(self._end(column))
        self.cost(kept)
        return None not in ends and abs(ends[1] - ends[0]) < WHOLE_TOLERANCE

    def _end(self, column: int) -> float | None:
        self._set_whole(False)
        status = self._run()
        unbounded = (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible)
        if status in unbounded:
            return None
        solution = self.solve()
        return None if solution is None else float(solution[column])

    def _set_whole(self, whole: bool) -> None:
        if whole != self._whole:
            kind = highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
            self._highs.changeColsIntegrality(self._n, self._columns, np.full(self._n, int(kind), dtype=np.uint8))
            self._highs.setOptionValue("presolve", "on" if whole else "off")
            self._whole = whole


def _model(
    matrix: sparse.csr_array, right_side: np.ndarray, costs: np.ndarray, upper: np.ndarray | None
) -> highspy.HighsLp:
    by_row = sparse.csr_array(matrix)
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = by_row.shape
    model.col_cost_ = costs
    model.col_lower_ = np.zeros(by_row.shape[1])
    model.col_upper_ = np.full(by_row.shape[1], highspy.kHighsInf) if upper is None else np.asarray(upper, dtype=float)
    model.row_lower_ = model.row_upper_ = np.asarray(right_side, dtype=float)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = by_row.indptr
    model.a_matrix_.index_ = by_row.indices
    model.a_matrix_.value_ = by_row.data.astype(float)
    return model
