"""The difference between two bundles: its causes, its cells and their reasons, its texts, and how it is told."""

from __future__ import annotations

import csv
import json
import re
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis.cli.main import main
from kaa_analysis.core.errors import BundleError, DisclosureError, UsageError
from kaa_analysis.core.provenance import canonical_json, hash_bytes
from kaa_analysis.core.result import Count, Dimension, Estimate, Method, Result, Share, Text
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.released import Released, State, from_record
from kaa_analysis.disclosure.store import write_store
from kaa_analysis.render.bundle import CLOCK, clock_record, is_whole, write_manifest
from kaa_analysis.render.difference.causes import Cause, Kind, causes_between
from kaa_analysis.render.difference.cells import Change, compare_cells
from kaa_analysis.render.difference.comparison import OtherFormatError, compare_bundles
from kaa_analysis.render.difference.earlier_run import previous_bundle
from kaa_analysis.render.difference.explanations import UNEXPLAINED, cell_reason, words_reason
from kaa_analysis.render.difference.listing import COLUMNS, csv_bytes, write_csv
from kaa_analysis.render.difference.page import TITLE, difference_page
from kaa_analysis.render.difference.summary import WARNING, summary
from kaa_analysis.render.difference.table_texts import TextChange, compare_exhibits, compare_texts
from kaa_analysis.render.plan import STORE

DISTRICTS = {"all": "Hela staden", "farsta": "Farsta", "jarva": "Järva", "skarpnack": "Skarpnäck", "alvsjo": "Älvsjö"}
NUMBERS = {"farsta": 20, "jarva": 30, "skarpnack": 40, "alvsjo": 50}
SAMPLE = {
    "report": "arsbilaga",
    "status": "utkast",
    "extract": {
        "name": "demo",
        "hash": "e" * 64,
        "date": "2025-01-31",
        "layout": "ber",
        "files": {"kontakter.csv": "1", "registreringar.csv": "2"},
    },
    "params": {"extract": "demo", "year": 2024, "accept_problem_rows": 0},
    "policy": "p" * 64,
    "policy_rules": {"unsafe_below": 5, "protected_units": ["persons", "spells"], "method": "suppress"},
    "notebook": "n" * 64,
    "code": "c" * 64,
    "code_files": {"indicators/exits.py": "1", "indicators/stock.py": "2"},
    "undecided": "u" * 64,
    "reference": None,
    "versions": {"numpy": "2.4.0", "pandas": "3.1.0"},
    "python": "3.11",
    "lock": "l" * 64,
    "document": {"dnr": "1.1-10/2025", "committee": "Arbetsmarknadsnämnden"},
}
DATA = Cause(Kind.DATA, "registreringar.csv ändrad")
PARAMS = Cause(Kind.PARAMS, "year: 2023 → 2024")
CODE = Cause(Kind.CODE, "indicators/exits.py ändrad")
POLICY = Cause(Kind.POLICY, "unsafe_below: 5 → 6")
VERSIONS = Cause(Kind.VERSIONS, "pandas 3.1.0 → 3.1.1")
DOCUMENT = Cause(Kind.DOCUMENT, "dnr: 1 → 2", moves_cells=False)
COMMENT = Cause(Kind.POLICY, "policyfilen ändrad", moves_cells=False)


def by_district(
    numbers: dict[str, int] | None = None,
    *,
    day: str = "2025-01-31",
    title: str = "Registrerade per område",
    days: float = 12.3,
    note: str = "",
    measure_label: str = "Registrerade",
) -> Result:
    """Return counts, shares and an estimate per district; the total stands in `in_total` too."""
    numbers = NUMBERS if numbers is None else numbers
    everybody = {"all": sum(numbers.values())} | numbers
    district = Dimension("district", "Område", DISTRICTS, total="all")
    columns = (
        district,
        Count("n", measure_label, "registered"),
        Count("n_all", "Alla", "registered", regardless_of=("district",)),
        Share("share", "Andel", "n", "n_all"),
        Estimate("days", "Dagar", ("n",), digits=1),
    )
    rows = [[name, n, everybody["all"], days] for name, n in everybody.items()]
    table = pd.DataFrame(rows, columns=["district", "n", "n_all", "days"]).assign(share=float("nan"))
    return Result(
        "by_district",
        title,
        columns,
        table[[column.name for column in columns]],
        context={"extract": day, "period": "2024"},
        note=note,
        source=f"Registret {day}",
    )


def in_total(numbers: dict[str, int] | None = None, *, day: str = "2025-01-31", words: str = "Ord") -> Result:
    """Return one row: the same total as in `by_district`, and a word."""
    total = sum((NUMBERS if numbers is None else numbers).values())
    columns = (Count("n", "Registrerade", "registered"), Text("words", "Anmärkning"))
    table = pd.DataFrame({"n": [total], "words": [words]})
    return Result("in_total", "Alla registrerade", columns, table, context={"extract": day, "period": "2024"})


def released(*results: Result, policy: Policy | None = None) -> list[Released]:
    return list(protect(results, policy=policy or Policy(), ledger=Ledger.empty()).values())


