"""Indicators on hand-drawn registers: whole tables, shared cells, notes, messages."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from kaa_analysis.cohorts import first_spells, registered_during
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import Period, calendar_year, lasar
from kaa_analysis.core.result import Count, Dimension, cell
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.indicators import (
    contact_volumes,
    entries_by_district,
    exits_by_reason,
    first_attempt_within_month,
    inclusion_flow,
    monthly_flow,
    outreach_funnel,
    registered_by_district,
    rows_set_aside,
    share_to_studies,
    stock_and_flow,
    stock_by_district,
    support_by_intervention,
    three_years,
)
from kaa_analysis.store.dtypes import empty_table, typed_table
from tests.spec.asked_by_hand import AskedByHand

YEAR = calendar_year(2024)
EXTRACT = "2025-02-01"
GIRLS = {"a", "c", "e", "g"}


class HandDrawn(AskedByHand):
    """A register drawn by hand; every person is born 10 May 2007 and left compulsory school in June 2023."""

    is_kaa = follows_law = True
    source = "BER-uttag"
    municipality = "0180"
    observed_from = None

    def __init__(self, registrations, *, extract_date=date(2025, 2, 1), **rows):
        self.extract_date = extract_date
        names = list(dict.fromkeys(row["person_id"] for row in registrations))
        drawn = {
            "persons": [
                {"person_id": name, "birth_date": "2007-05-10", "sex": "female" if name in GIRLS else "male"}
                for name in names
            ],
            "residence": [{"person_id": name, "municipality": "0180", "from_date": "2007-05-10"} for name in names],
            "credentials": [{"person_id": name, "kind": "grundskola", "date": "2023-06-13"} for name in names],
            "registrations": registrations,
        } | rows
        self._tables = {name: typed_table(pd.DataFrame(found), table=name) for name, found in drawn.items() if found}

    def table(self, name, *, columns):
        return self._tables.get(name, empty_table(name))[list(columns)].copy()


def spell(person_id, entry, leaving=None, reason=None, *, number=1, **columns) -> dict:
    fixed = {"person_id": person_id, "spell": number, "entry_date": entry, "exit_date": leaving, "exit_reason": reason}
    return fixed | columns


def contact(person_id, day, outcome="no_answer", **columns) -> dict:
    fixed = {"person_id": person_id, "date": day, "direction": "outgoing", "channel": "letter", "outcome": outcome}
    return fixed | columns


def numbered(rows, column) -> list[dict]:
    return [row | {column: number} for number, row in enumerate(rows)]


def funnel_register(contacts, interventions=()) -> HandDrawn:
    return HandDrawn(
        [spell(name, "2024-02-01") for name in "abcdef"],
        contacts=numbered(contacts, "contact"),
        interventions=numbered(interventions, "intervention_number"),
    )


def offer(person_id, start, end=None, kind="guidance", provider="amf") -> dict:
    return {
        "person_id": person_id,
        "kind": kind,
        "provider": provider,
        "offered_date": start or "2024-01-01",
        "start_date": start,
        "end_date": end,
    }


def all_rows(result, *columns) -> list[tuple]:
    """The rows for girls and boys together, the columns asked for."""
    frame = result.frame
    return list(frame.loc[frame["sex"] == "all", list(columns)].itertuples(index=False, name=None))


def assert_cells_agree(*results):
    """The same cell has one value in all tables, and every equation whose cells are known holds."""
    known = {}
    for result in results:
        for place, value in result.cells().items():
            assert known.setdefault(place, value) == value, place.id
    checked = 0
    for result in results:
        for equation in result.all_equations():
            values = [known.get(place) for _, place in equation.terms]
            if None not in values:
                checked += 1
                assert sum(factor * value for (factor, _), value in zip(equation.terms, values, strict=True)) == 0
    assert checked


FLOW = [
    spell("a", "2023-09-01"),
    spell("b", "2023-09-01", "2024-01-01", "turned_20"),
    spell("c", "2023-12-31", "2024-03-01", "komvux"),
    spell("d", "2024-01-01", "2024-01-01", "national_programme"),
    spell("e", "2024-05-01", "2024-06-01", "completed"),
    spell("e", "2024-10-01", number=2),
    spell("f", "2024-12-31", "2025-01-01", None),
    spell("g", "2025-01-01"),
    spell("h", "2024-04-01", "2024-04-20", "misregistered"),
]


def test_stock_and_flow_is_a_sum_in_every_row():
    result = stock_and_flow(HandDrawn(FLOW), periods=[calendar_year(2023), YEAR])
    expected = pd.DataFrame(
        [
            ["2023", "all", 0, 3, 0, 3, 3],
            ["2023", "female", 0, 2, 0, 2, 2],
            ["2023", "male", 0, 1, 0, 1, 1],
            ["2024", "all", 3, 4, 4, 3, 5],
            ["2024", "female", 2, 2, 2, 2, 3],
            ["2024", "male", 1, 2, 2, 1, 2],
        ],
        columns=["period", "sex", "n_stock_start", "n_entries", "n_exits", "n_stock_end", "n_persons"],
    )
    pd.testing.assert_frame_equal(result.frame, expected, check_dtype=False)
    assert result.title == "Registrerade, nya och avslutade, 2023–2024"
    assert result.source == "BER-uttag 2025-02-01, egen bearbetning"


def test_the_end_of_one_year_is_the_same_cell_as_the_start_of_the_next():
    result = stock_and_flow(HandDrawn(FLOW), periods=[calendar_year(2023), YEAR])
    on_new_years_eve = cell("stock", extract=EXTRACT, day="2023-12-31")
    linked = {
        other.measure: dict(other.place)["period"]
        for equation in result.equations
        if any(place == on_new_years_eve for _, place in equation.terms)
        for _, other in equation.terms
        if other != on_new_years_eve
    }
    assert linked == {"stock_end": "2023", "stock_start": "2024"}


def test_a_period_that_the_extract_cuts_ends_on_the_last_observed_day_and_the_note_says_so():
    result = stock_and_flow(HandDrawn(FLOW), periods=[calendar_year(2025)])
    assert all_rows(result, "n_stock_start", "n_entries", "n_exits", "n_stock_end") == [(3, 1, 1, 3)]
    assert result.note.endswith("Preliminärt för 2025: uppgifter till och med 2025-01-31.")


def test_periods_must_be_named_once():
    for periods in ([], [YEAR, YEAR]):
        with pytest.raises(DefinitionError, match="minst en period"):
            stock_and_flow(HandDrawn(FLOW), periods=periods)


def test_the_months_add_up_to_the_period():
    result = monthly_flow(HandDrawn(FLOW), period=Period(date(2024, 1, 1), date(2024, 7, 1), "våren 2024", "half_year"))
    assert all_rows(result, "month", "n_entries", "n_exits") == [
        ("year", 2, 4),
        ("2024-01", 1, 2),
        ("2024-02", 0, 0),
        ("2024-03", 0, 1),
        ("2024-04", 0, 0),
        ("2024-05", 1, 0),
        ("2024-06", 0, 1),
    ]
    assert result.column("month").labels["2024-05"] == "maj 2024"


def test_exits_by_reason_show_true_zeros_and_missing_reasons_but_no_mistakes():
    register = HandDrawn([*FLOW, spell("i", "2024-05-01", "2024-05-10", None)])
    result = exits_by_reason(register, periods=[YEAR])
    rows = all_rows(result, "exit_reason", "n_exits", "n_all_exits", "share_of_exits")
    counted = {reason: (n, n_all, share) for reason, n, n_all, share in rows}
    assert counted == {
        "all": (5, 5, 1.0),
        "national_programme": (1, 5, 0.2),
        "introduction_programme": (0, 5, 0.0),
        "adapted_upper_secondary": (0, 5, 0.0),
        "komvux": (1, 5, 0.2),
        "folkhogskola": (0, 5, 0.0),
        "completed": (1, 5, 0.2),
        "turned_20": (1, 5, 0.2),
        "moved": (0, 5, 0.0),
        "deceased_or_emigrated": (0, 5, 0.0),
        "other": (0, 5, 0.0),
        "missing": (1, 5, 0.2),
    }


def test_the_share_to_studies_has_completed_inside_and_the_share_without_it_beside():
    result = share_to_studies(HandDrawn(FLOW), periods=[YEAR])
    [row] = all_rows(result, "n_exits", "n_to_studies", "n_study_starts", "n_completed", "n_elsewhere")
    assert row == (4, 3, 2, 1, 1)
    [shares] = all_rows(result, "share_to_studies", "share_low", "share_high", "share_study_starts")
    # Wilson 95 % for 3 of 4, by hand: centre 0.627528, half width 0.326886 with z = 1.959964
    assert shares == pytest.approx((0.75, 0.300642, 0.954413, 0.5), abs=5e-6)


def test_without_exits_there_is_no_share():
    result = share_to_studies(HandDrawn([spell("a", "2024-02-01")]), periods=[YEAR])
    assert result.frame[["share_to_studies", "share_low", "share_high", "share_study_starts"]].isna().all(axis=None)


def test_the_funnel_counts_how_far_each_person_came():
    register = funnel_register(
        [
            contact("b", "2024-03-01"),
            contact("c", "2024-03-01", "guardian_only"),
            contact("d", "2024-03-01"),
            contact("d", "2024-03-10", "reached", channel="phone"),
            contact("e", "2024-03-01", "reached", channel="phone"),
            contact("f", "2024-03-01", "reached", direction="incoming", channel="drop_in"),
        ],
        [offer("d", "2024-03-09"), offer("e", "2024-03-01"), offer("f", "2024-03-01"), offer("d", None)],
    )
    result = outreach_funnel(register, registered_during(register, YEAR), period=YEAR)
    expected = pd.DataFrame(
        [
            ["registered", 6, 2, 6, 1.0],
            ["sought", 4, 1, 6, 4 / 6],
            ["responded", 3, 1, 6, 0.5],
            ["youth_responded", 2, 0, 6, 2 / 6],
            ["reached", 2, 1, 6, 2 / 6],
            ["in_support", 1, 1, 6, 1 / 6],
        ],
        columns=["step", "n", "n_stopped", "n_registered", "share_of_registered"],
    )
    frame = result.frame
    found = frame[frame["sex"] == "all"].drop(columns="sex").reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


@pytest.mark.parametrize(
    ("attempt", "step"),
    [
        (contact("a", "2024-01-31", "reached"), "registered"),
        (contact("a", "2024-02-01", "reached"), "reached"),
        (contact("a", "2024-12-31", "reached"), "reached"),
        (contact("a", "2025-01-01", "reached"), "registered"),
        (contact("a", "2024-03-01", "answered"), "youth_responded"),
        (contact("a", "2024-03-01", "declined"), "youth_responded"),
        (contact("a", "2024-03-01", "returned_mail"), "sought"),
        (contact("a", "2024-03-01", "no_answer", responded_by="youth", responded_date="2024-03-20"), "youth_responded"),
        (contact("a", "2024-03-01", "guardian_only"), "responded"),
        (contact("a", "2024-03-01", "answered", responded_by="guardian", responded_date="2024-03-20"), "responded"),
        (contact("a", "2024-03-01", "answered", responded_by="other", responded_date="2024-03-20"), "sought"),
        (contact("a", "2024-12-30", "reached", responded_by="youth", responded_date="2025-01-02"), "sought"),
        (contact("a", "2024-03-01", "reached", direction="incoming"), "registered"),
    ],
)
def test_what_an_attempt_is_worth(attempt, step):
    register = funnel_register([attempt])
    result = outreach_funnel(register, registered_during(register, YEAR), period=YEAR)
    stopped = {name: n for name, n in all_rows(result, "step", "n_stopped") if n}
    assert stopped == ({"registered": 6} if step == "registered" else {"registered": 5, step: 1})


def test_the_funnel_refuses_a_cohort_of_another_period():
    register = funnel_register([])
    with pytest.raises(DefinitionError, match="just den perioden"):
        outreach_funnel(register, registered_during(register, YEAR), period=lasar(2023))


def test_the_first_attempt_is_held_against_a_calendar_month():
    cases = {
        "a": ("2024-02-01", None, "2024-03-01", "within"),
        "b": ("2024-02-01", None, "2024-03-02", "later_or_none"),
        "c": ("2024-01-31", None, "2024-02-29", "within"),
        "d": ("2024-02-01", None, None, "later_or_none"),
        "e": ("2024-02-01", "2024-03-01", None, "left_before"),
        "f": ("2024-02-01", "2024-03-02", None, "later_or_none"),
        "g": ("2024-12-31", None, None, "later_or_none"),
        "h": ("2024-06-01", None, "2024-06-02", "summer"),
        "i": ("2024-09-15", None, None, "summer"),
        "j": ("2024-09-16", None, "2024-09-16", "within"),
        "k": ("2024-05-31", None, "2024-06-30", "within"),
    }
    register = HandDrawn(
        [
            spell(name, day, leaving, "komvux" if leaving else None, registered_at=day)
            for name, (day, leaving, *_) in cases.items()
        ],
        contacts=numbered([contact(name, day) for name, (_, _, day, _) in cases.items() if day], "contact"),
    )
    expected = pd.Series([status for *_, status in cases.values()]).value_counts().to_dict()
    found = dict(all_rows(first_attempt_within_month(register, periods=[YEAR]), "status", "n_spells"))
    assert found == {"all": 11, "not_yet_decided": 0} | expected


def test_a_month_that_is_not_over_is_not_yet_decided_and_a_missing_registration_day_is_the_entry():
    register = HandDrawn(
        [
            spell("a", "2025-01-01", registered_at="2025-01-02"),
            spell("b", "2025-01-01", registered_at="2025-01-01"),
            spell("c", "2024-12-01"),
        ],
    )
    period = Period(date(2024, 12, 1), date(2025, 2, 1), "vintern", "other")
    found = dict(all_rows(first_attempt_within_month(register, periods=[period]), "status", "n_spells"))
    assert found == {"all": 3, "within": 0, "later_or_none": 1, "left_before": 0, "not_yet_decided": 2, "summer": 0}


def test_the_first_attempts_of_each_period_stand_beside_each_other_as_its_new_registrations():
    register = HandDrawn(
        [
            spell("a", "2023-02-01", "2023-08-01", "komvux", registered_at="2023-02-01"),
            spell("b", "2023-12-20", registered_at="2023-12-20"),
            spell("c", "2024-02-01", registered_at="2024-02-01"),
            spell("d", "2024-07-01", registered_at="2024-07-01"),
        ],
        contacts=numbered([contact("b", "2024-01-10"), contact("c", "2024-04-01")], "contact"),
    )
    result = first_attempt_within_month(register, periods=[calendar_year(2023), YEAR])
    found = [row for row in all_rows(result, "status", "period", "n_spells") if row[2]]
    assert found == [
        ("all", "2023", 2),
        ("all", "2024", 2),
        ("within", "2023", 1),
        ("later_or_none", "2023", 1),
        ("later_or_none", "2024", 1),
        ("summer", "2024", 1),
    ]
    assert_cells_agree(result, stock_and_flow(register, periods=[calendar_year(2023), YEAR]))
    assert result.title == "Första kontaktförsök inom en månad, nyregistrerade 2023–2024"
    assert [split.name for split in result.of_role(Dimension)] == ["status", "period", "sex"]
    alone = first_attempt_within_month(register, periods=[YEAR])
    assert [split.name for split in alone.of_role(Dimension)] == ["period", "status", "sex"]


def test_volumes_count_attempts_per_channel_and_a_person_once_in_each():
    register = funnel_register(
        [
            contact("a", "2024-03-01"),
            contact("a", "2024-03-01", channel="sms"),
            contact("a", "2024-04-01"),
            contact("b", "2024-04-01"),
            contact("b", "2023-12-31"),
            contact("b", "2024-04-02", direction="incoming", channel="drop_in"),
        ]
    )
    result = contact_volumes(register, registered_during(register, YEAR), period=YEAR)
    counted = {
        channel: (n, persons) for channel, n, persons in all_rows(result, "channel", "n_attempts", "n_persons") if n
    }
    assert counted == {"all": (4, 2), "letter": (3, 2), "sms": (1, 1)}
    assert {count.name: count.unit for count in result.of_role(Count)} == {
        "n_attempts": "attempts",
        "n_persons": "persons",
    }


def test_all_who_were_sought_in_a_channel_are_the_step_sought_of_the_funnel():
    register = funnel_register([contact("a", "2024-03-01"), contact("b", "2024-04-01", channel="phone")])
    cohort = registered_during(register, YEAR)
    volumes, funnel = contact_volumes(register, cohort, period=YEAR), outreach_funnel(register, cohort, period=YEAR)
    assert dict(all_rows(volumes, "channel", "n_persons"))["all"] == dict(all_rows(funnel, "step", "n"))["sought"] == 2


RESIDENCE = [
    {"person_id": "a", "municipality": "0180", "district": "rinkeby_kista", "from_date": "2010-01-01"},
    {"person_id": "b", "municipality": "0180", "district": "farsta", "from_date": "2010-01-01"},
    {"person_id": "c", "municipality": "0180", "district": None, "from_date": "2010-01-01"},
    {
        "person_id": "d",
        "municipality": "0180",
        "district": "farsta",
        "from_date": "2010-01-01",
        "to_date": "2024-06-01",
    },
    {"person_id": "d", "municipality": "0180", "district": "bromma", "from_date": "2024-06-01"},
]


def district_register() -> HandDrawn:
    return HandDrawn(
        [
            spell("a", "2024-02-01"),
            spell("b", "2024-02-01"),
            spell("c", "2024-02-01"),
            spell("d", "2024-02-01", "2024-03-01", "komvux"),
            spell("d", "2024-08-01", number=2),
        ],
        residence=RESIDENCE,
    )


def test_the_districts_count_each_person_once_where_the_last_spell_was_and_add_up_to_the_city():
    register = district_register()
    cohort = registered_during(register, YEAR)
    counted = {area: n for area, n in all_rows(registered_by_district(cohort), "district", "n_persons") if n}
    assert counted == {"all": 4, "jarva": 1, "farsta": 1, "bromma": 1, "not_shown": 1}
    by_part = dict(all_rows(registered_by_district(cohort, by="part_of_city"), "part_of_city", "n_persons"))
    assert by_part == {"all": 4, "vasterort": 2, "innerstaden": 0, "soderort": 1, "not_shown": 1}
    assert registered_by_district(cohort).column("district").labels["not_shown"] == "Område redovisas inte"
    rows = registered_by_district(cohort).frame
    of_city = rows.loc[rows["district"] == "all"].set_index("sex")["n_persons"]
    assert rows["n_city"].tolist() == [of_city[sex] for sex in rows["sex"]]
    whole = rows["n_city"] > 0
    assert rows["share_of_city"].isna().tolist() == (~whole).tolist()
    assert rows.loc[whole, "share_of_city"].tolist() == (rows["n_persons"] / rows["n_city"])[whole].tolist()
    by_sex = rows[(rows["district"] != "all") & whole].groupby("sex")["share_of_city"].sum()
    assert by_sex.round(12).tolist() == [1.0] * len(by_sex)
    with pytest.raises(DefinitionError, match='menade du "district"'):
        registered_by_district(cohort, by="distrikt")


def test_stock_and_entries_are_placed_on_their_own_day():
    register = district_register()
    stock = stock_by_district(register, day=date(2024, 2, 29))
    assert {area: n for area, n in all_rows(stock, "district", "n_stock") if n} == {
        "all": 4,
        "jarva": 1,
        "farsta": 2,
        "not_shown": 1,
    }
    entries = entries_by_district(register, period=YEAR)
    counted = {area: n for area, n in all_rows(entries, "district", "n_entries") if n}
    assert counted == {"all": 5, "jarva": 1, "farsta": 2, "bromma": 1, "not_shown": 1}
    with pytest.raises(DefinitionError, match="före uttaget"):
        stock_by_district(register, day=date(2025, 2, 1))


def test_the_flow_of_inclusion_adds_up_in_spells_and_persons():
    register = HandDrawn(FLOW)
    result = inclusion_flow(first_spells(registered_during(register, YEAR)))
    assert list(result.frame.itertuples(index=False, name=None)) == [
        ("all", 9, 8),
        ("outside_period", 2, 2),
        ("misregistered", 1, 1),
        ("not_in_target_group", 0, 0),
        ("later_spell", 1, 0),
        ("included", 5, 5),
    ]
    assert result.title == "Vilka som ingår: registrerade 2024, första registreringen under perioden"
    told = [
        {term for _, term in each.terms}
        for each in result.equations
        if each.name == "Alla minus de som lämnas utanför är de som ingår"
    ]
    of_each = [{one for one in result.cells() if one.measure == measure} for measure in ("flow_spells", "flow_persons")]
    assert told == of_each


def test_a_hidden_step_of_the_flow_cannot_be_worked_out_from_the_other_steps():
    cohort = registered_during(HandDrawn(FLOW), YEAR)
    flow = cohort.flow.assign(n_spells=[60, 20, 2, 10, 28], n_persons=[55, 20, 2, 9, 24])
    made = protect([inclusion_flow(replace(cohort, flow_table=flow))], policy=Policy(), ledger=Ledger.empty())[
        "inclusion_registered"
    ]
    shown = made.values_table.set_index("step")
    assert shown.loc["misregistered", ["n_spells", "n_persons"]].isna().all()
    assert shown.isna().sum().ge(2).all()


def test_all_tables_of_a_report_agree_on_the_cells_they_share():
    register = HandDrawn(
        FLOW,
        contacts=numbered([contact("a", "2024-03-01", "reached"), contact("e", "2024-05-02")], "contact"),
        interventions=numbered([offer("a", "2024-04-01")], "intervention_number"),
    )
    cohort = registered_during(register, YEAR)
    assert_cells_agree(
        stock_and_flow(register, periods=[calendar_year(2023), YEAR]),
        exits_by_reason(register, periods=[calendar_year(2023), YEAR]),
        share_to_studies(register, periods=[YEAR]),
        monthly_flow(register, period=YEAR),
        registered_by_district(cohort),
        registered_by_district(cohort, by="part_of_city"),
        stock_by_district(register, day=date(2024, 12, 31)),
        stock_by_district(register, day=date(2023, 12, 31), by="part_of_city"),
        entries_by_district(register, period=YEAR),
        outreach_funnel(register, cohort, period=YEAR),
        first_attempt_within_month(register, periods=[YEAR]),
        contact_volumes(register, cohort, period=YEAR),
        support_by_intervention(register, periods=[YEAR]),
        support_by_intervention(register, periods=[YEAR], by="provider"),
        inclusion_flow(cohort),
    )


def test_a_three_year_series_ends_with_the_year():
    assert [period.label for period in three_years(2024)] == ["2022", "2023", "2024"]


def test_rows_that_were_set_aside_are_told_as_one_protected_number():
    register = HandDrawn(FLOW)
    register.accepted_problem_rows = 7
    result = rows_set_aside(register)
    assert result.frame["n_rows"].tolist() == [7]
    assert {count.unit for count in result.of_role(Count)} == {"spells"}


def test_a_period_before_the_history_is_refused_and_left_out_of_series():
    register = HandDrawn(FLOW)
    register.observed_from = date(2024, 1, 1)
    assert [period.label for period in three_years(2024, observed_from=register.observed_from)] == ["2024"]
    stock_and_flow(register, periods=[YEAR])
    for refused in (
        lambda: stock_and_flow(register, periods=[calendar_year(2023), YEAR]),
        lambda: exits_by_reason(register, periods=[calendar_year(2023)]),
        lambda: share_to_studies(register, periods=[calendar_year(2023)]),
        lambda: monthly_flow(register, period=calendar_year(2023)),
        lambda: registered_during(register, calendar_year(2023)),
    ):
        with pytest.raises(DefinitionError, match="uttagets historik"):
            refused()
