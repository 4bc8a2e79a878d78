"""Noting in the authors' texts which values they saw: those of the report that was made last. Nothing but the references is touched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from stat import S_IMODE

from kaa_analysis.core.definitions import definition_from_record, tables_showing
from kaa_analysis.core.errors import ParameterError, UsageError
from kaa_analysis.core.provenance import hash_bytes, hash_file
from kaa_analysis.core.result import Dimension
from kaa_analysis.core.secure_folder import write_atomically
from kaa_analysis.disclosure.store import read_store
from kaa_analysis.params.reports import ReportOrder
from kaa_analysis.present.reading import TIME_DIMENSIONS, rows
from kaa_analysis.render.difference.earlier_run import finished_bundles
from kaa_analysis.render.manifest import read_manifest
from kaa_analysis.render.plan import STORE, read_plan
from kaa_analysis.render.texts.author_references import Reference, references_in, replaced
from kaa_analysis.render.texts.author_texts import read_author_texts
from kaa_analysis.render.texts.released_figures import ReleasedFigures
from kaa_analysis.render.texts.text_files import text_paths
from kaa_analysis.render.texts.text_filling import unknown_reason

Change = tuple[str, str, str, str]
"""A file, a reference, the value that was noted before (empty where none was), and the one that is noted now (empty where the cell is hidden)."""


@dataclass(frozen=True)
class Noted:
    """What was noted: from which bundle, how many references there are, and which of them got another value."""

    bundle: Path
    n_references: int
    changes: tuple[Change, ...]


def latest_bundle(order: ReportOrder, *, root: Path) -> Path:
    """Return the bundle of a report, with just its parameters, that was made last.

    Raises:
        UsageError: there is none.
    """
    place = root / "reports" / order.kind.name / order.params.period_folder()
    params = order.params.model_dump()
    found = (folder for folder in finished_bundles(place) if read_manifest(folder)["params"] == params)
    bundle = next(found, None)
    if bundle is None:
        raise UsageError(
            "Talen hämtas ur en rapport som är gjord.",
            found="ingen hel rapport med just de här parametrarna",
            action="gör rapporten med kaa report; hänvisningar i texterna behöver inga noterade värden för det",
        )
    return bundle


def figures_of(bundle: Path) -> ReleasedFigures:
    """Return the released figures of a bundle.

    Raises:
        BundleError, DisclosureError: plan or store is not whole.
    """
    plan = read_plan(bundle)
    definitions = [definition_from_record(record) for record in plan.definitions]
    return ReleasedFigures(definitions, read_store(bundle / STORE), frozenset(plan.merged))


def note_seen(order: ReportOrder, *, root: Path) -> Noted:
    """Note in every text of a report the value of each reference in the bundle that was made last. All texts are written, or none.

    Raises:
        UsageError: there is no bundle.
        ParameterError: a text holds what it may not hold, a reference names no cell of the bundle, or a text was changed meanwhile.
    """
    _, hashes = read_author_texts(order, root=root)
    bundle = latest_bundle(order, root=root)
    figures = figures_of(bundle)
    texts = {path: path.read_bytes().decode("utf-8") for path in text_paths(order, root=root)}
    _refuse_unknown(texts, figures)
    changes = [change for path, text in texts.items() for change in _changes(path.name, text, figures)]
    for path, text in texts.items():
        noted = replaced(text, by=lambda reference: _noted(reference, figures).written)
        if noted != text:
            _write(path, noted.encode(), told=hashes[path.name])
    return Noted(bundle, sum(len(references_in(text)) for text in texts.values()), tuple(changes))


def reference_lines(figures: ReleasedFigures) -> Iterator[str]:
    """Give a line per cell that a text can refer to: the reference and what it says now, under the name of each indicator."""
    columns = {name: [column.name for column in table.columns] for name, table in figures.tables.items()}
    shown = tables_showing(figures.definitions, columns)
    for definition in figures.definitions:
        if definition.id in shown:
            yield definition.name
            references = dict.fromkeys(_references(definition.id, shown[definition.id], figures))
            known = [reference for reference in references if not unknown_reason(reference, figures)]
            yield from (f"  {reference.written}  {figures.figure(reference).text}" for reference in known)


def _references(indicator: str, tables: Sequence[str], figures: ReleasedFigures) -> Iterator[Reference]:
    for name in tables:
        table = figures.tables[name]
        totals = {split.name: split.total for split in table.of_role(Dimension)}
        for row in rows(table):
            times = [row.place[time] for time in TIME_DIMENSIONS if time in row.place]
            times += [table.context[time] for time in TIME_DIMENSIONS if time in table.context]
            split = tuple(
                (own, value) for own, value in row.place.items() if own not in TIME_DIMENSIONS and value != totals[own]
            )
            yield Reference(indicator, times[0] if times else "", split)


def _noted(reference: Reference, figures: ReleasedFigures) -> Reference:
    """Return the reference with the value that is released now, without one where none is."""
    figure = figures.figure(reference)
    seen = " ".join(figure.text.split()) if figure.known else ""
    return Reference(reference.indicator, reference.period, reference.split, seen)


def _changes(name: str, text: str, figures: ReleasedFigures) -> Iterator[Change]:
    for reference in dict.fromkeys(references_in(text)):
        noted = _noted(reference, figures)
        if noted.seen != " ".join(reference.seen.split()):
            yield name, reference.name, reference.seen, noted.seen


def _refuse_unknown(texts: Mapping[Path, str], figures: ReleasedFigures) -> None:
    problems = []
    for path, text in texts.items():
        for number, line in enumerate(text.splitlines(), start=1):
            for reference in references_in(line):
                if why := unknown_reason(reference, figures):
                    problems.append(f"{path.name}, rad {number}: {{{reference.name}}}: {why}")
    if problems:
        raise ParameterError(
            "Varje hänvisning i en text ska leda till en cell som rapporten visar.",
            found=problems,
            action="rätta hänvisningarna och kör igen; ingen text är ändrad",
        )


def _write(path: Path, content: bytes, *, told: str) -> None:
    """Put the text in place of the one that was read.

    Raises:
        ParameterError: somebody has saved another meanwhile.
    """
    place = path.resolve()
    if hash_file(place) != told:
        raise ParameterError(
            "En text får inte ändras medan värdena noteras i den.",
            found=f"{path.name}: ändrad sedan den lästes, och lämnad som den är",
            action="spara och stäng texten, och kör igen",
        )
    if hash_bytes(content) != told:
        write_atomically(place, content, mode=S_IMODE(place.stat().st_mode))
