"""Makes wild_bootstrap.csv from data_difference_in_differences.csv with wildboottest 0.3.2, in an environment of its own: nothing else here needs it.

Run from the root of the repository: python tests/reference/wild_bootstrap_reference.py
All 64 vectors of signs of the six areas, the null imposed, equal weights. It compares |t| without regard to rounding: whether the one at hand counts is chance.
"""

import csv
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    import pandas as pd
    import statsmodels.api as sm
    from wildboottest.wildboottest import wildboottest

    cells = pd.read_csv(HERE / "data_difference_in_differences.csv")
    dummies = pd.get_dummies(cells[["school", "cohort"]].astype(str), dtype=float).drop(columns="cohort_2012")
    areas = pd.Series(pd.factorize(cells["area"])[0])
    rows = []
    for adopted in range(2013, 2018):
        columns = dummies.assign(effect=(cells["treated"] * (cells["cohort"] >= adopted)).astype(float))
        model = sm.OLS(cells["n_outcome"] / cells["n"], columns)
        found = wildboottest(model, param="effect", cluster=areas, B=999, bootstrap_type="11", impose_null=True, seed=1)
        rows.append((version("wildboottest"), adopted, found["p-value"].item()))
    with (HERE / "wild_bootstrap.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["version", "adopted", "p_value"])
        writer.writerows(rows)


if __name__ == "__main__":
    main()
