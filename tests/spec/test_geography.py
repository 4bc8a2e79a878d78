"""The divisions of the city and the district of a person: the tables of docs/methods/geography.md row by row, and registers drawn by hand."""

import csv
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis.cohorts import registered_during
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.geography import (
    NOT_SHOWN_BY_AREA,
    district_labels,
    division,
    division_for,
    division_on,
    divisions,
    part_labels,
    part_of_city,
    recode,
    recode_to_the_day,
)
from kaa_analysis.core.periods import Period, calendar_year
from kaa_analysis.core.result import cell
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.indicators import entries_by_district, registered_by_district, stock_and_flow, stock_by_district
from kaa_analysis.ingest.layout_files import read_layout
from kaa_analysis.store.dtypes import empty_table, typed_table
from tests.spec.asked_by_hand import AskedByHand

PAGE = Path(__file__).resolve().parents[2] / "docs" / "methods" / "geography.md"
DAY = timedelta(days=1)
CODES = {label: code for code, label in district_labels().items()}

ALL_TIME = {"bromma", "hasselby_vallingby", "kungsholmen", "sodermalm", "enskede_arsta_vantor", "farsta", "skarpnack", "skarholmen"}  # fmt: skip
NORTH = {"rinkeby_kista", "spanga_tensta", "norrmalm", "ostermalm"}
DISTRICTS = {
    "2007": ALL_TIME | NORTH | {"hagersten_liljeholmen", "alvsjo"},
    "2020": ALL_TIME | NORTH | {"hagersten_alvsjo"},
    "2023": ALL_TIME | {"jarva", "norra_innerstaden", "hagersten_alvsjo"},
}
PARTS = {
    "2007": {
        "vasterort": {"bromma", "hasselby_vallingby", "rinkeby_kista", "spanga_tensta"},
        "innerstaden": {"kungsholmen", "norrmalm", "ostermalm", "sodermalm"},
        "soderort": {"enskede_arsta_vantor", "farsta", "hagersten_liljeholmen", "alvsjo", "skarpnack", "skarholmen"},
    },
    "2020": {
        "vasterort": {"bromma", "hasselby_vallingby", "rinkeby_kista", "spanga_tensta"},
        "innerstaden": {"kungsholmen", "norrmalm", "ostermalm", "sodermalm"},
        "soderort": {"enskede_arsta_vantor", "farsta", "hagersten_alvsjo", "skarpnack", "skarholmen"},
    },
    "2023": {
        "vasterort": {"bromma", "hasselby_vallingby", "jarva"},
        "innerstaden": {"kungsholmen", "norra_innerstaden", "sodermalm"},
        "soderort": {"enskede_arsta_vantor", "farsta", "hagersten_alvsjo", "skarpnack", "skarholmen"},
    },
}


