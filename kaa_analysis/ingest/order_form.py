"""The data order form for suppliers (``docs/dataorder.md``), generated from the layouts and the schema.

``python -m kaa_analysis.ingest.order_form`` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from kaa_analysis.core.geography import district_labels
from kaa_analysis.core.project import GRANTS_FILE, project_root
from kaa_analysis.core.secure_folder import write_atomically
from kaa_analysis.core.vocabularies import labels
from kaa_analysis.ingest.grants import subjects_needing_grants
from kaa_analysis.ingest.half_year_editions import (
    ABSENT,
    OPTIONAL,
    edition_codes,
    edition_columns,
    edition_names,
    with_edition,
)
from kaa_analysis.ingest.layout import ColumnLayout, Feed, FileLayout, Layout, SupplierForm
from kaa_analysis.ingest.layout_files import (
    composed,
    finished_layout_names,
    layout_names,
    read_finished_layout,
    read_layout,
    read_supplement,
    supplement_names,
)
from kaa_analysis.ingest.order_form_text import ENDING, FINISHED_MEANINGS, INTRODUCTION
from kaa_analysis.schema.tables import ColumnSchema, table_schema

PAGE = Path("docs") / "dataorder.md"
COLUMN_HEADER = ("kolumn", "vad", "form", "kolumnen ska finnas", "får vara tom", "laglig grund")
IDENTITY = "Personnummer; byts mot en pseudonym när filen läses"
LAST_DAY = "Sista dagen; tom om det pågår eller är okänt"
FORMS = {
    "key": "tolv siffror utan skiljetecken",
    "number": "heltal",
    "date": "dag",
    "municipality": "kommunkod, fyra siffror",
    "text": "text",
}


def order_form() -> str:
    """Return the form: how to deliver, every file of every layout for real deliveries with its columns and codes, what may not be sent."""
    mains = [_newest(layout) for layout in map(read_layout, layout_names()) if layout.identity == "personnummer"]
    supplements = [read_supplement(name) for name in supplement_names()]
    parts = [
        INTRODUCTION,
        *(part for layout in mains for part in _form(layout, grants_in=layout)),
        *(part for form in supplements for part in _form(form, grants_in=composed(mains[0], supplements=[form.name]))),
        *(part for name in finished_layout_names() for part in _finished(name)),
        ENDING,
    ]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Write the form in the project that the working directory lies in."""
    write_atomically(project_root() / PAGE, order_form().encode(), mode=0o644)


def _newest(layout: Layout) -> Layout:
    return with_edition(layout, edition=edition_names(layout.editions)[-1] if layout.editions else None)


def _form(form: SupplierForm, *, grants_in: Layout) -> Iterator[str]:
    kind = "tillägg" if not isinstance(form, Layout) else "layout"
    yield f"## {form.title} ({kind} `{form.name}`)"
    if isinstance(form, Layout):
        yield from _delivery_note(form)
    for name, file in form.files.items():
        yield f"### {name}"
        yield _about(name, file, grants_in=grants_in)
        yield _grid(COLUMN_HEADER, _columns(file))
    editions = form.editions if isinstance(form, Layout) else None
    if editions:
        yield from _editions(editions)
    else:
        yield from _codes(form)


def _delivery_note(layout: Layout) -> Iterator[str]:
    note = layout.delivery_note
    if note is None:
        yield "Uttaget har ingen leveransfil: uttagsdagen anges i följebrevet."
        return
    yield f"### {note.file}"
    yield (
        f"Leveransfilen har en rad per fil i leveransen: `{note.file_column}` (filens namn), `{note.rows_column}` (antal rader utan rubrik) och "
        f"`{note.date_column}` (uttagsdagen, samma på varje rad). Varje levererad fil ska stå där, utom leveransfilen själv. Filer från andra avsändare står inte i den."
    )


def _about(name: str, file: FileLayout, *, grants_in: Layout) -> str:
    row = file.row or table_schema(file.feeds[0].table).row
    told = [f"En rad är {row}.", "Filen får utelämnas." if file.optional else "Filen ska levereras."]
    subjects = subjects_needing_grants(grants_in, delivered=[name])
    told += [f"**Kräver beslut** (`{subject}` i `{GRANTS_FILE.as_posix()}`)." for subject in subjects]
    return " ".join(told)


def _columns(file: FileLayout) -> Iterator[tuple[str, ...]]:
    for source in file.named:
        reads = [
            (feed, name, column)
            for feed in file.feeds
            for name, column in feed.columns.items()
            if column.source == source
        ]
        reads = [read for read in reads if not (read[2].numbered or read[2].from_identity)]
        if not reads:
            yield f"`{source}`", file.meanings.get(source, "Läses inte in"), "", "nej", "ja", ""
            continue
        feed, name, column = reads[0]
        schema = table_schema(feed.table).columns[name]
        meaning = file.meanings.get(source) or _meaning(schema, column=column)
        there = "ja" if source in file.used else "nej"
        yield f"`{source}`", meaning, _value_form(schema, column=column), there, _may_be_empty(reads), schema.ground


