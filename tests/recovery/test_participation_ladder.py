"""What the rungs of the ladder say of Aim in registers whose truth is known."""

from __future__ import annotations

import pytest

from tests.recovery.participation_ladder import RUNGS, ladders

FAR = 3.3
"""Standard errors that an estimate is from the truth once in a thousand."""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    table = ladders(tmp_path_factory.mktemp("ladder"), scenarios=("helps", "no_effect_by_motivation"))
    return table.set_index(["scenario", "rung"])


def test_the_cloned_strategies_find_what_is_true_in_both_worlds(found):
    cloned = found.xs("cloned", level="rung")
    assert ((cloned["estimate"] - cloned["truth"]).abs() < FAR * cloned["se"]).all()
    assert cloned.loc["helps", "lower"] > 0


def test_the_naive_comparison_sees_an_effect_of_the_motivation_where_there_is_none(found):
    naive = found.loc[("no_effect_by_motivation", "naive")]
    assert naive["truth"] == 0
    assert naive["lower"] > 0


def test_every_rung_is_of_the_same_persons(found):
    assert found.groupby("scenario")["n_persons"].nunique().eq(1).all()
    assert found.index.get_level_values("rung").unique().tolist() == list(RUNGS)
