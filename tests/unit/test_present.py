"""Exhibits: what tables, figures and sentences say of released cells, and what they refuse."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest

from kaa_analysis.core.errors import DefinitionError, DisclosureError, ParameterError
from kaa_analysis.core.result import Count, Dimension, Estimate, Result, Share
from kaa_analysis.disclosure.released import SEAL, Mark, Released
from kaa_analysis.present.exhibit import EXHIBIT_MIME
from kaa_analysis.present.forms import FORMS, exhibit
from kaa_analysis.render.gate.figure_numbers import figure_numbers
from kaa_analysis.render.gate.released_lines import released_lines
from kaa_analysis.render.gate.sentence_numbers import sentence_numbers
from kaa_analysis.render.gate.structural_numbers import numbers_in, plain, without_forms

NBSP = "\u00a0"
SEX = Dimension("sex", "Kön", {"all": "Totalt", "female": "Flickor", "male": "Pojkar"}, total="all")
MONTHS = Dimension("months", "Tid från start", {"0": "Första dagen", "3": "3 månader", "12": "12 månader"})


def make_released(columns, rows, *, hidden=(), table_id="demo", note="", mark=Mark.DRAFT, context=None) -> Released:
    """Return a released table of ``rows``; ``hidden`` holds (row, column, state)."""
    names = [column.name for column in columns]
    values = pd.DataFrame(rows, columns=names, dtype=object)
    states = pd.DataFrame("shown", index=values.index, columns=names, dtype=object)
    for row, name, state in hidden:
        values.loc[row, name], states.loc[row, name] = None, state
    counts = [column.name for column in columns if isinstance(column, Count)]
    ids = pd.DataFrame({name: [f"{name}|{row}" for row in values.index] for name in counts}, index=values.index)
    return Released(
        id=table_id,
        title="Titel & mer",
        columns=tuple(columns),
        values_table=values,
        states_table=states,
        cell_ids_table=ids,
        context=context or {"extract": "2025-01-15"},
        note=note,
        source="BER-uttag 2025-01-15, egen bearbetning",
        mark=mark,
        policy_hash="0" * 64,
        seal=SEAL,
    )


def district_table(**changes) -> Released:
    district = Dimension("district", "Stadsdelsområde", {"all": "Hela staden", "farsta": "Farsta"}, total="all")
    rows = [
        ["all", "all", 1530, 1.0],
        ["all", "female", 800, 1.0],
        ["all", "male", 730, 1.0],
        ["farsta", "all", 40, 0.026],
        ["farsta", "female", 0, 0.0],
        ["farsta", "male", None, None],
    ]
    columns = (district, SEX, Count("n", "Antal", "stock"), Share("share", "Andel", "n", "n_all"))
    return make_released(columns, rows, hidden=[(5, "n", "protected"), (5, "share", "protected")], **changes)


def stock_table(*, hidden=(), before=1488, mark=Mark.DRAFT) -> Released:
    period = Dimension("period", "Period", {"2023": "2023", "2024": "2024"})
    columns = (
        period,
        SEX,
        Count("n_stock_start", "Vid början", "stock_start", "spells"),
        Count("n_entries", "Nya", "entries", "spells"),
        Count("n_exits", "Avslutade", "exits", "spells"),
        Count("n_stock_end", "Vid slutet", "stock_end", "spells"),
    )
    rows = [["2023", "all", 1402, 900, 814, before], ["2024", "all", before, 1200, 1158, 1530]]
    return make_released(columns, rows, hidden=hidden, mark=mark)


def by_year(*, hidden=()) -> Released:
    columns = (
        Dimension("kind", "Insats", {"all": "Någon insats", "aim": "Aim"}, total="all", additive=False),
        Dimension("period", "Period", {"2023": "2023", "2024": "2024"}),
        Count("n_ended", "Avslutade", "support_ended", "spells"),
        Count("n_begun", "Påbörjade", "support_begun", "spells"),
    )
    rows = [["all", "2023", 120, 130], ["aim", "2023", 20, 31], ["all", "2024", 140, 150], ["aim", "2024", 24, 26]]
    return make_released(columns, rows, hidden=hidden)


def studies_table(*, hidden=()) -> Released:
    period = Dimension("period", "Period", {"2023": "2023", "2024": "2024"})
    columns = (
        period,
        SEX,
        Count("n_exits", "Avslutade", "exits", "spells"),
        Count("n_to_studies", "Till studier", "exits_to_studies", "spells"),
        Share("share_to_studies", "Andel till studier", "n_to_studies", "n_exits"),
        Estimate("share_low", "Andel, nedre gräns", ("n_to_studies",)),
        Estimate("share_high", "Andel, övre gräns", ("n_to_studies",)),
    )
    rows = [["2023", "all", 1000, 610, 0.61, 0.579, 0.64], ["2024", "all", 1204, 763, 0.634, 0.606, 0.661]]
    return make_released(columns, rows, hidden=hidden)


def funnel_table(*, reached=1411, hidden=()) -> Released:
    step = Dimension("step", "Steg", {"registered": "Registrerade", "sought": "Sökta", "reached": "Nådda"})
    columns = (
        step,
        SEX,
        Count("n", "Personer", "outreach"),
        Count("n_registered", "Registrerade", "outreach_base"),
        Share("share", "Andel", "n", "n_registered"),
    )
    numbers = {"registered": 1900, "sought": 1850, "reached": reached}
    rows = [[name, "all", n, 1900, round(n / 1900, 3)] for name, n in numbers.items()]
    return make_released(columns, rows, hidden=hidden, context={"extract": "2025-01-15", "period": "läsåret 2023/24"})


def support_table(*, numbers=((588, 122), (602, 141)), hidden=()) -> Released:
    columns = (
        Dimension("kind", "Insats", {"all": "Någon insats", "aim": "Aim"}, total="all", additive=False),
        Dimension("period", "Period"),
        SEX,
        Count("n_persons", "Personer i stöd", "in_support"),
        Count("n_covered", "Alla som omfattades", "covered", regardless_of=("kind",)),
        Share("share_in_support", "Andel", "n_persons", "n_covered"),
    )
    years = dict(zip(("2023", "2024"), numbers, strict=True))
    rows = [["all", year, "all", n, of, round(n / of, 3)] for year, (of, n) in years.items()]
    rows += [["aim", year, "all", 0, of, 0.0] for year, (of, _) in years.items()]
    return make_released(columns, rows, hidden=hidden)


def flow_table(*, hidden=()) -> Released:
    names = {"year": "Hela perioden", "2024-01": "januari 2024", "2024-02": "februari 2024"}
    columns = (
        Dimension("month", "Månad", names, total="year"),
        Count("n_entries", "Nya registreringar", "entries", "spells"),
        Count("n_exits", "Avslutade registreringar", "exits", "spells"),
    )
    return make_released(columns, [["year", 160, 90], ["2024-01", 100, 60], ["2024-02", 60, 30]], hidden=hidden)


def incidence_table(*, hidden=()) -> Released:
    ways = Dimension(
        "way_out", "Orsak", {"any": "Alla orsaker", "study_placement": "Studieplats", "other": "Annat"}, total="any"
    )
    columns = (
        SEX,
        ways,
        MONTHS,
        Count("n_events", "Sedan sist", "events", "spells"),
        Count("n_events_to_date", "Har lämnat hittills", "events_to_date", "spells"),
        Estimate("share_left", "Andel som har lämnat registret", ("n_events_to_date",)),
        Estimate("lower", "nedre gräns", ("n_events_to_date",)),
        Estimate("upper", "övre gräns", ("n_events_to_date",)),
    )
    ends = {"any": 0.6, "study_placement": 0.4, "other": 0.2}
    rows = [
        [sex, way, months, 5, 10, round(end * part, 3), round(end * part * 0.9, 3), round(end * part * 1.1, 3)]
        for sex in ("all", "female", "male")
        for way, end in ends.items()
        for months, part in (("0", 0.0), ("3", 0.5), ("12", 1.0))
    ]
    return make_released(columns, rows, hidden=hidden)


def life_table(*, entered_late: int = 0, hidden: tuple | list = ()) -> Released:
    columns = (
        MONTHS,
        Count("n_entered", "Nya", "entered", "spells"),
        Count("n_left", "Har lämnat", "left", "spells"),
        Count("n_censored", "Följs inte längre", "censored", "spells"),
        Count("n_at_risk", "Kvar under observation", "at_risk", "spells"),
        Estimate("share_registered", "Andel kvar", ("n_at_risk",)),
        Estimate("lower", "nedre gräns", ("n_at_risk",)),
        Estimate("upper", "övre gräns", ("n_at_risk",)),
    )
    rows = [
        ["0", 100, 0, 0, 100, 1.0, None, None],
        ["3", entered_late, 30, 5, 65, 0.7, 0.6, 0.78],
        ["12", 0, 40, 5, 20, 0.25, 0.17, 0.34],
    ]
    at_start = [(0, "lower", "not_applicable"), (0, "upper", "not_applicable")]
    return make_released(columns, rows, hidden=[*at_start, *hidden])


def table_without_rows() -> Released:
    return make_released((SEX, Count("n", "Personer", "covered")), [], note="Lagen ändrades inte under åren.")


def of_outreach(name: str) -> Released:
    """The tables of the outreach's sentences, drawn where those sentences are tried."""
    from tests.unit import test_outreach_sentences

    return getattr(test_outreach_sentences, name)()


