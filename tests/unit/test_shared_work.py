"""Work that is shared among processes gives what it gives in one, and what goes wrong in one of them is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kaa_analysis.core import shared_work
from kaa_analysis.core.errors import DisclosureError, UnexpectedError
from kaa_analysis.core.shared_work import shared

ROOT = Path(__file__).parents[2]
ALONE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}


@pytest.fixture(autouse=True)
def _forking(monkeypatch):
    """Fork even where a library of the tests' own has a second thread."""
    monkeypatch.setattr(shared_work, "_may_fork", lambda: True)


def test_answers_are_those_of_one_process_in_the_order_of_the_things():
    things = list(range(50))
    weights = [(7 * number) % 11 for number in things]
    alone = shared(lambda number: number**2, things, weights=weights, at_once=1)
    assert shared(lambda number: number**2, things, weights=weights, at_once=3) == alone == [n**2 for n in things]


def test_the_things_are_dealt_out_the_heaviest_first_to_whoever_has_least():
    processes = shared(lambda _: os.getpid(), [0, 1, 2, 3], weights=[1, 5, 1, 3], at_once=2)
    assert processes[1] == os.getpid()
    assert (len({*processes}), processes[0], processes[3], processes[2]) == (
        2,
        processes[3],
        processes[2],
        processes[0],
    )


def test_with_one_thing_or_one_processor_or_a_second_thread_nothing_is_forked(monkeypatch):
    def here(*_):
        return os.getpid()

    assert shared(here, ["en"], weights=[1], at_once=4) == [os.getpid()]
    assert shared(here, [1, 2], weights=[1, 1], at_once=1) == [os.getpid()] * 2
    assert shared(here, [], weights=[], at_once=4) == []
    monkeypatch.setattr(shared_work, "_may_fork", lambda: False)
    assert shared(here, [1, 2], weights=[1, 1], at_once=2) == [os.getpid()] * 2


@pytest.mark.parametrize("wrong", [{0}, {3}, {1, 2}, {0, 1, 2, 3}])
def test_the_error_of_the_first_thing_that_fails_is_raised_wherever_it_was_done(wrong):
    def work(number):
        if number in wrong:
            raise DisclosureError("Det ska gå.", found=f"sak {number}", action="gör om")
        return number

    for at_once in (1, 2, 4):
        with pytest.raises(DisclosureError) as told:
            shared(work, [0, 1, 2, 3], weights=[4, 3, 2, 1], at_once=at_once)
        assert told.value.found == (f"sak {min(wrong)}",)
        assert told.value.action == "gör om"


def test_a_process_that_is_killed_is_told_of():
    here = os.getpid()

    def work(number):
        if os.getpid() != here:
            os.kill(os.getpid(), 9)
        return number

    with pytest.raises(UnexpectedError) as told:
        shared(work, [1, 2], weights=[1, 1], at_once=2)
    assert told.value.found == ("en process avslutades i förtid (-9)",)


def test_a_second_thread_is_seen():
    told = (
        "import json, threading\n"
        "from kaa_analysis.core.shared_work import _may_fork, n_threads\n"
        "before = n_threads(), _may_fork()\n"
        "held = threading.Event()\n"
        "threading.Thread(target=held.wait, daemon=True).start()\n"
        "print(json.dumps([before, (n_threads(), _may_fork())]))\n"
    )
    done = subprocess.run([sys.executable, "-c", told], env=ALONE, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[1, True], [2, False]]
