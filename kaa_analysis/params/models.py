"""The parameters of each notebook. Field descriptions are the help that users read; the notebook's parameters cell has the same fields."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=60)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class ReportParams(BaseModel):
    """What every report is told."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    extract: Name = Field(description="uttagets namn i den säkra mappen")
    accept_problem_rows: int = Field(ge=0, description="hur många problemrader i uttaget som godtas; 0 betyder inga")

    def period_folder(self) -> str:
        """Return the name of the period's folder under ``reports/<report>/``."""
        raise AttributeError


class AnnualAppendixParams(ReportParams):
    """Parameters of 10_annual_appendix."""

    year: int = Field(ge=2015, le=2100, description="verksamhetsår, till exempel 2024")
    residence_municipality: str = Field(pattern=r"^\d{4}$", description="hemkommunens kod, fyra siffror")
    summer_rule: Literal["until_15_september", "literal"] = Field(description="hur sommaruppehållet räknas")

    def period_folder(self) -> str:
        """Return the year."""
        return str(self.year)


class TimeToStudyPlacementParams(ReportParams):
    """Parameters of 20_time_to_study_placement."""

    first_day: Day = Field(description="första dagen för inträde i kohorten, ÅÅÅÅ-MM-DD inom citattecken")
    last_day: Day = Field(description="sista dagen för inträde i kohorten")
    ways_out: Literal["kaa", "education"] = Field(description="hur vägarna ut grupperas: kaa eller education")
    time_unit: Literal["days", "months"] = Field(description="tidsenhet: days eller months (hela månader)")
    spells: Literal["first", "all"] = Field(description="first: varje persons första period; all: alla perioder")

    @model_validator(mode="after")
    def _days_in_order(self) -> TimeToStudyPlacementParams:
        if date.fromisoformat(self.first_day) > date.fromisoformat(self.last_day):
            raise ValueError("first_day ligger efter last_day")
        return self

    def period_folder(self) -> str:
        """Return the years of entry, for example 2022-2024."""
        return f"{self.first_day[:4]}-{self.last_day[:4]}"