def rows_of(first_header: str) -> list[list[str]]:
    """The rows of the page's table whose first column is called so, without code marks."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first_header} |"))
    table = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        table.append([text.strip().strip("`") for text in line.strip("|").split("|")])
    return table


class HandDrawn(AskedByHand):
    """A register drawn by hand; everybody left compulsory school in June of the year of turning 16."""

    follows_law = True
    source = "BER-uttag"
    municipality = "0180"
    observed_from = None

    def __init__(
        self, registrations, *, residence, born="2007-05-10", protected=(), extract_date=date(2025, 2, 1), **rows
    ):
        self.extract_date = extract_date
        names = list(dict.fromkeys(row["person_id"] for row in registrations))
        left = f"{int(born[:4]) + 16}-06-13"
        drawn = {
            "persons": [
                {"person_id": name, "birth_date": born, "sex": "female", "protected_identity": name in protected}
                for name in names
            ],
            "residence": residence,
            "credentials": [{"person_id": name, "kind": "grundskola", "date": left} for name in names],
            "registrations": registrations,
        } | rows
        self._tables = {name: typed_table(pd.DataFrame(found), table=name) for name, found in drawn.items()}

    def table(self, name, *, columns):
        return self._tables.get(name, empty_table(name))[list(columns)].copy()


def spell(person_id, entry, leaving=None, reason=None) -> dict:
    return {"person_id": person_id, "spell": 1, "entry_date": entry, "exit_date": leaving, "exit_reason": reason}


def lived(person_id, district, start, end=None) -> dict:
    return {
        "person_id": person_id,
        "municipality": "0180",
        "district": district,
        "from_date": start,
        "to_date": end,
    }


def counted(result, by="district") -> dict[str, int]:
    """The rows above zero for girls and boys together."""
    frame = result.frame
    name = next(column for column in frame if column.startswith("n_"))
    shown = frame[(frame["sex"] == "all") & (frame[name] > 0)]
    return dict(zip(shown[by], shown[name], strict=True))


class TestDivisions:
    @pytest.mark.parametrize(("name", "first", "last", "number", "_change"), rows_of("name"))
    def test_each_has_the_days_and_the_number_of_districts_of_the_page(self, name, first, last, number, _change):
        found = division(name)
        assert found.valid_from == date.fromisoformat(first)
        assert found.valid_to == (None if last == "–" else date.fromisoformat(last) + DAY)
        assert len(found.districts) == int(number)

    def test_each_has_its_districts_in_its_parts_and_the_pooled_area_last(self):
        assert {each.name: set(each.districts) for each in divisions()} == DISTRICTS
        for each in divisions():
            parts = {part: set(codes) for part, codes in each.parts().items()}
            assert parts == PARTS[each.name] | {NOT_SHOWN_BY_AREA: {NOT_SHOWN_BY_AREA}}
            assert list(each.labels().items())[-1] == ("not_shown", "Område redovisas inte")

    @pytest.mark.parametrize(
        ("day", "name"),
        [
            (date(2007, 1, 1), "2007"),
            (date(2020, 6, 30), "2007"),
            (date(2020, 7, 1), "2020"),
            (date(2023, 6, 30), "2020"),
            (date(2023, 7, 1), "2023"),
            (date(2026, 1, 1), "2023"),
        ],
    )
    def test_one_is_in_force_from_its_first_day_until_the_day_before_the_next(self, day, name):
        assert division_on(day).name == name

    def test_before_the_first_there_is_none(self):
        with pytest.raises(DefinitionError, match="2006-12-31, indelningen börjar 2007-01-01"):
            division_on(date(2006, 12, 31))

    def test_a_misspelt_name_is_refused_with_the_names_there_are(self):
        with pytest.raises(DefinitionError) as told:
            division("203")
        assert told.value.expected == 'Stadsdelsindelningen ska vara 2007, 2020 eller 2023 (menade du "2023"?).'

    @pytest.mark.parametrize("name", ["districts.csv", "divisions.csv"])
    def test_every_row_tells_its_source_and_how_sure_it_is(self, name):
        with files("kaa_analysis.core").joinpath(name).open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert {row["source"] for row in rows} <= {"domänunderlag 3.1", "domänunderlag 3.1–3.2"}
        assert {row["mark"] for row in rows} <= {"K", "K-utdrag"}

    def test_every_district_has_a_name_and_a_part_and_every_former_one_a_successor_from_its_last_day_on(self):
        assert set(district_labels()) == set(part_of_city()) == set().union(*DISTRICTS.values()) | {"not_shown"}
        assert set(part_of_city().values()) == set(part_labels())
        with files("kaa_analysis.core").joinpath("districts.csv").open(encoding="utf-8", newline="") as stream:
            rows = {row["code"]: row for row in csv.DictReader(stream)}
        former = {code: row for code, row in rows.items() if row["valid_to"]}
        assert {code: row["valid_to"] for code, row in former.items()} == {
            code: rows[row["successor"]]["valid_from"] for code, row in former.items()
        }
        assert [code for code, row in rows.items() if code not in former and row["successor"]] == []

    @pytest.mark.parametrize("layout", ["ber", "ber_demo"])
    def test_the_layout_can_deliver_every_district_there_has_been(self, layout):
        assert set(read_layout(layout).code_lists["district"].values()) == set(district_labels()) - {"not_shown"}


class TestRecoding:
    @pytest.mark.parametrize(("label", "in_2007", "in_2020", "in_2023"), rows_of("district"))
    def test_a_district_is_given_in_each_division_as_the_page_says(self, label, in_2007, in_2020, in_2023):
        codes = pd.Series([CODES[label], pd.NA], dtype="string")
        for name, expected in (("2007", in_2007), ("2020", in_2020), ("2023", in_2023)):
            if expected == "refused":
                with pytest.raises(DefinitionError, match=f"{label} kan inte delas upp"):
                    recode(codes, to=division(name))
            else:
                wanted = pd.Series([CODES[expected], pd.NA], dtype="string")
                pd.testing.assert_series_equal(recode(codes, to=division(name)), wanted)

    def test_a_finer_division_is_refused_with_all_districts_that_cannot_be_split(self):
        with pytest.raises(DefinitionError) as told:
            recode(pd.Series(["norra_innerstaden", "farsta", "jarva", "jarva"]), to=division("2020"))
        assert str(told.value) == (
            "Områden räknas bara om till en lika grov eller grövre indelning än sin egen, inte till indelningen från 1 juli 2020 "
            "(tretton områden).\n  – Järva och Norra innerstaden kan inte delas upp\nGör så här: välj en senare indelning"
        )

    def test_an_unknown_code_is_refused(self):
        with pytest.raises(DefinitionError, match="okända koder: hagersten"):
            recode(pd.Series(["farsta", "hagersten"]), to=division("2007"))

    @pytest.mark.parametrize(("label", "day", "expected"), rows_of("code in the register"))
    def test_a_code_is_read_in_the_division_of_its_day_as_the_page_says(self, label, day, expected):
        code = pd.Series([CODES.get(label)], dtype="string")
        found = recode_to_the_day(code, days=pd.to_datetime(pd.Series([day])))
        assert list(found) == [CODES[expected]]

    @pytest.mark.parametrize(
        ("last_day", "name", "chosen"),
        [
            (date(2022, 12, 31), None, "2020"),
            (date(2022, 12, 31), "2020", "2020"),
            (date(2022, 12, 31), "2023", "2023"),
            (date(2020, 6, 30), None, "2007"),
            (date(2020, 6, 30), "2007", "2007"),
            (date(2023, 12, 31), None, "2023"),
        ],
    )
    def test_a_period_is_given_in_the_division_of_its_last_day_or_a_coarser_one(self, last_day, name, chosen):
        assert division_for(last_day, name=name).name == chosen

    @pytest.mark.parametrize(
        ("last_day", "name", "split"),
        [
            (date(2024, 12, 31), "2020", "Järva och Norra innerstaden"),
            (date(2023, 7, 1), "2020", "Järva och Norra innerstaden"),
            (date(2020, 7, 1), "2007", "Hägersten-Älvsjö"),
            (date(2024, 12, 31), "2007", "Hägersten-Älvsjö, Järva och Norra innerstaden"),
        ],
    )
    def test_a_period_is_not_given_in_a_finer_division(self, last_day, name, split):
        with pytest.raises(DefinitionError) as told:
            division_for(last_day, name=name)
        assert told.value.found == (f"{split} kan inte delas upp",)


def across(merger: str, before: tuple[str, ...], after: str) -> HandDrawn:
    """A register in which each district of ``before`` has a person who stays at home over the merger."""
    rows = [spell(code, f"{int(merger[:4]) - 1}-10-01") for code in before]
    homes = [lived(code, code, "2001-01-01", merger) for code in before]
    homes += [lived(code, after, merger) for code in before]
    return HandDrawn(
        rows, residence=homes, born=f"{int(merger[:4]) - 18}-05-10", extract_date=date(int(merger[:4]) + 1, 2, 1)
    )


class TestMergerDay:
    @pytest.mark.parametrize(
        ("merger", "before", "after", "finer", "coarser"),
        [
            ("2020-07-01", ("hagersten_liljeholmen", "alvsjo"), "hagersten_alvsjo", "2007", "2020"),
            ("2023-07-01", ("rinkeby_kista", "spanga_tensta"), "jarva", "2020", "2023"),
            ("2023-07-01", ("norrmalm", "ostermalm"), "norra_innerstaden", "2020", "2023"),
        ],
    )
    def test_nobody_moves_because_districts_were_merged(self, merger, before, after, finer, coarser):
        register = across(merger, before, after)
        first = date.fromisoformat(merger)
        last_before = stock_by_district(register, day=first - DAY)
        assert counted(last_before) == {"all": 2, before[0]: 1, before[1]: 1}
        assert f"indelningen från {division(finer).label.split('från ')[1]}" in last_before.note
        assert counted(stock_by_district(register, day=first)) == {"all": 2, after: 2}
        in_coarser = [stock_by_district(register, day=day, division=coarser) for day in (first - DAY, first)]
        assert [counted(result) for result in in_coarser] == [{"all": 2, after: 2}] * 2
        spells = registered_during(register, calendar_year(first.year)).spells
        there = [recode(spells[name], to=division(coarser)).tolist() for name in ("entry_district", "district")]
        assert there == [[after, after], [after, after]]
        assert spells["entry_district"].tolist() == sorted(before)

    def test_the_day_after_a_merger_the_finer_division_is_refused(self):
        register = across("2023-07-01", ("rinkeby_kista", "spanga_tensta"), "jarva")
        with pytest.raises(DefinitionError, match="Järva och Norra innerstaden kan inte delas upp"):
            stock_by_district(register, day=date(2023, 7, 1), division="2020")


def whole_city(year: int) -> HandDrawn:
    """A register with a person in every district of the year's last day, and three whose area is not shown."""
    codes = [*division_on(date(year, 12, 31)).districts, "hidden", "nowhere", "too_early"]
    homes = [lived(code, code, "2001-01-01") for code in codes[:-3]]
    homes += [lived("hidden", "farsta", "2001-01-01"), lived("nowhere", None, "2001-01-01")]
    too_early = "jarva" if year < 2023 else None
    return HandDrawn(
        [spell(code, f"{year}-02-01") for code in codes],
        residence=[*homes, lived("too_early", too_early, "2001-01-01")],
        born=f"{year - 17}-05-10",
        protected={"hidden"},
        extract_date=date(year + 1, 2, 1),
    )


