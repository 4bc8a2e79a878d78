"""A chunk's tables as arrays of whole days and places: what the counts are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.synthetic.truth import layout_codes
from kaa_analysis.synthetic.truth.school_tables import SchoolTables, school_tables
from kaa_analysis.synthetic.truth.tallying import SEX_NAMES

NEVER = 1_000_000
"""The day of what has no end: later than any day asked about, as whole days since 1970-01-01."""

SPAN = 2 * NEVER
"""More days than any interval has: a person's place times this, plus a day, sorts by person and then by day."""

Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Intervals:
    """Half-open day intervals ``[start, end)``; ``who`` is the place of the person among the persons. All have shape (rows,)."""

    who: Whole
    start: Whole
    end: Whole


@dataclass(frozen=True, eq=False)
class Registrations(Intervals):
    """Registrations, mistakes left out. ``number`` is the person's running number, ``registered`` the day the row appeared, ``reason`` the code of the exit,
    ``entry_reason`` that of the entry."""

    number: Whole
    registered: Whole
    reason: NDArray
    entry_reason: NDArray


@dataclass(frozen=True, eq=False)
class Attempts:
    """Outgoing contact attempts in the order of their days, all shape (attempts,).

    ``answered_on`` is the day of the response, that of the attempt if none is noted; ``channel`` a place in `CHANNELS`.
    ``by_person`` are the sorted keys of person and day (`SPAN`). ``campaign`` is the name of the mailing, ``staff`` how many went,
    ``planned`` the day of the visit that a card tells of; ``returned`` says that the letter came back.
    """

    who: Whole
    day: Whole
    channel: Whole
    answered_on: Whole
    reached: NDArray[np.bool_]
    youth_answered: NDArray[np.bool_]
    anyone_answered: NDArray[np.bool_]
    by_person: Whole
    campaign: NDArray
    staff: Whole
    planned: Whole
    returned: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class OwnContacts:
    """Contacts that the youth took, all shape (contacts,)."""

    who: Whole
    day: Whole
    reached: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Support(Intervals):
    """Interventions that began, in the order of their start.

    ``kind``, ``provider``, ``end_reason``, ``activity``, ``step`` and ``route`` are places in `KINDS`, `PROVIDERS`, `END_REASONS`,
    `ACTIVITIES`, `STEPS` and `ROUTES`.
    """

    kind: Whole
    provider: Whole
    end_reason: Whole
    activity: Whole
    step: Whole
    route: Whole


@dataclass(frozen=True, eq=False)
class Activities:
    """What was told of activities, all shape (activities,): ``known`` is the day it was told, ``end`` the first day after, ``number`` in the person's order."""

    who: Whole
    known: Whole
    end: Whole
    number: Whole
    is_unknown: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Residence(Intervals):
    """Residence periods in the order of person and start, sorted by their keys of person and day (`SPAN`).

    ``code`` is the place of the district in ``written``, the codes as they stand.
    """

    code: Whole
    written: tuple[str, ...]

    @property
    def keys(self) -> Whole:
        """The sorted keys of person and first day."""
        return self.who * SPAN + self.start


@dataclass(frozen=True, eq=False)
class KnownTables:
    """What is known of a chunk's persons on the day of extract.

    ``sex``, ``is_protected``, ``has_phone`` and ``born`` (the day of birth) have shape (persons,).
    """

    extract_date: date
    sex: Whole
    is_protected: NDArray[np.bool_]
    has_phone: NDArray[np.bool_]
    born: Whole
    registrations: Registrations
    mistakes: Registrations
    attempts: Attempts
    own_contacts: OwnContacts
    support: Support
    residence: Residence
    activities: Activities
    schools: SchoolTables


CHANNELS = tuple(dict.fromkeys(layout_codes.CHANNELS.values()))
KINDS = tuple(dict.fromkeys(layout_codes.KINDS.values()))
PROVIDERS = tuple(dict.fromkeys(layout_codes.PROVIDERS.values()))
END_REASONS = tuple(dict.fromkeys(layout_codes.END_REASONS.values()))
ACTIVITIES = tuple(dict.fromkeys(layout_codes.ACTIVITIES.values()))
STEPS = tuple(layout_codes.SUPPORT_STEPS.values())
ROUTES = tuple(layout_codes.ROUTES.values())


