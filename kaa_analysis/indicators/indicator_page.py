"""The page about every indicator and measuring point (``docs/indikatorer.md``), generated from the catalogue and the plans.

``python -m kaa_analysis.indicators.indicator_page`` writes it anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from kaa_analysis.core.project import project_root
from kaa_analysis.core.secure_folder import write_atomically
from kaa_analysis.indicators.indicator_catalogue import CALENDARS, Indicator, indicators
from kaa_analysis.indicators.plan_points import (
    DELIVERY_LABELS,
    MeasuringPoint,
    measuring_points,
    plan_versions,
    sections_of,
)

PAGE = Path("docs") / "indikatorer.md"

INTRODUCTION = """# Indikatorer

*Sidan skrivs av `python -m kaa_analysis.indicators.indicator_page` och ändras inte för hand.*

Vad handlingsplanen säger ska mätas, vilka indikatorer som svarar på det, och hur varje indikator är definierad. Hur tabellerna är räknade, med
gränsfall, står under metod i arbetsboken och vid figurerna."""

LATER_PLANS = "Andra versioner av planen är ej kartlagda."


def indicator_page() -> str:
    """Return the page as Markdown."""
    plans = [_plan(version, measuring_points(version) or ()) for version in plan_versions()]
    return (
        "\n\n".join([INTRODUCTION, *plans, LATER_PLANS, "## Definitioner", *map(_entry, indicators().values())]) + "\n"
    )


def _plan(version: str, points: Iterable[MeasuringPoint]) -> str:
    points = list(points)
    counted = Counter(point.delivery for point in points)
    told = "; ".join(f"{counted[state]} {label}" for state, label in DELIVERY_LABELS.items() if counted[state])
    rows = [
        f"| {point.section} | {point.what} | {', '.join(f'[{indicators()[name].name}](#{name})' for name in point.indicators)} "
        f"| {DELIVERY_LABELS[point.delivery]} | {point.remark} |"
        for point in points
    ]
    head = ["| avsnitt | mätpunkt | indikatorer | läge | anmärkning |", "|---|---|---|---|---|"]
    return "\n".join([f"## Handlingsplanen {version}", "", f"{len(points)} mätpunkter: {told}.", "", *head, *rows])


def _entry(indicator: Indicator) -> str:
    lines = [f'### <a id="{indicator.id}"></a>{indicator.name}', "", indicator.definition, ""]
    if indicator.is_share:
        lines += [f"* **Täljare:** {indicator.numerator}", f"* **Nämnare:** {indicator.denominator}"]
    calendars = ", ".join(CALENDARS[name] for name in indicator.calendar)
    return "\n".join(
        [
            *lines,
            f"* **Redovisas för:** {calendars}",
            *(f"* **Handlingsplanen {version}:** {_sections(indicator, version)}" for version in plan_versions()),
            f"* **Att tänka på:** {indicator.caveat}",
            f"* **Källa:** {indicator.source}",
            f"* **Metod:** [{indicator.methods}](methods/{indicator.methods}.md); prövas i `{indicator.spec}`",
        ]
    )


def _sections(indicator: Indicator, version: str) -> str:
    found = sections_of(indicator.id, version=version)
    return f"avsnitt {', '.join(found)}" if found else "ingen mätpunkt"


def main() -> None:
    """Write the page in the project that the working directory lies in."""
    write_atomically(project_root() / PAGE, indicator_page().encode(), mode=0o644)


if __name__ == "__main__":
    main()
