"""A release of several reports: their results are protected as one, and each report gets its own tables and equations back.

A cell has the same id in every report. Two reports may call their tables the same: inside the release each table has a name of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.provenance import hash_value
from kaa_analysis.core.result import ID, Equation, Result
from kaa_analysis.disclosure.coarse.coarsening import coarsen
from kaa_analysis.disclosure.hiding.relations import equation_relation, published_equations
from kaa_analysis.disclosure.joined_reports import NAME, joining_equations
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.released import Released
from kaa_analysis.disclosure.rounded.rounding import without_rounded

JOINING = "R"
"""What the names of the equations that join reports begin with."""

Reports = Mapping[str, Sequence[Result]]
"""The results of each report of a release, by the report's name."""


@dataclass(frozen=True, eq=False)
class ReleasePart:
    """What one report gets of a release: its protected tables by id, the equations about its cells (equation, cell_id, coefficient), and
    the ids of the cells in those equations that stand in none of its own tables: in another report's, or (a rest) in none.
    """

    released: Mapping[str, Released]
    equations: pd.DataFrame
    elsewhere: frozenset[str]


def protect_release(reports: Reports, *, policy: Policy, ledger: Ledger) -> dict[str, dict[str, Released]]:
    """Protect all reports of a release jointly and return the tables of each by id, in the order of ``reports`` and their results.

    A release of one report gives just what `protect` gives.

    Raises:
        DisclosureError: as `protect`; one report refused is the whole release refused.
    """
    return _protected(_decided(reports, policy=policy, ledger=ledger), policy=policy, ledger=ledger)


def release_equations(reports: Reports, *, policy: Policy, ledger: Ledger) -> dict[str, pd.DataFrame]:
    """Return for each report the equations of the release that name at least one of its cells, whole, a row per term.

    An equation has the same name in every report of the release, so that the reports' equations put together and freed from
    repetitions are all equations of the release. Those that join the reports (`joining_equations`) are told where the whole stands. They may
    name a rest, or rows that were put together, which stand in no table: readers know only that they are not negative.
    """
    return _equations(_decided(reports, policy=policy, ledger=ledger), policy=policy)


def release_parts(reports: Reports, *, policy: Policy, ledger: Ledger) -> dict[str, ReleasePart]:
    """Protect all reports of a release jointly and return what each of them gets.

    Raises:
        DisclosureError: as `protect_release`.
    """
    decided = _decided(reports, policy=policy, ledger=ledger)
    released = _protected(decided, policy=policy, ledger=ledger)
    equations = _equations(decided, policy=policy)
    return {
        name: ReleasePart(released[name], equations[name], frozenset(equations[name]["cell_id"]) - _cells(results))
        for name, results in decided.items()
    }


Decided = Mapping[str, Mapping[str, Result]]
"""The results of each report by their own ids, under their names in the release, in the groups they are shown in."""


def _decided(reports: Reports, *, policy: Policy, ledger: Ledger) -> Decided:
    """Return all results of a release with what joins the reports declared in the first, coarsened together."""
    renamed = _renamed(reports)
    joined = list(renamed.values()) if len(reports) == 1 else _joined(list(renamed.values()))
    coarse = coarsen(joined, policy=policy, published=[published.cell_id for published in ledger.published])
    decided: dict[str, dict[str, Result]] = {name: {} for name in reports}
    for (report, own), result in zip(renamed, coarse, strict=True):
        decided[report][own] = result
    return decided


def _protected(decided: Decided, *, policy: Policy, ledger: Ledger) -> dict[str, dict[str, Released]]:
    alone = len(decided) == 1
    results = _all(decided)
    names = {result.id: own if alone else f"{own} ({report})" for report, own, result in _places(decided)}
    try:
        released = protect(results, policy=policy, ledger=ledger)
    except DisclosureError as error:
        raise DisclosureError(
            error.expected, found=[_in_words(text, names) for text in error.found], action=error.action
        ) from None
    return {
        report: {own: replace(released[result.id], id=own) for own, result in tables.items()}
        for report, tables in decided.items()
    }


def _equations(decided: Decided, *, policy: Policy) -> dict[str, pd.DataFrame]:
    results = without_rounded(_all(decided), policy=policy)
    of_release = published_equations(results)
    joining = [equation for result in results for equation in result.equations if equation.name == NAME]
    return {report: _about(of_release, joining, cells=_cells(tables)) for report, tables in decided.items()}


def _joined(results: Sequence[Result]) -> list[Result]:
    """Return the results with what joins them declared in the first."""
    if not results:
        return []
    first, *others = results
    return [replace(first, equations=(*first.equations, *joining_equations(results))), *others]


def _told(numbered: Iterable[tuple[int, Equation]]) -> pd.DataFrame:
    relations = [(number, equation_relation(equation)) for number, equation in numbered]
    terms = [
        (f"{JOINING}{number:05d} {relation.name}", cell_id, coefficient)
        for number, relation in relations
        for cell_id, coefficient in relation.terms.items()
    ]
    return pd.DataFrame(terms, columns=["equation", "cell_id", "coefficient"]).astype({"coefficient": "int64"})


def _places(decided: Decided) -> list[tuple[str, str, Result]]:
    return [(report, own, result) for report, tables in decided.items() for own, result in tables.items()]


def _all(decided: Decided) -> list[Result]:
    return [result for _, _, result in _places(decided)]


def _renamed(reports: Reports) -> dict[tuple[str, str], Result]:
    """Return every result under (report, own id) with an id that no other result of the release has.

    Raises:
        DisclosureError: two results of one report share an id.
    """
    found: dict[tuple[str, str], Result] = {}
    for number, (report, results) in enumerate(reports.items(), start=1):
        for result in results:
            if (report, result.id) in found:
                raise DisclosureError("Varje resultat ska ha ett eget id.", found=f"{result.id} ({report})")
            found[report, result.id] = result.named(_name_in_release(number, result.id))
    return found


def _name_in_release(number: int, own: str) -> str:
    name = f"{number}-{own}"
    return name if ID.fullmatch(name) else f"{number}-{hash_value(own)}"


def _in_words(text: str, names: Mapping[str, str]) -> str:
    """Return a text with the names of the release in the words of the reports; a name is tried before those that it begins with."""
    known = "|".join(re.escape(name) for name in sorted(names, reverse=True))
    return re.sub(known, lambda found: names[found[0]], text) if known else text


def _cells(tables: Mapping[str, Result]) -> frozenset[str]:
    return frozenset(found.id for result in tables.values() for found in result.cells())


def _about(equations: pd.DataFrame, joining: Sequence[Equation], *, cells: frozenset[str]) -> pd.DataFrame:
    """Return the whole equations that name one of the cells, and those that join reports where the whole is one of them."""
    named = equations.loc[equations["cell_id"].isin(cells), "equation"]
    own = equations[equations["equation"].isin(named)]
    wholes = [(number, one) for number, one in enumerate(joining, start=1) if _whole(one) in cells]
    return pd.concat([own, _told(wholes)], ignore_index=True) if wholes else own.reset_index(drop=True)


def _whole(joining: Equation) -> str:
    return next(place.id for factor, place in joining.terms if factor < 0)
