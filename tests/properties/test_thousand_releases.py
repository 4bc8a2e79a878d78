"""Random sets of linked tables: protected together, attacked, and nothing is found.

``KAA_RELEASES=1000`` tries a thousand sets (minutes); without it the first of them are tried.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.core.result import Count, Dimension, Equation, Result, RowSum, Share, cell
from kaa_analysis.disclosure.attack.findings import Findings
from kaa_analysis.disclosure.attack.publication import PROTECTED, Terms
from kaa_analysis.disclosure.attack.released_tables import from_released, structural_findings
from kaa_analysis.disclosure.attack.rules import Rules
from kaa_analysis.disclosure.attack.verdict import attack
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import inside_room, protect

N_RELEASES = int(os.environ.get("KAA_RELEASES", "200"))
BATCH = 20
"""Sets tried in one test."""
TOTAL = "all"
BELOW = 5
CONTEXT = {"extract": "2025-01-31", "period": "2024"}


def people(generator: np.random.Generator) -> pd.DataFrame:
    """A person a row, in districts of parts of a city, by sex, age and kind: skewed, so that zeros and ones abound."""
    n = int(generator.choice([6, 25, 80, 250]))
    districts = int(generator.integers(2, 6))
    kinds = int(generator.integers(2, 6))
    skew = float(generator.choice([0.25, 1.0, 5.0]))
    frame = pd.DataFrame(
        {
            "district": generator.choice(districts, n, p=generator.dirichlet(np.full(districts, skew))),
            "sex": generator.choice(2, n),
            "age": generator.choice(3, n, p=generator.dirichlet(np.full(3, 2 * skew))),
            "kind": generator.choice(kinds, n, p=generator.dirichlet(np.full(kinds, skew / 2))),
            "reached": generator.random(n) < generator.choice([0.05, 0.5, 0.9, 1.0]),
        }
    )
    return frame.assign(part=frame["district"] // 2)


SPLITS = {"district": 6, "sex": 2, "age": 4, "kind": 5, "part": 3}
"""How many values each split prints: some are empty groups."""


def table(name: str, persons: pd.DataFrame, splits: Sequence[str], *, printed_total: bool, shares: bool) -> Result:
    """Counts of persons by some splits with all totals; some tables leave out the total of their first split."""
    rows = []
    columns_of = {split: persons[split].to_numpy() for split in splits}
    is_reached = persons["reached"].to_numpy()
    for place in product(*([*range(SPLITS[split]), TOTAL] for split in splits)):
        if not printed_total and place[0] == TOTAL:
            continue
        chosen = np.ones(len(persons), dtype=bool)
        for split, at in zip(splits, place, strict=True):
            if at != TOTAL:
                chosen &= columns_of[split] == at
        n, reached = int(chosen.sum()), int((chosen & is_reached).sum())
        rows.append([*map(str, place), n, reached, n - reached])
    names = [*splits, "n", "reached", "not_reached"]
    frame = pd.DataFrame(rows, columns=names).assign(share=0.0)
    dimensions = [
        Dimension(split, split, total=TOTAL if printed_total or split != splits[0] else None) for split in splits
    ]
    counts = [Count("n", "Antal", "registered")]
    if shares:
        counts += [Count("reached", "Nådda", "reached"), Share("share", "Andel", "reached", "n")]
    if shares and len(persons) % 2:
        counts.insert(2, Count("not_reached", "Ej nådda", "not_reached"))
    columns = (*dimensions, *counts)
    rules = (RowSum("n", ("reached", "not_reached")),) if any(c.name == "not_reached" for c in counts) else ()
    kept = frame[[column.name for column in columns]]
    return Result(name, name, columns, kept, context=CONTEXT, row_sums=rules, equations=parts_of_the_city(splits))


def parts_of_the_city(splits: Sequence[str]) -> tuple[Equation, ...]:
    """Each part of the city is the sum of its districts, where a table prints districts and nothing else."""
    if list(splits) != ["district"]:
        return ()
    return tuple(
        Equation(
            "Delen är summan av sina områden",
            (
                (-1, cell("registered", part=str(part), **CONTEXT)),
                *((1, cell("registered", district=str(2 * part + at), **CONTEXT)) for at in (0, 1)),
            ),
        )
        for part in range(3)
    )


def release(seed: int) -> list[Result]:
    """One to four tables of the same persons, of two to four splits in all."""
    generator = np.random.default_rng(seed)
    persons = people(generator)
    hierarchy = bool(generator.random() < 0.5)
    chosen = [["district"], ["part"]] if hierarchy else []
    for _ in range(int(generator.integers(1, 3))):
        size = int(generator.choice([1, 2, 2, 3]))
        chosen.append(
            [str(split) for split in generator.choice(["sex", "age", "kind", "district"], size, replace=False)]
        )
    distinct = list(dict.fromkeys(tuple(sorted(splits)) for splits in chosen))
    return [
        table(
            "_".join(splits),
            persons,
            list(splits),
            printed_total=number == 0 or bool(generator.random() < 0.8),
            shares=len(splits) < 3 and bool(generator.random() < 0.4),
        )
        for number, splits in enumerate(distinct)
    ]


def equations_of(results: Sequence[Result]) -> Iterator[Terms]:
    for result in results:
        for equation in result.all_equations():
            yield tuple((factor, term.id) for factor, term in equation.terms)


def attacked(results: Sequence[Result]) -> Findings:
    """Protect a release and attack it with everything that was declared."""
    released = protect(results, policy=Policy(unsafe_below=BELOW), ledger=Ledger.empty())
    assert structural_findings(released.values()) == ()
    publication = from_released(released.values(), equations=equations_of(results))
    return attack(publication, truth=true_counts(results), rules=Rules(unsafe_below=BELOW))


def true_counts(results: Sequence[Result]) -> dict[str, int]:
    return {place.id: value for result in results for place, value in result.cells().items() if value is not None}


def unsafe_counts_hidden(results: Sequence[Result]) -> Findings:
    """Attack a release in which nothing is hidden but the unsafe counts themselves."""
    truth = true_counts(results)
    open_tables = from_released([inside_room(result) for result in results], equations=equations_of(results))
    cells = {
        cell_id: replace(seen, state=PROTECTED, value=None) if 1 <= truth[cell_id] < BELOW else seen
        for cell_id, seen in open_tables.cells.items()
    }
    return attack(replace(open_tables, cells=cells), truth=truth, rules=Rules(unsafe_below=BELOW))


@pytest.mark.parametrize("first", range(0, N_RELEASES, BATCH))
def test_the_attack_finds_nothing_in_random_sets_of_linked_tables(first: int) -> None:
    found = Counter()
    for seed in range(first, first + BATCH):
        found.update(attacked(release(seed)).by_kind)
    assert dict(found) == {}


def test_the_attack_finds_the_same_sets_open_where_only_the_unsafe_counts_are_hidden() -> None:
    found = Counter()
    for seed in range(BATCH):
        found.update(unsafe_counts_hidden(release(seed)).by_kind)
    assert {"count", "union", "nested", "difference"} <= found.keys()


def test_the_random_sets_have_what_makes_tables_hard() -> None:
    seen = Counter()
    for seed in range(60):
        results = release(seed)
        values = [value for result in results for value in result.cells().values()]
        seen.update(
            {
                "tables": len(results),
                "hierarchies": any(result.equations for result in results),
                "three splits": any(len(result.of_role(Dimension)) == 3 for result in results),
                "shares": any(result.of_role(Share) for result in results),
                "singletons": values.count(1) > 0,
                "empty groups": values.count(0) > 0,
                "heavy zeros": values.count(0) > len(values) / 2,
                "no total printed": any(d.total is None for result in results for d in result.of_role(Dimension)),
            }
        )
    assert min(seen.values()) >= 10, seen
