"""The Word document: structure a screen reader can use, nothing injected, the same bytes each time, any template."""

from __future__ import annotations

import importlib.util
import io
import re
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from pathlib import Path
from xml.dom.minidom import Element, parseString

import pypandoc
import pytest

from kaa_analysis.core.errors import BundleError
from kaa_analysis.core.result import Method
from kaa_analysis.present.drawing import Drawing
from kaa_analysis.present.exhibit import Exhibit
from kaa_analysis.present.grid import Grid, Group, Heading, Line
from kaa_analysis.present.notes import Notes
from kaa_analysis.render.document import Document, Prose
from kaa_analysis.render.gate.packed_texts import packed_texts
from kaa_analysis.render.pandoc import PROSE_READER
from kaa_analysis.render.pdf.typst_prose import typst_prose
from kaa_analysis.render.word import check_template, write_word
from kaa_analysis.render.word.column_widths import CHARACTER, INDENT, PADDING, column_widths
from kaa_analysis.render.word.markup import bookmark_name
from kaa_analysis.render.word.word_table import BodyRow, head_rows, kept_with_next
from kaa_analysis.render.word.word_template import DEFAULT_REFERENCE

ROOT = Path(__file__).parents[2]
PANDOC = Path(pypandoc.__file__).parent / "files" / "pandoc"
DOCUMENT, STYLES, SETTINGS = "word/document.xml", "word/styles.xml", "word/settings.xml"
TEXT_WIDTH = 9072

SEXES = tuple(Heading(text) for text in ("Totalt", "Flickor", "Pojkar"))
BY_SEX = Grid(
    head=((Heading("Område", lines=2, numeric=False), Heading("Antal", columns=3)), SEXES),
    groups=(
        Group("2023", (Line(("Hela staden",), ("1\u00a0530", "800", "730"), total=True), Line(("Farsta",), ("40", "–", "..")))),
        Group("2024", (Line(("Hela staden",), ("1\u00a0402", "700", "702")),), total=True),
    ),
    row_headers=1,
    numeric=(True, True, True),
)  # fmt: skip
PLAIN = Grid(
    head=((Heading("", numeric=False), Heading("Värde")),),
    groups=(Group("", (Line(("Rader",), ("7",)),)),),
    row_headers=1,
    numeric=(True,),
)


def png(*, notes: dict[bytes, bytes] | None = None) -> bytes:
    """Return a picture of 4 × 2 grey points, with other chunks in front of them."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 4, 2, 8, 0, 0, 0, 0)
    lines = zlib.compress((b"\0" + b"\x80" * 4) * 2)
    beside = b"".join(chunk(kind, content) for kind, content in (notes or {}).items())
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + beside + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def made(form: str, slug: str, **parts) -> Exhibit:
    known = {"title": 'Titel <b> & "mer"', "released_id": "demo", "released_hash": "0" * 64}
    return Exhibit(slug=slug, form=form, **known | parts)


TABLE = made(
    "table", "tabell-omraden", grid=BY_SEX, label="Tabell 1",
    notes=Notes(("En anmärkning <i>.",), (("..", "värdet visas inte"),), "Källa: BER."),
)  # fmt: skip
SMALL = made("table", "tabell-rader", grid=PLAIN, label="Tabell 2")
FIGURE = made(
    "figure:bars", "figur-omraden", grid=PLAIN, label="Figur 1", drawing=Drawing("<svg/>", png()), alt='Staplar: "a" < b & c.',
    method=Method("Personer & <så>.", "En dag.", "Inget.", "29 kap. 9 §."),
)  # fmt: skip
SENTENCE = made("sentence:stock", "mening", words="Det var <b>1</b> & fler.")


def report(*blocks, draft: bool = True, **changes) -> Document:
    shown = blocks or (
        Prose("Inledning.\n\n## Fråga?"),
        SENTENCE,
        TABLE,
        SMALL,
        Prose("### Mer\n\n* en\n* två"),
        FIGURE,
    )
    known = {
        "title": "Bilaga <2024> & mer",
        "facts": (("Period", "2024"), ("Organisation", "Kommunen"), ("Nämnd", "Nämnden & co")),
        "run": "abcdef012345",
        "day": "2025-01-31",
    }
    return Document(blocks=shown, draft=draft, **known | changes)


def word(document: Document, folder: Path, *, reference: Path | None = None) -> dict[str, str]:
    """Return the texts of the file's parts, by name."""
    path = folder / "report.docx"
    write_word(document, path, reference=reference)
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name).decode("utf-8", "replace") for name in package.namelist()}


@pytest.fixture(scope="module")
def parts(tmp_path_factory) -> dict[str, str]:
    return word(report(), tmp_path_factory.mktemp("word"))


@pytest.fixture(scope="module")
def body(parts) -> Element:
    return parseString(parts[DOCUMENT]).getElementsByTagName("w:body")[0]


def said(element: Element) -> str:
    return "".join(text.firstChild.data for text in element.getElementsByTagName("w:t"))


def style_of(paragraph: Element) -> str:
    return paragraph.getElementsByTagName("w:pStyle")[0].getAttribute("w:val")


def paragraphs(body: Element) -> list[tuple[str, str]]:
    """Return the (style, text) of every paragraph outside tables."""
    return [(style_of(node), said(node)) for node in body.childNodes if node.nodeName == "w:p"]


