"""The demonstration register: the documented files, the same bytes, coherent histories, published margins."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import birthday
from kaa_analysis.core.vocabularies import codes
from kaa_analysis.synthetic.draws import Draws
from kaa_analysis.synthetic.invented_identity import draw_identity, impossible_identity
from kaa_analysis.synthetic.margins import margins
from kaa_analysis.synthetic.records import Residence
from kaa_analysis.synthetic.residence import in_the_division_of_the_time
from kaa_analysis.synthetic.scenario import DEMO, Scenario
from kaa_analysis.synthetic.write import write_register

LAYOUT = Path(__file__).parents[2] / "docs" / "layouts" / "ber.md"
ONE_DAY = pd.Timedelta(days=1)
STUDIES = ("NP", "IM", "ANG", "KVX", "FHS")
GYMNASIUM = ("NP", "IMV", "IMY", "IMA", "IMS", "ANG")
YEARS = (2022, 2023, 2024)
SMALL = replace(DEMO, name="small", persons=60)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("uttag")
    write_register(place)
    return place


@pytest.fixture(scope="module")
def files(folder) -> dict[str, pd.DataFrame]:
    return {path.stem: _read(path) for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def registrations(files) -> pd.DataFrame:
    """The registrations with the person's columns and half-open ends: EXIT is the first day not registered."""
    spells = _with_days(files["kaa"], "STARTDATUM", "SLUTDATUM", "REGISTRERAD")
    persons = _with_days(files["personer"], "FODELSEDATUM")
    joined = spells.merge(persons, on="PERSONNUMMER", validate="many_to_one")
    return joined.assign(
        EXIT=joined["SLUTDATUM"] + ONE_DAY,
        TWENTIETH=birthday(joined["FODELSEDATUM"], 20),
        NUMBER=joined["LOPNR"].astype(int),
    )


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep=";", dtype="string", keep_default_na=False)


def _with_days(rows: pd.DataFrame, *columns: str) -> pd.DataFrame:
    return rows.assign(
        **{name: pd.to_datetime(rows[name].where(rows[name] != ""), format="%Y-%m-%d") for name in columns}
    )


def _luhn_sum(ten_digits: str) -> int:
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(ten_digits)]
    return sum(value - 9 if value > 9 else value for value in doubled)


def _documented(table: int) -> list[list[str]]:
    blocks = [block for block in LAYOUT.read_text(encoding="utf-8").split("\n\n") if block.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in blocks[table].splitlines()[2:]]


def _documented_codes(column: str) -> set[str]:
    for names, text in _documented(1):
        if f"`{column}`" in names:
            listed = (
                re.sub(r"before 2023-07-01 also|in place of HAL until 2020-06-30:", "", text)
                .replace(";", ",")
                .split(",")
            )
            return {entry.split()[0] for entry in listed if entry.split() and entry.split()[0].isupper()}
    raise AssertionError(column)


def test_two_writings_of_the_same_scenario_give_the_same_bytes(folder, tmp_path):
    write_register(tmp_path / "igen")
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    second = {path.name: path.read_bytes() for path in (tmp_path / "igen").iterdir()}
    assert first == second


def test_another_seed_gives_other_persons(tmp_path):
    write_register(tmp_path / "ett", scenario=SMALL)
    write_register(tmp_path / "annat", scenario=replace(SMALL, seed=SMALL.seed + 1))
    assert (tmp_path / "ett" / "personer.csv").read_bytes() != (tmp_path / "annat" / "personer.csv").read_bytes()


def test_files_and_columns_are_those_of_the_documented_layout(folder):
    documented = {name.strip("`"): columns.split("`")[1] for name, _, columns in _documented(0)}
    written = {path.name: path.read_text(encoding="utf-8").splitlines()[0] for path in folder.iterdir()}
    assert written == documented


