"""What a bundle is made of: everything that decides its bytes, hashed, and told in the manifest so that two can be compared."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib.metadata import requires, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaa_analysis.core.boundary import PRIVATE_FILE
from kaa_analysis.core.errors import ParameterError
from kaa_analysis.core.project import DECISIONS_FILE, DOCUMENT_FILE, POLICY_FILE, REFERENCE_FILE
from kaa_analysis.core.provenance import CODE_SUFFIXES, hash_file, hash_value, hashes_below, run_id
from kaa_analysis.disclosure.policy import Policy, read_policy
from kaa_analysis.params.document_details import DocumentDetails, read_document_details
from kaa_analysis.params.reports import ReportOrder
from kaa_analysis.present.typeface import missing_characters
from kaa_analysis.render.cache.executed_cells import executed_cells
from kaa_analysis.render.company import ALONE, Company, companion_record, in_order
from kaa_analysis.render.notebook_cells import cells_of_report, is_about_part
from kaa_analysis.render.texts.author_texts import read_author_texts
from kaa_analysis.render.word import check_template

if TYPE_CHECKING:
    from kaa_analysis.store.register import Register

PACKAGE = Path(__file__).resolve().parents[1]
DISTRIBUTION = "kaa-analysis"
SHARED_BY_RELEASE = ("extract", "sources", "grants", "policy", "code", "lock", "python", "earlier")
"""What is the same for all reports of a release and decides their protected tables."""
CHOICE_COLUMNS = ("question", "options", "default", "decided_by")


@dataclass(frozen=True)
class Source:
    """The register a report is made of, and the hashes of the delivered files by name."""

    register: Register
    files: Mapping[str, str]


@dataclass(frozen=True)
class Choice:
    """A choice that moves published numbers: the question, the options, what is used, and who has decided it (empty: nobody yet)."""

    question: str
    options: str
    used: str
    decided_by: str


@dataclass(frozen=True)
class Inputs:
    """All inputs of one bundle, read once. ``reference`` is the organisation's Word template, None if it has none.

    ``company`` is what it is protected with; ``texts`` are its authors' texts by their names.
    """

    order: ReportOrder
    source: Source
    notebook: Path
    policy: Policy
    document: DocumentDetails
    choices: tuple[Choice, ...]
    reference: Path | None
    provenance: Mapping[str, Any]
    manifest: Mapping[str, Any]
    company: Company = ALONE
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def run(self) -> str:
        """The name of the run: the first digits of the hash of all inputs."""
        return run_id(self.provenance)

    @property
    def told_runs(self) -> frozenset[str]:
        """The names made of hashes that the bundle tells: of its run, its release and the runs of earlier bundles."""
        return frozenset({self.run, self.manifest["release"], *(bundle.run for bundle in self.company.earlier)})

    def kept_notebook(self, folder: Path) -> Path:
        """Return a copy in ``folder`` of the notebook as it was hashed, with the cells of this report.

        Raises:
            ParameterError: it has been changed since.
        """
        copy = _kept(self.notebook, folder, told=self.provenance["notebook"])
        with suppress(ValueError, KeyError, TypeError, AttributeError):  # whoever runs it tells that it is no notebook
            record = json.loads(copy.read_bytes())
            own = cells_of_report(record, about_part=is_about_part(self.order))
            if own != record:
                copy.write_text(json.dumps(own, ensure_ascii=False), encoding="utf-8")
        return copy

    def kept_reference(self, folder: Path) -> Path | None:
        """Return a copy in ``folder`` of the Word template as it was hashed, None if there is none.

        Raises:
            ParameterError: it has been changed since.
        """
        return None if self.reference is None else _kept(self.reference, folder, told=self.provenance["reference"])


def read_inputs(order: ReportOrder, *, source: Source, root: Path, company: Company = ALONE) -> Inputs:
    """Return the inputs of a report of the project in ``root`` that is protected with ``company``.

    Raises:
        ParameterError: the policy, the document's details or the list of choices cannot be read, or a text holds what it may not hold.
        BundleError: the Word template cannot be used.
    """
    notebook = root / "notebooks" / order.kind.notebook
    policy = read_policy(root / POLICY_FILE)
    document = read_document_details(root / DOCUMENT_FILE, report=order.kind.name)
    _refuse_unwritable(document)
    choices = read_choices(root / DECISIONS_FILE)
    texts, text_hashes = read_author_texts(order, root=root)
    reference = root / REFERENCE_FILE if (root / REFERENCE_FILE).exists() else None
    if reference is not None:
        check_template(reference)
    code = hashes_below(PACKAGE, suffixes=CODE_SUFFIXES)
    register = source.register
    extract = {"name": register.name, "hash": register.extract_hash, "date": register.extract_date.isoformat()}
    members = [_told(member, root=root) for member in (order, *company.companions)]
    provenance = {
        "report": order.kind.name,
        "extract": extract | {"layout": register.layout},
        "sources": list(register.sources),
        "grants": [asdict(grant) for grant in register.grants],
        "params": order.params.model_dump(),
        "policy": hash_file(root / POLICY_FILE),
        "document": document.model_dump(),
        "reference": None if reference is None else hash_file(reference),
        "undecided": hash_file(root / DECISIONS_FILE),
        "notebook": hash_file(notebook),
        "texts": text_hashes,
        "code": hash_value(code),
        "lock": hash_file(root / "requirements.lock"),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "released_with": in_order(members[1:]),
        "earlier": [bundle.record for bundle in company.earlier],
    }
    told = {
        "extract": provenance["extract"] | {"files": dict(source.files)},
        "policy_rules": asdict(policy),
        "code_files": code,
        "versions": versions(),
        "status": "utkast",
        "release": _release(provenance, members=members),
        "texts_folder": order.texts if text_hashes else "",
    }
    manifest = provenance | told
    return Inputs(order, source, notebook, policy, document, choices, reference, provenance, manifest, company, texts)


def _told(order: ReportOrder, *, root: Path) -> dict[str, Any]:
    """Return what the other reports of a release tell of one."""
    cells = executed_cells(root / "notebooks" / order.kind.notebook, about_part=is_about_part(order))
    return companion_record(order, notebook=None if cells is None else cells.hash)


def _release(provenance: Mapping[str, Any], *, members: Sequence[Mapping[str, Any]]) -> str:
    """Return the name of the release: the same in all its reports, and another where anything that decides its protected tables is."""
    return run_id({name: provenance[name] for name in SHARED_BY_RELEASE} | {"members": in_order(members)})


def _kept(path: Path, folder: Path, *, told: str) -> Path:
    copy = folder / path.name
    shutil.copyfile(path, copy)
    copy.chmod(PRIVATE_FILE)
    if hash_file(copy) != told:
        raise ParameterError(
            "En fil som rapporten görs av får inte ändras medan rapporten görs.",
            found=path.name,
            action="kör igen; stäng först filen om den är öppen i ett program som sparar av sig självt",
        )
    return copy


def _refuse_unwritable(document: DocumentDetails) -> None:
    """Refuse details with characters that the report's typeface lacks: the PDF could not be set, after the whole run."""
    texts = {name: str(value) for name, value in document.model_dump().items() if value is not None}
    found = [name for name, text in texts.items() if missing_characters(text)]
    if found:
        raise ParameterError(
            f"Uppgifterna i {DOCUMENT_FILE.as_posix()} ska gå att skriva med rapportens typsnitt.",
            found=[f"{name} har tecken som typsnittet saknar" for name in found],
            action="skriv med bokstäver ur europeiska språk med latinskt alfabet",
        )


def read_choices(path: Path) -> tuple[Choice, ...]:
    """Return the choices of the project's list, in its order.

    Raises:
        ParameterError: the file is missing or lacks a column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream)
            if missing := [name for name in CHOICE_COLUMNS if name not in (rows.fieldnames or ())]:
                raise KeyError(*missing)
            return tuple(Choice(*(row[name].strip() for name in CHOICE_COLUMNS)) for row in rows)
    except (OSError, UnicodeDecodeError, KeyError, AttributeError, csv.Error):
        raise ParameterError(
            f"Listan över val ska vara en CSV-fil i UTF-8 med komma mellan fälten och kolumnerna {', '.join(CHOICE_COLUMNS)}.",
            found=DECISIONS_FILE.as_posix(),
            action="hämta tillbaka filen, eller spara den på nytt som CSV med komma",
        ) from None


def versions() -> dict[str, str]:
    """Return the installed version of each library that the package itself asks for, by name."""
    asked = [line for line in requires(DISTRIBUTION) or () if "extra ==" not in line]
    names = sorted({re.split(r"[^A-Za-z0-9_.-]", line, maxsplit=1)[0] for line in asked})
    return {name: version(name) for name in names}
