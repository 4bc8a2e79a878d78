"""A whole bundle or none: it is built beside its place, under a lock, and moved there in one step."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kaa_analysis.core.errors import BundleError
from kaa_analysis.core.locks import held, is_free
from kaa_analysis.core.provenance import canonical_json, hash_file
from kaa_analysis.render.litter import is_litter

MANIFEST = "manifest.json"
PLAN = "plan.json"

AREA_STORES = "area_store"
"""The folder in the bundle of the city that holds the release stores of its districts, by their codes."""

AREA_WORKBOOK = "omraden.xlsx"
"""The workbook with a sheet per district, made of them."""

CLOCK = "run.json"
"""The one file with a clock in it."""

WORK_SUFFIX = ".partial"

DIFFERENCE = "skillnad.html"
"""What differs from the run before, whichever that was."""

OUTSIDE = frozenset({CLOCK, DIFFERENCE})
"""What the same inputs do not decide: these files stand outside the manifest, every hash and every comparison."""


@dataclass(frozen=True)
class BundlePlace:
    """Where a bundle will stand below ``reports``, and the hidden folder where it is built; ``lock`` lies in the secure folder."""

    reports: Path
    report: str
    period: str
    run: str
    lock: Path

    @property
    def final(self) -> Path:
        """The bundle's folder when it is done."""
        return self.reports / self.report / self.period / self.run

    @property
    def work(self) -> Path:
        """The hidden folder of the work, on the same disk, so that one rename puts the bundle in place."""
        return self.reports / f".{self.report}-{self.run}{WORK_SUFFIX}"

    @property
    def partial(self) -> Path:
        """The bundle being built."""
        return self.work / "bundle"

    @property
    def twin(self) -> Path:
        """The same bundle being built once more, for the gate to compare with."""
        return self.work / "twin"


@contextmanager
def building(place: BundlePlace) -> Iterator[Path]:
    """Give the empty folder to build in; whatever a killed run left of it is gone. It is removed if the work fails."""
    with held(place.lock):
        _sweep(place)
        place.partial.mkdir(parents=True)
        try:
            yield place.partial
        finally:
            shutil.rmtree(place.work, ignore_errors=True)


def _sweep(place: BundlePlace) -> None:
    """Remove what killed runs have left of their work, this one's and others'; what is still being worked on has its lock held."""
    for work in place.reports.glob(f".*{WORK_SUFFIX}"):
        lock = place.lock.with_name(f"{work.name[1:].removesuffix(WORK_SUFFIX)}.lock")
        if work == place.work or is_free(lock):
            shutil.rmtree(work, ignore_errors=True)


def write_manifest(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write the manifest of everything in ``folder``: the facts, and every file with its SHA-256."""
    content = {**facts, "files": _hashes(folder)}
    (folder / MANIFEST).write_bytes(json.dumps(content, sort_keys=True, ensure_ascii=False, indent=1).encode() + b"\n")


def is_whole(folder: Path) -> bool:
    """Return whether every file of the manifest stands in ``folder`` with its hash, and no other."""
    return not damage(folder)


def damage(folder: Path) -> list[str]:
    """Return what is wrong with the files of a bundle, by name: missing, changed, or not in its manifest."""
    try:
        told = dict(json.loads((folder / MANIFEST).read_bytes())["files"])
        there = _hashes(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return [f"{MANIFEST} saknas eller går inte att läsa"]
    return [
        *(f"{name}: saknas" for name in sorted(told.keys() - there.keys())),
        *(f"{name}: är ändrad" for name in sorted(told.keys() & there.keys()) if told[name] != there[name]),
        *(f"{name}: står inte i manifestet" for name in sorted(there.keys() - told.keys())),
    ]


def put_in_place(place: BundlePlace) -> bool:
    """Move the finished bundle to its place and return whether anything changed there.

    A whole bundle with the same bytes is left as it is. A damaged one is moved aside, never deleted.

    Raises:
        BundleError: the finished bundle holds other files than its manifest, or a whole bundle of the same inputs, params, code
            and lock has other bytes.
    """
    if not is_whole(place.partial):
        raise BundleError("Rapporten ska innehålla just de filer som dess manifest anger.", action="kör rapporten igen")
    if is_whole(place.final):
        if (place.final / MANIFEST).read_bytes() == (place.partial / MANIFEST).read_bytes():
            return False
        raise BundleError(
            "Samma indata och samma program ska ge samma byte, men rapporten som redan finns är en annan.",
            found=f"{place.final.parent.name}/{place.final.name}",
            action="flytta undan den gamla mappen, kör igen och jämför de två",
        )
    place.final.parent.mkdir(parents=True, exist_ok=True)
    if place.final.exists():
        place.final.rename(_free_name(place.final))
    place.partial.rename(place.final)
    _flush(place.final.parent)
    return True


def _hashes(folder: Path) -> dict[str, str]:
    """Return the hash of every file by name. A link, a folder without files or anything else that a bundle never holds has none."""
    held = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if not is_litter(path.name)}
    counted = {name: path for name, path in held.items() if name not in OUTSIDE | {MANIFEST} and not _is_in_use(path)}
    return {name: hash_file(path) if path.is_file() and not path.is_symlink() else "" for name, path in counted.items()}


def _is_in_use(path: Path) -> bool:
    """Return whether ``path`` is a folder that holds something."""
    return path.is_dir() and not path.is_symlink() and any(path.iterdir())


def _free_name(path: Path) -> Path:
    number = 1
    while (aside := path.parent / f"{path.name}.skadad-{number}").exists():
        number += 1
    return aside


def _flush(folder: Path) -> None:
    if os.name != "posix":  # elsewhere a folder cannot be opened
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def clock_record(**facts: Any) -> bytes:
    """Return the content of the clock file."""
    return canonical_json(facts) + b"\n"
