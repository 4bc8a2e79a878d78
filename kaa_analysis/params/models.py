"""The parameters of each notebook. Field descriptions are the help that users read; the notebook's parameters cell has the same fields."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from kaa_analysis.core.chosen_area import WHOLE_MUNICIPALITY, ChosenArea, chosen_area
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.geography import division, division_for
from kaa_analysis.core.periods import Period, calendar_year, days_from_to, half_year, lasar_that_ended_in, tertial


def _day_of_the_calendar(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError("den dagen finns inte i kalendern") from None
    return text


Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=60)]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_day_of_the_calendar)]


Law = Literal["as_in_force", "bridged"]
LAW_HELP = "vilken lydelse av lagen som avgör vilka som omfattas: as_in_force (den som gällde varje dag) eller bridged (den nuvarande, för alla år)"


class NotebookParams(BaseModel):
    """What every notebook is told."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    extract: Name = Field(description="uttagets namn i den säkra mappen")
    accept_problem_rows: int = Field(ge=0, description="hur många problemrader i uttaget som godtas; 0 betyder inga")


class DataQualityParams(NotebookParams):
    """Parameters of 90_data_quality, which stays inside the secure room."""


class ReportParams(NotebookParams, ABC):
    """What every report is told."""

    period_label: ClassVar[str] = "Period"
    """What the period is to the report, in Swedish."""

    @abstractmethod
    def period_folder(self) -> str:
        """Return the name of the period's folder under ``reports/<report>/``."""

    @abstractmethod
    def period(self) -> Period:
        """Return the days that the report is about, with their Swedish label."""

    def chosen_area(self) -> ChosenArea | None:
        """Return the district that the report is about, None for the whole municipality."""
        return None


def _as_name(value: object) -> object:
    """Return a year written without quotation marks as the name it stands for."""
    return str(value) if type(value) is int else value


def _known_division(name: str) -> str:
    try:
        return division(name).name
    except DefinitionError as error:
        raise ValueError(error.expected) from None


DivisionName = Annotated[str, BeforeValidator(_as_name), AfterValidator(_known_division)]


class AreaReportParams(ReportParams, ABC):
    """What every report on the municipality or one of its districts during a part of a year is told."""

    year: int = Field(ge=2015, le=2100, description="verksamhetsår, till exempel 2024")
    division: DivisionName = Field(
        description="stadsdelsindelning för områdestabellerna: 2023 (elva områden sedan 1 juli 2023), 2020 (tretton) eller 2007 (fjorton till och med 30 juni 2020); inte finare än den som gällde periodens sista dag"
    )
    area: str = Field(description="hela kommunen: all, eller koden för ett område i indelningen, till exempel jarva")
    law: Law = Field(description=LAW_HELP)
    summer_rule: Literal["until_15_september", "literal"] = Field(
        description="hur sommaren räknas: until_15_september (plats före och senast 15 september räknas som deltagande) eller literal (bara inskrivna dagar)"
    )

    @field_validator("area")
    @classmethod
    def _known_area(cls, name: str, info: ValidationInfo) -> str:
        if "division" not in info.data:
            return name  # the division is told of; without one no district is known
        try:
            chosen_area(name, division=info.data["division"])
        except DefinitionError as error:
            raise ValueError(" ".join([error.expected, *error.found])) from None
        return name

    @model_validator(mode="after")
    def _division_not_finer(self) -> AreaReportParams:
        try:
            division_for(self.period().last_day, name=self.division)
        except DefinitionError as error:
            told = " ".join([error.expected, *error.found])
            raise ValueError(f'division "{self.division}" går inte för {self.period().label}. {told}') from None
        return self

    def period_folder(self) -> str:
        """Return the period and, for a district, its code: 2024-jarva."""
        return self.period_name() if self.area == WHOLE_MUNICIPALITY else f"{self.period_name()}-{self.area}"

    @abstractmethod
    def period_name(self) -> str:
        """Return the period as it stands in names of folders."""

    def chosen_area(self) -> ChosenArea | None:
        """Return the district that the report is about, None for the whole municipality."""
        return chosen_area(self.area, division=self.division)


