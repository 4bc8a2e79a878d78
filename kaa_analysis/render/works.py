"""What a batch keeps of its reports, its releases and the processes under way, and which work comes after which."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from kaa_analysis.core.boundary import error_of
from kaa_analysis.core.errors import KaaError
from kaa_analysis.params.reports import ReportOrder
from kaa_analysis.render.cache.rerun import Rerun
from kaa_analysis.render.report_job import Part


@dataclass
class Outcome:
    """What became of a report: its folder from the project and whether its bytes changed, or what stopped it; and the seconds of each stage."""

    order: ReportOrder
    folder: str | None = None
    changed: bool = False
    error: KaaError | None = None
    seconds: dict[str, float] = field(default_factory=dict)


class Listener(Protocol):
    """Whoever wants to know how it goes, while it goes. What is done for several reports is told as of the first."""

    def began(self, order: ReportOrder, stage: str) -> None:
        """Hear that a stage of a report begins."""

    def detail(self, order: ReportOrder, text: str) -> None:
        """Hear more of the stage."""

    def ended(self, outcome: Outcome) -> None:
        """Hear that a report is made or has failed."""


def bundle_folder(rerun: Rerun, *, root: Path) -> str | None:
    """Return the folder of the unchanged bundle from the project, None where there is none."""
    return None if rerun.bundle is None else rerun.bundle.relative_to(root).as_posix()


@dataclass(eq=False)
class Release:
    """Reports that are protected together."""

    outcomes: list[Outcome]
    reruns: list[Rerun]
    n_run: int = 0
    protected: tuple[Outcome, ...] = ()

    def orders_with(self, order: ReportOrder, *, part: Part) -> list[ReportOrder]:
        """Return the orders that a process must know of, the one that it does first: what a notebook's run is protected with is known
        when all have been run, until then it is all that were asked for.
        """
        members = self.protected if part in (Part.PROTECT, Part.BUILD) else self.outcomes
        return [order, *(outcome.order for outcome in members if outcome.order != order)]

    def after_running(self) -> list[Work]:
        """Return the protection, when the last notebook has been run."""
        self.n_run += 1
        if self.n_run < len(self.outcomes):
            return []
        self.protected = tuple(outcome for outcome in self.outcomes if outcome.error is None)
        return [Work(self.protected, Part.PROTECT, self)] if self.protected else []

    def after_protecting(self, *, listener: Listener, root: Path) -> list[Work]:
        """Return the building of every report that is not there unchanged, protected with just these."""
        is_whole, works = len(self.protected) == len(self.outcomes), []
        of_order = {rerun.order: rerun for rerun in self.reruns}
        for outcome in self.protected:
            rerun = of_order[outcome.order]
            if is_whole and rerun.bundle is not None:
                outcome.folder = bundle_folder(rerun, root=root)
                listener.ended(outcome)
            else:
                works.append(Work((outcome,), Part.BUILD, self, anew=rerun.anew))
        return longest_first(works)


def longest_first(works: Iterable[Work]) -> list[Work]:
    """Return works with the reports on a whole municipality first: they take longest, and one that is left alone at the end keeps one process."""
    return sorted(works, key=lambda work: work.order.params.chosen_area() is not None)


@dataclass(eq=False)
class Work:
    """A process under way: a part of the making of one report, or of several."""

    outcomes: tuple[Outcome, ...]
    part: Part
    release: Release
    anew: bool = False
    error: KaaError | None = None
    stage: str | None = None
    since: float = 0.0

    @property
    def order(self) -> ReportOrder:
        """The report that it makes a part of, or the first of them."""
        return self.outcomes[0].order

    @property
    def keeps_results(self) -> bool:
        """Whether what the notebook of its report computes is there already."""
        return any(rerun.order == self.order and rerun.keeps_results for rerun in self.release.reruns)

    def hear(self, message: Mapping[str, Any], *, listener: Listener) -> None:
        """Take in what the process tells."""
        if "stage" in message:
            self.begin(message["stage"])
            listener.began(self.order, message["stage"])
        elif "detail" in message:
            listener.detail(self.order, message["detail"])
        elif "error" in message:
            self.error = error_of(message["error"])
        elif "made" in message:
            [outcome] = self.outcomes
            outcome.folder, outcome.changed = message["made"]["folder"], message["made"]["changed"]

    def begin(self, stage: str | None) -> None:
        """Note how long the stage before took, and that another begins."""
        now = time.monotonic()
        if self.stage is not None:
            seconds = self.outcomes[0].seconds
            seconds[self.stage] = seconds.get(self.stage, 0.0) + now - self.since
        self.stage, self.since = stage, now
