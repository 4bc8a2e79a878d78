"""The policy: what is unsafe and how it is protected. Owned by whoever answers for the release; read strictly, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from kaa_analysis.core.errors import ParameterError, did_you_mean
from kaa_analysis.core.provenance import hash_value
from kaa_analysis.core.result import Cell, Unit
from kaa_analysis.core.strict_yaml import RepeatedKeyError, read_strict_yaml
from kaa_analysis.disclosure.named_values import MEASURE, measure_problems, naming_problems
from kaa_analysis.disclosure.policy_rules import (
    SECTIONS,
    CurveRules,
    MeanRules,
    ModelRules,
    QuantileRules,
    Rules,
    ShareRules,
    between,
    coarsen_problems,
    is_whole,
    rounding_problems,
    section_problems,
    unit_problems,
    value_problems,
)

Method = Literal["suppress"]

SMALLEST_THRESHOLD = 3
"""Below 3 only ones would be hidden, and two persons in a cell would know each other's numbers."""
LARGEST_THRESHOLD = 100
"""A larger threshold is a slip of the pen."""
LISTED = ("disclosive", "harmless")
"""The rules that list values by split."""

DISCLOSIVE: Mapping[str, tuple[str, ...]] = {
    MEASURE: (),
    "entry_reason": ("newly_resident", "dropout_adapted"),
    "reason": ("folkbokford_after_compulsory_age", "protected_identity"),
}
"""The values that say something sensitive of everybody in a group by being true of none or of all; `params/disclosure.yaml` says why."""


def _mapping(default: Mapping[str, Any]) -> Any:
    return field(default_factory=lambda: dict(default), hash=False)


@dataclass(frozen=True)
class Policy:
    """Which numbers are unsafe and how they are protected.

    Counts ``1 … unsafe_below - 1`` of ``protected_units`` are unsafe; true zeros are shown. Persons are always protected.
    ``disclosive`` names, by split, the values for which "none" and "all of the group" are unsafe too (whole measures under
    ``measure``); ``harmless`` the values, of any split, where they do not matter after all. ``rounding`` maps each measure that
    is rounded instead of hidden to its base. No rule lets fewer than ``unsafe_below`` persons through, whatever its own number.
    Rows are put together (`disclosure.coarse`) where more than ``coarsen_above`` (0–1) of their numbers would be hidden.

    Raises:
        ParameterError: a value outside its closed set.

    >>> Policy().unsafe_below, Policy().is_unsafe(4), Policy().is_unsafe(0)
    (5, True, False)
    """

    unsafe_below: int = 5
    protected_units: tuple[Unit, ...] = ("persons", "spells")
    disclosive: Mapping[str, tuple[str, ...]] = _mapping(DISCLOSIVE)
    harmless: Mapping[str, tuple[str, ...]] = _mapping({MEASURE: ()})
    shares: ShareRules = field(default_factory=ShareRules)
    means: MeanRules = field(default_factory=MeanRules)
    quantiles: QuantileRules = field(default_factory=QuantileRules)
    models: ModelRules = field(default_factory=ModelRules)
    curves: CurveRules = field(default_factory=CurveRules)
    method: Method = "suppress"
    rounding: Mapping[str, int] = _mapping({})
    coarsen_above: float = 0.2

    def __post_init__(self) -> None:
        for name in (*LISTED, "rounding"):
            named = getattr(self, name)
            object.__setattr__(self, name, dict(named) if isinstance(named, Mapping) else named)
        problems = list(_problems(self))
        if problems:
            raise refused("Röjandepolicyn har värden som inte går att använda.", problems)

    @property
    def policy_hash(self) -> str:
        """SHA-256 over all rules of the policy."""
        return hash_value(asdict(self))

    def is_unsafe(self, number: int) -> bool:
        """Return whether a count of protected units is too small to be shown."""
        return 1 <= number < self.unsafe_below

    def is_disclosive(self, dimension: str, value: str) -> bool:
        """Return whether "none" and "all of the group" are unsafe for a value of a split, or for a measure (``dimension="measure"``).

        >>> Policy().is_disclosive("entry_reason", "newly_resident"), Policy().is_disclosive("exit_reason", "komvux")
        (True, False)
        """
        return value in self.disclosive.get(dimension, ()) and not self.is_harmless(dimension, value)

    def is_harmless(self, dimension: str, value: str) -> bool:
        """Return whether none and all do not matter at a value of a split, or for a measure."""
        return value in self.harmless.get(dimension, ())

    def disclosive_parts(self, cell: Cell) -> tuple[str, ...]:
        """Return the splits (``measure`` for the measure itself) by which none and all are unsafe in a cell; () if it is harmless.

        >>> Policy().disclosive_parts(Cell("covered", (("entry_reason", "newly_resident"), ("sex", "female"))))
        ('entry_reason',)
        """
        place = ((MEASURE, cell.measure), *cell.place)
        if any(self.is_harmless(name, value) for name, value in place):
            return ()
        return tuple(name for name, value in place if self.is_disclosive(name, value))

    def method_of(self, measure: str) -> str:
        """Return the method of a measure as one word: ``suppress``, or ``round`` with its base.

        >>> Policy().method_of("exits"), Policy(rounding={"exits": 10}).method_of("exits")
        ('suppress', 'round 10')
        """
        return f"round {self.rounding[measure]}" if measure in self.rounding else self.method