def write_bundle(
    folder: Path,
    *results: Result,
    policy: Policy | None = None,
    manifest: dict | None = None,
    exhibits: list[dict[str, str]] | None = None,
    finished: str = "2025-02-01T10:00:00+00:00",
    page: str = "sida",
) -> Path:
    """Write a whole bundle of protected results and return its folder."""
    tables = {table.id: table for table in released(*results, policy=policy)}
    write_store(tables, folder / STORE)
    (folder / "report.html").write_text(page, encoding="utf-8")
    shown = [{"slug": f"tabell-{name}", "form": "table", "released": name, "released_hash": "0"} for name in tables]
    write_manifest(folder, {**SAMPLE, **(manifest or {}), "exhibits": shown if exhibits is None else exhibits})
    (folder / CLOCK).write_bytes(clock_record(started=finished, finished=finished))
    return folder


def rewrite_table_without_its_title(bundle: Path) -> None:
    """Make one table of a whole bundle a record of another format, its hash and the manifest kept right."""
    index = json.loads((bundle / STORE / "index.json").read_bytes())
    path = bundle / STORE / f"{index['tables']['in_total']}.json"
    content = canonical_json({key: value for key, value in json.loads(path.read_bytes()).items() if key != "title"})
    path.unlink()
    index["tables"]["in_total"] = hash_bytes(content)
    (path.parent / f"{hash_bytes(content)}.json").write_bytes(content)
    (path.parent / "index.json").write_bytes(canonical_json(index))
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    write_manifest(bundle, {key: value for key, value in manifest.items() if key != "files"})


def place(tmp_path: Path, run: str) -> Path:
    return tmp_path / "reports" / "arsbilaga" / "2024" / run


def extract_with(**changes) -> dict:
    return {"extract": SAMPLE["extract"] | changes}


ONE_ROW = extract_with(hash="f" * 64, files={"kontakter.csv": "1", "registreringar.csv": "3"})
ONE_LINE = {"code": "d" * 64, "code_files": SAMPLE["code_files"] | {"indicators/exits.py": "9"}}
ONE_VALUE = {"policy": "q" * 64, "policy_rules": SAMPLE["policy_rules"] | {"unsafe_below": 6}}

CAUSES = {
    "a row": (ONE_ROW, [(Kind.DATA, "registreringar.csv ändrad")]),
    "a file more and one less": (
        extract_with(hash="f", files={"kontakter.csv": "1", "nya.csv": "3"}),
        [(Kind.DATA, "nya.csv tillkommen"), (Kind.DATA, "registreringar.csv borttagen")],
    ),
    "date and layout": (
        extract_with(date="2025-02-28", layout="ber_demo"),
        [(Kind.DATA, "uttagsdatum: 2025-01-31 → 2025-02-28"), (Kind.DATA, "layout: ber → ber_demo")],
    ),
    "another name": (
        extract_with(name="demo2") | {"params": SAMPLE["params"] | {"extract": "demo2"}},
        [(Kind.DATA, "uttagets namn: demo → demo2")],
    ),
    "parameters": (
        {"params": {"extract": "demo", "year": 2025, "accept_problem_rows": 0, "by": ["sex", "district"], "all": True}},
        [
            (Kind.PARAMS, "all: saknas → ja"),
            (Kind.PARAMS, "by: saknas → sex, district"),
            (Kind.PARAMS, "year: 2024 → 2025"),
        ],
    ),
    "seed": ({"seed": 7}, [(Kind.PARAMS, "slumpfrö: saknas → 7")]),
    "a line of code": (ONE_LINE, [(Kind.CODE, "indicators/exits.py ändrad")]),
    "files of code": (
        {"code": "d", "code_files": {"indicators/exits.py": "1", "indicators/areas.py": "3"}},
        [(Kind.CODE, "indicators/areas.py tillkommen"), (Kind.CODE, "indicators/stock.py borttagen")],
    ),
    "notebook": ({"notebook": "m"}, [(Kind.CODE, "anteckningsboken ändrad")]),
    "a policy value": (ONE_VALUE, [(Kind.POLICY, "unsafe_below: 5 → 6")]),
    "a comment in the policy": ({"policy": "q"}, [(Kind.POLICY, "policyfilen ändrad, men varje regel är densamma")]),
    "versions": (
        {"versions": {"numpy": "2.4.0", "pandas": "3.1.1"}, "python": "3.12", "lock": "k"},
        [
            (Kind.VERSIONS, "pandas 3.1.0 → 3.1.1"),
            (Kind.VERSIONS, "Python 3.11 → 3.12"),
            (Kind.VERSIONS, "requirements.lock ändrad"),
        ],
    ),
    "document": (
        {"document": {"dnr": "1.1-11/2025", "committee": "Arbetsmarknadsnämnden", "contact": {"unit": "KAA"}}},
        [(Kind.DOCUMENT, "contact.unit: saknas → KAA"), (Kind.DOCUMENT, "dnr: 1.1-10/2025 → 1.1-11/2025")],
    ),
    "Word template": ({"reference": "r"}, [(Kind.DOCUMENT, "Word-mallen (reference.docx) är en annan")]),
    "undecided": (
        {"undecided": "v"},
        [(Kind.UNDECIDED, "docs/avgoranden.csv ändrad")],
    ),
}


