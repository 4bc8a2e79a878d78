"""What is kept from one run to the next: a changed byte of any part is seen, at the level where it matters and no lower."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from kaa_analysis.core import installed
from kaa_analysis.core.definitions import Definition
from kaa_analysis.core.errors import ExtractError
from kaa_analysis.core.provenance import hash_file, hash_value
from kaa_analysis.core.result import Count, Dimension, Result
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.disclosure.ledger import PublishedCell
from kaa_analysis.ingest import add_extract, discard_invented, open_extract, read_register, register_reader
from kaa_analysis.ingest.register_reuse import has_register, register_problems
from kaa_analysis.params.reports import ReportOrder, read_order
from kaa_analysis.render.bundle import CLOCK, DIFFERENCE, MANIFEST, write_manifest
from kaa_analysis.render.cache import order_parts
from kaa_analysis.render.cache.bundle_records import write_bundle_record
from kaa_analysis.render.cache.closed_record import read_closed, write_closed
from kaa_analysis.render.cache.executed_cells import executed_cells
from kaa_analysis.render.cache.kept_execution import keep_execution, kept_execution
from kaa_analysis.render.cache.kept_results import CLOSING, results_place
from kaa_analysis.render.cache.order_parts import OrderReader
from kaa_analysis.render.cache.remembering import are_parts_of, remembering
from kaa_analysis.render.cache.rerun import Rerun, look_up
from kaa_analysis.render.cache.rerun_reasons import bundle_reasons, register_reasons, results_reasons
from kaa_analysis.render.cache.unfinished_runs import marked_run, unfinished_runs
from kaa_analysis.render.company import ALONE, Company
from kaa_analysis.render.earlier_bundles import EarlierBundle
from kaa_analysis.render.running.execution import Execution, Placement

ROOT = Path(__file__).resolve().parents[2]
SMALL = sorted((ROOT / "tests" / "data" / "ber_small").glob("*.csv"))
PACKAGE = {
    "indicators/exits.py": "LEVEL = 0.95\n",
    "ingest/layouts/ber.yaml": "name: ber\n",
    "store/reading.sql": "SELECT 1\n",
    "present/style.css": "body {}\n",
}
DELIVERED = {
    "kaa.csv": "PNR;INSKR\n1;2024-01-01\n",
    "leverans.csv": "FIL;RADER\nkaa.csv;1\n",
    "uttag.yaml": "layout: ber\n",
}
BUNDLE = {"report.html": "sida", "data/a.csv": "1\n", CLOCK: "{}", DIFFERENCE: "inget"}


def result(number: int = 7) -> Result:
    columns = (
        Dimension("sex", "Kön", {"all": "alla", "male": "pojkar", "female": "flickor"}, total="all"),
        Count("n", "Antal", "registered_2024"),
    )
    table = pd.DataFrame({"sex": ["all", "male", "female"], "n": [number + 5, number, 5]})
    return Result("registered", "Inskrivna", columns, table, note="En not.", source="BER", context={"year": "2024"})


DEFINITION = Definition(id="a", name="A", definition="D.", caveat="C.", source="S", column="n", tables=("registered",))
EXECUTION = Execution({"registered": result()}, (Placement(1, "inskrivna", "table", "registered"),), (DEFINITION,))
TEXTS = "params/texter/arsbilaga_demo"


@dataclass
class World:
    """A project with one order that was made once: a delivered extract, a package of four files, a bundle in its place."""

    root: Path
    package: Path
    secure: SecureFolder
    order: ReportOrder

    @property
    def reader(self) -> OrderReader:
        return OrderReader(self.root, secure=self.secure)

    @property
    def bundle(self) -> Path:
        return self.root / "reports" / "arsbilaga" / "2024" / "abc"

    @property
    def results(self) -> Path:
        return results_place(self.reader.parts(self.order), secure=self.secure)

    @property
    def record(self) -> Path:
        (path,) = self.secure.bundle_records.iterdir()
        return path

    def look(self, **how) -> Rerun:
        return look_up(self.order, reader=self.reader, **how)

    def made(self) -> None:
        parts = self.reader.parts(self.order)
        keep_execution(EXECUTION, parts=parts, secure=self.secure)
        write_bundle_record(parts, bundle=self.bundle, reports=self.root / "reports", secure=self.secure)

    def reasons(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        rerun = self.look()
        results = () if rerun.keeps_results else results_reasons(rerun, reader=self.reader)
        return results, bundle_reasons(rerun, reader=self.reader)


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def notebook(*cells: tuple[str, str, list[str]]) -> str:
    written = [
        {"cell_type": kind, "id": source, "metadata": {"tags": tags} if tags else {}, "source": source}
        for kind, source, tags in cells
    ]
    return json.dumps(
        {"cells": written, "metadata": {"kernelspec": {"name": "python3"}}, "nbformat": 4, "nbformat_minor": 5}
    )


PROSE, PARAMETERS, SHOWN = ("markdown", "Rubrik", []), ("code", "year = 2024", ["parameters"]), ("code", "show()", [])
NOTEBOOK = notebook(PARAMETERS, SHOWN, PROSE)


@pytest.fixture
def world(tmp_path, monkeypatch) -> World:
    root, package = tmp_path / "project", tmp_path / "package"
    for name in ("disclosure.yaml", "dokument.yaml", "grants.yaml"):
        write(root / "params", {name: (ROOT / "params" / name).read_text(encoding="utf-8")})
    write(
        root,
        {
            "notebooks/10_annual_appendix.ipynb": NOTEBOOK,
            "docs/avgoranden.csv": "question\n",
            f"{TEXTS}/forslag.md": "Ett förslag.\n",
            "requirements.lock": "a==1\n",
        },
    )
    write(package, PACKAGE)
    monkeypatch.setattr(order_parts, "PACKAGE", package)
    monkeypatch.setattr(order_parts, "installed_versions", lambda: {"pandas": "3.1.0"})
    monkeypatch.setattr(order_parts, "python_version", lambda: "3.11")
    monkeypatch.delenv("KAA_KEY", raising=False)
    secure = SecureFolder(root / "secure")
    secure.path.mkdir(mode=0o700)
    write(secure.extracts / "demo", DELIVERED)
    made = World(root, package, secure, read_order(ROOT / "params" / "arsbilaga_demo.yaml"))
    write(made.bundle, BUNDLE)
    write_manifest(made.bundle, {"report": "arsbilaga"})
    made.made()
    return made


def with_params(world: World, **changed: object) -> None:
    world.order = replace(world.order, params=world.order.params.model_copy(update=changed))


def rewrite(path: Path, *, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, path
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_what_was_made_of_the_same_everything_is_unchanged(world):
    rerun = world.look()
    assert (rerun.bundle, rerun.keeps_results, rerun.marks) == (world.bundle, True, ())
    again = kept_execution(rerun.parts, secure=world.secure)
    assert (again.placements, again.definitions) == (EXECUTION.placements, EXECUTION.definitions)
    assert [kept.as_record() for kept in again.results.values()] == [result().as_record()]


def one_byte(place: Callable[[World], Path]) -> Callable[[World, pytest.MonkeyPatch], None]:
    """Return a change of the last byte of a file."""

    def change(world: World, _: pytest.MonkeyPatch) -> None:
        content = place(world).read_bytes()
        place(world).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

    return change


def in_project(name: str) -> Callable[[World], Path]:
    return lambda world: world.root / name


def in_package(name: str) -> Callable[[World], Path]:
    return lambda world: world.package / name


def delivered(name: str) -> Callable[[World], Path]:
    return lambda world: world.secure.extracts / "demo" / name


def another(**changed: object) -> Callable[[World, pytest.MonkeyPatch], None]:
    return lambda world, _: with_params(world, **changed)


def text(name: str, *, old: str, new: str) -> Callable[[World, pytest.MonkeyPatch], None]:
    return lambda world, _: rewrite(world.root / name, old=old, new=new)


def comment(name: str) -> Callable[[World, pytest.MonkeyPatch], None]:
    def change(world: World, _: pytest.MonkeyPatch) -> None:
        with (world.root / name).open("a", encoding="utf-8") as stream:
            stream.write("# ny\n")

    return change


def shown(*cells: tuple[str, str, list[str]]) -> Callable[[World, pytest.MonkeyPatch], None]:
    return lambda world, _: write(world.root, {"notebooks/10_annual_appendix.ipynb": notebook(*cells)})


def installed_now(name: str, value: object) -> Callable[[World, pytest.MonkeyPatch], None]:
    return lambda _, monkeypatch: monkeypatch.setattr(order_parts, name, lambda: value)


def other_key(world: World, _: pytest.MonkeyPatch) -> None:
    (world.secure.path / "keys" / "pseudonym.key").unlink()


def added(name: str) -> Callable[[World, pytest.MonkeyPatch], None]:
    return lambda world, _: write(world.secure.extracts / "demo", {name: "ny"})


def template(world: World, _: pytest.MonkeyPatch) -> None:
    (world.root / "params" / "reference.docx").write_bytes(b"mall")


BOTH = {
    "a delivered file": (one_byte(delivered("kaa.csv")), "uttaget: kaa.csv ändrad"),
    "the delivery note": (one_byte(delivered("leverans.csv")), "uttaget: leverans.csv ändrad"),
    "a file more": (added("mer.csv"), "uttaget: mer.csv tillkommen"),
    "the description": (one_byte(delivered("uttag.yaml")), "uttaget: uttag.yaml ändrad"),
    "a layout": (one_byte(in_package("ingest/layouts/ber.yaml")), "kod: ingest/layouts/ber.yaml ändrad"),
    "a query": (one_byte(in_package("store/reading.sql")), "kod: store/reading.sql ändrad"),
    "a code file": (one_byte(in_package("indicators/exits.py")), "kod: indicators/exits.py ändrad"),
    "a code file of the look": (one_byte(in_package("present/style.css")), "kod: present/style.css ändrad"),
    "the grants": (one_byte(in_project("params/grants.yaml")), "uttaget: params/grants.yaml ändrad"),
    "param year": (another(year=2023), "parametrar: year: 2024 → 2023"),
    "param division": (another(division="2020"), "parametrar: division: 2023 → 2020"),
    "param area": (another(area="jarva"), "parametrar: area: all → jarva"),
    "param law": (another(law="bridged"), "parametrar: law: as_in_force → bridged"),
    "param summer_rule": (another(summer_rule="literal"), "parametrar: summer_rule: until_15_september → literal"),
    "param accept_problem_rows": (another(accept_problem_rows=1), "parametrar: accept_problem_rows: 0 → 1"),
    "code of the notebook": (shown(PARAMETERS, ("code", "show(1)", []), PROSE), "kod: anteckningsboken ändrad"),
    "tag in the notebook": (shown(PARAMETERS, ("code", "show()", ["x"]), PROSE), "kod: anteckningsboken ändrad"),
    "the lock": (one_byte(in_project("requirements.lock")), "programversioner: requirements.lock ändrad"),
    "an installed library": (
        installed_now("installed_versions", {"pandas": "3.1.1"}),
        "programversioner: pandas 3.1.0 → 3.1.1",
    ),
    "python": (installed_now("python_version", "3.12"), "programversioner: Python 3.11 → 3.12"),
    "the pseudonym key": (other_key, "pseudonymnyckeln är en annan"),
}
"""What can change a notebook's numbers: neither results nor bundle are taken over."""