class AnnualAppendixParams(AreaReportParams):
    """Parameters of 10_annual_appendix."""

    def period_name(self) -> str:
        """Return the year."""
        return str(self.year)

    def period(self) -> Period:
        """Return the year."""
        return calendar_year(self.year)


class TertialReportParams(AreaReportParams):
    """Parameters of 11_tertial_report."""

    tertial: Literal[1, 2] = Field(
        description="1 (januari till april) eller 2 (januari till augusti, från årets början)"
    )

    def period_name(self) -> str:
        """Return the year and the tertial, for example 2024-t2."""
        return f"{self.year}-t{self.tertial}"

    def period(self) -> Period:
        """Return the months from the beginning of the year to the end of the tertial."""
        return tertial(self.year, self.tertial)


class OutreachReportParams(AreaReportParams):
    """Parameters of 12_outreach_report."""

    year: int = Field(ge=2015, le=2100, description="året då läsåret slutade, till exempel 2024")

    def period_name(self) -> str:
        """Return the two calendar years of the läsår, for example 2023-2024."""
        return f"{self.year - 1}-{self.year}"

    def period(self) -> Period:
        """Return the läsår that ended in the year."""
        return lasar_that_ended_in(self.year)


class HalfYearReportParams(AreaReportParams):
    """Parameters of 13_half_year_report."""

    half: Literal[1, 2] = Field(description="1 (januari till juni) eller 2 (juli till december)")

    def period_name(self) -> str:
        """Return the year and the half, for example 2024-h1."""
        return f"{self.year}-h{self.half}"

    def period(self) -> Period:
        """Return the months of the half-year."""
        return half_year(self.year, self.half)


class DistrictSheetParams(AreaReportParams):
    """Parameters of 14_district_sheet."""

    @field_validator("area")
    @classmethod
    def _one_district(cls, name: str) -> str:
        if name == WHOLE_MUNICIPALITY:
            raise ValueError("ett stadsdelsblad gäller ett område; hela kommunen har årsbilagan")
        return name

    def period_name(self) -> str:
        """Return the year."""
        return str(self.year)

    def period(self) -> Period:
        """Return the year."""
        return calendar_year(self.year)


class EntryCohortParams(ReportParams, ABC):
    """What every report on the registrations that began during some days is told."""

    period_label: ClassVar[str] = "Inträde i kohorten"

    law: Law = Field(description=LAW_HELP)
    summer_rule: Literal["until_15_september", "literal"] = Field(
        description="hur sommaren räknas: until_15_september (plats före och senast 15 september räknas som deltagande) eller literal (bara inskrivna dagar)"
    )
    first_day: Day = Field(description="första dagen för inträde i kohorten, ÅÅÅÅ-MM-DD")
    last_day: Day = Field(description="sista dagen för inträde i kohorten")

    @model_validator(mode="after")
    def _days_in_order(self) -> EntryCohortParams:
        if date.fromisoformat(self.first_day) > date.fromisoformat(self.last_day):
            raise ValueError("first_day ligger efter last_day")
        return self

    def period_folder(self) -> str:
        """Return the years of entry, for example 2022-2024."""
        return f"{self.first_day[:4]}-{self.last_day[:4]}"

    def period(self) -> Period:
        """Return the days of entry."""
        return days_from_to(self.first_day, self.last_day)


class TimeToStudyPlacementParams(EntryCohortParams):
    """Parameters of 20_time_to_study_placement."""


class TimeToEducationParams(EntryCohortParams):
    """Parameters of 29_time_to_education."""

    ways_out: Literal["kaa", "education"] = Field(description="hur vägarna ut grupperas: kaa eller education")
    time_unit: Literal["days", "months"] = Field(description="tidsenhet: days eller months (hela månader)")
    spells: Literal["first", "all"] = Field(
        description="first: varje persons första registrering; all: alla registreringar"
    )


class TimeToFirstContactParams(EntryCohortParams):
    """Parameters of 21_time_to_first_contact."""

    last_day: Day = Field(
        description="sista dagen för inträde i kohorten, helst minst ett halvår före uttaget, så att alla kan följas"
    )