def test_files_are_utf8_without_bom_and_every_row_ends_with_a_line_feed(folder):
    for path in folder.iterdir():
        content = path.read_bytes()
        assert not content.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in content
        assert b'"' not in content
        assert content.endswith(b"\n")


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("personer", "KON"), ("folkbokforing", "STADSDEL"), ("skolgang", "SKOLFORM"), ("skolgang", "AVGANGSORSAK"),
        ("bevis", "BEVIS"), ("kaa", "STARTORSAK"), ("kaa", "AVSLUTSORSAK"), ("kaa", "SENASTE_SKOLA"),
        ("kontakter", "RIKTNING"), ("kontakter", "KANAL"), ("kontakter", "UTFALL"), ("kontakter", "SVARAT_AV"),
        ("insatser", "INSATS"), ("insatser", "UTFORARE"), ("insatser", "SLUTORSAK"), ("insatser", "AKTIVITET_EFTER"),
    ],
)  # fmt: skip
def test_only_documented_codes_are_written(files, column, name):
    assert set(files[name][column]) - {""} <= _documented_codes(column)


def test_the_documented_codes_of_the_layout_are_as_many_as_the_vocabularies_say():
    vocabularies = {
        "STARTORSAK": "entry_reason",
        "UTFALL": "contact_outcome",
        "KANAL": "channel",
        "BEVIS": "credential",
    }
    assert {column: len(_documented_codes(column)) for column in vocabularies} == {
        column: len(codes(vocabulary)) for column, vocabulary in vocabularies.items()
    }


def test_the_delivery_note_has_the_rows_of_every_file_and_one_day_of_extract(files):
    expected = [(f"{name}.csv", str(len(rows)), "2025-01-31") for name, rows in files.items() if name != "leverans"]
    written = files["leverans"].sort_values("FIL")
    assert list(written.itertuples(index=False, name=None)) == expected


def test_every_identity_is_unique_impossible_and_has_right_parity_and_check_digit(files):
    persons = files["personer"]
    identity = persons["PERSONNUMMER"]
    assert identity.is_unique
    assert identity.str.fullmatch(r"\d{12}").all()
    assert identity.str[4:6].astype(int).between(81, 92).all()
    assert ((identity.str[10].astype(int) % 2 == 1) == (persons["KON"] == "M")).all()
    assert all(_luhn_sum(text[2:]) % 10 == 0 for text in identity)


def test_identities_run_out_instead_of_being_given_twice():
    day = date(2006, 3, 9)
    taken = {impossible_identity(day, serial=serial) for serial in range(1, 1000, 2)}
    with pytest.raises(DefinitionError, match="räcker inte"):
        draw_identity(day, sex="M", taken=taken, draws=Draws(1))
    assert draw_identity(day, sex="K", taken=taken, draws=Draws(1)) not in taken


def test_the_identity_has_the_birth_date_except_for_the_few_written_on_a_nearby_day(files):
    persons = _with_days(files["personer"], "FODELSEDATUM")
    identity = persons["PERSONNUMMER"]
    month = (identity.str[4:6].astype(int) - 80).astype("string").str.zfill(2)
    written = pd.to_datetime(identity.str[:4] + month + identity.str[6:8], format="%Y%m%d")
    days = (written - persons["FODELSEDATUM"]).dt.days
    assert days.between(0, 3).all()
    assert 1 <= (days > 0).sum() <= 15


def test_every_row_belongs_to_a_person_and_rows_stand_in_a_fixed_order(files):
    persons = files["personer"]["PERSONNUMMER"]
    for name, rows in files.items():
        if name == "leverans":
            continue
        assert set(rows["PERSONNUMMER"]) <= set(persons)
        assert rows["PERSONNUMMER"].is_monotonic_increasing


def test_numbers_within_a_person_run_from_one_in_the_order_of_days(files):
    for name, number, day in (
        ("kaa", "LOPNR", "STARTDATUM"), ("kontakter", "KONTAKTNR", "DATUM"), ("insatser", "INSATSNR", "ERBJUDEN"),
    ):  # fmt: skip
        rows = files[name]
        assert (rows[number].astype(int) == rows.groupby("PERSONNUMMER").cumcount() + 1).all()
        assert rows.groupby("PERSONNUMMER")[day].apply(lambda days: days.is_monotonic_increasing).all()


def test_no_date_is_after_the_day_of_extract(files):
    for rows in files.values():
        for column in rows.columns:
            days = rows[column][rows[column].str.fullmatch(r"\d{4}-\d{2}-\d{2}")]
            assert (days <= "2025-01-31").all()


