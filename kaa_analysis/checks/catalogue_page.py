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
**inga fynd** eller är **inte körd**, och då står skälet. En kontroll som inte är körd är inte godkänd. `--alla` visar också kontrollerna utan fynd.

* **stopp** – uttaget bör inte användas förrän det är rättat; kommandots slutkod är inte 0
* **fel** – tal blir fel
* **varning** – tal kan bli fel, eller så har en rutin brutits
* **upplysning** – bra att veta

Antal som har lämnats tidigare kan läggas i `delivered_counts.csv` i den säkra mappen, med kolumnerna `VAD;PERIOD;ANTAL;LEVERERAT`. `VAD` är
`BESTAND`, `NYA`, `AVSLUTADE` eller `PERSONER`, `PERIOD` till exempel `2024`, `2024-T1` (januari–april),
`2024-T2` (januari–augusti), `2024-H2` (juli–december) eller `2023/24` (läsåret), `LEVERERAT` den dag då antalet lämnades (ÅÅÅÅ-MM-DD). En period som började
före uttagets historik, eller inte var slut på uttagsdagen, jämförs inte."""

LISTS = """`kaa check NAMN --arbetslistor` skriver fyra listor till `worklists/NAMN/` i den säkra mappen, som de ser ut på uttagsdagen. Kolumnerna är `NUMMER`
(källans registernummer; saknas det, filen och raden; aldrig ett personnummer), `VAD`, `SEDAN` och `SENAST` (dagar). Den som har skyddad identitet, eller där
uppgiften saknas, står aldrig på en lista. Listorna skrivs om varje gång."""

SETTINGS_TEXT = """Inställningarna är val som inte är beslutade (`docs/avgoranden.csv`). De står i `kaa_analysis/checks/check_settings.py`, och hur länge en
uppgift om sysselsättning gäller i `kaa_analysis/checks/activity_validity.csv` (**M**: overifierat)."""


LIST_MEANINGS = {
    "utan_forsok": "registrerad i minst `attempt_days` dagar utan utgående kontaktförsök sedan registreringen. `SENAST` är den dag då månaden har gått.",
    "fyller_20": "registrerad, med 20-årsdagen på uttagsdagen eller högst `birthday_days` dagar senare. `SENAST` är 20-årsdagen.",
    "telefondagar": "registrerad, utan svar sedan registreringen, och uppringd färre än `phone_days` olika dagar. Antingen har det ringts men inget knackakort "
    "skickats, eller så har ett kort skickats och det planerade besöket (`SENAST`) återstår. `SEDAN` är det första samtalet. Den som inte har telefon står inte med.",
    "avslutsorsak": "avslutad utan avslutsorsak på uttagsdagen eller högst `exit_days` dagar tidigare. `SEDAN` är avslutsdagen.",
}
"""Who is on each list, and what its days are."""

SETTING_MEANINGS = {
    "lowest_age": "lägsta ålder vid registreringen, år (K401)",
    "double_identity_days": "högst så många dagar mellan två identiteters uppgifter (K504)",
    "birthday_letter_days": "så många dagar från 20-årsdagen får brevet skickas (K403)",
    "home_visit_staff": "minsta antal medarbetare vid hembesök (K702)",
    "phone_days": "så många samtal samma dag visas (K704); telefondagar före knackakort (K705)",
    "consent_providers": "utförare vars insatser kräver samtycke (K801, K802)",
    "double_intervention_days": "högst så många dagar mellan två insatsers början (K805)",
    "double_intervention_providers": "utförare vars insatser kan stå i två system (K805)",
    "schooling_beside": "skolformer som får löpa vid sidan av en annan (K303)",
    "late_exit_days": "så många dagar får perioden pågå efter att introduktionsprogram började (K904)",
}
"""What every setting of the checks is, and where it is used."""

LIST_SETTING_MEANINGS = {
    "attempt_days": "dagar utan försök (arbetslistan utan_forsok)",
    "birthday_days": "dagar före 20-årsdagen (arbetslistan fyller_20)",
    "phone_days": "telefondagar före knackakort (arbetslistan telefondagar)",
    "exit_days": "dagar sedan avslutet (arbetslistan avslutsorsak)",
}
"""What every setting of the work lists is."""


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
    return "\n".join(f"* `{name}.csv` – {title}: {LIST_MEANINGS[name]}" for name, title in LIST_TITLES.items())


def _settings() -> str:
    rows = [
        f"| `{setting.name}` | {_shown(getattr(kind, setting.name))} | {meanings[setting.name]} |"
        for kind, meanings in ((CheckSettings(), SETTING_MEANINGS), (WorkListSettings(), LIST_SETTING_MEANINGS))
        for setting in fields(kind)
        if setting.name != "activity_days"
    ]
    words = labels("activity")
    rows += [
        f"| {words[kind]} | {days} | dagar som uppgiften gäller (K811) |" for kind, days in activity_validity().items()
    ]
    return "\n".join(["| inställning | värde | betyder |", "| --- | --- | --- |", *rows])


def _shown(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


if __name__ == "__main__":
    main()
