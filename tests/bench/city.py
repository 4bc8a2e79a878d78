"""A register of city size: the demonstration's scenario over ten years and with as many persons as give about 40 000 registrations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.ingest import add_extract
from kaa_analysis.synthetic.scenario import DEMO, Scenario
from kaa_analysis.synthetic.write import write_register

NAME = "stad"
LAYOUT = "ber_demo"
PERSONS = 50_000
FIRST_DAY = date(2015, 1, 1)


def city(persons: int) -> Scenario:
    """Return the scenario with that many persons: about 0.9 registrations and 4.8 contact attempts each."""
    return replace(DEMO, name=NAME, persons=persons, start=FIRST_DAY)


def write_city(folder: Path, *, persons: int) -> None:
    """Write the raw files below ``folder`` and add them as an extract to the secure folder there."""
    write_register(folder / "raw", scenario=city(persons))
    add_city(folder)


def add_city(folder: Path) -> None:
    """Add the raw files as an extract."""
    files = sorted((folder / "raw").glob("*.csv"))
    add_extract(NAME, layout=LAYOUT, files=files, extract_date=None, secure=secure_in(folder), observed_from=FIRST_DAY)


def secure_in(folder: Path) -> SecureFolder:
    """Return the secure folder of a benchmark."""
    return SecureFolder(folder / "secure")
