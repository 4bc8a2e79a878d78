"""Whether the law's rules of the target population are applied to a source, and if not, why."""

from enum import StrEnum


class LawRules(StrEnum):
    """How the rules of 29 kap. 9 § skollagen, which say who is in the target population, stand to a source.

    ``applied``: the target population is found by them. ``not_enough_tables``: a KAA register whose source lacks the tables that they
    are tested against (residence, schooling, credentials), so that whoever is registered counts. ``another_law``: no KAA register; its exit
    reasons are others.
    """

    APPLIED = "applied"
    NOT_ENOUGH_TABLES = "not_enough_tables"
    ANOTHER_LAW = "another_law"
