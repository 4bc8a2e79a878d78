"""Earlier bundles as an attacker has them: their open data, whole and unchanged, or not at all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis.core.errors import BundleError, DisclosureError
from kaa_analysis.core.result import Count, Dimension, Result, Share
from kaa_analysis.disclosure.hiding.relations import published_equations
from kaa_analysis.disclosure.ledger import Ledger, PublishedCell
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.render.bundle import MANIFEST, PLAN, write_manifest
from kaa_analysis.render.data_files.open_data import write_open_data
from kaa_analysis.render.earlier_bundles import EarlierBundle, earlier_bundles, ledger_of, published_in

SEX = Dimension("sex", "Kön", {"all": "Totalt", "female": "Flickor", "male": "Pojkar"}, total="all")


def result(*, female: int | None = 3, male: int = 37, extract: str = "2025-01-31") -> Result:
    """Return a table of two counts and a share; two of its counts are hidden where one is small."""
    total = None if female is None else female + male
    rows = pd.DataFrame(
        {"sex": ["all", "female", "male"], "n": [total, female, male], "n_all": [80, 40, 40], "share": [0.5, 0.1, 0.9]}
    )
    columns = (
        SEX,
        Count("n", "Antal", "reached"),
        Count("n_all", "Alla", "all"),
        Share("share", "Andel", "n", "n_all"),
    )
    return Result("reached", "Nådda", columns, rows, context={"extract": extract})


def bundle(folder: Path, *results: Result, report: str = "arsbilaga", run: str = "0123456789ab") -> Path:
    """Write the parts of a bundle that are read of an earlier one."""
    folder.mkdir(parents=True)
    results = results or (result(),)
    released = protect(results, policy=Policy(), ledger=Ledger.empty())
    write_open_data(list(released.values()), folder / "data")
    published_equations(results).to_csv(folder / "data" / "equations.csv", index=False)
    (folder / PLAN).write_text(json.dumps({"page": {"run": run}}))
    write_manifest(folder, {"report": report})
    return folder


def cells(**values: int | None) -> tuple[PublishedCell, ...]:
    """Return cells in the order of their ids; the name is the measure, and the sex after two underscores."""
    named = {name.partition("__")[::2]: value for name, value in values.items()}
    ids = {
        f"{measure}|extract=2025-01-31{f'|sex={sex}' if sex else ''}": value for (measure, sex), value in named.items()
    }
    return tuple(PublishedCell(cell_id, ids[cell_id]) for cell_id in sorted(ids))


HIDDEN = cells(all=80, all__female=40, all__male=40, reached=40, reached__female=None, reached__male=None)


def test_every_count_is_there_shown_or_hidden_and_no_share(tmp_path):
    found = published_in(bundle(tmp_path / "a"))
    ids = ("reached|extract=2025-01-31", "reached|extract=2025-01-31|sex=female", "reached|extract=2025-01-31|sex=male")
    about_hidden = tuple(zip((1, -1, -1), ids, strict=True))
    assert found == EarlierBundle("arsbilaga", "0123456789ab", HIDDEN, (about_hidden,))
    assert ledger_of([found, found]) == Ledger(HIDDEN, (about_hidden,))


def test_of_an_unknown_count_nothing_was_said(tmp_path):
    found = published_in(bundle(tmp_path / "a", result(female=None)))
    assert found.cells == cells(all=80, all__female=40, all__male=40, reached__male=None)


def test_the_record_changes_with_every_value_and_tells_none(tmp_path):
    one, same = (published_in(bundle(tmp_path / name)) for name in ("a", "b"))
    other = published_in(bundle(tmp_path / "c", result(female=30, male=10)))
    assert one.record == same.record
    assert one.record["cells"] != other.record["cells"]
    assert {name: one.record[name] for name in ("name", "report", "run")} == {
        "name": "arsbilaga 0123456789ab",
        "report": "arsbilaga",
        "run": "0123456789ab",
    }


def test_folders_give_every_bundle_in_them_once_and_none_that_is_hidden_or_set_aside(tmp_path):
    first = bundle(tmp_path / "reports" / "arsbilaga" / "2024" / "b", run="b")
    bundle(tmp_path / "reports" / "arsbilaga" / "2023" / "a", run="a")
    bundle(tmp_path / "reports" / ".arsbilaga-c.partial" / "bundle", run="c")
    bundle(tmp_path / "reports" / "arsbilaga" / "2024" / "d.skadad-1", run="d")
    assert [found.run for found in earlier_bundles([tmp_path / "reports", first])] == ["a", "b"]
    assert earlier_bundles([]) == ()


def changed(folder: Path) -> None:
    path = folder / "data" / "reached.csv"
    path.write_text(path.read_text().replace(",40,shown", ",41,shown"))


def without_plan(folder: Path) -> None:
    (folder / PLAN).unlink()
    (folder / MANIFEST).unlink()
    write_manifest(folder, {"report": "arsbilaga"})


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (changed, "data/reached.csv: är ändrad"),
        (lambda folder: (folder / "data" / "reached.csv").unlink(), "data/reached.csv: saknas"),
        (lambda folder: (folder / MANIFEST).write_text("{}"), "manifest.json saknas eller går inte att läsa"),
        (without_plan, "skriven av kaa report"),
        (shutil.rmtree, "minst ett rapportpaket"),
    ],
)
def test_a_bundle_that_is_not_whole_is_no_earlier_bundle(tmp_path, damage, told):
    folder = bundle(tmp_path / "a")
    damage(folder)
    with pytest.raises(BundleError) as refused:
        earlier_bundles([folder])
    assert told in str(refused.value)


def test_rounded_numbers_are_refused_since_nobody_can_yet_say_what_they_give_away(tmp_path):
    folder = bundle(tmp_path / "a")
    path = folder / "data" / "reached.csv"
    path.write_text(path.read_text().replace(",40,shown", ",40,rounded"))
    (folder / MANIFEST).unlink()
    write_manifest(folder, {"report": "arsbilaga"})
    with pytest.raises(DisclosureError, match=r"avrundade antal"):
        published_in(folder)


def test_a_number_that_one_of_several_shows_is_known_and_two_numbers_for_one_cell_are_refused():
    hidden, shown = EarlierBundle("a", "1", cells(reached=None)), EarlierBundle("a", "2", cells(reached=3, all=9))
    assert ledger_of([hidden, shown]) == ledger_of([shown, hidden]) == Ledger(cells(reached=3, all=9))
    with pytest.raises(DisclosureError) as refused:
        ledger_of([shown, EarlierBundle("a", "3", cells(reached=4))])
    assert refused.value.found == ("reached: två värden",)
    assert ledger_of([]) == Ledger.empty()
