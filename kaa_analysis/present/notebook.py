"""What a notebook calls to show a result: `Report.show`.

In JupyterLab the result is protected at once, by itself, and shown. In a run of the release the result is only noted, inside
the secure folder, and a placeholder with its hash is left in the notebook: all results of the release are protected together
afterwards, and the page is filled from the release store.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kaa_analysis.core.definitions import Definition
from kaa_analysis.core.errors import NotebookError
from kaa_analysis.core.project import POLICY_FILE, project_root
from kaa_analysis.core.provenance import canonical_json, hash_value
from kaa_analysis.core.result import Result, Text
from kaa_analysis.core.secure_folder import write_atomically
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy, read_policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.present.author_slots import DEFINED_FORM, DEFINED_SLUG, author_form, author_title, check_author_slot
from kaa_analysis.present.definition_list import HEADING
from kaa_analysis.present.exhibit import EXHIBIT_MIME
from kaa_analysis.present.forms import check_form, check_slug, exhibit, splits_without_labels

RUN_FOLDER_VARIABLE = "KAA_RUN"
"""Set by the runner alone: the folder inside the secure folder where a run notes its results."""

RESULTS = "results"
SHOWN = "shown"
DEFINITIONS = "definitions.json"


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

    def show_each(self, results: Sequence[Result], *, slug: str, as_: str) -> None:
        """Show several results in the same form, the first under the name ``slug-1`` and so on. Raises as `show`."""
        for number, result in enumerate(results, start=1):
            self.show(result, slug=f"{slug}-{number}", as_=as_)

    def author(self, slot: str) -> None:
        """Give the place of an author's text: its heading and the text, when the report is made. Without a text nothing stands there.

        Raises:
            ParameterError: there is no such text.
        """
        form = author_form(check_author_slot(slot))
        _words(author_title(slot), slug=slot.replace("_", "-"), form=form, folder=self.run_folder)

    def define(self, definitions: Sequence[Definition]) -> None:
        """Give the place of the definitions of all indicators that the report shows, with their heading.

        Raises:
            NotebookError: something else than definitions was given.
        """
        if not all(isinstance(one, Definition) for one in definitions):
            raise NotebookError(
                "report.define tar det som indicators.definitions ger.",
                action="skriv report.define(indicators.definitions())",
            )
        content = [one.as_record() for one in definitions]
        if self.run_folder is not None:
            write_atomically(self.run_folder / DEFINITIONS, canonical_json(content))
        _words(HEADING, slug=DEFINED_SLUG, form=DEFINED_FORM, folder=self.run_folder, content=content)


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


@dataclass(frozen=True)
class _Awaited:
    """What JupyterLab shows where words will stand that only the making of a report can fill in."""

    title: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        return {"text/plain": f"[{self.title}: skrivs in när rapporten görs]"}


def _words(title: str, *, slug: str, form: str, folder: Path | None, content: object = None) -> None:
    """Note a place for words that rest on no result of their own."""
    if folder is None:
        _display(_Awaited(title))
        return
    record = {"slug": slug, "form": form, "result": "", "result_hash": hash_value(content)}
    write_atomically(_free_place(slug, folder=folder), canonical_json(record))
    _display(_Noted(record))


def _free_place(slug: str, *, folder: Path) -> Path:
    """Return where it is noted what is shown under a name.

    Raises:
        NotebookError: something is shown under it already.
    """
    place = folder / SHOWN / f"{slug}.json"
    if place.exists():
        raise NotebookError(f'Namnet "{slug}" används två gånger.', action="ge varje visning ett eget namn (slug)")
    return place


def _note(result: Result, *, slug: str, form: str, folder: Path) -> dict[str, str]:
    content = result.as_record()
    record = {"slug": slug, "form": form, "result": result.id, "result_hash": hash_value(content)}
    place = _free_place(slug, folder=folder)
    noted = folder / RESULTS / f"{result.id}.json"
    if noted.exists() and hash_value(json.loads(noted.read_bytes())) != record["result_hash"]:
        raise NotebookError(f'Två olika resultat heter "{result.id}".', action="ge resultaten skilda namn")
    write_atomically(noted, canonical_json(content))
    write_atomically(place, canonical_json(record))
    return record


def _display(shown: object) -> None:
    from IPython.display import display  # only a notebook has a display

    display(shown)