def day_number(day: date) -> int:
    """Return a day as whole days since 1970-01-01.

    >>> day_number(date(1970, 1, 3))
    2
    """
    return int(np.datetime64(day, "D").astype(np.int64))


def day_numbers(days: pd.Series | NDArray, *, missing: int | NDArray = NEVER) -> Whole:
    """Return days as whole days since 1970-01-01, ``missing`` where there is none; shape as given."""
    found = np.asarray(days).astype("datetime64[D]")
    return np.where(np.isnat(found), missing, found.astype(np.int64))


class People:
    """The persons of a chunk, by number.

    Raises:
        DefinitionError: a person stands twice, or a row asks for one who is not there.
    """

    def __init__(self, persons: pd.DataFrame) -> None:
        self._order = np.argsort(persons["person"].to_numpy(), kind="stable")
        self._sorted = persons["person"].to_numpy()[self._order]
        if (self._sorted[1:] == self._sorted[:-1]).any():
            raise DefinitionError("Varje simulerad person ska stå en gång.", found=f"{len(self._sorted)} rader")

    def places(self, person: pd.Series) -> Whole:
        """Return the place of each person among the persons."""
        wanted = person.to_numpy()
        found = np.searchsorted(self._sorted, wanted).clip(max=max(len(self._sorted) - 1, 0))
        n_unknown = int((self._sorted[found] != wanted).sum()) if len(self._sorted) else len(wanted)
        if n_unknown:
            raise DefinitionError("Varje rad ska höra till en simulerad person.", found=f"utan person: {n_unknown}")
        return self._order[found] if len(wanted) else np.empty(0, dtype=np.int64)


def intervals_of(rows: pd.DataFrame, *, people: People) -> Intervals:
    """Return the rows person, start, end as intervals; a missing end is `NEVER`."""
    return Intervals(people.places(rows["person"]), day_numbers(rows["start"]), day_numbers(rows["end"]))


def known_tables(tables: Mapping[str, pd.DataFrame], *, extract_date: date) -> KnownTables:
    """Return the arrays of a chunk's persons, residence, registrations, contacts, offers and activities.

    The tables hold what is known on the day of extract: later rows are absent, later ends open, codes those of the layout.

    Raises:
        DefinitionError: a person stands twice, a row has no person, or a code is not in the layout.
    """
    persons = tables["persons"]
    people = People(persons)
    written = tables["registrations"]
    is_mistake = (written["exit_reason"] == layout_codes.MISREGISTERED).to_numpy(dtype=bool)
    return KnownTables(
        extract_date=extract_date,
        sex=_places(persons["sex"], codes=layout_codes.SEXES, among=SEX_NAMES),
        is_protected=persons["is_protected"].to_numpy(dtype=bool),
        has_phone=persons["has_phone"].to_numpy(dtype=bool),
        born=day_numbers(persons["birth_date"]),
        registrations=_registrations(written[~is_mistake], people),
        mistakes=_registrations(written[is_mistake], people),
        attempts=_attempts(tables["contacts"], people),
        own_contacts=_own_contacts(tables["contacts"], people),
        support=_support(tables["offers"], people),
        residence=_residence(tables["residence"], people),
        activities=_activities(tables["activities"], people),
        schools=school_tables(tables, places=people.places, day_numbers=day_numbers),
    )


def _registrations(rows: pd.DataFrame, people: People) -> Registrations:
    start = day_numbers(rows["start"])
    return Registrations(
        who=people.places(rows["person"]),
        start=start,
        end=day_numbers(rows["end"]),
        number=rows["number"].to_numpy(dtype=np.int64),
        registered=day_numbers(rows["registered"], missing=start),
        reason=rows["exit_reason"].to_numpy(dtype=object),
        entry_reason=rows["entry_reason"].to_numpy(dtype=object),
    )


