"""The policy is read whole and strictly, or not at all; what it says of values, sections and bases is held to closed sets."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from kaa_analysis.cohorts.exit_ways import EDUCATION_OR_OTHER, STUDY_BY_SCHOOL_FORM, STUDY_OR_OTHER_ENDS
from kaa_analysis.cohorts.first_contact import WAYS as FIRST_CONTACT_WAYS
from kaa_analysis.cohorts.lasting_placements import LASTS, SHORT, UNSEEN
from kaa_analysis.core.errors import ParameterError
from kaa_analysis.core.result import Dimension, cell
from kaa_analysis.core.vocabularies import labels
from kaa_analysis.disclosure.named_values import MEASURES, OWN_VALUES, is_measure, values_of_split
from kaa_analysis.disclosure.policy import Policy, read_policy
from kaa_analysis.disclosure.policy_rules import (
    CurveRules,
    MeanRules,
    ModelRules,
    QuantileRules,
    ShareRules,
    least_base,
)
from kaa_analysis.indicators.areas import PART_OF_CITY
from kaa_analysis.indicators.coverage import COVERAGE, FAILING
from kaa_analysis.indicators.coverage import UNKNOWN as NO_REASON
from kaa_analysis.indicators.exits import UNKNOWN as NO_EXIT_REASON
from kaa_analysis.indicators.funnel import STEP
from kaa_analysis.indicators.law_series import LAW_LABELS, ONLY_LABELS
from kaa_analysis.indicators.participation import SPLITS
from kaa_analysis.indicators.promptness import STATUS
from kaa_analysis.indicators.splits import SEX
from kaa_analysis.indicators.support_ends import END_REASON
from kaa_analysis.indicators.support_outcomes import ACTIVITY
from kaa_analysis.indicators.support_steps import ROUTE
from kaa_analysis.indicators.support_steps import STEP as EMPLOYMENT_STEP
from kaa_analysis.indicators.volumes import CHANNEL
from kaa_analysis.survival.fitted_placement import CALENDAR, CALENDAR_LEVELS, FIRST, LATER
from kaa_analysis.survival.groups import SEASONS as SUMMER_OR_NOT
from kaa_analysis.survival.model_covariates import BASELINE, SEASONS

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "params" / "disclosure.yaml").read_text(encoding="utf-8")


def read(folder: Path, text: str) -> Policy:
    path = folder / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    return read_policy(path)


def refusal(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(ParameterError) as refused:
        read(folder, text)
    return refused.value.found


def changed(old: str, new: str) -> str:
    assert SHIPPED.count(old) == 1
    return SHIPPED.replace(old, new)


def test_the_shipped_policy_is_the_default_one(tmp_path: Path) -> None:
    assert read(tmp_path, SHIPPED) == Policy()


def test_the_default_policy_is_that_of_stockholm() -> None:
    policy = Policy()
    assert (policy.unsafe_below, policy.protected_units, policy.method, policy.rounding) == (
        5,
        ("persons", "spells"),
        "suppress",
        {},
    )
    assert policy.disclosive == {
        "measure": (),
        "entry_reason": ("newly_resident", "dropout_adapted"),
        "reason": ("folkbokford_after_compulsory_age", "protected_identity"),
    }
    assert policy.harmless == {"measure": ()}
    assert (policy.shares, policy.means) == (ShareRules(20), MeanRules(10, 10))
    assert (policy.quantiles, policy.models, policy.curves) == (
        QuantileRules(5, 7),
        ModelRules(10, 5),
        CurveRules("months", 1),
    )


def test_every_rule_has_a_comment() -> None:
    rules = [line for line in SHIPPED.splitlines() if not line.startswith("#")]
    assert len(rules) == 25
    assert [line for line in rules if " # " not in line] == []


RULES = [
    "unsafe_below", "protected_units", "disclosive", "harmless", "shares", "means", "quantiles", "models", "curves", "method", "rounding",
]  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_a_missing_rule_stops_everything(tmp_path: Path, rule: str) -> None:
    kept, inside = [], False
    for line in SHIPPED.splitlines():
        inside = line.startswith(f"{rule}:") or (inside and line.startswith(" "))
        kept += [] if inside else [line]
    assert refusal(tmp_path, "\n".join(kept)) == (f"{rule}: saknas",)


WRONG = {
    "misspelt": (("unsafe_below", "unsafe_belov"), ('unsafe_belov: okänd regel (menade du "unsafe_below"?)', "unsafe_below: saknas")),
    "misspelt in a section": (
        ("persons_from", "person_from"),
        ('means.person_from: okänd regel (menade du "persons_from"?)', "means.persons_from: saknas"),
    ),
    "missing in a section": (("  step_days: 7 ", "  # "), ("quantiles.step_days: saknas",)),
    "twice in a section": (("  step_days: 7 ", "  step_days: 7\n  step_days: 14 "), ("policy.yaml: YAMLError", "step_days: står mer än en gång")),
    "a section without rules": (("  rounded_denominator_from: 20 ", "  "), ("shares: ska bestå av rader av typen regel: värde",)),
    "a threshold as text": (("unsafe_below: 5", 'unsafe_below: "5"'), ("unsafe_below: ska vara ett heltal mellan 3 och 100",)),
    "a number as text": (("step_days: 7", 'step_days: "7"'), ("quantiles.step_days: ska vara ett heltal mellan 7 och 91",)),
    "a truth for a number": (("persons_from: 10", "persons_from: true"), ("means.persons_from: ska vara ett heltal mellan 3 och 1000",)),
    "too small a number": (("persons_each_side: 5", "persons_each_side: 1"), ("quantiles.persons_each_side: ska vara ett heltal mellan 3 och 1000",)),
    "half a number": (("residual_df_from: 10", "residual_df_from: 9.5"), ("models.residual_df_from: ska vara ett heltal mellan 1 och 1000",)),
    "curves by day": (("grid: months", "grid: days"), ("curves.grid: finns inte, en kurva visas aldrig dag för dag",)),
    "unknown split": (("  entry_reason: [", "  entry_reson: ["), ('disclosive.entry_reson: okänd uppdelning (menade du "entry_reason"?)',)),
    "unknown value": (("newly_resident", "newly_residen"), ('disclosive.entry_reason: okänt värde (menade du "newly_resident"?)',)),
    "unknown measure": (("  measure: []                       # hela", "  measure: [exit]  # hela"), ('disclosive.measure: okänt mått (menade du "exits"?)',)),
    "a value for a list": (("[newly_resident, dropout_adapted]", "newly_resident"), ("disclosive.entry_reason: ska vara en lista av värden",)),
    "a value twice": (("[newly_resident, dropout_adapted]", "[newly_resident, newly_resident]"), ("disclosive.entry_reason: ett värde står mer än en gång",)),
    "a number for a value": (("[newly_resident, dropout_adapted]", "[1]"), ("disclosive.entry_reason: värdena ska vara text (skriv tal inom citattecken)",)),
    "no list of measures": (("  measure: []                       # inga", "  # inga"), ("harmless: ska ange värden per uppdelning",)),
    "only values": (("  measure: []                       # hela", "  # hela"), ("disclosive.measure: saknas",)),
    "unknown method": (("method: suppress", "method: supress"), ('method: finns inte (menade du "suppress"?)',)),
    "rounding of nothing": (("rounding: {}", "rounding: {exit: 10}"), ('rounding: okänt mått (menade du "exits"?)',)),
    "no base": (("rounding: {}", "rounding: exits"), ("rounding: ska ange en bas per mått",)),
    "too small a base": (
        ("rounding: {}", "rounding: {exits: 5}"),
        (
            "rounding.exits: ska vara ett heltal mellan 9 och 1000; med en mindre bas avrundas inte 0 till 4 alla till 0, och läsaren ser mer än "
            "att de är få eller inga",
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_policy_with_a_rule_that_cannot_be_used_stops_everything(tmp_path: Path, case: str) -> None:
    (old, new), found = WRONG[case]
    assert refusal(tmp_path, changed(old, new)) == found


def test_all_problems_are_told_together(tmp_path: Path) -> None:
    text = changed("grid: months", "grid: weeks").replace("unsafe_below: 5", "unsafe_below: 1")
    assert refusal(tmp_path, text) == (
        "unsafe_below: ska vara ett heltal mellan 3 och 100",
        "curves.grid: finns inte, en kurva visas aldrig dag för dag",
    )


def test_an_unreadable_policy_stops_everything(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a: [") == ("policy.yaml: ParserError",)
    assert refusal(tmp_path, "- 1\n") == refusal(tmp_path, "") == ("policy.yaml",)
    with pytest.raises(ParameterError) as refused:
        read_policy(tmp_path / "none.yaml")
    assert refused.value.found == ("none.yaml: FileNotFoundError",)


def test_every_rule_decides_the_hash() -> None:
    policies = [
        Policy(),
        Policy(unsafe_below=6),
        Policy(protected_units=("persons", "spells", "attempts")),
        Policy(disclosive={}),
        Policy(harmless={"months": ("0",)}),
        Policy(shares=ShareRules(30)),
        Policy(means=MeanRules(10, 20)),
        Policy(quantiles=QuantileRules(6)),
        Policy(models=ModelRules(11)),
        Policy(curves=CurveRules(step_from=3)),
        Policy(rounding={"exits": 10}),
    ]
    assert len({policy.policy_hash for policy in policies}) == len(policies)
    assert Policy(rounding={"exits": 10}).policy_hash == Policy(rounding={"exits": 10}).policy_hash


def test_a_policy_does_not_change_with_what_it_was_made_of() -> None:
    rounding = {"exits": 10}
    policy = Policy(rounding=rounding)
    rounding["exits"] = 5
    assert policy.rounding == {"exits": 10}


def test_a_listed_value_is_disclosive_and_a_harmless_one_is_not() -> None:
    policy = Policy(
        disclosive={"measure": ("in_support",), "entry_reason": ("newly_resident", "dropout_adapted")},
        harmless={"entry_reason": ("dropout_adapted",), "months": ("0",)},
    )
    assert policy.is_disclosive("entry_reason", "newly_resident")
    assert not policy.is_disclosive("entry_reason", "dropout_adapted")
    assert not policy.is_disclosive("exit_reason", "newly_resident")
    assert policy.is_disclosive("measure", "in_support")
    assert policy.disclosive_parts(cell("in_support", entry_reason="newly_resident")) == ("measure", "entry_reason")
    assert policy.disclosive_parts(cell("in_support", entry_reason="newly_resident", months="0")) == ()
    assert policy.disclosive_parts(cell("exits", entry_reason="unknown")) == ()


def test_a_harmless_value_may_be_a_time_from_the_start(tmp_path: Path) -> None:
    line = "  measure: []                       # inga"
    assert read(tmp_path, changed(line, f'  months: ["0"]\n{line}')).is_harmless("months", "0")
    assert refusal(tmp_path, changed(line, f'  months: ["tre"]\n{line}')) == ("harmless.months: okänt värde",)


@pytest.mark.parametrize(("unsafe_below", "base"), [(3, 5), (5, 9), (10, 19)])
def test_the_least_base_rounds_every_unsafe_count_to_zero_and_one_less_does_not(unsafe_below: int, base: int) -> None:
    assert least_base(unsafe_below) == base
    assert [(2 * number + base) // (2 * base) for number in range(unsafe_below)] == [0] * unsafe_below
    assert (2 * (unsafe_below - 1) + base - 1) // (2 * (base - 1)) == 1
    with pytest.raises(ParameterError):
        Policy(unsafe_below=unsafe_below, rounding={"exits": base - 1})
    assert Policy(unsafe_below=unsafe_below, rounding={"exits": base}).method_of("exits") == f"round {base}"


SPLITS_OF_THE_ANALYSES = [
    COVERAGE, STATUS, STEP, SEX, CHANNEL, PART_OF_CITY, *SPLITS.values(), END_REASON, ACTIVITY, EMPLOYMENT_STEP, ROUTE,
]  # fmt: skip


@pytest.mark.parametrize("split", SPLITS_OF_THE_ANALYSES, ids=[split.name for split in SPLITS_OF_THE_ANALYSES])
def test_every_value_of_a_split_can_be_named(split: Dimension) -> None:
    named = values_of_split(split.name)
    shown = set(split.labels) - {split.total}
    assert shown <= named
    if split.name in OWN_VALUES:
        assert named == shown


def test_what_stands_for_missing_codes_and_ways_out_can_be_named() -> None:
    assert values_of_split("reason") >= {*FAILING, NO_REASON}
    assert NO_EXIT_REASON in values_of_split("exit_reason")
    assert values_of_split("law") == {*LAW_LABELS, *ONLY_LABELS}
    to_contact = {way for ways in FIRST_CONTACT_WAYS.values() for way in ways}
    assert values_of_split("way_out") == to_contact | {
        *STUDY_OR_OTHER_ENDS.labels,
        *STUDY_BY_SCHOOL_FORM.labels,
        *EDUCATION_OR_OTHER.labels,
        *(LASTS, SHORT, UNSEEN),
    }
    assert values_of_split("season") == set(SUMMER_OR_NOT)


def test_the_levels_of_models_can_be_named() -> None:
    ages = {f"{age}_or_younger" for age in range(15, 19)} | {str(age) for age in range(16, 20)}
    assert values_of_split("covariate") == {*BASELINE, CALENDAR}
    assert values_of_split("level") == {*labels("sex"), *ages, *SEASONS, *CALENDAR_LEVELS}
    assert values_of_split("since_entry") == {FIRST, LATER}
    assert {"female_and_male", "16_or_younger_and_18", "spring_and_autumn"} <= values_of_split("comparison")


BEGUN = {"placed_within": ["entering_quarterly", "entering_reaching", "entering_variant"]}
"""What a measure begins with where it is not the name of the cohort alone."""


def _measures_in_code() -> set[str]:
    """Return every measure that is written out in the code that makes counts; of a follow-up with the cohort's name put in."""
    found = set()
    for path in sorted((ROOT / "kaa_analysis").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Name) and call.func.id == "Count":
                given = [word.value for word in call.keywords if word.arg == "measure"] or call.args[2:3]
                for value in given:
                    if isinstance(value, ast.Constant):
                        found.add(value.value)
                    elif isinstance(value, ast.JoinedStr):
                        said = "".join(part.value for part in value.values if isinstance(part, ast.Constant))
                        found |= {begun + said for begun in BEGUN.get(path.stem, ["entering"])}
    return found


def test_every_measure_that_is_counted_can_be_named() -> None:
    found = _measures_in_code()
    assert len(found) > 30
    assert [name for name in sorted(found) if not is_measure(name)] == []
    by_name = {"stock", "entries", "exits", "covered", "in_support"}  # counted under a constant
    assert set(MEASURES) - found <= by_name
