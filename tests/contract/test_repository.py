"""The repository is what README, design and the lock say it is."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
FIXED = {"notebooks", "kaa_analysis", "params", "reports", "tests", "environment.yml"}
BESIDE = {
    "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "Makefile", "pyproject.toml", "requirements.lock",
    "docs", ".ci", ".gitignore",
}  # fmt: skip


def tracked() -> list[str]:
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return listing.stdout.splitlines()


def test_the_top_level_holds_the_fixed_six_and_what_a_python_project_needs():
    assert {name.split("/")[0] for name in tracked()} == FIXED | BESIDE


def test_environment_yml_names_exactly_python_pip_and_the_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, locked = environment["dependencies"]
    assert python.startswith("python>=3.11")
    assert pip == "pip"
    assert locked == {"pip": ["-r requirements.lock"]}


def test_every_locked_package_is_pinned_by_hash_and_no_download_address_is_recorded():
    lock = (ROOT / "requirements.lock").read_text()
    requirements = re.split(r"\n(?=\S)", lock.strip())
    assert len(requirements) > 100
    assert [item for item in requirements if not re.match(r"[a-z0-9._-]+==\S+.*--hash=sha256:", item, re.DOTALL)] == []
    assert re.findall(r"https?:|file:|--index|--find-links", lock) == []


def test_every_direct_dependency_is_in_the_lock():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["test"]
    names = {re.match(r"[A-Za-z0-9_.-]+", item)[0].lower() for item in wanted}
    locked = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert names - locked == set()


def test_the_tree_in_the_readme_is_the_tree_of_the_package():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^  ([a-z_]+)/ ", readme, re.MULTILINE))
    folders = {path.parent.name for path in (ROOT / "kaa_analysis").glob("*/__init__.py")}
    assert shown == folders


def test_no_module_is_named_after_nothing_and_no_two_share_a_name():
    modules = [path for path in (ROOT / "kaa_analysis").rglob("*.py") if path.stem != "__init__"]
    vague = {"utils", "helpers", "common", "manager", "misc", "tools"}
    assert [path.name for path in modules if path.stem in vague] == []
    names = sorted(path.stem for path in modules)
    assert sorted(set(names)) == names


def test_only_the_disclosure_subpackage_holds_the_seal():
    holders = {
        path.relative_to(ROOT / "kaa_analysis").parts[0]
        for path in (ROOT / "kaa_analysis").rglob("*.py")
        if re.search(r"\bSEAL\b", path.read_text(encoding="utf-8"))
    }
    assert holders == {"disclosure"}


def test_the_clock_is_read_in_one_place():
    reading = re.compile(r"datetime\.now|date\.today|time\.time\(|Timestamp\.now|Timestamp\.today|utcnow")
    readers = {
        path.relative_to(ROOT / "kaa_analysis").as_posix()
        for path in (ROOT / "kaa_analysis").rglob("*.py")
        if reading.search(path.read_text(encoding="utf-8"))
    }
    assert readers == {"core/provenance.py"}
