"""One district beside the whole city: the few numbers of a district sheet, each the same cell as in the reports on the two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts import registered_during
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.methods import method_of
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Count, Dimension, Equation, Result, Share
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.exits import share_to_studies
from kaa_analysis.indicators.funnel import N_REACHED_STEP, outreach_funnel
from kaa_analysis.indicators.promptness import first_attempt_within_month
from kaa_analysis.indicators.splits import COVERED, SEX
from kaa_analysis.indicators.stock import N_END, N_ENTRIES, N_EXITS, stock_and_flow
from kaa_analysis.indicators.tally import share
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

DECIDED = ("within", "later_or_none", "left_before")
"""How the first month can have ended; those registered in the summer and those whose month runs stand outside."""

FIRST_ATTEMPT = "first_attempt"


def district_beside_city(
    register: Register,
    *,
    period: Period,
    school_year: Period,
    area: ChosenArea | None,
    population: TargetPopulation | None = None,
) -> Result:
    """Count the stock, flow, exits to studies, reached and promptly sought of a district and of the whole city, side by side.

    ``school_year`` is the läsår that outreach is told for, ``period`` what all else is. Every count is a cell of `stock_and_flow`,
    `share_to_studies`, `outreach_funnel` or `first_attempt_within_month`, or the sum of three cells of the last, in a report on the
    district and in one on the city.

    Raises:
        DefinitionError: no district is chosen; as the functions named.

    **Counts**: registrations (spells); persons covered and reached during the läsår.
    **Time**: as the functions named; of the new registrations those whose first month is over, registered outside the summer.
    **Missing**: as the functions named; nothing to divide by, no share.
    **Source**: handlingsplanen avsnitt 4.3.2, 7.1, 7.2 and 8.3.
    """
    if area is None:
        raise DefinitionError(
            "Stadsdelsbladet gäller ett område.", found="hela kommunen", action="välj ett område med area"
        )
    sides = {
        code: _side(register, period, school_year, population, of) for code, of in ((area.code, area), ("all", None))
    }
    columns = _columns(school_year)
    frame = pd.concat(sides, names=["district"]).reset_index()
    of_district = Dimension(
        "district", "Område", {area.code: area.label, "all": "Hela staden"}, total="all", additive=False
    )
    context = splits.place(register.extract_date, period=period.label)
    return Result(
        id="district_beside_city",
        title=f"{area.label} bredvid hela staden, {period.label}",
        columns=(of_district, SEX, *columns),
        table=_with_shares(frame, columns)[["district", "sex", *(column.name for column in columns)]],
        context=context,
        equations=tuple(_links(context, school_year, area)),
        note="Nya registreringar på sommaren, och de vars första månad inte har gått ut, räknas inte bland dem vars "
        f"första månad är avgjord. Till området räknas de som bodde {area.located} {splits.LAST_TARGET_DAY}."
        f"{splits.partly_observed([period], register.extract_date)}",
        source=splits.citation(register.source, register.extract_date),
        method=method_of("district_beside_city", splits.METHODS),
    )


def _columns(school_year: Period) -> tuple[Count | Share, ...]:
    return (
        N_END,
        N_ENTRIES,
        N_EXITS,
        Count("n_to_studies", "Avslut till studier", measure="exits_to_studies", unit="spells", cumulative=True),
        Share("share_to_studies", "Andel av avsluten", "n_to_studies", N_EXITS.name),
        Count("n_lasar", f"Personer i registret {school_year.label}", measure="covered_before"),
        Count("n_reached", "Nådda av dem", measure="reached_before"),
        Share("share_reached", "Andel nådda", "n_reached", "n_lasar"),
        Count("n_decided", "Nya vars första månad är avgjord", measure="first_attempt_decided", unit="spells"),
        Count("n_within", "Kontaktförsök inom en månad", measure="first_attempt_in_time", unit="spells"),
        Share("share_within", "Andel inom en månad", "n_within", "n_decided"),
    )


def _side(
    register: Register,
    period: Period,
    school_year: Period,
    population: TargetPopulation | None,
    area: ChosenArea | None,
) -> pd.DataFrame:
    """Return the counts of the district, or of the city (None), by sex."""
    chosen = {"population": population, "area": area}
    flow = stock_and_flow(register, periods=[period], **chosen).frame.set_index("sex")
    studies = share_to_studies(register, periods=[period], **chosen).frame.set_index("sex")
    covered = registered_during(register, school_year, **chosen)
    steps = outreach_funnel(register, covered, period=school_year).frame.set_index(["step", "sex"])["n"]
    first_attempts = first_attempt_within_month(register, periods=[period], **chosen)
    by_status = first_attempts.frame.set_index(["status", "sex"])["n_spells"]
    return pd.DataFrame(
        {
            **{count.name: flow[count.name] for count in (N_END, N_ENTRIES, N_EXITS)},
            "n_to_studies": studies["n_to_studies"],
            "n_lasar": steps.xs("registered"),
            "n_reached": steps.xs("reached"),
            "n_decided": sum(by_status.xs(status) for status in DECIDED),
            "n_within": by_status.xs("within"),
        }
    )


def _with_shares(frame: pd.DataFrame, columns: tuple[Count | Share, ...]) -> pd.DataFrame:
    shares = {
        column.name: share(frame[column.numerator], frame[column.denominator])
        for column in columns
        if isinstance(column, Share)
    }
    return frame.assign(**shares)


def _links(context: Mapping[str, str], school_year: Period, area: ChosenArea) -> Iterator[Equation]:
    """Give which cell of another table each count is that goes by a name of its own here."""
    lasar = {**context, "period": school_year.label}
    for district in ("all", area.code):
        for sex in SEX.labels:
            at = {"district": district, "sex": sex}
            covered = splits.at(COVERED.measure, lasar, **at)
            yield splits.same("Läsårets registrerade", splits.at("covered_before", context, **at), covered)
            reached = splits.at(N_REACHED_STEP.measure, lasar, step="reached", **at)
            yield splits.same("Läsårets nådda", splits.at("reached_before", context, **at), reached)
            by_status = {status: splits.at(FIRST_ATTEMPT, context, status=status, **at) for status in DECIDED}
            in_time = splits.at("first_attempt_in_time", context, **at)
            yield splits.same("Försök inom en månad", in_time, by_status["within"])
            decided = splits.at("first_attempt_decided", context, **at)
            parts = ((1, own) for own in by_status.values())
            yield Equation("De avgjorda är tre av raderna om första kontaktförsöket", ((-1, decided), *parts))
