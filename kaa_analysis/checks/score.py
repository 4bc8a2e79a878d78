"""`score`: compare what the checks found with the errors that are known to be there: found, missed, false alarms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum

from kaa_analysis.checks.check_report import CheckReport, State
from kaa_analysis.checks.check_rules import DELIVERED, KEPT, SET_ASIDE
from kaa_analysis.checks.score_reading import KnownError, SetAsideRow

CHECK_OF_REASON: Mapping[str, str] = {reason: check for check, reasons in SET_ASIDE.items() for reason in reasons}


class Fate(StrEnum):
    """What should become of an error."""

    FOUND = "found"
    CANNOT_BE_TOLD = "cannot_be_told"
    READ_RIGHT = "read_right"


@dataclass(frozen=True)
class KindScore:
    """The errors of one kind. ``n_found`` of ``n_injected`` were found by a check that should find them, in that very row or person.

    ``why`` tells why a kind cannot be told from truth, or is read right, and is empty for kinds that should be found.
    """

    kind: str
    name: str
    fate: Fate
    n_injected: int
    n_found: int = 0
    found_by: tuple[str, ...] = ()
    why: str = ""

    @property
    def n_missed(self) -> int:
        """How many should have been found and were not."""
        return self.n_injected - self.n_found if self.fate is Fate.FOUND else 0


@dataclass(frozen=True)
class Score:
    """How well the checks of a register did. ``false_alarms`` counts by check the rows found that no error explains, every check that was run
    included; those ``not_run`` have passed nothing.
    """

    register: str
    kinds: tuple[KindScore, ...]
    false_alarms: Mapping[str, int]
    not_run: tuple[str, ...] = ()

    def of(self, fate: Fate) -> tuple[KindScore, ...]:
        """Return the kinds of one fate."""
        return tuple(kind for kind in self.kinds if kind.fate is fate)


def score(report: CheckReport, *, errors: Sequence[KnownError], set_aside: Sequence[SetAsideRow]) -> Score:
    """Return the score of a report. An error is found where a check that its kind names found the same row, or the same person.

    A row found is explained, and no false alarm, if the same person (or the same line of the file) has an error that the check should find or
    that may lead to it. A check that only counts has found as many errors as it counted, at most as many as there are; more are false alarms.

    **Counts**: errors; false alarms are rows found.
    **Missing**: errors that no check can tell from truth are neither found nor missed.
    """
    found = _Found.of(report, set_aside)
    by_kind: dict[str, list[KnownError]] = {}
    for error in errors:
        by_kind.setdefault(error.kind, []).append(error)
    kinds = tuple(_kind_score(of_kind, found=found) for of_kind in by_kind.values())
    alarms = _false_alarms(report, errors=errors, set_aside=set_aside)
    not_run = tuple(outcome.check.id for outcome in report.outcomes if outcome.state is State.NOT_RUN)
    return Score(report.register, kinds, {check: n for check, n in alarms.items() if check not in not_run}, not_run)


@dataclass(frozen=True)
class _Found:
    """What was found, in the ways it is asked for."""

    rows: Mapping[tuple[str, str], list[tuple[str, Set[str]]]] = field(default_factory=dict)
    lines: Set[tuple[str, str, int]] = frozenset()
    persons_set_aside: Set[tuple[str, str]] = frozenset()
    counted: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, report: CheckReport, set_aside: Sequence[SetAsideRow]) -> _Found:
        rows: dict[tuple[str, str], list[tuple[str, Set[str]]]] = {}
        for check, table, person, key in _findings(report):
            rows.setdefault((check, person), []).append((table, frozenset(key.split())))
        return cls(
            rows,
            frozenset((reason, row.file, row.line) for row in set_aside for reason in row.reasons),
            frozenset((reason, row.person) for row in set_aside for reason in row.reasons),
            {check: report.outcome(check).n_rows or 0 for check in KEPT},
        )

    def has(self, error: KnownError) -> bool:
        """Return whether any check that should find the error found it."""
        return any(self._by(*finder.partition(":")[::2], error) for finder in error.found_by)

    def _by(self, check: str, reason: str, error: KnownError) -> bool:
        if reason and error.lines:
            return any((reason, error.file, line) in self.lines for line in error.lines)
        if reason:
            return (reason, error.person) in self.persons_set_aside
        key = frozenset(error.row_key.split())
        return any(table != error.table or key <= parts for table, parts in self.rows.get((check, error.person), ()))


def _kind_score(errors: Sequence[KnownError], *, found: _Found) -> KindScore:
    one, n_errors = errors[0], len(errors)
    if one.cannot_be_told or one.read_right:
        fate = Fate.CANNOT_BE_TOLD if one.cannot_be_told else Fate.READ_RIGHT
        return KindScore(one.kind, one.name, fate, n_errors, why=one.cannot_be_told or one.read_right)
    counting = [check for check in one.found_by if check in KEPT]
    n_found = sum(map(found.has, errors)) if not counting else min(n_errors, sum(found.counted[c] for c in counting))
    return KindScore(one.kind, one.name, Fate.FOUND, n_errors, n_found, one.found_by)


def _false_alarms(
    report: CheckReport, *, errors: Sequence[KnownError], set_aside: Sequence[SetAsideRow]
) -> dict[str, int]:
    explained = _Explained.by(errors)
    alarms = {outcome.check.id: 0 for outcome in report.outcomes}
    for check, table, person, key in _findings(report):
        alarms[check] += not explained.finding(check, table=table, person=person, key=key)
    for row in set_aside:
        for check in dict.fromkeys(CHECK_OF_REASON[reason] for reason in row.reasons):
            alarms[check] += not explained.line(check, row=row)
    for check in KEPT:
        n_errors = sum(check in _checks(error) for error in errors)
        alarms[check] = max(0, (report.outcome(check).n_rows or 0) - n_errors)
    alarms[DELIVERED] = report.outcome(DELIVERED).n_rows or 0
    return alarms


@dataclass(frozen=True)
class _Explained:
    """Which checks the errors explain: by person, by line, and (where there is no person) by the row's key."""

    persons: Mapping[str, Set[str]]
    lines: Mapping[tuple[str, int], Set[str]]
    rows: Sequence[tuple[str, Set[str], Set[str]]]

    @classmethod
    def by(cls, errors: Iterable[KnownError]) -> _Explained:
        persons: dict[str, set[str]] = {}
        lines: dict[tuple[str, int], set[str]] = {}
        rows: list[tuple[str, Set[str], Set[str]]] = []
        for error in errors:
            checks = _checks(error)
            for person in {error.person, error.other_person} - {""}:
                persons.setdefault(person, set()).update(checks)
            for line in error.lines:
                lines.setdefault((error.file, line), set()).update(checks)
            if not error.person:
                rows.append((error.table, frozenset(error.row_key.split()), checks))
        return cls(persons, lines, rows)

    def finding(self, check: str, *, table: str, person: str, key: str) -> bool:
        if person:
            return check in self.persons.get(person, ())
        parts = set(key.split())
        return any(check in checks and table == where and known <= parts for where, known, checks in self.rows)

    def line(self, check: str, *, row: SetAsideRow) -> bool:
        return check in self.lines.get((row.file, row.line), ()) or check in self.persons.get(row.person, ())


def _checks(error: KnownError) -> set[str]:
    return {finder.partition(":")[0] for finder in (*error.found_by, *error.also)}


def _findings(report: CheckReport) -> list[tuple[str, str, str, str]]:
    rows = report.findings[["check_id", "table", "person_id", "row_key"]].fillna("")
    return [tuple(map(str, row)) for row in rows.itertuples(index=False)]
