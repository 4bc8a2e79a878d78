"""Telling how one report or many go, and what became of them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from kaa_analysis.cli.stages import Stages, answer, tell
from kaa_analysis.core.errors import KaaError, ParameterError
from kaa_analysis.params.reports import ReportOrder, read_order
from kaa_analysis.render.batch import PROTECTING, READING
from kaa_analysis.render.works import Outcome

PAGE = "report.html"
SAME_REPORT = "samma rapport: report.pdf, report.docx, tables.xlsx och data/; granskning: qa.html och skillnad.html"


class OneReport:
    """Tells every stage of one report."""

    def __init__(self, stages: Stages) -> None:
        self.stages = stages

    def began(self, order: ReportOrder, stage: str) -> None:
        """Tell that a stage begins."""
        self.stages.begin(stage)

    def detail(self, order: ReportOrder, text: str) -> None:
        """Tell more of it."""
        self.stages.detail(text)

    def ended(self, outcome: Outcome) -> None:
        """Tell the outcome."""
        if outcome.error is None:
            self.stages.detail(SAME_REPORT)
            self.stages.done(f"{_word(outcome)} (utkast): {outcome.folder}/{PAGE}")


class ManyReports:
    """Tells when a report of many is done; ``names`` are those of the parameter files."""

    def __init__(self, names: Mapping[ReportOrder, str], *, n_done: int = 0) -> None:
        self.names, self.n_done = names, n_done
        self.total = n_done + len(names)

    def began(self, order: ReportOrder, stage: str) -> None:
        """Tell what is done for several reports; the stages of each would be too many lines."""
        if stage.startswith((READING, PROTECTING)):
            tell(f"{stage} …")

    def detail(self, order: ReportOrder, text: str) -> None:
        """Tell more of it."""
        tell(f"      {text}")

    def ended(self, outcome: Outcome) -> None:
        """Tell the outcome of a report, and how many are left."""
        self.n_done += 1
        seconds = f"{sum(outcome.seconds.values()):.1f} s".replace(".", ",")
        told = _word(outcome) if outcome.error is None else "stoppad"
        tell(f"[{self.n_done:>{len(str(self.total))}}/{self.total}] {self.names[outcome.order]}: {told}, {seconds}")


def _word(outcome: Outcome) -> str:
    return "klart" if outcome.changed else "oförändrad"


def orders_in(places: Sequence[Path]) -> tuple[dict[ReportOrder, str], dict[str, KaaError]]:
    """Return the reports that parameter files ask for with the files' names, and what is wrong with the files that ask for none.

    A folder stands for its ``*.yaml`` files, sorted by name.

    Raises:
        ParameterError: a folder holds no parameter file.
    """
    files = [path.absolute() for place in places for path in (_files_of(place) if place.is_dir() else [place])]
    orders: dict[ReportOrder, str] = {}
    wrong: dict[str, KaaError] = {}
    for path in dict.fromkeys(files):
        name = Path(os.path.relpath(path)).as_posix()
        try:
            order = read_order(path)
        except ParameterError as error:
            wrong[name] = error
            continue
        if order in orders:
            wrong[name] = ParameterError("En rapport görs en gång.", found=f"samma som {orders[order]}")
        else:
            orders[order] = name
    return orders, wrong


def _files_of(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise ParameterError(
            "Mappen ska innehålla parameterfiler (*.yaml).", found=folder.as_posix(), action="kontrollera namnet"
        )
    return files


def tell_summary(
    outcomes: Sequence[Outcome], *, names: Mapping[ReportOrder, str], wrong: Mapping[str, KaaError]
) -> None:
    """Answer with each page, and tell how many reports were made, how many were there already, and why the others were stopped."""
    for outcome in outcomes:
        if outcome.folder is not None:
            answer(f"{outcome.folder}/{PAGE}")
    failed = dict(wrong) | {names[it.order]: it.error for it in outcomes if it.error is not None}
    n_of = Counter(_word(outcome) for outcome in outcomes if outcome.error is None)
    tell(f"{n_of['klart']} klara (utkast), {n_of['oförändrad']} oförändrade, {len(failed)} stoppade")
    told: dict[str, list[str]] = {}
    for name, error in failed.items():
        told.setdefault(f"{error.kind}: {error}", []).append(name)
    for text, of_files in told.items():
        tell(f"\n{', '.join(of_files)}\n{text}")


def stage_times(outcomes: Sequence[Outcome]) -> str:
    """Return a line per stage with the seconds that it took in all reports together."""
    seconds: Counter[str] = Counter()
    for outcome in outcomes:
        seconds.update(outcome.seconds)
    return "\n".join(f"{f'{of_stage:.1f}'.replace('.', ','):>8} s  {stage}" for stage, of_stage in seconds.items())
