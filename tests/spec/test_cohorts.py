"""Cohorts and follow-ups keep their contract: who is chosen, the flow, districts, times, messages."""

from datetime import date

import pandas as pd
import pytest

from kaa_analysis.cohorts import (
    CENSORED,
    EDUCATION_OR_OTHER,
    STUDY_OR_OTHER_ENDS,
    Way,
    WaysOut,
    counted_spells,
    entering_during,
    first_spells,
    follow_up,
    registered_during,
    ways_out_named,
)
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import Period, calendar_year
from kaa_analysis.store.dtypes import empty_table, typed_table
from kaa_analysis.target_population import target_population
from tests.spec.asked_by_hand import AskedByHand

YEAR = calendar_year(2024)
EXTRACT = date(2025, 2, 1)


class HandDrawn(AskedByHand):
    """A register drawn by hand; every person is born 10 May 2007 and left compulsory school in June 2023."""

    def __init__(self, registrations, *, persons=(), residence=(), extract_date=EXTRACT, follows_law=True, is_kaa=True):
        self.extract_date, self.follows_law, self.is_kaa = extract_date, follows_law, is_kaa
        self.source, self.municipality, self.observed_from = "BER-uttag", "0180", None
        known = {row["person_id"]: row for row in persons}
        names = list(dict.fromkeys(row["person_id"] for row in registrations))
        everyone = [
            {"person_id": name, "birth_date": "2007-05-10", "sex": "female"} | known.get(name, {}) for name in names
        ]
        placed = {row["person_id"] for row in residence}
        here = [
            {"person_id": name, "municipality": "0180", "from_date": "2007-05-10"}
            for name in names
            if name not in placed
        ]
        left = [{"person_id": name, "kind": "grundskola", "date": "2023-06-13"} for name in names]
        drawn = {
            "persons": everyone,
            "residence": [*here, *residence],
            "credentials": left,
            "registrations": registrations,
        }
        self._tables = {name: typed_table(pd.DataFrame(rows), table=name) for name, rows in drawn.items()}

    def table(self, name, *, columns):
        return self._tables.get(name, empty_table(name))[list(columns)].copy()


def spell(person_id, entry, leaving=None, reason=None, *, number=1, **columns) -> dict:
    return {
        "person_id": person_id,
        "spell": number,
        "entry_date": entry,
        "exit_date": leaving,
        "exit_reason": reason,
    } | columns


def lived(person_id, district, start, end=None, municipality="0180") -> dict:
    return {
        "person_id": person_id,
        "municipality": municipality,
        "district": district,
        "from_date": start,
        "to_date": end,
    }


def included(cohort) -> list[str]:
    return sorted(cohort.spells["person_id"])


def flow(cohort) -> list[tuple]:
    return list(cohort.flow[["step", "kind", "n_spells", "n_persons"]].itertuples(index=False, name=None))


EDGES = {
    "before": spell("before", "2023-09-01", "2024-01-01", "komvux"),
    "first_day": spell("first_day", "2023-09-01", "2024-01-02", "komvux"),
    "same_day": spell("same_day", "2024-01-01", "2024-01-01", "komvux"),
    "inside": spell("inside", "2024-03-01", "2024-04-01", "komvux"),
    "last_day": spell("last_day", "2024-12-31"),
    "after": spell("after", "2025-01-01"),
    "open": spell("open", "2023-09-01"),
}


def test_a_registration_is_in_the_period_if_one_of_its_days_is():
    register = HandDrawn(list(EDGES.values()))
    assert included(registered_during(register, YEAR)) == ["first_day", "inside", "last_day", "open", "same_day"]
    assert included(entering_during(register, YEAR)) == ["inside", "last_day", "same_day"]


def test_the_flow_tells_what_was_left_out_in_spells_and_persons():
    register = HandDrawn(
        [
            *EDGES.values(),
            spell("mistake", "2024-02-01", "2024-02-10", "misregistered"),
            spell("inside", "2024-06-01", "2024-06-05", "misregistered", number=2),
            spell("twenty", "2023-09-01", "2024-05-01", "turned_20"),
        ],
        persons=[{"person_id": "twenty", "birth_date": "2003-12-30"}],
    )
    assert flow(registered_during(register, YEAR)) == [
        ("all", "start", 10, 9),
        ("outside_period", "excluded", 2, 2),
        ("misregistered", "excluded", 2, 1),
        ("not_in_target_group", "excluded", 1, 1),
        ("included", "included", 5, 5),
    ]


def test_a_person_in_the_target_group_only_outside_the_period_is_left_out_of_the_period_but_counted_in_the_stock():
    register = HandDrawn(
        [spell("twenty", "2023-09-01", "2024-05-01", "turned_20")],
        persons=[{"person_id": "twenty", "birth_date": "2003-12-30"}],
    )
    assert included(registered_during(register, YEAR)) == []
    assert list(counted_spells(register)["person_id"]) == ["twenty"]


