"""Real histories the whole way: mvad as an extract, a register, a cohort, a follow-up, a result."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kaa_analysis import cohorts, survival
from kaa_analysis.core.periods import days_from_to
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.ingest import add_extract, read_register

MVAD = Path(__file__).resolve().parents[1] / "data" / "mvad_spells.csv"
PUBLISHED_DIGITS = 1e-6
"""The reference values are given to six decimals."""

REFERENCE = {"3": 0.296454, "6": 0.308833, "12": 0.320111, "24": 0.335587}
"""Cumulative incidence of education over all 507 spells, whole months; R survival 3.5, survfit(Surv(time, state) ~ 1)."""


@pytest.fixture(scope="module")
def follow_up(tmp_path_factory):
    secure = SecureFolder(tmp_path_factory.mktemp("secure"))
    add_extract("mvad", layout="mvad", files=[MVAD], extract_date=date(1999, 7, 1), secure=secure)
    register = read_register("mvad", secure=secure)
    entering = cohorts.entering_during(register, days_from_to("1993-07-01", "1999-06-30"))
    ways_out = cohorts.ways_out_named("education", register)
    return cohorts.follow_up(
        cohorts.choose_spells(entering, "all"), ways_out=ways_out, unit="months", delayed_entry=True
    )


def test_every_spell_is_followed_from_its_first_month(follow_up):
    times = follow_up.times
    assert (len(times), int(times["entry_time"].max()), follow_up.n_never_at_risk) == (507, 0, 0)
    assert times["way_out"].value_counts().to_dict() == {"other": 246, "education": 168, "censored": 93}


def test_the_cumulative_incidence_of_education_is_that_of_r(follow_up):
    table = survival.cumulative_incidence(follow_up).frame
    education = table[table["way_out"] == "education"].set_index("months")["share_left"]
    assert education[list(REFERENCE)].to_dict() == pytest.approx(REFERENCE, abs=PUBLISHED_DIGITS)


def test_all_ways_out_and_those_who_remain_add_up_to_everybody(follow_up):
    left = survival.cumulative_incidence(follow_up).frame
    by_way = left[left["way_out"] != "any"].groupby("months")["share_left"].sum()
    remaining = survival.life_table(follow_up).frame.set_index("months")["share_registered"]
    assert (by_way + remaining).to_dict() == pytest.approx(dict.fromkeys(remaining.index, 1.0), abs=1e-12)
