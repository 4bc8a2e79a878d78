"""What the Cox model refuses, with what message, and that its good twin runs; results that are told instead of refused."""

import numpy as np
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival import cox, proportional_hazards_test, standardised_curve

ENTRY = np.zeros(16, dtype=int)
EXIT = np.array([1, 2, 2, 3, 4, 5, 5, 6, 2, 2, 3, 4, 6, 7, 8, 9])
EVENT = np.array([1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1])
AGE = np.array([17, 16, 18, 19, 16, 17, 18, 16, 18, 19, 16, 17, 19, 18, 16, 18])
GIRL = np.array([0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 1, 1])
BOTH = np.column_stack([AGE, GIRL])
NAMES = ["age", "girl"]
GOOD = {"entry": ENTRY, "exit": EXIT, "event": EVENT, "covariates": BOTH, "names": NAMES}


def changed(values, place, value):
    return np.array([value if row == place else old for row, old in enumerate(values)])


def fitted(**given):
    given = GOOD | given
    arrays = [given.pop(name) for name in ("entry", "exit", "event", "covariates")]
    return cox(*arrays, **given)


def column(values):
    return np.column_stack([AGE, values])


REFUSED = {
    "a covariate that is missing everywhere": (
        {"covariates": column(np.full(16, np.nan))},
        "Varje kovariat ska vara ett känt tal på varje rad.\n  – girl: saknas på alla 16 rader\n"
        "Gör så här: uteslut raderna i kohorten, med eget steg i flödet, eller ta bort kovariaten",
    ),
    "a covariate that is missing somewhere": (
        {"covariates": column(changed(GIRL, 3, np.nan))},
        "Varje kovariat ska vara ett känt tal på varje rad.\n  – girl: saknas på 1 av 16 rader\n"
        "Gör så här: uteslut raderna i kohorten, med eget steg i flödet, eller ta bort kovariaten",
    ),
    "a covariate that follows from another": (
        {"covariates": column(2 * AGE + 1)},
        "Varje kovariat ska variera bland dem som är under risk och inte följa av de andra.\n  – girl: följer av age\n"
        "Gör så här: ta bort de kovariater som nämns, eller slå ihop dem med andra",
    ),
    "a covariate that does not vary": (
        {"covariates": column(np.ones(16))},
        "Varje kovariat ska variera bland dem som är under risk och inte följa av de andra.\n"
        "  – girl: samma värde för alla under risk vid varje händelse\n"
        "Gör så här: ta bort de kovariater som nämns, eller slå ihop dem med andra",
    ),
    "a covariate that is the stratum": (
        {"strata": GIRL},
        "Varje kovariat ska variera bland dem som är under risk och inte följa av de andra.\n"
        "  – girl: samma värde för alla under risk vid varje händelse\n"
        "Gör så här: ta bort de kovariater som nämns, eller slå ihop dem med andra",
    ),
    "covariates that are words": (
        {"covariates": column(GIRL).astype(str).astype(object) + np.array("a", dtype=object)},
        "Kovariaterna ska vara tal.\n  – typ object",
    ),
    "covariates in a row": (
        {"covariates": AGE},
        "Kovariaterna ska vara en matris med 16 rader och minst en kolumn.\n  – form (16,)",
    ),
    "too few names": ({"names": ["age"]}, "De 2 kovariaterna ska ha var sitt namn.\n  – 1 olika av 1 namn"),
    "no event": ({"event": EVENT * 0}, "Modellen behöver minst en händelse.\n  – 0 händelser bland 16 rader"),
    "an event that is neither": (
        {"event": changed(EVENT, 0, 2)},
        "En händelse ska vara sann eller falsk.\n  – varken eller: 1 av 16",
    ),
    "an exit before its entry": (
        {"entry": changed(ENTRY, 0, 3)},
        "Varje tid under risk ska löpa från ett inträde till ett senare utträde (eller sluta dag 0).\n"
        "  – utträden före inträdet: 1 av 16\nGör så här: uteslut raderna i kohorten, med eget steg i flödet",
    ),
    "too few weights": (
        {"weight": np.ones(15)},
        "Varje tid ska ha en vikt.\n  – 15 vikter för 16 tider",
    ),
    "a weight below 0": (
        {"weight": changed(np.ones(16), 0, -1)},
        "En vikt ska vara ett tal från 0 och uppåt.\n  – andra värden: 1 av 16",
    ),
    "a stratum that is missing": (
        {"strata": changed(np.ones(16), 0, np.nan)},
        "Värdet för stratum får inte saknas.\n  – saknas på 1 av 16 rader\n"
        "Gör så här: uteslut raderna i kohorten, med eget steg i flödet",
    ),
    "a single cluster": (
        {"cluster": np.ones(16)},
        "En klustrad varians behöver minst två kluster.\n  – 1 kluster av 16 rader",
    ),
    "an unknown rule": (
        {"ties": "efrom"},
        'Regeln för samtidiga händelser "efrom" finns inte (menade du "efron"?).\n  – kända: efron, breslow',
    ),
    "steps that do not end": (
        {"max_iterations": 1},
        "Anpassningen ska ha stannat.\n  – stegen tog inte slut efter 1 försök\n"
        "Gör så här: se efter om någon kovariat har orimliga värden, eller höj max_iterations",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_no_model_can_carry_is_refused_with_counts_and_names(what):
    given, message = REFUSED[what]
    with pytest.raises(DefinitionError) as told:
        fitted(**given)
    assert str(told.value) == message


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"covariates": column(changed(2 * AGE + 1, 7, 30))},
        {"strata": AGE > 17},
        {"covariates": BOTH.astype(bool), "names": None, "event": EVENT.astype(bool)},
        {"exit": changed(EXIT, 0, 0)},
        {"entry": changed(ENTRY, 3, 2)},
        {"weight": changed(np.ones(16), 0, 0)},
        {"cluster": list("aabbccddeeffgghh")},
        {"ties": "breslow"},
    ],
    ids=[
        "as it is",
        "nearly follows",
        "strata",
        "booleans",
        "day 0",
        "entry at an event",
        "no weight",
        "words",
        "breslow",
    ],
)
def test_the_good_twins_are_fitted(given):
    given = {"covariates": BOTH, **given}
    if given.get("covariates").dtype == bool:
        given["covariates"] = np.column_stack([AGE > 16, GIRL == 1])
    model = fitted(**given)
    assert model.converged
    assert model.unbounded == ()
    assert np.isfinite(model.coefficients).all()
    assert (model.se > 0).all()