class TestCauses:
    @pytest.mark.parametrize(("changes", "told"), CAUSES.values(), ids=CAUSES)
    def test_each_says_what_exactly_was_changed(self, changes, told):
        found = causes_between(SAMPLE, SAMPLE | changes)
        assert [(cause.kind, cause.what) for cause in found] == told

    def test_the_same_run_has_none(self):
        assert causes_between(SAMPLE, json.loads(json.dumps(SAMPLE))) == ()

    def test_other_reports_of_the_release_and_other_earlier_bundles_are_told_by_name(self):
        jarva, farsta = ({"name": f"arsbilaga 2024-{area}", "params": {"area": area}} for area in ("jarva", "farsta"))
        first, second = ({"name": f"arsbilaga {run}", "cells": run} for run in ("aa", "bb"))
        before = SAMPLE | {"released_with": [jarva], "earlier": [first]}
        after = SAMPLE | {"released_with": [farsta, jarva], "earlier": [second]}
        assert [(cause.kind, cause.what) for cause in causes_between(before, after)] == [
            (Kind.RELEASE, "skyddad tillsammans med arsbilaga 2024-farsta: tillkommen"),
            (Kind.RELEASE, "skyddad mot tidigare arsbilaga bb: tillkommen"),
            (Kind.RELEASE, "skyddad mot tidigare arsbilaga aa: borttagen"),
        ]
        assert causes_between(SAMPLE, after) == (), "a bundle of an earlier version tells less"

    def test_other_company_hides_or_shows_and_changes_no_number(self):
        company = [Cause(Kind.RELEASE, "skyddad tillsammans med arsbilaga 2024-farsta: tillkommen")]
        assert cell_reason(State.SHOWN, State.PROTECTED, company) == "skydd (skyddad tillsammans med annat)"
        assert cell_reason(State.SHOWN, State.SHOWN, company) == "oförklarad"

    def test_another_grant_and_another_optional_table_are_told(self):
        grant = {"table": "notices", "decision": "1", "date": "2025-01-15", "by": "Nämnden", "valid_to": "2026-12-31"}
        before = SAMPLE | {"grants": [grant], "sources": []}
        after = SAMPLE | {"grants": [grant | {"decision": "2"}], "sources": ["notices"]}
        assert causes_between(before, after) == (
            Cause(Kind.DATA, "valfria tabeller: inget → notices", moves_cells=False),
            Cause(Kind.DATA, "beslut om notices.decision: 1 → 2", moves_cells=False),
        )
        assert causes_between(SAMPLE, after) == ()

    def test_one_row_one_line_and_one_value_are_each_named(self):
        found = causes_between(SAMPLE, SAMPLE | ONE_ROW | ONE_LINE | ONE_VALUE)
        assert [cause.what for cause in found] == [
            "registreringar.csv ändrad",
            "indicators/exits.py ändrad",
            "unsafe_below: 5 → 6",
        ]

    def test_of_an_older_manifest_only_the_hashes_are_told(self):
        parts = ("policy_rules", "document", "code_files", "undecided", "versions")
        older = {key: value for key, value in SAMPLE.items() if key not in parts}
        older["extract"] = {key: value for key, value in SAMPLE["extract"].items() if key != "files"}
        newer = older | ONE_LINE | ONE_VALUE | extract_with(hash="f")
        assert [cause.what for cause in causes_between(older, newer)] == [
            "uttagets filer ändrade (bara kontrollsumman är känd)",
            "programkoden ändrad (bara kontrollsumman är känd)",
            "röjandepolicyn ändrad (bara kontrollsumman är känd)",
        ]

    def test_parts_that_only_the_newer_manifest_tells_are_no_change(self):
        parts = ("policy_rules", "document", "code_files", "undecided", "versions")
        older = {key: value for key, value in SAMPLE.items() if key not in parts}
        assert causes_between(older, SAMPLE) == ()

    def test_what_cannot_change_a_number_is_marked(self):
        still = {"document": {"dnr": "2"}, "undecided": "v", "policy": "q"} | extract_with(name="demo2")
        assert [cause.moves_cells for cause in causes_between(SAMPLE, SAMPLE | still)] == [False] * 5


S, R, P, U, N = State.SHOWN, State.ROUNDED, State.PROTECTED, State.UNKNOWN, State.NOT_APPLICABLE
REASONS = [
    (S, S, [DATA], "data"),
    (S, S, [DATA, CODE], "data eller kod"),
    (S, S, [VERSIONS, PARAMS, POLICY], "parametrar eller programversioner"),
    (S, S, [POLICY], UNEXPLAINED),
    (S, S, [DOCUMENT], UNEXPLAINED),
    (S, S, [], UNEXPLAINED),
    (S, P, [POLICY], "skydd (policyn ändrad)"),
    (P, S, [DATA], "skydd (följd av ändrade data)"),
    (S, P, [DATA, CODE], "skydd (följd av ändrade data eller ändrad kod)"),
    (S, P, [POLICY, DATA], "skydd (policyn ändrad eller följd av ändrade data)"),
    (S, R, [POLICY], "skydd (policyn ändrad)"),
    (R, R, [POLICY, DATA], "data eller skydd (policyn ändrad)"),
    (S, P, [], UNEXPLAINED),
    (S, P, [COMMENT], UNEXPLAINED),
    (P, N, [DATA], "data"),
    (P, U, [POLICY], "skydd (policyn ändrad)"),
    (U, S, [POLICY], UNEXPLAINED),
    (None, S, [DATA], "data"),
    (None, P, [POLICY], "skydd (policyn ändrad)"),
    (S, None, [CODE, POLICY], "kod eller skydd (policyn ändrad)"),
]


