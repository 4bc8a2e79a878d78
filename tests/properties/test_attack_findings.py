"""The attack finds one of each kind: a bad twin that is found beside a good one that is not."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Count, Dimension, Estimate, Result, Share
from kaa_analysis.disclosure.attack import table_search
from kaa_analysis.disclosure.attack.bundle_files import attack_bundles
from kaa_analysis.disclosure.attack.publication import PROTECTED, ROUNDED, SHOWN, Publication, SeenCell
from kaa_analysis.disclosure.attack.released_tables import from_released, structural_findings
from kaa_analysis.disclosure.attack.rules import Rules
from kaa_analysis.disclosure.attack.verdict import attack, examine, refuse_if_found
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.released import Released
from tests.properties.small_tables import rounded, seen

LINE = (((-1, "n"), (1, "n|d=a"), (1, "n|d=b"), (1, "n|d=c")),)


def kinds(publication: Publication, truth: Mapping[str, int], **more: object) -> dict[str, int]:
    return attack(publication, truth=truth, rules=Rules(**more)).by_kind


def test_hiding_the_unsafe_counts_alone_is_found() -> None:
    truth = {"n|d=a": 3, "n|d=b": 9, "n|d=c": 8, "n": 20}
    assert kinds(seen(truth, {"n|d=a"}, LINE), truth) == {"count": 1}
    assert kinds(seen(truth, {"n|d=a", "n|d=b"}, LINE), truth) == {}


def test_a_shown_unsafe_count_is_found() -> None:
    assert kinds(seen({"n": 4}, set()), {"n": 4}) == {"count": 1}
    assert kinds(seen({"attempts": 4}, set()), {"attempts": 4}) == {}


def test_two_hidden_ones_beside_a_shown_part_are_found_as_a_union() -> None:
    truth = {"n|d=a": 1, "n|d=b": 1, "n|d=c": 9, "n": 11}
    assert kinds(seen(truth, {"n|d=a", "n|d=b"}, LINE), truth) == {"count": 2, "union": 1}
    assert kinds(seen(truth, {"n|d=a", "n|d=b", "n|d=c"}, LINE), truth) == {}


def test_a_union_is_found_although_each_of_its_parts_can_have_every_value() -> None:
    """The third part is at most its 9, because the other part of 10 is at least 1: the first two are at least 3 together."""
    truth = {"n|d=a": 1, "n|d=b": 2, "n|d=c": 9, "n": 12, "m": 10, "e": 1}
    equations = (*LINE, ((-1, "m"), (1, "n|d=c"), (1, "e")))
    hidden = {"n|d=a", "n|d=b", "n|d=c", "e"}
    assert kinds(seen(truth, hidden, equations), truth) == {"union": 1}
    assert kinds(seen(truth, hidden | {"m"}, equations), truth) == {}


def test_a_period_inside_another_that_differs_by_few_is_found() -> None:
    truth = {"n|period=tertial 1 2024": 20, "n|period=tertial 2 2024": 23}
    cells = seen(truth, set()).cells
    grows = Publication(cells, cumulative=frozenset({"n"}))
    assert kinds(grows, truth) == {"period": 1}
    assert kinds(Publication(cells), truth) == {}


def test_a_revision_of_one_is_found_and_one_of_ten_is_not() -> None:
    truth = {"n|extract=2025-01-31|sex=f": 21}
    for old, found in ((20, {"revision": 1}), (22, {"revision": 1}), (11, {}), (21, {})):
        earlier = {"n|extract=2024-01-31|sex=f": old}
        assert attack(seen(truth, set()), truth=truth, rules=Rules(), earlier=earlier).by_kind == found


def test_a_revision_of_a_number_that_was_hidden_is_tried_without_its_true_value() -> None:
    """Then 9 by its total, or anything if that was hidden too."""
    day, before = "|extract=2025-01-31", "|extract=2024-01-31"
    truth = {f"n|d=a{day}": 8, f"n|d=b{day}": 30, f"n{day}": 38}
    equations = (((-1, f"n{day}"), (1, f"n|d=a{day}"), (1, f"n|d=b{day}")),)
    for total, found in ((29, {"revision": 1}), (None, {})):
        earlier = {f"n|d=a{before}": None, f"n|d=b{before}": 20, f"n{before}": total}
        assert attack(seen(truth, set(), equations), truth=truth, rules=Rules(), earlier=earlier).by_kind == found


def test_an_earlier_release_that_shows_what_is_hidden_now_is_found() -> None:
    truth = {"n|d=a": 3, "n|d=b": 9, "n|d=c": 8, "n": 20}
    publication = seen(truth, {"n|d=a", "n|d=b"}, LINE)
    assert attack(publication, truth=truth, rules=Rules(), earlier={"n|d=b": 9}).by_kind == {"count": 1}
    with pytest.raises(DisclosureError, match=r"samma värde överallt"):
        attack(publication, truth=truth, rules=Rules(), earlier={"n|d=c": 7})


def test_the_totals_of_an_earlier_release_are_used_too() -> None:
    """What was hidden then is 9 by its own total, and the difference to what is shown now is one."""
    day, before = "|extract=2025-01-31", "|extract=2024-01-31"
    truth = {f"n|d=a{day}": 10, f"n|d=b{day}": 30, f"n{day}": 40}
    equations = (((-1, f"n{day}"), (1, f"n|d=a{day}"), (1, f"n|d=b{day}")),)
    earlier = {f"n|d=a{before}": None, f"n|d=b{before}": 20, f"n{before}": 29}
    full = truth | {f"n|d=a{before}": 9}
    found = attack(seen(truth, set(), equations), truth=full, rules=Rules(), earlier=earlier)
    assert found.by_kind == {"revision": 1}


def test_a_rounded_table_whose_total_pins_a_part_is_found() -> None:
    """50, 40, 0 and 0 of 110: the four are at least 105, the first two at most 98, and so each of the others is at least 3."""
    truth = {"n|d=a": 54, "n|d=b": 44, "n|d=c": 4, "n|d=d": 4, "n": 106}
    equations = (((-1, "n"), *((1, f"n|d={name}") for name in "abcd")),)
    cells = {name: SeenCell(name, ROUNDED, rounded(value, 10), "persons", 10) for name, value in truth.items()}
    assert kinds(Publication(cells, equations=equations), truth) == {"count": 2}
    assert kinds(Publication(cells), truth) == {}


def test_none_and_all_of_a_disclosive_value_are_found_unless_true_by_definition() -> None:
    equations = (((-1, "n"), (1, "n|d=a"), (1, "n|d=b")),)
    disclosive = {"d": ("a",)}
    for a, b in ((0, 9), (9, 0)):
        truth = {"n|d=a": a, "n|d=b": b, "n": 9}
        assert kinds(seen(truth, set(), equations), truth, disclosive=disclosive) == {"disclosive": 1}
        assert kinds(seen(truth, set(), equations), truth) == {}
    structural = frozenset({"n|d=a"})
    assert kinds(seen(truth, set(), equations), truth, disclosive=disclosive, structural=structural) == {}


def test_a_disclosive_measure_is_tried_against_the_whole_of_its_share() -> None:
    truth = {"ill": 0, "n": 30}
    publication = Publication(seen(truth, set()).cells, shares=(("ill", "n"),))
    assert kinds(publication, truth, disclosive={"measure": ("ill",)}) == {"disclosive": 1}
    hidden = Publication(seen(truth, {"ill"}).cells, shares=(("ill", "n"),))
    assert kinds(hidden, truth, disclosive={"measure": ("ill",)}) == {}


def test_the_rest_of_a_share_is_found() -> None:
    truth = {"reached": 18, "n": 20}
    publication = Publication(seen(truth, set()).cells, shares=(("reached", "n"),))
    assert kinds(publication, truth) == {"difference": 1}


def test_a_number_of_no_table_that_is_surely_small_is_found() -> None:
    truth = {"n": 20, "in": 18}
    rest = (((-1, "n"), (1, "in"), (1, "out")),)
    assert kinds(seen(truth, set(), rest), truth) == {"latent": 1}
    assert kinds(seen(truth, {"in"}, rest), truth) == {}


def survey(*, hidden_part: bool = False, hidden_month: bool = False) -> Released:
    """A released table of shares and of a curve, with the state of one count turned by hand afterwards."""
    frame = pd.DataFrame(
        {"months": ["1", "2", "3"], "n": [40, 30, 20], "part": [10, 9, 8], "share": 0.0, "left": [0.9, 0.8, 0.7]}
    )
    columns = (
        Dimension("months", "Månader", additive=False),
        Count("n", "Antal", "registered"),
        Count("part", "Nådda", "reached"),
        Share("share", "Andel", "part", "n"),
        Estimate("left", "Kvar", ("n",)),
    )
    released = protect([Result("t", "T", columns, frame)], policy=Policy(), ledger=Ledger.empty())["t"]
    if hidden_part:
        released.states_table.loc[0, "part"] = PROTECTED
    if hidden_month:
        released.states_table.loc[0, ["n", "share", "left"]] = PROTECTED
    return released


def test_a_share_beside_a_hidden_count_and_a_curve_after_one_are_found() -> None:
    assert structural_findings([survey()]) == ()
    assert [finding.kind for finding in structural_findings([survey(hidden_part=True)])] == ["share"]
    assert [finding.kind for finding in structural_findings([survey(hidden_month=True)])] == ["curve", "curve"]
    assert structural_findings([survey(hidden_month=True)], time_splits=()) == ()


def test_released_tables_are_read_with_their_totals_and_shares() -> None:
    publication = from_released([survey()])
    assert publication.shares[0] == ("reached|months=1", "registered|months=1")
    assert publication.cells["reached|months=2"].value == 9
    frame = pd.DataFrame({"d": ["a", "b", "all"], "n": [10, 20, 30]})
    columns = (Dimension("d", "D", total="all"), Count("n", "Antal", "n"))
    released = protect([Result("t", "T", columns, frame)], policy=Policy(), ledger=Ledger.empty())["t"]
    assert from_released([released]).sums == (((-1, "n"), (1, "n|d=a"), (1, "n|d=b")),)


def test_bundles_are_attacked_together_by_an_outsider(tmp_path) -> None:
    rows = {"n|d=a": None, "n|d=b": None, "n|d=c": 9, "n": 13}
    for number, extra in enumerate(({}, {"n|d=b": 3})):
        folder = tmp_path / str(number) / "data"
        folder.mkdir(parents=True)
        lines = [
            f"{name},t,n,{'' if v is None else v},{'protected' if v is None else 'shown'}"
            for name, v in (rows | extra).items()
        ]
        (folder / "t.csv").write_text(
            "\n".join(["cell_id,table,measure,value,state", *lines, "t.share,t,share,0.5,shown"])
        )
        terms = [f"00001 Summa,{name},{factor}" for factor, name in LINE[0]]
        (folder / "equations.csv").write_text("\n".join(["equation,cell_id,coefficient", *terms]))
    assert attack_bundles([tmp_path / "0"]).by_kind == {"union": 1, "narrowed": 2, "small": 2}
    assert attack_bundles([tmp_path / "0", tmp_path / "1"]).by_kind["determined"] == 1


def test_a_refusal_tells_kinds_numbers_and_tables_and_no_value() -> None:
    truth = {"n|d=a": 3, "n|d=b": 9, "n|d=c": 8, "n": 20}
    with pytest.raises(DisclosureError) as refused:
        refuse_if_found(seen(truth, {"n|d=a"}, LINE), truth=truth, rules=Rules())
    assert refused.value.found == ("antal under tröskeln som inte kan ha varje värde: 1 (tabeller: t)",)
    refuse_if_found(seen(truth, {"n|d=a", "n|d=b"}, LINE), truth=truth, rules=Rules())


def test_no_certain_answer_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = {"n|d=a": 3, "n|d=b": 9, "n|d=c": 8, "n": 20}
    publication = seen(truth, {"n|d=a", "n|d=b"}, LINE)
    monkeypatch.setattr(table_search, "SECONDS_PER_SOLVE", 0.0)
    with pytest.raises(DisclosureError, match=r"TimeLimit"):
        attack(publication, truth=truth, rules=Rules())


def test_numbers_that_do_not_fit_what_is_published_refuse() -> None:
    truth = {"n|d=a": 3, "n|d=b": 9, "n|d=c": 0, "n": 12}
    with pytest.raises(DisclosureError, match=r"stämma med sig självt"):
        attack(seen(truth, {"n|d=a", "n|d=c"}, LINE), truth=truth, rules=Rules())
    with pytest.raises(DisclosureError, match=r"sanna talen"):
        attack(seen(truth, {"n|d=a"}, LINE), truth=truth | {"n": 13}, rules=Rules())


def test_every_module_of_the_protection_is_kept_apart_from_the_attack() -> None:
    root = Path(__file__).parents[2]
    folder = root / "kaa_analysis" / "disclosure"
    rooms = {path.parent for path in folder.glob("*/__init__.py")} | set(folder.glob("*.py"))
    modules = {f"kaa_analysis.disclosure.{path.stem}" for path in rooms if path.stem not in ("__init__", "attack")}
    contracts = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    by_name = {contract["name"]: contract for contract in contracts}
    shares = by_name["the attack shares no code with the protection"]
    apart = by_name["the protection does not know the attack: only protect and what stands above it do"]
    released, above = "kaa_analysis.disclosure.released", {"protect", "final_attack", "release_parts"}
    assert {*shares["forbidden_modules"], released} == modules
    assert {*apart["source_modules"], *(f"kaa_analysis.disclosure.{name}" for name in above)} == modules


def test_a_guessed_total_is_used_unless_the_numbers_contradict_it() -> None:
    guess = (((-1, "n"), (1, "n|c=a"), (1, "n|c=b")),)
    adds_up = {"n|c=a": 3, "n|c=b": 17, "n": 20}
    assert kinds(Publication(seen(adds_up, {"n|c=a"}).cells, sums=guess), adds_up) == {"count": 1}
    overlapping = {"n|c=a": 3, "n|c=b": 10, "n": 20}
    assert kinds(Publication(seen(overlapping, {"n|c=a"}).cells, sums=guess), overlapping) == {}


def test_a_part_is_known_to_be_at_most_its_whole() -> None:
    truth = {"n|c=a": 2, "n|c=b": 4, "n": 4}
    examined = examine(seen(truth, {"n|c=a", "n|c=b"}), truth=truth, rules=Rules(unsafe_below=3))
    part = next(target for target in examined.targets if target.kind == "count")
    assert examined.possible([part], values=range(7)).tolist() == [[False, True, True, True, True, False, False]]


def test_a_split_whose_values_are_larger_than_their_total_is_no_split() -> None:
    """The stock of a month is not part of the year's first day, as one month shows."""
    truth = {"n|month=1": 2, "n|month=2": 30, "n": 20}
    examined = examine(seen(truth, {"n|month=1"}), truth=truth, rules=Rules(unsafe_below=3))
    assert examined.possible(examined.targets, values=range(7)).tolist() == [[False, *[True] * 6]]


