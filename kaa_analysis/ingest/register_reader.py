"""From Extract to Register: read, check, set aside, pseudonymise, hold against the contract, write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from kaa_analysis.core.boundary import PACKAGE, boundary
from kaa_analysis.core.collection import collection_paused
from kaa_analysis.core.errors import ExtractError
from kaa_analysis.core.installed import installed_versions, lock_hash, python_version
from kaa_analysis.core.locks import held
from kaa_analysis.core.project import find_project_root
from kaa_analysis.core.provenance import CODE_SUFFIXES, hash_tree, hash_value
from kaa_analysis.core.secure_folder import SecureFolder, secure_folder
from kaa_analysis.ingest import wording
from kaa_analysis.ingest.coded_text import different_values, renamed, values_in_order
from kaa_analysis.ingest.convert import Converted, concerned, convert, is_told
from kaa_analysis.ingest.delivered_files import Delivery, read_delivery
from kaa_analysis.ingest.delivered_names import delivered_by_file
from kaa_analysis.ingest.extract import Extract, open_extract
from kaa_analysis.ingest.grants import (
    Grant,
    invented_grants,
    optional_tables,
    project_grants,
    require_grants,
    subjects_needing_grants,
    support_lines,
    used_grants,
)
from kaa_analysis.ingest.half_year_editions import with_edition
from kaa_analysis.ingest.held_registers import as_held
from kaa_analysis.ingest.identity import pseudonym
from kaa_analysis.ingest.layout import Layout
from kaa_analysis.ingest.layout_files import composed, layout_hash, read_layout
from kaa_analysis.ingest.problem_files import (
    clear_problem_files,
    n_problem_rows,
    no_sum_error,
    problem_counts,
    problem_error,
    write_problem_file,
)
from kaa_analysis.ingest.raw_file import RawFile
from kaa_analysis.ingest.reasons import FINDING_LABELS, Finding
from kaa_analysis.ingest.row_checks import (
    FileRows,
    findings,
    is_silent_long_before,
    kept_rows,
    source_notes,
    whole_rows,
    with_duplicate_keys,
    with_repeated_lines,
    with_unknown_persons,
)
from kaa_analysis.ingest.row_numbers import with_row_numbers
from kaa_analysis.schema.contracts import broken_rules
from kaa_analysis.store.dtypes import pandas_types, typed_table
from kaa_analysis.store.register import Register, open_register, with_grants, write_register

Progress = Callable[[str], None]
FOLDER_DIGITS = 12
READING_CODE = ("core", "ingest", "schema", "store")
"""The subpackages whose code and data decide what a register holds. The register queries of `store` do not: they are asked of it afterwards."""


@dataclass(frozen=True, eq=False)
class _Task:
    """One reading: the extract, its layout, and where it may work."""

    extract: Extract
    layout: Layout
    secure: SecureFolder
    accept_problem_rows: int
    tell: Progress
    grants: tuple[Grant, ...]

    @property
    def delivered(self) -> tuple[str, ...]:
        """The delivered files by the names that the layout has for them."""
        return tuple(delivered_by_file([path.name for path in self.extract.register_files], layout=self.layout))

    @property
    def outside(self) -> dict[str, str]:
        """What the delivered files hold outside the register's purpose, by the subject of the grant that it needs."""
        return subjects_needing_grants(self.layout, delivered=self.delivered)


def read_register(
    name: str,
    *,
    accept_problem_rows: int = 0,
    secure: SecureFolder | None = None,
    progress: Progress | None = None,
    grants: Sequence[Grant] | None = None,
) -> Register:
    """Return the register of the extract called ``name``, read now or opened if it was read before with the same everything.

    Rows that cannot be read go whole to ``problems/<name>/`` in the secure folder. More of them than ``accept_problem_rows``
    stop the reading; else they are set aside and counted in the register. ``secure`` defaults to the folder that the
    environment names, ``progress`` gets Swedish lines without any person's value, ``grants`` to those recorded in the project: what lies
    outside the register's purpose is read only with a grant that holds on the day of extract.

    Raises:
        ExtractError: there is no such extract, its files are not what the layout says, a grant is missing or has expired, or too
            many rows fail.
        ParameterError: the layout is not known.
        SecureFolderError: the secure folder is missing or open to others.
        UnexpectedError: anything else; its text lies in the secure folder.
    """
    secure = secure or secure_folder()
    tell = progress or (lambda line: None)
    with boundary("Inläsningen av uttaget", log_folder=secure.logs), collection_paused():
        extract = open_extract(name, secure=secure)
        layout = _layout(extract)
        recorded = project_grants() if grants is None else tuple(grants)
        holding = (*recorded, *_of_invented(extract, layout))
        task = _Task(extract, layout, secure, accept_problem_rows, tell, holding)
        folder = register_folder(extract, secure=secure)
        return as_held(_already_read(folder, task=task) or _read_once(folder, task=task))


