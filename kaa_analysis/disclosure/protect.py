"""The only way from results to something that can be presented: `protect` for a release, `inside_room` for the secure room."""

from __future__ import annotations

from collections.abc import Sequence

from kaa_analysis.core.result import Result
from kaa_analysis.disclosure.coarse.coarsening import coarsen
from kaa_analysis.disclosure.final_attack import refuse_what_is_given_away
from kaa_analysis.disclosure.hiding.cell_system import cell_system
from kaa_analysis.disclosure.hiding.secondary import hidden_cells
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.released import SEAL, Mark, Released
from kaa_analysis.disclosure.rounded.rounding import check_rounding, refuse_changed_methods, without_rounded
from kaa_analysis.disclosure.rounded.rounding_proof import refuse_narrowed
from kaa_analysis.disclosure.shown.curve_points import refuse_fine_grids
from kaa_analysis.disclosure.shown.estimates import columns_released
from kaa_analysis.disclosure.shown.states import cell_ids, states_of, values_of

NO_POLICY = ""
"""The policy hash of what was never protected."""


def protect(results: Sequence[Result], *, policy: Policy, ledger: Ledger) -> dict[str, Released]:
    """Protect a whole release jointly and return its tables by id, in the order of ``results``.

    Unsafe counts and the cells that would give them away are hidden, in every table alike; shares and estimates are hidden
    with the counts they rest on, and by the policy's rules for means, quantiles, models and curves, else recomputed or rounded half
    up; true zeros and unknown counts stay what they are. Measures that the policy rounds are rounded. Evidence stays behind.
    For somebody who knows all that is shown, all relations, that counts are whole and that true zeros are shown, each unsafe
    count can have every value below the threshold (`docs/methods/disclosure.md` says when the lowest are ruled out by zeros).

    Raises:
        DisclosureError: an id stands twice, a cell has two values, a relation does not hold across tables, a share is larger
            than 1, a cell cannot be proven safe, a curve stands on days, a measure has another method than what it is tied to or was
            published with, rounded counts can be narrowed down by their sums, or a cell has another value than an earlier release showed.
    """
    refuse_changed_methods(policy, methods=ledger.methods)
    refuse_fine_grids(results, policy=policy)
    check_rounding(results, policy=policy)
    refuse_narrowed(results, policy=policy)
    results = coarsen(results, policy=policy, published=[published.cell_id for published in ledger.published])
    system = cell_system(without_rounded(results, policy=policy), policy=policy, ledger=ledger)
    hidden = hidden_cells(system, width=policy.unsafe_below - 1)
    hidden_ids = frozenset(cell_id for cell_id, is_hidden in zip(system.ids, hidden, strict=True) if is_hidden)
    released = {result.id: _released(result, hidden=hidden_ids, mark=Mark.DRAFT, policy=policy) for result in results}
    refuse_what_is_given_away(released, results=results, policy=policy, ledger=ledger)
    return released


def inside_room(result: Result) -> Released:
    """Return a result with everything shown and a watermark; no store accepts it and no renderer prints it."""
    return _released(result, hidden=frozenset(), mark=Mark.INSIDE_ROOM, policy=None)


def _released(result: Result, *, hidden: frozenset[str], mark: Mark, policy: Policy | None) -> Released:
    ids = cell_ids(result)
    states = states_of(result, ids=ids, hidden=hidden, policy=policy)
    return Released(
        id=result.id,
        title=result.title,
        columns=columns_released(result, policy=policy),
        values_table=values_of(result, states=states, policy=policy),
        states_table=states,
        cell_ids_table=ids,
        context=dict(result.context),
        note=result.note,
        source=result.source,
        method=result.method,
        mark=mark,
        policy_hash=NO_POLICY if policy is None else policy.policy_hash,
        seal=SEAL,
    )
