"""What a batch makes of what its processes say, and what it tells."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

import kaa_analysis
from kaa_analysis.cli.making import ManyReports, orders_in, stage_times, tell_summary
from kaa_analysis.core.errors import ExtractError, NotebookError, ParameterError, UnexpectedError
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.params.reports import ReportOrder, read_order
from kaa_analysis.render import batch
from kaa_analysis.render.batch import PROTECTING, make_reports
from kaa_analysis.render.report_job import Part
from kaa_analysis.render.works import Outcome, Release, Work, longest_first

ROOT = Path(__file__).resolve().parents[2]
APPENDIX = ROOT / "params" / "arsbilaga_demo.yaml"

JOB = """
import json, os, sys, time
from pathlib import Path

def say(**message):
    print(json.dumps(message), flush=True)

def main(arguments):
    task = json.loads(arguments[0])
    noted = Path(os.environ["NOTED_IN"])
    params = task["orders"][0][1]
    if task["part"] == "read":
        with noted.open("a") as stream:
            stream.write("read " + params["extract"] + "\\\\n")
        say(detail="rader")
        if params["extract"] == "trasigt":
            say(error={"exit_code": 4, "expected": "Nej.", "found": [], "action": ""})
            return 4
        return 0
    if task["part"] in ("protect", "build"):
        with noted.open("a") as stream:
            stream.write(" ".join([task["part"], *(str(told["year"]) for _, told, _ in task["orders"])]) + "\\\\n")
    if task["part"] == "protect":
        if "oskyddat" in params["extract"]:
            say(error={"exit_code": 6, "expected": "Går inte att skydda.", "found": [], "action": ""})
            return 6
        return 0
    year = params["year"]
    if task["part"] == "build":
        say(stage="bygger")
        say(made={"folder": f"reports/{year}", "changed": year == 2024})
        return 0
    with noted.open("a") as stream:
        stream.write(f"begin {year}\\\\n")
    os.write(1, b'5\\\\nord\\\\n{"sta')
    time.sleep(0.1)
    os.write(1, b'ge": "ett"}\\\\n{"stage": "tv\\\\u00e5"}\\\\n')
    with noted.open("a") as stream:
        stream.write(f"end {year}\\\\n")
    if year == 2021:
        say(error={"exit_code": 7, "expected": "Nej.", "found": ["cell 1"], "action": "rätta"})
        return 7
    if year == 2022:
        os.kill(os.getpid(), 9)
    if year != 2023 and task["part"] == "make":
        say(made={"folder": f"reports/{year}", "changed": year == 2024})
    return 0

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
""".replace("\\\\", "\\")


class Hearing:
    """A listener that notes what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[object, str]] = []

    def began(self, order: ReportOrder, stage: str) -> None:
        self.heard.append((order.params.year, stage))

    def detail(self, order: ReportOrder, text: str) -> None:
        self.heard.append((order.params.year, text))

    def ended(self, outcome: Outcome) -> None:
        self.heard.append((outcome.order.params.year, "ended"))


def made_of(
    orders: list[ReportOrder],
    *,
    secure: SecureFolder,
    at_once: int,
    listener: Hearing,
    there: Collection[int] = (),
    earlier: Sequence[Path] = (),
) -> list[Outcome]:
    """Return what becomes of the reports where nothing was kept of them, but for the years whose bundles are ``there``."""
    root = secure.path.parent
    kept = {order: root / "reports" / "kept" if order.params.year in there else None for order in orders}
    reruns = [SimpleNamespace(order=order, bundle=kept[order], anew=False, keeps_results=True) for order in orders]
    return make_reports(reruns, root=root, secure=secure, at_once=at_once, listener=listener, earlier=earlier)


def order_of(year: int, *, extract: str = "demo") -> ReportOrder:
    order = read_order(APPENDIX)
    return ReportOrder(order.kind, order.params.model_copy(update={"year": year, "extract": extract}))


@pytest.fixture(params=["forked", "plain"])
def room(request, tmp_path, monkeypatch) -> SecureFolder:
    """A secure folder, with jobs that only speak."""
    (tmp_path / "speaking_job.py").write_text(JOB)
    found_in = [str(tmp_path), str(Path(kaa_analysis.__file__).parents[1])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(found_in))
    monkeypatch.setenv("NOTED_IN", str(tmp_path / "noted"))
    for name, value in {"JOB": "speaking_job", "INSIDE": ("speaking_job",), "OUTSIDE": ()}.items():
        monkeypatch.setattr(batch, name, value)
    if request.param == "plain":
        monkeypatch.setattr("kaa_analysis.render.processes.forked.can_fork", lambda: False)
    (tmp_path / "secure").mkdir(mode=0o700)
    return SecureFolder(tmp_path / "secure")


