"""Rounding in place of hiding: measures whose policy says so are rounded, each cell by itself, totals too.

The rounded numbers do not add up, and readers are told so. A measure is rounded with everything that a relation ties it to, or not at
all: exact numbers beside rounded ones would tell what was rounded away. Volumes of work are not rounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Column, Count, Estimate, Result, Share
from kaa_analysis.disclosure.policy import Policy


def rounded_to(number: int, base: int) -> int:
    """Return a count rounded half up to a multiple of ``base``.

    >>> [rounded_to(number, 10) for number in (0, 4, 5, 14, 15)], rounded_to(4, 9), rounded_to(5, 9)
    ([0, 0, 10, 10, 20], 0, 9)
    """
    return (2 * number + base) // (2 * base) * base


def rounding_bounds(rounded: int, base: int) -> tuple[int, int]:
    """Return the least and the most that a count can be which is shown as ``rounded``.

    >>> rounding_bounds(0, 10), rounding_bounds(20, 10), rounding_bounds(9, 9)
    ((0, 4), (15, 24), (5, 13))
    """
    return max(0, rounded - base // 2), rounded + (base + 1) // 2 - 1


def is_rounded(column: Column, policy: Policy) -> bool:
    """Tell whether a column holds counts that the policy rounds."""
    return isinstance(column, Count) and column.measure in policy.rounding


def check_rounding(results: Sequence[Result], *, policy: Policy) -> None:
    """Refuse a release in which rounding would not protect what it is to protect.

    Raises:
        DisclosureError: a rounded measure is a volume of work, or is tied by a share, a sum or an equation to a protected measure
            of another method.
    """
    volumes = sorted(
        {
            column.measure
            for result in results
            for column in result.of_role(Count)
            if is_rounded(column, policy) and column.unit not in policy.protected_units
        }
    )
    if volumes:
        raise DisclosureError("Arbetsvolymer (utskick och samtal) avrundas inte.", found=volumes, action=_ACTION)
    mixed = sorted(
        ", ".join(f"{measure}: {_words(policy, measure)}" for measure in sorted(group))
        for group in linked_measures(results, policy=policy)
        if len({policy.method_of(measure) for measure in group}) > 1
    )
    if mixed:
        raise DisclosureError(
            "Mått som hänger ihop (andelar, summor) ska skyddas med samma metod.", found=mixed, action=_ACTION
        )


def linked_measures(results: Sequence[Result], *, policy: Policy) -> list[frozenset[str]]:
    """Return the groups of printed, protected measures that shares, sums within rows and equations tie together, in order."""
    printed = {
        column.measure
        for result in results
        for column in result.of_role(Count)
        if column.unit in policy.protected_units
    }
    groups: list[frozenset[str]] = []
    for tied in (tied for result in results for tied in _ties(result)):
        joined = frozenset(tied) & printed
        if len(joined) > 1:
            near = [group for group in groups if group & joined]
            groups = [group for group in groups if not group & joined] + [joined.union(*near)]
    return sorted(groups, key=sorted)


def without_rounded(results: Sequence[Result], *, policy: Policy) -> list[Result]:
    """Return the results without their rounded counts, and without what rests on or sums them: what is left to be hidden."""
    return [_without_rounded(result, policy) for result in results] if policy.rounding else list(results)


def refuse_changed_methods(policy: Policy, *, methods: Mapping[str, str]) -> None:
    """Refuse a policy that protects a measure otherwise than earlier releases did; ``methods`` maps measures to `Policy.method_of`.

    Two methods for one number tell more than either: what was rounded in one release is shown or bounded in the next.

    Raises:
        DisclosureError: a measure has another method, or another base, than it was published with.
    """
    changed = [
        f"{measure}: {_in_words(earlier)} tidigare, {_words(policy, measure)} nu"
        for measure, earlier in sorted(methods.items())
        if earlier != policy.method_of(measure)
    ]
    if changed:
        raise DisclosureError(
            "Ett mått skyddas med en och samma metod för gott.",
            found=changed,
            action="ange samma metod och bas i params/disclosure.yaml som när måttet publicerades första gången",
        )


_ACTION = "ange samma avrundning för alla mått som hänger ihop, eller ingen, i params/disclosure.yaml"


def _words(policy: Policy, measure: str) -> str:
    return _in_words(policy.method_of(measure))


def _in_words(method: str) -> str:
    """Return a method in Swedish.

    >>> _in_words("round 10"), _in_words("suppress")
    ('avrundas till 10', 'döljs')
    """
    name, _, base = method.partition(" ")
    return f"avrundas till {base}" if name == "round" else "döljs"


def _ties(result: Result) -> Iterator[set[str]]:
    measures = {column.name: column.measure for column in result.of_role(Count)}
    for share in result.of_role(Share):
        yield {measures[share.numerator], measures[share.denominator]}
    for rule in result.row_sums:
        yield {measures[name] for name in (rule.total, *rule.parts)}
    for equation in result.equations:
        yield {term.measure for _, term in equation.terms}


def _without_rounded(result: Result, policy: Policy) -> Result:
    gone = {column.name for column in result.columns if is_rounded(column, policy)}
    for column in result.columns:
        base = column.base if isinstance(column, Estimate) else ()
        base = (column.numerator, column.denominator) if isinstance(column, Share) else base
        gone |= {column.name} if gone.intersection(base) else set()
    columns = tuple(column for column in result.columns if column.name not in gone)
    return replace(
        result,
        columns=columns,
        table=result.table[[column.name for column in columns]],
        row_sums=tuple(rule for rule in result.row_sums if not gone.intersection((rule.total, *rule.parts))),
        equations=tuple(
            equation
            for equation in result.equations
            if not any(term.measure in policy.rounding for _, term in equation.terms)
        ),
    )
