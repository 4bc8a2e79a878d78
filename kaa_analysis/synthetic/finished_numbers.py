"""Invented finished tables of other units, in the file that they are delivered in: the same few rows for every scenario, of its last whole year."""

from __future__ import annotations

from pathlib import Path

from kaa_analysis.synthetic.scenario import Scenario

FILE = "fardiga_tabeller.csv"
HEADER = "TABELL;RUBRIK;RAD;KOLUMN;VARDE;ENHET;PERIOD;KALLA;KONTAKT"
COLUMNS = ("Flickor", "Pojkar", "Alla")
SENDER = "Påhittade uppgifter från gymnasieavdelningen"
TABLES = (
    ("gymnasieexamen", "Gymnasieexamen inom tre år", "procent", {
        "Nationella program": ("78,4", "73,9", "76,1"),
        "Introduktionsprogram": ("12,6", "10,2", "11,2"),
    }),
    ("brukarundersokning", "Elever som är nöjda med sin utbildning", "procent", {
        "Gymnasieskolan": ("71", "75", "73"),
        "Anpassad gymnasieskola": ("88", "86", "87"),
    }),
    ("avhoppsenkat", "Svar på gymnasieskolornas enkät om avhopp och byten", "elever", {
        "Fick enkäten": ("214", "262", "476"),
        "Svarade": ("97", "88", "185"),
    }),
)  # fmt: skip


def write_finished_tables(folder: Path, *, scenario: Scenario) -> None:
    """Write the tables to ``folder``, which has the other raw files; a file that is there is replaced."""
    year = scenario.extract_date.year - 1
    rows = [
        ";".join((table, title, row, column, value, unit, str(year), SENDER, "Gymnasieavdelningen"))
        for table, title, unit, told in TABLES
        for row, values in told.items()
        for column, value in zip(COLUMNS, values, strict=True)
    ]
    (folder / FILE).write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8", newline="\n")
