"""The rules of the policy: what it takes for a share, a mean, a quantile, a model or a curve to be shown, and what values a rule takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from kaa_analysis.core.errors import did_you_mean
from kaa_analysis.core.result import Unit

Grid = Literal["months"]

LARGEST_BASE = 1000
"""A larger base of rounding is a slip of the pen."""


def _whole(default: int, *, least: int, most: int) -> Any:
    return field(default=default, metadata={"least": least, "most": most})


@dataclass(frozen=True)
class ShareRules:
    """Shares of rounded counts are shown only from this rounded denominator on. Every share lies in 0–1."""

    rounded_denominator_from: int = _whole(20, least=10, most=1000)


@dataclass(frozen=True)
class MeanRules:
    """Means need this many persons; and the second largest contributor may not come within p % of the largest."""

    persons_from: int = _whole(10, least=3, most=1000)
    dominance_percent: int = _whole(10, least=1, most=100)


@dataclass(frozen=True)
class QuantileRules:
    """Quantiles and their limits need this many persons on each side; those in days are shown in steps of whole weeks."""

    persons_each_side: int = _whole(5, least=3, most=1000)
    step_days: int = _whole(7, least=7, most=91)


@dataclass(frozen=True)
class ModelRules:
    """A model's numbers need this many residual degrees of freedom and this many persons in its smallest cell."""

    residual_df_from: int = _whole(10, least=1, most=1000)
    cell_from: int = _whole(5, least=3, most=1000)


@dataclass(frozen=True)
class CurveRules:
    """Curves and their risk tables stand on a grid of this unit whose steps are at least ``step_from`` long; never on days."""

    grid: Grid = "months"
    step_from: int = _whole(1, least=1, most=12)


Rules = ShareRules | MeanRules | QuantileRules | ModelRules | CurveRules

SECTIONS: dict[str, type[Rules]] = {
    "shares": ShareRules,
    "means": MeanRules,
    "quantiles": QuantileRules,
    "models": ModelRules,
    "curves": CurveRules,
}
"""The sections by their names in the policy file."""


def section_problems(name: str, rules: Any) -> Iterator[str]:
    """Give, in Swedish, what is wrong with the values of one section; its names are already known to be right.

    >>> list(section_problems("means", MeanRules(persons_from=2)))
    ['means.persons_from: ska vara ett heltal mellan 3 och 1000']
    """
    for rule in fields(SECTIONS[name]):
        value = getattr(rules, rule.name)
        if rule.name == "grid":
            if value not in get_args(Grid):
                yield f"{name}.grid: finns inte, en kurva visas aldrig dag för dag{did_you_mean(str(value), get_args(Grid))}"
        elif not is_whole(value, least=rule.metadata["least"], most=rule.metadata["most"]):
            yield f"{name}.{rule.name}: {between(rule.metadata['least'], rule.metadata['most'])}"


def between(least: int, most: int) -> str:
    """Return the Swedish words for a whole number in a range."""
    return f"ska vara ett heltal mellan {least} och {most}"


def is_whole(value: Any, *, least: int, most: int) -> bool:
    """Tell whether a value is a whole number in a range (true and false are none)."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def least_base(unsafe_below: int) -> int:
    """Return the smallest base for which 0 and every unsafe count are rounded (half up) to 0.

    With a smaller one some of them would become the base itself, and a reader would see more than "few or none".

    >>> least_base(5), least_base(10)
    (9, 19)
    """
    return 2 * unsafe_below - 1


def unit_problems(units: Any) -> list[str]:
    """Return, in Swedish, what is wrong with the units that are protected."""
    if not isinstance(units, tuple):
        return ["protected_units: ska vara en lista"]
    unknown = [unit for unit in units if unit not in get_args(Unit)]
    missing = [unit for unit in ("persons", "spells") if unit not in units]
    return [f"protected_units: okänd enhet{did_you_mean(str(unit), get_args(Unit))}" for unit in unknown] + [
        f'protected_units: "{unit}" ska ingå (en period är en persons)' for unit in missing
    ]


def coarsen_problems(share: Any) -> Iterator[str]:
    """Give what is wrong with the share of hidden numbers above which rows are put together."""
    is_number = isinstance(share, (int, float)) and not isinstance(share, bool)
    if not (is_number and 0 <= share <= 1):
        yield "coarsen_above: ska vara ett tal mellan 0 och 1"


def value_problems(rule: str, named: Any) -> Iterator[str]:
    """Give, in Swedish, what is wrong with values listed by split."""
    if not isinstance(named, Mapping):
        yield f"{rule}: ska ange värden per uppdelning"
        return
    lists = {name: values for name, values in named.items() if isinstance(values, tuple)}
    yield from (f"{rule}.{name}: ska vara en lista av värden" for name in named if name not in lists)
    for name, values in lists.items():
        if not all(isinstance(value, str) for value in values):
            yield f"{rule}.{name}: värdena ska vara text (skriv tal inom citattecken)"
        elif len(set(values)) < len(values):
            yield f"{rule}.{name}: ett värde står mer än en gång"


def rounding_problems(rounding: Any, *, unsafe_below: int) -> Iterator[str]:
    """Give, in Swedish, what is wrong with the bases of rounding."""
    if not isinstance(rounding, Mapping):
        yield "rounding: ska ange en bas per mått"
        return
    least = least_base(unsafe_below)
    for measure, base in rounding.items():
        if not is_whole(base, least=least, most=LARGEST_BASE):
            yield (
                f"rounding.{measure}: {between(least, LARGEST_BASE)}; med en mindre bas avrundas inte 0 till {unsafe_below - 1} alla "
                "till 0, och läsaren ser mer än att de är få eller inga"
            )
