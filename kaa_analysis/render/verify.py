"""Making a finished bundle again from its own inputs, to show that it comes from them: same inputs, same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kaa_analysis.core.errors import BundleError
from kaa_analysis.core.project import project_root
from kaa_analysis.core.provenance import canonical_json, run_id
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.params.reports import REPORTS, ReportOrder, check_params
from kaa_analysis.render.bundle import MANIFEST, OUTSIDE
from kaa_analysis.render.company import Company, told_companions
from kaa_analysis.render.difference.causes import causes_between
from kaa_analysis.render.earlier_bundles import earlier_bundles
from kaa_analysis.render.gate.rerender import differences
from kaa_analysis.render.inputs import Inputs, Source, read_inputs
from kaa_analysis.render.manifest import read_manifest
from kaa_analysis.render.report import Progress, Workplace, executed, produced, protected
from kaa_analysis.render.running.execution import Execution


@dataclass(frozen=True)
class Verified:
    """A bundle that came out the same: its run, and how many files were compared."""

    run: str
    n_files: int


def order_of(bundle: Path) -> ReportOrder:
    """Return the report and parameters that a bundle was made with.

    Raises:
        BundleError: the folder holds no whole bundle, or one of a report that there is no longer.
        ParameterError: the report no longer takes those parameters.
    """
    manifest = read_manifest(bundle)
    name = manifest["report"]
    if name not in REPORTS:
        raise BundleError("Rapporten ska vara av ett slag som finns.", found=f"finns: {', '.join(REPORTS)}")
    params = check_params(REPORTS[name], manifest["params"], where=MANIFEST)
    return ReportOrder(REPORTS[name], params, manifest.get("texts_folder", ""))


def company_of(bundle: Path, *, earlier: Sequence[Path]) -> Company:
    """Return what a bundle was protected with; ``earlier`` are folders with the earlier bundles that its manifest tells of.

    Raises:
        BundleError: the folder holds no whole bundle, or the earlier bundles are not those that its manifest tells of.
        ParameterError: a report of the release no longer takes its parameters.
    """
    manifest = read_manifest(bundle)
    company = Company(told_companions(manifest), earlier_bundles(earlier))
    given, told = ([one["name"] for one in records] for records in (_records(company), manifest.get("earlier", ())))
    if _records(company) != list(manifest.get("earlier", ())):
        raise BundleError(
            "Rapporten görs om med just de tidigare rapporter som den är skyddad mot.",
            found=[f"i manifestet: {', '.join(told) or 'inga'}", f"inlämnade: {', '.join(given) or 'inga'}"],
            action="ange deras mappar med --tidigare, oförändrade, och inga andra",
        )
    return company


def verify(
    bundle: Path, order: ReportOrder, *, company: Company, source: Source, secure: SecureFolder, progress: Progress
) -> Verified:
    """Make the report of ``bundle`` again, beside it and out of sight, and compare every file.

    The notebooks of all reports of its release are run, since their results decide what is protected.

    Raises:
        BundleError: the bundle is not whole, an input is not what it was (named), or a file came out otherwise (named).
        NotebookError, DisclosureError: as `render.report.make_report`.
    """
    root, manifest = project_root(), read_manifest(bundle)
    inputs = read_inputs(order, source=source, root=root, company=company)
    _refuse_other_inputs(manifest, inputs)
    at = Workplace(root, secure, progress)
    executions = _executions(inputs, at=at)
    progress("skyddar alla resultat tillsammans")
    put_store = protected(inputs, executions)
    with produced(inputs, executions[order.name], put_store=put_store, at=at) as place:
        progress("jämför varje fil")
        found = differences(bundle, place.partial, outside=OUTSIDE)
    if found:
        raise BundleError(
            "Rapporten blev inte densamma när den gjordes om av samma indata och samma program.",
            found=found,
            action="jämför innehållet med kaa diff; processorn eller biblioteken kan vara andra än då",
        )
    return Verified(inputs.run, len(manifest["files"]))


def _executions(inputs: Inputs, *, at: Workplace) -> dict[str, Execution]:
    """Run the notebooks of all reports of a release, one after the other, and return what they noted by the orders' names."""
    companions = inputs.company.companions
    if not companions:
        return {inputs.order.name: executed(inputs, at=at)}
    at.progress(f"kör releasens {len(companions) + 1} anteckningsböcker i den säkra mappen")
    silent = replace(at, progress=lambda _: None)
    others = [read_inputs(order, source=inputs.source, root=at.root) for order in companions]
    return {one.order.name: executed(one, at=silent) for one in (inputs, *others)}


def _records(company: Company) -> list[dict[str, Any]]:
    return [bundle.record for bundle in company.earlier]


def _refuse_other_inputs(manifest: Mapping[str, Any], inputs: Inputs) -> None:
    """Refuse to compare with what was made of something else: that would say nothing of the bundle."""
    now = json.loads(canonical_json(inputs.manifest))
    recorded = run_id({name: manifest.get(name) for name in inputs.provenance} | {"extract": _hashed(manifest)})
    if recorded == inputs.run:
        return
    causes = [cause.what for cause in causes_between(manifest, now)]
    raise BundleError(
        "Rapporten kan bara göras om av det den gjordes av.",
        found=causes or ["något i underlaget till körningens namn är ett annat"],
        action="ta fram samma uttag, kod, parametrar och policy som då, till exempel med git checkout, och kör igen",
    )


def _hashed(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the run's name goes by of the extract: not the list of its files."""
    return {name: value for name, value in manifest["extract"].items() if name != "files"}
