"""Earlier bundles as a reader has them: the cells of their ``data/*.csv``, which an attacker holds beside the next release."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kaa_analysis.core.errors import BundleError, DisclosureError
from kaa_analysis.core.provenance import hash_value
from kaa_analysis.disclosure.ledger import Ledger, PublishedCell
from kaa_analysis.render.bundle import AREA_STORES, MANIFEST, PLAN, damage

DATA = "data"
SHOWN, PROTECTED, UNKNOWN, NOT_APPLICABLE = "shown", "protected", "unknown", "not_applicable"
NOTHING_SAID = (UNKNOWN, NOT_APPLICABLE)
"""The states of cells of which the release said no number and hid none."""


@dataclass(frozen=True)
class EarlierBundle:
    """A whole bundle of an earlier release: its report, its run, its count cells in the order of their ids, and the sums about them.

    A sum is its terms, (coefficient, cell id); those of which every cell is shown say nothing new and are left out.
    """

    report: str
    run: str
    cells: tuple[PublishedCell, ...]
    sums: tuple[tuple[tuple[int, str], ...], ...] = ()

    @property
    def record(self) -> dict[str, Any]:
        """What the manifests of later releases tell of it."""
        content = [[cell.cell_id, cell.value] for cell in self.cells]
        return {
            "name": f"{self.report} {self.run}",
            "report": self.report,
            "run": self.run,
            "cells": hash_value(content),
        }


def earlier_bundles(places: Iterable[Path]) -> tuple[EarlierBundle, ...]:
    """Return the bundles in folders, each of which is a bundle or holds bundles at any depth; sorted, each once.

    Raises:
        BundleError: a folder holds no bundle, or a bundle whose files are not those of its manifest.
        DisclosureError: as `published_in`.
    """
    folders = {folder.resolve() for place in places for folder in _bundles_in(place)}
    found = {published_in(folder) for folder in folders}
    return tuple(sorted(found, key=lambda bundle: (bundle.report, bundle.run, bundle.record["cells"])))


def published_in(bundle: Path) -> EarlierBundle:
    """Return what the open data of a bundle say: every count that is shown, and every one that is hidden (value None).

    With them go the counts of the districts that a bundle of the city tells in its workbook of districts.

    Raises:
        BundleError: the folder is no whole bundle; its files are not those of its manifest.
        DisclosureError: a number is rounded, or shown with two values.
    """
    if found := damage(bundle):
        raise BundleError(
            "En tidigare rapport ska vara hel: just de filer som dess manifest anger, oförändrade.",
            found=found,
            action="ange mappen som kaa report gjorde, reports/rapport/period/körning, eller en mapp med sådana",
        )
    try:
        stores = sorted(path for path in (bundle / AREA_STORES).glob("*") if path.is_dir())
        report = json.loads((bundle / MANIFEST).read_bytes())["report"]
        run = json.loads((bundle / PLAN).read_bytes())["page"]["run"]
        rows = [row for table in sorted((bundle / DATA).glob("*.json")) for row in _counts(table)]
        rows += [row for store in stores for row in _stored_counts(store)]
        sums = [terms for folder in (bundle / DATA, *stores) for terms in _equations(folder)]
    except (OSError, ValueError, KeyError, TypeError):
        raise BundleError(
            "En tidigare rapport ska vara skriven av kaa report.", action="ange en mapp som kaa report gjorde"
        ) from None
    cells = _cells(rows)
    return EarlierBundle(str(report), str(run), cells, _sums(sums, cells))


def ledger_of(bundles: Sequence[EarlierBundle]) -> Ledger:
    """Return all that earlier bundles have published, each cell once; a number that one of them shows is known.

    Raises:
        DisclosureError: a cell is shown with two values.
    """
    cells = _cells((cell.cell_id, cell.value) for bundle in bundles for cell in bundle.cells)
    return Ledger(cells, tuple(sorted({terms for bundle in bundles for terms in bundle.sums})))


def _bundles_in(place: Path) -> list[Path]:
    if (place / MANIFEST).is_file():
        return [place]
    found = [path.parent for path in sorted(place.rglob(MANIFEST)) if not _is_aside(path.parent.relative_to(place))]
    if not found:
        raise BundleError(
            "En mapp med tidigare rapporter ska innehålla minst ett rapportpaket.",
            found=place.as_posix(),
            action="ange mappen reports/rapport/period/körning, eller en mapp med sådana",
        )
    return found


def _is_aside(path: Path) -> bool:
    """Return whether a bundle is being built, or was moved aside because it was damaged."""
    return any(part.startswith(".") or ".skadad-" in part for part in path.parts)


def _counts(described: Path) -> Iterator[tuple[str, int | None]]:
    """Give id and value of every count of an open table that says or hides a number."""
    measures = json.loads(described.read_bytes())["measures"]
    counts = {measure["measure"] for measure in measures if measure["role"] == "count"}
    with described.with_suffix(".csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["measure"] in counts and row["cell_id"].partition("|")[0] == row["measure"]:
                yield from _published(row["cell_id"], row["value"], row["state"])


def _stored_counts(store: Path) -> Iterator[tuple[str, int | None]]:
    """Give id and value of every count of a release store that says or hides a number."""
    for name in json.loads((store / "index.json").read_bytes())["tables"].values():
        record = json.loads((store / f"{name}.json").read_bytes())
        places = [column["name"] for column in record["columns"]]
        for values, states, ids in zip(record["values"], record["states"], record["cell_ids"], strict=True):
            for count, cell_id in zip(record["cell_id_columns"], ids, strict=True):
                at = places.index(count)
                yield from _published(cell_id, values[at], states[at])


def _equations(data: Path) -> list[list[tuple[int, str]]]:
    """Return the terms of every sum that a folder with open data or a release store tells."""
    from kaa_analysis.disclosure.store import EQUATIONS  # here: an unchanged report is told without tables

    found: dict[str, list[tuple[int, str]]] = {}
    with (data / EQUATIONS).open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found.setdefault(row["equation"], []).append((int(row["coefficient"]), row["cell_id"]))
    return list(found.values())


def _sums(
    equations: Iterable[Sequence[tuple[int, str]]], cells: Iterable[PublishedCell]
) -> tuple[tuple[tuple[int, str], ...], ...]:
    shown = {cell.cell_id for cell in cells if cell.value is not None}
    told = (tuple(terms) for terms in equations)
    return tuple(sorted({terms for terms in told if not shown.issuperset(cell_id for _, cell_id in terms)}))


def _published(cell_id: str, value: str | int | None, state: str) -> Iterator[tuple[str, int | None]]:
    if state == SHOWN:
        yield cell_id, int(value)
    elif state == PROTECTED:
        yield cell_id, None
    elif state not in NOTHING_SAID:
        raise DisclosureError(
            "En tidigare rapport med avrundade antal kan inte lämnas in ännu.",
            action="gör om den tidigare rapporten med dolda antal, eller vänta tills kontrollen kan avrundning",
        )


def _cells(rows: Iterable[tuple[str, int | None]]) -> tuple[PublishedCell, ...]:
    """Return each cell once, in the order of the ids; one that is shown anywhere is shown."""
    found: dict[str, int | None] = {}
    for cell_id, value in rows:
        known = found.get(cell_id)
        if None not in (known, value) and known != value:
            raise DisclosureError(
                "Samma cell ska ha samma värde i alla tidigare rapporter.",
                found=f"{cell_id.partition('|')[0]}: två värden",
                action="lämna in de rapporter som verkligen lades fram, och inga andra",
            )
        found[cell_id] = value if known is None else known
    return tuple(PublishedCell(cell_id, found[cell_id]) for cell_id in sorted(found))
