"""A parameter file is read strictly, and every problem is told in Swedish with its field named."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from kaa_analysis.core.errors import ParameterError
from kaa_analysis.core.geography import division
from kaa_analysis.core.strict_yaml import RepeatedKeyError, read_strict_yaml
from kaa_analysis.params.models import ReportParams
from kaa_analysis.params.reports import parameter_files, read_order

ROOT = Path(__file__).resolve().parents[2]
OTHERS = {"disclosure.yaml", "dokument.yaml", "grants.yaml"}
PARAMS = ROOT / "params"
IN_FOLDERS = sorted(
    path.relative_to(PARAMS).as_posix() for path in PARAMS.glob("*/*.yaml") if path.parent.name != "protocols"
)
SHIPPED = sorted(path.name for path in PARAMS.glob("*.yaml") if path.name not in OTHERS) + IN_FOLDERS
ANNUAL = (ROOT / "params" / "arsbilaga_demo.yaml").read_text(encoding="utf-8")
HALF_YEAR = (ROOT / "params" / "halvar_demo.yaml").read_text(encoding="utf-8")
SHEET = (ROOT / "params" / "stadsdelsblad_demo.yaml").read_text(encoding="utf-8")
TERTIAL = (ROOT / "params" / "tertial_demo.yaml").read_text(encoding="utf-8")
OUTREACH = (ROOT / "params" / "uppsok_demo.yaml").read_text(encoding="utf-8")
TIME = (ROOT / "params" / "tid_till_studier_demo.yaml").read_text(encoding="utf-8")


@pytest.fixture
def refused(tmp_path):
    """The error that a parameter file of this text gives."""

    def read(text: str) -> ParameterError:
        path = tmp_path / "order.yaml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ParameterError) as error:
            read_order(path)
        return error.value

    return read


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_parameter_files_are_right(name):
    assert read_order(ROOT / "params" / name).params.accept_problem_rows == 0


def test_a_parameter_written_twice_is_refused_and_named(refused):
    error = refused(TIME + "law: bridged\n")
    assert error.expected == "order.yaml: en parameter får stå en gång."
    assert error.found == ('"law" står mer än en gång',)


@pytest.mark.parametrize("written", ['"2022-02-30"', "2022-02-30", '"2023-02-29"', '"0000-01-01"'])
def test_a_day_that_is_in_no_calendar_is_told_in_swedish_with_its_field(refused, written):
    (told,) = refused(TIME.replace('"2022-01-01"', written)).found
    assert told.startswith('"first_day" har ett värde som inte går: ')
    assert told.endswith("(den dagen finns inte i kalendern)")


@pytest.mark.parametrize("written", ['"20220101"', '"2022-1-1"', '"2022-W01-1"', "20220101", '"２０２２-01-01"'])
def test_a_day_written_in_another_way_is_refused_with_its_field(refused, written):
    (told,) = refused(TIME.replace('"2022-01-01"', written)).found
    assert told.startswith('"first_day" har ett värde som inte går: ')


def test_a_day_without_quotation_marks_is_the_same_day(tmp_path):
    path = tmp_path / "order.yaml"
    path.write_text(TIME.replace('"', ""), encoding="utf-8")
    assert read_order(path) == read_order(ROOT / "params" / "tid_till_studier_demo.yaml")


def test_days_in_the_wrong_order_are_told(refused):
    error = refused(TIME.replace("2022-01-01", "2025-01-01"))
    assert error.found == ("first_day ligger efter last_day",)


@pytest.mark.parametrize(
    ("year", "name"), [("2022", "2020"), ("2022", "2023"), ("2019", "2007"), ("2020", "2020"), ("2023", "2023")]
)
def test_a_year_is_reported_in_the_division_of_its_last_day_or_a_coarser_one(tmp_path, year, name):
    path = tmp_path / "order.yaml"
    for written in (f'"{name}"', name):
        path.write_text(ANNUAL.replace("year: 2024", f"year: {year}").replace('"2023"', written), encoding="utf-8")
        assert read_order(path).params.division == name


@pytest.mark.parametrize(
    ("year", "name", "label", "districts"),
    [
        ("2024", "2020", "indelningen från 1 juli 2020 (tretton områden)", "Järva och Norra innerstaden"),
        ("2023", "2020", "indelningen från 1 juli 2020 (tretton områden)", "Järva och Norra innerstaden"),
        ("2020", "2007", "indelningen från 1 januari 2007 (fjorton områden)", "Hägersten-Älvsjö"),
    ],
)
def test_a_finer_division_is_refused_with_the_districts_that_cannot_be_split(refused, year, name, label, districts):
    error = refused(ANNUAL.replace("year: 2024", f"year: {year}").replace('"2023"', f'"{name}"'))
    assert error.exit_code == 3
    assert error.found == (
        f'division "{name}" går inte för {year}. Områden räknas bara om till en lika grov eller grövre indelning än sin egen, '
        f"inte till {label}. {districts} kan inte delas upp",
    )


@pytest.mark.parametrize("written", ['"2022"', "2022", "true", "2023.0", '"elva"'])
def test_an_unknown_division_is_refused_with_its_field(refused, written):
    (told,) = refused(ANNUAL.replace('"2023"', written)).found
    assert told.startswith('"division" har ett värde som inte går: stadsdelsindelning för områdestabellerna')


def test_the_allowed_values_are_told_in_swedish(refused):
    (told,) = refused(TIME.replace("summer_rule: until_15_september", "summer_rule: weeks")).found
    assert told.endswith("('until_15_september' eller 'literal')")


@pytest.mark.parametrize("text", ["", "- 1\n", "report: [a]\n", "a: [", "? [1]\n: 2\n", "x: !!int ett\n"])
def test_what_is_no_flat_yaml_is_refused(refused, text):
    assert refused(text).exit_code == 3


def test_a_file_that_cannot_be_read_is_told_as_given(tmp_path):
    (tmp_path / "order.yaml").write_bytes(b"\xff")
    for path in (tmp_path, tmp_path / "order.yaml"):
        with pytest.raises(ParameterError) as error:
            read_order(path)
        assert error.value.found == (str(path),)


def test_the_parameter_files_there_are_lead_from_the_working_directory(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT / "notebooks")
    assert parameter_files() == [f"../params/{name}" for name in SHIPPED]
    monkeypatch.chdir(tmp_path)
    assert parameter_files() == []


def test_a_file_in_a_folder_is_a_parameter_file_whatever_its_name(monkeypatch, tmp_path):
    for name in ("b.yaml", "grants.yaml", "a/dokument.yaml", "a/c.yaml"):
        (tmp_path / "params" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "params" / name).touch()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path)
    assert parameter_files() == ["params/b.yaml", "params/a/c.yaml", "params/a/dokument.yaml"]


def test_the_city_has_a_file_and_each_of_its_districts_one_that_differs_in_nothing_but_the_area():
    orders = {path.stem: read_order(path) for path in sorted((PARAMS / "stockholm").glob("*.yaml"))}
    city = orders["stad"].params
    assert (city.extract, city.year, city.division, city.area) == ("stockholm", 2024, "2023", "all")
    assert set(orders) - {"stad"} == set(division("2023").districts)
    for name, order in orders.items():
        area = "all" if name == "stad" else name
        assert order.params == city.model_copy(update={"area": area})
        assert order.kind.name == "arsbilaga"
        assert len((PARAMS / "stockholm" / f"{name}.yaml").read_text(encoding="utf-8").splitlines()) <= 10


@pytest.mark.parametrize(
    ("number", "area", "folder", "days"),
    [
        (1, "all", "2024-t1", ("2024-01-01", "2024-05-01")),
        (2, "all", "2024-t2", ("2024-01-01", "2024-09-01")),
        (2, "jarva", "2024-t2-jarva", ("2024-01-01", "2024-09-01")),
    ],
)
def test_a_tertial_is_counted_from_the_beginning_of_the_year_and_has_a_place_of_its_own(
    tmp_path, number, area, folder, days
):
    changes = {"tertial: 2": f"tertial: {number}", "area: all": f"area: {area}"}
    text = TERTIAL
    for old, new in changes.items():
        text = text.replace(old, new)
    (tmp_path / "tertial.yaml").write_text(text, encoding="utf-8")
    params = read_order(tmp_path / "tertial.yaml").params
    assert params.period_folder() == folder
    assert (params.period().start.isoformat(), params.period().end.isoformat()) == days


@pytest.mark.parametrize(
    ("number", "area", "folder", "days"),
    [
        (1, "all", "2024-h1", ("2024-01-01", "2024-07-01")),
        (2, "jarva", "2024-h2-jarva", ("2024-07-01", "2025-01-01")),
    ],
)
def test_the_halves_share_no_day_and_have_places_of_their_own(tmp_path, number, area, folder, days):
    text = HALF_YEAR.replace("half: 2", f"half: {number}").replace("area: all", f"area: {area}")
    (tmp_path / "halvar.yaml").write_text(text, encoding="utf-8")
    params = read_order(tmp_path / "halvar.yaml").params
    assert params.period_folder() == folder
    assert (params.period().start.isoformat(), params.period().end.isoformat()) == days


def test_a_district_sheet_is_about_a_district(refused, tmp_path):
    assert refused(SHEET.replace("area: jarva", "area: all")).found == (
        '"area" har ett värde som inte går: hela kommunen: all, eller koden för ett område i indelningen, till exempel jarva '
        "(ett stadsdelsblad gäller ett område; hela kommunen har årsbilagan)",
    )
    (tmp_path / "blad.yaml").write_text(SHEET.replace("jarva", "farsta"), encoding="utf-8")
    assert read_order(tmp_path / "blad.yaml").params.period_folder() == "2024-farsta"


def test_there_is_no_third_half(refused):
    assert refused(HALF_YEAR.replace("half: 2", "half: 3")).found == (
        '"half" har ett värde som inte går: 1 (januari till juni) eller 2 (juli till december) (1 eller 2)',
    )


@pytest.mark.parametrize(("area", "folder"), [("all", "2023-2024"), ("jarva", "2023-2024-jarva")])
def test_an_outreach_report_is_about_the_lasar_that_ended_in_its_year(tmp_path, area, folder):
    (tmp_path / "uppsok.yaml").write_text(OUTREACH.replace("area: all", f"area: {area}"), encoding="utf-8")
    params = read_order(tmp_path / "uppsok.yaml").params
    assert (params.period_folder(), params.period().label) == (folder, "läsåret 2023/24")


def test_there_is_no_third_tertial(refused):
    assert refused(TERTIAL.replace("tertial: 2", "tertial: 3")).found == (
        '"tertial" har ett värde som inte går: 1 (januari till april) eller 2 (januari till augusti, från årets början) (1 eller 2)',
    )


def test_a_division_finer_than_that_of_the_tertials_last_day_cannot_be_used_for_it(refused):
    (told,) = refused(TERTIAL.replace('division: "2023"', 'division: "2007"')).found
    assert told.startswith('division "2007" går inte för tertial 2 2024.')


def test_each_district_has_a_place_of_its_own_beside_the_year_s():
    orders = [read_order(PARAMS / "stockholm" / f"{name}.yaml").params for name in ("stad", "norra_innerstaden")]
    assert [params.period_folder() for params in orders] == ["2024", "2024-norra_innerstaden"]
    assert [area and area.located for area in (params.chosen_area() for params in orders)] == [
        None,
        "i Norra innerstaden",
    ]


AREAS_2023 = (
    "bromma, hasselby_vallingby, jarva, kungsholmen, norra_innerstaden, sodermalm, enskede_arsta_vantor, farsta, hagersten_alvsjo, "
    "skarpnack, skarholmen"
)


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("jarfa", ' (menade du "jarva"?)'),
        ("Järva", ' (menade du "jarva"?)'),
        ("rinkeby_kista", ' (menade du "jarva"?)'),
        ("not_shown", ""),
        ("alla", ' (menade du "all"?)'),
    ],
)
def test_an_unknown_area_is_refused_with_the_nearest_and_all_there_are(refused, written, hint):
    error = refused(ANNUAL.replace("area: all", f"area: {written}"))
    assert error.exit_code == 3
    assert error.found == (
        '"area" har ett värde som inte går: hela kommunen: all, eller koden för ett område i indelningen, till exempel jarva '
        f"(Området ska vara all (hela kommunen) eller ett område i indelningen från 1 juli 2023 (elva områden){hint}. "
        f"områden: {AREAS_2023})",
    )


def test_an_area_is_one_of_the_division_that_the_file_names(refused, tmp_path):
    text = ANNUAL.replace("year: 2024", "year: 2022").replace('"2023"', '"2020"')
    path = tmp_path / "order.yaml"
    path.write_text(text.replace("area: all", "area: rinkeby_kista"), encoding="utf-8")
    assert read_order(path).params.chosen_area().label == "Rinkeby-Kista"
    (told,) = refused(text.replace("area: all", "area: jarva")).found
    assert "indelningen från 1 juli 2020 (tretton områden)" in told


def test_where_the_division_is_unknown_that_alone_is_told(refused):
    (told,) = refused(ANNUAL.replace('"2023"', '"2022"').replace("area: all", "area: jarva")).found
    assert told.startswith('"division" har ett värde som inte går')


def test_a_report_must_say_in_which_folder_its_period_lies():
    with pytest.raises(TypeError, match="abstract"):
        ReportParams(extract="demo", accept_problem_rows=0)


class TestStrictYaml:
    def test_a_repeated_key_is_refused_at_every_depth_and_however_it_is_written(self):
        for text in ("a: 1\na: 2", "a: {b: 1, b: 2}", '1: a\n"1": b'):
            with pytest.raises(RepeatedKeyError):
                read_strict_yaml(text)

    def test_only_plain_values_are_read(self):
        assert read_strict_yaml("a: 1\nb: [x, 2.5, true, ]\nc: 2022-02-30") == {
            "a": 1,
            "b": ["x", 2.5, True],
            "c": "2022-02-30",
        }
        with pytest.raises(yaml.YAMLError):
            read_strict_yaml("!!python/object/apply:os.getcwd []")