def test_each_report_becomes_what_its_process_says_and_libraries_words_go_to_a_private_log(room):
    orders = [order_of(year, extract=f"uttag{year}") for year in (2020, 2021, 2022, 2023, 2024)]
    orders.append(order_of(2019, extract="trasigt"))
    listener = Hearing()

    outcomes = made_of(orders, secure=room, at_once=2, listener=listener)

    assert [(it.order.params.year, it.folder, it.changed, it.error and str(it.error)) for it in outcomes] == [
        (2020, "reports/2020", False, None),
        (2021, None, False, "Nej.\n  – cell 1\nGör så här: rätta"),
        (2022, None, False, STOPPED.format("processen avslutades av signal 9, som den gör när minnet tar slut")),
        (2023, None, False, STOPPED.format("slutkod 0")),
        (2024, "reports/2024", True, None),
        (2019, None, False, "Nej."),
    ]
    assert [type(it.error) for it in (outcomes[1], outcomes[5])] == [NotebookError, ExtractError]
    assert [stage for year, stage in listener.heard if year == 2024][-3:] == ["ett", "två", "ended"]
    assert listener.heard.count((2020, "läser uttaget uttag2020")) == listener.heard.count((2020, "rader")) == 1
    assert list(outcomes[4].seconds) == ["läser uttaget", "öppnar registret", "ett", "två"]
    log = room.logs / "senaste_processer.txt"
    assert sorted(log.read_text().splitlines()) == ["5"] * 5 + ["ord"] * 5
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert list(room.runs.iterdir()) == []


def noted_in(tmp_path: Path) -> list[str]:
    return (tmp_path / "noted").read_text().split("\n")[:-1]


@pytest.mark.parametrize(("at_once", "overlaps"), [(1, False), (3, True)])
def test_so_many_at_a_time_and_each_extract_is_read_once(room, tmp_path, at_once, overlaps):
    made_of([order_of(year) for year in (2018, 2019, 2020)], secure=room, at_once=at_once, listener=Hearing())
    noted = noted_in(tmp_path)
    assert noted[0] == "read demo"
    run = noted[1:7]
    assert sorted(run) == sorted(f"{what} {year}" for what in ("begin", "end") for year in (2018, 2019, 2020))
    one_by_one = [line.replace("begin", "end") for line in run[::2]] == run[1::2]
    assert one_by_one != overlaps
    assert noted[7] == "protect 2018 2019 2020"
    assert sorted(noted[8:]) == ["build 2018 2019 2020", "build 2019 2018 2020", "build 2020 2018 2019"]


def test_a_notebook_that_is_stopped_falls_out_of_its_release_and_the_rest_is_protected_without_it(room, tmp_path):
    listener = Hearing()
    orders = [order_of(year) for year in (2018, 2021, 2022, 2024)]
    outcomes = made_of(orders, secure=room, at_once=2, listener=listener, there=[2018])
    assert [(it.order.params.year, it.folder, type(it.error)) for it in outcomes] == [
        (2018, "reports/2018", type(None)),
        (2021, None, NotebookError),
        (2022, None, UnexpectedError),
        (2024, "reports/2024", type(None)),
    ], "the bundle that is there was protected with all four"
    assert noted_in(tmp_path)[-3] == "protect 2018 2024"
    assert sorted(noted_in(tmp_path)[-2:]) == ["build 2018 2024", "build 2024 2018"]
    assert (2018, "skyddar alla rapporters resultat tillsammans (2 av 4)") in listener.heard
    assert [year for year, what in listener.heard if what == "ended"][-2:] in ([2018, 2024], [2024, 2018])


def test_only_the_reports_that_are_not_there_are_built_when_their_release_is_protected_anew(room, tmp_path):
    outcomes = made_of(
        [order_of(year) for year in (2018, 2020)], secure=room, at_once=2, listener=Hearing(), there=[2018]
    )
    assert [(it.folder, it.changed) for it in outcomes] == [("reports/kept", False), ("reports/2020", False)]
    assert noted_in(tmp_path)[-2:] == ["protect 2018 2020", "build 2020 2018"]


def test_a_release_that_is_all_there_starts_nothing(room, tmp_path):
    outcomes = made_of(
        [order_of(year) for year in (2018, 2020)], secure=room, at_once=2, listener=Hearing(), there=[2018, 2020]
    )
    assert [it.folder for it in outcomes] == ["reports/kept", "reports/kept"]
    assert not (tmp_path / "noted").exists()


def test_a_release_that_cannot_be_protected_stops_all_its_reports_and_no_other(room, tmp_path):
    orders = [
        *(order_of(year, extract="oskyddat") for year in (2018, 2019)),
        *(order_of(year) for year in (2020, 2024)),
    ]
    outcomes = made_of(orders, secure=room, at_once=2, listener=Hearing())
    assert [(it.folder, it.error and str(it.error)) for it in outcomes] == [
        (None, "Går inte att skydda."),
        (None, "Går inte att skydda."),
        ("reports/2020", None),
        ("reports/2024", None),
    ]
    assert {line for line in noted_in(tmp_path) if line.startswith("protect")} == {
        "protect 2018 2019",
        "protect 2020 2024",
    }


