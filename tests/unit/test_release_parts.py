"""Several reports protected as one: what joins them is known to readers, and each report gets its own back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import product

import pandas as pd
import pytest

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Cell, Count, Dimension, Equation, Result, cell
from kaa_analysis.disclosure.hiding.relations import published_equations
from kaa_analysis.disclosure.joined_reports import NAME, joining_equations
from kaa_analysis.disclosure.ledger import Ledger, PublishedCell
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.release_parts import protect_release, release_equations, release_parts
from kaa_analysis.disclosure.store import read_equations, read_store, write_store

POLICY, FIRST = Policy(), Ledger.empty()
REASON = Dimension("reason", "Orsak", {"all": "Totalt", "school": "Skola", "work": "Arbete"}, total="all")


def exits(school: int, work: int, *, name: str = "exits", unit: str = "spells", **where: str) -> Result:
    """Return the exits of a report by reason; the report is about ``where``."""
    rows = pd.DataFrame({"reason": ["all", "school", "work"], "n": [school + work, school, work]})
    return Result(name, "Avslut", (REASON, Count("n", "Antal", "exits", unit)), rows, context={"year": "2024"} | where)


def city(school: int, work: int, **how: str) -> Result:
    return exits(school, work, **how)


THREE = {
    "city": [city(20, 24)],
    "east": [exits(9, 8, district="east")],
    "west": [exits(9, 9, district="west")],
    "little": [exits(2, 7, district="little")],
}
"""A city and its districts: every exit is in a district, and that of 2 is what the city shows less what two districts show."""
DISTRICTS = ("east", "west", "little")
LARGEST = 20


def place(district: str | None = None, reason: str | None = None) -> Cell:
    where = {"district": district, "reason": reason}
    return cell("exits", year="2024", **{name: value for name, value in where.items() if value})


class TestWhatJoinsReports:
    def test_a_count_of_the_whole_is_the_sum_of_the_reports_parts_and_a_rest(self):
        found = joining_equations([result for results in THREE.values() for result in results])
        parts = ("east", "little", "west", "rest")
        assert found == tuple(
            Equation(NAME, ((-1, place(None, reason)), *((1, place(part, reason)) for part in parts)))
            for reason in ("school", "work", None)
        )

    def test_the_order_of_the_results_changes_nothing(self):
        results = [result for results in THREE.values() for result in results]
        assert joining_equations(results[::-1]) == joining_equations(results)

    def test_volumes_of_work_leave_a_rest_that_points_at_no_person(self):
        found = joining_equations([exits(9, 9, unit="attempts"), exits(5, 5, unit="attempts", district="east")])
        assert {equation.volumes for equation in found} == {("exits",)}

    def test_parts_that_are_more_than_the_whole_have_a_rest_each_and_one_that_is_the_whole_has_none(self):
        found = joining_equations([city(10, 0), exits(10, 0, district="east"), exits(7, 0, district="west")])
        whole, part, rest = place(None, "school"), place("west", "school"), place("rest_west", "school")
        assert [equation.terms for equation in found if (-1, whole) in equation.terms] == [
            ((-1, whole), (1, part), (1, rest))
        ]

    @pytest.mark.parametrize(
        "results",
        [
            [],
            [city(5, 5)],
            [exits(5, 5, district="east"), exits(6, 6, district="west")],
            [exits(5, 5, extract="a"), exits(5, 5, extract="b", district="east")],
        ],
        ids=["none", "one", "no whole", "another extract"],
    )
    def test_what_shares_no_whole_is_not_joined(self, results):
        assert joining_equations(results) == ()

    def test_an_unknown_whole_joins_nothing_and_an_unknown_part_may_be_anything(self):
        def unknown(result: Result, row: int) -> Result:
            table = result.frame
            table.loc[row, "n"] = pd.NA
            return replace(result, table=table)

        assert place(None, "school") not in {
            term
            for equation in joining_equations([unknown(city(5, 5), 1), exits(2, 2, district="east")])
            for _, term in equation.terms
        }
        found = joining_equations([city(5, 5), unknown(exits(2, 2, district="east"), 1)])
        assert (1, place("east", "school")) in next(
            equation.terms for equation in found if (-1, place(None, "school")) in equation.terms
        )


def shown(released: dict, *, reports: Iterable[str]) -> dict[str, int]:
    """Return every number that the reports show, by its cell."""
    found = {}
    for name in reports:
        for table in released[name].values():
            for cell_id, value in zip(table.cell_ids["n"], table.values_table["n"], strict=True):
                if not pd.isna(value):
                    found[cell_id] = int(value)
    return found


def possible(known: dict[str, int], *, asked: tuple[str, str]) -> set[int]:
    """Return what a reader can think of a district's exits for a reason, by trying all tables that fit.

    Each district's reasons add up, the districts are at most the city, and a hidden number is at least 1, since zeros are shown.
    """
    tables = product(*(_columns(known, district) for district in DISTRICTS))
    return {table[DISTRICTS.index(asked[0])][asked[1] == "work"] for table in tables if _within(known, table)}


def _columns(known: dict[str, int], district: str) -> list[tuple[int, int]]:
    """Return every (school, work) of a district that fits its own report."""
    told = {reason: known.get(place(district, reason).id) for reason in (None, "school", "work")}
    spans = [range(1, LARGEST) if told[reason] is None else [told[reason]] for reason in ("school", "work")]
    return [pair for pair in product(*spans) if told[None] in (None, sum(pair))]


def _within(known: dict[str, int], table: tuple[tuple[int, int], ...]) -> bool:
    """Return whether the districts together are no more than the city, for each reason and for all."""
    city_of = {reason: known.get(place(None, reason).id) for reason in (None, "school", "work")}
    for one, other in (("school", "work"), ("work", "school")):
        if city_of[one] is None and None not in (city_of[other], city_of[None]):
            city_of[one] = city_of[None] - city_of[other]
    school, work = (sum(column) for column in zip(*table, strict=True))
    parts = {None: school + work, "school": school, "work": work}
    return all(total is None or parts[reason] <= total for reason, total in city_of.items())


class TestALeakBetweenReports:
    """20 in the city, 9 and 9 in two districts, nothing is small in their reports, and the third is at most 2.

    24 less 8 and 9 are 7, and the two are 9 together.
    """

    ASKED = ("little", "school")

    def test_reports_protected_one_by_one_give_the_hidden_count_away_when_laid_together(self):
        alone = {name: protect(results, policy=POLICY, ledger=FIRST) for name, results in THREE.items()}
        known = shown(alone, reports=THREE)
        assert place(*self.ASKED).id not in known
        assert possible(known, asked=self.ASKED) == {2}

    def test_protected_together_it_can_have_every_value_below_the_threshold(self):
        known = shown(protect_release(THREE, policy=POLICY, ledger=FIRST), reports=THREE)
        assert place(*self.ASKED).id not in known
        assert possible(known, asked=self.ASKED) >= {1, 2, 3, 4}

    def test_a_rest_that_is_small_is_protected_like_any_count(self):
        two = {
            "city": [city(60, 120)],
            "east": [exits(28, 60, district="east")],
            "west": [exits(30, 60, district="west")],
        }
        alone = {name: protect(results, policy=POLICY, ledger=FIRST) for name, results in two.items()}
        assert len(shown(alone, reports=two)) == 9, "each by itself hides nothing"
        known = shown(protect_release(two, policy=POLICY, ledger=FIRST), reports=two)
        terms = {place(None, "school").id, place("east", "school").id, place("west", "school").id}
        assert terms - known.keys(), "60 less 28 and 30 are the 2 of no district"


class TestEachGetsItsOwn:
    def test_a_release_of_one_report_is_what_protect_gives(self):
        [results] = [THREE["little"]]
        alone = protect(results, policy=POLICY, ledger=FIRST)
        joint = protect_release({"little": results}, policy=POLICY, ledger=FIRST)["little"]
        assert {name: table.hash for name, table in joint.items()} == {
            name: table.hash for name, table in alone.items()
        }
        pd.testing.assert_frame_equal(
            release_equations({"little": results}, policy=POLICY, ledger=FIRST)["little"], published_equations(results)
        )

    def test_tables_keep_their_own_ids_in_every_report_in_the_order_of_the_results(self):
        reports = {name: [*results, replace(results[0], id="b")] for name, results in THREE.items()}
        joint = protect_release(reports, policy=POLICY, ledger=FIRST)
        assert {name: list(tables) for name, tables in joint.items()} == {name: ["exits", "b"] for name in THREE}
        assert {table.id for tables in joint.values() for table in tables.values()} == {"exits", "b"}

    def test_a_long_id_is_no_hindrance(self):
        long = "x" * 100
        reports = {"a": [city(60, 120, name=long)], "b": [exits(28, 40, name=long, district="east")]}
        assert [list(tables) for tables in protect_release(reports, policy=POLICY, ledger=FIRST).values()] == [
            [long]
        ] * 2

    def test_the_order_of_the_reports_does_not_change_what_is_hidden(self):
        one = protect_release(THREE, policy=POLICY, ledger=FIRST)
        other = protect_release(dict(reversed(THREE.items())), policy=POLICY, ledger=FIRST)
        assert {name: one[name]["exits"].hash for name in THREE} == {name: other[name]["exits"].hash for name in THREE}

    def test_a_report_without_results_is_protected_with_the_others(self):
        assert protect_release({"a": [], "b": []}, policy=POLICY, ledger=FIRST) == {"a": {}, "b": {}}
        assert release_parts({"a": [], "b": [city(60, 120)]}, policy=POLICY, ledger=FIRST)["a"].released == {}

    def test_a_cell_with_two_values_is_told_by_report(self):
        reports = {"stad": [city(60, 120)], "bromma": [city(61, 120, name="other")]}
        with pytest.raises(DisclosureError) as refused:
            protect_release(reports, policy=POLICY, ledger=FIRST)
        assert refused.value.found == ("exits: olika värden i exits (stad) och other (bromma)",)
        with pytest.raises(DisclosureError) as refused:
            protect_release({"stad": [*reports["stad"], *reports["bromma"]]}, policy=POLICY, ledger=FIRST)
        assert refused.value.found == ("exits: olika värden i exits och other",)

    def test_a_report_with_an_id_twice_is_refused(self):
        with pytest.raises(DisclosureError, match=r"eget id"):
            protect_release({"a": [city(60, 120)] * 2}, policy=POLICY, ledger=FIRST)

    def test_what_was_published_before_goes_to_the_door(self, monkeypatch):
        ledger = Ledger((PublishedCell(place("little", "school").id, None),))
        heard = []

        def door(results, *, policy, ledger):
            heard.append(ledger)
            return protect(results, policy=policy, ledger=FIRST)

        monkeypatch.setattr("kaa_analysis.disclosure.release_parts.protect", door)
        protect_release(THREE, policy=POLICY, ledger=ledger)
        assert heard == [ledger]


class TestEquations:
    def test_each_report_tells_every_equation_about_its_cells_and_all_together_are_those_of_the_release(self):
        found = release_equations(THREE, policy=POLICY, ledger=FIRST)
        own = {"east": 1, "west": 1, "little": 1, "city": 1 + 3}
        assert {name: table["equation"].nunique() for name, table in found.items()} == own
        union = pd.concat(found.values()).drop_duplicates()
        assert union["equation"].nunique() == 4 + 3
        assert union.groupby("equation")["coefficient"].size().tolist() == [3, 3, 3, 3, 5, 5, 5]

    def test_every_equation_holds_for_the_true_numbers_and_some_rest(self):
        true = {found.id: value for results in THREE.values() for found, value in results[0].cells().items()}
        union = pd.concat(release_equations(THREE, policy=POLICY, ledger=FIRST).values()).drop_duplicates()
        rests = {
            name: -(terms["coefficient"] * terms["cell_id"].map(true).fillna(0)).sum() * terms["coefficient"].iloc[0]
            for name, terms in union.groupby("equation")
        }
        assert {name: int(abs(rest)) for name, rest in rests.items() if name.startswith("R")} == {
            f"R0000{number} {NAME}": 0 for number in (1, 2, 3)
        }
        assert {int(rest) for name, rest in rests.items() if not name.startswith("R")} == {0}

    def test_the_cells_of_other_tables_are_told_apart_from_its_own(self):
        part = release_parts(THREE, policy=POLICY, ledger=FIRST)["city"]
        others = {
            place(part, reason).id for part in ("east", "west", "little", "rest") for reason in (None, "school", "work")
        }
        assert part.elsewhere == others


class TestTheStore:
    @pytest.fixture
    def part(self):
        return release_parts(THREE, policy=POLICY, ledger=FIRST)["city"]

    def test_it_takes_equations_with_cells_of_the_releases_other_tables(self, part, tmp_path):
        write_store(part.released, tmp_path / "store", equations=part.equations, elsewhere=part.elsewhere)
        assert read_store(tmp_path / "store").keys() == {"exits"}
        pd.testing.assert_frame_equal(read_equations(tmp_path / "store"), part.equations)

    @pytest.mark.parametrize(("lacking", "told"), [(0, False), (1, True)])
    def test_a_cell_that_nobody_has_told_of_is_refused(self, part, tmp_path, lacking, told):
        elsewhere = sorted(part.elsewhere)[lacking:]
        if not told:
            write_store(part.released, tmp_path / "store", equations=part.equations, elsewhere=elsewhere)
            return
        with pytest.raises(DisclosureError) as refused:
            write_store(part.released, tmp_path / "store", equations=part.equations, elsewhere=elsewhere)
        assert refused.value.found == ("summorna ska bara gälla celler som finns i tabellerna",)

    def test_an_equation_about_no_cell_of_its_own_is_refused(self, part, tmp_path):
        stray = part.equations[part.equations["cell_id"].str.contains("district=")]
        with pytest.raises(DisclosureError) as refused:
            write_store(part.released, tmp_path / "store", equations=stray, elsewhere=part.elsewhere)
        assert refused.value.found == ("varje summa ska gälla minst en cell i de egna tabellerna",)