class TestTables:
    @pytest.mark.parametrize(
        ("year", "name", "doubled"),
        [
            (2019, "2007", {}),
            (2019, "2020", {"hagersten_alvsjo": 2}),
            (2019, "2023", {"hagersten_alvsjo": 2, "jarva": 2, "norra_innerstaden": 2}),
            (2022, "2020", {}),
            (2022, "2023", {"jarva": 2, "norra_innerstaden": 2}),
            (2024, "2023", {}),
        ],
    )
    def test_districts_and_parts_add_up_to_the_city_in_every_division(self, year, name, doubled):
        register, period = whole_city(year), calendar_year(year)
        n = len(division_on(period.last_day).districts) + 3
        cohort = registered_during(register, period)
        in_all = {"all": n} | {code: doubled.get(code, 1) for code in DISTRICTS[name]} | {"not_shown": 3}
        in_parts = {"all": n, "not_shown": 3} | {
            part: sum(in_all[code] for code in codes) for part, codes in PARTS[name].items()
        }
        for table in (
            lambda by, name=name: registered_by_district(cohort, by=by, division=name),
            lambda by, name=name: stock_by_district(register, day=period.last_day, by=by, division=name),
            lambda by, name=name: entries_by_district(register, period=period, by=by, division=name),
        ):
            districts, parts = table("district"), table("part_of_city")
            assert counted(districts) == in_all
            assert counted(parts, "part_of_city") == in_parts
            assert list(districts.column("district").labels) == ["all", *division(name).districts, "not_shown"]
            assert districts.note.endswith(f"Områdena följer {division(name).label}.")
            known = table("district", None).cells() | districts.cells() | parts.cells()
            told = [[each for each in one.equations if "summan" in each.name] for one in (parts, districts)]
            sums = [sum(factor * known[term] for factor, term in each.terms) for each in told[0]]
            assert sums == [0] * len(told[0])
            assert [len(equations) for equations in told] == [3 * (4 + len(doubled)), 3 * len(doubled)]

    def test_the_new_registrations_of_the_city_are_those_of_stock_and_flow_but_each_district_its_own_number(self):
        register, period = whole_city(2024), calendar_year(2024)
        entries = entries_by_district(register, period=period)
        known = entries.cells() | stock_and_flow(register, periods=[period]).cells()
        place = {"extract": "2025-02-01", "period": "2024"}
        linked = [each for each in entries.equations if each.name == "De nya registreringarna är periodens inflöde"]
        assert [sum(factor * known[term] for factor, term in each.terms) for each in linked] == [0, 0, 0]
        assert known[cell("entries", **place)] == known[cell("entries_by_first_home", **place)] == 14
        assert [one.id for one in known if one.measure == "entries" and "district" in dict(one.place)] == []

    def test_the_city_is_one_cell_in_every_division_and_outside_the_tables_by_district(self):
        register, period = whole_city(2022), calendar_year(2022)
        cohort = registered_during(register, period)
        tables = [registered_by_district(cohort, division=name) for name in ("2020", "2023")]
        flow = stock_and_flow(register, periods=[period])
        city = cell("covered", extract="2023-02-01", period="2022")
        assert [table.cells()[city] for table in (*tables, flow)] == [16, 16, 16]
        shared = set(tables[0].cells()) & set(tables[1].cells())
        assert len(shared) == 3 * (1 + len(DISTRICTS["2020"] & DISTRICTS["2023"]) + 1)
        assert [one.id for one in shared if tables[0].cells()[one] != tables[1].cells()[one]] == []

    def test_a_period_that_ends_on_the_last_day_of_a_division_is_given_in_it(self):
        register = across("2023-07-01", ("rinkeby_kista", "spanga_tensta"), "jarva")
        spring = Period(date(2023, 1, 1), date(2023, 7, 1), "våren 2023", "days")
        cohort = registered_during(register, spring)
        assert counted(registered_by_district(cohort)) == {"all": 2, "rinkeby_kista": 1, "spanga_tensta": 1}
        assert counted(registered_by_district(cohort, division="2023")) == {"all": 2, "jarva": 2}


