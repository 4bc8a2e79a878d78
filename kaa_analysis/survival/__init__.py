"""Time-to-event estimators, exact on tied days: cores on plain arrays, and functions that turn a `FollowUp` into a `Result`."""

from kaa_analysis.survival.cores.aalen_johansen import aalen_johansen
from kaa_analysis.survival.cores.cox_curves import standardised_curve
from kaa_analysis.survival.cores.cox_model import cox
from kaa_analysis.survival.cores.fine_gray import fine_gray
from kaa_analysis.survival.cores.gray_test import gray_test
from kaa_analysis.survival.cores.kaplan_meier import kaplan_meier
from kaa_analysis.survival.cores.log_rank import log_rank
from kaa_analysis.survival.cores.nelson_aalen import nelson_aalen
from kaa_analysis.survival.cores.pairwise_log_rank import pairwise_log_rank
from kaa_analysis.survival.cores.proportional_hazards_test import proportional_hazards_test
from kaa_analysis.survival.cores.restricted_contrast import restricted_contrast
from kaa_analysis.survival.cores.restricted_time import (
    days_without_placement,
    restricted_mean_time,
    restricted_time_lost,
)
from kaa_analysis.survival.cumulative_incidence import cumulative_incidence
from kaa_analysis.survival.exit_pace import exit_pace
from kaa_analysis.survival.follow_up_base import follow_up_base
from kaa_analysis.survival.group_tests import group_tests
from kaa_analysis.survival.landmark_base import landmark_base
from kaa_analysis.survival.lasting_base import lasting_base
from kaa_analysis.survival.life_table import life_table
from kaa_analysis.survival.mean_days import restricted_times, times_lost
from kaa_analysis.survival.median_weeks import median_weeks
from kaa_analysis.survival.naive_incidence import naive_incidence
from kaa_analysis.survival.placement_before_20 import placement_before_20
from kaa_analysis.survival.placement_by_quarter import placement_by_quarter
from kaa_analysis.survival.placement_contrasts import placement_contrasts, standardised_contrasts
from kaa_analysis.survival.placement_model import placement_model, placement_model_checks
from kaa_analysis.survival.reachable_horizons import reachable_horizons
from kaa_analysis.survival.sensitivity import sensitivity
from kaa_analysis.survival.subdistribution_model import subdistribution_model
from kaa_analysis.survival.unknown_exit_bounds import unknown_exit_bounds, unknown_exit_differences
from kaa_analysis.survival.waiting_times import waiting_times

__all__ = [
    "aalen_johansen",
    "cox",
    "cumulative_incidence",
    "days_without_placement",
    "exit_pace",
    "fine_gray",
    "follow_up_base",
    "gray_test",
    "group_tests",
    "kaplan_meier",
    "landmark_base",
    "lasting_base",
    "life_table",
    "log_rank",
    "median_weeks",
    "naive_incidence",
    "nelson_aalen",
    "pairwise_log_rank",
    "placement_before_20",
    "placement_by_quarter",
    "placement_contrasts",
    "placement_model",
    "placement_model_checks",
    "proportional_hazards_test",
    "reachable_horizons",
    "restricted_contrast",
    "restricted_mean_time",
    "restricted_time_lost",
    "restricted_times",
    "sensitivity",
    "standardised_contrasts",
    "standardised_curve",
    "subdistribution_model",
    "times_lost",
    "unknown_exit_bounds",
    "unknown_exit_differences",
    "waiting_times",
]
