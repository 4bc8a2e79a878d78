"""`EvaluationRegister`: a register in which an outcome cannot be read before the protocol of the evaluation is frozen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date
from pathlib import Path

import pandas as pd

from kaa_analysis.core.errors import ProtocolError
from kaa_analysis.core.kept_answers import KeptAnswers
from kaa_analysis.evaluation.protocol_mark import ProtocolMark, mark_of
from kaa_analysis.evaluation.protocols.freezing import KnownProtocol
from kaa_analysis.evaluation.protocols.protocol import protocol_hash
from kaa_analysis.schema.law_rules import LawRules
from kaa_analysis.schema.tables import table_schema
from kaa_analysis.store.register import Register, UsedGrant
from kaa_analysis.store.register_query import register_query

FREEZE = "kaa protocol freeze"
KEY_TYPES = frozenset({"key", "number", "text"})
"""The types of columns that say whose row it is and nothing more."""


class EvaluationRegister:
    """A register read by a protocol. It is read as a `Register` is, by `table` and `ask`, and has its facts, but nothing that holds rows.

    * Until the protocol is frozen only what it names can be read, and of that no column that an outcome or the end of follow-up is made of. What it does not
      name is closed too: another column (an exit reason) may tell the same outcome.
    * When it is frozen everything can be read. Whatever it does not name makes every later result of this register explorative (`mark`).

    ``on_outcome`` is called at the first reading of an outcome, before any row is handed out: see `protocols.freezing.note_outcome_read`.
    What is kept of the answers (`KeptAnswers`) is its own: nothing found out through the register itself, or by another protocol, comes through.

    Raises:
        ProtocolError: the protocol is not what its hash, or its frozen record, says.
    """

    def __init__(
        self, register: Register, known: KnownProtocol, *, on_outcome: Callable[[], None] = lambda: None
    ) -> None:
        if known.hash != protocol_hash(known.name, known.protocol) or (
            known.frozen is not None and known.frozen.hash != known.hash
        ):
            raise ProtocolError("Protokollet ska vara det som lästes ur filen.", action="läs det på nytt")
        self._register = register
        self._known = known
        self._named = known.protocol.named_columns
        self._closed_columns = known.protocol.closed_columns
        self._open_columns = known.protocol.open_columns
        self._on_outcome = on_outcome
        self._outcome_was_read = False
        self._unnamed: dict[str, None] = {}
        self.answers = KeptAnswers()

    @property
    def known(self) -> KnownProtocol:
        """The protocol that the register is read by."""
        return self._known

    def mark(self) -> ProtocolMark:
        """Return the mark of a result made of what has been read so far."""
        return mark_of(self._known).departing(*(f"{name} nämns inte i protokollet" for name in self._unnamed))

    def table(self, name: str, *, columns: Iterable[str] | None = None) -> pd.DataFrame:
        """Return a canonical table as `Register.table`, with ``columns`` (default all).

        Raises:
            ProtocolError: the protocol is not frozen, and a column is one that an outcome is made of or that it does not name.
            DefinitionError: there is no such table or column.
        """
        schema = table_schema(name)
        wanted = list(schema.columns) if columns is None else list(columns)
        self._open([f"{name}.{column}" for column in wanted if column in schema.columns])
        return self._register.table(name, columns=columns if columns is None else wanted)

    def ask(self, query: str, *, asked: pd.DataFrame | None = None, **values: object) -> pd.DataFrame:
        """Return what a register query gives, as `Register.ask`. It counts as reading its tables whole, as far as the protocol names them.

        Raises:
            ProtocolError: the protocol is not frozen, and the query reads a table with an outcome in it or one that the protocol does not name.
            DefinitionError: there is no such query, or it is not asked with those columns and values.
        """
        told_of = self._named if self._known.is_frozen else self._open_columns | self._closed_columns
        for table in register_query(query).tables:
            of_table = [f"{table}.{column}" for column in table_schema(table).columns]
            self._open([column for column in of_table if column in told_of] or of_table)
        return self._register.ask(query, asked=asked, **values)

    @property
    def folder(self) -> Path:
        """The register's folder, where what is found of the target group is kept: it tells who is enrolled, and is closed until the protocol is frozen.

        Raises:
            ProtocolError: the protocol is not frozen.
        """
        if not self._known.is_frozen:
            raise self._closed(["registrets mapp, där målgruppen finns: den visar vem som är inskriven"])
        self._note_outcome()
        if not self._known.protocol.eligibility.target_group:
            self._unnamed["målgruppen enligt lagen"] = None
        return self._register.folder

    def _open(self, columns: Collection[str]) -> None:
        """Refuse what is closed; when nothing is, note that an outcome is read, and what the protocol does not name."""
        if self._known.is_frozen:
            if not self._closed_columns.isdisjoint(columns):
                self._note_outcome()
            self._unnamed |= dict.fromkeys(column for column in columns if not _can_be_read(column, named=self._named))
            return
        refused = [
            column
            for column in columns
            if column in self._closed_columns or not _can_be_read(column, named=self._open_columns)
        ]
        if refused:
            raise self._closed([f"{column}: {self._why_closed(column)}" for column in refused])

    def _why_closed(self, column: str) -> str:
        if column in self._closed_columns:
            return "utfallet görs av den"
        if column in self._named:
            return "läses bara för målgruppens regler, som visar vem som är inskriven"
        return "nämns inte i protokollet"

    def _closed(self, found: list[str]) -> ProtocolError:
        return ProtocolError(
            "Innan protokollet har frysts kan inget utfall läsas, och inget som protokollet inte nämner.",
            found=[*found, *self._known.why_not_frozen()],
            action=f"läs bara det som protokollet nämner, eller frys det: {FREEZE} {self._known.name}",
        )

    def _note_outcome(self) -> None:
        if not self._outcome_was_read:
            self._on_outcome()
            self._outcome_was_read = True

    @property
    def name(self) -> str:
        """The register's name."""
        return self._register.name

    @property
    def layout(self) -> str:
        """The layout of the delivered files."""
        return self._register.layout

    @property
    def extract_date(self) -> date:
        """The day of the extract, the first that is not observed."""
        return self._register.extract_date

    @property
    def extract_hash(self) -> str:
        """The hash of the delivered files."""
        return self._register.extract_hash

    @property
    def rules(self) -> LawRules:
        """Whether the rules of the target population are applied."""
        return self._register.rules

    @property
    def source(self) -> str:
        """What a table made of it names as its source."""
        return self._register.source

    @property
    def municipality(self) -> str | None:
        """The code of the municipality whose register it is."""
        return self._register.municipality

    @property
    def observed_from(self) -> date | None:
        """The first day that its history covers."""
        return self._register.observed_from

    @property
    def identity_kind(self) -> str | None:
        """What the identities of the source are."""
        return self._register.identity_kind

    @property
    def grants(self) -> tuple[UsedGrant, ...]:
        """The decisions that its data rest on."""
        return self._register.grants

    @property
    def sources(self) -> tuple[str, ...]:
        """The optional tables that were delivered."""
        return self._register.sources

    @property
    def is_kaa(self) -> bool:
        """Whether it is a register of 29 kap. 9 § skollagen."""
        return self._register.is_kaa

    @property
    def follows_law(self) -> bool:
        """Whether its target population is found by the rules of the law."""
        return self._register.follows_law


def _can_be_read(column: str, *, named: Collection[str]) -> bool:
    """Return whether a column is named, or says whose row it is (a part of the key that is no day or code) in a table of which something is named."""
    table, _, name = column.partition(".")
    schema = table_schema(table)
    says_whose = name in schema.key and schema.columns[name].type in KEY_TYPES
    return column in named or (says_whose and any(other.startswith(f"{table}.") for other in named))
