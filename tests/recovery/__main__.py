"""Hold the estimators against a known truth: ``python -m tests.recovery`` prints the tables, ``--write`` puts them into docs/sanning.md."""

from __future__ import annotations

import argparse

from kaa_analysis.cli.stages import answer
from tests.recovery.told import PAGE, measured, written


def main() -> None:
    """Measure, and print or write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="skriv tabellerna i docs/sanning.md")
    options = parser.parse_args()
    tables = measured()
    if options.write:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), tables), encoding="utf-8", newline="\n")
    answer(tables)


if __name__ == "__main__":
    main()
