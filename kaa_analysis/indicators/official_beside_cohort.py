"""The official share of exits that go to studies beside that of an entry cohort, step by step from the one to the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts import Cohort, FollowUp
from kaa_analysis.cohorts.inhabitants import counted_in, of_the_same
from kaa_analysis.cohorts.spells import observed_end
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.result import Cell, Count, Dimension, Equation, Result, Share, cell
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.exits import STUDY_STARTS, TO_STUDIES
from kaa_analysis.indicators.splits import EXITS
from kaa_analysis.indicators.stock import dated_in
from kaa_analysis.indicators.tally import share
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

STEP = Dimension(
    "official_step",
    "Steg",
    {
        "official": "Officiellt mått: avslut till studier, av alla avslut under perioden",
        "starts": "Bara studiestarter: fullföljd utbildning är ingen studieplats",
        "entered": "Bara avslut för dem som registrerades under perioden",
        "chosen": "Bara registreringarna i kohorten",
        "still": "Nämnaren: alla i kohorten, också de som var kvar vid periodens slut",
        "to_extract": "Täljaren: studiestarter ända till uttaget",
        "followed": "Bara de som kan följas, till 20-årsdagen",
    },
)
N_STUDIES = Count("n_studies", "Till studier", measure="official_step_studies", unit="spells")
N_ALL = Count("n_all", "Av", measure="official_step_all", unit="spells")
OTHERS = "official_step_others"
ONE_SIDED = {
    ("starts", "entered"): "De som redan var registrerade vid periodens början",
    ("entered", "chosen"): "De som registrerades under perioden men inte är med i kohorten",
}
"""The steps that leave out a group of exits, and who they are."""


def official_beside_cohort(
    register: Register, cohort: Cohort, follow_up: FollowUp, *, population: TargetPopulation | None = None
) -> Result:
    """Count exits to studies and what they are a share of, in steps from the official measure to the cohort that is followed.

    The first step is `share_to_studies` of the cohort's period, the last one the placements of ``follow_up`` of those who are followed; each step
    changes one thing and the equations say how many it leaves out or takes in, down to the last registration. `study_measures` of the same
    period tells the first and the fifth by sex. The cumulative incidence is one step more: it follows everybody equally long.

    Raises:
        DefinitionError: the cohort is not one of those entering, ``follow_up`` is not that of it from time zero, or no KAA register.

    **Counts**: registrations (spells).
    **Time**: exit_date in the observed part of the period, from *to_extract* on up to the day of extract; in the last step as in the follow-up.
    **Missing**: an exit without a reason is not to studies.
    **Source**: Skolverket 2022-05-24 (official measure); the steps are the report's own.
    """
    _require(register, cohort, follow_up)
    rows = _steps(register, cohort, follow_up, population)
    studies = pd.Series({step: n for step, (n, _) in rows.items()}, dtype="Int64")
    everybody = pd.Series({step: n for step, (_, n) in rows.items()}, dtype="Int64")
    period = cohort.period.label
    context = splits.place(register.extract_date, period=period)
    table = pd.DataFrame(
        {
            STEP.name: list(rows),
            N_STUDIES.name: studies.array,
            N_ALL.name: everybody.array,
            "share": share(studies, everybody).array,
        }
    )
    return Result(
        id="official_beside_cohort",
        title=f"Från det officiella måttet till kohorten, {period}",
        columns=(STEP, N_STUDIES, N_ALL, Share("share", "Andel", N_STUDIES.name, N_ALL.name)),
        table=table,
        context=context,
        equations=tuple(_equations(cohort, follow_up, context)),
        note="Varje rad ändrar en sak i raden ovanför. Det officiella måttet räknar bara dem som har lämnat registret och har med dem som kom "
        "tidigare år; i kohorten räknas alla som kom under perioden, också de som är kvar. De som kom sent har då haft kort tid på sig: därför "
        "är andelen inom en viss tid, med alla följda lika länge, ett eget mått.",
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("official_beside_cohort"),
    )


def _require(register: Register, cohort: Cohort, follow_up: FollowUp) -> None:
    known = register.is_kaa and cohort.name in ("entering", "entering_first") and cohort.area is None
    if not known or (follow_up.cohort, follow_up.period) != (cohort.name, cohort.period):
        raise DefinitionError(
            "Det officiella måttet ställs bredvid dem som registrerades i KAA under perioden, och uppföljningen av just dem.",
            found=f"kohorten {cohort.name}, uppföljningen {follow_up.cohort}",
            action="gör kohorten med entering_during och uppföljningen av den från start",
        )


def _steps(
    register: Register, cohort: Cohort, follow_up: FollowUp, population: TargetPopulation | None
) -> dict[str, tuple[int, int]]:
    """Return the number to studies and the number that it is a share of, step by step."""
    period, spells = cohort.period, cohort.spells_table
    counted = counted_in(register, period, population=population)
    end = observed_end(period, register.extract_date)
    exits = counted[dated_in(counted["exit_date"], period.start, end)]
    entered = exits[dated_in(exits["entry_date"], period.start, end)]
    chosen = entered[of_the_same(entered, spells)]
    left = spells["exit_date"] <= pd.Timestamp(cohort.observed_to)
    n_to_extract = int((spells["exit_reason"].isin(STUDY_STARTS) & left).sum())
    n_placed = int((follow_up.times_table["way_out"] == follow_up.sought).sum())
    return {
        "official": (int(exits["exit_reason"].isin(TO_STUDIES).sum()), len(exits)),
        "starts": (_starts(exits), len(exits)),
        "entered": (_starts(entered), len(entered)),
        "chosen": (_starts(chosen), len(chosen)),
        "still": (_starts(chosen), len(spells)),
        "to_extract": (n_to_extract, len(spells)),
        "followed": (n_placed, len(follow_up.times_table)),
    }


def _starts(exits: pd.DataFrame) -> int:
    return int(exits["exit_reason"].isin(STUDY_STARTS).sum())


def _equations(cohort: Cohort, follow_up: FollowUp, context: dict[str, str]) -> Iterator[Equation]:
    def at(measure: str, step: str) -> Cell:
        return cell(measure, **context, **{STEP.name: step})

    for step in STEP.labels:
        yield Equation(
            "Till studier eller inte",
            ((-1, at(N_ALL.measure, step)), (1, at(N_STUDIES.measure, step)), (1, at(OTHERS, step))),
        )
    for measure, step, official in (
        (N_STUDIES.measure, "official", "exits_to_studies"),
        (N_ALL.measure, "official", EXITS),
        (N_STUDIES.measure, "starts", "exits_study_starts"),
        (N_ALL.measure, "starts", EXITS),
    ):
        yield splits.same(
            "Det officiella måttet är samma tal i båda tabellerna", at(measure, step), cell(official, **context)
        )
    for (before, step), name in ONE_SIDED.items():
        for measure in (N_STUDIES.measure, N_ALL.measure, OTHERS):
            yield _left_out(name, at(measure, before), at(measure, step), at(f"{measure}_left_out", step))
    origin = cell(EXITS, **context, origin="entered")
    yield splits.same("Avsluten för dem som kom under perioden är samma tal", at(N_ALL.measure, "entered"), origin)
    yield splits.same("Täljaren är densamma", at(N_STUDIES.measure, "chosen"), at(N_STUDIES.measure, "still"))
    yield _left_out(
        "De i kohorten som var kvar vid periodens slut",
        at(N_ALL.measure, "still"),
        at(N_ALL.measure, "chosen"),
        at("official_step_still", "still"),
    )
    yield splits.same("Nämnaren är densamma", at(N_ALL.measure, "still"), at(N_ALL.measure, "to_extract"))
    yield _left_out(
        "Studiestarter efter perioden",
        at(N_STUDIES.measure, "to_extract"),
        at(N_STUDIES.measure, "still"),
        at("official_step_later", "to_extract"),
    )
    yield from _followed(cohort, follow_up, context, at=at)


def _followed(
    cohort: Cohort, follow_up: FollowUp, context: dict[str, str], *, at: Callable[[str, str], Cell]
) -> Iterator[Equation]:
    """Give what the last step leaves out, and that it is what the tables of the follow-up count."""
    base = f"{follow_up.cohort}_follow_up"
    for step, of_base in (("to_extract", "included"), ("followed", "followed")):
        yield splits.same(
            "Kohorten och de som följs är samma tal", at(N_ALL.measure, step), cell(base, **context, step=of_base)
        )
    yield _left_out(
        "De som inte kan följas",
        at(N_ALL.measure, "to_extract"),
        at(N_ALL.measure, "followed"),
        at("official_step_not_followed", "followed"),
    )
    lost, gained = at("official_step_lost", "followed"), at("official_step_gained", "followed")
    yield Equation(
        "Studiestarter som inte är en studieplats i uppföljningen, och tvärtom",
        (
            (-1, at(N_STUDIES.measure, "to_extract")),
            (1, at(N_STUDIES.measure, "followed")),
            (1, lost),
            *(((-1, gained),) if cohort.law_changes else ()),
        ),
    )
    grid = {"months": "24", "way_out": follow_up.sought}
    yield Equation(
        "Studieplatser: inom två år och senare",
        (
            (-1, at(N_STUDIES.measure, "followed")),
            (1, cell(f"{follow_up.cohort}_events_to_date", **context, **grid)),
            (1, cell(f"{follow_up.cohort}_events_later", **context, way_out=follow_up.sought)),
        ),
    )


def _left_out(name: str, whole: Cell, part: Cell, rest: Cell) -> Equation:
    return Equation(name, ((-1, whole), (1, part), (1, rest)))
