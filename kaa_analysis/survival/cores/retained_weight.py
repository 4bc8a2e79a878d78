"""The weight that is retained after leaving another way: G of not yet being censored, H of having come under observation.

*G* is the Kaplan–Meier estimate over time of not yet being censored, *H* that over time run backwards of having entered. Who left at *s*
counts at *t* with G(t−)H(t−) / (G(s−)H(s−)), one product over the grid times between (`docs/methods/fine_gray.md`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.weighted_spells import WeightedSpells


class CensoringTies(StrEnum):
    """Who is at risk of being censored at a time at which others leave: `CRR` they too, as in cmprsk; `FINEGRAY` not they, as in survival."""

    CRR = "crr"
    FINEGRAY = "finegray"


@dataclass(frozen=True, eq=False)
class RetainedWeight:
    """G(t−)H(t−) at the ``T`` grid times, up to a factor, and what it rests on; all have shape (T,).

    ``just_before`` is 1 at the first time: without delayed entry it is G(t−). ``per_exposed`` is 1 / number exposed to censoring, ``per_earlier``
    1 / number at risk that had entered before the previous time (0 where there is none), ``censored`` and ``entered`` the shares of the
    exposed that are censored and of those at risk that have entered since.
    """

    ties: CensoringTies
    just_before: NDArray
    per_exposed: NDArray
    censored: NDArray
    per_earlier: NDArray
    entered: NDArray


def retained_weight(counted: WeightedSpells, *, ties: CensoringTies) -> RetainedWeight:
    """Return G and H of ``counted``, whose causes are 1 (of interest) and 2 (another), each spell counting with its weight.

    Raises:
        DefinitionError: nobody is left at some time between an exit of cause 2 and a later event of interest.
    """
    _refuse_emptied(counted)
    n_exposed = counted.n_at_risk - (counted.n_event.sum(axis=0) if ties is CensoringTies.FINEGRAY else 0)
    n_earlier = counted.n_at_risk - counted.n_entered
    exposed, stayed = n_exposed > 0, ~_emptied(counted)
    censored = _divided(counted.n_censored, n_exposed, where=exposed)
    steps = np.concatenate([[1.0], 1 - censored[:-1]]) * _divided(counted.n_at_risk, n_earlier, where=stayed)
    return RetainedWeight(
        ties=ties,
        just_before=np.cumprod(np.where(stayed, steps, 1.0)),
        per_exposed=_divided(1.0, n_exposed, where=exposed),
        censored=censored,
        per_earlier=_divided(1.0, n_earlier, where=stayed),
        entered=counted.n_entered / counted.n_at_risk,
    )


def _emptied(counted: WeightedSpells) -> NDArray[np.bool_]:
    """Return where all at risk have entered after the previous time (at the first time they always have), shape (T,)."""
    return counted.grid.n_at_risk == counted.grid.n_entered


def _refuse_emptied(counted: WeightedSpells) -> None:
    of_interest, another = (np.flatnonzero(number) for number in counted.n_event)
    if not (len(of_interest) and len(another)):
        return
    n_emptied = int(_emptied(counted)[another[0] + 1 : of_interest[-1] + 1].sum())
    if n_emptied:
        raise DefinitionError(
            "Den som har lämnat av en annan orsak får ingen vikt vid en senare händelse, om ingen är kvar däremellan.",
            found=f"gånger som alla under risk har lämnat: {n_emptied}",
            action="räkna från en senare tid, då fler följs: utelämna de perioder som slutar före den",
        )


def _divided(number: NDArray | float, by: NDArray, *, where: NDArray[np.bool_]) -> NDArray:
    return np.divide(number, by, out=np.zeros(len(by)), where=where)
