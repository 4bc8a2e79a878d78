"""Swedish formats: what a reader sees of a number, a day and a hidden cell."""

from __future__ import annotations

from datetime import date

import pytest

from kaa_analysis.core.result import Count, Estimate, Share, Text
from kaa_analysis.disclosure.released import State
from kaa_analysis.present.formats import (
    cell_text,
    interval_text,
    iso_date,
    listing,
    long_date,
    number,
    percent,
    symbol_legend,
)
from kaa_analysis.present.months import short_month

NBSP = "\u00a0"
COUNT = Count("n", "Antal", measure="registered")
SHARE = Share("share", "Andel", "n", "n_all")
DAYS = Estimate("days", "Dagar", ("n",), digits=1)


def test_thousands_are_parted_by_a_no_break_space_and_decimals_by_a_comma():
    assert [number(1234567), number(999), number(1234.5, digits=1)] == [f"1{NBSP}234{NBSP}567", "999", f"1{NBSP}234,5"]


def test_minus_is_the_minus_sign_and_never_stands_before_zero():
    assert [number(-1234), number(-0.04, digits=1)] == [f"−1{NBSP}234", "0,0"]


def test_halves_are_rounded_away_from_zero_as_written_not_as_stored():
    assert [number(0.5), number(1.5), number(2.5), number(-2.5), number(2.675, digits=2)] == [
        "1",
        "2",
        "3",
        "−3",
        "2,68",
    ]


def test_per_cent_is_rounded_half_up_from_the_written_proportion():
    assert [percent(0.1235), percent(0.0005), percent(1), percent(0.285, digits=0)] == [
        f"12,4{NBSP}%",
        f"0,1{NBSP}%",
        f"100,0{NBSP}%",
        f"29{NBSP}%",
    ]


def test_days_are_iso_in_tables_and_written_out_in_text():
    day = date(2024, 12, 31)
    assert (iso_date(day), long_date(day), long_date("2025-05-01")) == (
        "2024-12-31",
        f"31{NBSP}december 2024",
        f"1{NBSP}maj 2025",
    )


@pytest.mark.parametrize(
    ("value", "state", "column", "text"),
    [
        (12, State.SHOWN, COUNT, "12"),
        (0, State.SHOWN, COUNT, "–"),
        (0, State.ROUNDED, COUNT, "0"),
        (None, State.PROTECTED, COUNT, ".."),
        (None, State.UNKNOWN, COUNT, "x"),
        (None, State.NOT_APPLICABLE, SHARE, "."),
        (0.0, State.SHOWN, SHARE, f"0,0{NBSP}%"),
        (0.123, State.SHOWN, SHARE, f"12,3{NBSP}%"),
        (87.25, State.SHOWN, DAYS, "87,3"),
        ("ord", State.SHOWN, Text("why", "Varför"), "ord"),
    ],
)
def test_a_cell_is_its_value_or_the_symbol_of_its_state(value, state, column, text):
    assert cell_text(value, state, column) == text


def test_an_interval_has_its_unit_once_and_is_hidden_when_a_bound_is():
    assert interval_text(f"30,1{NBSP}%", f"35,2{NBSP}%") == f"30,1–35,2{NBSP}%"
    assert interval_text("1,5", "2,5") == "1,5–2,5"
    assert interval_text("−2,5", "−0,2") == f"−2,5{NBSP}till{NBSP}−0,2"
    assert interval_text(f"−3,3{NBSP}%", f"6,6{NBSP}%") == f"−3,3{NBSP}till{NBSP}6,6{NBSP}%"
    assert interval_text(f"30,1{NBSP}%", "..") == ".."


def test_only_symbols_that_occur_are_explained_in_a_fixed_order():
    assert [symbol for symbol, _ in symbol_legend(["..", "12", "–", ".."])] == ["–", ".."]


def test_words_are_listed_with_och_before_the_last():
    assert [listing(words) for words in ([], ["brev"], ["brev", "sms"], ["brev", "sms", "samtal"])] == [
        "",
        "brev",
        "brev och sms",
        "brev, sms och samtal",
    ]


def test_months_are_three_letters_on_an_axis():
    assert [short_month(text) for text in ("2024-05", "2024-06-01", "augusti 2024", "10", "hela året")] == [
        "maj",
        "jun",
        "aug",
        "okt",
        "hela året",
    ]
