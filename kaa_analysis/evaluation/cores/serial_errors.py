"""Least squares for a series whose errors are those of a first-order autoregression, by restricted maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

LARGEST = 0.99
"""A larger correlation between neighbours cannot be told from a random walk, nor a slope from it."""
TOLERANCE = 1e-10
STEP = 1e-5


@dataclass(frozen=True, eq=False)
class SerialFit:
    """Contrasts of coefficients: ``value``, ``se`` and ``df`` have shape (m,); ``correlation`` is that of neighbouring errors."""

    value: NDArray[np.float64]
    se: NDArray[np.float64]
    df: NDArray[np.float64]
    correlation: float


def serial_fit(series: NDArray, columns: NDArray, *, contrasts: NDArray) -> SerialFit:
    """Return contrasts (m, k) of the coefficients of ``columns`` (n, k) on the series (n,), errors correlated as ρ^|distance|.

    ρ maximises the restricted likelihood, which unlike the likelihood and the correlation of residuals does not take the trend that the columns fit for calm.
    The degrees of freedom are Satterthwaite's, 2 V²/(g'A g): V the variance of the contrast, g its gradient by (log σ², ρ), A the inverse of
    their expected restricted information.

    >>> fit = serial_fit(np.array([1.0, 2, 1, 3, 2, 3, 2, 4]), np.ones((8, 1)), contrasts=np.ones((1, 1)))
    >>> fit.value.round(3).tolist(), round(fit.correlation, 3)
    ([2.243], -0.13)

    **Source** Harville 1977 (J Am Stat Assoc); Satterthwaite 1946 (Biometrics Bull); `docs/methods/interrupted_series.md`.
    """
    found = minimize_scalar(
        lambda rho: -_restricted(series, columns, rho),
        bounds=(-LARGEST, LARGEST),
        method="bounded",
        options={"xatol": TOLERANCE},
    )
    rho = float(found.x)
    value, unscaled, variance = _generalised(series, columns, rho)
    spread = variance * np.einsum("ij,jk,ik->i", contrasts, unscaled, contrasts)
    uncertain = np.linalg.inv(_information(columns, rho, len(series)))
    sides = [_generalised(series, columns, rho + sign * STEP)[1] for sign in (1, -1)]
    by_rho = variance * np.einsum("ij,jk,ik->i", contrasts, sides[0] - sides[1], contrasts) / (2 * STEP)
    gradient = np.column_stack([spread, by_rho])
    df = 2 * spread**2 / np.einsum("ij,jk,ik->i", gradient, uncertain, gradient)
    return SerialFit(contrasts @ value, np.sqrt(spread), df, rho)


def _whitened(rows: NDArray, rho: float) -> NDArray[np.float64]:
    """Return the rows (n, …) such that errors correlated as ρ^|distance| become independent with the same variance."""
    return np.concatenate([rows[:1], (rows[1:] - rho * rows[:-1]) / np.sqrt(1 - rho**2)])


def _generalised(series: NDArray, columns: NDArray, rho: float) -> tuple[NDArray, NDArray, float]:
    """Return the coefficients (k,), the inverse of X'R⁻¹X (k, k), and the variance of an error."""
    white = _whitened(columns, rho)
    unscaled = np.linalg.inv(white.T @ white)
    aim = _whitened(series, rho)
    value = unscaled @ (white.T @ aim)
    residual = aim - white @ value
    return value, unscaled, float(residual @ residual) / (len(series) - columns.shape[1])


def _restricted(series: NDArray, columns: NDArray, rho: float) -> float:
    n, k = columns.shape
    _, unscaled, variance = _generalised(series, columns, rho)
    of_correlation = (n - 1) * np.log(1 - rho**2)
    return -0.5 * ((n - k) * np.log(variance) + of_correlation - np.linalg.slogdet(unscaled)[1])


def _information(columns: NDArray, rho: float, n: int) -> NDArray[np.float64]:
    """Return the expected restricted information (2, 2) of log σ² and ρ: ½ tr(P R_i P R_j) with σ² = 1 and P the inverse of R less what the columns explain."""
    distance = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    correlation = rho**distance
    derivative = distance * rho ** np.maximum(distance - 1, 0)
    white = _whitened(columns, rho)
    root = _whitened(np.eye(n), rho)
    inside = np.eye(n) - white @ np.linalg.inv(white.T @ white) @ white.T
    projection = root.T @ inside @ root
    parts = [projection @ part for part in (correlation, derivative)]
    return 0.5 * np.array([[np.sum(one * other.T) for other in parts] for one in parts])
