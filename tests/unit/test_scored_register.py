"""An invented register with every kind of error: all that can be found are found, and nothing else is."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from kaa_analysis.checks import Fate, Score
from kaa_analysis.cli import write_score_page
from kaa_analysis.cli.main import main
from kaa_analysis.cli.scoring import score_extract
from kaa_analysis.core.errors import ExtractError
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.ingest import add_extract, discard_invented
from kaa_analysis.synthetic.errors import Origin, error_kinds, spoil, write_errors
from kaa_analysis.synthetic.scenario import Scenario, scenario
from kaa_analysis.synthetic.write import write_register

NAME = "skrivet"
SUPPLEMENTS = ("skolor",)
SMALL = replace(scenario("small"), births_per_year=150)


def rows(folder: Path, file: str) -> list[tuple[str, ...]]:
    return [tuple(line.split(";")) for line in (folder / file).read_text(encoding="utf-8").splitlines()[1:]]


def added(name: str, *, raw: Path, secure: SecureFolder, of: Scenario) -> None:
    discard_invented(name, secure=secure)
    add_extract(
        name,
        layout="ber_demo",
        supplements=SUPPLEMENTS,
        files=sorted(raw.glob("*.csv")),
        extract_date=None,
        secure=secure,
        observed_from=of.start,
        invented=True,
    )


@cache
def scored(name: str, folder: Path) -> Score:
    """Return the score of a scenario, written as `kaa synth` does below ``folder``."""
    secure, chosen = SecureFolder(folder / "secure"), scenario(name)
    write_register(folder / name, scenario=chosen, truth=secure.truth / name)
    added(name, raw=folder / name, secure=secure, of=chosen)
    return score_extract(name, secure=secure)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("scenarier")


def test_a_register_without_errors_has_no_alarm_in_any_check(folder):
    score = scored("clean", folder)
    assert score.kinds == ()
    assert {check: n for check, n in score.false_alarms.items() if n} == {}
    assert len(score.false_alarms) == 47


@pytest.mark.parametrize("profile", ["typical", "awful"])
def test_every_kind_that_can_be_found_is_found_and_no_other_row(profile, folder):
    score = scored(profile, folder)
    injected = [name for name, kind in error_kinds().items() if kind.shares[profile]]
    told = [kind.kind for kind in score.kinds if error_kinds()[kind.kind].origin is not Origin.SIMULATION]
    assert sorted(told) == sorted(injected)
    assert {kind.kind: kind.n_missed for kind in score.kinds if kind.n_missed} == {}
    assert {check: n for check, n in score.false_alarms.items() if n} == {}


def test_the_mistakes_of_the_municipality_are_told_and_found_too(folder):
    own = {
        kind.kind: kind
        for profile in ("typical", "awful")
        for kind in scored(profile, folder).kinds
        if error_kinds()[kind.kind].origin is Origin.SIMULATION
    }
    assert {"born_on_another_day", "never_registered", "not_yet_closed", "closed_late_introduction"} <= own.keys()
    assert {"closed_late", "registered_late", "never_registered_then"} <= {
        name for name, kind in own.items() if kind.fate is Fate.CANNOT_BE_TOLD
    }
    assert Counter(kind.n_missed for kind in own.values()) == {0: len(own)}


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    raw = tmp_path_factory.mktemp("uttag")
    write_register(raw, scenario=scenario("clean"))
    return raw


@pytest.fixture(scope="module")
def secure(tmp_path_factory) -> SecureFolder:
    return SecureFolder(tmp_path_factory.mktemp("secure"))


def spoilt(written: Path, place: Path, *, seed: int, secure: SecureFolder) -> None:
    """Write the list of errors of a spoiling with ``seed``, and add the spoilt files as the extract if the seed is 1."""
    shutil.copytree(written, place)
    day = scenario("clean").extract_date
    errors = spoil(place, profile="typical", seed=seed, extract_date=day)
    if seed == 1:
        added(NAME, raw=place, secure=secure, of=scenario("clean"))
    write_errors(secure.truth / NAME / "errors.csv", errors)


def test_the_checks_score_nothing_where_the_list_is_of_another_spoiling(written, secure, tmp_path):
    """The bad twin: an error that is told but not there is missed, and one that is there but not told is a false alarm."""
    spoilt(written, tmp_path / "uttag", seed=1, secure=secure)
    spoilt(written, tmp_path / "annat", seed=2, secure=secure)
    score = score_extract(NAME, secure=secure)
    by_rows = [kind for kind in score.of(Fate.FOUND) if kind.found_by != ("K106",)]
    assert sum(kind.n_found for kind in by_rows) <= len(by_rows) // 10
    assert {check for check, n in score.false_alarms.items() if n} >= {
        "K101",
        "K102",
        "K103",
        "K104",
        "K108",
        "K501",
        "K702",
    }


def test_problem_files_of_another_reading_are_refused(written, secure, tmp_path, monkeypatch):
    spoilt(written, tmp_path / "uttag", seed=1, secure=secure)
    score_extract(NAME, secure=secure)
    monkeypatch.setattr("kaa_analysis.cli.scoring.shutil.rmtree", lambda *args, **kwargs: None)
    (secure.problems / NAME / "kaa.csv").unlink()
    with pytest.raises(ExtractError, match=r"Problemfilerna ska vara de som skrevs när uttaget lästes in"):
        score_extract(NAME, secure=secure)


def test_kinds_of_rows_are_told_by_profile():
    kinds = [kind for kind in error_kinds().values() if kind.origin is Origin.ROWS]
    assert all(0 < kind.shares["typical"] <= kind.shares["awful"] for kind in kinds)


@pytest.fixture
def scored_extract(tmp_path, monkeypatch) -> SecureFolder:
    """A secure folder with a spoiled extract, the list of its errors, and an extract without one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAA_SECURE", str(tmp_path / "secure"))
    secure = SecureFolder(tmp_path / "secure")
    secure.path.mkdir(mode=0o700)
    for name in ("otacksam", "utan_lista"):
        folder = tmp_path / name
        write_register(folder, scenario=SMALL)
        errors = spoil(folder, profile="typical", seed=1, extract_date=SMALL.extract_date)
        added(name, raw=folder, secure=secure, of=SMALL)
        if name == "otacksam":
            write_errors(secure.truth / name / "errors.csv", errors)
    return secure


