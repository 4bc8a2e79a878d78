"""The contract of Fine and Gray's regression: worked out by hand, and each refusal beside what is carried."""

import math

import numpy as np
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.cox_model import cox
from kaa_analysis.survival.cores.fine_gray import FineGray, fine_gray

EXIT = [1, 2, 3, 4, 5, 6, 7, 8]
CAUSE = [1, 2, 1, 0, 1, 2, 1, 0]
GROUP = [0, 1, 1, 0, 0, 1, 0, 1]
DIGITS = 1e-9
EVERY = np.arange(8)


def fitted(*, entry=None, exit=EXIT, cause=CAUSE, covariates=None, **given) -> FineGray:
    values = np.array(GROUP)[:, None] if covariates is None else covariates
    return fine_gray([0] * len(exit) if entry is None else entry, exit, cause, values, n_causes=2, **given)


def test_coefficient_solves_the_equation_worked_out_by_hand():
    """One censoring, at 4 of five exposed: who left by cause 2 at 2 has the weight 4/5 at 5 and 7, who left so at 6 still 1 at 7."""
    ratio = math.exp(fitted().coefficients[0])
    expected = (
        4 * ratio / (4 + 4 * ratio)
        + 4 * ratio / (3 + 4 * ratio)
        + (2 + 0.8) * ratio / (2 + (2 + 0.8) * ratio)
        + (2 + 0.8) * ratio / (1 + (2 + 0.8) * ratio)
    )
    assert math.isclose(expected, 1, rel_tol=DIGITS)


def test_limits_reach_as_many_standard_errors_as_the_level_says():
    fit = fitted(level=0.9)
    np.testing.assert_allclose((fit.upper - fit.coefficients) / fit.se, 1.6448536269514722, rtol=DIGITS)
    np.testing.assert_allclose(fit.upper + fit.lower, 2 * fit.coefficients, rtol=DIGITS)
    assert (fit.n_spells, fit.n_events) == (8, 4)


def test_exits_on_day_0_count_and_the_other_cause_can_be_asked_for():
    moved = fitted(exit=np.array(EXIT) - 1)
    np.testing.assert_allclose(moved.coefficients, fitted().coefficients, rtol=DIGITS)
    swapped = fitted(cause=[{1: 2, 2: 1}.get(cause, 0) for cause in CAUSE], cause_of_interest=2)
    np.testing.assert_array_equal(swapped.coefficients, fitted().coefficients)


LATE = [0, 0, 0, 0, 0, 2, 3, 4]


def test_coefficient_with_delayed_entry_solves_the_equation_worked_out_by_hand():
    """At 2, 3 and 4 one of the four then at risk has just entered, at 4 one of the four exposed is censored.

    Who left by cause 2 at 2 has the weight 4/3 at 3 and 3/4 · (4/3)³ = 16/9 at 5 and 7; who left so at 6 still 1 at 7.
    """
    fit = fitted(entry=LATE)
    ratio = math.exp(fit.coefficients[0])
    expected = (
        2 * ratio / (3 + 2 * ratio)
        + (2 + 4 / 3) * ratio / (2 + (2 + 4 / 3) * ratio)
        + (2 + 16 / 9) * ratio / (2 + (2 + 16 / 9) * ratio)
        + (2 + 16 / 9) * ratio / (1 + (2 + 16 / 9) * ratio)
    )
    assert math.isclose(expected, 1, rel_tol=DIGITS)
    assert (str(fit.ties), str(fitted().ties)) == ("finegray", "crr")


def test_the_rule_of_cmprsk_is_refused_with_delayed_entry():
    with pytest.raises(DefinitionError) as told:
        fitted(entry=LATE, ties="crr")
    assert str(told.value) == (
        'Regeln "crr" gäller bara perioder som följs från tid 0.\n'
        "  – senare inträden: 3 av 8\n"
        'Gör så här: välj "finegray"'
    )
    np.testing.assert_array_equal(fitted(entry=LATE, ties="finegray").se, fitted(entry=LATE).se)


def test_a_risk_set_emptied_between_another_cause_and_an_event_is_refused():
    """Until 3 all have left: the first who left by cause 2 at 2 cannot be weighed against those who enter then."""
    entry, exit_, covariate = [0, 0, 0, 3, 3, 3, 3, 3], [1, 2, 3, 5, 6, 7, 8, 9], EVERY[:, None] % 3
    with pytest.raises(DefinitionError) as told:
        fitted(entry=entry, exit=exit_, cause=[1, 2, 0, 1, 2, 1, 0, 1], covariates=covariate)
    assert str(told.value) == (
        "Den som har lämnat av en annan orsak får ingen vikt vid en senare händelse, om ingen är kvar däremellan.\n"
        "  – gånger som alla under risk har lämnat: 1\n"
        "Gör så här: räkna från en senare tid, då fler följs: utelämna de perioder som slutar före den"
    )
    emptied_before_any_other_cause = fitted(
        entry=entry, exit=exit_, cause=[1, 0, 0, 1, 2, 1, 0, 1], covariates=covariate
    )
    assert np.isfinite(emptied_before_any_other_cause.se).all()


PERSONS = [1, 1, 2, 2, 3, 3, 4, 5]


def test_a_person_followed_in_pieces_is_refused_and_several_spells_of_a_person_are_not():
    pieces = {"entry": [0, 2, 0, 3, 0, 0, 0, 0], "exit": [2, 4, 3, 5, 4, 6, 7, 8], "cause": [0, 1, 0, 2, 1, 2, 1, 0]}
    with pytest.raises(DefinitionError) as told:
        fitted(**pieces, cluster=PERSONS)
    assert str(told.value) == (
        "Fine och Grays modell följer inte kovariater som ändras under tiden: en period ska vara en rad.\n"
        "  – kluster där en rad börjar när en censurerad slutar: 2 av 3 med flera rader\n"
        "Gör så här: lägg ihop bitarna, med det som var känt vid tid 0, eller använd en orsaksspecifik Coxmodell"
    )
    assert np.isfinite(fitted(**pieces | {"entry": [0, 1, 0, 2, 0, 0, 0, 0]}, cluster=PERSONS).se).all()
    assert np.isfinite(fitted(**pieces | {"cause": [2, 1, 1, 2, 1, 2, 1, 0]}, cluster=PERSONS).se).all()


