"""Which two columns of a table are the bounds of an interval."""

from __future__ import annotations

from collections.abc import Iterable

from kaa_analysis.core.result import Column, Estimate
from kaa_analysis.present.formats import is_proportion

BOUND_WORDS = (("lower", "upper"), ("low", "high"))

INTERVAL_LABEL = "Intervall (95 %)".replace(" %", "\u00a0%")
INTERVAL_NOTE = "Intervallet visar hur osäker andelen är (95-procentigt konfidensintervall)."
TIME_INTERVAL_NOTE = "Intervallet visar hur osäker tiden är (95-procentigt konfidensintervall)."
ESTIMATE_NOTE = "Intervallet visar hur osäker skattningen är (95-procentigt konfidensintervall)."


def interval_label(label: str) -> str:
    r"""Return the heading of an interval that is not the only one of its table: it says of what, the column before it.

    >>> interval_label("Skillnad mot övriga")
    'Intervall (95\xa0%) för skillnad mot övriga'
    """
    return f"{INTERVAL_LABEL} för {label[0].lower()}{label[1:]}"


def partner(name: str, names: Iterable[str]) -> str | None:
    """Return the upper bound that belongs to the lower bound called ``name``, or None if it is no lower bound.

    >>> partner("share_low", ["share_low", "share_high"]), partner("inflow", ["inflow"])
    ('share_high', None)
    """
    known = set(names)
    for low, high in BOUND_WORDS:
        upper = name.replace(low, high)
        if upper != name and upper in known:
            return upper
    return None


def bounds_of(columns: Iterable[Column]) -> tuple[str, str] | None:
    """Return the names of the first pair of bounds, or None."""
    names = [column.name for column in columns]
    found = ((name, partner(name, names)) for name in names)
    return next(((lower, upper) for lower, upper in found if upper is not None), None)


def interval_note(columns: Iterable[Column]) -> str:
    """Return what a table's interval shows: the uncertainty of a share, of a time or of another estimate; empty where there is no interval.

    >>> ratio = [Estimate(name, "Kvot", ("n",), digits=2) for name in ("ratio", "lower", "upper")]
    >>> interval_note(ratio) == ESTIMATE_NOTE, interval_note([])
    (True, '')
    >>> interval_note([Estimate(name, name, ("n_left",), rule="quantile") for name in ("lower", "upper")])
    'Intervallet visar hur osäker tiden är (95-procentigt konfidensintervall).'
    """
    columns = list(columns)
    bounds = bounds_of(columns)
    if bounds is None:
        return ""
    lower = next(column for column in columns if column.name == bounds[0])
    if isinstance(lower, Estimate) and lower.rule in ("mean", "quantile"):
        return TIME_INTERVAL_NOTE
    return INTERVAL_NOTE if is_proportion(lower) else ESTIMATE_NOTE
