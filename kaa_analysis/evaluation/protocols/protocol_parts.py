"""The parts of a protocol. Field descriptions are the help that users read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from kaa_analysis.core.vocabularies import codes
from kaa_analysis.evaluation.protocols.protocol_fields import NOBODY_YET, Columns, Day, Key, ProtocolPart, Text
from kaa_analysis.schema.tables import table_schema

MATCHED_TABLES = frozenset({"schooling", "credentials", "school_cohorts"})
"""What is filled from the schools' own registers, alike for all: whether somebody was ever reached decides nothing there."""

KIND = "kind"


class DecisionReference(ProtocolPart):
    """A decision that the evaluation rests on."""

    reference: Text = Field(description="beslutets beteckning, till exempel diarienummer")
    date: Day = Field(description="beslutsdagen, ÅÅÅÅ-MM-DD")
    by: Text = Field(description="vilken nämnd eller befattning som har beslutat, inget personnamn")


class Eligibility(ProtocolPart):
    """Who can be in the evaluation."""

    rules: dict[Key, Text] = Field(min_length=1, description="villkoren för att ingå, ett namn och en mening för varje")
    columns: Columns = Field(description="kolumnerna som villkoren läses ur, tabell.kolumn")
    target_group: bool = Field(
        description="true om målgruppens regler (29 kap. 9 § skollagen) avgör; då läses också de kolumner som reglerna behöver"
    )


class Exposure(ProtocolPart):
    """What the strategies differ in."""

    columns: Columns = Field(min_length=1, description="kolumnerna som visar vem som fick vad och när, tabell.kolumn")
    kind: Key | None = Field(
        description="koden för slaget, till exempel aim i interventions.kind; null om kolumnerna inte har slag"
    )
    dated: Literal["before_time_zero", "at_time_zero", "after_time_zero"] = Field(
        description="när exponeringen inträffar: before_time_zero, at_time_zero eller after_time_zero"
    )
    strategy: Literal["landmark", "sequential_trials", "clone_censor_weight", "time_varying", "none"] = Field(
        description="hur en exponering efter tidens början hanteras: landmark, sequential_trials, clone_censor_weight eller time_varying; annars none"
    )
    landmark_months: int | None = Field(ge=1, le=36, description="landmärkets månad, bara med landmark; annars null")
    grace_months: int | None = Field(
        ge=1, le=36, description="anståndstid i månader, bara med clone_censor_weight; annars null"
    )
    needs_contact: bool = Field(description="true om bara den som har nåtts kan delta")
    known_only_with_consent: bool = Field(description="true om deltagandet bara är känt för den som har samtyckt")

    @model_validator(mode="after")
    def _strategy_fits(self) -> Exposure:
        problems = []
        if self.dated == "after_time_zero" and self.strategy == "none":
            problems.append(
                "exponeringen inträffar efter tidens början, och då ska en strategi väljas (strategy): annars räknas tiden fram till den som vunnen"
            )
        if self.dated != "after_time_zero" and self.strategy != "none":
            problems.append("strategy ska vara none när exponeringen är känd vid tidens början")
        for months, strategy in (("landmark_months", "landmark"), ("grace_months", "clone_censor_weight")):
            if (getattr(self, months) is None) == (self.strategy == strategy):
                problems.append(f"{months} anges med strategin {strategy} och är annars null")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @model_validator(mode="after")
    def _kind_is_known(self) -> Exposure:
        vocabularies = {
            schema.columns[KIND].vocabulary
            for schema in map(table_schema, {column.partition(".")[0] for column in self.columns})
            if KIND in schema.columns
        }
        known = set().union(*(codes(name) for name in vocabularies if name))
        if self.kind is not None and self.kind not in known:
            raise ValueError(f"slaget (kind) är ingen kod i tabellen; koder: {', '.join(sorted(known)) or 'inga'}")
        return self


class Strategies(ProtocolPart):
    """What is compared."""

    treated: Text = Field(description="strategin som prövas")
    comparison: Text = Field(description="strategin som den jämförs med")
    exposure: Exposure = Field(description="vad som skiljer strategierna åt, och var det läses")


class TimeZero(ProtocolPart):
    """From which day each is followed."""

    event: Literal[
        "registration", "first_target_day", "first_reached", "offer", "assigned", "end_of_compulsory_school"
    ] = Field(
        description="vad som händer vid tidens början: registration, first_target_day, first_reached, offer, assigned eller end_of_compulsory_school"
    )
    definition: Text = Field(description="vilken dag som är tidens början, i ord")
    columns: Columns = Field(description="kolumnerna som dagen läses ur, tabell.kolumn")


def _months_in_order(months: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(months)) < len(months):
        raise ValueError("en horisont står flera gånger")
    return tuple(sorted(months))


class FollowUpPlan(ProtocolPart):
    """For how long each is followed, and what ends it."""

    horizons_months: Annotated[tuple[Annotated[int, Field(ge=1, le=120)], ...], AfterValidator(_months_in_order)] = (
        Field(min_length=1, description="horisonter i hela månader från tidens början, en lista")
    )
    ends: Text = Field(description="vad som avslutar uppföljningen, och hur den som fyller 20 eller flyttar räknas")
    columns: Columns = Field(
        description="kolumnerna som slutet läses ur; de visar ofta utfallet och är stängda tills protokollet har frysts"
    )
    law_change: Literal["stratified", "ends_follow_up", "not_crossed"] = Field(
        description="lagändringen 2018-07-01: stratified (skattas var för sig), ends_follow_up eller not_crossed"
    )


