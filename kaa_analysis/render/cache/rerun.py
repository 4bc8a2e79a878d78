"""What an order may take over from an earlier run, found out before anything is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.params.reports import ReportOrder
from kaa_analysis.render.cache.bundle_records import bundle_problems, bundle_record, is_made_of
from kaa_analysis.render.cache.kept_results import results_of_parts
from kaa_analysis.render.cache.order_parts import OrderParts, OrderReader
from kaa_analysis.render.cache.unfinished_runs import unfinished_runs
from kaa_analysis.render.company import ALONE, Company


@dataclass(frozen=True)
class Rerun:
    """An order held against what was kept.

    ``bundle`` is the whole unchanged bundle in its place, None where one has to be made; ``keeps_results`` says whether what the
    notebook computes is there already; ``marks`` are those of runs that never ended; ``anew`` says that all was asked to be made anew.
    """

    order: ReportOrder
    parts: OrderParts
    bundle: Path | None
    keeps_results: bool
    marks: tuple[Path, ...]
    anew: bool = False
    company: Company = ALONE


def look_up(order: ReportOrder, *, reader: OrderReader, anew: bool = False, company: Company = ALONE) -> Rerun:
    """Return what an order that is protected with ``company`` may take over: nothing where it is to be made ``anew``, or where an earlier run of it never ended.

    Raises:
        SecureFolderError: the pseudonym key cannot be used.
    """
    parts, secure = reader.parts(order, company=company), reader.secure
    marks = unfinished_runs(parts.slot, secure=secure)
    if anew or marks:
        return Rerun(order, parts, None, False, marks, anew, company)
    bundle = _unchanged_bundle(parts, reports=reader.root / "reports", secure=secure)
    return Rerun(order, parts, bundle, results_of_parts(parts, secure=secure) is not None, marks, anew, company)


def _unchanged_bundle(parts: OrderParts, *, reports: Path, secure: SecureFolder) -> Path | None:
    record = bundle_record(parts, secure=secure)
    if record is None or not is_made_of(record, parts) or bundle_problems(record, reports=reports):
        return None
    return reports / record.folder
