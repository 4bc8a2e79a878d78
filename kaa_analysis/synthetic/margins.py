"""The margins the register is drawn after, read from `margins.yaml`, where every value has its source beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.core.strict_yaml import read_yaml


@dataclass(frozen=True)
class Target:
    """A published margin and the bounds the demonstration register has to keep."""

    value: float
    low: float
    high: float
    source: str


@dataclass(frozen=True)
class Margins:
    """Targets to be held and settings that make them hold."""

    targets: Mapping[str, Target]
    settings: Mapping[str, Any]

    def share(self, name: str) -> float:
        """Return a setting that is one number."""
        return self.setting(name)

    def weights(self, name: str) -> dict[Any, float]:
        """Return a setting that is a number per code."""
        return self.setting(name)

    def table(self, name: str) -> dict[Any, dict[Any, float]]:
        """Return a setting that is weights per group."""
        return self.setting(name)

    def setting(self, name: str) -> Any:
        """Return a setting as it stands.

        Raises:
            DefinitionError: there is none of that name.
        """
        if name not in self.settings:
            raise DefinitionError(f'Marginalen "{name}" finns inte{did_you_mean(name, self.settings)}.')
        return self.settings[name]


def margins_of(settings: Mapping[str, Any]) -> Margins:
    """Return the margins of the package with some ``settings`` replaced; one that is weights per code is replaced as a whole.

    Raises:
        DefinitionError: there is no setting of that name, or it is of another kind (a number or weights).
    """
    usual = margins()
    for name, value in settings.items():
        expected, found = _kind(usual.setting(name)), _kind(value)
        if expected != found:
            raise DefinitionError(
                f'Inställningen "{name}" är av ett annat slag.', found=f"väntade {expected}, fick {found}"
            )
    return replace(usual, settings={**usual.settings, **settings})


def _kind(value: Any) -> str:
    """Return in Swedish what kind of setting a value is."""
    kinds = {Mapping: "vikter per kod", bool: "ja eller nej", (int, float): "ett tal", str: "en text"}
    return next((told for kind, told in kinds.items() if isinstance(value, kind)), "inget")


@cache
def margins() -> Margins:
    """Return the margins of the package.

    >>> margins().targets["share_men"].value
    0.555
    """
    record = read_yaml(files("kaa_analysis.synthetic").joinpath("margins.yaml").read_text(encoding="utf-8"))
    return Margins(
        targets={name: Target(**fields) for name, fields in record["targets"].items()},
        settings={name: fields["value"] for name, fields in record["settings"].items()},
    )
