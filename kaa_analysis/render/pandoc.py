"""Running the converter that both the Word document and the PDF have their prose from: one version, one reader, nothing fetched."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from kaa_analysis.core.errors import BundleError

PROSE_READER = "commonmark-raw_html"
"""What the notebooks' text may be: CommonMark alone. A table or struck text would be one thing in one format and another in the next."""

PROGRAM = "pandoc.exe" if sys.platform == "win32" else "pandoc"


def pandoc_output(
    source: bytes,
    *,
    arguments: Sequence[str],
    expected: str,
    action: str = "",
    environment: Mapping[str, str] | None = None,
) -> bytes:
    """Return what pandoc makes of ``source``. It reads no file but those in ``arguments``, and nothing of the user's own.

    ``expected`` and ``action`` are those of the error; ``environment`` is put on top of that of this process.

    Raises:
        BundleError: the converter is missing or fails.
    """
    with tempfile.TemporaryDirectory(prefix="kaa-pandoc-") as empty:
        command = [str(_program()), "--sandbox", "--quiet", f"--data-dir={empty}", *arguments, "--output=-"]
        variables = {**os.environ, "LC_ALL": "C.UTF-8", **(environment or {})}
        made = subprocess.run(command, input=source, capture_output=True, env=variables, check=False)
    if made.returncode != 0:
        raise BundleError(expected, found=f"pandoc avslutades med koden {made.returncode}", action=action)
    return made.stdout


def _program() -> Path:
    """Return the converter in the installed package: one on the machine's path could be of another version."""
    package = find_spec("pypandoc")
    program = Path(package.origin).parent / "files" / PROGRAM if package and package.origin else None
    if program is None or not program.is_file():
        raise BundleError(
            "Pandoc ska finnas i den installerade miljön.",
            found="paketet pypandoc-binary saknar programmet",
            action="installera om miljön ur requirements.lock",
        )
    return program