def kaa(*words: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["kaa", *words])
        with pytest.raises(SystemExit) as ended:
            main()
    return ended.value.code


def test_the_command_accepts_every_problem_row_and_tells_the_score(scored_extract, capsys):
    assert kaa("check", "otacksam", "--score") == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == "Kontrollerna mot de fel som lades in i otacksam"
    assert "rader som inte kan läsas in; de ligger i problems/otacksam/." in err
    identities = {row[0] for row in rows(scored_extract.extracts / "otacksam", "personer.csv")}
    assert [identity for identity in identities if identity in out + err] == []


def test_the_command_without_score_still_stops_at_problem_rows(scored_extract, capsys):
    assert kaa("check", "otacksam") == 4
    assert "inga rader får undantas" in capsys.readouterr().err


def test_the_command_refuses_to_score_a_register_whose_errors_nobody_knows(scored_extract, capsys):
    assert kaa("check", "utan_lista", "--score") == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert "ingen lista över inlagda fel för uttaget: truth/utan_lista/errors.csv finns inte i den säkra mappen" in err


def test_the_page_of_scores_is_written_in_the_project(scored_extract, tmp_path, monkeypatch):
    for name in ("notebooks", "params", "docs"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr("sys.argv", ["write_score_page", "otacksam"])
    assert write_score_page.main() == 0
    page = (tmp_path / "docs" / "poang.md").read_text(encoding="utf-8")
    assert "| fel | hittas av | otacksam |" in page


@pytest.mark.parametrize(("names", "code"), [([], 2), (["finns_inte"], 4)])
def test_the_page_is_not_written_of_registers_that_cannot_be_scored(names, code, scored_extract, tmp_path, monkeypatch):
    for name in ("notebooks", "params", "docs"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr("sys.argv", ["write_score_page", *names])
    assert write_score_page.main() == code
    assert list((tmp_path / "docs").iterdir()) == []
