"""What must always hold for stock, flow and funnel, whatever the register holds."""

from datetime import date, timedelta

import pandas as pd
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from kaa_analysis.cohorts import registered_during
from kaa_analysis.core.periods import half_year
from kaa_analysis.indicators import (
    flow_in_parts,
    outreach_funnel,
    persons_in_flow,
    stock_and_flow,
    studies_within_year,
    study_measures,
)
from kaa_analysis.store.dtypes import empty_table, typed_table
from kaa_analysis.target_population import target_population
from tests.spec.asked_by_hand import AskedByHand

FIRST = date(2023, 1, 1)
EXTRACT = date(2024, 10, 1)
PERIODS = [half_year(2023, 2), half_year(2024, 1), half_year(2024, 2)]
EXAMPLES = settings(max_examples=12, derandomize=True, deadline=None, phases=[Phase.explicit, Phase.generate])
"""A dozen drawn registers of up to eight persons; the draws are the same in every run, and a failure is shown as it was drawn."""

days = st.integers(0, (EXTRACT - FIRST).days - 1)
spells = st.tuples(
    days, st.none() | st.integers(0, 400), st.sampled_from(["komvux", "turned_20", "misregistered", None])
)
attempts = st.tuples(
    days,
    st.sampled_from(["no_answer", "answered", "reached", "guardian_only"]),
    st.sampled_from(["outgoing", "incoming"]),
)
persons = st.fixed_dictionaries(
    {
        "sex": st.sampled_from(["female", "male"]),
        "born": st.integers(0, 1500),
        "spells": st.lists(spells, min_size=1, max_size=2),
        "enrolments": st.lists(st.tuples(days, st.integers(1, 300)), max_size=2, unique_by=lambda drawn: drawn[0]),
        "attempts": st.lists(attempts, max_size=3),
        "support": st.lists(days, max_size=2),
    }
)
registers = st.lists(persons, min_size=1, max_size=8)


class Drawn(AskedByHand):
    """A register of drawn persons under the names given."""

    is_kaa = follows_law = True
    source = "BER-uttag"
    municipality = "0180"
    observed_from = None
    extract_date = EXTRACT

    def __init__(self, drawn, *, names):
        rows = {
            name: []
            for name in (
                "persons",
                "residence",
                "credentials",
                "registrations",
                "schooling",
                "contacts",
                "interventions",
            )
        }
        for name, one in zip(names, drawn, strict=True):
            self._add(rows, name, one)
        self._tables = {name: typed_table(pd.DataFrame(found), table=name) for name, found in rows.items() if found}

    def table(self, name, *, columns):
        return self._tables.get(name, empty_table(name))[list(columns)].copy()

    def _add(self, rows, name, one):
        born = date(2003, 6, 1) + timedelta(days=one["born"])
        key = {"person_id": name}
        rows["persons"].append(key | {"birth_date": born, "sex": one["sex"]})
        rows["residence"].append(key | {"municipality": "0180", "from_date": born})
        rows["credentials"].append(key | {"kind": "grundskola", "date": date(born.year + 16, 6, 10)})
        for number, (start, length, reason) in enumerate(one["spells"]):
            entry = FIRST + timedelta(days=start)
            leaving = None if length is None else entry + timedelta(days=length)
            ended = leaving is not None and leaving < EXTRACT
            period = {
                "entry_date": entry,
                "exit_date": leaving if ended else None,
                "exit_reason": reason if ended else None,
            }
            rows["registrations"].append(key | {"spell": number} | period)
        for start, length in one["enrolments"]:
            began = FIRST + timedelta(days=start)
            place = {"school_form": "komvux", "from_date": began, "to_date": began + timedelta(days=length)}
            rows["schooling"].append(key | place)
        for number, (start, outcome, direction) in enumerate(one["attempts"]):
            attempt = {
                "date": FIRST + timedelta(days=start),
                "direction": direction,
                "channel": "phone",
                "outcome": outcome,
            }
            rows["contacts"].append(key | {"contact": number} | attempt)
        for number, start in enumerate(one["support"]):
            began = FIRST + timedelta(days=start)
            offered = {"kind": "aim", "provider": "amf", "offered_date": began, "start_date": began}
            rows["interventions"].append(key | {"intervention_number": number} | offered)


