"""The real life courses go the whole way: the README's two commands publish the shares that the README tells."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
EXTRACT = "kaa extract mvad --layout mvad --uttagsdatum 1999-07-01 tests/data/mvad_spells.csv"
REPORT = "kaa report params/tid_till_utbildning_mvad.yaml"


def test_the_two_commands_of_the_readme_publish_the_shares_that_have_left_to_education(project):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"{EXTRACT}\n" in readme
    assert f"{REPORT}\n" in readme
    (project.root / "tests" / "data").mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "data" / "mvad_spells.csv", project.root / "tests" / "data")

    for command in (EXTRACT, REPORT):
        run = project.kaa(*command.split()[1:])
        assert run.returncode == 0, run.stderr

    (bundle,) = project.bundles("tid_till_utbildning")
    published = pd.read_csv(
        bundle / "data" / "entering_cumulative_incidence.csv", dtype=str, keep_default_na=False
    ).query("measure == 'share_left' and way_out == 'education' and months in ['3', '6', '12', '24']")
    assert published[["months", "value", "state"]].to_numpy().tolist() == [
        ["3", "0.296", "shown"],
        ["6", "0.309", "shown"],
        ["12", "0.320", "shown"],
        ["24", "0.336", "shown"],
    ]
    told = "är 29,6 procent inom 3 månader, 30,9 inom 6, 32,0 inom 12 och 33,6 inom 24 månader"
    assert told in " ".join(readme.split())
