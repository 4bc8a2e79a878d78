"""What the tables of a follow-up are called, by what is waited for: leaving the register, or a first contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kaa_analysis.cohorts.cohort import FollowUp, Outcome
from kaa_analysis.survival.linked_counts import COUNTED_AND_ENTERED

NOT_EXTENDED = "anges inte efter den sista observerade tiden, om någon då var kvar."
FROM_REGISTRATION = "Antalen gäller registreringar (perioder i registret), och tiden räknas från den dag registreringen fördes in i registret."


@dataclass(frozen=True)
class OutcomeWords:
    """The Swedish words of one outcome.

    ``method`` is the end of its entries in ``methods.yaml``, empty where that is the unit of time, and ``base_method`` the entry of
    the table on who can be followed. ``joint`` joins a split to the title of the incidences.
    """

    incidence: str
    joint: str
    way: str
    any_way: str
    since_before: str
    to_date: str
    share: str
    incidence_note: str
    life_table: str
    since_last: str
    left_to_date: str
    at_risk: str
    share_remaining: str
    life_note: str
    method: str = ""
    base_method: str = "follow_up_base"
    median: str = ""
    median_note: str = ""


def _first_contact(*, event: str, got: str, has_got: str, without: str, waits_for: str) -> OutcomeWords:
    return OutcomeWords(
        incidence=f"Andel {got} och andel som lämnat registret {without}",
        joint=", efter ",
        way="Utfall",
        any_way=f"{event} eller avslut",
        since_before="Sedan närmast föregående tidpunkt",
        to_date="Hittills",
        share="Andel hittills",
        incidence_note=f"{FROM_REGISTRATION} Andelarna är skattade enligt Aalen–Johansen: de räknar av alla registreringar och tar hänsyn till "
        f"att några inte har kunnat följas hela tiden. Den som har lämnat registret {without} räknas kvar i nämnaren. "
        f"De två andelarna summerar till andelen för båda tillsammans. Andelen {NOT_EXTENDED}",
        life_table=f"Väntar på {waits_for}",
        since_last=f"{event} eller avslut",
        left_to_date=f"{event} eller avslut hittills",
        at_risk="Väntar",
        share_remaining="Andel som väntar",
        life_note=f"{FROM_REGISTRATION} Den som väntar är registrerad och har ännu inte {has_got}. De andra antalen utom det hittills räknas från "
        "närmast föregående tidpunkt till och med tidpunkten själv. Andelen är skattad enligt Kaplan–Meier: den tar hänsyn till att några "
        f"inte har kunnat följas hela tiden. Den {NOT_EXTENDED}",
        method="first_contact",
        base_method="follow_up_base_first_contact",
        median=f"Veckor tills hälften hade {has_got}",
        median_note=f"{FROM_REGISTRATION} Inom så många hela veckor hade hälften av alla registreringar {has_got}, skattat enligt Aalen–Johansen. "
        "Kom andelen aldrig upp till hälften anges ingen tid.",
    )


WORDS: Mapping[Outcome, OutcomeWords] = MappingProxyType(
    {
        "left": OutcomeWords(
            incidence="Andel som har lämnat registret, efter orsak",
            joint=" och ",
            way="Orsak",
            any_way="Alla orsaker",
            since_before="Har lämnat sedan närmast föregående tidpunkt",
            to_date="Har lämnat registret hittills",
            share="Andel som har lämnat registret",
            incidence_note=f"{COUNTED_AND_ENTERED} Andelen är skattad enligt Aalen–Johansen: den räknar av alla som "
            "kom in i registret, tar hänsyn till att några inte har kunnat följas hela tiden och till att den som lämnar av en orsak "
            "inte längre kan lämna av en annan. Andelarna för de olika orsakerna summerar till andelen för alla orsaker. "
            f"Andelen {NOT_EXTENDED}",
            life_table="Kvar i registret",
            since_last="Har lämnat sedan sist",
            left_to_date="Har lämnat registret hittills",
            at_risk="Under observation",
            share_remaining="Andel kvar i registret",
            life_note=f"{COUNTED_AND_ENTERED} Nya, de som har lämnat registret och de som inte längre följs räknas från närmast "
            "föregående tidpunkt till och med tidpunkten själv. "
            "Under observation är de som är registrerade och följs vidare efter tidpunkten. Andelen kvar är skattad enligt Kaplan–Meier: "
            f"den tar hänsyn till att några inte har kunnat följas hela tiden. Den {NOT_EXTENDED}",
        ),
        "attempt": _first_contact(
            event="Kontakt",
            got="kontaktade",
            has_got="kontaktats",
            without="utan kontaktförsök",
            waits_for="ett första kontaktförsök",
        ),
        "reached": _first_contact(
            event="Samtal",
            got="nådda",
            has_got="nåtts i ett samtal",
            without="utan att ha nåtts",
            waits_for="ett första samtal",
        ),
    }
)


def words_of(follow_up: FollowUp) -> OutcomeWords:
    """Return the words for what a follow-up waits for."""
    return WORDS[follow_up.outcome]


def method_name(table: str, follow_up: FollowUp) -> str:
    """Return the entry of ``methods.yaml`` for a table of a follow-up: that of its outcome, or of its unit of time where leaving is waited for."""
    return f"{table}_{words_of(follow_up).method or follow_up.unit}"
