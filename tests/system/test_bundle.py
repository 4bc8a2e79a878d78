"""The finished bundle: everything is there, nothing hidden can be computed, every share can, and the same input gives the same bytes."""

from __future__ import annotations

import csv
import json
import re
import shutil
import stat
import sys
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from scipy.optimize import linprog

from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.disclosure.coarse.coarsening import coarsen
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.params.reports import read_order
from kaa_analysis.render.bundle import is_whole
from kaa_analysis.render.processes.starting import PlainStarter
from kaa_analysis.render.running.execution import execute

UNSAFE_BELOW = 5
CLOCK, DIFFERENCE = "run.json", "skillnad.html"


@pytest.fixture(scope="module")
def bundle(demo) -> Path:
    return demo.bundles()[0]


def bundle_of(project, params: str) -> Path:
    """Return the only bundle of a report of the demonstration register, made if nobody has."""
    report = params.removesuffix("_demo")
    if not project.bundles(report):
        run = project.kaa("report", f"params/{params}.yaml")
        assert run.returncode == 0, run.stderr
    (made,) = project.bundles(report)
    return made


def open_data(bundle: Path) -> pd.DataFrame:
    tables = [path for path in sorted((bundle / "data").glob("*.csv")) if path.name != "equations.csv"]
    return pd.concat([pd.read_csv(path, dtype=str, keep_default_na=False) for path in tables], ignore_index=True)


def test_a_bundle_holds_every_format_the_qa_page_data_figures_store_and_manifest(bundle):
    assert {path.name for path in bundle.iterdir()} == {
        "report.html", "report.pdf", "report.docx", "tables.xlsx", "qa.html", "data", "figures", "store", "plan.json",
        "manifest.json", DIFFERENCE, CLOCK,
    }  # fmt: skip
    assert is_whole(bundle)
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert manifest["status"] == "utkast"
    assert manifest["extract"]["name"] == "demo"
    assert {item["slug"] for item in manifest["exhibits"]} >= {"viktigast-antal", "figur-uppsok", "tabell-orsaker"}


class Outline(HTMLParser):
    """What a screen reader goes by."""

    def __init__(self) -> None:
        super().__init__()
        self.lang, self.headings, self.tables, self.captions, self.bare, self.ids = None, [], 0, 0, [], []
        self.images, self.labelled, self.scripts = 0, 0, 0

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids += [found["id"]] if "id" in found else []
        if tag == "html":
            self.lang = found.get("lang")
        elif re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        elif tag == "svg":
            self.images += 1
            self.labelled += found.get("role") == "img" and bool(
                found.get("aria-labelledby") or found.get("aria-label")
            )
        elif tag == "th" and "scope" not in found:
            self.bare.append(found)
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.scripts += tag == "script"


@pytest.mark.parametrize("report", ["arsbilaga_demo", "tid_till_studier_demo"])
def test_the_page_can_be_read_with_ears(demo, report):
    text = (bundle_of(demo, report) / "report.html").read_text(encoding="utf-8")
    outline = Outline()
    outline.feed(text)
    assert outline.lang == "sv"
    assert outline.headings.count(1) == 1
    assert outline.headings[0] == 1
    assert all(after - before <= 1 for before, after in zip(outline.headings, outline.headings[1:], strict=False))
    assert outline.tables == outline.captions > 0
    assert outline.bare == []
    assert outline.images == outline.labelled > 0
    assert outline.scripts == 0
    assert len(set(outline.ids)) == len(outline.ids)
    assert re.findall(r'(?:src|href)="(?!#|data:)', text) == []


@pytest.mark.parametrize("report", ["arsbilaga_demo", "tid_till_studier_demo"])
def test_every_figure_says_how_it_is_made(demo, report):
    text = (bundle_of(demo, report) / "report.html").read_text(encoding="utf-8")
    figures = re.findall(r'<figure class="kaa-exhibit kaa-figure".*?</figure>', text, flags=re.DOTALL)
    assert len(figures) >= 3
    assert [figure[:80] for figure in figures if figure.count("<summary>Så är det räknat</summary>") != 1] == []


