"""The page about everything the register may hold (``docs/register.md``), generated from the schema.

``python -m kaa_analysis.schema.register_page`` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from kaa_analysis.core.project import project_root
from kaa_analysis.core.secure_folder import write_atomically
from kaa_analysis.core.vocabularies import labels, sources
from kaa_analysis.schema.grant_subjects import YOUTHS_OUTSIDE_KAA, grant_subjects
from kaa_analysis.schema.tables import (
    STATEMENTS,
    ColumnSchema,
    Scope,
    Statement,
    TableSchema,
    internal_tables,
    stored_tables,
    tables,
)

PAGE = Path("docs") / "register.md"

INTRODUCTION = """# Det här får registret innehålla

*Sidan skrivs av `python -m kaa_analysis.schema.register_page` och ändras inte för hand: det som står här är det som inläsningen håller sig till.*

Registret är till för 29 kap. 9 § och 26 kap. 25 § skollagen och får användas bara för det (förordning 2006:39 § 3). En tabell eller kolumn som
inte står här läses inte in:

* En **okänd kolumn** stoppar inläsningen. En kolumn vars namn tyder på ett **känsligt slag** (ursprung, hälsa, socialtjänst, religion med mera)
  stoppar den med det skälet.
* **Namn, adress, telefonnummer och e-post** är lagliga i källan men behövs inte här. De kastas när filen läses och finns i ingen tabell, problemfil
  eller logg.
* **Koder som rör hälsa eller socialtjänst** läses in som *annat*. Att det har skett räknas, men inte vilken koden var.
* Det som ligger **utanför registrets ändamål** läses in bara med ett registrerat beslut i `params/grants.yaml`.

Alla dagar är hela dagar. Ett slut är den första dagen utanför; saknas det pågår perioden. Hur säker en uppgift är: **K** läst i källan,
**K-utdrag** bara början av källan kunde läsas, **S 004** står i handlingsplanen, **M** overifierad, **EJ** sökt men inte funnen. Det som är M eller
EJ är en inställning i `kaa_analysis/schema/tables.yaml` som organisationen ersätter med sitt eget beslut."""

INTERNAL = (
    "Inläsningen skriver själv två tabeller om leveransen, eftersom bara den har sett identiteterna och filerna. Ingen layout kan fylla dem, "
    "de läses bara av kontrollerna och arbetslistorna, och de lämnar aldrig den säkra mappen."
)

STATEMENT_LABELS = {
    "controller": "Personuppgiftsansvarig",
    "purpose": "Ändamål",
    "secrecy": "Sekretessgrund",
    "decision": "Beslut",
}
SCOPE_LABELS = {
    Scope.WITHIN: "inom",
    Scope.OUTSIDE: "utanför: kräver beslut",
    Scope.WHEN_LINKED: "inom olänkad; kräver beslut om raderna bär en person",
}
TYPE_LABELS = {
    "key": "pseudonym",
    "number": "heltal",
    "date": "dag",
    "code": "kod",
    "district": "stadsdelsområde",
    "municipality": "kommunkod",
    "boolean": "ja/nej",
    "text": "text",
}
COLUMN_HEADER = ("kolumn", "vad", "slag", "får saknas", "laglig grund", "att tänka på", "i påhittade register")


def register_page() -> str:
    """Return the page: what may be loaded, every table with the law around it and its columns, what ingest notes, every code."""
    parts = [
        INTRODUCTION,
        "## Tabellerna",
        _grid(("tabell", "en rad är", "registrets ändamål"), map(_overview, tables().values())),
        "## Beslut för det som ligger utanför",
        _grants(),
        *(part for schema in tables().values() for part in _table(schema)),
        "## Interna tabeller",
        INTERNAL,
        *(_internal(schema) for schema in internal_tables().values()),
        "## Koder",
        *(part for name in _vocabularies() for part in _codes(name)),
    ]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Write the page in the project that the working directory lies in."""
    write_atomically(project_root() / PAGE, register_page().encode(), mode=0o644)


def _overview(schema: TableSchema) -> tuple[str, str, str]:
    return f"[`{schema.name}`](#{schema.name})", schema.row, SCOPE_LABELS[schema.scope]


def _grants() -> str:
    told = (
        "Ett beslut är den ansvariga nämndens skriftliga medgivande till att uppgifterna används här. I `params/grants.yaml` anges `table` (ett av "
        "orden nedan), `decision` (beteckning), `date` (beslutsdag), `by` (vem som beslutat) och `valid_to` (sista dagen). Det ska gälla på uttagsdagen."
    )
    rows = [(f"`{subject}`", row) for subject, row in grant_subjects().items()]
    how = f"`{YOUTHS_OUTSIDE_KAA}` gäller filer som layouten säger omfattar ungdomar utanför KAA (`youths_outside_kaa: true`)."
    return f"{told}\n\n{_grid(('table', 'en rad är'), rows)}\n\n{how}"


def _table(schema: TableSchema) -> list[str]:
    facts = [f"* {STATEMENT_LABELS[name]}: {_stated(getattr(schema, name))}" for name in STATEMENTS]
    key = ", ".join(f"`{name}`" for name in schema.key)
    order = ", ".join(f"`{name}`" for name in schema.order)
    return [
        f"## {schema.name}",
        f"En rad är {schema.row}. Nyckel: {key}. Ordning: {order}.",
        "\n".join([*facts, f"* Registrets ändamål: {SCOPE_LABELS[schema.scope]}"]),
        _grid(COLUMN_HEADER, map(_column, schema.columns.values())),
    ]


def _internal(schema: TableSchema) -> str:
    key = ", ".join(f"`{name}`" for name in schema.key)
    purpose = f"En rad är {schema.row}. Nyckel: {key}. Ändamål: {_stated(schema.purpose)}."
    return f"### {schema.name}\n\n{purpose}\n\n{_grid(COLUMN_HEADER, map(_column, schema.columns.values()))}"


def _stated(statement: Statement) -> str:
    return f"{statement.text or 'inte beslutat'} ({statement.mark})"


def _column(column: ColumnSchema) -> tuple[str, ...]:
    kind = TYPE_LABELS[column.type]
    if column.vocabulary:
        kind = f"kod: [{column.vocabulary}](#{column.vocabulary}-koder)"
    if column.unit:
        kind += f", {column.unit}"
    if column.pattern:
        kind += " i fast form"
    missing = "ja" if column.nullable else "nej"
    return f"`{column.name}`", column.description, kind, missing, column.ground, column.caveat, column.synthetic


def _vocabularies() -> list[str]:
    named = [column.vocabulary for schema in stored_tables().values() for column in schema.columns.values()]
    return [name for name in dict.fromkeys(named) if name]


def _codes(vocabulary: str) -> list[str]:
    told = sources(vocabulary)
    rows = [(f"`{code}`", label, *told[code]) for code, label in labels(vocabulary).items()]
    return [f"### {vocabulary} (koder)", _grid(("kod", "svenska", "källa", "säkerhet"), rows)]


def _grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    main()
