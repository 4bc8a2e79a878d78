"""What one run keeps for the next: used when nothing has changed, seen through when something has, never trusted after a kill."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from kaa_analysis.params.reports import read_order
from kaa_analysis.render.bundle import CLOCK
from kaa_analysis.render.cache.closed_record import read_closed, write_closed
from kaa_analysis.render.cache.kept_results import CLOSING
from tests.system.kill_at_rename import planted_in

PARAMS = "params/arsbilaga_demo.yaml"
RUNS_THE_NOTEBOOK = "[3/6] kör anteckningsboken i den säkra mappen …"
USES_WHAT_IS_KEPT = "[3/6] återanvänder resultaten från en tidigare körning …"


def files_of(bundle: Path) -> dict[str, str]:
    """Return the hash of every file of a bundle but the one with the clock, by name."""
    paths = sorted(path for path in bundle.rglob("*") if path.is_file() and path.name != CLOCK)
    return {path.relative_to(bundle).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def report(project, *options: str) -> list[str]:
    """Make the report and return what was said, line by line."""
    run = project.kaa("report", PARAMS, *options)
    assert run.returncode == 0, run.stderr
    return run.stderr.splitlines()


def told(said: list[str]) -> list[str]:
    """Return the lines that tell what is taken over and what is made, and why."""
    return [line.strip() for line in said if line.strip().startswith(("registret: ", "resultaten: ", "rapporten: "))]


def marks(project) -> list[Path]:
    return list((project.secure / "cache" / "unfinished").iterdir())


def kept_set(project) -> Path:
    """Return the folder of what is kept of the report; the register that all share may have others kept beside it."""
    order = read_order(project.root / PARAMS)
    (closing,) = (project.secure / "cache" / "results").glob(f"*/{order.name}/*/{CLOSING}")
    return closing.parent


def test_kept_results_give_the_bytes_of_a_fresh_run_and_a_third_run_does_nothing(with_kept, demo):
    (alone,) = demo.bundles()

    second = report(with_kept, "--forklara")
    (bundle,) = with_kept.bundles()
    third = report(with_kept, "--forklara")

    assert told(second) == [
        "registret: återanvänds",
        "resultaten: återanvänds",
        "rapporten: görs – paketet finns inte på sin plats",
    ]
    assert USES_WHAT_IS_KEPT in second
    assert files_of(bundle) == files_of(alone)
    assert told(third) == [
        "registret: behövs inte",
        "resultaten: behövs inte",
        "rapporten: oförändrad – uttag, parametrar, kod och låsfil är desamma, och varje fil i paketet står kvar",
    ]
    assert [line for line in third if line.startswith("[")] == [third[0]]
    assert third[-1].startswith("oförändrad")
    assert marks(with_kept) == []


def test_prose_before_the_exhibits_leaves_the_results_and_all_anew_gives_the_same_bytes(with_kept):
    path = with_kept.root / "notebooks" / "10_annual_appendix.ipynb"
    record = json.loads(path.read_text(encoding="utf-8"))
    place = next(place for place, cell in enumerate(record["cells"]) if "report.show" in "".join(cell["source"]))
    new = {"cell_type": "markdown", "id": "ny", "metadata": {}, "source": "Ett nytt stycke."}
    record["cells"].insert(place, new)
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")

    reused = report(with_kept, "--forklara")
    (bundle,) = with_kept.bundles()
    before = files_of(bundle)
    anew = report(with_kept, "--forklara", "--gor-om")

    assert told(reused)[1:] == ["resultaten: återanvänds", "rapporten: görs – kod: anteckningsboken ändrad"]
    assert USES_WHAT_IS_KEPT in reused
    assert "Ett nytt stycke." in (bundle / "report.html").read_text(encoding="utf-8")
    assert told(anew) == [
        "registret: återanvänds",
        "resultaten: beräknas – begärt med --gor-om",
        "rapporten: görs – begärt med --gor-om",
    ]
    assert RUNS_THE_NOTEBOOK in anew
    assert anew[-1].startswith("oförändrad")
    assert with_kept.bundles() == [bundle]
    assert files_of(bundle) == before


def test_another_policy_protects_the_results_there_are_and_another_extract_is_read(with_kept):
    policy = with_kept.root / "params" / "disclosure.yaml"
    policy.write_text(
        policy.read_text(encoding="utf-8").replace("unsafe_below: 5", "unsafe_below: 6"), encoding="utf-8"
    )
    protected = report(with_kept, "--forklara")
    description = with_kept.secure / "extracts" / "demo" / "uttag.yaml"
    description.chmod(0o600)
    description.write_text(description.read_text(encoding="utf-8") + "# sedd\n", encoding="utf-8")
    read = report(with_kept, "--forklara")

    assert told(protected)[1:] == ["resultaten: återanvänds", "rapporten: görs – röjandepolicy: unsafe_below: 5 → 6"]
    assert told(read) == [
        "registret: läses in – uttaget: uttag.yaml ändrad",
        "resultaten: beräknas – uttaget: uttag.yaml ändrad",
        "rapporten: görs – uttaget: uttag.yaml ändrad",
    ]
    assert RUNS_THE_NOTEBOOK in read
    assert len(with_kept.bundles()) == 2


def test_a_grant_that_no_longer_holds_stops_a_report_whose_results_are_kept(project, demo):
    """The extract is one of real identities as far as grants go: its own grants are those of the project."""
    shutil.copytree(demo.secure, project.secure)
    project.secure.chmod(0o700)
    description = project.secure / "extracts" / "demo" / "uttag.yaml"
    description.chmod(0o600)
    description.write_text(description.read_text(encoding="utf-8").replace("invented: true\n", ""), encoding="utf-8")
    grants = project.root / "params" / "grants.yaml"
    subjects = ("admissions", "notices", "schools", "surveys")
    line = '  - {{table: {}, decision: "A 1", date: "2020-01-01", by: Nämnden, valid_to: "2099-12-31"}}\n'
    grants.write_text("grants:\n" + "".join(map(line.format, subjects)), encoding="utf-8")
    report(project)
    shutil.rmtree(project.bundles()[0])
    grants.write_text(grants.read_text(encoding="utf-8").replace("2099", "2021"), encoding="utf-8")

    run = project.kaa("report", PARAMS)

    assert run.returncode == 4
    assert "inte på uttagsdagen" in run.stderr
    assert project.bundles() == []


def test_verify_runs_the_notebook_whatever_is_kept_and_a_forged_set_does_not_pass_for_the_bundle(with_kept):
    report(with_kept)
    (bundle,) = with_kept.bundles()
    folder = kept_set(with_kept)
    content = read_closed(folder / CLOSING)
    name = sorted(content["files"])[0]
    result = json.loads((folder / f"{name}.json").read_bytes())
    written = json.dumps(result | {"title": "Förfalskad"}, ensure_ascii=False).encode()
    (folder / f"{name}.json").write_bytes(written)
    write_closed(folder / CLOSING, content | {"files": content["files"] | {name: hashlib.sha256(written).hexdigest()}})

    verified = with_kept.kaa("verify", str(bundle))
    (bundle / "report.html").write_text("halv")
    forged = with_kept.kaa("report", PARAMS)
    other = next(path for path in with_kept.bundles() if path.name == bundle.name)
    found = json.loads((other / "manifest.json").read_bytes())["files"]

    assert verified.returncode == 0, verified.stderr
    assert RUNS_THE_NOTEBOOK in verified.stderr
    assert USES_WHAT_IS_KEPT in forged.stderr
    assert any("Förfalskad" in (other / name).read_text(errors="replace") for name in found)


def test_results_of_a_run_killed_under_way_are_not_used(with_kept, demo):
    (alone,) = demo.bundles()
    process = with_kept.start(with_kept.command("report", PARAMS))
    for line in process.stderr:
        if line.startswith("[5/6]"):
            process.kill()
            break
    process.wait()
    process.stderr.close()
    process.stdout.close()
    assert len(marks(with_kept)) == 1

    again = report(with_kept, "--forklara")

    assert told(again)[1:] == [
        "resultaten: beräknas – den förra körningen blev inte klar",
        "rapporten: görs – den förra körningen blev inte klar; paketet finns inte på sin plats",
    ]
    assert RUNS_THE_NOTEBOOK in again
    (bundle,) = with_kept.bundles()
    assert files_of(bundle) == files_of(alone)
    assert marks(with_kept) == []


AROUND_THE_KEEPING = {
    "before the results are in place": ("before", 1),
    "between the results and the bundle's record": ("after", 1),
    "after the bundle's record": ("after", 2),
}


@pytest.mark.parametrize(("moment", "number"), AROUND_THE_KEEPING.values(), ids=AROUND_THE_KEEPING.keys())
def test_a_kill_while_something_is_being_kept_leaves_nothing_that_is_trusted(
    with_demo, demo, tmp_path_factory, moment, number
):
    (alone,) = demo.bundles()
    planted = planted_in(
        tmp_path_factory.mktemp("planted"), moment=moment, number=number, whole_run=True, below="cache"
    )
    killed = replace(with_demo, settings=planted).kaa("report", PARAMS)
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    again = report(with_demo)
    (bundle,) = with_demo.bundles()

    assert RUNS_THE_NOTEBOOK in again
    assert files_of(bundle) == files_of(alone)
    assert kept_set(with_demo).parent.parent.name == "demo"
    assert [path.name for path in kept_set(with_demo).parent.iterdir()] == [kept_set(with_demo).name]
    assert report(with_demo)[-1].startswith("oförändrad")
    assert marks(with_demo) == []