def test_a_group_without_events_is_told_by_name_and_the_comparison_still_holds():
    model = fitted(event=EVENT * (1 - GIRL))
    assert model.unbounded == ("girl",)
    assert model.likelihood_ratio.p_value < fitted().likelihood_ratio.p_value


def test_with_fewer_clusters_than_covariates_there_is_no_wald_test():
    few, enough = fitted(cluster=AGE > 17), fitted(cluster=AGE)
    assert np.isnan(few.wald.statistic)
    assert np.isnan(few.wald.p_value)
    assert (few.se > 0).all()
    assert 0 < enough.wald.p_value < 1


@pytest.mark.parametrize("later", [proportional_hazards_test, lambda model: standardised_curve(model, BOTH)])
def test_what_rests_on_an_unbounded_coefficient_is_refused(later):
    with pytest.raises(DefinitionError, match=r"girl: växer utan gräns"):
        later(fitted(event=EVENT * (1 - GIRL)))


def test_the_test_is_refused_where_the_events_do_not_carry_it():
    one_time = fitted(event=EVENT * (EXIT == 2), covariates=AGE[:, None], names=["age"])
    with pytest.raises(DefinitionError, match=r"informationen är singulär"):
        proportional_hazards_test(one_time)
    at_start = fitted(exit=changed(EXIT, 0, 0))
    with pytest.raises(DefinitionError, match=r"händelser vid tid 0: 1 av 12"):
        proportional_hazards_test(at_start, transform="log")
    assert np.isfinite(proportional_hazards_test(at_start, transform="rank").statistic).all()
    with pytest.raises(DefinitionError, match=r'Tidsskalan "ranks" finns inte \(menade du "rank"\?\)'):
        proportional_hazards_test(at_start, transform="ranks")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"covariates": [[17]]}, r"Raderna ska ha modellens 2 kovariater"),
        ({"covariates": [[17, np.nan]]}, r"saknade värden: 1"),
        ({"weight": [0]}, r"Raderna ska ha var sin vikt"),
        ({"stratum": "b"}, r"En kurva ska gälla ett av modellens strata"),
        ({"interval": "logg"}, r'Intervallskalan "logg" finns inte'),
        ({"level": 1}, r"Konfidensnivån ska ligga mellan 0 och 1"),
    ],
)
def test_a_curve_of_something_else_than_the_model_is_refused(given, message):
    given = {"covariates": [[17, 1]], **given}
    with pytest.raises(DefinitionError, match=message):
        standardised_curve(fitted(), given.pop("covariates"), **given)


def test_a_curve_is_not_told_beyond_the_last_end_of_its_stratum():
    model = fitted(strata=np.where(EXIT > 4, "late", "early"))
    known = standardised_curve(model, [[17, 1]], stratum="early").at([0, 4, 5])["survival"]
    assert known[0] == 1
    assert 0 < known[1] < 1
    assert np.isnan(known[2])


def test_a_stratum_whose_rows_have_no_weight_is_none_of_the_model():
    strata = np.array(list("aaaaaaxxbbbbbbbb"))
    model = fitted(strata=strata, weight=np.where(strata == "x", 0, 1))
    left_out = {name: values[strata != "x"] for name, values in GOOD.items() if name != "names"}
    without = fitted(**left_out, strata=strata[strata != "x"])
    assert model.rows.levels == ("a", "b")
    assert model.coefficients.tolist() == without.coefficients.tolist()
    with pytest.raises(DefinitionError, match=r"En kurva ska gälla ett av modellens strata"):
        standardised_curve(model, [[17, 1]], stratum="x")
