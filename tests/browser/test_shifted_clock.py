"""More than a year later, in another place, by another hand: the same bytes."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import datetime

SHIFT = "+400d"
LEAST_DAYS = 300
"""The clock stands in run.json alone; that the two lie further apart than this proves that the shift reached the run."""

CLOCK = "run.json"


def test_a_run_of_another_day_gives_the_same_bytes(demo, bundles, tmp_path, project_in, run_program):
    plain = project_in(tmp_path / "another place")
    shutil.copytree(demo.secure / "extracts", plain.secure / "extracts")
    plain.secure.chmod(0o700)
    settings = {"TZ": "NZST-12NZDT,M9.5.0,M4.1.0/3", "PYTHONHASHSEED": "4711"}
    later = replace(plain, settings=settings, umask=0o077)
    run_program("faketime", "--version")

    run = later.run(["faketime", "-f", SHIFT, *later.command("report", "params/arsbilaga_demo.yaml")])

    assert run.returncode == 0, run.stderr
    (made,) = later.bundles()
    ours, theirs = files_of(bundles["arsbilaga"]), files_of(made)
    assert (moment(theirs.pop(CLOCK)) - moment(ours.pop(CLOCK))).days > LEAST_DAYS
    assert theirs["manifest.json"] == ours["manifest.json"]
    assert theirs == ours


def files_of(bundle) -> dict[str, bytes]:
    return {path.relative_to(bundle).as_posix(): path.read_bytes() for path in bundle.rglob("*") if path.is_file()}


def moment(record: bytes) -> datetime:
    return datetime.fromisoformat(json.loads(record)["started"])
