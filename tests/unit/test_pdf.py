"""The printed report: what it says, how it is tagged, that it is the archive's format, and what is refused."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from io import BytesIO

import pytest
from pypdf import PdfReader
from pypdf.generic import ContentStream

from kaa_analysis.core.errors import BundleError
from kaa_analysis.core.result import Method
from kaa_analysis.present import style
from kaa_analysis.present.drawing import Drawing
from kaa_analysis.present.exhibit import Exhibit
from kaa_analysis.present.grid import Grid, Group, Heading, Line
from kaa_analysis.present.notes import Notes
from kaa_analysis.render.document import DRAFT_MARK, DRAFT_WORDS, Document, Prose
from kaa_analysis.render.pdf import typst_source, write_pdf
from kaa_analysis.render.pdf.pdf_file import _compiled, pdf_bytes
from kaa_analysis.render.pdf.pdf_objects import PdfObjects
from kaa_analysis.render.pdf.table_tags import with_row_headers
from kaa_analysis.render.pdf.typst_document import TEMPLATE

NBSP = "\u00a0"
MARK_BY_HAND = '\\n \\" "); #panic("läckt") \\ ] $x$ #emph[a] *b* _c_ @d <e> // f'

HALF_LINE_MM = 1.0
"""A table's box is measured to the outside of its lines."""

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 453.6 60"><title>Rubrik</title><desc>Beskrivning</desc>'
    '<text x="10" y="20" style="font: 700 12px \'KAA Inter\', sans-serif">Fetstil i bild</text>'
    '<text x="10" y="45" style="font: 10px \'KAA Inter\', sans-serif">Rågrön 1\u00a0234</text></svg>'
)
METHOD = Method(counts="Varje ungdom en gång.", time="Den sista dagen.", missing="Räknas inte.", source="29 kap. 9 §.")

TWO_LEVELS = Grid(
    head=(
        (Heading("Område", lines=2, numeric=False), Heading("Antal", columns=2)),
        (Heading("Flickor"), Heading("Pojkar")),
    ),
    groups=(
        Group("2023", (Line(("Hela staden",), (f"1{NBSP}530", "–"), total=True), Line(("Farsta",), ("40", "..")))),
        Group("2024", (Line(("Hela staden",), ("7", "8"), total=True),)),
    ),
    row_headers=1,
    numeric=(True, True),
)
NO_CORNER = Grid(
    head=((Heading("", numeric=False), Heading("Värde")),),
    groups=(Group("", (Line(("Registrerade",), ("12",)), Line(("Nya",), ("3",)))),),
    row_headers=1,
    numeric=(True,),
)


def table(grid: Grid = TWO_LEVELS, *, label: str = "Tabell 1", title: str = "Registrerade") -> Exhibit:
    notes = Notes(("En anmärkning.",), (("..", "visas inte"),), "Källa: påhittad.")
    return Exhibit("tabell", "table", title, "demo", "0" * 64, grid=grid, notes=notes, label=label)


def figure(*, alt: str = "Stapeln är hög.", title: str = "Flödet") -> Exhibit:
    drawn = Drawing(SVG, b"")
    return Exhibit(
        "figur", "figure:bars", title, "demo", "0" * 64, drawing=drawn, alt=alt, method=METHOD, label="Figur 1"
    )


def sentence(words: str) -> Exhibit:
    return Exhibit("mening", "sentence:stock", "Titel", "demo", "0" * 64, words=words)


def document(*blocks: Prose | Exhibit, draft: bool = True) -> Document:
    facts = (("Period", "2024"), ("Organisation", "Kommunen"), ("Nämnd", "Nämnden"))
    return Document("Årsbilaga", facts, blocks, run="0123456789ab", day="2025-01-31", draft=draft)


WHOLE = document(
    Prose("Inledning."),
    Prose("## Det viktigaste"),
    sentence("Allt är bra."),
    Prose("## Hur många?\n\nText.\n\n* **Ett**\n* Två\n\n### Mer\n\n[Lagen](https://example.se/lag)."),
    table(),
    figure(),
    Prose("## Slut"),
    table(NO_CORNER, label="Tabell 2"),
)


@pytest.fixture(scope="module")
def whole() -> PdfReader:
    return PdfReader(BytesIO(pdf_bytes(WHOLE)), strict=True)


def reader(*blocks: Prose | Exhibit, draft: bool = True) -> PdfReader:
    return PdfReader(BytesIO(pdf_bytes(document(*blocks, draft=draft))), strict=True)


