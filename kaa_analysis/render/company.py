"""What a report is protected with: the other reports of its release, and earlier releases that readers already have. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kaa_analysis.core.provenance import canonical_json
from kaa_analysis.params.reports import REPORTS, ReportOrder, check_params
from kaa_analysis.render.earlier_bundles import EarlierBundle


@dataclass(frozen=True)
class Company:
    """The other reports of a release, and the earlier bundles that an attacker has in hand."""

    companions: tuple[ReportOrder, ...] = ()
    earlier: tuple[EarlierBundle, ...] = ()

    def without(self, orders: Iterable[ReportOrder]) -> Company:
        """Return the company of a release from which reports have fallen away."""
        gone = set(orders)
        return Company(tuple(order for order in self.companions if order not in gone), self.earlier)


ALONE = Company()
"""A first release of one report."""


def releases_of(orders: Iterable[ReportOrder]) -> list[tuple[ReportOrder, ...]]:
    """Return the releases that reports made at once are: those of the same extract are one, in the order of their first report."""
    found: dict[str, list[ReportOrder]] = {}
    for order in orders:
        found.setdefault(order.params.extract, []).append(order)
    return [tuple(members) for members in found.values()]


def companies_of(orders: Sequence[ReportOrder], *, earlier: Sequence[EarlierBundle] = ()) -> dict[ReportOrder, Company]:
    """Return what each of the reports made at once is protected with."""
    return {
        order: Company(tuple(other for other in members if other != order), tuple(earlier))
        for members in releases_of(orders)
        for order in members
    }


def districts_of(order: ReportOrder, companions: Iterable[ReportOrder]) -> dict[str, ReportOrder]:
    """Return those of the companions of a report on the whole city that are the same report on one of its districts, by the district's code.

    The same report: of the same kind, with the same parameters but for the district. A report on a district has none.
    """
    if order.params.chosen_area() is not None:
        return {}
    found = {}
    for other in companions:
        area = other.params.chosen_area()
        if area is not None and other.kind == order.kind and _but_area(other) == _but_area(order):
            found[area.code] = other
    return {code: found[code] for code in sorted(found)}


def _but_area(order: ReportOrder) -> dict[str, Any]:
    return {name: value for name, value in order.params.model_dump().items() if name != "area"}


def companion_record(order: ReportOrder, *, notebook: str | None) -> dict[str, Any]:
    """Return what is told of a report in the manifests of the others: what decides its results, where the extract and the code are
    those of the release. ``notebook`` is the hash of the notebook's executed cells.
    """
    area = order.params.chosen_area()
    name = " ".join([order.kind.name, order.params.period_folder(), *([f"({area.label})"] if area else [])])
    return {"name": name, "report": order.kind.name, "params": order.params.model_dump(), "notebook": notebook}


def in_order(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return records in an order that does not depend on how they were asked for."""
    return sorted((dict(record) for record in records), key=lambda record: (record["name"], canonical_json(record)))


def told_companions(manifest: Mapping[str, Any]) -> tuple[ReportOrder, ...]:
    """Return the other reports of the release that a bundle's manifest tells of.

    Raises:
        ParameterError: a report no longer takes its parameters.
    """
    return tuple(
        ReportOrder(
            REPORTS[told["report"]], check_params(REPORTS[told["report"]], told["params"], where=told["report"])
        )
        for told in manifest.get("released_with", ())
    )
