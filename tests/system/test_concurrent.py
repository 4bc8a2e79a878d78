"""Two reports of the same kind at the same time: neither sees, waits for or removes the other's work."""

from __future__ import annotations

import hashlib
from pathlib import Path

from kaa_analysis.render.bundle import is_whole


def files_of(bundle: Path) -> dict[str, str]:
    paths = sorted(path for path in bundle.rglob("*") if path.is_file() and path.name != "run.json")
    return {str(path.relative_to(bundle)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_two_reports_of_the_same_kind_started_together_both_succeed(with_demo, demo):
    (alone,) = demo.bundles()
    ours = with_demo.root / "params" / "arsbilaga_demo.yaml"
    other = ours.with_name("arsbilaga_ordagrann.yaml")
    other.write_text(ours.read_text().replace("until_15_september", "literal"))
    assert other.read_text() != ours.read_text()

    started = [with_demo.start(with_demo.command("report", f"params/{path.name}")) for path in (ours, other)]
    told = [process.communicate()[1] for process in started]

    assert [process.returncode for process in started] == [0, 0], "\n".join(told)
    made = with_demo.bundles()
    assert [is_whole(folder) for folder in made] == [True, True]
    assert [files_of(folder) for folder in made if folder.name == alone.name] == [files_of(alone)]
    assert list((with_demo.secure / "runs").iterdir()) == []
