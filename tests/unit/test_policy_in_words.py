"""Each rule of the policy has its limits, and what breaks it is told in full: the rule, what it may be, and the nearest name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, make_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from kaa_analysis.core.errors import ParameterError
from kaa_analysis.disclosure.named_values import (
    FURTHER_VALUES,
    MEASURES,
    OWN_VALUES,
    VOCABULARIES,
    is_measure,
    measure_problems,
    naming_problems,
    splits,
    values_of_split,
)
from kaa_analysis.disclosure.policy import Policy, _mapping, read_policy, refused
from kaa_analysis.disclosure.policy_rules import (
    SECTIONS,
    CurveRules,
    _whole,
    coarsen_problems,
    is_whole,
    rounding_problems,
    section_problems,
    unit_problems,
    value_problems,
)

SHIPPED = (Path(__file__).parents[2] / "params" / "disclosure.yaml").read_text(encoding="utf-8")
ACTION = "Gör så här: rätta params/disclosure.yaml och kör igen"


def message(folder: Path, text: str | bytes) -> str:
    """Return the whole message with which a policy file is refused."""
    path = folder / "policy.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ParameterError) as error:
        read_policy(path)
    return error.value.message()


@pytest.mark.parametrize(("number", "unsafe"), [(0, False), (1, True), (4, True), (5, False), (6, False)])
def test_a_count_is_unsafe_from_one_to_just_below_the_threshold(number: int, unsafe: bool) -> None:
    assert Policy(unsafe_below=5).is_unsafe(number) is unsafe


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [
        ("shares.rounded_denominator_from", 10, 1000),
        ("means.persons_from", 3, 1000),
        ("means.dominance_percent", 1, 100),
        ("quantiles.persons_each_side", 3, 1000),
        ("quantiles.step_days", 7, 91),
        ("models.residual_df_from", 1, 1000),
        ("models.cell_from", 3, 1000),
        ("curves.step_from", 1, 12),
    ],
)
def test_every_number_of_a_section_has_its_limits(field: str, least: int, most: int) -> None:
    section, name = field.split(".")
    wrong = f"{field}: ska vara ett heltal mellan {least} och {most}"
    values = {least - 1: [wrong], least: [], most: [], most + 1: [wrong]}
    assert {value: list(section_problems(section, SECTIONS[section](**{name: value}))) for value in values} == values


def test_all_that_is_wrong_in_a_section_is_told() -> None:
    assert list(section_problems("curves", CurveRules(grid="month", step_from=0))) == [
        'curves.grid: finns inte, en kurva visas aldrig dag för dag (menade du "months"?)',
        "curves.step_from: ska vara ett heltal mellan 1 och 12",
    ]


def test_a_rule_of_a_section_keeps_its_value_and_its_limits() -> None:
    @dataclass
    class Rules:
        number: int = _whole(7, least=3, most=9)

    (rule,) = fields(Rules)
    assert (Rules().number, rule.metadata["least"], rule.metadata["most"]) == (7, 3, 9)


def test_a_rule_that_maps_begins_with_a_copy_of_its_own_and_does_not_hinder_a_hash() -> None:
    rules = make_dataclass("rules", [("named", dict[str, int], _mapping({"exits": 10}))], frozen=True)
    first, second = rules(), rules()
    first.named["exits"] = 5
    assert second.named == {"exits": 10}
    assert hash(first) == hash(second)


def test_equal_policies_are_one_key() -> None:
    assert {Policy(), Policy(), replace(Policy(), unsafe_below=6)} == {Policy(), Policy(unsafe_below=6)}


@pytest.mark.parametrize(
    ("value", "whole"), [(2, False), (3, True), (9, True), (10, False), (3.0, False), ("3", False), (None, False)]
)
def test_a_whole_number_lies_within_its_limits(value: Any, whole: bool) -> None:
    assert is_whole(value, least=3, most=9) is whole


def test_a_truth_is_no_number() -> None:
    assert [is_whole(value, least=0, most=1) for value in (True, False, 1, 0)] == [False, False, True, True]


@pytest.mark.parametrize(
    ("units", "problems"),
    [
        (("persons", "spells"), []),
        (("spells", "attempts", "persons"), []),
        (["persons", "spells"], ["protected_units: ska vara en lista"]),
        ("persons", ["protected_units: ska vara en lista"]),
        (
            ("person",),
            [
                'protected_units: okänd enhet (menade du "persons"?)',
                'protected_units: "persons" ska ingå (en period är en persons)',
                'protected_units: "spells" ska ingå (en period är en persons)',
            ],
        ),
        (("persons", 7), ["protected_units: okänd enhet", 'protected_units: "spells" ska ingå (en period är en persons)']),
    ],
)  # fmt: skip
def test_persons_and_their_spells_are_always_protected(units: Any, problems: list[str]) -> None:
    assert unit_problems(units) == problems


@pytest.mark.parametrize("share", [0, 0.0, 0.2, 1, 1.0])
def test_rows_may_be_put_together_from_any_share(share: float) -> None:
    assert list(coarsen_problems(share)) == []


@pytest.mark.parametrize("share", [-0.01, 1.01, True, "0.2", None, float("nan")])
def test_what_is_no_share_is_refused(share: Any) -> None:
    assert list(coarsen_problems(share)) == ["coarsen_above: ska vara ett tal mellan 0 och 1"]


@pytest.mark.parametrize(
    ("named", "problems"),
    [
        ({}, []),
        ({"sex": (), "law": ("bridged",)}, []),
        (None, ["harmless: ska ange värden per uppdelning"]),
        (("sex",), ["harmless: ska ange värden per uppdelning"]),
        (
            {"sex": "female", "law": ("a", "a"), "kind": ("a", 1), "step": ("a", "b"), "route": None},
            [
                "harmless.sex: ska vara en lista av värden",
                "harmless.route: ska vara en lista av värden",
                "harmless.law: ett värde står mer än en gång",
                "harmless.kind: värdena ska vara text (skriv tal inom citattecken)",
            ],
        ),
    ],
)
def test_values_are_listed_by_split_as_texts_once_each(named: Any, problems: list[str]) -> None:
    assert list(value_problems("harmless", named)) == problems


def test_a_base_of_rounding_lies_between_the_least_that_hides_and_a_thousand() -> None:
    def wrong(measure: str) -> str:
        return (
            f"rounding.{measure}: ska vara ett heltal mellan 5 och 1000; med en mindre bas avrundas inte 0 till 2 alla "
            "till 0, och läsaren ser mer än att de är få eller inga"
        )

    bases = {"exits": 4, "entries": 5, "stock": 1000, "covered": 1001, "flow": "5"}
    assert list(rounding_problems(bases, unsafe_below=3)) == [wrong("exits"), wrong("covered"), wrong("flow")]
    assert list(rounding_problems({}, unsafe_below=3)) == []
    assert list(rounding_problems(["exits"], unsafe_below=3)) == ["rounding: ska ange en bas per mått"]


def test_all_that_is_wrong_with_a_policy_is_told_in_one_message() -> None:
    with pytest.raises(ParameterError) as error:
        Policy(
            unsafe_below=2,
            protected_units=("persons",),
            disclosive=None,
            harmless={"sex": "female"},
            curves=CurveRules(grid="days"),
            method="supress",
            rounding={"exits": 4, "entries": 5},
            coarsen_above=2,
        )
    assert error.value.message() == (
        "Röjandepolicyn har värden som inte går att använda.\n"
        "  – unsafe_below: ska vara ett heltal mellan 3 och 100\n"
        '  – protected_units: "spells" ska ingå (en period är en persons)\n'
        "  – disclosive: ska ange värden per uppdelning\n"
        "  – harmless.sex: ska vara en lista av värden\n"
        "  – curves.grid: finns inte, en kurva visas aldrig dag för dag\n"
        '  – method: finns inte (menade du "suppress"?)\n'
        "  – coarsen_above: ska vara ett tal mellan 0 och 1\n"
        "  – rounding.exits: ska vara ett heltal mellan 5 och 1000; med en mindre bas avrundas inte 0 till 2 alla till 0, "
        "och läsaren ser mer än att de är få eller inga\n" + ACTION
    )


@pytest.mark.parametrize(("threshold", "fits"), [(2, False), (3, True), (100, True), (101, False)])
def test_the_threshold_is_at_least_three_and_at_most_a_hundred(threshold: int, fits: bool) -> None:
    if fits:
        assert Policy(unsafe_below=threshold).unsafe_below == threshold
        return
    with pytest.raises(ParameterError) as error:
        Policy(unsafe_below=threshold)
    assert error.value.found == ("unsafe_below: ska vara ett heltal mellan 3 och 100",)


def test_a_refused_policy_says_what_to_do() -> None:
    error = refused("Röjandepolicyn duger inte.", ["a: saknas", "b: saknas"])
    assert error.message() == f"Röjandepolicyn duger inte.\n  – a: saknas\n  – b: saknas\n{ACTION}"


UNREADABLE = "Röjandepolicyn går inte att läsa. Utan den släpps ingenting.\n  – "
FILES = {
    "broken": ("a: [", f"{UNREADABLE}policy.yaml: ParserError"),
    "not UTF-8": ("método: röjd".encode("latin-1"), f"{UNREADABLE}policy.yaml: UnicodeDecodeError"),
    "a rule twice": (
        f"{SHIPPED}\nunsafe_below: 5\n",
        f"{UNREADABLE}policy.yaml: YAMLError\n  – unsafe_below: står mer än en gång",
    ),
    "a list": ("- 1\n", "Röjandepolicyn ska bestå av rader av typen regel: värde.\n  – policy.yaml"),
    "other rules": (
        SHIPPED.replace("coarsen_above", "coarsn_above").replace("  step_from", "  steps_from"),
        "Röjandepolicyn policy.yaml ska ange varje regel och inga andra.\n"
        '  – coarsn_above: okänd regel (menade du "coarsen_above"?)\n  – coarsen_above: saknas\n'
        '  – curves.steps_from: okänd regel (menade du "step_from"?)\n  – curves.step_from: saknas',
    ),
    "other names": (
        SHIPPED.replace("newly_resident", "newly_residen")
        .replace("  measure: []                       # hela", "  # hela")
        .replace("rounding: {}", "rounding: {exit: 10}"),
        "Röjandepolicyn policy.yaml ska nämna uppdelningar, värden och mått som finns.\n"
        '  – disclosive.entry_reason: okänt värde (menade du "newly_resident"?)\n'
        "  – disclosive.measure: saknas\n"
        '  – rounding: okänt mått (menade du "exits"?)',
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_a_policy_file_that_cannot_be_used_is_refused_in_full(tmp_path: Path, case: str) -> None:
    text, told = FILES[case]
    assert message(tmp_path, text) == f"{told}\n{ACTION}"


def test_a_policy_file_may_say_anything_in_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(SHIPPED + "# åäö ÅÄÖ – röjandekontrollen\n", encoding="utf-8")
    assert read_policy(path) == Policy()


def test_the_splits_that_can_be_named_are_these() -> None:
    assert splits() == (
        "activity", "administration", "admission_outcome", "age", "age_at_entry", "channel", "choice", "comparison", "covariate", "coverage",
        "criterion", "district", "end_reason", "entry_quarter", "entry_reason", "exit_reason", "fork", "handover", "intervention_step", "kind", "law", "leave_reason",
        "letter", "level", "month_of_year", "months", "not_offered_reason", "notice", "official_step", "origin", "outreach_step", "part_of_city",
        "path", "placement", "provider", "quantile", "reach", "reason", "route_in", "routine", "school_form", "season", "setting", "sex", "since_entry",
        "status", "step", "variant", "way_out",
    )  # fmt: skip


@pytest.mark.parametrize("names", [MEASURES, [*VOCABULARIES], [*FURTHER_VALUES], [*OWN_VALUES]])
def test_the_lists_of_names_stand_in_order_and_name_each_once(names: Sequence[str]) -> None:
    assert [*names] == sorted(set(names))


def test_every_split_that_can_be_named_has_values_and_a_misspelt_one_is_near_it() -> None:
    assert [name for name in splits() if not values_of_split(name)] == []
    misspelt = {name: (f"{name[:-1]}0",) for name in splits()}
    told = [list(naming_problems("harmless", {f"{name}0": ()})) for name in misspelt]
    assert told == [[f'harmless.{name}0: okänd uppdelning (menade du "{name}"?)'] for name in misspelt]


@pytest.mark.parametrize(
    ("split", "some", "no_value"),
    [
        ("district", "bromma", "all"),
        ("part_of_city", "innerstaden", "bromma"),
        ("sex", "female", "all"),
        ("months", "120", "121"),
        ("months", "0", "-1"),
        ("month_of_year", "09", "13"),
        ("law", "bridged", "within"),
        ("exit_reason", "missing", "unknown"),
        ("reason", "unknown", "missing"),
    ],
)
def test_a_split_has_its_own_values(split: str, some: str, no_value: str) -> None:
    assert some in values_of_split(split)
    assert no_value not in values_of_split(split)


def test_what_nothing_is_counted_under_is_told_with_the_nearest_measure() -> None:
    names = ["exits", "exitz", "entering_at_risk", "vad som helst"]
    assert list(measure_problems("rounding", names)) == [
        'rounding: okänt mått (menade du "exits"?)',
        "rounding: okänt mått",
    ]


@pytest.mark.parametrize(
    ("name", "measure"),
    [
        ("exits", True),
        ("exit", False),
        ("entering_events_to_date", True),
        ("entering_eventsx", False),
        ("_at_risk", False),
    ],
)
def test_a_measure_is_known_by_its_whole_name(name: str, measure: bool) -> None:
    assert is_measure(name) is measure


def test_a_whole_measure_that_nothing_is_counted_under_is_told_under_its_rule() -> None:
    told = [*naming_problems("harmless", {"measure": ("exit",)})]
    assert told == ['harmless.measure: okänt mått (menade du "exits"?)']


def test_a_base_for_a_measure_that_nothing_is_counted_under_is_told(tmp_path: Path) -> None:
    (tmp_path / "disclosure.yaml").write_text(
        SHIPPED.replace("rounding: {}", "rounding: {entrie: 10}"), encoding="utf-8"
    )
    with pytest.raises(ParameterError) as refused:
        read_policy(tmp_path / "disclosure.yaml")
    assert refused.value.found == ('rounding: okänt mått (menade du "entries"?)',)