def test_rows_of_a_district_that_happen_to_meet_are_carried():
    entry, district = [0, 0, 0, 0, 4, 0, 0, 0], [1, 1, 2, 1, 1, 2, 3, 3]
    assert np.isfinite(fitted(entry=entry, cluster=district).se).all()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param({"weight": [1, 1, 1]}, r"3 vikter för 8 tider", id="too few weights"),
        pytest.param({"weight": [1, 1, 1, -1, 1, 1, 1, 1]}, r"andra värden: 1 av 8", id="negative weight"),
        pytest.param({"weight": [0] * 8}, r"händelser av orsaken: 0 av 0 perioder", id="no weight"),
        pytest.param({"cluster": [1, 1, None, 2, 2, 3, 3, 4]}, r"utan: 1 av 8", id="missing cluster"),
        pytest.param({"cluster": [7] * 8}, r"1 kluster av 8 perioder", id="one cluster"),
    ],
)
def test_weights_and_clusters_that_cannot_be_counted_are_refused(given, message):
    with pytest.raises(DefinitionError, match=message):
        fitted(**given)


def test_a_spell_of_weight_0_is_not_there():
    weight = [1, 2, 1, 1, 0, 3, 1, 1]
    kept = [row for row in range(8) if weight[row]]
    without = fitted(
        entry=np.array(LATE)[kept],
        exit=np.array(EXIT)[kept],
        cause=np.array(CAUSE)[kept],
        covariates=np.array(GROUP)[kept, None],
        weight=np.array(weight)[kept],
    )
    fit = fitted(entry=LATE, weight=weight)
    np.testing.assert_array_equal(fit.coefficients, without.coefficients)
    np.testing.assert_array_equal(fit.se, without.se)
    assert (fit.n_spells, fit.n_events) == (7, 3)


@pytest.mark.parametrize(
    ("covariates", "message"),
    [
        pytest.param(EVERY, r"matris med 8 rader och minst en kolumn.\n  – form \(8,\)", id="one dimension"),
        pytest.param(EVERY[:7, None], r"form \(7, 1\)", id="too few"),
        pytest.param(EVERY[:, None][:, :0], r"form \(8, 0\)", id="none"),
        pytest.param(np.array([list("abcdefgh")]).T, r"Kovariaterna ska vara tal", id="texts"),
        pytest.param(np.where(EVERY < 3, np.nan, EVERY)[:, None], r"x1: saknas på 3 av 8 rader", id="missing"),
        pytest.param(np.full((8, 1), np.nan), r"x1: saknas på alla 8 rader", id="all missing"),
        pytest.param(np.ones((8, 1)) * 0.1, r"x1: samma värde för alla under risk", id="constant"),
        pytest.param(
            np.column_stack([GROUP, EVERY, 2 * EVERY - np.array(GROUP)]), r"x3: följer av x1, x2", id="collinear"
        ),
    ],
)
def test_covariates_that_tell_nothing_are_refused(covariates, message):
    with pytest.raises(DefinitionError, match=message):
        fitted(covariates=covariates)


@pytest.mark.parametrize("covariates", [EVERY[:, None], EVERY[:, None] > 3, np.column_stack([GROUP, 1e6 + EVERY])])
def test_covariates_that_vary_are_carried(covariates):
    assert np.isfinite(fitted(covariates=covariates).se).all()


def test_a_monotone_likelihood_and_a_cause_without_events_are_refused():
    with pytest.raises(DefinitionError) as told:
        fitted(covariates=np.isin(CAUSE, [2])[:, None])
    assert str(told.value) == (
        "Modellen går inte att skatta.\n"
        "  – ett samband saknar gräns, eller syns inte bland de 4 händelserna\n"
        "Gör så här: ta bort eller slå ihop kovariater där en grupp saknar händelser"
    )
    with pytest.raises(DefinitionError, match=r"händelser av orsaken: 0 av 8 perioder"):
        fitted(cause=[0, 2, 0, 0, 0, 2, 0, 0])


def test_a_covariate_far_from_the_others_is_carried():
    """Its log hazard is hundreds below theirs, which says nothing of a limit; with one way out the fit is that of Cox."""
    covariates = np.array([2, 0, 3, 1, 2, 0, 1, 1, -1000])[:, None]
    entry, exit_, left = [0] * 9, [*EXIT, 2], [1, 1, 1, 0, 1, 1, 1, 1, 0]
    fit = fine_gray(entry, exit_, left, covariates, n_causes=1)
    theirs = cox(entry, exit_, left, covariates, ties="breslow")
    assert np.ptp(covariates * fit.coefficients) > 300
    np.testing.assert_allclose(fit.coefficients, theirs.coefficients, rtol=1e-6)


def test_unknown_rules_causes_and_levels_are_refused():
    with pytest.raises(DefinitionError, match=r'Regeln "finegrey" finns inte \(menade du "finegray"\?\)'):
        fitted(ties="finegrey")
    with pytest.raises(DefinitionError, match=r"andra värden: 1 av 8"):
        fitted(cause=[1, 2, 1, 0, 1, 2, 1, 3])
    with pytest.raises(DefinitionError, match=r"Konfidensnivån ska ligga mellan 0 och 1"):
        fitted(level=95)