def test_a_source_that_does_not_follow_the_law_has_no_target_group_and_no_districts():
    register = HandDrawn(
        [spell("a", "2024-02-01", "2024-05-01", "education")],
        persons=[{"person_id": "a", "birth_date": None}],
        follows_law=False,
    )
    cohort = registered_during(register, YEAR)
    assert flow(cohort) == [
        ("all", "start", 1, 1),
        ("outside_period", "excluded", 0, 0),
        ("misregistered", "excluded", 0, 0),
        ("included", "included", 1, 1),
    ]
    assert list(cohort.spells[["entry_district", "exit_district", "district"]].iloc[0]) == ["not_shown"] * 3
    assert cohort.spells["age_at_entry"].isna().all()


def test_districts_are_those_of_the_first_and_last_registered_day_in_todays_division():
    residence = [
        lived("moved", "rinkeby_kista", "2010-01-01", "2024-05-01"),
        lived("moved", "farsta", "2024-05-01"),
        lived("left", "norrmalm", "2010-01-01", "2024-06-01"),
        lived("left", None, "2024-06-01", municipality="0183"),
        lived("hidden", "bromma", "2010-01-01"),
        lived("later", "skarpnack", "2010-01-01", "2025-01-10"),
        lived("later", "bromma", "2025-01-10"),
    ]
    register = HandDrawn(
        [
            spell("moved", "2024-02-01", "2024-07-01", "komvux"),
            spell("left", "2024-02-02", "2024-06-01", "moved"),
            spell("hidden", "2024-02-03"),
            spell("later", "2024-02-04"),
            spell("nowhere", "2024-02-05"),
        ],
        persons=[{"person_id": "hidden", "protected_identity": True}],
        residence=residence,
    )
    found = registered_during(register, YEAR).spells[["person_id", "entry_district", "exit_district", "district"]]
    expected = pd.DataFrame(
        [
            ["moved", "jarva", "farsta", "farsta"],
            ["left", "norra_innerstaden", "norra_innerstaden", "norra_innerstaden"],
            ["hidden", "not_shown", pd.NA, "not_shown"],
            ["later", "skarpnack", pd.NA, "skarpnack"],
            ["nowhere", "not_shown", pd.NA, "not_shown"],
        ],
        columns=found.columns,
        dtype="string",
    )
    pd.testing.assert_frame_equal(found, expected)


@pytest.mark.parametrize(
    ("entry", "age"),
    [
        ("2021-02-28", 16),
        ("2021-03-01", 17),
        ("2022-03-01", 18),
        ("2023-02-28", 18),
        ("2023-03-01", 19),
        ("2024-02-29", 20),
    ],
)
def test_someone_born_29_february_has_the_birthday_1_march_in_years_without_one(entry, age):
    register = HandDrawn(
        [spell("leap", entry)], persons=[{"person_id": "leap", "birth_date": "2004-02-29"}], follows_law=False
    )
    assert list(entering_during(register, calendar_year(int(entry[:4]))).spells["age_at_entry"]) == [age]


def test_a_period_after_the_extract_is_refused_and_one_that_it_cuts_is_clipped():
    register = HandDrawn(list(EDGES.values()), extract_date=date(2024, 3, 1))
    assert included(registered_during(register, YEAR)) == ["first_day", "open", "same_day"]
    with pytest.raises(DefinitionError, match="börja före uttaget"):
        registered_during(register, Period(date(2024, 3, 1), date(2024, 4, 1), "mars", "month"))


def test_a_target_population_of_another_day_is_refused():
    register = HandDrawn(list(EDGES.values()))
    earlier = target_population(register, observed_to=date(2024, 6, 1))
    with pytest.raises(DefinitionError, match="samma uttag"):
        registered_during(register, YEAR, population=earlier)


def test_first_spells_keep_one_per_person_and_say_so_in_the_flow():
    register = HandDrawn(
        [
            spell("again", "2024-02-01", "2024-03-01", "komvux"),
            spell("again", "2024-09-01", number=2),
            spell("once", "2024-05-01"),
        ]
    )
    cohort = first_spells(entering_during(register, YEAR))
    assert [tuple(row) for row in cohort.spells[["person_id", "spell"]].to_numpy()] == [("again", 1), ("once", 1)]
    assert flow(cohort)[-2:] == [("later_spell", "excluded", 1, 0), ("included", "included", 2, 2)]


def test_new_names_for_the_persons_change_neither_order_nor_content():
    rows = [*EDGES.values(), spell("inside", "2024-09-01", number=2)]
    renamed = {name: f"{90 - number:02d}" for number, name in enumerate(EDGES)}
    again = [row | {"person_id": renamed[row["person_id"]]} for row in reversed(rows)]
    one, other = (registered_during(HandDrawn(drawn), YEAR).spells for drawn in (rows, again))
    pd.testing.assert_frame_equal(one.assign(person_id=one["person_id"].map(renamed).astype("string")), other)