def text_of(pdf: PdfReader) -> str:
    """Return all text on one line, with hyphenated words whole."""
    lines = "\n".join(page.extract_text() for page in pdf.pages)
    return re.sub(r"\s+", " ", lines.replace("\u00ad\n", "").replace("-\n", ""))


def elements(node, *kinds: str) -> list:
    """Return the structure elements below ``node`` in reading order, those of ``kinds`` if any are named."""
    found = []
    for child in node.get("/K", []):
        child = child.get_object()
        if isinstance(child, dict) and "/S" in child:
            found += [child] if not kinds or child["/S"].lstrip("/") in kinds else []
            found += elements(child, *kinds)
    return found


def tags(pdf: PdfReader, *kinds: str) -> list:
    root = pdf.trailer["/Root"]["/StructTreeRoot"]
    return elements(root, *kinds)


def attribute(element, name: str):
    return next((part[name] for part in element.get("/A", []) if name in part), None)


def marked_texts(page, pdf: PdfReader) -> dict[int, str]:
    """Return the text of each marked piece of a page by its number; hyphens that only end a line are no text."""
    letters = {
        name: {
            int(code, 16): bytes.fromhex(text).decode("utf-16-be")
            for code, text in re.findall(r"^<(\w{4})> <(\w+)>$", font["/ToUnicode"].get_data().decode(), re.MULTILINE)
        }
        for name, font in page["/Resources"]["/Font"].items()
    }
    texts, open_marks, font = {}, [], None
    for operands, operator in ContentStream(page.get_contents(), pdf).operations:
        said = ""
        if operator in (b"BDC", b"BMC"):
            open_marks.append(operands[1] if operator == b"BDC" else {})
            said = open_marks[-1].get("/ActualText", "")
        elif operator == b"EMC":
            open_marks.pop()
        elif operator == b"Tf":
            font = letters[operands[0]]
        elif operator in (b"Tj", b"TJ") and not any("/ActualText" in mark for mark in open_marks):
            pieces = operands[0] if operator == b"TJ" else operands
            codes = b"".join(piece.original_bytes for piece in pieces if hasattr(piece, "original_bytes"))
            said = "".join(font[int.from_bytes(codes[at : at + 2])] for at in range(0, len(codes), 2))
        number = next((mark["/MCID"] for mark in reversed(open_marks) if "/MCID" in mark), None)
        texts[number] = texts.get(number, "") + re.sub("[\u00ad\u2060]", "", said)
    return texts


@cache
def texts_of_pages(pdf: PdfReader) -> dict[int, dict[int, str]]:
    return {page.indirect_reference.idnum: marked_texts(page, pdf) for page in pdf.pages}


def spoken(element, pdf: PdfReader) -> str:
    """Return what a screen reader says of an element."""
    pages = texts_of_pages(pdf)
    said = ""
    for child in element.get("/K", []):
        whole_child = child.get_object()
        said += (
            spoken(whole_child, pdf) if isinstance(whole_child, dict) else pages[element.raw_get("/Pg").idnum][child]
        )
    return said


def rows(element, pdf: PdfReader) -> list[list[tuple[str, str | None, str]]]:
    return [
        [(cell["/S"], attribute(cell, "/Scope"), spoken(cell, pdf)) for cell in elements(row, "TH", "TD")]
        for row in elements(element, "TR")
    ]


def test_row_headers_and_headings_of_groups_are_tagged_as_headings(whole):
    first, _ = tags(whole, "Table")
    assert rows(first, whole) == [
        [("/TH", "/Column", "Område"), ("/TH", "/Column", "Antal")],
        [("/TH", "/Column", "Flickor"), ("/TH", "/Column", "Pojkar")],
        [("/TH", "/Row", "2023")],
        [("/TH", "/Row", "Hela staden"), ("/TD", None, f"1{NBSP}530"), ("/TD", None, "–")],
        [("/TH", "/Row", "Farsta"), ("/TD", None, "40"), ("/TD", None, "..")],
        [("/TH", "/Row", "2024")],
        [("/TH", "/Row", "Hela staden"), ("/TD", None, "7"), ("/TD", None, "8")],
    ]
    assert [part["/S"] for part in elements(first) if part["/S"] in ("/Caption", "/THead", "/TBody", "/TFoot")] == [
        "/Caption",
        "/THead",
        "/TBody",
    ]
    head, body = elements(first, "THead", "TBody")
    assert (len(elements(head, "TR")), len(elements(body, "TR"))) == (2, 5)
    assert spoken(elements(first, "Caption")[0], whole) == "Tabell 1. Registrerade"


