"""The outreach funnel: registered, sought, answered, answered by the youth, reached, in support."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts import Cohort
from kaa_analysis.cohorts.spells import observed_end
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Count, Dimension, Equation, Result, Share
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.attempts import attempts_to, first_entries
from kaa_analysis.indicators.splits import SEX
from kaa_analysis.indicators.stock import dated_in
from kaa_analysis.indicators.tally import share, spread, table, tally

if TYPE_CHECKING:
    from kaa_analysis.store import Register

STEP = Dimension(
    "step",
    "Steg",
    {
        "registered": "Registrerade",
        "sought": "Minst ett kontaktförsök",
        "responded": "Ungdomen eller vårdnadshavare svarade",
        "youth_responded": "Ungdomen själv svarade",
        "reached": "Nådda (samtal med ungdomen)",
        "in_support": "Började i stöd efter att ha nåtts",
    },
)

N_REACHED_STEP = Count("n", "Personer", measure="outreach", key=True)
N_STOPPED = Count("n_stopped", "Kom inte längre än hit", measure="outreach_stopped")
N_REGISTERED = Count(
    "n_registered", "Registrerade", measure=splits.COVERED.measure, regardless_of=(STEP.name,), cumulative=True
)


def outreach_funnel(register: Register, cohort: Cohort, *, period: Period) -> Result:
    """Count how far the persons registered during a period came: sought, answered, reached, begun in support.

    The steps are nested. *Sought* is an outgoing attempt of any channel; *answered* that the youth or a guardian answered one
    (who stops here has a guardian's answer only); then that the youth did, if only to decline;
    *reached* that an attempt became a two-way conversation with the youth; *in support* that an intervention began on that day or
    later. Only what was dated in the observed part of the period, on or after the person's first entry date in the cohort, counts.
    A contact that the youth took (drop-in, incoming) is no success of outreach and moves nobody forward.

    Raises:
        DefinitionError: the cohort is of another period or extract.

    **Counts**: persons, each once; ``n_stopped`` those for whom this step was the last one.
    **Time**: contact date, response date and start of intervention in ``[start, end)``, before the day of extract.
    **Missing**: a response without date counts on the day of the attempt; without responder, the outcome decides.
    **Source**: handlingsplanen avsnitt 4.3.2 and 7.1.
    """
    splits.require_registered(register, cohort, period)
    furthest = furthest_step(register, cohort, period=period)
    codes = list(STEP.labels)
    arrived = pd.concat([furthest[furthest["rank"] >= rank].assign(step=code) for rank, code in enumerate(codes)])
    n = tally(arrived, by=[STEP, SEX])
    stopped = tally(furthest.assign(step=furthest["rank"].map(dict(enumerate(codes)))), by=[STEP, SEX])
    registered = spread(n.xs("registered", level="step"), over=n, split=STEP)
    context = splits.place(register.extract_date, area=cohort.area, period=period.label)
    return Result(
        id=f"outreach_funnel_{period.calendar}",
        title=f"Från registrerad till stöd{splits.located(cohort.area)}, {period.label}",
        columns=(
            STEP,
            SEX,
            N_REACHED_STEP,
            N_STOPPED,
            N_REGISTERED,
            Share("share_of_registered", "Andel av registrerade", N_REACHED_STEP.name, N_REGISTERED.name),
        ),
        table=table(
            {
                N_REACHED_STEP.name: n,
                N_STOPPED.name: stopped,
                N_REGISTERED.name: registered,
                "share_of_registered": share(n, registered),
            }
        ),
        context=context,
        equations=tuple(_nested(context)),
        note="Varje steg är en del av steget före. De som inte kom längre än till svar från ungdomen eller vårdnadshavare är de där bara en "
        "vårdnadshavare har svarat; att avböja räknas som ungdomens svar. Kontakt som ungdomen själv tog räknas inte som ett resultat av "
        "uppsökandet. Stöd som kräver samtycke kan saknas, så sista steget är ett minsta antal."
        + splits.whose(cohort.area)
        + splits.partly_observed([period], register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("outreach_funnel", area=cohort.area),
    )


def furthest_step(register: Register, cohort: Cohort, *, period: Period) -> pd.DataFrame:
    """Return a row per person of the cohort: person_id, sex, entered, rank (the number of the last step that the person came to)."""
    first = first_entries(cohort)
    attempts = attempts_to(cohort, register, period=period)
    first_reached = attempts[attempts["reached"]].groupby("person_id", sort=False)["date"].min()
    begun = register.table("interventions", columns=["person_id", "start_date"])
    begun = begun[dated_in(begun["start_date"], period.start, observed_end(period, cohort.observed_to))]
    after = begun["start_date"] >= first_reached.reindex(begun["person_id"]).set_axis(begun.index)
    steps = [
        attempts["person_id"],
        attempts.loc[attempts["answered"], "person_id"],
        attempts.loc[attempts["youth_answered"], "person_id"],
        attempts.loc[attempts["reached"], "person_id"],
        begun.loc[after, "person_id"],
    ]
    return first.assign(rank=sum(first["person_id"].isin(step).astype(int) for step in steps))


def _nested(context: dict[str, str]) -> list[Equation]:
    codes = list(STEP.labels)
    found = []
    for sex in SEX.labels:
        covered = splits.at(splits.COVERED.measure, context, sex=sex)
        for code, following in zip(codes, [*codes[1:], None], strict=True):
            here = splits.at(N_REACHED_STEP.measure, context, step=code, sex=sex)
            stopped = splits.at(N_STOPPED.measure, context, step=code, sex=sex)
            terms = [(1, here), (-1, stopped)]
            if following:
                terms.append((-1, splits.at(N_REACHED_STEP.measure, context, step=following, sex=sex)))
            found.append(Equation("Stegets antal minus nästa steg är de som inte kom längre", tuple(terms)))
        registered = splits.at(N_REACHED_STEP.measure, context, step="registered", sex=sex)
        found.append(splits.same("Första steget är alla registrerade", registered, covered))
    return found
