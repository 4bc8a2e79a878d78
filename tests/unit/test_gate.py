"""The release gate: each kind of trace in each kind of place stops the bundle, and the same bundle without it passes."""

import base64
import io
import struct
import zipfile
import zlib

import pypandoc
import pytest
import typst
import xlsxwriter
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Text
from pypdf.generic import ByteStringObject, DecodedStreamObject, NameObject, TextStringObject

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.ingest.identity import pseudonym
from kaa_analysis.render.gate.contents import Content, contents
from kaa_analysis.render.gate.rerender import refuse_differences
from kaa_analysis.render.gate.scan import (
    ACTION,
    IDENTITY,
    PATH,
    PSEUDONYM,
    UNNAMED,
    Forbidden,
    forbidden_paths,
    refuse_traces,
)
from kaa_analysis.render.gate.traces import (
    PSEUDONYM_DIGITS,
    count_identities,
    count_paths,
    count_pseudonyms,
    given_paths,
    written_out,
)
from kaa_analysis.render.litter import is_litter

NOTHING = Forbidden(frozenset(), ())
CLEAN = "1 234 ungdomar"
TRACES = {IDENTITY: "20088103-1234", PSEUDONYM: "0f1e2d3c4b5a6978", PATH: "/home/anna/kaa"}
EMPTY_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def split(words: str) -> tuple[str, str]:
    """Return the words in two parts, neither of which is a trace."""
    return words[:5], words[5:]


def write(folder, name, content) -> None:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


def packed(parts, *, comment=b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def png(kind: bytes = b"tEXt", payload: bytes = b"") -> bytes:
    chunk = struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))
    return EMPTY_PNG[:33] + chunk + EMPTY_PNG[33:]


def pdf_of(body: str, **files: bytes) -> bytes:
    """Return an accessible PDF of Typst source, with ``figure`` as the content of figure.svg."""
    sources = {"main.typ": f"#set document(title: [T])\n#set text(lang: {chr(34)}sv{chr(34)})\n{body}".encode()}
    sources |= {f"{name}.svg": content for name, content in files.items()}
    return typst.compile(sources, pdf_standards=["a-2a", "ua-1"], timestamp=0, ignore_system_fonts=True)


def changed_pdf(change) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf_of("= Rubrik\nText"))))
    change(writer)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def workbook(write_into) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        write_into(book, book.add_worksheet("Tabell"))
    return buffer.getvalue()


def hidden_sheet(book, words) -> None:
    sheet = book.add_worksheet("Dold")
    sheet.write(0, 0, words)
    sheet.very_hidden()


def runs(words: str, between: str = "") -> str:
    first, last = split(words)
    return f"<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>{first}</w:t></w:r>{between}<w:r><w:t>{last}</w:t></w:r></w:p>"


