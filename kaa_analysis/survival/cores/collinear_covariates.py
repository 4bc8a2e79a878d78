"""Covariates whose coefficient nothing in the data can tell: those that do not vary in any risk set, and those that follow from others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.core.errors import DefinitionError

LEAST_SHARE = 1e-11
"""A covariate of whose own information no larger share is left, the others held still, differs from them only by rounding."""
PART = 1e-6
"""A covariate with a smaller part than this in another has no part in it."""


def refuse_collinear(information: NDArray, own: NDArray, *, names: Sequence[str]) -> None:
    """Refuse covariates that the information cannot tell apart.

    ``information`` (p, p) is that of the coefficients 0; ``own`` (p,) is what a covariate would have if it were 0 for everybody else.

    Raises:
        DefinitionError: a covariate does not vary within the risk sets, or follows from those before it; each is named.
    """
    root = np.sqrt(np.where(own > 0, own, 1.0))
    relative = information / np.outer(root, root)
    kept: list[int] = []
    found: list[str] = []
    for place, name in enumerate(names):
        if relative[place, place] < LEAST_SHARE:
            found.append(f"{name}: samma värde för alla under risk vid varje händelse")
            continue
        parts = np.linalg.solve(relative[np.ix_(kept, kept)], relative[kept, place])
        if relative[place, place] - relative[place, kept] @ parts < LEAST_SHARE * relative[place, place]:
            others = [names[other] for other, part in zip(kept, parts, strict=True) if abs(part) > PART]
            found.append(f"{name}: följer av {', '.join(others)}")
        else:
            kept.append(place)
    if found:
        raise DefinitionError(
            "Varje kovariat ska variera bland dem som är under risk och inte följa av de andra.",
            found=found,
            action="ta bort de kovariater som nämns, eller slå ihop dem med andra",
        )