class TestReasons:
    @pytest.mark.parametrize(("before", "after", "causes", "reason"), REASONS)
    def test_every_cause_that_can_be_it_is_named_and_no_other(self, before, after, causes, reason):
        assert cell_reason(before, after, causes) == reason

    def test_words_can_come_from_any_cause(self):
        assert words_reason([DOCUMENT, POLICY]) == "skydd"
        assert words_reason([]) == UNEXPLAINED


class TestCells:
    def test_equal_releases_differ_nowhere_and_a_shared_cell_is_compared_once(self):
        tables = released(by_district(), in_total())
        found = compare_cells(tables, released(by_district(), in_total()), causes=[])
        # 5 counts, 5 shares and 5 estimates; the total is n, n_all and the other table's n; one word
        assert (found.compared, found.equal, found.within_tolerance, found.differences) == (16, 16, (), ())

    def test_one_person_more_changes_that_count_the_total_and_the_shares(self):
        more = NUMBERS | {"alvsjo": 51}
        found = compare_cells(
            released(by_district(), in_total()), released(by_district(more), in_total(more)), causes=[DATA]
        )
        told = [
            (item.table, item.place, item.measure, item.before, item.after, item.reason) for item in found.differences
        ]
        percent = "\u00a0%"
        assert told == [
            ("by_district", "Totalt", "Registrerade", "140", "141", "data"),
            ("by_district", "Område: Farsta", "Andel", f"14,3{percent}", f"14,2{percent}", "data"),
            ("by_district", "Område: Järva", "Andel", f"21,4{percent}", f"21,3{percent}", "data"),
            ("by_district", "Område: Skarpnäck", "Andel", f"28,6{percent}", f"28,4{percent}", "data"),
            ("by_district", "Område: Älvsjö", "Registrerade", "50", "51", "data"),
            ("by_district", "Område: Älvsjö", "Andel", f"35,7{percent}", f"36,2{percent}", "data"),
        ]
        assert found.compared == 16
        assert found.equal == 10

    def test_a_stricter_policy_hides_cells_and_changes_no_number(self):
        numbers = NUMBERS | {"farsta": 5}
        found = compare_cells(
            released(by_district(numbers)),
            released(by_district(numbers), policy=Policy(unsafe_below=6)),
            causes=[POLICY],
        )
        counts = [item for item in found.differences if item.measure == "Registrerade"]
        assert [(item.before, item.after, item.after_value) for item in counts] == [("5", "..", ""), ("30", "..", "")]
        assert {item.reason for item in found.differences} == {"skydd (policyn ändrad)"}
        assert {(item.before_state, item.after_state) for item in found.differences} == {(S, P)}

    def test_a_true_zero_that_becomes_hidden_is_told_with_symbols(self):
        zero, one = NUMBERS | {"farsta": 0}, NUMBERS | {"farsta": 1}
        found = compare_cells(released(by_district(zero)), released(by_district(one)), causes=[DATA])
        first = next(item for item in found.differences if item.place == "Område: Farsta")
        assert (first.before, first.after, first.reason) == ("–", "..", "skydd (följd av ändrade data)")

    def test_a_new_district_is_added_and_a_lost_one_removed(self):
        fewer = {name: n for name, n in NUMBERS.items() if name != "farsta"}
        forth = compare_cells(released(by_district(fewer)), released(by_district()), causes=[DATA])
        back = compare_cells(released(by_district()), released(by_district(fewer)), causes=[DATA])
        added = [item for item in forth.differences if item.place == "Område: Farsta"]
        removed = [item for item in back.differences if item.place == "Område: Farsta"]
        assert [(item.change, item.before, item.after, item.before_state) for item in added[:1]] == [
            (Change.ADDED, "finns inte", "20", None)
        ]
        assert [(item.change, item.before, item.after, item.after_state) for item in removed[:1]] == [
            (Change.REMOVED, "20", "finns inte", None)
        ]
        assert [item.measure for item in removed] == ["Registrerade", "Andel", "Dagar"]

    @pytest.mark.parametrize(("days", "apart"), [(12.4, 0), (12.2, 0), (12.5, 1)])
    def test_an_estimate_may_move_one_unit_in_its_last_decimal(self, days, apart):
        one = {"farsta": 20}
        found = compare_cells(released(by_district(one)), released(by_district(one, days=days)), causes=[])
        assert (len(found.within_tolerance), len(found.differences)) == (2 - 2 * apart, 2 * apart)
        assert {item.reason for item in found.differences} == ({UNEXPLAINED} if apart else set())

    def test_a_share_has_no_tolerance(self):
        before, after = released(by_district()), released(by_district())
        moved = after[0].as_record()
        column = [item["name"] for item in moved["columns"]].index("share")
        moved["values"][1][column] += 0.001
        found = compare_cells(before, [from_record(moved)], causes=[DATA])
        assert [(item.before_value, item.after_value) for item in found.differences] == [("0.143", "0.144")]

    def test_the_same_text_in_another_state_says_the_state(self):
        before = released(by_district())
        record = before[0].as_record()
        record["states"][1][1] = "rounded"
        found = compare_cells(before, [from_record(record)], causes=[POLICY])
        assert [(item.before, item.after) for item in found.differences] == [
            ("20 (visas som det är, 20)", "20 (avrundat, 20)")
        ]

    def test_a_later_extract_is_compared_number_by_number(self):
        later = {"day": "2025-02-28"}
        more = NUMBERS | {"alvsjo": 51}
        found = compare_cells(
            released(by_district(), in_total()),
            released(by_district(more, **later), in_total(more, **later)),
            causes=[DATA],
        )
        assert {item.change for item in found.differences} == {Change.CHANGED}
        assert found.compared == 16

    def test_a_table_that_is_gone_follows_the_day_of_the_others(self):
        found = compare_cells(
            released(by_district(), in_total()), released(by_district(day="2025-02-28")), causes=[DATA]
        )
        assert [(item.measure, item.change) for item in found.differences] == [("Anmärkning", Change.REMOVED)]

    def test_words_in_a_cell_are_compared(self):
        found = compare_cells(released(in_total()), released(in_total(words="Andra ord")), causes=[DATA])
        assert [(item.measure, item.before, item.after, item.reason) for item in found.differences] == [
            ("Anmärkning", "Ord", "Andra ord", "data")
        ]