def test_every_parameter_of_the_report_is_among_the_changes_tried(world):
    tried = {name.removeprefix("param ") for name in BOTH if name.startswith("param ")}
    assert tried | {"extract"} >= set(type(world.order.params).model_fields)


@pytest.mark.parametrize(("change", "told"), BOTH.values(), ids=BOTH.keys())
def test_a_change_that_can_move_a_number_makes_results_and_bundle_anew(world, monkeypatch, change, told):
    change(world, monkeypatch)
    rerun = world.look()
    assert (rerun.bundle, rerun.keeps_results) == (None, False)
    assert kept_execution(rerun.parts, secure=world.secure) is None
    assert world.reasons() == ((told,), (told,))


def test_what_an_editor_leaves_beside_a_text_changes_nothing(world):
    write(
        world.root, {f"{TEXTS}/.forslag.md.swp": "Ett.", f"{TEXTS}/forslag.md~": "Ett.", f"{TEXTS}/utkast.txt": "Ett."}
    )
    assert world.look().bundle == world.bundle


def test_another_extract_with_the_same_bytes_is_another_extract(world):
    shutil.copytree(world.secure.extracts / "demo", world.secure.extracts / "other")
    with_params(world, extract="other")
    assert (world.look().bundle, world.look().keeps_results) == (None, False)
    assert world.reasons()[1] == ("uttaget: uttagets namn: demo → other",)


