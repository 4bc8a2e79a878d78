"""No linear attack finds an unsafe cell. The attacker here shares no code with the protection: scipy, or plain counting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from kaa_analysis.core.result import Count, Dimension, Result, Share
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.released import Released

TOTAL = "all"
THRESHOLD = 5
WIDTH = THRESHOLD - 1
HIGH = 10_000.0
"""Far above every count in these tests."""

few = settings(derandomize=True, max_examples=60, deadline=None)


@dataclass(frozen=True)
class Knowledge:
    """What an attacker writes down: cells by id, what is known of each, and which parts add up to which total."""

    lower: dict[str, float]
    upper: dict[str, float]
    sums: tuple[tuple[str, tuple[str, ...]], ...]
    at_most: tuple[tuple[str, str], ...] = ()

    def tables_with(self, cell_id: str, value: int) -> bool:
        """Whether a whole table fits everything known and has ``value`` at ``cell_id``."""
        ids = sorted(self.lower)
        position = {name: number for number, name in enumerate(ids)}
        lower, upper = (np.array([bounds[name] for name in ids]) for bounds in (self.lower, self.upper))
        if not lower[position[cell_id]] <= value <= upper[position[cell_id]]:
            return False
        lower[position[cell_id]] = upper[position[cell_id]] = value
        rows = np.zeros((len(self.sums) + len(self.at_most), len(ids)))
        for number, (total, parts) in enumerate(self.sums):
            rows[number, position[total]] -= 1
            rows[number, [position[part] for part in parts]] += 1
        for number, (smaller, larger) in enumerate(self.at_most, start=len(self.sums)):
            rows[number, position[smaller]], rows[number, position[larger]] = 1, -1
        least = np.where(np.arange(len(rows)) < len(self.sums), 0.0, -np.inf)
        constraints = [LinearConstraint(rows, least, 0.0)] if len(rows) else []
        answer = milp(
            np.zeros(len(ids)), integrality=np.ones(len(ids)), bounds=Bounds(lower, upper), constraints=constraints
        )
        assert answer.status in (0, 2)
        return answer.status == 0


def knowledge(frames: Sequence[tuple[pd.DataFrame, pd.DataFrame, Sequence[str]]]) -> Knowledge:
    """Write down frames of counts (missing = hidden, then at least 1), their cell ids, and the names of their splits."""
    lower, upper, sums, at_most = {}, {}, [], []
    for values, ids, splits in frames:
        for measure in ids.columns:
            for cell_id, value in zip(ids[measure], values[measure], strict=True):
                lower[cell_id], upper[cell_id] = (1.0, HIGH) if pd.isna(value) else (float(value), float(value))
            for split in splits:
                for rows in groups(values, [other for other in splits if other != split]):
                    is_total = (values.loc[rows, split] == TOTAL).to_numpy()
                    parts = ids.loc[rows, measure][~is_total]
                    sums.append((ids.loc[rows, measure][is_total].item(), tuple(parts)))
        if "part" in ids.columns:
            at_most.extend(zip(ids["part"], ids["n"], strict=True))
    return Knowledge(lower, upper, tuple(sums), tuple(at_most))


def groups(values: pd.DataFrame, others: list[str]) -> Iterator[pd.Index]:
    """The rows of each combination of the other splits."""
    yield from ((rows.index for _, rows in values.groupby(others)) if others else [values.index])


def leaks(
    truths: Sequence[Result], tables: Sequence[tuple[pd.DataFrame, pd.DataFrame, Sequence[str]]]
) -> list[tuple[str, int]]:
    """Unsafe cells and values that they cannot have for somebody who sees ``tables``.

    A value below the lowest that fits the true zeros alone (all else hidden) is nobody's to hide; the window of four values
    begins there.
    """
    everything = [(blank(table), ids, splits) for (table, ids, splits) in as_frames(truths)]
    seen, widest = knowledge(tables), knowledge(everything)
    found = []
    for cell_id, value in sorted(true_counts(truths).items()):
        if not 1 <= value < THRESHOLD:
            continue
        lowest = next(number for number in range(1, THRESHOLD) if widest.tables_with(cell_id, number))
        found += [
            (cell_id, number) for number in range(lowest, lowest + WIDTH) if not seen.tables_with(cell_id, number)
        ]
    return found


def as_frames(results: Sequence[Result]) -> list[tuple[pd.DataFrame, pd.DataFrame, list[str]]]:
    frames = []
    for result in results:
        splits = [dimension.name for dimension in result.of_role(Dimension)]
        counts = [count.name for count in result.of_role(Count)]
        ids = pd.DataFrame({name: [result.cell_at(row, name).id for row in result.frame.index] for name in counts})
        frames.append((result.frame, ids, splits))
    return frames


def blank(values: pd.DataFrame) -> pd.DataFrame:
    """Every count hidden but the true zeros."""
    return values.assign(**{name: values[name].where(values[name] == 0) for name in ("n", "part") if name in values})


def true_counts(results: Sequence[Result]) -> dict[str, int]:
    return {
        cell_id: int(value)
        for values, ids, _ in as_frames(results)
        for name in ids.columns
        for cell_id, value in zip(ids[name], values[name], strict=True)
    }


def seen_by_readers(released: dict[str, Released]) -> list[tuple[pd.DataFrame, pd.DataFrame, list[str]]]:
    return [
        (table.values_table, table.cell_ids, [dimension.name for dimension in table.of_role(Dimension)])
        for table in released.values()
    ]


def table(name: str, counts: np.ndarray, splits: Sequence[str], *, measure: str = "registered") -> Result:
    """A table of counts with totals over every split; categories are named after the split and their number."""
    rows = []
    for place in product(*([*range(size), None] for size in counts.shape)):
        values = [TOTAL if at is None else f"{split}{at}" for split, at in zip(splits, place, strict=True)]
        where = tuple(slice(None) if at is None else at for at in place)
        rows.append([*values, int(counts[where].sum())])
    columns = (*(Dimension(split, split, total=TOTAL) for split in splits), Count("n", "Antal", measure))
    return Result(name, name, columns, pd.DataFrame(rows, columns=[*splits, "n"]))


def protected(results: Sequence[Result]) -> dict[str, Released]:
    return protect(results, policy=Policy(unsafe_below=THRESHOLD), ledger=Ledger.empty())


counts_2_way = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: st.lists(
        st.one_of(st.just(0), st.integers(0, 6), st.integers(0, 40)),
        min_size=shape[0] * shape[1],
        max_size=shape[0] * shape[1],
    ).map(lambda numbers: np.array(numbers).reshape(shape))
)


@few
@given(counts_2_way)
def test_no_attack_on_a_two_way_table_finds_an_unsafe_count(counts: np.ndarray) -> None:
    results = [table("two", counts, ["sex", "age"])]
    assert leaks(results, seen_by_readers(protected(results))) == []


@pytest.mark.parametrize("seed", range(8))
def test_no_attack_on_a_three_way_table_finds_an_unsafe_count(seed: int) -> None:
    counts = np.random.default_rng(seed).poisson(6, size=(3, 4, 2)) * np.random.default_rng(seed + 100).integers(
        0, 3, size=(3, 4, 2)
    )
    results = [table("three", counts, ["sex", "age", "district"])]
    assert leaks(results, seen_by_readers(protected(results))) == []


@pytest.mark.parametrize("seed", range(8))
def test_no_attack_on_linked_tables_that_share_cells_finds_an_unsafe_count(seed: int) -> None:
    people = np.random.default_rng(seed).poisson(3.0, size=(2, 4, 3))
    results = [
        table("by_age", people.sum(axis=2), ["sex", "age"]),
        table("by_district", people.sum(axis=1), ["sex", "district"]),
    ]
    assert leaks(results, seen_by_readers(protected(results))) == []


@pytest.mark.parametrize("seed", range(8))
def test_no_attack_finds_the_complement_of_a_share(seed: int) -> None:
    generator = np.random.default_rng(seed)
    whole = generator.poisson(12, size=4)
    frame = pd.DataFrame({"district": [*"abcd", TOTAL], "n": [*whole, whole.sum()]})
    part = generator.binomial(whole, 0.8)
    frame = frame.assign(part=[*part, part.sum()], share=0.0)
    columns = (
        Dimension("district", "Område", total=TOTAL),
        Count("n", "Antal", "registered"),
        Count("part", "Nådda", "reached"),
    )
    result = Result("shares", "Andelar", (*columns, Share("share", "Andel", "part", "n")), frame)
    released = protected([result])["shares"]
    values = released.values_table
    assert leaks([result], seen_by_readers({"shares": released})) == []
    shown = values[["n", "part"]].notna().all(axis=1)
    assert not (values["n"] - values["part"])[shown].isin(range(1, THRESHOLD)).any()
    assert values["share"].notna().tolist() == (shown & (frame["n"] > 0)).tolist()


def tables_that_fit(values: pd.DataFrame, *, largest: int) -> Iterator[tuple[int, ...]]:
    """Count through all 2 × 2 tables whose cells and sums agree with what is shown of them."""
    shown = {(row.sex, row.age): row.n for row in values.itertuples()}
    for a, b, c, d in product(range(largest + 1), repeat=4):
        inner = {("sex0", "age0"): a, ("sex0", "age1"): b, ("sex1", "age0"): c, ("sex1", "age1"): d}
        cells = inner | {
            ("sex0", TOTAL): a + b,
            ("sex1", TOTAL): c + d,
            (TOTAL, "age0"): a + c,
            (TOTAL, "age1"): b + d,
            (TOTAL, TOTAL): a + b + c + d,
        }
        if all(cells[place] >= 1 if pd.isna(value) else cells[place] == value for place, value in shown.items()):
            yield tuple(cells[place] for place in shown)


@pytest.mark.parametrize(
    "numbers", [(1, 2, 9, 9), (3, 8, 8, 0), (4, 4, 8, 8), (1, 1, 1, 1), (7, 5, 6, 2), (0, 3, 0, 9), (2, 0, 0, 2)]
)
def test_brute_force_finds_every_value_possible_in_small_tables(numbers: tuple[int, ...]) -> None:
    result = table("small", np.array(numbers).reshape(2, 2), ["sex", "age"])
    truth = result.frame["n"].tolist()
    hidden_all = blank(result.frame)
    possible = list(zip(*tables_that_fit(protected([result])["small"].values_table, largest=14), strict=True))
    conceivable = list(zip(*tables_that_fit(hidden_all, largest=8), strict=True))
    for value, found, widest in zip(truth, possible, conceivable, strict=True):
        if 1 <= value < THRESHOLD:
            assert set(range(min(widest), min(widest) + WIDTH)) <= set(found)


def test_the_attack_finds_what_primary_suppression_alone_gives_away() -> None:
    result = table("two", np.array([[3, 9], [12, 20]]), ["sex", "age"])
    frame, ids, splits = as_frames([result])[0]
    primary_only = frame.assign(n=frame["n"].where(~frame["n"].between(1, 4)))
    assert leaks([result], [(primary_only, ids, splits)]) == [
        ("registered|age=age0|sex=sex0", 1),
        ("registered|age=age0|sex=sex0", 2),
        ("registered|age=age0|sex=sex0", 4),
    ]


@few
@given(counts_2_way)
def test_true_zeros_are_always_shown_and_unsafe_counts_never(counts: np.ndarray) -> None:
    result = table("two", counts, ["sex", "age"])
    values, truth = protected([result])["two"].values_table["n"], result.frame["n"]
    assert (values[truth == 0] == 0).all()
    assert values[truth.between(1, 4)].isna().all()
    assert (values.isna() | (values == truth)).all()


@few
@given(counts_2_way, st.integers(0, 1000))
def test_the_order_of_rows_and_results_changes_nothing(counts: np.ndarray, seed: int) -> None:
    results = [table("two", counts, ["sex", "age"]), table("one", counts.sum(axis=1), ["sex"])]
    before = {cell_id: value for value, cell_id in printed(protected(results))}
    order = np.random.default_rng(seed).permutation(len(results[0].frame))
    shuffled = Result("two", "two", results[0].columns, results[0].frame.iloc[order])
    after = {cell_id: value for value, cell_id in printed(protected([results[1], shuffled]))}
    assert before == after


@few
@given(counts_2_way)
def test_protecting_twice_gives_the_same_bytes(counts: np.ndarray) -> None:
    results = [table("two", counts, ["sex", "age"])]
    assert protected(results)["two"].hash == protected(results)["two"].hash


def printed(released: dict[str, Released]) -> list[tuple[int | None, str]]:
    return [
        (None if pd.isna(value) else int(value), cell_id)
        for one in released.values()
        for value, cell_id in zip(one.values_table["n"], one.cell_ids["n"], strict=True)
    ]
