"""The package is more than a checkout: its wheel holds every committed file, installs and runs elsewhere."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAME = "kaa_analysis"
BUILD = "import sys, setuptools.build_meta as backend; print(backend.build_wheel(sys.argv[1]))"


def committed(*places: str) -> list[str]:
    listing = subprocess.run(["git", "ls-files", "-z", *places], cwd=ROOT, capture_output=True, text=True, check=True)
    return listing.stdout.split("\0")[:-1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel built from the committed files alone."""
    source, wheels = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheels")
    for name in committed(NAME, "pyproject.toml", "README.md", "LICENSE"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run([sys.executable, "-c", BUILD, str(wheels)], cwd=source, check=True, capture_output=True)
    (built,) = wheels.glob("*.whl")
    return built


def test_the_wheel_holds_the_committed_files_of_the_package_and_no_other(wheel):
    with zipfile.ZipFile(wheel) as packed:
        names = [name for name in packed.namelist() if ".dist-info/" not in name]
    kinds = {Path(name).suffix for name in names}
    assert kinds >= {".py", ".yaml", ".csv", ".sql", ".j2", ".css", ".otf", ".woff2", ".txt"}
    assert sorted(names) == sorted(committed(NAME))


def test_the_wheel_declares_the_command(wheel):
    with zipfile.ZipFile(wheel) as packed:
        (name,) = [name for name in packed.namelist() if name.endswith(".dist-info/entry_points.txt")]
        declared = configparser.ConfigParser()
        declared.read_string(packed.read(name).decode())
    assert {kind: dict(declared[kind]) for kind in declared.sections()} == {
        "console_scripts": {"kaa": "kaa_analysis.cli.main:main"}
    }


def test_the_command_of_the_installed_wheel_writes_and_checks_the_demonstration_register(wheel, tmp_path):
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--offline", "--no-cache", "--no-deps"]
    subprocess.run([*install, "--python", sys.executable, "--target", str(site), str(wheel)], cwd=elsewhere, check=True)
    environment = {**os.environ, "PYTHONPATH": str(site), "KAA_SECURE": str(elsewhere / "secure")}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=elsewhere, env=environment, capture_output=True, encoding="utf-8", check=False
        )

    where = run(sys.executable, "-c", "import kaa_analysis; print(kaa_analysis.__file__)")
    assert Path(where.stdout.strip()) == site / NAME / "__init__.py"
    command = str(site / "bin" / "kaa")
    written = run(command, "synth", "demo")
    assert written.returncode == 0, written.stderr
    checked = run(command, "check", "demo")
    assert checked.returncode == 0, checked.stderr
    persons = (elsewhere / "secure" / "extracts" / "demo" / "personer.csv").read_text(encoding="utf-8")
    assert f"  persons: {persons.count(chr(10)) - 1} rader" in checked.stderr.replace("\xa0", "")
