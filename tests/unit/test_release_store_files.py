"""The files of a release store: what is replaced and what is left alone, and equations that come back word by word."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.provenance import canonical_json, hash_bytes
from kaa_analysis.core.result import Count, Dimension, Evidence, Method, Result
from kaa_analysis.disclosure.ledger import Ledger, PublishedCell
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import inside_room, protect
from kaa_analysis.disclosure.released import SEAL, Mark, Released
from kaa_analysis.disclosure.store import read_equations, read_store, write_store
from tests.unit.district_tables import by_district, protected

CHANGED = "Releaselagret ska vara just det som skrevs."
WRITE_AGAIN = "kör om rapporten så att lagret skrivs på nytt"


def terms(*rows: tuple[str, str, int]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["equation", "cell_id", "coefficient"])
    return table.astype({"equation": "str", "cell_id": "str", "coefficient": "int64"})


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def one(measure: str, number: int = 7) -> dict[str, Released]:
    return protected(Result("t", "T", (Count("n", "Antal", measure),), pd.DataFrame({"n": [number]})))


def refusal(folder: Path) -> DisclosureError:
    """Return the error with which a store is refused, the same for tables and equations."""
    errors = []
    for read in (read_store, read_equations):
        with pytest.raises(DisclosureError) as refused:
            read(folder)
        errors.append(refused.value)
    assert errors[0].message() == errors[1].message()
    assert (errors[0].expected, errors[0].action) == (CHANGED, WRITE_AGAIN)
    return errors[0]


# equations


def test_a_store_without_equations_gives_an_empty_table_of_the_same_kind(tmp_path: Path) -> None:
    write_store(one("registered"), tmp_path / "store")
    found = read_equations(tmp_path / "store")
    assert (list(found.columns), len(found)) == (["equation", "cell_id", "coefficient"], 0)
    assert found["coefficient"].dtype == "int64"


def test_a_store_whose_equations_are_none_gives_them_back_in_their_kinds(tmp_path: Path) -> None:
    write_store(one("registered"), tmp_path / "store", equations=terms())
    pd.testing.assert_frame_equal(read_equations(tmp_path / "store"), terms())
    assert (tmp_path / "store" / "equations.csv").read_bytes() == b"equation,cell_id,coefficient\n"


@pytest.mark.parametrize("measure", ["007", "1e3", "NA", "null", "True", "2024-01-31", 'a, "b"', "åäö"])
def test_ids_and_names_come_back_as_they_were_whatever_they_look_like(tmp_path: Path, measure: str) -> None:
    written = terms(("00001", measure, 1), ("00001", "elsewhere", -2), ("00002", measure, 3))
    write_store(one(measure), tmp_path / "store", equations=written, elsewhere=["elsewhere"])
    pd.testing.assert_frame_equal(read_equations(tmp_path / "store"), written)
    pd.testing.assert_frame_equal(
        read_equations(tmp_path / "store")[["cell_id"]].head(1), pd.DataFrame({"cell_id": [measure]}, dtype="str")
    )


def test_equations_that_all_look_like_numbers_or_nothing_are_texts(tmp_path: Path) -> None:
    for measure in ("007", "NA"):
        written = terms(("00001", measure, 1))
        write_store(one(measure), tmp_path / "store", equations=written)
        pd.testing.assert_frame_equal(read_equations(tmp_path / "store"), written)


def test_the_files_of_a_store_are_named_by_their_bytes_and_can_be_read_by_all(tmp_path: Path) -> None:
    tables = one("registered")
    write_store(tables, tmp_path / "store", equations=terms(("1", "registered", 1)))
    index = json.loads((tmp_path / "store" / "index.json").read_bytes())
    table, equations = tables["t"].hash, hash_bytes(b"equation,cell_id,coefficient\n1,registered,1\n")
    assert index == {"tables": {"t": table}, "equations": equations}
    assert files(tmp_path / "store") == {"index.json", "equations.csv", f"{table}.json"}
    assert hash_bytes((tmp_path / "store" / f"{table}.json").read_bytes()) == table
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "store").iterdir()} == {0o644}


# what is replaced and what is left alone


def test_a_store_is_written_into_an_empty_folder(tmp_path: Path) -> None:
    write_store(one("registered"), tmp_path)
    assert read_store(tmp_path).keys() == {"t"}


def test_a_new_store_takes_the_place_of_the_old(tmp_path: Path) -> None:
    write_store(one("registered", 7), tmp_path, equations=terms(("1", "registered", 1)))
    old = files(tmp_path)
    new = one("registered", 8)
    write_store(new, tmp_path)
    assert files(tmp_path) == {"index.json", f"{new['t'].hash}.json"} != old


@pytest.mark.parametrize(
    "name",
    [
        f"{'0' * 63}.json",
        f"{'0' * 65}.json",
        f"{'0' * 64}.txt",
        f"{'0' * 64}.json.json",
        f"{'0' * 63}g.json",
        f"{'X' * 64}.json",
        f"{'A' * 64}.json",
        f"{'0' * 64}",
        "equations.txt",
    ],
)
def test_a_file_that_is_none_of_a_stores_is_left_alone_and_makes_it_no_store(tmp_path: Path, name: str) -> None:
    write_store(one("registered"), tmp_path)
    (tmp_path / name).write_text("eget", encoding="utf-8")
    write_store(one("registered"), tmp_path)
    assert (tmp_path / name).read_text(encoding="utf-8") == "eget"
    assert refusal(tmp_path).found == (name,)


@pytest.mark.parametrize("name", ["0" * 64, "0123456789abcdef" * 4, "f" * 64])
def test_a_table_of_the_old_store_goes(tmp_path: Path, name: str) -> None:
    write_store(one("registered"), tmp_path)
    (tmp_path / f"{name}.json").write_text("{}", encoding="utf-8")
    assert refusal(tmp_path).found == (f"{name}.json",)
    write_store(one("registered"), tmp_path)
    assert read_store(tmp_path).keys() == {"t"}


def test_a_folder_with_other_things_is_no_place_for_a_store(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("eget", encoding="utf-8")
    with pytest.raises(DisclosureError) as refused:
        write_store(one("registered"), tmp_path)
    assert refused.value.message() == "Releaselagret ska ligga i en egen mapp.\n  – 2 främmande filer"
    assert files(tmp_path) == {"a.txt", "b.txt"}


# what is refused


@pytest.mark.parametrize(
    "index", ["{", "[]", "{}", '{"tables": {}}', '{"tables": [], "equations": null}', '{"tables": null}', "å".encode("latin-1")]
)  # fmt: skip
def test_an_index_that_is_none_is_refused(tmp_path: Path, index: str | bytes) -> None:
    write_store(one("registered"), tmp_path)
    (tmp_path / "index.json").write_bytes(index if isinstance(index, bytes) else index.encode())
    assert refusal(tmp_path).found == ("innehållsförteckningen går inte att läsa",)


def test_a_missing_index_and_a_missing_table_are_named(tmp_path: Path) -> None:
    tables = one("registered")
    write_store(tables, tmp_path)
    (tmp_path / f"{tables['t'].hash}.json").unlink()
    assert refusal(tmp_path).found == (f"{tables['t'].hash}.json saknas eller går inte att läsa",)
    (tmp_path / "index.json").unlink()
    assert refusal(tmp_path).found == ("index.json saknas eller går inte att läsa",)


def test_every_changed_and_every_foreign_file_is_named(tmp_path: Path) -> None:
    tables = one("registered")
    write_store(tables, tmp_path, equations=terms(("1", "registered", 1)))
    table = f"{tables['t'].hash}.json"
    for name in ("equations.csv", table, "b", "a"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    assert refusal(tmp_path).found == (*sorted(["equations.csv", table]), "a", "b")


@pytest.mark.parametrize("case", ["another id", "a watermark"])
def test_a_table_under_another_id_or_of_the_room_is_not_read(tmp_path: Path, case: str) -> None:
    result = by_district([8, 9, 17])
    table = inside_room(result) if case == "a watermark" else protected(result)["stock"]
    name = "stock" if case == "a watermark" else "other"
    (tmp_path / f"{table.hash}.json").write_bytes(canonical_json(table.as_record()))
    index = {"tables": {name: table.hash}, "equations": None}
    (tmp_path / "index.json").write_bytes(canonical_json(index))
    with pytest.raises(DisclosureError) as refused:
        read_store(tmp_path)
    assert refused.value.message() == (
        f"{CHANGED}\n  – en tabell ligger under fel id eller får inte lämna rummet\nGör så här: {WRITE_AGAIN}"
    )


def test_all_that_is_unfit_for_a_store_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    tables = {"stock": inside_room(by_district([8, 9, 17])), "other": one("registered")["t"]}
    with pytest.raises(DisclosureError) as refused:
        write_store(tables, tmp_path / "store", equations=terms(("1", "nowhere", 1)))
    assert refused.value.message() == (
        "Releaselagret tar bara emot skyddade tabeller.\n"
        "  – stock: vattenstämplad, får inte lämna rummet\n"
        "  – other: ligger under fel id\n"
        "  – summorna ska bara gälla celler som finns i tabellerna"
    )
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("equations", "problem"),
    [
        (terms(("1", "registered", 1), ("1", "nowhere", -1)), "summorna ska bara gälla celler som finns i tabellerna"),
        (terms(("1", "registered", 1))[["cell_id", "equation", "coefficient"]], "summorna ska bara gälla celler som finns i tabellerna"),
        (terms(("1", "registered", 1), ("2", "elsewhere", -1)), "varje summa ska gälla minst en cell i de egna tabellerna"),
    ],
    ids=["an unknown cell", "other columns", "no cell of its own"],
)  # fmt: skip
def test_equations_about_other_things_are_refused(tmp_path: Path, equations: pd.DataFrame, problem: str) -> None:
    with pytest.raises(DisclosureError) as refused:
        write_store(one("registered"), tmp_path, equations=equations, elsewhere=["elsewhere"])
    assert refused.value.found == (problem,)


# what a table is when it leaves the door


def described() -> Result:
    method = Method("Personer", "Sista dagen", "Räknas inte", "Registret")
    table = pd.DataFrame({"area": ["a", "b", "all"], "n": [3, 9, 12]})
    split = Dimension("area", "Område", {"a": "A", "b": "B", "all": "Alla"}, total="all")
    return Result(
        "t",
        "Titel",
        (split, Count("n", "Antal", "stock")),
        table,
        context={"period": "2024"},
        note="Not.",
        source="Källa",
        method=method,
    )


def test_a_protected_table_says_all_that_the_result_said_but_the_hidden_numbers() -> None:
    policy = Policy()
    ids = [["stock|area=a|period=2024"], ["stock|area=b|period=2024"], ["stock|period=2024"]]
    table = protect([described()], policy=policy, ledger=Ledger.empty())["t"].as_record()
    method = {"counts": "Personer", "time": "Sista dagen", "missing": "Räknas inte", "source": "Registret"}
    told = {
        "id": "t",
        "title": "Titel",
        "note": "Not.",
        "source": "Källa",
        "method": method,
        "context": {"period": "2024"},
    }
    assert {name: table[name] for name in told} == told
    assert (table["mark"], table["policy_hash"]) == ("draft", policy.policy_hash)
    assert [column["name"] for column in table["columns"]] == ["area", "n"]
    assert (table["cell_ids"], table["cell_id_columns"]) == (ids, ["n"])
    assert table["values"] == [["a", None], ["b", None], ["all", 12]]
    assert table["states"] == [["shown", "protected"], ["shown", "protected"], ["shown", "shown"]]


def test_inside_the_room_everything_is_shown_under_a_watermark_and_no_policy() -> None:
    table = inside_room(described()).as_record()
    assert (table["title"], table["mark"], table["policy_hash"]) == ("Titel", "inside_room", "")
    assert table["values"] == [["a", 3], ["b", 9], ["all", 12]]
    assert table["states"] == [["shown", "shown"]] * 3


def test_evidence_is_refused_by_the_table_that_is_to_hold_it() -> None:
    empty = pd.DataFrame()
    with pytest.raises(DisclosureError) as refused:
        Released("t", "T", (Evidence("top", "Störst"),), empty, empty, empty, {}, "", "", Mark.DRAFT, "", seal=SEAL)
    assert refused.value.message() == (
        "Underlaget för en skattning (Evidence) får aldrig lämna den säkra mappen.\n  – t"
    )


def test_nobody_without_the_seal_makes_a_table() -> None:
    empty = pd.DataFrame()
    with pytest.raises(DisclosureError) as refused:
        Released("t", "T", (), empty, empty, empty, {}, "", "", Mark.DRAFT, "", seal=object())
    assert refused.value.message() == "Bara röjandekontrollen (disclosure.protect) gör något som får visas."


def test_a_ledger_of_nothing_knows_nothing() -> None:
    ledger = Ledger.empty()
    assert (ledger.published, ledger.sums, dict(ledger.methods)) == ((), (), {})
    assert ledger == Ledger(()) != Ledger((PublishedCell("a", None),))
