"""Simulated registers through the real path (raw files, ingest, cohorts), with the truth of the same persons beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.ingest import add_extract, read_register
from kaa_analysis.ingest.grants import Grant
from kaa_analysis.store import Register
from kaa_analysis.synthetic.margins import margins_of
from kaa_analysis.synthetic.raw_files import RawFolder
from kaa_analysis.synthetic.scenario import Scenario, Truth
from kaa_analysis.synthetic.simulation import simulate
from kaa_analysis.synthetic.truth.gathering import truth_of
from kaa_analysis.synthetic.truth.tallying import add_up
from kaa_analysis.synthetic.truth.told_lives import true_episodes
from kaa_analysis.synthetic.unlinked_tables import put_together

LAYOUT = "ber_demo"
SUPPLEMENTS = {"skolkullar.csv"}
"""Files that come from another sender, with a layout of their own."""

GRANTS = [
    Grant(table=table, decision="påhittat", date="2014-01-01", by="påhittad nämnd", valid_to="2040-12-31")
    for table in ("admissions", "notices", "schools")
]
WITHOUT_FAULTS: Mapping[str, Any] = {
    "registration_delay": {"0-0": 1.0},
    "starts_late": 0.0,
    "closes_late": 0.0,
    "never_registered": 0.0,
    "misregistered_pupils": 0.0,
}
"""Everybody is registered on the first day and deregistered on the first day outside: nothing is truncated."""


@dataclass(frozen=True, eq=False)
class SimulatedWorld:
    """A register, all true episodes of everybody (``episodes``), and what the indicators must count (``counts``)."""

    scenario: Scenario
    register: Register
    episodes: pd.DataFrame
    counts: pd.DataFrame


def a_scenario(
    name: str, *, seed: int, births: int, start: date, extract: date, settings: Mapping[str, Any]
) -> Scenario:
    """Return a scenario of the recovery tests."""
    return Scenario(
        name=name,
        why="Prov av att kända sanningar återfinns.",
        seed=seed,
        births_per_year=births,
        start=start,
        extract_date=extract,
        others_share=0.0,
        truth=Truth.COUNTS,
        settings=settings,
    )


def simulated(scenario: Scenario, folder: Path) -> SimulatedWorld:
    """Write the scenario's raw files below ``folder``, read them as an extract, and count the truth of the same persons."""
    raw, simulations = RawFolder(folder / "raw"), [simulate(batch, scenario=scenario) for batch in scenario.batches]
    for one in simulations:
        raw.append(one.extract)
    unlinked = [one.unlinked for one in simulations]
    raw.append(put_together(unlinked, scenario=scenario, margins=margins_of(scenario.settings)))
    raw.finish(extract_date=scenario.extract_date)
    parts = [truth_of(one, batch, scenario=scenario) for one, batch in zip(simulations, scenario.batches, strict=True)]
    episodes = [true_episodes(one.lives, inside=one.register.inside) for one in simulations]
    return SimulatedWorld(
        scenario,
        register=_read(scenario.name, folder),
        episodes=pd.concat(episodes, ignore_index=True),
        counts=add_up(part.indicators for part in parts),
    )


def entered(episodes: pd.DataFrame, *, first_day: date, last_day: date) -> pd.DataFrame:
    """Return each person's first episode among those entered on the days ``[first_day, last_day]``."""
    inside = episodes["entry"].between(pd.Timestamp(first_day), pd.Timestamp(last_day))
    return episodes[inside].sort_values(["person", "entry"]).drop_duplicates("person", ignore_index=True)


def _read(name: str, folder: Path) -> Register:
    secure = SecureFolder(folder / "secure")
    files = [path for path in sorted((folder / "raw").glob("*.csv")) if path.name not in SUPPLEMENTS]
    add_extract(name, layout=LAYOUT, files=files, extract_date=None, secure=secure)
    return read_register(name, secure=secure, grants=GRANTS, accept_problem_rows=0)
