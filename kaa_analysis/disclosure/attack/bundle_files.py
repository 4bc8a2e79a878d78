"""What anybody has in hand who holds finished bundles: the files of data/."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.disclosure.attack.findings import Findings
from kaa_analysis.disclosure.attack.publication import (
    PROTECTED,
    ROUNDED,
    SHOWN,
    UNKNOWN,
    Publication,
    SeenCell,
    Terms,
    merged,
)
from kaa_analysis.disclosure.attack.rules import Rules
from kaa_analysis.disclosure.attack.verdict import attack

EQUATIONS = "equations.csv"
FOLDER = "data"
FIRST_COLUMNS = ("cell_id", "table", "value", "state")


def attack_bundles(
    folders: Iterable[Path],
    *,
    truth: Mapping[str, int] | None = None,
    rules: Rules | None = None,
    cumulative: Iterable[str] = (),
    rounding_base: int | None = None,
) -> Findings:
    """Attack finished bundles together, as an outsider (``truth`` None) or against the true counts.

    Raises:
        DisclosureError: a bundle cannot be read, a cell has two values, or the solver gave no certain answer.
    """
    publication = from_files(folders, cumulative=cumulative, rounding_base=rounding_base)
    return attack(publication, truth=truth, rules=rules or Rules())


def from_files(
    folders: Iterable[Path], *, cumulative: Iterable[str] = (), rounding_base: int | None = None
) -> Publication:
    """Return what bundles publish together; cells with the same id are one cell. Shares and estimates are left out.

    ``cumulative`` names the measures that only grow with a longer period, ``rounding_base`` what rounded counts are rounded to.

    Raises:
        DisclosureError: a bundle has no data, a file cannot be read, or a cell is printed with two values.
    """
    cells: list[SeenCell] = []
    equations: dict[Terms, None] = {}
    for folder in folders:
        paths = sorted((Path(folder) / FOLDER).glob("*.csv"))
        if not paths:
            raise DisclosureError("Ett rapportpaket ska ha filer i mappen data.", found=Path(folder).name)
        for path in paths:
            if path.name == EQUATIONS:
                equations |= dict.fromkeys(_equations(path))
            else:
                cells += _cells(path, rounding_base)
    return Publication(merged(cells), equations=tuple(equations), cumulative=frozenset(cumulative))


def _cells(path: Path, base: int | None) -> list[SeenCell]:
    cells = []
    for row in _rows(path, FIRST_COLUMNS):
        if row["cell_id"].startswith(f"{row['table']}."):
            continue
        state = row["state"]
        known = state in (SHOWN, ROUNDED) and row["value"] != ""
        value = _whole(row["value"], path) if known else None
        cells.append(
            SeenCell(
                row["cell_id"],
                state if known or state == PROTECTED else UNKNOWN,
                value,
                base=base if state == ROUNDED else None,
                tables=(row["table"],),
            )
        )
    return cells


def _equations(path: Path) -> list[Terms]:
    equations: dict[str, list[tuple[int, str]]] = {}
    for row in _rows(path, ("equation", "cell_id", "coefficient")):
        equations.setdefault(row["equation"], []).append((_whole(row["coefficient"], path), row["cell_id"]))
    return [tuple(terms) for terms in equations.values()]


def _rows(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    if any(row.get(column) is None for row in rows for column in columns):
        raise DisclosureError("En datafil ska ha sina kolumner.", found=f"{path.name}: {', '.join(columns)}")
    return rows


def _whole(text: str, path: Path) -> int:
    try:
        return int(text)
    except ValueError:
        raise DisclosureError("Antal i en datafil ska vara hela tal.", found=path.name) from None
