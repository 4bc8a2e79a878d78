"""Run the tests of each mutant in a process forked from one that has already read every test.

A pytest plugin: it takes over after the tests are collected. mutmut writes the mutants and its switch chooses one; what is done here
in place of ``mutmut run`` is only the running, which there collects the tests anew for every mutant.
"""

from __future__ import annotations

import gc
import json
import os
import re
import resource
import time
from collections import deque
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from itertools import accumulate
from pathlib import Path
from zlib import crc32

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings

from tests.mutation.outcomes import DEAD, KILLED, SURVIVED, TIMED_OUT, UNTESTED

MANY_TIMES_LONGER, SECONDS_MORE = 5, 3
"""A mutant is stopped after this many times the processor time of its tests, and some seconds."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which mutants, how many at a time, and where the outcomes are kept."""
    parser.addoption("--mutants-of", action="append", default=[])
    parser.addoption("--mutants-one-in", type=int, default=1)
    parser.addoption("--mutant-seconds", type=float, default=60.0)
    parser.addoption("--mutants-again", action="store_true")
    parser.addoption("--mutant-processes", type=int, default=2)
    parser.addoption("--mutant-outcomes", type=Path, required=True)


def pytest_configure(config: pytest.Config) -> None:
    """Let no failing test look for its smallest example: nobody reads it."""
    settings.register_profile("mutants", phases=[Phase.explicit, Phase.generate])
    settings.load_profile("mutants")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out the examples in the docstrings of the mutants: each is a copy of its function's own."""
    items[:] = [item for item in items if not re.search(r"__mutmut_\d", item.nodeid)]


def pytest_runtestloop(session: pytest.Session) -> bool:
    """Find which tests run which functions, then run each chosen mutant against the tests of its function."""
    items, config = {item.nodeid: item for item in session.items}, session.config
    processes, kept = config.getoption("--mutant-processes"), config.getoption("--mutant-outcomes")
    goes_on = kept.exists() and (config.getoption("--mutants-again") or config.getoption("--mutants-of"))
    outcomes = json.loads(kept.read_text(encoding="utf-8")) if goes_on else {}
    gc.collect()
    gc.freeze()
    seconds = config.getoption("--mutant-seconds")
    tests = {name: _within(covering, seconds) for name, covering in _tests_of_functions(items, processes).items()}
    mutants = sorted(_chosen(config, outcomes), key=lambda name: crc32(name.encode()))
    queue = deque((mutant, tests.get(mutant.partition("__mutmut_")[0], [])) for mutant in mutants)

    def judge(mutant: str, status: int | None) -> None:
        outcomes[mutant] = _outcome(status)
        if len(queue) % 10 == 0:
            kept.write_text(json.dumps(outcomes, indent=1, sort_keys=True), encoding="utf-8")

    _run_all(queue, lambda mutant, covering: _run_mutant(items, mutant, covering), judge, processes)
    known = set(_every_mutant())
    kept.write_text(
        json.dumps({name: outcomes[name] for name in sorted(outcomes) if name in known}, indent=1), encoding="utf-8"
    )
    return True


def _every_mutant() -> Iterator[str]:
    for path in sorted(Path("kaa_analysis/disclosure").rglob("*.py.meta")):
        yield from json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]


def _chosen(config: pytest.Config, outcomes: dict[str, str]) -> Iterator[str]:
    patterns, again = config.getoption("--mutants-of") or ["*"], config.getoption("--mutants-again")
    one_in = config.getoption("--mutants-one-in")
    for mutant in _every_mutant():
        if (
            crc32(mutant.encode()) % one_in == 0
            and any(fnmatch(mutant, f"kaa_analysis.disclosure.{pattern}") for pattern in patterns)
            and not (again and outcomes.get(mutant) in DEAD)
        ):
            yield mutant


def _tests_of_functions(items: dict[str, pytest.Item], processes: int) -> dict[str, list[tuple[str, float]]]:
    """Name of a function → its tests with their seconds, the quickest first.

    Each test runs alone, so that nothing kept from another hides a call.
    """
    from mutmut.mutation.trampoline import set_mutant_under_test
    from mutmut.state import state

    folder = Path("mutant_tests")
    folder.mkdir(exist_ok=True)
    places = {nodeid: folder / f"{number}.json" for number, nodeid in enumerate(items)}

    def run(nodeid: str, place: Path) -> int:
        set_mutant_under_test("stats")
        started = time.process_time()
        passed = _passes([items[nodeid]])
        place.write_text(json.dumps([time.process_time() - started, sorted(state()._stats)]), encoding="utf-8")
        return 0 if passed else 1

    failing = []
    _run_all(deque(places.items()), run, lambda nodeid, status: failing.append(nodeid) if status else None, processes)
    if failing:
        raise pytest.UsageError("these tests fail without any mutant: " + ", ".join(sorted(failing)))
    told = {nodeid: json.loads(place.read_text(encoding="utf-8")) for nodeid, place in places.items()}
    tests: dict[str, list[tuple[str, float]]] = {}
    for nodeid, (seconds, functions) in sorted(told.items(), key=_quickest_first):
        for function in functions:
            tests.setdefault(function, []).append((nodeid, seconds))
    return tests


def _quickest_first(test: tuple[str, tuple[float, list[str]]]) -> tuple[float, int, str]:
    """The order of the tests: by tenths of a second, among those of one the ones that run the fewest functions, which are about these."""
    name, (seconds, functions) = test
    return round(seconds, 1), len(functions), name


def _within(covering: list[tuple[str, float]], seconds: float) -> list[tuple[str, float]]:
    """The first tests, as many as together take ``seconds``; at least one."""
    before = accumulate((taken for _, taken in covering), initial=0.0)
    return [test for test, spent in zip(covering, before, strict=False) if spent < seconds]


def _run_mutant(items: dict[str, pytest.Item], mutant: str, covering: list[tuple[str, float]]) -> int | None:
    from mutmut.mutation.trampoline import set_mutant_under_test

    if not covering:
        return 2
    limit = int(MANY_TIMES_LONGER * sum(seconds for _, seconds in covering)) + SECONDS_MORE
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    set_mutant_under_test(mutant)
    return 0 if _passes([items[nodeid] for nodeid, _ in covering]) else 1


def _passes(items: list[pytest.Item]) -> bool:
    for item, following in zip(items, [*items[1:], None], strict=True):
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
            return False
    return True


def _outcome(status: int) -> str:
    if os.WIFSIGNALED(status):
        return TIMED_OUT
    return {0: SURVIVED, 2: UNTESTED}.get(os.WEXITSTATUS(status), KILLED)


def _run_all(queue: deque, work: Callable, done: Callable, processes: int) -> None:
    """Fork once for each entry of ``queue``, ``processes`` at a time, and tell ``done`` the status each ended with."""
    running: dict[int, str] = {}
    while queue or running:
        while queue and len(running) < processes:
            name, argument = queue.popleft()
            child = os.fork()
            if not child:
                _be_child(work, name, argument)
            running[child] = name
        child, status = os.wait()
        done(running.pop(child), status)


def _be_child(work: Callable, name: str, argument: object) -> None:
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    status = 1
    try:
        status = work(name, argument)
    finally:
        os._exit(status)
