"""The covariates of a model as known at entry: the level of each spell, the level that others are compared with, and the smallest combination."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.core.vocabularies import labels

LEAST_OF_AN_AGE = 30
LEAST_TOGETHER = 5
"""The youngest are put together with those one year older while they are fewer persons than the first, or fewer than the second in a combination
of levels that anybody of them has."""
OR_YOUNGER = "_or_younger"
YOUNGEST = 15
"""Ages below this are one level with it."""
SEASONS = MappingProxyType({"spring": "Januari–juni", "autumn": "Juli–december"})
"""The halves of the year of the entry date: the terms, with the summer in the autumn term that it leads to."""
BASELINE = MappingProxyType({"sex": "Kön", "age_at_entry": "Ålder vid inträdet", "season": "Inträdets halvår"})
"""The covariates that are known at entry, with their Swedish names, in the order of presentation."""
REFERENCE = MappingProxyType({"sex": "male", "age_at_entry": "18", "season": "autumn"})
"""The level that the others are compared with; where nobody has it, the one that most have."""


@dataclass(frozen=True, eq=False)
class Covariate:
    """One covariate: its name and Swedish label, the Swedish label of each level that occurs, the level of each row, and the reference."""

    name: str
    label: str
    levels: Mapping[str, str]
    level_of: pd.Series = field(repr=False)
    reference: str

    @property
    def compared(self) -> list[str]:
        """The levels that are compared with the reference."""
        return [level for level in self.levels if level != self.reference]

    def of(self, rows: pd.Index | pd.Series) -> Covariate:
        """Return the covariate of the spells ``rows``, one value per row."""
        level_of = self.level_of.loc[rows].reset_index(drop=True)
        return Covariate(self.name, self.label, self.levels, level_of, self.reference)


def covariate_of(name: str, label: str, levels: Mapping[str, str], values: pd.Series, *, reference: str) -> Covariate:
    """Return the covariate of ``values``, with those of ``levels`` that occur; the most common one is the reference if nobody has that named."""
    occurring = {level: text for level, text in levels.items() if values.eq(level).any()}
    if reference not in occurring and occurring:
        reference = values.value_counts().reindex(list(occurring)).idxmax()
    return Covariate(name, label, MappingProxyType(occurring), values, reference)


def known_at_entry(follow_up: FollowUp) -> tuple[str, ...]:
    """Return the `BASELINE` covariates that the follow-up knows of anybody and of which not all have the same value."""
    return tuple(
        name
        for name in BASELINE
        if (values := _raw(name, follow_up.times_table)).notna().any() and values.nunique() > 1
    )


def baseline_covariates(follow_up: FollowUp, names: Sequence[str]) -> tuple[Covariate, ...]:
    """Return the covariates called ``names``, in the order of presentation.

    Ages are whole years. The youngest are put together with those one year older, *16 år eller yngre*, while they are fewer than
    `LEAST_OF_AN_AGE` persons, or fewer than `LEAST_TOGETHER` with one of the other covariates' combinations, and more than two ages are left.

    Raises:
        DefinitionError: a name is unknown or stands twice, a value is missing or unknown, or all spells have the same one.
    """
    _check_names(names)
    times = follow_up.times_table
    chosen = [name for name in BASELINE if name in names]
    raw = {name: _raw(name, times) for name in chosen}
    problems = [
        f"{name}: känd för {values.notna().sum()} av {len(times)}, olika värden: {values.nunique()}"
        for name, values in raw.items()
        if values.isna().any() or values.nunique() < 2
    ]
    if problems:
        raise DefinitionError(
            "Varje kovariat ska vara känd för varje registrering och ha minst två värden.",
            found=problems,
            action="uteslut raderna i kohorten, med eget steg i flödet, eller ta bort kovariaten",
        )
    if "age_at_entry" in raw:
        others = pd.DataFrame({name: values for name, values in raw.items() if name != "age_at_entry"})
        raw["age_at_entry"] = _grouped_ages(raw["age_at_entry"], others, persons=times["person_id"])
    return tuple(
        covariate_of(name, BASELINE[name], LABELS[name](values), values, reference=REFERENCE[name])
        for name, values in raw.items()
    )


def smallest_combination(covariates: Sequence[Covariate], *, persons: pd.Series) -> int:
    """Return how many persons have the rarest of those combinations of levels that anybody has."""
    return int(_persons_by([covariate.level_of for covariate in covariates], persons).min())


def _persons_by(values: Sequence[pd.Series], persons: pd.Series) -> pd.Series:
    keys = [column.astype("string").to_numpy() for column in values]
    return persons.groupby(keys, sort=True).nunique()


def _check_names(names: Sequence[str]) -> None:
    problems = [f"{name}: okänd{did_you_mean(name, BASELINE)}" for name in names if name not in BASELINE]
    problems += [f"{name}: står flera gånger" for name in dict.fromkeys(names) if list(names).count(name) > 1]
    if problems:
        raise DefinitionError(
            "Varje kovariat ska finnas och stå en gång.", found=problems, action=f"välj bland {', '.join(BASELINE)}"
        )


def _raw(name: str, times: pd.DataFrame) -> pd.Series:
    """Return the value of each spell as text, missing where it is not known; ages in whole years."""
    if name == "season":
        month = times["entry_date"].dt.month
        return pd.Series("autumn", index=times.index, dtype="string").mask(month <= 6, "spring").where(month.notna())
    if name == "age_at_entry":
        ages = times[name].astype("Int64")
        young = (ages <= YOUNGEST).fillna(False).astype(bool)
        return ages.astype("string").mask(young, f"{YOUNGEST}{OR_YOUNGER}")
    values = times[name].astype("string")
    return values.where(values.isin(list(labels(name))))


def _grouped_ages(ages: pd.Series, others: pd.DataFrame, *, persons: pd.Series) -> pd.Series:
    grouped = ages
    number = ages.map(age_of)
    for upper in sorted(number.unique())[1:-1]:
        youngest = grouped.map(age_of) == grouped.map(age_of).min()
        columns = [column[youngest] for _, column in others.items()] or [grouped[youngest]]
        enough = persons[youngest].nunique() >= LEAST_OF_AN_AGE
        if enough and _persons_by(columns, persons[youngest]).min() >= LEAST_TOGETHER:
            break
        grouped = grouped.mask(number <= upper, f"{upper}{OR_YOUNGER}")
    return grouped


def age_of(level: str) -> int:
    """Return the age of a level, the oldest where several are put together.

    >>> age_of("17"), age_of("16_or_younger")
    (17, 16)
    """
    return int(level.removesuffix(OR_YOUNGER))


def ages_of(level: str) -> range:
    """Return the ages of a level.

    >>> list(ages_of("17")), list(ages_of("17_or_younger"))
    ([17], [15, 16, 17])
    """
    oldest = age_of(level)
    return range(YOUNGEST if level.endswith(OR_YOUNGER) else oldest, oldest + 1)


def _age_labels(values: pd.Series) -> dict[str, str]:
    ages = sorted(values.unique(), key=age_of)
    return {age: f"{age_of(age)} år" + (" eller yngre" if age.endswith(OR_YOUNGER) else "") for age in ages}


LABELS: Mapping[str, Callable[[pd.Series], Mapping[str, str]]] = MappingProxyType(
    {"sex": lambda values: labels("sex"), "age_at_entry": _age_labels, "season": lambda values: SEASONS}
)
"""The Swedish labels of the levels of each covariate, in the order of presentation."""