def test_a_corner_without_text_is_no_heading(whole):
    _, second = tags(whole, "Table")
    assert rows(second, whole) == [
        [("/TD", None, ""), ("/TH", "/Column", "Värde")],
        [("/TH", "/Row", "Registrerade"), ("/TD", None, "12")],
        [("/TH", "/Row", "Nya"), ("/TD", None, "3")],
    ]


def test_each_cell_names_its_headings_and_they_are_found_by_name(whole):
    names = whole.trailer["/Root"]["/StructTreeRoot"]["/IDTree"]["/Names"]
    by_name = {bytes(names[at].original_bytes): names[at + 1].get_object() for at in range(0, len(names), 2)}
    assert list(by_name) == sorted(by_name)
    used = {
        bytes(name.original_bytes) for cell in tags(whole, "TH", "TD") for name in attribute(cell, "/Headers") or ()
    }
    assert used - set(by_name) == set()
    said = [
        (
            spoken(cell, whole),
            [spoken(by_name[bytes(name.original_bytes)], whole) for name in attribute(cell, "/Headers")],
        )
        for cell in tags(whole, "TD")
        if attribute(cell, "/Headers")
    ]
    assert said == [
        (f"1{NBSP}530", ["Antal", "Flickor", "2023", "Hela staden"]),
        ("–", ["Antal", "Pojkar", "2023", "Hela staden"]),
        ("40", ["Antal", "Flickor", "2023", "Farsta"]),
        ("..", ["Antal", "Pojkar", "2023", "Farsta"]),
        ("7", ["Antal", "Flickor", "2024", "Hela staden"]),
        ("8", ["Antal", "Pojkar", "2024", "Hela staden"]),
        ("12", ["Värde", "Registrerade"]),
        ("3", ["Värde", "Nya"]),
    ]


def test_every_element_has_the_parent_that_holds_it(whole):
    root = whole.trailer["/Root"]["/StructTreeRoot"]
    held = [
        (child.get_object()["/P"], parent)
        for parent in [root, *tags(whole)]
        for child in parent["/K"]
        if hasattr(child.get_object(), "get") and "/S" in child.get_object()
    ]
    assert len(held) == len(tags(whole)) > 50
    assert [said["/S"] for said, parent in held if said is not parent] == []


def test_notes_follow_after_their_table(whole):
    inside = {id(part) for one in tags(whole, "Table") for part in elements(one)}
    outside = [spoken(part, whole) for part in tags(whole, "P") if id(part) not in inside]
    lines = ["En anmärkning.", "Teckenförklaring: .. visas inte.", "Källa: påhittad."]
    assert [text for text in outside if text in lines] == lines * 2


def test_the_file_says_that_it_is_accessible_and_for_the_archive(whole):
    catalogue = whole.trailer["/Root"]
    assert catalogue["/Lang"] == "sv-SE"
    assert catalogue["/MarkInfo"]["/Marked"].value is True
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert [intent.get_object()["/S"] for intent in catalogue["/OutputIntents"]] == ["/GTS_PDFA1"]
    metadata = catalogue["/Metadata"].get_data().decode()
    assert (
        "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part>"
        in metadata
    )
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z?", metadata)) == {"2025-01-31T00:00:00Z"}
    assert whole.pdf_header == "%PDF-1.7"
    assert {page["/Tabs"] for page in whole.pages} == {"/S"}
    assert dict(whole.metadata) == {
        "/Title": "Årsbilaga",
        "/Author": "Kommunen",
        "/Keywords": "kommunernas aktivitetsansvar, KAA, 29 kap. 9 § skollagen",
        "/Creator": whole.metadata["/Creator"],
        "/CreationDate": "D:20250131000000Z",
        "/ModDate": "D:20250131000000Z",
    }


def test_all_fonts_are_embedded_and_ours(whole):
    fonts = {
        part.get_object()["/FontDescriptor"]["/FontName"].split("+")[1]: "/FontFile3"
        in part.get_object()["/FontDescriptor"]
        for page in whole.pages
        for font in page["/Resources"]["/Font"].values()
        for part in font.get_object()["/DescendantFonts"]
    }
    assert fonts == {"KAAInter-Regular": True, "KAAInter-Bold": True}


