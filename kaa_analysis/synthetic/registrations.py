"""How the register shows days in the target group: some days late, now and then from or to the wrong day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from kaa_analysis.synthetic.draws import Draws
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.records import Spell
from kaa_analysis.synthetic.school_calendar import after_summer_pause
from kaa_analysis.synthetic.ways_out import WayOut

STUDY_REASONS = frozenset({"NP", "IM", "ANG", "KVX", "FHS"})


@dataclass(frozen=True)
class TargetSpell:
    """Days in the target group from ``entry`` until ``out.day``, as they truly were."""

    entry: date
    entry_reason: str
    last_school: str
    out: WayOut


def registration(
    truth: TargetSpell, *, twentieth: date, next_entry: date | None, draws: Draws, margins: Margins
) -> Spell | None:
    """Return the registration of a spell; it ends at the latest at the next one, and on the 20th birthday at the latest.

    There is none if the spell was over before anybody registered it: delayed entry is left truncation, not foresight.
    """
    registered = after_summer_pause(truth.entry + timedelta(days=_delay(draws)))
    if registered >= truth.out.day:
        return None
    starts_late = draws.chance(margins.share("starts_late"))
    end = truth.out.day
    if truth.out.reason in STUDY_REASONS and draws.chance(margins.share("closes_late")):
        end = min(end + timedelta(days=draws.whole(5, 40)), next_entry or date.max)
        end = truth.out.day if end >= twentieth else end
    reason = "" if draws.chance(margins.share("missing_entry_reason")) else truth.entry_reason
    return Spell(
        registered if starts_late else truth.entry, reason, truth.last_school, registered, end, truth.out.reason
    )


def misregistration(start: date, *, entry_reason: str, last_school: str, draws: Draws) -> Spell:
    """Return the registration of someone who goes to school: it is found out and ended after a day to some weeks."""
    days = 1 if draws.chance(0.2) else draws.whole(2, 60)
    registered = start + timedelta(days=min(draws.whole(0, 10), days - 1))
    return Spell(start, entry_reason, last_school, registered, start + timedelta(days=days), "FEL")


def _delay(draws: Draws) -> int:
    low, high = draws.pick({(1, 12): 0.72, (13, 40): 0.2, (41, 150): 0.08})
    return draws.whole(low, high)
