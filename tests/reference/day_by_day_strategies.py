"""The strategies' risks the long way: a row per person, arm and day, statsmodels' logistic model, and a product over the days.

Shares no code with the cores: it is what `test_participation.py` holds them against.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.typing import NDArray

NEVER = np.inf


def start_probabilities(
    exit_: NDArray, start: NDArray, covariates: NDArray, *, n_days: int, interval_days: int, frequency: NDArray
) -> NDArray:
    """Return the fitted probability of beginning on each day, shape (n, n_days)."""
    rows = [
        (person, day, day == start[person])
        for person in range(len(exit_))
        for day in range(n_days)
        if day < exit_[person] and day <= start[person]
    ]
    return daily_probabilities(rows, covariates, n_days=n_days, interval_days=interval_days, frequency=frequency)


def censoring_probabilities(
    exit_: NDArray, cause: NDArray, covariates: NDArray, *, n_days: int, interval_days: int, frequency: NDArray
) -> NDArray:
    """Return the fitted probability of being censored on each day, after the events of the day, shape (n, n_days)."""
    rows = [
        (person, day, day == exit_[person])
        for person in range(len(exit_))
        for day in range(n_days)
        if day < exit_[person] or (day == exit_[person] and cause[person] == 0)
    ]
    return daily_probabilities(rows, covariates, n_days=n_days, interval_days=interval_days, frequency=frequency)


def daily_probabilities(
    rows: list[tuple[int, int, bool]], covariates: NDArray, *, n_days: int, interval_days: int, frequency: NDArray
) -> NDArray:
    """Return the fitted probability on each day, shape (n, n_days), from a row per person and day, fitted with statsmodels."""
    table = pd.DataFrame(rows, columns=["person", "day", "happens"])
    table["interval"], table["frequency"] = table["day"] // interval_days, frequency[table["person"]]
    happening = table[table["happens"] & (table["frequency"] > 0)]["interval"].unique()
    table = table[table["interval"].isin(happening)]
    dummies = pd.get_dummies(table["interval"], dtype=float)
    design = np.column_stack([dummies, covariates[table["person"]]])
    family = sm.families.Binomial()
    fit = sm.GLM(table["happens"].astype(float), design, family=family, freq_weights=table["frequency"]).fit(tol=1e-13)
    places = {interval: place for place, interval in enumerate(dummies.columns)}
    found = np.zeros((len(covariates), n_days))
    for day in range(n_days):
        if day // interval_days in places:
            log_odds = fit.params.iloc[places[day // interval_days]] + covariates @ fit.params.iloc[len(places) :]
            found[:, day] = 1 / (1 + np.exp(-log_odds))
    return found


def arm_rows(
    exit_: NDArray,
    cause: NDArray,
    start: NDArray,
    probability: NDArray,
    censored: NDArray,
    *,
    origin: int,
    grace: int,
    horizon: int,
    timing: str,
) -> pd.DataFrame:
    """Return a row per arm, person and day at risk since the origin, with its weight and the cause with which the person leaves on it.

    ``probability`` and ``censored`` are of beginning and of being censored on each day, (n, n_days): 0 where that is not weighed.
    """
    rows = []
    for person in range(len(exit_)):
        if start[person] < origin or (origin > 0 and exit_[person] <= origin):
            continue
        observed = probability[person, origin:]
        of_strategy = strategy_probabilities(observed[: grace + 1], timing)
        for arm, wanted in (("begin", of_strategy), ("not_begin", np.zeros(grace + 1))):
            weight, begun = 1.0, False
            for day in range(horizon + 1):
                if weight == 0 or origin + day > exit_[person]:
                    break
                leaves = origin + day == exit_[person]
                rows.append((arm, person, day, weight, cause[person] if leaves else 0))
                if leaves or day == horizon:
                    break
                if day > 0 or origin == 0:
                    weight /= 1 - censored[person, origin + day]
                if begun:
                    continue
                begun = start[person] == origin + day
                target = wanted[day] if day <= grace else 0.0
                if begun:
                    weight *= target / observed[day]
                else:
                    weight *= (1 - target) / (1 - observed[day])
                if arm == "begin" and day == grace and not begun:
                    weight = 0.0
    return pd.DataFrame(rows, columns=["arm", "person", "day", "weight", "cause"])


def strategy_probabilities(observed: NDArray, timing: str) -> NDArray:
    """Return the probability that the strategy begins on each day of the grace, of those who have not."""
    n_days = len(observed)
    if timing == "uniform":
        return 1 / (n_days - np.arange(n_days))
    not_before = np.concatenate([[1.0], np.cumprod(1 - observed)[:-1]])
    distribution = not_before * observed
    distribution = distribution / distribution.sum()
    still = 1 - np.concatenate([[0.0], np.cumsum(distribution)[:-1]])
    return np.where(still > 1e-12, distribution / np.maximum(still, 1e-12), 0.0)


def risks_of(rows: pd.DataFrame, frequency: NDArray, *, horizon: int) -> tuple[float, float]:
    """Return the risk of cause 1 by the horizon under *begin* and under *do not begin*."""
    found = []
    for arm in ("begin", "not_begin"):
        risk, staying = 0.0, 1.0
        for day in range(horizon + 1):
            today = rows[(rows["arm"] == arm) & (rows["day"] == day)]
            weight = today["weight"] * frequency[today["person"]]
            if weight.sum() > 0:
                risk += staying * weight[today["cause"] == 1].sum() / weight.sum()
                staying *= 1 - weight[today["cause"] > 0].sum() / weight.sum()
        found.append(risk)
    return found[0], found[1]
