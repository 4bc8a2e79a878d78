"""A project folder of its own for whole runs: the committed notebooks, params and lock; reports and the secure folder beside them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Project:
    """A project folder and the command line run in it, with a home and a temporary folder that start empty."""

    root: Path
    settings: dict[str, str] = field(default_factory=dict)
    umask: int = 0o022

    @property
    def secure(self) -> Path:
        return self.root / "secure"

    @property
    def environment(self) -> dict[str, str]:
        home, scratch = self.root / "home", self.root / "scratch"
        home.mkdir(exist_ok=True)
        scratch.mkdir(exist_ok=True)
        places = {"HOME": str(home), "TMPDIR": str(scratch), "KAA_SECURE": str(self.secure)}
        surroundings = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC0"}
        return surroundings | places | self.settings

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-c", "from kaa_analysis.cli.main import main; main()", *words]

    def kaa(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run(self.command(*words))

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        process = self.start(command)
        told, said = process.communicate()
        return subprocess.CompletedProcess(command, process.returncode, told, said)

    def start(self, command: list[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.root,
            env=self.environment,
            umask=self.umask,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def bundles(self, report: str = "arsbilaga") -> list[Path]:
        return sorted(path.parent for path in (self.root / "reports" / report).glob("*/*/manifest.json"))

    def left_under_reports(self) -> list[Path]:
        """Everything under ``reports``, hidden or not."""
        return sorted((self.root / "reports").rglob("*"))


def make_project(folder: Path) -> Project:
    for name in ("notebooks", "params"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for name in ("requirements.lock", "docs/avgoranden.csv"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return Project(folder)


@pytest.fixture(scope="session")
def project_in():
    """The function that makes a project in a folder."""
    return make_project


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> Project:
    """A project in which the annual appendix of the demonstration register has been made once."""
    project = make_project(tmp_path_factory.mktemp("demo"))
    made = project.kaa("synth", "demo")
    assert made.returncode == 0, made.stderr
    reported = project.kaa("report", "params/arsbilaga_demo.yaml")
    assert reported.returncode == 0, reported.stderr
    return project


@pytest.fixture
def project(tmp_path) -> Project:
    """An empty project."""
    return make_project(tmp_path)


@pytest.fixture
def with_demo(tmp_path, demo) -> Project:
    """A project of its own with the demonstration register read, no report, and nothing kept of one."""
    return with_secure_folder_of(demo, tmp_path, without=("cache",))


@pytest.fixture
def with_kept(tmp_path, demo) -> Project:
    """A project of its own with the demonstration register read, no report, and what the making of one has kept."""
    return with_secure_folder_of(demo, tmp_path)


def with_secure_folder_of(demo: Project, folder: Path, *, without: tuple[str, ...] = ()) -> Project:
    project = make_project(folder)
    shutil.copytree(demo.secure, project.secure, ignore=shutil.ignore_patterns(*without))
    project.secure.chmod(0o700)
    return project
