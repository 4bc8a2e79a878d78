"""Two whole bundles, read with every hash verified, and all that is not the same in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kaa_analysis.core.errors import BundleError
from kaa_analysis.disclosure.released import Released
from kaa_analysis.disclosure.store import read_store
from kaa_analysis.present.formats import number
from kaa_analysis.render.bundle import AREA_STORES
from kaa_analysis.render.difference.causes import Cause, causes_between
from kaa_analysis.render.difference.cells import CellComparison, Change, Difference, compare_cells
from kaa_analysis.render.difference.explanations import UNEXPLAINED, words_reason
from kaa_analysis.render.difference.table_texts import TextChange, compare_exhibits, compare_texts
from kaa_analysis.render.manifest import read_manifest
from kaa_analysis.render.plan import PLAN, STORE

NOT_READ = (f"{STORE}/", f"{AREA_STORES}/", "data/", PLAN)
"""Files of a bundle that hold what is compared anyway."""


class OtherFormatError(BundleError):
    """A whole bundle was written by a version whose tables this one cannot read."""


@dataclass(frozen=True, eq=False)
class Bundle:
    """A whole bundle: its short name ``report/period/run``, its manifest, and its tables in the order they are shown."""

    name: str
    manifest: Mapping[str, Any]
    tables: tuple[Released, ...]

    @property
    def report(self) -> str:
        """The kind of report."""
        return str(self.manifest.get("report", ""))


@dataclass(frozen=True, eq=False)
class Comparison:
    """Everything that differs between two bundles, and why.

    ``one_sided`` counts the cells that only one bundle has where the bundles are reports of different kinds: they are not listed.
    ``words_reason`` is why texts differ; ``files`` names the finished files that do not have the same bytes.
    """

    before: Bundle
    after: Bundle
    causes: tuple[Cause, ...]
    cells: CellComparison
    texts: tuple[TextChange, ...]
    words_reason: str
    files: tuple[str, ...]
    one_sided: int

    @property
    def differs(self) -> bool:
        """Whether a cell differs by more than the tolerance, a text or an exhibit differs, or the bundles hold different things."""
        return bool(self.cells.differences or self.texts or self.one_sided)

    @property
    def unexplained(self) -> int:
        """How many cells and texts differ although nothing differs that could explain it; if none does, how many finished files."""
        cells = sum(difference.reason == UNEXPLAINED for difference in self.cells.differences)
        texts = len(self.texts) if self.words_reason == UNEXPLAINED else 0
        explained = self.causes or self.cells.within_tolerance or self.differs
        return cells + texts + (0 if explained else len(self.files))

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the reader must know of how far the two can be compared."""
        remarks = []
        if self.before.report != self.after.report:
            remarks.append(
                f"Rapporterna är av olika slag ({self.before.report} och {self.after.report}). "
                f"Bara det som är gemensamt jämförs. Celler som bara finns i ett av paketen: {number(self.one_sided)}."
            )
        if not {table.id for table in self.before.tables} & {table.id for table in self.after.tables}:
            remarks.append("Paketen har inga gemensamma tabeller.")
        return tuple(remarks)

    def refuse_unexplained(self) -> None:
        """Refuse differences that nothing can explain: the same inputs must give the same report.

        Raises:
            BundleError: there is one.
        """
        if self.unexplained:
            raise BundleError(
                "Varje skillnad mellan två rapportpaket ska kunna förklaras av något som skiljer deras körningar åt.",
                found=f"oförklarade skillnader: {number(self.unexplained)}",
                action="gör om båda rapporterna med kaa report och jämför igen; består skillnaden är det ett fel i programmet",
            )


def compare_bundles(before: Path, after: Path) -> Comparison:
    """Read and compare two bundles.

    Raises:
        BundleError, DisclosureError: as `read_bundle`.
    """
    return compare(read_bundle(before), read_bundle(after))


def compare(earlier: Bundle, later: Bundle) -> Comparison:
    """Compare the causes, cells, texts and finished files of two bundles; of reports of different kinds what they share."""
    same_kind = earlier.report == later.report
    causes = causes_between(earlier.manifest, later.manifest)
    cells = compare_cells(earlier.tables, later.tables, causes=causes)
    common = tuple(difference for difference in cells.differences if same_kind or _is_common(difference))
    one_sided = len(cells.differences) - len(common)
    return Comparison(
        before=earlier,
        after=later,
        causes=causes,
        cells=CellComparison(cells.compared - one_sided, cells.equal, cells.within_tolerance, common),
        texts=_texts(earlier, later) if same_kind else _common_texts(earlier, later),
        words_reason=words_reason(causes),
        files=_changed_files(earlier.manifest, later.manifest, explained=bool(causes)),
        one_sided=one_sided,
    )


def read_bundle(folder: Path, *, name: str | None = None) -> Bundle:
    """Return the bundle in ``folder`` if it is whole. ``name`` is its short name where it does not stand in its place yet.

    Raises:
        BundleError: it is missing or damaged.
        OtherFormatError: its tables were written in a way that cannot be read.
        DisclosureError: its store is not what its index says.
    """
    folder = folder.resolve()
    name = name or short_name(folder)
    manifest = read_manifest(folder)
    try:
        tables = read_store(folder / STORE)
    except (KeyError, TypeError, ValueError):
        raise OtherFormatError(
            "Rapportpaketets tabeller ska vara skrivna så att den här versionen kan läsa dem.",
            found=f"{name}: tabeller i ett annat format",
            action="gör om den rapporten med kaa report och jämför igen",
        ) from None
    shown = dict.fromkeys(item["released"] for item in manifest["exhibits"])
    order = [*(table for table in shown if table in tables), *(table for table in tables if table not in shown)]
    return Bundle(name, manifest, tuple(tables[table] for table in order))


def short_name(folder: Path) -> str:
    """Return ``report/period/run`` of a bundle's folder.

    >>> short_name(Path("/somewhere/reports/arsbilaga/2024/0123456789ab"))
    'arsbilaga/2024/0123456789ab'
    """
    return "/".join(folder.resolve().parts[-3:])


def _is_common(difference: Difference) -> bool:
    return difference.change is Change.CHANGED


def _texts(before: Bundle, after: Bundle) -> tuple[TextChange, ...]:
    exhibits = compare_exhibits(before.manifest["exhibits"], after.manifest["exhibits"])
    return (*compare_texts(before.tables, after.tables), *exhibits)


def _common_texts(before: Bundle, after: Bundle) -> tuple[TextChange, ...]:
    names = {table.id for table in before.tables} & {table.id for table in after.tables}
    return compare_texts(*([table for table in bundle.tables if table.id in names] for bundle in (before, after)))


def _changed_files(before: Mapping[str, Any], after: Mapping[str, Any], *, explained: bool) -> tuple[str, ...]:
    """Return the files that do not have the same bytes; where that is explained, without those that hold what is compared cell by cell."""
    earlier, later = before["files"], after["files"]
    changed = [name for name in sorted({*earlier, *later}) if earlier.get(name) != later.get(name)]
    return tuple(name for name in changed if not (explained and name.startswith(NOT_READ)))
