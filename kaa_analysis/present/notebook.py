"""What a notebook calls to show a result: `Report.show`.

In JupyterLab the result is protected at once, by itself, and shown. In a run of the release the result is only noted, inside
the secure folder, and a placeholder with its hash is left in the notebook: all results of the release are protected together
afterwards, and the page is filled from the release store.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from kaa_analysis.core.errors import NotebookError
from kaa_analysis.core.project import POLICY_FILE, project_root
from kaa_analysis.core.provenance import canonical_json, hash_value
from kaa_analysis.core.result import Result, Text
from kaa_analysis.core.secure_folder import write_atomically
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy, read_policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.present.exhibit import EXHIBIT_MIME
from kaa_analysis.present.forms import check_form, check_slug, exhibit, splits_without_labels

RUN_FOLDER_VARIABLE = "KAA_RUN"
"""Set by the runner alone: the folder inside the secure folder where a run notes its results."""

RESULTS = "results"
SHOWN = "shown"


@dataclass(frozen=True)
class Report:
    """A report in the making. ``run_folder`` is None in JupyterLab."""

    policy: Policy
    run_folder: Path | None = None

    @classmethod
    def open(cls) -> Report:
        """Return the report of the notebook that is running, with the project's disclosure policy."""
        folder = os.environ.get(RUN_FOLDER_VARIABLE)
        return cls(read_policy(project_root() / POLICY_FILE), Path(folder) if folder else None)

    def show(self, result: Result, *, slug: str, as_: str) -> None:
        """Show ``result`` in the form ``as_`` ("table", "figure:…", "sentence:…") under the stable name ``slug``.

        Raises:
            NotebookError: not a `Result`, a slug already used, a split with a value without a label, or free text.
            ParameterError: an unknown form, or a slug that is not lower case letters, digits and hyphens.
        """
        if not isinstance(result, Result):
            raise NotebookError(
                "report.show visar bara ett Result (det som indicators och survival ger).",
                found=type(result).__name__,
                action="räkna fram det med paketets funktioner och visa resultatet",
            )
        check_slug(slug)
        check_form(as_)
        _check_words(result)
        if self.run_folder is None:
            released = protect([result], policy=self.policy, ledger=Ledger.empty())[result.id]
            _display(exhibit(released, slug=slug, form=as_))
        else:
            _display(_Noted(_note(result, slug=slug, form=as_, folder=self.run_folder)))


def _check_words(result: Result) -> None:
    """Refuse words that no label stands for: a split by a value nobody has named could be a split by person."""
    unnamed = [*splits_without_labels(result), *(column.name for column in result.of_role(Text))]
    if unnamed:
        raise NotebookError(
            "Varje värde i en uppdelning ska ha en etikett, och fri text visas inte.",
            found=unnamed,
            action="ge uppdelningen (Dimension) etiketter för alla värden",
        )


@dataclass(frozen=True)
class _Noted:
    """A placeholder: it holds the hash of a noted result and nothing of the result."""

    record: dict[str, str]

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        return {EXHIBIT_MIME: self.record, "text/plain": f"[{self.record['slug']}]"}


def _note(result: Result, *, slug: str, form: str, folder: Path) -> dict[str, str]:
    content = result.as_record()
    record = {"slug": slug, "form": form, "result": result.id, "result_hash": hash_value(content)}
    place = folder / SHOWN / f"{slug}.json"
    if place.exists():
        raise NotebookError(f'Namnet "{slug}" används två gånger.', action="ge varje visning ett eget namn (slug)")
    noted = folder / RESULTS / f"{result.id}.json"
    if noted.exists() and hash_value(json.loads(noted.read_bytes())) != record["result_hash"]:
        raise NotebookError(f'Två olika resultat heter "{result.id}".', action="ge resultaten skilda namn")
    write_atomically(noted, canonical_json(content))
    write_atomically(place, canonical_json(record))
    return record


def _display(shown: object) -> None:
    from IPython.display import display  # only a notebook has a display

    display(shown)
