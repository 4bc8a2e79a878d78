"""Target group and register side by side on one day, and the stock under other choices, on hand-drawn youths."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.core.result import cell
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import read_policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.released import Released
from kaa_analysis.indicators import coverage, registered_outside, registered_share, stock_and_flow, stock_by_setting
from kaa_analysis.indicators.coverage import coverage_list
from kaa_analysis.store.dtypes import empty_table, typed_table
from kaa_analysis.target_population import TargetRules
from tests.spec.asked_by_hand import AskedByHand

DAY = date(2024, 12, 31)
"""The last day of the year: its stock is the one at the end of 2024."""
EXTRACT = date(2025, 2, 1)
YOUTHS = {
    "inside": {"registered": ["2024-02-01", None]},
    "unregistered": {"registered": []},
    "left": {"registered": ["2023-08-01", "2024-12-31"]},
    "komvux": {"registered": ["2024-02-01", None], "school": ["komvux", "2024-10-01"]},
    "never": {"registered": ["2024-02-01", None], "school": ["national_programme", "2023-08-16"]},
    "studiebevis": {"registered": ["2024-09-01", None], "certificate": ["studiebevis", "2024-06-11"]},
    "certified": {"registered": ["2024-02-01", None], "certificate": ["gymnasieexamen", "2024-06-11"], "sex": "male"},
    "misregistered": {"registered": ["2024-02-01", None, "misregistered"], "school": ["komvux", "2023-08-16"]},
    "elsewhere": {"registered": [], "school": ["national_programme", "2023-08-16"]},
}


class HandDrawn(AskedByHand):
    """Youths born 10 May 2007 who left compulsory school in June 2023."""

    follows_law = True
    source = "BER-uttag"
    municipality = "0180"
    observed_from = date(2023, 1, 1)
    extract_date = EXTRACT

    def __init__(self, youths=YOUTHS):
        rows = {name: [] for name in ("persons", "residence", "credentials", "schooling", "registrations")}
        for name, youth in youths.items():
            key = {"person_id": name}
            rows["persons"].append(key | {"birth_date": "2007-05-10", "sex": youth.get("sex", "female")})
            rows["residence"].append(key | {"municipality": "0180", "from_date": "2007-05-10"})
            rows["credentials"].append(key | {"kind": "grundskola", "date": "2023-06-13"})
            if "certificate" in youth:
                rows["credentials"].append(key | dict(zip(("kind", "date"), youth["certificate"], strict=True)))
            if "school" in youth:
                rows["schooling"].append(key | dict(zip(("school_form", "from_date"), youth["school"], strict=True)))
            if youth["registered"]:
                spell = dict(zip(("entry_date", "exit_date", "exit_reason"), youth["registered"], strict=False))
                rows["registrations"].append(key | {"spell": 1} | spell)
        self._tables = {name: typed_table(pd.DataFrame(found), table=name) for name, found in rows.items() if found}

    def table(self, name, *, columns):
        return self._tables.get(name, empty_table(name))[list(columns)].copy()


def counted(result, **chosen) -> dict:
    """The rows of the chosen values with anyone in them, as one number (or several) by the remaining split."""
    frame = result.values_table if isinstance(result, Released) else result.frame
    for name, value in chosen.items():
        frame = frame[frame[name] == value].drop(columns=name)
    split, *numbers = frame.columns
    frame = frame[frame[numbers[0]] > 0]
    values = zip(*(frame[name].tolist() for name in numbers), strict=True)
    return {key: value[0] if len(value) == 1 else value for key, value in zip(frame[split], values, strict=True)}


class TestCoverage:
    def test_each_youth_stands_on_one_list(self):
        listed = coverage_list(HandDrawn(), day=DAY).set_index("person_id")
        assert listed["coverage"].to_dict() == {
            "inside": "both",
            "unregistered": "rules_only",
            "left": "rules_only",
            "komvux": "register_other_day",
            "never": "register_never",
            "studiebevis": "both",
            "certified": "register_other_day",
        }
        assert listed["reason"].dropna().to_dict() == {"komvux": "enrolled", "never": "enrolled", "certified": "held"}

    def test_the_table_has_the_lengths_of_the_lists(self):
        result = coverage(HandDrawn(), day=DAY)
        assert counted(result, sex="all") == {
            "either": 7,
            "both": 2,
            "rules_only": 2,
            "register_other_day": 2,
            "register_never": 1,
        }
        assert counted(result, sex="male") == {"either": 1, "register_other_day": 1}

    def test_the_day_of_exit_is_the_first_not_registered(self):
        youth = {"left": YOUTHS["left"]}
        on_the_day_before = coverage(HandDrawn(youth), day=date(2024, 12, 30))
        assert counted(on_the_day_before, sex="all") == {"either": 1, "both": 1}

    def test_the_surplus_of_the_register_is_told_by_the_first_failing_condition(self):
        result = registered_outside(HandDrawn(), day=DAY)
        assert counted(result, sex="all") == {"all": 3, "enrolled": 2, "held": 1}

    def test_the_lists_are_tied_to_the_stock_and_to_one_another(self):
        register = HandDrawn()
        results = [
            coverage(register, day=DAY),
            registered_outside(register, day=DAY),
            stock_by_setting(register, day=DAY),
        ]
        known = {}
        for result in results:
            known |= result.cells()
        known |= stock_and_flow(register, periods=[calendar_year(2024)]).cells()
        day = {"day": DAY.isoformat(), "extract": EXTRACT.isoformat()}
        for sex in ({}, {"sex": "female"}, {"sex": "male"}):
            known[cell("stock", **day, **sex)] = known[cell("stock_end", period="2024", extract=day["extract"], **sex)]
        sums = [
            sum(factor * known[term] for factor, term in equation.terms)
            for result in results
            for equation in result.equations
        ]
        assert len(sums) == 3 + 3 + 3 * len(TargetRules().alternatives()) + 3
        assert set(sums) == {0}

    def test_a_person_registered_twice_that_day_breaks_no_sum(self):
        register = HandDrawn({"inside": YOUTHS["inside"]})
        twice = register._tables["registrations"]
        register._tables["registrations"] = pd.concat([twice, twice.assign(spell=2)], ignore_index=True)
        result = coverage(register, day=DAY)
        assert (counted(result, sex="all"), result.equations) == ({"either": 1, "both": 1}, ())

    @pytest.mark.parametrize("day", [EXTRACT, date(2022, 12, 31)])
    @pytest.mark.parametrize("indicator", [coverage, registered_outside, stock_by_setting])
    def test_a_day_that_is_not_observed_is_refused(self, indicator, day):
        with pytest.raises(DefinitionError, match="observerad"):
            indicator(HandDrawn(), day=day)

    @pytest.mark.parametrize("indicator", [coverage, registered_outside, stock_by_setting])
    def test_a_register_to_which_the_law_does_not_apply_is_refused(self, indicator):
        register = HandDrawn()
        register.is_kaa = register.follows_law = False
        with pytest.raises(DefinitionError, match="lagens regler"):
            indicator(register, day=DAY)


class TestStockBySetting:
    def test_one_choice_is_changed_at_a_time(self):
        found = counted(stock_by_setting(HandDrawn(), day=DAY), sex="all")
        moved = {name: numbers for name, numbers in found.items() if numbers != (4, 0, 0)}
        assert found["unchanged"] == (4, 0, 0)
        assert moved == {"studiebevis_completes=yes": (3, 0, 1)}
        assert set(found) == {"unchanged", *TargetRules().alternatives()}

    def test_what_comes_and_what_goes_is_told_apart(self):
        rules = TargetRules(komvux_counts="no", studiebevis_completes="yes")
        youths = YOUTHS | {"in_komvux": {"registered": ["2024-11-01", None], "school": ["komvux", "2024-10-01"]}}
        found = counted(stock_by_setting(HandDrawn(youths), day=DAY, rules=rules), sex="all")
        assert found["unchanged"] == (4, 0, 0)
        assert found["komvux_counts=yes"] == (3, 0, 1)
        assert found["studiebevis_completes=no"] == (5, 1, 0)

    def test_the_unchanged_stock_is_that_of_stock_and_flow(self):
        register = HandDrawn()
        here = stock_by_setting(register, day=DAY).cells()
        there = stock_and_flow(register, periods=[calendar_year(2024)]).frame
        stock = cell("stock", day="2024-12-31", extract="2025-02-01", setting="unchanged")
        assert here[stock] == there.loc[there["sex"] == "all", "n_stock_end"].item()

    def test_it_can_be_protected_together_with_the_stock_although_some_fall_away(self):
        youths = {f"{name}{number}": youth for name, youth in YOUTHS.items() for number in range(6)}
        register = HandDrawn(youths)
        results = [stock_and_flow(register, periods=[calendar_year(2024)]), stock_by_setting(register, day=DAY)]
        policy = read_policy(Path(__file__).resolve().parents[2] / "params" / "disclosure.yaml")
        released = protect(results, policy=policy, ledger=Ledger.empty())
        assert counted(released["stock_by_setting"], sex="all")["studiebevis_completes=yes"] == (18, 0, 6)


class TestRegisteredShare:
    def test_those_of_the_group_who_are_registered_and_those_registered_beside_it(self):
        result = registered_share(HandDrawn(), period=calendar_year(2024))
        assert result.title == "Andel av målgruppen som är registrerad 2024-12-31"
        assert result.frame.to_numpy().tolist() == [
            ["all", 4, 2, 0.5, 3],
            ["female", 4, 2, 0.5, 2],
            ["male", 0, 0, pd.NA, 1],
        ]

    def test_the_day_is_the_last_observed_one(self):
        result = registered_share(HandDrawn(), period=calendar_year(2025))
        assert result.context["day"] == "2025-01-31"

    def test_it_is_tied_to_the_lists_and_to_the_stock(self):
        register = HandDrawn()
        share, listed = registered_share(register, period=calendar_year(2024)), coverage(register, day=DAY)
        known = share.cells() | listed.cells()
        stock = stock_and_flow(register, periods=[calendar_year(2024)]).frame.set_index("sex")["n_stock_end"]
        place = {"day": DAY.isoformat(), "extract": EXTRACT.isoformat()}
        known |= {cell("stock", **place, **({} if sex == "all" else {"sex": sex})): n for sex, n in stock.items()}
        sums = [sum(factor * known[term] for factor, term in equation.terms) for equation in share.equations]
        assert sums == [0] * 12
