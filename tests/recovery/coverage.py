"""How often each interval holds a known truth, beside R: ``python -m tests.recovery.coverage``, ``--write`` for docs/benchmarks.md.

Needs R with survival and etm. What is found for a size is kept in the folder and not sought again.
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path

from kaa_analysis.cli.stages import answer
from kaa_analysis.core.provenance import now
from tests.bench.machine import machine
from tests.recovery.coverage_draws import SEED
from tests.recovery.coverage_page import PAGE, keep, kept_table, tables_of, written
from tests.recovery.coverage_run import REPLICATES, SIZES, found_limits
from tests.recovery.coverage_table import coverage_table

VERSIONS = 'cat(R.version.string, "survival", as.character(packageVersion("survival")), "etm", as.character(packageVersion("etm")))'


def main() -> None:
    """Measure, and print or write."""
    options = _options()
    found = found_limits(options.sizes, n_replicates=options.replicates, folder=options.folder)
    table = coverage_table(found)
    if options.write:
        keep(table)
        table = kept_table()
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), tables_of(table)), encoding="utf-8", newline="\n")
    r = subprocess.run(["Rscript", "-e", VERSIONS], check=True, stdout=subprocess.PIPE, text=True).stdout
    answer(f"{now().date()}, {machine()}; {r}; seed {SEED}\n")
    answer(tables_of(table))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--replicates", type=int, default=REPLICATES)
    parser.add_argument("--folder", type=Path, default=Path("build") / "coverage", help="where what is found is kept")
    parser.add_argument("--write", action="store_true", help="keep the numbers, write the tables in docs/benchmarks.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
