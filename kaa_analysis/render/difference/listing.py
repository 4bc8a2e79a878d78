"""Every difference as a row of a CSV file, for whoever wants to sort and filter them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from kaa_analysis.core.errors import BundleError, UsageError
from kaa_analysis.core.secure_folder import write_atomically
from kaa_analysis.render.difference.cells import Difference
from kaa_analysis.render.difference.comparison import Comparison

COLUMNS = (
    "slag",
    "tabell",
    "cell",
    "rubrik",
    "plats",
    "mått",
    "ändring",
    "före",
    "efter",
    "tillstånd_före",
    "tillstånd_efter",
    "värde_före",
    "värde_efter",
    "orsak",
)


def csv_bytes(comparison: Comparison) -> bytes:
    """Return a row per cell that is not equal (*cell*) and per changed text (*text*): UTF-8, comma, decimal point, ``\\n``."""
    stream = StringIO()
    writer = csv.DictWriter(stream, fieldnames=COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(_rows(comparison))
    return stream.getvalue().encode()


def refuse_taken(path: Path, *, bundles: tuple[Path, Path]) -> None:
    """Refuse a place where a file stands already, or inside one of the bundles, which would no longer be whole.

    Raises:
        UsageError: ``path`` is such a place.
    """
    inside = any(path.resolve().is_relative_to(bundle.resolve()) for bundle in bundles)
    if inside or path.exists():
        raise UsageError(
            "Filen efter --csv ska vara ny och ligga utanför rapportpaketen.",
            found="platsen ligger i ett rapportpaket" if inside else "där finns redan något",
            action="ange ett annat filnamn",
        )


def write_csv(comparison: Comparison, path: Path, *, bundles: tuple[Path, Path]) -> None:
    """Write `csv_bytes` to the new file ``path``, whole or not at all, readable by its owner alone: it is as the drafts are.

    Raises:
        UsageError: as `refuse_taken`.
        BundleError: the file cannot be written there.
    """
    refuse_taken(path, bundles=bundles)
    try:
        write_atomically(path, csv_bytes(comparison))
    except OSError as error:
        raise BundleError(
            "Skillnaderna kunde inte skrivas till filen.",
            found=type(error).__name__,
            action="ange en mapp där du får skriva",
        ) from None


def _rows(comparison: Comparison) -> Iterator[dict[str, str]]:
    for difference in (*comparison.cells.differences, *comparison.cells.within_tolerance):
        yield _row(difference)
    for change in comparison.texts:
        yield {
            "slag": "text",
            "rubrik": change.where,
            "ändring": change.what,
            "före": change.before,
            "efter": change.after,
            "orsak": comparison.words_reason,
        }


def _row(difference: Difference) -> dict[str, str]:
    return {
        "slag": "cell",
        "tabell": difference.table,
        "cell": difference.key,
        "rubrik": difference.title,
        "plats": difference.place,
        "mått": difference.measure,
        "ändring": str(difference.change),
        "före": difference.before,
        "efter": difference.after,
        "tillstånd_före": str(difference.before_state or ""),
        "tillstånd_efter": str(difference.after_state or ""),
        "värde_före": difference.before_value,
        "värde_efter": difference.after_value,
        "orsak": difference.reason,
    }
