"""Everything that decides the bytes of a report, hashed without loading what makes reports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from kaa_analysis.core.installed import installed_versions, lock_hash, python_version
from kaa_analysis.core.project import DECISIONS_FILE, DOCUMENT_FILE, GRANTS_FILE, POLICY_FILE, REFERENCE_FILE
from kaa_analysis.core.provenance import (
    CODE_SUFFIXES,
    canonical_json,
    hash_file,
    hash_value,
    hashes_below,
    hashes_in,
)
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.core.strict_yaml import read_strict_yaml
from kaa_analysis.params.reports import ReportOrder
from kaa_analysis.render.cache.executed_cells import ExecutedCells, executed_cells
from kaa_analysis.render.company import ALONE, Company, companion_record, in_order
from kaa_analysis.render.notebook_cells import is_about_part
from kaa_analysis.render.texts.text_files import text_hashes

PACKAGE = Path(__file__).resolve().parents[2]

IN_COMPANY = "-gemensam"

Facts = Mapping[str, Any]
"""The parts by name, as a bundle's manifest tells them where it tells them too."""

OF_RESULTS = frozenset(
    {"report", "extract", "params", "grants_file", "notebook_code", "code", "code_files", "lock", "versions", "python", "key"}
)  # fmt: skip
"""The parts that can change what a notebook computes; the others change how it is protected and told."""


@dataclass(frozen=True)
class OrderParts:
    """The parts of one order. ``cells`` are those cells of its notebook that are executed, None where there is no notebook."""

    slot: str
    facts: Facts
    cells: ExecutedCells | None

    @property
    def extract(self) -> str:
        """The name of the extract."""
        return self.facts["extract"]["name"]

    @property
    def bundle_slot(self) -> str:
        """The name of the record of the bundle: a report made by itself and the same made with others stand beside each other."""
        return f"{self.slot}{IN_COMPANY if self.facts['released_with'] else ''}"

    @property
    def results_key(self) -> str:
        """The hash of everything that can change what the notebook computes."""
        return hash_value(facts_of_results(self.facts))


def facts_of_results(facts: Facts) -> dict[str, Any]:
    """Return the parts that can change what a notebook computes; of the notebook its executed cells alone."""
    return {name: value for name, value in facts.items() if name in OF_RESULTS} | {"notebook": facts["notebook_code"]}


class OrderReader:
    """Hashes the parts of orders of one project; what several orders share is read once, when first asked for.

    Nothing is remembered from an earlier process: every byte is read anew.
    """

    def __init__(self, root: Path, *, secure: SecureFolder) -> None:
        self.root = root
        self.secure = secure
        self._extracts: dict[str, dict[str, Any]] = {}
        self._executed: dict[tuple[Path, bool], ExecutedCells | None] = {}

    def parts(self, order: ReportOrder, *, company: Company = ALONE) -> OrderParts:
        """Return the parts of an order that is protected with ``company``. A missing file has no hash; what then stops a report is told by whoever makes it.

        Raises:
            SecureFolderError: the pseudonym key cannot be used.
        """
        notebook = self._notebook(order)
        cells = self._cells(order)
        extract = self._extract(order.params.extract)
        own = {
            "report": order.kind.name,
            "extract": extract,
            "key": self.secure.key_fingerprint() if extract["files"] else None,
            "params": order.params.model_dump(),
            "notebook": _hash(notebook),
            "notebook_code": _code(cells),
            "texts": text_hashes(order, root=self.root),
            "released_with": in_order(self._companion(other) for other in company.companions),
            "earlier": [bundle.record for bundle in company.earlier],
        }
        return OrderParts(order.name, json.loads(canonical_json(own | self._shared)), cells)

    def _companion(self, order: ReportOrder) -> dict[str, Any]:
        return companion_record(order, notebook=_code(self._cells(order)))

    def _notebook(self, order: ReportOrder) -> Path:
        return self.root / "notebooks" / order.kind.notebook

    def _cells(self, order: ReportOrder) -> ExecutedCells | None:
        which = self._notebook(order), is_about_part(order)
        if which not in self._executed:
            self._executed[which] = executed_cells(which[0], about_part=which[1])
        return self._executed[which]

    def _extract(self, name: str) -> dict[str, Any]:
        if name not in self._extracts:
            files = hashes_in(self.secure.extracts / name)
            self._extracts[name] = {"name": name, "files": files, "hash": hash_value(files)}
        return self._extracts[name]

    @cached_property
    def _shared(self) -> dict[str, Any]:
        code = hashes_below(PACKAGE, suffixes=CODE_SUFFIXES)
        return {
            "policy": _hash(self.root / POLICY_FILE),
            "policy_rules": _lines(self.root / POLICY_FILE),
            "document_file": _hash(self.root / DOCUMENT_FILE),
            "document": _lines(self.root / DOCUMENT_FILE),
            "grants_file": _hash(self.root / GRANTS_FILE),
            "reference": _hash(self.root / REFERENCE_FILE),
            "undecided": _hash(self.root / DECISIONS_FILE),
            "code": hash_value(code),
            "code_files": code,
            "lock": lock_hash(self.root),
            "versions": installed_versions(),
            "python": python_version(),
        }


def _code(cells: ExecutedCells | None) -> str | None:
    return None if cells is None else cells.hash


def _hash(path: Path) -> str | None:
    return hash_file(path) if path.is_file() else None


def _lines(path: Path) -> dict[str, Any] | None:
    """Return what a file of plain lines says, for the words of a reason alone; None where it cannot be read."""
    try:
        record = read_strict_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None
    return {str(name): value for name, value in record.items()} if isinstance(record, dict) else None
