"""The splits, values and measures that a policy can name: a closed set, so that a misspelt one never means "none"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import combinations
from types import MappingProxyType

from kaa_analysis.core.errors import did_you_mean
from kaa_analysis.core.geography import district_labels, part_labels
from kaa_analysis.core.vocabularies import codes

MEASURE = "measure"
"""Under this name stand whole measures in place of the values of a split."""

VOCABULARIES = MappingProxyType(
    {
        "activity": "activity",
        "admission_outcome": "admission_outcome",
        "channel": "channel",
        "end_reason": "end_reason",
        "entry_reason": "entry_reason",
        "exit_reason": "exit_reason",
        "intervention_step": "intervention_step",
        "kind": "intervention",
        "leave_reason": "leave_reason",
        "not_offered_reason": "not_offered_reason",
        "notice": "notice",
        "provider": "provider",
        "reason": "target_reason",
        "route_in": "route_in",
        "school_form": "school_form",
        "setting": "target_setting",
        "sex": "sex",
    }
)
"""The splits whose values are the codes of a vocabulary, with its name."""

FURTHER_VALUES = MappingProxyType(
    {
        "exit_reason": ("missing",),
        "intervention_step": ("missing",),
        "reason": ("unknown", "before"),
        "route_in": ("missing",),
    }
)
"""What stands for a missing code in such a split."""

_LEVELS = {
    "sex": ("female", "male"),
    "age_at_entry": (
        "15_or_younger", "16_or_younger", "16", "17_or_younger", "17", "18_or_younger", "18", "19",
    ),
    "season": ("spring", "autumn"),
    "calendar": ("rest", "term_start"),
}  # fmt: skip
"""The levels of each covariate of a model."""

OWN_VALUES = MappingProxyType(
    {
        "administration": ("utbf", "amf"),
        "age": ("under_18", "from_18"),
        "age_at_entry": ("15", "16", "17", "18", "19"),
        "choice": ("utbf_only", "amf_only", "both", "neither", "already", "not_yet_decided"),
        "comparison": tuple(
            f"{one}_and_{other}"
            for name in ("sex", "age_at_entry", "season")
            for one, other in combinations(_LEVELS[name], 2)
        ),
        "covariate": tuple(_LEVELS),
        "coverage": ("both", "rules_only", "register_other_day", "register_never"),
        "criterion": ("15_october", "90_days"),
        "entry_quarter": ("1", "2", "3", "4"),
        "fork": ("guided_only", "placed_only", "guided_and_placed", "neither"),
        "handover": ("not_sought", "sought_only", "reached", "in_support", "activity_known", "activity_unknown"),
        "law": ("as_in_force", "bridged", "only_as_in_force", "only_bridged"),
        "letter": ("studiebevis", "at_twenty"),
        "level": tuple(level for levels in _LEVELS.values() for level in levels),
        "month_of_year": tuple(f"{number:02}" for number in range(1, 13)),
        "official_step": ("official", "starts", "entered", "chosen", "still", "to_extract", "followed"),
        "origin": ("entered", "before"),
        "outreach_step": ("term_letter", "phone", "further_letter", "knackakort", "home_visit"),
        "path": ("komvux", "folkhogskola", "flexible_national", "flexible_introduction"),
        "placement": ("lasting_placement", "short_placement", "unseen_placement"),
        "quantile": ("25", "50", "75"),
        "reach": ("reached", "answered", "no_answer", "no_attempt"),
        "routine": ("calls", "visits"),
        "season": ("rest_of_year", "summer"),
        "since_entry": ("first", "later"),
        "status": ("within", "later_or_none", "left_before", "not_yet_decided", "summer"),
        "step": ("registered", "sought", "responded", "youth_responded", "reached", "in_support"),
        "variant": (
            "headline",
            "time_zero_target_group",
            "no_delayed_entry",
            "all_spells",
            "day_0_excluded",
            "turning_20_censored",
            "moves_censored",
            "without_komvux",
        ),
        "way_out": (
            "study_placement",
            "national_programme",
            "introduction_programme",
            "adapted_upper_secondary",
            "adult_education",
            "turned_20",
            "moved",
            "other",
            "education",
            "lasting_placement",
            "short_placement",
            "unseen_placement",
            "attempt",
            "reached",
            "left",
        ),
    }
)
"""The splits whose values belong to one analysis."""

LONGEST = 120
"""Months: a young person is followed for less than ten years."""
GRIDS = ("months",)
"""The splits by time whose values are numbers: a count can be zero there by definition (at the start nobody has left)."""

MEASURES = (
    "activity_current", "activity_lapsed", "activity_running", "aim_begun", "attempts", "check_persons", "check_rows",
    "check_rows_dated", "coverage", "covered", "covered_before", "delivered_rows", "entries", "entries_again_later",
    "entries_again_within_year", "entries_by_first_home", "entries_elsewhere_within_year", "entries_first",
    "entries_followed", "entries_not_yet_followed", "entries_still_after_year", "entries_studies_within_year", "exits",
    "exits_after_support", "exits_after_support_persons", "exits_completed", "exits_elsewhere", "exits_otherwise",
    "exits_perhaps_to_studies", "exits_study_starts", "exits_to_studies", "exits_turned_20", "exits_without_reason",
    "first_attempt", "first_attempt_decided", "first_attempt_in_time", "first_reached", "first_reached_decided",
    "flow_persons", "flow_spells", "fork_15_september", "fork_first_school_day", "in_support", "in_target",
    "in_target_registered", "letter_due", "letter_sent", "notices", "notified", "notified_covered",
    "notified_registered", "official_step_all", "official_step_studies", "outreach", "outreach_stopped", "persons_again", "persons_end", "persons_first",
    "persons_left", "persons_reached", "persons_sought", "persons_start", "reach", "reached_before", "reached_persons",
    "registered_or_new", "registered_outside", "routine_concerned", "routine_kept", "rows_set_aside", "step_attempts",
    "step_delivered", "step_eligible", "step_reached", "step_responded", "step_returned", "step_tried", "stock",
    "stock_end", "stock_gained", "stock_lost", "stock_start", "study_paths", "support_begun", "support_chosen",
    "support_end", "support_ended", "support_ended_persons", "support_possibly_to_work_or_studies", "support_start",
    "support_to_other", "support_to_unknown", "support_to_work_or_studies", "turned_20_registered", "without_admission",
    "without_admission_enrolled", "work_list", "work_list_protected", "work_list_unknown", "youth_employment_begun",
    "youth_employment_left", "youth_employment_still", "youth_employment_went_on",
)  # fmt: skip
"""What is counted, in every table but those of a follow-up."""

FOLLOW_UP_MEASURES = re.compile(
    r"[a-z][a-z0-9_]*_(?:at_risk|censored|entered|entered_to_date|events|events_to_date|follow_up|followed|judged|modelled|or_20_to_date|sought"
    r"|tested_exits|unknown_ends_to_date|unknown_to_date"
    r"|(?:quarterly|reaching|variant)(?:_(?:placed|left|censored|still))?|before_20_(?:followed|placed|turned_20|left|not_yet_known)"
    r"|without_counterpart_(?:sex|district)_(?:month|quarter))"
)
"""What is counted in a follow-up: the name of its cohort stands first."""


@cache
def values_of_split(name: str) -> frozenset[str]:
    """Return every value of a split that a policy can name, its total left out.

    >>> sorted(values_of_split("sex"))
    ['female', 'male']
    """
    if name == "district":
        return frozenset(district_labels())
    if name == "part_of_city":
        return frozenset(part_labels())
    if name in OWN_VALUES:
        return frozenset(OWN_VALUES[name])
    if name in GRIDS:
        return frozenset(str(number) for number in range(LONGEST + 1))
    return codes(VOCABULARIES[name]) | frozenset(FURTHER_VALUES.get(name, ()))


def splits() -> tuple[str, ...]:
    """Return the names of all splits that a policy can name."""
    return tuple(sorted({*VOCABULARIES, *OWN_VALUES, *GRIDS, "district", "part_of_city"}))


def is_measure(name: str) -> bool:
    """Tell whether something is counted under this name.

    >>> is_measure("exits"), is_measure("entering_at_risk"), is_measure("exit")
    (True, True, False)
    """
    return name in MEASURES or FOLLOW_UP_MEASURES.fullmatch(name) is not None


def naming_problems(rule: str, named: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Give, in Swedish, every split, value or measure under ``rule`` that there is none of.

    >>> list(naming_problems("disclosive", {"entry_reson": (), "sex": ("femal",)}))
    ['disclosive.entry_reson: okänd uppdelning (menade du "entry_reason"?)', 'disclosive.sex: okänt värde (menade du "female"?)']
    """
    for name, values in named.items():
        if name == MEASURE:
            yield from measure_problems(f"{rule}.{MEASURE}", values)
        elif name not in splits():
            yield f"{rule}.{name}: okänd uppdelning{did_you_mean(name, (*splits(), MEASURE))}"
        else:
            known = values_of_split(name)
            unknown = (value for value in values if value not in known)
            yield from (f"{rule}.{name}: okänt värde{did_you_mean(value, sorted(known))}" for value in unknown)


def measure_problems(rule: str, names: Iterable[str]) -> Iterator[str]:
    """Give, in Swedish, every name under ``rule`` under which nothing is counted."""
    for name in names:
        if not is_measure(name):
            yield f"{rule}: okänt mått{did_you_mean(name, MEASURES)}"
