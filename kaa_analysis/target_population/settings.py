"""`TargetRules`: the choices that 29 kap. 9 § skollagen leaves open, each a named setting with a default (`docs/avgoranden.csv`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Literal, get_args, get_type_hints

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.core.periods import LeapDayBirthday

Law = Literal["as_in_force", "bridged"]
SummerRule = Literal["until_15_september", "literal"]
AcceptedPlace = Literal["until_15_september", "not_counted"]
ProtectedIdentity = Literal["resident", "by_address"]
OneDayResidence = Literal["no_day", "one_day"]
MissingRecordRule = Literal["assumed_at_16", "fails"]
EarlyLeaver = Literal["as_no_record", "completed"]
CertificateDay = Literal["first_day_outside", "last_day_inside"]
Counts = Literal["yes", "no"]


@dataclass(frozen=True)
class TargetRules:
    """One value per choice.

    ``law``: each wording from its day in force ("as_in_force"; nobody is inside before 2015-01-01), or the content of the present one
    throughout ("bridged"), which removes pupils of introduction programmes from all years of a series.
    ``summer_rule``: the days between a place, or compulsory school, that ended 1 June or later and a place begun by 15 September
    count as taking part, or not ("literal").
    ``accepted_place``: an autumn place that was accepted and never begun, where acceptances are known, counts as taking part through
    15 September, or not at all.
    ``protected_identity``: with another or no address still resident from the first known residence day, or judged by the address.
    ``one_day_residence``: moving in and out on one day is no day of residence, or one.
    ``leap_day_birthday``: the birthday of someone born 29 February in years without that day; unverified.
    ``school_record_missing``: without any record of grundskola compulsory school ended 1 July of the year of turning 16, or never.
    ``school_left_early``: an enrolment in grundskola that ended before the year of turning 15, not as completed (a move abroad), is as no
    record, or is the end of compulsory school.
    ``komvux_counts``, ``folkhogskola_counts``, ``sfi_counts``: whether an enrolment there is a place.
    ``ib_completes``, ``foreign_degree_completes``, ``folkhogskola_completes``, ``studiebevis_completes``: whether that certificate ends it.
    ``certificate_day``: the date of a certificate is the first day outside, or the last one inside.

    Raises:
        DefinitionError: a value is not among the options of its setting.
    """

    law: Law = "as_in_force"
    summer_rule: SummerRule = "until_15_september"
    accepted_place: AcceptedPlace = "until_15_september"
    protected_identity: ProtectedIdentity = "resident"
    one_day_residence: OneDayResidence = "no_day"
    leap_day_birthday: LeapDayBirthday = "1_march"
    school_record_missing: MissingRecordRule = "assumed_at_16"
    school_left_early: EarlyLeaver = "as_no_record"
    komvux_counts: Counts = "yes"
    folkhogskola_counts: Counts = "yes"
    sfi_counts: Counts = "no"
    ib_completes: Counts = "yes"
    foreign_degree_completes: Counts = "yes"
    folkhogskola_completes: Counts = "yes"
    studiebevis_completes: Counts = "no"
    certificate_day: CertificateDay = "first_day_outside"

    def __post_init__(self) -> None:
        wrong = [
            f"{name} ska vara {' eller '.join(allowed)}{did_you_mean(getattr(self, name), allowed)}"
            for name, allowed in options().items()
            if getattr(self, name) not in allowed
        ]
        if wrong:
            raise DefinitionError("Varje val om målgruppen ska ha ett av sina värden.", found=wrong)

    def alternatives(self) -> Mapping[str, TargetRules]:
        """Return these rules with one setting changed at a time, by the code ``setting=value``, in the order of the settings."""
        return {
            f"{name}={value}": replace(self, **{name: value})
            for name, allowed in options().items()
            for value in allowed
            if value != getattr(self, name)
        }


def options() -> dict[str, tuple[str, ...]]:
    """Return the options of every setting, the default first.

    >>> options()["summer_rule"]
    ('until_15_september', 'literal')
    """
    hints = get_type_hints(TargetRules)
    return {
        field.name: (field.default, *(value for value in get_args(hints[field.name]) if value != field.default))
        for field in fields(TargetRules)
    }
