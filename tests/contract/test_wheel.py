"""The package is more than a checkout: its wheel installs and runs elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_wheel_installs_elsewhere_and_writes_the_demonstration_register(tmp_path):
    wheels, site, elsewhere = tmp_path / "wheels", tmp_path / "site", tmp_path / "elsewhere"
    source = tmp_path / "source"
    listing = subprocess.run(
        ["git", "ls-files", "kaa_analysis", "pyproject.toml", "README.md", "LICENSE"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listing.stdout.splitlines():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    elsewhere.mkdir()
    wheels.mkdir()
    build = "import sys, setuptools.build_meta as backend; print(backend.build_wheel(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", build, str(wheels)], cwd=source, check=True, capture_output=True)
    (wheel,) = wheels.glob("*.whl")
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(wheel), str(site)], check=True)

    run = "import sys; sys.argv = ['kaa', 'synth', 'demo']; import kaa_analysis; assert 'site' in kaa_analysis.__file__; from kaa_analysis.cli.main import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(site), "KAA_SECURE": str(elsewhere / "secure")}
    finished = subprocess.run(
        [sys.executable, "-c", run], cwd=elsewhere, env=environment, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    assert (elsewhere / "secure" / "extracts" / "demo" / "kaa.csv").stat().st_size > 0
