"""How the share placed within a horizon changes when one choice at a time is another than the headline's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.cohorts.variants import HEADLINE, VARIANTS
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.result import Cell, Dimension, Equation, Result, cell
from kaa_analysis.survival.follow_up_result import follow_up_result
from kaa_analysis.survival.horizons import MONTHS, horizon_times, months_dimension
from kaa_analysis.survival.linked_counts import follow_up_context
from kaa_analysis.survival.placed_within import SUMS, placed_within, placed_within_columns

VARIANT = "variant"
SENSITIVITY_HORIZONS = (12, 24)
_SAME = {
    "turning_20_censored": ("", "_placed", "_still"),
    "moves_censored": ("", "_placed", "_still"),
    "without_komvux": ("", "_censored", "_still"),
}
"""What is counted alike in a variant, by the end of its measure."""
_NESTED = {
    "no_delayed_entry": {"": -1, "_placed": -1, "_left": -1, "_censored": -1, "_still": -1},
    "all_spells": {"": -1, "_placed": -1, "_left": -1, "_censored": -1, "_still": -1},
    "day_0_excluded": {"": 1, "_placed": 1, "_left": 1, "_censored": 1, "_still": 1},
    "turning_20_censored": {"_left": 1},
    "moves_censored": {"_left": 1},
    "without_komvux": {"_placed": 1},
}
"""What a variant counts more of (-1) or less (1) than the headline, whole spells of which readers could work out the number."""
NOTE = (
    "Varje rad ändrar ett val i taget mot rapportens. Där andelen ändras mycket beror svaret på valet, och valet bör då nämnas tillsammans med "
    "andelen. Att räkna som om ingen fyllde 20 år eller flyttade svarar på andra frågor än rapportens."
)


def sensitivity(
    follow_ups: Mapping[str, FollowUp], *, horizons: Sequence[int] = SENSITIVITY_HORIZONS, level: float = 0.95
) -> Result:
    """Estimate the share that has left by the way sought within each horizon, for the headline and for each of its variants.

    ``follow_ups`` are those of `cohorts.variants.variants`, the headline first. One row per variant and horizon (whole months): how many are
    followed, and of them how many have been placed by the horizon, have left otherwise, are no longer followed, and are still there.
    ``share_placed`` is the Aalen–Johansen estimate with log-log limits, clustered on the person where persons have several spells; it is NaN past
    the last observed time.

    Raises:
        DefinitionError: the first follow-up is not the headline, a variant is unknown, or horizons out of order.

    **Counts** spells.
    **Time** whole days since the variant's time zero; a month is 365.25/12 days (`months_to_days`).
    **Missing** a spell that is not yet over is censored at the end of observation.
    **Source** Aalen & Johansen 1978; `docs/methods/placement_before_twenty.md`.
    """
    if next(iter(follow_ups), None) != HEADLINE or not set(follow_ups) <= set(VARIANTS):
        raise DefinitionError(
            "Varianterna ska vara rapportens val först och sedan kända ändringar.", found=", ".join(follow_ups)
        )
    headline = follow_ups[HEADLINE]
    rows = [
        placed_within(followed.times_table, end, sought=followed.sought, level=level)
        | {VARIANT: name, MONTHS: str(months)}
        for name, followed in follow_ups.items()
        for months, end in zip(horizons, horizon_times(horizons, unit=headline.unit), strict=True)
    ]
    columns = (
        Dimension(VARIANT, "Val", {name: VARIANTS[name] for name in follow_ups}),
        months_dimension(horizons),
        *placed_within_columns(f"{headline.cohort}_variant", all_of_them="Följs", level=level),
    )
    return follow_up_result(
        headline,
        "sensitivity",
        title="Andel med studieplats enligt olika val",
        columns=columns,
        table=pd.DataFrame(rows),
        note=NOTE,
        method="sensitivity",
        equations=_equations(headline, follow_ups, horizons=horizons),
        row_sums=SUMS,
    )


def _equations(
    headline: FollowUp, follow_ups: Mapping[str, FollowUp], *, horizons: Sequence[int]
) -> Iterator[Equation]:
    """Give how the rows hang together with one another and with the headline's own tables.

    From the first day in the target group the same spells have other times: no row is part of another.
    """
    for months in horizons:
        yield from _headline_equations(headline, months)
        for name in follow_ups:
            if name == HEADLINE:
                continue
            for measure in _SAME.get(name, ()):
                yield Equation(
                    "Samma registreringar",
                    ((1, _at(headline, measure, HEADLINE, months)), (-1, _at(headline, measure, name, months))),
                )
            for measure, sign in _NESTED.get(name, {}).items():
                one, other = _at(headline, measure, HEADLINE, months), _at(headline, measure, name, months)
                between = _at(headline, f"{measure}_between", name, months)
                yield Equation(
                    "Rapportens val och varianten skiljer sig åt hela registreringar",
                    ((sign, one), (-sign, other), (-1, between)),
                )


def _headline_equations(headline: FollowUp, months: int) -> Iterator[Equation]:
    context = follow_up_context(headline)
    followed = cell(f"{headline.cohort}_follow_up", **context, step="followed")
    yield Equation("De som följs", ((1, followed), (-1, _at(headline, "", HEADLINE, months))))
    place = context | {MONTHS: str(months), "way_out": headline.sought}
    placed = cell(f"{headline.cohort}_events_to_date", **place)
    yield Equation("De som har fått studieplats", ((1, placed), (-1, _at(headline, "_placed", HEADLINE, months))))


def _at(headline: FollowUp, part: str, variant: str, months: int) -> Cell:
    place = follow_up_context(headline) | {VARIANT: variant, MONTHS: str(months)}
    return cell(f"{headline.cohort}_variant{part}", **place)
