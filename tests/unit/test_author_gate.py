"""The gate on the texts that authors write: each figure is that of its released cell, in every format, and no other number passes."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile

import pytest
from pypdf import PdfReader

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Count
from kaa_analysis.disclosure.released import State
from kaa_analysis.present.reading import Point
from kaa_analysis.render.gate.author_numbers import told_text
from kaa_analysis.render.gate.edited import refuse_edits
from kaa_analysis.render.gate.released_lines import LineCell
from kaa_analysis.render.gate.scan import Forbidden
from kaa_analysis.render.gate.structural_numbers import plain
from kaa_analysis.render.gate.table_reading import CHANGED, UNBOUND
from kaa_analysis.render.gate.unbound import refuse_unbound
from kaa_analysis.render.texts.author_texts import text_problems
from kaa_analysis.render.texts.released_figures import HIDDEN_WORDS
from tests.unit.changed_files import OWN, changed_parts, part_replaced, replaced
from tests.unit.report_to_gate import RUN
from tests.unit.texts_to_gate import TEXT, bundle_with_texts

NBSP = "\u00a0"
CHANGED_MARK = "(ändrat sedan texten skrevs)"


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    return bundle_with_texts(tmp_path_factory.mktemp("whole"), texts={"forslag": TEXT})


@pytest.fixture
def bundle(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "reports" / "arsbilaga" / "2024" / RUN)


def found_in(bundle) -> tuple[str, ...]:
    with pytest.raises(DisclosureError) as refused:
        refuse_unbound(bundle)
    assert OWN not in str(refused.value)
    return refused.value.found


def author_html(bundle) -> str:
    page = (bundle / "report.html").read_text(encoding="utf-8")
    return re.search(r'<div class="kaa-author" id="forslag">.*?</div>', page, re.DOTALL)[0]


def test_the_text_stands_filled_in_under_its_heading_and_passes_the_gate(bundle) -> None:
    assert text_problems("forslag.md", TEXT) == []
    assert re.sub(r"<[^>]+>", "", author_html(bundle)).split("\n") == [
        "Förslag till förändringar",
        "Läget",
        f"Vid årets slut var 2{NBSP}966 {CHANGED_MARK} registreringar öppna, av dem 1{NBSP}272 flickors.",
        "",
        f"Andelen som började studera var 70,1{NBSP}% bland pojkarna.",
        "Av annan orsak slutade (visas inte) flickor.",
        "",
        "Beslut fattas den 20 februari 2025, dnr AMF 2025/17, telefon 08-508 25 000.",
        "",
    ]
    in_each_format, on_the_review_page = 3 + 3, 2  # three figures and the three parts of a phone number
    assert refuse_unbound(bundle).bound == 411 + 3 * in_each_format + on_the_review_page


def test_word_and_pdf_say_the_same_as_the_page(bundle) -> None:
    with zipfile.ZipFile(bundle / "report.docx") as package:
        words = re.sub(r"<[^>]+>", "", package.read("word/document.xml").decode())
    pages = " ".join(page.extract_text() for page in PdfReader(bundle / "report.pdf").pages)
    for text in (words, " ".join(pages.split())):
        plain = text.replace(NBSP, " ")
        assert f"2 966 {CHANGED_MARK} registreringar öppna, av dem 1 272 flickors." in plain
        assert "slutade (visas inte) flickor" in plain


def test_a_text_that_nobody_has_written_leaves_no_heading(bundle) -> None:
    assert "Förvaltningens analys" not in (bundle / "report.html").read_text(encoding="utf-8")


def test_the_review_page_tells_what_was_seen_and_what_is_released(bundle) -> None:
    page = (bundle / "qa.html").read_text(encoding="utf-8")
    table = re.search(r'id="qa-texter".*?</table>', page, re.DOTALL)[0]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>.*?</tr>", table)]
    assert rows == [
        ["Avsnitt", "Hänvisning", "När texten skrevs", "I rapporten"],
        ["Förslag till förändringar", "{stock_end:2024:all}", "2 930", f"2{NBSP}966"],
        ["Förslag till förändringar", "{n_exits_by_reason:2024:reason=other,sex=female}", "", "visas inte"],
    ]


def test_only_shown_indicators_are_defined(bundle) -> None:
    page = (bundle / "report.html").read_text(encoding="utf-8")
    names = re.findall(r"<strong>Antal (\w+)\.</strong>", page)
    assert names == ["stock_end", "entries", "exits_by_reason", "n_exits_by_reason"]
    assert "<em>Källa:</em> 29 kap. 9 § skollagen." in page


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"2{NBSP}966 {CHANGED_MARK}", f"{OWN} {CHANGED_MARK}"),
        (f"1{NBSP}272 flickors", f"1{NBSP}334 flickors"),
        (f"70,1{NBSP}% bland", f"69,7{NBSP}% bland"),
        ("slutade (visas inte) flickor", f"slutade {OWN} flickor"),
        ("telefon 08-508 25 000", "telefon 08-508 25 001"),
        ("dnr AMF 2025/17", f"dnr AMF 2025/17 och {OWN}"),
        ("<li>Av annan", f"<li>{OWN} av annan"),
    ],
)
def test_a_page_with_another_number_in_a_text_is_refused(bundle, old, new) -> None:
    replaced(bundle / "report.html", old, new)
    assert found_in(bundle) == (f"report.html: forslag: {UNBOUND}",)


@pytest.mark.parametrize(
    ("value", "state"),
    [(1234, "shown"), (0, "shown"), (120, "rounded"), (0, "rounded"), (None, "protected")],
)
def test_the_gate_writes_a_cell_of_its_own_as_the_text_does(value, state) -> None:
    column = Count("n", "Antal", measure="exits", rounded_to=10)
    cell, point = LineCell(column, value, State(state), ""), Point(value, State(state), column)
    said = point.prose if point.known else HIDDEN_WORDS[point.state].strip("()")
    assert told_text(cell) == plain(said)


def test_two_swapped_figures_of_a_paragraph_are_refused(bundle) -> None:
    page = bundle / "report.html"
    replaced(page, f"2{NBSP}966 {CHANGED_MARK}", f"1{NBSP}272 {CHANGED_MARK}")
    replaced(page, f"1{NBSP}272 flickors", f"2{NBSP}966 flickors")
    assert found_in(bundle) == (f"report.html: forslag: {UNBOUND}",)


def test_a_paragraph_said_twice_is_refused(bundle) -> None:
    point = f"<li>Andelen som började studera var 70,1{NBSP}% bland pojkarna.</li>"
    replaced(bundle / "report.html", point, point + point)
    assert found_in(bundle) == (f"report.html: forslag: {UNBOUND}",)


def test_a_figure_of_another_text_of_the_page_is_refused(bundle) -> None:
    replaced(bundle / "report.html", "Se avsnitt 7.1.", f"Andelen var 70,1{NBSP}%.")
    assert len(found_in(bundle)) == 1


def test_a_word_file_with_another_number_in_a_text_is_refused(bundle) -> None:
    part_replaced(bundle / "report.docx", "word/document.xml", f"70,1{NBSP}%", f"69,7{NBSP}%")
    (line,) = found_in(bundle)
    assert line.startswith("report.docx: stycke ")
    assert line.endswith(UNBOUND)


def test_a_row_of_the_review_page_with_another_number_is_refused(bundle) -> None:
    replaced(bundle / "qa.html", "<td>2 930</td>", f"<td>{OWN}</td>")
    assert found_in(bundle) == (f"qa.html: qa-texter, rad 1: {CHANGED}",)


def test_a_number_typed_into_the_text_of_the_plan_is_refused(bundle) -> None:
    plan = bundle / "plan.json"
    record = json.loads(plan.read_bytes())
    record["texts"]["forslag"] += f" Ytterligare {OWN}."
    plan.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    assert "plan.json: texten forslag: " + UNBOUND in found_in(bundle)


def test_words_of_a_text_may_be_edited_by_hand_but_no_number(whole, tmp_path) -> None:
    def gated(path):
        return refuse_edits(path, bundle=whole, forbidden=Forbidden(frozenset(), ()), progress=lambda _: None)

    path = shutil.copy(whole / "report.docx", tmp_path / "min.docx")
    part_replaced(path, "word/document.xml", "registreringar öppna, av dem", "pågående registreringar, av dem")
    assert gated(path).bound == 59
    changed_parts(
        path, {"word/document.xml": lambda text: text.replace(f"1{NBSP}272 flickors", f"1{NBSP}273 flickors")}
    )
    with pytest.raises(DisclosureError, match="stycke"):
        gated(path)


def test_a_reference_to_rows_put_together_passes_as_words_and_as_no_number(tmp_path) -> None:
    merged = ("n_exits_by_reason:2024:reason=moved",)
    text = "Av annan orsak {n_exits_by_reason:2024:reason=moved} slutade {n_exits_by_reason:2024:reason=other}."
    made = bundle_with_texts(tmp_path, texts={"forslag": text}, merged=merged)
    assert "Av annan orsak (visas inte) slutade 33." in author_html(made)
    assert refuse_unbound(made).bound == 411 + 3 * 1
    replaced(made / "report.html", "orsak (visas inte) slutade", f"orsak {OWN} slutade")
    assert found_in(made) == (f"report.html: forslag: {UNBOUND}",)


def test_a_pdf_of_another_text_is_refused(bundle, tmp_path) -> None:
    other = bundle_with_texts(tmp_path / "other", texts={"forslag": "Det var {stock_end:2023:all} registreringar."})
    shutil.copy(other / "report.pdf", bundle / "report.pdf")
    (line,) = found_in(bundle)
    assert line.startswith("report.pdf: sida ")
    assert PdfReader(io.BytesIO((bundle / "report.pdf").read_bytes())).pages
