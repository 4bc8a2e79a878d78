"""The sentences on outreach and on the time to the first contact, and the numbers that the gate finds for them."""

from __future__ import annotations

import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.result import Count, Dimension, Estimate, Share
from kaa_analysis.disclosure.released import Released
from kaa_analysis.present.forms import exhibit
from kaa_analysis.render.gate.sentence_numbers import sentence_numbers
from kaa_analysis.render.gate.structural_numbers import numbers_in, plain, without_forms
from tests.unit.test_present import SEX, make_released

BEFORE, NOW = "läsåret 2022/23", "läsåret 2023/24"
PERIOD = Dimension("period", "Period", {BEFORE: BEFORE, NOW: NOW})
WHY = "visas inte, för att ingen enskild ska kunna pekas ut"


def answers(*, step="term_letter", hidden=()) -> Released:
    columns = (
        Dimension("outreach_step", "Steg", {step: "Steget"}),
        PERIOD,
        SEX,
        Count("n_tried", "Steget togs", "step_tried"),
        Count("n_responded", "Svarade", "step_responded"),
        Share("share_responded", "Svarsfrekvens", "n_responded", "n_tried"),
    )
    return make_released(
        columns, [[step, BEFORE, "all", 286, 142, 0.497], [step, NOW, "all", 256, 118, 0.461]], hidden=hidden
    )


def chosen(*, hidden=()) -> Released:
    columns = (
        Dimension("administration", "Förvaltning", {"utbf": "UtbF", "amf": "AMF"}),
        PERIOD,
        SEX,
        Count("n_decided", "Nådda", "first_reached_decided", regardless_of=("administration",)),
        Count("n_chose", "Valde stöd", "support_chosen"),
        Share("share_chose", "Andel", "n_chose", "n_decided"),
    )
    rows = [
        ["utbf", BEFORE, "all", 190, 37, 0.195],
        ["utbf", NOW, "all", 186, 34, 0.183],
        ["amf", BEFORE, "all", 190, 35, 0.184],
        ["amf", NOW, "all", 186, 42, 0.226],
    ]
    return make_released(columns, rows, hidden=hidden)


def waits(*, contact="attempt", months="1", hidden=()) -> Released:
    """Rows 0–2 are of all year, 3–5 of the rest of the year and 6–8 of the summer, each with both ways, the contact and leaving."""
    columns = (
        Dimension(
            "season", "Tid på året", {"all": "Totalt", "rest_of_year": "Övriga", "summer": "Sommar"}, total="all"
        ),
        Dimension("way_out", "Utfall", {"any": "Båda", contact: "Kontakt", "left": "Lämnade"}, total="any"),
        Dimension("months", "Tid från start", {months: "tid"}),
        Count("n_events_to_date", "Hittills", "events_to_date", "spells"),
        *(Estimate(name, name, ("n_events_to_date",)) for name in ("share_left", "lower", "upper")),
    )
    shares = {"all": (0.75, 0.723, 0.028), "rest_of_year": (0.846, 0.838, 0.008), "summer": (0.6, 0.542, 0.058)}
    rows = [
        [season, way, months, 100, share, round(share - 0.03, 3), round(share + 0.03, 3)]
        for season, of_season in shares.items()
        for way, share in zip(("any", contact, "left"), of_season, strict=True)
    ]
    return make_released(columns, rows, hidden=hidden)


def not_shown(*rows: int) -> list[tuple[int, str, str]]:
    return [(row, name, "protected") for row in rows for name in ("share_left", "lower", "upper")]


CASES = [
    (
        "first_contact",
        waits(),
        "Av dem som registrerades utanför sommaren hade 83,8 procent kontaktats inom en månad. Osäkerhetsintervallet (95 procent) går från "
        "80,8 till 86,8 procent. Av dem som registrerades under sommaren var det 54,2 procent.",
    ),
    (
        "first_contact",
        waits(contact="reached", hidden=not_shown(7)),
        "Av dem som registrerades utanför sommaren hade 83,8 procent nåtts i ett samtal inom en månad. Osäkerhetsintervallet (95 procent) "
        "går från 80,8 till 86,8 procent.",
    ),
    (
        "first_contact",
        waits(hidden=not_shown(4)),
        "Av alla som registrerades, på sommaren eller annars, hade 72,3 procent kontaktats inom en månad. Osäkerhetsintervallet (95 procent) "
        "går från 69,3 till 75,3 procent.",
    ),
    (
        "first_contact",
        waits(hidden=not_shown(1, 4)),
        f"Hur stor andel av dem som registrerades som hade kontaktats inom en månad {WHY}.",
    ),
    (
        "response",
        answers(),
        "Under läsåret 2023/24 fick 256 ungdomar brev vid läsårets början, och 46,1 procent av dem svarade, mot 49,7 procent under "
        "läsåret 2022/23.",
    ),
    (
        "response",
        answers(hidden=[(0, "share_responded", "protected")]),
        "Under läsåret 2023/24 fick 256 ungdomar brev vid läsårets början, och 46,1 procent av dem svarade.",
    ),
    (
        "response",
        answers(hidden=[(1, "n_tried", "protected")]),
        "Under läsåret 2023/24 svarade 46,1 procent på brevet vid läsårets början, mot 49,7 procent under läsåret 2022/23.",
    ),
    (
        "response",
        answers(hidden=[(1, "share_responded", "protected")]),
        f"Hur stor andel som svarade på brevet vid läsårets början under läsåret 2023/24 {WHY}.",
    ),
    (
        "chosen",
        chosen(),
        "Av dem som nåddes första gången under läsåret 2023/24 valde 18,3 procent stöd av utbildningsförvaltningen och minst "
        "22,6 procent stöd av arbetsmarknadsförvaltningen.",
    ),
    (
        "chosen",
        chosen(hidden=[(1, "share_chose", "protected")]),
        "Av dem som nåddes första gången under läsåret 2023/24 valde minst 22,6 procent stöd av arbetsmarknadsförvaltningen.",
    ),
    (
        "chosen",
        chosen(hidden=[(1, "share_chose", "protected"), (3, "share_chose", "protected")]),
        f"Hur stor andel av dem som nåddes första gången under läsåret 2023/24 som valde stöd {WHY}.",
    ),
]


@pytest.mark.parametrize(("name", "made", "words"), CASES)
def test_the_sentence_says_what_the_cells_say_and_the_gate_finds_the_same_numbers(name, made, words) -> None:
    told = plain(exhibit(made, slug="mening", form=f"sentence:{name}").text)
    assert told == words
    assert sentence_numbers(made, name) == numbers_in(without_forms(told))


def test_the_sentence_of_answers_needs_the_letter_at_the_start_of_term() -> None:
    with pytest.raises(DefinitionError, match=r"steget term_letter"):
        exhibit(answers(step="phone"), slug="mening", form="sentence:response")


def test_the_sentence_of_the_first_contact_needs_the_shares_after_a_month() -> None:
    with pytest.raises(DefinitionError, match=r"efter en månad"):
        exhibit(waits(months="2"), slug="mening", form="sentence:first_contact")