def template(folder: Path, *, change=lambda parts: parts, name: str = "mall.docx") -> Path:
    """Return a copy of the default template with its parts changed."""
    with zipfile.ZipFile(DEFAULT_REFERENCE) as package:
        found = {part: package.read(part).decode() for part in package.namelist()}
    with zipfile.ZipFile(folder / name, "w") as package:
        for part, content in change(found).items():
            package.writestr(part, content)
    return folder / name


def test_the_document_is_read_in_order_in_styles_that_word_knows(body):
    assert paragraphs(body) == [
        ("KAA-utkast", "UTKAST Inte fastställt. Får inte spridas som färdig rapport."),
        ("Title", "Bilaga <2024> & mer"),
        ("KAA-uppgift", "Period: 2024"),
        ("KAA-uppgift", "Organisation: Kommunen"),
        ("KAA-uppgift", "Nämnd: Nämnden & co"),
        ("FirstParagraph", "Inledning."),
        ("Heading1", "Fråga?"),
        ("FirstParagraph", "Det var <b>1</b> & fler."),
        ("Caption", 'Tabell 1. Titel <b> & "mer"'),
        ("KAA-not", "En anmärkning <i>."),
        ("KAA-not", "Teckenförklaring: .. värdet visas inte."),
        ("KAA-not", "Källa: BER."),
        ("Caption", 'Tabell 2. Titel <b> & "mer"'),
        ("KAA-not", ""),
        ("Heading2", "Mer"),
        ("Compact", "en"),
        ("Compact", "två"),
        ("KAA-figur", ""),
        ("Caption", 'Figur 1. Titel <b> & "mer"'),
        ("KAA-metod", "Så är det räknat"),
        ("KAA-metod", "Vad som räknas: Personer & <så>."),
        ("KAA-metod", "Tid: En dag."),
        ("KAA-metod", "Saknade uppgifter: Inget."),
        ("KAA-metod", "Grund: 29 kap. 9 §."),
    ]


def test_a_final_document_has_no_draft_mark_and_says_so_in_its_properties(tmp_path, parts):
    final = word(report(draft=False), tmp_path)
    assert "UTKAST" in parts[DOCUMENT]
    assert "UTKAST" not in final[DOCUMENT]
    assert "<cp:contentStatus>Utkast</cp:contentStatus>" in parts["docProps/core.xml"]
    assert "<cp:contentStatus>Fastställt</cp:contentStatus>" in final["docProps/core.xml"]


def test_the_properties_name_title_subject_committee_language_run_and_the_day_of_the_extract(parts):
    core = re.findall(r"<(\w+:\w+)[^>]*>([^<]+)</", parts["docProps/core.xml"])
    assert core == [
        ("dc:title", "Bilaga &lt;2024&gt; &amp; mer"),
        ("dc:subject", "Kommunernas aktivitetsansvar"),
        ("dc:creator", "Nämnden &amp; co"),
        ("dc:language", "sv-SE"),
        ("dcterms:created", "2025-01-31T00:00:00Z"),
        ("dcterms:modified", "2025-01-31T00:00:00Z"),
        ("cp:contentStatus", "Utkast"),
    ]
    assert re.findall(r'name="(\w+)"><vt:lpwstr>([^<]*)', parts["docProps/custom.xml"]) == [
        ("Körning", "abcdef012345"),
        ("Status", "Utkast"),
    ]


def test_without_an_organisation_the_creator_is_empty(tmp_path):
    assert "<dc:creator></dc:creator>" in word(report(facts=()), tmp_path)["docProps/core.xml"]


def test_every_table_has_header_rows_that_repeat_rows_that_do_not_split_and_an_alternative_text(body):
    tables = body.getElementsByTagName("w:tbl")
    found = [
        (
            [bool(row.getElementsByTagName("w:tblHeader")) for row in table.getElementsByTagName("w:tr")],
            {len(row.getElementsByTagName("w:cantSplit")) for row in table.getElementsByTagName("w:tr")},
            table.getElementsByTagName("w:tblCaption")[0].getAttribute("w:val"),
            table.getElementsByTagName("w:tblDescription")[0].getAttribute("w:val"),
            [table.getElementsByTagName("w:tblLook")[0].getAttribute(f"w:first{place}") for place in ("Row", "Column")],
        )
        for table in tables
    ]
    assert found == [
        ([True, True, False, False, False, False, False], {1}, 'Titel <b> & "mer"',
         "Antal rader: 3. Antal kolumner med värden: 3. Rubriker: Område, Antal.", ["1", "1"]),
        ([True, False], {1}, 'Titel <b> & "mer"',
         "Antal rader: 1. Antal kolumner med värden: 1. Rubriker: Värde.", ["1", "1"]),
    ]  # fmt: skip


def test_a_table_is_read_cell_by_cell_with_headings_over_columns_and_group_labels_across(body):
    def cell(element: Element) -> tuple[str, str, bool]:
        span = element.getElementsByTagName("w:gridSpan")
        bold = bool(element.getElementsByTagName("w:b"))
        return said(element), span[0].getAttribute("w:val") if span else "1", bold

    table = body.getElementsByTagName("w:tbl")[0]
    rows = [[cell(one) for one in row.getElementsByTagName("w:tc")] for row in table.getElementsByTagName("w:tr")]
    assert rows == [
        [("", "1", False), ("Antal", "3", True)],
        [("Område", "1", True), ("Totalt", "1", True), ("Flickor", "1", True), ("Pojkar", "1", True)],
        [("2023", "4", True)],
        [("Hela staden", "1", True), ("1\u00a0530", "1", True), ("800", "1", True), ("730", "1", True)],
        [("Farsta", "1", False), ("40", "1", False), ("–", "1", False), ("..", "1", False)],
        [("2024", "4", True)],
        [("Hela staden", "1", True), ("1\u00a0402", "1", True), ("700", "1", True), ("702", "1", True)],
    ]
    assert not table.getElementsByTagName("w:vMerge")


