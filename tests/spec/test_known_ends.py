"""The ends around the change of the law of 2018-07-01, row by row of docs/methods/target_population.md, and what a follow-up tells of them."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis.cohorts import STUDY_OR_OTHER_ENDS, entering_during, first_spells, follow_up, registered_during
from kaa_analysis.core.periods import calendar_year, days_from_to
from kaa_analysis.store.dtypes import empty_table, typed_table
from kaa_analysis.survival import cumulative_incidence, life_table
from kaa_analysis.survival.follow_up_base import follow_up_base
from kaa_analysis.target_population import target_population
from tests.spec.asked_by_hand import AskedByHand

PAGE = Path(__file__).resolve().parents[2] / "docs" / "methods" / "target_population.md"
BORN, ENTRY = "2000-05-10", "2016-08-01"
YEARS = days_from_to("2016-01-01", "2017-12-31")
IM = "introduction_programme"


def im(start, end=None):
    return ("im_individual", start, end)


CASES = {
    "im_across": ([im("2017-01-09", "2019-06-14")], [("2017-01-09", IM)]),
    "im_day_before": ([im("2018-06-30")], [("2018-06-30", IM)]),
    "im_on_the_day": ([im("2018-07-01")], [("2018-07-01", IM)]),
    "forced": ([im("2017-01-09")], [("2018-07-01", IM)]),
    "forced_and_told_late": ([im("2017-01-09")], [("2018-09-03", "other")]),
    "forced_and_kept": ([im("2017-01-09")], [(None, None)]),
    "moved_the_day_before": ([im("2017-01-09")], [("2018-06-30", "moved")]),
    "registered_again": (
        [im("2017-01-09", "2018-03-01")],
        [("2017-01-09", IM), ("2019-01-10", "komvux", "2018-03-01")],
    ),
    "registered_still": ([im("2017-01-09", "2018-03-01")], [("2017-01-09", IM), (None, None, "2018-03-01")]),
    "registered_and_forced": (
        [im("2017-01-09", "2017-06-01"), im("2017-08-16")],
        [("2017-01-09", IM), ("2018-08-01", "other", "2017-06-01")],
    ),
    "im_twice": (
        [im("2017-01-09", "2017-05-01"), im("2017-08-16")],
        [("2017-01-09", IM), ("2017-08-16", IM, "2017-05-01")],
    ),
    "turned_20": ([im("2017-01-09", "2018-03-01")], [("2017-01-09", IM)]),
    "moved_later": ([im("2017-01-09", "2019-06-14")], [("2017-01-09", IM)], "2017-09-01"),
    "national_later": (
        [im("2017-01-09", "2017-06-15"), ("national_programme", "2017-08-16", None)],
        [("2017-01-09", IM)],
    ),
    "outside_by_the_rules": ([im("2017-01-09")], [("2017-01-09", IM)], "2016-12-01"),
    "national": ([("national_programme", "2017-08-16", None)], [("2017-08-16", "national_programme")]),
}


class HandDrawn(AskedByHand):
    """Youths born 10 May 2000 who left compulsory school in June 2016, a row per case."""

    follows_law, source, municipality, observed_from = True, "BER-uttag", "0180", None
    extract_date = date(2021, 1, 1)

    def __init__(self, cases):
        names = list(cases)
        rows = {
            "persons": [{"person_id": name, "birth_date": BORN, "sex": "female"} for name in names],
            "credentials": [{"person_id": name, "kind": "grundskola", "date": "2016-06-14"} for name in names],
            "residence": [],
            "schooling": [],
            "registrations": [],
        }
        for name, (school, registered, *moved) in cases.items():
            key = {"person_id": name}
            home = {"municipality": "0180", "from_date": BORN, "to_date": moved[0] if moved else None}
            rows["residence"].append(key | home)
            for form, start, end in school:
                rows["schooling"].append(key | {"school_form": form, "from_date": start, "to_date": end})
            for number, (left, reason, *entry) in enumerate(registered, start=1):
                ended = {"exit_date": left, "exit_reason": reason}
                began = {"spell": number, "entry_date": entry[0] if entry else ENTRY}
                rows["registrations"].append(key | began | ended)
        self._tables = {name: typed_table(pd.DataFrame(found), table=name) for name, found in rows.items() if found}

    def table(self, name, *, columns):
        return self._tables.get(name, empty_table(name))[list(columns)].copy()


def rows_of_page():
    lines = iter(PAGE.read_text(encoding="utf-8").splitlines())
    next(line for line in lines if line.startswith("| ends |"))
    next(lines)
    for line in lines:
        if not line.startswith("|"):
            return
        case, _, law, kind, day, way = (cell.strip().strip("`") for cell in line.strip("|").split("|"))
        yield case, law, kind, day, way


ROWS = list(rows_of_page())


def followed(names, *, law="as_in_force", period=YEARS, cohort=entering_during, choose=first_spells):
    register = HandDrawn({name: CASES[name] for name in names})
    population = target_population(register, law=law)
    chosen = choose(cohort(register, period, population=population))
    return follow_up(chosen, ways_out=STUDY_OR_OTHER_ENDS, unit="days", delayed_entry=False)


@pytest.mark.parametrize(("case", "law", "kind", "day", "way"), ROWS, ids=[" ".join(row[:2]) for row in ROWS])
def test_each_end_of_the_page_is_as_it_says(case, law, kind, day, way):
    [found] = followed([case], law=law).times.itertuples()
    told = found.censored_by if found.way_out == "censored" else found.way_out
    end = pd.Timestamp(ENTRY) + pd.Timedelta(days=found.exit_time)
    assert ("" if pd.isna(found.exit_kind) else found.exit_kind, f"{end:%Y-%m-%d}", told) == (kind, day, way)
    assert pd.isna(found.censored_by) == (found.way_out != "censored")


@pytest.mark.parametrize("case", CASES)
def test_only_the_way_of_an_end_that_nobody_knows_is_unknown(case):
    [found] = followed([case]).times.itertuples()
    assert found.way_known == (str(found.censored_by) != "unknown_end")
    assert found.time_zero == pd.Timestamp(ENTRY)


def test_the_page_has_every_case():
    assert {case for case, *_ in ROWS} == set(CASES)


def test_persons_do_not_change_one_anothers_ends():
    together = followed(CASES).times.set_index("person_id")
    as_in_force = {case: (day, way) for case, law, _, day, way in ROWS if law == "as_in_force"}
    ends = pd.Timestamp(ENTRY) + pd.to_timedelta(together["exit_time"].astype("int64"), unit="D")
    ways = together["way_out"].mask(together["way_out"] == "censored", together["censored_by"])
    assert {name: (f"{ends[name]:%Y-%m-%d}", ways[name]) for name in together.index} == as_in_force


def test_the_next_registration_stays_a_spell_of_its_own():
    found = followed(
        ["registered_again"], period=days_from_to("2016-01-01", "2018-12-31"), choose=lambda cohort: cohort
    )
    assert found.times[["spell", "exit_kind", "exit_time", "way_out"]].to_numpy().tolist() == [
        [1, "measure_inside", 892, "study_placement"],
        [2, "exit", 315, "study_placement"],
    ]


class TestWhatIsTold:
    NAMES = ("forced", "im_across", "registered_again", "national")

    def test_rows_of_their_own_tell_how_many_the_law_ended_and_how_many_went_on(self):
        base = follow_up_base(followed(self.NAMES))
        assert dict(base.frame.to_numpy().tolist()) == {
            "included": 4,
            "never_at_risk": 0,
            "followed": 4,
            "to_law_change": 2,
            "went_on": 2,
        }

    @pytest.mark.parametrize("table", [follow_up_base, life_table, cumulative_incidence])
    def test_the_note_says_it_without_a_number_and_only_where_the_law_changed(self, table):
        words = "Den som lagändringen 2018-07-01 ensam gjorde att lagen inte längre omfattar följs till den dagen"
        assert words in table(followed(self.NAMES)).note
        assert words not in table(followed(self.NAMES, law="bridged")).note

    @pytest.mark.parametrize(("year", "rows"), [(2018, 5), (2019, 3)])
    def test_a_period_after_the_change_has_the_rows_it_always_had(self, year, rows):
        late = followed(["forced_and_kept", "registered_still"], period=calendar_year(year), cohort=registered_during)
        assert len(follow_up_base(late).frame) == rows
