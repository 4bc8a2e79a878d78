"""The days in the target group by many sets of rules at once: a condition is found again only where one of its own settings differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.target_population.conditions import Condition
from kaa_analysis.target_population.conditions_of_law import SETTINGS_OF, condition_named, days_inside
from kaa_analysis.target_population.numbered_rows import named, read_numbered_rows
from kaa_analysis.target_population.settings import TargetRules

if TYPE_CHECKING:
    from kaa_analysis.store import Register


def inside_by_rules(
    register: Register, *, rules: Mapping[str, TargetRules], persons: pd.Series
) -> dict[str, pd.DataFrame]:
    """Return, under each name of ``rules``, the intervals of `TargetPopulation` as person_id, start, end, in no order.

    ``persons`` names those who are asked about. The days before the day of extract are answered.
    """
    rows = read_numbered_rows(register, asked=persons)
    life = rows.life(observed_to=register.extract_date)
    known: dict[tuple[str, ...], Condition] = {}
    found = {}
    for name, chosen in rules.items():
        keys = [
            (condition, *(getattr(chosen, setting) for setting in settings))
            for condition, settings in SETTINGS_OF.items()
        ]
        known |= {key: condition_named(key[0], rows, rules=chosen) for key in keys if key not in known}
        found[name] = named(days_inside([known[key] for key in keys], life, rules=chosen), rows.identities)
    return found
