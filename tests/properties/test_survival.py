"""What always holds of the survival cores and of the tables made from them."""

from datetime import date

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from kaa_analysis.cohorts.cohort import CENSORED, FollowUp
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.survival.cores.aalen_johansen import aalen_johansen
from kaa_analysis.survival.cores.kaplan_meier import kaplan_meier
from kaa_analysis.survival.cumulative_incidence import cumulative_incidence
from kaa_analysis.survival.life_table import life_table

N_CAUSES = 3
ROUNDING = 1e-10
"""Both sides are the same sums in another order."""
COMPLEX_STEP = 1e-30
SEEDLESS = settings(derandomize=True, max_examples=150, deadline=None)

spell = st.one_of(
    st.tuples(st.just(0), st.integers(0, 9), st.integers(0, N_CAUSES)),
    st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(0, N_CAUSES)),
).map(lambda drawn: (drawn[0], drawn[0] + drawn[1], drawn[2]))
spells_drawn = st.lists(spell, min_size=1, max_size=25).map(lambda rows: np.array(rows))


def by_hand(spells: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted survival and incidences at each exit time, from one risk set after the other; shape (1 + K, T)."""
    survival, incidence, steps = 1.0 + 0j, np.zeros(N_CAUSES, dtype=complex), []
    entry, exit_, cause = spells.T
    for time in np.unique(exit_):
        at_risk = ((entry < time) | (entry == 0)) & (exit_ >= time)
        total = weights[at_risk].sum()
        staying = weights[at_risk & ~((exit_ == time) & (cause > 0))].sum()
        leaving = [weights[at_risk & (exit_ == time) & (cause == k)].sum() for k in range(1, N_CAUSES + 1)]
        incidence = incidence + survival * np.array(leaving) / total
        survival = survival * staying / total
        steps.append([survival, *incidence])
    return np.array(steps).T


def jackknife_by_hand(spells: np.ndarray) -> np.ndarray:
    """Return the square root of the summed squared derivatives of each incidence with respect to each spell's weight."""
    derivatives = []
    for row in range(len(spells)):
        weights = np.ones(len(spells), dtype=complex)
        weights[row] += 1j * COMPLEX_STEP
        derivatives.append(by_hand(spells, weights)[1:].imag / COMPLEX_STEP)
    return np.sqrt((np.array(derivatives) ** 2).sum(axis=0))


@SEEDLESS
@given(spells_drawn)
def test_estimates_equal_those_worked_out_one_risk_set_after_the_other(spells):
    survival, *cif = by_hand(spells, np.ones(len(spells))).real
    incidence = aalen_johansen(*spells.T, n_causes=N_CAUSES)
    np.testing.assert_allclose(kaplan_meier(*spells.T[:2], spells[:, 2] > 0).survival, survival, rtol=ROUNDING)
    np.testing.assert_allclose(incidence.cif, cif, rtol=ROUNDING)


@SEEDLESS
@given(spells_drawn)
def test_standard_error_is_the_infinitesimal_jackknife_by_definition(spells):
    """Compared as variances: a variance of exactly 0 is there the rounding of a sum."""
    incidence = aalen_johansen(*spells.T, n_causes=N_CAUSES)
    np.testing.assert_allclose(incidence.se**2, jackknife_by_hand(spells) ** 2, rtol=ROUNDING, atol=1e-14)


@SEEDLESS
@given(spells_drawn)
def test_incidences_and_survival_sum_to_one_and_never_turn_back(spells):
    incidence = aalen_johansen(*spells.T, n_causes=N_CAUSES)
    np.testing.assert_allclose(incidence.cif.sum(axis=0) + incidence.survival, 1, rtol=0, atol=ROUNDING)
    assert (np.diff(incidence.cif, axis=1) >= 0).all()
    assert (np.diff(incidence.survival) <= 0).all()


@SEEDLESS
@given(spells_drawn, st.randoms(use_true_random=False), st.permutations(range(1, N_CAUSES + 1)))
def test_order_of_rows_and_names_of_causes_change_nothing(spells, random, names):
    shuffled = spells[random.sample(range(len(spells)), len(spells))]
    renamed = np.array([0, *names])[shuffled[:, 2]]
    ours = aalen_johansen(*spells.T, n_causes=N_CAUSES)
    other = aalen_johansen(*shuffled.T[:2], renamed, n_causes=N_CAUSES)
    back = np.array(names) - 1
    np.testing.assert_array_equal(other.cif[back], ours.cif)
    np.testing.assert_array_equal(other.n_event[back], ours.n_event)
    np.testing.assert_allclose(other.se[back] ** 2, ours.se**2, rtol=ROUNDING, atol=1e-14)


@SEEDLESS
@given(spells_drawn, st.data())
def test_splitting_a_spell_at_a_delayed_entry_changes_no_estimate(spells, data):
    row = data.draw(st.integers(0, len(spells) - 1))
    entry, exit_, cause = spells[row]
    cuts = [time for time in range(entry + 1, exit_)]
    if not cuts:
        return
    cut = data.draw(st.sampled_from(cuts))
    split = np.vstack([np.delete(spells, row, axis=0), [entry, cut, 0], [cut, exit_, cause]])
    times = np.unique(spells[:, 1])
    whole, parts = (aalen_johansen(*rows.T, n_causes=N_CAUSES).at(times)["cif"] for rows in (spells, split))
    pd.testing.assert_series_equal(whole, parts, rtol=ROUNDING)


@SEEDLESS
@given(spells_drawn)
def test_numbers_at_risk_balance_from_time_to_time(spells):
    curve = kaplan_meier(*spells.T[:2], spells[:, 2] > 0)
    leaving = curve.n_event + curve.n_censored
    np.testing.assert_array_equal(curve.n_at_risk, np.cumsum(curve.n_entered) - np.cumsum(leaving) + leaving)
    assert curve.n_entered.sum() == leaving.sum() == len(spells)


def follow_up(spells: np.ndarray, sexes: list[str], pseudonyms: list[int]) -> FollowUp:
    ways = [CENSORED, "studies", "work", "moved"]
    times = pd.DataFrame(
        {
            "person_id": pd.Series(pseudonyms, dtype="string"),
            "spell": 1,
            "entry_time": spells[:, 0],
            "exit_time": spells[:, 1],
            "way_out": [ways[cause] for cause in spells[:, 2]],
            "sex": sexes,
        }
    )
    labels = {"studies": "Studier", "work": "Arbete", "moved": "Flyttade"}
    return FollowUp("drawn", "Slumpade", calendar_year(2024), date(2025, 1, 1), "months", labels, times)


@settings(SEEDLESS, max_examples=20)
@given(spells_drawn, st.data())
def test_tables_keep_their_equations_and_do_not_depend_on_pseudonyms(spells, data):
    sexes = data.draw(st.lists(st.sampled_from(["female", "male"]), min_size=len(spells), max_size=len(spells)))
    one = follow_up(spells, sexes, list(range(len(spells))))
    two = follow_up(spells, sexes, list(range(len(spells)))[::-1])
    for table in (life_table, cumulative_incidence):
        result = table(one, by="sex", horizons=(0, 2, 4, 9))
        pd.testing.assert_frame_equal(result.frame, table(two, by="sex", horizons=(0, 2, 4, 9)).frame)
        known = result.cells()
        for equation in result.all_equations():
            assert sum(coefficient * known[term] for coefficient, term in equation.terms) == 0
