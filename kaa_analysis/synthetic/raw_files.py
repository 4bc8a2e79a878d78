"""The files of an extract as `docs/layouts/ber.md` has them: columns, rows, inclusive end dates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from kaa_analysis.synthetic.records import Person
from kaa_analysis.synthetic.school_calendar import ONE_DAY

Rows = list[tuple[str, ...]]

DELIVERY = "leverans.csv"
DELIVERY_COLUMNS = ("FIL", "RADER", "UTTAGSDATUM")
COLUMNS: dict[str, tuple[str, ...]] = {
    "personer.csv": (
        "PERSONNUMMER", "FODELSEDATUM", "KON", "FOLKBOKFORD_EFTER_SKOLPLIKT", "TELEFON_FINNS", "SKYDDAD",
        "REGISTERNUMMER",
    ),
    "folkbokforing.csv": ("PERSONNUMMER", "KOMMUN", "STADSDEL", "FROM", "TOM"),
    "skolgang.csv": (
        "PERSONNUMMER", "SKOLFORM", "PROGRAM", "SKOLENHET", "HUVUDMAN", "FROM", "TOM", "AVGANGSORSAK",
    ),
    "bevis.csv": ("PERSONNUMMER", "BEVIS", "DATUM"),
    "kaa.csv": (
        "PERSONNUMMER", "LOPNR", "STARTDATUM", "STARTORSAK", "SLUTDATUM", "AVSLUTSORSAK", "SENASTE_SKOLA",
        "REGISTRERAD",
    ),
    "kontakter.csv": (
        "PERSONNUMMER", "KONTAKTNR", "DATUM", "RIKTNING", "KANAL", "UTSKICK", "ANTAL_PERSONAL", "PLANERAT_BESOK",
        "UTFALL", "SVARSDATUM", "SVARAT_AV",
    ),
    "insatser.csv": (
        "PERSONNUMMER", "INSATSNR", "INSATS", "UTFORARE", "ERBJUDEN", "ACCEPTERAD", "START", "SLUT", "SLUTORSAK",
        "AKTIVITET_EFTER", "SAMTYCKE",
    ),
}  # fmt: skip
CONSENT_PROVIDER = "AMF"
LARGEST_EIGHT_DIGIT_PRIME = 99_999_989
RECORD_STEP = 61_803_399


def extract_rows(persons: Sequence[Person]) -> dict[str, Rows]:
    """Return the rows of every file but the delivery note, persons in the order of their identities."""
    in_order = sorted(persons, key=lambda person: person.identity)
    writers = {
        "personer.csv": _person,
        "folkbokforing.csv": _residences,
        "skolgang.csv": _enrolments,
        "bevis.csv": _credentials,
        "kaa.csv": _spells,
        "kontakter.csv": _contacts,
        "insatser.csv": _offers,
    }
    rows = {
        name: [(person.identity, *row) for person in in_order for row in rows_of(person)]
        for name, rows_of in writers.items()
    }
    rows["personer.csv"] = [(*row, record_number(place)) for place, row in enumerate(rows["personer.csv"])]
    return rows


def record_number(place: int) -> str:
    """Return the nine digits of the person at a place of the file: all different, and in no order that age or sex explains.

    >>> record_number(0), record_number(1), record_number(2)
    ('100000000', '161803399', '123606809')
    """
    return str(LARGEST_EIGHT_DIGIT_PRIME + 11 + place * RECORD_STEP % LARGEST_EIGHT_DIGIT_PRIME)


def delivery_rows(rows: dict[str, Rows], *, extract_date: date) -> Rows:
    """Return the rows of the delivery note: file, number of rows, day of extract."""
    return [(name, str(len(of_file)), _day(extract_date)) for name, of_file in rows.items()]


def as_text(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Return a file's text: header and rows, ``;`` between fields, every row ended.

    >>> as_text(("FIL", "RADER"), [("bevis.csv", "2")])
    'FIL;RADER\nbevis.csv;2\n'
    """
    return "".join(";".join(row) + "\n" for row in (columns, *rows))


def _person(person: Person) -> Rows:
    life = person.life
    row = (_day(life.birth_date), life.sex, _yes(life.newly_resident), _yes(life.has_phone), _yes(life.is_protected))
    return [row]


def _residences(person: Person) -> Rows:
    return [(r.municipality, r.district, _day(r.start), _last_day(r.end)) for r in person.life.residences]


def _enrolments(person: Person) -> Rows:
    return [
        (e.form, e.programme, e.unit, e.provider, _day(e.start), _last_day(e.end), e.leave_reason)
        for e in person.life.enrolments
    ]


def _credentials(person: Person) -> Rows:
    return [(credential.kind, _day(credential.day)) for credential in person.life.credentials]


def _spells(person: Person) -> Rows:
    return [
        (
            str(number),
            _day(s.start),
            s.entry_reason,
            _last_day(s.end),
            s.exit_reason,
            s.last_school,
            _day(s.registered),
        )
        for number, s in enumerate(person.life.spells, start=1)
    ]


def _contacts(person: Person) -> Rows:
    return [
        (
            str(number),
            _day(c.day),
            c.direction,
            c.channel,
            c.campaign,
            "" if c.staff is None else str(c.staff),
            _day(c.planned_visit),
            c.outcome,
            _day(c.responded),
            c.responder,
        )
        for number, c in enumerate(person.contacts, start=1)
    ]


def _offers(person: Person) -> Rows:
    return [
        (
            str(number),
            o.kind,
            o.provider,
            _day(o.offered),
            _yes(o.accepted),
            _day(o.start),
            _last_day(o.end),
            o.end_reason,
            o.activity_after,
            "J" if o.provider == CONSENT_PROVIDER else "",
        )
        for number, o in enumerate(person.offers, start=1)
    ]


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _last_day(end: date | None) -> str:
    return (end - ONE_DAY).isoformat() if end else ""


def _yes(answer: bool) -> str:
    return "J" if answer else "N"
