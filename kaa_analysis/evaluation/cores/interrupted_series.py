"""An interrupted time series: change of level and of slope from a day on, with season, and beside a series that was not interrupted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student
from statsmodels.regression.linear_model import OLS

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.evaluation.cores.clustered_regression import left_over, orthonormal
from kaa_analysis.evaluation.cores.serial_errors import LARGEST, serial_fit
from kaa_analysis.evaluation.cores.two_groups import numbers

LEAST_AFTER = 4
NAMES = ("level", "slope", "mean")
ROUNDING = 1e-10
LEAST_BEFORE = 8
"""Fewer periods before the interruption, without season, show no slope beside their noise."""


class Season(StrEnum):
    """Nothing, a level per part of the year, or waves (sine and cosine)."""

    NONE = "none"
    DUMMIES = "dummies"
    WAVES = "waves"


class SeriesErrors(StrEnum):
    """How neighbouring errors hang together: each with the one before (restricted likelihood), or in any way up to some lags (Newey and West)."""

    FIRST_ORDER = "first-order"
    NEWEY_WEST = "newey-west"


@dataclass(frozen=True, eq=False)
class InterruptedSeries:
    """Changes in the order ``names``: of *level* in the first interrupted period, of *slope* per period, and the *mean* over the interrupted periods.

    ``value``, ``se``, ``df``, ``lower`` and ``upper`` have shape (3,), the limits are those of Student's t. ``correlation`` is that of neighbouring errors
    (NaN by Newey and West), ``lags`` how many Newey and West take in (else 0).
    """

    names: tuple[str, ...]
    value: NDArray[np.float64]
    se: NDArray[np.float64]
    df: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    level: float
    correlation: float
    lags: int
    n_before: int
    n_after: int


def interrupted_series(
    outcome: ArrayLike,
    *,
    first_after: int,
    control: ArrayLike | None = None,
    season: str = "dummies",
    season_length: int = 12,
    n_waves: int = 2,
    errors: str = "first-order",
    lags: int | None = None,
    level: float = 0.95,
) -> InterruptedSeries:
    """Return how level and slope changed from the period ``first_after`` (0, 1, …) on, beside those of the ``control`` series if there is one.

    ``outcome`` and ``control`` have shape (T,), a value (share, rate, mean) per period in order, equally far apart. Least squares on an intercept, a slope, the
    season, 1{t ≥ first_after} and (t − first_after)·1{t ≥ first_after}; with a control series of outcome − control, so that what happens to both alike falls out.
    ``errors``: *first-order* (generalised least squares, Satterthwaite's degrees of freedom) or *newey-west* with ``lags`` (⌊4 (T/100)^(2/9)⌋ if not given),
    whose limits are too narrow in series of this length.

    >>> outcome = [1, 2, 1.5, 2, 1, 2.5, 1, 2, 5, 7, 7, 9.5]
    >>> found = interrupted_series(outcome, first_after=8, season_length=2)
    >>> found.names, found.value.round(2).tolist(), found.lower.round(2).tolist()
    (('level', 'slope', 'mean'), [3.75, 1.14, 5.47], [2.98, 0.84, 4.67])

    Raises:
        DefinitionError: a value is missing or the series have not the same length; fewer than two whole seasons (without season 8 periods) lie before the
            interruption or fewer than 4 after it; the periods are not twice as many as the columns; nothing varies beside the model; the errors are as good as
            a random walk; or an option is out of its range.

    **Counts** what the series counts: shares of a few persons vary for that reason alone.
    **Time** periods equally far apart; the first interrupted one is chosen beforehand.
    **Missing** is refused.
    **Source** Turner et al. 2021 (BMC Med Res Methodol); Newey & West 1987 (Econometrica); `docs/methods/interrupted_series.md`.
    """
    series = _series(outcome, control)
    n_periods = len(series)
    kind, errors_ = _season(season), _errors(errors)
    _check_options(kind, season_length=season_length, n_waves=n_waves, lags=lags, n_periods=n_periods, level=level)
    _check_parts(first_after, n_periods, least_before=LEAST_BEFORE if kind is Season.NONE else 2 * season_length)
    time = np.arange(n_periods)
    after = time >= first_after
    others = np.column_stack([np.ones(n_periods), time, *_season_columns(kind, time, season_length, n_waves)])
    columns = np.column_stack([after, after * (time - first_after)]).astype(float)
    _check_columns(series, columns, others)
    columns = np.hstack([columns, others])
    contrasts = np.zeros((3, columns.shape[1]))
    contrasts[:, :2] = [[1, 0], [0, 1], [1, (n_periods - first_after - 1) / 2]]
    n_lags, correlation = 0, float("nan")
    if errors_ is SeriesErrors.NEWEY_WEST:
        n_lags = int(4 * (n_periods / 100) ** (2 / 9)) if lags is None else lags
        value, se, df = _newey_west(series, columns, contrasts, n_lags)
    else:
        value, se, df, correlation = _first_order(series, columns, contrasts)
    half_width = student.ppf((1 + level) / 2, df) * se
    return InterruptedSeries(
        names=NAMES,
        value=value,
        se=se,
        df=df,
        lower=value - half_width,
        upper=value + half_width,
        level=level,
        correlation=correlation,
        lags=n_lags,
        n_before=int(first_after),
        n_after=int(after.sum()),
    )


def _newey_west(series: NDArray, columns: NDArray, contrasts: NDArray, lags: int) -> tuple[NDArray, NDArray, NDArray]:
    fit = OLS(series, columns).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True)
    se = np.sqrt(np.einsum("ij,jk,ik->i", contrasts, fit.cov_params(), contrasts))
    return contrasts @ fit.params, se, np.full(len(contrasts), float(fit.df_resid))


def _first_order(series: NDArray, columns: NDArray, contrasts: NDArray) -> tuple[NDArray, NDArray, NDArray, float]:
    fit = serial_fit(series, columns, contrasts=contrasts)
    if abs(fit.correlation) > LARGEST - 0.01:
        raise DefinitionError(
            "Avvikelserna från modellen liknar en slumpvandring: en ändring av nivå eller lutning kan då inte skiljas från slump.",
            found=f"samband mellan grannar: {fit.correlation:.2f}",
            action="använd en jämförelseserie, eller en längre serie",
        )
    return fit.value, fit.se, fit.df, fit.correlation


def _series(outcome: ArrayLike, control: ArrayLike | None) -> NDArray[np.float64]:
    n_periods = np.asarray(outcome).shape[0] if np.ndim(outcome) == 1 else 0
    if not n_periods:
        raise DefinitionError("Serien ska ha ett värde per period.", found=f"{np.ndim(outcome)} dimensioner")
    values = numbers(outcome, n_rows=n_periods, name="utfallet")
    if control is None:
        return values
    other = numbers(control, n_rows=n_periods, name="jämförelseserien")
    if other.ndim != 1:
        raise DefinitionError("Jämförelseserien ska ha ett värde per period.", found=f"{other.ndim} dimensioner")
    return values - other


def _season_columns(kind: Season, time: NDArray, length: int, n_waves: int) -> list[NDArray[np.float64]]:
    if kind is Season.DUMMIES:
        return [(time % length == part).astype(float) for part in range(1, length)]
    if kind is Season.WAVES:
        angles = [2 * np.pi * wave * time / length for wave in range(1, n_waves + 1)]
        return [function(angle) for angle in angles for function in (np.sin, np.cos)]
    return []


def _check_options(
    kind: Season, *, season_length: int, n_waves: int, lags: int | None, n_periods: int, level: float
) -> None:
    if kind is not Season.NONE and season_length < 2:
        raise DefinitionError("Årstiden ska ha minst två delar.", found=f"{season_length}")
    if kind is Season.WAVES and not 1 <= n_waves < season_length / 2:
        raise DefinitionError(
            "Antalet vågor ska vara minst 1 och mindre än halva årstidens längd.",
            found=f"vågor: {n_waves}, längd: {season_length}",
        )
    if lags is not None and not 0 <= lags < n_periods / 2:
        raise DefinitionError(
            "Antalet eftersläpningar ska vara minst 0 och mindre än halva serien.",
            found=f"eftersläpningar: {lags}, perioder: {n_periods}",
        )
    if not 0 < level < 1:
        raise DefinitionError("Konfidensnivån ska ligga mellan 0 och 1.", found=f"{level:g}")


def _check_parts(first_after: int, n_periods: int, *, least_before: int) -> None:
    if first_after < least_before or n_periods - first_after < LEAST_AFTER:
        raise DefinitionError(
            f"Före avbrottet ska det finnas minst {least_before} perioder (två hela årstider), efter det minst {LEAST_AFTER}.",
            found=f"före: {max(first_after, 0)}, efter: {max(n_periods - first_after, 0)}",
            action="använd en längre serie, längre perioder eller färre delar av året",
        )


def _check_columns(series: NDArray, columns: NDArray, others: NDArray) -> None:
    n_columns = columns.shape[1] + others.shape[1]
    if len(series) < 2 * n_columns:
        raise DefinitionError(
            "Serien ska ha minst dubbelt så många perioder som modellen har kolumner.",
            found=f"perioder: {len(series)}, kolumner: {n_columns}",
            action="använd vågor i stället för en nivå per månad (season=waves), eller en längre serie",
        )
    left_over(columns, orthonormal(others), refuse=True)
    residual = left_over(series[:, np.newaxis], orthonormal(np.hstack([columns, others])))
    if np.linalg.norm(residual) <= ROUNDING * max(np.linalg.norm(series), 1):
        raise DefinitionError(
            "Serien (eller skillnaden mot jämförelseserien) ska variera kring modellen.", found="inga avvikelser"
        )


def _season(season: str) -> Season:
    try:
        return Season(season)
    except ValueError:
        raise DefinitionError(f"Årstiden ska vara none, dummies eller waves{did_you_mean(season, Season)}.") from None


def _errors(errors: str) -> SeriesErrors:
    try:
        return SeriesErrors(errors)
    except ValueError:
        raise DefinitionError(
            f"Avvikelserna ska vara first-order eller newey-west{did_you_mean(errors, SeriesErrors)}."
        ) from None
