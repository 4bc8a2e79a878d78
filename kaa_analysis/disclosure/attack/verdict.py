"""The attack as one call: what a publication gives away, and the refusal if it gives anything away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.disclosure.attack.findings import Finding, Findings
from kaa_analysis.disclosure.attack.fitting_table import some_table
from kaa_analysis.disclosure.attack.hunt import given_away, possible
from kaa_analysis.disclosure.attack.hunted_part import Means
from kaa_analysis.disclosure.attack.inference import equations_of, pairs_of
from kaa_analysis.disclosure.attack.knowledge import Knowledge, gap_id, knowledge_of, only_zeros
from kaa_analysis.disclosure.attack.lowest_values import LowestValues
from kaa_analysis.disclosure.attack.publication import SHOWN, Pair, Publication
from kaa_analysis.disclosure.attack.rules import Rules
from kaa_analysis.disclosure.attack.target import Target
from kaa_analysis.disclosure.attack.targets import Ground, outsider_targets, targets_of


@dataclass(frozen=True, eq=False)
class Examination:
    """What is published with what came before, what is tried, and with what means."""

    publication: Publication
    targets: tuple[Target, ...]
    means: Means

    def given_away(self) -> list[Target]:
        """Return the targets that lack a table.

        Raises:
            DisclosureError: the solver gave no certain answer.
        """
        return given_away(self.targets, means=self.means)

    def possible(self, targets: Sequence[Target], *, values: range) -> np.ndarray:
        """Return which values (k, len(values)) some whole table gives each of ``targets`` (k).

        Raises:
            DisclosureError: the solver gave no certain answer.
        """
        return possible(targets, values=values, means=self.means)


def attack(
    publication: Publication,
    *,
    truth: Mapping[str, int] | None,
    rules: Rules,
    earlier: Mapping[str, int | None] | None = None,
) -> Findings:
    """Return everything that a publication gives away together with the ``earlier`` published cells (None = hidden there).

    ``truth`` maps cell ids to true counts: each unsafe count, and each group or difference that is unsafe, is tried. Without it
    (None), as for an outsider, every hidden count and every two parts of a line are tried: they may not be surely small.

    Raises:
        DisclosureError: the solver gave no certain answer, or no table at all fits what is published.
    """
    examined = examine(publication, truth=truth, rules=rules, earlier=earlier)
    found = examined.given_away()
    return Findings(tuple(_finding(target, examined.publication) for target in found), len(examined.targets))


def examine(
    publication: Publication,
    *,
    truth: Mapping[str, int] | None,
    rules: Rules,
    earlier: Mapping[str, int | None] | None = None,
) -> Examination:
    """Return what `attack` works from.

    Raises:
        DisclosureError: no table at all fits what is published, or the solver gave no certain answer.
    """
    publication = publication.with_earlier(earlier or {})
    shown = {cell_id: cell.value for cell_id, cell in publication.cells.items() if cell.state == SHOWN}
    known = shown if truth is None else _with_shown(truth, shown)
    equations = equations_of(publication, known=known)
    pairs = pairs_of(publication, equations=equations, known=known)
    everywhere = publication.cells.keys() | {cell_id for terms in equations for _, cell_id in terms}
    known = {cell_id: value for cell_id, value in known.items() if cell_id in everywhere}
    knowledge = knowledge_of(publication, equations=equations, pairs=pairs, rules=rules)
    base = base_table(knowledge, known=known, pairs=pairs)
    zeros = only_zeros(publication, equations=equations, pairs=pairs, rules=rules)
    floors = LowestValues(zeros, base=_moved(knowledge, zeros, base, pairs))
    ground = Ground(publication, equations, pairs, known, rules)
    targets = outsider_targets(ground) if truth is None else targets_of(ground)
    return Examination(publication, tuple(targets), Means(knowledge, base, floors, rules.unsafe_below))


def refuse_if_found(
    publication: Publication,
    *,
    truth: Mapping[str, int],
    rules: Rules,
    earlier: Mapping[str, int | None] | None = None,
) -> None:
    """Refuse a publication that gives anything away.

    Raises:
        DisclosureError: something was found, or the solver gave no certain answer. The message tells kinds, numbers and tables.
    """
    refuse(attack(publication, truth=truth, rules=rules, earlier=earlier))


def refuse(findings: Findings) -> None:
    """Refuse if there is any finding.

    Raises:
        DisclosureError: there is.
    """
    if findings.found:
        raise DisclosureError(
            "Inget som publiceras får gå att räkna tillbaka till enskilda.",
            found=findings.lines(),
            action="redovisa grövre eller dölj mer, och kör igen",
        )


def base_table(knowledge: Knowledge, *, known: Mapping[str, int], pairs: tuple[Pair, ...]) -> np.ndarray:
    """Return a whole table (n,) that has the known counts and fits everything published.

    Raises:
        DisclosureError: there is none.
    """
    gaps = {gap_id(pair): known[pair[1]] - known[pair[0]] for pair in pairs if set(pair) <= known.keys()}
    values = {**gaps, **known}
    table = np.array([values.get(cell_id, -1) for cell_id in knowledge.ids], dtype=np.int64)
    is_open = np.array([cell_id not in values for cell_id in knowledge.ids], dtype=bool)
    if is_open.any():
        rest = knowledge.matrix[:, is_open]
        rows = np.flatnonzero(np.diff(rest.indptr))
        some = some_table(
            rest[rows],
            right_side=-(knowledge.matrix[rows][:, ~is_open] @ table[~is_open]),
            lower=knowledge.lower[is_open],
            upper=knowledge.upper[is_open],
        )
        if some is None:
            raise _inconsistent()
        table[is_open] = some
    if (knowledge.matrix @ table).any() or (table < knowledge.lower).any() or (table > knowledge.upper).any():
        raise _inconsistent()
    return table


def _with_shown(truth: Mapping[str, int], shown: Mapping[str, int]) -> dict[str, int]:
    wrong = sum(truth.get(cell_id, value) != value for cell_id, value in shown.items())
    if wrong:
        raise DisclosureError("Det som visas ska vara de sanna talen.", found=f"{wrong} celler visar något annat")
    return {**shown, **truth}


def _moved(knowledge: Knowledge, zeros: Knowledge, base: np.ndarray, pairs: tuple[Pair, ...]) -> np.ndarray:
    """The same table in the order of the cells of ``zeros``."""
    values = dict(zip(knowledge.ids, base.tolist(), strict=True))
    values |= {gap_id(pair): values[pair[1]] - values[pair[0]] for pair in pairs}
    return np.array([values[cell_id] for cell_id in zeros.ids], dtype=np.int64)


def _finding(target: Target, publication: Publication) -> Finding:
    cells = [publication.cells[cell_id] for _, cell_id in target.terms if cell_id in publication.cells]
    return Finding(target.kind, tuple(sorted({table for cell in cells for table in cell.tables})))


def _inconsistent() -> DisclosureError:
    return DisclosureError(
        "Det som publiceras ska stämma med sig självt: hela tal, angivna summor, och inget dolt antal som är noll.",
        action="se över de angivna summorna och vilka celler som döljs",
    )
