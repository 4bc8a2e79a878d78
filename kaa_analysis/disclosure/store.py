"""The release store: protected tables on disk, one file each, named in an index by their hashes."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.provenance import canonical_json, hash_bytes
from kaa_analysis.core.secure_folder import write_atomically
from kaa_analysis.disclosure.released import Mark, Released, from_record

INDEX = "index.json"
EQUATIONS = "equations.csv"
EQUATION_COLUMNS = ["equation", "cell_id", "coefficient"]
READABLE = 0o644


def write_store(
    released: Mapping[str, Released],
    folder: Path,
    *,
    equations: pd.DataFrame | None = None,
    elsewhere: Collection[str] = (),
    mode: int = READABLE,
) -> None:
    """Write protected tables, and the equations about their cells, so that equal tables give equal bytes.

    Each table is canonical JSON in a file named by its own hash; ``index.json`` maps ids to hashes and is written last, so a
    half-written store cannot be read. A store that stood there before is replaced. ``mode`` is that of the files. ``elsewhere`` are
    the ids of the cells that stand in no table of this store but in another of the same release; an equation may name them beside a
    cell of this one.

    Raises:
        DisclosureError: a table is watermarked for the secure room or filed under another id; the equations name a cell that
            no table of the release holds, or one of them no cell of this store; the folder holds something that is not a store.
    """
    _refuse_unfit(released, equations, elsewhere=frozenset(elsewhere))
    _clear(folder)
    files = {f"{table.hash}.json": canonical_json(table.as_record()) for table in released.values()}
    index: dict[str, Any] = {"tables": {name: table.hash for name, table in released.items()}, "equations": None}
    if equations is not None:
        files[EQUATIONS] = equations.to_csv(index=False, lineterminator="\n").encode()
        index["equations"] = hash_bytes(files[EQUATIONS])
    for name, content in (*files.items(), (INDEX, canonical_json(index))):
        write_atomically(folder / name, content, mode=mode)


def read_store(folder: Path) -> dict[str, Released]:
    """Return the tables of a store by id, every hash verified.

    Raises:
        DisclosureError: the store is missing, unreadable, changed, or holds files that its index does not know.
    """
    index = _verified_index(folder)
    tables = {name: from_record(json.loads(_read(folder / f"{found}.json"))) for name, found in index["tables"].items()}
    if any(table.id != name or table.mark is not Mark.DRAFT for name, table in tables.items()):
        raise _changed("en tabell ligger under fel id eller får inte lämna rummet")
    return tables


def read_equations(folder: Path) -> pd.DataFrame:
    """Return the equations of a store (equation, cell_id, coefficient), empty if it was written without any.

    Raises:
        DisclosureError: as `read_store`.
    """
    index = _verified_index(folder)
    if index["equations"] is None:
        return pd.DataFrame(columns=EQUATION_COLUMNS).astype({"coefficient": "int64"})
    text = _read(folder / EQUATIONS).decode()
    kinds = {"equation": "str", "cell_id": "str", "coefficient": "int64"}
    return pd.read_csv(StringIO(text), dtype=kinds, keep_default_na=False)


def _verified_index(folder: Path) -> dict[str, Any]:
    """Return the index if every file it names has its hash and there are no others."""
    try:
        index = json.loads(_read(folder / INDEX))
        expected = {f"{found}.json": found for found in index["tables"].values()}
        if index["equations"] is not None:
            expected[EQUATIONS] = index["equations"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _changed("innehållsförteckningen går inte att läsa") from None
    wrong = [name for name, found in sorted(expected.items()) if hash_bytes(_read(folder / name)) != found]
    wrong += sorted({path.name for path in folder.iterdir()} - {INDEX, *expected})
    if wrong:
        raise _changed(*wrong)
    return index


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise _changed(f"{path.name} saknas eller går inte att läsa") from None


def _refuse_unfit(
    released: Mapping[str, Released], equations: pd.DataFrame | None, *, elsewhere: frozenset[str]
) -> None:
    problems = [
        f"{name}: vattenstämplad, får inte lämna rummet" for name in released if released[name].mark is not Mark.DRAFT
    ]
    problems += [f"{name}: ligger under fel id" for name in released if released[name].id != name]
    if equations is not None:
        own = {cell_id for table in released.values() for cell_id in table.cell_ids.to_numpy().ravel()}
        if list(equations.columns) != EQUATION_COLUMNS or not set(equations["cell_id"]) <= own | elsewhere:
            problems.append("summorna ska bara gälla celler som finns i tabellerna")
        elif set(equations["equation"]) - set(equations.loc[equations["cell_id"].isin(own), "equation"]):
            problems.append("varje summa ska gälla minst en cell i de egna tabellerna")
    if problems:
        raise DisclosureError("Releaselagret tar bara emot skyddade tabeller.", found=problems)


def _clear(folder: Path) -> None:
    """Remove an earlier store, its index first; refuse a folder that holds anything else."""
    if not folder.exists():
        return
    present = {path.name for path in folder.iterdir()}
    if present and INDEX not in present:
        raise DisclosureError("Releaselagret ska ligga i en egen mapp.", found=f"{len(present)} främmande filer")
    for name in (INDEX, *sorted(name for name in present if name == EQUATIONS or _is_table(name))):
        (folder / name).unlink(missing_ok=True)


def _is_table(name: str) -> bool:
    stem, _, suffix = name.partition(".")
    return suffix == "json" and len(stem) == len(hash_bytes(b"")) and set(stem) <= set("0123456789abcdef")


def _changed(*found: str) -> DisclosureError:
    return DisclosureError(
        "Releaselagret ska vara just det som skrevs.",
        found=found,
        action="kör om rapporten så att lagret skrivs på nytt",
    )
