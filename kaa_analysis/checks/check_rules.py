"""How each check of the catalogue is made: what it needs, and the function that finds the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from kaa_analysis.checks import (
    age_checks,
    code_checks,
    contact_checks,
    date_checks,
    identity_checks,
    overlap_checks,
    registration_checks,
    support_checks,
)
from kaa_analysis.checks.materials import Materials
from kaa_analysis.target_population.applicability import NOT_KAA, obstacle_to_rules

NO_IDENTITY = "källan har löpnummer, inte personnummer"


@dataclass(frozen=True)
class Rule:
    """``find`` returns the findings. ``needs`` names tables that must have rows and columns (``table.column``) that must have a value.

    ``of_kaa`` rules hold only for KAA registers, ``by_law`` rules only where the target population is found by the law's rules,
    ``of_identity`` rules only where identities were personnummer.
    """

    find: Callable[[Materials], pd.DataFrame]
    needs: tuple[str, ...]
    of_kaa: bool = False
    by_law: bool = False
    of_identity: bool = False

    def obstacle(self, materials: Materials) -> str:
        """Return in Swedish why the check cannot be made, the empty string if it can."""
        register = materials.register
        if self.of_kaa and not register.is_kaa:
            return NOT_KAA
        if self.by_law and (obstacle := obstacle_to_rules(register)):
            return obstacle
        if self.of_identity and register.identity_kind not in ("personnummer", "synthetic"):
            return NO_IDENTITY
        return next((told for need in self.needs if (told := _lacking(need, materials))), "")


def _lacking(need: str, materials: Materials) -> str:
    table, _, column = need.partition(".")
    rows = materials.tables[table]
    if rows.empty:
        return f"tabellen {table} har inga rader"
    return f"kolumnen {table}.{column} är tom" if column and rows[column].isna().all() else ""


def _flagged(flag: str) -> Rule:
    return Rule(
        lambda m: identity_checks.flagged(m.tables["persons"], m.tables["identity_flags"], flag=flag),
        needs=("persons",),
        of_identity=True,
    )


RULES: Mapping[str, Rule] = {
    "K107": Rule(
        lambda m: identity_checks.shared_record_numbers(m.tables["persons"]), needs=("persons.record_number",)
    ),
    "K201": Rule(
        lambda m: date_checks.after_extract(m.tables, extract_date=m.register.extract_date), needs=("persons",)
    ),
    "K202": Rule(lambda m: date_checks.before_birth(m.tables), needs=("persons.birth_date",)),
    "K203": Rule(
        lambda m: date_checks.answered_before_contact(m.tables["contacts"]), needs=("contacts.responded_date",)
    ),
    "K204": Rule(lambda m: date_checks.visit_before_card(m.tables["contacts"]), needs=("contacts.planned_visit_date",)),
    "K205": Rule(
        lambda m: date_checks.begun_before_offer(m.tables["interventions"]), needs=("interventions.start_date",)
    ),
    "K206": Rule(
        lambda m: date_checks.answered_before_invitation(m.tables["surveys"]), needs=("surveys.answered_date",)
    ),
    "K301": Rule(lambda m: overlap_checks.overlapping_registrations(m.registrations), needs=("registrations",)),
    "K302": Rule(lambda m: overlap_checks.overlapping_residence(m.tables["residence"]), needs=("residence",)),
    "K303": Rule(
        lambda m: overlap_checks.overlapping_schooling(m.tables["schooling"], beside=m.settings.schooling_beside),
        needs=("schooling",),
    ),
    "K401": Rule(
        lambda m: age_checks.entered_too_young(m.registrations, m.tables["persons"], lowest_age=m.settings.lowest_age),
        needs=("registrations", "persons.birth_date"),
        of_kaa=True,
    ),
    "K402": Rule(
        lambda m: age_checks.registered_past_twenty(
            m.registrations, m.tables["persons"], extract_date=m.register.extract_date
        ),
        needs=("registrations", "persons.birth_date"),
        of_kaa=True,
    ),
    "K403": Rule(
        lambda m: age_checks.sought_past_twenty(
            m.tables["contacts"], m.tables["persons"], letter_days=m.settings.birthday_letter_days
        ),
        needs=("contacts", "persons.birth_date"),
        of_kaa=True,
    ),
    "K404": Rule(lambda m: age_checks.without_birth_date(m.tables["persons"]), needs=("persons",), of_kaa=True),
    "K501": _flagged("sex_differs"),
    "K502": _flagged("birth_date_differs"),
    "K503": _flagged("coordination_number"),
    "K504": Rule(
        lambda m: identity_checks.possible_double_identities(
            m.tables["persons"],
            m.tables["identity_flags"],
            m.tables,
            within_days=m.settings.double_identity_days,
            extract_date=m.register.extract_date,
        ),
        needs=("persons.birth_date",),
        of_identity=True,
    ),
    "K601": Rule(
        lambda m: registration_checks.exit_reason_missing(m.tables["registrations"]), needs=("registrations.exit_date",)
    ),
    "K602": Rule(lambda m: registration_checks.exit_date_missing(m.tables["registrations"]), needs=("registrations",)),
    "K603": Rule(
        lambda m: registration_checks.registered_after_end(m.registrations),
        needs=("registrations.registered_at",),
    ),
    "K611": Rule(
        lambda m: registration_checks.registered_outside_target(m.coverage, day=m.last_day),
        needs=("registrations", "persons.birth_date"),
        by_law=True,
    ),
    "K612": Rule(
        lambda m: registration_checks.target_not_registered(m.coverage, day=m.last_day),
        needs=("registrations", "persons.birth_date"),
        by_law=True,
    ),
    "K701": Rule(
        lambda m: contact_checks.before_registration(m.tables["contacts"], m.tables["registrations"]),
        needs=("contacts", "registrations"),
    ),
    "K702": Rule(
        lambda m: contact_checks.home_visits_short_of_staff(m.tables["contacts"], least=m.settings.home_visit_staff),
        needs=("contacts.staff_count",),
    ),
    "K703": Rule(lambda m: contact_checks.home_visits_of_unknown_staff(m.tables["contacts"]), needs=("contacts",)),
    "K704": Rule(
        lambda m: contact_checks.repeated_calls(m.tables["contacts"], least=m.settings.phone_days), needs=("contacts",)
    ),
    "K705": Rule(
        lambda m: contact_checks.cards_before_calls(
            m.tables["contacts"],
            m.tables["registrations"],
            m.tables["persons"],
            phone_days=m.settings.phone_days,
        ),
        needs=("contacts", "registrations"),
    ),
    "K801": Rule(
        lambda m: support_checks.consent_refused(m.tables["interventions"], providers=m.settings.consent_providers),
        needs=("interventions.consent",),
    ),
    "K802": Rule(
        lambda m: support_checks.consent_unknown(m.tables["interventions"], providers=m.settings.consent_providers),
        needs=("interventions",),
    ),
    "K803": Rule(
        lambda m: support_checks.begun_unreached(m.tables["interventions"], m.tables["contacts"]),
        needs=("interventions.start_date", "contacts"),
    ),
    "K804": Rule(
        lambda m: support_checks.end_reason_missing(m.tables["interventions"]), needs=("interventions.end_date",)
    ),
    "K805": Rule(
        lambda m: support_checks.told_twice(
            m.tables["interventions"],
            providers=m.settings.double_intervention_providers,
            within_days=m.settings.double_intervention_days,
        ),
        needs=("interventions.start_date",),
    ),
    "K811": Rule(
        lambda m: support_checks.lapsed(
            support_checks.running_activities(m.register, m.registrations, valid_for=m.settings.activity_days),
            extract_date=m.register.extract_date,
        ),
        needs=("activities", "registrations"),
    ),
    "K901": Rule(lambda m: code_checks.codes_outside_validity(m.tables), needs=("persons",)),
    "K902": Rule(
        lambda m: code_checks.districts_outside_validity(m.tables["residence"], extract_date=m.register.extract_date),
        needs=("residence.district",),
    ),
    "K903": Rule(
        lambda m: code_checks.introduction_exit_before_change(m.tables["registrations"]),
        needs=("registrations.exit_reason",),
        of_kaa=True,
    ),
    "K904": Rule(
        lambda m: code_checks.registered_in_introduction(
            m.registrations,
            m.tables["schooling"],
            late_days=m.settings.late_exit_days,
            extract_date=m.register.extract_date,
        ),
        needs=("registrations", "schooling"),
        of_kaa=True,
    ),
}
"""Every check that is made on the tables. Those of what ingest set aside, and of delivered counts, are made in `examination`."""

SET_ASIDE: Mapping[str, tuple[str, ...]] = {
    "K101": ("DUBBLETT",),
    "K102": ("OKAND_PERSON", "PERSONEN_UNDANTAGEN"),
    "K103": (
        "OKAND_KOD",
        "OGILTIGT_DATUM",
        "OGILTIGT_TAL",
        "OGILTIG_KOMMUNKOD",
        "VARDE_SAKNAS",
        "OGILTIG_FORM",
        "KOD_UTANFOR_UPPLAGAN",
        "IDENTITET_I_TEXT",
    ),
    "K104": (
        "IDENTITET_FEL_FORM",
        "IDENTITET_FEL_DATUM",
        "IDENTITET_FEL_KONTROLLSIFFRA",
        "IDENTITET_PAHITTAD",
        "IDENTITET_KAN_VARA_VERKLIG",
    ),
    "K105": ("SLUT_FORE_START", "SLUT_UTAN_START"),
    "K108": (
        "CELLFEL",
        "OGILTIG_CELL",
        "FORMEL_UTAN_VARDE",
        "EXCEL_SIFFROR_BORTA",
        "EXCEL_INLEDANDE_NOLLA",
        "EXCEL_DATUM_SOM_TAL",
        "EXCEL_VARDE_SOM_DATUM",
        "EXCEL_APOSTROF",
    ),
    "K109": ("SAMTYCKE_SAKNAS",),
}
"""The reasons in the problem files that each check sums up. A row with several reasons is counted at each of them."""

KEPT: Mapping[str, str] = {"K106": "sensitive_code", "K110": "other_municipality"}
"""The checks that ingest made on rows that it kept, by the finding that it counted."""

DELIVERED = "K921"
