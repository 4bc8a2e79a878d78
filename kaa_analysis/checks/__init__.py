"""Data-quality checks with their catalogue, and work lists for case-workers. All of it stays inside the secure room."""

from kaa_analysis.checks.catalogue import Check, Severity, catalogue
from kaa_analysis.checks.check_listing import check_listing, list_lines, refuse_stopping
from kaa_analysis.checks.check_report import CheckOutcome, CheckReport, State
from kaa_analysis.checks.check_settings import CheckSettings, WorkListSettings
from kaa_analysis.checks.delivered_counts import read_delivered_counts
from kaa_analysis.checks.examination import run_checks
from kaa_analysis.checks.quality_tables import (
    check_summary,
    findings_over_time,
    lapsed_activities,
    rows_over_time,
    work_list_sizes,
)
from kaa_analysis.checks.score import Fate, KindScore, Score, score
from kaa_analysis.checks.score_listing import score_listing
from kaa_analysis.checks.score_page import PAGE as SCORE_PAGE
from kaa_analysis.checks.score_page import score_page
from kaa_analysis.checks.score_reading import KnownError, SetAsideRow, known_errors, set_aside_rows
from kaa_analysis.checks.work_list_files import write_work_lists
from kaa_analysis.checks.work_lists import WorkList, work_lists

__all__ = [
    "SCORE_PAGE",
    "Check",
    "CheckOutcome",
    "CheckReport",
    "CheckSettings",
    "Fate",
    "KindScore",
    "KnownError",
    "Score",
    "SetAsideRow",
    "Severity",
    "State",
    "WorkList",
    "WorkListSettings",
    "catalogue",
    "check_listing",
    "check_summary",
    "findings_over_time",
    "known_errors",
    "lapsed_activities",
    "list_lines",
    "read_delivered_counts",
    "refuse_stopping",
    "rows_over_time",
    "run_checks",
    "score",
    "score_listing",
    "score_page",
    "set_aside_rows",
    "work_list_sizes",
    "work_lists",
    "write_work_lists",
]
