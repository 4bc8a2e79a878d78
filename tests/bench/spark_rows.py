"""The same register queries over the same Parquet files on Spark: ``python -m tests.bench.spark_rows FOLDER SCENARIO``.

Every row has to be the same, in the same order; any difference, and any query that could not be run, ends with code 1.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import sqlglot

from kaa_analysis.cli.stages import answer
from kaa_analysis.store import Register
from kaa_analysis.store.queries import SQL_TYPES
from kaa_analysis.store.register_query import ASKED, ASKED_ROW, RegisterQuery, register_queries
from tests.bench.register_questions import Question, at_most, question
from tests.bench.steps import read

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SPARK_FOLDER = Path(sys.prefix, "spark")
"""Where ``make bench`` installs Spark, apart from everything else: pandera imports it wherever it finds it, and all steps would pay for that."""

MOST_ASKED = 300_000
"""So many rows are asked for at most: Spark hands its rows to Python one by one."""

SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "4g",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "4",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}

Rows = list[tuple[object, ...]]


def compare(register: Register, *, queries: Mapping[str, RegisterQuery] | None = None) -> tuple[list[str], list[str]]:
    """Return the lines of the table, one per query, and what differed."""
    lines, different = [], []
    with tempfile.TemporaryDirectory(prefix="kaa-spark-") as folder, spark_session(Path(folder)) as (spark, started):
        lines.append(f"| start of Spark | | | {started:.1f} | |")
        for name, query in (queries or register_queries()).items():
            posed = at_most(question(register, name), n=MOST_ASKED)
            ours, our_seconds = _timed(lambda posed=posed, name=name: _ours(register, name, posed))
            theirs, their_seconds = _timed(
                lambda posed=posed, query=query: spark_answer(spark, register, query, posed, folder=Path(folder))
            )
            told = "same" if ours == theirs else difference(ours, theirs)
            lines.append(f"| {name} | {len(ours)} | {our_seconds:.2f} | {their_seconds:.1f} | {told} |")
            if ours != theirs:
                different.append(name)
    return lines, different


def difference(ours: Rows, theirs: Rows) -> str:
    """Return in counts alone how two answers differ."""
    n_other = sum(one != other for one, other in zip(ours, theirs, strict=False))
    return f"DIFFERENT: {len(ours)} and {len(theirs)} rows, {n_other} of those in the same place are others"


def as_rows(frame: pd.DataFrame) -> Rows:
    """Return a frame's rows as plain values: days as dates, missing as None."""
    columns = [
        [
            None if pd.isna(value) else value.date() if isinstance(value, pd.Timestamp) else value
            for value in frame[name].tolist()
        ]
        for name in frame.columns
    ]
    return list(zip(*columns, strict=True))


@contextmanager
def spark_session(folder: Path) -> Iterator[tuple[SparkSession, float]]:
    """Start Spark on two cores of this machine, with everything it writes in ``folder``; gives the seconds it took too."""
    sys.path.append(str(SPARK_FOLDER))
    from pyspark.sql import SparkSession

    began = time.perf_counter()
    builder = SparkSession.builder.master("local[2]").appName("register queries")
    for name, value in (SETTINGS | {"spark.local.dir": str(folder), "spark.sql.warehouse.dir": str(folder)}).items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    try:
        yield spark, time.perf_counter() - began
    finally:
        spark.stop()


def spark_answer(
    spark: SparkSession, register: Register, query: RegisterQuery, posed: Question, *, folder: Path
) -> Rows:
    """Return the rows that Spark gives to a query, from the register's own files."""
    for name in query.tables:
        spark.read.parquet(str(register.folder / f"{name}.parquet")).createOrReplaceTempView(name)
    if posed.asked is not None:
        file = _asked_file(posed.asked, query=query, folder=folder)
        spark.read.parquet(str(file)).createOrReplaceTempView(ASKED)
    [text] = sqlglot.transpile(query.text, read="duckdb", write="spark")
    return [tuple(row) for row in spark.sql(text, args=dict(posed.values) or None).collect()]


def obstacle() -> str:
    """Return why Spark cannot be run here, the empty string if it can."""
    if PathFinder.find_spec("pyspark", [str(SPARK_FOLDER)]) is None:
        return "pyspark is not installed (make bench does that)"
    java = Path(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else shutil.which("java")
    return "" if java and Path(java).exists() else "there is no Java (17 or later): install one or set JAVA_HOME"


def _ours(register: Register, name: str, posed: Question) -> Rows:
    return as_rows(register.ask(name, asked=posed.asked, **posed.values))


def _asked_file(asked: pd.DataFrame, *, query: RegisterQuery, folder: Path) -> Path:
    rows = asked.assign(**{ASKED_ROW: range(len(asked))})
    types = {ASKED_ROW: "number", **query.asked}
    columns = ", ".join(f"CAST({name} AS {SQL_TYPES.get(type_, 'VARCHAR')}) AS {name}" for name, type_ in types.items())
    file = folder / f"asked of {query.name}.parquet"
    with duckdb.connect() as engine:
        engine.register("asked_rows", rows)
        engine.execute(f"COPY (SELECT {columns} FROM asked_rows) TO '{file}' (FORMAT parquet)")
    return file


def _timed(work):
    began = time.perf_counter()
    found = work()
    return found, time.perf_counter() - began


def main(folder: str, scenario: str) -> int:
    """Print the table and return the exit code."""
    answer("\n### The register queries on Spark\n")
    if reason := obstacle():
        answer(f"**Not run**: {reason}. Leave it out with `--without spark`.")
        return 1
    lines, different = compare(read(Path(folder), scenario))
    import pyspark

    answer(
        f"PySpark {pyspark.__version__} on two cores of this machine, carried over by sqlglot {sqlglot.__version__}.\n"
    )
    answer("| query | rows | DuckDB, s | Spark, s | rows compared |\n|---|---:|---:|---:|---|")
    for line in lines:
        answer(line)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
