"""`Register`: the validated, pseudonymised tables of one extract, kept as Parquet and read through DuckDB."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from kaa_analysis.core.boundary import boundary
from kaa_analysis.core.errors import DefinitionError, ExtractError, did_you_mean
from kaa_analysis.core.kept_answers import KeptAnswers
from kaa_analysis.core.provenance import hash_file
from kaa_analysis.core.secure_folder import PRIVATE, write_atomically
from kaa_analysis.schema.law_rules import LawRules
from kaa_analysis.schema.tables import TableSchema, stored_tables, table_schema, tables
from kaa_analysis.store import queries
from kaa_analysis.store.answers import answer, check_asked
from kaa_analysis.store.dtypes import empty_table, pandas_types, typed_table
from kaa_analysis.store.engine import register_engine
from kaa_analysis.store.register_query import register_query

DESCRIPTION = "register.json"
"""Written last: a folder without it is not a register."""

_REREAD = "läs in uttaget på nytt"

KEPT_ROWS = 1_000_000
"""What was read of a table with more rows is not kept in memory: it would be more than the work on it needs at a time."""


@dataclass(frozen=True)
class UsedGrant:
    """The recorded decision that data outside the register's own purpose were loaded with; both days are written ÅÅÅÅ-MM-DD."""

    table: str
    decision: str
    date: str
    by: str
    valid_to: str


@dataclass(frozen=True, eq=False)
class Register:
    """One snapshot. ``extract_date`` is the day of the extract; what happened later is not in it.

    ``rules`` says whether the rules of the target population are applied, and if not, why; ``source`` is what a table
    made of it names as its source, ``municipality`` the code of the municipality whose register it is;
    ``observed_from`` is the first day its history covers, None where that is not told. ``row_counts`` holds the rows
    of every canonical table, ``accepted_problem_rows`` the rows of the delivered files that were set aside, ``problem_counts`` how many
    of them by each reason (a row may have several), ``findings`` the number of rows per kind of oddity that was kept. ``identity_kind``
    says what the source's identities are: personnummer, synthetic or record_number, None where it is not told. ``grants`` are the decisions that its data rest on, ``sources`` the optional
    tables that were delivered, with or without rows. ``answers`` keeps what has been found out of the tables: they never change.
    """

    name: str
    layout: str
    extract_date: date
    extract_hash: str
    rules: LawRules
    source: str
    folder: Path
    municipality: str | None = None
    observed_from: date | None = None
    row_counts: Mapping[str, int] = field(default_factory=dict)
    accepted_problem_rows: int = 0
    findings: Mapping[str, int] = field(default_factory=dict)
    problem_counts: Mapping[str, int] = field(default_factory=dict)
    identity_kind: str | None = None
    grants: tuple[UsedGrant, ...] = ()
    sources: tuple[str, ...] = ()
    answers: KeptAnswers = field(default_factory=KeptAnswers, init=False, repr=False)

    @property
    def is_kaa(self) -> bool:
        """Whether it is a register of 29 kap. 9 § skollagen, with the exit reasons of KAA."""
        return self.rules != LawRules.ANOTHER_LAW

    @property
    def follows_law(self) -> bool:
        """Whether its target population is found by the rules of the law. Else whoever is registered counts."""
        return self.rules == LawRules.APPLIED

    def table(self, name: str, *, columns: Iterable[str] | None = None) -> pd.DataFrame:
        """Return a canonical table in the order of the schema, with ``columns`` (default all) in the order asked for.

        Dates are ``datetime64[us]``, numbers ``Int64``, yes/no ``boolean``, all else ``string``; missing is NaT or NA. A column is read
        once; frames that hold it share its memory until one is changed.

        Raises:
            DefinitionError: there is no such table or column.
        """
        schema = table_schema(name)
        wanted = list(schema.columns) if columns is None else _known(schema, columns)
        kept: dict[str, pd.Series] = self.answers.answer(("columns", name), dict)
        if unread := [column for column in wanted if column not in kept]:
            rows = self._read(schema, columns=unread)
            if len(rows) > KEPT_ROWS:
                return rows
            kept.update({column: rows[column] for column in unread})
        return pd.DataFrame({column: kept[column] for column in wanted}, copy=False)

    def _read(self, schema: TableSchema, *, columns: list[str]) -> pd.DataFrame:
        types = pandas_types(schema.name)
        *creations, query = queries.read_table(schema, columns=columns, file=str(_parquet(self.folder, schema.name)))
        with boundary("Läsningen ur registret"), register_engine(self.folder) as engine:
            for creation in creations:
                engine.execute(creation)
            rows = engine.execute(query).df()
            return rows.astype({column: types[column] for column in columns})

    def ask(self, query: str, *, asked: pd.DataFrame | None = None, **values: object) -> pd.DataFrame:
        """Return what a query of ``store/sql`` gives: its columns in the types of `table`, its rows in the order of its key.

        ``asked`` are the rows that are asked about, with the columns that the query names and no other; ``asked_row`` in the answer is the
        number of a row in it, from 0. ``values`` are bound to the names in the query. A missing day and a person whom the register
        does not have are asked about in vain.

        Raises:
            DefinitionError: there is no such query, or it is not asked with those columns and values.
        """
        found = register_query(query)
        check_asked(found, asked=asked, values=values)
        sources = {name: _parquet(self.folder, name) for name in found.tables}
        with boundary("Frågan till registret"), register_engine(self.folder) as engine:
            return answer(found, engine=engine, sources=sources, asked=asked, values=values)


