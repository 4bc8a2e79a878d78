"""`kaa protocol`: what it says, in Swedish, and the exit code of each kind of refusal."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

import pytest

from kaa_analysis.cli.main import main
from tests.unit.protocol_project import NAME, ProtocolProject, protocol_project

ENGLISH = ("Usage", "Options", "OPTIONS", "Arguments", "ARGS", "Commands", "COMMAND", "Show", "required", "default")
RECORD = f"params/protocols/frozen/{NAME}/1.json"
RIGHT, USAGE, PARAMETERS, PROTOCOL = 0, 2, 3, 10


@dataclass(frozen=True)
class Run:
    """What a run of the command line left."""

    exit_code: int
    out: str
    err: str


@pytest.fixture
def project(tmp_path) -> ProtocolProject:
    """A project with the protocol of Aim."""
    return protocol_project(tmp_path)


@pytest.fixture
def kaa(monkeypatch, capsys, project):
    """The command line, run in the project."""
    monkeypatch.chdir(project.root)
    monkeypatch.setenv("KAA_SECURE", str(project.secure.path))
    monkeypatch.setenv("COLUMNS", "80")

    def run(*words: str) -> Run:
        monkeypatch.setattr(sys, "argv", ["kaa", "protocol", *words])
        with pytest.raises(SystemExit) as stop:
            main()
        said = capsys.readouterr()
        return Run(stop.value.code, said.out, said.err)

    return run


@pytest.mark.parametrize("words", [(), ("check",), ("freeze",)], ids=str)
def test_no_english_is_left_on_any_page(kaa, words):
    page = kaa(*words, "--help")
    assert page.exit_code == RIGHT
    assert [word for word in ENGLISH if word in page.out] == []
    assert "Visa den här hjälpen." in page.out


def test_alone_it_shows_its_commands(kaa):
    assert kaa().out == kaa("--help").out
    assert kaa("frees").exit_code == USAGE
    assert 'menade du "freeze"?' in kaa("frees").err


def test_a_protocol_that_is_right_is_told_of(kaa, project):
    told = kaa("check", NAME)
    assert (told.exit_code, told.err) == (RIGHT, "")
    assert told.out.splitlines() == [
        "aim: Aim och studieplats inom tolv månader, version 1",
        f"  innehåll: {project.known().hash}",
        "  primärt utfall: Studieplats inom tolv månader",
        "  stängt tills det är fryst: activities, registrations.exit_date, registrations.exit_reason, schooling, och allt som protokollet inte nämner",
        f"  antaganden som ingen ännu står för: {', '.join(project.read().assumptions)}",
        "  inte fryst: utfallet är stängt",
    ]


def test_checking_writes_nothing(kaa, project):
    before = sorted(path for path in project.root.rglob("*"))
    kaa("check", NAME)
    assert sorted(path for path in project.root.rglob("*")) == before
    assert list(project.secure.path.iterdir()) == []


def test_freezing_answers_with_the_record_and_says_it_once(kaa, project):
    first, again = kaa("freeze", NAME), kaa("freeze", NAME)
    assert (first.exit_code, first.out) == (RIGHT, f"{RECORD}\n")
    assert first.err.startswith(f"aim version 1 är fryst: {project.known().hash}\n")
    assert (again.exit_code, again.out) == (RIGHT, f"{RECORD}\n")
    assert again.err == f"aim version 1 var redan fryst: {project.known().hash}\n"
    assert json.loads((project.root / RECORD).read_text(encoding="utf-8"))["hash"] == project.known().hash
    assert kaa("check", NAME).out.splitlines()[-1].startswith("  fryst 2")


def test_a_change_after_freezing_is_told_by_both_commands(kaa, project):
    kaa("freeze", NAME)
    project.change("level: 0.95", "level: 0.9")
    for command in ("check", "freeze"):
        told = kaa(command, NAME)
        assert told.exit_code == PROTOCOL
        assert "decision_rule.level: 0.95 → 0.9" in told.err
        assert "skriv version: 2" in told.err
    project.change("version: 1", "version: 2")
    told = kaa("check", NAME)
    assert told.exit_code == RIGHT
    assert "  ändrat sedan version 1: decision_rule.level: 0.95 → 0.9" in told.out.splitlines()
    assert kaa("freeze", NAME).exit_code == RIGHT


def test_what_hinders_freezing_is_told_before_it_is_tried(kaa, project):
    project.change("\nassignment: observed", "\nassignment: randomised")
    told = kaa("check", NAME)
    assert told.exit_code == RIGHT
    assert "  hindrar frysning: decisions: den som låter turen eller lotten avgöra" in told.out
    refused = kaa("freeze", NAME)
    assert (refused.exit_code, refused.out) == (PROTOCOL, "")
    assert refused.err.startswith("Fel i protokollet: Protokollet aim kan inte frysas ännu.")


@pytest.mark.parametrize("command", ["check", "freeze"])
def test_a_protocol_that_is_wrong_or_not_there_is_an_error_in_the_parameters(kaa, project, command):
    assert kaa(command, "aimm").exit_code == PARAMETERS
    project.change("level: 0.95", "level: hemligt")
    told = kaa(command, NAME)
    assert told.exit_code == PARAMETERS
    assert "decision_rule.level" in told.err
    assert "hemligt" not in told.err


def test_a_missing_name_is_an_error_of_the_command(kaa):
    assert kaa("check").exit_code == USAGE
    assert kaa("check", NAME, "mer").exit_code == USAGE
