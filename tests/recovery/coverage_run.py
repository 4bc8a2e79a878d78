"""The run of the coverage study: for each size the replicates are drawn, R gives its limits beside ours, and both are kept in a file."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.cli.stages import tell
from tests.recovery.coverage_draws import HORIZONS, PROBABILITIES, SEED, Replicate, replicate
from tests.recovery.interval_families import LIMITS, limits_of, rows_of
from tests.recovery.known_law import Spells

SIZES = (60, 200, 1000, 5000)
REPLICATES = 10_000
IN_R: Mapping[int, int] = {5000: 2000}
"""How many of the replicates R does: at the other sizes all of them."""

SLOW = ("incidence_greenwood", "restricted", "lost", "returning_incidence")
SLOW_IN_R: Mapping[int, int] = {1000: 200, 5000: 20}
"""Of these it does fewer where n is large: mean times with jackknife and clustered incidences it has by way of the influence of every spell on every day alone,
which takes seconds and gigabytes, and etm takes as long for little."""

SCRIPT = Path(__file__).with_name("coverage_limits.R")
SAID_EVERY = 500


@dataclass(frozen=True, eq=False)
class FoundLimits:
    """Ours and R's limits of the families at a size, each of shape (replicates, rows, 2); R's are of the first replicates."""

    n: int
    ours: Mapping[str, NDArray]
    r: Mapping[str, NDArray]


def found_limits(sizes: Sequence[int], *, n_replicates: int, folder: Path) -> list[FoundLimits]:
    """Return the limits at each size, R beside us; what was found before is read from ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(1) as beside:
        asked = [beside.submit(_kept, folder, "r", n, n_replicates, limits_in_r) for n in sizes]
        ours = [_kept(folder, "ours", n, n_replicates, our_limits) for n in sizes]
        return [FoundLimits(n, of_n, r.result()) for n, of_n, r in zip(sizes, ours, asked, strict=True)]


def our_limits(n: int, *, n_replicates: int, families: tuple[str, ...] = tuple(LIMITS)) -> dict[str, NDArray]:
    """Return our limits in the first replicates, each of shape (replicates, rows, 2)."""
    limits = {family: np.empty((n_replicates, len(rows_of(family)), 2)) for family in families}
    for number in range(n_replicates):
        drawn = replicate(n, number)
        for family in families:
            limits[family][number] = limits_of(drawn, family)
        if (number + 1) % SAID_EVERY == 0:
            tell(f"n = {n}: {number + 1} av {n_replicates}")
    return limits


def limits_in_r(n: int, *, n_replicates: int) -> dict[str, NDArray]:
    """Return R's limits in the first replicates, each of shape (replicates, rows, 2)."""
    of_families = in_r(n, n_replicates=n_replicates)
    with TemporaryDirectory(prefix="kaa-coverage-") as name:
        folder = Path(name)
        _hand_over(folder, n, n_replicates=max(of_families.values()))
        asked = [f"{family}={number}" for family, number in of_families.items()]
        subprocess.run(["Rscript", str(SCRIPT), name, str(n), *asked], check=True)
        return {
            family: np.fromfile(folder / f"{family}.bin").reshape(number, len(rows_of(family)), 2)
            for family, number in of_families.items()
        }


def in_r(n: int, *, n_replicates: int) -> dict[str, int]:
    """Return how many of the replicates R does of each family."""
    most = min(n_replicates, IN_R.get(n, n_replicates))
    slow = min(most, SLOW_IN_R.get(n, most))
    return {family: slow if family in SLOW else most for family in LIMITS}


def _kept(
    folder: Path, whose: str, n: int, n_replicates: int, find: Callable[..., dict[str, NDArray]]
) -> dict[str, NDArray]:
    """Return the limits kept in the folder, found first if there are none."""
    place = folder / f"{whose}-{SEED}-{n}-{n_replicates}.npz"
    if not place.exists():
        found = find(n, n_replicates=n_replicates)
        with place.with_suffix(".part").open("wb") as file:
            np.savez(file, **found)
        place.with_suffix(".part").replace(place)
    with np.load(place) as stored:
        return {family: stored[family] for family in LIMITS}


def _hand_over(folder: Path, n: int, *, n_replicates: int) -> None:
    """Write the first replicates as R reads them."""
    np.savetxt(folder / "horizons.txt", list(HORIZONS.values()))
    np.savetxt(folder / "probabilities.txt", PROBABILITIES)
    places = [folder / f"{name}.bin" for name in ("heaped", "even", "returning", "returning_rows")]
    heaped, even, returning, rows = files = [place.open("wb") for place in places]
    for number in range(n_replicates):
        drawn: Replicate = replicate(n, number)
        for file, spells in ((heaped, drawn.heaped), (even, drawn.even), (returning, drawn.returning)):
            file.write(_columns(spells))
        rows.write(np.int32(len(drawn.returning.exit)).tobytes())
    for file in files:
        file.close()


def _columns(spells: Spells) -> bytes:
    return np.concatenate([spells.entry, spells.exit, spells.cause, spells.group]).astype(np.int16).tobytes()
