"""The gate on the page of differences: a table whose columns, measures or splits have changed since the run before is bound to the cells of both."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis.cli.main import main
from kaa_analysis.core.result import Count, Dimension, Estimate, Result, Share, Text
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.store import write_store
from kaa_analysis.render.bundle import CLOCK, DIFFERENCE, clock_record, write_manifest
from kaa_analysis.render.difference.cells import ABSENT, Change
from kaa_analysis.render.difference.comparison import compare_bundles
from kaa_analysis.render.difference.page import difference_page
from kaa_analysis.render.gate.binding import Binding
from kaa_analysis.render.gate.compared_cells import NAMES_OF_CELLS
from kaa_analysis.render.gate.expectation import expectation_of
from kaa_analysis.render.gate.table_reading import CHANGED, UNBOUND
from kaa_analysis.render.gate.unbound import bind_file
from kaa_analysis.render.plan import STORE, Plan, write_plan
from tests.unit.changed_files import OWN, replaced

PARTS = Dimension("part", "Del av staden", {"all": "Totalt", "south": "Söderort", "west": "Västerort"}, total="all")
RENAMED_PARTS = replace(PARTS, label="Område", labels={"all": "Alla", "south": "Söder", "west": "Väster"})
OTHER_PARTS = replace(PARTS, labels={"all": "Totalt", "south": "Söderort", "city": "Innerstaden"})
AGES = Dimension("age", "Ålder", {"all": "Totalt", "older": "18 eller 19", "younger": "16 eller 17"}, total="all")
MET = Count("n_met", "Nya", measure="met")
REACHED = Count("n_reached", "Nådda", measure="reached")
RENAMED = replace(REACHED, label="Nådda i tid")
REDEFINED = replace(REACHED, measure="reached_in_time")
LATER = Count("n_later", "Nådda senare", measure="reached_later")
NUMBERED = replace(LATER, label="Nådda inom 60 dagar")
SHARE = Share("share", "Andel", numerator="n_reached", denominator="n_met")
SHARE_LATER = Share("share_later", "Andel", numerator="n_later", denominator="n_met")
DAYS = Estimate("days", "Dagar", ("n_met",), digits=1)
REMARK = Text("remark", "Anmärkning")

Numbers = Mapping[str, Sequence[object]]
FIRST: Numbers = {
    "n_met": (300, 120, 180),
    "n_reached": (205, 81, 124),
    "n_later": (240, 97, 143),
    "days": (12.3, 14.2, 11.1),
    "remark": ("inom 14 dagar", "brev 2 av 3", "finns inte"),
}
SECOND: Numbers = {
    "n_met": (303, 121, 182),
    "n_reached": (208, 82, 126),
    "n_later": (249, 101, 148),
    "days": (12.4, 14.2, 13.1),
    "remark": ("inom 15 dagar", "brev 2 av 3", "brev 2–3"),
}


def outreach(
    *columns: Count | Share | Estimate | Text,
    numbers: Numbers = FIRST,
    split: Dimension = PARTS,
    name: str = "outreach",
    title: str = "Uppsökande arbete, 2024",
) -> Result:
    """Return a table of three rows: the total of a split and its two values."""
    own = {one.name: list(numbers.get(one.name, [float("nan")] * 3)) for one in columns}
    table = pd.DataFrame({split.name: list(split.labels), **own})
    return Result(name, title, (split, *columns), table, context={"extract": "2025-01-31"})


def later(*columns: Count | Share | Estimate | Text, **kept) -> Result:
    """Return the table of the later run."""
    return outreach(*columns, numbers=SECOND, **kept)


def write_bundle(
    folder: Path, *results: Result, code: str, before: Path | None = None, policy: Policy | None = None
) -> Path:
    """Write what a bundle has before its finished files are built, and its page of differences."""
    tables = protect(results, policy=policy or Policy(), ledger=Ledger.empty())
    write_store(tables, folder / STORE)
    write_plan(Plan((), {"facts": [], "run": folder.name}, {}, {}), folder)
    shown = [{"slug": f"tabell-{name}", "form": "table", "released": name, "released_hash": "0"} for name in tables]
    told = {"report": "arsbilaga", "code": code * 64, "code_files": {"indicators/outreach.py": code}}
    write_manifest(
        folder, {**told, "extract": {"name": "demo", "hash": "e" * 64}, "params": {"year": 2024}, "exhibits": shown}
    )
    (folder / CLOCK).write_bytes(
        clock_record(started="2025-02-01T10:00:00+00:00", finished="2025-02-01T10:00:09+00:00")
    )
    (folder / DIFFERENCE).write_text(difference_page(before, folder), encoding="utf-8")
    return folder


def write_pair(
    tmp_path: Path,
    before: Sequence[Result],
    after: Sequence[Result],
    *,
    policies: tuple[Policy | None, Policy | None] = (None, None),
) -> tuple[Path, Path]:
    """Write the bundles of two runs of the same report and period, the later with its page of how it differs from the first."""
    place = tmp_path / "reports" / "arsbilaga" / "2024"
    first = write_bundle(place / "aaaaaaaaaaa1", *before, code="1", policy=policies[0])
    return first, write_bundle(place / "bbbbbbbbbbb2", *after, code="2", before=first, policy=policies[1])


def bound(pair: tuple[Path, Path]) -> Binding:
    """Return the binding of the page of the later of two bundles."""
    before, after = pair
    return bind_file(after / DIFFERENCE, bundle=after, expected=expectation_of(after), earlier=before)


def kinds(pair: tuple[Path, Path]) -> list[str]:
    return [unbound.kind for unbound in bound(pair).found]


VALUE = re.compile(r'<td class="kaa-number">(.*?)</td>')
USUAL = (MET, REACHED, SHARE)
CHANGES: dict[str, tuple[list[Result], list[Result]]] = {
    "only values": ([outreach(*USUAL)], [later(*USUAL)]),
    "a column added": ([outreach(*USUAL)], [later(*USUAL, LATER)]),
    "a column added that is called as another": ([outreach(*USUAL)], [later(*USUAL, LATER, SHARE_LATER)]),
    "a column removed": ([outreach(*USUAL, LATER)], [later(*USUAL)]),
    "a column with a number in its name removed": ([outreach(*USUAL, NUMBERED)], [later(*USUAL)]),
    "a column renamed": ([outreach(*USUAL)], [later(MET, RENAMED, SHARE)]),
    "a column that counts something else": ([outreach(*USUAL)], [later(MET, REDEFINED, SHARE)]),
    "a column that takes the name of another": (
        [outreach(*USUAL, LATER)],
        [later(MET, RENAMED, replace(LATER, label="Nådda"), SHARE)],
    ),
    "a column that stood in another table": (
        [outreach(MET), outreach(REACHED, name="reached", title="Nådda, 2024")],
        [later(MET, REACHED), later(REACHED, name="reached", title="Nådda, 2024")],
    ),
    "a split renamed": ([outreach(*USUAL)], [later(*USUAL, split=RENAMED_PARTS)]),
    "another split": ([outreach(*USUAL)], [later(*USUAL, split=AGES)]),
    "other values of a split": ([outreach(*USUAL)], [later(*USUAL, split=OTHER_PARTS)]),
    "a table renamed": ([outreach(*USUAL)], [later(*USUAL, title="Uppsök, 2024")]),
    "a table with another id": ([outreach(*USUAL)], [later(*USUAL, name="outreach_by_part")]),
    "an estimate within the tolerance": (
        [outreach(MET, DAYS)],
        [later(MET, replace(DAYS, label="Antal dagar"), title="Uppsök, 2024")],
    ),
    "words": ([outreach(MET, REMARK)], [later(MET, REMARK)]),
    "words removed": ([outreach(MET, REMARK)], [later(MET)]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_number_on_the_page_is_bound_whatever_has_changed_of_the_tables(tmp_path, change) -> None:
    pair = write_pair(tmp_path, *CHANGES[change])
    cells = compare_bundles(*pair).cells
    sides = [side for one in (*cells.differences, *cells.within_tolerance) for side in (one.before, one.after)]
    passed = bound(pair)
    assert passed.found == []
    assert passed.bound == sum(any(sign.isdigit() for sign in side) for side in sides) > 0


@pytest.mark.parametrize("change", CHANGES)
def test_an_invented_number_in_place_of_any_of_them_is_refused(tmp_path, change) -> None:
    pair = write_pair(tmp_path, *CHANGES[change])
    page = pair[1] / DIFFERENCE
    whole = page.read_text(encoding="utf-8")
    values = list(VALUE.finditer(whole))
    assert values
    for value in values:
        page.write_text(whole[: value.start(1)] + OWN + whole[value.end(1) :], encoding="utf-8")
        assert kinds(pair) == [CHANGED], value[0]


def row_of(*cells: str) -> str:
    """Return the beginning of a row of the page."""
    place, measure, *values = cells
    numbers = "".join(f'<td class="kaa-number">{value}</td>' for value in values)
    return f'<th scope="row">{place}</th><td>{measure}</td>{numbers}'


def test_the_values_of_two_cells_that_are_called_the_same_are_not_taken_for_one_pair(tmp_path) -> None:
    pair = write_pair(tmp_path, *CHANGES["a column that counts something else"])
    rows = row_of("Totalt", "Nådda", ABSENT, "208"), row_of("Totalt", "Nådda", "205", ABSENT)
    assert all(row in (pair[1] / DIFFERENCE).read_text(encoding="utf-8") for row in rows)
    replaced(pair[1] / DIFFERENCE, rows[0], row_of("Totalt", "Nådda", "205", "208"))
    assert kinds(pair) == [CHANGED]


@pytest.mark.parametrize("numbers", [("205", "209"), ("204", "208"), ("208", "205"), (ABSENT, "208"), ("205", ABSENT)])
def test_a_renamed_column_says_what_its_cell_said_before_and_says_now(tmp_path, numbers) -> None:
    pair = write_pair(tmp_path, *CHANGES["a column renamed"])
    replaced(
        pair[1] / DIFFERENCE, row_of("Totalt", "Nådda i tid", "205", "208"), row_of("Totalt", "Nådda i tid", *numbers)
    )
    assert set(kinds(pair)) == {CHANGED}


@pytest.mark.parametrize(
    "names", [("Totalt", "Nådda"), ("Totalt", f"Nådda inom {OWN} dagar"), (f"Ålder: {OWN}", "Nådda i tid")]
)
def test_a_place_or_a_measure_that_no_compared_cell_has_is_refused(tmp_path, names) -> None:
    pair = write_pair(tmp_path, *CHANGES["a column renamed"])
    replaced(pair[1] / DIFFERENCE, row_of("Totalt", "Nådda i tid", "205", "208"), row_of(*names, "205", "208"))
    assert set(kinds(pair)) == {UNBOUND}


def test_a_cell_of_one_table_is_none_of_another(tmp_path) -> None:
    pair = write_pair(tmp_path, *CHANGES["a column that stood in another table"])
    replaced(pair[1] / DIFFERENCE, 'id="skillnad-celler-outreach"', 'id="skillnad-celler-reached"')
    assert set(kinds(pair)) == {UNBOUND}


BESIDE = {
    "the reason": ("<td>kod</td></tr>", f"<td>kod {OWN}</td></tr>"),
    "the change": ("<td>ändrad</td>", f"<td>{OWN}</td>"),
    "a column more": ("<td>kod</td></tr>", f"<td>kod</td><td>{OWN}</td></tr>"),
    "a heading": ("Orsak</th>", f"Orsak {OWN}</th>"),
    "the title": ("Uppsökande arbete, 2024</", f"Uppsökande arbete, {OWN}</"),
    "a changed text": ("<td>Nådda</td>", f"<td>Nådda {OWN}</td>"),
    "a cause": ("indicators/outreach.py ändrad", f"{OWN} filer ändrade"),
}


@pytest.mark.parametrize("place", BESIDE)
def test_a_number_beside_the_values_is_refused(tmp_path, place) -> None:
    pair = write_pair(tmp_path, *CHANGES["a column renamed"])
    replaced(pair[1] / DIFFERENCE, *BESIDE[place])
    assert UNBOUND in kinds(pair)


def test_the_same_text_in_another_state_is_bound_with_its_state_and_value(tmp_path) -> None:
    same, shown = outreach(LATER), Policy()
    pair = write_pair(tmp_path, [same], [same], policies=(shown, replace(shown, rounding={"reached_later": 10})))
    row = row_of("Totalt", "Nådda senare", "240 (visas som det är, 240)", "240 (avrundat, 240)")
    passed = bound(pair)
    assert (passed.found, passed.bound) == ([], 6)
    for number in ("240 (avrundat", "240 (visas", ", 240)"):
        page = pair[1] / DIFFERENCE
        whole = page.read_text(encoding="utf-8")
        replaced(page, row, row.replace(number, number.replace("240", OWN), 1))
        assert kinds(pair) == [CHANGED]
        page.write_text(whole, encoding="utf-8")


def test_numbers_in_the_names_of_cells_are_counted_apart_from_their_values(tmp_path) -> None:
    months = replace(AGES, labels={"all": "Totalt", "3": "3", "12": "12"})
    passed = bound(write_pair(tmp_path, [outreach(*USUAL, split=months)], [later(MET, RENAMED, SHARE, split=months)]))
    assert passed.found == []
    assert passed.structural[NAMES_OF_CELLS] == 6


def test_without_the_bundle_before_no_value_of_the_page_is_bound(tmp_path) -> None:
    _, after = write_pair(tmp_path, *CHANGES["only values"])
    passed = bind_file(after / DIFFERENCE, bundle=after, expected=expectation_of(after), earlier=None)
    assert {unbound.kind for unbound in passed.found} == {UNBOUND}
    assert passed.bound == 0


def test_a_column_that_counts_something_else_is_told_by_kaa_diff_as_removed_and_added(
    tmp_path, monkeypatch, capsys
) -> None:
    pair = write_pair(tmp_path, *CHANGES["a column that counts something else"])
    changes = {(one.key, one.change) for one in compare_bundles(*pair).cells.differences if one.place == "Totalt"}
    context = "extract=2025-01-31"
    assert changes == {
        (f"met|{context}", Change.CHANGED),
        (f"reached_in_time|{context}", Change.ADDED),
        (f"outreach.share|{context}", Change.CHANGED),
        (f"reached|{context}", Change.REMOVED),
    }
    monkeypatch.setenv("KAA_SECURE", str(tmp_path / "secure"))
    monkeypatch.setattr(sys, "argv", ["kaa", "diff", *map(str, pair)])
    with pytest.raises(SystemExit) as stop:
        main()
    said = capsys.readouterr()
    assert (stop.value.code, said.err) == (1, "")
    assert "Totalt; Nådda: finns inte → 208 [tillkommen; kod]" in said.out
    assert "Totalt; Nådda: 205 → finns inte [borttagen; kod]" in said.out
