"""The proof that a bundle comes from its release store alone: made again, it has the same bytes."""

from __future__ import annotations

import filecmp
from pathlib import Path

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.render.litter import is_litter


def refuse_differences(bundle: Path, twin: Path, *, outside: frozenset[str]) -> None:
    """Refuse a bundle that does not hold the same files with the same bytes as its ``twin``, made again from the same store.

    ``outside`` are file names, relative to the folder with forward slashes, that are left out of the comparison.

    Raises:
        DisclosureError: names the files that differ, are missing in the bundle, or stand in the bundle alone.
    """
    found = differences(bundle, twin, outside=outside)
    if found:
        raise DisclosureError(
            "Rapporten ska vara densamma, byte för byte, när den görs om ur de skyddade tabellerna.",
            found=found,
            action="kör rapporten igen; återkommer det är något i rapporten inte gjort av de skyddade tabellerna",
        )


def differences(bundle: Path, twin: Path, *, outside: frozenset[str]) -> list[str]:
    """Return what is not the same in two folders, sorted by name; empty if they hold the same files and folders with the same bytes.

    A folder that one side lacks is a difference even when it is empty, and a link always. Litter of desktop programs is left out.
    """
    ours, theirs = _names(bundle) - outside, _names(twin) - outside
    found = [f"{name}: saknas i rapporten" for name in theirs - ours]
    found += [f"{name}: finns bara i rapporten" for name in ours - theirs]
    found += [f"{name}: har andra byte" for name in ours & theirs if not _same(bundle / name, twin / name)]
    return sorted(found)


def _names(folder: Path) -> frozenset[str]:
    paths = (path for path in folder.rglob("*") if not (is_litter(path.name) and _is_regular(path)))
    return frozenset(path.relative_to(folder).as_posix() for path in paths)


def _same(one: Path, other: Path) -> bool:
    if _is_regular(one) and _is_regular(other):
        return filecmp.cmp(one, other, shallow=False)
    return all(path.is_dir() and not path.is_symlink() for path in (one, other))


def _is_regular(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
