"""Rows that could not be read: whole in files inside the secure folder, in messages only as counts."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Sequence

import pandas as pd

from kaa_analysis.core.errors import ExtractError
from kaa_analysis.core.secure_folder import PRIVATE, SecureFolder, write_atomically
from kaa_analysis.ingest import wording
from kaa_analysis.ingest.layout import Layout
from kaa_analysis.ingest.raw_file import RawFile
from kaa_analysis.ingest.reasons import REASON_LABELS, Reason
from kaa_analysis.ingest.row_checks import FileRows


def clear_problem_files(name: str, *, secure: SecureFolder) -> None:
    """Remove the problem files of an earlier reading of the extract called ``name``."""
    shutil.rmtree(secure.problems / name, ignore_errors=True)


def write_problem_file(file: FileRows, *, raw: RawFile, name: str, layout: Layout, secure: SecureFolder) -> None:
    """Write the failing rows of a file whole as CSV, with ORSAK (column:code, several joined by a space) and RAD (line in the file).

    It is named as in the layout and written in the layout's encoding and with its delimiter, whatever format was delivered; where a
    row has a letter that the encoding lacks, the file is written in UTF-8 with a byte-order mark.
    """
    problems = file.problems
    if problems.empty:
        return
    causes = (problems["column"] + ":" + problems["reason"]).groupby(problems["RAD"]).agg(" ".join)
    failing = raw.rows.loc[causes.index]
    form = layout.form_of(raw.name)
    lines = [[cause, line, *row] for cause, line, row in zip(causes, causes.index, failing.to_numpy(), strict=True)]
    text = _delimited([["ORSAK", "RAD", *failing.columns], *lines], delimiter=form.delimiter)
    for folder in (secure.problems, secure.problems / name):
        folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
    write_atomically(secure.problems / name / raw.name, _encoded(text, encoding=form.encoding))


def _delimited(lines: Sequence[Sequence[object]], *, delimiter: str) -> str:
    """Return delimited text; csv leaves a lone carriage return unquoted, which readers take for the end of a row: then all is quoted."""
    has_return = any("\r" in str(value) for line in lines for value in line)
    text = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if has_return else csv.QUOTE_MINIMAL
    csv.writer(text, delimiter=delimiter, lineterminator="\n", quoting=quoting).writerows(lines)
    return text.getvalue()


def _encoded(text: str, *, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode("utf-8-sig")


def problem_lines(files: Sequence[FileRows]) -> list[str]:
    """Return a line per file, column and reason with its number of rows."""
    lines = []
    for file in files:
        counts = file.problems.groupby(["column", "reason"], sort=True).size()
        lines += [
            f"{file.name}, {column}: {REASON_LABELS[Reason(reason)]} – {wording.rows(int(n))}"
            for (column, reason), n in counts.items()
        ]
    return lines


def n_problem_rows(files: Sequence[FileRows]) -> int:
    """Return the number of rows with at least one problem, over all files."""
    return sum(len(file.failed_lines) for file in files)


def problem_counts(files: Sequence[FileRows]) -> dict[str, int]:
    """Return the number of rows set aside by each reason, over all files; a row may have several reasons."""
    reasons = [file.problems[["RAD", "reason"]].drop_duplicates()["reason"] for file in files]
    counts = pd.concat(reasons, ignore_index=True).value_counts()
    return {str(reason): int(counts[reason]) for reason in sorted(counts.index)}


def problem_error(name: str, *, files: Sequence[FileRows], accepted: int) -> ExtractError:
    """Return the error that tells how many rows fail in which way, and where they lie."""
    n_failing = n_problem_rows(files)
    n_files = sum(not file.problems.empty for file in files)
    allowed = f"högst {wording.rows(accepted)} får undantas" if accepted else "inga rader får undantas"
    return ExtractError(
        f'Uttaget "{name}" har {wording.rows(n_failing)} i {wording.files(n_files)} som inte kan läsas in; {allowed}.',
        found=problem_lines(files),
        action=(
            f"titta på raderna i den säkra mappen, i problems/{name}/ (orsaken står i kolumnen ORSAK). Rätta dem i källan och gör ett"
            f" nytt uttag, eller godta att de undantas: --godta-problemrader {n_failing}, eller accept_problem_rows: {n_failing}"
            " i parameterfilen"
        ),
    )


def no_sum_error(found: Sequence[str]) -> ExtractError:
    """Return the error for rows that were lost or multiplied on the way."""
    return ExtractError(
        "Varje läst rad ska finnas i registret eller bland problemraderna.",
        found=found,
        action="lämna raderna ovan till den som förvaltar verktyget; inget register skrevs",
    )