def test_tagging_changes_nothing_but_the_structure():
    before = _compiled(typst_source(WHOLE), day=WHOLE.day)
    after = PdfObjects(with_row_headers(before, [TWO_LEVELS, NO_CORNER]))
    changed = [body for number, body in PdfObjects(before).items() if after[number] != body]
    assert len(changed) > 20
    assert {body[: body.index(b"/", 8)] for body in changed} == {b"<</Type/StructElem", b"<</Type/StructTreeRoot"}
    assert PdfObjects(before).pdf() == before


def test_a_table_that_is_not_the_grid_is_refused():
    made = _compiled(typst_source(WHOLE), day=WHOLE.day)
    shorter = replace(TWO_LEVELS, groups=TWO_LEVELS.groups[:1])
    narrower = replace(NO_CORNER, groups=(Group("", (Line(("a",), ("1",)), Line(("b", "c"), ("2",)))),), row_headers=2)
    for grids, found in [
        ([TWO_LEVELS], "2 tabeller i stället för 1"),
        ([shorter, NO_CORNER], "7 rader i en tabell i stället för 5"),
        ([TWO_LEVELS, narrower], "2 celler i en rad i stället för 3"),
    ]:
        with pytest.raises(BundleError, match=found):
            with_row_headers(made, grids)


def test_a_file_that_is_built_in_another_way_is_refused():
    with pytest.raises(BundleError, match="korsreferenstabellen"):
        PdfObjects(b"%PDF-1.7\n1 0 obj\nnull\nendobj\nstartxref\n9\n%%EOF")


def test_the_alternative_text_stands_once_on_the_figure_and_its_text_is_text(whole):
    assert [one["/Alt"] for one in tags(whole, "Figure")] == ["Stapeln är hög."]
    assert [kind["/S"] for kind in tags(whole) if "/Alt" in kind] == ["/Figure"]
    said = text_of(whole)
    assert "Fetstil i bild" in said
    assert "Rågrön 1 234" in said
    assert "Stapeln är hög." not in said
    assert "Beskrivning" not in said


def test_under_a_figure_stands_how_it_is_counted_with_the_figures_number(whole):
    box = (
        "Så är det räknat (Figur 1) Vad som räknas: Varje ungdom en gång. Tid: Den sista dagen. "
        "Saknade uppgifter: Räknas inte. Grund: 29 kap. 9 §."
    )
    said = text_of(whole)
    assert 0 < said.index("Figur 1. Flödet") < said.index(box)


def test_headings_bookmarks_and_contents_agree(whole):
    headings = [(one["/S"], spoken(one, whole)) for one in tags(whole, "H1", "H2", "H3")]
    assert headings == [
        ("/H1", "Årsbilaga"),
        ("/H2", "Det viktigaste"),
        ("/H2", "Innehåll"),
        ("/H2", "Hur många?"),
        ("/H3", "Mer"),
        ("/H2", "Slut"),
    ]
    first, second, below, last = whole.outline
    assert [first.title, second.title, below[0].title, last.title] == ["Det viktigaste", "Hur många?", "Mer", "Slut"]
    assert [re.sub(r"[ .]+", " ", spoken(one, whole)) for one in tags(whole, "TOCI")] == [
        "Det viktigaste 1",
        "Hur många? 1",
        "Mer 1",
        "Slut 2",
    ]


def test_a_draft_says_so_on_every_page_and_another_report_nowhere():
    blocks = (Prose("## A"), table(), Prose("## B"), *[figure()] * 5)
    mark = f"{DRAFT_MARK} {DRAFT_WORDS}"
    drafted = reader(*blocks)
    assert [mark in re.sub(r"\s+", " ", page.extract_text()) for page in drafted.pages] == [True] * len(drafted.pages)
    assert len(drafted.pages) > 1
    assert [text for text in (spoken(one, drafted) for one in tags(drafted, "P")) if DRAFT_MARK in text] == [mark]
    assert DRAFT_MARK not in text_of(reader(*blocks, draft=False))


def test_each_page_has_its_number_of_all_and_the_run(whole):
    for number, page in enumerate(whole.pages, start=1):
        said = page.extract_text()
        assert f"sida {number} ({len(whole.pages)})" in said
        assert "Årsbilaga · körning 0123456789ab" in said


