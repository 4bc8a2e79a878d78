"""Our side of the survival benchmark, each call in a process of its own: ``python -m tests.bench.survival_calls NAME FOLDER``.

Prints a JSON line with the median of its processor seconds and the memory (MiB) that it took beyond what the process held before; its
estimates and their variances are written to FOLDER/NAME.ours. `survival.R` is R's side.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.survival import aalen_johansen, cox, fine_gray, kaplan_meier
from tests.bench.simulated_spells import N_CAUSES, SimulatedSpells, read_spells

KIB_PER_MIB = 1024
MIB = 1024**2
MOST_CALLS, ENOUGH_SECONDS = 9, 2
"""A call is made again until it has taken so long or has been made so often, on both sides."""


def survival_of(spells: SimulatedSpells) -> list[NDArray]:
    """Return the Kaplan–Meier estimate and the standard error of its logarithm (Greenwood)."""
    curve = kaplan_meier(spells.entry, spells.exit, spells.cause > 0)
    return [curve.survival, curve.se_log]


def incidences_of(spells: SimulatedSpells) -> list[NDArray]:
    """Return the Aalen–Johansen estimates and their standard errors (infinitesimal jackknife)."""
    found = aalen_johansen(spells.entry, spells.exit, spells.cause, n_causes=N_CAUSES)
    return [found.cif, found.se]


def hazard_ratios_of(spells: SimulatedSpells, *, cluster: NDArray | None = None) -> list[NDArray]:
    """Return the coefficients of a Cox model (Efron) and their variance, robust with clusters."""
    model = cox(spells.entry, spells.exit, spells.cause > 0, spells.covariates, cluster=cluster)
    return [model.coefficients, model.variance]


def subdistribution_ratios_of(spells: SimulatedSpells) -> list[NDArray]:
    """Return the coefficients of Fine and Gray's regression of the first cause and their variance."""
    fit = fine_gray(spells.entry, spells.exit, spells.cause, spells.covariates, n_causes=N_CAUSES)
    return [fit.coefficients, fit.covariance]


CALLS: Mapping[str, Callable[[SimulatedSpells], list[NDArray]]] = {
    "kaplan_meier": survival_of,
    "aalen_johansen": incidences_of,
    "cox": hazard_ratios_of,
    "cox_robust": lambda spells: hazard_ratios_of(spells, cluster=np.arange(len(spells.exit))),
    "fine_gray": subdistribution_ratios_of,
}


def held_mib() -> float:
    """Return the memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB


def main(name: str, folder: str) -> None:
    """Make a call, write what it gives, and print its seconds and its memory."""
    spells, seconds = read_spells(Path(folder)), []
    before = held_mib()
    while len(seconds) < MOST_CALLS and sum(seconds) < ENOUGH_SECONDS:
        began = time.process_time()
        found = CALLS[name](spells)
        seconds.append(time.process_time() - began)
    extra = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MIB - before
    np.concatenate([part.ravel() for part in found]).tofile(Path(folder, f"{name}.ours"))
    sys.stdout.write(json.dumps({"seconds": statistics.median(seconds), "extra_mib": extra}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
