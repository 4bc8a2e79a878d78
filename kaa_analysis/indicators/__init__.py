"""What the action plan says is to be measured: one function per question, each returning a `Result`."""

from kaa_analysis.indicators.areas import entries_by_district, registered_by_district, stock_by_district
from kaa_analysis.indicators.coverage import coverage, registered_outside, stock_by_setting
from kaa_analysis.indicators.exits import exits_by_reason, share_to_studies
from kaa_analysis.indicators.funnel import outreach_funnel
from kaa_analysis.indicators.inclusion import inclusion_flow
from kaa_analysis.indicators.law_series import series_by_law
from kaa_analysis.indicators.participation import support_by_intervention
from kaa_analysis.indicators.promptness import first_attempt_within_month
from kaa_analysis.indicators.registered_share import registered_share
from kaa_analysis.indicators.set_aside import rows_set_aside
from kaa_analysis.indicators.splits import three_years
from kaa_analysis.indicators.stock import monthly_flow, stock_and_flow
from kaa_analysis.indicators.volumes import contact_volumes

__all__ = [
    "contact_volumes",
    "coverage",
    "entries_by_district",
    "exits_by_reason",
    "first_attempt_within_month",
    "inclusion_flow",
    "monthly_flow",
    "outreach_funnel",
    "registered_by_district",
    "registered_outside",
    "registered_share",
    "rows_set_aside",
    "series_by_law",
    "share_to_studies",
    "stock_and_flow",
    "stock_by_district",
    "stock_by_setting",
    "support_by_intervention",
    "three_years",
]
