"""A coarsened release keeps every total, and no attack finds an unsafe count in it: printed, printed elsewhere, or worked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaa_analysis.core.groupings import Grouping
from kaa_analysis.core.result import Dimension, Equation, Result, cell
from kaa_analysis.disclosure.coarse.coarsening import coarsen
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.released import Released
from tests.properties.test_protection import (
    HIGH,
    THRESHOLD,
    TOTAL,
    WIDTH,
    Knowledge,
    as_frames,
    blank,
    knowledge,
    leaks,
    seen_by_readers,
    table,
    true_counts,
)

STRICT = Policy(unsafe_below=THRESHOLD, coarsen_above=0.0)
VALUES = tuple(f"way{number}" for number in range(6))
GROUPS = {"way0": ("way0",), "studies": ("way1", "way2", "way3"), "rest": ("way4", "way5")}
LAST = {"early": ("way0", "way1", "way2", "way3"), "rest": ("way4", "way5")}
LEVELS = tuple(
    Grouping("way", "Väg", groups, dict.fromkeys(groups, "Text"), "Sammanslaget.") for groups in (GROUPS, LAST)
)
WAYS = Dimension("way", "Väg", dict.fromkeys((TOTAL, *VALUES), "Text"), total=TOTAL, coarser=LEVELS)

few = settings(derandomize=True, max_examples=60, deadline=None)
people = st.lists(st.one_of(st.just(0), st.integers(0, 6), st.integers(0, 40)), min_size=12, max_size=12).map(
    lambda numbers: np.array(numbers).reshape(6, 2)
)


def by_way(counts: np.ndarray, **about: object) -> Result:
    """A table of ways out by sex."""
    plain = table("ways", counts, ["way", "sex"])
    return replace(plain, columns=(WAYS, *plain.columns[1:]), **about)


def fewer(counts: np.ndarray, values: Sequence[int], measure: str) -> Result:
    """The persons of some ways together, by sex."""
    return table(measure, counts[list(values)].sum(axis=0), ["sex"], measure=measure)


def elsewhere(counts: np.ndarray, value: int) -> Result:
    """A table about the persons of one way alone, by sex."""
    plain = table("elsewhere", counts[value], ["sex"])
    return replace(plain, context={"way": VALUES[value]})


def sums_of(values: Sequence[int], measure: str) -> list[Equation]:
    """That the persons of ``measure`` are those of some ways."""
    return [
        Equation(
            "Vägarna tillsammans",
            (
                (-1, cell(measure, **place)),
                *((1, cell("registered", way=VALUES[value], **place)) for value in values),
            ),
        )
        for place in ({}, {"sex": "sex0"}, {"sex": "sex1"})
    ]


def released_of(results: Sequence[Result]) -> dict[str, Released]:
    return protect(results, policy=STRICT, ledger=Ledger.empty())


@few
@given(people)
def test_coarsening_keeps_every_total(counts: np.ndarray) -> None:
    result = by_way(counts)
    [coarse] = coarsen([result], policy=STRICT)
    before, after = result.cells(), coarse.cells()
    totals = [place for place in before if "way" not in dict(place.place)]
    assert [after[place] for place in totals] == [before[place] for place in totals]
    for sex in ("sex0", "sex1", TOTAL):
        rows = coarse.frame[coarse.frame["sex"].eq(sex) & coarse.frame["way"].ne(TOTAL)]
        assert rows["n"].sum() == after[cell("registered", **({} if sex == TOTAL else {"sex": sex}))]


@few
@given(people)
def test_no_attack_on_a_coarsened_table_finds_an_unsafe_count(counts: np.ndarray) -> None:
    released = released_of([by_way(counts)])
    assert leaks(coarsen([by_way(counts)], policy=STRICT), seen_by_readers(released)) == []


def attacked(
    counts: np.ndarray,
    others: Sequence[Result],
    equations: Sequence[Equation] = (),
    *,
    union: Sequence[int] = (),
) -> list[tuple[str, int]]:
    """Unsafe counts, those of lost rows that whoever sees every count could work out included, and values they cannot have.

    ``union`` are ways that the attacker takes together, which no table does and the protection is not told.
    """
    fine = by_way(counts)
    together = [fewer(counts, union, "union")] if union else []
    of_attacker = [*equations, *(sums_of(union, "union") if union else ())]
    results = [replace(fine, equations=tuple(equations)), *others]
    coarse, released = coarsen(results, policy=STRICT), released_of(results)
    grouping = next((level for level in LEVELS if set(coarse[0].frame["way"]) == {TOTAL, *level.groups}), None)
    truth = true_counts([fine, *coarse, *together])

    def known(tables: Sequence[tuple[pd.DataFrame, pd.DataFrame, Sequence[str]]]) -> Knowledge:
        seen = knowledge(tables)
        lower, upper = dict(seen.lower), dict(seen.upper)
        sums = list(seen.sums)
        for total, parts in relations(fine, grouping, of_attacker):
            for cell_id in (total, *parts):
                lower.setdefault(cell_id, 0.0)
                upper.setdefault(cell_id, HIGH)
            sums.append((total, parts))
        return Knowledge(lower, upper, tuple(sums))

    open_to_readers = known(seen_by_readers(released))
    all_shown = known([*as_frames(coarse)])
    all_hidden = known([(blank(values), ids, splits) for values, ids, splits in as_frames(coarse)])
    printed = true_counts(coarse)
    found = []
    for cell_id, value in sorted(truth.items()):
        if not 1 <= value < THRESHOLD or cell_id not in all_shown.lower:
            continue
        if cell_id not in printed and any(all_shown.tables_with(cell_id, number) for number in (value - 1, value + 1)):
            continue
        lowest = next(number for number in range(1, THRESHOLD) if all_hidden.tables_with(cell_id, number))
        window = range(lowest, lowest + WIDTH)
        found += [(cell_id, number) for number in window if not open_to_readers.tables_with(cell_id, number)]
    return found


def relations(
    fine: Result, grouping: Grouping | None, equations: Sequence[Equation]
) -> list[tuple[str, tuple[str, ...]]]:
    """All that ties the rows that are gone to one another, to their groups and to other tables, as sums of cell ids."""
    everything = [*fine.all_equations(), *equations]
    for place in ({}, {"sex": "sex0"}, {"sex": "sex1"}):
        for group, values in grouping.groups.items() if grouping else ():
            parts = tuple((1, cell("registered", way=value, **place)) for value in values)
            if len(values) > 1:
                everything.append(Equation("", ((-1, cell("registered", way=group, **place)), *parts)))
    return [
        (next(place.id for factor, place in one.terms if factor < 0), tuple(p.id for f, p in one.terms if f > 0))
        for one in everything
    ]


@pytest.mark.parametrize("seed", range(10))
def test_no_attack_finds_an_unsafe_count_where_another_table_prints_a_row_that_is_gone(seed: int) -> None:
    counts = np.random.default_rng(seed).poisson((4, 3, 20, 2, 6, 9), size=(2, 6)).T
    group = next(values for values in GROUPS.values() if VALUES[seed % 6] in values)
    rest = [VALUES.index(value) for value in group if value != VALUES[seed % 6]]
    assert attacked(counts, [elsewhere(counts, seed % 6)], union=rest) == []


@pytest.mark.parametrize("seed", range(10))
def test_no_attack_finds_an_unsafe_count_where_equations_name_rows_that_are_gone(seed: int) -> None:
    generator = np.random.default_rng(seed)
    counts = generator.poisson((4, 3, 20, 2, 6, 9), size=(2, 6)).T
    chosen = sorted(generator.choice(6, size=3, replace=False).tolist())
    others = [fewer(counts, chosen, "chosen"), fewer(counts, chosen[:2], "two")]
    assert attacked(counts, others, [*sums_of(chosen, "chosen"), *sums_of(chosen[:2], "two")]) == []


def test_the_attack_finds_what_forgetting_the_rows_that_are_gone_would_give_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts = np.array([[9, 9], [20, 20], [8, 9], [2, 3], [6, 9], [9, 9]])
    others = [elsewhere(counts, 1), replace(elsewhere(counts, 2), id="more")]
    assert attacked(counts, others) == []
    monkeypatch.setattr("kaa_analysis.disclosure.coarse.merged_equations._links", lambda *_: ())
    assert attacked(counts, others) != []


def test_a_table_of_zeros_stays_as_it_is() -> None:
    zeros = by_way(np.zeros((6, 2), dtype=int))
    [shown] = coarsen([zeros], policy=STRICT)
    assert shown.frame.equals(zeros.frame)
