"""The notebooks' running text as typst markup, by pandoc: CommonMark without raw HTML, so that nothing but text gets through."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from kaa_analysis.core.errors import BundleError
from kaa_analysis.render.pandoc import PROSE_READER, pandoc_output


def typst_prose(pieces: Sequence[str]) -> list[str]:
    """Return each piece of Markdown as typst markup; one call of pandoc for all.

    Raises:
        BundleError: a piece does not end where it should (a code block left open), or the converter is missing or fails.
    """
    if not pieces:
        return []
    edge = _edge(pieces)
    written = pandoc_output(
        f"\n\n*{edge}*\n\n".join(pieces).encode(),
        arguments=[f"--from={PROSE_READER}", "--to=typst", "--wrap=none"],
        expected="Rapportens text kunde inte sättas till PDF.",
    ).decode()
    parts = [part.strip() for part in written.replace("\r\n", "\n").split(f"\n#emph[{edge}]\n")]
    if len(parts) != len(pieces):
        raise BundleError(
            "Varje textcell i anteckningsboken ska sluta där den slutar.",
            found=f"{len(pieces)} textceller blev {len(parts)}",
            action="stäng kodblock som står öppna",
        )
    return parts


def _edge(pieces: Sequence[str]) -> str:
    """Return a word that no piece can hold, made from all of them. It is set in italics, which it loses in code left open."""
    return f"kaa{sha256('|'.join(pieces).encode()).hexdigest()}"
