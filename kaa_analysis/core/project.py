"""Where the project's own folders lie: the nearest folder upwards that holds both ``notebooks`` and ``params``."""

from __future__ import annotations

from pathlib import Path

from kaa_analysis.core.errors import UsageError

POLICY_FILE = Path("params") / "disclosure.yaml"
"""The disclosure policy, from the project's folder."""

DOCUMENT_FILE = Path("params") / "dokument.yaml"
"""The details of the document, from the project's folder."""

GRANTS_FILE = Path("params") / "grants.yaml"
"""The recorded grants for data outside the register's own purpose."""

PROTOCOLS_FOLDER = Path("params") / "protocols"
"""The protocols of evaluations, and below it what has been frozen of them."""

REFERENCE_FILE = Path("params") / "reference.docx"
"""The organisation's own Word template, if it has one."""

LOCK_FILE = Path("requirements.lock")
"""The versions of all libraries, from the project's folder."""

DECISIONS_FILE = Path("docs") / "avgoranden.csv"
"""The choices that move published numbers, and who has decided them."""


def find_project_root(start: Path | None = None) -> Path | None:
    """Return the project folder that ``start`` (default: the working directory) lies in, or None outside every project."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "notebooks").is_dir() and (folder / "params").is_dir():
            return folder
    return None


def project_root(start: Path | None = None) -> Path:
    """Return the project folder that ``start`` (default: the working directory) lies in.

    Raises:
        UsageError: neither the folder nor any above it holds ``notebooks`` and ``params``.
    """
    root = find_project_root(start)
    if root is None:
        raise UsageError(
            "Kommandot ska köras i projektets mapp (den som har notebooks/ och params/).",
            action="byt till projektets mapp och kör igen",
        )
    return root
