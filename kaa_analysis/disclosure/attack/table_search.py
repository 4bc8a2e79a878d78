"""Whole tables that fit: a model that HiGHS keeps warm, linear first and in whole numbers where that gives fractions."""

from __future__ import annotations

from collections.abc import Sequence

import highspy
import numpy as np
from scipy import sparse

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.disclosure.attack.knowledge import NO_LIMIT

SECONDS_PER_SOLVE = 60.0
"""A search that takes longer has no certain answer, and refuses."""
ROUNDS = 5
"""Linear programs tried, fractions dearer each time, before a search in whole numbers."""
NEAR = 1e-6
"""HiGHS' own tolerance: what is nearer than this to a whole number is taken for it, and then checked exactly."""
ANY = 1e9
"""A gap to the optimum so wide that the first whole table will do."""

OPTIONS = {
    "output_flag": False,
    "threads": 1,
    "parallel": "off",
    "random_seed": 0,
    "solver": "simplex",
    "presolve": "off",
    "mip_rel_gap": ANY,
    "mip_abs_gap": ANY,
}

Demanded = tuple[np.ndarray, np.ndarray, int, int]
"""Columns (k,), their coefficients (k,), and the lowest and highest that the sum may be."""


class TableSearch:
    """Looks for whole tables near ``base`` (n,) with ``matrix @ table == matrix @ base`` and ``lower <= table <= upper``.

    The variables are how far each cell goes up and down, at a price each, so that few cells move.
    """

    def __init__(
        self, matrix: sparse.csr_array, *, base: np.ndarray, lower: np.ndarray, upper: np.ndarray, demands: int = 2
    ) -> None:
        self._n, self._m = matrix.shape[1], matrix.shape[0]
        self._matrix, self._base = matrix, base
        self._lower, self._upper = lower, upper
        self._prices = 1.0 + np.random.default_rng(0).random(self._n)
        self._columns = np.arange(2 * self._n, dtype=np.int32)
        self._whole = False
        self._highs = highspy.Highs()
        for name, value in OPTIONS.items():
            self._highs.setOptionValue(name, value)
        self._highs.passModel(self._model(demands))
        self._in_use: list[tuple[int, np.ndarray]] = []

    def _model(self, demands: int) -> highspy.HighsLp:
        moves = sparse.hstack([self._matrix, -self._matrix])
        rows = sparse.csr_array(sparse.vstack([moves, sparse.csr_array((demands, 2 * self._n))]))
        up = np.where(self._upper >= NO_LIMIT, highspy.kHighsInf, self._upper - self._base)
        model = highspy.HighsLp()
        model.num_row_, model.num_col_ = rows.shape
        model.col_cost_ = np.concatenate([self._prices, self._prices])
        model.col_lower_ = np.zeros(2 * self._n)
        model.col_upper_ = np.concatenate([up, self._base - self._lower]).astype(float)
        model.row_lower_ = np.concatenate([np.zeros(self._m), np.full(demands, -highspy.kHighsInf)])
        model.row_upper_ = np.concatenate([np.zeros(self._m), np.full(demands, highspy.kHighsInf)])
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = rows.indptr
        model.a_matrix_.index_ = rows.indices
        model.a_matrix_.value_ = rows.data.astype(float)
        return model

    def move(self, demanded: Sequence[Demanded]) -> np.ndarray | None:
        """Return whole steps (n,) from the base to a table in which every demanded sum is met, or None if there is none.

        Raises:
            DisclosureError: the solver gave no certain answer.
        """
        self._demand(demanded)
        avoid = np.zeros(self._n)
        try:
            for _ in range(ROUNDS):
                steps = self._solve(whole=False)
                if steps is None:
                    return None
                if self.fits(np.rint(steps).astype(np.int64)) and np.abs(steps - np.rint(steps)).max() < NEAR:
                    return np.rint(steps).astype(np.int64)
                avoid += np.abs(steps - np.rint(steps)) > NEAR
                self._price(self._prices * (1.0 + 4.0 * avoid))
            steps = self._solve(whole=True)
        finally:
            if avoid.any():
                self._price(self._prices)
        if steps is None:
            return None
        whole = np.rint(steps).astype(np.int64)
        if not self.fits(whole):
            raise uncertain("inga hela tal")
        return whole

    def fits(self, steps: np.ndarray) -> bool:
        """Return whether whole steps (n,) keep every equation and every bound, exactly."""
        table = self._base + steps
        return bool((table >= self._lower).all() and (table <= self._upper).all()) and not (self._matrix @ steps).any()

    def _demand(self, demanded: Sequence[Demanded]) -> None:
        for row, columns in self._in_use:
            for column in columns.tolist():
                self._highs.changeCoeff(row, column, 0.0)
                self._highs.changeCoeff(row, self._n + column, 0.0)
            self._highs.changeRowBounds(row, -highspy.kHighsInf, highspy.kHighsInf)
        self._in_use = []
        for row, (columns, factors, low, high) in enumerate(demanded, start=self._m):
            for column, factor in zip(columns.tolist(), factors.tolist(), strict=True):
                self._highs.changeCoeff(row, column, float(factor))
                self._highs.changeCoeff(row, self._n + column, -float(factor))
            at = int(factors @ self._base[columns])
            top = highspy.kHighsInf if high >= NO_LIMIT else float(high - at)
            bottom = -highspy.kHighsInf if low <= -NO_LIMIT else float(low - at)
            self._highs.changeRowBounds(row, bottom, top)
            self._in_use.append((row, columns))

    def _price(self, prices: np.ndarray) -> None:
        self._highs.changeColsCost(2 * self._n, self._columns, np.concatenate([prices, prices]))

    def _solve(self, *, whole: bool) -> np.ndarray | None:
        self._set_whole(whole)
        status = self._run()
        if status == highspy.HighsModelStatus.kUnknown:
            self._highs.clearSolver()
            status = self._run()
        if status == highspy.HighsModelStatus.kOptimal:
            found = np.array(self._highs.getSolution().col_value)
            return found[: self._n] - found[self._n :]
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        raise uncertain(status.name.removeprefix("k"))

    def _run(self) -> highspy.HighsModelStatus:
        """Run with a time limit of its own: HiGHS counts the time of all runs together."""
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + SECONDS_PER_SOLVE)
        self._highs.run()
        return self._highs.getModelStatus()

    def _set_whole(self, whole: bool) -> None:
        if whole != self._whole:
            kind = highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
            kinds = np.full(2 * self._n, int(kind), dtype=np.uint8)
            self._highs.changeColsIntegrality(2 * self._n, self._columns, kinds)
            self._highs.setOptionValue("presolve", "on" if whole else "off")
            self._whole = whole


def uncertain(how: str) -> DisclosureError:
    """Return the refusal of a search without a certain answer."""
    return DisclosureError(
        "Attacken på det som ska publiceras ska ha ett säkert svar för varje tal.",
        found=f"lösaren slutade utan svar ({how})",
        action="dela upp releasen eller redovisa grövre, och kör igen",
    )