def drawing(words: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 99 9"><text x="1" y="8">{words}</text></svg>'


def add_stream(writer, words) -> None:
    stream = DecodedStreamObject()
    stream.set_data(f"BT (a) Tj ET % {words}".encode())
    writer._add_object(stream)


def add_actual_text(writer, words) -> None:
    stream = DecodedStreamObject()
    octal = "".join(f"\\{byte:03o}" for byte in b"\xfe\xff" + words.encode("utf-16-be"))
    stream.set_data(f"/Span <</ActualText ({octal})>> BDC EMC".encode())
    writer._add_object(stream)


def set_in_catalogue(writer, words) -> None:
    writer.root_object[NameObject("/Egen")] = ByteStringObject(b"\x01" + words.encode())


PLACES = {
    "html, text": lambda folder, words: write(folder, "a.html", f"<p>{words}</p>"),
    "html, comment": lambda folder, words: write(folder, "a.html", f"<p>a</p><!-- {words} -->"),
    "html, attribute": lambda folder, words: write(folder, "a.html", f"<p data-a='{words}'>a</p>"),
    "html, style": lambda folder, words: write(folder, "a.html", f'<style>p::after{{content:"{words}"}}</style>'),
    "html, split over elements": lambda folder, words: write(
        folder, "a.html", "<b>{}</b><i>{}</i>".format(*split(words))
    ),
    "html, split by a comment": lambda folder, words: write(folder, "a.html", "{}<!-- > -->{}".format(*split(words))),
    "html, character references": lambda folder, words: write(
        folder, "a.html", "".join(f"&#{ord(letter)};" for letter in words)
    ),
    "html, text of an embedded picture": lambda folder, words: write(
        folder,
        "a.html",
        f'<img src="data:image/png;base64,{base64.b64encode(png(payload=words.encode())).decode()}">',
    ),
    "html, embedded drawing": lambda folder, words: write(
        folder,
        "a.html",
        f'<img src="data:image/svg+xml;charset=utf-8;base64,{base64.b64encode(drawing(words).encode()).decode()}">',
    ),
    "svg, text": lambda folder, words: write(folder, "a.svg", drawing(words)),
    "svg, title": lambda folder, words: write(folder, "a.svg", f"<svg><title>{words}</title></svg>"),
    "svg, description": lambda folder, words: write(folder, "a.svg", f"<svg><desc>{words}</desc></svg>"),
    "svg, split over spans": lambda folder, words: write(
        folder, "a.svg", "<svg><text><tspan>{}</tspan><tspan>{}</tspan></text></svg>".format(*split(words))
    ),
    "csv": lambda folder, words: write(folder, "a.csv", f"a,b\n1,{words}\n"),
    "json": lambda folder, words: write(folder, "a.json", f'{{"a": "{words}"}}'),
    "json, escaped": lambda folder, words: write(
        folder, "a.json", '"' + "".join(f"\\u{ord(letter):04x}" for letter in words) + '"'
    ),
    "xlsx, cell": lambda folder, words: write(folder, "a.xlsx", workbook(lambda book, sheet: sheet.write(0, 0, words))),
    "xlsx, comment": lambda folder, words: write(
        folder, "a.xlsx", workbook(lambda book, sheet: sheet.write_comment(0, 0, words))
    ),
    "xlsx, hidden sheet": lambda folder, words: write(
        folder, "a.xlsx", workbook(lambda book, sheet: hidden_sheet(book, words))
    ),
    "xlsx, properties": lambda folder, words: write(
        folder, "a.xlsx", workbook(lambda book, sheet: book.set_properties({"keywords": words}))
    ),
    "xlsx, own property": lambda folder, words: write(
        folder, "a.xlsx", workbook(lambda book, sheet: book.set_custom_property("a", words))
    ),
    "xlsx, picture": lambda folder, words: write(
        folder,
        "a.xlsx",
        workbook(
            lambda book, sheet: sheet.insert_image(
                0, 0, "a.png", {"image_data": io.BytesIO(png(payload=words.encode()))}
            )
        ),
    ),
    "xlsx, comment of the packing": lambda folder, words: write(
        folder, "a.xlsx", packed({"a.xml": "<a/>"}, comment=words.encode())
    ),
    "xlsx, name of a part": lambda folder, words: write(folder, "a.xlsx", packed({f"{words}.xml": "<a/>"})),
    "docx, text": lambda folder, words: write(folder, "a.docx", packed({"word/document.xml": f"<w:t>{words}</w:t>"})),
    "docx, split over runs": lambda folder, words: write(folder, "a.docx", packed({"word/document.xml": runs(words)})),
    "docx, split by a bookmark": lambda folder, words: write(
        folder, "a.docx", packed({"word/document.xml": runs(words, '<w:bookmarkStart w:id="1" w:name="a"/>')})
    ),
    "docx, header": lambda folder, words: write(folder, "a.docx", packed({"word/header1.xml": runs(words)})),
    "docx, comment": lambda folder, words: write(folder, "a.docx", packed({"word/comments.xml": runs(words)})),
    "docx, deleted": lambda folder, words: write(
        folder, "a.docx", packed({"word/document.xml": f"<w:del w:author='a'><w:delText>{words}</w:delText></w:del>"})
    ),
    "docx, author of a change": lambda folder, words: write(
        folder, "a.docx", packed({"word/document.xml": f'<w:ins w:author="{words}"/>'})
    ),
    "docx, template": lambda folder, words: write(
        folder, "a.docx", packed({"word/_rels/settings.xml.rels": f'<Relationship Target="{words}"/>'})
    ),
    "docx of pandoc": lambda folder, words: pypandoc.convert_text(
        f"*{words}* a", "docx", "markdown", outputfile=folder / "a.docx"
    ),
    "png, tEXt": lambda folder, words: write(folder, "a.png", png(b"tEXt", b"Comment\0" + words.encode())),
    "png, zTXt": lambda folder, words: write(folder, "a.png", png(b"zTXt", b"A\0\0" + zlib.compress(words.encode()))),
    "png, iTXt": lambda folder, words: write(folder, "a.png", png(b"iTXt", b"A\0\0\0\0\0" + words.encode())),
    "png, packed iTXt": lambda folder, words: write(
        folder, "a.png", png(b"iTXt", b"A\0\1\0\0\0" + zlib.compress(words.encode()))
    ),
    "png, eXIf": lambda folder, words: write(folder, "a.png", png(b"eXIf", b"II*\0" + words.encode())),
    "pdf, text": lambda folder, words: write(folder, "a.pdf", pdf_of(f'#"{words}"')),
    "pdf, split over styles": lambda folder, words: write(
        folder, "a.pdf", pdf_of('#"{}"#strong("{}")'.format(*split(words)))
    ),
    "pdf, text of a drawing": lambda folder, words: write(
        folder, "a.pdf", pdf_of('#image("figure.svg", alt: "a")', figure=drawing(words).encode())
    ),
    "pdf, title": lambda folder, words: write(folder, "a.pdf", pdf_of(f'#set document(title: "{words}")\na')),
    "pdf, keywords": lambda folder, words: write(folder, "a.pdf", pdf_of(f'#set document(keywords: ("{words}",))\na')),
    "pdf, alternative text": lambda folder, words: write(
        folder, "a.pdf", pdf_of(f'#image("figure.svg", alt: "{words}")', figure=drawing("a").encode())
    ),
    "pdf, outline": lambda folder, words: write(
        folder, "a.pdf", changed_pdf(lambda writer: writer.add_outline_item(title=words, page_number=0))
    ),
    "pdf, note": lambda folder, words: write(
        folder,
        "a.pdf",
        changed_pdf(lambda writer: writer.add_annotation(0, Text(rect=(9, 9, 20, 20), text=words))),
    ),
    "pdf, document information": lambda folder, words: write(
        folder, "a.pdf", changed_pdf(lambda writer: writer.add_metadata({"/Egen": words}))
    ),
    "pdf, name of a file beside it": lambda folder, words: write(
        folder,
        "a.pdf",
        changed_pdf(lambda writer: writer.root_object.update({NameObject("/UF"): TextStringObject(words)})),
    ),
    "pdf, bytes in the catalogue": lambda folder, words: write(
        folder, "a.pdf", changed_pdf(lambda writer: set_in_catalogue(writer, words))
    ),
    "pdf, stream that no page shows": lambda folder, words: write(
        folder, "a.pdf", changed_pdf(lambda writer: add_stream(writer, words))
    ),
    "pdf, text to be read aloud": lambda folder, words: write(
        folder, "a.pdf", changed_pdf(lambda writer: add_actual_text(writer, words))
    ),
    "pdf, comment outside the objects": lambda folder, words: write(
        folder, "a.pdf", pdf_of("a").replace(b"startxref", b"%" + words.encode() + b"\nstartxref")
    ),
}


@pytest.mark.parametrize("place", PLACES)
class TestPlaces:
    @pytest.mark.parametrize("kind", TRACES)
    def test_a_trace_is_refused_and_not_told(self, tmp_path, place, kind):
        PLACES[place](tmp_path, TRACES[kind])
        with pytest.raises(DisclosureError) as refusal:
            refuse_traces(tmp_path, forbidden=NOTHING)
        message = str(refusal.value)
        assert {line.partition(" som ")[2] for line in refusal.value.found} == {kind}
        assert TRACES[kind] not in message

    def test_the_same_file_without_a_trace_passes(self, tmp_path, place):
        PLACES[place](tmp_path, CLEAN)
        assert refuse_traces(tmp_path, forbidden=NOTHING) is None
        assert len(list(contents(tmp_path))) > 1


class TestNames:
    @pytest.mark.parametrize("kind", [IDENTITY, PSEUDONYM])
    @pytest.mark.parametrize("name", ["{}.csv", "{}.zip", "{}/a.csv"])
    def test_a_name_that_is_a_trace_is_refused_and_not_told(self, tmp_path, kind, name):
        path = tmp_path / name.format(TRACES[kind])
        path.parent.mkdir(exist_ok=True)
        path.write_text("a")
        with pytest.raises(DisclosureError) as refusal:
            refuse_traces(tmp_path, forbidden=NOTHING)
        assert set(refusal.value.found) == {f"{UNNAMED}: något som {kind}"}

    def test_the_place_and_the_number_of_traces_are_told(self, tmp_path):
        write(tmp_path, "a.docx", packed({"word/document.xml": f"<w:t>{TRACES[IDENTITY]} {TRACES[IDENTITY]}</w:t>"}))
        write(tmp_path, "b.csv", TRACES[PATH])
        with pytest.raises(DisclosureError) as refusal:
            refuse_traces(tmp_path, forbidden=NOTHING)
        assert refusal.value.found == (f"a.docx: word/document.xml: 2 som {IDENTITY}", f"b.csv: något som {PATH}")


class TestContents:
    def test_markup_is_given_as_it_stands_and_as_it_is_read(self, tmp_path):
        write(tmp_path, "a.html", '<p title="b">1<b>2</b></p><p>3</p><img src="data:font/woff2;base64,AAAA">')
        assert list(contents(tmp_path)) == [
            Content("a.html", "namn", "a.html"),
            Content("a.html", "", '<p title="b">1<b>2</b></p><p>3</p><img src="data:">'),
            Content("a.html", "", "\n12\n\n3\n"),
        ]

    def test_cells_and_properties_side_by_side_are_not_one_number(self, tmp_path):
        write(tmp_path, "a.html", "<tr><td>2008</td><td>1103</td><td>1234</td></tr>")
        write(
            tmp_path,
            "a.xlsx",
            packed({"docProps/app.xml": "<Pages>2008</Pages><Words>1103</Words><Lines>1234</Lines>"}),
        )
        write(
            tmp_path,
            "b.xlsx",
            packed({"xl/a.xml": "<row><c><v>2008</v></c><c><v>1103</v></c><c><v>1234</v></c></row>"}),
        )
        assert refuse_traces(tmp_path, forbidden=NOTHING) is None


def encrypted(writer) -> None:
    writer.encrypt("a")


def older_version() -> bytes:
    writer = PdfWriter(io.BytesIO(pdf_of("a")), incremental=True)
    writer.add_metadata({"/A": "b"})
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


PART = packed({"a.xml": "<a>" + "b" * 99 + "</a>"})
UNREADABLE = {
    "unknown kind": ("a.txt", b"a", "okänt slag av fil"),
    "packed file": ("a.zip", PART, "okänt slag av fil"),
    "capital letters": ("a.CSV", b"a", "okänt slag av fil"),
    "packed file under another name": ("a.csv", PART, "är av ett annat slag än namnet säger"),
    "not UTF-8": ("a.csv", "å".encode("latin-1"), "är inte text i UTF-8"),
    "embedded kind": ("a.html", b'<img src="data:image/jpeg;base64,AAAA">', "inbäddad fil av okänt slag"),
    "nested packing": ("a.xlsx", packed({"a.xml": PART}), "innehåller en packad fil"),
    "truncated packing": ("a.docx", PART[:-30], "det packade innehållet är skadat eller avklippt"),
    "damaged part": (
        "a.docx",
        PART[:40] + b"\xff\xff\xff" + PART[43:],
        "det packade innehållet är skadat eller avklippt",
    ),
    "bytes before": ("a.docx", b"20088103" + PART, "har byte utanför sina delar"),
    "bytes after": ("a.docx", PART + b"20088103", "har byte utanför sina delar"),
    "program": ("a.xlsx", packed({"xl/vbaProject.bin": b"a"}), "innehåller ett program (makro)"),
    "embedded object": ("a.docx", packed({"word/embeddings/a.xml": b"a"}), "innehåller ett inbäddat objekt"),
    "OLE": ("a.docx", packed({"word/a.xml": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}), "innehåller ett inbäddat objekt"),
    "unknown part": ("a.docx", packed({"word/a.emf": b"a"}), "innehåller en del av okänt slag"),
    "no PNG": ("a.png", b"GIF89a", "är inte en PNG-bild"),
    "cut off PNG": ("a.png", EMPTY_PNG[:-6], "bilden är avklippt"),
    "PNG with more": ("a.png", EMPTY_PNG + b"a", "något står efter bildens slut"),
    "PNG text": ("a.png", png(b"zTXt", b"A\0\0a"), "bildens text kan inte packas upp"),
    "no PDF": ("a.pdf", b"a", "är inte en PDF"),
    "damaged PDF": ("a.pdf", b"%PDF-1.7\nstartxref\n7\n%%EOF", "kan inte läsas som PDF"),
    "encrypted PDF": ("a.pdf", changed_pdf(encrypted), "är krypterad"),
    "PDF with a file": (
        "a.pdf",
        changed_pdf(lambda writer: writer.add_attachment("a.csv", b"a")),
        "innehåller en inbäddad fil",
    ),
    "PDF with earlier versions": ("a.pdf", older_version(), "innehåller tidigare versioner av sig själv"),
    "PDF with an object aside": (
        "a.pdf",
        pdf_of("a").replace(b"startxref", b"9999 0 obj\n(a)\nendobj\nstartxref"),
        "har objekt som korsreferensen inte känner",
    ),
}


class TestUnreadable:
    @pytest.mark.parametrize("case", UNREADABLE)
    def test_what_cannot_be_read_is_refused(self, tmp_path, case):
        name, content, reason = UNREADABLE[case]
        write(tmp_path, name, content)
        with pytest.raises(DisclosureError) as refusal:
            refuse_traces(tmp_path, forbidden=NOTHING)
        assert refusal.value.found == (f"{name}: {reason}",)

    def test_a_part_that_the_directory_does_not_know_is_refused(self, tmp_path):
        hidden = PART[: PART.rfind(b"PK\x01\x02")]
        shifted = io.BytesIO(hidden)
        with zipfile.ZipFile(shifted, "a") as archive:
            archive.writestr("b.xml", "<a/>")
        write(tmp_path, "a.docx", shifted.getvalue())
        with pytest.raises(DisclosureError, match="byte utanför sina delar"):
            refuse_traces(tmp_path, forbidden=NOTHING)

    def test_a_link_is_refused(self, tmp_path):
        write(tmp_path, "a.csv", "a")
        (tmp_path / "b.csv").symlink_to("a.csv")
        with pytest.raises(DisclosureError, match="länk"):
            refuse_traces(tmp_path, forbidden=NOTHING)


class TestIdentities:
    @pytest.mark.parametrize(
        "words",
        [
            "200881031234",
            "0881031234",
            "20088103-1234",
            "088103-1234",
            "088103+1234",
            "20088103 1234",
            "20088103\u00a01234",
            "20088103 - 1234",
            "20088103-\n1234",
            *(f"20088103{sign}1234" for sign in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad\ufe63\uff0d"),
            "2008\u200b8103\u2060-12\ufeff34",
            "2\u20600\u00ad0881031234",
            "２００８８１０３１２３４",
            "2008-81-03-1234",
            "20088163-1234",
            "20080063-1234",
            "20088160-1234",
            "20088191-1234",
            "18908103-1234",
            "pnr200881031234",
            "1,200881031234,2",
            "nr.200881031234.",
            "anna200881031234bo",
            "088103/1234",
            "088103.1234",
            "nummer: 088103.1234, född",
            "088103_1234",
            "088103\t1234",
            "088103\n1234",
            "20088103\n1234",
            "088103\r\n    1234",
            "088103\n1234, som",
            "a,088103 1234",
            "08-81-03-1234",
            "08-81-03+1234 och 5 till",
            "08/81/03-1234",
            "2008/81/03-1234",
            "2008.81.03-1234",
            "08 81 03 1234",
            "född 2008 81 03 1234.",
            "2008 81 03-1234",
            "08-00-63-1234",
            "2008-81-03-1234-01",
            *(f"2008-81-03{sign}1234" for sign in "\u2010\u2013\u2212\u2e3a\u301c"),
            *(f"088103-{letter}123" for letter in "TRSUWXJKLMNt"),
            "20088103+T123",
            "2008-81-03-T123",
            "fd0881031234",
            "0881031234fd",
            "#p0881031234)",
            "2015-01-31-1030",
            "2024-81-03-1030",
            "2024-01-15-1075",
            "19769012-1234",
        ],
    )
    def test_every_way_to_write_a_number_is_found(self, words):
        assert count_identities(written_out(words)) == 1

    @pytest.mark.parametrize(
        "words",
        [
            "AMF 2025/0123",
            "08-508 253 45",
            "070-123 45 67",
            "+46 8 508 25 345",
            "559012-1234",
            "212000-0142",
            "2025-01-31",
            "2025-01-31 1234",
            "2025-01-31T12:34:56",
            "0.20088103123",
            "2008 8103 1234 56",
            "2008810312345",
            "120088103-1234",
            "20088103-12345",
            "20088103,1234",
            "20088103\n\n1234",
            "20087303-1234",
            "20088132-1234",
            "769012-1234",
            "969112-4321",
            *(f"2022-01-01{sign}2024-12-31" for sign in "-\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"),
            "2022-01-01 \u2013 2024-12-31",
            "2022/01/01\u20132024/12/31",
            "2022.01.01\u20132024.12.31",
            "2022-01-01/2024-12-31",
            "2015-01-01\u20132016-12",
            "2024-01-15-1030",
            "2024.01.15-1030",
            "2025-01-31+0100",
            "1999-12-31+0530",
            "2024.01",
            "a,110315.1234,b",
            '{"a":110315.1234}',
            '{"a": 110315.1234,\n',
            "a\n110315.1234;1",
            "a,110315\n1234,5",
            "a;110315\r\n1234;5",
            "1,110315\n1234",
            "110315\t1234\t5",
            "2024 10 11 12 2025",
            "10 11 12 1234 5",
            "[10 12 31 1234]",
            "20088103-T1234",
            "20088103T123",
            f"{'a' * 26}200881031234{'b' * 26}",
            "20088103-1234-4abc-8def-0123456789ab",
            'href="#m0881031234"',
            "url(#p0881031234)",
            'id="C1_2_0881031234"',
        ],
    )
    def test_other_numbers_are_none(self, words):
        assert count_identities(written_out(words)) == 0

    def test_an_interval_does_not_hide_the_number_after_it(self):
        assert count_identities("2022-01-01-2008-12-31-1234 2022-01-01-2024-12-31 20088103-1234") == 2

    def test_the_id_of_the_run_is_none_and_that_of_another_is_refused(self, tmp_path):
        write(tmp_path, "a.csv", "arsbilaga/2024/fd0881031234")
        assert refuse_traces(tmp_path, forbidden=Forbidden(frozenset(), (), frozenset({"fd0881031234"}))) is None
        with pytest.raises(DisclosureError, match=IDENTITY):
            refuse_traces(tmp_path, forbidden=Forbidden(frozenset(), (), frozenset({"ad0881031234"})))

    def test_telephone_and_reference_numbers_pass_as_the_message_says_to_write_them(self, tmp_path):
        write(tmp_path, "a.csv", "telefon 0812311234, dnr 240112-1234")
        with pytest.raises(DisclosureError) as refusal:
            refuse_traces(tmp_path, forbidden=NOTHING)
        assert refusal.value.found == (f"a.csv: 2 som {IDENTITY}",)
        telephone, reference = "08-12 31 12 34", "240 112 12 34"
        assert refusal.value.action == ACTION
        assert ACTION.endswith(f"som {telephone} eller {reference}")
        write(tmp_path, "a.csv", f"telefon {telephone}, dnr {reference}")
        assert refuse_traces(tmp_path, forbidden=NOTHING) is None


class TestTextInHexadecimal:
    """Typst writes what is not ASCII as UTF-16 in hexadecimal digits: three letters are sixteen of them."""

    def test_a_heading_of_three_letters_is_no_pseudonym(self, tmp_path):
        content = pdf_of('= Mål\n#set document(title: [Mål], author: "Räv")\nText')
        assert b"<FEFF004D00E5006C>" in content
        write(tmp_path, "a.pdf", content)
        assert refuse_traces(tmp_path, forbidden=NOTHING) is None

    @pytest.mark.parametrize("kind", TRACES)
    def test_a_trace_in_such_a_string_is_read_wherever_it_stands(self, tmp_path, kind):
        words = f"å {TRACES[kind]}".encode("utf-16-be").hex().upper().encode()
        write(tmp_path, "a.pdf", pdf_of("a").replace(b"startxref", b"%<FEFF" + words + b">\nstartxref"))
        with pytest.raises(DisclosureError) as refusal:
            refuse_traces(tmp_path, forbidden=NOTHING)
        assert refusal.value.found == (f"a.pdf: något som {kind}",)

    def test_digits_that_are_no_text_are_kept_as_they_stand(self, tmp_path):
        write(tmp_path, "a.pdf", pdf_of("a").replace(b"startxref", b"%<0f1e2d3c4b5a6978>\nstartxref"))
        with pytest.raises(DisclosureError, match=PSEUDONYM):
            refuse_traces(tmp_path, forbidden=NOTHING)


class TestPseudonyms:
    KNOWN = frozenset({"1234567890123456", "abcdefabcdefabcd", "0f1e2d3c4b5a6978"})

    @pytest.mark.parametrize(
        ("words", "count"),
        [
            ("1234567890123456 abcdefabcdefabcd", 2),
            ("0F1E2D3C4B5A6978", 1),
            ("x0f1e2d3c4b5a6978y", 1),
            ("ff0f1e2d3c4b5a6978ff", 1),
            ("0f1e2d3c4b5a6979", 1),
            ("p_0f1e2d3c4b5a6979.csv", 1),
            ("9999999999999999 aaaaaaaaaaaaaaaa", 0),
            ("0f1e2d3c4b5a", 0),
            ("0f1e2d3c4b5a6979" * 4, 0),
            ("6.123233995736766e-17", 0),
            ("123233995736766e-17", 0),
            ("0.1234567890123456", 1),
        ],
    )
    def test_known_ones_are_found_anywhere_and_the_shape_alone(self, words, count):
        assert count_pseudonyms(words, known=self.KNOWN) == count

    def test_the_length_is_the_one_that_the_register_is_made_with(self):
        assert len(pseudonym("7", key=b"k" * 32, source="mvad")) == PSEUDONYM_DIGITS

    def test_known_ones_of_figures_alone_stop_the_bundle(self, tmp_path):
        write(tmp_path, "a.csv", "1234567890123456")
        assert refuse_traces(tmp_path, forbidden=NOTHING) is None
        with pytest.raises(DisclosureError, match=PSEUDONYM):
            refuse_traces(tmp_path, forbidden=Forbidden(self.KNOWN, ()))


class TestPaths:
    @pytest.mark.parametrize(
        "words",
        [
            "/home/anna/kaa",
            '"/Users/anna"',
            "(/root/kaa)",
            "mapp:/tmp/a",
            "/var/folders/x",
            r"C:\Users\anna",
            r"c:\\Users\\anna",
            "C:/Users/anna",
            r"D:\kaa\uttag",
            r"\\server\hem",
            "file:///srv/kaa",
            "/srv/kaa uttag/.säker",
            "/srv/kaa%20uttag/.s%C3%A4ker/a",
            r"E:\\kaa",
            "/mnt/c/Users/anna/kaa",
            "/c/Users/anna",
            "/media/anna/minne",
            "/Volumes/Minne/kaa",
            "/run/user/1000/kaa",
            "/var/home/anna",
            "C:/Temp/uttag",
            "c:/users/anna",
            "spara i </srv/kaa uttag/.säker>",
        ],
    )
    def test_a_path_on_a_machine_is_found(self, words):
        assert count_paths(words, given=given_paths(["/srv/kaa uttag/.säker", r"E:\kaa"])) > 0

    @pytest.mark.parametrize(
        "words",
        [
            "http://www.w3.org/2000/svg",
            "https://example.se/home/anna",
            "https://example.se/tmp/a",
            "/word/document.xml",
            "/xl/worksheets/sheet1.xml",
            "../home/anna",
            "flickor/pojkar",
            "</root>",
            "/Root 1 0 R",
            "profile:/",
            "kl. 12:\\n",
            "/srv/kaarna",
            "a/srv/kaa",
            "word/media/image1.png",
            "../media/image1.png",
            'PartName="/word/media/image1.png"',
            "https://example.se/media/anna",
            "sociala medier/media/press",
            "/S/L/P 1613 0 R",
            "https://example.se/a/b",
            "kl. 12:/2/",
        ],
    )
    def test_addresses_and_names_inside_files_are_none(self, words):
        assert count_paths(words, given=given_paths(["/srv/kaa"])) == 0

    @pytest.mark.parametrize("word", ["code", "main", "table", "style", "title", "word", "Title"])
    def test_a_project_in_a_folder_named_as_markup_is_not_found_in_the_markup(self, tmp_path, word):
        write(tmp_path, "a.html", f"<{word}>a</{word}>")
        write(tmp_path, "a.docx", packed({"[Content_Types].xml": f'<Override PartName="/{word}/document.xml"/>'}))
        write(tmp_path, "a.pdf", pdf_of("a"))
        assert refuse_traces(tmp_path, forbidden=Forbidden(frozenset(), (f"/{word}", f"/{word}/.secure"))) is None
        write(tmp_path, "b.csv", f"/{word}/.secure/uttag")
        with pytest.raises(DisclosureError) as refusal:
            refuse_traces(tmp_path, forbidden=Forbidden(frozenset(), (f"/{word}", f"/{word}/.secure")))
        assert refusal.value.found == (f"b.csv: något som {PATH}",)

    def test_a_given_path_stops_the_bundle(self, tmp_path):
        write(tmp_path, "a.csv", "/srv/kaa/uttag")
        assert refuse_traces(tmp_path, forbidden=NOTHING) is None
        with pytest.raises(DisclosureError, match=PATH):
            refuse_traces(tmp_path, forbidden=Forbidden(frozenset(), ("/srv/kaa",)))

    def test_the_paths_of_the_machine_are_gathered_without_the_short_ones(self, tmp_path, monkeypatch):
        monkeypatch.setattr("sys.prefix", "/usr")
        monkeypatch.setattr("tempfile.gettempdir", lambda: "/tmp")
        monkeypatch.setattr("getpass.getuser", lambda: "ingen-sadan-finns")
        monkeypatch.setenv("HOME", str(tmp_path / "hem"))
        monkeypatch.chdir("/")
        found = forbidden_paths(root=tmp_path / "rot", secure=tmp_path / "rot" / ".secure")
        assert found == tuple(str(tmp_path / name) for name in ("hem", "rot", "rot/.secure"))

    def test_a_user_without_home_folder_and_name_leaves_the_other_paths(self, tmp_path, monkeypatch):
        def nobody(*_):
            raise RuntimeError("Could not determine home directory.")

        monkeypatch.setattr("pathlib.Path.home", nobody)
        monkeypatch.setattr("pathlib.Path.expanduser", nobody)
        monkeypatch.setattr("sys.prefix", "/usr")
        monkeypatch.setattr("tempfile.gettempdir", lambda: "/tmp")
        monkeypatch.chdir("/")
        assert forbidden_paths(root=tmp_path, secure=tmp_path / ".s") == (str(tmp_path), str(tmp_path / ".s"))


class TestDifferences:
    @pytest.fixture
    def pair(self, tmp_path):
        folders = tmp_path / "bundle", tmp_path / "twin"
        for folder in folders:
            (folder / "data").mkdir(parents=True)
            write(folder, "data/a.csv", "a")
            write(folder, "run.json", folder.name)
        return folders

    def test_the_same_bytes_pass_whatever_the_files_left_out_hold(self, pair):
        assert refuse_differences(*pair, outside=frozenset({"run.json"})) is None

    def test_other_bytes_missing_and_extra_files_are_named(self, pair):
        bundle, twin = pair
        write(bundle, "b.csv", "b")
        write(twin, "c.csv", "c")
        write(twin, "data/a.csv", "b")
        with pytest.raises(DisclosureError) as refusal:
            refuse_differences(bundle, twin, outside=frozenset())
        assert refusal.value.found == (
            "b.csv: finns bara i rapporten",
            "c.csv: saknas i rapporten",
            "data/a.csv: har andra byte",
            "run.json: har andra byte",
        )

    def test_a_link_is_not_the_file_it_leads_to(self, pair):
        bundle, twin = pair
        (bundle / "b.csv").symlink_to(twin / "data" / "a.csv")
        write(twin, "b.csv", "a")
        with pytest.raises(DisclosureError, match=r"b\.csv: har andra byte"):
            refuse_differences(bundle, twin, outside=frozenset({"run.json"}))

    def test_the_same_link_on_both_sides_is_a_difference(self, pair):
        for folder in pair:
            (folder / "b.csv").symlink_to("data/a.csv")
            (folder / "mapp").symlink_to("data")
        with pytest.raises(DisclosureError) as refusal:
            refuse_differences(*pair, outside=frozenset({"run.json"}))
        assert refusal.value.found == ("b.csv: har andra byte", "mapp: har andra byte")

    def test_a_folder_that_one_side_lacks_is_a_difference_though_empty(self, pair):
        bundle, twin = pair
        (bundle / "tom").mkdir()
        (twin / "annan").mkdir()
        (twin / "data" / "b").mkdir()
        write(bundle, "data/b", "b")
        with pytest.raises(DisclosureError) as refusal:
            refuse_differences(bundle, twin, outside=frozenset({"run.json"}))
        assert refusal.value.found == (
            "annan: saknas i rapporten",
            "data/b: har andra byte",
            "tom: finns bara i rapporten",
        )

    def test_what_desktop_programs_leave_is_no_difference_but_folders_and_links_so_named_are(self, pair):
        bundle, twin = pair
        for name in (".DS_Store", "data/Thumbs.db", "~$report.docx", ".~lock.report.docx#"):
            write(bundle, name, "a")
        assert refuse_differences(bundle, twin, outside=frozenset({"run.json"})) is None
        (bundle / "~$mapp").mkdir()
        (bundle / "desktop.ini").symlink_to("data/a.csv")
        with pytest.raises(DisclosureError) as refusal:
            refuse_differences(bundle, twin, outside=frozenset({"run.json"}))
        assert refusal.value.found == ("desktop.ini: finns bara i rapporten", "~$mapp: finns bara i rapporten")


class TestLitter:
    @pytest.mark.parametrize(
        "name", [".~lock.report.docx#", "~$report.docx", ".DS_Store", "Thumbs.db", "desktop.ini", "Desktop.ini"]
    )
    def test_what_desktop_programs_leave_is_litter(self, name):
        assert is_litter(name)

    @pytest.mark.parametrize(
        "name", ["report.docx", ".~lock.report.docx", "lock#", "a~$", "Thumbs.db.csv", ".ds", "data/.DS_Store", ""]
    )
    def test_other_names_are_not(self, name):
        assert not is_litter(name)
