"""The policy: what is unsafe and how it is protected. Owned by whoever answers for the release; read strictly, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from kaa_analysis.core.errors import ParameterError, did_you_mean
from kaa_analysis.core.provenance import hash_value
from kaa_analysis.core.result import Unit
from kaa_analysis.core.strict_yaml import RepeatedKeyError, read_strict_yaml

Method = Literal["suppress"]

SMALLEST_THRESHOLD = 3
"""Below 3 only ones would be hidden, and two persons in a cell would know each other's numbers."""
LARGEST_THRESHOLD = 100
"""A larger threshold is a slip of the pen."""


@dataclass(frozen=True)
class Policy:
    """Which counts are unsafe and how they are protected.

    Counts ``1 … unsafe_below - 1`` of ``protected_units`` are unsafe; true zeros are shown. Persons are always protected.

    Raises:
        ParameterError: a value outside its closed set.

    >>> Policy().unsafe_below, Policy().is_unsafe(4), Policy().is_unsafe(0)
    (5, True, False)
    """

    unsafe_below: int = 5
    protected_units: tuple[Unit, ...] = ("persons", "spells")
    method: Method = "suppress"

    def __post_init__(self) -> None:
        problems = [*_threshold_problems(self.unsafe_below), *_unit_problems(self.protected_units)]
        if self.method not in get_args(Method):
            problems.append(f"method: finns inte eller stöds inte ännu{did_you_mean(self.method, get_args(Method))}")
        if problems:
            raise _refused("Röjandepolicyn har värden som inte går att använda.", problems)

    @property
    def policy_hash(self) -> str:
        """SHA-256 over all rules of the policy."""
        return hash_value(asdict(self))

    def is_unsafe(self, number: int) -> bool:
        """Return whether a count of protected units is too small to be shown."""
        return 1 <= number < self.unsafe_below


def read_policy(path: Path) -> Policy:
    """Read a policy file in which every rule is written out, once.

    Raises:
        ParameterError: the file is missing or unreadable; a rule is unknown, missing, written twice or has a value that
            cannot be used. The message names rules, never values.
    """
    rules = _read_rules(path)
    known = [field.name for field in fields(Policy)]
    problems = [f"{rule}: okänd regel{did_you_mean(rule, known)}" for rule in rules if rule not in known]
    problems += [f"{rule}: saknas" for rule in known if rule not in rules]
    if problems:
        raise _refused(f"Röjandepolicyn {path.name} ska ange varje regel och inga andra.", problems)
    units = rules["protected_units"]
    return Policy(**rules | {"protected_units": tuple(units) if isinstance(units, list) else units})


def _read_rules(path: Path) -> dict[str, Any]:
    try:
        rules = read_strict_yaml(path.read_text(encoding="utf-8"))
    except RepeatedKeyError as error:
        problems = [f"{path.name}: {yaml.YAMLError.__name__}", f"{error.key}: står mer än en gång"]
        raise _refused("Röjandepolicyn går inte att läsa. Utan den släpps ingenting.", problems) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        problem = f"{path.name}: {type(error).__name__}"
        raise _refused("Röjandepolicyn går inte att läsa. Utan den släpps ingenting.", [problem]) from None
    if not isinstance(rules, dict):
        raise _refused("Röjandepolicyn ska bestå av rader av typen regel: värde.", [path.name])
    return {str(rule): value for rule, value in rules.items()}


def _threshold_problems(number: Any) -> list[str]:
    whole = isinstance(number, int) and not isinstance(number, bool)
    if whole and SMALLEST_THRESHOLD <= number <= LARGEST_THRESHOLD:
        return []
    return [f"unsafe_below: ska vara ett heltal mellan {SMALLEST_THRESHOLD} och {LARGEST_THRESHOLD}"]


def _unit_problems(units: Any) -> list[str]:
    if not isinstance(units, tuple):
        return ["protected_units: ska vara en lista"]
    unknown = [unit for unit in units if unit not in get_args(Unit)]
    missing = [unit for unit in ("persons", "spells") if unit not in units]
    return [f"protected_units: okänd enhet{did_you_mean(str(unit), get_args(Unit))}" for unit in unknown] + [
        f'protected_units: "{unit}" ska ingå (en period är en persons)' for unit in missing
    ]


def _refused(expected: str, problems: Iterable[str]) -> ParameterError:
    return ParameterError(expected, found=problems, action="rätta params/disclosure.yaml och kör igen")