BUNDLE_ALONE = {
    "policy": (
        text("params/disclosure.yaml", old="unsafe_below: 5", new="unsafe_below: 6"),
        "röjandepolicy: unsafe_below: 5 → 6",
    ),
    "a comment in the policy": (
        comment("params/disclosure.yaml"),
        "röjandepolicy: policyfilen ändrad, men varje regel är densamma",
    ),
    "document": (
        text("params/dokument.yaml", old="officer: null", new="officer: A"),
        "dokumentuppgifter: officer: saknas → A",
    ),
    "a comment in the document": (
        comment("params/dokument.yaml"),
        "dokumentuppgifter: params/dokument.yaml ändrad, men varje uppgift är densamma",
    ),
    "template": (template, "dokumentuppgifter: Word-mallen (reference.docx) är en annan"),
    "an author's text": (
        text(f"{TEXTS}/forslag.md", old="Ett", new="Två"),
        "dokumentuppgifter: författartexten forslag.md ändrad",
    ),
    "an author's text more": (
        lambda world, _: write(world.root, {f"{TEXTS}/utvecklingsomraden.md": "Ett."}),
        "dokumentuppgifter: författartexten utvecklingsomraden.md tillkommen",
    ),
    "an author's text less": (
        lambda world, _: (world.root / TEXTS / "forslag.md").unlink(),
        "dokumentuppgifter: författartexten forslag.md borttagen",
    ),
    "choices": (one_byte(in_project("docs/avgoranden.csv")), "listan över val: docs/avgoranden.csv ändrad"),
    "prose of the notebook": (shown(PARAMETERS, SHOWN, ("markdown", "Ny rubrik", [])), "kod: anteckningsboken ändrad"),
    "a file of the bundle": (
        lambda world, _: (world.bundle / "data" / "a.csv").write_text("2\n"),
        "paketet på plats är skadat: data/a.csv: är ändrad",
    ),
    "a file more in the bundle": (
        lambda world, _: (world.bundle / "ny.txt").write_text(""),
        "paketet på plats är skadat: ny.txt: står inte i manifestet",
    ),
    "a file less in the bundle": (
        lambda world, _: (world.bundle / "report.html").unlink(),
        "paketet på plats är skadat: report.html: saknas",
    ),
    "no bundle": (lambda world, _: shutil.rmtree(world.bundle), "paketet finns inte på sin plats"),
    "the bundle's record": (one_byte(lambda world: world.record), "anteckningen om den förra körningen är skadad"),
}
"""What cannot change a notebook's numbers: the results are taken over and the bundle is made."""