def test_every_shown_share_is_its_counts_divided(bundle):
    n_checked = 0
    for description in sorted((bundle / "data").glob("*.json")):
        record = json.loads(description.read_text(encoding="utf-8"))
        rows = pd.read_csv(description.with_suffix(".csv"), dtype=str, keep_default_na=False)
        splits = {item["name"]: item["total"] or "" for item in record["dimensions"]}
        numbers = {(row["measure"], *(row[name] for name in splits)): row["value"] for row in rows.to_dict("records")}
        assert len(numbers) == len(rows)
        by_column = {item["column"]: item for item in record["measures"]}
        for share in [item for item in record["measures"] if item["role"] == "share"]:
            for row in rows[(rows["measure"] == share["measure"]) & (rows["value"] != "")].to_dict("records"):
                parts = []
                for part in (by_column[share["numerator"]], by_column[share["denominator"]]):
                    place = [total if name in part["regardless_of"] else row[name] for name, total in splits.items()]
                    parts.append(Decimal(numbers[part["measure"], *place]))
                assert (parts[0] / parts[1]).quantize(Decimal("0.001"), ROUND_HALF_UP) == Decimal(row["value"])
                n_checked += 1
    assert n_checked > 50


def test_the_workbook_has_a_sheet_per_table_and_keeps_zero_hidden_and_number_apart(bundle):
    book = openpyxl.load_workbook(bundle / "tables.xlsx")
    folder = bundle / "store"
    tables = json.loads((folder / "index.json").read_text())["tables"]
    with_rows = {name for name, file in tables.items() if json.loads((folder / f"{file}.json").read_text())["values"]}
    assert set(tables) - with_rows == {"series_by_law"}
    assert len(book.sheetnames) == 1 + len(with_rows)
    assert all(not sheet.merged_cells.ranges for sheet in book)
    values = [cell.value for sheet in book.worksheets[1:] for row in sheet.iter_rows() for cell in row]
    assert ".." in values
    assert 0 in values


@pytest.mark.parametrize("report", ["arsbilaga_demo", "tid_till_studier_demo"])
def test_no_hidden_count_can_be_computed_from_what_is_published(demo, report, tmp_path):
    """An attack that shares no code with the protection: the narrowest interval that fits all that is published."""
    bundle = bundle_of(demo, report)
    truth = true_counts(demo, report, tmp_path)
    cells = open_data(bundle).drop_duplicates("cell_id").set_index("cell_id")
    counts = cells[cells.index.isin(truth)]
    shown = counts[counts["state"] == "shown"]["value"].astype(int)
    hidden = counts.index[counts["state"] == "protected"]
    assert shown.to_dict() == {cell: truth[cell] for cell in shown.index}
    assert [cell for cell in shown.index if 0 < shown[cell] < UNSAFE_BELOW and not cell.startswith("attempts|")] == []
    assert all(truth[cell] > 0 for cell in hidden)
    intervals = feasible_intervals(bundle, shown, list(hidden))
    assert len(intervals) == len(hidden) > 20
    for cell, (lowest, highest) in intervals.items():
        assert lowest - 1e-6 <= truth[cell] <= highest + 1e-6
        assert highest - lowest > 0.99
        if truth[cell] < UNSAFE_BELOW:
            assert highest - lowest > UNSAFE_BELOW - 2 - 0.01


def true_counts(project, report: str, folder: Path) -> dict[str, int]:
    order = read_order(project.root / "params" / f"{report}.yaml")
    notebook = project.root / "notebooks" / order.kind.notebook
    execution = execute(
        notebook,
        params=order.params.model_dump(),
        secure=SecureFolder(project.secure),
        run_folder=folder,
        folder=notebook.parent,
        starter=PlainStarter(),
    )
    shown = coarsen(list(execution.results.values()), policy=Policy())
    cells = [item for result in shown for item in result.cells().items()]
    return {cell.id: value for cell, value in cells if value is not None}


