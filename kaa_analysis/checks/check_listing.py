"""A check report as lines for the command line: counts alone, in Swedish."""

from __future__ import annotations

from collections.abc import Sequence

from kaa_analysis.checks.catalogue import MENDER_LABELS, SEVERITY_LABELS
from kaa_analysis.checks.check_report import CheckOutcome, CheckReport, State
from kaa_analysis.checks.work_lists import WorkList
from kaa_analysis.core.errors import ExtractError

STATE_LABELS = {State.FOUND: "fynd", State.NONE: "inga fynd", State.NOT_RUN: "inte körd"}
HEADER = ("id", "allvar", "rader", "personer", "kontroll")
NUMERIC = (2, 3)
INDENT = " " * 8
UNKNOWN = "okänt"


def check_listing(report: CheckReport, *, everything: bool = False) -> str:
    """Return the outcomes as a table with a line per check: those with findings and those not run, or ``everything``.

    Where nothing was found or the check was not run, words stand in place of the counts. Under a check stand who mends what was found,
    its remarks and why it was not run. Lines fit in 80 characters as long as the counts fit their headings.
    """
    shown = [outcome for outcome in report.outcomes if everything or outcome.state is not State.NONE]
    rows = [HEADER, *(_row(outcome) for outcome in shown)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADER))]
    lines = [f"Kontroller av uttaget {report.register}, {report.extract_date.isoformat()}", _line(HEADER, widths)]
    for outcome, row in zip(shown, rows[1:], strict=True):
        lines += [_line(row, widths, instead=_instead(outcome)), *(INDENT + told for told in _told_under(outcome))]
    return "\n".join([*lines, *_ending(report, everything=everything)])


def list_lines(lists: Sequence[WorkList]) -> list[str]:
    """Return a line per work list, how long it is, and one under it of how many are left out."""
    width = max((len(one.name) for one in lists), default=0) + len(".csv")
    lines = []
    for one in lists:
        lines.append(f"  {f'{one.name}.csv':<{width}} {len(one.rows_table):>4}  {one.title}")
        lines += [f"{INDENT}inte med: {told}" for told in _left_out(one)]
    return lines


def refuse_stopping(report: CheckReport) -> None:
    """Do nothing where no check with the severity *stopp* found anything.

    Raises:
        ExtractError: one did.
    """
    if report.stopping:
        raise ExtractError(
            "Uttaget bör inte användas förrän det som kontrollerna stoppar har rättats.",
            found=[
                f"{o.check.id} {o.check.name}: {o.n_rows} {'rad' if o.n_rows == 1 else 'rader'}"
                for o in report.stopping
            ],
            action="låt den som ska rätta enligt listan göra det i källan, och gör ett nytt uttag",
        )


def _row(outcome: CheckOutcome) -> tuple[str, ...]:
    check = outcome.check
    counts = (_count(outcome.n_rows), _count(outcome.n_persons)) if outcome.state is State.FOUND else ("", "")
    return check.id, SEVERITY_LABELS[check.severity], *counts, check.name


def _instead(outcome: CheckOutcome) -> str:
    return "" if outcome.state is State.FOUND else STATE_LABELS[outcome.state]


def _told_under(outcome: CheckOutcome) -> list[str]:
    told = [f"rättas av: {MENDER_LABELS[outcome.check.mender]}"] * (outcome.state is State.FOUND)
    return [*told, *outcome.remarks, *([f"skäl: {outcome.reason}"] if outcome.reason else [])]


def _count(count: int | None) -> str:
    return UNKNOWN if count is None else str(count)


def _line(row: Sequence[str], widths: Sequence[int], *, instead: str = "") -> str:
    """Return the cells of a row in their widths; ``instead`` stands where the counts would."""
    cells = [
        text.rjust(width) if place in NUMERIC else text.ljust(width)
        for place, (text, width) in enumerate(zip(row, widths, strict=True))
    ]
    if instead:
        first, last = NUMERIC[0], NUMERIC[-1]
        cells[first : last + 1] = [instead.rjust(len("  ".join(cells[first : last + 1])))]
    return ("  " + "  ".join(cells)).rstrip()


def _ending(report: CheckReport, *, everything: bool) -> list[str]:
    n_none = sum(outcome.state is State.NONE for outcome in report.outcomes)
    hidden = "" if everything or not n_none else " (visas med --alla)"
    return [
        f"{n_none} av {len(report.outcomes)} kontroller utan fynd{hidden}.",
        "Vad varje kontroll betyder: docs/kontroller.md",
    ]


def _left_out(work_list: WorkList) -> list[str]:
    told = [f"{work_list.n_protected} med skyddad identitet"] * bool(work_list.n_protected)
    return told + [f"{work_list.n_unknown} utan uppgift om skydd"] * bool(work_list.n_unknown)