def ratio_table(*ratios, covariates=("sex", "age_at_entry", "calendar"), hidden=()) -> Released:
    """Return a model's table: a row of boys and of girls per period since entry, the girls with ratio, lower and upper limit."""
    labels = {
        "sex": "Kön",
        "age_at_entry": "Ålder vid inträdet",
        "season": "Inträdets halvår",
        "calendar": "Tiden på året",
    }
    columns = (
        Dimension("covariate", "Egenskap", {name: labels[name] for name in covariates}),
        Dimension(
            "since_entry", "Tid", {"all": "Hela tiden", "first": "De första sex månaderna", "later": "Därefter"}, "all"
        ),
        Dimension("level", "Grupp", {"female": "Flickor", "male": "Pojkar (jämförs med)"}),
        Count("n_sought", "Har lämnat för studier", "entering_sought", "spells"),
        *(Estimate(name, "Kvot", ("n_sought",), digits=2) for name in ("hazard_ratio", "lower", "upper")),
    )
    periods = ["all"] if len(ratios) < 2 else ["first", "later"]
    rows = []
    for since, own in zip(periods, ratios or [(1.24, 1.02, 1.51)], strict=True):
        rows += [["sex", since, "male", 100, None, None, None], ["sex", since, "female", 120, *own]]
    compared = [
        (row, name, "not_applicable") for row in range(0, len(rows), 2) for name in ("hazard_ratio", "lower", "upper")
    ]
    return make_released(columns, rows, hidden=[*compared, *hidden])