def neighbours() -> HandDrawn:
    """A register of 2022 with two pairs of districts that are merged later, one small district in each."""
    homes = {"rinkeby_kista": 30, "spanga_tensta": 3, "norrmalm": 4, "ostermalm": 40, "bromma": 50}
    people = {f"{code}{number}": code for code, n in homes.items() for number in range(n)}
    return HandDrawn(
        [spell(person, "2022-02-01") for person in people],
        residence=[lived(person, code, "2005-05-10") for person, code in people.items()],
        born="2005-05-10",
        extract_date=date(2023, 2, 1),
    )


def test_what_two_divisions_together_would_give_away_is_protected_because_the_merger_is_told():
    register, period = neighbours(), calendar_year(2022)
    finer, coarser = (entries_by_district(register, period=period, division=name) for name in ("2020", "2023"))

    def shown(*results) -> set[str]:
        released = protect(
            [replace(one, id=f"entries_{i}") for i, one in enumerate(results)], policy=Policy(), ledger=Ledger.empty()
        )
        told = {}
        for table in released.values():
            frame = table.values_table[table.values_table["sex"] == "all"]
            told |= dict(zip(frame["district"], frame["n_entries"].notna(), strict=True))
        return {code for code, is_shown in told.items() if is_shown} & {*NORTH, "jarva", "norra_innerstaden"}

    large = {"rinkeby_kista", "ostermalm", "jarva", "norra_innerstaden"}
    assert shown(finer, replace(coarser, equations=())) == large
    assert len(shown(finer, coarser) & {"rinkeby_kista", "jarva"}) == 1
    assert len(shown(finer, coarser) & {"ostermalm", "norra_innerstaden"}) == 1


