"""Time-to-event estimators, exact on tied days: cores on plain arrays, and functions that turn a `FollowUp` into a `Result`."""

from kaa_analysis.survival.aalen_johansen import aalen_johansen
from kaa_analysis.survival.cumulative_incidence import cumulative_incidence
from kaa_analysis.survival.follow_up_base import follow_up_base
from kaa_analysis.survival.kaplan_meier import kaplan_meier
from kaa_analysis.survival.life_table import life_table
from kaa_analysis.survival.nelson_aalen import nelson_aalen

__all__ = ["aalen_johansen", "cumulative_incidence", "follow_up_base", "kaplan_meier", "life_table", "nelson_aalen"]