@pytest.mark.parametrize(("change", "told"), BUNDLE_ALONE.values(), ids=BUNDLE_ALONE.keys())
def test_a_change_that_can_move_no_number_makes_the_bundle_of_the_results_there_are(world, monkeypatch, change, told):
    change(world, monkeypatch)
    rerun = world.look()
    assert (rerun.bundle, rerun.keeps_results) == (None, True)
    assert world.reasons() == ((), (told,))


def with_company(world: World, *, earlier: tuple[EarlierBundle, ...] = (), **changed: object) -> Company:
    """Return the company of a release in which the order stands beside another of its kind."""
    other = replace(world.order, params=world.order.params.model_copy(update={"area": "jarva"} | changed))
    return Company((other,), earlier)


EARLIER = EarlierBundle("arsbilaga", "0123456789ab", (PublishedCell("registered|extract=2024-01-31", 40),))


class TestCompany:
    """What a report is protected with decides its bundle, and never what its notebook computes."""

    def made_together(self, world: World, company: Company) -> None:
        parts = world.reader.parts(world.order, company=company)
        write_bundle_record(parts, bundle=world.bundle, reports=world.root / "reports", secure=world.secure)

    def test_a_report_made_with_others_and_the_same_made_alone_are_told_apart_and_both_remembered(self, world):
        company = with_company(world)
        assert (world.look(company=company).bundle, world.look(company=company).keeps_results) == (None, True)
        self.made_together(world, company)
        assert world.look(company=company).bundle == world.bundle
        assert world.look().bundle == world.bundle

    def test_the_order_of_the_others_changes_nothing(self, world):
        company = with_company(world)
        third = replace(world.order, params=world.order.params.model_copy(update={"area": "farsta"}))
        self.made_together(world, Company((*company.companions, third)))
        assert world.look(company=Company((third, *company.companions))).bundle == world.bundle

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            (
                lambda world: with_company(world, area="farsta"),
                "gemensamt skydd: skyddad tillsammans med arsbilaga 2024-farsta (Farsta): tillkommen, "
                "skyddad tillsammans med arsbilaga 2024-jarva (Järva): borttagen",
            ),
            (
                lambda world: with_company(world, law="bridged"),
                "gemensamt skydd: skyddad tillsammans med arsbilaga 2024-jarva (Järva): tillkommen, "
                "skyddad tillsammans med arsbilaga 2024-jarva (Järva): borttagen",
            ),
            (
                lambda world: with_company(world, earlier=(EARLIER,)),
                "gemensamt skydd: skyddad mot tidigare arsbilaga 0123456789ab: tillkommen",
            ),
        ],
        ids=["another companion", "another parameter of it", "an earlier bundle"],
    )
    def test_another_company_makes_the_bundle_anew_of_the_results_there_are(self, world, change, told):
        self.made_together(world, with_company(world))
        rerun = world.look(company=change(world))
        assert (rerun.bundle, rerun.keeps_results) == (None, True)
        assert bundle_reasons(rerun, reader=world.reader) == (told,)

    def test_the_code_of_a_companion_s_notebook_counts_and_its_prose_does_not(self, world):
        kind = replace(world.order.kind, notebook="other.ipynb")
        company = Company((replace(world.order, kind=kind),))
        write(world.root, {"notebooks/other.ipynb": NOTEBOOK})
        self.made_together(world, company)
        write(world.root, {"notebooks/other.ipynb": notebook(PROSE, PARAMETERS, SHOWN, PROSE)})
        assert world.look(company=company).bundle == world.bundle
        write(world.root, {"notebooks/other.ipynb": notebook(PARAMETERS, ("code", "show(1)", []))})
        assert world.look(company=company).bundle is None

    def test_the_value_of_an_earlier_cell_counts(self, world):
        self.made_together(world, with_company(world, earlier=(EARLIER,)))
        assert world.look(company=with_company(world, earlier=(EARLIER,))).bundle == world.bundle
        other = replace(EARLIER, cells=(replace(EARLIER.cells[0], value=41),))
        assert world.look(company=with_company(world, earlier=(other,))).bundle is None


