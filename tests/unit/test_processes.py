"""Processes that are forked do the same as those started by themselves; whoever leaves or dies takes with it what it had started."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kaa_analysis.render.processes.fork_server import LONGEST_ORDER
from kaa_analysis.render.processes.forked import ForkedProcess, ForkingStarter, can_fork, fork_server, starter_at
from kaa_analysis.render.processes.process_ends import how_it_ended
from kaa_analysis.render.processes.starting import Order, PlainStarter, Starter, started_with_words

HERE = Path(__file__).parent
WORK = "forked_work"
SECONDS_TO_END = 20
"""What is killed is gone within milliseconds; a machine that is busy with other things is given time."""


def surroundings(**more: str) -> dict[str, str]:
    """Return an environment in which the package and the module of work are found."""
    import kaa_analysis

    found_in = os.pathsep.join((str(Path(kaa_analysis.__file__).parents[1]), str(HERE)))
    return {"PATH": os.environ["PATH"], "PYTHONPATH": found_in, "LANG": "C.UTF-8", "TZ": "UTC0"} | more


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Where a server listens that has imported the module of work."""
    with fork_server(WORK, environment=surroundings()) as place:
        assert place is not None
        yield place


@pytest.fixture(params=["forked", "plain"])
def starter(request, place) -> Starter:
    return starter_at(place if request.param == "forked" else None)


def order(*arguments: str, folder: Path = Path("/"), **environment: str) -> Order:
    return Order(WORK, arguments, folder, surroundings(**environment))


def said(starter: Starter, asked: Order) -> tuple[str, int]:
    """Return what a process says and its exit code."""
    process, words = started_with_words(starter, asked)
    with words:
        return words.read().decode(), process.wait()


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that has ended and that nobody has asked for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def left_of(pids: list[int]) -> list[int]:
    """Return which of the processes still run when they have had time to end."""
    latest = time.monotonic() + SECONDS_TO_END
    while (left := [pid for pid in pids if is_alive(pid)]) and time.monotonic() < latest:
        time.sleep(0.01)
    return left


def sleeping(starter: Starter, **more: str) -> tuple[object, list[int]]:
    """Return a process that sleeps, and its number and those of two that it has started: one in its group, one in a group of its own."""
    process, words = started_with_words(starter, order("sleep", **more))
    with words:
        pids = [int(number) for number in words.readline().split()]
    assert [is_alive(pid) for pid in pids] == [True, True, True]
    return process, pids


