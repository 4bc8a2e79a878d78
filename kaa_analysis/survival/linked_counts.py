"""How the tables of a follow-up hang together: one context, source and file of methods, and running totals as equations between cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.result import Cell, Equation, cell
from kaa_analysis.survival.groups import group_dimension
from kaa_analysis.survival.horizons import MONTHS

METHODS = Path(__file__).with_name("methods.yaml")
"""The file that tells readers how each table is made."""

COUNTED_AND_ENTERED = (
    "Antalen gäller registreringar (perioder i registret). Den som förs in en tid efter startdatumet följs från den dagen, så den "
    "första tiden vilar på färre registreringar."
)
"""What the notes of a follow-up's tables begin with."""


def law_words(follow_up: FollowUp) -> str:
    """Return a Swedish sentence on how a change of the law during the follow-up is treated, or the empty string where there was none."""
    if not follow_up.law_changes:
        return ""
    days = " och ".join(day.isoformat() for day in follow_up.law_changes)
    return (
        f" Den som lagändringen {days} ensam gjorde att lagen inte längre omfattar följs till den dagen och räknas inte som att ha lämnat "
        "registret. Introduktionsprogram var dessförinnan en åtgärd inom målgruppen: den som började där följs vidare."
    )


CHOICE_WORDS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("time_zero", "target_group"): " Tiden räknas från första dagen i målgruppen.",
        ("turning_20", "censored"): " Andelen är den som skulle gälla om ingen fyllde 20 år (de censureras då).",
        ("moves", "censored"): " Andelen är den som skulle gälla om ingen flyttade eller avled (de censureras då).",
        ("day_0", "excluded"): " Registreringar som avslutades samma dag som de började är uteslutna.",
    }
)
"""What a note says of each choice that is not the headline's."""


def follow_up_words(follow_up: FollowUp) -> str:
    """Return what a note has to say of a follow-up beyond the ordinary, or the empty string.

    That is how a change of the law is treated, each choice that is not the headline's, and from which time on it is a follow-up of those who were
    still there, by its own choice (a landmark) or for want of others, and how far study placements can be judged.
    """
    words = law_words(follow_up) + "".join(CHOICE_WORDS.get(chosen, "") for chosen in follow_up.choices.told().items())
    if follow_up.conditioned_on:
        unit = {"days": "dagar", "months": "månader"}[follow_up.unit]
        words += (
            f" Först från den tiden följs tillräckligt många: andelarna gäller dem som var kvar efter {follow_up.conditioned_on} {unit} "
            "från start."
        )
    return words + _condition_words(follow_up)


def _condition_words(follow_up: FollowUp) -> str:
    """Return Swedish sentences on the landmark that time counts from, or on how far study placements can be judged, else the empty string."""
    words = ""
    if follow_up.landmark:
        months = f"{follow_up.landmark} {'månad' if follow_up.landmark == 1 else 'månader'}"
        words += (
            f" Tiden räknas från {months} efter start, och bara de som då var kvar i registret och under observation ingår: talen gäller dem "
            "och säger inget om dem som redan hade lämnat det."
        )
    if follow_up.lasting:
        words += (
            " Alla följs till den sista dag vars studieplatser kan bedömas i uttaget. En studieplats utan inskrivning i registret är en egen väg "
            "ut: om den varade är inte känt."
        )
    return words


def follow_up_context(follow_up: FollowUp) -> dict[str, str]:
    """Return what is the same in all rows of a follow-up's tables, so that they share cells."""
    return {"extract": follow_up.observed_to.isoformat(), "period": follow_up.period.label}


def title_of(follow_up: FollowUp) -> str:
    """Return the follow-up's title as it stands inside a sentence."""
    return f"{follow_up.title[0].lower()}{follow_up.title[1:]}"


def source(follow_up: FollowUp) -> str:
    """Return the source line of a follow-up's tables."""
    return f"{follow_up.source} {follow_up.observed_to.isoformat()}, egen bearbetning"


def horizon_places(follow_up: FollowUp, *, by: str | None, horizons: Sequence[int]) -> list[list[dict[str, str]]]:
    """Return the cells' places: for every group (everybody first) one place per horizon, in order."""
    dimension = group_dimension(by, follow_up=follow_up)
    parts = [{}] if dimension is None else [{} if v == dimension.total else {by: v} for v in dimension.labels]
    context = follow_up_context(follow_up)
    return [[context | part | {MONTHS: str(months)} for months in horizons] for part in parts]


def running_totals(
    stock: str, flows: Mapping[str, int], *, places: Sequence[Mapping[str, str]], name: str
) -> Iterator[Equation]:
    """Give, for each horizon, the equation *stock = stock before + Σ sign × flow*.

    ``stock`` and the keys of ``flows`` are measures, the values their signs; ``places`` are those of one group, in order.
    Before the first place the stock is 0.
    """
    before: list[tuple[int, Cell]] = []
    for place in places:
        now = cell(stock, **place)
        yield Equation(name, ((-1, now), *before, *((sign, cell(flow, **place)) for flow, sign in flows.items())))
        before = [(1, now)]


def events_to_date(follow_up: FollowUp, *, places: Sequence[Mapping[str, str]]) -> Iterator[Equation]:
    """Give, for each horizon, the equation *left to date = left to date before + left since*."""
    prefix = follow_up.cohort
    flows = {f"{prefix}_events": 1}
    yield from running_totals(
        f"{prefix}_events_to_date", flows, places=places, name="Har lämnat: från en tidpunkt till nästa"
    )