def test_a_page_and_its_manifest_forged_together_do_not_pass(world):
    (world.bundle / "report.html").write_text("annan")
    (world.bundle / MANIFEST).unlink()
    write_manifest(world.bundle, {"report": "arsbilaga"})
    assert world.look().bundle is None
    assert world.reasons() == ((), ("paketet på plats är skadat: manifest.json: är ändrad",))


def test_what_the_parts_do_not_decide_changes_nothing(world):
    (world.bundle / CLOCK).write_text("senare")
    (world.bundle / DIFFERENCE).unlink()
    (world.bundle / "Thumbs.db").write_text("")
    assert world.look().bundle == world.bundle


KEPT_FILES = {
    "a byte of a result": one_byte(lambda world: world.results / "registered.json"),
    "no result": lambda world, _: (world.results / "registered.json").unlink(),
    "a file more": lambda world, _: (world.results / "ny.json").write_text("{}"),
    "a byte of the closing record": one_byte(lambda world: world.results / CLOSING),
    "no closing record": lambda world, _: (world.results / CLOSING).unlink(),
    "half a closing record": lambda world, _: (world.results / CLOSING).write_bytes(
        (world.results / CLOSING).read_bytes()[:100]
    ),
}


@pytest.mark.parametrize("change", KEPT_FILES.values(), ids=KEPT_FILES.keys())
def test_kept_results_with_a_changed_byte_are_not_used(world, monkeypatch, change):
    rewrite(world.root / "params/disclosure.yaml", old="unsafe_below: 5", new="unsafe_below: 6")
    change(world, monkeypatch)
    assert world.look().keeps_results is False
    assert kept_execution(world.look().parts, secure=world.secure) is None
    assert world.reasons()[0] == ("de sparade resultaten är skadade",)


def test_a_set_moved_to_the_place_of_other_parts_is_not_used(world):
    before = world.results
    with_params(world, law="bridged")
    world.results.parent.mkdir(parents=True)
    before.rename(world.results)
    assert world.look().keeps_results is False
    assert kept_execution(world.look().parts, secure=world.secure) is None


def test_a_whole_set_that_holds_no_results_is_not_used(world):
    content = read_closed(world.results / CLOSING)
    (world.results / "registered.json").write_text("[]")
    told = content | {"files": {"registered": hash_file(world.results / "registered.json")}}
    write_closed(world.results / CLOSING, told)
    assert world.look().keeps_results is True
    assert kept_execution(world.look().parts, secure=world.secure) is None


def test_a_record_that_was_changed_or_is_of_another_format_is_not_read(tmp_path):
    write_closed(tmp_path / "a.json", {"b": 1})
    assert read_closed(tmp_path / "a.json") == {"b": 1}
    rewrite(tmp_path / "a.json", old='"b":1', new='"b":2')
    assert read_closed(tmp_path / "a.json") is None
    record = {"format": 0, "content": {"b": 1}}
    (tmp_path / "a.json").write_text(json.dumps(record | {"hash": hash_value(record)}))
    assert read_closed(tmp_path / "a.json") is None
    assert read_closed(tmp_path / "none.json") is None


class TestPlaces:
    def test_prose_before_a_cell_moves_its_exhibit_along(self, world):
        shown(PROSE, PARAMETERS, PROSE, SHOWN)(world, None)
        again = kept_execution(world.look().parts, secure=world.secure)
        assert again.placements == (Placement(3, "inskrivna", "table", "registered"),)

    def test_cells_are_told_apart_by_everything_but_prose(self, tmp_path):
        path = tmp_path / "a.ipynb"
        seen = {}
        tagged = ("markdown", "Rubrik", ["parameters"])
        for name, cells in {
            "as it was": (PARAMETERS, SHOWN),
            "prose more": (PROSE, PARAMETERS, SHOWN),
            "tagged prose": (tagged, PARAMETERS, SHOWN),
            "raw": (PARAMETERS, SHOWN, ("raw", "x", [])),
            "order": (SHOWN, PARAMETERS),
        }.items():
            path.write_text(notebook(*cells))
            seen[name] = executed_cells(path, about_part=False)
        assert [cells.places for cells in seen.values()] == [(0, 1), (1, 2), (0, 1, 2), (0, 1, 2), (0, 1)]
        assert seen.pop("prose more").hash == seen["as it was"].hash
        assert len({cells.hash for cells in seen.values()}) == len(seen)

    def test_a_file_that_is_no_notebook_is_hashed_whole(self, tmp_path):
        (tmp_path / "a.ipynb").write_text("inte json")
        assert executed_cells(tmp_path / "a.ipynb", about_part=False).places == ()
        assert executed_cells(tmp_path / "none.ipynb", about_part=False) is None


