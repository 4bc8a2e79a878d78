"""Writing a document as a Word file."""

from __future__ import annotations

from pathlib import Path

from kaa_analysis.render.document import Document
from kaa_analysis.render.word.conversion import converted
from kaa_analysis.render.word.exhibit_blocks import document_blocks
from kaa_analysis.render.word.word_package import finished
from kaa_analysis.render.word.word_template import read_template


def write_word(document: Document, path: Path, *, reference: Path | None) -> None:
    """Write the document as a Word file at ``path``, in the look of the organisation's template ``reference``; None is our own.

    Raises:
        BundleError: the template is missing, broken, no Word document or carries macros, or the conversion fails.
    """
    template = read_template(reference)
    blocks = document_blocks(document, styles=template.styles, width=template.text_width)
    path.write_bytes(finished(converted(blocks, template=template, day=document.day), document))
