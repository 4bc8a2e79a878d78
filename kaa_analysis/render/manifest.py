"""Reading a bundle's manifest: whatever else it holds, what is asked of it has the right shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from kaa_analysis.core.errors import BundleError
from kaa_analysis.render.bundle import MANIFEST, damage


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True, hide_input_in_errors=True)


class _Extract(_Part):
    name: str
    hash: str
    files: dict[str, str] | None = None


class _Exhibit(_Part):
    slug: str
    form: str
    released: str


class _Companion(_Part):
    name: str
    report: str
    params: dict[str, Any]
    notebook: str


class _Manifest(_Part):
    """What every bundle's manifest holds; what bundles of earlier versions lack may be missing, but not be something else."""

    report: str
    extract: _Extract
    params: dict[str, Any]
    files: dict[str, str]
    exhibits: list[_Exhibit]
    document: dict[str, Any] = {}
    grants: list[dict[str, str]] = []
    sources: list[str] = []
    code_files: dict[str, str] = {}
    policy_rules: dict[str, Any] = {}
    versions: dict[str, str] = {}
    released_with: list[_Companion] = []
    earlier: list[dict[str, str]] = []
    texts: dict[str, str] = {}
    texts_folder: str = ""


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """Return the manifest of a bundle whose files are all there, unchanged, and no others.

    Raises:
        BundleError: they are not (the files are named), or the manifest is not that of a report.
    """
    if found := damage(folder):
        raise BundleError(
            "Mappen ska innehålla en hel rapport: just de filer som dess manifest anger, oförändrade.",
            found=found,
            action="ange mappen som kaa report gjorde, till exempel reports/arsbilaga/2024/0123456789ab",
        )
    record = json.loads((folder / MANIFEST).read_bytes())
    try:
        _Manifest.model_validate(record)
    except ValidationError as error:
        places = {".".join(map(str, item["loc"])) for item in error.errors(include_input=False, include_url=False)}
        raise BundleError(
            f"Rapportens {MANIFEST} ska vara skriven av kaa report.",
            found=[f"{place}: saknas eller är något annat" for place in sorted(places)],
            action="gör om rapporten med kaa report",
        ) from None
    return record
