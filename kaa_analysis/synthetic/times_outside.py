"""Times outside school: what is done to reach the young person, what support does, and how each time ends.

The order is causal. Outreach and support are drawn as if the time lasted until 20; the day Aim would begin bears on the way out; what was to come after
the way out never happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kaa_analysis.synthetic.draws import Days, Draws, Flags
from kaa_analysis.synthetic.episodes import Episodes
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.outreach import cut, first_reached, potential_contacts
from kaa_analysis.synthetic.population import Persons
from kaa_analysis.synthetic.residence import STOCKHOLM, Moves, stays_of
from kaa_analysis.synthetic.rowwise import stacked
from kaa_analysis.synthetic.school_calendar import days, is_one_summer
from kaa_analysis.synthetic.support import AimStrategy, aim_start, finish_offers, potential_offers
from kaa_analysis.synthetic.turns import Outside, Starts
from kaa_analysis.synthetic.ways_out import COMPLETED, GONE, MOVE, STUDY_FORMS, WaysOut, ways_out

NOWHERE = ""
"""The municipality of who is abroad or dead."""


@dataclass(frozen=True, eq=False)
class TimesOutside:
    """Times outside school with all that was done. The column *episode* of contacts and offers is the place in ``episodes``.

    ``reached`` is the day of the first talk with the youth and ``aim`` that on which Aim would have begun, both as if the time had lasted until 20.
    """

    episodes: Episodes
    out: WaysOut
    reached: Days
    aim: Days
    contacts: pd.DataFrame
    offers: pd.DataFrame

    def __len__(self) -> int:
        return len(self.episodes)

    def of(self, chosen: Flags) -> TimesOutside:
        """Return some of the times, with their contacts and offers."""
        place = np.cumsum(chosen) - 1
        rows = {
            name: table[chosen[table["episode"].to_numpy()]].assign(episode=lambda kept: place[kept["episode"]])
            for name, table in (("contacts", self.contacts), ("offers", self.offers))
        }
        return TimesOutside(
            self.episodes.of(chosen), self.out.of(chosen), self.reached[chosen], self.aim[chosen], **rows
        )


def times_outside(
    outside: Outside, persons: Persons, moves: Moves, draws: Draws, *, margins: Margins, aim: AimStrategy
) -> TimesOutside:
    """Return the times that begin on the days of ``outside``; ``draws`` are theirs, in their order."""
    episodes = _episodes(outside, persons, moves, draws, margins)
    contacts = potential_contacts(episodes, seed=draws.seed, margins=margins)
    reached = first_reached(contacts, n_episodes=len(episodes))
    offers = potential_offers(episodes, reached, seed=draws.seed, margins=margins, aim=aim)
    begins = aim_start(offers, n_episodes=len(episodes))
    out = ways_out(episodes, begins, draws, margins=margins)
    return TimesOutside(
        episodes=episodes,
        out=out,
        reached=reached,
        aim=begins,
        contacts=cut(contacts, end=out.day),
        offers=finish_offers(offers, episodes, end=out.day, way=out.reason, seed=draws.seed, margins=margins),
    )


def is_summer_gap(outside: Outside, out: WaysOut) -> Flags:
    """Return which times were only the summer between two places: the last day in school 1 June or later, studies again by 15 September."""
    return outside.from_school & np.isin(out.reason, STUDY_FORMS) & is_one_summer(outside.day, out.day)


def studies_after(outside: Outside, out: WaysOut) -> Starts:
    """Return the study starts among the ways out."""
    starts = np.isin(out.reason, STUDY_FORMS)
    return Starts(outside.rows[starts], out.reason[starts], out.day[starts], np.zeros(starts.sum(), bool))


def back_again(outside: Outside, out: WaysOut, draws: Draws, *, margins: Margins) -> Outside:
    """Return who moves back into the city after some months, without a place."""
    away = margins.weights("days_away")
    back = (out.reason == MOVE) & draws.chance("moves_back", margins.share("returns_after_move"))
    day = out.day + days(draws.whole("moves_back.days", away["least"], away["most"]))
    returns = Outside(
        outside.rows, day, np.full(len(outside), "OKA"), outside.last_school, np.zeros(len(outside), bool)
    )
    return returns.of(back)


def stays_after(
    outside: Outside, out: WaysOut, returns: Outside, persons: Persons, moves: Moves, draws: Draws, *, margins: Margins
) -> pd.DataFrame:
    """Return the changes of address that the ways out and the returns are: person, day, municipality, district."""
    left = np.isin(out.reason, (MOVE, GONE))
    to = draws.pick("moves_to", margins.weights("other_municipalities"))
    municipality = np.where(out.reason == GONE, NOWHERE, to)
    away = stays_of(persons.number[outside.rows], out.day, municipality, "")[left]
    district = moves.district_on(returns.rows, returns.day)
    home = stays_of(persons.number[returns.rows], returns.day, STOCKHOLM, district)
    return pd.concat([away, home], ignore_index=True)


def certificates_outside(
    outside: Outside, out: WaysOut, persons: Persons, draws: Draws, *, margins: Margins
) -> pd.DataFrame:
    """Return the certificates of those who completed an education without an enrolment here."""
    completed = out.reason == COMPLETED
    kind = draws.pick("completed.kind", margins.weights("certificate_without_enrolment"))
    rows = pd.DataFrame({"person": persons.number[outside.rows], "kind": kind, "day": out.day})
    return rows[completed]


def all_times(parts: Sequence[TimesOutside]) -> TimesOutside:
    """Return the times of several turns as one."""
    first = np.cumsum([0, *(len(part) for part in parts)])
    tables = {
        name: pd.concat(
            [getattr(part, name).assign(episode=getattr(part, name)["episode"] + at) for part, at in zip(parts, first, strict=False)],
            ignore_index=True,
        )
        for name in ("contacts", "offers")
    }  # fmt: skip
    return TimesOutside(
        episodes=stacked([part.episodes for part in parts]),
        out=stacked([part.out for part in parts]),
        reached=np.concatenate([part.reached for part in parts]),
        aim=np.concatenate([part.aim for part in parts]),
        **tables,
    )


def _episodes(outside: Outside, persons: Persons, moves: Moves, draws: Draws, margins: Margins) -> Episodes:
    who = persons.of(outside.rows)
    return Episodes(
        person=who.number,
        turn=draws.turn,
        entry=outside.day,
        registered=outside.day + days(registration_delay(draws, margins)),
        until=who.twentieth,
        district=moves.district_on(outside.rows, outside.day),
        entry_reason=outside.reason,
        last_school=outside.last_school,
        has_phone=who.has_phone,
        is_protected=who.is_protected,
        newly_resident=who.newly_resident,
        openness=who.openness,
        motivation=who.motivation,
    )


def registration_delay(draws: Draws, margins: Margins) -> np.ndarray:
    """Return the days until the nightly match, or a school's late report, has someone in the register."""
    spans = margins.weights("registration_delay")
    low, high = np.array([[int(day) for day in span.split("-")] for span in spans]).T
    place = draws.place("registered.span", list(spans.values()))
    return draws.whole("registered.days", low[place], high[place])
