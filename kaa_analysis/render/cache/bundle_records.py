"""What each bundle in its place was made of, noted inside the secure folder after it was put there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kaa_analysis.core.provenance import canonical_json, hash_file
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.render.bundle import MANIFEST, damage
from kaa_analysis.render.cache.closed_record import read_closed, write_closed
from kaa_analysis.render.cache.order_parts import Facts, OrderParts

SUFFIX = ".json"


@dataclass(frozen=True)
class BundleRecord:
    """A bundle as it was put in place: its folder below ``reports``, the hash of its manifest, and all its parts."""

    folder: str
    manifest: str
    facts: Facts


def write_bundle_record(parts: OrderParts, *, bundle: Path, reports: Path, secure: SecureFolder) -> None:
    """Note that ``bundle`` was made of ``parts``. An earlier record of the same report, period and parameters is replaced."""
    folder = bundle.relative_to(reports).as_posix()
    secure.make_private(secure.bundle_records)
    content = {"folder": folder, "manifest": hash_file(bundle / MANIFEST), "facts": parts.facts}
    write_closed(_place(parts, secure=secure), content)


def bundle_record(parts: OrderParts, *, secure: SecureFolder) -> BundleRecord | None:
    """Return the record of the same report, period and parameters, None if there is none that can be trusted."""
    return _record(_place(parts, secure=secure))


def is_damaged(parts: OrderParts, *, secure: SecureFolder) -> bool:
    """Return whether there is a record of the same report, period and parameters that cannot be trusted."""
    place = _place(parts, secure=secure)
    return place.exists() and _record(place) is None


def is_made_of(record: BundleRecord, parts: OrderParts) -> bool:
    """Return whether the bundle was made of just these parts."""
    return canonical_json(record.facts) == canonical_json(parts.facts)


def bundle_problems(record: BundleRecord, *, reports: Path) -> list[str]:
    """Return why the bundle in its place is not the one that was put there; nothing if it is, byte for byte.

    The clock and the page of differences are not decided by the parts and stand outside, as they do of every hash.
    """
    bundle = reports / record.folder
    if not bundle.is_dir():
        return ["paketet finns inte på sin plats"]
    found = damage(bundle)
    if not found and hash_file(bundle / MANIFEST) != record.manifest:
        found = [f"{MANIFEST}: är ändrad"]
    return [f"paketet på plats är skadat: {problem}" for problem in found]


def nearest_record(parts: OrderParts, *, secure: SecureFolder) -> BundleRecord | None:
    """Return the record that a change of parameters is best told against: of the same report, with the fewest others.

    Of several the one written last, and of those the last by name.
    """
    found = [(path, record) for path in _paths(secure) if (record := _record(path)) and _is_beside(record, parts)]
    ranked = sorted(found, key=lambda each: (-_n_others(each[1], parts), each[0].stat().st_mtime_ns, each[0].name))
    return ranked[-1][1] if ranked else None


def _is_beside(record: BundleRecord, parts: OrderParts) -> bool:
    return record.facts["report"] == parts.facts["report"]


def _n_others(record: BundleRecord, parts: OrderParts) -> int:
    before, after = record.facts["params"], parts.facts["params"]
    return sum(before.get(name) != after.get(name) for name in {*before, *after})


def _paths(secure: SecureFolder) -> Iterator[Path]:
    yield from sorted(secure.bundle_records.glob(f"[!.]*{SUFFIX}"))


def _place(parts: OrderParts, *, secure: SecureFolder) -> Path:
    return secure.bundle_records / f"{parts.bundle_slot}{SUFFIX}"


def _record(path: Path) -> BundleRecord | None:
    content: dict[str, Any] | None = read_closed(path)
    try:
        return None if content is None else BundleRecord(**content)
    except TypeError:
        return None