class TestWhatIsKept:
    def test_it_lies_in_the_secure_folder_for_its_owner_alone(self, world):
        with marked_run("a", secure=world.secure):
            paths = [path for path in (world.secure.path / "cache").rglob("*")]
            modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in paths}
        assert modes == {(True, 0o700), (False, 0o600)}
        assert [path for path in world.root.rglob("registered.json") if world.secure.path not in path.parents] == []

    def test_of_one_order_the_last_set_alone_is_kept(self, world):
        before = world.results
        (world.package / "indicators/exits.py").write_text("LEVEL = 0.9\n")
        world.made()
        assert before != world.results
        assert sorted(path.name for path in world.results.parent.iterdir()) == [world.results.name]

    def test_another_order_keeps_its_own(self, world):
        with_params(world, law="bridged")
        world.made()
        assert len(list(world.secure.results_of("demo").iterdir())) == 2

    def test_what_a_killed_keeping_left_is_swept(self, world):
        (world.results.parent / ".unfinished-x").mkdir()
        world.made()
        assert [path.name for path in world.results.parent.iterdir()] == [world.results.name]

    def test_results_of_an_extract_that_is_gone_go_too(self, world):
        (world.secure.kept_results / "gone" / "a").mkdir(parents=True)
        world.made()
        assert [path.name for path in world.secure.kept_results.iterdir()] == ["demo"]

    def test_an_invented_extract_takes_its_results_with_it(self, tmp_path):
        secure = SecureFolder(tmp_path / "secure")
        add_extract("small", layout="ber_demo", files=SMALL, extract_date=None, secure=secure)
        for name in ("small", "left", "other"):
            secure.make_private(secure.results_of(name) / "a")
        discard_invented("small", secure=secure)
        discard_invented("left", secure=secure)
        assert [path.name for path in secure.kept_results.iterdir()] == ["other"]

    def test_a_delivered_extract_keeps_its_results(self, tmp_path):
        secure = SecureFolder(tmp_path / "secure")
        add_extract("small", layout="ber", files=SMALL, extract_date=None, secure=secure)
        secure.make_private(secure.results_of("small"))
        with pytest.raises(ExtractError, match="inte påhittat"):
            discard_invented("small", secure=secure)
        assert secure.results_of("small").is_dir()


def inputs_of(world: World, **changed: object) -> SimpleNamespace:
    """Return what `read_inputs` would have read, as far as the memory of a run asks for it."""
    facts = world.reader.parts(world.order).facts
    return SimpleNamespace(order=world.order, company=ALONE, provenance=dict(facts) | changed)


