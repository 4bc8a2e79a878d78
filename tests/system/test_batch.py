"""Many reports with one command: what stops one stops no other, and whoever dies leaves nothing behind."""

from __future__ import annotations

import csv
import json
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


def of_district(project, area: str = "jarva") -> Path:
    """Return the parameter file of the annual appendix of a district."""
    ours = project.root / APPENDIX
    other = ours.with_name(f"arsbilaga_{area}.yaml")
    other.write_text(ours.read_text().replace("area: all", f"area: {area}"))
    assert other.read_text() != ours.read_text()
    return other


def manifest_of(bundle: Path) -> dict:
    return json.loads((bundle / "manifest.json").read_text())


def decided(bundle: Path) -> dict[str, str]:
    """Return the files that the same inputs decide, with their hashes."""
    return {name: told for name, told in files_of(bundle).items() if name != "skillnad.html"}


def released_with(bundle: Path) -> list[str]:
    return [told["name"] for told in manifest_of(bundle)["released_with"]]


def test_what_stops_one_report_stops_no_other(with_demo, demo):
    (alone,) = demo.bundles()
    folder = with_demo.root / "params" / "alla"
    folder.mkdir()
    for path in (with_demo.root / APPENDIX, of_district(with_demo), with_demo.root / STUDIES):
        shutil.copy(path, folder)
    (folder / "fel.yaml").write_text((with_demo.root / APPENDIX).read_text() + "yaer: 2024\n")
    number = begin_notebook_with(with_demo, FAILING)

    run = with_demo.kaa("batch", "params/alla", "./params/alla/arsbilaga_demo.yaml", APPENDIX)

    assert run.returncode == 3, "the first that failed is the file that nobody can read"
    whole, district = with_demo.bundles()
    assert run.stdout.split() == [f"{bundle.relative_to(with_demo.root)}/report.html" for bundle in (whole, district)]
    assert [released_with(bundle) for bundle in (whole, district)] == [
        ["arsbilaga 2024-jarva (Järva)"],
        ["arsbilaga 2024"],
    ], "the report that was stopped is not among them"
    assert whole.name != alone.name
    assert manifest_of(whole)["release"] == manifest_of(district)["release"] != manifest_of(alone)["release"]
    told = run.stderr
    assert "skyddar alla rapporters resultat tillsammans (2 av 3) …\n" in told
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

    again = with_demo.kaa("batch", "params/alla")
    assert "3 stoppade\n" not in again.stderr
    assert "0 klara (utkast), 2 oförändrade, 2 stoppade\n" in again.stderr, "stopped in the same way"
    by_itself = with_demo.kaa("report", APPENDIX)
    assert (by_itself.returncode, by_itself.stderr.splitlines()[-1].split()[0]) == (0, "klart")
    assert "återanvänder resultaten från en tidigare körning" in by_itself.stderr
    [made] = [bundle for bundle in with_demo.bundles() if bundle.name == alone.name]
    assert decided(made) == decided(alone)
    [executed] = (with_demo.secure / "runs").iterdir()
    shutil.copy(demo.root / NOTEBOOK, with_demo.root / NOTEBOOK)
    mended = with_demo.kaa("batch", "--samtidigt", "1", "--tider", STUDIES)
    assert mended.returncode == 0, mended.stderr
    assert f"[1/1] {STUDIES}: klart, " in mended.stderr
    assert " s  kör anteckningsboken i den säkra mappen\n" in mended.stderr
    assert list((with_demo.secure / "runs").iterdir()) == []


def open_cells(bundles: Sequence[Path]) -> dict[str, str]:
    """Return the value of every count of the bundles' open data, empty where it is hidden."""
    found: dict[str, str] = {}
    for path in (path for bundle in bundles for path in sorted((bundle / "data").glob("*.csv"))):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                if path.name != "equations.csv" and row["cell_id"].partition("|")[0] == row["measure"]:
                    told = found.setdefault(row["cell_id"], row["value"])
                    assert told == row["value"], "a cell says the same in every report of a release"
    return found


def open_equations(bundles: Sequence[Path]) -> dict[str, dict[str, int]]:
    """Return the terms of every equation that the bundles tell; an equation of several bundles is the same in each."""
    found: dict[str, dict[str, int]] = {}
    for bundle in bundles:
        told: dict[str, dict[str, int]] = {}
        with (bundle / "data" / "equations.csv").open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                told.setdefault(row["equation"], {})[row["cell_id"]] = int(row["coefficient"])
        assert all(found.setdefault(name, terms) == terms for name, terms in told.items())
    return found


