"""A check report as lines for the command line: counts alone, in Swedish."""

from __future__ import annotations

from collections.abc import Sequence

from kaa_analysis.checks.catalogue import MENDER_LABELS, SEVERITY_LABELS
from kaa_analysis.checks.check_report import CheckOutcome, CheckReport, State
from kaa_analysis.checks.work_lists import WorkList
from kaa_analysis.core.errors import ExtractError

STATE_LABELS = {State.FOUND: "fynd", State.NONE: "inga fynd", State.NOT_RUN: "inte körd"}
HEADER = ("id", "utfall", "rader", "personer", "allvar", "rättas av", "kontroll")
NUMERIC = (2, 3)
UNKNOWN = "okänt"


def check_listing(report: CheckReport, *, everything: bool = False) -> str:
    """Return the outcomes as a table with a line per check: those with findings and those not run, or ``everything``.

    Under a check stand its remarks and why it was not run.
    """
    shown = [outcome for outcome in report.outcomes if everything or outcome.state is not State.NONE]
    rows = [HEADER, *(_row(outcome) for outcome in shown)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADER))]
    lines = [f"Kontroller av uttaget {report.register}, {report.extract_date.isoformat()}", _line(HEADER, widths)]
    for outcome, row in zip(shown, rows[1:], strict=True):
        told = [*outcome.remarks, *([f"skäl: {outcome.reason}"] if outcome.reason else [])]
        lines += [_line(row, widths), *(f"        {remark}" for remark in told)]
    return "\n".join([*lines, _ending(report, everything=everything)])


def list_lines(lists: Sequence[WorkList]) -> list[str]:
    """Return a line per work list: how long it is and how many are left out of it."""
    return [f"  {one.name}.csv: {len(one.rows_table)} – {one.title}{_left_out(one)}" for one in lists]


def refuse_stopping(report: CheckReport) -> None:
    """Do nothing where no check with the severity *stopp* found anything.

    Raises:
        ExtractError: one did.
    """
    if report.stopping:
        raise ExtractError(
            "Uttaget bör inte användas förrän det som kontrollerna stoppar har rättats.",
            found=[f"{o.check.id} {o.check.name}: {o.n_rows} rader" for o in report.stopping],
            action="låt den som anges i listan rätta i källan, och gör ett nytt uttag",
        )


def _row(outcome: CheckOutcome) -> tuple[str, ...]:
    check = outcome.check
    return (
        check.id,
        STATE_LABELS[outcome.state],
        _count(outcome.n_rows, outcome),
        _count(outcome.n_persons, outcome),
        SEVERITY_LABELS[check.severity],
        MENDER_LABELS[check.mender],
        check.name,
    )


def _count(count: int | None, outcome: CheckOutcome) -> str:
    if outcome.state is State.NOT_RUN:
        return ""
    return UNKNOWN if count is None else str(count)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        text.rjust(width) if place in NUMERIC else text.ljust(width)
        for place, (text, width) in enumerate(zip(row, widths, strict=True))
    ]
    return ("  " + "  ".join(cells)).rstrip()


def _ending(report: CheckReport, *, everything: bool) -> str:
    n_none = sum(outcome.state is State.NONE for outcome in report.outcomes)
    hidden = "" if everything or not n_none else "; visa dem med --alla"
    return f"{n_none} av {len(report.outcomes)} kontroller utan fynd{hidden}. Vad de betyder: docs/kontroller.md"


def _left_out(work_list: WorkList) -> str:
    told = [f"{work_list.n_protected} med skyddad identitet"] * bool(work_list.n_protected)
    told += [f"{work_list.n_unknown} utan uppgift om skydd"] * bool(work_list.n_unknown)
    return f" (inte med: {', '.join(told)})" if told else ""
