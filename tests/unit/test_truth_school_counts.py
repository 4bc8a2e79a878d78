"""The truth's counts of schools and studies: a few persons drawn by hand, each number worked out from the definitions."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from kaa_analysis.synthetic.truth.indicator_counts import indicator_counts
from tests.unit.test_truth_counts import EXTRACT, INSIDE, START, TABLES, dated, in_all

PERSONS = TABLES["persons"].assign(newly_resident=[True, False, False, False])
REGISTRATIONS = TABLES["registrations"].assign(entry_reason=["", "", "ALD", "", "NYF", ""])
SCHOOLING = dated(
    "person form start end",
    "1 KVX 2023-05-01 -",  # on the first day not registered
    "1 NP 2023-09-15 -",  # not registered
    "2 IMS 2023-02-01 2023-09-15",  # on the day of entry, outside the term start
    "2 FHS 2023-10-02 -",  # the day after the first day not registered
    "3 NP 2023-03-01 2023-03-02",  # the one registered day
    "4 NP 2023-08-20 -",  # an ordinary start
)
ADMISSIONS = dated(
    "person year round outcome guided placed",
    "1 2023 SLUT EJA 2023-08-22 -",
    "1 2023 RES1 ANT - 2023-08-23",
    "2 2023 SLUT EJA - -",
    "3 2023 SLUT EJS - -",  # not registered in the autumn
    "4 2023 SLUT ANT - -",
).astype({"year": "int64"})
for column in ("guided", "placed"):
    ADMISSIONS[column] = pd.to_datetime(ADMISSIONS[column].replace("", None))
NOTICES = dated(
    "person kind day",
    "1 FRV 2023-04-30",
    "1 FRV 2023-05-02",
    "1 SLU 2023-09-02",
    "2 SLU 2023-10-01",
    "3 BOR 2023-03-01",
    "4 SLU 2024-01-31",
)
ALL = TABLES | {
    "persons": PERSONS,
    "registrations": REGISTRATIONS,
    "schooling": SCHOOLING,
    "admissions": ADMISSIONS,
    "notices": NOTICES,
}


@pytest.fixture(scope="module")
def counts() -> pd.DataFrame:
    return indicator_counts(ALL, inside=INSIDE, start=START, extract_date=EXTRACT)


def test_the_fork_is_read_on_two_days_and_the_enrolled_on_one(counts):
    assert in_all(counts, "without_admission") == {
        ("n_persons", "not_admitted"): 2,
        ("n_persons", "all"): 2,
        ("n_enrolled", "not_admitted"): 1,
        ("n_enrolled", "all"): 1,
    }
    assert in_all(counts, "skolslussen_fork") == {
        ("n_first_school_day", "guided_only"): 1,
        ("n_first_school_day", "neither"): 1,
        ("n_first_school_day", "all"): 2,
        ("n_15_september", "guided_and_placed"): 1,
        ("n_15_september", "neither"): 1,
        ("n_15_september", "all"): 2,
    }


def test_the_first_notice_of_a_kind_is_held_against_a_month(counts):
    assert in_all(counts, "notices_from_schools") == {
        ("n_notices", "substantial_absence"): 2,
        ("n_notices", "dropout"): 2,
        ("n_persons", "substantial_absence"): 1,
        ("n_persons", "dropout"): 2,
        ("n_covered", "substantial_absence"): 1,
        ("n_covered", "dropout"): 1,
        ("n_registered", "substantial_absence"): 1,
        ("n_registered", "dropout"): 1,
    }
    assert in_all(counts, "notices_from_schools", period="2024") == {
        ("n_notices", "dropout"): 1,
        ("n_persons", "dropout"): 1,
    }


def test_ways_to_studies_begin_from_the_day_of_entry_to_the_first_day_not_registered(counts):
    assert in_all(counts, "other_study_paths") == {
        ("n_persons", "komvux"): 1,
        ("n_persons", "flexible_introduction"): 1,
        ("n_persons", "flexible_national"): 1,
        ("n_persons", "all"): 3,
    }


def test_the_newly_arrived_have_a_marker_of_the_person_or_of_any_registration(counts):
    assert in_all(counts, "newly_resident_support") == {
        ("n_persons", "folkbokford_after_compulsory_age"): 2,
        ("n_persons", "before"): 2,
        ("n_persons", "all"): 4,
        ("n_reached", "folkbokford_after_compulsory_age"): 1,
        ("n_reached", "all"): 1,
        ("n_in_support", "folkbokford_after_compulsory_age"): 2,
        ("n_in_support", "before"): 2,
        ("n_in_support", "all"): 4,
    }


def test_a_day_that_is_not_observed_is_counted_by_nobody():
    cut = indicator_counts(ALL, inside=INSIDE, start=START, extract_date=date(2023, 9, 1))
    assert {measure for measure, _ in in_all(cut, "skolslussen_fork")} == {"n_first_school_day"}


def test_without_the_tables_of_schools_only_the_newly_arrived_are_counted():
    bare = indicator_counts(TABLES, inside=INSIDE, start=START, extract_date=EXTRACT)
    names = {
        "skolslussen_fork",
        "without_admission",
        "notices_from_schools",
        "other_study_paths",
        "newly_resident_support",
    }
    assert set(bare["indicator"]) & names == {"newly_resident_support"}