class TestTexts:
    def test_title_note_source_labels_and_day_are_told(self):
        after = by_district(title="Nya rubriken", note="Ny not.", day="2025-02-28", measure_label="Antal")
        assert compare_texts(released(by_district()), released(after)) == (
            TextChange("Nya rubriken", "rubriken ändrad", "Registrerade per område", "Nya rubriken"),
            TextChange("Nya rubriken", "noten ändrad", "", "Ny not."),
            TextChange("Nya rubriken", "källan ändrad", "Registret 2025-01-31", "Registret 2025-02-28"),
            TextChange("Nya rubriken", "dagen för uttaget ändrad", "2025-01-31", "2025-02-28"),
            TextChange("Nya rubriken", "kolumnen n ändrad", "Registrerade", "Antal"),
        )

    def test_the_same_change_in_several_tables_is_told_once(self):
        later = {"day": "2025-02-28"}
        found = compare_texts(released(in_total(), by_district()), released(in_total(**later), by_district(**later)))
        assert found[0] == TextChange("2 tabeller", "dagen för uttaget ändrad", "2025-01-31", "2025-02-28")

    def test_methods_are_told(self):
        method = Method(counts="Personer", time="Dagen", missing="Räknas inte", source="29 kap. 9 §")
        before, after = (replace(in_total(), method=replace(method, time=time)) for time in ("Dagen", "Natten"))
        assert compare_texts(released(before), released(after)) == (
            TextChange("Alla registrerade", "metodtexten om tid ändrad", "Dagen", "Natten"),
        )
        added = compare_texts(released(in_total()), released(before))
        assert added[0] == TextChange("Alla registrerade", "metodtexten om vad som räknas tillkommen", "", "Personer")

    def test_tables_that_only_one_has_are_told(self):
        one, both = released(in_total()), released(in_total(), by_district())
        assert compare_texts(one, both) == (TextChange("Registrerade per område", "tabellen tillkommen"),)
        assert compare_texts(both, one) == (TextChange("Registrerade per område", "tabellen borttagen"),)

    def test_exhibits_are_added_removed_moved_and_made_in_another_way(self):
        def item(slug: str, form: str = "table", of: str = "t") -> dict[str, str]:
            return {"slug": slug, "form": form, "released": of, "released_hash": "0"}

        before = [item("a", form="sentence:stock"), item("b"), item("c"), item("d"), item("e", form="figure:bars")]
        after = [
            item("b"),
            item("c", of="u"),
            item("a", form="sentence:stock"),
            item("d", form="figure:bars"),
            item("f"),
        ]
        assert compare_exhibits(before, before) == ()
        assert compare_exhibits(before, after) == (
            TextChange("f", "tabellen tillkommen"),
            TextChange("e", "figuren borttagen"),
            TextChange("a", "meningen flyttad"),
            TextChange("c", "tabellen bakom ändrad", "t", "u"),
            TextChange("d", "formen ändrad", "table", "figure:bars"),
        )


@pytest.fixture
def pair(tmp_path):
    """Two bundles that differ in one input row, one line of code and one value of the policy."""
    before, after = NUMBERS | {"farsta": 5}, NUMBERS | {"farsta": 5, "alvsjo": 51}
    return (
        write_bundle(place(tmp_path, "a" * 12), by_district(before), in_total(before)),
        write_bundle(
            place(tmp_path, "b" * 12),
            by_district(after),
            in_total(after),
            policy=Policy(unsafe_below=6),
            manifest=ONE_ROW | ONE_LINE | ONE_VALUE,
            finished="2025-02-02T10:00:00+00:00",
        ),
    )


