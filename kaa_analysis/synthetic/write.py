"""Write a simulated register as a raw extract, with the truth and the list of its errors beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from kaa_analysis.synthetic.batches import Batch
from kaa_analysis.synthetic.errors import InjectedError, process_errors, spoil, write_errors
from kaa_analysis.synthetic.margins import margins_of
from kaa_analysis.synthetic.mistakes import mistakes_in
from kaa_analysis.synthetic.raw_files import RawFolder
from kaa_analysis.synthetic.scenario import Scenario
from kaa_analysis.synthetic.simulation import Simulated, simulate
from kaa_analysis.synthetic.truth.gathering import TruthPart, gather, truth_of
from kaa_analysis.synthetic.unlinked_tables import put_together

PROCESSES = 2
FEW_BATCHES = 4
"""With fewer than this many batches a second process costs more than it gives."""
ERRORS = "errors.csv"
TAKEN_BACK = "misregistered"


@dataclass(frozen=True, eq=False)
class _Part:
    """A batch written in a folder of its own, and what is to be put together over all batches."""

    rows: dict[str, int]
    unlinked: dict[str, pd.DataFrame]
    mistakes: pd.DataFrame | None
    truth: TruthPart | None


def write_register(
    folder: Path, *, scenario: Scenario, truth: Path | None = None, progress: Callable[[str], None] = lambda _: None
) -> None:
    """Write the raw files of ``scenario`` to ``folder``, and what is true of them to ``truth``; both are made if missing, files replaced.

    The same scenario gives the same bytes. The delivery note is written last, so that a folder with one is whole. ``progress`` is told in Swedish of
    every batch that is done. Without a ``truth`` folder the truth is not counted, and the list of errors is not kept.

    Raises:
        DefinitionError: the settings give more persons a day than there are identities, or lives that never end.
    """
    raw = RawFolder(folder)
    parts = []
    with TemporaryDirectory(dir=folder, prefix=".parts-") as written:
        for place, part in enumerate(_written(Path(written), scenario, with_truth=truth is not None)):
            raw.join(Path(written) / str(place), rows=part.rows)
            parts.append(part)
            progress(f"  {place + 1} av {len(scenario.batches)} delar av befolkningen")
    raw.append(
        put_together([part.unlinked for part in parts], scenario=scenario, margins=margins_of(scenario.settings))
    )
    raw.finish(extract_date=scenario.extract_date)
    errors = _spoilt(folder, parts, scenario) if scenario.errors else None
    if truth is not None:
        gather([part.truth for part in parts if part.truth], truth, scenario=scenario)
        if errors is not None:
            write_errors(truth / ERRORS, errors)


def _written(folder: Path, scenario: Scenario, *, with_truth: bool) -> Iterator[_Part]:
    """Yield the batches in their order, each written to a folder of its own; many of them are made in several processes."""
    write = partial(_write, folder=folder, scenario=scenario, with_truth=with_truth)
    numbered = list(enumerate(scenario.batches))
    if len(numbered) < FEW_BATCHES:
        yield from map(write, numbered)
        return
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        yield from pool.map(write, numbered)


def _write(numbered: tuple[int, Batch], *, folder: Path, scenario: Scenario, with_truth: bool) -> _Part:
    place, batch = numbered
    simulated = simulate(batch, scenario=scenario)
    part = RawFolder(folder / str(place), with_header=False)
    part.append(simulated.extract)
    return _Part(
        rows=part.rows,
        unlinked=simulated.unlinked,
        mistakes=_mistakes(simulated, scenario) if scenario.errors else None,
        truth=truth_of(simulated, batch, scenario=scenario) if with_truth else None,
    )


def _mistakes(simulated: Simulated, scenario: Scenario) -> pd.DataFrame:
    return mistakes_in(simulated.extract, simulated.register, extract_date=scenario.extract_date)


def _spoilt(folder: Path, parts: list[_Part], scenario: Scenario) -> list[InjectedError]:
    """Spoil the files as the scenario's profile says, and return these errors after the municipality's own.

    Who has a mistake already is left alone, but for registrations that were taken back: their mark may be lost, and then that is the error.
    """
    mistakes = pd.concat([part.mistakes for part in parts], ignore_index=True)
    mistakes = mistakes.assign(identity=mistakes["identity"].astype(str))
    injected = spoil(
        folder,
        profile=scenario.errors,
        seed=scenario.seed,
        extract_date=scenario.extract_date,
        untouched=frozenset(mistakes.loc[mistakes["kind"].ne(TAKEN_BACK), "identity"]),
    )
    spoilt = {error.person_identity for error in injected}
    own = mistakes[mistakes["kind"].ne(TAKEN_BACK) | ~mistakes["identity"].isin(spoilt)]
    return [
        *(error for kind, rows in own.groupby("kind", sort=True) for error in _process_errors(str(kind), rows)),
        *injected,
    ]


def _process_errors(kind: str, rows: pd.DataFrame) -> tuple[InjectedError, ...]:
    """Return the municipality's mistakes of a kind; the number of the registration is the key where one is concerned."""
    keys = None if rows["number"].isna().all() else [f"spell={int(number)}" for number in rows["number"]]
    return process_errors(kind, file=rows["file"].iloc[0], identities=list(rows["identity"]), row_keys=keys)
