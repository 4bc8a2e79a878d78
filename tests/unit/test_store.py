"""The register on disk: whole or not at all, and read in the schema's order and types."""

import json

import pandas as pd
import pytest

from kaa_analysis.core.errors import DefinitionError, ExtractError
from kaa_analysis.schema.contracts import broken_rules
from kaa_analysis.schema.tables import table_schema, tables
from kaa_analysis.store.dtypes import empty_table, pandas_types, typed_table
from kaa_analysis.store.register import Register, open_register, write_register
from tests.unit.described_register import described_register

ANNA, BO = "a" * 16, "b" * 16


def persons() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "person_id": [BO, ANNA],
            "birth_date": [None, pd.Timestamp("2007-02-01")],
            "sex": ["male", "female"],
            "has_phone": [None, True],
        }
    )


def registrations() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "person_id": [BO, ANNA, ANNA],
            "spell": [1, 2, 1],
            "entry_date": pd.to_datetime(["2024-01-01", "2024-06-01", "2023-01-01"]),
            "exit_date": pd.to_datetime([None, None, "2023-05-01"]),
            "exit_reason": [None, None, "komvux"],
        }
    )


def described(folder) -> Register:
    return described_register(folder, accepted_problem_rows=2, findings={"sex_differs_from_identity": 1})


@pytest.fixture
def register(tmp_path) -> Register:
    rows = {"persons": persons(), "registrations": registrations()}
    return write_register(described(tmp_path / "registers" / "prov-1"), tables_to_write=rows)


def test_a_table_comes_back_in_the_schemas_order_columns_and_types(register):
    expected = pd.DataFrame(
        {
            "person_id": pd.array([ANNA, ANNA, BO], dtype="string"),
            "spell": pd.array([1, 2, 1], dtype="Int64"),
            "entry_date": pd.to_datetime(["2023-01-01", "2024-06-01", "2024-01-01"]).astype("datetime64[us]"),
            "entry_reason": pd.array([None, None, None], dtype="string"),
            "exit_date": pd.to_datetime(["2023-05-01", None, None]).astype("datetime64[us]"),
            "exit_reason": pd.array(["komvux", None, None], dtype="string"),
            "last_school_activity": pd.array([None, None, None], dtype="string"),
            "registered_at": pd.to_datetime([None, None, None]).astype("datetime64[us]"),
        }
    )
    pd.testing.assert_frame_equal(register.table("registrations"), expected)


def test_the_columns_asked_for_come_in_the_order_asked_for_and_rows_stay_in_the_schemas_order(register):
    expected = pd.DataFrame(
        {"has_phone": pd.array([True, None], dtype="boolean"), "sex": pd.array(["female", "male"], dtype="string")}
    )
    pd.testing.assert_frame_equal(register.table("persons", columns=["has_phone", "sex"]), expected)


def test_every_canonical_table_is_there_with_its_types_even_without_rows(register):
    for name in set(tables()) - {"persons", "registrations"}:
        pd.testing.assert_frame_equal(register.table(name), empty_table(name))
    assert register.row_counts == {name: 0 for name in tables()} | {"persons": 2, "registrations": 3}


def test_an_unknown_table_is_refused_with_the_nearest_name(register):
    with pytest.raises(DefinitionError) as caught:
        register.table("person")
    assert caught.value.message() == 'Registret har ingen tabell "person" (menade du "persons"?).'


def test_unknown_and_repeated_columns_are_told_together(register):
    with pytest.raises(DefinitionError) as caught:
        register.table("persons", columns=["birthdate", "sex", "sex"])
    assert caught.value.found == ('"birthdate" (menade du "birth_date"?)', '"sex" står flera gånger')


def test_no_columns_at_all_are_refused(register):
    with pytest.raises(DefinitionError) as caught:
        register.table("persons", columns=[])
    assert caught.value.found == ("inga kolumner",)


def test_an_opened_register_says_what_the_written_one_said(register):
    opened = open_register(register.folder)
    told = [{name: fact for name, fact in vars(each).items() if name != "answers"} for each in (opened, register)]
    assert told[0] == told[1]


def test_files_of_the_register_can_be_read_by_the_owner_alone(register):
    modes = {path.stat().st_mode & 0o777 for path in register.folder.iterdir()}
    assert modes == {0o600}
    assert register.folder.stat().st_mode & 0o777 == 0o700