class TestBundles:
    def test_a_damaged_bundle_is_refused(self, pair):
        (pair[0] / "report.html").write_text("något annat", encoding="utf-8")
        with pytest.raises(BundleError, match=r"report.html: är ändrad"):
            compare_bundles(*pair)

    def test_a_folder_that_is_no_bundle_is_refused(self, pair, tmp_path):
        with pytest.raises(BundleError, match=r"manifest\.json saknas"):
            compare_bundles(pair[0], tmp_path / "finns" / "inte" / "alls")

    def test_a_store_that_is_not_what_its_index_says_is_refused_even_if_the_manifest_agrees(self, pair):
        table = next(path for path in (pair[0] / STORE).glob("*.json") if b"Farsta" in path.read_bytes())
        table.write_bytes(table.read_bytes().replace(b"Farsta", b"Farstad"))
        manifest = json.loads((pair[0] / "manifest.json").read_bytes())
        write_manifest(pair[0], {key: value for key, value in manifest.items() if key != "files"})
        assert is_whole(pair[0])
        with pytest.raises(DisclosureError, match="just det som skrevs"):
            compare_bundles(*pair)

    def test_tables_come_in_the_order_they_are_shown(self, tmp_path):
        shown = [{"slug": "x", "form": "table", "released": "in_total", "released_hash": "0"}]
        bundle = write_bundle(place(tmp_path, "a"), by_district(), in_total(), exhibits=shown)
        found = compare_bundles(bundle, bundle)
        assert [table.id for table in found.after.tables] == ["in_total", "by_district"]

    def test_a_bundle_equals_itself(self, pair):
        found = compare_bundles(pair[0], pair[0])
        assert (found.causes, found.differs, found.unexplained, found.files) == ((), False, 0, ())

    def test_only_facts_of_the_document_change_the_page_and_no_cell(self, tmp_path):
        before = write_bundle(place(tmp_path, "a"), in_total())
        after = write_bundle(place(tmp_path, "b"), in_total(), manifest={"document": {"dnr": "2"}}, page="annan")
        found = compare_bundles(before, after)
        assert (found.differs, found.files) == (False, ("report.html",))

    def test_reports_of_different_kinds_are_compared_in_what_they_share(self, tmp_path):
        before = write_bundle(place(tmp_path, "a"), in_total())
        after = write_bundle(place(tmp_path, "b"), by_district(), manifest={"report": "tid_till_studier"})
        found = compare_bundles(before, after)
        assert found.cells.compared == found.cells.equal == 1
        assert (found.one_sided, found.differs, found.texts) == (15, True, ())
        assert found.remarks == (
            "Rapporterna är av olika slag (arsbilaga och tid_till_studier). "
            "Bara det som är gemensamt jämförs. Celler som bara finns i ett av paketen: 15.",
            "Paketen har inga gemensamma tabeller.",
        )


class TestSummary:
    def test_it_names_the_row_the_line_and_the_value_and_tells_every_cell(self, pair):
        text = summary(compare_bundles(*pair))
        percent = "\u00a0%"
        both = "skydd (policyn ändrad eller följd av ändrade data eller ändrad kod)"
        assert text == "\n".join(
            [
                "Jämförelse av två rapportpaket",
                "  före:  arsbilaga/2024/aaaaaaaaaaaa (helt)",
                "  efter: arsbilaga/2024/bbbbbbbbbbbb (helt)",
                f"  {WARNING}",
                "",
                "Vad som skiljer körningarna åt",
                "  Data: registreringar.csv ändrad",
                "  Kod: indicators/exits.py ändrad",
                "  Röjandepolicy: unsafe_below: 5 → 6",
                "",
                "Celler",
                "  16 celler jämförda: 6 lika, 0 inom toleransen, 10 olika.",
                "  Antal jämförs exakt, och andelar exakt med det antal decimaler som rapporten anger.",
                "  En skattning som skiljer en enhet i sista decimalen räknas som lika, inom toleransen: "
                "en annan processor kan avrunda på annat sätt. Allt annat är en skillnad.",
                "",
                "Skillnader",
                "  Registrerade per område",
                "    Totalt; Registrerade: 125 → 126 [data eller kod]",
                f"    Område: Farsta; Registrerade: 5 → .. [{both}]",
                f"    Område: Farsta; Andel: 4,0{percent} → .. [{both}]",
                f"    Område: Farsta; Dagar: 12,3 → .. [{both}]",
                f"    Område: Järva; Registrerade: 30 → .. [{both}]",
                f"    Område: Järva; Andel: 24,0{percent} → .. [{both}]",
                f"    Område: Järva; Dagar: 12,3 → .. [{both}]",
                f"    Område: Skarpnäck; Andel: 32,0{percent} → 31,7{percent} [data eller kod]",
                "    Område: Älvsjö; Registrerade: 50 → 51 [data eller kod]",
                f"    Område: Älvsjö; Andel: 40,0{percent} → 40,5{percent} [data eller kod]",
                "",
                "Teckenförklaring",
                "  ..  värdet visas inte, för att ingen enskild ska kunna pekas ut",
            ]
        )

    def test_it_is_cut_at_the_lines_asked_for_and_says_how_many_are_left(self, pair):
        found = compare_bundles(*pair)
        cut = summary(found, most_lines=3).split("\n\n")[3].splitlines()
        assert len(cut) == 5
        assert cut[-1] == "  … och 8 till: --alla visar alla"
        assert "--alla" not in summary(found, most_lines=None)

    def test_equal_bundles_say_so(self, pair):
        text = summary(compare_bundles(pair[0], pair[0]))
        assert "\n  Inget: data, parametrar, kod, röjandepolicy och programversioner är desamma.\n" in text
        assert "\nSkillnader\n  Allt som jämförs är lika." in text

    def test_what_lies_within_the_tolerance_and_texts_stand_apart(self, tmp_path):
        before = write_bundle(place(tmp_path, "a"), by_district({"farsta": 20}))
        after = write_bundle(
            place(tmp_path, "b"), by_district({"farsta": 20}, days=12.4, note="Ny."), manifest={"notebook": "m"}
        )
        listing = summary(compare_bundles(before, after)).split("\n\n")[3]
        assert listing.splitlines() == [
            "Skillnader",
            "  Inom toleransen: Registrerade per område",
            "    Totalt; Dagar: 12,3 → 12,4 [inom toleransen]",
            "    Område: Farsta; Dagar: 12,3 → 12,4 [inom toleransen]",
            "  Texter, tabeller och figurer (orsak: kod)",
            "    Registrerade per område: noten ändrad: ”” → ”Ny.”",
        ]


