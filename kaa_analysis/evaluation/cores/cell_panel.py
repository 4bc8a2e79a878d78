"""Counts of units in periods, as differences between treated and untreated units over time are made of: a row per cell, a cell per unit and period."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.evaluation.cores.two_groups import numbers, treated_rows


class CellWeight(StrEnum):
    """What every cell weighs: as many as it has pupils, or all the same."""

    PUPILS = "pupils"
    UNITS = "units"


@dataclass(frozen=True, eq=False)
class CellPanel:
    """``n`` = U × T cells in the order in which they were given: shares of pupils with the outcome in U units over T periods.

    ``share``, ``weight`` (of mean 1), ``treated`` and ``after`` (the period is that of adoption or a later one) have shape (n,), as have ``unit``,
    ``period`` and ``cluster``, which are the numbers 0, 1, … in the order of the labels. ``periods`` (T,) are the labels, ``n_before`` of them before adoption.
    """

    share: NDArray[np.float64]
    weight: NDArray[np.float64]
    treated: NDArray[np.bool_]
    after: NDArray[np.bool_]
    unit: NDArray[np.intp]
    period: NDArray[np.intp]
    cluster: NDArray[np.intp]
    periods: NDArray
    n_before: int

    def two_way_dummies(self) -> NDArray[np.float64]:
        """Return a column per unit and one per period but the first, shape (n, U + T − 1)."""
        units = self.unit[:, np.newaxis] == np.arange(self.unit.max() + 1)
        periods = self.period[:, np.newaxis] == np.arange(1, len(self.periods))
        return np.hstack([units, periods]).astype(float)


def cell_panel(
    unit: ArrayLike,
    period: ArrayLike,
    *,
    n: ArrayLike,
    n_outcome: ArrayLike,
    treated: ArrayLike,
    adopted: object,
    cluster: ArrayLike | None = None,
    weight: str = "pupils",
) -> CellPanel:
    """Return the cells, checked: every unit has pupils in every period, is treated or not for good, and lies in one cluster.

    ``unit``, ``period``, ``n`` (pupils), ``n_outcome`` (those with the outcome), ``treated`` (0/1) and ``cluster`` have shape (n,): a row per cell.
    ``adopted`` is the first period in which the treated units are treated; periods are put in the order of their labels and taken as equally far apart.
    Without ``cluster`` each unit is its own.

    >>> panel = cell_panel(["a", "a", "b", "b"], [1, 2, 1, 2], n=[10, 10, 30, 30], n_outcome=[5, 2, 15, 15], treated=[1, 1, 0, 0], adopted=2)
    >>> panel.share.tolist(), panel.weight.tolist(), panel.n_before
    ([0.5, 0.2, 0.5, 0.5], [0.5, 0.5, 1.5, 1.5], 1)

    Raises:
        DefinitionError: a value is missing or there is not one per row, counts are no whole numbers or contradict each other, a unit has no cell or several
            in a period, changes treatment or cluster, there is no period before or none after adoption, all shares are the same, or the weight is unknown.
    """
    unit_, _ = label_numbers(unit, name="enheten")
    period_, periods = label_numbers(period, name="perioden", n_rows=len(unit_))
    cluster_ = unit_ if cluster is None else label_numbers(cluster, name="klustret", n_rows=len(unit_))[0]
    pupils, share = _shares(n, n_outcome, n_rows=len(unit_))
    treated_ = treated_rows(numbers(treated, n_rows=len(unit_), name="behandlingen"))
    check_cells(unit_, period_)
    staggered = "om enheter börjar vid olika tider: använd group_time_effects"
    check_constant(unit_, treated_, name="behandlad eller inte", action=staggered)
    check_constant(unit_, cluster_, name="klustret")
    n_before = _periods_before(periods, adopted)
    weights = pupils if _weight_kind(weight) is CellWeight.PUPILS else np.ones(len(unit_))
    return CellPanel(
        share, weights / weights.mean(), treated_, period_ >= n_before, unit_, period_, cluster_, periods, n_before
    )


def refuse_few_clusters(panel: CellPanel) -> None:
    """Refuse inference by clusters where fewer than two of them hold treated units, or fewer than two untreated.

    Raises:
        DefinitionError: as said.
    """
    n_treated = len(np.unique(panel.cluster[panel.treated]))
    n_untreated = len(np.unique(panel.cluster[~panel.treated]))
    if n_treated < 2 or n_untreated < 2:
        raise DefinitionError(
            "Klusterrobust osäkerhet kräver minst två kluster med behandlade och två med obehandlade: "
            "inom ett enda syns inte hur mycket kluster skiljer sig från varandra.",
            found=f"kluster med behandlade: {n_treated}, med obehandlade: {n_untreated}",
            action="använd placebo i rummet (placebo_in_space), eller fler och mindre kluster om det kan försvaras",
        )


def label_numbers(labels: ArrayLike, *, name: str, n_rows: int | None = None) -> tuple[NDArray[np.intp], NDArray]:
    """Return the labels (n,) as 0, 1, … in their order, and the labels in it; ``name`` is what they are called in Swedish.

    >>> label_numbers(["b", "a", "b"], name="enheten")[0].tolist()
    [1, 0, 1]

    Raises:
        DefinitionError: one is missing, there is not one for each of ``n_rows``, or they are of kinds that have no order.
    """
    values = labels if isinstance(labels, np.ndarray) else pd.Series(labels).to_numpy()
    if values.ndim != 1 or (n_rows is not None and len(values) != n_rows) or not len(values):
        raise DefinitionError(f"Det ska vara ett värde per rad: {name}.", found=f"{values.size} värden")
    n_missing = int(pd.isna(values).sum())
    if n_missing:
        raise DefinitionError(f"Inget värde får saknas: {name}.", found=f"saknas: {n_missing} av {len(values)}")
    try:
        codes, found = pd.factorize(values, sort=True)
    except TypeError:
        raise DefinitionError(f"Värdena ska vara av ett slag, så att de kan ordnas: {name}.") from None
    return codes, np.asarray(found)


def _shares(n: ArrayLike, n_outcome: ArrayLike, *, n_rows: int) -> tuple[NDArray, NDArray]:
    pupils = numbers(n, n_rows=n_rows, name="antalet")
    with_outcome = numbers(n_outcome, n_rows=n_rows, name="antalet med utfallet")
    wrong = (pupils % 1 != 0) | (with_outcome % 1 != 0) | (with_outcome < 0) | (with_outcome > pupils)
    empty = pupils < 1
    if wrong.any() or empty.any():
        raise DefinitionError(
            "Varje cell ska ha ett helt antal, minst 1, och högst så många med utfallet.",
            found=f"utan någon: {int(empty.sum())} celler, motsägelser: {int((wrong & ~empty).sum())} celler",
            action="ta bort de enheter som saknar elever i någon period, eller slå ihop perioder",
        )
    share = with_outcome / pupils
    if (share == share[0]).all():
        raise DefinitionError("Andelen med utfallet ska variera mellan cellerna.", found="samma andel i alla celler")
    return pupils, share


def check_cells(unit: NDArray, period: NDArray) -> None:
    """Refuse units (numbers, n) that have not one row in each period (numbers, n).

    Raises:
        DefinitionError: as said.
    """
    cells = np.zeros((unit.max() + 1, period.max() + 1), dtype=int)
    np.add.at(cells, (unit, period), 1)
    n_missing, n_repeated = int((cells == 0).sum()), int((cells > 1).sum())
    if n_missing or n_repeated:
        raise DefinitionError(
            "Varje enhet ska ha en cell i varje period.",
            found=f"saknade celler: {n_missing}, flera rader: {n_repeated}, av {cells.size}",
            action="ta bort de enheter som inte finns i alla perioder, eller slå ihop dem",
        )


def check_constant(unit: NDArray, value: NDArray, *, name: str, action: str = "") -> None:
    """Refuse units (numbers, n) whose value (n,) is not the same in all their rows; ``name`` is what it is called in Swedish, ``action`` what to do.

    Raises:
        DefinitionError: as said.
    """
    changing = [len(np.unique(value[unit == one])) > 1 for one in range(unit.max() + 1)]
    if any(changing):
        raise DefinitionError(
            f"En enhet ska ha samma värde i alla perioder: {name}.",
            found=f"enheter som byter: {sum(changing)} av {len(changing)}",
            action=action,
        )


def _periods_before(periods: NDArray, adopted: object) -> int:
    try:
        n_before = int((periods < adopted).sum())
    except TypeError:
        raise DefinitionError("Införandet ska vara en period av samma slag som de andra.") from None
    if not 0 < n_before < len(periods):
        raise DefinitionError(
            "Det ska finnas perioder både före och från införandet.",
            found=f"före: {n_before}, från: {len(periods) - n_before}",
        )
    return n_before


def _weight_kind(weight: str) -> CellWeight:
    try:
        return CellWeight(weight)
    except ValueError:
        raise DefinitionError(
            f"Cellernas vikt ska vara pupils eller units{did_you_mean(weight, CellWeight)}."
        ) from None
