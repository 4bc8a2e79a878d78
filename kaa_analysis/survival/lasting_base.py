"""How many study placements can be judged and how many of them lasted, and how the counts hang together with those of the whole follow-up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.cohorts.lasting_placements import LASTS, SHORT, UNSEEN, WORDS, last_judged_day
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.methods import method_of
from kaa_analysis.core.result import Cell, Count, Dimension, Equation, Result, Share, cell
from kaa_analysis.survival.horizons import HORIZONS, MONTHS
from kaa_analysis.survival.linked_counts import METHODS, follow_up_context, horizon_places, source, title_of
from kaa_analysis.survival.ways_of_leaving import WAY_OUT

CRITERION = Dimension("criterion", "Bedömd", WORDS)
PLACEMENT = Dimension(
    "placement",
    "Studieplats",
    {
        "all": "Alla som kan bedömas",
        LASTS: "Inskriven",
        SHORT: "Inte inskriven",
        UNSEEN: "Ingen inskrivning i registret",
    },
    total="all",
)
PARTS = (LASTS, SHORT, UNSEEN)


def lasting_base(follow_up: FollowUp, judged: Sequence[FollowUp]) -> Result:
    """Count the placements that can be judged by whether they lasted, for each criterion, with their shares.

    ``judged`` are `cohorts.lasting_placement` of ``follow_up``, one per criterion. The equations tie their counts to those of the whole
    follow-up and to each other: a follow-up that ends earlier counts a part of what one that ends later does.

    Raises:
        DefinitionError: none is given, one twice, or one does not come from ``follow_up``.

    **Counts** spells.
    **Time** placements up to the last day that can be judged; the day of the exit is the day of the placement.
    **Missing** a placement without an enrolment is a row of its own; it is in the denominator.
    **Source** definitions.md, *Support and exits*; `docs/methods/lasting_placement.md`.
    """
    names = [one.lasting for one in judged]
    of_other = [one.cohort for one in judged if one.cohort != f"{follow_up.cohort}_lasting_{one.lasting}"]
    if not names or len(set(names)) != len(names) or of_other:
        raise DefinitionError(
            "Ange uppföljningarna av studieplatser som varar, var och en en gång och gjorda av den från start.",
            found=f"{len(judged)} uppföljningar, {len(of_other)} av en annan",
            action="gör dem med cohorts.lasting_placement av samma uppföljning",
        )
    context = follow_up_context(follow_up)
    n = Count("n_spells", "Studieplatser", f"{follow_up.cohort}_judged", "spells")
    n_all = Count("n_judged", "Alla", n.measure, "spells", regardless_of=(PLACEMENT.name,))
    return Result(
        id=f"{follow_up.cohort}_lasting_base",
        title=f"Studieplatser som varar: {title_of(follow_up)}",
        columns=(CRITERION, PLACEMENT, n, n_all, Share("share", "Andel", n.name, n_all.name)),
        table=pd.concat([_rows(one) for one in judged], ignore_index=True),
        context=context,
        equations=tuple(_equations(follow_up, judged)),
        note="Bara studieplatser vars bedömningsdag ligger före uttaget ingår. Inskriven är den som då var inskriven i samma eller en "
        "annan utbildning, eller hade fullföljt en. En studieplats som inte syns bland inskrivningarna går inte att bedöma och står för sig.",
        source=source(follow_up),
        method=method_of("lasting_base", METHODS),
    )


def _rows(one: FollowUp) -> pd.DataFrame:
    ways = one.times_table["way_out"]
    counts = {part: int((ways == part).sum()) for part in PARTS}
    n_all = sum(counts.values())
    counts = {"all": n_all} | counts
    return pd.DataFrame(
        {
            CRITERION.name: one.lasting,
            PLACEMENT.name: list(counts),
            "n_spells": list(counts.values()),
            "n_judged": n_all,
            "share": [number / n_all if n_all else None for number in counts.values()],
        }
    ).astype({"share": "Float64"})


def _equations(follow_up: FollowUp, judged: Sequence[FollowUp]) -> Iterator[Equation]:
    context = follow_up_context(follow_up)
    for one in judged:
        for part in PARTS:
            to_date = cell(f"{one.cohort}_events_to_date", **context, **{MONTHS: str(HORIZONS[-1]), WAY_OUT: part})
            rest = cell(f"{one.cohort}_events_later", **context, **{WAY_OUT: part})
            whole = cell(f"{follow_up.cohort}_judged", **context, criterion=one.lasting, placement=part)
            yield Equation(
                "Studieplatser: inom den sista tidpunkten och senare", ((-1, whole), (1, to_date), (1, rest))
            )
    by_end = sorted(judged, key=lambda one: last_judged_day(one.lasting, extract_date=one.observed_to), reverse=True)
    for larger, smaller in combinations([follow_up, *by_end], 2):
        rest = cell(
            f"{follow_up.cohort}_judged_less", **context, criterion=smaller.lasting, than=larger.lasting or "all"
        )
        terms = (
            *((-1, one) for one in _all_placed(follow_up, larger)),
            *((1, one) for one in _all_placed(follow_up, smaller)),
        )
        yield Equation("Studieplatserna som kan bedömas är en del av alla", (*terms, (1, rest)))
        for places in horizon_places(follow_up, by="sex", horizons=HORIZONS):
            yield from _part_of(larger, smaller, places)


def _all_placed(follow_up: FollowUp, one: FollowUp) -> list[Cell]:
    """Return the cells that are together all placements of a follow-up, whenever they came."""
    context = follow_up_context(follow_up)
    if one.lasting:
        return [cell(f"{follow_up.cohort}_judged", **context, criterion=one.lasting)]
    way = {WAY_OUT: one.sought}
    to_date = cell(f"{one.cohort}_events_to_date", **context, **{MONTHS: str(HORIZONS[-1])}, **way)
    return [to_date, cell(f"{one.cohort}_events_later", **context, **way)]


def _part_of(larger: FollowUp, smaller: FollowUp, places: Sequence[dict[str, str]]) -> Iterator[Equation]:
    """Give that every count of a follow-up that ends earlier is a part of the same one that ends later, for one group."""
    shared = [way for way in smaller.ways_out if way not in PARTS]
    for place in places:
        for what in ("entered", "at_risk"):
            yield _with_rest(larger, smaller, what, place, [cell(f"{smaller.cohort}_{what}", **place)])
        for what in ("events", "events_to_date"):
            yield _with_rest(larger, smaller, what, place, [cell(f"{smaller.cohort}_{what}", **place)])
            for way in shared:
                at = place | {WAY_OUT: way}
                yield _with_rest(larger, smaller, what, at, [cell(f"{smaller.cohort}_{what}", **at)])
            parts = [cell(f"{smaller.cohort}_{what}", **place, **{WAY_OUT: part}) for part in PARTS]
            yield _with_rest(larger, smaller, what, place | {WAY_OUT: "placed"}, parts)


def _with_rest(
    larger: FollowUp, smaller: FollowUp, what: str, place: dict[str, str], parts: Sequence[Cell]
) -> Equation:
    """Return that the count of the larger is that of the smaller and a rest; at "placed" every study placement counts."""
    if place.get(WAY_OUT) != "placed":
        whole = [cell(f"{larger.cohort}_{what}", **place)]
    elif larger.lasting:
        whole = [cell(f"{larger.cohort}_{what}", **place | {WAY_OUT: part}) for part in PARTS]
    else:
        whole = [cell(f"{larger.cohort}_{what}", **place | {WAY_OUT: larger.sought})]
    rest = cell(f"{smaller.cohort}_{what}_less_than_{larger.lasting or 'all'}", **place)
    return Equation(
        "En uppföljning som slutar tidigare räknar en del av den som slutar senare",
        (*((-1, one) for one in whole), *((1, part) for part in parts), (1, rest)),
    )
