"""The files of the truth, beside the extract: the same tables give the same bytes. Nothing that reads registers reads them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

DIGITS = 6
EPISODES = "episodes.csv"
"""The one file with a row per person: it holds identities and lies where only invented ones are."""


def write_truth(
    folder: Path,
    *,
    indicators: pd.DataFrame,
    incidence: pd.DataFrame,
    restricted_time: pd.DataFrame,
    effects: pd.DataFrame | None,
    margins: pd.DataFrame,
    episodes: Iterable[pd.DataFrame],
) -> None:
    """Write `indicators.csv`, `incidence.csv`, `restricted_time.csv`, `effects.csv`, `margins.csv` and `episodes.csv` to ``folder``.

    ``episodes`` come in parts with the same columns, written one after the other. Without effects or episodes there is no such file. UTF-8, comma, a line feed after every row, days
    as YYYY-MM-DD, numbers that are not whole with six decimals, missing = empty. The folder is made if missing, files are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "indicators": indicators,
        "incidence": incidence,
        "restricted_time": restricted_time,
        "effects": effects,
        "margins": margins,
    }
    for name, table in tables.items():
        if table is not None:
            _write(folder / f"{name}.csv", [table])
    parts = list(episodes)
    if parts:
        _write(folder / EPISODES, parts)


def _write(path: Path, parts: Iterable[pd.DataFrame]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        for place, part in enumerate(parts):
            _as_text(part).to_csv(
                stream, index=False, header=place == 0, lineterminator="\n", float_format=f"%.{DIGITS}f"
            )


def _as_text(part: pd.DataFrame) -> pd.DataFrame:
    """Return the part with its days as text."""
    days = [name for name, column in part.items() if pd.api.types.is_datetime64_any_dtype(column)]
    return part.assign(**{name: part[name].dt.strftime("%Y-%m-%d") for name in days})
