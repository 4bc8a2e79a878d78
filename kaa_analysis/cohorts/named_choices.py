"""Choices that a parameter names: which spells, and which ways out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kaa_analysis.cohorts.cohort import Cohort
from kaa_analysis.cohorts.exit_ways import EDUCATION_OR_OTHER, STUDY_OR_OTHER_ENDS, STUDY_WITHOUT_KOMVUX, WaysOut
from kaa_analysis.cohorts.selection import first_spells
from kaa_analysis.core.errors import DefinitionError, did_you_mean

if TYPE_CHECKING:
    from kaa_analysis.store import Register

WAYS_OUT: Mapping[str, WaysOut] = {
    "kaa": STUDY_OR_OTHER_ENDS,
    "kaa_without_komvux": STUDY_WITHOUT_KOMVUX,
    "education": EDUCATION_OR_OTHER,
}
SPELLS = ("first", "all")


def choose_spells(cohort: Cohort, spells: str) -> Cohort:
    """Return the cohort with each person's "first" spell alone, or with "all" of them.

    Raises:
        DefinitionError: ``spells`` is neither.
    """
    if spells not in SPELLS:
        raise DefinitionError(
            f"Perioderna ska vara {' eller '.join(SPELLS)}{did_you_mean(spells, SPELLS)}.", found=spells
        )
    return first_spells(cohort) if spells == "first" else cohort


def ways_out_named(name: str, register: Register) -> WaysOut:
    """Return the ways out called ``name``: "kaa" or, with komvux and folkhögskola as other ends, "kaa_without_komvux" for a KAA register,
    "education" for other histories.

    Raises:
        DefinitionError: there are no such ways out, or they are not made for such a register.
    """
    if name not in WAYS_OUT:
        raise DefinitionError(
            f"Vägarna ut ska vara {' eller '.join(WAYS_OUT)}{did_you_mean(name, WAYS_OUT)}.", found=name
        )
    if WAYS_OUT[name].is_kaa != register.is_kaa:
        fitting = [other for other, ways_out in WAYS_OUT.items() if ways_out.is_kaa == register.is_kaa]
        raise DefinitionError(
            f'Vägarna ut "{name}" passar inte uttagets avslutsorsaker.',
            action=f"välj ways_out: {' eller '.join(fitting)}",
        )
    return WAYS_OUT[name]