def refused(expected: str, problems: Iterable[str]) -> ParameterError:
    """Return the error of a policy that cannot be used: nothing is released."""
    return ParameterError(expected, found=problems, action="rätta params/disclosure.yaml och kör igen")


def _problems(policy: Policy) -> Iterator[str]:
    whole = is_whole(policy.unsafe_below, least=SMALLEST_THRESHOLD, most=LARGEST_THRESHOLD)
    if not whole:
        yield f"unsafe_below: {between(SMALLEST_THRESHOLD, LARGEST_THRESHOLD)}"
    yield from unit_problems(policy.protected_units)
    yield from value_problems("disclosive", policy.disclosive)
    yield from value_problems("harmless", policy.harmless)
    for name in SECTIONS:
        yield from section_problems(name, getattr(policy, name))
    if policy.method not in get_args(Method):
        yield f"method: finns inte{did_you_mean(str(policy.method), get_args(Method))}"
    yield from coarsen_problems(policy.coarsen_above)
    yield from rounding_problems(policy.rounding, unsafe_below=policy.unsafe_below if whole else SMALLEST_THRESHOLD)


def read_policy(path: Path) -> Policy:
    """Read a policy file in which every rule of every section is written out, once.

    Raises:
        ParameterError: the file is missing or unreadable; a rule is unknown, missing, written twice or has a value that
            cannot be used. The message names rules, never values.
    """
    rules = _read_rules(path)
    known = [rule.name for rule in fields(Policy)]
    problems = list(_name_problems(rules, known=known))
    for name, section in SECTIONS.items():
        problems += _section_name_problems(name, rules.get(name), section=section) if name in rules else []
    if problems:
        raise refused(f"Röjandepolicyn {path.name} ska ange varje regel och inga andra.", problems)
    sections = {name: section(**rules[name]) for name, section in SECTIONS.items()}
    policy = Policy(**rules | sections | {name: _tuples(rules[name]) for name in (*LISTED, "protected_units")})
    unknown = [problem for rule in LISTED for problem in naming_problems(rule, getattr(policy, rule))]
    unknown += [f"{rule}.{MEASURE}: saknas" for rule in LISTED if MEASURE not in getattr(policy, rule)]
    unknown += measure_problems("rounding", policy.rounding)
    if unknown:
        raise refused(f"Röjandepolicyn {path.name} ska nämna uppdelningar, värden och mått som finns.", unknown)
    return policy


def _read_rules(path: Path) -> dict[str, Any]:
    try:
        rules = read_strict_yaml(path.read_text(encoding="utf-8"))
    except RepeatedKeyError as error:
        problems = [f"{path.name}: {yaml.YAMLError.__name__}", f"{error.key}: står mer än en gång"]
        raise refused("Röjandepolicyn går inte att läsa. Utan den släpps ingenting.", problems) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        problem = f"{path.name}: {type(error).__name__}"
        raise refused("Röjandepolicyn går inte att läsa. Utan den släpps ingenting.", [problem]) from None
    if not isinstance(rules, dict):
        raise refused("Röjandepolicyn ska bestå av rader av typen regel: värde.", [path.name])
    return {str(rule): value for rule, value in rules.items()}


def _name_problems(rules: Iterable[Any], *, known: list[str], within: str = "") -> Iterator[str]:
    names = [str(rule) for rule in rules]
    yield from (f"{within}{rule}: okänd regel{did_you_mean(rule, known)}" for rule in names if rule not in known)
    yield from (f"{within}{rule}: saknas" for rule in known if rule not in names)


def _section_name_problems(name: str, rules: Any, *, section: type[Rules]) -> list[str]:
    if not isinstance(rules, dict):
        return [f"{name}: ska bestå av rader av typen regel: värde"]
    return list(_name_problems(rules, known=[rule.name for rule in fields(section)], within=f"{name}."))


def _tuples(value: Any) -> Any:
    """Return lists, also those in a mapping, as tuples; all else as it is, for the policy to refuse."""
    if isinstance(value, dict):
        return {str(name): _tuples(values) for name, values in value.items()}
    return tuple(value) if isinstance(value, list) else value
