"""How much the door hides: ``python -m tests.bench.hidden_counts params/stockholm/*.yaml`` in a project folder prints tables.

Runs the notebook of each report in this process, protects its results as they are and with rows put together, and prints the share of
the numbers in the rows of a split (zeros left out) that is hidden, and in brackets the share of what they count.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kaa_analysis.cli.stages import answer, tell
from kaa_analysis.core.definitions import Definition
from kaa_analysis.core.project import POLICY_FILE
from kaa_analysis.core.result import Count, Dimension, Result
from kaa_analysis.disclosure.coarse.coarsening import coarsen
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy, read_policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.released import Released, State
from kaa_analysis.params.reports import ReportOrder, read_order
from kaa_analysis.present import notebook
from kaa_analysis.render.notebook_cells import cells_of_report, is_about_part

TABLES = {
    "exits_by_reason": "exits",
    "monthly_flow": "months",
    "share_to_studies": "to studies",
    "support_by_intervention": "support by kind",
    "support_by_provider": "by provider",
}
APART = ("sex", "period")
"""Splits that every table has: its rows are those of another one, where there is one."""


@dataclass
class _Kept:
    """A report that keeps what is shown."""

    results: dict[str, Result]

    def show(self, result: Result, *, slug: str, as_: str) -> None:
        del slug, as_
        self.results[result.id] = result

    def show_each(self, results: Sequence[Result], *, slug: str, as_: str) -> None:
        for result in results:
            self.show(result, slug=slug, as_=as_)

    def author(self, slot: str) -> None:
        del slot

    def define(self, definitions: Sequence[Definition]) -> None:
        del definitions


def main() -> int:
    """Print a row per report and table, as it would be without and with coarser groupings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("params", type=Path, nargs="+")
    policy = read_policy(Path(POLICY_FILE))
    head = " | ".join(f"{name}: rows as they are | as shown" for name in TABLES.values())
    answer(f"| report | {head} |\n|---{'|---:' * 2 * len(TABLES)}|")
    for path in parser.parse_args().params:
        tell(f"{path.stem} …")
        results = list(results_of(read_order(path)).values())
        never = hidden_in(results, policy=replace(policy, coarsen_above=1.0))
        now = hidden_in(results, policy=policy)
        answer(f"| {path.stem} | " + " | ".join(f"{never[name]} | {now[name]}" for name in TABLES) + " |")
    return 0


def results_of(order: ReportOrder) -> Mapping[str, Result]:
    """Return the results that the notebook of an order shows."""
    kept = _Kept({})
    whole = json.loads((Path("notebooks") / order.kind.notebook).read_text(encoding="utf-8"))
    cells = cells_of_report(whole, about_part=is_about_part(order))["cells"]
    first, *rest = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code" and cell["source"]]
    opened, notebook.Report.open = notebook.Report.open, classmethod(lambda _: kept)
    try:
        scope: dict[str, object] = {}
        exec(first, scope)
        scope |= order.params.model_dump()
        for code in rest:
            exec(code, scope)
    finally:
        notebook.Report.open = opened
    return kept.results


def hidden_in(results: Sequence[Result], *, policy: Policy) -> dict[str, str]:
    """Return for each of the tables the share of its numbers, and of what they count, that protecting the results hides."""
    released = protect(results, policy=policy, ledger=Ledger.empty())
    shown = {result.id: result for result in coarsen(results, policy=policy)}
    return {name: _shares(_numbers(shown[name], released[name])) for name in TABLES}


def _numbers(result: Result, released: Released) -> Iterator[tuple[int, bool]]:
    """Give every number that is not 0 of the table's rows, totals left out, and whether it is hidden."""
    split = next((split for split in result.of_role(Dimension) if split.name not in APART), None)
    for count in result.of_role(Count):
        if split is None or split.name not in count.regardless_of:
            for row, number in result.table[count.name].fillna(0).items():
                if number and (split is None or result.table.at[row, split.name] != split.total):
                    yield int(number), released.states_table.at[row, count.name] == State.PROTECTED


def _shares(numbers: Iterator[tuple[int, bool]]) -> str:
    found = list(numbers)
    hidden = [number for number, is_hidden in found if is_hidden]
    counted = sum(number for number, _ in found)
    return (
        f"{len(hidden)} of {len(found)}, {len(hidden) / max(len(found), 1):.0%} ({sum(hidden) / max(counted, 1):.0%})"
    )


if __name__ == "__main__":
    raise SystemExit(main())
