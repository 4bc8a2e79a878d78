"""Writing a document as a Word file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kaa_analysis.render.word.word_template import read_template

if TYPE_CHECKING:
    from kaa_analysis.render.document import Document


def write_word(document: Document, path: Path, *, reference: Path | None) -> None:
    """Write the document as a Word file at ``path``, in the look of the organisation's template ``reference``; None is our own.

    What draws is imported here, so that a template can be checked without it.

    Raises:
        BundleError: the template is refused by `read_template`, or the conversion fails.
    """
    from kaa_analysis.render.word.conversion import converted
    from kaa_analysis.render.word.exhibit_blocks import document_blocks
    from kaa_analysis.render.word.word_package import finished

    template = read_template(reference)
    blocks = document_blocks(document, styles=template.styles, width=template.text_width)
    path.write_bytes(finished(converted(blocks, template=template, day=document.day), document))