def test_a_release_is_told_whole_by_its_bundles_and_made_again_with_all_its_reports(with_kept, demo):
    district = of_district(with_kept).relative_to(with_kept.root).as_posix()
    run = with_kept.kaa("batch", APPENDIX, district)
    assert run.returncode == 0, run.stderr
    bundles = with_kept.bundles()

    cells, equations = open_cells(bundles), open_equations(bundles)
    joining = {name: terms for name, terms in equations.items() if name.startswith("R")}
    assert joining, "the districts are parts of the whole"
    unknown = {cell for terms in equations.values() for cell in terms} - cells.keys()
    put_together = {
        cell for cell in unknown if "|district=jarva|" in cell and ("|month=" in cell or "|exit_reason=" in cell)
    }
    rests = {cell for cell in unknown if "|district=rest|" in cell}
    measures = {cell.split("|")[0] for cell in cells}
    unprinted = {cell for cell in unknown if cell.split("|")[0] not in measures}
    assert unknown == rests | put_together | unprinted, "a rest, rows put together, and what no table counts"
    assert {name for name, terms in equations.items() if (rests | put_together) & terms.keys()} == joining.keys()
    for terms in (terms for terms in joining.values() if len(terms.keys() & unknown) == 1):
        [rest] = terms.keys() & unknown
        told = {cell: cells[cell] for cell in terms.keys() - {rest}}
        if "" not in told.values():
            left = -sum(terms[cell] * int(value) for cell, value in told.items()) * terms[rest]
            assert left == 0 or left >= 5 or rest.startswith(("attempts|", "step_attempts|", "flow_")), (
                "a small rest is protected too"
            )
    for name, terms in equations.items():
        if name not in joining and all(cells.get(cell) for cell in terms):
            assert sum(factor * int(cells[cell]) for cell, factor in terms.items()) == 0

    verified = with_kept.kaa("verify", str(bundles[1]))
    assert verified.returncode == 0, verified.stderr
    assert "kör releasens 2 anteckningsböcker i den säkra mappen" in verified.stderr
    assert verified.stderr.splitlines()[-1].endswith("blev byte för byte desamma")

    unchanged = with_kept.kaa("batch", district, APPENDIX)
    assert "0 klara (utkast), 2 oförändrade, 0 stoppade\n" in unchanged.stderr
    assert "skyddar" not in unchanged.stderr
    before = decided(bundles[1])
    shutil.rmtree(bundles[1])
    rebuilt = with_kept.kaa("batch", "--forklara", APPENDIX, district)
    assert "1 klara (utkast), 1 oförändrade, 0 stoppade\n" in rebuilt.stderr
    assert rebuilt.stderr.count("resultaten: återanvänds") == 1
    assert "rapporten: görs – paketet finns inte på sin plats" in rebuilt.stderr
    assert decided(bundles[1]) == before
    assert list((with_kept.secure / "runs").iterdir()) == []


def test_earlier_bundles_are_handed_to_the_door_and_told_of_what_they_are(with_kept, demo):
    (earlier,) = demo.bundles()
    run = with_kept.kaa("report", APPENDIX, "--tidigare", str(earlier.parents[1]))
    assert run.returncode == 0, run.stderr
    [again] = with_kept.bundles()
    told = json.loads((again / "manifest.json").read_bytes())["earlier"]
    assert [(one["report"], one["run"]) for one in told] == [("arsbilaga", earlier.name)]
    tables = {path.name: path.read_bytes() for path in (earlier / "data").glob("*.csv")}
    assert {path.name: path.read_bytes() for path in (again / "data").glob("*.csv")} == tables, "the same extract again"
    assert f"<li>arsbilaga {earlier.name}</li>" in (again / "qa.html").read_text(encoding="utf-8")
    shutil.copytree(earlier, with_kept.root / "forra")
    (with_kept.root / "forra" / "tables.xlsx").write_bytes(b"")
    damaged = with_kept.kaa("batch", APPENDIX, "--tidigare", "forra")
    assert damaged.returncode == 8
    assert "En tidigare rapport ska vara hel" in damaged.stderr
    assert "tables.xlsx: är ändrad" in damaged.stderr
    verified = with_kept.kaa("verify", str(earlier), "--tidigare", str(earlier))
    assert verified.returncode == 8
    assert f"inlämnade: arsbilaga {earlier.name}\n" in verified.stderr


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
    other = of_district(with_demo).relative_to(with_demo.root).as_posix()
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
        f"\n{APPENDIX}\nFel i rapportpaketet: Bygget av rapporten avbröts.\n"
        "  – processen avslutades av signal 9, som den gör när minnet tar slut\n"
    ) in told, "the report on the whole municipality is begun first"
    (made,) = with_demo.bundles()
    assert released_with(made) == ["arsbilaga 2024"], "it was protected with the one that could not be built"
    refuse_remains(with_demo)
