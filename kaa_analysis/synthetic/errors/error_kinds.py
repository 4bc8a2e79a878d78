"""The catalogue of errors that real registers have, read from `error_kinds.yaml`: what happens, why, and what should find it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.core.strict_yaml import read_strict_yaml

CLEAN = "clean"
PROFILES = (CLEAN, "typical", "awful")
"""How spoiled a register is: not at all, as registers usually are, or as the worst that have been seen."""


class Origin(StrEnum):
    """Where an error comes from."""

    ROWS = "rows"
    FILES = "files"
    SIMULATION = "simulation"
    DELIVERY = "delivery"


@dataclass(frozen=True)
class ErrorKind:
    """One kind of error.

    ``found_by`` are checks, where the row is set aside with the reason as well (``K103:OKAND_KOD``); any of them is enough. ``also`` are
    checks that may find something more of the same person because of it. Exactly one of ``found_by``, ``cannot_be_told``, ``read_right``
    and ``refused_by`` says what becomes of it: the last is what the error says that refuses the whole delivery. ``shares`` are
    the shares of the rows of ``file`` that are spoiled, by profile.
    """

    id: str
    name: str
    file: str
    what: str
    why: str
    origin: Origin = Origin.ROWS
    found_by: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    cannot_be_told: str = ""
    read_right: str = ""
    refused_by: str = ""
    shares: Mapping[str, float] = field(default_factory=dict)

    def count(self, n_rows: int, *, profile: str) -> int:
        """Return how many of ``n_rows`` are to be spoiled: at least one if there is any and the profile has the kind.

        >>> error_kinds()["sex_wrong"].count(40_000, profile="clean")
        0
        """
        share = self.shares.get(profile, 0)
        return max(1, round(share * n_rows)) if share and n_rows else 0


@cache
def error_kinds() -> Mapping[str, ErrorKind]:
    """Return every kind by id, in the order of the catalogue.

    >>> error_kinds()["home_visit_alone"].found_by
    ('K702',)
    """
    record = _record()
    lost, shares = record["rows_lost"], record["shares"]
    return MappingProxyType({name: _kind(name, told, lost, shares) for name, told in record["kinds"].items()})


@cache
def not_from_raw_files() -> Mapping[str, str]:
    """Return the checks and reasons that no raw file of the layout can bring about, with why."""
    return MappingProxyType(dict(_record()["not_from_raw_files"]))


def known_profile(profile: str) -> str:
    """Return ``profile`` if there is such a one.

    Raises:
        DefinitionError: there is none.
    """
    if profile not in PROFILES:
        raise DefinitionError(
            f"Det finns ingen sådan profil för fel{did_you_mean(profile, PROFILES)}.",
            found=f"finns: {', '.join(PROFILES)}",
        )
    return profile


@cache
def _record() -> dict[str, Any]:
    text = files("kaa_analysis.synthetic.errors").joinpath("error_kinds.yaml").read_text(encoding="utf-8")
    return read_strict_yaml(text)


def _kind(
    name: str, told: Mapping[str, Any], lost: Mapping[str, list[str]], shares: Mapping[str, Mapping[str, float]]
) -> ErrorKind:
    known = {known.name for known in fields(ErrorKind)} | {"loses_row", *PROFILES}
    if unknown := sorted(set(told) - known):
        raise DefinitionError(
            "Felkatalogen har uppgifter som ingen känner.", found=[f"{name}: {key}" for key in unknown]
        )
    file = told["file"]
    origin = Origin(told.get("origin", Origin.ROWS))
    usual = shares.get(file, {}) if origin is Origin.ROWS else {}
    also = (*told.get("also", ()), *(lost[file] if told.get("loses_row") else ()))
    kind = ErrorKind(
        id=name,
        name=told["name"],
        file=file,
        what=told["what"],
        why=told["why"],
        origin=origin,
        found_by=tuple(told.get("found_by", ())),
        also=tuple(dict.fromkeys(also)),
        cannot_be_told=told.get("cannot_be_told", ""),
        read_right=told.get("read_right", ""),
        refused_by=told.get("refused_by", ""),
        shares=MappingProxyType({p: told.get(p, usual.get(p, 0)) for p in PROFILES if p != CLEAN}),
    )
    if sum(map(bool, (kind.found_by, kind.cannot_be_told, kind.read_right, kind.refused_by))) != 1:
        raise DefinitionError("Felkatalogen ska säga på ett sätt vad som blir av varje fel.", found=name)
    return kind