def test_the_same_rows_in_another_order_give_the_same_bytes(register, tmp_path):
    rows = {"persons": persons().iloc[::-1], "registrations": registrations().sample(frac=1, random_state=1)}
    again = write_register(described(tmp_path / "registers" / "prov-2"), tables_to_write=rows)
    for name in tables():
        file = f"{name}.parquet"
        assert (again.folder / file).read_bytes() == (register.folder / file).read_bytes()


def test_writing_again_replaces_the_register_and_leaves_nothing_beside_it(register):
    write_register(described(register.folder), tables_to_write={"persons": persons().head(1)})
    assert open_register(register.folder).row_counts["persons"] == 1
    assert [path.name for path in register.folder.parent.iterdir()] == [register.folder.name]


def test_a_register_killed_before_its_description_is_not_opened(register):
    (register.folder / "register.json").unlink()
    with pytest.raises(ExtractError) as caught:
        open_register(register.folder)
    assert caught.value.found == ("register.json saknas eller är trasig",)


def test_a_register_with_half_a_description_is_not_opened(register):
    description = register.folder / "register.json"
    description.write_bytes(description.read_bytes()[:100])
    with pytest.raises(ExtractError) as caught:
        open_register(register.folder)
    assert caught.value.found == ("register.json saknas eller är trasig",)


def test_a_register_with_a_cut_or_missing_table_is_not_opened(register):
    table = register.folder / "persons.parquet"
    table.write_bytes(table.read_bytes()[:-20])
    (register.folder / "contacts.parquet").unlink()
    with pytest.raises(ExtractError) as caught:
        open_register(register.folder)
    assert caught.value.found == ("saknas eller är ändrade: persons, contacts",)


def test_a_writing_that_dies_half_way_leaves_the_old_register_and_no_rests(register, monkeypatch):
    def die(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("kaa_analysis.store.register.write_atomically", die)
    with pytest.raises(KeyboardInterrupt):
        write_register(described(register.folder), tables_to_write={})
    assert open_register(register.folder).row_counts["persons"] == 2
    assert [path.name for path in register.folder.parent.iterdir()] == [register.folder.name]


def test_a_writing_that_dies_half_way_at_first_leaves_no_register(tmp_path, monkeypatch):
    def die(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("kaa_analysis.store.register.write_atomically", die)
    with pytest.raises(KeyboardInterrupt):
        write_register(described(tmp_path / "registers" / "prov-1"), tables_to_write={"persons": persons()})
    assert list((tmp_path / "registers").iterdir()) == []


def test_tables_that_the_schema_does_not_have_are_not_written(tmp_path):
    with pytest.raises(DefinitionError) as caught:
        write_register(described(tmp_path / "prov"), tables_to_write={"health": persons()})
    assert caught.value.found == ("health",)


def test_a_required_column_must_be_there():
    with pytest.raises(DefinitionError) as caught:
        typed_table(pd.DataFrame({"person_id": [ANNA], "shoe_size": [1]}), table="persons")
    assert caught.value.found == ("saknas: sex", "okända: 1 kolumner")


def test_the_description_holds_no_absolute_place_and_no_key(register):
    description = json.loads((register.folder / "register.json").read_text(encoding="utf-8"))
    assert sorted(description) == [
        "accepted_problem_rows", "extract_date", "extract_hash", "files", "findings", "grants", "identity_kind", "layout", "municipality", "name",
        "observed_from", "problem_counts", "row_counts", "rules", "source", "sources",
    ]  # fmt: skip


def test_a_table_that_keeps_the_contract_breaks_no_rule():
    assert broken_rules(typed_table(registrations(), table="registrations"), table="registrations") == {}
    assert {name: broken_rules(empty_table(name), table=name) for name in tables()} == {name: {} for name in tables()}


def test_broken_rules_are_told_as_counts_by_column():
    rows = typed_table(registrations(), table="registrations")
    rows.loc[0, "exit_reason"] = "hemligt"
    rows.loc[0, "exit_date"] = pd.Timestamp("2023-12-31")
    rows.loc[2, "entry_date"] = pd.NaT
    rows.loc[1, "person_id"] = "200681011234"
    assert broken_rules(rows, table="registrations") == {
        ("person_id", "str_matches"): 1,
        ("entry_date", "not_nullable"): 1,
        ("exit_reason", "isin"): 1,
        ("tabellen", "ends_after_start"): 2,
    }


def test_every_type_of_the_schema_has_a_pandas_type():
    assert all(len(pandas_types(name)) == len(table_schema(name).columns) for name in tables())
