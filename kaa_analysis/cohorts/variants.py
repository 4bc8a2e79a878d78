"""The same cohort followed by other choices than the headline's, one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kaa_analysis.cohorts.cohort import Cohort, FollowUp
from kaa_analysis.cohorts.exit_ways import STUDY_OR_OTHER_ENDS, STUDY_WITHOUT_KOMVUX
from kaa_analysis.cohorts.follow_up_choices import FollowUpChoices
from kaa_analysis.cohorts.selection import first_spells
from kaa_analysis.cohorts.times import follow_up
from kaa_analysis.target_population import TargetPopulation

HEADLINE = "headline"
VARIANTS: Mapping[str, str] = MappingProxyType(
    {
        HEADLINE: "Rapportens val",
        "time_zero_target_group": "Tiden från första dagen i målgruppen",
        "no_delayed_entry": "Alla följs från startdatumet, även de som fördes in senare",
        "all_spells": "Alla registreringar, inte bara varje persons första",
        "day_0_excluded": "Avslut samma dag som starten uteslutna",
        "turning_20_censored": "Som om ingen fyllde 20 år",
        "moves_censored": "Som om ingen flyttade eller avled",
        "without_komvux": "Komvux och folkhögskola är inte studieplats",
    }
)
"""What each variant changes, in Swedish."""


def variants(entering: Cohort, *, population: TargetPopulation) -> Mapping[str, FollowUp]:
    """Return the follow-up of each of `VARIANTS`, in days; ``entering`` has all spells, of which the headline takes each person's first.

    Raises:
        DefinitionError: as `follow_up`.
    """
    headline = {
        "cohort": first_spells(entering),
        "ways_out": STUDY_OR_OTHER_ENDS,
        "unit": "days",
        "delayed_entry": True,
        "population": population,
    }
    changed = {
        HEADLINE: {},
        "time_zero_target_group": {"choices": FollowUpChoices(time_zero="target_group")},
        "no_delayed_entry": {"delayed_entry": False},
        "all_spells": {"cohort": entering},
        "day_0_excluded": {"choices": FollowUpChoices(day_0="excluded")},
        "turning_20_censored": {"choices": FollowUpChoices(turning_20="censored")},
        "moves_censored": {"choices": FollowUpChoices(moves="censored")},
        "without_komvux": {"ways_out": STUDY_WITHOUT_KOMVUX},
    }
    return {name: follow_up(**(headline | changed[name])) for name in VARIANTS}