class OutcomePlan(ProtocolPart):
    """Something the strategies may differ in afterwards."""

    label: Text = Field(description="utfallets namn för läsare")
    definition: Text = Field(description="vad som räknas som utfallet, i ord")
    primary: bool = Field(description="true för det enda primära utfallet")
    columns: Columns = Field(min_length=1, description="kolumnerna som utfallet görs av, tabell.kolumn")
    ascertainment: Literal["enrolment_match", "contact_reported"] = Field(
        description="hur utfallet blir känt: enrolment_match (samkörningen med skolornas register, lika för alla) eller contact_reported (genom kontakter)"
    )
    better: Literal["higher", "lower"] = Field(description="vilket håll som är bättre: higher eller lower")

    @model_validator(mode="after")
    def _ascertained_alike(self) -> OutcomePlan:
        others = sorted({column.partition(".")[0] for column in self.columns} - MATCHED_TABLES)
        if self.ascertainment == "enrolment_match" and others:
            raise ValueError(
                f"samkörningen (enrolment_match) fyller bara {', '.join(sorted(MATCHED_TABLES))}, inte {', '.join(others)}"
            )
        if self.primary and self.ascertainment == "contact_reported":
            raise ValueError(
                "ett primärt utfall ska komma från samkörningen (enrolment_match): det som rapporteras vid kontakter är känt oftare för den som deltar"
            )
        return self


class Estimand(ProtocolPart):
    """The one number that is sought."""

    contrast: Literal["ate", "att", "overlap"] = Field(
        description="i vilka effekten gäller: ate (alla), att (deltagarna) eller overlap (dem som kunde ha fått båda)"
    )
    measure: Literal["risk_difference_points", "restricted_mean_days", "hazard_ratio"] = Field(
        description="måttet: risk_difference_points (procentenheter), restricted_mean_days (dagar) eller hazard_ratio (bara med time_varying)"
    )
    horizon_months: int = Field(ge=1, le=120, description="horisonten i månader, en av uppföljningens")
    population: Text = Field(description="vilka det skattade talet gäller, i ord")


class Assumption(ProtocolPart):
    """Something the answer rests on that the register cannot show."""

    statement: Text = Field(description="antagandet")
    vouched_by: Text = Field(description=f"befattning eller grupp som står för det, eller {NOBODY_YET}")
    basis: Text = Field(description="vad det bygger på")


class CovariatePlan(ProtocolPart):
    """Something the groups may differ in beforehand."""

    label: Text = Field(description="variabelns namn för läsare")
    columns: Columns = Field(min_length=1, description="kolumnerna som den görs av, tabell.kolumn")
    measured: Literal["before", "after"] = Field(
        description="när den är känd: before (före tidens början och före insatsen) eller after"
    )
    adjusted: bool = Field(description="true om jämförelsen justeras för den")
    why: Text = Field(description="varför det justeras för den, eller varför inte")

    @model_validator(mode="after")
    def _known_beforehand(self) -> CovariatePlan:
        if self.adjusted and self.measured == "after":
            raise ValueError("det som är känt först efteråt kan vara en följd av insatsen, och för det justeras inte")
        return self


class AnalysisPlan(ProtocolPart):
    """How the number is found."""

    method: Literal[
        "aipw",
        "weighting",
        "matching",
        "randomised_difference",
        "difference_in_differences",
        "interrupted_series",
    ] = Field(
        description="metoden: aipw, weighting, matching, randomised_difference, difference_in_differences eller interrupted_series"
    )
    description: Text = Field(description="metoden i ord, så att en annan kan göra om den")
    cluster: Literal["person", "school", "district", "coordinator"] = Field(
        description="vad som hålls ihop i osäkerheten: person, school, district eller coordinator"
    )
    balance_limit: float = Field(
        gt=0, le=0.5, description="största standardiserade skillnad som godtas efter justering, till exempel 0.1"
    )
    seed: int = Field(ge=0, description="frö för slumptal, ett heltal")
    sensitivity: tuple[Text, ...] = Field(min_length=1, description="känslighetsanalyser som alltid görs, en lista")
    negative_controls: tuple[Text, ...] = Field(
        description="jämförelser där ingen effekt kan finnas, en lista; tom om ingen finns"
    )


class Multiplicity(ProtocolPart):
    """What is done about many answers."""

    rule: Literal["one_primary", "holm"] = Field(
        description="one_primary (bara det primära utfallet kan ge slutsatsen) eller holm (justerade p-värden)"
    )
    why: Text = Field(description="varför det räcker")


class DecisionRule(ProtocolPart):
    """What is concluded when."""

    smallest_effect: float = Field(
        gt=0,
        description="minsta effekt av intresse, i estimandens enhet (procentenheter, dagar eller logaritmen av kvoten)",
    )
    level: float = Field(ge=0.8, lt=1, description="konfidensnivå, till exempel 0.95")
    power: float = Field(ge=0.5, lt=1, description="styrka vid den minsta effekten, till exempel 0.8")
    statement: Text = Field(description="vad som beslutas av vilket resultat, i ord")