def test_reports_whose_extract_cannot_be_read_are_stopped_and_the_other_reading_s_are_protected(room, tmp_path):
    lenient = order_of(2018)
    lenient = ReportOrder(lenient.kind, lenient.params.model_copy(update={"accept_problem_rows": 5}))
    broken = [order_of(year, extract="trasigt") for year in (2019, 2020)]
    outcomes = made_of([*broken, lenient, order_of(2024)], secure=room, at_once=1, listener=Hearing())
    assert [type(it.error) for it in outcomes] == [ExtractError, ExtractError, type(None), type(None)]
    assert [line for line in noted_in(tmp_path) if line.startswith(("read", "protect"))] == [
        "read trasigt",
        "read demo",
        "read demo",
        "protect 2018 2024",
    ], "who accepts problem rows reads for itself, and is protected with the others of its extract"


STOPPED = f"Arbetet avbröts innan det var klart.\n  – {{}}\nGör så här: {batch.RUN_AGAIN}"


def test_files_folders_and_repetitions_become_reports_and_what_is_wrong_with_the_others(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "alla"
    folder.mkdir()
    text = APPENDIX.read_text(encoding="utf-8")
    for name, content in {"b": text, "a": text.replace("2024", "2023"), "c": text, "d": text + "yaer: 2024\n"}.items():
        (folder / f"{name}.yaml").write_text(content, encoding="utf-8")
    (folder / "README.md").write_text("hej")

    orders, wrong = orders_in([Path("alla"), Path("./alla/b.yaml"), folder / "a.yaml", Path("borta.yaml")])

    assert list(orders.values()) == ["alla/a.yaml", "alla/b.yaml"]
    assert [order.params.year for order in orders] == [2023, 2024]
    assert list(wrong) == ["alla/c.yaml", "alla/d.yaml", "borta.yaml"]
    assert str(wrong["alla/c.yaml"]) == "En rapport görs en gång.\n  – samma som alla/b.yaml"
    assert "yaer" in str(wrong["alla/d.yaml"])


def test_a_folder_without_parameter_files_is_refused(tmp_path):
    with pytest.raises(ParameterError, match=r"parameterfiler \(\*\.yaml\)"):
        orders_in([tmp_path])


def test_the_end_of_each_report_and_a_summary_are_told(capsys):
    orders = {order_of(year): f"params/{year}.yaml" for year in (2020, 2021, 2022, 2023)}
    first, second, third, fourth = orders
    stopped = NotebookError("Cell 2 stoppade.", found="ValueError")
    outcomes = [
        Outcome(first, folder="reports/a", changed=True, seconds={"ett": 1.0, "två": 2.25}),
        Outcome(second, folder="reports/b", seconds={"ett": 0.5}),
        Outcome(third, error=stopped),
        Outcome(fourth, error=stopped),
    ]
    listener = ManyReports(orders, n_done=1)
    listener.began(first, "läser uttaget demo")
    listener.began(first, "kör anteckningsboken")
    listener.began(first, f"{PROTECTING} (4 av 4)")
    for outcome in outcomes:
        listener.ended(outcome)
    tell_summary(outcomes, names=orders, wrong={"params/fel.yaml": ParameterError("Så här.")})
    said = capsys.readouterr()
    assert said.out == "reports/a/report.html\nreports/b/report.html\n"
    assert said.err.splitlines() == [
        "läser uttaget demo …",
        "skyddar alla rapporters resultat tillsammans (4 av 4) …",
        "[2/5] params/2020.yaml: klart, 3,2 s",
        "[3/5] params/2021.yaml: oförändrad, 0,5 s",
        "[4/5] params/2022.yaml: stoppad, 0,0 s",
        "[5/5] params/2023.yaml: stoppad, 0,0 s",
        "1 klara (utkast), 1 oförändrade, 3 stoppade",
        "",
        "params/fel.yaml",
        "Fel i parametrarna: Så här.",
        "",
        "params/2022.yaml, params/2023.yaml",
        "Fel i anteckningsboken: Cell 2 stoppade.",
        "  – ValueError",
    ]
    assert stage_times(outcomes) == "     1,5 s  ett\n     2,2 s  två"


def test_reports_on_a_whole_municipality_are_begun_before_those_on_its_districts():
    files = ["bromma", "stad", "jarva"]
    orders = [read_order(ROOT / "params" / "stockholm" / f"{name}.yaml") for name in files]
    works = [Work((Outcome(order),), Part.BUILD, Release([], [])) for order in orders]
    assert [work.order.params.area for work in longest_first(works)] == ["all", "bromma", "jarva"]
