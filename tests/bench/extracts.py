"""The extract that is measured: a scenario's raw files, added to a secure folder of the benchmark's own."""

from __future__ import annotations

from pathlib import Path

from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.ingest import add_extract
from kaa_analysis.synthetic.scenario import scenario
from kaa_analysis.synthetic.write import write_register

LAYOUT = "ber_demo"
SUPPLEMENTS = ("skolor",)


def write_extract(folder: Path, *, name: str) -> int:
    """Write the raw files of a scenario and its truth below ``folder``, add them as an extract, and return how many registrations there are."""
    write_register(folder / "raw", scenario=scenario(name), truth=folder / "truth")
    add_extract(
        name,
        layout=LAYOUT,
        supplements=SUPPLEMENTS,
        files=sorted((folder / "raw").glob("*.csv")),
        extract_date=None,
        secure=secure_in(folder),
        observed_from=scenario(name).start,
        invented=True,
    )
    with (folder / "raw" / "kaa.csv").open("rb") as rows:
        return sum(1 for _ in rows) - 1


def secure_in(folder: Path) -> SecureFolder:
    """Return the secure folder of a benchmark."""
    return SecureFolder(folder / "secure")
