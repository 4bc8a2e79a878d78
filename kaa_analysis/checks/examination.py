"""`run_checks`: every check of the catalogue on one register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaa_analysis.checks.catalogue import Check, catalogue
from kaa_analysis.checks.check_report import CheckOutcome, CheckReport, State
from kaa_analysis.checks.check_rules import DELIVERED, KEPT, RULES, SET_ASIDE
from kaa_analysis.checks.check_settings import CheckSettings
from kaa_analysis.checks.delivered_counts import FILE, DeliveredCount, compare_counts
from kaa_analysis.checks.materials import Materials
from kaa_analysis.core.boundary import boundary
from kaa_analysis.target_population import TargetPopulation
from kaa_analysis.target_population.applicability import NOT_KAA

if TYPE_CHECKING:
    from kaa_analysis.store import Register

IN_PROBLEM_FILES = "raderna ligger i problems/{name}/ i den säkra mappen"

EACH_REASON = "en rad som undantogs av flera skäl räknas en gång för varje"


def run_checks(
    register: Register,
    *,
    population: TargetPopulation | None = None,
    settings: CheckSettings | None = None,
    delivered: tuple[DeliveredCount, ...] | None = None,
) -> CheckReport:
    """Make every check of the catalogue and return what each found: rows, none, or why it was not run.

    ``population`` defaults to that of the default rules, ``settings`` to `CheckSettings`, ``delivered`` to no delivered counts: that check
    is then not run. What ingest set aside is told by its counts alone. The report stays inside the secure room.

    Raises:
        UnexpectedError: a check failed; its text is not told.
    """
    materials = Materials(register, settings or CheckSettings(), population, delivered)
    with boundary("Kontrollen av registret"):
        outcomes = tuple(_outcome(check, materials) for check in catalogue().values())
    return CheckReport(register.name, register.source, register.extract_date, outcomes)


def _outcome(check: Check, materials: Materials) -> CheckOutcome:
    if check.id in SET_ASIDE:
        return _set_aside(check, materials)
    if check.id in KEPT:
        return _counted(check, materials.register.findings.get(KEPT[check.id], 0))
    if check.id == DELIVERED:
        return _delivered(check, materials)
    rule = RULES[check.id]
    if reason := rule.obstacle(materials):
        return CheckOutcome(check, State.NOT_RUN, reason=reason)
    found = rule.find(materials)
    state = State.FOUND if len(found) else State.NONE
    return CheckOutcome(check, state, len(found), int(found["person_id"].nunique()), findings_table=found)


def _set_aside(check: Check, materials: Materials) -> CheckOutcome:
    register = materials.register
    counts = [count for reason in SET_ASIDE[check.id] if (count := register.problem_counts.get(reason, 0))]
    count = sum(counts)
    remarks = (*[IN_PROBLEM_FILES.format(name=register.name)] * bool(count), *[EACH_REASON] * (len(counts) > 1))
    return _counted(check, count, remarks=remarks)


def _counted(check: Check, count: int, *, remarks: tuple[str, ...] = ()) -> CheckOutcome:
    return CheckOutcome(check, State.FOUND if count else State.NONE, count, None if count else 0, remarks=remarks)


def _delivered(check: Check, materials: Materials) -> CheckOutcome:
    register = materials.register
    if materials.delivered is None:
        return CheckOutcome(check, State.NOT_RUN, reason=f"filen {FILE} finns inte i den säkra mappen")
    if not register.is_kaa:
        return CheckOutcome(check, State.NOT_RUN, reason=NOT_KAA)
    compared = compare_counts(materials.delivered, register, population=materials.population)
    if all(comparison.now is None for comparison in compared):
        return CheckOutcome(check, State.NOT_RUN, reason=f"inget antal i {FILE} täcks av uttaget")
    remarks = tuple(comparison.line() for comparison in compared if comparison.differs or comparison.now is None)
    n_different = sum(comparison.differs for comparison in compared)
    state = State.FOUND if n_different else State.NONE
    return CheckOutcome(check, state, n_different, None if n_different else 0, remarks=remarks)
