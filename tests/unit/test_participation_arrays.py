"""What is known at the first conversation as columns of numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.cohorts.participants import Participation
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation import participation_arrays as module
from kaa_analysis.evaluation.participation_arrays import participation_arrays


def followed(**columns) -> Participation:
    times = pd.DataFrame(
        {
            "person_id": list("abcd"),
            "start_time": pd.array([None, 30, 5, None], dtype="Int64"),
            "exit_time": pd.array([100, 90, 365, 20], dtype="Int64"),
            "way_out": pd.array(["study_placement", "moved", "censored", "other"], dtype="string"),
            "sex": ["female", "male", "female", "female"],
            "age_at_zero": pd.array([16, 17, 18, 16], dtype="Int64"),
            "district": pd.array(["bromma", "jarva", "sodermalm", None], dtype="string"),
            "days_waited": pd.array([10, 20, 30, 40], dtype="Int64"),
            "earlier_spells": pd.array([0, 2, 0, 1], dtype="Int64"),
            "month": pd.array([1, 3, 4, 12], dtype="Int64"),
        }
        | columns
    )
    return Participation("new_aim", "Nya", "aim", times, pd.DataFrame())


def test_times_ways_and_starts_are_those_of_the_persons():
    found = participation_arrays(followed(), covariates=[])
    assert found.exit.tolist() == [100, 90, 365, 20]
    assert found.cause.tolist() == [1, 3, 0, 5]
    assert found.start.tolist() == [np.inf, 30, 5, np.inf]
    assert found.covariates.shape == (4, 0)


@pytest.fixture
def every_level(monkeypatch):
    """Four persons are enough to see the levels of."""
    monkeypatch.setattr(module, "LEAST_OF_A_LEVEL", 1)


def test_rare_levels_are_counted_with_the_most_common_one():
    thirty = pd.concat([followed().times] * 30, ignore_index=True)
    rare = thirty.assign(district=["bromma"] * 61 + ["sodermalm"] * 30 + ["not_shown"] * 29)
    found = participation_arrays(Participation("x", "x", "aim", rare, pd.DataFrame()), covariates=["part_of_city"])
    assert found.names == ("part_of_city_innerstaden",)


def test_a_text_is_a_column_per_level_but_the_most_common_and_a_number_is_itself(every_level):
    found = participation_arrays(followed(), covariates=["sex", "part_of_city", "age", "registered_before", "quarter"])
    parts = ("part_of_city_innerstaden", "part_of_city_unknown")
    assert found.names == ("sex_male", *parts, "age", "registered_before", "quarter_2", "quarter_4")
    by_name = dict(zip(found.names, found.covariates.T.tolist(), strict=True))
    assert by_name["sex_male"] == [0, 1, 0, 0]
    assert by_name["part_of_city_unknown"] == [0, 0, 0, 1]
    assert by_name["age"] == [16, 17, 18, 16]
    assert by_name["registered_before"] == [0, 1, 0, 1]
    assert by_name["quarter_2"] == [0, 0, 1, 0]


def test_bad_input_is_refused_beside_what_is_carried():
    assert participation_arrays(followed(), covariates=["days_waited"]).names == ("days_waited",)
    with pytest.raises(DefinitionError, match="days_waited"):
        participation_arrays(followed(), covariates=["day_waited"])
    with pytest.raises(DefinitionError, match="flera gånger: sex"):
        participation_arrays(followed(), covariates=["sex", "sex"])
    with pytest.raises(DefinitionError, match="saknas: 1 av 4"):
        participation_arrays(followed(age_at_zero=pd.array([16, None, 17, 18], dtype="Int64")), covariates=["age"])
    with pytest.raises(DefinitionError, match="Ingen följs"):
        empty = followed()
        participation_arrays(Participation("x", "x", "aim", empty.times.iloc[:0], pd.DataFrame()), covariates=[])
