"""What the action plan says is to be measured: one function per question, each returning a `Result`."""

from kaa_analysis.indicators.areas import entries_by_district, registered_by_district, stock_by_district
from kaa_analysis.indicators.coverage import coverage, registered_outside, stock_by_setting
from kaa_analysis.indicators.district_comparison import district_beside_city
from kaa_analysis.indicators.earlier_years import (
    exits_after_support_by_year,
    monthly_flow_by_year,
    registered_by_district_by_year,
    support_end_reasons_by_year,
)
from kaa_analysis.indicators.exits import exits_by_reason, share_to_studies
from kaa_analysis.indicators.flow_parts import flow_in_parts
from kaa_analysis.indicators.funnel import outreach_funnel
from kaa_analysis.indicators.handover_states import handover_at_20
from kaa_analysis.indicators.inclusion import inclusion_flow
from kaa_analysis.indicators.indicator_catalogue import definitions
from kaa_analysis.indicators.law_series import series_by_law
from kaa_analysis.indicators.newly_resident import newly_resident_support
from kaa_analysis.indicators.notified_pupils import notices_from_schools
from kaa_analysis.indicators.official_beside_cohort import official_beside_cohort
from kaa_analysis.indicators.other_study_paths import other_study_paths
from kaa_analysis.indicators.outreach_routine import outreach_routine
from kaa_analysis.indicators.outreach_steps import attempts_by_step, outreach_by_step
from kaa_analysis.indicators.participation import support_by_intervention, support_flow
from kaa_analysis.indicators.person_flow import persons_in_flow
from kaa_analysis.indicators.promptness import first_attempt_within_month
from kaa_analysis.indicators.reach import persons_by_reach, reached_by_age
from kaa_analysis.indicators.reached_support import support_after_reached, support_chosen
from kaa_analysis.indicators.reason_bounds import study_bounds
from kaa_analysis.indicators.registered_share import registered_share
from kaa_analysis.indicators.routine_letters import routine_letters
from kaa_analysis.indicators.set_aside import rows_set_aside
from kaa_analysis.indicators.skolslussen import skolslussen_fork, without_admission
from kaa_analysis.indicators.splits import latest_in_area, three_lasar, three_years
from kaa_analysis.indicators.step_answers import reached_by_step, response_by_step, response_of_delivered
from kaa_analysis.indicators.stock import monthly_flow, stock_and_flow
from kaa_analysis.indicators.study_measures import study_measures
from kaa_analysis.indicators.support_ends import exits_after_support, support_end_reasons
from kaa_analysis.indicators.support_outcomes import activity_after_support, work_or_studies_after_support
from kaa_analysis.indicators.support_steps import routes_into_aim, youth_employment_steps
from kaa_analysis.indicators.volumes import contact_volumes
from kaa_analysis.indicators.within_year import studies_within_year

__all__ = [
    "activity_after_support",
    "attempts_by_step",
    "contact_volumes",
    "coverage",
    "definitions",
    "district_beside_city",
    "entries_by_district",
    "exits_after_support",
    "exits_after_support_by_year",
    "exits_by_reason",
    "first_attempt_within_month",
    "flow_in_parts",
    "handover_at_20",
    "inclusion_flow",
    "latest_in_area",
    "monthly_flow",
    "monthly_flow_by_year",
    "newly_resident_support",
    "notices_from_schools",
    "official_beside_cohort",
    "other_study_paths",
    "outreach_by_step",
    "outreach_funnel",
    "outreach_routine",
    "persons_by_reach",
    "persons_in_flow",
    "reached_by_age",
    "reached_by_step",
    "registered_by_district",
    "registered_by_district_by_year",
    "registered_outside",
    "registered_share",
    "response_by_step",
    "response_of_delivered",
    "routes_into_aim",
    "routine_letters",
    "rows_set_aside",
    "series_by_law",
    "share_to_studies",
    "skolslussen_fork",
    "stock_and_flow",
    "stock_by_district",
    "stock_by_setting",
    "studies_within_year",
    "study_bounds",
    "study_measures",
    "support_after_reached",
    "support_by_intervention",
    "support_chosen",
    "support_end_reasons",
    "support_end_reasons_by_year",
    "support_flow",
    "three_lasar",
    "three_years",
    "without_admission",
    "work_or_studies_after_support",
    "youth_employment_steps",
]
