"""Coarser groupings of a split: which of its values are put together where the single ones are too small to show."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Grouping:
    """A coarser form of a split. ``groups`` maps each group to the values of the split that it holds, in the order of presentation.

    ``name`` and ``label`` are those of the coarser split: the same name as the split's, unless the groups are a split of their own that
    other tables have too (the part of the city of a district). ``labels`` are the Swedish texts of the groups; ``note`` tells readers
    in one sentence what has been put together and why.
    """

    name: str
    label: str
    groups: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, str]
    note: str

    def of_value(self) -> dict[str, str]:
        """Return the group of every value.

        >>> Grouping("size", "Storlek", {"a": ("a",), "rest": ("b", "c")}, {"a": "A", "rest": "Övriga"}, "").of_value()
        {'a': 'a', 'b': 'rest', 'c': 'rest'}
        """
        return {value: group for group, values in self.groups.items() for value in values}


def grouping_record(grouping: Grouping) -> dict[str, Any]:
    """Return a grouping as plain JSON values; `grouping_from_record` gives it back. Groups are pairs: their order is a meaning."""
    return {
        "name": grouping.name,
        "label": grouping.label,
        "groups": [[group, list(values)] for group, values in grouping.groups.items()],
        "labels": [*map(list, grouping.labels.items())],
        "note": grouping.note,
    }


def grouping_from_record(record: Mapping[str, Any]) -> Grouping:
    """Return the grouping of a record made by `grouping_record`."""
    groups = {group: tuple(values) for group, values in record["groups"]}
    return Grouping(**{**record, "groups": groups, "labels": dict(record["labels"])})


def grouping_problems(coarser: Sequence[Grouping], *, name: str, values: Iterable[str], total: str | None) -> list[str]:
    """Return what is wrong with the groupings of the split ``name``, the finest first, in Swedish; empty if nothing is.

    Each must hold every value once, in groups with labels, and put together groups of the one before it. One code is one thing: in a
    split of the same name a group with one value has that value's code, and no other group has it.
    """
    problems: list[str] = []
    before = {value: (value,) for value in values}
    known = {name: before}
    for level, grouping in enumerate(coarser, start=1):
        found = [*_not_a_partition(grouping, before), *_meanings(grouping, known.get(grouping.name, {}))]
        if total in grouping.groups or grouping.groups.keys() != grouping.labels.keys():
            found.append("varje grupp ska ha en etikett, och ingen får heta som totalen")
        problems += [f"{name}, nivå {level}: {problem}" for problem in found]
        known[grouping.name] = {**known.get(grouping.name, {}), **grouping.groups}
        before = dict(grouping.groups)
    return problems


def _not_a_partition(grouping: Grouping, before: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    grouped = [value for values in grouping.groups.values() for value in values]
    expected = {value for values in before.values() for value in values}
    if len(set(grouped)) < len(grouped):
        yield "ett värde står i flera grupper"
    if expected - set(grouped):
        yield f"{len(expected - set(grouped))} värden utan grupp"
    if set(grouped) - expected or not all(grouping.groups.values()):
        yield "en grupp är tom eller har ett okänt värde"
    of_value = grouping.of_value()
    if any(len({of_value.get(value) for value in values}) > 1 for values in before.values()):
        yield "en grupp på nivån före är delad"
    if len(grouping.groups) >= len(before):
        yield "inte grövre än nivån före"


def _meanings(grouping: Grouping, known: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Give the groups whose code means, or whose values have, something else at a finer level of the same split."""
    codes = {frozenset(values): code for code, values in known.items()}
    for group, values in grouping.groups.items():
        if group in known and set(known[group]) != set(values):
            yield f"koden {group} betyder redan något annat"
        elif codes.get(frozenset(values), group) != group:
            yield f"{group} är samma som {codes[frozenset(values)]} och ska heta så"


def grouped_vocabulary(vocabulary: str) -> tuple[tuple[Mapping[str, tuple[str, ...]], Mapping[str, str]], ...]:
    """Return the groups (codes by group) and their Swedish labels at each level of a vocabulary, the finest first.

    >>> groups, labels = grouped_vocabulary("exit_reason")[-1]
    >>> labels
    {'to_studies': 'Till studier', 'elsewhere': 'Inte till studier'}
    """
    rows = [row for row in _rows() if row["vocabulary"] == vocabulary]
    levels = sorted({row["level"] for row in rows})
    found = []
    for level in levels:
        of_level = [row for row in rows if row["level"] == level]
        groups = {row["group"]: tuple(row["codes"].split()) for row in of_level}
        found.append((groups, {row["group"]: row["label"] for row in of_level}))
    return tuple(found)


@cache
def _rows() -> tuple[Mapping[str, str], ...]:
    with files("kaa_analysis.core").joinpath("groupings.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))