def test_numbers_are_set_to_the_right_and_a_table_fills_the_width_of_the_text(body):
    for table in body.getElementsByTagName("w:tbl"):
        columns = [int(one.getAttribute("w:w")) for one in table.getElementsByTagName("w:gridCol")]
        last = table.getElementsByTagName("w:tr")[-1].getElementsByTagName("w:p")
        assert sum(columns) == TEXT_WIDTH
        assert [style_of(one) for one in last] == ["KAA-tabelltext"] + ["KAA-tabelltal"] * (len(columns) - 1)


def test_a_caption_and_a_short_table_stay_with_what_follows_to_the_last_note(body):
    def kept(paragraph: Element) -> bool:
        return bool(paragraph.getElementsByTagName("w:keepNext"))

    table = body.getElementsByTagName("w:tbl")[0]
    caption = [node for node in body.childNodes if node.nodeName == "w:p" and said(node).startswith("Tabell 1.")]
    notes = [node for node in body.childNodes if node.nodeName == "w:p" and style_of(node) == "KAA-not"]
    assert [kept(node) for node in caption] == [True]
    assert {kept(node) for node in table.getElementsByTagName("w:p")} == {True}
    assert [kept(node) for node in notes] == [True, True, False, False]


def test_a_long_table_may_break_but_not_near_its_ends_or_after_a_group_label():
    rows = [BodyRow(("a",), opens=place == 10) for place in range(20)]
    kept = kept_with_next(rows, head=1, last=True)
    assert [place for place, keep in enumerate(kept) if keep] == [0, 1, 10, 18, 19]
    assert kept_with_next(rows[:17], head=1, last=False) == [True] * 16 + [False]


def test_a_heading_that_would_span_rows_stands_in_the_lower_one():
    rows = [[(heading.text, heading.columns) for heading in row] for row in head_rows(BY_SEX)]
    assert rows == [[("", 1), ("Antal", 3)], [("Område", 1), ("Totalt", 1), ("Flickor", 1), ("Pojkar", 1)]]


def test_columns_are_as_wide_as_their_words_and_share_what_is_left():
    needed = [len(longest) * CHARACTER + PADDING for longest in ("Område", "Totalt", "Flickor", "Pojkar")]
    needed[0] += INDENT
    just_enough = column_widths(BY_SEX, sum(needed))
    wide = column_widths(BY_SEX, TEXT_WIDTH)
    assert just_enough == needed
    assert sum(wide) == TEXT_WIDTH
    assert all(width > low for width, low in zip(wide, needed, strict=True))
    assert wide[0] >= len("Hela staden") * CHARACTER + INDENT + PADDING
    assert sum(column_widths(BY_SEX, 2000)) == 2000


def test_a_caption_is_numbered_by_a_field_and_bookmarked_by_its_slug(body):
    captions = [node for node in body.getElementsByTagName("w:p") if style_of(node) == "Caption"]
    fields = [
        (field.getAttribute("w:instr").split(), said(field))
        for node in captions
        for field in node.getElementsByTagName("w:fldSimple")
    ]
    marks = [node.getElementsByTagName("w:bookmarkStart")[0] for node in captions]
    assert fields == [
        (["SEQ", "Tabell", "\\*", "ARABIC"], "1"),
        (["SEQ", "Tabell", "\\*", "ARABIC"], "2"),
        (["SEQ", "Figur", "\\*", "ARABIC"], "1"),
    ]
    assert [mark.getAttribute("w:name") for mark in marks] == ["tabell_omraden", "tabell_rader", "figur_omraden"]
    assert len({mark.getAttribute("w:id") for mark in marks}) == 3


def test_a_bookmark_has_at_most_forty_characters_and_two_long_slugs_differ():
    names = {bookmark_name("a-" * 30 + end) for end in ("x", "y")}
    assert {len(name) for name in names} == {40}
    assert len(names) == 2


def test_a_figure_is_the_drawn_picture_with_its_alternative_text_and_no_repeated_numbers(tmp_path):
    path = tmp_path / "figure.docx"
    write_word(report(FIGURE), path, reference=None)
    with zipfile.ZipFile(path) as package:
        pictures = [name for name in package.namelist() if name.startswith("word/media/")]
        assert [package.read(name) for name in pictures] == [png()]
        body = parseString(package.read(DOCUMENT))
    assert [one.getAttribute("descr") for one in body.getElementsByTagName("wp:docPr")] == ['Staplar: "a" < b & c.']
    assert [one.getAttribute("descr") for one in body.getElementsByTagName("pic:cNvPr")] == ["figur-omraden.png"]
    assert not body.getElementsByTagName("w:tbl")


