"""The results that `90_data_quality` shows inside the room: counts alone, and none of them ever leaves it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.checks.catalogue import MENDER_LABELS, SEVERITY_LABELS
from kaa_analysis.checks.check_listing import STATE_LABELS
from kaa_analysis.checks.check_report import CheckOutcome, CheckReport, State
from kaa_analysis.checks.check_settings import CheckSettings
from kaa_analysis.checks.support_checks import running_activities
from kaa_analysis.checks.work_lists import WorkList
from kaa_analysis.cohorts.spells import MISREGISTERED
from kaa_analysis.core.result import Count, Dimension, Result, RowSum, Text
from kaa_analysis.core.vocabularies import labels
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.tally import combinations, table, tally

if TYPE_CHECKING:
    from kaa_analysis.store import Register

DATED_LABELS = {
    "registrations": "KAA-perioder",
    "contacts": "Kontaktförsök",
    "interventions": "Erbjudanden om insatser",
    "activities": "Sysselsättningar",
    "credentials": "Bevis",
    "schooling": "Inskrivningar",
    "notices": "Aviseringar",
    "surveys": "Enkätinbjudningar",
}
"""The words for the rows of each table that the query rows_per_month counts."""

N_ROWS = Count("n_rows", "Rader", measure="check_rows", unit="spells")
N_PERSONS = Count("n_persons", "Personer", measure="check_persons")
N_DATED = Count("n_rows", "Rader", measure="check_rows_dated", unit="spells")
N_DELIVERED = Count("n_rows", "Rader", measure="delivered_rows", unit="spells")
N_LISTED = Count("n_listed", "På listan", measure="work_list")
N_PROTECTED = Count("n_protected", "Inte med: skyddad identitet", measure="work_list_protected")
N_UNKNOWN = Count("n_unknown", "Inte med: uppgift om skydd saknas", measure="work_list_unknown")
N_RUNNING = Count("n_running", "Pågående", measure="activity_running")
N_CURRENT = Count("n_current", "Aktuella", measure="activity_current")
N_LAPSED = Count("n_lapsed", "Inaktuella", measure="activity_lapsed")


def check_summary(report: CheckReport) -> Result:
    """Show every check: how it ended, how bad a finding is, who mends it, and how many rows and persons were found."""
    return Result(
        id="check_summary",
        title="Kontroller av uttaget",
        columns=(
            _check_dimension(report.outcomes),
            Text("state", "Utfall"),
            Text("severity", "Allvar"),
            Text("mender", "Rättas av"),
            N_ROWS,
            N_PERSONS,
        ),
        table=pd.DataFrame([_summary_row(outcome) for outcome in report.outcomes]),
        context=splits.place(report.extract_date),
        note=_not_run_note(report.outcomes),
        source=splits.citation(report.source, report.extract_date),
    )


def findings_over_time(report: CheckReport) -> Result:
    """Count the findings of each check by the calendar year of their day; checks without a dated finding are left out."""
    found = report.findings.dropna(subset="day")
    found = found.assign(check=found["check_id"], year=found["day"].dt.year.astype("string"))
    shown = [outcome for outcome in report.outcomes if outcome.check.id in set(found["check"])]
    by = [_check_dimension(shown), _years(found["year"])]
    return Result(
        id="findings_over_time",
        title="Fynd per år",
        columns=(*by, N_DATED),
        table=table({N_DATED.name: tally(found, by=by)}),
        context=splits.place(report.extract_date),
        note="Året är det som fyndets dag ligger i; fynd utan dag ingår inte. Kontroller som prövar en enda dag (dagen före uttaget) har alla sina fynd "
        "det året. År utan något fynd visas inte.",
        source=splits.citation(report.source, report.extract_date),
    )


def rows_over_time(register: Register) -> Result:
    """Count the rows of each table by the calendar year of their day: a year that lacks rows was perhaps not delivered.

    Years before the history of the register begins are left out.
    """
    months = register.ask("rows_per_month", from_date=register.observed_from or date.min)
    counted = months.assign(year=months["year"].astype("string")).groupby(["table_name", "year"])["n_rows"].sum()
    names = [name for name in DATED_LABELS if name in set(months["table_name"])]
    by = [Dimension("table", "Tabell", {name: DATED_LABELS[name] for name in names}), _years(months["year"])]
    n_rows = counted.rename_axis(["table", "year"]).reindex(combinations(by), fill_value=0)
    return Result(
        id="rows_over_time",
        title="Rader per år i registrets tabeller",
        columns=(*by, N_DELIVERED),
        table=table({N_DELIVERED.name: n_rows}),
        context=splits.place(register.extract_date),
        note="KAA-perioder räknas på startdatumet, erbjudanden på dagen för erbjudandet, inskrivningar på den första dagen. Ett år med ovanligt få rader kan "
        "betyda att uttaget inte är fullständigt.",
        source=splits.citation(register.source, register.extract_date),
    )


def work_list_sizes(lists: Sequence[WorkList], register: Register) -> Result:
    """Count the youths on each work list, and those left out of it for a protected identity."""
    split = Dimension("list", "Arbetslista", {work_list.name: work_list.title for work_list in lists})
    rows = [(one.name, len(one.rows_table), one.n_protected, one.n_unknown) for one in lists]
    columns = (split, N_LISTED, N_PROTECTED, N_UNKNOWN)
    return Result(
        id="work_list_sizes",
        title="Arbetslistornas längd",
        columns=columns,
        table=pd.DataFrame(rows, columns=[column.name for column in columns]),
        context=splits.place(register.extract_date),
        note="Den som har skyddad identitet, eller där uppgiften saknas, står aldrig på en lista.",
        source=splits.citation(register.source, register.extract_date),
    )


def lapsed_activities(register: Register, *, settings: CheckSettings | None = None) -> Result:
    """Count the running activities of those registered, by kind: current and no longer current on the day of extract."""
    settings = settings or CheckSettings()
    spells = register.table("registrations", columns=["person_id", "entry_date", "exit_date", "exit_reason"])
    running = running_activities(
        register, spells[spells["exit_reason"].ne(MISREGISTERED).fillna(True)], valid_for=settings.activity_days
    )
    lapsed = running["lapses"] <= pd.Timestamp(register.extract_date)
    words = labels("activity")
    told = {kind: f"{words[kind]} (gäller {days} dagar)" for kind, days in settings.activity_days.items()}
    split = Dimension("kind", "Sysselsättning", {"all": "Alla slag", **told}, total="all")
    parts = {N_RUNNING.name: running, N_CURRENT.name: running[~lapsed], N_LAPSED.name: running[lapsed]}
    return Result(
        id="lapsed_activities",
        title="De registrerades senast kända sysselsättning, om den pågår",
        columns=(split, N_RUNNING, N_CURRENT, N_LAPSED),
        table=table({name: tally(rows, by=[split]) for name, rows in parts.items()}),
        context=splits.place(register.extract_date),
        row_sums=(RowSum(N_RUNNING.name, (N_CURRENT.name, N_LAPSED.name)),),
        note="Hur länge en uppgift gäller är en inställning per slag (activity_validity.csv) som inte är beslutad."
        + ("" if len(running) else " Uttaget har ingen uppgift om sysselsättning för de registrerade."),
        source=splits.citation(register.source, register.extract_date),
    )


def _check_dimension(outcomes: Sequence[CheckOutcome]) -> Dimension:
    names = {outcome.check.id: f"{outcome.check.id} {outcome.check.name}" for outcome in outcomes}
    return Dimension("check", "Kontroll", names)


def _summary_row(outcome: CheckOutcome) -> dict[str, object]:
    check = outcome.check
    return {
        "check": check.id,
        "state": STATE_LABELS[outcome.state],
        "severity": SEVERITY_LABELS[check.severity],
        "mender": MENDER_LABELS[check.mender],
        N_ROWS.name: outcome.n_rows,
        N_PERSONS.name: outcome.n_persons,
    }


def _not_run_note(outcomes: Sequence[CheckOutcome]) -> str:
    told = [f"{o.check.id}: {o.reason}" for o in outcomes if o.state is State.NOT_RUN]
    return f"Inte körda – {'; '.join(told)}." if told else ""


def _years(years: pd.Series) -> Dimension:
    return Dimension("year", "År", {str(year): str(year) for year in sorted(years.unique())})
