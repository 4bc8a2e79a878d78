"""The page about every check (``docs/kontroller.md``), generated from the catalogue.

``python -m kaa_analysis.checks.catalogue_page`` writes it anew.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from kaa_analysis.checks.catalogue import MENDER_LABELS, SEVERITY_LABELS, Check, Severity, catalogue
from kaa_analysis.checks.check_settings import CheckSettings, WorkListSettings, activity_validity
from kaa_analysis.checks.work_lists import LIST_TITLES
from kaa_analysis.core.project import project_root
from kaa_analysis.core.secure_folder import write_atomically
from kaa_analysis.core.vocabularies import labels

PAGE = Path("docs") / "kontroller.md"

INTRODUCTION = """# Kontroller av uttaget

*Sidan skrivs av `python -m kaa_analysis.checks.catalogue_page` och ändras inte för hand.*

`kaa check NAMN` läser ett uttag och gör kontrollerna nedan. Bara antal visas; raderna stannar i den säkra mappen. En kontroll har **fynd**,
**inga fynd** eller är **inte körd**, och då står skälet. Det som inte har körts har inte godkänts.

* **stopp** – uttaget bör inte användas förrän det är rättat; kommandot slutar med felkod
* **fel** – tal blir fel
* **varning** – tal kan bli fel, eller en rutin har brutits
* **upplysning** – bra att veta

Antal som har lämnats tidigare kan läggas i `delivered_counts.csv` i den säkra mappen, med kolumnerna `VAD;PERIOD;ANTAL;LEVERERAT`. `VAD` är
`BESTAND`, `NYA`, `AVSLUTADE` eller `PERSONER`, `PERIOD` till exempel `2024`, `2024-T1`, `2024-H2` eller `2023/24`, `LEVERERAT` en dag."""

LISTS = """`kaa check NAMN --arbetslistor` skriver fyra listor till `worklists/` i den säkra mappen. De bär källans registernummer, aldrig ett personnummer;
saknas registernummer står filen och raden. Den som har skyddad identitet, eller där uppgiften saknas, står aldrig på en lista."""

SETTINGS_TEXT = """Inställningarna är val som inte är beslutade (`docs/avgoranden.csv`). De står i `kaa_analysis/checks/check_settings.py`, och hur länge en
uppgift om sysselsättning gäller i `kaa_analysis/checks/activity_validity.csv` (**M**: overifierat)."""


def catalogue_page() -> str:
    """Return the page: every check by how bad a finding is, the work lists and the settings."""
    checks = [part for severity in Severity for part in _of_severity(severity)]
    parts = [INTRODUCTION, *checks, "## Arbetslistor", LISTS, _lists(), "## Inställningar", SETTINGS_TEXT, _settings()]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Write the page in the project that the working directory lies in."""
    write_atomically(project_root() / PAGE, catalogue_page().encode(), mode=0o644)


def _of_severity(severity: Severity) -> list[str]:
    chosen = [check for check in catalogue().values() if check.severity is severity]
    return [f"## {SEVERITY_LABELS[severity].capitalize()}", *map(_check, chosen)]


def _check(check: Check) -> str:
    facts = f"*Tabell: {check.table}. Rättas av: {MENDER_LABELS[check.mender]}. Källa: {check.source}.*"
    return f"### {check.id} {check.name}\n\n{check.what}\n\n{check.why}\n\n{facts}"


def _lists() -> str:
    return "\n".join(f"* `{name}.csv` – {title}" for name, title in LIST_TITLES.items())


def _settings() -> str:
    rows = [
        f"| `{setting.name}` | {_shown(getattr(kind, setting.name))} |"
        for kind in (CheckSettings(), WorkListSettings())
        for setting in fields(kind)
        if setting.name != "activity_days"
    ]
    words = labels("activity")
    rows += [f"| {words[kind]} gäller, dagar | {days} |" for kind, days in activity_validity().items()]
    return "\n".join(["| inställning | värde |", "| --- | --- |", *rows])


def _shown(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


if __name__ == "__main__":
    main()