def test_no_interval_ends_before_it_starts_and_none_overlaps_the_next_of_its_kind(files):
    for name, first, last in (
        ("folkbokforing", "FROM", "TOM"),
        ("skolgang", "FROM", "TOM"),
        ("kaa", "STARTDATUM", "SLUTDATUM"),
    ):
        rows = _with_days(files[name], first, last)
        following = rows.groupby("PERSONNUMMER")[first].shift(-1)
        is_last = following.isna()
        assert (rows[last].isna() | (rows[last] >= rows[first])).all()
        assert (is_last | (rows[last] < following)).all()


def test_a_registration_ends_on_the_day_before_the_twentieth_birthday_at_the_latest(registrations):
    ended_at_twenty = registrations[registrations["AVSLUTSORSAK"] == "F20"]
    assert len(ended_at_twenty) > 200
    assert (ended_at_twenty["EXIT"] == ended_at_twenty["TWENTIETH"]).all()
    assert (registrations["STARTDATUM"] < registrations["TWENTIETH"]).all()
    assert not (registrations["EXIT"] > registrations["TWENTIETH"]).any()
    still_registered = registrations[registrations["EXIT"].isna()]
    assert (still_registered["TWENTIETH"] > pd.Timestamp("2025-01-31")).all()


def test_an_exit_has_a_reason_and_an_open_registration_has_none(registrations):
    assert ((registrations["AVSLUTSORSAK"] == "") == registrations["SLUTDATUM"].isna()).all()


def test_a_registration_is_entered_while_it_runs(registrations):
    until = registrations["SLUTDATUM"].fillna(pd.Timestamp(DEMO.extract_date))
    assert (registrations["REGISTRERAD"] >= registrations["STARTDATUM"]).all()
    assert (registrations["REGISTRERAD"] <= until).all()


def test_everyone_in_the_register_was_there_in_the_time_of_observation(registrations):
    observed = registrations[~(registrations["EXIT"] <= pd.Timestamp(DEMO.start))]
    assert set(observed["PERSONNUMMER"]) == set(registrations["PERSONNUMMER"])


def test_an_exit_to_studies_has_an_enrolment_that_starts_that_day_or_a_few_weeks_before(files, registrations):
    to_studies = registrations[registrations["AVSLUTSORSAK"].isin(STUDIES)]
    starts = _with_days(files["skolgang"], "FROM")[["PERSONNUMMER", "SKOLFORM", "FROM"]]
    starts = starts.assign(
        REASON=starts["SKOLFORM"].replace({form: "IM" for form in GYMNASIUM if form.startswith("IM")})
    )
    pairs = to_studies.merge(
        starts, left_on=["PERSONNUMMER", "AVSLUTSORSAK"], right_on=["PERSONNUMMER", "REASON"], validate="many_to_many"
    )
    days_late = (pairs["EXIT"] - pairs["FROM"]).dt.days
    nearest = days_late[days_late.between(0, 40)].groupby([pairs["PERSONNUMMER"], pairs["NUMBER"]]).min()
    assert len(nearest) == len(to_studies)
    assert 0.90 <= (nearest == 0).mean() < 1


def test_few_registered_days_of_the_register_are_spent_in_gymnasium(files, registrations):
    enrolments = _with_days(files["skolgang"], "FROM", "TOM").query("SKOLFORM in @GYMNASIUM")
    pairs = registrations.merge(enrolments, on="PERSONNUMMER", validate="many_to_many")
    last = pd.Timestamp(DEMO.extract_date)
    until = pd.concat([pairs["SLUTDATUM"].fillna(last), pairs["TOM"].fillna(last)], axis=1).min(axis=1)
    from_day = pairs[["STARTDATUM", "FROM"]].max(axis=1)
    overlapping = pairs[until >= from_day]
    spells = set(zip(overlapping["PERSONNUMMER"], overlapping["NUMBER"], strict=True))
    assert 0.02 <= len(spells) / len(registrations) <= 0.06
    misregistered = registrations[registrations["AVSLUTSORSAK"] == "FEL"]
    assert set(zip(misregistered["PERSONNUMMER"], misregistered["NUMBER"], strict=True)) <= spells