def server_of(pid: int) -> int:
    """Return the number of the process that forked another."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


class TestWhatAProcessIs:
    """Each way of starting alike."""

    @pytest.mark.parametrize(
        ("asked", "exit_code"),
        [
            (("leave", "0"), 0),
            (("leave", "8"), 8),
            (("leave_by_exit", "9"), 9),
            (("leave_by_exit", "ord"), 1),
            (("fail",), 1),
            (("killed", str(int(signal.SIGKILL))), -9),
            (("killed", str(int(signal.SIGTERM))), -15),
        ],
    )
    def test_it_ends_with_its_exit_code_or_the_signal_that_ended_it(self, starter, asked, exit_code):
        process = starter.start(order(*asked))
        assert (process.wait(), process.poll(), process.wait()) == (exit_code, exit_code, exit_code)

    def test_its_words_of_both_kinds_come_through_one_pipe(self, starter):
        assert said(starter, order("words")) == ("ut fel", 0)

    def test_an_exception_is_told_where_its_words_go(self, starter):
        words, exit_code = said(starter, order("fail"))
        assert (words.splitlines()[-1], exit_code) == ("ValueError: så här", 1)

    def test_words_go_to_a_file_each_or_nowhere(self, starter, tmp_path):
        with (tmp_path / "ut").open("wb") as output, (tmp_path / "fel").open("wb") as errors:
            for given in ({"output": output}, {"errors": errors}, {}):
                assert starter.start(Order(WORK, ["words"], Path("/"), surroundings(), **given)).wait() == 0
        assert ((tmp_path / "ut").read_text(), (tmp_path / "fel").read_text()) == ("ut ", "fel")

    def test_it_has_the_given_surroundings_and_no_other(self, starter, tmp_path):
        given = {"TZ": "AAA-5", "TMPDIR": str(tmp_path), "ORD": "räksmörgås"}
        told, _ = said(starter, order("surroundings", "a", "å", folder=tmp_path, **given))
        found = json.loads(told)
        environment, arguments, others = (found.pop(name) for name in ("environment", "arguments", "other open files"))
        assert {name: value for name, value in environment.items() if name != "LC_CTYPE"} == surroundings(**given)
        assert arguments[1:] == ["surroundings", "a", "å"]
        assert others == [] or isinstance(starter, PlainStarter)  # which keeps the locks that its parent lets it have
        assert found == {
            "folder": str(tmp_path),
            "first of the path": str(tmp_path),
            "temporary files": str(tmp_path),
            "an hour of 1970": 5,
            "words go to": ["/dev/null", "pipe", "pipe"],
            "leads its group": True,
            "takes interrupts": True,
        }

    def test_it_is_asked_for_within_a_time(self, starter):
        process, pids = sleeping(starter)
        assert process.poll() is None
        for seconds in (0, 0.05):
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(seconds)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS_TO_END) == -signal.SIGTERM
        process.send_signal(signal.SIGTERM)  # to one that has ended: nothing
        for pid in pids[1:]:  # of a plain process these are nobody's
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)


def test_how_a_process_ended_is_told_in_words():
    assert [how_it_ended(code) for code in (3, -9, -15)] == [
        "slutkod 3",
        "processen avslutades av signal 9, som den gör när minnet tar slut",
        "processen avslutades av signal 15",
    ]


class TestTheServer:
    def test_it_forks_what_it_is_asked_for(self, place):
        process = ForkingStarter(place).start(order("leave", "3"))
        assert isinstance(process, ForkedProcess)
        assert process.wait() == 3

    def test_fifty_at_once_from_each_of_four_clients_all_end_as_they_should(self, place):
        clients = [started_with_words(PlainStarter(), order("pipeline", str(place), "50")) for _ in range(4)]
        expected = {"ended": [number % 7 for number in range(50)], "forked": 50}
        for process, words in clients:
            with words:
                assert (json.loads(words.read()), process.wait()) == (expected, 0)

    def test_what_it_prepares_is_there_for_all_that_are_forked_later_and_for_no_other(self, tmp_path):
        with fork_server(WORK, environment=surroundings()) as place:
            starter = ForkingStarter(place)
            before = said(starter, order("recall"))
            starter.prepare(order("remember", "ett", folder=tmp_path))
            starter.prepare(order("remember", "fail", folder=tmp_path))
            after = [said(starter, order("recall")) for _ in range(2)]
            PlainStarter().prepare(order("remember", "ett", folder=tmp_path))
            assert said(PlainStarter(), order("recall")) == ("[]\n", 0)
            assert isinstance(starter.start(order("leave", "0")), ForkedProcess)
        remembered = json.dumps(["ett", str(tmp_path), "fail", str(tmp_path)])
        assert (before, after) == (("[]\n", 0), [(f"{remembered}\n", 0)] * 2)

    def test_preparing_where_no_server_listens_is_nothing(self, tmp_path):
        assert ForkingStarter(tmp_path / "ingen").prepare(order("remember", "ett")) is None

    def test_a_client_that_says_nothing_delays_nobody(self, place):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as silent:
            silent.connect(str(place))
            process = ForkingStarter(place).start(order("leave", "3"))
            assert isinstance(process, ForkedProcess)
            assert process.wait(SECONDS_TO_END) == 3

    @pytest.mark.parametrize(
        "message", [b"inte JSON", b"[]", b"7", b'{"module": "finns_inte"}', b'"' * (LONGEST_ORDER + 1)]
    )
    def test_an_order_that_cannot_be_followed_is_no_end_of_the_server(self, place, message):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client, Path(os.devnull).open() as file:
            client.connect(str(place))
            socket.send_fds(client, [message], [file.fileno()] * 2)
            answers = [client.recv(1024), client.recv(1024)]
        assert answers in ([b"", b""], [answers[0], b'{"exit": 1}'])
        assert isinstance(ForkingStarter(place).start(order("leave", "0")), ForkedProcess)

    def test_what_refused_orders_brought_is_closed(self, place):
        server = server_of(ForkingStarter(place).start(order("sleep")).pid)
        n_before = len(list(Path(f"/proc/{server}/fd").iterdir()))
        for _ in range(20):
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client, Path(os.devnull).open() as file:
                client.connect(str(place))
                socket.send_fds(client, [b"inte JSON"], [file.fileno()] * 2)
                assert client.recv(1024) == b""
        assert len(list(Path(f"/proc/{server}/fd").iterdir())) <= n_before

    def test_an_order_that_is_too_long_is_done_by_a_process_of_its_own(self, place):
        longest = {f"ORD{number}": "x" * 60_000 for number in range(8)}
        process = ForkingStarter(place).start(order("leave", "3", **longest))
        assert isinstance(process, subprocess.Popen)
        assert process.wait() == 3

    def test_a_server_with_a_second_thread_forks_nothing_and_the_work_is_done_all_the_same(self, tmp_path):
        (tmp_path / "thread_at_import.py").write_text(
            "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        )
        more = surroundings()["PYTHONPATH"] + os.pathsep + str(tmp_path)
        with fork_server("thread_at_import", environment=surroundings(PYTHONPATH=more)) as place:
            process = ForkingStarter(place).start(order("leave", "3"))
            assert isinstance(process, subprocess.Popen)
            assert process.wait() == 3

    def test_a_server_whose_imports_fail_is_done_without(self):
        with fork_server("finns_inte", environment=surroundings()) as place:
            process = ForkingStarter(place).start(order("leave", "3"))
            assert isinstance(process, subprocess.Popen)
            assert process.wait() == 3

    def test_a_server_that_has_gone_is_done_without(self):
        with fork_server(WORK, environment=surroundings()) as place:
            assert ForkingStarter(place).start(order("leave", "0")).wait() == 0
        process = ForkingStarter(place).start(order("leave", "3"))
        assert isinstance(process, subprocess.Popen)
        assert process.wait() == 3

    @pytest.mark.parametrize("system", ["darwin", "win32"])
    def test_where_a_fork_is_not_safe_there_is_no_server(self, monkeypatch, system):
        monkeypatch.setattr(sys, "platform", system)
        assert not can_fork()
        with fork_server(WORK, environment=surroundings()) as place:
            assert place is None
            assert isinstance(starter_at(place), PlainStarter)

    @pytest.mark.parametrize("first", ["the end", "the leaving"])
    def test_a_process_that_ends_as_its_client_leaves_is_no_end_of_the_server(self, place, first):
        kept = sleeping(ForkingStarter(place))
        server = server_of(kept[1][0])
        process = ForkingStarter(place).start(order("sleep"))
        os.kill(server, signal.SIGSTOP)  # so that it learns both at once
        if first == "the leaving":
            process._connection.close()
        os.kill(process.pid, signal.SIGKILL)
        assert left_of([process.pid]) == []
        process._connection.close()
        os.kill(server, signal.SIGCONT)
        twin = ForkingStarter(place).start(order("leave", "3"))
        assert isinstance(twin, ForkedProcess)
        assert twin.wait() == 3
        assert is_alive(kept[1][0])


class TestWhoeverDies:
    """No process, and nothing that it had started, is left."""

    def test_a_process_that_is_left_by_its_client_ends_with_what_it_started(self, place):
        process, pids = sleeping(ForkingStarter(place))
        process._connection.close()
        assert left_of(pids[:2]) == []

    def test_a_process_that_leaves_takes_with_it_what_it_started(self, place):
        words, exit_code = said(ForkingStarter(place), order("leave_one_behind"))
        assert exit_code == 0
        assert left_of([int(words)]) == []

    def test_the_plain_twin_leaves_it_behind(self):
        with Path(os.devnull).open() as nowhere:
            process = subprocess.Popen(
                [sys.executable, "-m", WORK, "leave_one_behind"],
                env=surroundings(),
                stdin=nowhere,
                stdout=subprocess.PIPE,
            )
        pid = int(process.stdout.readline())
        assert process.wait() == 0
        assert is_alive(pid)
        os.kill(pid, signal.SIGKILL)

    def test_a_killed_process_takes_with_it_what_it_started(self, place):
        process, pids = sleeping(ForkingStarter(place))
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(SECONDS_TO_END) == -signal.SIGKILL
        assert left_of(pids[:2]) == []

    def test_a_killed_server_takes_with_it_every_process_and_the_client_is_told(self):
        with fork_server(WORK, environment=surroundings()) as place:
            process, pids = sleeping(ForkingStarter(place))
            os.kill(server_of(process.pid), signal.SIGKILL)
            assert process.wait(SECONDS_TO_END) == -signal.SIGKILL
            assert left_of(pids) == []
            twin = ForkingStarter(place).start(order("leave", "3"))
            assert isinstance(twin, subprocess.Popen)
            assert twin.wait() == 3
        assert not place.parent.exists()

    def test_the_end_of_the_owner_s_need_is_the_end_of_every_process_and_of_the_folder(self):
        with fork_server(WORK, environment=surroundings()) as place:
            process, pids = sleeping(ForkingStarter(place))
            server = server_of(process.pid)
        assert left_of([server, *pids]) == []
        assert not place.parent.exists()

    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
    def test_a_killed_owner_is_the_end_of_server_every_process_and_the_folder(self, number):
        owner = subprocess.Popen(
            [sys.executable, "-c", OWNER], env=surroundings(), stdout=subprocess.PIPE, encoding="utf-8"
        )
        folder, *pids = owner.stdout.readline().split()
        owner.send_signal(number)
        owner.wait()
        owner.stdout.close()
        assert left_of([int(pid) for pid in pids]) == []
        latest = time.monotonic() + SECONDS_TO_END
        while Path(folder).exists() and time.monotonic() < latest:
            time.sleep(0.01)
        assert not Path(folder).exists()


OWNER = """
import os, sys
from pathlib import Path
from kaa_analysis.render.processes.forked import ForkingStarter, fork_server
from kaa_analysis.render.processes.starting import Order, started_with_words
with fork_server("forked_work", environment=os.environ) as place:
    starter = ForkingStarter(place)
    process, words = started_with_words(starter, Order("forked_work", ["sleep"], Path("/"), dict(os.environ)))
    server = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[1]
    print(place.parent, server, words.readline().decode().strip(), flush=True)
    process.wait()
"""
