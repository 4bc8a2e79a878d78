"""The files of a bundle: the page, the workbook and the open data."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace

import nbformat.v4 as nbformat
import openpyxl
import pandas as pd
import pytest

from kaa_analysis.core.errors import BundleError, DisclosureError, NotebookError
from kaa_analysis.core.result import Count, Dimension, Estimate, Method, Share, Text
from kaa_analysis.disclosure.released import SEAL, Mark, Released
from kaa_analysis.present.exhibit import Exhibit
from kaa_analysis.present.forms import exhibit
from kaa_analysis.render.data_files.open_data import metadata, write_open_data
from kaa_analysis.render.data_files.workbook import sheet_names, write_workbook
from kaa_analysis.render.document import Document, Prose, document_of
from kaa_analysis.render.pages.html_page import anchored, page, page_of_document


def make_released(table_id: str = "stock_by_district", *, mark: Mark = Mark.DRAFT, title: str = "Bestånd") -> Released:
    """Return three rows: a total, a true zero, and a row whose numbers are hidden, unknown or not applicable."""
    district = Dimension(
        "district", "Område", {"all": "Hela staden", "farsta": "Farsta", "jarva": "Järva"}, total="all"
    )
    columns = (
        district,
        Count("n", "Antal", measure="stock", unit="spells"),
        Share("share", "Andel", "n", "n_all"),
        Estimate("days", "Dagar", ("n",), digits=1),
        Text("why", "Anmärkning"),
    )
    names = [column.name for column in columns]
    rows = [["all", 1530, 1.0, 87.3, "alla"], ["farsta", 0, 0.0, None, ""], ["jarva", None, None, None, "få"]]
    states = [
        ["shown"] * 5,
        ["shown", "shown", "shown", "not_applicable", "shown"],
        ["shown", "protected", "protected", "unknown", "shown"],
    ]
    ids = ["stock|day=2024-12-31", "stock|day=2024-12-31|district=farsta", "stock|day=2024-12-31|district=jarva"]
    return Released(
        id=table_id,
        title=title,
        columns=columns,
        values_table=pd.DataFrame(rows, columns=names, dtype=object),
        states_table=pd.DataFrame(states, columns=names, dtype=object),
        cell_ids_table=pd.DataFrame({"n": ids}),
        context={"extract": "2025-01-15"},
        note="En not.",
        source="BER-uttag 2025-01-15",
        mark=mark,
        policy_hash="0" * 64,
        seal=SEAL,
    )


TEXT = "Syfte.\n\n## Vilka är de?\n\nText.\n\n### Hur man läser\n\nMer."


def make_document(*blocks: Prose | Exhibit, draft: bool = True) -> Document:
    shown = exhibit(make_released(), slug="tabell-ett", form="table").numbered("Tabell 1")
    facts = (("Period", "2024"), ("Nämnd", "Nämnden för <prov>"))
    return Document("Rapporten", facts, blocks or (Prose(TEXT), shown), "0123456789ab", "2025-01-31", draft)


def test_the_page_of_a_document_has_one_h1_in_swedish_and_headings_in_order():
    html = page_of_document(make_document())
    assert html.startswith('<!DOCTYPE html>\n<html lang="sv">')
    assert re.findall(r"<h(\d)[^>]*>(.*?)</h", html) == [
        ("1", "Rapporten"),
        ("2", "Vilka är de?"),
        ("3", "Hur man läser"),
    ]
    assert "<title>Rapporten – utkast</title>" in html
    assert '<li><a href="#avsnitt-vilka-ar-de">Vilka är de?</a></li>' in html
    assert '<h2 id="avsnitt-vilka-ar-de">Vilka är de?</h2>' in html


def test_the_page_tells_the_facts_under_the_title_and_the_run_at_its_end():
    html = page_of_document(make_document())
    assert html.count("Nämnden för &lt;prov&gt;") == 1
    assert html.count("Körning 0123456789ab") == 1


def test_the_page_shows_exhibits_as_they_are_with_their_numbers():
    document = make_document()
    html = page_of_document(document)
    (shown,) = document.exhibits()
    assert shown.html in html
    assert '<span class="kaa-label">Tabell 1.</span> Bestånd' in shown.html
    assert "¶" not in html


def test_the_page_runs_and_fetches_nothing():
    html = page_of_document(make_document())
    assert re.findall(r"<script|<link|<iframe|@import|\bsrc=|url\((?!data:)", html) == []
    assert re.findall(r"https?://[^\s\"']*", html) == []


def test_the_page_has_a_skip_link_a_contents_list_and_a_footer_and_is_the_same_each_time():
    html = page_of_document(make_document())
    parts = [
        'href="#kaa-main"',
        '<main id="kaa-main"',
        "<nav ",
        "<footer ",
        "prefers-color-scheme: dark",
        "@media print",
    ]
    assert [part for part in parts if part not in html] == []
    assert html == page_of_document(make_document())


def test_the_draft_mark_is_words_and_goes_away():
    assert "<strong>UTKAST</strong>" in page_of_document(make_document())
    assert "UTKAST" not in page_of_document(make_document(draft=False))


def test_markup_in_prose_is_shown_as_the_text_it_is():
    html = page_of_document(make_document(Prose("Se <b onclick=x>här</b>.")))
    assert "<b onclick" not in html
    assert "&lt;b onclick=x&gt;här" in html


def committed(*sources: str) -> nbformat.NotebookNode:
    cells = [nbformat.new_markdown_cell(source, id=f"cell-{place}") for place, source in enumerate(sources)]
    return nbformat.new_notebook(cells=cells)


PAGE = {"facts": [["Period", "2024"]], "run": "0123456789ab", "extract_date": "2025-01-31", "draft": True}


def test_a_document_is_the_notebook_in_order_with_numbered_exhibits_and_a_legend_last():
    tables = [exhibit(make_released(), slug=f"tabell-{name}", form="table") for name in ("ett", "tre")]
    figure = exhibit(make_released(), slug="figur-ett", form="figure:bars")
    notebook = committed("# Titeln\n\nSyftet.", "## Fråga", "Efter.")
    document = document_of(notebook, {1: [tables[0], figure], 2: [tables[1]]}, page=PAGE)
    assert (document.title, document.facts, document.day) == ("Titeln", (("Period", "2024"),), "2025-01-31")
    found = [block.markdown if isinstance(block, Prose) else (block.slug, block.label) for block in document.blocks]
    assert found[:-1] == [
        "Syftet.",
        "## Fråga",
        ("tabell-ett", "Tabell 1"),
        ("figur-ett", "Figur 1"),
        "Efter.",
        ("tabell-tre", "Tabell 2"),
    ]
    assert found[-1].splitlines()[:3] == ["## Teckenförklaring", "", "* **–** inget finns att redovisa (noll)"]


def test_a_figure_has_its_method_in_a_folded_box():
    method = Method("Personer.", "Dagen <före>.", "Räknas inte.", "1 §.")
    released = replace(make_released(), method=method, seal=SEAL)
    html = exhibit(released, slug="figuren", form="figure:bars").html
    assert (
        '<details class="kaa-method"><summary>Så är det räknat</summary><dl>'
        "<dt>Vad som räknas</dt><dd>Personer.</dd><dt>Tid</dt><dd>Dagen &lt;före&gt;.</dd>"
        "<dt>Saknade uppgifter</dt><dd>Räknas inte.</dd><dt>Grund</dt><dd>1 §.</dd></dl></details>"
    ) in html
    assert "kaa-method" not in exhibit(released, slug="tabellen", form="table").html


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("<h1>En till</h1>", "andra h1"),
        ("<h2>Två</h2><h4>Fyra</h4>", "hoppar från nivå 2 till 4"),
        ('<p id="a">1</p><p id="a">2</p>', '"a" används som id 2 gånger'),
        ("<script>x</script>", "<script"),
        ('<img src="https://example.org/a.png">', "src="),
    ],
)
def test_a_page_that_breaks_the_rules_is_refused(body, problem):
    with pytest.raises(NotebookError, match=re.escape(problem)):
        page(title="T", facts=[], body_html=body, toc=[], draft=False)


def test_headings_with_the_same_words_get_different_anchors():
    body, contents = anchored("<h2>Så läser du</h2><h2>Så läser du</h2>")
    assert contents == [("avsnitt-sa-laser-du", "Så läser du"), ("avsnitt-sa-laser-du-2", "Så läser du")]
    assert body == '<h2 id="avsnitt-sa-laser-du">Så läser du</h2><h2 id="avsnitt-sa-laser-du-2">Så läser du</h2>'


def test_a_title_is_text_not_markup():
    html = page(title="A & <B>", facts=[], body_html="<p>x</p>", toc=[], draft=False)
    assert "<h1>A &amp; &lt;B&gt;</h1>" in html


def test_the_workbook_has_numbers_as_numbers_and_symbols_as_text(tmp_path):
    path = tmp_path / "tables.xlsx"
    write_workbook([make_released()], path, document=make_document())
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Läs mig", "1 Bestånd"]
    sheet = book["1 Bestånd"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["Bestånd", None, None, None, None],
        ["En not.", None, None, None, None],
        ["Källa: BER-uttag 2025-01-15.", None, None, None, None],
        [None] * 5,
        ["Område", "Antal", "Andel", "Dagar", "Anmärkning"],
        ["Hela staden", 1530, 1, 87.3, "alla"],
        ["Farsta", 0, 0, ".", ""],
        ["Järva", "..", "..", "x", "få"],
    ]
    assert [sheet.cell(7, column).number_format for column in (2, 3)] == ['#,##0;−#,##0;"–"', "0.0 %"]
    assert sheet.freeze_panes == "B6"
    assert [(found.ref, found.headerRowCount) for found in sheet.tables.values()] == [("A5:E8", 1)]
    assert len(sheet.merged_cells.ranges) == 0


def test_a_p_value_is_a_number_in_the_workbook_unless_it_is_below_its_step(tmp_path):
    group = Dimension("test", "Test", {"a": "A", "b": "B"})
    columns = (group, Count("n", "Antal", measure="stock", unit="spells"), Estimate("p_value", "p-värde", ("n",)))
    made = make_released()
    values = pd.DataFrame([["a", 20, 0.0], ["b", 20, 0.043]], columns=["test", "n", "p_value"], dtype=object)
    states = pd.DataFrame("shown", index=values.index, columns=values.columns, dtype=object)
    ids = pd.DataFrame({"n": ["a", "b"]})
    table = replace(made, columns=columns, values_table=values, states_table=states, cell_ids_table=ids, seal=SEAL)
    write_workbook([table], tmp_path / "tables.xlsx", document=make_document())
    sheet = openpyxl.load_workbook(tmp_path / "tables.xlsx")["1 Bestånd"]
    assert [cell.value for cell in sheet["C"][-2:]] == ["<0,001", 0.043]
    assert sheet["C"][-1].number_format == "#,##0.000"


def test_the_first_sheet_tells_title_facts_symbols_and_sheets(tmp_path):
    path = tmp_path / "tables.xlsx"
    write_workbook([make_released()], path, document=make_document())
    first = openpyxl.load_workbook(path)["Läs mig"]
    pairs = [(row[0].value, row[1].value) for row in first.iter_rows(max_col=2) if row[0].value is not None]
    assert pairs == [
        ("Rapporten", None),
        ("UTKAST", "Inte fastställt. Får inte spridas som färdig rapport."),
        ("Period", "2024"),
        ("Nämnd", "Nämnden för <prov>"),
        ("Körning", "0123456789ab"),
        ("Teckenförklaring", None),
        ("–", "inget finns att redovisa (noll)"),
        ("..", "värdet visas inte, för att ingen enskild ska kunna pekas ut"),
        ("x", "uppgiften är okänd"),
        (".", "uppgift kan inte förekomma"),
        ("Blad", None),
        ("1 Bestånd", "Bestånd"),
    ]
    last = [cell.value for cell in first[first.max_row]]
    assert last == ["1 Bestånd", "Bestånd", "Tabell 1", "data/stock_by_district.csv"]


def test_the_workbook_has_equal_bytes_each_time(tmp_path):
    paths = [tmp_path / "one.xlsx", tmp_path / "two.xlsx"]
    for path in paths:
        write_workbook([make_released(), make_released("other")], path, document=make_document())
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_an_empty_workbook_is_refused(tmp_path):
    with pytest.raises(BundleError, match="minst en tabell"):
        write_workbook([], tmp_path / "tables.xlsx", document=make_document())


def test_tables_that_may_not_leave_the_room_are_not_written(tmp_path):
    inside = [make_released(), make_released("inside", mark=Mark.INSIDE_ROOM)]
    with pytest.raises(DisclosureError, match="inside"):
        write_workbook(inside, tmp_path / "tables.xlsx", document=make_document())
    with pytest.raises(DisclosureError, match="inside"):
        write_open_data(inside, tmp_path / "data")
    assert list(tmp_path.iterdir()) == []


def test_sheet_names_are_numbered_words_of_the_title_that_fit():
    titles = [
        "Bestånd",
        "Bestånd",
        "Registrerade per stadsdelsområde och kön, 2022–2024",
        "A" * 40,
        "Nya/avslutade [alla]",
    ]
    tables = [make_released(title=title) for title in titles]
    assert sheet_names(tables) == [
        "1 Bestånd",
        "2 Bestånd",
        "3 Registrerade per",
        "4",
        "5 Nya avslutade alla",
    ]


def test_the_csv_is_long_and_hidden_values_are_empty(tmp_path):
    csv_path, json_path = write_open_data([make_released()], tmp_path / "data")
    with csv_path.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.reader(stream))
    table = "stock_by_district"
    day, extract = "stock|day=2024-12-31", "extract=2025-01-15"
    assert lines == [
        ["cell_id", "table", "measure", "district", "why", "value", "state"],
        [day, table, "stock", "all", "alla", "1530", "shown"],
        [f"{table}.share|{extract}", table, "share", "all", "alla", "1.000", "shown"],
        [f"{table}.days|{extract}", table, "days", "all", "alla", "87.3", "shown"],
        [f"{day}|district=farsta", table, "stock", "farsta", "", "0", "shown"],
        [f"{table}.share|district=farsta|{extract}", table, "share", "farsta", "", "0.000", "shown"],
        [f"{table}.days|district=farsta|{extract}", table, "days", "farsta", "", "", "not_applicable"],
        [f"{day}|district=jarva", table, "stock", "jarva", "få", "", "protected"],
        [f"{table}.share|district=jarva|{extract}", table, "share", "jarva", "få", "", "protected"],
        [f"{table}.days|district=jarva|{extract}", table, "days", "jarva", "få", "", "unknown"],
    ]
    assert b"\r" not in csv_path.read_bytes()
    assert json.loads(json_path.read_text(encoding="utf-8")) == metadata(make_released())


def test_the_metadata_names_columns_codes_units_and_states():
    told = metadata(make_released())
    assert told["columns"] == ["cell_id", "table", "measure", "district", "why", "value", "state"]
    assert told["measures"] == [
        {"measure": "stock", "column": "n", "label": "Antal", "role": "count", "unit": "spells", "regardless_of": []},
        {
            "measure": "share",
            "column": "share",
            "label": "Andel",
            "role": "share",
            "digits": 3,
            "numerator": "n",
            "denominator": "n_all",
        },
        {"measure": "days", "column": "days", "label": "Dagar", "role": "estimate", "digits": 1},
    ]
    assert told["dimensions"][0]["codes"] == {"all": "Hela staden", "farsta": "Farsta", "jarva": "Järva"}
    assert set(told["states"]) == {"shown", "rounded", "protected", "unknown", "not_applicable"}
