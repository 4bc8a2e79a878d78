"""The two sources in one line: how many of the target group are registered, and how many are registered beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaa_analysis.cohorts.spells import observed_end
from kaa_analysis.core.methods import method_of
from kaa_analysis.core.periods import Period, day_before
from kaa_analysis.core.result import Cell, Count, Equation, Result, Share
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.coverage import LISTED, OUTSIDE, REGISTER_ONLY, coverage_list
from kaa_analysis.indicators.splits import SEX, STOCK
from kaa_analysis.indicators.tally import share, table, tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

N_TARGET = Count("n_target", "I målgruppen", measure="in_target")
N_REGISTERED = Count("n_registered", "varav registrerade", measure="in_target_registered")
N_OUTSIDE = Count("n_outside", "Registrerade utanför målgruppen", measure=OUTSIDE.measure)
REGISTERED_SHARE = Share("share_registered", "Andel registrerade", N_REGISTERED.name, N_TARGET.name)


def registered_share(register: Register, *, period: Period, population: TargetPopulation | None = None) -> Result:
    """Count those in the target group on the last observed day of a period, those of them registered, and those registered beside it.

    Raises:
        DefinitionError: as in `coverage_list`, or no day of the period is observed.

    **Counts**: persons.
    **Time**: the day, as in `coverage`.
    **Missing**: as in `coverage`; nobody in the target group, no share.
    **Source**: 29 kap. 9 § skollagen; Skolverket's PM dnr 2019:00783.
    """
    day = day_before(observed_end(period, register.extract_date))
    listed = coverage_list(register, day=day, population=population)
    rows = {
        N_TARGET.name: listed["coverage"].isin(["both", "rules_only"]),
        N_REGISTERED.name: listed["coverage"] == "both",
        N_OUTSIDE.name: listed["coverage"].isin(REGISTER_ONLY),
    }
    counts = {name: tally(listed[chosen], by=[SEX]) for name, chosen in rows.items()}
    counts |= {REGISTERED_SHARE.name: share(counts[N_REGISTERED.name], counts[N_TARGET.name])}
    context = splits.place(register.extract_date, day=day.isoformat())
    once = not listed["repeated"].any()
    return Result(
        id="registered_share",
        title=f"Andel av målgruppen som är registrerad {day.isoformat()}",
        columns=(SEX, N_TARGET, N_REGISTERED, REGISTERED_SHARE, N_OUTSIDE),
        table=table(counts)[[SEX.name, N_TARGET.name, N_REGISTERED.name, REGISTERED_SHARE.name, N_OUTSIDE.name]],
        context=context,
        equations=tuple(equation for sex in SEX.labels for equation in _equations(sex, context, once=once)),
        note="Den som är i målgruppen men inte registrerad borde ha varit det, om uppgifterna om folkbokföring, skolgång och bevis stämmer. Bara personer i "
        "uttaget prövas: finns ungdomar som aldrig har registrerats inte med där blir andelen för hög.",
        source=splits.citation(register.source, register.extract_date),
        method=method_of("registered_share", splits.METHODS),
    )


def _equations(sex: str, context: dict[str, str], *, once: bool) -> list[Equation]:
    """Return how the counts hang together with those of `coverage`, and with the stock if nobody is registered twice that day."""

    def listed(code: str) -> Cell:
        return splits.at(LISTED.measure, context, coverage=code, sex=sex)

    target, registered, outside, stock = (
        splits.at(measure, context, sex=sex)
        for measure in (N_TARGET.measure, N_REGISTERED.measure, N_OUTSIDE.measure, STOCK)
    )
    found = [
        splits.same("I målgruppen och registrerade är ett och samma tal", registered, listed("both")),
        Equation(
            "Målgruppen är de registrerade och de andra", ((1, listed("both")), (1, listed("rules_only")), (-1, target))
        ),
        Equation(
            "De utanför målgruppen är summan av de två slagen",
            (*((1, listed(code)) for code in REGISTER_ONLY), (-1, outside)),
        ),
    ]
    in_stock = Equation(
        "Beståndet är de registrerade som hör till målgruppen någon dag",
        ((1, registered), (1, listed("register_other_day")), (-1, stock)),
    )
    return [*found, in_stock] if once else found
