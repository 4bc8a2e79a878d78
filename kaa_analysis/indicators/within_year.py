"""What has become of those who came in a period, a year after each of them came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts.inhabitants import counted_in
from kaa_analysis.cohorts.spells import observed_end, require_history
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Count, Result, RowSum, Share
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.exits import TO_STUDIES
from kaa_analysis.indicators.flow_parts import YEAR
from kaa_analysis.indicators.splits import ENTRIES, SEX
from kaa_analysis.indicators.stock import dated_in
from kaa_analysis.indicators.tally import share, table, tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

N_ENTRIES = Count("n_entries", "Nya registreringar", measure=ENTRIES, unit="spells", cumulative=True)
N_NOT_YET = Count("n_not_yet", "Ännu inte följda ett år", measure="entries_not_yet_followed", unit="spells")
N_FOLLOWED = Count("n_followed", "Följda ett år", measure="entries_followed", unit="spells", cumulative=True)
N_STUDIES = Count(
    "n_studies_within_year",
    "Till studier inom ett år",
    measure="entries_studies_within_year",
    unit="spells",
    cumulative=True,
)
N_ELSEWHERE = Count(
    "n_elsewhere_within_year",
    "Andra avslut inom ett år",
    measure="entries_elsewhere_within_year",
    unit="spells",
    cumulative=True,
)
N_STILL = Count(
    "n_still_after_year", "Kvar efter ett år", measure="entries_still_after_year", unit="spells", cumulative=True
)
WITHIN_YEAR = Share("share_within_year", "Andel till studier inom ett år", N_STUDIES.name, N_FOLLOWED.name)


def studies_within_year(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count, of the registrations that began in each period, those that ended in studies, ended otherwise or ran on a year later.

    Only registrations that began a year before the day of extract, or earlier, are followed; the others are a column of their own, also if
    they have ended, so that those who leave soon do not weigh too much. ``area`` as in `stock_and_flow`.

    Raises:
        DefinitionError: no period, a label twice, or a period of which no day is observed; as in `belonging_to`.

    **Counts**: registrations (spells).
    **Time**: exit_date before the same day a year after entry_date (28 February for the 29th).
    **Missing**: an exit without a reason is elsewhere; nobody followed, no share.
    **Source**: the report's own measure beside that of Skolverket 2022-05-24.
    """
    split = splits.period_dimension(periods)
    rows = pd.concat(
        [_began(period, register=register, population=population, area=area) for period in periods],
        ignore_index=True,
    )
    by = [split, SEX]
    counts = {N_ENTRIES.name: tally(rows, by=by)}
    for count, outcomes in (
        (N_NOT_YET, ["not_yet"]),
        (N_FOLLOWED, ["studies", "elsewhere", "still"]),
        (N_STUDIES, ["studies"]),
        (N_ELSEWHERE, ["elsewhere"]),
        (N_STILL, ["still"]),
    ):
        counts[count.name] = tally(rows[rows["outcome"].isin(outcomes)], by=by)
    counts[WITHIN_YEAR.name] = share(counts[N_STUDIES.name], counts[N_FOLLOWED.name])
    return Result(
        id="studies_within_year",
        title=f"Nya registreringar som ledde till studier inom ett år{splits.located(area)}, {splits.span(periods)}",
        columns=(*by, N_ENTRIES, N_NOT_YET, N_FOLLOWED, N_STUDIES, N_ELSEWHERE, N_STILL, WITHIN_YEAR),
        table=table(counts),
        context=splits.place(register.extract_date, area=area),
        row_sums=(
            RowSum(N_ENTRIES.name, (N_NOT_YET.name, N_FOLLOWED.name)),
            RowSum(N_FOLLOWED.name, (N_STUDIES.name, N_ELSEWHERE.name, N_STILL.name)),
        ),
        note="Varje ny registrering följs ett år från sin första dag. Den som började mindre än ett år före uttaget kan inte följas så länge "
        "och står för sig, även om registreringen redan är avslutad."
        + splits.whose(area)
        + splits.breaks(register, periods, population=population, area=area)
        + splits.partly_observed(periods, register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("studies_within_year", area=area),
    )


def _began(
    period: Period,
    *,
    register: Register,
    population: TargetPopulation | None,
    area: ChosenArea | None,
) -> pd.DataFrame:
    """Return a row per spell that began in the period: sex, period, outcome after a year."""
    require_history(register, period)
    own = counted_in(register, period, population=population, area=area)
    own = own[dated_in(own["entry_date"], period.start, observed_end(period, register.extract_date))]
    after_year = own["entry_date"] + YEAR
    left = own["exit_date"] < after_year
    outcome = pd.Series("still", index=own.index).mask(left, "elsewhere")
    outcome = outcome.mask(left & own["exit_reason"].isin(TO_STUDIES), "studies")
    outcome = outcome.mask(after_year > pd.Timestamp(register.extract_date), "not_yet")
    return pd.DataFrame({"sex": own["sex"], "period": period.label, "outcome": outcome})
