"""What several notebooks of one register would each read and find for themselves, found once in the process that their kernels are forked from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import get_args

from kaa_analysis import cohorts, indicators, ingest
from kaa_analysis.cohorts.contact_attempts import all_attempts
from kaa_analysis.core.core_dumps import refuse_core_dumps
from kaa_analysis.core.earlier_periods import series
from kaa_analysis.core.errors import KaaError
from kaa_analysis.core.periods import Period, autumn, lasar_that_ended_in
from kaa_analysis.core.secure_folder import SecureFolder, private_files
from kaa_analysis.ingest.held_registers import hold
from kaa_analysis.params.models import AnnualAppendixParams, AreaReportParams, Law
from kaa_analysis.params.reports import REPORTS, ReportOrder, check_params
from kaa_analysis.store import Register
from kaa_analysis.target_population import TargetPopulation, hold_population, target_population


def read_ahead(orders: Iterable[ReportOrder], *, secure: SecureFolder) -> None:
    """Open the register of the orders and keep what their notebooks begin with: the target population and the cohorts of their periods.

    A guess that is wrong costs the time it took, and changes nothing: a notebook finds for itself what is not there.

    Raises:
        KaaError: as `ingest.read_register`.
    """
    refuse_core_dumps()
    asked = [order.params for order in orders if isinstance(order.params, AreaReportParams)]
    for extract, accepted in dict.fromkeys((params.extract, params.accept_problem_rows) for params in asked):
        register = ingest.read_register(extract, accept_problem_rows=accepted, secure=secure)
        hold(register)
        all_attempts(register)
        of_register = [
            params for params in asked if (params.extract, params.accept_problem_rows) == (extract, accepted)
        ]
        for law, summer_rule in dict.fromkeys((params.law, params.summer_rule) for params in of_register):
            population = target_population(register, law=law, summer_rule=summer_rule)
            hold_population(register, population)
            for period in dict.fromkeys(period for params in of_register for period in _periods(params, register)):
                with suppress(KaaError):
                    cohorts.registered_during(register, period, population=population)
            _ask_of_the_year(of_register, register, population)


def _ask_of_the_year(asked: Sequence[AreaReportParams], register: Register, population: TargetPopulation) -> None:
    """Find what the annual appendices of all districts rest on, by asking for the heaviest tables of one: what they rest on is kept."""
    of_districts = [params for params in asked if isinstance(params, AnnualAppendixParams) and params.chosen_area()]
    for params in {params.year: params for params in of_districts}.values():
        periods = indicators.three_years(params.year, observed_from=register.observed_from)
        school_years = indicators.three_lasar(params.year, observed_from=register.observed_from)
        chosen = {"population": population, "area": params.chosen_area()}
        with suppress(KaaError):
            other = replace(population.rules, law=next(law for law in get_args(Law) if law != population.rules.law))
            hold_population(register, target_population(register, rules=other))
            cohorts.entering_during(register, params.period(), **chosen)
            indicators.stock_and_flow(register, periods=periods, **chosen)
            indicators.outreach_by_step(register, periods=school_years, **chosen)
            indicators.support_by_intervention(register, periods=periods, **chosen)
            indicators.series_by_law(register, periods=periods, **chosen)
            indicators.registered_share(register, period=params.period(), **chosen)


def _periods(params: AreaReportParams, register: Register) -> Iterator[Period]:
    yield from series(params.period(), observed_from=register.observed_from)
    yield from series(lasar_that_ended_in(params.year), observed_from=register.observed_from)
    yield autumn(params.year)


def main(arguments: Sequence[str]) -> int:
    """Read ahead for the orders of the command line: the secure folder, then the orders as JSON."""
    secure, told = arguments
    orders = [
        ReportOrder(REPORTS[name], check_params(REPORTS[name], params, where=name)) for name, params in json.loads(told)
    ]
    with private_files():
        read_ahead(orders, secure=SecureFolder(Path(secure)))
    return 0
