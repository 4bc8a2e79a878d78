"""Do groups leave the register differently? Log-rank tests of leaving at all and for studies, and Gray's test of the share that has left for studies."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.result import Cell, Column, Count, Dimension, Equation, Estimate, Result, cell
from kaa_analysis.survival.cores.gray_test import gray_test
from kaa_analysis.survival.cores.log_rank import log_rank
from kaa_analysis.survival.cores.pairwise_log_rank import holm
from kaa_analysis.survival.fitted_placement import HORIZON, seen_to
from kaa_analysis.survival.follow_up_result import follow_up_result
from kaa_analysis.survival.linked_counts import follow_up_context
from kaa_analysis.survival.model_cells import (
    COVARIATE,
    LEFT,
    LEVEL,
    MODELLED,
    SOUGHT,
    everybody_equations,
    level_equations,
    model_cell,
)
from kaa_analysis.survival.model_columns import EVIDENCE, evidence_columns, for_studies, statistic_columns
from kaa_analysis.survival.model_covariates import Covariate, baseline_covariates
from kaa_analysis.survival.ways_of_leaving import ANY, leaves_by, sought_or_other

ALL_GROUPS = "all_groups"
TESTED = MappingProxyType({"leaving": LEFT, "placement": SOUGHT, "incidence": SOUGHT})
"""What each test counts."""
PAIR_JOINT = "_and_"

NOTE = (
    "Ett litet p-värde betyder att skillnaden mellan grupperna sällan skulle uppstå av slump; det säger inte hur stor den är. Log-rank jämför "
    "takten bland dem som är kvar, Grays test hur stor andel som till slut har lämnat {for_studies}. Ingen hänsyn är tagen till annat som skiljer "
    "grupperna åt. Tiden efter {months} månader räknas inte med."
)
LATE_NOTE = " Grays test görs bara där alla följs från start, och anges därför inte här: andelarna jämförs i stället med Fine och Grays modell."


def group_tests(follow_up: FollowUp, *, by: str, horizon: int = HORIZON) -> Result:
    """Test whether the groups ``by`` ("sex", "age_at_entry" or "season", as in `placement_model`) leave the register differently.

    Three tests: log-rank of leaving by any way (``leaving``), log-rank of the cause-specific rate of the way that is sought (``placement``) and Gray's
    test of its cumulative incidence (``incidence``). Gray's is missing where somebody comes under observation after time zero. One row per test
    and comparison: all groups, and where they are more than two each pair on its own rows, with p values adjusted after Holm among the pairs of a test.
    The time after ``horizon`` (months) is left out.

    The tests leave the room under the rule *model*: the residual degrees of freedom are the exits less those of the test, the smallest cell the least of
    the persons, and of the persons with an exit, in a compared group.

    Raises:
        DefinitionError: ``by`` is unknown, not known for every spell or the same for all; a person has several spells; or a time is none.

    **Counts** spells, one per person.
    **Time** since time zero; events before censorings of the same time; at risk in (entry, exit]; log-rank of the way sought censors the others.
    **Missing** a missing group is refused.
    **Source** Mantel 1966; Gray 1988; Holm 1979; `docs/methods/log_rank.md`, `docs/methods/gray_test.md`.
    """
    seen = seen_to(follow_up, horizon)
    [groups] = baseline_covariates(seen, [by])
    _refuse_repeated(seen)
    is_late = bool((seen.times_table["entry_time"] > 0).any())
    table = pd.DataFrame(_rows(seen, groups, is_late=is_late))
    columns = _columns(follow_up, groups)
    note = NOTE.format(for_studies=for_studies(follow_up), months=horizon) + (LATE_NOTE if is_late else "")
    return follow_up_result(
        follow_up,
        "group_tests",
        title=f"Skiljer sig grupperna åt? {groups.label}",
        columns=columns,
        table=table,
        note=note,
        method=f"group_tests_{follow_up.unit}",
        by=by,
        equations=_equations(follow_up, groups, horizon=horizon),
    )


def _refuse_repeated(follow_up: FollowUp) -> None:
    persons = follow_up.times_table["person_id"]
    n_repeated = int((persons.value_counts() > 1).sum())
    if n_repeated:
        raise DefinitionError(
            "Testen gäller oberoende registreringar: en person får bara ha en.",
            found=f"personer med flera: {n_repeated} av {persons.nunique()}",
            action='välj spells="first", eller jämför grupperna med placement_model, vars medelfel är klustrade på person',
        )


def _comparisons(groups: Covariate, *, together: bool = False) -> list[tuple[str, tuple[str, ...]]]:
    """Return each comparison with the levels in it: all of them first, then, unless all ``together`` is enough, each pair of more than two."""
    levels = tuple(groups.levels)
    pairs = list(combinations(levels, 2)) if len(levels) > 2 and not together else []
    return [(ALL_GROUPS, levels), *((PAIR_JOINT.join(pair), pair) for pair in pairs)]


def _rows(follow_up: FollowUp, groups: Covariate, *, is_late: bool) -> Iterator[dict[str, object]]:
    times = follow_up.times_table
    for test, what in TESTED.items():
        exits = leaves_by(times, ANY if what == LEFT else follow_up.sought)
        rows = []
        for comparison, levels in _comparisons(groups, together=is_late and test == "incidence"):
            inside = groups.level_of.isin(levels)
            n_exits = int((inside & exits).sum())
            found = (np.nan, np.nan, np.nan)
            if test != "incidence":
                found = _log_rank(times[inside], exits[inside], groups.level_of[inside])
            elif not is_late:
                found = _gray(times[inside], follow_up.sought, groups.level_of[inside])
            n_of = groups.level_of.value_counts()
            n_left = groups.level_of[exits].value_counts()
            smallest = min(min(n_of[level], n_left.get(level, n_of[level])) for level in levels)
            rows.append(
                {
                    "test": test,
                    "comparison": comparison,
                    "n_spells": int(inside.sum()),
                    "n_exits": n_exits,
                    **dict(zip(("chi_square", "df", "p_value"), found, strict=True)),
                    EVIDENCE[0]: n_exits - (len(levels) - 1),
                    EVIDENCE[1]: smallest,
                }
            )
        p_holm = [np.nan, *holm(np.array([row["p_value"] for row in rows[1:]], dtype=float))]
        yield from (row | {"p_holm": p} for row, p in zip(rows, p_holm, strict=True))


def _log_rank(times: pd.DataFrame, exits: pd.Series, group: pd.Series) -> tuple[float, float, float]:
    test = log_rank(
        *_arrays(times), exits.to_numpy(dtype=bool), group.to_numpy(dtype=object), cluster=times["person_id"]
    )
    return test.chi_square, float(test.df), test.p


def _gray(times: pd.DataFrame, sought: str, group: pd.Series) -> tuple[float, float, float]:
    test = gray_test(
        _arrays(times)[1], sought_or_other(times, sought), group.to_numpy(dtype=object), cluster=times["person_id"]
    )
    if 1 not in test.causes:
        return np.nan, np.nan, np.nan
    return float(test.chi_square[0]), float(test.df), float(test.p[0])


def _arrays(times: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return times["entry_time"].to_numpy(dtype=np.int64), times["exit_time"].to_numpy(dtype=np.int64)


def _columns(follow_up: FollowUp, groups: Covariate) -> tuple[Column, ...]:
    studies = for_studies(follow_up)
    tests = {
        "leaving": "Lämnar registret av någon orsak (log-rank)",
        "placement": f"Lämnar registret {studies} (log-rank)",
        "incidence": f"Andel som har lämnat {studies} (Gray)",
    }
    labels = {
        comparison: "Alla grupper"
        if comparison == ALL_GROUPS
        else " och ".join(groups.levels[level] for level in levels)
        for comparison, levels in _comparisons(groups)
    }
    base = ("n_spells", "n_exits")
    pairs = [Estimate("p_holm", "p-värde efter Holm", base, rule="model", evidence=EVIDENCE)] if len(labels) > 1 else []
    return (
        Dimension("test", "Test", tests),
        Dimension("comparison", "Jämförelse", labels, total=ALL_GROUPS, additive=False),
        Count("n_spells", "Registreringar", f"{follow_up.cohort}_modelled", "spells", regardless_of=("test",)),
        Count("n_exits", "Avslut", f"{follow_up.cohort}_tested_exits", "spells"),
        *statistic_columns(base),
        *pairs,
        *evidence_columns(),
    )


def _equations(follow_up: FollowUp, groups: Covariate, *, horizon: int) -> Iterator[Equation]:
    """Give what ties the counts to those of the groups, and these to everybody and to the other tables."""
    yield from everybody_equations(follow_up, horizon=horizon)
    yield from level_equations(follow_up, groups.name, list(groups.levels), horizon=horizon)
    for comparison, levels in _comparisons(groups):
        place = {} if comparison == ALL_GROUPS else {"comparison": comparison}
        if place:
            own = model_cell(follow_up, MODELLED, **place)
            yield _sum_of(own, [_of_level(follow_up, MODELLED, groups, level) for level in levels])
        for test, what in TESTED.items():
            exits = cell(f"{follow_up.cohort}_tested_exits", **follow_up_context(follow_up), **place, test=test)
            yield _sum_of(exits, [_of_level(follow_up, what, groups, level) for level in levels])


def _of_level(follow_up: FollowUp, what: str, groups: Covariate, level: str) -> Cell:
    return model_cell(follow_up, what, **{COVARIATE: groups.name, LEVEL: level})


def _sum_of(whole: Cell, parts: list[Cell]) -> Equation:
    return Equation("De jämförda grupperna tillsammans", ((-1, whole), *((1, part) for part in parts)))
