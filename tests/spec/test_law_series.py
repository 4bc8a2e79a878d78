"""New and registered across the change of the law, by both laws, on hand-drawn spells of 2017–2019."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import read_policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.indicators import series_by_law, stock_and_flow
from kaa_analysis.present.forms import exhibit
from kaa_analysis.store.dtypes import empty_table, typed_table
from kaa_analysis.target_population import target_population
from tests.spec.asked_by_hand import AskedByHand

POLICY = read_policy(Path(__file__).resolve().parents[2] / "params" / "disclosure.yaml")
YEARS = [calendar_year(year) for year in (2017, 2018, 2019)]
SPELLS = {
    "without_place": (["2017-02-01", "2019-03-01", "other"], None),
    "in_im_before": (["2017-02-01", "2018-07-01", "introduction_programme"], "2017-01-09"),
    "kept_in_im": (["2017-09-01", None, None], "2017-08-16"),
    "im_after": (["2018-02-01", None, None], "2019-01-09"),
    "new_2019": (["2019-02-01", None, None], None),
}


class HandDrawn(AskedByHand):
    """Youths born 10 May 2000 who left compulsory school in June 2016; some attend an introduction programme from a day on."""

    follows_law, source, municipality, observed_from = True, "BER-uttag", "0180", date(2015, 1, 1)
    extract_date = date(2020, 2, 1)

    def __init__(self, spells=SPELLS):
        rows = {name: [] for name in ("persons", "residence", "credentials", "schooling", "registrations")}
        for name, (registered, programme) in spells.items():
            key = {"person_id": name}
            rows["persons"].append(key | {"birth_date": "2000-05-10", "sex": "female"})
            rows["residence"].append(key | {"municipality": "0180", "from_date": "2000-05-10"})
            rows["credentials"].append(key | {"kind": "grundskola", "date": "2016-06-14"})
            if programme:
                rows["schooling"].append(key | {"school_form": "im_individual", "from_date": programme})
            spell = dict(zip(("entry_date", "exit_date", "exit_reason"), registered, strict=True))
            rows["registrations"].append(key | {"spell": 1} | spell)
        self._tables = {name: typed_table(pd.DataFrame(found), table=name) for name, found in rows.items() if found}

    def table(self, name, *, columns):
        return self._tables.get(name, empty_table(name))[list(columns)].copy()


def numbers(result) -> dict:
    rows = result.frame.query("sex == 'all'")
    values = zip(rows["law"], rows["period"], rows["n_entries"], rows["n_stock_end"], strict=True)
    return {(law, period): (began, there) for law, period, began, there in values}


EXPECTED = {
    ("as_in_force", "2017"): (3, 3),
    ("as_in_force", "2018"): (1, 3),
    ("as_in_force", "2019"): (1, 3),
    ("bridged", "2017"): (1, 1),
    ("bridged", "2018"): (1, 2),
    ("bridged", "2019"): (1, 2),
    ("only_as_in_force", "2017"): (2, 2),
    ("only_as_in_force", "2018"): (0, 1),
    ("only_as_in_force", "2019"): (0, 1),
    ("only_bridged", "2017"): (0, 0),
    ("only_bridged", "2018"): (0, 0),
    ("only_bridged", "2019"): (0, 0),
}


def test_pupils_of_introduction_programmes_are_counted_by_the_law_as_it_was_and_not_by_the_bridged_one():
    assert numbers(series_by_law(HandDrawn(), periods=YEARS)) == EXPECTED


@pytest.mark.parametrize("law", ["as_in_force", "bridged"])
def test_the_law_of_the_report_stands_first_and_is_the_series_of_stock_and_flow(law):
    register = HandDrawn()
    population = target_population(register, law=law)
    series = series_by_law(register, periods=YEARS, population=population)
    assert next(iter(series.column("law").labels)) == law
    assert numbers(series) == EXPECTED
    flow = stock_and_flow(register, periods=YEARS, population=population).frame
    mine = series.frame.query("law == @law").reset_index(drop=True)
    pd.testing.assert_frame_equal(
        mine.drop(columns="law"), flow[["period", "sex", "n_entries", "n_stock_end"]], check_dtype=False
    )


@pytest.mark.parametrize("law", ["as_in_force", "bridged"])
def test_protected_together_with_the_series_no_small_difference_between_the_laws_can_be_found(law):
    spells = {f"{name}{number}": spell for name, spell in SPELLS.items() for number in range(20)}
    spells |= {f"few{number}": SPELLS["in_im_before"] for number in range(2)}
    few = {name: spell for name, spell in spells.items() if not name.startswith("kept_in_im")}
    few = {name: spell for name, spell in few.items() if not name.startswith("in_im_before")}
    register = HandDrawn(few)
    population = target_population(register, law=law)
    results = [make(register, periods=YEARS, population=population) for make in (stock_and_flow, series_by_law)]
    released = protect(results, policy=POLICY, ledger=Ledger.empty())["series_by_law"]
    shown = released.values_table.query("period == '2017' and sex == 'all'").set_index("law")["n_stock_end"]
    assert pd.isna(shown["only_as_in_force"])
    assert shown[["as_in_force", "bridged"]].isna().any()


@pytest.mark.parametrize("law", ["as_in_force", "bridged"])
def test_years_after_the_change_have_no_table_but_a_sentence_and_both_laws_give_them_the_same(law):
    late = [calendar_year(2019)]
    register = HandDrawn({"new_2019": SPELLS["new_2019"], "im_2019": (["2018-08-01", None, None], "2019-01-09")})
    found = series_by_law(register, periods=late, population=target_population(register, law=law))
    assert found.frame.empty
    released = protect([found], policy=POLICY, ledger=Ledger.empty())["series_by_law"]
    shown = exhibit(released, slug="lag", form="table")
    assert (shown.kind, shown.words) == (
        "sentence",
        "Den senaste lagändringen som påverkar vilka som omfattas trädde i kraft 2018-07-01, före 2019. Åren går därför att jämföra utan att "
        "serien räknas om med nuvarande lag.",
    )
    both = [
        stock_and_flow(register, periods=late, population=target_population(register, law=one)).frame
        for one in ("as_in_force", "bridged")
    ]
    pd.testing.assert_frame_equal(*both)
    assert both[0]["n_stock_end"].max() == 2


def test_a_register_to_which_the_law_does_not_apply_is_refused():
    register = HandDrawn()
    register.is_kaa = register.follows_law = False
    with pytest.raises(DefinitionError, match="lagens regler"):
        series_by_law(register, periods=YEARS)
