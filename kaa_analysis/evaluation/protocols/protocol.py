"""`Protocol`: everything that is decided of an evaluation before an outcome is read."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from kaa_analysis.core.provenance import hash_value
from kaa_analysis.evaluation.protocols.protocol_fields import NOBODY_YET, Key, ProtocolPart, Text
from kaa_analysis.evaluation.protocols.protocol_parts import (
    AnalysisPlan,
    Assumption,
    CovariatePlan,
    DecisionReference,
    DecisionRule,
    Eligibility,
    Estimand,
    FollowUpPlan,
    Multiplicity,
    OutcomePlan,
    Strategies,
    TimeZero,
)
from kaa_analysis.schema.tables import table_schema
from kaa_analysis.target_population.numbered_rows import HISTORY_COLUMNS, PERSON_COLUMNS

OF_ADMISSIONS = ("admissions.outcome", "admissions.person_id", "admissions.year")
TARGET_GROUP_COLUMNS = frozenset(
    (
        *(f"persons.{column}" for column in PERSON_COLUMNS),
        *(f"{table}.{column}" for table, columns in HISTORY_COLUMNS.items() for column in columns),
        *OF_ADMISSIONS,
    )
)
"""What the rules of the target group read."""


class ContradictionsError(ValueError):
    """Fields that are right by themselves and cannot stand together: for each the path of the field and the reason, in Swedish."""

    def __init__(self, found: list[tuple[tuple[str, ...], str]]) -> None:
        self.found = found
        super().__init__("; ".join(reason for _, reason in found))


class Protocol(ProtocolPart):
    """A protocol. Every field is written out, null where there is nothing to say: what is not said is not agreed on."""

    title: Text = Field(description="utvärderingens namn för läsare")
    version: int = Field(ge=1, description="versionens nummer, 1 för den första")
    purpose: Literal["follow_up", "statistics", "research"] = Field(
        description="ändamålet: follow_up (uppföljning), statistics (art. 89 dataskyddsförordningen) eller research (forskning, med etikprövning)"
    )
    ethics_reference: Text | None = Field(
        description="etikprövningens beteckning, som krävs när purpose är research; annars null"
    )
    decisions: tuple[DecisionReference, ...] = Field(
        description="beslut som utvärderingen vilar på, en lista; tom om inga finns"
    )
    question: Text = Field(description="frågan, en mening")
    eligibility: Eligibility = Field(description="vilka som ingår")
    strategies: Strategies = Field(description="vad som jämförs")
    assignment: Literal["observed", "alternated", "randomised"] = Field(
        description="hur det avgjordes vem som fick vad: observed (inte av oss), alternated (varannan) eller randomised (lottat)"
    )
    time_zero: TimeZero = Field(description="tidens början")
    follow_up: FollowUpPlan = Field(description="uppföljningen")
    outcomes: dict[Key, OutcomePlan] = Field(min_length=1, description="utfallen, vart och ett under sitt namn")
    estimand: Estimand = Field(description="det tal som söks")
    assumptions: dict[Key, Assumption] = Field(
        min_length=1, description="antagandena, vart och ett under sitt namn, med vem som står för det"
    )
    covariates: dict[Key, CovariatePlan] = Field(
        description="variabler före insatsen, var och en under sitt namn, med varför det justeras för den eller inte"
    )
    analysis: AnalysisPlan = Field(description="analysen")
    multiplicity: Multiplicity = Field(description="vad som görs åt att flera svar söks")
    decision_rule: DecisionRule = Field(description="vad som beslutas av vilket resultat")

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Protocol:
        if found := _contradictions(self):
            raise ContradictionsError(found)
        return self

    @property
    def primary_outcome(self) -> str:
        """The name of the primary outcome."""
        return next(name for name, outcome in self.outcomes.items() if outcome.primary)

    @property
    def closed_columns(self) -> frozenset[str]:
        """The columns (``table.column``) that an outcome or the end of follow-up is read from: closed until the protocol is frozen.

        Where one of them is a day that every row has, the row itself is what happens, and the whole table is closed.
        """
        parts = (*self.outcomes.values(), self.follow_up)
        named = frozenset(column for part in parts for column in part.columns)
        of_events = {column.partition(".")[0] for column in named if _every_row_has_the_day(column)}
        return named | {f"{table}.{column}" for table in of_events for column in table_schema(table).columns}

    @property
    def open_columns(self) -> frozenset[str]:
        """The columns that can be read before the protocol is frozen: those it names itself, for anything but an outcome or the end of follow-up."""
        parts = (*self.covariates.values(), self.eligibility, self.strategies.exposure, self.time_zero)
        return frozenset(column for part in parts for column in part.columns) - self.closed_columns

    @property
    def named_columns(self) -> frozenset[str]:
        """Every column that the protocol names, those of the target group's rules with them where it asks for those."""
        of_rules = TARGET_GROUP_COLUMNS if self.eligibility.target_group else frozenset()
        parts = (
            *self.outcomes.values(),
            *self.covariates.values(),
            self.eligibility,
            self.strategies.exposure,
            self.time_zero,
            self.follow_up,
        )
        return of_rules.union(*(part.columns for part in parts))

    @property
    def unvouched(self) -> tuple[str, ...]:
        """The names of the assumptions that nobody vouches for yet."""
        return tuple(
            name for name, one in self.assumptions.items() if one.vouched_by.casefold() == NOBODY_YET.casefold()
        )

    def content(self) -> dict[str, Any]:
        """Return what the protocol says as plain JSON values: neither comments, nor the order of keys, nor how lines are wrapped."""
        return self.model_dump(mode="json")


