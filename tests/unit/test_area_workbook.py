"""The workbook with a sheet per district: the cells of the districts' own reports, and no number that is not one of them."""

from __future__ import annotations

import re
import shutil
import zipfile

import pytest

from kaa_analysis.core.errors import BundleError, DisclosureError
from kaa_analysis.disclosure.store import read_store
from kaa_analysis.params.reports import ReportOrder, read_order
from kaa_analysis.render.area_stores import area_tables
from kaa_analysis.render.build import read_document
from kaa_analysis.render.bundle import AREA_STORES, AREA_WORKBOOK
from kaa_analysis.render.company import districts_of
from kaa_analysis.render.data_files.area_workbook import write_area_workbook
from kaa_analysis.render.earlier_bundles import published_in
from kaa_analysis.render.gate.area_sheets import OTHER_HEAD, UNKNOWN_AREA
from kaa_analysis.render.gate.edited import refuse_edits
from kaa_analysis.render.gate.scan import Forbidden
from kaa_analysis.render.gate.sheet_numbers import FORMULA
from kaa_analysis.render.gate.table_reading import CHANGED, UNBOUND
from kaa_analysis.render.gate.unbound import refuse_unbound
from kaa_analysis.render.gate.workbook_cells import Sheet, read_workbook
from tests.unit.changed_files import changed_parts
from tests.unit.report_to_gate import make_bundle
from tests.unit.test_params import ROOT

