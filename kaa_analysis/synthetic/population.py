"""The persons of a scenario, each drawn from streams of their own."""

from __future__ import annotations

from datetime import timedelta

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.synthetic.draws import Draws
from kaa_analysis.synthetic.extract_view import as_known
from kaa_analysis.synthetic.invented_identity import draw_identity
from kaa_analysis.synthetic.life_courses import school_life, target_group_life
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.outreach import contacts_of
from kaa_analysis.synthetic.records import LifeCourse, Person
from kaa_analysis.synthetic.scenario import Scenario
from kaa_analysis.synthetic.support import offers_of

LIFE, OUTREACH, SUPPORT, IDENTITY = range(4)
MOST_ATTEMPTS = 1000


def simulate(scenario: Scenario, *, margins: Margins) -> list[Person]:
    """Return the persons of ``scenario`` as known on its day of extract."""
    taken: set[str] = set()
    return [_person(number, scenario, taken, margins) for number in range(scenario.persons)]


def _person(number: int, scenario: Scenario, taken: set[str], margins: Margins) -> Person:
    life = as_known(_life(number, scenario, margins), extract_date=scenario.extract_date)
    contacts = contacts_of(
        life, extract_date=scenario.extract_date, draws=Draws(scenario.seed, number, OUTREACH), margins=margins
    )
    offers = offers_of(
        life,
        contacts,
        extract_date=scenario.extract_date,
        draws=Draws(scenario.seed, number, SUPPORT),
        margins=margins,
    )
    return Person(_identity(life, Draws(scenario.seed, number, IDENTITY), taken, margins), life, contacts, offers)


def _life(number: int, scenario: Scenario, margins: Margins) -> LifeCourse:
    """Return a life of the kind that person ``number`` is to have, drawn until one falls inside the observation."""
    registered = round(scenario.persons * scenario.registered_share)
    missed = round(scenario.persons * scenario.missed_share)
    misregistered = round(registered * margins.share("misregistered_persons"))
    for attempt in range(MOST_ATTEMPTS):
        draws = Draws(scenario.seed, number, LIFE, attempt)
        if misregistered <= number < registered + missed:
            life = target_group_life(scenario, is_missed=number >= registered, draws=draws, margins=margins)
        else:
            life = school_life(scenario, is_misregistered=number < misregistered, draws=draws, margins=margins)
        if life is not None:
            return life
    raise DefinitionError(f'Scenariot "{scenario.name}" har för kort observationstid för att simuleras.')


def _identity(life: LifeCourse, draws: Draws, taken: set[str], margins: Margins) -> str:
    """Return a free identity; now and then it is written with a day close to the birth date, as the law allows."""
    nearby = draws.chance(margins.share("identity_on_nearby_day"))
    written = life.birth_date + timedelta(days=draws.whole(1, 3)) if nearby else life.birth_date
    identity = draw_identity(written, sex=life.sex, taken=taken, draws=draws)
    taken.add(identity)
    return identity