def protocol_hash(name: str, protocol: Protocol) -> str:
    """Return the SHA-256, in hex, of what the protocol called ``name`` says."""
    return content_hash(name, protocol.content())


def content_hash(name: str, content: dict[str, Any]) -> str:
    """Return the SHA-256, in hex, of the content of the protocol called ``name``.

    >>> content_hash("a", {"x": 1, "y": 2}) == content_hash("a", {"y": 2, "x": 1})
    True
    """
    return hash_value({"name": name, "content": content})


def _every_row_has_the_day(column: str) -> bool:
    table, _, name = column.partition(".")
    schema = table_schema(table).columns[name]
    return schema.type == "date" and not schema.nullable


def _contradictions(protocol: Protocol) -> list[tuple[tuple[str, ...], str]]:
    exposure, outcomes = protocol.strategies.exposure, protocol.outcomes
    n_primary = sum(outcome.primary for outcome in outcomes.values())
    of_outcomes = frozenset(column for outcome in outcomes.values() for column in outcome.columns)
    both = sorted(of_outcomes & frozenset(exposure.columns))
    rules = (
        (
            protocol.purpose == "research" and protocol.ethics_reference is None,
            ("ethics_reference",),
            "forskning (purpose: research) kräver en etikprövning",
        ),
        (n_primary != 1, ("outcomes",), f"precis ett utfall ska vara primärt, inte {n_primary}"),
        (
            protocol.estimand.horizon_months not in protocol.follow_up.horizons_months,
            ("estimand", "horizon_months"),
            "estimandens horisont ska vara en av uppföljningens (follow_up.horizons_months)",
        ),
        (
            bool(both),
            ("strategies", "exposure", "columns"),
            f"en kolumn kan inte vara både exponering och utfall: {', '.join(both)}",
        ),
        (
            (protocol.estimand.measure == "hazard_ratio") != (exposure.strategy == "time_varying"),
            ("estimand", "measure"),
            "hazard_ratio hör till strategin time_varying, och bara till den",
        ),
        (
            exposure.needs_contact
            and protocol.assignment == "observed"
            and protocol.time_zero.event != "first_reached",
            ("time_zero", "event"),
            "när deltagandet kräver att ungdomen har nåtts börjar tiden då (first_reached)",
        ),
        (
            protocol.analysis.method == "randomised_difference" and protocol.assignment == "observed",
            ("analysis", "method"),
            "randomised_difference kräver att vi själva avgjorde vem som fick vad (assignment)",
        ),
    )
    return [(path, reason) for is_wrong, path, reason in rules if is_wrong]
