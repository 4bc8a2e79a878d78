"""No sentence of effect is said below the level of effect, and nothing that is not worked out raises a level."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.e_value import EValue
from kaa_analysis.evaluation.effect_verdict import SENTENCES, Direction, Findings, Verdict, VerdictLevel, verdict
from kaa_analysis.evaluation.protocol_mark import mark_of
from kaa_analysis.evaluation.protocols.freezing import KnownProtocol
from tests.unit.protocol_project import ProtocolProject, protocol_project

STRONG = EValue(estimate=5.0, limit=4.0)
GOOD = Findings(
    outcome="studieplats", value=10.0, lower=4.0, upper=16.0, is_balanced=True, power=0.9, sensitivity=STRONG, benchmark=1.5
)  # fmt: skip
"""Ten percentage points, with an E-value of the limit above twice the benchmark."""
DECISION = 'decisions:\n  - {reference: "PÅHITTAD 1", date: "2024-02-29", by: Demonstrationsnämnden}\n'


@pytest.fixture
def project(tmp_path) -> ProtocolProject:
    """A project with the protocol of Aim."""
    return protocol_project(tmp_path)


@pytest.fixture
def frozen(project) -> KnownProtocol:
    """The protocol of Aim, frozen."""
    return project.freeze()


def given(known: KnownProtocol, findings: Findings = GOOD, *departures: str, **changes: object) -> Verdict:
    return verdict(known, mark_of(known).departing(*departures), replace(findings, **changes))


def test_an_e_value_above_twice_the_benchmark_carries_an_effect(frozen):
    found = given(frozen)
    assert (found.level, found.direction) == (VerdictLevel.EFFECT, Direction.BETTER)
    assert found.sentence() == "Insatsen hjälpte."
    assert found.reasons == ("bara en dold orsak mer än dubbelt så stark som den starkaste uppmätta kan förklara skillnaden",)  # fmt: skip


@pytest.mark.parametrize("benchmark", [2.0, 2.1, 4.5, 100.0, math.inf])
def test_the_verdict_falls_when_twice_the_benchmark_reaches_the_e_value(frozen, benchmark):
    found = given(frozen, benchmark=benchmark)
    assert (found.level, found.direction) == (VerdictLevel.ASSOCIATION, Direction.BETTER)
    assert "andra orsaker" in found.sentence()


@pytest.mark.parametrize("changes", [{"sensitivity": None}, {"benchmark": None}])
def test_what_is_not_worked_out_does_not_raise_the_level(frozen, changes):
    assert given(frozen, **changes).level == VerdictLevel.ASSOCIATION


def test_it_is_the_limit_s_e_value_that_counts(frozen):
    assert given(frozen, sensitivity=EValue(estimate=50.0, limit=3.0)).level == VerdictLevel.ASSOCIATION


def test_lots_need_no_e_value_and_no_balance(project):
    project.change("\nassignment: observed", "\nassignment: randomised")
    project.change("decisions: []\n", DECISION)
    found = given(project.freeze(), sensitivity=None, benchmark=None, is_balanced=False)
    assert (found.level, found.reasons) == (VerdictLevel.EFFECT, ("lotten avgjorde vem som fick insatsen",))


def test_turns_are_no_lots(project):
    project.change("\nassignment: observed", "\nassignment: alternated")
    project.change("decisions: []\n", DECISION)
    known = project.freeze()
    assert given(known, sensitivity=None, benchmark=None).level == VerdictLevel.ASSOCIATION
    assert given(known, is_balanced=False).level == VerdictLevel.UNDECIDED


def test_harm_is_told_as_plainly_as_help(frozen):
    worse = given(frozen, value=-10.0, lower=-16.0, upper=-4.0)
    assert (worse.level, worse.direction, worse.sentence()) == (VerdictLevel.EFFECT, Direction.WORSE, "Insatsen skadade.")  # fmt: skip


def test_where_lower_is_better_a_fall_is_help(tmp_path):
    known = protocol_project(tmp_path / "susa", like="susa_skolor").freeze()
    assert given(known, outcome="utan_plats", value=-4.0, lower=-6.0, upper=-2.5).direction == Direction.BETTER


def test_an_unfrozen_protocol_gives_an_association_at_most_and_says_so(project):
    found = given(project.known())
    assert found.level == VerdictLevel.ASSOCIATION
    assert found.reasons == ("protokollet aim är inte fryst",)
    assert found.sentence().startswith("Utforskande: det gick bättre")


def test_what_leaves_the_protocol_gives_an_association_at_most(frozen):
    found = given(frozen, GOOD, "horisonten är inte protokollets")
    assert (found.level, found.reasons) == (VerdictLevel.ASSOCIATION, ("horisonten är inte protokollets",))
    assert given(frozen, outcome="varaktig_studieplats").reasons == ("utfallet är inte det primära",)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"is_balanced": False}, "grupperna är inte lika efter justeringen"),
        ({"design_failures": ("färre än tre årskullar före",)}, "färre än tre årskullar före"),
        ({"failed_controls": ("framtida Aim",)}, "en kontroll där ingen effekt kan finnas visar en: framtida Aim"),
        ({"lower": -1.0}, "intervallet rymmer både ingen skillnad och en skillnad av betydelse"),
        ({"lower": 0.0}, "intervallet rymmer både ingen skillnad och en skillnad av betydelse"),
    ],
)
def test_what_cannot_be_decided_is_said_with_the_reason(frozen, changes, told):
    found = given(frozen, **changes)
    assert (found.level, found.reasons) == (VerdictLevel.UNDECIDED, (told,))
    assert found.sentence() == "Det kan inte avgöras om insatsen hjälpte."


def test_a_lack_of_power_is_told_where_nothing_was_found(frozen):
    assert given(frozen, lower=-1.0, power=0.5).reasons[1:] == ("styrkan är mindre än den planerade",)
    assert given(frozen, lower=-1.0, power=0.8).reasons[1:] == ()


@pytest.mark.parametrize(("value", "lower", "upper"), [(0.5, -4.9, 4.9), (2.0, 1.0, 3.0), (-2.0, -4.0, -1.0)])
def test_a_difference_smaller_than_any_of_interest_is_none(frozen, value, lower, upper):
    found = given(frozen, value=value, lower=lower, upper=upper)
    assert found.level == VerdictLevel.NO_DIFFERENCE
    assert "ingen skillnad av betydelse" in found.sentence()


def test_a_limit_at_the_smallest_effect_leaves_it_open(frozen):
    assert given(frozen, value=0.5, lower=-4.9, upper=5.0).level == VerdictLevel.UNDECIDED


@pytest.mark.parametrize(
    "changes",
    [{"value": math.nan}, {"lower": -math.inf}, {"upper": 9.0}, {"outcome": "motivation"}, {"benchmark": 0.5}, {"benchmark": math.nan}],
)  # fmt: skip
def test_what_is_no_answer_is_refused(frozen, changes):
    with pytest.raises(DefinitionError):
        given(frozen, **changes)


def test_a_mark_of_another_protocol_or_one_that_says_too_much_is_refused(project, frozen):
    with pytest.raises(DefinitionError):
        verdict(frozen, replace(mark_of(frozen), hash="0" * 64), GOOD)
    project.change("seed: 20250131", "seed: 1")
    changed = project.known()
    with pytest.raises(DefinitionError):
        verdict(changed, replace(mark_of(changed), explorative=False, why=()), GOOD)


def test_only_the_level_of_effect_says_that_the_intervention_did_anything():
    doing = {sentence for (level, _), sentence in SENTENCES.items() if sentence.startswith("Insatsen")}
    assert doing == {SENTENCES[VerdictLevel.EFFECT, way] for way in (Direction.BETTER, Direction.WORSE)}


def test_every_verdict_has_a_sentence_and_nothing_worse_known_gives_a_higher_level(frozen):
    rank = list(VerdictLevel)
    intervals = [(-9.0, -6.0, -3.0), (-1.0, 0.0, 1.0), (-3.0, 2.0, 7.0), (4.0, 10.0, 16.0)]
    for (lower, value, upper), benchmark, is_balanced in itertools.product(intervals, (1.0, 3.0, None), (True, False)):
        found = given(frozen, lower=lower, value=value, upper=upper, benchmark=benchmark, is_balanced=is_balanced)
        best = given(frozen, lower=lower, value=value, upper=upper, benchmark=1.0)
        assert found.sentence()
        assert rank.index(found.level) <= rank.index(best.level)
