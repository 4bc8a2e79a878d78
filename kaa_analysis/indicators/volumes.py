"""How much outreach was done: attempts and persons by channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaa_analysis.cohorts import Cohort
from kaa_analysis.cohorts.contact_attempts import DROP_IN
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Count, Dimension, Equation, Result
from kaa_analysis.core.vocabularies import labels
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.attempts import attempts_to
from kaa_analysis.indicators.funnel import N_REACHED_STEP
from kaa_analysis.indicators.splits import SEX
from kaa_analysis.indicators.tally import table, tally

if TYPE_CHECKING:
    from kaa_analysis.store import Register

CHANNEL = Dimension(
    "channel",
    "Kanal",
    {"all": "Alla kanaler", **{code: label for code, label in labels("channel").items() if code != DROP_IN}},
    total="all",
    additive=False,
)
N_ATTEMPTS = Count("n_attempts", "Försök", measure="attempts", unit="attempts")
REPEATS = "repeated_attempts"
N_SOUGHT = Count("n_persons", "Personer", measure="persons_sought", cumulative=True)


def contact_volumes(register: Register, cohort: Cohort, *, period: Period) -> Result:
    """Count the contact attempts to the persons registered during a period, and those persons, by channel.

    The attempts are those of `outreach_funnel`: all persons with an attempt are the funnel's step *sought*. Contacts that the
    youth took (incoming, drop-in) are not outreach and are not in the table.

    Raises:
        DefinitionError: the cohort is of another period or extract.

    **Counts**: attempts (volumes of work); persons, each once per channel, so that the channels do not add up to the total.
    **Time**: the date of the attempt in ``[start, end)``, from the person's first entry date on, before the day of extract.
    **Missing**: nothing is missing: date, direction and channel are required in the register.
    **Source**: handlingsplanen avsnitt 7.1.
    """
    splits.require_registered(register, cohort, period)
    attempts = attempts_to(cohort, register, period=period)
    by = [CHANNEL, SEX]
    context = splits.place(register.extract_date, area=cohort.area, period=period.label)
    return Result(
        id=f"contact_volumes_{period.calendar}",
        title=f"Kontaktförsök per kanal{splits.located(cohort.area)}, {period.label}",
        columns=(*by, N_ATTEMPTS, N_SOUGHT),
        table=table(
            {N_ATTEMPTS.name: tally(attempts, by=by), N_SOUGHT.name: tally(attempts, by=by, distinct="person_id")}
        ),
        context=context,
        equations=(*_links(context), *_repeats(context)),
        note="En person som kontaktades i flera kanaler står i var och en av dem, men bara en gång i totalen. Brev och sms som skickas "
        "samtidigt är två försök."
        + splits.whose(cohort.area)
        + splits.partly_observed([period], register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("contact_volumes", area=cohort.area),
    )


def _repeats(context: dict[str, str]) -> list[Equation]:
    """Return that every person sought accounts for one attempt and the rest are repeats: one attempt is one person."""
    places = [{"channel": channel, "sex": sex} for channel in CHANNEL.labels for sex in SEX.labels]
    return [
        Equation(
            "Försöken är minst så många som personerna",
            (
                (1, splits.at(N_ATTEMPTS.measure, context, **place)),
                (-1, splits.at(N_SOUGHT.measure, context, **place)),
                (-1, splits.at(REPEATS, context, **place)),
            ),
            volumes=(REPEATS,),
        )
        for place in places
    ]


def _links(context: dict[str, str]) -> tuple[Equation, ...]:
    """Return that all persons with an attempt are the funnel's step *sought*."""
    return tuple(
        splits.same(
            "De som kontaktades i någon kanal är de som kontaktades",
            splits.at(N_SOUGHT.measure, context, sex=sex),
            splits.at(N_REACHED_STEP.measure, context, step="sought", sex=sex),
        )
        for sex in SEX.labels
    )
