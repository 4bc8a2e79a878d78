"""The chain of offers: the first mostly after being reached, another after a while whether the last was declined or begun."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kaa_analysis.synthetic.draws import Days, Draws, Flags, Numbers, Shares
from kaa_analysis.synthetic.episodes import Episodes
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.row_log import RowLog, chosen
from kaa_analysis.synthetic.rowwise import Rowwise
from kaa_analysis.synthetic.school_calendar import NO_DAY, after_summer_pause, days
from kaa_analysis.synthetic.support.aim import AimStrategy, begin_aim, route_in, weight_of_aim, without_aim
from kaa_analysis.synthetic.support.consent import with_consent
from kaa_analysis.synthetic.support.missing_support import note_missing_support
from kaa_analysis.synthetic.support.offer_log import (
    AIM,
    COLUMNS,
    KINDS,
    NO,
    PROVIDERS,
    YES,
    YOUTH_EMPLOYMENT,
    luck_of_offers,
)
from kaa_analysis.synthetic.support.youth_employment import begin_youth_employment

MOST_OFFERS = 60
NUMBERS_PER_OFFER = 4
ONCE = (AIM, YOUTH_EMPLOYMENT)
"""Support that is not offered again in the episode when it has been begun."""


@dataclass(frozen=True, eq=False)
class Youths(Rowwise):
    """Arrays of shape (n,), an element per youth to whom an offer is made: place among the episodes and the day of the offer.

    ``factors`` (n, kinds) is what the weights of each kind of support are multiplied by.
    """

    episode: Numbers
    draws: Draws
    day: Days
    is_reached: Flags
    factors: Shares


def potential_offers(
    episodes: Episodes, reached: Days, *, seed: int, margins: Margins, aim: AimStrategy = "as_drawn"
) -> pd.DataFrame:
    """Return the offers there would be if every episode lasted until the 20th birthday, a row each, in the order of episode and day.

    ``reached`` (n_episodes,) is the day each was first reached, NaT = never. ``aim`` sets who begins Aim: *as_drawn*, *never* (the offers
    of Aim are gone), or *within_90_days* (everyone reached begins on a drawn day, less than 90 days after); the rest stays as it is drawn.

    Columns: episode (place in ``episodes``), number (the same whatever else is drawn), kind, provider, offered, accepted (J, N, "" where
    support was missing), start (NaT = not begun), planned_end, consent (J, N, "" where none is needed), step, goes_on (to a further step),
    route_in, not_offered_reason, is_recorded (false where consent was refused). Days are ``datetime64[s]``, codes categories.

    Raises:
        DefinitionError: ``aim`` is unknown.
    """
    draws = Draws(seed, episodes.person, turn=episodes.turn)
    log = RowLog(COLUMNS)
    youths = _first_offers(episodes, reached, draws=draws, margins=margins)
    for attempt in range(MOST_OFFERS):
        youths = youths.of(youths.day < episodes.until[youths.episode])
        if not len(youths):
            break
        youths = _offer(youths, log, number=attempt * NUMBERS_PER_OFFER, margins=margins)
    note_missing_support(reached, log, draws=draws, margins=margins)
    offers = without_aim(log.table(by="offered"), strategy=aim)
    if aim == "within_90_days":
        offers = begin_aim(offers, reached, draws=draws, margins=margins)
    return with_consent(offers[_before(offers, episodes.until)], draws=draws, margins=margins)


def _first_offers(episodes: Episodes, reached: Days, *, draws: Draws, margins: Margins) -> Youths:
    """Return who is ever offered anything, on the day of the first offer."""
    is_reached = ~np.isnat(reached)
    share = np.where(is_reached, margins.share("offered_if_reached"), margins.share("offered_if_not_reached"))
    wait = draws.whole("support.first.wait", 1, 25) * ~draws.chance(
        "support.first.at_once", margins.share("offered_at_once")
    )
    known = np.where(is_reached, reached, np.maximum(episodes.entry, episodes.registered))
    factors = np.ones((len(episodes), len(KINDS)))
    factors[:, AIM] = weight_of_aim(episodes, margins=margins)
    everyone = Youths(np.arange(len(episodes)), draws, after_summer_pause(known + days(wait)), is_reached, factors)
    return everyone.of(draws.chance("support.first", share))


def _offer(youths: Youths, log: RowLog, *, number: int, margins: Margins) -> Youths:
    """Offer something to each and write it down; return those who are offered again, on the day of that offer."""
    draws = luck_of_offers(youths.draws, number)
    kind, provider = _kinds(youths, draws, margins)
    accepted = ~draws.chance("support.declined", margins.share("declined"))
    begins = accepted & ~draws.chance("support.never_begun", margins.share("never_begun"))
    begins &= youths.is_reached | draws.chance("support.unreached", margins.share("begun_unreached"))
    start = after_summer_pause(youths.day + days(draws.whole("support.wait", 0, 25)))
    offer = {
        "episode": youths.episode,
        "number": np.full(len(youths), number),
        "kind": kind,
        "provider": provider,
        "offered": youths.day,
        "accepted": np.where(accepted, YES, NO),
        "start": np.where(begins, start, NO_DAY),
        "planned_end": np.where(begins, start + days(_length(draws, kind, margins)), NO_DAY),
        "route_in": route_in(draws, accepted & (kind == AIM), margins=margins),
    }
    employed = begins & (kind == YOUTH_EMPLOYMENT)
    log.add(**chosen(~employed, **offer))
    begin_youth_employment(chosen(employed, **offer), log, draws=draws.of(employed), margins=margins)
    return _offered_again(youths, offer, draws=draws, margins=margins)


def _kinds(youths: Youths, draws: Draws, margins: Margins) -> tuple[np.ndarray, np.ndarray]:
    weights = margins.weights("support")
    kinds, providers = zip(*(code.split("/") for code in weights), strict=True)
    kind_codes = np.array([KINDS.index(kind) for kind in kinds], dtype=np.int8)
    provider_codes = np.array([PROVIDERS.index(provider) for provider in providers], dtype=np.int8)
    each = [weight * youths.factors[:, kind] for weight, kind in zip(weights.values(), kind_codes, strict=True)]
    place = draws.place("support.kind", each)
    return kind_codes[place], provider_codes[place]


def _length(draws: Draws, kind: np.ndarray, margins: Margins) -> Numbers:
    """Return how many days the support is planned for, from a third to five thirds of the usual."""
    usual = np.array([margins.weights("support_days")[code] for code in KINDS])[kind]
    return draws.whole("support.length", usual // 3, usual * 5 // 3)


def _offered_again(youths: Youths, offer: dict[str, np.ndarray], *, draws: Draws, margins: Margins) -> Youths:
    accepted = offer["accepted"] == YES
    again = draws.chance("support.again", margins.share("offered_again") * np.where(accepted, 0.5, 1))
    since = np.where(np.isnat(offer["start"]), offer["offered"], offer["start"])
    day = after_summer_pause(since + days(draws.whole("support.again.wait", 20, 120)))
    factors = youths.factors.copy()
    for kind in ONCE:
        factors[(offer["kind"] == kind) & ~np.isnat(offer["start"]), kind] = 0
    return Youths(youths.episode, youths.draws, day, youths.is_reached, factors).of(again)


def _before(offers: pd.DataFrame, until: Days) -> np.ndarray:
    return offers["offered"].to_numpy() < until.astype("datetime64[s]")[offers["episode"].to_numpy()]