@pytest.mark.parametrize(
    ("prose", "shown"),
    [
        ("<script>alert(1)</script>", ""),
        ("```{=openxml}\n<w:p><w:r><w:t>ond</w:t></w:r></w:p>\n```", "<w:p><w:r><w:t>ond</w:t></w:r></w:p>"),
        ("Ett `<w:br/>`{=openxml} två", "Ett <w:br/>{=openxml} två"),
        ("En <b onclick='x'>fet</b> text <!-- dold -->", "En fet text "),
        ("![bild](/etc/hostname)", "bild"),
        ("[länk](javascript:alert(1)) och [fil](file:///etc/hostname)", "länk och fil"),
        ('Citat " < > & ]]> &lt;w:p/&gt;', 'Citat " < > & ]]> <w:p/>'),
    ],
)
def test_prose_cannot_write_markup_or_fetch_anything(tmp_path, prose, shown):
    found = word(report(Prose(prose), facts=(), draft=False), tmp_path)
    body = parseString(found[DOCUMENT]).getElementsByTagName("w:body")[0]
    assert "".join(text for _, text in paragraphs(body)[1:]).strip() == shown.strip()
    assert not [name for name in found if name.startswith("word/media/")]
    assert 'TargetMode="External"' not in "".join(found.values())


def test_prose_is_the_same_commonmark_in_word_and_in_the_pdf(tmp_path):
    prose = "| a | b |\n|---|---|\n| 1 | 2 |\n\nEn ~~struken~~ text."
    found = word(report(Prose(prose), facts=(), draft=False), tmp_path)
    body = parseString(found[DOCUMENT]).getElementsByTagName("w:body")[0]
    (printed,) = typst_prose([prose])
    assert [text for _, text in paragraphs(body)[1:]] == ["| a | b | |---|---| | 1 | 2 |", "En ~~struken~~ text."]
    assert printed.replace("\\", "").split("\n\n") == ["| a | b | |---|---| | 1 | 2 |", "En ~~struken~~ text."]
    assert "<w:strike" not in found[DOCUMENT]
    assert not body.getElementsByTagName("w:tbl")
    assert "pipe_tables" not in PROSE_READER


@pytest.fixture
def newer_pandoc(tmp_path, monkeypatch) -> Path:
    """Put a program that says it is a newer pandoc, and writes something else, first on the path; return where it notes its calls."""
    folder, called = tmp_path / "newer", tmp_path / "called"
    folder.mkdir()
    script = folder / "pandoc"
    script.write_text(f'#!/bin/sh\necho "$@" >> {called}\necho "pandoc 99.1"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("PYPANDOC_PANDOC", str(script))
    monkeypatch.setattr("pypandoc.__pandoc_path", None)
    return called


def test_a_newer_pandoc_on_the_path_is_not_even_asked(tmp_path, parts, request):
    printed = typst_prose(["En **fet** text."])
    called = request.getfixturevalue("newer_pandoc")
    assert subprocess.run(["pandoc"], capture_output=True, check=True).stdout == b"pandoc 99.1\n"
    called.unlink()
    assert word(report(), tmp_path) == parts
    assert typst_prose(["En **fet** text."]) == printed == ["En #strong[fet] text."]
    assert not called.exists()


def test_prose_keeps_its_emphasis_lists_and_safe_links(tmp_path):
    found = word(report(Prose("En **fet** [länk](https://example.org).\n\n1. ett")), tmp_path)
    assert "<w:b />" in found[DOCUMENT]
    assert "<w:numPr>" in found[DOCUMENT]
    assert 'Target="https://example.org"' in found["word/_rels/document.xml.rels"]


def test_the_same_document_gives_the_same_bytes_whatever_the_clock_the_zone_and_the_folder(tmp_path, monkeypatch):
    for number, zone in enumerate(("UTC", "Pacific/Kiritimati", "America/St_Johns")):
        folder = tmp_path / zone.replace("/", "-")
        folder.mkdir()
        monkeypatch.chdir(folder)
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        write_word(report(), Path(f"{number}.docx"), reference=None)
    monkeypatch.undo()
    time.tzset()
    contents = [path.read_bytes() for path in sorted(tmp_path.rglob("*.docx"))]
    assert len(contents) == 3
    assert len(set(contents)) == 1
    with zipfile.ZipFile(io.BytesIO(contents[0])) as package:
        entries = package.infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert [entry.filename for entry in entries][1:] == sorted(entry.filename for entry in entries[1:])


def test_another_document_gives_other_bytes(tmp_path, parts):
    assert word(report(day="2025-02-01"), tmp_path) != parts


def test_nothing_names_a_machine_a_folder_a_program_or_another_language(parts):
    together = "".join(content for name, content in parts.items() if not name.startswith("word/media/"))
    for word_of_machine in ("kaa-word-", "/tmp", str(ROOT), "Microsoft Word", "en-US", "rsid", "base64"):
        assert word_of_machine not in together
    assert re.findall(r'<w:lang [^>]*w:val="([^"]+)"', parts[STYLES]) == ["sv-SE"]
    assert '<w:themeFontLang w:val="sv-SE"' in parts[SETTINGS]
    assert 'w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"' in parts[SETTINGS]


def test_head_and_foot_hold_the_title_and_the_page_of_pages(parts):
    assert said(parseString(parts["word/header1.xml"])) == "Bilaga <2024> & mer"
    fields = re.findall(r'w:instr="\s*(\w+)', parts["word/header1.xml"] + parts["word/footer1.xml"])
    assert fields == ["TITLE", "PAGE", "NUMPAGES"]
    assert said(parseString(parts["word/footer1.xml"])) == "sida 1 (1)"


def test_the_default_template_is_what_its_script_makes(tmp_path):
    found = importlib.util.spec_from_file_location("template_script", ROOT / "docs/decisions/make_reference_docx.py")
    script = importlib.util.module_from_spec(found)
    found.loader.exec_module(script)
    script.write(tmp_path / "reference.docx")
    assert (tmp_path / "reference.docx").read_bytes() == DEFAULT_REFERENCE.read_bytes()


def swedish_word(parts: dict[str, str]) -> dict[str, str]:
    """Change the template to what a Swedish Word saves: own identifiers, a language left behind, revisions, none of our styles."""
    styles = re.sub(r'<w:style [^>]*w:styleId="(?:KAA-|Compact|FirstParagraph).*?</w:style>', "", parts[STYLES])
    for name, local in (
        ("Normal", "Mall"),
        ("BodyText", "Brdtext"),
        ("Heading1", "Rubrik1"),
        ("Caption", "Beskrivning"),
    ):
        styles = re.sub(rf'(w:styleId=|<w:(?:basedOn|next) w:val=)"{name}"', rf'\1"{local}"', styles)
    styles = styles.replace('w:val="sv-SE" w:eastAsia="sv-SE"', 'w:val="en-US" w:eastAsia="en-GB"')
    styles = styles.replace('<w:style w:type="paragraph"', '<w:style w:rsidR="00AB12CD" w:type="paragraph"', 1)
    settings = parts[SETTINGS].replace('<w:themeFontLang w:val="sv-SE"/>', '<w:themeFontLang w:val="en-US"/>')
    attached = '<w:attachedTemplate xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId1"/>'
    settings = settings.replace("<w:defaultTabStop", f"{attached}<w:defaultTabStop").replace('w:val="15"', 'w:val="12"')
    narrow = parts[DOCUMENT].replace('w:left="1417"', 'w:left="2417"')
    link = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
        'Target="file:///C:/Users/namn/mall.dotx" TargetMode="External"/></Relationships>'
    )
    return {**parts, STYLES: styles, SETTINGS: settings, DOCUMENT: narrow, "word/_rels/settings.xml.rels": link}


