"""What a notebook that stays inside the secure room calls to show a result: `WorkView.show`. No report can be made of it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from kaa_analysis.core.errors import NotebookError
from kaa_analysis.core.result import Dimension, Result, Text
from kaa_analysis.disclosure.protect import inside_room
from kaa_analysis.present.forms import check_form, check_slug, exhibit, splits_without_labels
from kaa_analysis.present.notebook import RUN_FOLDER_VARIABLE

LIKE_A_PERSON = re.compile(r"[0-9a-f]{16}|[0-9]{6}")
"""A pseudonym, or as many digits in a row as a birth date, a record number or a personnummer has."""


@dataclass(frozen=True)
class WorkView:
    """The view of working material: everything is shown, under a watermark, and nothing is noted for a report."""

    @classmethod
    def open(cls) -> WorkView:
        """Return the view of the notebook that is running.

        Raises:
            NotebookError: the notebook is run as a report.
        """
        if os.environ.get(RUN_FOLDER_VARIABLE):
            raise NotebookError(
                "Den här anteckningsboken är arbetsmaterial i den säkra mappen och kan inte bli en rapport.",
                found="den körs av kaa report",
                action="öppna den med kaa lab",
            )
        return cls()

    def show(self, result: Result, *, slug: str, as_: str) -> None:
        """Show ``result`` unprotected and watermarked, in the form ``as_`` under the stable name ``slug``.

        Raises:
            NotebookError: not a `Result`, a split with a value without a label, or words that could stand for a person.
            ParameterError: an unknown form, or a slug that is not lower case letters, digits and hyphens.
        """
        if not isinstance(result, Result):
            raise NotebookError(
                "Vyn visar bara ett Result, aldrig rader om personer.",
                found=type(result).__name__,
                action="räkna fram det med paketets funktioner och visa resultatet",
            )
        check_slug(slug)
        check_form(as_)
        _refuse_persons(result)
        from IPython.display import display  # only a notebook has a display

        display(exhibit(inside_room(result), slug=slug, form=as_))


def _refuse_persons(result: Result) -> None:
    """Refuse splits by values that nobody has named, and words that could be a person's."""
    unnamed = splits_without_labels(result)
    words = {
        column.name: [*result.frame[column.name].astype("string").fillna(""), *getattr(column, "labels", {}).values()]
        for column in (*result.of_role(Dimension), *result.of_role(Text))
    }
    unnamed += [name for name, texts in words.items() if any(LIKE_A_PERSON.search(text) for text in texts)]
    if unnamed:
        raise NotebookError(
            "Rader om personer visas inte: varje värde i en uppdelning ska ha en etikett som inte kan vara en person.",
            found=sorted(set(unnamed)),
            action="visa antal, och lämna raderna i den säkra mappen",
        )