class TestFollowUp:
    def times(
        self, rows, *, cohort=entering_during, unit="days", delayed_entry=True, ways_out=STUDY_OR_OTHER_ENDS, **drawn
    ):
        chosen = cohort(HandDrawn(rows, **drawn), YEAR)
        return follow_up(chosen, ways_out=ways_out, unit=unit, delayed_entry=delayed_entry)

    def rows(self, found):
        return [tuple(row) for row in found.times[["person_id", "entry_time", "exit_time", "way_out"]].to_numpy()]

    def test_every_exit_reason_leads_out_by_one_way_and_an_open_spell_is_censored(self):
        reasons = [
            "komvux",
            "introduction_programme",
            "turned_20",
            "moved",
            "deceased_or_emigrated",
            "completed",
            "other",
            None,
        ]
        drawn = [spell(f"p{n}", f"2024-02-{n + 1:02d}", "2024-03-01", reason) for n, reason in enumerate(reasons)]
        found = self.times([*drawn, spell("open", "2024-03-01")])
        assert list(found.times["way_out"]) == [
            "study_placement",
            "study_placement",
            "turned_20",
            "moved",
            "moved",
            "other",
            "other",
            "other",
            "censored",
        ]
        assert dict(found.ways_out) == {
            "study_placement": "Studieplats",
            "turned_20": "Fyllt 20 år",
            "moved": "Flyttat eller avlidit",
            "other": "Annat avslut",
        }

    def test_days_run_from_entry_to_exit_or_to_the_day_of_extract(self):
        found = self.times([spell("a", "2024-02-01", "2024-03-01", "komvux"), spell("b", "2024-03-01")])
        assert self.rows(found) == [("a", 0, 29, "study_placement"), ("b", 0, 337, "censored")]

    def test_an_exit_on_the_day_of_entry_is_a_day_0_event(self):
        found = self.times([spell("a", "2024-02-01", "2024-02-01", "komvux", registered_at="2024-02-01")])
        assert self.rows(found) == [("a", 0, 0, "study_placement")]
        assert found.n_never_at_risk == 0

    def test_entry_is_delayed_to_the_day_the_row_came_to_the_register(self):
        drawn = [
            spell("known", "2024-02-01", "2024-03-01", "komvux", registered_at="2024-02-11"),
            spell("early", "2024-02-02", "2024-03-01", "komvux", registered_at="2024-01-20"),
            spell("too_late", "2024-02-03", "2024-03-01", "komvux", registered_at="2024-03-01"),
        ]
        found = self.times(drawn)
        assert self.rows(found) == [("known", 10, 29, "study_placement"), ("early", 0, 28, "study_placement")]
        assert found.n_never_at_risk == 1
        assert self.rows(self.times(drawn, delayed_entry=False))[2] == ("too_late", 0, 27, "study_placement")

    def test_a_spell_that_ran_before_the_period_is_at_risk_from_its_start(self):
        found = self.times([spell("a", "2023-12-01", "2024-03-01", "komvux")], cohort=registered_during)
        assert self.rows(found) == [("a", 31, 91, "study_placement")]

    def test_months_are_whole_calendar_months(self):
        found = self.times(
            [spell("a", "2024-02-01", "2024-12-01", "education"), spell("b", "2024-03-01")],
            unit="months",
            ways_out=EDUCATION_OR_OTHER,
            follows_law=False,
        )
        assert self.rows(found) == [("a", 0, 10, "education"), ("b", 0, 11, "censored")]

    def test_months_need_dates_on_the_first(self):
        with pytest.raises(DefinitionError, match="1 datum är det inte"):
            self.times([spell("a", "2024-02-01", "2024-12-03", "komvux")], unit="months")

    def test_an_unknown_unit_is_refused_with_a_hint(self):
        with pytest.raises(DefinitionError, match='menade du "days"'):
            self.times([spell("a", "2024-02-01")], unit="day")

    def test_ways_out_must_be_whole_and_known(self):
        with pytest.raises(DefinitionError) as refusal:
            WaysOut((Way("a", "A", ("komvux", "nonsense")), Way("b", "B", ("komvux",))), rest="c", is_kaa=True)
        assert refusal.value.found == (
            "okänd avslutsorsak: nonsense",
            "resten pekar på en väg som inte finns: c",
            "står flera gånger: komvux",
        )


def test_an_end_that_lies_after_the_extract_has_not_happened_yet():
    register = HandDrawn([spell("a", "2024-01-10", "2025-06-30", "komvux")])
    cohort = entering_during(register, calendar_year(2024))
    times = follow_up(cohort, ways_out=STUDY_OR_OTHER_ENDS, unit="days", delayed_entry=False).times
    open_days = (pd.Timestamp(register.extract_date) - pd.Timestamp("2024-01-10")).days
    assert times[["exit_time", "way_out"]].to_numpy().tolist() == [[open_days, CENSORED]]


def test_ways_out_are_refused_for_a_register_they_are_not_made_for():
    register = HandDrawn([spell("a", "2024-01-10")], follows_law=False, is_kaa=False)
    assert list(ways_out_named("education", register).labels) == ["education", "other"]
    with pytest.raises(DefinitionError, match="passar inte"):
        ways_out_named("kaa", register)
    with pytest.raises(DefinitionError, match="Vägarna ut ska vara"):
        ways_out_named("kaaa", register)