def test_the_organisations_own_template_is_followed_and_what_it_lacks_is_put_in(tmp_path):
    found = word(report(), tmp_path, reference=template(tmp_path, change=swedish_word))
    body = parseString(found[DOCUMENT]).getElementsByTagName("w:body")[0]
    used = {style for style, _ in paragraphs(body)}
    styles = {
        style.getAttribute("w:styleId"): {
            link.nodeName: link.getAttribute("w:val")
            for link in style.childNodes
            if link.nodeName in ("w:name", "w:basedOn")
        }
        for style in parseString(found[STYLES]).getElementsByTagName("w:style")
    }
    grid = body.getElementsByTagName("w:tbl")[0].getElementsByTagName("w:gridCol")
    assert {"Rubrik1", "Beskrivning", "KAA-not", "FirstParagraph"} <= used <= set(styles)
    assert styles["KAA-tabell"] == {"w:name": "KAA-tabell", "w:basedOn": "TableNormal"}
    assert styles["KAA-not"] == {"w:name": "KAA-not", "w:basedOn": "Mall"}
    assert styles["FirstParagraph"] == {"w:name": "First Paragraph", "w:basedOn": "Brdtext"}
    assert sum(int(one.getAttribute("w:w")) for one in grid) == TEXT_WIDTH - 1000
    together = "".join(found.values())
    assert not re.search(r"en-US|en-GB|rsid|namn/mall", together)
    assert found[SETTINGS].count('w:val="15"') == 1
    assert 'w:val="12"' not in found[SETTINGS]