class TestOneRun:
    def test_what_it_made_is_kept_when_it_is_done(self, world):
        shutil.rmtree(world.secure.path / "cache")
        rerun = world.look()
        with remembering(rerun, root=world.root, secure=world.secure) as memory:
            assert memory.execution(inputs_of(world)) is None
            memory.note(EXECUTION)
            memory.done(inputs_of(world), bundle=world.bundle)
        assert (world.look().bundle, world.look().keeps_results) == (world.bundle, True)
        assert unfinished_runs(rerun.parts.slot, secure=world.secure) == ()

    def test_a_run_that_fails_leaves_neither_mark_nor_results(self, world):
        shutil.rmtree(world.secure.path / "cache")
        with (
            pytest.raises(KeyboardInterrupt),
            remembering(world.look(), root=world.root, secure=world.secure) as memory,
        ):
            memory.note(EXECUTION)
            raise KeyboardInterrupt
        assert [path for path in (world.secure.path / "cache").rglob("*") if path.is_file()] == []
        assert world.reasons() == (("ingen tidigare körning",), ("ingen tidigare körning",))

    @pytest.mark.parametrize("when", ["while it ran", "before the inputs were read"])
    def test_a_part_changed_on_the_way_leaves_nothing(self, world, when):
        """The inputs know nothing of the file of grants, and the two hashings nothing of what was read between them."""
        shutil.rmtree(world.secure.path / "cache")
        with remembering(world.look(), root=world.root, secure=world.secure) as memory:
            inputs = inputs_of(world)
            if when == "while it ran":
                comment("params/grants.yaml")(world, None)
            else:
                inputs.provenance["policy"] = "0" * 64
            memory.note(EXECUTION)
            memory.done(inputs, bundle=world.bundle)
        assert list(world.secure.path.glob("cache/*/*")) == []

    @pytest.mark.parametrize("name", ["params", "notebook", "code", "lock", "python"])
    def test_results_are_not_given_to_inputs_that_were_read_otherwise(self, world, name):
        with remembering(world.look(), root=world.root, secure=world.secure) as memory:
            assert memory.execution(inputs_of(world)).placements == EXECUTION.placements
            assert memory.execution(inputs_of(world, **{name: "annat"})) is None

    def test_inputs_of_another_extract_are_no_parts_of_the_order(self, world):
        parts = world.look().parts
        assert are_parts_of(parts, inputs_of(world)) is True
        assert are_parts_of(parts, inputs_of(world, extract={"hash": "0"})) is False

    def test_after_a_killed_run_all_is_made_anew(self, world):
        slot = world.look().parts.slot
        world.secure.make_private(world.secure.unfinished)
        (world.secure.unfinished / f"{slot}.abc").touch()
        (world.secure.unfinished / "arsbilaga-2024-other.abc").touch()
        rerun = world.look()
        assert (rerun.bundle, rerun.keeps_results) == (None, False)
        assert world.reasons() == (("den förra körningen blev inte klar",), ("den förra körningen blev inte klar",))
        with remembering(rerun, root=world.root, secure=world.secure) as memory:
            memory.note(EXECUTION)
            memory.done(inputs_of(world), bundle=world.bundle)
        assert world.look().bundle == world.bundle
        assert [path.name for path in world.secure.unfinished.iterdir()] == ["arsbilaga-2024-other.abc"]

    def test_what_is_asked_for_anew_is_made_anew(self, world):
        rerun = world.look(anew=True)
        assert (rerun.bundle, rerun.keeps_results) == (None, False)
        assert bundle_reasons(rerun, reader=world.reader) == ("begärt med --gor-om",)
        assert results_reasons(rerun, reader=world.reader) == ("begärt med --gor-om",)

    def test_a_disk_that_takes_no_more_does_not_undo_the_report(self, world, monkeypatch):
        def full(*_: object, **__: object) -> None:
            raise OSError(28, "full")

        monkeypatch.setattr("kaa_analysis.render.cache.remembering.keep_execution", full)
        (world.package / "indicators/exits.py").write_text("LEVEL = 0.9\n")
        with remembering(world.look(), root=world.root, secure=world.secure) as memory:
            memory.note(EXECUTION)
            memory.done(inputs_of(world), bundle=world.bundle)
        assert world.look().bundle is None


class TestReasons:
    def test_of_several_earlier_runs_the_one_with_the_nearest_parameters_is_told_against(self, world):
        with_params(world, year=2023, law="bridged")
        world.made()
        with_params(world, year=2022)
        assert world.reasons()[1] == ("parametrar: year: 2023 → 2022",)

    def test_an_order_of_a_report_never_made_is_new(self, world):
        world.order = read_order(ROOT / "params" / "tid_till_studier_demo.yaml")
        assert world.reasons() == (("ingen tidigare körning",), ("ingen tidigare körning",))

    def test_many_files_of_code_are_told_by_the_first_and_their_number(self, world):
        write(world.package, {f"m{number}.py": "" for number in range(7)})
        told = (
            "kod: m0.py tillkommen, m1.py tillkommen, m2.py tillkommen, m3.py tillkommen, m4.py tillkommen, och 2 till",
        )
        assert world.reasons() == (told, told)

    def test_results_that_are_gone_are_told_as_such(self, world):
        shutil.rmtree(world.secure.kept_results)
        (world.bundle / "report.html").unlink()
        told = ("paketet på plats är skadat: report.html: saknas",)
        assert world.reasons() == (("inga hela resultat är sparade",), told)

    def test_the_register_is_read_for_what_it_is_made_of_alone(self, world):
        told = partial(register_reasons, reader=world.reader, packages=("core", "ingest", "store"))
        assert told(world.look()) == ("det inlästa registret finns inte kvar",)
        for name in ("indicators/exits.py", "ingest/layouts/ber.yaml"):
            (world.package / name).write_text("annat")
        (world.secure.extracts / "demo" / "kaa.csv").write_text("annat")
        assert told(world.look()) == ("uttaget: kaa.csv ändrad", "kod: ingest/layouts/ber.yaml ändrad")


@pytest.fixture
def small(tmp_path) -> SecureFolder:
    secure = SecureFolder(tmp_path / "secure")
    add_extract("small", layout="ber_demo", files=SMALL, extract_date=None, secure=secure)
    return secure


@pytest.fixture
def project(tmp_path, monkeypatch) -> Iterator[Path]:
    root = tmp_path / "project"
    for name in ("notebooks", "params"):
        (root / name).mkdir(parents=True)
    (root / "requirements.lock").write_text("a==1\n")
    monkeypatch.chdir(root)
    return root


