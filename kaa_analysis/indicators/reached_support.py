"""Which support those reached chose: from the education administration, from the labour market administration, both or neither."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kaa_analysis.cohorts import Cohort, registered_during
from kaa_analysis.cohorts.contact_attempts import all_attempts
from kaa_analysis.cohorts.spells import observed_end
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Count, Dimension, Equation, Result, Share
from kaa_analysis.indicators.asked_periods import AskedPeriods
from kaa_analysis.indicators.attempts import first_entries
from kaa_analysis.indicators.funnel import N_REACHED_STEP
from kaa_analysis.indicators.outreach_rules import RULES, OutreachRules
from kaa_analysis.indicators.splits import SEX
from kaa_analysis.indicators.stock import dated_in
from kaa_analysis.indicators.tally import tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

CHOICE = Dimension(
    "choice",
    "Val av stöd",
    {
        "all": "Alla som nåddes första gången",
        "utbf_only": "Bara utbildningsförvaltningen",
        "amf_only": "Bara arbetsmarknadsförvaltningen",
        "both": "Båda förvaltningarna",
        "neither": "Ingen av dem",
        "already": "Hade redan stöd",
        "not_yet_decided": "Ännu inte avgjort",
    },
    total="all",
)
ADMINISTRATION = Dimension(
    "administration",
    "Förvaltning",
    {"utbf": "Utbildningsförvaltningen", "amf": "Arbetsmarknadsförvaltningen"},
)
CHOSE = {"utbf": ("utbf_only", "both"), "amf": ("amf_only", "both")}
"""The choices that are support from each administration."""
DECIDED = ("utbf_only", "amf_only", "both", "neither", "already")

N_FIRST_REACHED = Count("n_persons", "Personer", measure="first_reached", key=True)
N_DECIDED = Count(
    "n_decided", "Nådda första gången", measure="first_reached_decided", regardless_of=(ADMINISTRATION.name,)
)
N_CHOSE = Count("n_chose", "Valde stöd", measure="support_chosen")
REACHED_AGAIN = "reached_again"
CONSENT = "Uppgifter ur Jobbtorgs system finns bara för den som har lämnat samtycke, så arbetsmarknadsförvaltningens stöd är underskattat."


def support_after_reached(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
    rules: OutreachRules = RULES,
) -> Result:
    """Count those first reached in each period by the support that they accepted and began in the 60 days from that day on.

    *First reached*: reached in the funnel (`outreach_funnel`) and by no attempt before the period since the first entry. *Already*:
    in support on the day of the conversation, begun before it. *Not yet decided*: fewer than 60 days observed since.

    Raises:
        DefinitionError: a period stands twice, or no day of it is observed.

    **Counts**: persons, each once; the rows exclude each other.
    **Time**: the day of the first conversation in the period; start_date from that day on, before the 60 days are over.
    **Missing**: an offer without start date was not begun; one that is noted as declined was not accepted.
    **Source**: handlingsplanen avsnitt 7.1 point 5.
    """
    asked = AskedPeriods(register, periods, population, area)
    by = [asked.split, CHOICE, SEX]
    return asked.result(
        "support_after_reached",
        "Stöd efter att ha nåtts",
        by=by,
        counts={N_FIRST_REACHED: tally(_choices(asked, rules), by=by)},
        equations=_first_or_again(asked),
        note="Ett val är stöd som antogs och började inom två månader från samtalet; den vars tid inte har gått ut är ännu inte avgjord. "
        + CONSENT,
    )


def support_chosen(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
    rules: OutreachRules = RULES,
) -> Result:
    """Count how many of those first reached chose support from each administration, with the shares.

    The denominator is who was first reached and has been observed for 60 days, also who was in support already. That of the labour
    market administration is a least share: what comes from Flai needs consent, and the register holds nothing of who has refused, so
    that no bound above is less than all.

    Raises:
        DefinitionError: as in `support_after_reached`.

    **Counts**: persons; who chose both counts under both.
    **Time**: as in `support_after_reached`.
    **Missing**: support without consent is not in the register.
    **Source**: handlingsplanen avsnitt 7.1 point 5.
    """
    asked = AskedPeriods(register, periods, population, area)
    by = [ADMINISTRATION, asked.split, SEX]
    chosen = _choices(asked, rules)
    return asked.result(
        "support_chosen",
        "Andel nådda som valde stöd",
        by=by,
        counts={
            N_DECIDED: tally(_for_each(chosen, dict.fromkeys(CHOSE, DECIDED)), by=by),
            N_CHOSE: tally(_for_each(chosen, CHOSE), by=by),
        },
        shares=[Share("share_chose", "Andel som valde stöd", N_CHOSE.name, N_DECIDED.name)],
        equations=_sums(asked),
        note="Bland de nådda ingår alla vars tid för ett val har gått ut, även de som redan hade stöd. Den som valde stöd av båda räknas under båda. "
        + CONSENT
        + " Hur många fler det är går inte att räkna fram: registret har inget om dem som inte har samtyckt.",
    )


def _choices(asked: AskedPeriods, rules: OutreachRules) -> pd.DataFrame:
    """Return a row per person first reached in each period: period, person_id, sex, choice."""
    register = asked.register
    support = register.table("interventions", columns=["person_id", "provider", "accepted", "start_date", "end_date"])
    support = support[support["start_date"].notna() & support["accepted"].ne(False).fillna(True)]

    def of_period(period: Period) -> pd.DataFrame:
        cohort = registered_during(register, period, population=asked.population, area=asked.area)
        reached = _first_reached(register, cohort, period)
        return reached.assign(choice=_choice(reached, support, rules, observed_to=pd.Timestamp(register.extract_date)))

    return asked.in_each(of_period)


def _first_reached(register: Register, cohort: Cohort, period: Period) -> pd.DataFrame:
    """Return a row per person first reached in the period: person_id, sex, reached (the day of the conversation)."""
    known, first = all_attempts(register), first_entries(cohort)
    talks = known.rows.loc[known.rows["reached"], ["person", "date", "responded_date"]]
    talks = talks.assign(talked=talks["responded_date"].fillna(talks["date"]))
    first = first.assign(person=known.numbers_of(first["person_id"]))
    talks = talks.merge(first[first["person"] >= 0], on="person", how="inner", validate="many_to_one")
    talks = talks[talks["date"] >= talks["entered"]]
    start, end = pd.Timestamp(period.start), pd.Timestamp(observed_end(period, register.extract_date))
    before = talks.loc[(talks["date"] < start) & (talks["talked"] < start), "person_id"]
    inside = talks[dated_in(talks["date"], start, end) & (talks["talked"] < end)]
    inside = inside[~inside["person_id"].isin(before)]
    return inside.groupby(["person_id", "sex"], sort=False).agg(reached=("talked", "min")).reset_index()


def _choice(
    reached: pd.DataFrame, support: pd.DataFrame, rules: OutreachRules, *, observed_to: pd.Timestamp
) -> pd.Series:
    pairs = support.merge(reached, on="person_id", how="inner", validate="many_to_one")
    running = pairs["end_date"].isna() | (pairs["end_date"] > pairs["reached"])
    already = pairs.loc[(pairs["start_date"] < pairs["reached"]) & running, "person_id"]
    decided = reached["reached"] + pd.Timedelta(days=rules.decision_days)
    last = pairs["reached"] + pd.Timedelta(days=rules.decision_days)
    begun = pairs[(pairs["start_date"] >= pairs["reached"]) & (pairs["start_date"] < last)]
    utbf, amf = (
        reached["person_id"].isin(begun.loc[begun["provider"].eq(provider), "person_id"])
        for provider in ("utbf", "amf")
    )
    choices = {
        "already": reached["person_id"].isin(already),
        "not_yet_decided": decided > observed_to,
        "both": utbf & amf,
        "utbf_only": utbf,
        "amf_only": amf,
    }
    return pd.Series(np.select(list(choices.values()), list(choices), default="neither"), index=reached.index)


def _for_each(chosen: pd.DataFrame, choices: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    """Return the persons with each administration's choices, a row for each administration that they are of."""
    parts = [chosen[chosen["choice"].isin(of)].assign(administration=name) for name, of in choices.items()]
    return pd.concat(parts, ignore_index=True)


def _first_or_again(asked: AskedPeriods) -> Iterator[Equation]:
    """Give that who was reached in the period was so for the first time or had been before."""
    for at in asked.places():
        reached = at(N_REACHED_STEP.measure, step="reached")
        parts = ((-1, at(measure)) for measure in (N_FIRST_REACHED.measure, REACHED_AGAIN))
        yield Equation("Nådda: första gången eller igen", ((1, reached), *parts))


def _sums(asked: AskedPeriods) -> Iterator[Equation]:
    """Give how the numbers by administration follow from the choices."""
    for at in asked.places():
        choices = {"Avgjorda: alla val": (at(N_DECIDED.measure), DECIDED)}
        for code, label in ADMINISTRATION.labels.items():
            choices[f"{label}: bara den eller båda"] = at(N_CHOSE.measure, administration=code), CHOSE[code]
        for name, (total, of) in choices.items():
            parts = ((-1, at(N_FIRST_REACHED.measure, choice=one)) for one in of)
            yield Equation(name, ((1, total), *parts))
