"""Two sources on one day: who is in the target group by the rules, who is registered, and how much each choice in the rules moves the stock."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts.spells import MISREGISTERED, all_spells, in_target, meets
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.methods import method_of
from kaa_analysis.core.result import Count, Dimension, Equation, Result
from kaa_analysis.core.vocabularies import labels
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.splits import SEX, STOCK
from kaa_analysis.indicators.stock import stock_on
from kaa_analysis.indicators.tally import table, table_of_each, tally
from kaa_analysis.target_population import (
    CONDITIONS,
    TargetPopulation,
    TargetRules,
    inside_by_rules,
    target_population,
    wording_on,
    wordings,
)
from kaa_analysis.target_population.applicability import require_rules

if TYPE_CHECKING:
    from kaa_analysis.store import Register

COVERAGE = Dimension(
    "coverage",
    "Målgrupp och register",
    {
        "either": "I målgruppen eller registrerade",
        "both": "I målgruppen och registrerade",
        "rules_only": "I målgruppen men inte registrerade",
        "register_other_day": "Registrerade, i målgruppen en annan dag av registreringen",
        "register_never": "Registrerade, i målgruppen ingen dag av registreringen",
    },
    total="either",
)
REGISTER_ONLY = ("register_other_day", "register_never")
LISTED = Count("n_persons", "Personer", measure="coverage")
OUTSIDE = Count("n_persons", "Personer", measure="registered_outside")
UNKNOWN = "unknown"
FAILING = (
    "resident_elsewhere", "no_residence", "turned_20", "birth_date_missing", "not_completed", "no_school_record", "enrolled",
    "introduction_programme", "law_change", "summer_between_places", "autumn_place", "accepted_place", "held",
)  # fmt: skip
HELD = "Har bevis på fullföljd utbildning"
UNCHANGED = "unchanged"
N_STOCK = Count("n_stock", "Registrerade", measure=STOCK, unit="spells")
N_GAINED = Count("n_gained", "Tillkommer", measure="stock_gained", unit="spells")
N_LOST = Count("n_lost", "Faller bort", measure="stock_lost", unit="spells")


def coverage(register: Register, *, day: date, population: TargetPopulation | None = None) -> Result:
    """Count who is in the target group by the rules and who is registered on a day: both, the rules alone, the register alone.

    Each row is the length of the list that `coverage_list` gives inside the room.

    Raises:
        DefinitionError: as in `coverage_list`.

    **Counts**: persons.
    **Time**: in the target group, and registered (entry_date ≤ day < exit_date), on the day.
    **Missing**: mistakes are not registered; without a birth date nobody is in the target group.
    **Source**: 29 kap. 9 § skollagen; Skolverket's PM dnr 2019:00783 (municipalities report different parts of the group).
    """
    listed = coverage_list(register, day=day, population=population)
    counts = {LISTED.name: tally(listed, by=[COVERAGE, SEX])}
    context = splits.place(register.extract_date, day=day.isoformat())
    return Result(
        id="coverage",
        title=f"I målgruppen och i registret {day.isoformat()}",
        columns=(COVERAGE, SEX, LISTED),
        table=table(counts),
        context=context,
        equations=() if listed["repeated"].any() else tuple(_stock_equation(sex, context) for sex in SEX.labels),
        note="Målgruppen bestäms av reglerna i 29 kap. 9 § skollagen och uppgifterna om folkbokföring, skolgång och bevis; registret av KAA-perioderna. "
        "Raden I målgruppen men inte registrerade är de som borde ha varit registrerade, om uppgifterna stämmer. Bara personer i uttaget prövas.",
        source=splits.citation(register.source, register.extract_date),
        method=method_of("coverage", splits.METHODS),
    )


def registered_outside(register: Register, *, day: date, population: TargetPopulation | None = None) -> Result:
    """Count those registered but not in the target group on a day, by the first condition of the law that fails.

    Raises:
        DefinitionError: as in `coverage_list`.

    **Counts**: persons.
    **Time**: the day, as in `coverage`.
    **Missing**: someone of whom no condition is known that day stands on a row of its own.
    **Source**: 29 kap. 9 § skollagen.
    """
    listed = coverage_list(register, day=day, population=population)
    outside = listed[listed["coverage"].isin(REGISTER_ONLY)]
    split = _reason_dimension()
    context = splits.place(register.extract_date, day=day.isoformat())
    return Result(
        id="registered_outside",
        title=f"Registrerade som inte hör till målgruppen {day.isoformat()}, efter skäl",
        columns=(split, SEX, OUTSIDE),
        table=table({OUTSIDE.name: tally(outside, by=[split, SEX])}),
        context=context,
        equations=tuple(_outside_equation(sex, context) for sex in SEX.labels),
        note="Skälet är det första villkoret, i lagens ordning, som inte är uppfyllt den dagen.",
        source=splits.citation(register.source, register.extract_date),
        method=method_of("registered_outside", splits.METHODS),
    )


def stock_by_setting(register: Register, *, day: date, rules: TargetRules | None = None) -> Result:
    """Count the stock on a day by ``rules`` and with each of their settings changed, one at a time, to each of its other options.

    Raises:
        DefinitionError: as in `coverage_list`.

    **Counts**: registrations (spells), as in `stock_and_flow`; beside them those that the change adds and takes away.
    **Time**: registered on the day: entry_date ≤ day < exit_date.
    **Missing**: as in `stock_and_flow`.
    **Source**: `docs/avgoranden.csv`.
    """
    _check(register, day)
    rules = TargetRules() if rules is None else rules
    running = running_on(register, day)
    inside = inside_by_rules(register, rules={UNCHANGED: rules, **rules.alternatives()}, persons=running["person_id"])
    first, observed_to = wordings()[0].in_force, register.extract_date
    stocks = {
        name: running[meets(running, intervals, observed_to=observed_to, start=first)]
        for name, intervals in inside.items()
    }
    split = Dimension(
        "setting",
        "Ändrat val",
        {name: labels("target_setting")[name] for name in stocks},
    )
    counts = {name: _moved(stock, stocks[UNCHANGED]) for name, stock in stocks.items()}
    context = splits.place(register.extract_date, day=day.isoformat())
    return Result(
        id="stock_by_setting",
        title=f"Registrerade {day.isoformat()} om ett val i målgruppens regler ändras",
        columns=(split, SEX, N_STOCK, N_GAINED, N_LOST),
        table=table_of_each(counts, split=split.name),
        context=context,
        equations=(
            *(_moved_equation(name, sex, context) for name in stocks if name != UNCHANGED for sex in SEX.labels),
            *(_unchanged_equation(sex, context) for sex in SEX.labels),
        ),
        note="Varje rad ändrar ett enda val; första raden är utan ändring. Antalet är första radens, plus de som tillkommer, minus de som "
        "faller bort.",
        source=splits.citation(register.source, register.extract_date),
        method=method_of("stock_by_setting", splits.METHODS),
    )


def coverage_list(register: Register, *, day: date, population: TargetPopulation | None = None) -> pd.DataFrame:
    """Return a row per person in the target group or registered on a day. Only inside the secure room.

    Columns: person_id, sex, coverage (a code of `COVERAGE`), reason (of the first failing condition; missing for those in the target
    group, "unknown" where none is known), repeated (has several registrations that day).

    Raises:
        DefinitionError: the law's rules cannot be applied to the register, or the day is not observed or lies before the first wording.
    """
    _check(register, day)
    population = target_population(register) if population is None else population
    registered = _registered(register, population, day)
    inside = _covering(population.intervals_table, day)["person_id"]
    persons = register.table("persons", columns=["person_id", "sex"])
    listed = persons[persons["person_id"].isin(registered["person_id"]) | persons["person_id"].isin(inside)]
    listed = listed.merge(registered, on="person_id", how="left", validate="one_to_one")
    in_group, in_register = listed["person_id"].isin(inside), listed["counted"].notna()
    counted = listed["counted"].fillna(False).astype(bool)
    listed["coverage"] = "register_never"
    listed["coverage"] = listed["coverage"].mask(counted, "register_other_day").mask(in_group, "both")
    listed["coverage"] = listed["coverage"].mask(in_group & ~in_register, "rules_only")
    reason = listed["person_id"].map(_first_reason(population, day)).astype("string")
    listed["reason"] = reason.fillna(UNKNOWN).mask(in_group)
    listed["repeated"] = listed["repeated"].fillna(False).astype(bool)
    return listed[["person_id", "sex", "coverage", "reason", "repeated"]].reset_index(drop=True)


def _registered(register: Register, population: TargetPopulation, day: date) -> pd.DataFrame:
    """Return person_id, counted (in the target group on some day of the registration), repeated: a row per person registered on the day."""
    spells = running_on(register, day)
    found = spells[["person_id"]].assign(counted=in_target(spells, population, start=wordings()[0].in_force), n=1)
    of_person = found.groupby("person_id", sort=False).agg(counted=("counted", "any"), n=("n", "sum"))
    return of_person.assign(repeated=of_person["n"] > 1).drop(columns="n").reset_index()


def running_on(register: Register, day: date) -> pd.DataFrame:
    """Return the registrations running on the day, mistakes left out."""
    spells = all_spells(register)
    spells = spells[spells["exit_reason"].ne(MISREGISTERED).fillna(True)]
    return spells[stock_on(spells, day)]


def _covering(rows: pd.DataFrame, day: date) -> pd.DataFrame:
    stamp = pd.Timestamp(day)
    return rows[(rows["start"] <= stamp) & (stamp < rows["end"])]


def _first_reason(population: TargetPopulation, day: date) -> pd.Series:
    rank = {condition: number for number, condition in enumerate(CONDITIONS)}
    rows = _covering(population.conditions_table, day)
    rows = rows[~rows["holds"].astype(bool)]
    rows = rows.assign(rank=rows["condition"].map(rank)).sort_values("rank", kind="stable")
    return rows.drop_duplicates("person_id").set_index("person_id")["reason"]


def _reason_dimension() -> Dimension:
    words = {code: text[0].upper() + text[1:] for code, text in labels("target_reason").items()}
    shown = {code: words[code] for code in FAILING} | {"held": HELD}
    return Dimension("reason", "Skäl", {"all": "Alla", **shown, UNKNOWN: "Uppgift saknas"}, total="all")


def _moved(stock: pd.DataFrame, unchanged: pd.DataFrame) -> pd.DataFrame:
    """Return the stock, what it has more than the unchanged one and what less, by sex."""
    keys = [pd.MultiIndex.from_frame(rows[["person_id", "spell"]]) for rows in (stock, unchanged)]
    parts = {
        N_STOCK.name: stock,
        N_GAINED.name: stock[~keys[0].isin(keys[1])],
        N_LOST.name: unchanged[~keys[1].isin(keys[0])],
    }
    return table({name: tally(rows, by=[SEX]) for name, rows in parts.items()})


def _check(register: Register, day: date) -> None:
    require_rules(
        register, expected="Målgruppen kan bara jämföras med ett register som lagens regler kan tillämpas på."
    )
    wording_on(day)
    if day >= register.extract_date or (register.observed_from is not None and day < register.observed_from):
        raise DefinitionError(
            "Dagen ska vara observerad.",
            found=f"{day}, uttag {register.extract_date}, historiken från {register.observed_from or 'början'}",
            action="välj en dag före uttaget och inom historiken",
        )


def _stock_equation(sex: str, context: dict[str, str]) -> Equation:
    parts = [splits.at(LISTED.measure, context, coverage=code, sex=sex) for code in ("both", "register_other_day")]
    stock = splits.at(STOCK, context, sex=sex)
    return Equation(
        "Beståndet är de registrerade som hör till målgruppen någon dag", ((1, parts[0]), (1, parts[1]), (-1, stock))
    )


def _outside_equation(sex: str, context: dict[str, str]) -> Equation:
    parts = [(1, splits.at(LISTED.measure, context, coverage=code, sex=sex)) for code in REGISTER_ONLY]
    total = splits.at(OUTSIDE.measure, context, sex=sex)
    return Equation("De registrerade utanför målgruppen är desamma i båda tabellerna", (*parts, (-1, total)))


def _moved_equation(name: str, sex: str, context: dict[str, str]) -> Equation:
    changed = {"setting": name, "sex": sex}
    return Equation(
        "Ändrat bestånd är oförändrat bestånd plus de som tillkommer minus de som faller bort",
        (
            (1, splits.at(STOCK, context, setting=UNCHANGED, sex=sex)),
            (1, splits.at(N_GAINED.measure, context, **changed)),
            (-1, splits.at(N_LOST.measure, context, **changed)),
            (-1, splits.at(STOCK, context, **changed)),
        ),
    )


def _unchanged_equation(sex: str, context: dict[str, str]) -> Equation:
    here = splits.at(STOCK, context, setting=UNCHANGED, sex=sex)
    return splits.same("Det oförändrade beståndet är beståndet den dagen", here, splits.at(STOCK, context, sex=sex))
