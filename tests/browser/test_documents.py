"""The PDF, the Word file and the workbook in the programs that readers open them with: the same words in the same order."""

from __future__ import annotations

import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest

HEADINGS = ("h1", "h2", "h3", "h4")


class Words(HTMLParser):
    """The page's headings and table captions in order."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.captions: list[str] = []
        self.both: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag, attributes):
        if tag in (*HEADINGS, "caption"):
            self._inside = tag
            self.both.append("")

    def handle_endtag(self, tag):
        if tag == self._inside:
            (self.captions if tag == "caption" else self.headings).append(self.both[-1])
            self._inside = ""

    def handle_data(self, text):
        if self._inside:
            self.both[-1] += text


def words_of(bundle: Path) -> Words:
    words = Words()
    words.feed((bundle / "report.html").read_text(encoding="utf-8"))
    assert len(words.headings) > 3
    assert len(words.captions) > 3
    return words


def squeezed(text: str) -> str:
    """Return the text without blanks, line breaks, soft hyphens and ligatures: what lines are broken by is nobody's concern."""
    return "".join(unicodedata.normalize("NFKC", text).replace("\u00ad", "").split())


def missing_in_order(wanted: list[str], text: str) -> list[str]:
    """Return those of ``wanted`` that ``text`` does not hold after the one before."""
    whole, place, missing = squeezed(text), 0, []
    for words in wanted:
        found = whole.find(squeezed(words), place)
        if found < 0:
            missing.append(words)
        else:
            place = found + len(squeezed(words))
    return missing


@pytest.fixture(scope="module")
def converted(run_program, tmp_path_factory):
    """The function that lets LibreOffice open a file and save it in another format; returns the new file."""

    def convert(path: Path, kind: str) -> Path:
        folder = tmp_path_factory.mktemp("converted")
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        run_program("soffice", profile, "--headless", "--convert-to", kind, "--outdir", folder, path)
        made = folder / f"{path.stem}.{kind}"
        assert made.is_file(), f"LibreOffice kunde inte öppna {path.name}"
        return made

    return convert


@pytest.fixture(scope="module")
def info(run_program):
    """The function that returns what pdfinfo says of a file, by name."""

    def facts(path: Path) -> dict[str, str]:
        lines = run_program("pdfinfo", path).splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    return facts


def present(bundle: Path, name: str) -> Path:
    assert (bundle / name).is_file(), f"{name} saknas i paketet"
    return bundle / name


def test_the_word_file_opens_and_holds_headings_and_captions_in_the_order_of_the_page(
    bundle, converted, info, run_program
):
    pdf = converted(present(bundle, "report.docx"), "pdf")
    assert int(info(pdf)["Pages"]) > 1
    assert missing_in_order(words_of(bundle).both, run_program("pdftotext", pdf, "-")) == []


def test_the_pdf_is_tagged_and_named_and_carries_its_typefaces(bundle, info, run_program):
    pdf = present(bundle, "report.pdf")
    facts = info(pdf)
    assert facts["Tagged"] == "yes"
    assert facts["Title"].startswith(words_of(bundle).headings[0])
    _, rule, *lines = run_program("pdffonts", pdf).splitlines()
    widths = [len(part) for part in rule.split(" ")]
    start = sum(widths[:3]) + 3
    assert lines != []
    assert {line[start : start + widths[3]].strip() for line in lines} == {"yes"}


def test_the_pdf_is_read_in_the_order_of_the_page(bundle, run_program):
    pdf, words = present(bundle, "report.pdf"), words_of(bundle)
    assert missing_in_order(words.both, run_program("pdftotext", pdf, "-")) == []


def test_the_workbook_opens_with_all_its_sheets(bundle, converted):
    path = present(bundle, "tables.xlsx")
    ours, saved = (openpyxl.load_workbook(place) for place in (path, converted(path, "xlsx")))
    assert saved.sheetnames == ours.sheetnames
    assert [sheet.dimensions for sheet in saved] == [sheet.dimensions for sheet in ours]


def test_words_in_another_order_are_missed():
    text = "Syfte\n\nVilka om\u00adfattas?\nTabell 1. Antal\nMetod"
    assert missing_in_order(["Syfte", "Vilka omfattas?", "Antal", "Metod"], text) == []
    assert missing_in_order(["Syfte", "Antal", "Vilka omfattas?", "Metod", "Källor"], text) == [
        "Vilka omfattas?",
        "Källor",
    ]
