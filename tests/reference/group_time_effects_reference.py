"""Makes group_time_effects.csv from tests/data/mpdta.csv with diff-diff 3.13.0, in an environment of its own: nothing else here needs it.

Run from the root of the repository: python tests/reference/group_time_effects_reference.py
Its `load_mpdta` is not used: without a network it invents data.
"""

import csv
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    import diff_diff
    import pandas as pd

    counties = pd.read_csv(HERE.parent / "data" / "mpdta.csv")
    columns = {"outcome": "lemp", "unit": "countyreal", "time": "year", "first_treat": "first.treat"}
    rows = []
    for controls in ("never_treated", "not_yet_treated"):
        for base in ("varying", "universal"):
            found = diff_diff.CallawaySantAnna(control_group=controls, base_period=base).fit(counties, **columns)
            chosen = (diff_diff.__version__, controls.replace("_", "-"), base)
            rows.append((*chosen, "simple", "", "", found.overall_att, found.overall_se))
            for (group, period), cell in found.group_time_effects.items():
                rows.append((*chosen, "cell", group, period, cell["effect"], cell["se"]))
            for kind in ("event_study", "group"):
                table = found.aggregate(kind).to_dataframe()
                labels = table["event_time" if kind == "event_study" else "label"]
                for label, value, se in zip(labels, table["att"], table["se"], strict=True):
                    if se > 0:  # the base period itself has none
                        rows.append((*chosen, kind, label, "", value, se))
    with (HERE / "group_time_effects.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["version", "controls", "base", "kind", "label", "period", "value", "se"])
        writer.writerows(rows)


if __name__ == "__main__":
    main()