def test_no_text_of_ours_is_ever_read_as_markup():
    grid = replace(NO_CORNER, groups=(Group(MARK_BY_HAND, (Line((MARK_BY_HAND,), (MARK_BY_HAND,)),)),))
    blocks = (sentence(MARK_BY_HAND), table(grid, title=MARK_BY_HAND), figure(alt=MARK_BY_HAND, title=MARK_BY_HAND))
    made = replace(document(*blocks), title=MARK_BY_HAND, facts=((MARK_BY_HAND, MARK_BY_HAND),), run=MARK_BY_HAND)
    pdf = PdfReader(BytesIO(pdf_bytes(made)), strict=True)
    texts = [spoken(one, pdf) for one in tags(pdf, "H1", "P", "LBody", "TH", "TD")]
    assert texts == [
        MARK_BY_HAND,
        f"{DRAFT_MARK} {DRAFT_WORDS}",
        f"{MARK_BY_HAND}: {MARK_BY_HAND}",
        MARK_BY_HAND,
        *("", "Värde", *[MARK_BY_HAND] * 3),
        *("En anmärkning.", "Teckenförklaring: .. visas inte.", "Källa: påhittad."),
        *("Så är det räknat (Figur 1)", "Vad som räknas: Varje ungdom en gång.", "Tid: Den sista dagen."),
        *("Saknade uppgifter: Räknas inte.", "Grund: 29 kap. 9 §."),
    ]
    assert [one["/Alt"] for one in tags(pdf, "Figure")] == [MARK_BY_HAND]
    assert pdf.metadata.title == MARK_BY_HAND


def test_prose_is_markdown_without_html_and_without_typst():
    said = text_of(
        reader(
            Prose(
                '## Rubrik\n\nEn <b>tagg</b>, "ett citat", 5 * 3 * 2, #panic() och `#panic()`{=typst}.\n\n<script>\nlarm()\n</script>'
            )
        )
    )
    assert 'En tagg, "ett citat", 5 * 3 * 2, #panic() och #panic(){=typst}.' in said
    assert "larm" not in said


def test_a_hyphen_of_a_word_is_text_and_no_line_ends_within_a_word():
    words = (
        "Bilaga till verksamhetsberättelsen. Den visar hur många av ungdomarna i målgruppen för aktivitetsansvaret "
        "som har varit registrerade i Hässelby-Vällingby, och hur det uppsökande arbetet har nått dem."
    )
    pdf = reader(Prose(f"## Rubrik\n\n{words}"))
    (paragraph,) = [one for one in tags(pdf, "P") if "Vällingby" in spoken(one, pdf)]
    assert spoken(paragraph, pdf) == words
    assert "\u00ad" not in pdf.pages[0].extract_text()


def test_a_code_block_left_open_is_refused_before_it_swallows_an_exhibit():
    with pytest.raises(BundleError, match="2 textceller blev 1"):
        typst_source(document(Prose("```\nöppen"), table(), Prose("Mer.")))


@pytest.mark.parametrize(
    ("block", "found"),
    [
        (figure(alt=""), "missing alt text"),
        (Prose("## Två\n\n#### Fyra"), "skipped from heading level 2 to 4"),
        (Prose("Hemligt 汉 ord"), "ett tecken som typsnittet saknar"),
        (Prose("Hemligt Ж ord"), "ett tecken som typsnittet saknar"),
        (Prose("![hemlig](https://example.se/hemlig.png)"), "typst kunde inte sätta dokumentet"),
        (Prose("![hemlig](/etc/hostname)"), "typst kunde inte sätta dokumentet"),
    ],
)
def test_what_is_not_accessible_is_refused_without_a_word_of_the_document(block, found):
    with pytest.raises(BundleError, match=found) as refused:
        pdf_bytes(document(block))
    assert refused.value.exit_code == 8
    assert re.search(r"hemlig|汉|Ж|hostname", str(refused.value), re.IGNORECASE) is None
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("heading", ["", "\n## Rubrik"])
@pytest.mark.parametrize("n_items", [1, 2, 3, 28, 33, 35])
def test_a_long_table_repeats_its_head_and_keeps_caption_groups_and_notes_with_rows(n_items, heading):
    lines = [Line((f"Rad {number}",), (str(number), "..")) for number in range(60)]
    groups = tuple(Group(f"Grupp {place}", tuple(lines[place * 6 : place * 6 + 6])) for place in range(10))
    filler = Prose("- Punkt.\n" * n_items + heading)
    pdf = reader(filler, table(replace(TWO_LEVELS, groups=groups)), draft=False)
    pages = [[line for line in page.extract_text().split("\n") if line.strip()] for page in pdf.pages]
    with_rows = ["\n".join(page) for page in pages if any(line.startswith("Rad ") for line in page)]
    assert len(with_rows) >= 2
    assert [text.count("Flickor Pojkar") for text in with_rows] == [1] * len(with_rows)
    assert heading.removeprefix("\n## ") in [*with_rows[0].split("\n"), ""]
    assert "Tabell 1. Registrerade" in with_rows[0]
    assert [text for text in with_rows if re.search(r"Grupp \d\n(?!Rad)", text)] == []
    assert "Källa: påhittad." in with_rows[-1]
    assert re.findall(r"^Rad \d+ \d+", "\n".join(with_rows), re.MULTILINE) == [f"Rad {n} {n}" for n in range(60)]
    (only,) = tags(pdf, "Table")
    assert len(elements(only, "TR")) == 2 + 10 + 60


