"""``kaa verify`` makes a bundle again and compares; ``kaa diff`` names what two bundles were given, and what came of it."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

import kaa_analysis

PARAMS = "params/arsbilaga_demo.yaml"
PACKAGE = Path(kaa_analysis.__file__).parent


@pytest.fixture(scope="module")
def base(demo) -> Path:
    return demo.bundles()[0]


def made(project) -> Path:
    run = project.kaa("report", PARAMS)
    assert run.returncode == 0, run.stderr
    (bundle,) = project.bundles()
    return bundle


def change_one_row(project) -> None:
    """Give one registration that ended in 2024 another reason, in the raw file of the extract."""
    path = project.secure / "extracts" / "demo" / "kaa.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    place = next(place for place, line in enumerate(lines) if re.search(r";2024-0\d-\d\d;(?!F20)\w+;", line))
    lines[place] = re.sub(r"(;2024-0\d-\d\d;)\w+;", r"\1F20;", lines[place])
    path.chmod(0o600)
    path.write_text("".join(lines), encoding="utf-8")


def change_one_line_of_code(project):
    """Return the project run by a copy of the package in which one line is another."""
    copy = project.root / "code" / PACKAGE.name
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    exits = copy / "indicators" / "exits.py"
    before = exits.read_text(encoding="utf-8")
    assert before.count("\nLEVEL = 0.95\n") == 1
    exits.write_text(before.replace("\nLEVEL = 0.95\n", "\nLEVEL = 0.99\n"), encoding="utf-8")
    return replace(project, settings={"PYTHONPATH": str(copy.parent)})


def change_one_policy_value(project) -> None:
    policy = project.root / "params" / "disclosure.yaml"
    policy.write_text(
        policy.read_text(encoding="utf-8").replace("unsafe_below: 5", "unsafe_below: 6"), encoding="utf-8"
    )


def compared(project, before: Path, after: Path) -> str:
    run = project.kaa("diff", "--alla", str(before), str(after))
    assert (run.returncode, run.stderr) == (1, ""), run.stderr
    return run.stdout


def causes(said: str) -> list[str]:
    """Return what the runs were given that differs, line by line."""
    section = said.split("Vad som skiljer körningarna åt\n")[1].split("\n\n")[0]
    return [line.strip() for line in section.splitlines()]


def reasons(said: str) -> set[str]:
    """Return the reasons that stand at the end of the lines of cells, in brackets."""
    return set(re.findall(r"\[([^\]]+)\]$", said, flags=re.MULTILINE))


def test_one_changed_row_one_line_of_code_and_one_policy_value_are_each_named(with_demo, base):
    other = change_one_line_of_code(with_demo)
    change_one_row(other)
    change_one_policy_value(other)
    said = compared(other, base, made(other))
    assert causes(said) == [
        "Data: kaa.csv ändrad",
        "Kod: indicators/exits.py ändrad",
        "Röjandepolicy: unsafe_below: 5 → 6",
    ]


def test_one_changed_row_is_the_reason_of_every_cell_that_differs(with_demo, base):
    change_one_row(with_demo)
    said = compared(with_demo, base, made(with_demo))
    assert causes(said) == ["Data: kaa.csv ändrad"]
    assert "data" in reasons(said)
    assert reasons(said) <= {"data", "skydd (följd av ändrade data)"}


def test_one_changed_policy_value_hides_more_and_changes_no_number(with_demo, base):
    change_one_policy_value(with_demo)
    said = compared(with_demo, base, made(with_demo))
    assert causes(said) == ["Röjandepolicy: unsafe_below: 5 → 6"]
    rows_put_together = {"borttagen; skydd (policyn ändrad)", "tillkommen; skydd (policyn ändrad)"}
    assert reasons(said) == {"skydd (policyn ändrad)"} | rows_put_together


def test_a_bundle_is_compared_with_the_one_before_it_on_a_page_of_its_own(with_demo, demo, base):
    shutil.copytree(base, with_demo.root / base.relative_to(demo.root))
    change_one_policy_value(with_demo)
    run = with_demo.kaa("report", PARAMS)
    assert run.returncode == 0, run.stderr
    (after,) = [bundle for bundle in with_demo.bundles() if bundle.name != base.name]
    page = (after / "skillnad.html").read_text(encoding="utf-8")
    assert "unsafe_below: 5 → 6" in page
    assert f"arsbilaga/2024/{base.name}" in page
    assert "skillnad.html" not in json.loads((after / "manifest.json").read_text())["files"]
    first = (base / "skillnad.html").read_text(encoding="utf-8")
    assert "ingen tidigare körning" in first


def test_a_bundle_is_made_again_and_every_file_comes_out_the_same(with_demo, base):
    run = with_demo.kaa("verify", str(base))
    assert run.returncode == 0, run.stderr
    n_files = len(json.loads((base / "manifest.json").read_text())["files"])
    assert run.stderr.splitlines()[-1] == (
        f"klart: alla {n_files} filer i körningen {base.name} blev byte för byte desamma"
    )
    assert with_demo.left_under_reports() == []


def test_a_damaged_bundle_is_not_verified(with_demo, base, tmp_path):
    copy = tmp_path / "kopia"
    shutil.copytree(base, copy)
    with (copy / "tables.xlsx").open("ab") as stream:
        stream.write(b"x")
    run = with_demo.kaa("verify", str(copy))
    assert run.returncode == 8
    assert "tables.xlsx: är ändrad" in run.stderr


def test_a_file_that_was_not_made_from_the_inputs_is_found_even_if_the_manifest_says_it_was(with_demo, base, tmp_path):
    copy = tmp_path / "kopia"
    shutil.copytree(base, copy)
    page = copy / "report.html"
    page.write_text(page.read_text(encoding="utf-8").replace("Det viktigaste", "Det viktigare"), encoding="utf-8")
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"]["report.html"] = sha256(page.read_bytes()).hexdigest()
    (copy / "manifest.json").write_bytes(
        json.dumps(manifest, sort_keys=True, ensure_ascii=False, indent=1).encode() + b"\n"
    )
    run = with_demo.kaa("verify", str(copy))
    assert run.returncode == 8
    assert "report.html: har andra byte" in run.stderr
    assert run.stderr.count("har andra byte") == 2, "the page and the manifest that was made to fit it"


def test_a_bundle_is_not_made_again_from_other_inputs(with_demo, base):
    change_one_policy_value(with_demo)
    run = with_demo.kaa("verify", str(base))
    assert run.returncode == 8
    assert "unsafe_below: 5 → 6" in run.stderr
    assert with_demo.left_under_reports() == []
