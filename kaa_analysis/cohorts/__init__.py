"""Chosen spells with time zero, follow-up, ways out and censoring, and the flow of exclusions."""

from kaa_analysis.cohorts.cohort import CENSORED, Cohort, FollowUp, TimeUnit
from kaa_analysis.cohorts.exit_ways import (
    EDUCATION_OR_OTHER,
    STUDY_BY_SCHOOL_FORM,
    STUDY_OR_OTHER_ENDS,
    STUDY_WITHOUT_KOMVUX,
    Way,
    WaysOut,
)
from kaa_analysis.cohorts.first_contact import follow_up_to_first_contact
from kaa_analysis.cohorts.follow_up_choices import FollowUpChoices
from kaa_analysis.cohorts.inhabitants import in_area
from kaa_analysis.cohorts.landmarks import landmark
from kaa_analysis.cohorts.lasting_placements import lasting_placement
from kaa_analysis.cohorts.named_choices import choose_spells, ways_out_named
from kaa_analysis.cohorts.participants import Participation, participation
from kaa_analysis.cohorts.selection import entering_during, first_spells, registered_during
from kaa_analysis.cohorts.spells import counted_spells
from kaa_analysis.cohorts.times import follow_up
from kaa_analysis.cohorts.variants import variants
from kaa_analysis.core.chosen_area import ChosenArea, chosen_area

__all__ = [
    "CENSORED",
    "EDUCATION_OR_OTHER",
    "STUDY_BY_SCHOOL_FORM",
    "STUDY_OR_OTHER_ENDS",
    "STUDY_WITHOUT_KOMVUX",
    "ChosenArea",
    "Cohort",
    "FollowUp",
    "FollowUpChoices",
    "Participation",
    "TimeUnit",
    "Way",
    "WaysOut",
    "choose_spells",
    "chosen_area",
    "counted_spells",
    "entering_during",
    "first_spells",
    "follow_up",
    "follow_up_to_first_contact",
    "in_area",
    "landmark",
    "lasting_placement",
    "participation",
    "registered_during",
    "variants",
    "ways_out_named",
]
