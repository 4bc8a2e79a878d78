"""The reports of the demonstration register, made once, and a browser that opens their pages as different readers would."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ("arsbilaga", "tid_till_studier")
PROGRAM_TIMEOUT_SECONDS = 120


def module_at(path: Path, *, name: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module  # dataclasses look their module up there
    specification.loader.exec_module(module)
    return module


project_folders = module_at(ROOT / "tests" / "system" / "conftest.py", name="project_folders")
demo, project_in = project_folders.demo, project_folders.project_in


@dataclass(frozen=True)
class View:
    """How a reader sees the page: CSS pixels, colour scheme, screen or print; ``scale`` is device pixels per CSS pixel."""

    width: int = 1280
    height: int = 900
    scheme: str = "light"
    media: str = "screen"
    scale: float = 1


@dataclass(frozen=True)
class Opened:
    """An opened page, what it asked for over any protocol, and what went wrong in it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


def found_program(name: str) -> str:
    place = shutil.which(name)
    assert place is not None, f"Programmet {name} saknas. Kör .ci/install_system_packages och sedan make test-system."
    return place


@pytest.fixture(scope="session")
def run_program() -> Callable[..., str]:
    """The function that runs a program of the machine, must succeed, and returns what it wrote."""

    def run(name: str, *words: str | Path) -> str:
        command = [found_program(name), *map(str, words)]
        finished = subprocess.run(
            command, capture_output=True, encoding="utf-8", timeout=PROGRAM_TIMEOUT_SECONDS, check=False
        )
        assert finished.returncode == 0, f"{name}: slutkod {finished.returncode}: {finished.stderr}"
        return finished.stdout

    return run


@pytest.fixture(scope="session")
def bundles(demo) -> dict[str, Path]:
    """The bundle of each report, by the report's name."""
    made = demo.kaa("report", "params/tid_till_studier_demo.yaml")
    assert made.returncode == 0, made.stderr
    return {report: demo.bundles(report)[0] for report in REPORTS}


@pytest.fixture(scope="session", params=REPORTS)
def bundle(request, bundles) -> Path:
    return bundles[request.param]


@pytest.fixture(scope="session")
def html_files(bundle) -> list[Path]:
    """Every HTML file of the bundle."""
    files = sorted(bundle.rglob("*.html"))
    assert bundle / "report.html" in files
    return files


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium, without a window."""
    place = found_program("chromium")
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=place)
        yield started
        started.close()


@pytest.fixture(scope="session")
def opened(browser) -> Callable:
    """The function that opens a file in a `View`, as a context manager that gives an `Opened`."""

    @contextmanager
    def open_file(path: Path, **view: object) -> Iterator[Opened]:
        seen = View(**view)
        size = {"width": seen.width, "height": seen.height}
        context = browser.new_context(viewport=size, color_scheme=seen.scheme, device_scale_factor=seen.scale)
        page = context.new_page()
        page.emulate_media(media=seen.media)
        result = Opened(page)
        page.on("request", lambda asked: result.requests.append(asked.url))
        page.on(
            "console", lambda line: result.troubles.append(line.text) if line.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: result.troubles.append(str(error)))
        page.goto(path.as_uri())
        page.evaluate("document.fonts.ready")
        yield result
        context.close()

    return open_file
