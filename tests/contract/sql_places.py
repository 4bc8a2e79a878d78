"""Where SQL text stands in the package: in `store/sql`, and as plumbing of files and frames in the places named here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PLUMBING = {
    "store/queries.py": "the engine's own words for the register's Parquet files and for registered frames",
    "ingest/files/csv_rows.py": "a delivered CSV file becomes rows of text",
    "ingest/files/parquet_file.py": "a delivered Parquet file becomes rows of text",
    "ingest/files/engine_text.py": "rows of text become codes",
    "synthetic/raw_files.py": "an invented register becomes CSV files",
}
"""The only modules with SQL text, and why: a format is read or written there, nothing is asked of the register."""

ENGINE = {"store/engine.py", "store/register.py", "store/answers.py", "store/kept_frames.py", *PLUMBING}
"""The only modules that may know the engine."""

SQL = re.compile(
    r"\bSELECT\b.*\bFROM\b|\bCOPY\b.*\bTO\b|\bCREATE (OR REPLACE |TEMP |TEMPORARY )*(TABLE|VIEW|TYPE|MACRO|FUNCTION)\b"
    r"|\bINSERT INTO\b|\bDELETE FROM\b|\bUPDATE \w+ SET\b|\b(ATTACH|INSTALL|PRAGMA)\b|\bSET \w+ =|\b(GROUP|ORDER|PARTITION) BY\b",
    re.DOTALL,
)
LOWER = re.compile(
    r"\s*(select\b.*\bfrom|with\b.*\bas \(|copy\b.*\bto|insert into|create (table|view|type))\b", re.DOTALL
)


def misplaced_sql(package: Path) -> list[str]:
    """Return the places below ``package`` with SQL text, the engine, or a file of SQL where none may be."""
    found = [
        f"{place} is a file of SQL outside store/sql"
        for place in (path.relative_to(package).as_posix() for path in sorted(package.rglob("*.sql")))
        if Path(place).parent.as_posix() != "store/sql"
    ]
    for path in sorted(package.rglob("*.py")):
        place = path.relative_to(package).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if place not in PLUMBING:
            found += [f"{place}:{line} holds SQL" for line in _lines_with_sql(tree)]
        if place not in ENGINE and _knows_engine(tree):
            found.append(f"{place} knows the engine")
    return found


def _lines_with_sql(tree: ast.Module) -> Iterator[int]:
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        text = _text(node)
        if text and id(node) not in told | inside and (SQL.search(text) or LOWER.match(text)):
            yield node.lineno


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "x" for part in node.values)
    return ""


def _knows_engine(tree: ast.Module) -> bool:
    imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    imported += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return any(name.split(".")[0] == "duckdb" for name in imported)