def write_register(register: Register, *, tables_to_write: Mapping[str, pd.DataFrame]) -> Register:
    """Write the tables and then the description to ``register.folder`` and return the register with its row counts.

    Everything is written beside the folder and renamed into place, so that nobody sees half a register. A canonical table that is not
    in ``tables_to_write`` is written without rows.

    Raises:
        DefinitionError: a table or column that the schema does not have.
    """
    unknown = [name for name in tables_to_write if name not in stored_tables()]
    if unknown:
        raise DefinitionError("Registret har inte de tabeller som skulle skrivas.", found=unknown)
    with boundary("Skrivningen av registret"):
        parent = register.folder.parent
        parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
        unfinished = Path(tempfile.mkdtemp(dir=parent, prefix=f".{register.folder.name}."))
        try:
            written = _write_all(register, tables_to_write=tables_to_write, folder=unfinished)
            _put_in_place(unfinished, folder=register.folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return written


def with_grants(register: Register, grants: Iterable[UsedGrant]) -> Register:
    """Return a written register that rests on ``grants``; if it was written with others its description is written anew."""
    found = replace(register, grants=tuple(grants))
    if found.grants != register.grants:
        with boundary("Skrivningen av registret"):
            _write_description(found, folder=found.folder)
    return found


def open_register(folder: Path) -> Register:
    """Open a written register after checking that every file is there and unchanged.

    Raises:
        ExtractError: the register is not whole.
    """
    register, hashes = _description(folder)
    broken = [name for name in stored_tables() if not _is_unchanged(_parquet(folder, name), told=hashes.get(name))]
    if broken:
        raise ExtractError(
            "Registret ska ha alla sina filer oförändrade.",
            found=f"saknas eller är ändrade: {', '.join(broken)}",
            action=_REREAD,
        )
    return register


def file_hashes(register: Register) -> dict[str, str]:
    """Return the hash of every file of a written register by the table's name; none for one that was not written."""
    folder = getattr(register, "folder", None)
    if folder is None or not (folder / DESCRIPTION).is_file():
        return {}
    return _description(folder)[1]


def _is_unchanged(file: Path, *, told: str | None) -> bool:
    return file.is_file() and hash_file(file) == told


def _known(schema: TableSchema, columns: Iterable[str]) -> list[str]:
    wanted = list(columns)
    found = [
        f'"{column}"{did_you_mean(column, schema.columns)}' for column in wanted if column not in schema.columns
    ] + [f'"{column}" står flera gånger' for column in dict.fromkeys(wanted) if wanted.count(column) > 1]
    if not wanted or found:
        raise DefinitionError(
            f'Tabellen "{schema.name}" kan inte läsas med de kolumnerna.', found=found or "inga kolumner"
        )
    return wanted


def _parquet(folder: Path, table: str) -> Path:
    return folder / f"{table}.parquet"


def _write_all(register: Register, *, tables_to_write: Mapping[str, pd.DataFrame], folder: Path) -> Register:
    row_counts = {}
    with register_engine(folder) as engine:
        for name in stored_tables():
            rows = tables_to_write.get(name)
            rows = (
                empty_table(name)
                if rows is None
                else _in_order(typed_table(rows, table=name), schema=table_schema(name))
            )
            _write_table(rows, schema=table_schema(name), file=_parquet(folder, name), engine=engine)
            row_counts[name] = len(rows)
    written = replace(register, row_counts={name: row_counts[name] for name in tables()})
    _write_description(written, folder=folder)
    return written


def _in_order(rows: pd.DataFrame, *, schema: TableSchema) -> pd.DataFrame:
    """Return the rows in the order of the schema. Keys are text row by row: they are too many for a type of the engine's."""
    keys = {name: "string" for name, column in schema.columns.items() if column.type == "key"}
    return rows.sort_values(list(schema.order), ignore_index=True).astype(keys)


def _write_table(rows: pd.DataFrame, *, schema: TableSchema, file: Path, engine: duckdb.DuckDBPyConnection) -> None:
    engine.register("rows_to_write", rows)
    engine.execute(queries.copy_table(schema, file=str(file)))
    engine.unregister("rows_to_write")
    [(n_written,)] = engine.execute(queries.count_rows(file=str(file))).fetchall()
    file.chmod(0o600)
    if n_written != len(rows):
        raise ExtractError(
            f'Tabellen "{schema.name}" ska ha alla rader.', found=f"{n_written} av {len(rows)} skrevs", action=_REREAD
        )


def _write_description(register: Register, *, folder: Path) -> None:
    description = {
        "name": register.name,
        "layout": register.layout,
        "extract_date": register.extract_date.isoformat(),
        "extract_hash": register.extract_hash,
        "rules": register.rules,
        "source": register.source,
        "municipality": register.municipality,
        "observed_from": register.observed_from.isoformat() if register.observed_from else None,
        "row_counts": dict(register.row_counts),
        "accepted_problem_rows": register.accepted_problem_rows,
        "findings": dict(register.findings),
        "grants": [asdict(grant) for grant in register.grants],
        "sources": list(register.sources),
        "problem_counts": dict(register.problem_counts),
        "identity_kind": register.identity_kind,
        "files": {name: hash_file(_parquet(folder, name)) for name in stored_tables()},
    }
    content = json.dumps(description, ensure_ascii=False, indent=2, sort_keys=True)
    write_atomically(folder / DESCRIPTION, content.encode())


def _description(folder: Path) -> tuple[Register, dict[str, str]]:
    try:
        facts = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        hashes = dict(facts.pop("files"))
        facts["extract_date"] = date.fromisoformat(facts["extract_date"])
        facts["observed_from"] = date.fromisoformat(facts["observed_from"]) if facts["observed_from"] else None
        facts["grants"] = tuple(UsedGrant(**grant) for grant in facts["grants"])
        facts["sources"] = tuple(facts["sources"])
        facts["rules"] = LawRules(facts["rules"])
        return Register(**facts, folder=folder), hashes
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise ExtractError(
            "Registret ska ha en läsbar beskrivning.", found=f"{DESCRIPTION} saknas eller är trasig", action=_REREAD
        ) from None


def _put_in_place(unfinished: Path, *, folder: Path) -> None:
    replaced = unfinished.with_name(f"{unfinished.name}.old")
    if folder.exists():
        folder.rename(replaced)
    unfinished.rename(folder)
    shutil.rmtree(replaced, ignore_errors=True)