def _of_invented(extract: Extract, layout: Layout) -> tuple[Grant, ...]:
    """Return the grants that a simulated extract has of itself; a layout that takes real identities gives none."""
    return invented_grants() if extract.invented and layout.identity == "synthetic" else ()


def _layout(extract: Extract) -> Layout:
    main = with_edition(read_layout(extract.layout), edition=extract.edition)
    return composed(main, supplements=extract.supplements)


def register_folder(extract: Extract, *, secure: SecureFolder) -> Path:
    """Return where the register of an extract lies: named by the hash of extract, layout, reading code, programs, lock and pseudonym key."""
    parts = {
        "extract": extract.extract_hash,
        "layout": layout_hash(extract.layout, supplements=extract.supplements, edition=extract.edition),
        "code": [hash_tree(PACKAGE / part, suffixes=CODE_SUFFIXES) for part in READING_CODE],
        "programs": [python_version(), installed_versions(), lock_hash(find_project_root())],
        "key": secure.key_fingerprint(),
    }
    return secure.registers / f"{extract.name}-{hash_value(parts)[:FOLDER_DIGITS]}"


def _already_read(folder: Path, *, task: _Task) -> Register | None:
    try:
        register = open_register(folder)
    except ExtractError:
        return None
    if register.accepted_problem_rows > task.accept_problem_rows:
        return None
    require_grants(task.outside, grants=task.grants, on=register.extract_date)
    task.tell(f'Registret "{register.name}" är redan inläst och oförändrat.')
    return with_grants(register, used_grants(task.outside, grants=task.grants, on=register.extract_date))


def _read_once(folder: Path, *, task: _Task) -> Register:
    """Read the extract, or open what another process has read meanwhile."""
    with held(task.secure.locks / f"{folder.name}.register.lock"):
        return _already_read(folder, task=task) or _read(folder, task=task)


def _read(folder: Path, *, task: _Task) -> Register:
    require_grants(task.outside, grants=task.grants, on=task.extract.extract_date)
    clear_problem_files(task.extract.name, secure=task.secure)
    delivery = read_delivery(task.extract, layout=task.layout, tell=task.tell)
    require_grants(task.outside, grants=task.grants, on=delivery.extract_date)
    used = used_grants(task.outside, grants=task.grants, on=delivery.extract_date)
    for line in support_lines(used):
        task.tell(line)
    files = _checked(_converted(delivery, layout=task.layout))
    n_failing = _set_aside(files, delivery=delivery, task=task)
    identified = _kept(files, delivery=delivery)
    if is_silent_long_before(identified, extract_date=delivery.extract_date):
        raise ExtractError(
            "Uttagsdagen ska ligga nära det senaste som har hänt i uttaget.",
            found="mer än ett år mellan det senaste datumet i filerna och uttagsdagen",
            action="kontrollera uttagsdagen och hämta in uttaget under ett nytt namn",
        )
    oddities = findings(identified, identity=task.layout.identity, extract_date=delivery.extract_date)
    of_files = {Finding.SENSITIVE_CODE: delivery.n_sensitive, Finding.OTHER_MUNICIPALITY: delivery.n_elsewhere}
    oddities |= {finding: n_rows for finding, n_rows in of_files.items() if n_rows}
    for oddity, count in oddities.items():
        task.tell(f"Att se över: {FINDING_LABELS[oddity]} – {wording.rows(count)}.")
    persons_file = next(name for name, file in task.layout.files.items() if "persons" in {f.table for f in file.feeds})
    notes = source_notes(identified, identity=task.layout.identity, file=persons_file)
    canonical = _pseudonymised({**identified, **notes}, task=task)
    _hold_contract(canonical)
    register = Register(
        name=task.extract.name,
        layout=task.layout.name,
        extract_date=delivery.extract_date,
        extract_hash=task.extract.extract_hash,
        rules=task.layout.rules,
        source=task.layout.source,
        municipality=task.layout.municipality,
        observed_from=task.extract.observed_from,
        folder=folder,
        accepted_problem_rows=n_failing,
        findings={str(oddity): count for oddity, count in oddities.items()},
        problem_counts=problem_counts(files),
        identity_kind=task.layout.identity,
        grants=used,
        sources=optional_tables(task.layout, delivered=task.delivered),
    )
    written = write_register(register, tables_to_write=canonical)
    task.tell(f"Registret är inläst: {wording.rows(sum(written.row_counts.values()))} i tabellerna.")
    return written


def _converted(delivery: Delivery, *, layout: Layout) -> list[FileRows]:
    return [with_repeated_lines(_converted_file(raw, layout=layout), lines=raw.rows) for raw in delivery.files]