def with_content(parts: dict[str, str]) -> dict[str, str]:
    """Change the template to a written document: pictures, comments and an object of its own, and a logotype in its head."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kinds = {
        "image": "media/old.png",
        "comments": "comments.xml",
        "webSettings": "webSettings.xml",
        "oleObject": "x.bin",
    }
    links = "".join(f'<Relationship Id="x{kind}" Type="{office}/{kind}" Target="{at}"/>' for kind, at in kinds.items())
    rels = "word/_rels/document.xml.rels"
    head = (
        parts[rels].split("<Relationship ")[0]
        + f'<Relationship Id="rId1" Type="{office}/image" Target="media/logo.png"/></Relationships>'
    )
    own = f'<w:comments xmlns:w="{parse_namespace(parts[STYLES])}"><w:comment w:id="1" w:author="NAMN"/></w:comments>'
    return {
        **parts,
        rels: parts[rels].replace("</Relationships>", f"{links}</Relationships>"),
        "word/_rels/header1.xml.rels": head,
        "word/media/logo.png": png(notes={b"tEXt": b"Author\0NAMN", b"iTXt": b"x", b"eXIf": b"NAMN", b"pHYs": bytes(9)})
        + b"NAMN",
        **{f"word/{at}": own for at in kinds.values()},
    }


def parse_namespace(part: str) -> str:
    return parseString(part).documentElement.namespaceURI


def test_of_a_template_with_content_only_the_look_and_the_logotype_come_along(tmp_path):
    found = word(report(), tmp_path, reference=template(tmp_path, change=with_content))
    with zipfile.ZipFile(tmp_path / "report.docx") as package:
        assert package.read("word/media/logo.png") == png(notes={b"pHYs": bytes(9)})
    assert "media/logo.png" in found["word/_rels/header1.xml.rels"]
    assert not [name for name, part in found.items() if "NAMN" in part or "old.png" in part]


def test_pandocs_own_template_also_works(tmp_path):
    path = tmp_path / "pandoc.docx"
    listed = subprocess.run([PANDOC, "--print-default-data-file=reference.docx"], capture_output=True, check=True)
    path.write_bytes(listed.stdout)
    found = word(report(), tmp_path, reference=path)
    body = parseString(found[DOCUMENT]).getElementsByTagName("w:body")[0]
    names = set(re.findall(r'<w:name w:val="([^"]+)"', found[STYLES]))
    assert {"KAA-tabell", "KAA-not", "KAA-metod"} <= names
    assert len(body.getElementsByTagName("w:tbl")) == 2
    assert "en-US" not in "".join(found.values())


def without(name: str):
    return lambda parts: {key: value for key, value in parts.items() if key != name}


def replaced(name: str, old: str, new: str):
    return lambda parts: {**parts, name: parts[name].replace(old, new)}


def linked(parts: dict[str, str]) -> dict[str, str]:
    """Change the template so that its head shows a picture from another place."""
    link = '<Relationship Id="rId1" Type="x/image" Target="file:///C:/logga.png" TargetMode="External"/>'
    whole = (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{link}</Relationships>'
    )
    return {**parts, "word/_rels/header1.xml.rels": whole}


MAIN = "wordprocessingml.document.main+xml"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (without(STYLES), "filen saknar word/styles.xml"),
        (without("[Content_Types].xml"), "filen saknar [Content_Types].xml"),
        (replaced("[Content_Types].xml", MAIN, "ms-word.document.macroEnabled.main+xml"), "filen kan innehålla makron"),
        (lambda parts: {**parts, "word/vbaProject.bin": "x"}, "filen kan innehålla makron"),
        (replaced("[Content_Types].xml", MAIN, "wordprocessingml.template.main+xml"),
         "filen är inte sparad som Word-dokument"),
        (linked, "filen länkar till en bild eller ett objekt utanför sig själv"),
        (replaced(STYLES, "</w:styles>", ""), "filens innehåll är skadat"),
        (replaced(STYLES, "<w:styles ", '<!DOCTYPE a [<!ENTITY b "c">]><w:styles '),
         "filen har delar som inte hör hemma i ett Word-dokument"),
        (replaced(STYLES, "schemas.openxmlformats.org/wordprocessingml/2006/main", "purl.oclc.org/ooxml/wordprocessingml/main"),
         "filen är sparad som strikt Open XML"),
    ],
)  # fmt: skip
def test_a_template_of_the_wrong_kind_is_refused(tmp_path, change, found):
    with pytest.raises(BundleError) as refused:
        write_word(report(), tmp_path / "report.docx", reference=template(tmp_path, change=change))
    with pytest.raises(BundleError) as refused_before:
        check_template(tmp_path / "mall.docx")
    assert refused.value.found == refused_before.value.found == (found,)
    assert refused.value.action.startswith("öppna mallen i Word och spara den som Word-dokument (.docx)")
    assert not (tmp_path / "report.docx").exists()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (None, "filen mall.docx går inte att läsa"),
        (b"hej", "filen mall.docx är skadad eller av ett annat slag"),
        (DEFAULT_REFERENCE.read_bytes()[:60] + bytes(40) + DEFAULT_REFERENCE.read_bytes()[100:],
         "filen mall.docx är skadad eller av ett annat slag"),
        (DEFAULT_REFERENCE.read_bytes()[:2000], "filen mall.docx är skadad eller av ett annat slag"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_template_is_refused(tmp_path, content, found):
    path = tmp_path / "mall.docx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BundleError) as refused:
        write_word(report(), tmp_path / "report.docx", reference=path)
    assert refused.value.found == (found,)


HEADER, FONTS, THEME = "word/header1.xml", "word/fontTable.xml", "word/theme/theme1.xml"


def in_header(markup: str):
    """Change the template so that the markup stands first in its head."""
    return replaced(HEADER, "<w:p>", f"{markup}<w:p>")


def field(instruction: str, shown: str) -> str:
    """Return a paragraph with a field written as a row of marks, its instruction in two pieces."""
    half = len(instruction) // 2
    marks = {kind: f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")}
    written = "".join(
        f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in (instruction[:half], instruction[half:])
    )
    return f"<w:p>{marks['begin']}{written}{marks['separate']}<w:r><w:t>{shown}</w:t></w:r>{marks['end']}</w:p>"


@pytest.mark.parametrize(
    "change",
    [
        in_header('<w:p><w:ins w:id="1" w:author="NAMN"><w:r><w:t>ny</w:t></w:r></w:ins></w:p>'),
        in_header('<w:p><w:del w:id="1" w:author="NAMN"><w:r><w:delText>NAMN</w:delText></w:r></w:del></w:p>'),
        in_header('<w:p><w:moveFrom w:id="1" w:author="NAMN"><w:r><w:t>x</w:t></w:r></w:moveFrom></w:p>'),
        replaced("word/footer2.xml", "<w:p>", '<w:p><w:moveTo w:id="1"><w:r><w:t>x</w:t></w:r></w:moveTo></w:p><w:p>'),
        replaced(STYLES, "</w:style>", '<w:rPr><w:rPrChange w:id="1" w:author="NAMN"><w:rPr/></w:rPrChange></w:rPr></w:style>'),
        replaced(STYLES, "</w:style>", '<w:pPr><w:pPrChange w:id="1"><w:pPr/></w:pPrChange></w:pPr></w:style>'),
        replaced(DOCUMENT, "</w:sectPr>", '<w:sectPrChange w:id="1" w:author="NAMN"/></w:sectPr>'),
    ],
)  # fmt: skip
def test_a_template_with_tracked_changes_is_refused(tmp_path, change):
    path = template(tmp_path, change=change)
    with pytest.raises(BundleError) as refused:
        check_template(path)
    assert refused.value.found == ("mallen har spårade ändringar",)
    assert refused.value.action.startswith("godta eller avvisa alla ändringar i mallen")
    assert "NAMN" not in str(refused.value)


def of_persons(parts: dict[str, str]) -> dict[str, str]:
    """Change the template to one that tells of its authors wherever Word does."""
    shown = "".join(
        field(instruction, "NAMN")
        for instruction in (
            " AUTHOR ",
            " LASTSAVEDBY ",
            " UserName ",
            " FILENAME \\p ",
            " COMMENTS ",
            " DOCPROPERTY Ansvarig ",
        )
    )
    shown += '<w:p><w:fldSimple w:instr=" AUTHOR \\* MERGEFORMAT "><w:r><w:t>NAMN</w:t></w:r></w:fldSimple></w:p>'
    inner = field(" AUTHOR ", "NAMN").removeprefix("<w:p>").removesuffix("</w:p>")
    shown += field(" IF a = a ", "NAMN").replace(
        '<w:r><w:fldChar w:fldCharType="separate"', inner + '<w:r><w:fldChar w:fldCharType="separate"'
    )
    shown += (
        '<w:sdt><w:sdtPr><w:dataBinding w:xpath="/ns1:coreProperties[1]/ns0:creator[1]"/></w:sdtPr>'
        "<w:sdtContent><w:p><w:r><w:t>NAMN</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        '<w:permStart w:id="1" w:ed="NAMN"/><w:permEnd w:id="1"/>'
        '<w:p w:title="C:\\Users\\NAMN\\logga.png"><w:r><w:t>Kommunen</w:t></w:r></w:p>'
    )
    settings = (
        '<w:writeProtection w:recommended="1"/><w:docVars><w:docVar w:name="a" w:val="NAMN"/></w:docVars>'
        '<w:documentProtection w:edit="readOnly" w:hash="NAMN"/><w:zoom w:percent="90"/>'
    )
    parts = in_header(shown)(parts)
    return {**parts, SETTINGS: parts[SETTINGS].replace('<w:zoom w:percent="100"/>', settings)}


def test_nothing_of_the_persons_who_wrote_the_template_comes_along_and_its_fields_stay(tmp_path):
    found = word(report(), tmp_path, reference=template(tmp_path, change=of_persons))
    head = parseString(found[HEADER])
    instructions = [said_of.firstChild.data for said_of in head.getElementsByTagName("w:instrText")]
    assert [name for name, part in found.items() if "NAMN" in part] == []
    assert said(head) == "KommunenBilaga <2024> & mer"
    assert 'w:title="logga.png"' in found[HEADER]
    assert "".join(instructions).split() == [
        "AUTHOR", "LASTSAVEDBY", "UserName", "FILENAME", "\\p", "COMMENTS", "DOCPROPERTY", "Ansvarig", "IF", "a", "=", "a", "AUTHOR",
    ]  # fmt: skip
    assert not re.search("docVar|rotection|permStart", found[SETTINGS] + found[HEADER])
    assert '<w:zoom w:percent="90"' in found[SETTINGS]


def test_the_shown_value_of_other_fields_stays(tmp_path):
    found = word(report(), tmp_path, reference=template(tmp_path, change=in_header(field(" PAGE ", "7"))))
    assert said(parseString(found[HEADER])) == "7Bilaga <2024> & mer"


def test_a_field_that_fetches_a_file_is_refused(tmp_path):
    path = template(tmp_path, change=in_header(field(' INCLUDEPICTURE "C:/logga.png" ', "x")))
    with pytest.raises(BundleError) as refused:
        check_template(path)
    assert refused.value.found == ("filen länkar till en bild eller ett objekt utanför sig själv",)


def with_logotype(name: str, content: bytes | str, *, kind: str = "image"):
    """Change the template so that its head leads to a part of that name."""
    link = f'<Relationship Id="rId1" Type="http://x/{kind}" Target="{name}"/>'
    whole = (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{link}</Relationships>'
    )
    return lambda parts: {**parts, "word/_rels/header1.xml.rels": whole, f"word/{name}": content}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("media/image1.jpeg", b"\xff\xd8\xff"),
        ("media/image1.JPG", b"\xff\xd8\xff"),
        ("media/image1.emf", b"\x01\0\0\0"),
        ("media/image1.png", b"\xff\xd8\xff"),
        ("media/image1.png", png()[:-14]),
        ("media/image1.svg", "<svg"),
        ("media/image1.svg", '<!DOCTYPE svg [<!ENTITY a "b">]><svg/>'),
    ],
)
def test_a_logotype_that_is_neither_png_nor_svg_is_refused_with_its_part_and_what_to_do(tmp_path, name, content):
    path = template(tmp_path, change=with_logotype(name, content))
    with pytest.raises(BundleError) as refused:
        check_template(path)
    assert refused.value.found == (f"bilden word/{name} är varken PNG eller SVG, eller är skadad",)
    assert refused.value.action == "spara logotypen som PNG och sätt in den på nytt"


def test_an_embedded_object_in_the_head_is_refused(tmp_path):
    path = template(tmp_path, change=with_logotype("embeddings/oleObject1.bin", b"x", kind="oleObject"))
    with pytest.raises(BundleError) as refused:
        check_template(path)
    assert refused.value.found == ("mallen har ett inbäddat objekt: word/embeddings/oleObject1.bin",)
    assert refused.value.action == "ta bort objektet ur mallens sidhuvud och sidfot"


def test_a_drawn_logotype_loses_what_its_editor_noted(tmp_path):
    svg = (
        '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd"><!-- NAMN --><svg xmlns="http://www.w3.org/2000/svg"'
        ' xmlns:s="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" s:docname="NAMN.svg"><s:namedview a="NAMN"/>'
        '<metadata><author>NAMN</author></metadata><g><!-- NAMN --><path d="M0 0"/></g></svg>'
    )
    found = word(report(), tmp_path, reference=template(tmp_path, change=with_logotype("media/logo.svg", svg)))
    assert found["word/media/logo.svg"] == (
        '<?xml version="1.0" encoding="UTF-8"?><svg xmlns="http://www.w3.org/2000/svg"'
        ' xmlns:s="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd"><g><path d="M0 0"/></g></svg>'
    )


def with_embedded_fonts(parts: dict[str, str]) -> dict[str, str]:
    """Change the template to one that was saved with its fonts, and whose theme has a photograph for a background."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    drawing = "http://schemas.openxmlformats.org/drawingml/2006/main"

    def links(kind: str, at: str) -> str:
        link = f'<Relationship Id="rId1" Type="{office}/{kind}" Target="{at}"/>'
        return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{link}</Relationships>'

    fonts = parts[FONTS].replace("</w:font>", f'<w:embedRegular xmlns:r="{office}" r:id="rId1"/></w:font>')
    theme = parts[THEME].replace(
        "<a:bgFillStyleLst>",
        f'<a:bgFillStyleLst><a:blipFill xmlns:a="{drawing}"><a:blip xmlns:r="{office}" r:embed="rId1"/></a:blipFill>',
    )
    assert fonts != parts[FONTS]
    assert theme != parts[THEME]
    return {
        **parts,
        FONTS: fonts,
        THEME: theme,
        "word/_rels/fontTable.xml.rels": links("font", "fonts/font1.odttf"),
        "word/fonts/font1.odttf": "x",
        "word/theme/_rels/theme1.xml.rels": links("image", "../media/image1.jpeg"),
        "word/media/image1.jpeg": "x",
    }