def feasible_intervals(bundle: Path, shown: pd.Series, hidden: list[str]) -> dict[str, tuple[float, float]]:
    place = {cell: number for number, cell in enumerate(hidden)}
    rows, right = [], []
    with (bundle / "data" / "equations.csv").open(encoding="utf-8", newline="") as stream:
        terms = pd.DataFrame(csv.DictReader(stream))
    for _, equation in terms.groupby("equation", sort=False):
        row, known = np.zeros(len(hidden)), 0
        for cell, coefficient in zip(equation["cell_id"], equation["coefficient"].astype(int), strict=True):
            if cell in place:
                row[place[cell]] += coefficient
            else:
                known += coefficient * shown[cell]
        if row.any():
            rows.append(row)
            right.append(-known)
        else:
            assert known == 0
    found = {}
    for cell, number in place.items():
        ends = []
        for sign in (1, -1):
            costs = np.zeros(len(hidden))
            costs[number] = sign
            solved = linprog(costs, A_eq=np.array(rows), b_eq=right, bounds=(1, None), method="highs")
            ends.append(sign * solved.fun if solved.status == 0 else -sign * np.inf if solved.status != 3 else np.inf)
        found[cell] = (ends[0], ends[1])
    return found


def files_of(bundle: Path) -> dict[str, bytes]:
    paths = sorted(path for path in bundle.rglob("*") if path.is_file() and path.name != CLOCK)
    return {str(path.relative_to(bundle)): path.read_bytes() for path in paths}


SURROUNDINGS = """
import json, locale, os, time
locale.setlocale(locale.LC_ALL, "")
print(json.dumps({"umask": os.umask(0), "locale": locale.setlocale(locale.LC_CTYPE), "zone": time.tzname[0],
                  "hash": hash("kaa"), "home": os.environ["HOME"], "key": os.environ.get("KAA_KEY")}))
"""


def surroundings(project) -> dict[str, object]:
    """Return what a process that the project starts sees of umask, locale, time zone, hash seed, home and key."""
    return json.loads(project.run([sys.executable, "-c", SURROUNDINGS]).stdout)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_another_key_folder_hash_seed_time_zone_locale_and_umask_give_the_same_bytes(
    demo, bundle, tmp_path, project_in
):
    """Nothing depends on the pseudonyms, on where or when the run is made, or on who may read the files."""
    plain = project_in(tmp_path / "another place")
    shutil.copytree(demo.secure / "extracts", plain.secure / "extracts")
    plain.secure.chmod(0o700)
    (tmp_path / "key").write_bytes(bytes(range(32)))
    (tmp_path / "key").chmod(0o600)
    settings = {"KAA_KEY": str(tmp_path / "key"), "PYTHONHASHSEED": "4711", "TZ": "NZST-12NZDT,M9.5.0,M4.1.0/3"}
    other = replace(plain, settings=settings | {"LANG": "C", "LC_ALL": "C"}, umask=0o077)
    ours, theirs = surroundings(demo), surroundings(other)
    assert (ours["umask"], ours["locale"], ours["zone"]) == (0o022, "C.UTF-8", "UTC")
    assert (theirs["umask"], theirs["locale"], theirs["zone"]) == (0o077, "C", "NZST")
    assert [name for name in ours if ours[name] == theirs[name]] == []

    run = other.kaa("report", "params/arsbilaga_demo.yaml")

    assert run.returncode == 0, run.stderr
    (made,) = other.bundles()
    assert made.name == bundle.name
    assert files_of(made) == files_of(bundle)
    assert (mode_of(bundle / "report.html"), mode_of(made / "report.html")) == (0o644, 0o600)
    register, other_register = (next((place.secure / "registers").glob("demo-*")) for place in (demo, other))
    assert (register / "persons.parquet").read_bytes() != (other_register / "persons.parquet").read_bytes()
