"""The truth about invented registers is known by those who write it and by the score: ingest and analyses never see it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "kaa_analysis"
MAY_KNOW = ("core/secure_folder.py", "synthetic/", "checks/score", "cli/")
WORDS = ("errors.csv", "truth/")


def knows_the_truth(source: str) -> bool:
    """Return whether a module asks the secure folder for its truth, or names the folder or the list in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr == "truth" and "secure" in ast.unparse(node.value):
            return True
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if text == "truth" or any(word in text for word in WORDS):
            return True
    return False


def test_only_the_writer_the_score_and_the_command_line_know_the_truth():
    modules = {path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    knowing = {name for name, source in modules.items() if knows_the_truth(source)}
    assert {name for name in knowing if not name.startswith(MAY_KNOW)} == set()
    assert {"core/secure_folder.py", "checks/score_reading.py"} <= knowing


@pytest.mark.parametrize(
    "source",
    ['secure.truth / "demo"', "task.secure.truth", 'path / "truth" / name', 'open("errors.csv")', 'f"truth/{name}"'],
)
def test_every_way_to_the_truth_is_seen(source):
    assert knows_the_truth(source)


@pytest.mark.parametrize(
    "source", ["truth.entry", "is_true = truth", 'secure.extracts / "demo"', 'raise ValueError("errors")']
)
def test_other_words_are_no_way_to_the_truth(source):
    assert not knows_the_truth(source)