class TestCsv:
    def test_it_holds_a_row_per_difference(self, pair):
        rows = list(csv.DictReader(StringIO(csv_bytes(compare_bundles(*pair)).decode())))
        assert tuple(rows[0]) == COLUMNS
        assert len(rows) == 10
        assert rows[4] == {
            "slag": "cell",
            "tabell": "by_district",
            "cell": "registered|district=jarva|extract=2025-01-31|period=2024",
            "rubrik": "Registrerade per område",
            "plats": "Område: Järva",
            "mått": "Registrerade",
            "ändring": "ändrad",
            "före": "30",
            "efter": "..",
            "tillstånd_före": "shown",
            "tillstånd_efter": "protected",
            "värde_före": "30",
            "värde_efter": "",
            "orsak": "skydd (policyn ändrad eller följd av ändrade data eller ändrad kod)",
        }

    def test_a_file_that_stands_there_or_a_place_in_a_bundle_is_refused(self, pair, tmp_path):
        found, taken = compare_bundles(*pair), tmp_path / "skillnader.csv"
        taken.write_text("mitt", encoding="utf-8")
        for path in (taken, pair[0] / "skillnader.csv"):
            with pytest.raises(UsageError, match="ska vara ny och ligga utanför rapportpaketen"):
                write_csv(found, path, bundles=pair)
        assert taken.read_text(encoding="utf-8") == "mitt"
        assert is_whole(pair[0])

    def test_a_place_that_cannot_be_written_is_told(self, pair, tmp_path):
        (tmp_path / "fil").write_text("", encoding="utf-8")
        with pytest.raises(BundleError, match="kunde inte skrivas"):
            write_csv(compare_bundles(*pair), tmp_path / "fil" / "skillnader.csv", bundles=pair)


class TestPage:
    def test_it_has_headings_in_order_and_tables_with_captions_and_scopes(self, pair):
        html = difference_page(*pair)
        assert re.findall(r"<h(\d)[^>]*>(.*?)</h", html) == [
            ("1", TITLE),
            ("2", "Vad skiljer körningarna åt?"),
            ("2", "Vilka värden skiljer sig?"),
            ("2", "Så läses jämförelsen"),
        ]
        assert html.count("<table>") == html.count("<caption ") == 2
        assert html.count('<th scope="col"') == 2 + 6
        assert '<tr><th scope="row">Röjandepolicy</th><td>unsafe_below: 5 → 6</td></tr>' in html
        assert (
            '<tr><th scope="row">Totalt</th><td>Registrerade</td><td class="kaa-number">125</td>'
            '<td class="kaa-number">126</td><td>ändrad</td><td>data eller kod</td></tr>'
        ) in html

    def test_a_bundle_that_does_not_stand_in_its_place_yet_is_given_its_name(self, pair, tmp_path):
        building = pair[1].rename(tmp_path / "bundle")
        html = difference_page(pair[0], building, name="arsbilaga/2024/bbbbbbbbbbbb")
        assert "<div><dt>Efter</dt><dd>arsbilaga/2024/bbbbbbbbbbbb</dd></div>" in html
        assert "/bundle" not in html

    def test_it_warns_is_a_draft_and_is_the_same_each_time(self, pair):
        html = difference_page(*pair)
        assert WARNING in html
        assert f"<title>{TITLE} – utkast</title>" in html
        assert html == difference_page(*pair)

    def test_texts_files_and_the_unexplained_are_told(self, tmp_path):
        before = write_bundle(place(tmp_path, "a"), by_district({"farsta": 20}))
        after = write_bundle(place(tmp_path, "b"), by_district({"farsta": 21}, note="<Ny>"), page="annan")
        html = difference_page(before, after)
        assert "<p>Oförklarade skillnader: 6. Inget av det som skiljer körningarna åt kan ha gett dem.</p>" not in html
        assert "<p>Oförklarade skillnader: 3. Inget av det som skiljer körningarna åt kan ha gett dem.</p>" in html
        assert "<td>noten ändrad</td><td></td><td>&lt;Ny&gt;</td>" in html
        assert "<li>report.html</li>" in html

    def test_an_earlier_bundle_in_another_format_is_told_on_the_page_and_refused_elsewhere(self, pair):
        rewrite_table_without_its_title(pair[0])
        html = difference_page(*pair)
        assert "<p>Den föregående körningen går inte att läsa och jämföra:" in html
        assert (
            "<div><dt>Före</dt><dd>arsbilaga/2024/aaaaaaaaaaaa</dd></div>\n<div><dt>Efter</dt><dd>arsbilaga/2024/bbbbbbbbbbbb</dd></div>"
            in html
        )
        with pytest.raises(OtherFormatError, match="tabeller i ett annat format"):
            compare_bundles(*pair)
        with pytest.raises(OtherFormatError, match="tabeller i ett annat format"):
            difference_page(pair[1], pair[0])

    def test_a_first_run_has_nothing_before_it(self, tmp_path):
        html = difference_page(None, place(tmp_path, "a" * 12))
        assert (
            "<p>Det finns ingen tidigare körning av den här rapporten för den här perioden att jämföra med.</p>" in html
        )
        assert "<div><dt>Körning</dt><dd>arsbilaga/2024/aaaaaaaaaaaa</dd></div>" in html

    def test_the_earlier_run_is_the_whole_one_that_was_finished_last(self, tmp_path):
        final, first, second, damaged = (place(tmp_path, run) for run in "fabd")
        assert previous_bundle(final) is None
        for folder, day in ((final, "05"), (first, "02"), (second, "03"), (damaged, "04")):
            write_bundle(folder, in_total(), finished=f"2025-02-{day}T10:00:00+00:00")
        (damaged / "report.html").write_text("x", encoding="utf-8")
        assert previous_bundle(final) == second
        (second / CLOCK).write_text("inget", encoding="utf-8")
        assert previous_bundle(final) == first

    def test_of_two_finished_at_once_the_last_by_name_is_taken(self, tmp_path):
        for run in "bac":
            write_bundle(place(tmp_path, run), in_total())
        assert previous_bundle(place(tmp_path, "f")) == place(tmp_path, "c")


