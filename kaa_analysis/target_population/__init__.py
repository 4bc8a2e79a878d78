"""The target group of 29 kap. 9 § skollagen, day by day, as conditions with reason codes."""

from kaa_analysis.target_population.membership import TargetPopulation, explain, target_population
from kaa_analysis.target_population.summer import SummerRule

__all__ = ["SummerRule", "TargetPopulation", "explain", "target_population"]
