"""What the processes of one release leave each other inside the secure folder: results of the notebooks, then the protected tables.

The folder is private and is gone when the release is made, or when its making has failed; nothing in it is kept for a later run.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kaa_analysis.core.boundary import PRIVATE_FILE
from kaa_analysis.core.errors import BundleError, ParameterError
from kaa_analysis.core.project import POLICY_FILE
from kaa_analysis.core.provenance import hash_file, hash_value
from kaa_analysis.core.secure_folder import private_files
from kaa_analysis.disclosure.policy import read_policy
from kaa_analysis.disclosure.store import READABLE
from kaa_analysis.params.reports import ReportOrder
from kaa_analysis.render.bundle import AREA_STORES
from kaa_analysis.render.cache.closed_record import read_closed, write_closed
from kaa_analysis.render.cache.kept_execution import execution_of, results_in, write_execution
from kaa_analysis.render.cache.kept_results import KeptResults, whole_results
from kaa_analysis.render.cache.order_parts import OrderParts, OrderReader
from kaa_analysis.render.earlier_bundles import EarlierBundle
from kaa_analysis.render.inputs import Inputs
from kaa_analysis.render.joint_protection import protect_reports, write_part
from kaa_analysis.render.plan import STORE
from kaa_analysis.render.running.execution import Execution

NO_DISTRICTS: Mapping[str, ReportOrder] = MappingProxyType({})
RESULTS, STORES, RELEASE = "results", "stores", "release.json"


@dataclass(frozen=True)
class Handover:
    """The private folder of one release."""

    folder: Path

    def leave(self, execution: Execution, *, parts: OrderParts) -> None:
        """Leave what an execution noted, with what it was made of."""
        place = self._results(parts.slot)
        with private_files():
            place.mkdir(parents=True)
            if parts.cells is not None:
                write_execution(execution, parts=parts, cells=parts.cells, folder=place)

    def protect(self, orders: Sequence[ReportOrder], *, root: Path, earlier: Sequence[EarlierBundle]) -> None:
        """Protect all results that were left of ``orders`` together, and leave each report's release store.

        Raises:
            BundleError: the results of an order were not left whole.
            ParameterError: the policy cannot be used.
            DisclosureError: the release cannot be protected.
        """
        policy_hash = hash_file(root / POLICY_FILE)
        policy = read_policy(root / POLICY_FILE)
        left = {order.name: self._whole(order.name) for order in orders}
        results = {name: results_in(kept) for name, kept in left.items()}
        for name, part in protect_reports(results, policy=policy, earlier=earlier).items():
            write_part(part, self.folder / STORES / name, mode=PRIVATE_FILE)
        made_of = {name: hash_value(kept.facts) for name, kept in left.items()}
        write_closed(self.folder / RELEASE, _record(made_of, policy=policy_hash, earlier=earlier))

    def execution(self, inputs: Inputs, *, parts: OrderParts, reader: OrderReader) -> Execution:
        """Return what the execution of a report noted, where all that its release was protected of is what it is now.

        Raises:
            BundleError: it was not left whole.
            ParameterError: something was changed meanwhile.
        """
        company = inputs.company
        made_of = {order.name: reader.parts(order).results_key for order in (inputs.order, *company.companions)}
        now = _record(made_of, policy=inputs.provenance["policy"], earlier=company.earlier)
        if read_closed(self.folder / RELEASE) != now:
            raise ParameterError(
                "Det som rapporterna i en release görs av får inte ändras medan de görs.",
                action="kör igen; ändra ingen fil i projektet och inget uttag så länge det pågår",
            )
        execution = parts.cells and execution_of(self._whole(inputs.order.name), cells=parts.cells)
        if not execution:
            raise _not_whole()
        return execution

    def store(
        self, order: ReportOrder, *, districts: Mapping[str, ReportOrder] = NO_DISTRICTS
    ) -> Callable[[Path], None]:
        """Return what puts the release store of a report into a bundle's folder, and beside it those of its districts by their codes."""
        return self._put({STORE: order} | {f"{AREA_STORES}/{code}": other for code, other in districts.items()})

    def _put(self, orders: Mapping[str, ReportOrder]) -> Callable[[Path], None]:
        def put(bundle: Path) -> None:
            for place, order in orders.items():
                _copied(self.folder / STORES / order.name, to=bundle / place)

        return put

    def _whole(self, name: str) -> KeptResults:
        kept = whole_results(self._results(name))
        if kept is None:
            raise _not_whole()
        return kept

    def _results(self, name: str) -> Path:
        return self.folder / RESULTS / name


def _copied(folder: Path, *, to: Path) -> None:
    """Copy the files of a folder, and not that nobody else may read them: a bundle is for others."""
    to.mkdir(parents=True)
    for path in sorted(folder.iterdir()):
        shutil.copyfile(path, to / path.name)
        (to / path.name).chmod(READABLE)


def _record(made_of: Mapping[str, str], *, policy: str, earlier: Sequence[EarlierBundle]) -> dict[str, Any]:
    return {"made_of": dict(made_of), "policy": policy, "earlier": [bundle.record for bundle in earlier]}


def _not_whole() -> BundleError:
    return BundleError(
        "Resultaten som rapporterna lämnar till det gemensamma skyddet ska vara hela.", action="kör igen"
    )
