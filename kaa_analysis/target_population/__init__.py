"""The target group of 29 kap. 9 § skollagen, day by day, as conditions with reason codes."""

from kaa_analysis.target_population.administrative import exit_kind
from kaa_analysis.target_population.explanation import conditions_on, explain, explanation_text
from kaa_analysis.target_population.membership import TargetPopulation, target_population
from kaa_analysis.target_population.settings import SummerRule, TargetRules, options
from kaa_analysis.target_population.wordings import CONDITIONS, Wording, wording_on, wordings

__all__ = [
    "CONDITIONS",
    "SummerRule",
    "TargetPopulation",
    "TargetRules",
    "Wording",
    "conditions_on",
    "exit_kind",
    "explain",
    "explanation_text",
    "options",
    "target_population",
    "wording_on",
    "wordings",
]
