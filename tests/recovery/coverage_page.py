"""The tables of the coverage study in docs/benchmarks.md, between its marks, from the numbers kept in coverage.csv."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
KEPT = Path(__file__).with_name("coverage.csv")
FIRST, LAST = "<!-- coverage: first -->", "<!-- coverage: last -->"
LEAST_EXPECTED = 15
"""Coverage is judged where n·F(1 − F) is at least this."""

BAND = (0.935, 0.965)
FEWEST_SHOWN = 2000
"""R's coverage is shown where it did at least so many replicates: it is told to within a standard error of half a point."""

DIGITS = {"quantile": 0, "restricted": 1, "restricted_greenwood": 1, "lost": 1, "hazard_ratio": 2}
TABLES: Mapping[str, tuple[str, ...]] = {
    "Survival (Kaplan–Meier)": ("survival",),
    "Incidence (Aalen–Johansen)": ("incidence", "incidence_greenwood"),
    "Several spells of a person, who is the cluster (n counts persons)": ("returning_survival", "returning_incidence"),
    "Days: the day by which a share has left, restricted mean time, time lost to each way out": (
        "quantile",
        "restricted",
        "restricted_greenwood",
        "lost",
    ),
    "Hazard ratio (Cox, Efron)": ("hazard_ratio",),
}


def tables_of(table: pd.DataFrame) -> str:
    """Return the tables in Markdown."""
    sizes = sorted(table["n"].unique())
    parts = [_agreement(table)]
    for heading, families in TABLES.items():
        chosen = table[table["family"].isin(families)]
        keys = ["family", "interval", "of", "at"]
        groups = chosen.groupby(keys, sort=False)
        rows = [[*_words(place), *_cells(rows, sizes)] for place, rows in groups]
        head = ["of", "at", "interval", *(f"{what}, n = {_whole(n)}" for n in sizes for what in ("coverage", "width"))]
        parts.append(f"#### {heading}\n\n{_markdown(head, rows, n_words=3)}")
    return "\n\n".join(parts)


def written(text: str, tables: str) -> str:
    """Return the page's text with the tables between the marks."""
    before, rest = text.split(FIRST)
    return f"{before}{FIRST}\n\n{tables}\n\n{LAST}{rest.split(LAST)[1]}"


def kept_table() -> pd.DataFrame:
    """Return the numbers of the last run that was kept."""
    return pd.read_csv(KEPT, dtype={"at": str})


def keep(table: pd.DataFrame) -> None:
    """Keep the numbers of a run, twelve digits of each."""
    table.to_csv(KEPT, index=False, float_format="%.12g", lineterminator="\n")


def _agreement(table: pd.DataFrame) -> str:
    rows = []
    for (family, n), found in table.groupby(["family", "n"], sort=False):
        points = (found["same_coverage"] - found["r_coverage"]).abs().max() * 100
        width = (found["same_width"] / found["r_width"] - 1).abs().max()
        rows.append(
            [family.replace("_", " "), _whole(n), _whole(found["replicates"].iloc[0]), _whole(found["r_replicates"].iloc[0]),
             f"{points:.2f}", f"{width:.0e}", f"{found['difference'].max():.0e}", _whole(found["only_one"].sum())]
        )  # fmt: skip
    head = [
        "intervals", "n", "replicates", "of these in R", "greatest difference of coverage, points", "of mean width, relative",
        "of a limit, relative", "intervals that only one gives",
    ]  # fmt: skip
    return f"#### Ours and R's on the same draws\n\n{_markdown(head, rows, n_words=1)}"


def _words(place: tuple[str, ...]) -> list[str]:
    family, interval, of, at = place
    return [of, str(at) if family in ("quantile", "hazard_ratio") else f"{at} months", interval]


def _cells(rows: pd.DataFrame, sizes: Iterable[int]) -> list[str]:
    by_size = rows.set_index("n")
    return [cell for n in sizes for cell in _of_size(by_size.loc[n])]


def _of_size(row: pd.Series) -> tuple[str, str]:
    digits = DIGITS.get(row["family"], 3)
    ours, r = _percent(row["coverage"]), _percent(row["r_coverage"])
    if row["expected"] < LEAST_EXPECTED:
        ours = f"({ours})"
    elif not BAND[0] <= row["coverage"] <= BAND[1]:
        ours = f"**{ours}**"
    if row["r_replicates"] < FEWEST_SHOWN:
        return ours, f"{row['width']:.{digits}f}"
    return f"{ours} / {r}", f"{row['width']:.{digits}f} / {row['r_width']:.{digits}f}"


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]], *, n_words: int) -> str:
    lines = [head, ["---"] * n_words + ["---:"] * (len(head) - n_words), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _whole(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}")