def _converted_file(raw: RawFile, *, layout: Layout) -> FileRows:
    form = layout.form_of(raw.name)
    feeds = [feed for feed in layout.files[raw.name].feeds if is_told(raw.rows, feed=feed)]
    converted = tuple(convert(raw.rows, feed=feed, layout=form, identity=layout.identity) for feed in feeds)
    return FileRows(raw.name, converted, raw.problems)


def _checked(files: Sequence[FileRows]) -> list[FileRows]:
    files = [with_duplicate_keys(file) for file in with_row_numbers(files)]
    [(file, persons)] = [(file, feed) for file in files for feed in file.feeds if feed.feed.table == "persons"]
    failed = persons.rows.index.isin(file.failed_lines)
    known = frozenset(persons.rows.loc[~failed, "person_id"])
    set_aside = frozenset(persons.rows.loc[failed, "person_id"].dropna())
    checked = [
        other if other is file else with_unknown_persons(other, known=known, set_aside=set_aside) for other in files
    ]
    return with_row_numbers(checked)


def _set_aside(files: Sequence[FileRows], *, delivery: Delivery, task: _Task) -> int:
    for file, raw in zip(files, delivery.files, strict=True):
        write_problem_file(file, raw=raw, name=task.extract.name, layout=task.layout, secure=task.secure)
    n_failing = n_problem_rows(files)
    if n_failing > task.accept_problem_rows:
        raise problem_error(task.extract.name, files=files, accepted=task.accept_problem_rows)
    if n_failing:
        task.tell(
            f"Undantog {wording.rows(n_failing)} som inte kan läsas in; de ligger i problems/{task.extract.name}/."
        )
    return n_failing


def _kept(files: Sequence[FileRows], *, delivery: Delivery) -> dict[str, pd.DataFrame]:
    tables: dict[str, list[pd.DataFrame]] = {}
    wrong = []
    for file, raw in zip(files, delivery.files, strict=True):
        for converted in file.feeds:
            rows = kept_rows(converted, failed_lines=file.failed_lines)
            n_read = len(rows) + _n_not_kept(converted, failed_lines=file.failed_lines)
            n_elsewhere = int((~concerned(raw.rows, feed=converted.feed)).sum())
            if n_read + n_elsewhere != len(raw.rows):
                wrong.append(
                    f"{file.name}, {converted.feed.table}: summan stämmer inte ({wording.rows(len(raw.rows))} lästa)"
                )
            tables.setdefault(converted.feed.table, []).append(rows)
    if wrong:
        raise no_sum_error(wrong)
    return {name: parts[0] if len(parts) == 1 else _together(parts, table=name) for name, parts in tables.items()}


def _n_not_kept(converted: Converted, *, failed_lines: pd.Index) -> int:
    whole = whole_rows(converted, failed_lines=failed_lines)
    n_merged = int(whole.duplicated().sum()) if converted.feed.distinct else 0
    return len(converted.rows) - len(whole) + n_merged


def _together(parts: Sequence[pd.DataFrame], *, table: str) -> pd.DataFrame:
    types = {name: dtype for name, dtype in pandas_types(table).items() if any(name in part for part in parts)}
    return pd.concat([part.reindex(columns=list(types)).astype(types) for part in parts], ignore_index=True)


def _pseudonymised(tables: Mapping[str, pd.DataFrame], *, task: _Task) -> dict[str, pd.DataFrame]:
    source = task.layout.name if task.layout.identity == "record_number" else ""
    of_identity = partial(pseudonym, key=task.secure.pseudonym_key(), source=source)
    pseudonym_of = {identity: of_identity(identity) for identity in different_values(tables["persons"]["person_id"])}
    names = values_in_order(pseudonym_of.values())
    place_of = dict(zip(names.categories, range(len(names.categories)), strict=True))
    places = {identity: place_of[name] for identity, name in pseudonym_of.items()}
    return {
        name: typed_table(_by_pseudonym(rows, places=places, names=names), table=name) for name, rows in tables.items()
    }


def _by_pseudonym(rows: pd.DataFrame, *, places: Mapping[str, int], names: pd.CategoricalDtype) -> pd.DataFrame:
    if "person_id" not in rows:
        return rows
    return rows.assign(person_id=renamed(rows["person_id"], places=places, names=names))


def _hold_contract(tables: Mapping[str, pd.DataFrame]) -> None:
    found = [
        f"{name}, {column}: {rule} – {wording.rows(count)}"
        for name, rows in tables.items()
        for (column, rule), count in broken_rules(rows, table=name).items()
    ]
    if found:
        raise ExtractError(
            "Tabellerna ska uppfylla registrets kontrakt.",
            found=found,
            action="lämna raderna ovan till den som förvaltar verktyget; inget register skrevs",
        )
