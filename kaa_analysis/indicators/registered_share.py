"""The two sources in one line: how many of the target group are registered, and how many are registered beside it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts.area import district_on
from kaa_analysis.cohorts.inhabitants import in_district, last_of_each
from kaa_analysis.cohorts.spells import observed_end, population_of, with_districts
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.kept_answers import answers_of
from kaa_analysis.core.periods import Period, day_before
from kaa_analysis.core.result import Cell, Count, Equation, Result, Share
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.coverage import LISTED, OUTSIDE, REGISTER_ONLY, coverage_list, running_on
from kaa_analysis.indicators.splits import SEX, STOCK
from kaa_analysis.indicators.stock import N_END
from kaa_analysis.indicators.tally import share, table, tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

N_TARGET = Count("n_target", "I målgruppen", measure="in_target")
N_REGISTERED = Count("n_registered", "varav registrerade", measure="in_target_registered")
N_OUTSIDE = Count("n_outside", "Registrerade utanför målgruppen", measure=OUTSIDE.measure)
REGISTERED_SHARE = Share("share_registered", "Andel registrerade", N_REGISTERED.name, N_TARGET.name)


def registered_share(
    register: Register, *, period: Period, population: TargetPopulation | None = None, area: ChosenArea | None = None
) -> Result:
    """Count those in the target group on the last observed day of a period, those of them registered, and those registered beside it.

    To the district ``area`` belong those who live there on the day; who is registered but not in the target group that day belongs to it by
    the registration, as in `cohorts.inhabitants`. None is the whole municipality.

    Raises:
        DefinitionError: as in `coverage_list`, or no day of the period is observed, or the division of the area is finer than that of
            the day.

    **Counts**: persons.
    **Time**: the day, as in `coverage`.
    **Missing**: as in `coverage`; nobody in the target group, no share.
    **Source**: 29 kap. 9 § skollagen; Skolverket's PM dnr 2019:00783.
    """
    day = day_before(observed_end(period, register.extract_date))
    listed = _listed(register, day, population)
    once = not listed["repeated"].any()
    if area is not None:
        listed = listed[in_district(_districts(listed, register, day, population), area)]
    rows = {
        N_TARGET.name: listed["coverage"].isin(["both", "rules_only"]),
        N_REGISTERED.name: listed["coverage"] == "both",
        N_OUTSIDE.name: listed["coverage"].isin(REGISTER_ONLY),
    }
    counts = {name: tally(listed[chosen], by=[SEX]) for name, chosen in rows.items()}
    counts |= {REGISTERED_SHARE.name: share(counts[N_REGISTERED.name], counts[N_TARGET.name])}
    context = splits.place(register.extract_date, area=area, day=day.isoformat())
    stock = _stock_cells(context, period=period, area=area)
    return Result(
        id="registered_share",
        title=f"Andel av målgruppen{splits.located(area)} som är registrerad {day.isoformat()}",
        columns=(SEX, N_TARGET, N_REGISTERED, REGISTERED_SHARE, N_OUTSIDE),
        table=table(counts)[[SEX.name, N_TARGET.name, N_REGISTERED.name, REGISTERED_SHARE.name, N_OUTSIDE.name]],
        context=context,
        equations=tuple(
            equation for sex in SEX.labels for equation in _equations(sex, context, stock=stock[sex], once=once)
        ),
        note="Den som är i målgruppen men inte registrerad borde ha varit det, om uppgifterna om folkbokföring, skolgång och bevis stämmer. Bara personer i "
        "uttaget prövas: finns ungdomar som aldrig har registrerats inte med där blir andelen för hög."
        + _who_lives(area),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("registered_share", area=area),
    )


def _listed(register: Register, day: date, population: TargetPopulation | None) -> pd.DataFrame:
    """Return `coverage_list` of a day; the reports on all districts ask for it."""
    return answers_of(register).answer(
        ("coverage list", day), lambda: coverage_list(register, day=day, population=population), beside=population
    )


def _districts(listed: pd.DataFrame, register: Register, day: date, population: TargetPopulation | None) -> pd.Series:
    """Return the district of each person listed: that of the registration running on the day, else that of the residence on the day."""

    def found() -> pd.Series:
        spells, by_target = running_on(register, day), population_of(register, population)
        running = with_districts(spells, register=register, last_day=day, population=by_target)
        registered = last_of_each(running).set_index("person_id")["district"]
        that_day = pd.Series(pd.Timestamp(day), index=listed.index).astype(running["entry_date"].dtype)
        at_home = district_on(register, listed["person_id"], that_day)
        return listed["person_id"].map(registered).astype("string").where(listed["coverage"] != "rules_only", at_home)

    return answers_of(register).answer(("coverage list, districts", day), found, beside=population)


def _who_lives(area: ChosenArea | None) -> str:
    """Return who belongs to the district, or the empty string."""
    if area is None:
        return ""
    return (
        f" Tabellen gäller dem som bodde {area.located} den dagen; den som är registrerad utanför målgruppen räknas där ungdomen bodde "
        "sin sista dag i målgruppen, om det fanns någon."
    )


def _stock_cells(context: dict[str, str], *, period: Period, area: ChosenArea | None) -> dict[str, Cell]:
    """Return the cell of the registrations on the day, by sex; those of a district are the ones at the end of its period."""
    if area is None:
        return {sex: splits.at(STOCK, context, sex=sex) for sex in SEX.labels}
    at_end = {name: value for name, value in context.items() if name != "day"} | {"period": period.label}
    return {sex: splits.at(N_END.measure, at_end, sex=sex) for sex in SEX.labels}


def _equations(sex: str, context: dict[str, str], *, stock: Cell, once: bool) -> list[Equation]:
    """Return how the counts hang together with those of `coverage`, and with the stock if nobody is registered twice that day."""

    def listed(code: str) -> Cell:
        return splits.at(LISTED.measure, context, coverage=code, sex=sex)

    target, registered, outside = (
        splits.at(measure, context, sex=sex) for measure in (N_TARGET.measure, N_REGISTERED.measure, N_OUTSIDE.measure)
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
