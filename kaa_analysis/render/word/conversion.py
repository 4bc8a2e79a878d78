"""Running the converter that makes a Word document of blocks. It fetches nothing, and knows no clock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kaa_analysis.core.errors import BundleError
from kaa_analysis.render.word.word_template import Template

API_VERSION = [1, 23, 1]
LANGUAGE = "sv-SE"
FILTER = Path(__file__).with_name("prose.lua")
PROGRAM = "pandoc.exe" if sys.platform == "win32" else "pandoc"


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
        command = [
            str(_program()), "--from=json", "--to=docx", "--sandbox", "--quiet", f"--data-dir={folder}",
            f"--lua-filter={FILTER}", f"--reference-doc={reference}", "--output=-",
        ]  # fmt: skip
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch(day)), "LC_ALL": "C.UTF-8"}
        made = subprocess.run(
            command, input=json.dumps(source).encode(), capture_output=True, env=environment, check=False
        )
    if made.returncode != 0 or not made.stdout:
        raise BundleError(
            "Worddokumentet kunde inte sättas ihop.",
            found=f"pandoc avslutades med koden {made.returncode}",
            action="pröva utan egen Wordmall; om felet är kvar är mallen inte orsaken",
        )
    return made.stdout


def epoch(day: str) -> int:
    """Return the seconds from 1970 to the beginning of the day, UTC.

    >>> epoch("1970-01-02")
    86400
    """
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


def _program() -> Path:
    """Return the converter in the installed package: one on the machine's path could be of another version."""
    import pypandoc

    program = Path(pypandoc.__file__).parent / "files" / PROGRAM
    if not program.is_file():
        raise BundleError(
            "Pandoc ska finnas i den installerade miljön.",
            found="paketet pypandoc-binary saknar programmet",
            action="installera om miljön ur requirements.lock",
        )
    return program