def test_months_of_a_curve_are_ordered_as_numbers() -> None:
    frame = pd.DataFrame({"months": ["9", "10"], "n": [40, 30], "left": [0.9, 0.8]})
    columns = (
        Dimension("months", "Månader", additive=False),
        Count("n", "Antal", "at_risk"),
        Estimate("left", "Kvar", ("n",)),
    )
    released = protect([Result("t", "T", columns, frame)], policy=Policy(), ledger=Ledger.empty())["t"]
    released.states_table.loc[1, ["n", "left"]] = PROTECTED
    assert structural_findings([released]) == ()
    released.states_table.loc[1, ["n", "left"]] = SHOWN
    released.states_table.loc[0, ["n", "left"]] = PROTECTED
    assert [finding.kind for finding in structural_findings([released])] == ["curve"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, r"filer i mappen data"),
        ({"t.csv": "cell_id,table,value\nn,t,3\n"}, r"sina kolumner"),
        ({"t.csv": "cell_id,table,value,state\nn,t,3.5,shown\n"}, r"hela tal"),
        ({"t.csv": "cell_id,table,value,state\nn,t,3,shown\nn,t,4,shown\n"}, r"samma värde överallt"),
        (
            {
                "t.csv": "cell_id,table,value,state\nn,t,9,shown\nm,t,8,shown\n",
                "equations.csv": "equation,cell_id,coefficient\n1,n,1\n1,m,-1\n",
            },
            r"stämma med sig självt",
        ),
    ],
)
def test_bundles_that_make_no_sense_are_refused_without_a_value(tmp_path, files, message) -> None:
    (tmp_path / "data").mkdir()
    for name, text in files.items():
        (tmp_path / "data" / name).write_text(text)
    with pytest.raises(DisclosureError, match=message) as refused:
        attack_bundles([tmp_path])
    assert not any(character in "3489" for line in refused.value.found for character in line)


def test_the_attack_says_the_same_whatever_the_order_of_cells_and_equations() -> None:
    truth = {"n|d=a": 1, "n|d=b": 1, "n|d=c": 9, "n": 11}
    publication = seen(truth, {"n|d=a", "n|d=b"}, LINE)
    turned = Publication(dict(reversed(publication.cells.items())), equations=(tuple(reversed(LINE[0])), *LINE))
    expected = attack(publication, truth=truth, rules=Rules())
    assert attack(turned, truth=dict(reversed(truth.items())), rules=Rules()) == expected