def test_a_registration_runs_while_the_person_lives_in_the_city(files, registrations):
    residences = _with_days(files["folkbokforing"], "FROM", "TOM").query("KOMMUN == '0180'")
    pairs = registrations.merge(residences, on="PERSONNUMMER", validate="many_to_many")
    covers = (pairs["FROM"] <= pairs["STARTDATUM"]) & (pairs["TOM"].isna() | (pairs["TOM"] >= pairs["STARTDATUM"]))
    assert covers.groupby([pairs["PERSONNUMMER"], pairs["NUMBER"]]).sum().eq(1).sum() == len(registrations)
    moved = registrations[registrations["AVSLUTSORSAK"].isin(["FLY", "AVL"])].merge(
        residences, left_on=["PERSONNUMMER", "SLUTDATUM"], right_on=["PERSONNUMMER", "TOM"], validate="many_to_one"
    )
    assert len(moved) == registrations["AVSLUTSORSAK"].isin(["FLY", "AVL"]).sum()


def test_contacts_and_offers_are_made_only_while_registered(files, registrations):
    for name, day in (("kontakter", "DATUM"), ("kontakter", "SVARSDATUM"), ("insatser", "ERBJUDEN")):
        rows = _with_days(files[name], day)
        rows = rows[rows[day].notna()].reset_index(names="ROW")
        pairs = rows.merge(registrations, on="PERSONNUMMER", validate="many_to_many")
        inside = (pairs[day] >= pairs["REGISTRERAD"]) & (pairs["EXIT"].isna() | (pairs[day] < pairs["EXIT"]))
        assert set(pairs.loc[inside, "ROW"]) == set(rows["ROW"])


def test_nobody_is_sought_in_the_summer_pause_or_at_the_weekend_and_home_visits_take_two(files):
    contacts = _with_days(files["kontakter"], "DATUM", "PLANERAT_BESOK")
    month_day = contacts["DATUM"].dt.strftime("%m-%d")
    assert not month_day.between("06-21", "08-10").any()
    assert (contacts["DATUM"].dt.day_of_week < 5).all()
    visits = contacts[contacts["KANAL"] == "HEM"]
    assert set(visits["ANTAL_PERSONAL"]) == {"2", "3"}
    assert ((contacts["ANTAL_PERSONAL"] != "") == (contacts["KANAL"] == "HEM")).all()
    assert (contacts["PLANERAT_BESOK"].notna() == (contacts["KANAL"] == "KNACK")).all()
    planned = contacts[contacts["KANAL"] == "KNACK"]
    assert (planned["PLANERAT_BESOK"] > planned["DATUM"]).all()


def test_the_big_letter_goes_to_all_registered_on_one_day_after_15_september(files, registrations):
    contacts = files["kontakter"]
    letters = contacts[(contacts["UTSKICK"] == "HT2023") & (contacts["KANAL"] == "BREV")]
    assert set(letters["DATUM"]) == {"2023-09-19"}
    day = pd.Timestamp("2023-09-19")
    registered = registrations[
        (registrations["REGISTRERAD"] <= day)
        & (registrations["SLUTDATUM"].isna() | (registrations["SLUTDATUM"] >= day))
    ]
    assert set(letters["PERSONNUMMER"]) == set(registered.loc[registered["SKYDDAD"] == "N", "PERSONNUMMER"])


def test_some_who_should_be_registered_never_were(files):
    outside = set(files["personer"]["PERSONNUMMER"]) - set(files["kaa"]["PERSONNUMMER"])
    enrolments = files["skolgang"]
    dropouts = enrolments[(enrolments["AVGANGSORSAK"] == "AV") & enrolments["PERSONNUMMER"].isin(outside)]
    assert 10 <= dropouts["PERSONNUMMER"].nunique() <= round(DEMO.persons * DEMO.missed_share)


