"""The last word on a release: what is about to be shown is handed to the attack, which shares no code with the protection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kaa_analysis.core.result import Result
from kaa_analysis.disclosure.attack.findings import Findings
from kaa_analysis.disclosure.attack.released_tables import from_released, structural_findings
from kaa_analysis.disclosure.attack.rules import Rules
from kaa_analysis.disclosure.attack.verdict import refuse, refuse_if_found
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.released import Released


def refuse_what_is_given_away(
    released: Mapping[str, Released], *, results: Sequence[Result], policy: Policy, ledger: Ledger
) -> None:
    """Refuse tables that give an unsafe number away to somebody who has all of them, the policy and the ``ledger``.

    ``results`` are what the tables were made of, in the groups they are shown in: their counts say which numbers are unsafe, and their
    equations are known to everybody, and so are those of earlier releases.

    Raises:
        DisclosureError: something was found, or the solver gave no certain answer. The message tells kinds, numbers and tables.
    """
    tables = list(released.values())
    refuse(Findings(structural_findings(tables), 0))
    equations = [equation for result in results for equation in result.all_equations()]
    terms = [tuple((factor, place.id) for factor, place in equation.terms) for equation in equations]
    refuse_if_found(
        from_released(tables, equations=[*terms, *ledger.sums]),
        truth={place.id: value for result in results for place, value in result.cells().items() if value is not None},
        rules=_rules(results, policy=policy),
        earlier={published.cell_id: published.value for published in ledger.published},
    )


def _rules(results: Sequence[Result], *, policy: Policy) -> Rules:
    volumes = {measure for result in results for equation in result.equations for measure in equation.volumes}
    for result in results:
        volumes.update(place.measure for place, unit in result.units().items() if unit not in policy.protected_units)
    harmless = {place.id for result in results for place in result.cells() if not policy.disclosive_parts(place)}
    return Rules(
        unsafe_below=policy.unsafe_below,
        disclosive=policy.disclosive,
        structural=frozenset(harmless),
        volumes=frozenset(volumes),
    )
