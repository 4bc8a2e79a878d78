"""True effects: what became of the same persons with and without Aim, of the same pupils with and without SUSA, and the naive comparison beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kaa_analysis.core.errors import DefinitionError

AS_DRAWN, NEVER = "as_drawn", "never"
WITHIN_DAYS = 365
"""12 months of 365.25/12 days."""

AIM, SUSA = "aim", "susa"
EVERYBODY, BEGAN_AIM = "everybody", "began_aim"
EVER_AGAINST_NEVER = "ever_against_never"
ALL_YEARS = "all_years"
KEYS = ["effect", "comparison", "persons"]
SUMS = ["n_first", "count_first", "n_second", "count_second"]


def aim_effects(outcomes: pd.DataFrame, *, within_days: int = WITHIN_DAYS) -> pd.DataFrame:
    """Compare placement within ``within_days`` of the first conversation under strategies of Aim.

    ``outcomes`` has a row per reached person and strategy (`AS_DRAWN`, `NEVER` and others, the same persons under each): person,
    strategy, time_zero (the day of the first conversation), aim (the day Aim was to begin, missing if never), placed (the first day
    of studies, missing if none), out (the first day outside the target group). Aim began if its day is before the out.

    Returns a row per comparison: each strategy against `NEVER` among everybody (the average effect) and among those who began
    Aim as drawn (the effect on the treated); and, as drawn, those who ever began Aim against those who never did: the naive comparison.

    Raises:
        DefinitionError: a strategy is missing, a person stands twice under one, or persons or time zero differ between them.
    """
    by_strategy = {str(name): _of_strategy(rows) for name, rows in outcomes.groupby("strategy", sort=True)}
    _check(by_strategy)
    placed = {name: _is_placed(rows, within_days=within_days) for name, rows in by_strategy.items()}
    drawn = by_strategy[AS_DRAWN]
    began = (drawn["aim"].notna() & (drawn["aim"] < drawn["out"])).to_numpy()
    rows = [
        (AIM, f"{name}_against_{NEVER}", persons, *_counted(placed[name][among], placed[NEVER][among]))
        for name in by_strategy
        if name != NEVER
        for persons, among in ((EVERYBODY, np.ones(len(began), dtype=bool)), (BEGAN_AIM, began))
    ]
    naive = _counted(placed[AS_DRAWN][began], placed[AS_DRAWN][~began])
    rows.append((AIM, EVER_AGAINST_NEVER, EVERYBODY, *naive))
    return add_up_effects([pd.DataFrame(rows, columns=[*KEYS, *SUMS])])


def susa_effects(with_susa: pd.DataFrame, without_susa: pd.DataFrame) -> pd.DataFrame:
    """Compare the share not enrolled on 15 October with and without SUSA: the same pupils of the schools and years with SUSA.

    Both tables have a row per school and year of leaving grade 9: unit, year, n_pupils, n_not_enrolled. Returns a row per year and
    one of all years.

    Raises:
        DefinitionError: schools, years or numbers of pupils differ.
    """
    both = with_susa.merge(
        without_susa, on=["unit", "year"], how="outer", validate="one_to_one", suffixes=("_first", "_second")
    )
    if not both["n_pupils_first"].eq(both["n_pupils_second"]).all():
        raise DefinitionError(
            "Med och utan SUSA ska det vara samma elever i samma skolor.", found=f"{len(both)} skolor och år"
        )
    by_year = pd.DataFrame(
        {
            "effect": SUSA,
            "comparison": "with_against_without",
            "persons": both["year"].astype(str),
            "n_first": both["n_pupils_first"],
            "count_first": both["n_not_enrolled_first"],
            "n_second": both["n_pupils_second"],
            "count_second": both["n_not_enrolled_second"],
        }
    )
    return add_up_effects([by_year, by_year.assign(persons=ALL_YEARS)])


def add_up_effects(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return the counts of all chunks, with the shares of both sides (NaN of nobody) and the difference first − second."""
    table = pd.concat(list(parts), ignore_index=True).groupby(KEYS, as_index=False, sort=True)[SUMS].sum()
    first, second = (
        table[f"count_{side}"] / table[f"n_{side}"].where(table[f"n_{side}"] > 0) for side in ("first", "second")
    )
    return table.assign(share_first=first, share_second=second, difference=first - second)


def _of_strategy(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values("person", kind="stable", ignore_index=True)


def _check(by_strategy: Mapping[str, pd.DataFrame]) -> None:
    missing = [name for name in (AS_DRAWN, NEVER) if name not in by_strategy]
    if missing:
        raise DefinitionError(
            "Utfallen ska finnas med Aim som det drogs och helt utan.", found=f"saknas: {', '.join(missing)}"
        )
    drawn = by_strategy[AS_DRAWN][["person", "time_zero"]]
    other = [name for name, rows in by_strategy.items() if not rows[["person", "time_zero"]].equals(drawn)]
    if other or drawn["person"].duplicated().any():
        raise DefinitionError("Samma personer ska jämföras, en gång var och från samma dag.", found=other or [AS_DRAWN])


def _is_placed(rows: pd.DataFrame, *, within_days: int) -> NDArray[np.bool_]:
    waited = (rows["placed"] - rows["time_zero"]) / pd.Timedelta(days=1)
    return (waited <= within_days).to_numpy()


def _counted(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    return len(first), int(first.sum()), len(second), int(second.sum())