class TestRegister:
    def place(self, secure: SecureFolder) -> Path:
        return register_reader.register_folder(open_extract("small", secure=secure), secure=secure)

    def test_every_part_of_it_names_another_place(self, small, project, tmp_path, monkeypatch):
        places = [self.place(small)]
        assert self.place(small) == places[0]
        package = tmp_path / "package"
        for part in register_reader.READING_CODE:
            shutil.copytree(ROOT / "kaa_analysis" / part, package / part)
        monkeypatch.setattr(register_reader, "PACKAGE", package)
        assert self.place(small) == places[0]
        for part in register_reader.READING_CODE:
            for suffix in (".py", ".yaml", ".csv", ".sql"):
                (package / part / f"new{suffix}").touch()
                places.append(self.place(small))
        (project / "requirements.lock").write_text("a==2\n")
        places.append(self.place(small))
        monkeypatch.setattr(register_reader, "installed_versions", lambda: {"pandas": "0"})
        places.append(self.place(small))
        monkeypatch.setattr(register_reader, "python_version", lambda: "3.99")
        places.append(self.place(small))
        (small.path / "keys" / "pseudonym.key").unlink()
        places.append(self.place(small))
        for path in sorted((small.extracts / "small").iterdir()):
            path.write_bytes(path.read_bytes() + b"\n")
            places.append(self.place(small))
        assert len(set(places)) == len(places)

    def test_a_changed_byte_of_a_table_is_told_and_the_extract_read_again(self, small, project):
        told: list[str] = []
        register = read_register("small", secure=small)
        assert has_register("small", secure=small) is True
        assert register_problems("small", accept_problem_rows=0, secure=small) == []
        file = register.folder / "persons.parquet"
        content = file.read_bytes()
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert register_problems("small", accept_problem_rows=0, secure=small) == [
            "det inlästa registret är skadat: saknas eller är ändrade: persons"
        ]
        read_register("small", secure=small, progress=told.append)
        assert told[0].startswith("Läste ")
        assert file.read_bytes() == content

    def test_more_problem_rows_than_are_accepted_now_read_the_extract_again(self, small, project, monkeypatch):
        read_register("small", secure=small)
        description = self.place(small) / "register.json"
        description.write_text(
            description.read_text().replace('"accepted_problem_rows": 0', '"accepted_problem_rows": 2')
        )
        assert register_problems("small", accept_problem_rows=2, secure=small) == []
        assert register_problems("small", accept_problem_rows=1, secure=small) == [
            "det inlästa registret har fler problemrader än parametrarna godtar"
        ]


def test_installed_libraries_are_those_of_the_folders_of_libraries_the_first_found_of_each(tmp_path, monkeypatch):
    first, second, elsewhere = (tmp_path / name for name in ("a/site-packages", "b/site-packages", "c"))
    for folder, names in {first: ["x-1"], second: ["x-2", "y_z-3.0.post1"], elsewhere: ["w-1"]}.items():
        for name in names:
            (folder / f"{name}.dist-info").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [str(elsewhere), str(first), str(second), str(tmp_path / "none/site-packages")])
    assert installed.installed_versions() == {"x": "1", "y_z": "3.0.post1"}


HEAVY = ("pandas", "numpy", "duckdb", "papermill", "nbformat", "nbconvert", "matplotlib", "IPython")


def test_an_unchanged_report_is_told_without_loading_anything_heavy(world, monkeypatch):
    """The command line in a process of its own, with the package as it is."""
    monkeypatch.undo()
    world.made()
    source = (
        "import sys\nfrom kaa_analysis.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as stop:\n"
        f"    sys.stdout.write(f'{{stop.code}} heavy: ' + ' '.join(sorted({set(HEAVY)!r} & set(sys.modules))))"
    )
    settings = {"KAA_SECURE": str(world.secure.path), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    params = shutil.copy(ROOT / "params" / "arsbilaga_demo.yaml", world.root / "params")
    command = [sys.executable, "-c", source, "report", str(params), "--forklara"]
    run = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=world.root, env=settings, encoding="utf-8"
    )
    assert run.stdout == "reports/arsbilaga/2024/abc/report.html\n0 heavy: "
    assert run.stderr.splitlines()[:4] == [
        "[1/6] kontrollerar parametrarna och röjandepolicyn …",
        "      registret: behövs inte",
        "      resultaten: behövs inte",
        "      rapporten: oförändrad – uttag, parametrar, kod och låsfil är desamma, och varje fil i paketet står kvar",
    ]
    assert run.stderr.splitlines()[-1] == "oförändrad (utkast): reports/arsbilaga/2024/abc/report.html"