def named(drawn) -> Drawn:
    return Drawn(drawn, names=[f"p{number}" for number in range(len(drawn))])


def tables_of(register, period) -> list[pd.DataFrame]:
    """Tables that no order or name may change."""
    population = target_population(register)
    cohort = registered_during(register, period, population=population)
    return [
        stock_and_flow(register, periods=[period], population=population).frame,
        outreach_funnel(register, cohort, period=period).frame,
        cohort.spells.drop(columns="person_id"),
    ]


@EXAMPLES
@given(registers)
def test_the_stock_tomorrow_is_the_stock_today_plus_in_minus_out(drawn):
    register = named(drawn)
    frame = stock_and_flow(register, periods=PERIODS, population=target_population(register)).frame
    balance = frame["n_stock_start"] + frame["n_entries"] - frame["n_exits"] - frame["n_stock_end"]
    assert list(balance) == [0] * len(frame)
    for _, rows in frame.groupby("sex"):
        assert list(rows["n_stock_end"])[:-1] == list(rows["n_stock_start"])[1:]


@EXAMPLES
@given(registers)
def test_the_parts_of_the_flow_add_up_to_it_in_registrations_and_in_persons(drawn):
    register, asked = named(drawn), {"periods": PERIODS}
    whole = stock_and_flow(register, **asked).frame
    parts, measures = flow_in_parts(register, **asked).frame, study_measures(register, **asked).frame
    assert list(parts[["n_first", "n_again_within_year", "n_again_later"]].sum(axis=1)) == list(whole["n_entries"])
    assert list(parts[["n_to_studies", "n_turned_20", "n_otherwise"]].sum(axis=1)) == list(whole["n_exits"])
    new = measures[measures["origin"] == "entered"]
    assert (
        list(new["n_base"])
        == list(whole["n_entries"])
        == list(studies_within_year(register, **asked).frame["n_entries"])
    )
    persons = persons_in_flow(register, **asked).frame
    came = persons[["n_persons_start", "n_persons_first", "n_persons_again"]].sum(axis=1)
    assert list(came) == list(persons[["n_persons_left", "n_persons_end"]].sum(axis=1))
    assert list(persons["n_persons_first"]) == list(parts["n_first"])
    assert (came >= whole["n_persons"]).all()


@EXAMPLES
@given(registers)
def test_no_step_of_the_funnel_holds_more_than_the_one_before(drawn):
    register, period = named(drawn), half_year(2024, 1)
    frame = outreach_funnel(register, registered_during(register, period), period=period).frame
    for _, rows in frame.groupby("sex"):
        assert rows["n"].is_monotonic_decreasing
        assert rows["n_stopped"].sum() == rows["n_registered"].iloc[0]


@EXAMPLES
@given(registers, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_names_of_persons_change_nothing(drawn, random):
    names = [f"{number:03d}" for number in random.sample(range(1000), len(drawn))]
    mixed = list(zip(drawn, names, strict=True))
    random.shuffle(mixed)
    again = Drawn([one for one, _ in mixed], names=[name for _, name in mixed])
    period = half_year(2024, 1)
    for one, other in zip(tables_of(named(drawn), period), tables_of(again, period), strict=True):
        pd.testing.assert_frame_equal(one, other)


@EXAMPLES
@given(registers)
def test_times_in_the_target_group_never_touch_and_hold_all_conditions(drawn):
    population = target_population(named(drawn))
    for _, rows in population.intervals.groupby("person_id"):
        assert (rows["start"] < rows["end"]).all()
        assert (rows["end"].iloc[:-1].to_numpy() < rows["start"].iloc[1:].to_numpy()).all()
    conditions = population.conditions
    for row in population.intervals.itertuples():
        held = conditions[
            (conditions["person_id"] == row.person_id)
            & (conditions["start"] <= row.start)
            & (row.start < conditions["end"])
        ]
        assert held["holds"].all()
        assert len(held) == 7
