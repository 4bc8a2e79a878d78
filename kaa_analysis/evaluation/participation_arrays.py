"""From persons followed from the first conversation to the arrays that the estimators of participation take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import pandas as pd

from kaa_analysis.cohorts.participants import WAYS, Participation
from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.core.geography import part_of_city
from kaa_analysis.evaluation.cores.participation_spells import ParticipationSpells, participation_spells

UNKNOWN = "unknown"
LEAST_OF_A_LEVEL = 30
"""A level that fewer persons have is counted with the most common one: in a draw of persons nobody might have it, or nobody of them begin."""


def participation_arrays(found: Participation, *, covariates: Sequence[str]) -> ParticipationSpells:
    """Return the spells with ``covariates`` (of `COLUMNS`) as numbers: a column per level but the most common one, or the number itself.

    Levels of fewer than `LEAST_OF_A_LEVEL` persons are no columns: they are counted with the most common one.

    Raises:
        DefinitionError: a covariate is unknown or named twice, nobody is followed, or a number is missing; and as `participation_spells`.

    **Counts** persons.
    **Time** whole days since the conversation.
    **Missing** an unknown level is a level of its own.
    **Source** `docs/methods/participants.md`.
    """
    unknown = [f"{name}{did_you_mean(name, COLUMNS)}" for name in covariates if name not in COLUMNS]
    repeated = sorted({name for name in covariates if list(covariates).count(name) > 1})
    if unknown or repeated:
        raise DefinitionError(
            "Kovariaterna ska vara kända vid det första samtalet, var och en en gång.",
            found=[f"okänd: {name}" for name in unknown] + [f"flera gånger: {name}" for name in repeated],
            action=f"välj bland {', '.join(COLUMNS)}",
        )
    times = found.times_table
    if times.empty:
        raise DefinitionError("Ingen följs från ett första samtal.", found=f"insats: {found.intervention}")
    columns: dict[str, pd.Series] = {}
    for name in covariates:
        columns |= _columns(name, COLUMNS[name](times))
    matrix = pd.DataFrame(columns, index=times.index)
    return participation_spells(
        times["exit_time"].to_numpy(dtype="int64"),
        times["way_out"]
        .map({way: number for number, way in enumerate(WAYS, start=1)})
        .fillna(0)
        .to_numpy(dtype="int64"),
        times["start_time"].to_numpy(dtype="float64", na_value=float("nan")),
        covariates=matrix.to_numpy(dtype="float64") if columns else None,
        names=list(columns) or None,
        cluster=times["person_id"].to_numpy(dtype=object),
    )


def _columns(name: str, values: pd.Series) -> dict[str, pd.Series]:
    if pd.api.types.is_numeric_dtype(values):
        n_missing = int(values.isna().sum())
        if n_missing:
            raise DefinitionError(
                f"Kovariaten {name} ska vara känd för alla.", found=f"saknas: {n_missing} av {len(values)}"
            )
        return {name: values.astype("float64")}
    levels = values.astype("string").fillna(UNKNOWN)
    n_of = levels.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    compared = n_of.index[1:][n_of.iloc[1:] >= LEAST_OF_A_LEVEL]
    return {f"{name}_{level}": levels.eq(level).astype("float64") for level in sorted(compared)}


def _part(times: pd.DataFrame) -> pd.Series:
    return times["district"].map(part_of_city()).astype("string")


def _quarter(times: pd.DataFrame) -> pd.Series:
    return ((times["month"] + 2) // 3).astype("string")


COLUMNS: Mapping[str, Callable[[pd.DataFrame], pd.Series]] = MappingProxyType(
    {
        "sex": lambda times: times["sex"],
        "age": lambda times: times["age_at_zero"],
        "part_of_city": _part,
        "days_waited": lambda times: times["days_waited"],
        "registered_before": lambda times: times["earlier_spells"].gt(0).astype("Int64"),
        "quarter": _quarter,
    }
)
"""The covariates that are known at the first conversation: a level of text, or a number, for each person."""