EXAMPLES = {
    "table": district_table,
    "table:beside": district_table,
    "table:years": by_year,
    "figure:monthly_flow": flow_table,
    "figure:series": stock_table,
    "figure:low_series": stock_table,
    "figure:funnel": funnel_table,
    "figure:bars": district_table,
    "figure:districts": district_table,
    "figure:curve": incidence_table,
    "figure:survival": life_table,
    "sentence:stock": stock_table,
    "sentence:flow": stock_table,
    "sentence:exits": studies_table,
    "sentence:funnel": funnel_table,
    "sentence:support": support_table,
    "sentence:response": lambda: of_outreach("answers"),
    "sentence:chosen": lambda: of_outreach("chosen"),
    "sentence:placement": incidence_table,
    "sentence:hazard_ratio": ratio_table,
    "sentence:first_contact": lambda: of_outreach("waits"),
    "sentence:note": table_without_rows,
}


def said(released: Released, form: str) -> str:
    return exhibit(released, slug="mening", form=form).text.replace(NBSP, " ")


class Cells(HTMLParser):
    """Reads a table as rows of (tag, scope, text)."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[tuple[str, str, str]]] = []
        self.open = False

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append((tag, dict(attrs).get("scope", ""), ""))
            self.open = True

    def handle_endtag(self, tag):
        self.open = self.open and tag not in ("th", "td")

    def handle_data(self, data):
        if self.open:
            tag, scope, text = self.rows[-1][-1]
            self.rows[-1][-1] = (tag, scope, text + data)


def cells(html: str) -> list[list[tuple[str, str, str]]]:
    parser = Cells()
    parser.feed(html)
    return parser.rows


def test_every_form_has_an_example_in_these_tests():
    assert set(EXAMPLES) == set(FORMS)


@pytest.mark.parametrize("form", EXAMPLES)
def test_an_exhibit_is_the_same_each_time_and_carries_the_hash_of_what_it_shows(form):
    released = EXAMPLES[form]()
    first, second = (exhibit(EXAMPLES[form](), slug="ett-namn", form=form) for _ in range(2))
    assert first == second
    assert first.released_hash == released.hash
    bundle = first._repr_mimebundle_()
    assert set(bundle) == {EXHIBIT_MIME, "text/html", "text/plain"}
    assert bundle[EXHIBIT_MIME] == {
        "slug": "ett-namn",
        "form": form,
        "title": first.title,
        "released_id": "demo",
        "released_hash": released.hash,
        "alt": first.alt,
    }


@pytest.mark.parametrize("form", EXAMPLES)
def test_ids_begin_with_the_slug_and_none_is_used_twice(form):
    html = exhibit(EXAMPLES[form](), slug="ett-namn", form=form).html
    ids = re.findall(r'\sid="([^"]*)"', html)
    assert ids[0] == "ett-namn"
    assert [name for name in ids if not name.startswith("ett-namn")] == []
    assert max(Counter(ids).values()) == 1


@pytest.mark.parametrize("form", [form for form in EXAMPLES if form.startswith("figure")])
def test_a_figure_is_an_svg_with_real_text_a_title_and_a_description(form):
    made = exhibit(EXAMPLES[form](), slug="figuren", form=form)
    svg = made.drawing.svg
    assert svg.startswith("<svg ")
    assert 'aria-labelledby="figuren-svg-title figuren-svg-desc"' in svg
    assert f'<desc id="figuren-svg-desc">{made.alt}</desc>' in svg
    assert "<text" in svg
    assert "<metadata" not in svg
    assert "<style" not in svg
    assert made.html.startswith('<figure class="kaa-exhibit kaa-figure" id="figuren">')
    assert svg in made.html
    assert re.search(r'viewBox="0 0 453.6 ', svg)


def test_only_released_tables_are_shown():
    result = Result(id="demo", title="T", columns=(Count("n", "Antal", "stock"),), table=pd.DataFrame({"n": [3]}))
    with pytest.raises(DisclosureError, match="fick Result"):
        exhibit(result, slug="tabell", form="table")


def test_an_unknown_form_names_the_nearest():
    with pytest.raises(ParameterError, match=r'menade du "figure:funnel"'):
        exhibit(district_table(), slug="tabell", form="figure:funel")


@pytest.mark.parametrize("slug", ["Tabell", "två-ord", "a_b", "-a", "a--b", ""])
def test_a_slug_is_lower_case_ascii_with_single_hyphens(slug):
    with pytest.raises(ParameterError, match="slug"):
        exhibit(district_table(), slug=slug, form="table")


def test_sex_is_spread_over_columns_with_two_heading_rows_and_row_headers():
    assert cells(exhibit(district_table(), slug="omrade", form="table").html) == [
        [
            ("th", "col", "Stadsdelsområde"),
            ("th", "colgroup", "Antal"),
            ("th", "colgroup", "Andel"),
        ],
        [("th", "col", name) for name in ("Totalt", "Flickor", "Pojkar") * 2],
        [
            ("th", "row", "Hela staden"),
            *(("td", "", text) for text in (f"1{NBSP}530", "800", "730", *[f"100,0{NBSP}%"] * 3)),
        ],
        [
            ("th", "row", "Farsta"),
            *(("td", "", text) for text in ("40", "–", "..", f"2,6{NBSP}%", f"0,0{NBSP}%", "..")),
        ],
    ]


def test_a_table_explains_only_the_symbols_it_holds_and_names_its_source():
    made = exhibit(district_table(note="En not."), slug="omrade", form="table")
    assert made.text.replace(NBSP, " ") == "\n".join(
        [
            "Titel & mer",
            "Stadsdelsområde  Antal, totalt  Antal, flickor  Antal, pojkar  Andel, totalt  Andel, flickor  Andel, pojkar",
            "Hela staden              1 530             800            730        100,0 %         100,0 %        100,0 %",
            "Farsta                      40               –             ..          2,6 %           0,0 %             ..",
            "En not.",
            "Teckenförklaring: – inget finns att redovisa (noll); "
            ".. värdet visas inte, för att ingen enskild ska kunna pekas ut.",
            "Källa: BER-uttag 2025-01-15, egen bearbetning.",
        ]
    )
    assert "<caption" in made.html
    assert "Titel &amp; mer" in made.html


def test_rows_are_grouped_by_all_dimensions_but_the_last_and_bounds_are_one_column():
    made = exhibit(incidence_table(), slug="vagar", form="table")
    rows = cells(made.html)
    assert [text for (_, scope, text), *_ in rows if scope == "rowgroup"] == [
        f"{group}: {way}"
        for group in ("Totalt", "Flickor", "Pojkar")
        for way in ("Alla orsaker", "Studieplats", "Annat")
    ]
    assert [text for _, _, text in rows[0]][-1] == f"Intervall (95{NBSP}%)"
    assert [text for _, _, text in rows[3]] == [
        "3 månader",
        "5",
        "10",
        f"30,0{NBSP}%",
        f"27,0–33,0{NBSP}%",
    ]


def test_a_denominator_that_another_row_shows_is_not_a_column():
    rows = cells(exhibit(funnel_table(), slug="tratt", form="table").html)
    assert [text for _, _, text in rows[0]] == ["Steg", "Personer", "Andel"]


def test_without_other_splits_a_table_has_a_row_per_measure():
    columns = (SEX, Count("n", "Antal", "stock"), Share("share", "Andel", "n", "n_all"))
    released = make_released(columns, [["all", 10, 1.0], ["female", 6, 0.6], ["male", 4, 0.4]])
    assert [[text for _, _, text in row] for row in cells(exhibit(released, slug="kon", form="table").html)] == [
        ["", "Totalt", "Flickor", "Pojkar"],
        ["Antal", "10", "6", "4"],
        ["Andel", f"100,0{NBSP}%", f"60,0{NBSP}%", f"40,0{NBSP}%"],
    ]


def test_an_inside_room_table_says_so_in_every_form():
    notes = [
        exhibit(make(), slug="namn", form=form).text
        for form, make in {
            "table": lambda: district_table(mark=Mark.INSIDE_ROOM),
            "figure:bars": lambda: district_table(mark=Mark.INSIDE_ROOM),
            "sentence:stock": lambda: stock_table(mark=Mark.INSIDE_ROOM),
        }.items()
    ]
    assert ["Arbetsmaterial som inte får lämna den säkra mappen." in note for note in notes] == [True] * 3


def test_a_hidden_bar_is_named_but_not_drawn():
    released = district_table()
    columns, rows = released.columns, [["all", "all", 44, 1.0], ["farsta", "all", None, None]]
    hidden = make_released(columns, rows, hidden=[(1, "n", "protected"), (1, "share", "protected")])
    made = exhibit(hidden, slug="staplar", form="figure:bars")
    assert made.alt == "Liggande staplar, en per stadsdelsområde. Totalt 44. Inte visat (..): Farsta."
    assert "Värden som inte får visas (..) är inte ritade." in made.html


def test_the_alt_text_of_the_funnel_tells_every_step():
    alt = exhibit(funnel_table(), slug="tratt", form="figure:funnel").alt.replace(NBSP, " ")
    assert alt == (
        "Liggande staplar, en per steg uppifrån och ned. "
        "Registrerade: 1 900 (100,0 %); Sökta: 1 850 (97,4 %); Nådda: 1 411 (74,3 %)."
    )


def test_the_alt_text_of_the_flow_tells_the_highest_and_lowest_month_and_leaves_out_the_year():
    alt = exhibit(flow_table(hidden=[(2, "n_exits", "protected")]), slug="flode", form="figure:monthly_flow").alt
    assert alt == (
        "Staplar per månad i två rutor på samma skala: nya registreringar och avslutade registreringar. "
        "Nya registreringar: flest i januari 2024 (100) och färst i februari 2024 (60). "
        "Avslutade registreringar: bland de månader som visas flest i januari 2024 (60) och färst i januari 2024 (60). En stapel visas inte."
    )


def test_a_series_shows_the_stock_at_the_end_of_each_period_and_is_named_for_it():
    made = exhibit(stock_table(), slug="serie", form="figure:series")
    assert made.alt.replace(NBSP, " ") == "Staplar över tid. Vid slutet: 2023: 1 488; 2024: 1 530."
    assert made.title == "Vid slutet, 2023–2024"


def test_bars_of_a_table_over_several_years_show_the_latest_and_say_so():
    reason = Dimension("exit_reason", "Orsak", {"all": "Alla", "moved": "Flyttat"}, total="all")
    columns = (Dimension("period", "Period", {}), reason, Count("n", "Avslut", "exits", "spells"))
    rows = [["2023", "all", 30], ["2023", "moved", 10], ["2024", "all", 50], ["2024", "moved", 20]]
    made = exhibit(make_released(columns, rows), slug="orsak", form="figure:bars")
    assert made.alt == "Liggande staplar, en per orsak. Totalt 50. Störst är Flyttat: 20."
    assert "Figuren visar 2024. Totalt 50." in made.text


def test_the_largest_bar_is_the_largest_of_those_shown_where_one_is_hidden():
    reason = Dimension("exit_reason", "Orsak", {"all": "Alla", "moved": "Flyttat", "other": "Annat"}, total="all")
    rows = [["all", 50], ["moved", 20], ["other", None]]
    columns = (reason, Count("n", "Avslut", "exits", "spells"))
    made = exhibit(make_released(columns, rows, hidden=[(2, "n", "protected")]), slug="orsak", form="figure:bars")
    assert made.alt == (
        "Liggande staplar, en per orsak. Totalt 50. Störst av det som visas är Flyttat: 20. Inte visat (..): Annat."
    )


def test_a_curve_is_broken_where_a_point_is_hidden_and_says_so():
    whole = exhibit(incidence_table(), slug="kurva", form="figure:curve")
    broken = exhibit(
        incidence_table(
            hidden=[(4, name, "protected") for name in ("share_left", "lower", "upper", "n_events_to_date")]
        ),
        slug="kurva",
        form="figure:curve",
    )
    assert "Linjen är bruten" not in whole.alt
    assert broken.alt.replace(NBSP, " ") == (
        "Punkter med osäkerhetsintervall vid 0, 3 och 12 månader: andel som har lämnat registret. "
        "Studieplats: visas inte vid 3 månader; 40,0 % vid 12 månader. "
        "Annat: 10,0 % vid 3 månader; 20,0 % vid 12 månader. "
        "Linjen är bruten där punkter inte får visas."
    )
    assert "linjen är bruten där" in broken.html


def test_a_curve_of_survival_has_at_risk_events_and_censored_aligned_under_it():
    rows = cells(exhibit(life_table(), slug="kvar", form="figure:survival").html)
    assert [[text for _, _, text in row] for row in rows[-3:]] == [
        ["Kvar under observation", "100", "65", "20"],
        ["Har lämnat", "–", "30", "40"],
        ["Följs inte längre", "–", "5", "5"],
    ]


def test_those_who_came_under_observation_after_the_start_have_a_row_under_the_curve():
    late = exhibit(life_table(entered_late=20), slug="kvar", form="figure:survival").html
    rows = [[text for _, _, text in row] for row in cells(late)]
    assert rows[-4:-2] == [["Kvar under observation", "100", "65", "20"], ["Nya", "100", "20", "–"]]
    hidden = exhibit(life_table(hidden=[(2, "n_entered", "protected")]), slug="kvar", form="figure:survival").html
    assert ["Nya", "100", "–", ".."] in [[text for _, _, text in row] for row in cells(hidden)]
    none_late = exhibit(life_table(), slug="kvar", form="figure:survival").html
    assert [row for row in cells(none_late) if row[0][2] == "Nya"] == []


def test_on_a_short_grid_without_the_start_all_who_enter_at_once_have_no_row_of_their_own():
    months = Dimension("months", "Tid", {"1": "1 månad", "2": "2 månader"})
    columns = (months, *life_table().columns[1:])
    rows = [["1", 100, 60, 0, 40, 0.4, 0.31, 0.5], ["2", 0, 20, 0, 20, 0.2, 0.13, 0.29]]
    made = exhibit(make_released(columns, rows), slug="kvar", form="figure:survival")
    assert [[text for _, _, text in row] for row in cells(made.html)[-3:]] == [
        ["Kvar under observation", "40", "20"],
        ["Har lämnat", "60", "20"],
        ["Följs inte längre", "–", "–"],
    ]
    assert "40,0 % vid 1 månad; 20,0 % vid 2 månader." in made.alt.replace(NBSP, " ")
    assert figure_numbers(make_released(columns, rows), "survival").alt == ("40,0", "20,0")


def test_a_form_that_lacks_its_split_says_which():
    with pytest.raises(DefinitionError, match="delad på month"):
        exhibit(district_table(), slug="flode", form="figure:monthly_flow")


def test_the_sentence_of_the_stock_compares_without_computing():
    assert said(stock_table(), "sentence:stock") == (
        "Den 31 december 2024 var 1 530 registreringar öppna, fler än de 1 488 som var öppna den 31 december 2023."
    )
    assert said(stock_table(before=1530), "sentence:stock") == (
        "Den 31 december 2024 var 1 530 registreringar öppna, lika många som den 31 december 2023."
    )


def test_the_sentence_of_the_stock_says_that_its_number_is_not_shown():
    assert said(stock_table(hidden=[(1, "n_stock_end", "protected")]), "sentence:stock") == (
        "Hur många registreringar som var öppna den 31 december 2024 visas inte, för att ingen enskild ska kunna pekas ut."
    )


def test_the_sentence_of_the_flow_uses_the_singular_and_names_what_is_hidden():
    assert said(stock_table(), "sentence:flow") == "Under 2024 började 1 200 registreringar och 1 158 avslutades."
    assert said(stock_table(hidden=[(1, "n_exits", "unknown")]), "sentence:flow") == (
        "Under 2024 började 1 200 registreringar; hur många som avslutades är inte känt."
    )
    period = Dimension("period", "Period", {})
    counts = (Count("n_entries", "Nya", "entries", "spells"), Count("n_exits", "Avslutade", "exits", "spells"))
    one = make_released((period, *counts), [["2024", 1, 0]])
    assert said(one, "sentence:flow") == "Under 2024 började 1 registrering och 0 avslutades."


def test_the_sentence_of_exits_gives_the_share_its_interval_and_the_year_before():
    assert said(studies_table(), "sentence:exits") == (
        "Av de 1 204 registreringar som avslutades under 2024 gällde 63,4 procent ungdomar som "
        "började studera eller hade fullföljt en gymnasieutbildning, "
        "mot 61,0 procent under 2023. Osäkerhetsintervallet (95 procent) går från 60,6 till 66,1 procent. "
        "Skillnaden kan inte skiljas från slumpen."
    )
    assert said(studies_table(hidden=[(1, "share_to_studies", "protected")]), "sentence:exits") == (
        "Hur stor andel av de registreringar som avslutades under 2024 som gällde studier visas inte, "
        "för att ingen enskild ska kunna pekas ut."
    )


def test_the_sentence_of_the_funnel_says_how_many_of_the_registered_were_reached():
    assert said(funnel_table(), "sentence:funnel") == (
        "Av de 1 900 ungdomar som var registrerade under läsåret 2023/24 nåddes 1 411 i ett samtal (74,3 procent)."
    )
    assert said(funnel_table(hidden=[(2, "n", "protected")]), "sentence:funnel") == (
        "Hur många av de registrerade som nåddes i ett samtal under läsåret 2023/24 visas inte, "
        "för att ingen enskild ska kunna pekas ut."
    )


HIDDEN = "visas inte, för att ingen enskild ska kunna pekas ut."


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (
            support_table(),
            "Av de 602 ungdomar som omfattades under 2024 deltog enligt registret 141 i någon insats (23,4 procent, mot 20,7 procent "
            "under 2023).",
        ),
        (
            support_table(hidden=[(0, "share_in_support", "protected")]),
            "Av de 602 ungdomar som omfattades under 2024 deltog enligt registret 141 i någon insats (23,4 procent).",
        ),
        (
            support_table(hidden=[(1, "share_in_support", "protected")]),
            "Av de 602 ungdomar som omfattades under 2024 deltog enligt registret 141 i någon insats.",
        ),
        (
            support_table(hidden=[(1, "n_covered", "protected"), (1, "share_in_support", "protected")]),
            "Under 2024 deltog enligt registret 141 ungdomar i någon insats.",
        ),
        (
            support_table(hidden=[(1, "n_persons", "protected"), (1, "share_in_support", "protected")]),
            f"Hur många ungdomar som deltog i någon insats under 2024 {HIDDEN}",
        ),
        (
            replace(support_table(), context={"extract": "2025-01-15", "district": "jarva"}, seal=SEAL),
            "Av de 602 ungdomar i Järva som omfattades under 2024 deltog enligt registret 141 i någon insats (23,4 procent, mot 20,7 "
            "procent under 2023).",
        ),
    ],
)
def test_the_sentence_of_support_says_how_many_of_the_covered_took_part(made, words):
    assert said(made, "sentence:support") == words
    assert sentence_numbers(made, "support") == numbers_in(without_forms(plain(words)))


def test_the_sentence_of_support_needs_a_share():
    with pytest.raises(DefinitionError, match=r"behöver en andel"):
        said(stock_table(), "sentence:support")


IN_JARVA = {"extract": "2025-01-15", "period": "läsåret 2023/24", "district": "jarva"}


@pytest.mark.parametrize(
    ("name", "made", "words"),
    [
        (
            "stock",
            stock_table(),
            "Den 31 december 2024 var 1 530 registreringar i Järva öppna, fler än de 1 488 som var öppna den 31 december 2023.",
        ),
        (
            "stock",
            stock_table(hidden=[(0, "n_stock_end", "protected")]),
            "Den 31 december 2024 var 1 530 registreringar i Järva öppna.",
        ),
        (
            "stock",
            stock_table(hidden=[(1, "n_stock_end", "protected")]),
            "Hur många registreringar i Järva som var öppna den 31 december 2024 visas inte, för att ingen enskild ska kunna pekas ut.",
        ),
        ("flow", stock_table(), "Under 2024 började 1 200 registreringar i Järva och 1 158 avslutades."),
        (
            "flow",
            stock_table(hidden=[(1, "n_exits", "protected")]),
            "Under 2024 började 1 200 registreringar i Järva; hur många som avslutades visas inte, för att ingen enskild ska "
            "kunna pekas ut.",
        ),
        (
            "flow",
            stock_table(hidden=[(1, "n_entries", "protected")]),
            "Under 2024 avslutades 1 158 registreringar i Järva; hur många som började visas inte, för att ingen enskild ska "
            "kunna pekas ut.",
        ),
        (
            "flow",
            stock_table(hidden=[(1, "n_entries", "protected"), (1, "n_exits", "protected")]),
            "Hur många registreringar i Järva som började och avslutades under 2024 visas inte, för att ingen enskild ska kunna pekas ut.",
        ),
        (
            "exits",
            studies_table(hidden=[(1, "share_to_studies", "protected")]),
            "Hur stor andel av de registreringar i Järva som avslutades under 2024 som gällde studier visas inte, för att ingen enskild "
            "ska kunna pekas ut.",
        ),
        (
            "funnel",
            funnel_table(),
            "Av de 1 900 ungdomar i Järva som var registrerade under läsåret 2023/24 nåddes 1 411 i ett samtal (74,3 procent).",
        ),
        (
            "funnel",
            funnel_table(hidden=[(0, "n", "protected")]),
            "Under läsåret 2023/24 nåddes 1 411 registrerade ungdomar i Järva i ett samtal (74,3 procent).",
        ),
        (
            "funnel",
            funnel_table(hidden=[(2, "n", "protected")]),
            "Hur många av de registrerade i Järva som nåddes i ett samtal under läsåret 2023/24 visas inte, för att ingen enskild ska "
            "kunna pekas ut.",
        ),
    ],
)
def test_a_sentence_of_a_district_s_table_names_it_also_where_the_number_is_hidden(name, made, words):
    place = IN_JARVA if name == "funnel" else {"extract": "2025-01-15", "district": "jarva"}
    assert said(replace(made, context=place, seal=SEAL), f"sentence:{name}") == words


def test_a_district_s_series_names_it_in_its_title():
    made = replace(stock_table(), context={"extract": "2025-01-15", "district": "sodermalm"}, seal=SEAL)
    assert exhibit(made, slug="serie", form="figure:series").title == "Vid slutet på Södermalm, 2023–2024"


def test_the_sentence_of_placement_stands_on_the_first_way_out_at_twelve_months():
    assert said(incidence_table(), "sentence:placement") == (
        "Inom 12 månader efter inträdet hade 40,0 procent lämnat registret för studier. "
        "Osäkerhetsintervallet (95 procent) går från 36,0 till 44,0 procent."
    )


GIRLS = "lämnade flickor registret för studier i en takt som var"
AT_FIRST, LATER = ("Vid samma ålder och tid på året under", "Vid samma ålder och tid på året efter")
HALF_YEAR = "de första sex månaderna"


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (
            ratio_table(),
            f"Vid samma ålder och tid på året {GIRLS} 1,24 gånger pojkarnas (95-procentigt intervall 1,02–1,51).",
        ),
        (
            ratio_table((0.96, 0.77, 1.0), covariates=("sex",)),
            "Flickor lämnade registret för studier i en takt som var 0,96 gånger pojkarnas, men skillnaden kan bero på slumpen "
            "(95-procentigt intervall 0,77–1,00).",
        ),
        (
            ratio_table((2.5, 1.8, 3.4), (0.7, 0.4, 1.2)),
            f"{AT_FIRST} {HALF_YEAR} {GIRLS} 2,50 gånger pojkarnas (95-procentigt intervall 1,80–3,40). "
            f"{LATER} {HALF_YEAR} {GIRLS} 0,70 gånger pojkarnas, men skillnaden kan bero på slumpen (95-procentigt intervall 0,40–1,20).",
        ),
        (
            ratio_table(hidden=[(1, name, "protected") for name in ("hazard_ratio", "lower", "upper")]),
            "Hur mycket snabbare eller långsammare flickor än pojkar lämnade registret för studier vid samma ålder och tid på året visas "
            "inte, för att ingen enskild ska kunna pekas ut.",
        ),
    ],
)
def test_the_sentence_of_ratios_says_how_much_faster_girls_leave_and_whether_it_may_be_chance(made, words):
    assert said(made, "sentence:hazard_ratio") == words
    assert sentence_numbers(made, "hazard_ratio") == numbers_in(without_forms(plain(words)))


def test_the_sentence_of_ratios_needs_girls():
    with pytest.raises(DefinitionError, match="behöver kön med flickor"):
        said(
            replace(ratio_table(), values_table=ratio_table().values_table.assign(level="male"), seal=SEAL),
            "sentence:hazard_ratio",
        )


def test_a_p_value_is_a_number_and_one_that_rounds_to_nothing_is_less_than_its_step():
    group = Dimension("test", "Test", {"a": "A", "b": "B"})
    count = Count("n", "Registreringar", "entering_modelled", "spells")
    columns = (group, count, *(Estimate(name, "p-värde", ("n",)) for name in ("p_value", "p_holm")))
    made = make_released(columns, [["a", 20, 0.0, 0.043], ["b", 20, 0.5, 1.0]])
    assert [line.split()[2:] for line in exhibit(made, slug="prov", form="table").text.splitlines()[2:4]] == [
        ["<0,001", "0,043"],
        ["0,500", "1,000"],
    ]
    told = [[line.cells[name].text for name in ("p_value", "p_holm")] for line in released_lines(made)]
    assert told == [["<0,001", "0,043"], ["0,500", "1,000"]]
    assert released_lines(made)[0].cells["p_value"].below
    assert "&lt;0,001" in exhibit(made, slug="prov", form="table").html


def test_the_interval_of_a_ratio_is_not_told_as_that_of_a_share():
    ratio = exhibit(ratio_table(), slug="kvot", form="table").text
    assert "hur osäker skattningen är" in ratio
    assert "hur osäker andelen är" in exhibit(incidence_table(), slug="andel", form="table").text


def test_a_drawing_does_not_follow_the_settings_of_the_machine():
    import matplotlib

    usual = exhibit(funnel_table(), slug="tratt", form="figure:funnel").drawing
    with matplotlib.rc_context({"axes.grid": True, "font.weight": "bold", "savefig.bbox": "tight", "font.size": 20}):
        assert exhibit(funnel_table(), slug="tratt", form="figure:funnel").drawing == usual


def test_signs_that_mean_something_to_a_drawing_program_are_text_in_a_label():
    step = Dimension("step", "Steg", {"one": "Bidrag $500 eller $900", "two": "{box} och {x}"})
    columns = (step, Count("n", "Personer", "outreach"))
    svg = exhibit(make_released(columns, [["one", 20], ["two", 10]]), slug="tratt", form="figure:bars").drawing.svg
    assert re.findall(r"<text[^>]*>([^<]*\$[^<]*)</text>", svg) == ["Bidrag $500 eller $900"]
    assert re.search(r'viewBox="0 0 [\d.]+ [\d.]+"', svg)
    assert "{box} och {x}" in svg


def test_districts_stand_by_size_then_those_not_shown_and_last_those_of_no_district():
    labels = {"all": "Hela staden", "jarva": "Järva", "farsta": "Farsta", "bromma": "Bromma", "alvsjo": "Älvsjö"}
    labels |= {"not_shown": "Område redovisas inte"}
    columns = (Dimension("district", "Stadsdelsområde", labels, total="all"), Count("n", "Personer", "covered"))
    rows = [["all", 900], ["jarva", None], ["farsta", 40], ["bromma", 70], ["alvsjo", 40], ["not_shown", 500]]
    made = exhibit(
        make_released(columns, rows, hidden=[(1, "n", "protected")]), slug="omraden", form="figure:districts"
    )
    assert made.alt == (
        "Liggande staplar, en per stadsdelsområde, den största först. Totalt 900. Bromma 70; Farsta 40; Älvsjö 40; "
        "Område redovisas inte 500. Inte visat (..): Järva."
    )
    drawn = [label for label in re.findall(r">([^<>]+)</text>", made.drawing.svg) if label in labels.values()]
    assert drawn == ["Bromma", "Farsta", "Älvsjö", "Järva", "Område redovisas inte"]
    numbers = figure_numbers(EXAMPLES["figure:districts"](), "districts")
    assert (numbers.alt, numbers.drawing) == (("1 530", "40", "2,6"), (("40", "2,6"),))
