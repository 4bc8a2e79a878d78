"""The protected tables of the districts' reports inside the bundle of the city's, where all were protected together.

They are what the workbook with a sheet per district is made of: the same bytes as in the districts' own bundles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from kaa_analysis.core.geography import district_labels
from kaa_analysis.disclosure.released import Released
from kaa_analysis.disclosure.store import read_store
from kaa_analysis.render.bundle import AREA_STORES

WHOLE_CITY = "Hela staden"
"""What the city is called beside its districts."""


def area_tables(bundle: Path, *, of_city: Mapping[str, Released]) -> dict[str, list[Released]]:
    """Return the tables of each area by its name, the city first, where the bundle holds those of its districts; else nothing.

    A district has those that are about it, in the city's order: what is about the whole city in every report stands with the city.

    Raises:
        DisclosureError: a store is not what was written.
    """
    districts = dict(_districts(bundle))
    if not districts:
        return {}
    found = {WHOLE_CITY: list(of_city.values())}
    for code, tables in districts.items():
        own = [tables[name] for name in of_city if name in tables]
        found[district_labels()[code]] = [table for table in own if table.context.get("district") == code]
    return found


def _districts(bundle: Path) -> Iterator[tuple[str, dict[str, Released]]]:
    for code in district_labels():
        if (bundle / AREA_STORES / code).is_dir():
            yield code, read_store(bundle / AREA_STORES / code)
