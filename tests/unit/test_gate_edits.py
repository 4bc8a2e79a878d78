"""A file edited by hand against its report: words may change, no number may."""

import io
import re
import shutil
import zipfile

import pytest

from kaa_analysis.cli.gating import gate_file
from kaa_analysis.core.errors import BundleError, DisclosureError, UsageError
from kaa_analysis.render.gate.edited import PICTURE, Passed, bundle_of, file_in_bundle, refuse_edits
from kaa_analysis.render.gate.scan import Forbidden
from kaa_analysis.render.gate.table_reading import CHANGED, UNBOUND
from tests.unit.changed_files import OWN, changed_parts, paragraph, part_replaced, replaced
from tests.unit.report_to_gate import RUN, make_bundle

NO_TRACES = Forbidden(frozenset(), ())


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    return make_bundle(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def bundle(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "reports" / "arsbilaga" / "2024" / RUN)


def edited(whole, tmp_path, name: str):
    """A copy of one file of the bundle, outside it."""
    return shutil.copy(whole / name, tmp_path / f"min_{name}")


def gated(path, whole) -> Passed:
    return refuse_edits(path, bundle=whole, forbidden=NO_TRACES, progress=lambda _: None)


@pytest.mark.parametrize("name", ["report.docx", "report.html", "report.pdf", "tables.xlsx"])
def test_an_unchanged_copy_has_nothing_to_remark_on(whole, tmp_path, name) -> None:
    passed = gated(edited(whole, tmp_path, name), whole)
    assert passed.left_out == ()
    assert passed.tables >= 2
    assert passed.bound > 50


def test_words_may_be_changed_in_text_headings_and_sentences(whole, tmp_path) -> None:
    path = edited(whole, tmp_path, "report.docx")
    part_replaced(
        path,
        "word/document.xml",
        "Ungdomar 16–19 år räknas under 2024.",
        "Här räknas alla ungdomar, som skäl anges i 29 kap. 9 §.",
    )
    part_replaced(
        path, "word/document.xml", "började 2\u00a0943\u00a0registreringar", "tillkom 2\u00a0943\u00a0registreringar"
    )
    changed_parts(path, {"word/document.xml": lambda text: text.replace(">Flickor</w:t>", ">Tjejer</w:t>")})
    assert gated(path, whole).left_out == ()


def test_a_table_may_be_taken_away_and_is_told(whole, tmp_path) -> None:
    path = edited(whole, tmp_path, "report.docx")
    changed_parts(
        path, {"word/document.xml": lambda text: re.sub(r"<w:tbl>.*?</w:tbl>", "", text, count=1, flags=re.DOTALL)}
    )
    assert gated(path, whole).left_out == ("Registrerade, nya och avslutade, 2023–2024",)


EDITS = {
    "a number in a paragraph": ("<w:sectPr", paragraph(f"Vi såg {OWN}.") + "<w:sectPr", UNBOUND),
    "a number of a cell among other words": (
        "<w:sectPr",
        paragraph("Totalt fanns 2 907 flickor.") + "<w:sectPr",
        UNBOUND,
    ),
    "a changed table cell": (">2\u00a0943</w:t></w:r></w:p></w:tc>", ">2\u00a0942</w:t></w:r></w:p></w:tc>", CHANGED),
    "the number of a sentence among other words": (
        "Under 2024 började 2\u00a0943\u00a0registreringar",
        "Bara flickorna: 2\u00a0943\u00a0tjejer",
        UNBOUND,
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_with_numbers_is_refused_with_what_to_do(whole, tmp_path, edit) -> None:
    old, new, kind = EDITS[edit]
    path = edited(whole, tmp_path, "report.docx")
    part_replaced(path, "word/document.xml", old, new)
    with pytest.raises(DisclosureError, match=r"se Tabell 3") as refused:
        gated(path, whole)
    [line] = refused.value.found
    assert line.startswith("min_report.docx: ")
    assert line.endswith(kind)


def test_an_identity_number_and_a_path_in_an_edited_file_are_refused(whole, tmp_path) -> None:
    path = edited(whole, tmp_path, "report.docx")
    part_replaced(path, "word/document.xml", "<w:sectPr", paragraph("20088103-1234, /home/anna/x") + "<w:sectPr")
    with pytest.raises(DisclosureError, match=r"spår av en person") as refused:
        gated(path, whole)
    assert len(refused.value.found) == 2


def test_a_picture_that_is_not_the_reports_is_refused(whole, tmp_path) -> None:
    path = edited(whole, tmp_path, "report.docx")
    with zipfile.ZipFile(path) as package:
        name = next(name for name in package.namelist() if name.endswith(".png"))
        picture = package.read(name)
    changed_parts(path, {name: picture[:-12] + picture[-12:], "word/media/own.png": _other_picture()})
    with pytest.raises(DisclosureError) as refused:
        gated(path, whole)
    assert refused.value.found == (f"min_report.docx: word/media/own.png: {PICTURE}",)


def _other_picture() -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (2, 2)).save(buffer, "PNG")
    return buffer.getvalue()


def test_the_report_of_a_file_is_the_one_it_lies_in_or_the_only_one_beside_it(whole, tmp_path) -> None:
    assert bundle_of(whole / "report.docx", given=None) == whole.resolve()
    path = edited(whole, tmp_path, "report.docx")
    with pytest.raises(UsageError, match=r"behöver en rapport"):
        bundle_of(tmp_path / path.name, given=None)
    shutil.copytree(whole, tmp_path / "paket")
    assert bundle_of(tmp_path / path.name, given=None) == tmp_path.resolve() / "paket"
    with pytest.raises(UsageError, match=r"ska vara en rapport"):
        bundle_of(tmp_path / path.name, given=tmp_path)


def test_a_file_of_a_kind_that_no_report_has_is_told_which_kinds_there_are(whole, tmp_path) -> None:
    (tmp_path / "brev.doc").write_bytes(b"x")
    assert file_in_bundle(tmp_path / "stock_and_flow.csv", whole) == "data/stock_and_flow.csv"
    with pytest.raises(UsageError, match=r"Word, Excel, PDF"):
        file_in_bundle(tmp_path / "brev.doc", whole)


def test_a_report_whose_store_is_changed_is_nothing_to_hold_a_file_against(bundle, whole, tmp_path) -> None:
    replaced(bundle / "plan.json", '"2024"', '"2023"')
    with pytest.raises(BundleError, match=r"ska vara hel"):
        gated(edited(whole, tmp_path, "report.docx"), bundle)


def test_the_command_tells_what_was_looked_at_and_which_tables_are_gone(whole, tmp_path, capsys) -> None:
    path = edited(whole, tmp_path, "report.docx")
    changed_parts(
        path, {"word/document.xml": lambda text: re.sub(r"<w:tbl>.*?</w:tbl>", "", text, count=1, flags=re.DOTALL)}
    )
    gate_file(tmp_path / "min_report.docx", given=whole)
    told = capsys.readouterr()
    assert told.out.splitlines()[:2] == ["min_report.docx: inget att anmärka", "  tabeller: 1"]
    assert "anmärkning: tabellen finns inte kvar i filen: Registrerade, nya och avslutade, 2023–2024" in told.err
    with pytest.raises(UsageError, match=r"en fil som finns"):
        gate_file(tmp_path / "finns_inte.docx", given=whole)
