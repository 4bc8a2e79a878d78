"""`spoil`: put the errors of a profile into the raw files of a folder, and tell what was done."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from kaa_analysis.synthetic.errors import (
    contact_errors,
    optional_file_errors,
    person_errors,
    registration_errors,
    residence_errors,
    schooling_errors,
    support_errors,
)
from kaa_analysis.synthetic.errors.changes import Candidate, Change, Injector
from kaa_analysis.synthetic.errors.error_kinds import CLEAN, ErrorKind, Origin, error_kinds, known_profile
from kaa_analysis.synthetic.errors.file_errors import spoil_files
from kaa_analysis.synthetic.errors.injected_error import InjectedError, key_of_row
from kaa_analysis.synthetic.errors.raw_folder import PERSON, RawFolder, Row, read_folder, write_folder

INJECTORS: Mapping[str, Injector] = {
    **person_errors.INJECTORS,
    **residence_errors.INJECTORS,
    **schooling_errors.INJECTORS,
    **registration_errors.INJECTORS,
    **contact_errors.INJECTORS,
    **support_errors.INJECTORS,
    **optional_file_errors.INJECTORS,
}
"""How each kind that spoils rows is made."""


@dataclass(eq=False)
class _Done:
    """A change that was made: where its rows stand is known only when everything has been changed."""

    kind: str
    file: str
    place: int
    which: tuple[int, ...]
    row_key: str
    identity: str
    other_identity: str
    detail: str


@dataclass(eq=False)
class _Work:
    """A folder under work, with the persons and the rows without persons that have an error already."""

    raw: RawFolder
    extract_date: date
    taken: set[str]
    taken_rows: set[tuple[str, int]] = field(default_factory=set)
    done: list[_Done] = field(default_factory=list)


def spoil(
    folder: Path, *, profile: str, seed: int, extract_date: date, untouched: Collection[str] = ()
) -> tuple[InjectedError, ...]:
    """Spoil the raw files in ``folder`` in place and return every error, in the order of the catalogue.

    A person has at most one error, so that none hides another; those in ``untouched`` (who have errors from the simulation) get none. The delivery note
    is counted anew: the delivery stays whole. The same files, profile and seed give the same bytes, and a kind's rows do not depend
    on what other kinds there are, as long as these want none of them.

    Raises:
        DefinitionError: there is no such profile.
        ExtractError: the folder has no delivery note.
    """
    if known_profile(profile) == CLEAN:
        return ()
    work = _Work(read_folder(folder), extract_date, set(untouched))
    for kind in error_kinds().values():
        if kind.origin is Origin.ROWS and kind.file in work.raw.tables:
            _inject(kind, work=work, profile=profile, seed=seed)
    write_folder(work.raw, folder)
    return (*_with_lines(work), *spoil_files(folder, profile=profile))


def _inject(kind: ErrorKind, *, work: _Work, profile: str, seed: int) -> None:
    luck = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(kind.id.encode())])))
    table = work.raw.tables[kind.file]
    left = kind.count(len(table.lines), profile=profile)
    if not left:
        return
    for candidate in _candidates(kind.file, work=work, luck=luck):
        change = INJECTORS[kind.id](candidate)
        if change is None:
            continue
        work.done.append(_made(kind.id, candidate, change, raw=work.raw))
        work.taken |= {candidate.identity, change.identity or "", change.other_identity, *change.left_alone} - {""}
        work.taken_rows.add((kind.file, candidate.place))
        left -= 1
        if not left:
            return


def _candidates(file: str, *, work: _Work, luck: np.random.Generator) -> Iterator[Candidate]:
    table = work.raw.tables[file]
    for place in luck.permutation(len(table.lines)).tolist():
        row = table.row(place)
        if row is None or (file, place) in work.taken_rows or row.get(PERSON) in work.taken:
            continue
        yield Candidate(file, place, row, work.raw, work.extract_date, luck, work.taken)


def _made(kind: str, candidate: Candidate, change: Change, *, raw: RawFolder) -> _Done:
    """Change the rows and tell what was changed."""
    table, before = raw.tables[candidate.file], candidate.row
    if change.row != before:
        table.change(candidate.place, change.row)
    added = tuple(table.add(candidate.place, row) for row in change.added)
    for part in change.elsewhere:
        raw.tables[part.file].change(part.place, part.row)
        if part.added is not None:
            raw.tables[part.file].add(part.place, part.added)
    return _Done(
        kind,
        candidate.file,
        candidate.place,
        (*[0] * (change.row is not None), *added),
        key_of_row(candidate.file, change.found_at or change.row or before),
        candidate.identity if change.identity is None else change.identity,
        change.other_identity,
        _detail(before, change),
    )


def _detail(before: Row, change: Change) -> str:
    if change.row is None:
        told = ["raden borttagen"]
    else:
        told = [
            f"{name}: {before[name] or 'tomt'} → {value or 'tomt'}"
            for name, value in change.row.items()
            if before[name] != value
        ]
    told += ["rad tillagd"] * len(change.added)
    n_other = len(change.elsewhere)
    return ", ".join([*told, *[_others(n_other)] * bool(n_other)])


def _others(n_rows: int) -> str:
    return "en annan rad ändrad" if n_rows == 1 else f"{n_rows} andra rader ändrade"


def _with_lines(work: _Work) -> tuple[InjectedError, ...]:
    numbers = {name: table.line_numbers() for name, table in work.raw.tables.items()}
    return tuple(
        InjectedError(
            kind=done.kind,
            file=done.file,
            person_identity=done.identity,
            row_key=done.row_key,
            lines=tuple(numbers[done.file][done.place, which] for which in done.which),
            other_identity=done.other_identity,
            detail=done.detail,
        )
        for done in work.done
    )
