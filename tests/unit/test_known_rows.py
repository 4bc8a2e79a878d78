"""What of simulated tables an extract shows: rows known by its day, and no day that has not come."""

from __future__ import annotations

from datetime import date

import pandas as pd

from kaa_analysis.synthetic.known_rows import KNOWN, as_known

EXTRACT = date(2024, 6, 30)


def dated(rows: list[tuple], *columns: str, days: tuple[str, ...]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(**{name: pd.to_datetime(table[name]).astype("datetime64[s]") for name in days})


def registrations(*rows: tuple) -> pd.DataFrame:
    return dated(list(rows), "person", "start", "registered", "end", "exit_reason", days=("start", "registered", "end"))


def test_a_registration_is_known_from_the_day_it_is_made_and_its_end_from_the_first_day_outside():
    found = as_known(
        {
            "registrations": registrations(
                (1, "2024-01-01", "2024-01-05", "2024-06-30", "NP"),
                (2, "2024-01-01", "2024-01-05", "2024-07-01", "F20"),
                (3, "2024-06-30", "2024-06-30", "2024-09-01", "IM"),
                (4, "2024-06-20", "2024-07-01", "2024-09-01", "IM"),
                (5, "2024-07-01", "2024-07-01", "2024-09-01", "IM"),
            )
        },
        extract_date=EXTRACT,
    )
    pd.testing.assert_frame_equal(
        found["registrations"].reset_index(drop=True),
        registrations(
            (1, "2024-01-01", "2024-01-05", "2024-06-30", "NP"),
            (2, "2024-01-01", "2024-01-05", None, ""),
            (3, "2024-06-30", "2024-06-30", None, ""),
        ),
    )


def test_an_offer_that_has_not_begun_has_no_start_and_one_that_goes_on_no_reason_of_its_end():
    columns = ("person", "offered", "start", "end", "end_reason", "activity_after")
    days = ("offered", "start", "end")
    offers = dated(
        [(1, "2024-06-01", "2024-06-10", "2024-08-01", "STU", "STU"), (2, "2024-06-30", "2024-07-02", None, "", "")],
        *columns,
        days=days,
    ).astype({"end_reason": "category"})
    found = as_known({"offers": offers}, extract_date=EXTRACT)["offers"]
    assert found["end_reason"].isna().all()
    pd.testing.assert_frame_equal(
        found.drop(columns="end_reason"),
        dated(
            [(1, "2024-06-01", "2024-06-10", None, "", ""), (2, "2024-06-30", None, None, "", "")], *columns, days=days
        ).drop(columns="end_reason"),
    )


def test_tables_without_a_day_of_their_own_are_known_as_a_whole():
    persons = pd.DataFrame({"person": [1, 2], "sex": ["K", "M"]})
    assert as_known({"persons": persons}, extract_date=EXTRACT)["persons"] is persons
    assert {"persons", "schools", "school_cohorts"}.isdisjoint(KNOWN)