CASES = {
    "still registered and in the target group": {"born": "2007-05-10", "leaving": (None, None)},
    "turned 20 on 2024-06-01, deregistered 2024-09-01": {"born": "2004-06-01", "leaving": ("2024-09-01", "turned_20")},
    "began komvux 2024-08-20, deregistered 2024-10-01": {
        "born": "2006-05-10",
        "leaving": ("2024-10-01", "komvux"),
        "schooling": [{"person_id": "a", "school_form": "komvux", "from_date": "2024-08-20"}],
    },
    "deregistered 2024-05-01": {"born": "2007-05-10", "leaving": ("2024-05-01", "other")},
}


@pytest.mark.parametrize(("case", "moved", "by_target_day", "by_registered_day"), rows_of("case"))
def test_a_period_table_places_a_person_on_the_day_of_the_page(case, moved, by_target_day, by_registered_day):
    drawn = dict(CASES[case])
    register = HandDrawn(
        [spell("a", "2024-01-10", *drawn.pop("leaving"))],
        residence=[lived("a", "farsta", "2004-01-01", moved), lived("a", "bromma", moved)],
        **drawn,
    )
    year = calendar_year(2024)
    default = registered_during(register, year)
    for cohort, expected in (
        (default, by_target_day),
        (registered_during(register, year, period_district="last_target_day"), by_target_day),
        (registered_during(register, year, period_district="last_registered_day"), by_registered_day),
    ):
        assert list(cohort.spells["district"]) == [CODES[expected]]
    assert counted(registered_by_district(default)) == {"all": 1, CODES[by_target_day]: 1}


def test_the_note_tells_which_day_a_person_is_placed_on():
    register = HandDrawn([spell("a", "2024-01-10")], residence=[lived("a", "farsta", "2007-05-10")])
    for setting, words in (
        ("last_target_day", "där personen bodde sin sista dag som registrerad i målgruppen under perioden."),
        ("last_registered_day", "där personen bodde sin sista registrerade dag under perioden."),
    ):
        cohort = registered_during(register, calendar_year(2024), period_district=setting)
        assert words in registered_by_district(cohort).note


def test_a_misspelt_day_of_the_period_is_refused_with_a_hint():
    register = HandDrawn([spell("a", "2024-01-10")], residence=[lived("a", "farsta", "2007-05-10")])
    with pytest.raises(DefinitionError, match=r'menade du "last_target_day"'):
        registered_during(register, calendar_year(2024), period_district="last_targt_day")
