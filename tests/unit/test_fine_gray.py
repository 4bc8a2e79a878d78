"""The contract of Fine and Gray's regression: worked out by hand, and each refusal beside what is carried."""

import math

import numpy as np
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.fine_gray import FineGray, fine_gray

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


def test_delayed_entry_is_refused_with_counts():
    with pytest.raises(DefinitionError) as told:
        fitted(entry=[0, 0, 1, 2, 0, 0, 0, 0])
    assert str(told.value) == (
        "Fine och Grays modell räknas bara på perioder som följs från tid 0.\n"
        "  – senare inträden: 2 av 8\n"
        "Gör så här: välj en annan skattning (kumulativ incidens, orsaksspecifik modell) eller en annan tid 0"
    )


@pytest.mark.parametrize(
    ("covariates", "message"),
    [
        pytest.param(EVERY, r"form \(8,\) för 8 perioder", id="one dimension"),
        pytest.param(EVERY[:7, None], r"form \(7, 1\) för 8 perioder", id="too few"),
        pytest.param(EVERY[:, None][:, :0], r"form \(8, 0\) för 8 perioder", id="none"),
        pytest.param(np.array([list("abcdefgh")]).T, r"Kovariaterna ska vara tal", id="texts"),
        pytest.param(np.where(EVERY < 3, np.nan, EVERY)[:, None], r"utan: 3 av 8", id="missing"),
        pytest.param(np.full((8, 1), np.nan), r"utan: 8 av 8", id="all missing"),
        pytest.param(np.ones((8, 1)) * 0.1, r"konstanta kolumner: 1 av 1", id="constant"),
        pytest.param(np.column_stack([GROUP, EVERY, 2 * EVERY - np.array(GROUP)]), r"0 av 3", id="collinear"),
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


def test_unknown_rules_causes_and_levels_are_refused():
    with pytest.raises(DefinitionError, match=r'Regeln "finegrey" finns inte \(menade du "finegray"\?\)'):
        fitted(ties="finegrey")
    with pytest.raises(DefinitionError, match=r"andra värden: 1 av 8"):
        fitted(cause=[1, 2, 1, 0, 1, 2, 1, 3])
    with pytest.raises(DefinitionError, match=r"Konfidensnivån ska ligga mellan 0 och 1"):
        fitted(level=95)