def _attempts(rows: pd.DataFrame, people: People) -> Attempts:
    rows = rows[_are_attempts(rows)]
    day = day_numbers(rows["day"])
    order = np.argsort(day, kind="stable")
    reached, by_youth, by_guardian = _answers(rows)
    who = people.places(rows["person"])
    return Attempts(
        who=who[order],
        day=day[order],
        channel=_places(rows["channel"], codes=layout_codes.CHANNELS, among=CHANNELS)[order],
        answered_on=day_numbers(rows["responded"], missing=day)[order],
        reached=reached[order],
        youth_answered=(reached | by_youth)[order],
        anyone_answered=(reached | by_youth | by_guardian)[order],
        by_person=np.sort(who * SPAN + day),
        campaign=rows["campaign"].fillna("").to_numpy(str)[order],
        staff=rows["staff"].to_numpy(dtype=np.int64)[order],
        planned=day_numbers(rows["planned_visit"])[order],
        returned=(rows["outcome"] == layout_codes.RETURNED).to_numpy(dtype=bool)[order],
    )


def _own_contacts(rows: pd.DataFrame, people: People) -> OwnContacts:
    rows = rows[~_are_attempts(rows)]
    reached = (rows["outcome"] == layout_codes.REACHED).to_numpy(dtype=bool)
    return OwnContacts(people.places(rows["person"]), day_numbers(rows["day"]), reached)


def _are_attempts(rows: pd.DataFrame) -> pd.Series:
    return (rows["direction"] == layout_codes.OUTGOING) & (rows["channel"] != layout_codes.DROP_IN)


def _answers(rows: pd.DataFrame) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which attempts became a conversation, which the youth answered, and which a guardian did."""
    outcome, responder = rows["outcome"], rows["responder"].fillna("")
    not_noted = responder == ""
    by_youth = (responder == layout_codes.YOUTH) | (not_noted & outcome.isin(layout_codes.ANSWERS_OF_YOUTH))
    by_guardian = (responder == layout_codes.GUARDIAN) | (not_noted & (outcome == layout_codes.ANSWER_OF_GUARDIAN))
    reached = outcome == layout_codes.REACHED
    return tuple(answer.to_numpy(dtype=bool) for answer in (reached, by_youth, by_guardian))


def _support(rows: pd.DataFrame, people: People) -> Support:
    begun = rows[rows["start"].notna()].sort_values("start", kind="stable")
    return Support(
        who=people.places(begun["person"]),
        start=day_numbers(begun["start"]),
        end=day_numbers(begun["end"]),
        kind=_places(begun["kind"], codes=layout_codes.KINDS, among=KINDS),
        provider=_places(begun["provider"], codes=layout_codes.PROVIDERS, among=PROVIDERS),
        end_reason=_noted(begun["end_reason"], codes=layout_codes.END_REASONS, among=END_REASONS),
        activity=_noted(begun["activity_after"], codes=layout_codes.ACTIVITIES, among=ACTIVITIES),
        step=_noted(begun["step"], codes=layout_codes.SUPPORT_STEPS, among=STEPS),
        route=_noted(begun["route_in"], codes=layout_codes.ROUTES, among=ROUTES),
    )


def _activities(rows: pd.DataFrame, people: People) -> Activities:
    return Activities(
        who=people.places(rows["person"]),
        known=day_numbers(rows["known"]),
        end=day_numbers(rows["end"]),
        number=rows["number"].to_numpy(dtype=np.int64),
        is_unknown=(rows["kind"] == layout_codes.ACTIVITY_UNKNOWN).to_numpy(dtype=bool),
    )


def _residence(rows: pd.DataFrame, people: People) -> Residence:
    who, start = people.places(rows["person"]), day_numbers(rows["start"])
    order = np.lexsort((start, who))
    code, written = pd.factorize(rows["district"].fillna("").to_numpy(object)[order])
    return Residence(who[order], start[order], day_numbers(rows["end"])[order], code, tuple(written))


def _noted(written: pd.Series, *, codes: Mapping[str, str], among: tuple[str, ...]) -> Whole:
    """Return `_places`; what is not noted has the empty code."""
    return _places(written.astype(object).where(written.notna(), ""), codes=codes, among=among)


def _places(written: pd.Series, *, codes: Mapping[str, str], among: tuple[str, ...]) -> Whole:
    """Return the place of what each code means among names."""
    places = written.map({code: among.index(name) for code, name in codes.items()})
    if places.isna().any():
        raise DefinitionError(
            "Varje kod i de simulerade tabellerna ska finnas i layouten.",
            found=f"{written.name}: {places.isna().sum()}",
        )
    return places.to_numpy(dtype=np.int64)
