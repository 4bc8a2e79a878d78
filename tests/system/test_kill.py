"""SIGKILL at the start and end of every stage and around every move: what stood before stands whole, nothing half is visible,
running again completes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kaa_analysis.core.errors import UnexpectedError
from kaa_analysis.render.bundle import is_whole
from tests.system.kill_at_rename import planted_in

ORDER = ("report", "params/arsbilaga_demo.yaml")
STAGES = 6
CLOCK = "run.json"
KILL_AT_RENAME = str(Path(__file__).with_name("kill_at_rename.py"))


def fingerprint(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def apart_from_the_clock(folder: Path) -> dict[str, str]:
    return {name: value for name, value in fingerprint(folder).items() if name != CLOCK}


def place_of(project, bundle: Path) -> Path:
    """Return where the same run puts its bundle in another project."""
    return project.root / "reports" / Path(*bundle.parts[-3:])


def damage(place: Path) -> None:
    (place / "report.html").write_text("halv")


def standing(project, bundle: Path) -> dict[str, str]:
    """Return every visible folder of a period by what ends its name after the run's, each *whole* or *damaged* or *other*.

    *whole* has the bytes of ``bundle``, *damaged* the same with the page cut short. Paths that are no folder of the run are *other*.
    """
    reports, found = project.root / "reports", {}
    for path in reports.glob("*/*/*"):
        if any(part.startswith(".") for part in path.relative_to(reports).parts):
            continue
        own = path.name.startswith(bundle.name) and path.parts[-3:-1] == bundle.parts[-3:-1]
        found[path.name.removeprefix(bundle.name)] = kind_of(path, bundle) if own else "other"
    return found


def kind_of(folder: Path, bundle: Path) -> str:
    wanted, cut = apart_from_the_clock(bundle), hashlib.sha256(b"halv").hexdigest()
    if is_whole(folder) and apart_from_the_clock(folder) == wanted:
        return "whole"
    return "damaged" if apart_from_the_clock(folder) == wanted | {"report.html": cut} else "other"


def hidden(project) -> list[str]:
    return [path.name for path in project.left_under_reports() if path.name.startswith(".")]


def kill_at(project, line_begins: str) -> bool:
    """Start the report, kill it when a line of progress begins so, and return whether that line came."""
    process = project.start(project.command(*ORDER))
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


@pytest.mark.parametrize("stage", range(1, STAGES + 1))
def test_a_run_killed_as_a_stage_begins_leaves_the_bundle_at_its_own_place_and_nothing_half(with_demo, demo, stage):
    """The beginning of stage k + 1 is the end of stage k. A whole bundle is what the run would keep, a damaged one what it replaces."""
    (bundle,) = demo.bundles()
    place = place_of(with_demo, bundle)
    shutil.copytree(bundle, place)
    before = fingerprint(place)

    assert kill_at(with_demo, f"[{stage}/{STAGES}]")
    assert standing(with_demo, bundle) == {"": "whole"}
    assert fingerprint(place) == before

    damage(place)
    assert kill_at(with_demo, f"[{stage}/{STAGES}]")
    moved = [{".skadad-1": "damaged"}, {"": "whole", ".skadad-1": "damaged"}] if stage == STAGES else []
    assert standing(with_demo, bundle) in [{"": "damaged"}, *moved]

    again = with_demo.kaa(*ORDER)
    assert again.returncode == 0, again.stderr
    assert standing(with_demo, bundle) == {"": "whole", ".skadad-1": "damaged"}
    assert hidden(with_demo) == []


AROUND_THE_MOVES = {
    "before the only move": ("absent", "before", 1, {}),
    "after the only move": ("absent", "after", 1, {"": "whole"}),
    "before the damaged one is moved aside": ("damaged", "before", 1, {"": "damaged"}),
    "after the damaged one is moved aside": ("damaged", "after", 1, {".skadad-1": "damaged"}),
    "before the new one is moved in": ("damaged", "before", 2, {".skadad-1": "damaged"}),
    "after the new one is moved in": ("damaged", "after", 2, {"": "whole", ".skadad-1": "damaged"}),
}


@pytest.mark.parametrize(
    ("earlier", "moment", "number", "left"), AROUND_THE_MOVES.values(), ids=AROUND_THE_MOVES.keys()
)
def test_a_kill_on_either_side_of_each_move_leaves_whole_or_nothing(project, demo, earlier, moment, number, left):
    (bundle,) = demo.bundles()
    if earlier == "damaged":
        shutil.copytree(bundle, place_of(project, bundle))
        damage(place_of(project, bundle))
    put = [sys.executable, KILL_AT_RENAME, moment, str(number), "put", str(bundle), str(project.root)]

    killed = project.run(put)

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert standing(project, bundle) == left
    put[3] = "0"
    again = project.run(put)
    assert again.returncode == 0, again.stderr
    aside = {".skadad-1": "damaged"} if earlier == "damaged" else {}
    assert standing(project, bundle) == {"": "whole"} | aside
    assert hidden(project) == []


@pytest.mark.parametrize("whole_run", [True, False], ids=["with the command", "the job alone"])
def test_a_run_killed_between_the_two_moves_is_completed_by_the_next(with_demo, demo, tmp_path_factory, whole_run):
    """The worst moment: the damaged bundle has been moved aside and nothing stands at its place."""
    (bundle,) = demo.bundles()
    shutil.copytree(bundle, place_of(with_demo, bundle))
    damage(place_of(with_demo, bundle))

    planted = planted_in(tmp_path_factory.mktemp("planted"), moment="after", number=1, whole_run=whole_run)
    killed = replace(with_demo, settings=planted).kaa(*ORDER)

    assert killed.returncode == (-signal.SIGKILL if whole_run else UnexpectedError.exit_code)
    assert ("avslutades av signal 9, som den gör när minnet tar slut" in killed.stderr) != whole_run
    assert f"[{STAGES}/{STAGES}]" in killed.stderr
    assert standing(with_demo, bundle) == {".skadad-1": "damaged"}
    again = with_demo.kaa(*ORDER)
    assert again.returncode == 0, again.stderr
    assert standing(with_demo, bundle) == {"": "whole", ".skadad-1": "damaged"}
    once_more = with_demo.kaa(*ORDER)
    assert once_more.stderr.splitlines()[-1].startswith("oförändrad")
    assert standing(with_demo, bundle) == {"": "whole", ".skadad-1": "damaged"}


def test_a_whole_bundle_with_other_bytes_stops_the_run_with_the_exit_code_of_its_kind(with_demo, demo):
    (bundle,) = demo.bundles()
    place = place_of(with_demo, bundle)
    shutil.copytree(bundle, place)
    (place / "report.html").write_text("annan")
    manifest = json.loads((place / "manifest.json").read_text())
    manifest["files"]["report.html"] = hashlib.sha256(b"annan").hexdigest()
    (place / "manifest.json").write_text(json.dumps(manifest))

    again = with_demo.kaa(*ORDER)

    assert again.returncode == 8
    assert "Samma indata och samma program ska ge samma byte" in again.stderr
    assert (place / "report.html").read_text() == "annan"
    assert standing(with_demo, bundle) == {"": "other"}
