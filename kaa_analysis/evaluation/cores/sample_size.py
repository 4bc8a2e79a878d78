"""How large an experiment must be to find a difference between two shares, and how small a difference one of a given size can find."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, isfinite

from scipy.optimize import brentq
from statsmodels.stats.proportion import power_proportions_2indep

from kaa_analysis.core.errors import DefinitionError

MOST_PERSONS = 1e9
"""Where not even so many would do, no number does."""


@dataclass(frozen=True)
class TwoArms:
    """An experiment with two arms: ``n_treated`` and ``n_control`` persons, in groups of ``per_cluster`` that are alike by ``icc``.

    ``per_cluster`` is how many persons are of one cluster (coordinator, school) on average, ``cluster_cv`` the coefficient of variation of the clusters' sizes
    and ``icc`` the intraclass correlation of the outcome. Without clusters each person is one.
    """

    n_treated: int
    n_control: int
    per_cluster: float = 1.0
    icc: float = 0.0
    cluster_cv: float = 0.0

    @property
    def design_effect(self) -> float:
        """What clusters multiply the variance by (`design_effect`)."""
        return design_effect(per_cluster=self.per_cluster, icc=self.icc, cluster_cv=self.cluster_cv)


def design_effect(*, per_cluster: float, icc: float, cluster_cv: float = 0.0) -> float:
    """Return what clusters multiply the variance of a share by: 1 + ((1 + cv²) · m − 1) · icc.

    >>> round(design_effect(per_cluster=20, icc=0.05), 4)
    1.95

    Raises:
        DefinitionError: fewer than one person per cluster, or a correlation or variation outside what it can be.

    **Source** Eldridge, Ashby & Kerry 2006 (Int J Epidemiol).
    """
    if not (per_cluster >= 1 and 0 <= icc <= 1 and 0 <= cluster_cv < float("inf")):
        raise DefinitionError(
            "Ett kluster har minst en person, en korrelation från 0 till 1 och en variation som inte är negativ.",
            found=f"personer {per_cluster:g}, korrelation {icc:g}, variation {cluster_cv:g}",
        )
    return 1 + ((1 + cluster_cv**2) * per_cluster - 1) * icc


def power_of(arms: TwoArms, *, control_share: float, difference: float, level: float = 0.95) -> float:
    """Return the probability that a two-sided test at 1 − ``level`` finds a true ``difference`` (treated − control) between the shares.

    The normal approximation with the pooled variance under no difference; the numbers of persons are divided by the design effect.

    >>> round(power_of(TwoArms(700, 700), control_share=0.40, difference=0.10), 4)
    0.9648

    Raises:
        DefinitionError: an arm is empty, or a share or level lies outside 0 to 1.

    **Source** Fleiss, Levin & Paik 2003, *Statistical Methods for Rates and Proportions*, chapter 4 (without continuity correction).
    """
    _check_shares(control_share, control_share + difference, level=level)
    if min(arms.n_treated, arms.n_control) < 1:
        raise DefinitionError(
            "Båda grupperna ska ha personer.", found=f"{arms.n_treated} och {arms.n_control} personer"
        )
    effective = arms.n_treated / arms.design_effect
    return _power(effective, control_share, difference, ratio=arms.n_control / arms.n_treated, level=level)


def persons_needed(
    *,
    control_share: float,
    difference: float,
    power: float = 0.8,
    level: float = 0.95,
    control_per_treated: float = 1.0,
    design_effect: float = 1.0,
) -> tuple[int, int]:
    """Return how many treated and control persons find a true ``difference`` with ``power``, each rounded up.

    >>> persons_needed(control_share=0.40, difference=0.10)
    (388, 388)

    Raises:
        DefinitionError: no difference, or a share, power, level or ratio that cannot be.

    **Source** as `power_of`.
    """
    _check_shares(control_share, control_share + difference, level=level)
    if difference == 0 or not 0 < power < 1 or not 0 < control_per_treated < float("inf") or design_effect < 1:
        raise DefinitionError(
            "Storleken kräver en skillnad, en styrka mellan 0 och 1 och grupper med personer.",
            found=f"skillnad {difference:g}, styrka {power:g}, kontroller per behandlad {control_per_treated:g}",
        )

    def lacks(n_treated: float) -> float:
        return _power(n_treated, control_share, difference, ratio=control_per_treated, level=level) - power

    if lacks(MOST_PERSONS) < 0:
        raise DefinitionError("Skillnaden är för liten för varje antal personer.", found=f"skillnad {difference:g}")
    needed = 1.0 if lacks(1.0) >= 0 else float(brentq(lacks, 1.0, MOST_PERSONS, rtol=1e-12))
    return ceil(needed * design_effect), ceil(needed * design_effect * control_per_treated)


def detectable_difference(
    arms: TwoArms, *, control_share: float, power: float = 0.8, level: float = 0.95, harm: bool = False
) -> float:
    """Return the smallest difference that the experiment finds with ``power``, above the control share or, as ``harm``, below it; NaN where none is.

    >>> round(detectable_difference(TwoArms(388, 388), control_share=0.40), 3)
    0.1

    Raises:
        DefinitionError: as `power_of`, or a power that cannot be.

    **Source** as `power_of`.
    """
    if not 1 - level < power < 1:
        raise DefinitionError("Styrkan ska ligga mellan signifikansnivån och 1.", found=f"{power:g}")
    sign = -1.0 if harm else 1.0
    most = control_share if harm else 1 - control_share

    def lacks(difference: float) -> float:
        return power_of(arms, control_share=control_share, difference=sign * difference, level=level) - power

    least, most = 1e-9, most - 1e-9
    if not isfinite(lacks(most)) or lacks(most) < 0:
        return float("nan")
    return sign * float(brentq(lacks, least, most, xtol=1e-12))


def _power(n_treated: float, control_share: float, difference: float, *, ratio: float, level: float) -> float:
    found = power_proportions_2indep(
        difference, control_share, n_treated, ratio=ratio, alpha=1 - level, return_results=False
    )
    return float(found)


def _check_shares(*shares: float, level: float) -> None:
    if not all(0 < share < 1 for share in shares) or not 0 < level < 1:
        raise DefinitionError(
            "Andelarna med och utan skillnaden, och nivån, ska ligga mellan 0 och 1.",
            found=f"andelar {', '.join(f'{share:g}' for share in shares)}, nivå {level:g}",
        )
