"""The gate on the numbers of finished files: a bundle passes as it was built, and each way of putting in a number of one's own is refused."""

import io
import json
import re
import shutil
import zipfile
from collections import Counter

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.render.gate.data_numbers import FOREIGN_ROW, TWICE
from kaa_analysis.render.gate.figure_numbers import FIGURES
from kaa_analysis.render.gate.sentence_numbers import SENTENCE_CELLS
from kaa_analysis.render.gate.sheet_numbers import FORMULA, UNKNOWN_PART
from kaa_analysis.render.gate.structural_numbers import FORMS, numbers_in, plain, without_forms
from kaa_analysis.render.gate.table_reading import CHANGED, UNBOUND, UNKNOWN_PLACE, UNKNOWN_TABLE
from kaa_analysis.render.gate.unbound import UNKNOWN_FILE, refuse_unbound
from tests.unit.changed_files import OWN, changed_parts, paragraph, part_replaced, replaced
from tests.unit.report_to_gate import RUN, make_bundle

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    return make_bundle(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def bundle(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "reports" / "arsbilaga" / "2024" / RUN)


def found_in(bundle) -> tuple[str, ...]:
    """What the gate tells of a bundle it refuses."""
    with pytest.raises(DisclosureError) as refused:
        refuse_unbound(bundle)
    assert OWN not in str(refused.value)
    return refused.value.found


def pdf_changed(path, change) -> None:
    """Change a PDF in memory and write it again."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(path.read_bytes())))
    change(writer)
    buffer = io.BytesIO()
    writer.write(buffer)
    path.write_bytes(buffer.getvalue())


def test_a_bundle_as_it_was_built_passes_with_every_number_bound_or_structural(bundle) -> None:
    passed = refuse_unbound(bundle)
    assert (passed.files, passed.tables, passed.bound) == (24, 13, 411)
    assert passed.structural["paragrafer"] == 17


def test_every_form_of_sentence_and_figure_is_told_anew_by_the_gate() -> None:
    from kaa_analysis.present.forms import FORMS as SHOWN
    from kaa_analysis.present.sentences import SENTENCES

    assert set(SENTENCE_CELLS) == set(SENTENCES)
    assert set(FIGURES) == {form.removeprefix("figure:") for form in SHOWN if form.startswith("figure:")}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.kind}: {form.example[:20]}")
def test_a_structural_form_takes_out_its_example_and_leaves_the_number_of_its_twin(form) -> None:
    counts = Counter()
    assert numbers_in(without_forms(plain(form.example), counts=counts)) == ()
    assert form.kind in counts
    assert numbers_in(without_forms(plain(form.twin))) != ()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("3", ("3",)),
        ("3 ungdomar", ("3",)),
        ("33,3 %", ("33,3",)),
        ("2\u00a0966 registreringar den 31 december 2024", ("2 966",)),
        ("år 2024: 12", ("12",)),
        ("2 024 ungdomar", ("2 024",)),
        ("2024 flickor", ("2024",)),
        ("1\u20134", ("1", "4")),
        ("Tabell 3 visar 3 ungdomar", ("3",)),
        ("½ av dem, ③ och Ⅳ", ("½", "③", "Ⅳ")),
        ("\uff13 ungdomar", ("3",)),
        ("9 § 3 ungdomar", ("9", "3")),
        ("7 personer enligt 29 kap. 9 §", ("7",)),
        ("12 månader, 13 månader", ("13",)),
        ("avsnitt 7 och 3 ungdomar", ("3",)),
        ("den 31 december 2024 12", ("12",)),
    ],
)
def test_a_number_of_its_own_is_left_when_structural_forms_are_taken_out(text, numbers) -> None:
    assert numbers_in(without_forms(plain(text))) == numbers


HTML_CHANGES = {
    "a digit of a table cell": (
        '<td class="kaa-number">2\u00a0943</td>',
        '<td class="kaa-number">2\u00a0942</td>',
        CHANGED,
    ),
    "the true value in a hidden cell": ('<td class="kaa-number">..</td>', '<td class="kaa-number">3</td>', CHANGED),
    "a word in a hidden cell": ('<td class="kaa-number">..</td>', '<td class="kaa-number">tre</td>', CHANGED),
    "a number in prose": ("räknas under 2024.", f"räknas under 2024. De är {OWN}.", UNBOUND),
    "a number of a cell in prose": ("räknas under 2024.", "räknas under 2024. De är 2\u00a0943.", UNBOUND),
    "a number in a sentence": ("började 2\u00a0943", f"började {OWN}", UNBOUND),
    "a number more in a sentence": ("avslutades.", f"avslutades, {OWN} av dem i juli.", UNBOUND),
    "a caption": ("Avslutade efter orsak, 2024", f"Avslutade efter orsak, {OWN}", UNBOUND),
    "a column heading": (">Nya</th>", f">Nya ({OWN})</th>", UNBOUND, UNKNOWN_PLACE),
    "a comment": ("<main", f"<!-- {OWN} --><main", UNBOUND),
    "a read attribute": ("<main", f'<main aria-label="{OWN}"', UNBOUND),
    "a data attribute": ("<main", f'<main data-n="{OWN}"', UNBOUND),
    "where a list begins": ("<main", f'<ol start="{OWN}"><li>Ett</li></ol><main', UNBOUND),
    "an id": ("<main", f'<main class="n-{OWN}"', UNBOUND),
    "a style's own words": ("</style>", f'p::after {{ content: "{OWN}" }}</style>', UNBOUND),
    "a description in a drawing": ("</desc>", f" {OWN}.</desc>", UNBOUND),
    "a label in a drawing": (">2\u00a0966</text>", ">2\u00a0965</text>", UNBOUND),
    "a row of one's own": ("</tbody>", f'<tr><th scope="row">Övriga</th><td>{OWN}</td></tr></tbody>', UNKNOWN_PLACE),
    "a table of one's own": ("</main>", f"<table><tr><td>Ett</td><td>{OWN}</td></tr></table></main>", UNKNOWN_TABLE),
}


@pytest.mark.parametrize("change", HTML_CHANGES)
def test_a_page_with_a_number_of_ones_own_is_refused(bundle, change) -> None:
    old, new, *kinds = HTML_CHANGES[change]
    replaced(bundle / "report.html", old, new)
    found = found_in(bundle)
    assert {line.rpartition(": ")[2] for line in found} == set(kinds)
    assert all(line.startswith("report.html: ") for line in found)


def test_two_swapped_cells_are_refused_although_both_numbers_are_released(bundle) -> None:
    page = bundle / "report.html"
    text = page.read_text(encoding="utf-8")
    first, second = ('<td class="kaa-number">2\u00a0943</td>', '<td class="kaa-number">2\u00a0907</td>')
    table = text.index('id="tabell-flode"')
    swapped = text[table:].replace(first, "*", 1).replace(second, first, 1).replace("*", second, 1)
    page.write_text(text[:table] + swapped, encoding="utf-8")
    assert found_in(bundle) == (
        f"report.html: tabell-flode, rad 2, kolumn 5: {CHANGED}",
        f"report.html: tabell-flode, rad 2, kolumn 8: {CHANGED}",
    )


def test_two_swapped_numbers_of_a_sentence_are_refused(bundle) -> None:
    replaced(
        bundle / "report.html",
        "2\u00a0943\u00a0registreringar och 2\u00a0907",
        "2\u00a0907\u00a0registreringar och 2\u00a0943",
    )
    assert found_in(bundle) == (f"report.html: viktigast-flode: {UNBOUND}",)


SVG_CHANGES = {
    "a bar's label": ("figur-orsaker", ">841 (28,9\u00a0%)</text>", ">840 (28,9\u00a0%)</text>"),
    "an axis label": ("figur-vagar", ">12</text>", ">13</text>"),
    "a step of the upright axis": ("figur-vagar", ">30\u00a0%</text>", ">31\u00a0%</text>"),
    "a description": ("figur-serie", "2\u00a0930;", "2\u00a0931;"),
    "a title": ("figur-serie", "</title>", f" {OWN}</title>"),
    "a text of one's own": ("figur-serie", "</svg>", f"<text>{OWN}</text></svg>"),
    "metadata": ("figur-serie", "</svg>", f"<metadata>{OWN}</metadata></svg>"),
}


@pytest.mark.parametrize("change", SVG_CHANGES)
def test_a_drawing_with_another_number_is_refused(bundle, change) -> None:
    name, old, new = SVG_CHANGES[change]
    replaced(bundle / "figures" / f"{name}.svg", old, new)
    assert found_in(bundle) == (f"figures/{name}.svg: {name}: {UNBOUND}",)


WORD_CHANGES = {
    "a digit of a table cell": (
        "word/document.xml",
        ">2\u00a0943</w:t></w:r></w:p></w:tc>",
        ">2\u00a0942</w:t></w:r></w:p></w:tc>",
        CHANGED,
    ),
    "the true value in a hidden cell": (
        "word/document.xml",
        ">..</w:t></w:r></w:p></w:tc>",
        ">3</w:t></w:r></w:p></w:tc>",
        CHANGED,
    ),
    "a paragraph": ("word/document.xml", "<w:sectPr", paragraph(f"Vi såg {OWN} ungdomar.") + "<w:sectPr", UNBOUND),
    "a number of a cell in a paragraph": (
        "word/document.xml",
        "<w:sectPr",
        paragraph("Vi såg 2 943.") + "<w:sectPr",
        UNBOUND,
    ),
    "a number split over runs": (
        "word/document.xml",
        "<w:sectPr",
        "<w:p><w:r><w:t>7</w:t></w:r><w:r><w:t>31 ungdomar</w:t></w:r></w:p><w:sectPr",
        UNBOUND,
    ),
    "a deleted number": (
        "word/document.xml",
        "<w:sectPr",
        f"<w:p><w:del><w:r><w:delText>{OWN}</w:delText></w:r></w:del></w:p><w:sectPr",
        UNBOUND,
    ),
    "a field code": (
        "word/document.xml",
        "<w:sectPr",
        f"<w:p><w:r><w:instrText>= {OWN}</w:instrText></w:r></w:p><w:sectPr",
        UNBOUND,
    ),
    "an alternative text": (
        "word/document.xml",
        'descr="Staplar över tid.',
        f'descr="Staplar över tid. {OWN}.',
        UNBOUND,
    ),
    "a table's description": ("word/document.xml", "Antal rader: 2.", f"Antal rader: {OWN}.", UNBOUND),
    "a bookmark": ("word/document.xml", 'w:name="tabell_flode"', f'w:name="n_{OWN}"', UNBOUND),
    "a footnote": (
        "word/footnotes.xml",
        "</w:footnotes>",
        f'<w:footnote w:id="9">{paragraph(OWN)}</w:footnote></w:footnotes>',
        UNBOUND,
    ),
    "a footer": ("word/footer1.xml", "</w:ftr>", f"{paragraph(OWN)}</w:ftr>", UNBOUND),
    "a title": ("docProps/core.xml", "</dc:title>", f" {OWN}</dc:title>", UNBOUND),
    "a property of one's own": ("docProps/custom.xml", "Utkast</vt:lpwstr>", f"{OWN}</vt:lpwstr>", UNBOUND),
    "where a list begins": (
        "word/numbering.xml",
        "</w:numbering>",
        f'<w:num w:numId="9"><w:lvlOverride w:ilvl="0"><w:startOverride w:val="{OWN}"/></w:lvlOverride></w:num></w:numbering>',
        UNBOUND,
    ),
    "a document variable": (
        "word/settings.xml",
        "</w:settings>",
        f'<w:docVars><w:docVar w:name="n" w:val="{OWN}"/></w:docVars></w:settings>',
        UNBOUND,
    ),
}


@pytest.mark.parametrize("change", WORD_CHANGES)
def test_a_word_file_with_a_number_of_ones_own_is_refused_in_every_part(bundle, change) -> None:
    part, old, new, kind = WORD_CHANGES[change]
    part_replaced(bundle / "report.docx", part, old, new)
    [line] = found_in(bundle)
    assert line.startswith("report.docx: ")
    assert line.endswith(f": {kind}")


def test_a_word_comment_and_custom_data_with_a_number_are_refused(bundle) -> None:
    comments = f'<w:comments {W}><w:comment w:id="1" w:author="Anna">{paragraph(OWN)}</w:comment></w:comments>'
    changed_parts(
        bundle / "report.docx",
        {"word/comments.xml": comments.encode(), "customXml/item1.xml": f"<n>{OWN}</n>".encode()},
    )
    assert found_in(bundle) == (
        f"report.docx: customXml/item1.xml, n: {UNBOUND}",
        f"report.docx: word/comments.xml, stycke 1: {UNBOUND}",
    )


def sheet_cell(address: str, inside: str, kind: str = "n") -> str:
    return f'<row r="{address[1:]}"><c r="{address}" t="{kind}">{inside}</c></row></sheetData>'


SHEET = "xl/worksheets/sheet3.xml"
SHEET_CHANGES = {
    "a formula": (SHEET, "</sheetData>", sheet_cell("A90", f"<f>A1</f><v>{OWN}</v>"), FORMULA),
    "a number beside the table": (SHEET, "</sheetData>", sheet_cell("A90", f"<v>{OWN}</v>"), UNBOUND),
    "a text beside the table": (
        SHEET,
        "</sheetData>",
        sheet_cell("A90", f"<is><t>{OWN} st</t></is>", "inlineStr"),
        UNBOUND,
    ),
    "a defined name": (
        "xl/workbook.xml",
        "</definedNames>",
        f'<definedName name="n">{OWN}</definedName></definedNames>',
        UNBOUND,
    ),
    "a sheet's name": ("xl/workbook.xml", 'name="Läs mig"', f'name="Läs {OWN}"', UNBOUND),
    "a footer": (SHEET, "sida &amp;P", f"{OWN} sida &amp;P", UNBOUND),
    "an unused text": ("xl/sharedStrings.xml", "</sst>", f"<si><t>{OWN}</t></si></sst>", UNBOUND),
    "a number format": (
        "xl/styles.xml",
        "</numFmts>",
        f'<numFmt numFmtId="190" formatCode="&quot;{OWN}&quot;"/></numFmts>',
        UNBOUND,
    ),
    "a property": ("docProps/core.xml", "</dc:title>", f" {OWN}</dc:title>", UNBOUND),
    "a rule for input": (
        SHEET,
        "<pageMargins",
        f"<dataValidations><dataValidation><formula1>{OWN}</formula1></dataValidation></dataValidations><pageMargins",
        UNBOUND,
    ),
}


@pytest.mark.parametrize("change", SHEET_CHANGES)
def test_a_workbook_with_a_number_of_ones_own_is_refused_wherever_it_hides(bundle, change) -> None:
    part, old, new, kind = SHEET_CHANGES[change]
    part_replaced(bundle / "tables.xlsx", part, old, new)
    found = found_in(bundle)
    assert {line.rpartition(": ")[2] for line in found} == {kind}
    assert all(line.startswith("tables.xlsx: ") for line in found)


def test_a_changed_cell_of_a_workbook_is_told_by_its_address(bundle) -> None:
    with zipfile.ZipFile(bundle / "tables.xlsx") as package:
        sheet = package.read("xl/worksheets/sheet2.xml").decode()
    address = re.search(r'<c r="([A-Z]+[0-9]+)"[^>]*><v>2943</v>', sheet)[1]
    part_replaced(bundle / "tables.xlsx", "xl/worksheets/sheet2.xml", "<v>2943</v>", "<v>2942</v>")
    assert found_in(bundle) == (f"tables.xlsx: 1 Registrerade, nya och!{address}: {CHANGED}",)


def test_a_pivot_cache_and_a_chart_in_a_workbook_are_refused(bundle) -> None:
    cache = f'<pivotCacheRecords><r><n v="{OWN}"/></r></pivotCacheRecords>'.encode()
    changed_parts(
        bundle / "tables.xlsx", {"xl/pivotCache/pivotCacheRecords1.xml": cache, "xl/charts/chart1.xml": b"<c/>"}
    )
    assert found_in(bundle) == (
        f"tables.xlsx: xl/charts/chart1.xml: {UNKNOWN_PART}",
        f"tables.xlsx: xl/pivotCache/pivotCacheRecords1.xml: {UNKNOWN_PART}",
    )


def test_a_comment_in_a_workbook_is_refused(bundle) -> None:
    comments = f"<comments><commentList><comment><text><t>{OWN}</t></text></comment></commentList></comments>".encode()
    changed_parts(bundle / "tables.xlsx", {"xl/comments1.xml": comments})
    assert found_in(bundle) == (f"tables.xlsx: xl/comments1.xml, t: {UNBOUND}",)


CSV_CHANGES = {
    "a value": (",2943,shown", ",2942,shown", f"rad 12: {CHANGED}"),
    "a state": (",2943,shown", ",2943,rounded", f"rad 12: {CHANGED}"),
    "a place": (",2024,all,2943", ",2023,all,2943", f"rad 12: {CHANGED}"),
    "another cell's id": (
        "entries|extract=2025-01-31|period=2024,",
        "entries|extract=2025-01-31|period=2024|sex=none,",
        f"rad 12: {FOREIGN_ROW}",
    ),
}


@pytest.mark.parametrize("change", CSV_CHANGES)
def test_a_changed_row_of_the_open_data_is_refused(bundle, change) -> None:
    old, new, line = CSV_CHANGES[change]
    replaced(bundle / "data" / "stock_and_flow.csv", old, new)
    assert found_in(bundle) == (f"data/stock_and_flow.csv: {line}",)


def test_a_row_that_stands_twice_and_a_hidden_value_in_the_open_data_are_refused(bundle) -> None:
    path = bundle / "data" / "exits_by_reason.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    hidden = next(place for place, line in enumerate(lines) if line.endswith(",,protected"))
    lines[hidden] = lines[hidden].replace(",,protected", ",3,protected")
    path.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    assert found_in(bundle) == (
        f"data/exits_by_reason.csv: rad {hidden + 1}: {CHANGED}",
        f"data/exits_by_reason.csv: rad {len(lines) + 1}: {TWICE}",
    )


def test_an_equation_and_a_description_of_data_that_are_not_the_stores_are_refused(bundle) -> None:
    with (bundle / "data" / "equations.csv").open("a", encoding="utf-8") as stream:
        stream.write("en egen,entries|extract=2025-01-31|period=2024,2\n")
    replaced(bundle / "data" / "stock_and_flow.json", '"note": ""', f'"note": "Minst {OWN}"')
    n_lines = len((bundle / "data" / "equations.csv").read_text(encoding="utf-8").splitlines())
    assert found_in(bundle) == (
        f"data/equations.csv: rad {n_lines}: {FOREIGN_ROW}",
        f"data/stock_and_flow.json: note: {UNBOUND}",
    )


def test_a_released_number_in_a_description_of_data_or_a_manifest_is_refused_where_it_does_not_belong(bundle) -> None:
    replaced(bundle / "data" / "stock_and_flow.json", '"note": ""', '"note": "2943"')
    record = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    record["extract"]["rows"] = 2943
    (bundle / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    assert found_in(bundle) == (
        f"data/stock_and_flow.json: note: {UNBOUND}",
        f"manifest.json: extract.rows: {UNBOUND}",
    )


def test_the_numbers_of_a_sentence_in_another_paragraph_of_the_page_are_refused(bundle) -> None:
    replaced(bundle / "report.html", "räknas under 2024.", "räknas under 2024. De nya är 2\u00a0943, mot 2\u00a0907.")
    [line] = found_in(bundle)
    assert line.startswith("report.html: rad ")
    assert line.endswith(UNBOUND)


def test_a_count_on_the_review_page_is_refused_although_the_policy_has_that_number(bundle) -> None:
    replaced(bundle / "qa.html", '<h2 id="avsnitt-att-ta-stallning-till">', '<p>4 ungdomar saknas.</p><h2 id="x">')
    [line] = found_in(bundle)
    assert line.startswith("qa.html: rad ")
    assert line.endswith(UNBOUND)


def test_a_number_in_manifest_or_clock_is_refused(bundle) -> None:
    for name in ("manifest.json", "run.json"):
        record = json.loads((bundle / name).read_text(encoding="utf-8"))
        (bundle / name).write_text(json.dumps(record | {"hidden": f"{OWN} st"}), encoding="utf-8")
    assert found_in(bundle) == (f"manifest.json: hidden: {UNBOUND}", f"run.json: {UNBOUND}")


def test_a_number_on_the_pages_beside_the_report_is_refused(bundle) -> None:
    replaced(bundle / "qa.html", "Antal som avslöjar", f"Antal ({OWN}) som avslöjar")
    replaced(bundle / "skillnad.html", "Det finns ingen tidigare", f"Det finns {OWN} tidigare")
    found = found_in(bundle)
    assert [line.partition(":")[0] for line in found] == ["qa.html", "skillnad.html"]


def test_a_wrong_count_of_protected_cells_on_the_review_page_is_refused(bundle) -> None:
    page = bundle / "qa.html"
    text = page.read_text(encoding="utf-8")
    at = text.index('id="qa-skydd"')
    page.write_text(
        text[:at] + text[at:].replace('<td class="kaa-number">18</td>', '<td class="kaa-number">17</td>', 1),
        encoding="utf-8",
    )
    assert found_in(bundle) == (f"qa.html: qa-skydd, rad 1: {CHANGED}",)


def test_a_file_of_another_kind_is_refused(bundle) -> None:
    (bundle / "extra.txt").write_text("ord", encoding="utf-8")
    assert found_in(bundle) == (f"extra.txt: {UNKNOWN_FILE}",)


def add_title(writer: PdfWriter) -> None:
    writer.add_metadata({"/Subject": f"{OWN} ungdomar"})


def add_note(writer: PdfWriter) -> None:
    writer.add_annotation(0, FreeText(text=f"{OWN} ungdomar", rect=(0, 0, 50, 50)))


def add_bookmark(writer: PdfWriter) -> None:
    writer.add_outline_item(title=f"{OWN} ungdomar", page_number=0)


def add_drawn_text(writer: PdfWriter) -> None:
    page = writer.pages[0]
    stream = DecodedStreamObject()
    stream.set_data(page.get_contents().get_data() + f"\nBT /F1 9 Tf 3 Tr 20 20 Td ({OWN}) Tj ET".encode())
    page[NameObject("/Contents")] = writer._add_object(stream)


def change_alternative(writer: PdfWriter) -> None:
    figure = next(
        item for item in (entry.get_object() for entry in writer._objects) if isinstance(item, dict) and "/Alt" in item
    )
    figure[NameObject("/Alt")] = TextStringObject(f"Staplar. {OWN}")


def add_replaced_text(writer: PdfWriter) -> None:
    page = writer.pages[0]
    stream = DecodedStreamObject()
    stream.set_data(page.get_contents().get_data() + f"\n/Span <</ActualText({OWN})>> BDC EMC".encode())
    page[NameObject("/Contents")] = writer._add_object(stream)


def add_look_of_note(writer: PdfWriter) -> None:
    look = DecodedStreamObject()
    look.set_data(f"BT /F1 9 Tf ({OWN}) Tj ET".encode())
    look[NameObject("/Subtype")] = NameObject("/Form")
    note = FreeText(text="ord", rect=(0, 0, 50, 50))
    note[NameObject("/AP")] = DictionaryObject({NameObject("/N"): writer._add_object(look)})
    writer.add_annotation(0, note)


PDF_CHANGES = {
    "words in place of what is drawn": (add_replaced_text, "sida 1"),
    "the look of a note": (add_look_of_note, "sida 1"),
    "metadata": (add_title, "egenskapen Subject"),
    "a note": (add_note, "egenskapen Contents"),
    "a bookmark": (add_bookmark, "egenskapen Title"),
    "text that nobody sees": (add_drawn_text, "sida 1"),
    "an alternative text": (change_alternative, "egenskapen Alt"),
}


@pytest.mark.parametrize("change", PDF_CHANGES)
def test_a_pdf_with_a_number_of_ones_own_is_refused(bundle, change) -> None:
    add, place = PDF_CHANGES[change]
    pdf_changed(bundle / "report.pdf", add)
    assert f"report.pdf: {place}: {UNBOUND}" in found_in(bundle)


def test_a_pdf_page_with_another_number_in_a_table_cell_is_refused(bundle, whole) -> None:
    from kaa_analysis.render.gate.page_texts import page_texts

    texts = [text for page in PdfReader(whole / "report.pdf").pages for _, text in page_texts(page)]
    assert "2\u00a0943" in texts

    def swap(writer: PdfWriter) -> None:
        for page in writer.pages:
            data = page.get_contents().get_data()
            marks = re.findall(rb"/MCID (\d+)", data)
            if len(marks) > 60:
                first, second = _cells_of(page, "2\u00a0943", "2\u00a0907")
                if first is not None and second is not None:
                    stream = DecodedStreamObject()
                    stream.set_data(_marks_swapped(data, first, second))
                    page[NameObject("/Contents")] = writer._add_object(stream)

    pdf_changed(bundle / "report.pdf", swap)
    found = found_in(bundle)
    assert {line.rpartition(": ")[2] for line in found} == {CHANGED}
    assert len(found) == 2


def _cells_of(page, *wanted: str) -> list[int | None]:
    from kaa_analysis.render.gate.page_texts import page_texts

    by_text: dict[str, int] = {}
    for mark, text in page_texts(page):
        by_text[text] = mark
    return [by_text.get(text) for text in wanted]


def _marks_swapped(data: bytes, first: int, second: int) -> bytes:
    numbers = {b"%d" % first: b"%d" % second, b"%d" % second: b"%d" % first}
    return re.sub(rb"/MCID (\d+)", lambda found: b"/MCID " + numbers.get(found[1], found[1]), data)


def test_a_picture_with_words_in_it_is_refused(bundle) -> None:
    import struct
    import zlib

    with zipfile.ZipFile(bundle / "report.docx") as package:
        picture = next(package.read(name) for name in package.namelist() if name.endswith(".png"))
    payload = b"Comment\0" + OWN.encode()
    chunk = struct.pack(">I", len(payload)) + b"tEXt" + payload + struct.pack(">I", zlib.crc32(b"tEXt" + payload))
    (bundle / "figures" / "figur.png").write_bytes(picture[:33] + chunk + picture[33:])
    assert found_in(bundle) == (f"figures/figur.png: tEXt: {UNBOUND} (2 gånger)",)


def test_a_hidden_sheet_with_a_number_is_refused(bundle) -> None:
    sheet = f'<worksheet><sheetData><row r="1" hidden="1"><c r="A1"><v>{OWN}</v></c></row></sheetData></worksheet>'
    changed_parts(
        bundle / "tables.xlsx",
        {
            "xl/worksheets/sheet99.xml": sheet.encode(),
            "xl/workbook.xml": lambda text: text.replace(
                "</sheets>", '<sheet name="Dolt" sheetId="99" state="veryHidden" r:id="rId99"/></sheets>'
            ),
            "xl/_rels/workbook.xml.rels": lambda text: text.replace(
                "</Relationships>", '<Relationship Id="rId99" Target="worksheets/sheet99.xml"/></Relationships>'
            ),
        },
    )
    assert found_in(bundle) == (f"tables.xlsx: ett blad!A1: {UNBOUND}",)


@pytest.fixture(scope="session")
def changed(whole, tmp_path_factory):
    return make_bundle(tmp_path_factory.mktemp("changed"), run="ba9876543210", more=1, before=whole)


DIFFERENCES = {
    "the value before": ("2\u00a0943</td>", "2\u00a0942</td>", CHANGED),
    "the value after": ("2\u00a0944</td>", "2\u00a0945</td>", CHANGED),
    "a place that no cell has": (
        ">Period: 2024, Kön: Flickor</th>",
        ">Period: 2024, Kön: Okänt</th>",
        f"{UNBOUND} (2 gånger)",
    ),
    "words beside the tables": ("Allt annat är en skillnad.", f"Allt annat är {OWN} skillnader.", UNBOUND),
}


@pytest.mark.parametrize("change", DIFFERENCES)
def test_the_page_of_differences_is_bound_to_the_cells_of_both_bundles(whole, changed, tmp_path, change) -> None:
    bundle = shutil.copytree(changed, tmp_path / "bundle")
    assert refuse_unbound(bundle, earlier=whole).tables == 13
    old, new, kind = DIFFERENCES[change]
    replaced(bundle / "skillnad.html", old, new)
    with pytest.raises(DisclosureError) as refused:
        refuse_unbound(bundle, earlier=whole)
    assert {line.rpartition(": ")[2] for line in refused.value.found} == {kind}
    assert {line.partition(":")[0] for line in refused.value.found} == {"skillnad.html"}