def test_a_protected_person_lives_in_the_city_without_a_district(files):
    protected = files["personer"].query("SKYDDAD == 'J'")["PERSONNUMMER"]
    rows = files["folkbokforing"]
    of_protected = rows[rows["PERSONNUMMER"].isin(protected)]
    assert 3 <= len(protected) <= 15
    assert set(of_protected["STADSDEL"]) == {""}
    assert set(protected) <= set(of_protected.loc[of_protected["KOMMUN"] == "0180", "PERSONNUMMER"])


def test_the_merged_districts_are_split_on_the_day_of_the_new_division():
    here = Residence("0180", "RIK", date(2005, 1, 1))
    south = Residence("0180", "ALV", date(2005, 1, 1), date(2020, 7, 2))
    gone = Residence("0180", "HLI", date(2005, 1, 1), date(2020, 7, 1))
    moved = Residence("0180", "OST", date(2024, 3, 1))
    assert in_the_division_of_the_time((here,), is_protected=False) == (
        Residence("0180", "RIK", date(2005, 1, 1), date(2023, 7, 1)),
        Residence("0180", "JAR", date(2023, 7, 1)),
    )
    assert in_the_division_of_the_time((south,), is_protected=False) == (
        Residence("0180", "ALV", date(2005, 1, 1), date(2020, 7, 1)),
        Residence("0180", "HAL", date(2020, 7, 1), date(2020, 7, 2)),
    )
    assert in_the_division_of_the_time((gone,), is_protected=False) == (gone,)
    assert in_the_division_of_the_time((moved,), is_protected=False) == (Residence("0180", "NIN", date(2024, 3, 1)),)


def test_no_former_district_is_lived_in_after_the_new_division(files):
    rows = files["folkbokforing"]
    former = rows[rows["STADSDEL"].isin(["RIK", "SPT", "NOR", "OST"])]
    assert (former["TOM"].between("2000-01-01", "2023-06-30")).all()
    assert (rows.loc[rows["STADSDEL"].isin(["JAR", "NIN"]), "FROM"] >= "2023-07-01").all()
    of_2007 = rows[rows["STADSDEL"].isin(["HLI", "ALV"])]
    assert len(of_2007) > 100
    assert (of_2007["TOM"].between("2000-01-01", "2020-06-30")).all()
    assert (rows.loc[rows["STADSDEL"] == "HAL", "FROM"] >= "2020-07-01").all()


def test_the_register_has_a_stock_at_the_start_and_spells_that_come_back(registrations):
    start = pd.Timestamp(DEMO.start)
    stock = registrations[(registrations["STARTDATUM"] < start) & ~(registrations["EXIT"] <= start)]
    assert 250 <= len(stock) <= 400
    assert 1100 <= registrations["PERSONNUMMER"].nunique() <= 1300
    assert 80 <= (registrations["NUMBER"] == 2).sum() <= 250
    assert (registrations["STARTDATUM"] == registrations["SLUTDATUM"]).sum() >= 3


def _achieved(files: dict[str, pd.DataFrame], registrations: pd.DataFrame) -> dict[str, float]:
    observed = registrations["EXIT"].between("2022-01-01", "2024-12-31")
    exits = registrations.loc[observed, "AVSLUTSORSAK"]
    firsts = registrations[
        (registrations["NUMBER"] == 1) & registrations["STARTDATUM"].between("2022-01-01", "2024-12-31")
    ]
    month = firsts["STARTDATUM"].dt.month
    offers = files["insatser"]
    after = offers.loc[offers["SLUT"] != "", "AKTIVITET_EFTER"]
    by_year = pd.DataFrame([_of_year(year, files, registrations) for year in YEARS]).mean()
    return {
        "share_men": (files["personer"]["KON"] == "M").mean(),
        "autumn_to_spring_entries": (month >= 7).sum() / (month < 7).sum(),
        "share_entries_august_september": month.isin([8, 9]).mean(),
        "share_exits_turned_20": (exits == "F20").mean(),
        "share_exits_to_studies": exits.isin(STUDIES).mean(),
        "share_exits_national": (exits == "NP").mean(),
        "share_exits_introduction": (exits == "IM").mean(),
        "share_exits_moved": (exits == "FLY").mean(),
        "share_first_offer_declined": (offers.loc[offers["INSATSNR"] == "1", "ACCEPTERAD"] == "N").mean(),
        "share_after_studies": (after == "STU").mean(),
        "share_after_work": (after == "ARB").mean(),
        "share_after_unknown": (after == "OKA").mean(),
        **by_year.to_dict(),
    }