def one_line(n_columns: int, text: str) -> Grid:
    headings = [Heading("Andel av dessa")] * n_columns
    return Grid(
        head=((Heading("Stadsdelsområde", numeric=False), *headings),),
        groups=(Group("", (Line(("Enskede-Årsta-Vantör och Skarpnäck",), (text,) * n_columns),)),),
        row_headers=1,
        numeric=(True,) * n_columns,
    )


@pytest.mark.parametrize(
    ("n_columns", "text", "page_width", "room"),
    [(9, f"100,0{NBSP}%", 210, 160), (9, f"40,9–59,4{NBSP}%", 297, 247)],
)
def test_numbers_are_never_broken_and_only_the_widest_table_gets_a_page_across(n_columns, text, page_width, room):
    pdf = reader(table(one_line(n_columns, text)))
    (page,) = [page for page in pdf.pages if "Tabell 1." in page.extract_text()]
    assert " ".join([text] * n_columns) in re.sub(r" +", " ", page.extract_text())
    assert round(float(page.mediabox.width) / 72 * 25.4) == page_width
    box = attribute(tags(pdf, "Table")[0], "/BBox")
    assert (float(box[2]) - float(box[0])) / 72 * 25.4 == pytest.approx(room, abs=HALF_LINE_MM)


def test_a_table_too_wide_for_any_page_is_refused():
    with pytest.raises(BundleError, match="för bred också för en liggande sida"):
        pdf_bytes(document(table(one_line(14, f"40,9–59,4{NBSP}%"))))


def test_the_same_document_gives_the_same_bytes_anywhere(tmp_path):
    (tmp_path / "document.pickle").write_bytes(pickle.dumps(WHOLE))
    program = (
        "import pickle; from pathlib import Path; from kaa_analysis.render.pdf import write_pdf;"
        "write_pdf(pickle.loads(Path('document.pickle').read_bytes()), Path('made.pdf'))"
    )
    environment = {**os.environ, "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "7", "SOURCE_DATE_EPOCH": "1"}
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, check=True)
    write_pdf(WHOLE, tmp_path / "here.pdf")
    assert (tmp_path / "made.pdf").read_bytes() == (tmp_path / "here.pdf").read_bytes()


def test_the_template_has_the_colours_and_the_width_of_the_figures():
    template = TEMPLATE.read_text(encoding="utf-8")
    said = dict(re.findall(r'^#let ([a-z]+) = rgb\("(#\w+)"\)', template, re.MULTILINE))
    assert {name: said[name] for name in ("ink", "muted", "accent", "hairline")} == {
        "ink": style.INK,
        "muted": style.MUTED,
        "accent": style.ACCENT,
        "hairline": style.HAIRLINE,
    }
    width = int(re.search(r"#let full-width = (\d+)mm", template)[1])
    assert width == round(style.WIDTH_INCHES * 25.4)


def test_one_page_leaves_out_the_contents_the_method_and_the_second_word_of_the_draft():
    blocks = (Prose("## Det viktigaste"), sentence("Det var 12."), figure(), Prose("## Området"), table())
    whole = Document("Blad", (), blocks, run="0123456789ab", day="2025-01-31", draft=True)
    one = replace(whole, one_page=True)
    left_out = ("#kaa-contents", "#kaa-draft", METHOD.counts)
    assert [text in typst_source(whole) for text in left_out] == [True, True, True]
    assert [text in typst_source(one) for text in left_out] == [False, False, False]
    assert typst_source(one).removeprefix(TEMPLATE.read_text(encoding="utf-8")).count("compact: true") == 4
    pages = [len(PdfReader(BytesIO(pdf_bytes(document))).pages) for document in (whole, one)]
    assert pages[1] == 1
