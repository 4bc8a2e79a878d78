"""How much outreach was done: attempts and persons by channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaa_analysis.cohorts.spells import observed_end
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Count, Dimension, Result
from kaa_analysis.core.vocabularies import labels
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.splits import SEX
from kaa_analysis.indicators.stock import dated_in
from kaa_analysis.indicators.tally import table, tally

if TYPE_CHECKING:
    from kaa_analysis.store import Register

DROP_IN = "drop_in"
CHANNEL = Dimension(
    "channel",
    "Kanal",
    {"all": "Alla kanaler", **{code: label for code, label in labels("channel").items() if code != DROP_IN}},
    total="all",
    additive=False,
)


def contact_volumes(register: Register, *, period: Period) -> Result:
    """Count the outgoing contact attempts of a period and the persons they were made to, by channel.

    Contacts that the youth took (incoming, drop-in) are not outreach and are not in the table.

    Raises:
        DefinitionError: no day of the period is observed.

    **Counts**: attempts (volumes of work); persons, each once per channel, so that the channels do not add up to the total.
    **Time**: the date of the attempt in ``[start, end)``.
    **Missing**: nothing is missing: date, direction and channel are required in the register.
    **Source**: handlingsplanen avsnitt 7.1.
    """
    contacts = register.table("contacts", columns=["person_id", "date", "direction", "channel"])
    persons = register.table("persons", columns=["person_id", "sex"])
    made = dated_in(contacts["date"], period.start, observed_end(period, register.extract_date))
    attempts = contacts[made & contacts["direction"].eq("outgoing") & contacts["channel"].ne(DROP_IN)]
    attempts = attempts.merge(persons, on="person_id", how="left", validate="many_to_one")
    by = [CHANNEL, SEX]
    return Result(
        id="contact_volumes",
        title=f"Kontaktförsök per kanal, {period.label}",
        columns=(
            *by,
            Count("n_attempts", "Försök", measure="attempts", unit="attempts"),
            Count("n_persons", "Personer", measure="persons_sought"),
        ),
        table=table({"n_attempts": tally(attempts, by=by), "n_persons": tally(attempts, by=by, distinct="person_id")}),
        context=splits.place(register.extract_date, period=period.label),
        note="En person som söktes i flera kanaler står i var och en av dem, men bara en gång i totalen. Brev och sms som skickas "
        "samtidigt är två försök." + splits.partly_observed([period], register.extract_date),
        source=splits.citation(register.source, register.extract_date),
    )
