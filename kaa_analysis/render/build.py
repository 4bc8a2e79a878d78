"""The process that makes the files: it gets the committed notebook and a bundle with its release store, and no way to the secure folder.

``python -m kaa_analysis.render.build NOTEBOOK BUNDLE [REFERENCE.docx]``. An exhibit whose table is not in the store with its hash is refused.
"""

from __future__ import annotations

import json
import os
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat

from kaa_analysis.core.boundary import error_record, safe_error
from kaa_analysis.core.collection import collection_paused
from kaa_analysis.core.definitions import Definition, definition_from_record, tables_showing
from kaa_analysis.core.errors import BundleError, NotebookError
from kaa_analysis.core.secure_folder import ENVIRONMENT_VARIABLE, KEY_VARIABLE
from kaa_analysis.disclosure.released import Released
from kaa_analysis.disclosure.store import EQUATIONS, read_equations, read_store
from kaa_analysis.present.author_slots import DEFINED_FORM, author_slot_of, author_title
from kaa_analysis.present.definition_list import definitions_markdown
from kaa_analysis.present.exhibit import Exhibit
from kaa_analysis.present.forms import exhibit
from kaa_analysis.render.area_stores import area_tables
from kaa_analysis.render.bundle import AREA_WORKBOOK, write_manifest
from kaa_analysis.render.data_files.area_workbook import write_area_workbook
from kaa_analysis.render.data_files.open_data import write_open_data
from kaa_analysis.render.data_files.workbook import write_workbook
from kaa_analysis.render.document import Document, Prose, document_of
from kaa_analysis.render.pages.html_page import page_of_document
from kaa_analysis.render.pages.qa_page import qa_page
from kaa_analysis.render.pdf import write_pdf
from kaa_analysis.render.plan import STORE, Plan, read_plan
from kaa_analysis.render.processes.process_ends import die_with_parent
from kaa_analysis.render.running.execution import Placement
from kaa_analysis.render.texts.released_figures import ReleasedFigures
from kaa_analysis.render.texts.text_filling import FilledText, filled_texts
from kaa_analysis.render.word import write_word

DATA = "data"
FIGURES = "figures"

_MARKUP = re.compile(r"<[A-Za-z/!?]|~~|^\s*\|.*\|\s*$|^[\s|:-]*-+\s*\|[\s|:-]*$", re.MULTILINE)


def build(notebook: Path, bundle: Path, *, reference: Path | None) -> None:
    """Write the report in every format, open data, figures, QA page and manifest into ``bundle``, which holds the store and the plan.

    Raises:
        NotebookError: the committed notebook holds outputs, or raw HTML in its text.
        BundleError: a placement names a table that the store does not hold.
        DisclosureError: a table's content is not that of its hash.
    """
    released, plan = read_store(bundle / STORE), read_plan(bundle)
    document = read_document(notebook, bundle)
    remarks = [remark for text in _filled(plan, released).values() for remark in text.remarks]
    shown = _in_order_of_showing(plan.placements, released)
    (bundle / "report.html").write_text(page_of_document(document), encoding="utf-8")
    write_pdf(document, bundle / "report.pdf")
    write_word(document, bundle / "report.docx", reference=reference)
    write_workbook(shown, bundle / "tables.xlsx", document=document)
    if areas := area_tables(bundle, of_city={table.id: table for table in shown}):
        write_area_workbook(areas, bundle / AREA_WORKBOOK, document=document)
    write_open_data(shown, bundle / DATA)
    read_equations(bundle / STORE).to_csv(bundle / DATA / EQUATIONS, index=False, lineterminator="\n")
    _write_figures(document.exhibits(), bundle / FIGURES)
    (bundle / "qa.html").write_text(qa_page(document, shown, qa=plan.qa, remarks=remarks), encoding="utf-8")
    write_manifest(bundle, {**plan.manifest, "exhibits": [_record(item) for item in document.exhibits()]})


def read_document(notebook: Path, bundle: Path) -> Document:
    """Return the document of a committed notebook, filled from the release store and the plan of ``bundle``.

    Raises:
        NotebookError, BundleError, DisclosureError: as `build`.
    """
    released, plan = read_store(bundle / STORE), read_plan(bundle)
    blocks = fill(plan.placements, released, prose=_prose(plan, released))
    return document_of(read_committed(notebook), blocks, page=plan.page)


def read_committed(path: Path) -> nbformat.NotebookNode:
    """Return the notebook, refused if any cell carries an output or an execution count."""
    notebook = nbformat.read(path, as_version=4)
    _refuse_markup(notebook)
    soiled = [
        str(number)
        for number, cell in enumerate(notebook.cells, start=1)
        if cell.get("outputs") or cell.get("execution_count")
    ]
    if soiled:
        raise NotebookError(
            "Anteckningsboken ska sparas utan utdata.",
            found=f"utdata i cell {', '.join(soiled)}",
            action="rensa utdata (Edit → Clear Outputs of All Cells) och spara",
        )
    return notebook


