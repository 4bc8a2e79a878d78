"""What the attack reads, each source by itself: files, printed tables, earlier releases, and whether they fit together at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Column, Count, Dimension, Estimate, Result, Share
from kaa_analysis.disclosure.attack.bundle_files import from_files
from kaa_analysis.disclosure.attack.findings import Finding
from kaa_analysis.disclosure.attack.hidden_behind import shown_over_hidden
from kaa_analysis.disclosure.attack.knowledge import NO_LIMIT, knowledge_of, only_zeros
from kaa_analysis.disclosure.attack.printed import Printed, publication_of
from kaa_analysis.disclosure.attack.publication import (
    PROTECTED,
    ROUNDED,
    SHOWN,
    UNKNOWN,
    Publication,
    SeenCell,
    merged,
    place_of,
    without,
)
from kaa_analysis.disclosure.attack.released_tables import from_released
from kaa_analysis.disclosure.attack.rules import Rules
from kaa_analysis.disclosure.attack.verdict import attack, examine, refuse_if_found
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect

# files


def folder_with(folder: Path, **files: bytes) -> Path:
    (folder / "data").mkdir()
    for name, content in files.items():
        (folder / "data" / f"{name}.csv").write_bytes(content)
    return folder


def test_a_quoted_cell_is_read_as_it_stands(tmp_path: Path) -> None:
    content = b'cell_id,table,value,state\r\n"n|d=a\r\nb, c",t,9,shown\r\n'
    read = from_files([folder_with(tmp_path, t=content)])
    assert dict(read.cells) == {"n|d=a\r\nb, c": SeenCell("n|d=a\r\nb, c", SHOWN, 9, tables=("t",))}


def test_only_the_three_states_that_tell_something_are_read_as_such(tmp_path: Path) -> None:
    states = ("shown", "rounded", "protected", "unknown", "not_applicable", "")
    rows = [
        f"{number},t,{value},{state}" for number, (state, value) in enumerate((s, v) for s in states for v in ("7", ""))
    ]
    content = "\n".join(["cell_id,table,value,state", *rows]).encode()
    read = from_files([folder_with(tmp_path, t=content)], rounding_base=5)
    told = [(cell.state, cell.value, cell.base) for cell in read.cells.values()]
    nothing = (UNKNOWN, None, None)
    protected = (PROTECTED, None, None)
    assert told[:2] == [(SHOWN, 7, None), nothing]
    assert [(state, value) for state, value, _ in told[2:4]] == [(ROUNDED, 7), (UNKNOWN, None)]
    assert told[4:6] == [protected, protected]
    assert told[6:] == [nothing] * 6


@pytest.mark.parametrize(
    ("files", "expected", "found"),
    [
        ({}, "Ett rapportpaket ska ha filer i mappen data.", "bundle"),
        ({"t": b"cell_id,table,value\nn,t,3\n"}, "En datafil ska ha sina kolumner.", "t.csv: cell_id, table, value, state"),
        ({"t": b"cell_id,table,value,state\nn,t,3\n"}, "En datafil ska ha sina kolumner.", "t.csv: cell_id, table, value, state"),
        (
            {"equations": b"equation,cell_id\n1,n\n"},
            "En datafil ska ha sina kolumner.",
            "equations.csv: equation, cell_id, coefficient",
        ),
        ({"t": b"cell_id,table,value,state\nn,t,3.5,shown\n"}, "Antal i en datafil ska vara hela tal.", "t.csv"),
        ({"equations": b"equation,cell_id,coefficient\n1,n,x\n"}, "Antal i en datafil ska vara hela tal.", "equations.csv"),
        (
            {"t": b"cell_id,table,value,state\nn,t,3,shown\n", "u": b"cell_id,table,value,state\nn,u,4,shown\n"},
            "Samma cell ska visas med samma värde överallt.",
            ("t", "u"),
        ),
    ],
)  # fmt: skip
def test_files_that_make_no_sense_are_refused(
    tmp_path: Path, files: dict[str, bytes], expected: str, found: str | tuple[str, ...]
) -> None:
    folder = tmp_path / "bundle"
    folder.mkdir()
    with pytest.raises(DisclosureError) as refused:
        from_files([folder_with(folder, **files)])
    assert refused.value.expected == expected
    assert refused.value.found == ((found,) if isinstance(found, str) else found)


# cells


def test_a_cell_that_is_printed_twice_tells_the_most_that_either_tells() -> None:
    hidden, unknown = SeenCell("n", PROTECTED, tables=("h",)), SeenCell("n", UNKNOWN, tables=("u",))
    rounded = SeenCell("n", ROUNDED, 10, "persons", 5, ("r",))
    shown = SeenCell("n", SHOWN, 9, "persons", None, ("s",))
    for cells, best in (
        ([unknown, hidden], SeenCell("n", PROTECTED, tables=("u", "h"))),
        ([hidden, unknown], SeenCell("n", PROTECTED, tables=("h", "u"))),
        ([hidden, rounded], SeenCell("n", ROUNDED, 10, "persons", 5, ("h", "r"))),
        ([rounded, hidden], SeenCell("n", ROUNDED, 10, "persons", 5, ("r", "h"))),
        ([shown, hidden, shown], SeenCell("n", SHOWN, 9, "persons", None, ("s", "h"))),
        ([unknown, shown], SeenCell("n", SHOWN, 9, "persons", None, ("u", "s"))),
        ([rounded, rounded], rounded),
    ):
        assert merged(cells) == {"n": best}


def test_cells_printed_with_two_values_are_refused_with_all_their_tables() -> None:
    cells = [
        SeenCell("n", SHOWN, 9, tables=("b",)),
        SeenCell("n", SHOWN, 8, tables=("a",)),
        SeenCell("m", SHOWN, 9, tables=("c",)),
        SeenCell("m", ROUNDED, 9, base=3, tables=("d",)),
        SeenCell("k", SHOWN, 9, tables=("e",)),
        SeenCell("k", PROTECTED, tables=("f",)),
    ]
    with pytest.raises(DisclosureError) as refused:
        merged(cells)
    assert refused.value.found == ("a", "b", "c", "d")


def test_a_value_with_an_equals_sign_is_a_value() -> None:
    assert place_of("n|d=a=b|sex=f") == {"d": "a=b", "sex": "f"}
    assert without("n|d=a=b|sex=f", "sex") == "n|d=a=b"


@pytest.mark.parametrize(
    ("value", "base", "ends"),
    [(0, 5, (0, 2)), (5, 5, (3, 7)), (10, 10, (5, 14)), (0, 10, (0, 4)), (3, 3, (2, 4)), (7, 1, (7, 7)), (7, None, (7, 7)), (4, 2, (3, 4))],
)  # fmt: skip
def test_a_rounded_number_is_one_of_those_rounded_to_it(value: int, base: int | None, ends: tuple[int, int]) -> None:
    assert SeenCell("n", ROUNDED, value, base=base).bounds == ends
    if base:
        inside = [number for number in range(30) if (number + base // 2) // base * base == value]
        assert (inside[0], inside[-1]) == ends


def test_what_was_printed_before_is_known_too() -> None:
    now = Publication(
        {"n": SeenCell("n", SHOWN, 9, "persons", None, ("t",)), "m": SeenCell("m", PROTECTED, tables=("t",))},
        equations=(((1, "n"), (-1, "m")),),
        sums=(((1, "n"), (-1, "o")),),
        shares=(("m", "n"),),
        cumulative=frozenset({"n"}),
        earlier=frozenset({"x"}),
    )
    then = now.with_earlier({"o": 7, "n": None, "m": 9, "p": None, "z": 0})
    assert dict(then.cells) == {
        "n": SeenCell("n", SHOWN, 9, "persons", None, ("t", "(tidigare)")),
        "m": SeenCell("m", SHOWN, 9, None, None, ("t", "(tidigare)")),
        "o": SeenCell("o", SHOWN, 7, None, None, ("(tidigare)",)),
        "p": SeenCell("p", PROTECTED, None, None, None, ("(tidigare)",)),
        "z": SeenCell("z", SHOWN, 0, None, None, ("(tidigare)",)),
    }
    assert (then.equations, then.sums, then.shares, then.cumulative) == (
        now.equations, now.sums, now.shares, now.cumulative,
    )  # fmt: skip
    assert then.earlier == {"x", "o", "p", "z"}


def test_a_shown_disclosive_number_could_be_none_if_all_but_the_zeros_were_hidden() -> None:
    cells = {
        "n": SeenCell("n", SHOWN, 20),
        "n|c=a": SeenCell("n|c=a", SHOWN, 8),
        "n|c=b": SeenCell("n|c=b", SHOWN, 12),
        "n|c=z": SeenCell("n|c=z", SHOWN, 0),
        "o|c=a": SeenCell("o|c=a", SHOWN, 9),
        "o|c=b": SeenCell("o|c=b", SHOWN, 9),
    }
    terms = ((-1, "n"), (1, "n|c=a"), (1, "n|c=b"), (1, "n|c=z"))
    rules = Rules(disclosive={"c": ("a",)})
    zeros, known = (
        read(Publication(cells), equations=[terms], pairs=[], rules=rules) for read in (only_zeros, knowledge_of)
    )
    assert (zeros.lower.tolist(), zeros.upper.tolist()) == ([1, 0, 0, 0, 0, 1], [NO_LIMIT] * 3 + [0] + [NO_LIMIT] * 2)
    assert known.lower.tolist() == known.upper.tolist() == [20, 8, 12, 0, 9, 9]


# printed tables

DISTRICT = Dimension("district", "Område", total="all")
KIND = Dimension("kind", "Slag", total=None, additive=False)
MONTHS = Dimension("months", "Månader", total="all", additive=False)
N = Count("n", "Antal", "n")
K = Count("k", "Delen", "k", regardless_of=("district",))
MEAN = Estimate("mean", "Medel", ("n",))


def printed(columns: tuple[Column, ...], rows: list[tuple], hidden: set[int] = frozenset()) -> Printed:
    """A table with all numbers shown, but those of some rows."""
    names = [column.name for column in columns]
    numbers = pd.DataFrame(rows, columns=names, dtype=object)
    states = pd.DataFrame(
        [[PROTECTED if row in hidden else SHOWN] * len(names) for row in range(len(rows))], columns=names
    )
    counts = [column for column in columns if isinstance(column, Count)]
    splits = [column for column in columns if isinstance(column, Dimension)]
    places = [
        "".join(f"|{it.name}={row[it.name]}" for it in splits if row[it.name] != it.total)
        for row in numbers.to_dict("records")
    ]
    ids = pd.DataFrame({count.name: [f"{count.measure}{place}" for place in places] for count in counts})
    return Printed("t", columns, numbers, states, ids)


def test_a_count_regardless_of_a_split_leaves_the_sums_of_the_others() -> None:
    rows = [("a", 5, 5), ("b", 6, 6), ("all", 5, 11)]
    seen = publication_of([printed((DISTRICT, K, N), rows)], equations=())
    assert seen.sums == (((-1, "n"), (1, "n|district=a"), (1, "n|district=b")),)


@pytest.mark.parametrize(
    ("rows", "hidden", "found"),
    [
        ([("all", 9, 1.0), ("9", 9, 1.0), ("10", 9, 1.0)], {0}, 0),
        ([("10", 9, 1.0), ("9", 9, 1.0), ("all", 9, 1.0)], {1}, 1),
        ([("10", 9, 1.0), ("9", 9, 1.0), ("all", 9, 1.0)], {0}, 0),
        ([("all", 9, 1.0), ("start", 9, 1.0), ("end", 9, 1.0)], {1}, 1),
        ([("all", 9, 1.0), ("start", 9, 1.0), ("end", 9, 1.0)], {0}, 0),
    ],
)
def test_the_total_is_no_point_of_a_curve_wherever_it_stands(rows: list[tuple], hidden: set[int], found: int) -> None:
    assert shown_over_hidden([printed((MONTHS, N, MEAN), rows, hidden)]) == (Finding("curve", ("t",)),) * found


def test_rows_without_a_value_of_another_split_are_a_curve_too() -> None:
    rows = [(None, "1", 9, 1.0), ("a", "1", 9, 1.0), (None, "2", 9, 1.0), ("a", "2", 9, 1.0), (None, "3", 9, 1.0)]
    assert shown_over_hidden([printed((KIND, MONTHS, N, MEAN), rows, {0})]) == (Finding("curve", ("t",)),) * 2
    assert shown_over_hidden([printed((KIND, MONTHS, N, MEAN), rows, {1})]) == (Finding("curve", ("t",)),)


def test_released_tables_are_read_with_the_base_that_their_counts_are_rounded_to() -> None:
    frame = pd.DataFrame({"district": ["a", "b", "all"], "n": [10, 20, 30], "part": [10, 10, 20], "share": 0.5})
    columns = (DISTRICT, N, Count("part", "Del", "part"), Share("share", "Andel", "part", "n"))
    released = protect([Result("t", "T", columns, frame)], policy=Policy(), ledger=Ledger.empty())["t"]
    released.states_table.loc[1, "n"] = ROUNDED
    terms = ((1, "n"), (-2, "x"))
    seen = from_released([released], equations=[terms], rounding_base=5)
    assert [(cell.state, cell.value, cell.base) for name, cell in seen.cells.items() if name.startswith("n")] == [
        (SHOWN, 10, None), (ROUNDED, 20, 5), (SHOWN, 30, None),
    ]  # fmt: skip
    assert seen.equations == (terms,)
    assert seen.shares == (("part|district=a", "n|district=a"), ("part|district=b", "n|district=b"), ("part", "n"))


# the verdict


def test_of_nothing_published_all_is_known_in_whole_numbers() -> None:
    examined = examine(Publication({}), truth={}, rules=Rules())
    known, base = examined.means.knowledge, examined.means.base
    assert [(it.shape, it.dtype) for it in (known.lower, known.upper, known.matrix, base, known.rows([]))] == [
        (shape, np.int64) for shape in ((0,), (0,), (0, 0), (0,), (0, 0))
    ]


def published(shown: dict[str, int], *hidden: str, **more: object) -> Publication:
    cells = {name: SeenCell(name, SHOWN, value, "persons", None, ("t",)) for name, value in shown.items()}
    return Publication(cells | {name: SeenCell(name, PROTECTED, tables=("u",)) for name in hidden}, **more)


LINE = ((-1, "n"), (1, "a"), (1, "b"))


@pytest.mark.parametrize("truth", [None, {}, {"n": 1}])
def test_what_no_table_fits_is_refused(truth: dict[str, int] | None) -> None:
    with pytest.raises(DisclosureError) as refused:
        attack(published({"n": 1}, "a", "b", equations=(LINE,)), truth=truth, rules=Rules())
    assert (refused.value.expected, refused.value.found, refused.value.action) == (
        "Det som publiceras ska stämma med sig självt: hela tal, angivna summor, och inget dolt antal som är noll.",
        (),
        "se över de angivna summorna och vilka celler som döljs",
    )


@pytest.mark.parametrize(
    "truth", [{"n": 9, "a": 4, "b": 4}, {"n": 9, "a": 9, "b": 0}, {"n": 9, "a": 12}], ids=["sum", "zero", "too large"]
)
def test_true_counts_that_do_not_fit_are_refused(truth: dict[str, int]) -> None:
    with pytest.raises(DisclosureError, match=r"stämma med sig självt"):
        attack(published({"n": 9}, "a", "b", equations=(LINE,)), truth=truth, rules=Rules())


def test_shown_numbers_that_are_not_the_true_ones_are_counted() -> None:
    cells = published({"n": 9, "m": 8, "k": 7, "o": 6})
    with pytest.raises(DisclosureError) as refused:
        attack(cells, truth={"n": 9, "m": 9, "k": 8}, rules=Rules())
    assert (refused.value.expected, refused.value.found) == (
        "Det som visas ska vara de sanna talen.",
        ("2 celler visar något annat",),
    )


def test_a_refusal_says_what_to_do() -> None:
    with pytest.raises(DisclosureError) as refused:
        refuse_if_found(published({"n": 4}), truth={"n": 4}, rules=Rules())
    assert (refused.value.expected, refused.value.action) == (
        "Inget som publiceras får gå att räkna tillbaka till enskilda.",
        "redovisa grövre eller dölj mer, och kör igen",
    )
    refuse_if_found(published({"n": 5}), truth={"n": 5}, rules=Rules())


def test_findings_name_the_tables_of_all_their_cells_once_and_how_many_numbers_were_tried() -> None:
    found = attack(published({"n": 9}, "a", "b", equations=(LINE,)), truth=None, rules=Rules())
    assert (found.by_kind, found.n_targets) == ({}, 7)
    found = attack(published({"k": 6, "n": 8}, shares=(("k", "n"),)), truth={}, rules=Rules())
    assert (found.found, found.n_targets) == ((Finding("difference", ("t",)),), 1)


def test_a_table_is_found_where_the_true_count_of_a_hidden_cell_is_not_known() -> None:
    examined = examine(published({"n": 9}, "a", "b", equations=(LINE,)), truth={"a": 7}, rules=Rules())
    assert dict(zip(examined.means.knowledge.ids, examined.means.base.tolist(), strict=True)) == {
        "a": 7,
        "b": 2,
        "n": 9,
    }
    assert examined.means.base.dtype.kind == "i"


def test_a_part_is_never_more_than_its_whole_when_all_but_the_zeros_are_hidden() -> None:
    examined = examine(published({"k": 6, "n": 8}, shares=(("k", "n"),)), truth={}, rules=Rules())
    floors = examined.means.floors
    assert [floors.reaches(((1, "n"), (-1, "k")), at_most=most) for most in (0, 1)] == [False, True]
    assert not floors.reaches(((1, "k"), (-1, "n")), at_most=99)
    assert floors.reaches(((1, "k"),), at_most=1)