AREAS = ("jarva", "farsta")
SHEETS = {"Hela staden": 2, "Järva": 3, "Farsta": 4}
"""The number of each area's sheet in the file: the areas come in the order of presentation."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return make_bundle(tmp_path_factory.mktemp("areas"), areas=AREAS)


@pytest.fixture(scope="module")
def sheets(whole) -> dict[str, Sheet]:
    return {sheet.name: sheet for sheet in read_workbook((whole / AREA_WORKBOOK).read_bytes()).sheets}


def rows(sheet: Sheet) -> list[list[str]]:
    return [[sheet.cells[row, at].text if (row, at) in sheet.cells else "" for at in range(1, 7)] for row in sheet.rows]


def gated(path, whole):
    return refuse_edits(path, bundle=whole, forbidden=Forbidden(frozenset(), ()), progress=lambda _: None)


def order(area: str, **changes: object) -> ReportOrder:
    asked = read_order(ROOT / "params" / "arsbilaga_demo.yaml")
    return ReportOrder(asked.kind, asked.params.model_copy(update={"area": area, **changes}))


def test_there_is_a_sheet_for_the_city_and_one_per_district_with_one_row_of_headings(sheets):
    assert list(sheets) == ["Läs mig", "Hela staden", "Järva", "Farsta"]
    for name in list(sheets)[1:]:
        assert rows(sheets[name])[0] == [f"Årsbilaga – {name}", "", "", "", "", ""]
        assert rows(sheets[name])[1] == ["Tabell", "Uppdelning", "Mått", "Totalt", "Flickor", "Pojkar"]


def test_a_line_is_a_measure_at_a_place_with_the_sexes_beside_each_other(sheets):
    title = "Registrerade, nya och avslutade, 2023–2024 i jarva"
    assert rows(sheets["Järva"])[2:6] == [
        [title, "2023", "Registrerade vid årets slut", "2930", "1301", "1629"],
        [title, "2023", "Nya", "2909", "1261", "1648"],
        [title, "2023", "Avslutade", "2993", "1302", "1691"],
        [title, "2024", "Registrerade vid årets slut", "2966", "1272", "1694"],
    ]


def test_a_hidden_cell_is_its_symbol_and_a_table_without_the_sexes_has_totals_alone(sheets):
    hidden = [row for row in rows(sheets["Järva"]) if row[1:3] == ["Annan orsak", "Avslutade"]]
    assert [row[3:] for row in hidden] == [["33", "..", ".."]]
    of_city = [row for row in rows(sheets["Hela staden"]) if row[1] == "Studieplats: 3"]
    assert [row[2:] for row in of_city][:2] == [["Kvar", "320", "", ""], ["Har lämnat hittills", "62", "", ""]]


def test_what_is_about_the_whole_city_stands_on_its_sheet_alone(sheets):
    titles = {name: {row[0] for row in rows(sheets[name])[2:]} for name in ("Hela staden", "Järva")}
    assert "Andel som har lämnat registret, nyregistrerade 2023" in titles["Hela staden"]
    assert titles["Järva"] == {
        "Registrerade, nya och avslutade, 2023–2024 i jarva",
        "Avslutade efter orsak, 2024 i jarva",
    }


def test_the_headings_stay_in_sight_and_are_a_table_s_own_in_every_sheet(whole):
    with zipfile.ZipFile(whole / AREA_WORKBOOK) as package:
        parts = {name: package.read(name).decode() for name in package.namelist() if name.endswith(".xml")}
    for number in SHEETS.values():
        sheet = parts[f"xl/worksheets/sheet{number}.xml"]
        assert '<pane xSplit="3" ySplit="2" topLeftCell="D3"' in sheet
        assert "<tablePart " in sheet
        assert "merge" not in sheet
    assert parts["xl/workbook.xml"].count("_xlnm.Print_Titles") == len(SHEETS)
    assert all('headerRowCount="0"' not in text for name, text in parts.items() if name.startswith("xl/tables/"))


def test_the_same_tables_give_the_same_bytes(whole, tmp_path):
    document = read_document(whole.parents[3] / "arsbilaga.ipynb", whole)
    areas = area_tables(whole, of_city=read_store(whole / "store"))
    for name in ("one", "other"):
        write_area_workbook(areas, tmp_path / f"{name}.xlsx", document=document)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "other.xlsx").read_bytes()
    with pytest.raises(BundleError, match=r"minst en tabell om vart och ett"):
        write_area_workbook({**areas, "Tomt": []}, tmp_path / "none.xlsx", document=document)


def test_every_number_is_bound_and_an_unchanged_copy_has_nothing_to_remark_on(whole, tmp_path):
    refuse_unbound(whole)
    path = shutil.copy(whole / AREA_WORKBOOK, tmp_path / "min_omraden.xlsx")
    assert gated(path, whole).bound > 100


@pytest.mark.parametrize(
    ("area", "address", "new", "told"),
    [
        pytest.param("Järva", "D3", "<v>2931</v>", rf"Järva!D3: {CHANGED}", id="a number of a district"),
        pytest.param("Hela staden", "E3", "<v>1302</v>", rf"Hela staden!E3: {CHANGED}", id="a number of the city"),
        pytest.param("Farsta", "D3", "<f>1+1</f><v>2930</v>", FORMULA, id="a formula"),
        pytest.param("Järva", "D2000", "<v>7</v>", UNBOUND, id="a number below"),
    ],
)
def test_an_edited_number_is_refused(whole, tmp_path, area, address, new, told):
    path = shutil.copy(whole / AREA_WORKBOOK, tmp_path / AREA_WORKBOOK)
    part = f"xl/worksheets/sheet{SHEETS[area]}.xml"

    def changed(text: str) -> str:
        if f'r="{address}"' not in text:
            return text.replace("</sheetData>", f'<row r="2000"><c r="{address}">{new}</c></row></sheetData>')
        return re.sub(rf'(<c r="{address}"[^>]*>)<v>[^<]*</v>', rf"\g<1>{new}", text)

    changed_parts(path, {part: changed})
    with pytest.raises(DisclosureError) as refused:
        gated(path, whole)
    assert any(re.search(told, line) for line in refused.value.found), refused.value.found


def test_a_number_in_place_of_a_symbol_is_refused(whole, tmp_path):
    path = shutil.copy(whole / AREA_WORKBOOK, tmp_path / AREA_WORKBOOK)
    sheet = read_workbook((whole / AREA_WORKBOOK).read_bytes()).sheets[SHEETS["Järva"] - 1]
    row, at = next(place for place, cell in sheet.cells.items() if cell.text == "..")
    address = f"{'ABCDEF'[at - 1]}{row}"

    def changed(text: str) -> str:
        return re.sub(rf'<c r="{address}"( s="[0-9]+")? t="s"><v>[0-9]+</v>', rf'<c r="{address}"><v>3</v>', text)

    changed_parts(path, {f"xl/worksheets/sheet{SHEETS['Järva']}.xml": changed})
    with pytest.raises(DisclosureError) as refused:
        gated(path, whole)
    assert f"{AREA_WORKBOOK}: Järva!{address}: {CHANGED}" in refused.value.found


@pytest.mark.parametrize(
    ("part", "old", "new", "told"),
    [
        pytest.param("xl/workbook.xml", 'name="Järva"', 'name="Bromma"', UNKNOWN_AREA, id="another district's name"),
        pytest.param("xl/sharedStrings.xml", "<t>Totalt</t>", "<t>Summa</t>", OTHER_HEAD, id="another heading"),
    ],
)
def test_a_sheet_that_is_no_longer_the_area_s_is_refused(whole, tmp_path, part, old, new, told):
    path = shutil.copy(whole / AREA_WORKBOOK, tmp_path / AREA_WORKBOOK)
    changed_parts(path, {part: lambda text: text.replace(old, new)})
    with pytest.raises(DisclosureError) as refused:
        gated(path, whole)
    assert any(told in line for line in refused.value.found), refused.value.found


def test_a_district_s_store_that_was_changed_is_told(whole, tmp_path):
    bundle = shutil.copytree(whole, tmp_path / "bundle")
    (bundle / AREA_STORES / "jarva" / "index.json").write_text("{}")
    with pytest.raises(DisclosureError, match=r"Releaselagret ska vara just det som skrevs"):
        refuse_unbound(bundle)


def test_whoever_has_the_city_s_bundle_has_the_cells_of_its_districts(whole):
    told = published_in(whole)
    known = {cell.cell_id: cell.value for cell in told.cells}
    for code in AREAS:
        own = [
            (cell_id, value, state)
            for table in read_store(whole / AREA_STORES / code).values()
            for name in table.cell_ids_table
            for cell_id, value, state in zip(
                table.cell_ids_table[name], table.values_table[name], table.states_table[name], strict=True
            )
            if f"district={code}" in cell_id
        ]
        assert len(own) > 30
        assert [known[cell_id] for cell_id, _, _ in own] == [
            int(value) if state == "shown" else None for _, value, state in own
        ]


def test_without_districts_there_is_no_such_workbook(tmp_path):
    alone = make_bundle(tmp_path)
    assert not (alone / AREA_WORKBOOK).exists()
    assert area_tables(alone, of_city={}) == {}


def test_the_districts_of_a_city_s_report_are_the_same_report_with_another_area():
    city, jarva, farsta = order("all"), order("jarva"), order("farsta")
    others = [farsta, jarva, order("bromma", year=2023), order("skarholmen", law="bridged"), order("all", year=2023)]
    assert districts_of(city, others) == {"farsta": farsta, "jarva": jarva}
    assert list(districts_of(city, others)) == ["farsta", "jarva"]
    assert districts_of(jarva, [city, farsta]) == {}
    sheet = read_order(ROOT / "params" / "stadsdelsblad_demo.yaml")
    assert districts_of(city, [sheet]) == {}
