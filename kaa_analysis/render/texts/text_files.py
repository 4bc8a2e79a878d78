"""The files of the authors' texts: which there are, and what stands in them. Imports nothing heavy."""

from __future__ import annotations

from pathlib import Path

from kaa_analysis.core.errors import ParameterError, did_you_mean
from kaa_analysis.core.provenance import hash_bytes, hash_file
from kaa_analysis.params.reports import ReportOrder
from kaa_analysis.present.author_slots import AUTHOR_SLOTS

SUFFIX = ".md"


def text_paths(order: ReportOrder, *, root: Path) -> tuple[Path, ...]:
    """Return the files of the texts of a report of the project in ``root``, sorted by name; none where there are none.

    Hidden files and those of other kinds, which editors leave, are none of ours.
    """
    folder = root / order.texts
    found = sorted(folder.glob(f"*{SUFFIX}")) if order.texts and folder.is_dir() else []
    return tuple(path for path in found if path.is_file() and not path.name.startswith("."))


def text_hashes(order: ReportOrder, *, root: Path) -> dict[str, str]:
    """Return the hash of each file by its name."""
    return {path.name: hash_file(path) for path in text_paths(order, root=root)}


def read_text_files(order: ReportOrder, *, root: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Return the text and the hash of each file by its name.

    Raises:
        ParameterError: a file is no text in UTF-8, or is called what no text of a report is.
    """
    texts: dict[str, str] = {}
    hashes: dict[str, str] = {}
    problems: list[str] = []
    for path in text_paths(order, root=root):
        content = path.read_bytes()
        hashes[path.name] = hash_bytes(content)
        try:
            texts[path.name] = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            problems.append(f"{path.name}: är inte text i UTF-8")
        if path.stem not in AUTHOR_SLOTS:
            problems.append(f"{path.name}: ingen av rapportens texter{did_you_mean(path.stem, AUTHOR_SLOTS)}")
    if problems:
        raise ParameterError(
            f"I {order.texts} ligger rapportens texter, som Markdown i UTF-8: {', '.join(f'{slot}{SUFFIX}' for slot in AUTHOR_SLOTS)}.",
            found=problems,
            action="rätta filens namn eller spara den på nytt som text i UTF-8; utkast kan ha ett annat slag, till exempel .txt",
        )
    return texts, hashes
