"""The page on a year's work: every command of it can be given, and every parameter file that it makes asks for a report that there is."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest
import typer

from kaa_analysis.cli.main import app
from kaa_analysis.core.errors import UsageError
from kaa_analysis.params.reports import read_order

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "ett_ar.md"
OWN = ("cp", "mkdir", "sed")
"""What is done to files, beside our own commands."""

KINDS = ["arsbilaga", "halvarsrapport", "stadsdelsblad", "tertialrapport"]
ORDERED_ELSEWHERE = "params/uppsok_demo.yaml"
"""The parameters of the report on a läsår's outreach."""


def commands() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


def of_ours() -> list[list[str]]:
    return [shlex.split(line)[1:] for line in commands() if line.startswith("kaa ")]


def parsed(words: list[str]) -> click.Context:
    """Return the context of a command whose words were taken, without doing anything."""
    group = typer.main.get_command(app)
    command = group.commands[words[0]]
    return command.make_context(words[0], list(words[1:]), parent=click.Context(group, info_name="kaa"))


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A copy of the parameters in which everything but our own commands has been done."""
    root = tmp_path_factory.mktemp("ett_ar")
    shutil.copytree(ROOT / "params", root / "params")
    outreach = root / ORDERED_ELSEWHERE
    if not outreach.exists():
        shutil.copy(root / "params" / "arsbilaga_demo.yaml", outreach)
    script = "\n".join(line for line in commands() if not line.startswith("kaa "))
    subprocess.run(["sh", "-eu", "-c", script], cwd=root, check=True)
    return root


def test_the_page_gives_commands_of_ours_and_three_programs_for_files_alone() -> None:
    assert {line.split()[0] for line in commands()} == {"kaa", *OWN}
    assert {words[0] for words in of_ours()} == {"extract", "check", "report", "batch", "gate", "verify", "diff"}


@pytest.mark.parametrize("words", of_ours(), ids=" ".join)
def test_every_command_can_be_given(words) -> None:
    context = parsed(words)
    assert context.params
    assert not context.args


def test_a_command_that_there_is_no_option_for_is_not_taken() -> None:
    with pytest.raises((click.UsageError, UsageError)):
        parsed(["batch", "params/2025/bilagor", "--tidigast", "reports"])


def test_every_parameter_file_that_is_made_asks_for_a_report_of_that_year(project) -> None:
    made = sorted((project / "params" / "2025").rglob("*.yaml"))
    orders = {path.relative_to(project / "params" / "2025").as_posix(): read_order(path) for path in made}
    assert len(orders) == 12 + 11 + 2 + 2 + 1
    others = [order for name, order in orders.items() if name != "uppsok.yaml"]
    assert sorted({order.kind.name for order in others}) == KINDS
    assert {order.params.year for order in others} == {2025}
    extracts = {"uttag2025t1", "uttag2025h1", "uttag2025t2", "uttag2025", "uttag2025b"}
    assert {order.params.extract for order in others} == extracts
    halves = [orders[f"{name}.yaml"].params.period_folder() for name in ("tertial1", "tertial2", "halvar1", "halvar2")]
    assert halves == ["2025-t1", "2025-t2", "2025-h1", "2025-h2"]


def test_every_file_and_folder_of_parameters_that_a_command_names_has_been_made(project) -> None:
    named = [word for words in of_ours() for word in words if word.startswith("params/")]
    assert len(named) > 5
    assert [name for name in named if not (project / name).exists()] == []
