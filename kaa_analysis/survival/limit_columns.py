"""The columns that hold the limits of an estimate."""

from __future__ import annotations

from dataclasses import replace

from kaa_analysis.core.result import Estimate


def limit_columns(estimate: Estimate, *, level: float) -> tuple[Estimate, Estimate]:
    r"""Return the columns lower and upper of a result: they rest on what the estimate itself rests on.

    >>> limit_columns(Estimate("share_left", "Andel", ("n_at_risk",)), level=0.95)[0].label
    '95\xa0% konfidensintervall, nedre gräns'
    """
    interval = f"{level * 100:g}".replace(".", ",") + "\N{NO-BREAK SPACE}% konfidensintervall"
    return (
        replace(estimate, name="lower", label=f"{interval}, nedre gräns"),
        replace(estimate, name="upper", label=f"{interval}, övre gräns"),
    )
