"""Write a simulated register as a raw extract."""

from __future__ import annotations

from pathlib import Path

from kaa_analysis.synthetic.margins import margins
from kaa_analysis.synthetic.population import simulate
from kaa_analysis.synthetic.raw_files import COLUMNS, DELIVERY, DELIVERY_COLUMNS, as_text, delivery_rows, extract_rows
from kaa_analysis.synthetic.scenario import DEMO, Scenario


def write_register(folder: Path, *, scenario: Scenario = DEMO) -> None:
    """Write the eight files of `docs/layouts/ber.md` to ``folder``, made if missing; files of the same names are replaced.

    The same scenario gives the same bytes. The delivery note is written last, so that a folder with one is whole.
    """
    rows = extract_rows(simulate(scenario, margins=margins()))
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in COLUMNS.items():
        _write(folder / name, as_text(columns, rows[name]))
    _write(folder / DELIVERY, as_text(DELIVERY_COLUMNS, delivery_rows(rows, extract_date=scenario.extract_date)))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
