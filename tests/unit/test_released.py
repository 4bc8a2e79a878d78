"""A `Released` carries a seal, gives copies, and survives being written as plain values."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.provenance import canonical_json, hash_bytes
from kaa_analysis.core.result import Count, Dimension, Estimate, Method, Result, Share, Text
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.released import Mark, Released, from_record


def released() -> Released:
    frame = pd.DataFrame(
        {
            "sex": ["female", "male", "all"],
            "n": pd.array([40, None, 90], dtype="Int64"),
            "reached": [20, 3, 30],
            "share": [0.5, 0.5, 0.5],
            "days": [12.34, None, 20.0],
            "words": ["ord", None, "fler ord"],
        }
    )
    columns = (
        Dimension("sex", "Kön", {"female": "Flickor", "male": "Pojkar", "all": "Totalt"}, total="all", additive=False),
        Count("n", "Antal", "registered"),
        Count("reached", "Nådda", "reached"),
        Share("share", "Andel", "reached", "n"),
        Estimate("days", "Dagar", ("n", "reached"), digits=1),
        Text("words", "Ord"),
    )
    result = Result("table", "Titel", columns, frame, context={"period": "2024"}, note="Not.", source="KAA-registret")
    return protect([result], policy=Policy(), ledger=Ledger.empty())["table"]


def test_nobody_but_the_door_makes_a_released_table() -> None:
    empty = pd.DataFrame()
    with pytest.raises(DisclosureError, match="Bara röjandekontrollen"):
        Released("id", "Titel", (), empty, empty, empty, {}, "", "", Mark.DRAFT, "")


def test_a_released_table_gives_copies() -> None:
    table = released()
    before = table.hash
    copies = (getattr(table, name) for name in ("values", "states", "cell_ids"))
    for frame in copies:
        frame.iloc[:, :] = None
    assert table.hash == before


def test_values_states_and_record_say_the_same() -> None:
    record = released().as_record()
    assert record["values"] == [
        ["female", 40, 20, 0.5, 12.3, "ord"],
        ["male", None, None, None, None, None],
        ["all", 90, 30, 0.333, 20.0, "fler ord"],
    ]
    assert record["states"] == [
        ["shown", "shown", "shown", "shown", "shown", "shown"],
        ["shown", "unknown", "protected", "protected", "protected", "shown"],
        ["shown", "shown", "shown", "shown", "shown", "shown"],
    ]
    assert record["cell_ids"][2] == ["registered|period=2024", "reached|period=2024"]


def test_a_record_written_as_json_gives_the_same_table_back() -> None:
    table = released()
    content = canonical_json(table.as_record())
    again = from_record(json.loads(content))
    assert again.columns == table.columns
    assert again.hash == table.hash == hash_bytes(content)
    pd.testing.assert_frame_equal(again.cell_ids, table.cell_ids)


def test_a_table_without_counts_or_rows_survives_being_written() -> None:
    columns = (Dimension("kind", "Slag"), Text("words", "Ord"))
    results = [
        Result("words", "T", columns, pd.DataFrame({"kind": ["a"], "words": ["ord"]})),
        Result(
            "none", "T", (*columns, Count("n", "Antal", "registered")), pd.DataFrame(columns=["kind", "words", "n"])
        ),
    ]
    for table in protect(results, policy=Policy(), ledger=Ledger.empty()).values():
        assert from_record(json.loads(canonical_json(table.as_record()))).hash == table.hash


def test_a_title_is_part_of_the_hash() -> None:
    record = released().as_record()
    assert from_record(record | {"title": "En annan"}).hash != from_record(record).hash


def test_how_a_table_is_made_is_written_and_read_with_it() -> None:
    method = Method("Personer", "Sista dagen", "Saknas", "29 kap. 9 § skollagen")
    result = Result("t", "T", (Count("n", "Antal", "registered"),), pd.DataFrame({"n": [40]}), method=method)
    table = protect([result], policy=Policy(), ledger=Ledger.empty())["t"]
    assert table.method == from_record(json.loads(json.dumps(table.as_record()))).method == method
