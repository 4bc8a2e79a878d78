"""SIGKILL at the start and end of every stage: what stood before stands whole, nothing half is visible, running again completes."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from kaa_analysis.render.bundle import is_whole

ORDER = ("report", "params/arsbilaga_demo.yaml")
STAGES = 6


def fingerprint(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def kill_at(project, line_begins: str) -> bool:
    """Start the report, kill it when a line of progress begins so, and return whether that line came."""
    process = project.start(*ORDER)
    seen = False
    for line in process.stderr:
        if line.startswith(line_begins):
            seen = True
            process.kill()
            break
    process.wait()
    process.stderr.close()
    process.stdout.close()
    return seen


def visible(project) -> list[Path]:
    return sorted(path for path in (project.root / "reports").glob("*/*/*") if not path.name.startswith("."))


@pytest.mark.parametrize("stage", range(1, STAGES + 1))
def test_a_run_killed_as_a_stage_begins_leaves_the_earlier_bundle_and_nothing_half(with_demo, demo, stage):
    """The beginning of stage k + 1 is the end of stage k."""
    earlier = demo.bundles()[0]
    kept = with_demo.root / "reports" / "arsbilaga" / "2024" / "aaaaaaaaaaaa"
    shutil.copytree(earlier, kept)
    before = fingerprint(kept)

    assert kill_at(with_demo, f"[{stage}/{STAGES}]")

    assert fingerprint(kept) == before
    assert all(is_whole(folder) for folder in visible(with_demo))
    again = with_demo.kaa(*ORDER)
    assert again.returncode == 0, again.stderr
    assert is_whole(with_demo.root / "reports" / "arsbilaga" / "2024" / earlier.name)
    assert fingerprint(kept) == before


def test_a_run_killed_around_the_final_move_leaves_the_bundle_whole_or_absent(with_demo, demo):
    """The last stage is the move: whichever side of it the kill falls on, a second run ends with the same bytes."""
    assert kill_at(with_demo, f"[{STAGES}/{STAGES}]")
    assert all(is_whole(folder) for folder in visible(with_demo))
    assert with_demo.kaa(*ORDER).returncode == 0
    assert with_demo.kaa(*ORDER).stderr.splitlines()[-1].startswith("oförändrad")
    (made,) = with_demo.bundles()
    (first,) = demo.bundles()
    assert {name: value for name, value in fingerprint(made).items() if name != "run.json"} == {
        name: value for name, value in fingerprint(first).items() if name != "run.json"
    }


def test_a_damaged_bundle_is_moved_aside_and_never_deleted(with_demo, demo):
    (earlier,) = demo.bundles()
    place = with_demo.root / "reports" / "arsbilaga" / "2024" / earlier.name
    shutil.copytree(earlier, place)
    (place / "report.html").write_text("halv")

    again = with_demo.kaa(*ORDER)

    assert again.returncode == 0, again.stderr
    assert is_whole(place)
    assert (place.parent / f"{place.name}.skadad-1" / "report.html").read_text() == "halv"


def test_a_whole_bundle_with_other_bytes_stops_the_run_with_the_exit_code_of_its_kind(with_demo, demo):
    import json

    (earlier,) = demo.bundles()
    place = with_demo.root / "reports" / "arsbilaga" / "2024" / earlier.name
    shutil.copytree(earlier, place)
    (place / "report.html").write_text("annan")
    manifest = json.loads((place / "manifest.json").read_text())
    manifest["files"]["report.html"] = hashlib.sha256(b"annan").hexdigest()
    (place / "manifest.json").write_text(json.dumps(manifest))

    again = with_demo.kaa(*ORDER)

    assert again.returncode == 8
    assert "Samma underlag, parametrar, kod och lås ska ge samma byte" in again.stderr
    assert (place / "report.html").read_text() == "annan"
