"""The scenarios as `kaa synth --list` tells of them."""

from __future__ import annotations

from textwrap import fill

from kaa_analysis.synthetic.scenario import Scenario, scenarios

WIDTH = 100


def scenario_listing() -> str:
    """Return in Swedish a paragraph per scenario: its name, why it exists, its days, size and errors."""
    return "\n\n".join(_paragraph(scenario) for scenario in scenarios().values())


def _paragraph(scenario: Scenario) -> str:
    persons = f"{scenario.births_per_year * len(scenario.birth_years):,}".replace(",", "\u00a0")
    facts = f"{scenario.start}–{scenario.extract_date}, {persons} simulerade personer, frö {scenario.seed}."
    errors = f" Felprofil: {scenario.errors}." if scenario.errors else ""
    indent = " " * 4
    why = fill(scenario.why, width=WIDTH, initial_indent=indent, subsequent_indent=indent)
    return f"{scenario.name}\n{why}\n{indent}{facts}{errors}"
