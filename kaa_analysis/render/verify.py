"""Making a finished bundle again from its own inputs, to show that it comes from them: same inputs, same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kaa_analysis.core.errors import BundleError
from kaa_analysis.core.project import project_root
from kaa_analysis.core.provenance import canonical_json, run_id
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.params.reports import REPORTS, ReportOrder, check_params
from kaa_analysis.render.bundle import MANIFEST, OUTSIDE
from kaa_analysis.render.difference.causes import causes_between
from kaa_analysis.render.gate.rerender import differences
from kaa_analysis.render.inputs import Inputs, Source, read_inputs
from kaa_analysis.render.manifest import read_manifest
from kaa_analysis.render.report import Progress, Workplace, executed, produced


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
    return ReportOrder(REPORTS[name], check_params(REPORTS[name], manifest["params"], where=MANIFEST))


def verify(bundle: Path, order: ReportOrder, *, source: Source, secure: SecureFolder, progress: Progress) -> Verified:
    """Make the report of ``bundle`` again, beside it and out of sight, and compare every file.

    Raises:
        BundleError: the bundle is not whole, an input is not what it was (named), or a file came out otherwise (named).
        NotebookError, DisclosureError: as `render.report.make_report`.
    """
    root, manifest = project_root(), read_manifest(bundle)
    inputs = read_inputs(order, source=source, root=root)
    _refuse_other_inputs(manifest, inputs)
    at = Workplace(root, secure, progress)
    with produced(inputs, executed(inputs, at=at), at=at) as place:
        progress("jämför varje fil")
        found = differences(bundle, place.partial, outside=OUTSIDE)
    if found:
        raise BundleError(
            "Rapporten blev inte densamma när den gjordes om av samma indata och samma program.",
            found=found,
            action="jämför innehållet med kaa diff; processorn eller biblioteken kan vara andra än då",
        )
    return Verified(inputs.run, len(manifest["files"]))


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