def _refuse_markup(notebook: nbformat.NotebookNode) -> None:
    """Refuse HTML, tables and struck text in the notebook's text: they would be one thing in one format and another in the next."""
    cells = [
        str(number)
        for number, cell in enumerate(notebook.cells, start=1)
        if cell.cell_type == "markdown" and _MARKUP.search(cell.source)
    ]
    if cells:
        raise NotebookError(
            "Anteckningsbokens text ska bestå av rubriker, stycken, listor, betoning och länkar, så att den blir densamma i alla format.",
            found=f"HTML, en tabell eller överstruken text i cell {', '.join(cells)}",
            action="skriv om texten; en webbadress skrivs [text](adress), en tabell visas med report.show",
        )


def _filled(plan: Plan, released: Mapping[str, Released]) -> dict[str, FilledText]:
    """Return the authors' texts filled in from the released tables alone."""
    definitions = [definition_from_record(record) for record in plan.definitions]
    figures = ReleasedFigures(definitions, released, frozenset(plan.merged))
    return filled_texts(plan.texts, figures=figures, draft=plan.page["draft"])


def _prose(plan: Plan, released: Mapping[str, Released]) -> dict[str, Prose]:
    """Return the authors' texts and the definitions by their slugs; where there is nothing to say there is no heading either."""
    texts, found = _filled(plan, released), {}
    for placement in plan.placements:
        slot = author_slot_of(placement.form)
        if slot in texts:
            text = f"## {author_title(slot)}\n\n{texts[slot].markdown}"
            found[placement.slug] = Prose(text, placement.slug)
        elif placement.form == DEFINED_FORM and (definitions := _shown_definitions(plan, released)):
            found[placement.slug] = Prose(definitions_markdown(definitions))
    return found


def _shown_definitions(plan: Plan, released: Mapping[str, Released]) -> list[Definition]:
    """Return what readers are told of just those indicators that a table of the report shows; one without rows is only a sentence."""
    with_rows = {name: table for name, table in released.items() if not table.values_table.empty}
    columns = {name: [column.name for column in table.columns] for name, table in with_rows.items()}
    definitions = [definition_from_record(record) for record in plan.definitions]
    shown = tables_showing(definitions, columns)
    return [one for one in definitions if one.id in shown]


def fill(
    placements: Sequence[Placement], released: Mapping[str, Released], *, prose: Mapping[str, Prose]
) -> dict[int, list[Exhibit | Prose]]:
    """Return the exhibits of each cell, drawn from the released tables alone, and the ``prose`` that stands at slugs without a table."""
    unknown = sorted({placement.result for placement in placements} - {*released, ""})
    if unknown:
        raise BundleError("Allt som visas ska finnas i körningens lager av skyddade tabeller.", found=unknown)
    exhibits: dict[int, list[Exhibit | Prose]] = {}
    for placement in placements:
        if placement.slug in prose:
            exhibits.setdefault(placement.cell, []).append(prose[placement.slug])
        if not placement.result:
            continue
        made = exhibit(released[placement.result], slug=placement.slug, form=placement.form)
        exhibits.setdefault(placement.cell, []).append(made)
    return exhibits


def _in_order_of_showing(placements: Sequence[Placement], released: Mapping[str, Released]) -> list[Released]:
    """Return the tables that are shown; one without rows is a sentence and no table."""
    shown = [released[name] for name in dict.fromkeys(placement.result for placement in placements if placement.result)]
    return [table for table in shown if not table.values_table.empty]


def _write_figures(exhibits: Sequence[Exhibit], folder: Path) -> None:
    for item in exhibits:
        if item.drawing is not None:
            folder.mkdir(exist_ok=True)
            (folder / f"{item.slug}.svg").write_text(item.drawing.svg, encoding="utf-8")


def _record(item: Exhibit) -> dict[str, str]:
    return {"slug": item.slug, "form": item.form, "released": item.released_id, "released_hash": item.released_hash}


def main(arguments: Sequence[str]) -> int:
    """Build from the command line; return the exit code. What went wrong is told on stderr as one line of JSON.

    A foreign error's own text goes with it: this process has seen nothing but protected tables.
    """
    try:
        if ENVIRONMENT_VARIABLE in os.environ or KEY_VARIABLE in os.environ:
            raise BundleError(
                "Bygget får inte känna till den säkra mappen.", found=f"{ENVIRONMENT_VARIABLE} eller {KEY_VARIABLE}"
            )
        notebook, bundle, *reference = (Path(argument) for argument in arguments)
        with collection_paused():
            build(notebook, bundle, reference=next(iter(reference), None))
    except Exception as error:  # noqa: BLE001 - the boundary of this process
        safe = safe_error(error, what="Bygget av rapporten", log_folder=None)
        text = "" if safe is error else "".join(traceback.format_exception(error))
        print(json.dumps(error_record(safe) | {"text": text}, ensure_ascii=False), file=sys.stderr)  # noqa: T201
        return safe.exit_code
    return 0


if __name__ == "__main__":
    die_with_parent()
    sys.exit(main(sys.argv[1:]))