def test_embedded_fonts_and_the_pictures_of_a_theme_stay_behind_with_what_leads_to_them(tmp_path):
    found = word(report(FIGURE), tmp_path, reference=template(tmp_path, change=with_embedded_fonts))
    together = "".join(found.values())
    assert not [name for name in found if name.endswith((".odttf", ".jpeg", "fontTable.xml.rels", "theme1.xml.rels"))]
    assert not re.search("embedRegular|blipFill><a:blip|image1.jpeg", found[FONTS] + found[THEME])
    assert "rId1" not in found[FONTS] + found[THEME]
    assert "odttf" not in re.sub(r"<Default [^>]*>", "", together)
    assert list(packed_texts((tmp_path / "report.docx").read_bytes()))


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1"])
def test_a_part_in_another_encoding_is_read_and_written_as_utf_8(tmp_path, encoding):
    def other(parts):
        changed = in_header("<w:p><w:r><w:t>Åmåls gård</w:t></w:r></w:p>")(parts)
        head = changed[HEADER].replace('encoding="UTF-8"', f'encoding="{encoding.upper()}"')
        foot = parts["word/footer1.xml"].replace('encoding="UTF-8"', f'encoding="{encoding.upper()}"')
        return {**parts, HEADER: head.encode(encoding), "word/footer1.xml": foot.encode(encoding)}

    found = word(report(), tmp_path, reference=template(tmp_path, change=other))
    assert said(parseString(found[HEADER])) == "Åmåls gårdBilaga <2024> & mer"
    assert said(parseString(found["word/footer1.xml"])) == "sida 1 (1)"
    assert found[HEADER].startswith('<?xml version="1.0" encoding="UTF-8"?>')


def test_a_document_type_is_refused_in_utf_16_too(tmp_path):
    def other(parts):
        head = parts[HEADER].replace('encoding="UTF-8"', 'encoding="UTF-16"').replace("<w:hdr", "<!DOCTYPE a><w:hdr", 1)
        return {**parts, HEADER: head.encode("utf-16")}

    with pytest.raises(BundleError) as refused:
        check_template(template(tmp_path, change=other))
    assert refused.value.found == ("filen har delar som inte hör hemma i ett Word-dokument",)


def test_the_check_of_a_template_passes_a_good_one_and_needs_nothing_that_is_slow_to_load(tmp_path):
    path = template(tmp_path, change=with_content)
    code = (
        "import sys; from pathlib import Path; from kaa_analysis.render.word import check_template; "
        "check_template(Path(sys.argv[1])); print([name for name in ('pandas', 'numpy', 'pypandoc') if name in sys.modules])"
    )
    said_by = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, check=True, text=True)
    assert said_by.stdout == "[]\n"


def test_the_same_template_gives_the_same_bytes(tmp_path):
    path = template(tmp_path, change=of_persons)
    for name in ("a", "b"):
        write_word(report(), tmp_path / name, reference=path)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
