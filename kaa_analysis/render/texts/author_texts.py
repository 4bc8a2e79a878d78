"""An author's text as it is taken in: checked line by line before anything is run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kaa_analysis.core.errors import ParameterError
from kaa_analysis.params.reports import ReportOrder
from kaa_analysis.present.author_slots import AUTHOR_SLOTS
from kaa_analysis.present.typeface import missing_characters
from kaa_analysis.render.texts.author_references import HOW, has_loose_brace
from kaa_analysis.render.texts.markdown_subset import markdown_problems, normalised
from kaa_analysis.render.texts.text_files import SUFFIX, read_text_files
from kaa_analysis.render.texts.typed_numbers import ALLOWED, number_problems

MOST_TOLD = 20


def read_author_texts(order: ReportOrder, *, root: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Return the texts of a report by their names, in the order of `AUTHOR_SLOTS` and each block in one line, and the hash of each file.

    An empty file is no text.

    Raises:
        ParameterError: a file is no text of a report, or holds what it may not hold; every line is told.
    """
    files, hashes = read_text_files(order, root=root)
    problems = [line for name, text in files.items() for line in text_problems(name, text)]
    if problems:
        more = [f"och {len(problems) - MOST_TOLD} till"] if len(problems) > MOST_TOLD else []
        raise ParameterError(
            f"En text i {order.texts} består av rubriker, stycken, punktlistor och betoning, och tal ur rapporten skrivs som hänvisningar.",
            found=[*problems[:MOST_TOLD], *more],
            action=f"skriv ett tal ur rapporten som {HOW}; för hand får skrivas {ALLOWED}",
        )
    texts = {slot: normalised(files[f"{slot}{SUFFIX}"]) for slot in AUTHOR_SLOTS if f"{slot}{SUFFIX}" in files}
    return {slot: text for slot, text in texts.items() if text}, hashes


def text_problems(name: str, text: str) -> list[str]:
    """Return what may not stand in a text, each with its line: never what stands there."""
    found = [*markdown_problems(text), *number_problems(text), *_brace_problems(text), *_letter_problems(text)]
    return [f"{name}, rad {line}: {what}" for line, what in sorted(found)]


def _brace_problems(text: str) -> Iterable[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if has_loose_brace(line):
            yield number, f"en hänvisning som inte är skriven på en rad som {HOW}"


def _letter_problems(text: str) -> Iterable[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if missing_characters(line.replace("\t", "")):
            yield number, "ett tecken som rapportens typsnitt saknar"
