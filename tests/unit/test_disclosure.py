"""The door keeps its contract: joint protection, states, shares and estimates, the room's watermark, the store."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Count, Dimension, Equation, Estimate, Result, RowSum, Share, Text, cell
from kaa_analysis.disclosure.hiding import linear_program
from kaa_analysis.disclosure.hiding.relations import published_equations
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import inside_room, protect
from kaa_analysis.disclosure.released import Mark, Released
from kaa_analysis.disclosure.store import read_equations, read_store, write_store
from tests.unit.district_tables import DISTRICT, by_district, protected, shown, states

# one table


def test_a_table_without_small_numbers_is_shown_whole() -> None:
    released = protected(by_district([5, 0, 12, 17]))["stock"]
    assert shown(released) == [5, 0, 12, 17]
    assert states(released) == ["shown"] * 4
    assert released.mark is Mark.DRAFT
    assert released.policy_hash == Policy().policy_hash
    assert released.cell_ids["n"].tolist() == [*(f"registered|district={name}" for name in "abc"), "registered"]


def test_a_small_number_takes_the_smallest_neighbour_with_it_and_leaves_the_total() -> None:
    released = protected(by_district([3, 30, 9, 0, 42]))["stock"]
    assert shown(released) == [None, 30, None, 0, 42]
    assert states(released) == ["protected", "shown", "protected", "shown", "shown"]


def test_two_small_numbers_that_cannot_give_way_to_each_other_take_a_third() -> None:
    assert shown(protected(by_district([1, 1, 9, 30, 41]))["stock"]) == [None, None, None, 30, 41]


def test_a_small_number_alone_in_its_total_takes_the_total_with_it() -> None:
    assert shown(protected(by_district([3, 0, 3]))["stock"]) == [None, 0, None]


def test_no_more_is_hidden_than_the_values_below_the_threshold_need() -> None:
    """One of 1 and 5 in 6 can be each of 1 to 4, though not 6."""
    assert shown(protected(by_district([1, 5, 6]))["stock"]) == [None, None, 6]


def test_a_rounded_count_says_what_it_is_rounded_to() -> None:
    policy = Policy(rounding={"registered": 10})
    released = protect([by_district([14, 30, 44])], policy=policy, ledger=Ledger.empty())["stock"]
    assert shown(released) == [10, 30, 40]
    assert released.column("n").rounded_to == 10


def test_small_numbers_of_attempts_are_shown() -> None:
    assert shown(protected(by_district([1, 2, 3], unit="attempts"))["stock"]) == [1, 2, 3]


def test_spells_are_protected_like_persons() -> None:
    assert shown(protected(by_district([1, 20, 21], unit="spells"))["stock"]) == [None, None, 21]


def test_the_threshold_is_the_policys() -> None:
    result = by_district([7, 20, 30, 57])
    released = protect([result], policy=Policy(unsafe_below=10), ledger=Ledger.empty())["stock"]
    assert shown(released) == [None, None, 30, 57]


def test_text_and_an_unknown_number_stay_what_they_are() -> None:
    frame = pd.DataFrame({"kind": ["x", "y"], "words": ["ord", "flera"], "n": pd.array([8, None], dtype="Int64")})
    columns = (Dimension("kind", "Slag"), Text("words", "Ord"), Count("n", "Antal", "registered"))
    released = protected(Result("t", "T", columns, frame))["t"]
    assert released.values_table["words"].tolist() == ["ord", "flera"]
    assert (shown(released), states(released)) == ([8, None], ["shown", "unknown"])


def test_an_unknown_number_that_the_total_gives_away_is_protected_by_its_neighbours() -> None:
    released = protected(by_district([None, 20, 30, 53]))["stock"]
    assert states(released) == ["unknown", "protected", "shown", "shown"]


# the whole release


def test_a_cell_hidden_in_one_table_is_hidden_in_all() -> None:
    first = by_district([3, 9, 30, 42])
    second = by_district([3, 9, 30, 42], name="again")
    released = protected(first, second)
    assert shown(released["stock"]) == shown(released["again"]) == [None, None, 30, 42]


def test_tables_that_share_a_total_are_protected_together() -> None:
    sex = Dimension("sex", "Kön", total="all")
    frame = pd.DataFrame({"sex": ["female", "male", "all"], "n": [2, 40, 42]})
    split = Result("by_sex", "T", (sex, Count("n", "Antal", "registered")), frame)
    released = protected(split, by_district([20, 22, 42]))
    assert shown(released["by_sex"]) == [None, None, 42]
    assert shown(released["stock"]) == [20, 22, 42]


def test_a_total_printed_in_another_table_counts_as_known() -> None:
    parts = Result(
        "parts",
        "T",
        (Dimension("district", "Område"), Count("n", "Antal", "registered")),
        pd.DataFrame({"district": ["a", "b", "c"], "n": [3, 9, 30]}),
    )
    whole = Result("whole", "T", (Count("n", "Antal", "registered"),), pd.DataFrame({"n": [42]}))
    assert shown(protected(parts, whole)["parts"]) == [None, None, 30]
    assert shown(protected(parts)["parts"]) == [None, 9, 30]


def test_an_equation_between_tables_is_protected() -> None:
    names = ["start", "inflow", "outflow", "end"]
    terms = tuple(zip((1, 1, -1, -1), (cell(name) for name in names), strict=True))
    tables = [
        Result(name, "T", (Count("n", "Antal", name),), pd.DataFrame({"n": [number]}))
        for name, number in zip(names, (50, 12, 3, 59), strict=True)
    ]
    last = Result("end", "T", tables[3].columns, tables[3].frame, equations=(Equation("flödet", terms),))
    released = protected(*tables[:3], last)
    assert shown(released["outflow"]) == [None]
    assert sum(shown(released[name]) == [None] for name in names) == 2


def test_a_term_that_no_table_prints_gives_way() -> None:
    terms = (
        (-1, cell("registered", district="a")),
        (1, cell("reached", district="a")),
        (1, cell("never", district="a")),
    )
    result = by_district([8, 30, 38], equations=(Equation("nådda och inte", terms),))
    assert shown(protected(result)["stock"]) == [8, 30, 38]
    reached = by_district([3, 20, 23], name="reached", measure="reached")
    assert shown(protected(result, reached)["stock"]) == [8, 30, 38]


def test_a_sum_within_rows_is_protected() -> None:
    frame = pd.DataFrame({"all": [20], "inside": [18], "outside": [2]})
    columns = tuple(Count(name, name, name) for name in frame)
    released = protected(Result("rows", "T", columns, frame, row_sums=(RowSum("all", ("inside", "outside")),)))["rows"]
    assert states(released, "outside") == ["protected"]
    assert sorted([*states(released, "all"), *states(released, "inside")]) == ["protected", "shown"]


def test_an_id_may_stand_once() -> None:
    with pytest.raises(DisclosureError) as refused:
        protected(by_district([8, 9, 17]), by_district([8, 9, 17]))
    assert refused.value.found == ("stock",)


def test_a_cell_with_two_values_stops_the_release_without_telling_them() -> None:
    with pytest.raises(DisclosureError) as refused:
        protected(by_district([81, 92, 173]), by_district([81, 93, 174], name="again"))
    assert refused.value.found == ("registered: olika värden i again och stock",)
    assert not any(number in str(refused.value) for number in ("81", "92", "93", "173", "174"))


def test_a_cell_with_two_units_stops_the_release() -> None:
    with pytest.raises(DisclosureError) as refused:
        protected(by_district([81, 92, 173]), by_district([81, 92, 173], name="again", unit="attempts"))
    assert refused.value.found == ("registered: olika enheter i again och stock",)


def test_an_equation_that_does_not_hold_across_tables_stops_the_release() -> None:
    terms = ((1, cell("registered")), (-1, cell("reached")))
    first = by_district([8, 9, 17], equations=(Equation("alla nåddes", terms),))
    with pytest.raises(DisclosureError) as refused:
        protected(first, by_district([8, 8, 16], name="reached", measure="reached"))
    assert refused.value.found == ("alla nåddes",)


def test_an_equation_that_no_unprinted_number_can_fulfil_stops_the_release() -> None:
    terms = ((1, cell("registered")), (1, cell("nowhere")))
    with pytest.raises(DisclosureError, match="hela tal, inte negativa"):
        protected(by_district([8, 9, 17], equations=(Equation("omöjlig", terms),)))


def test_a_solver_without_a_certain_answer_stops_the_release(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear_program, "SECONDS_PER_SOLVE", 0.0)
    with pytest.raises(DisclosureError, match="säkert svar för varje cell"):
        protected(by_district([3, 9, 30, 42]))


def test_the_ledger_has_no_default() -> None:
    with pytest.raises(TypeError, match="ledger"):
        protect([], policy=Policy())


# shares and estimates


def with_share(whole: list[int], part: list[int]) -> Result:
    names = [*"abcdefgh"[: len(whole) - 1], "all"]
    frame = pd.DataFrame({"district": names, "n": whole, "part": part, "share": 0.5})
    columns = (DISTRICT, Count("n", "Antal", "registered"), Count("part", "Nådda", "reached"))
    return Result("shares", "T", (*columns, Share("share", "Andel", "part", "n", digits=2)), frame)


def test_a_share_is_recomputed_from_its_counts_and_rounded_half_up() -> None:
    released = protected(with_share([200, 0, 200], [25, 0, 25]))["shares"]
    assert (shown(released, "share"), states(released, "share")) == (
        [0.13, None, 0.13],
        ["shown", "not_applicable", "shown"],
    )


def test_a_share_is_hidden_with_its_numerator() -> None:
    released = protected(with_share([20, 30, 40, 90], [3, 20, 25, 48]))["shares"]
    assert states(released, "n") == ["shown"] * 4
    assert states(released, "part") == states(released, "share") == ["protected", "protected", "shown", "shown"]


def test_a_share_whose_complement_is_small_is_hidden() -> None:
    released = protected(with_share([20, 30, 40, 90], [18, 20, 25, 63]))["shares"]
    assert states(released, "n") == ["shown"] * 4
    assert states(released, "part") == states(released, "share") == ["protected", "protected", "shown", "shown"]


def test_a_share_above_one_stops_the_release() -> None:
    with pytest.raises(DisclosureError) as refused:
        protected(with_share([20, 30, 50], [21, 20, 41]))
    assert refused.value.found == ("shares: share",)


def test_an_estimate_is_hidden_with_any_count_it_rests_on() -> None:
    frame = pd.DataFrame({"kind": list("abcd"), "n": [3, 30, 40, 50], "days": [10.0, 12.345, None, float("inf")]})
    columns = (
        Dimension("kind", "Slag"),
        Count("n", "Antal", "registered"),
        Estimate("days", "Dagar", ("n",), digits=2),
    )
    released = protected(Result("t", "T", columns, frame))["t"]
    assert shown(released, "days") == [None, 12.35, None, None]
    assert states(released, "days") == ["protected", "shown", "not_applicable", "not_applicable"]


# inside the room


def test_inside_the_room_everything_is_shown_and_watermarked() -> None:
    released = inside_room(with_share([20, 30, 50], [3, 20, 23]))
    assert (shown(released, "part"), shown(released, "share")) == ([3, 20, 23], [0.15, 0.67, 0.46])
    assert released.mark is Mark.INSIDE_ROOM


# equations and store


def test_the_published_equations_name_cells_of_the_release_only() -> None:
    terms = ((-1, cell("registered", district="a")), (1, cell("nowhere")))
    equations = published_equations([by_district([3, 5, 8], equations=(Equation("annan", terms),))])
    name = "00001 Område: delarna summerar till totalen"
    expected = pd.DataFrame(
        [
            (name, "registered", 1),
            (name, "registered|district=a", -1),
            (name, "registered|district=b", -1),
        ],
        columns=["equation", "cell_id", "coefficient"],
    )
    pd.testing.assert_frame_equal(equations, expected)


def stored(folder: Path) -> dict[str, Released]:
    results = [with_share([20, 0, 40, 60], [3, 0, 25, 28]), by_district([7, 8, 15], name="other", measure="other")]
    released = protected(*results)
    write_store(released, folder, equations=published_equations(results))
    return released


def test_a_store_gives_back_what_was_written(tmp_path: Path) -> None:
    released = stored(tmp_path / "store")
    again = read_store(tmp_path / "store")
    assert {name: table.hash for name, table in again.items()} == {name: table.hash for name, table in released.items()}
    for name, table in released.items():
        pd.testing.assert_frame_equal(again[name].states, table.states.astype(str).astype(object))
    equations = read_equations(tmp_path / "store")
    assert equations["coefficient"].sum() == sum([1 - 3, 1 - 3, 1 - 2])


def test_a_store_written_twice_has_the_same_bytes(tmp_path: Path) -> None:
    stored(tmp_path / "one"), stored(tmp_path / "two"), stored(tmp_path / "two")
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    assert len(one) == 4


def tamper(folder: Path, what: str) -> None:
    table = sorted(path for path in folder.glob("*.json") if path.name != "index.json")[0]
    index = folder / "index.json"
    if what == "table":
        table.write_bytes(table.read_bytes().replace(b'"shown"', b'"protected"', 1))
    elif what == "equations":
        (folder / "equations.csv").write_bytes(b"equation,cell_id,coefficient\n")
    elif what == "missing":
        table.unlink()
    elif what == "foreign":
        (folder / "more.json").write_text("{}", encoding="utf-8")
    elif what == "index":
        index.write_text("{", encoding="utf-8")
    elif what == "ids":
        tables = json.loads(index.read_bytes())
        tables["tables"] = dict(zip(tables["tables"], reversed(tables["tables"].values()), strict=True))
        index.write_text(json.dumps(tables), encoding="utf-8")
    else:
        index.unlink()


@pytest.mark.parametrize("what", ["table", "equations", "missing", "foreign", "index", "ids", "no index"])
def test_a_store_that_was_changed_is_refused(tmp_path: Path, what: str) -> None:
    stored(tmp_path / "store")
    tamper(tmp_path / "store", what)
    with pytest.raises(DisclosureError, match="Releaselagret ska vara just det som skrevs"):
        read_store(tmp_path / "store")


def test_no_store_takes_a_watermarked_table(tmp_path: Path) -> None:
    with pytest.raises(DisclosureError) as refused:
        write_store({"stock": inside_room(by_district([3, 5, 8]))}, tmp_path / "store")
    assert refused.value.found == ("stock: vattenstämplad, får inte lämna rummet",)
    assert not (tmp_path / "store").exists()


def test_no_store_takes_equations_about_cells_that_no_table_holds(tmp_path: Path) -> None:
    equations = pd.DataFrame({"equation": ["1"], "cell_id": ["elsewhere"], "coefficient": [1]})
    with pytest.raises(DisclosureError) as refused:
        write_store(protected(by_district([8, 9, 17])), tmp_path / "store", equations=equations)
    assert refused.value.found == ("summorna ska bara gälla celler som finns i tabellerna",)


def test_a_store_does_not_replace_other_files(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("kvar", encoding="utf-8")
    with pytest.raises(DisclosureError):
        write_store(protected(by_district([8, 9, 17])), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_one_attempt_is_one_person_so_a_hidden_person_hides_the_attempt():
    """Volumes of work are shown, but not where they say how many persons they were made to."""
    cells = {"attempts": 1, "sought": 1}
    counts = (Count("n", "Försök", "attempts", "attempts"), Count("m", "Personer", "sought"))
    atleast = Equation(
        "minst", ((1, cell("attempts")), (-1, cell("sought")), (-1, cell("repeats"))), volumes=("repeats",)
    )
    result = Result(
        "r", "R", counts, pd.DataFrame({"n": [cells["attempts"]], "m": [cells["sought"]]}), equations=(atleast,)
    )
    states = protect([result], policy=Policy(), ledger=Ledger.empty())["r"].states.loc[0]
    assert (states["n"], states["m"]) == ("protected", "protected")


def test_repeats_that_name_no_person_hide_nothing():
    counts = (Count("n", "Försök", "attempts", "attempts"), Count("m", "Personer", "sought"))
    atleast = Equation(
        "minst", ((1, cell("attempts")), (-1, cell("sought")), (-1, cell("repeats"))), volumes=("repeats",)
    )
    result = Result("r", "R", counts, pd.DataFrame({"n": [12], "m": [10]}), equations=(atleast,))
    states = protect([result], policy=Policy(), ledger=Ledger.empty())["r"].states.loc[0]
    assert (states["n"], states["m"]) == ("shown", "shown")


def test_all_but_a_few_in_a_row_that_does_not_add_up_is_hidden_with_its_few():
    channel = Dimension(
        "channel", "Kanal", {"all": "Alla", "letter": "Brev", "phone": "Telefon"}, total="all", additive=False
    )
    table = pd.DataFrame({"channel": ["all", "letter", "phone"], "n": [30, 28, 20]})
    result = Result("r", "R", (channel, Count("n", "Personer", "sought")), table)
    states = protect([result], policy=Policy(), ledger=Ledger.empty())["r"].states["n"].tolist()
    assert states == ["shown", "protected", "shown"]
