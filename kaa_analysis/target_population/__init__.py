"""The target group of 29 kap. 9 § skollagen, day by day, as conditions with reason codes."""

from kaa_analysis.target_population.administrative import exit_kind
from kaa_analysis.target_population.alternative_rules import inside_by_rules
from kaa_analysis.target_population.explanation import conditions_on, explain, explanation_text
from kaa_analysis.target_population.membership import TargetPopulation, hold_population, target_population
from kaa_analysis.target_population.settings import SummerRule, TargetRules, options
from kaa_analysis.target_population.wordings import CONDITIONS, Wording, changes_of_law, wording_on, wordings

__all__ = [
    "CONDITIONS",
    "SummerRule",
    "TargetPopulation",
    "TargetRules",
    "Wording",
    "changes_of_law",
    "conditions_on",
    "exit_kind",
    "explain",
    "explanation_text",
    "hold_population",
    "inside_by_rules",
    "options",
    "target_population",
    "wording_on",
    "wordings",
]