def _of_year(year: int, files: dict[str, pd.DataFrame], registrations: pd.DataFrame) -> dict[str, float]:
    """Shares of the persons registered some day of a year; exits are those of the second half-year."""
    first, last = f"{year}-01-01", f"{year}-12-31"
    covered = _registered_between(registrations, first, last)
    persons = set(covered["PERSONNUMMER"])
    contacts, offers = files["kontakter"], files["insatser"]
    reached = contacts[(contacts["UTFALL"] == "NA") & contacts["DATUM"].between(first, last)]
    begun = offers[
        (offers["START"] != "") & (offers["START"] <= last) & ((offers["SLUT"] == "") | (offers["SLUT"] >= first))
    ]
    turning = year - covered.drop_duplicates("PERSONNUMMER")["FODELSEDATUM"].dt.year
    autumn = _registered_between(registrations, f"{year}-07-01", last)
    return {
        "share_reached": len(persons & set(reached["PERSONNUMMER"])) / len(persons),
        "share_in_intervention": len(persons & set(begun["PERSONNUMMER"])) / len(persons),
        "share_turning_18_or_19": turning.isin([18, 19]).mean(),
        "half_year_exit_share": (autumn["EXIT"] <= last).mean(),
    }


def _registered_between(registrations: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    return registrations[(registrations["STARTDATUM"] <= last) & ~(registrations["SLUTDATUM"] < first)]


def test_every_published_margin_is_held_within_its_stated_bounds(files, registrations):
    targets = margins().targets
    achieved = _achieved(files, registrations)
    outside = {
        name: round(value, 3)
        for name, value in achieved.items()
        if not targets[name].low <= value <= targets[name].high
    }
    assert achieved.keys() == targets.keys()
    assert outside == {}


def test_turning_20_is_the_largest_single_reason_for_exit(registrations):
    observed = registrations[registrations["EXIT"].between("2022-01-01", "2024-12-31")]
    assert observed["AVSLUTSORSAK"].value_counts().idxmax() == "F20"


def test_the_reason_for_entry_depends_on_age(registrations):
    turning = registrations["STARTDATUM"].dt.year - registrations["FODELSEDATUM"].dt.year
    shares = pd.crosstab(turning, registrations["STARTORSAK"], normalize="index")
    assert shares.loc[16, "ALD"] > 0.25 > 0.15 > shares.loc[18, "ALD"]
    assert shares.loc[19, "STB"] > 0.10
    assert shares.loc[[16, 17, 18], "STB"].tolist() == [0, 0, 0]
    assert 0.5 <= shares.loc[17, ["AVN", "IMS", "AVA"]].sum() <= 0.8


def test_every_margin_has_a_source_and_bounds_around_its_target():
    for target in margins().targets.values():
        assert target.low <= target.value <= target.high
        assert target.source


def test_a_misspelt_margin_is_told_with_the_nearest_name():
    with pytest.raises(DefinitionError, match='"dropin" finns inte \\(menade du "drop_in"\\?\\)'):
        margins().share("dropin")


def test_an_impossible_scenario_is_refused_with_every_problem():
    with pytest.raises(DefinitionError) as caught:
        Scenario(name="fel", seed=1, persons=0, start=date(2025, 1, 1), extract_date=date(2024, 1, 1))
    assert caught.value.found == ("start 2025-01-01, uttagsdatum 2024-01-01", "persons 0, seed 1")


def test_nobody_is_registered_just_in_time_to_leave(registrations):
    """Who has left before anybody registers them is missing: a row made the day before the exit would foresee it."""
    ended = registrations[registrations["EXIT"].notna() & registrations["AVSLUTSORSAK"].ne("FEL")]
    days_left = (ended["EXIT"] - pd.to_datetime(ended["REGISTRERAD"])).dt.days
    assert (days_left > 0).all()
    assert (days_left == 1).mean() < 0.02