class TestCommand:
    @pytest.fixture
    def kaa_diff(self, monkeypatch, capsys, tmp_path):
        monkeypatch.setenv("KAA_SECURE", str(tmp_path / "secure"))

        def run(*words: str | Path) -> tuple[int, str, str]:
            monkeypatch.setattr(sys, "argv", ["kaa", "diff", *map(str, words)])
            with pytest.raises(SystemExit) as stop:
                main()
            said = capsys.readouterr()
            return stop.value.code, said.out, said.err

        return run

    def test_bundles_that_differ_end_with_one_and_equal_ones_with_zero(self, kaa_diff, pair):
        exit_code, out, err = kaa_diff(*pair)
        assert (exit_code, out, err) == (1, summary(compare_bundles(*pair)) + "\n", "")
        assert kaa_diff(pair[0], pair[0])[0] == 0

    def test_the_csv_is_written_whole_for_its_owner_alone(self, kaa_diff, pair, tmp_path):
        path = tmp_path / "skillnader.csv"
        assert kaa_diff(*pair, "--csv", path)[0] == 1
        assert path.read_bytes() == csv_bytes(compare_bundles(*pair))
        assert path.stat().st_mode & 0o777 == 0o600
        assert kaa_diff(*pair, "--csv", path)[0] == UsageError.exit_code

    def test_a_difference_that_nothing_explains_is_a_fault(self, kaa_diff, tmp_path):
        before = write_bundle(place(tmp_path, "a"), by_district({"farsta": 20}))
        after = write_bundle(place(tmp_path, "b"), by_district({"farsta": 21}))
        exit_code, out, err = kaa_diff(before, after)
        assert exit_code == BundleError.exit_code
        assert "Totalt; Registrerade: 20 → 21 [oförklarad]" in out
        assert "  – oförklarade skillnader: 2\n" in err

    @pytest.mark.parametrize("name", ["report.html", "data/in_total.csv"])
    def test_a_finished_file_that_alone_differs_although_nothing_else_does_is_a_fault(self, kaa_diff, tmp_path, name):
        before, after = (write_bundle(place(tmp_path, run), by_district({"farsta": 20})) for run in "ab")
        (after / name).parent.mkdir(exist_ok=True)
        (after / name).write_text("något annat", encoding="utf-8")
        manifest = json.loads((after / "manifest.json").read_bytes())
        write_manifest(after, {key: value for key, value in manifest.items() if key != "files"})
        exit_code, out, err = kaa_diff(before, after)
        assert exit_code == BundleError.exit_code
        assert f"  {name}\n" in out
        assert "  – oförklarade skillnader: 1\n" in err

    @pytest.mark.parametrize(
        "change", [{"params": None}, {"exhibits": [{"slug": "a"}]}, {"extract": []}, {"report": []}]
    )
    def test_a_manifest_of_another_shape_stops_it_with_the_place_named(self, kaa_diff, tmp_path, change):
        before = write_bundle(place(tmp_path, "a"), by_district({"farsta": 20}))
        after = write_bundle(place(tmp_path, "b"), by_district({"farsta": 20}))
        manifest = json.loads((after / "manifest.json").read_bytes()) | change
        write_manifest(after, {key: value for key, value in manifest.items() if key != "files"})
        exit_code, out, err = kaa_diff(before, after)
        assert (exit_code, out) == (BundleError.exit_code, "")
        assert "manifest.json ska vara skriven av kaa report" in err
        assert f"{next(iter(change))}" in err

    def test_estimates_within_the_tolerance_are_no_fault_and_no_difference(self, kaa_diff, tmp_path):
        before = write_bundle(place(tmp_path, "a"), by_district({"farsta": 20}))
        after = write_bundle(place(tmp_path, "b"), by_district({"farsta": 20}, days=12.4))
        assert kaa_diff(before, after)[0] == 0

    def test_a_damaged_bundle_stops_it(self, kaa_diff, pair):
        (pair[1] / "report.html").unlink()
        exit_code, out, err = kaa_diff(*pair)
        assert (exit_code, out) == (BundleError.exit_code, "")
        assert err.startswith("Fel i rapportpaketet: Mappen ska innehålla en hel rapport:")
