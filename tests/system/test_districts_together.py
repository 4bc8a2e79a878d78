"""The city, its districts and their sheets made at once: one workbook of all, one page each, and the same numbers everywhere."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from pypdf import PdfReader

from kaa_analysis.core.result import Dimension
from kaa_analysis.disclosure.store import read_store
from kaa_analysis.present.formats import HIDDEN_SYMBOLS
from kaa_analysis.render.gate.workbook_cells import read_workbook
from tests.system.conftest import with_secure_folder_of
from tests.system.test_batch import manifest_of

APPENDIX, SHEET = "params/arsbilaga_demo.yaml", "params/stadsdelsblad_demo.yaml"
LONGEST = "enskede_arsta_vantor"
"""The district with the longest name: its sheet has the least room."""

AREAS = {"jarva": "Järva", LONGEST: "Enskede-Årsta-Vantör"}
SEXES = ("all", "female", "male")


@pytest.fixture(scope="module")
def together(tmp_path_factory, demo):
    project = with_secure_folder_of(demo, tmp_path_factory.mktemp("together"))
    files = [APPENDIX, SHEET]
    for pattern, old in ((APPENDIX, "area: all"), (SHEET, "area: jarva")):
        for area in AREAS:
            written = project.root / "params" / f"{Path(pattern).stem}_{area}.yaml"
            written.write_text((project.root / pattern).read_text().replace(old, f"area: {area}"))
            files.append(written.relative_to(project.root).as_posix())
    files.remove(f"params/stadsdelsblad_demo_{next(iter(AREAS))}.yaml")
    made = project.kaa("batch", *files)
    assert made.returncode == 0, made.stderr
    return project


def bundle_of(project, report: str, area: str = "") -> Path:
    folder = f"2024-{area}" if area else "2024"
    [bundle] = [one for one in project.bundles(report) if one.parent.name == folder]
    return bundle


def told_cells(bundle: Path) -> dict[str, tuple[str, str]]:
    """Return value and state of every cell that the open data of a bundle tell, by its id."""
    found = {}
    for path in sorted((bundle / "data").glob("*.csv")):
        if path.name != "equations.csv":
            with path.open(encoding="utf-8", newline="") as stream:
                found |= {row["cell_id"]: (row["value"], row["state"]) for row in csv.DictReader(stream)}
    return found


def expected_lines(bundle: Path, *, district: str = "") -> dict[tuple[str, str, str], list[str]]:
    """Return the texts by sex that a sheet must have, by table, place and measure, read out of a report's own store."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for table in read_store(bundle / "store").values():
        if district and table.context.get("district") != district:
            continue
        splits = [split for split in table.of_role(Dimension) if split.name != "sex"]
        for row, values in enumerate(table.values_table.astype(object).to_dict("records")):
            place = ": ".join(split.labels[values[split.name]] for split in splits) or "Alla"
            sex = SEXES.index(values.get("sex", "all"))
            for column in table.columns:
                if not isinstance(column, Dimension):
                    state = table.states_table[column.name].iloc[row]
                    text = HIDDEN_SYMBOLS.get(state, "") or f"{float(values[column.name]):.10g}"
                    found.setdefault((table.title, place, column.label), ["", "", ""])[sex] = text
    return found


def sheet_lines(bundle: Path) -> dict[str, dict[tuple[str, str, str], list[str]]]:
    found = {}
    for sheet in read_workbook((bundle / "omraden.xlsx").read_bytes()).sheets[1:]:
        lines = found.setdefault(sheet.name, {})
        for row in sheet.rows[2:]:
            cells = [sheet.cells.get((row, at)) for at in range(1, 7)]
            words = tuple(cell.text for cell in cells[:3])
            assert words not in lines, "a line stands once"
            lines[words] = [
                "" if cell is None else f"{float(cell.text):.10g}" if cell.number else cell.text for cell in cells[3:]
            ]
    return found


def test_every_sheet_of_the_workbook_has_the_cells_of_that_report(together):
    city = bundle_of(together, "arsbilaga")
    found = sheet_lines(city)
    assert next(iter(found)) == "Hela staden"
    assert set(found) == {"Hela staden", *AREAS.values()}
    assert found["Hela staden"] == expected_lines(city)
    for area, label in AREAS.items():
        own = expected_lines(bundle_of(together, "arsbilaga", area), district=area)
        assert len(own) > 150
        assert found[label] == own


def test_the_bundle_of_the_city_holds_the_stores_of_its_districts_and_a_district_s_none(together):
    city = bundle_of(together, "arsbilaga")
    for area in AREAS:
        own = bundle_of(together, "arsbilaga", area)
        ours, theirs = (
            {path.name: path.read_bytes() for path in folder.iterdir()}
            for folder in (city / "area_store" / area, own / "store")
        )
        assert ours == theirs
        assert not (own / "omraden.xlsx").exists()
    files = manifest_of(city)["files"]
    assert {"omraden.xlsx", "area_store/jarva/index.json"} <= set(files)


def test_the_report_of_the_city_alone_has_no_such_workbook(demo):
    assert not (demo.bundles()[0] / "omraden.xlsx").exists()


@pytest.mark.parametrize("area", AREAS)
def test_a_district_sheet_is_one_page(together, area):
    pdf = PdfReader(bundle_of(together, "stadsdelsblad", area) / "report.pdf")
    assert len(pdf.pages) == 1
    text = pdf.pages[0].extract_text()
    assert f"Kommunens aktivitetsansvar, {AREAS[area]} 2024" in text
    assert "Så är det räknat." in text


@pytest.mark.parametrize("area", AREAS)
def test_a_district_sheet_tells_the_cells_of_the_appendices(together, area):
    known = told_cells(bundle_of(together, "arsbilaga")) | told_cells(bundle_of(together, "arsbilaga", area))
    sheet = told_cells(bundle_of(together, "stadsdelsblad", area))
    shared = sheet.keys() & known.keys()
    assert len(shared) > 100
    assert {one: sheet[one] for one in shared} == {one: known[one] for one in shared}
    beside = {one for one in sheet if one.partition("|")[0] in ("reached_before", "covered_before")}
    assert len(beside) == 12
    for one in beside:
        measure, _, place = one.partition("|")
        name = place.replace("period=2024", "period=läsåret 2023/24")
        twin = f"covered|{name}" if measure == "covered_before" else f"outreach|{name}|step=reached"
        assert sheet[one] == known[twin], one


def test_the_bundle_of_the_city_is_made_again_byte_for_byte_with_its_workbook(together):
    city = bundle_of(together, "arsbilaga").relative_to(together.root).as_posix()
    again = together.kaa("verify", city)
    assert again.returncode == 0, again.stderr
