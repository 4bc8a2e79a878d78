"""A report in which people write: made, told unchanged, verified; a changed text is another run; a wrong reference stops before anything is written."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

PARAMS = "params/arsbilaga_demo.yaml"
TEXTS = Path("params") / "texter" / "arsbilaga_demo"


@pytest.fixture
def made(tmp_path, demo):
    """A project of its own with the report of the demonstration made."""
    root = tmp_path / "project"
    shutil.copytree(demo.root, root, symlinks=True)
    return type(demo)(root)


def sections(bundle: Path) -> list[str]:
    return re.findall(r"<h2[^>]*>(.*?)</h2>", (bundle / "report.html").read_text(encoding="utf-8"))


def test_the_demonstration_has_its_texts_after_what_matters_most_and_its_definitions_before_the_method(made):
    (bundle,) = made.bundles()
    found = sections(bundle)
    at = found.index("Det viktigaste")
    assert found[at + 1 : at + 4] == [
        "Förvaltningens analys",
        "Uppföljning av årets utvecklingsområden",
        "Förslag till förändringar",
    ]
    assert found[found.index("Metod och begränsningar") - 1] == "Definitioner"
    texts = {path.name for path in (made.root / TEXTS).iterdir()}
    assert set(json.loads((bundle / "manifest.json").read_bytes())["texts"]) == texts


def test_values_are_noted_told_when_they_change_and_the_run_with_them_verifies(made):
    (first,) = made.bundles()
    noted = made.kaa("text", PARAMS)
    assert noted.returncode == 0, noted.stderr
    analysis = made.root / TEXTS / "forvaltningens_analys.md"
    text = analysis.read_text(encoding="utf-8")
    seen = re.search(r"\{stock_end:2024:all=([0-9 ]+)\}", text)[1]
    analysis.write_text(text.replace(f"all={seen}}}", f"all={seen}1}}", 1), encoding="utf-8")
    (made.root / TEXTS / "forslag.md").unlink()
    run = made.kaa("report", PARAMS, "--forklara")
    assert run.returncode == 0, run.stderr
    assert "resultaten: återanvänds" in run.stderr
    assert "författartexten forslag.md borttagen" in run.stderr
    (bundle,) = [one for one in made.bundles() if one != first]
    assert "Förslag till förändringar" not in sections(bundle)
    page, review = ((bundle / name).read_text(encoding="utf-8") for name in ("report.html", "qa.html"))
    assert page.count("(ändrat sedan texten skrevs)") == 1
    assert re.search(rf"<td>\{{stock_end:2024:all\}}</td><td>{seen}1</td><td>{seen}</td>", review)
    assert "Ingen text finns för Förslag till förändringar" in review
    assert "oförändrad" in made.kaa("report", PARAMS).stderr
    verified = made.kaa("verify", str(bundle))
    assert verified.returncode == 0, verified.stderr
    refused = made.kaa("verify", str(first))
    assert refused.returncode == 8
    assert "författartexten forslag.md borttagen" in refused.stderr


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Det var {stock_ende:2024:all} kvar.", '{stock_ende:2024:all}: indikatorn "stock_ende" finns inte'),
        ("Det var 731 kvar.", "forslag.md, rad 1: ett tal av ett slag som inte får skrivas för hand"),
    ],
)
def test_a_wrong_reference_and_a_number_of_one_s_own_stop_and_leave_nothing(made, written, told):
    before = made.left_under_reports()
    (made.root / TEXTS / "forslag.md").write_text(written, encoding="utf-8")
    run = made.kaa("report", PARAMS)
    assert run.returncode == 3
    assert told in run.stderr
    assert "731" not in run.stderr
    assert made.left_under_reports() == before
