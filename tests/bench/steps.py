"""The steps that are measured, each in a process of its own: ``python -m tests.bench.steps STEP FOLDER SCENARIO`` prints a JSON line."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from kaa_analysis import indicators
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.ingest import read_register
from kaa_analysis.ingest.delivered_files import read_delivered_file
from kaa_analysis.ingest.layout_files import read_layout
from kaa_analysis.store import Register
from kaa_analysis.store.register_query import register_queries
from kaa_analysis.target_population import target_population
from tests.bench.annual import annual_results
from tests.bench.extracts import LAYOUT, secure_in, write_extract
from tests.bench.formats import written_as
from tests.bench.register_questions import question
from tests.bench.rivals import PLAIN_RULES, naive_intervals, naive_tables, naive_workbook_rows

KIB_PER_MIB = 1024
PROCESSES = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
CHECKED_PERSONS = 500
YEAR = 2024
CONTACTS = "kontakter.csv"

Work = Callable[[], int]
"""What is timed; returns the number of rows or persons that came of it."""


def read(folder: Path, scenario: str) -> Register:
    """Return the register of the extract, read or opened."""
    return read_register(scenario, secure=secure_in(folder))


def write(folder: Path, scenario: str) -> Work:
    """Write the raw files and the truth, and add the files as an extract."""
    return lambda: write_extract(folder, name=scenario)


def ingest(folder: Path, scenario: str) -> Work:
    """Read the register: from the extract or, once that is done, from what was written."""
    return lambda: sum(read(folder, scenario).row_counts.values())


def members(folder: Path, scenario: str) -> Work:
    """Find the target population of everybody or, once that is done, open what was kept of it; the register is open."""
    register = read(folder, scenario)
    return lambda: len(register.table("persons")) if len(target_population(register).intervals) else 0


def flow(folder: Path, scenario: str) -> Work:
    """Count stock and flow of a year; register and target population are there."""
    register = read(folder, scenario)
    population = target_population(register)
    periods = [calendar_year(YEAR)]
    return lambda: len(indicators.stock_and_flow(register, periods=periods, population=population).frame)


def year_of_indicators(folder: Path, scenario: str) -> Work:
    """Count every indicator of the annual appendix for a year; register and target population are there."""
    register = read(folder, scenario)
    population = target_population(register)
    return lambda: sum(len(result.frame) for result in annual_results(register, population=population, year=YEAR))


def asked(name: str) -> Callable[[Path, str], Work]:
    """Return the step that asks the register a query, about everybody; what is asked is there."""

    def prepared(folder: Path, scenario: str) -> Work:
        register = read(folder, scenario)
        posed = question(register, name)
        return lambda: len(register.ask(name, asked=posed.asked, **posed.values))

    return prepared


def rival_ingest(folder: Path, scenario: str) -> Work:
    """Read the raw files with pandas alone."""
    return lambda: sum(len(table) for table in naive_tables(folder / "raw").values())


def rival_members(folder: Path, scenario: str) -> Work:
    """Find the days of some persons, one by one; refused if they are others than ours by the same rules."""
    register = read(folder, scenario)
    everybody = register.table("persons", columns=["person_id"])["person_id"]
    asked = everybody.iloc[:: max(len(everybody) // CHECKED_PERSONS, 1)]
    ours = target_population(register, rules=PLAIN_RULES, persons=asked).intervals
    expected = sorted(ours[["person_id", "start", "end"]].itertuples(index=False, name=None))

    def work() -> int:
        if naive_intervals(register, persons=asked) != expected:
            raise SystemExit("the rival finds other days than the target population")
        return len(asked)

    return work


def contacts_as(suffix: str) -> Callable[[Path, str], Work]:
    """Return the step that reads the largest file, delivered in the format of ``suffix``, to a frame of strings."""

    def prepared(folder: Path, scenario: str) -> Work:
        path = written_as(folder / "raw" / CONTACTS, suffix=suffix, folder=folder)
        layout = read_layout(LAYOUT)

        def work() -> int:
            reading = read_delivered_file(path, name=CONTACTS, layout=layout)
            if reading.file is None:
                raise SystemExit(f"{path.name} was not read")
            return len(reading.file.rows)

        return work

    return prepared


def rival_workbook(folder: Path, scenario: str) -> Work:
    """Read the cells of the workbook with openpyxl alone; what it does not show is not looked for."""
    path = written_as(folder / "raw" / CONTACTS, suffix=".xlsx", folder=folder)
    return lambda: naive_workbook_rows(path)


STEPS: Mapping[str, Callable[[Path, str], Work]] = {
    "write": write,
    "ingest": ingest,
    "ingest, unchanged": ingest,
    "target population": members,
    "target population, kept": members,
    "stock and flow of a year": flow,
    "all indicators of a year": year_of_indicators,
    **{f"query: {name}": asked(name) for name in register_queries()},
    "contacts as CSV": contacts_as(".csv"),
    "contacts as XLSX": contacts_as(".xlsx"),
    "contacts as Parquet": contacts_as(".parquet"),
    "rival: contacts as XLSX": rival_workbook,
    "rival: ingest": rival_ingest,
    "rival: target population": rival_members,
}


def processor_seconds() -> float:
    """Return the processor time of this process and of those that it has started and that have ended."""
    used = [resource.getrusage(who) for who in PROCESSES]
    return sum(each.ru_utime + each.ru_stime for each in used)


def main(name: str, folder: str, scenario: str) -> None:
    """Run a step; print the seconds of its work (by the wall and by the processor), the peak MiB of the largest process, and how much came of it."""
    work = STEPS[name](Path(folder), scenario)
    began, used = time.perf_counter(), processor_seconds()
    number = work()
    seconds, processor = time.perf_counter() - began, processor_seconds() - used
    peak = max(resource.getrusage(who).ru_maxrss for who in PROCESSES) / KIB_PER_MIB
    sys.stdout.write(
        json.dumps({"seconds": seconds, "processor": processor, "peak_mib": peak, "number": number}) + "\n"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
