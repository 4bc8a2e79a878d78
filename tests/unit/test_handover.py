"""What the processes of a release leave each other: whole and of what the release is made of, or not used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import pytest

from kaa_analysis.core.errors import BundleError, DisclosureError, ParameterError
from kaa_analysis.core.provenance import hash_file
from kaa_analysis.core.result import cell
from kaa_analysis.disclosure.ledger import Ledger, PublishedCell
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.store import read_equations, read_store
from kaa_analysis.params.reports import ReportOrder
from kaa_analysis.render.company import Company
from kaa_analysis.render.earlier_bundles import EarlierBundle
from kaa_analysis.render.handover import Handover
from kaa_analysis.render.plan import STORE
from kaa_analysis.render.running.execution import Execution, Placement
from tests.unit.test_cache import EXECUTION, NOTEBOOK, World, result, rewrite, world, write

__all__ = ["world"]
EARLIER = EarlierBundle("arsbilaga", "0123456789ab", (PublishedCell("registered_2024|year=2024", 12),))


class Joint:
    """A release of a city and a district whose notebooks have been run."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.city = world.order
        self.district = replace(world.order, params=world.order.params.model_copy(update={"area": "jarva"}))
        self.handover = Handover(world.root / "handover")
        self.leave(self.city, EXECUTION)
        of_district = replace(result(), context={"year": "2024", "district": "jarva"})
        self.leave(self.district, Execution({"registered": of_district}, EXECUTION.placements))

    def leave(self, order: ReportOrder, execution: Execution) -> None:
        self.handover.leave(execution, parts=self.world.reader.parts(order))

    def protect(self, *, earlier: tuple[EarlierBundle, ...] = ()) -> None:
        self.handover.protect([self.city, self.district], root=self.world.root, earlier=earlier)

    def execution(self, *, company: Company | None = None) -> Execution:
        company = company or Company((self.district,))
        provenance = {"policy": hash_file(self.world.root / "params" / "disclosure.yaml")}
        inputs = SimpleNamespace(order=self.city, company=company, provenance=provenance)
        reader = self.world.reader
        return self.handover.execution(inputs, parts=reader.parts(self.city, company=company), reader=reader)


@pytest.fixture
def joint(world) -> Joint:
    return Joint(world)


def test_each_report_gets_its_execution_and_its_own_store(joint, tmp_path):
    joint.protect()
    found = joint.execution()
    assert found.placements == (Placement(1, "inskrivna", "table", "registered"),)
    assert [kept.as_record() for kept in found.results.values()] == [result().as_record()]
    contexts = {}
    for name, order in {"city": joint.city, "district": joint.district}.items():
        (tmp_path / name).mkdir()
        joint.handover.store(order)(tmp_path / name)
        [table] = read_store(tmp_path / name / STORE).values()
        contexts[name] = (table.id, dict(table.context))
    assert contexts == {
        "city": ("registered", {"year": "2024"}),
        "district": ("registered", {"year": "2024", "district": "jarva"}),
    }
    told = set(read_equations(tmp_path / "city" / STORE)["cell_id"])
    assert {cell("registered_2024", year="2024").id, cell("registered_2024", year="2024", district="rest").id} <= told


def test_what_is_left_is_the_owners_alone_and_the_store_of_a_bundle_can_be_read(joint, tmp_path):
    joint.protect()
    left = [joint.handover.folder, *joint.handover.folder.rglob("*")]
    assert {path.name for path in left} >= {"results", "stores", "release.json", "index.json"}
    assert [path.name for path in left if path.lstat().st_mode & 0o077] == []
    joint.handover.store(joint.city)(tmp_path)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / STORE).iterdir()} == {0o644}


def test_the_ledger_that_the_door_gets_holds_the_cells_of_earlier_bundles(joint, monkeypatch):
    with pytest.raises(DisclosureError):
        joint.protect(earlier=(replace(EARLIER, cells=(*EARLIER.cells, PublishedCell(EARLIER.cells[0].cell_id, 13))),))
    heard = []

    def door(results, *, policy, ledger):
        heard.append(ledger)
        return protect(results, policy=policy, ledger=Ledger.empty())

    monkeypatch.setattr("kaa_analysis.disclosure.release_parts.protect", door)
    joint.protect(earlier=(EARLIER,))
    assert heard == [Ledger(EARLIER.cells)]
    assert joint.execution(company=Company((joint.district,), (EARLIER,))).placements == EXECUTION.placements


def with_other_code(joint: Joint) -> None:
    (joint.world.package / "indicators/exits.py").write_text("LEVEL = 0.9\n")


def with_other_notebook(joint: Joint) -> None:
    write(joint.world.root, {"notebooks/10_annual_appendix.ipynb": NOTEBOOK.replace("show()", "show(1)")})


def with_other_policy(joint: Joint) -> None:
    rewrite(joint.world.root / "params/disclosure.yaml", old="unsafe_below: 5", new="unsafe_below: 6")


def with_other_extract(joint: Joint) -> None:
    (joint.world.secure.extracts / "demo" / "kaa.csv").write_text("PNR;INSKR\n")


@pytest.mark.parametrize("change", [with_other_code, with_other_notebook, with_other_policy, with_other_extract])
def test_a_release_made_of_something_else_than_what_is_there_now_is_not_built(joint, change: Callable[[Joint], None]):
    joint.protect()
    assert joint.execution()
    change(joint)
    with pytest.raises(ParameterError, match=r"får inte ändras medan de görs"):
        joint.execution()


def test_another_company_than_it_was_protected_with_is_not_built(joint):
    joint.protect()
    farsta = replace(joint.city, params=joint.city.params.model_copy(update={"area": "farsta"}))
    for company in (Company((farsta,)), Company((joint.district, farsta)), Company((joint.district,), (EARLIER,))):
        with pytest.raises(ParameterError, match=r"får inte ändras medan de görs"):
            joint.execution(company=company)


def test_results_that_are_not_whole_are_not_protected_and_not_shown(joint):
    path = joint.handover.folder / "results" / joint.city.name / "registered.json"
    joint.protect()
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BundleError, match=r"ska vara hela"):
        joint.execution()
    with pytest.raises(BundleError, match=r"ska vara hela"):
        joint.protect()


def test_a_release_that_cannot_be_protected_leaves_nothing_to_build_of(joint):
    farsta = replace(joint.city, params=joint.city.params.model_copy(update={"area": "farsta"}))
    joint.leave(farsta, Execution({"registered": result(8)}, ()))
    with pytest.raises(DisclosureError, match=r"samma värde i alla tabeller"):
        joint.handover.protect([joint.city, farsta], root=joint.world.root, earlier=())
    with pytest.raises(ParameterError, match=r"får inte ändras"):
        joint.execution(company=Company((farsta,)))
