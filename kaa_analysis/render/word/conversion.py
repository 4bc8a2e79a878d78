"""Having a Word document made of blocks in the look of a template. It fetches nothing, and knows no clock."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kaa_analysis.render.pandoc import pandoc_output
from kaa_analysis.render.word.word_template import Template

API_VERSION = [1, 23, 1]
LANGUAGE = "sv-SE"
FILTER = Path(__file__).with_name("prose.lua")


def converted(blocks: Sequence[dict[str, Any]], *, template: Template, day: str) -> bytes:
    """Return the Word document of the blocks in the look of the template. ``day`` is an ISO day.

    Raises:
        BundleError: the converter is missing or fails.
    """
    language = {"t": "MetaInlines", "c": [{"t": "Str", "c": LANGUAGE}]}
    source = {"pandoc-api-version": API_VERSION, "meta": {"lang": language}, "blocks": list(blocks)}
    with tempfile.TemporaryDirectory(prefix="kaa-word-") as folder:
        reference = Path(folder) / "reference.docx"
        reference.write_bytes(template.content)
        return pandoc_output(
            json.dumps(source).encode(),
            arguments=["--from=json", "--to=docx", f"--lua-filter={FILTER}", f"--reference-doc={reference}"],
            expected="Word-dokumentet kunde inte sättas ihop.",
            action="pröva utan egen Word-mall; om felet är kvar är mallen inte orsaken",
            environment={"SOURCE_DATE_EPOCH": str(epoch(day))},
        )


def epoch(day: str) -> int:
    """Return the seconds from 1970 to the beginning of the day, UTC.

    >>> epoch("1970-01-02")
    86400
    """
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())
