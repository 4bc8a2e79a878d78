"""The only way from results to something that can be presented: `protect` for a release, `inside_room` for the secure room."""

from __future__ import annotations

from collections.abc import Sequence

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Result
from kaa_analysis.disclosure.cell_system import cell_system
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.released import SEAL, Mark, Released
from kaa_analysis.disclosure.secondary import hidden_cells
from kaa_analysis.disclosure.states import cell_ids, states_of, values_of

NO_POLICY = ""
"""The policy hash of what was never protected."""


def protect(results: Sequence[Result], *, policy: Policy, ledger: Ledger) -> dict[str, Released]:
    """Protect a whole release jointly and return its tables by id, in the order of ``results``.

    Unsafe counts and the cells that would give them away are hidden, in every table alike; shares and estimates are hidden
    with the counts they rest on, else recomputed or rounded half up; true zeros and unknown counts stay what they are.
    For somebody who knows all that is shown, all relations, that counts are whole and that true zeros are shown, each unsafe
    count can have every value below the threshold (`docs/methods/disclosure.md` says when the lowest are ruled out by zeros).

    Raises:
        DisclosureError: an id stands twice, a cell has two values, a relation does not hold across tables, a share is larger
            than 1, a cell cannot be proven safe, or the ledger holds earlier releases (not supported yet).
    """
    if ledger.published:
        raise DisclosureError(
            "Hittills kan bara en första release skyddas.",
            found=f"{len(ledger.published)} tidigare publicerade celler i liggaren",
            action="vänta med att publicera tills kontrollen mot tidigare releaser finns",
        )
    system = cell_system(results, policy=policy)
    hidden = hidden_cells(system, width=policy.unsafe_below - 1)
    hidden_ids = frozenset(cell_id for cell_id, is_hidden in zip(system.ids, hidden, strict=True) if is_hidden)
    return {
        result.id: _released(result, hidden=hidden_ids, mark=Mark.DRAFT, policy_hash=policy.policy_hash)
        for result in results
    }


def inside_room(result: Result) -> Released:
    """Return a result with everything shown and a watermark; no store accepts it and no renderer prints it."""
    return _released(result, hidden=frozenset(), mark=Mark.INSIDE_ROOM, policy_hash=NO_POLICY)


def _released(result: Result, *, hidden: frozenset[str], mark: Mark, policy_hash: str) -> Released:
    ids = cell_ids(result)
    states = states_of(result, ids=ids, hidden=hidden)
    return Released(
        id=result.id,
        title=result.title,
        columns=result.columns,
        values_table=values_of(result, states=states),
        states_table=states,
        cell_ids_table=ids,
        context=dict(result.context),
        note=result.note,
        source=result.source,
        method=result.method,
        mark=mark,
        policy_hash=policy_hash,
        seal=SEAL,
    )