def _meaning(schema: ColumnSchema, *, column: ColumnLayout) -> str:
    if schema.type == "key":
        return IDENTITY
    return LAST_DAY if column.inclusive_end else schema.description


def _value_form(schema: ColumnSchema, *, column: ColumnLayout) -> str:
    if column.codes:
        return f"kod ur `{column.codes}`"
    if schema.pattern:
        return f"text i formen `{schema.pattern}`"
    return FORMS[schema.type] + f", {schema.unit}" * bool(schema.unit)


def _may_be_empty(reads: Sequence[tuple[Feed, str, ColumnLayout]]) -> str:
    needing = [
        feed for feed, name, column in reads if column.required or not table_schema(feed.table).columns[name].nullable
    ]
    if any(column.consent for _, _, column in reads):
        return "nej; en rad utan samtycke tas inte emot"
    if not needing:
        return "ja"
    return "bara om blocket är tomt" if all(feed.when_any for feed in needing) else "nej"


def _codes(form: SupplierForm) -> Iterator[str]:
    for code_list, codes in form.code_lists.items():
        words = _words(form, code_list)
        rows = [(f"`{code}`", words.get(meaning, str(meaning))) for code, meaning in codes.items()]
        yield f"#### Koder i {form.name}: {code_list}"
        yield _grid(("kod", "betyder"), rows)
    sensitive = [code for told in form.sensitive_codes.values() for code in told.codes]
    if sensitive:
        codes_told = ", ".join(f"`{code}`" for code in sensitive)
        yield f"{codes_told} rör hälsa eller socialtjänst. De bör inte skickas; skickas de läses de in som *annat*."


def _words(form: SupplierForm, code_list: str) -> dict[str | bool, str]:
    for file in form.files.values():
        for feed in file.feeds:
            for name, column in feed.columns.items():
                if column.codes == code_list:
                    return _labels(table_schema(feed.table).columns[name])
    return {}


def _labels(schema: ColumnSchema) -> dict[str | bool, str]:
    if schema.type == "boolean":
        return {True: "ja", False: "nej"}
    return dict(district_labels() if schema.type == "district" else labels(schema.vocabulary))


def _editions(table: str) -> Iterator[str]:
    yield "#### Kolumner per upplaga"
    yield (
        "En upplaga är ett halvår; tabellen ovan gäller den senaste. Säkerheten gäller kolumnens namn: K betyder att det är känt ur källan, M att det är ett arbetsantagande "
        "tills myndighetens egen beskrivning för halvåret "
        f"har förts in i `kaa_analysis/ingest/editions/{table}_columns.csv` och `{table}_codes.csv`. Vilka kolumner som ska finnas är alltid ett arbetsantagande."
    )
    columns = dict.fromkeys(row.column for row in edition_columns(table))
    yield _grid(
        ("kolumn", "ska finnas", "får finnas", "källa", "säkerhet"), (_edition_column(table, name) for name in columns)
    )
    yield "#### Koder per upplaga"
    rows = [
        (
            row.code_list,
            f"`{row.number}`",
            _edition_word(row.code_list, row.code),
            f"{row.first_edition} – {row.last_edition or ''}".strip(),
            row.mark,
        )
        for row in edition_codes(table)
    ]
    yield _grid(("lista", "kod", "betyder", "gäller", "säkerhet"), rows)


def _edition_column(table: str, name: str) -> tuple[str, ...]:
    rows = [row for row in edition_columns(table) if row.column == name]
    required = [row.edition for row in rows if row.status not in (OPTIONAL, ABSENT)]
    optional = [row.edition for row in rows if row.status == OPTIONAL]
    return f"`{name}`", _span(required, table=table), _span(optional, table=table), rows[-1].source, rows[-1].mark


def _span(editions: Sequence[str], *, table: str) -> str:
    if not editions:
        return ""
    last = "" if editions[-1] == edition_names(table)[-1] else editions[-1]
    return f"{editions[0]} – {last}".strip()


def _edition_word(code_list: str, code: str) -> str:
    return labels(code_list).get(code, "hälsa eller socialtjänst: bör inte skickas, läses in som annat")


def _finished(name: str) -> Iterator[str]:
    layout = read_finished_layout(name)
    yield f"## {layout.title} (layout `{layout.name}`)"
    yield f"### {layout.file}"
    yield (
        "En rad är ett tal i en tabell som en annan enhet har gjort: gymnasieskolans resultat, brukarundersökningar, resultat för program. Talen visas "
        "som de är och räknas aldrig om. De ska redan vara skyddade så att ingen enskild kan kännas igen. Uttagsdagen anges i följebrevet."
    )
    rows = [(f"`{source}`", FINISHED_MEANINGS[field]) for field, source in layout.columns.items()]
    yield _grid(("kolumn", "vad"), rows)


def _grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    main()
