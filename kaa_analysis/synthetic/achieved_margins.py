"""The margins that a simulated extract has come to, as counts that add up over batches: what stands beside the published targets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from kaa_analysis.synthetic.known_rows import Tables
from kaa_analysis.synthetic.margins import margins
from kaa_analysis.synthetic.yearly_margins import Row, birth_years, margins_of_year

STUDIES = ("NP", "IM", "ANG", "KVX", "FHS")
DROPOUTS = ("AVN", "IMS", "AVA")
MISTAKE = "FEL"
WHOLE = 0
"""The year of a margin that is of all years together."""
COLUMNS = ["margin", "year", "numerator", "denominator"]
YOUNGEST_TURNING = 17
HALF_A_YEAR = pd.Timedelta(days=182)
RATIOS = {"reached_spring_to_autumn": ("reached_of_spring", "reached_of_autumn")}
"""Margins that are a share divided by another."""


def margin_counts(tables: Tables, *, population: pd.DataFrame, years: Iterable[int]) -> pd.DataFrame:
    """Return a row per margin and year (0 = of all years together): numerator and denominator in the extract's ``tables``.

    ``population`` has everybody who lives in the city, in the register or not: birth_date, arrival. ``years`` are the calendar years that are
    observed as a whole, without a gap.
    """
    observed = sorted(years)
    spells = tables["registrations"]
    ended = spells[spells["end"].dt.year.isin(observed) & spells["exit_reason"].ne(MISTAKE)]
    entered = spells[spells["start"].dt.year.isin(observed)]
    registered = tables["persons"].loc[tables["persons"]["person"].isin(spells["person"]), "sex"]
    of_all = {
        "share_men": (registered.eq("M").sum(), len(registered)),
        **_first_entries(entered[entered["number"].eq(1)]),
        **_exits(ended["exit_reason"]),
        **_youngest(entered, tables),
        **_reached(entered, tables["contacts"]),
        **_support(tables["offers"]),
    }
    rows = [(name, WHOLE, *counts) for name, counts in of_all.items()]
    for year in observed:
        rows += [(name, year, *counts) for name, counts in margins_of_year(tables, population, year, last=observed[-1])]
    return pd.DataFrame(rows, columns=COLUMNS)


def achieved_margins(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return a row per margin in the order of the targets: target, low, high, achieved, is_held, source.

    What is counted per year is the mean over the years; NaN where nobody is counted.
    """
    counts = pd.concat(list(parts)).groupby(["margin", "year"])[["numerator", "denominator"]].sum()
    share = counts["numerator"] / counts["denominator"].where(counts["denominator"] > 0)
    achieved = share.groupby("margin").mean()
    for name, (one, other) in RATIOS.items():
        achieved[name] = achieved[one] / achieved[other]
    rows = [
        (name, target.value, target.low, target.high, achieved.get(name), target.low <= achieved.get(name) <= target.high, target.source)
        for name, target in margins().targets.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["margin", "target", "low", "high", "achieved", "is_held", "source"])


def _first_entries(first: pd.DataFrame) -> dict[str, Row]:
    month = first["start"].dt.month
    return {
        "autumn_to_spring_entries": ((month >= 7).sum(), (month < 7).sum()),
        "share_entries_august_september": (month.isin([8, 9]).sum(), len(month)),
    }


def _exits(reasons: pd.Series) -> dict[str, Row]:
    codes: dict[str, Sequence[str]] = {
        "share_exits_turned_20": ["F20"],
        "share_exits_to_studies": STUDIES,
        "share_exits_national": ["NP"],
        "share_exits_introduction": ["IM"],
        "share_exits_moved": ["FLY"],
    }
    return {name: (reasons.isin(of_name).sum(), len(reasons)) for name, of_name in codes.items()}


def _youngest(entered: pd.DataFrame, tables: Tables) -> dict[str, Row]:
    """Return why those entered who turned 17 or less that year."""
    turning = entered["start"].dt.year - entered["person"].map(birth_years(tables))
    reasons = entered.loc[turning <= YOUNGEST_TURNING, "entry_reason"]
    return {
        "share_dropouts_of_youngest": (reasons.isin(DROPOUTS).sum(), len(reasons)),
        "share_never_started_of_youngest": (reasons.eq("ALD").sum(), len(reasons)),
    }


def _reached(entered: pd.DataFrame, contacts: pd.DataFrame) -> dict[str, Row]:
    """Return who was talked with within half a year, of those who entered in spring and in autumn."""
    talks = contacts.loc[contacts["outcome"].eq("NA"), ["person", "day"]]
    spells = entered[["person", "number", "start"]]
    pairs = spells.merge(talks, on="person", how="inner", validate="many_to_many")
    soon = pairs[(pairs["day"] >= pairs["start"]) & (pairs["day"] < pairs["start"] + HALF_A_YEAR)]
    reached = pd.MultiIndex.from_frame(spells[["person", "number"]]).isin(
        pd.MultiIndex.from_frame(soon[["person", "number"]])
    )
    in_spring = entered["start"].dt.month.to_numpy() < 7
    return {
        "reached_of_spring": ((reached & in_spring).sum(), in_spring.sum()),
        "reached_of_autumn": ((reached & ~in_spring).sum(), (~in_spring).sum()),
    }


def _support(offers: pd.DataFrame) -> dict[str, Row]:
    made = offers[offers["accepted"].isin(["J", "N"])]
    first = made.drop_duplicates("person")["accepted"]
    after = made.loc[made["end"].notna(), "activity_after"]
    codes = {"share_after_studies": "STU", "share_after_work": "ARB", "share_after_unknown": "OKA"}
    return {
        "share_first_offer_declined": (first.eq("N").sum(), len(first)),
        **{name: (after.eq(code).sum(), len(after)) for name, code in codes.items()},
    }
