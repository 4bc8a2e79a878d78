"""Many reports with one command: what stops one stops no other, and whoever dies leaves nothing behind."""

from __future__ import annotations

import re
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
import pytest

from tests.system.test_concurrent import files_of

APPENDIX, STUDIES = "params/arsbilaga_demo.yaml", "params/tid_till_studier_demo.yaml"
NOTEBOOK = "notebooks/20_time_to_study_placement.ipynb"
SECONDS_TO_COME, SECONDS_TO_END = 300, 60
"""A machine that is busy with other things is given time."""

FAILING = 'int("19121212-1212")'
WAITING = """\
import subprocess, time
from pathlib import Path
from kaa_analysis.core.secure_folder import secure_folder
subprocess.Popen(["sleep", "86400"])
(secure_folder().path / "waiting").touch()
time.sleep(86400)
"""


def begin_notebook_with(project, source: str) -> int:
    """Put a cell after the parameters of the report on time to study placement, and return its number."""
    path = project.root / NOTEBOOK
    notebook = nbformat.read(path, as_version=4)
    place = next(n for n, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", ())) + 1
    cell = nbformat.v4.new_code_cell(source)
    cell.id = "inserted"
    notebook.cells.insert(place, cell)
    nbformat.write(notebook, path)
    return place + 1


def word_for_word(project) -> Path:
    """Return the parameter file of an annual appendix with another rule."""
    ours = project.root / APPENDIX
    other = ours.with_name("arsbilaga_ordagrann.yaml")
    other.write_text(ours.read_text().replace("until_15_september", "literal"))
    assert other.read_text() != ours.read_text()
    return other


def test_what_stops_one_report_stops_no_other(with_demo, demo):
    (alone,) = demo.bundles()
    folder = with_demo.root / "params" / "alla"
    folder.mkdir()
    for path in (with_demo.root / APPENDIX, word_for_word(with_demo), with_demo.root / STUDIES):
        shutil.copy(path, folder)
    (folder / "fel.yaml").write_text((with_demo.root / APPENDIX).read_text() + "yaer: 2024\n")
    number = begin_notebook_with(with_demo, FAILING)

    run = with_demo.kaa("batch", "params/alla", "./params/alla/arsbilaga_demo.yaml", APPENDIX)

    assert run.returncode == 3, "the first that failed is the file that nobody can read"
    made = with_demo.bundles()
    assert run.stdout.split() == sorted(
        (f"{folder.relative_to(with_demo.root)}/report.html" for folder in made),
        key=lambda page: alone.name not in page,
    )
    assert len(made) == 2
    assert [files_of(folder) for folder in made if folder.name == alone.name] == [files_of(alone)]
    told = run.stderr
    assert "2 klara (utkast), 0 oförändrade, 3 stoppade\n" in told
    assert "\nparams/alla/fel.yaml\nFel i parametrarna: " in told
    assert '"yaer" är ingen parameter (menade du "year"?)' in told
    assert (
        f"\n{APPENDIX}\nFel i parametrarna: En rapport görs en gång.\n  – samma som params/alla/arsbilaga_demo.yaml"
        in told
    )
    stopped = f"Fel i anteckningsboken: Cell {number} (id inserted) stoppade.\n  – ValueError i "
    assert f"\nparams/alla/tid_till_studier_demo.yaml\n{stopped}" in told
    assert re.findall(r"^\[(\d)/5\] params/alla/(\w+)\.yaml: (\w+), [\d,]+ s$", told, re.MULTILINE)[-1][0] == "5"
    assert "1912" not in run.stdout + told
    assert with_demo.bundles("tid_till_studier") == []

    [kept] = re.findall(r"ligger kvar i den säkra mappen: (runs/[\w.-]+/executed\.ipynb)\n", told)
    executed = with_demo.secure / kept
    assert [cell.id for cell in nbformat.read(executed, as_version=4).cells if cell.id == "inserted"] == ["inserted"]
    assert stat.S_IMODE(executed.parent.stat().st_mode) == 0o700
    assert list((with_demo.secure / "runs").iterdir()) == [executed.parent]

    again = with_demo.kaa("report", APPENDIX)
    assert (again.returncode, again.stderr.splitlines()[-1].split()[0]) == (0, "oförändrad")
    assert executed.exists(), "another report leaves it"
    shutil.copy(demo.root / NOTEBOOK, with_demo.root / NOTEBOOK)
    mended = with_demo.kaa("batch", "--samtidigt", "1", "--tider", STUDIES)
    assert mended.returncode == 0, mended.stderr
    assert f"[1/1] {STUDIES}: klart, " in mended.stderr
    assert " s  kör anteckningsboken i den säkra mappen\n" in mended.stderr
    assert list((with_demo.secure / "runs").iterdir()) == []


def test_a_folder_without_parameter_files_is_told(project):
    (project.root / "params" / "tom").mkdir()
    run = project.kaa("batch", "params/tom")
    assert run.returncode == 3
    assert "Mappen ska innehålla parameterfiler (*.yaml).\n  – params/tom\n" in run.stderr


def test_two_batches_at_once_from_a_fresh_extract_read_it_once_and_make_the_same(project, demo):
    (alone,) = demo.bundles()
    assert project.kaa("synth", "demo").returncode == 0
    started = [project.start(project.command("batch", APPENDIX)) for _ in range(2)]
    told = [process.communicate()[1] for process in started]
    assert [process.returncode for process in started] == [0, 0], "\n".join(told)
    assert "".join(told).count("Registret är inläst: ") == 1
    assert "".join(told).count('Registret "demo" är redan inläst och oförändrat.') == 1
    (made,) = project.bundles()
    assert files_of(made) == files_of(alone)
    assert [path.name for path in project.left_under_reports() if path.name.startswith(".")] == []
    assert list((project.secure / "runs").iterdir()) == []


def processes_of(project) -> dict[int, str]:
    """Return the live processes that were started for a project, by number, each with its command."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(project.root).encode() in (process / "environ").read_bytes():
                found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found


def soon(is_so: Callable[[], object], *, seconds: float) -> object:
    """Return what ``is_so`` returns, as soon as that is true."""
    latest = time.monotonic() + seconds
    while not (found := is_so()) and time.monotonic() < latest:
        time.sleep(0.05)
    return found


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


class Parts:
    """The processes of a batch whose notebook waits."""

    def __init__(self, project, command: subprocess.Popen[str], *, number: int) -> None:
        self.number = number
        known = processes_of(project)
        children = {pid: told for pid, told in known.items() if parent_of(pid) == command.pid}
        [self.room] = [pid for pid, told in children.items() if "report_job" in told]
        [self.outside] = [pid for pid in children if pid != self.room]
        [self.sleep] = [pid for pid, told in known.items() if told.startswith("sleep ")]
        self.kernel = parent_of(self.sleep)
        [self.job] = [pid for pid in known if parent_of(pid) == self.room and pid != self.kernel]
        self.folders = [Path(known[server].split()[5]) for server in (self.room, self.outside)]
        assert (len(known), [folder.is_dir() for folder in self.folders]) == (6, [True, True])


@pytest.fixture
def waiting(with_demo) -> tuple[object, subprocess.Popen[str], Parts]:
    """A project, the batch that waits in the first of its two reports, one at a time, and its processes."""
    number = begin_notebook_with(with_demo, WAITING)
    command = with_demo.start(with_demo.command("batch", "--samtidigt", "1", STUDIES, APPENDIX))
    assert soon((with_demo.secure / "waiting").exists, seconds=SECONDS_TO_COME)
    try:
        yield with_demo, command, Parts(with_demo, command, number=number)
    finally:
        command.kill()
        command.communicate()


def refuse_remains(project, folders: Sequence[Path] = ()) -> None:
    """Refuse a process, half a bundle or a folder with sockets that is left when all have had time to end."""
    assert soon(lambda: not processes_of(project), seconds=SECONDS_TO_END), processes_of(project)
    assert [path.name for path in project.left_under_reports() if path.name.startswith(".")] == []
    assert soon(lambda: not any(folder.exists() for folder in folders), seconds=SECONDS_TO_END)


def test_an_interrupt_ends_everything_and_leaves_nothing(waiting):
    project, command, parts = waiting
    command.send_signal(signal.SIGINT)
    told = command.communicate()[1]
    assert command.returncode == 130
    assert told.endswith("avbrutet\n")
    assert "Traceback" not in told
    refuse_remains(project, parts.folders)
    assert project.left_under_reports() == []
    assert list((project.root / "scratch").iterdir()) == []


def test_a_killed_command_takes_everything_with_it(waiting):
    project, command, parts = waiting
    command.kill()
    command.communicate()
    refuse_remains(project, parts.folders)


KILLED = {
    "job": (
        "Oväntat fel: Arbetet avbröts innan det var klart.\n"
        "  – processen avslutades av signal 9, som den gör när minnet tar slut\n",
        70,
    ),
    "room": (
        "Oväntat fel: Arbetet avbröts innan det var klart.\n"
        "  – processen avslutades av signal 9, som den gör när minnet tar slut\n",
        70,
    ),
    "kernel": (
        "Fel i anteckningsboken: Processen som körde anteckningsboken avslutades innan den var klar, som den gör när minnet tar slut.\n"
        "  – cell {number} (id inserted) hade börjat\n",
        7,
    ),
}


@pytest.mark.parametrize("part", KILLED)
def test_a_killed_process_is_told_and_the_other_report_is_made(waiting, demo, part):
    project, command, parts = waiting
    text, exit_code = KILLED[part]
    subprocess.run(["kill", "-9", str(getattr(parts, part))], check=True)
    assert soon(lambda: parts.sleep not in processes_of(project), seconds=SECONDS_TO_END), "what the notebook started"
    told = command.communicate()[1]
    assert command.returncode == exit_code, told
    assert "\n1 klara (utkast), 0 oförändrade, 1 stoppade\n" in told
    assert f"\n{STUDIES}\n{text.format(number=parts.number)}" in told
    assert [files_of(folder) for folder in project.bundles()] == [files_of(folder) for folder in demo.bundles()]
    refuse_remains(project, parts.folders)


def test_builders_that_are_killed_with_their_server_are_told_and_the_next_are_started_by_themselves(with_demo, demo):
    other = word_for_word(with_demo).relative_to(with_demo.root).as_posix()
    command = with_demo.start(with_demo.command("batch", "--samtidigt", "1", other, APPENDIX))

    def building() -> list[int]:
        """Return the builders' server, twice when both builders are there."""
        known = processes_of(with_demo)
        builders = {pid for pid, told in known.items() if "fork_server" in told and "report_job" not in told}
        servers = [parent for pid in builders if (parent := parent_of(pid)) in builders]
        return servers if len(servers) == 2 else []

    servers = soon(building, seconds=SECONDS_TO_COME)
    subprocess.run(["kill", "-9", str(servers[0])], check=True)
    told = command.communicate()[1]
    assert command.returncode == 8, told
    assert (
        f"\n{other}\nFel i rapportpaketet: Bygget av rapporten avbröts.\n"
        "  – processen avslutades av signal 9, som den gör när minnet tar slut\n"
    ) in told
    assert [files_of(folder) for folder in with_demo.bundles()] == [files_of(folder) for folder in demo.bundles()]
    refuse_remains(with_demo)
