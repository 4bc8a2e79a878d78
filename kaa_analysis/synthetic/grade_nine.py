"""From grade 9 into upper-secondary school: the admission, Skolslussen, SUSA, and who is left without a place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from kaa_analysis.synthetic.draws import Codes, Days, Draws, Flags, Numbers
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.population import NEWLY_ARRIVED_PUPIL, Persons
from kaa_analysis.synthetic.rowwise import Rowwise
from kaa_analysis.synthetic.school_calendar import (
    NO_DAY,
    ONE_DAY,
    autumn_start,
    date_of,
    final_admission,
    grade_nine_end,
    year_of,
)
from kaa_analysis.synthetic.schools import SUSA_YEARS, school_of, schools_of

PLACED, NOT_ADMITTED, NOT_APPLIED = "ANT", "EJA", "EJS"
FINAL, FIRST_RESERVE, SECOND_RESERVE, LATER = "SLUT", "RES1", "RES2", "SEN"


@dataclass(frozen=True, eq=False)
class GradeNine(Rowwise):
    """Arrays (n,), an element per person who leaves grade 9 in the city.

    ``form`` is the school form they go on to, "" for who is left without a place; ``start`` the first day there.
    """

    school: Numbers
    form: Codes
    start: Days
    outcome: Codes
    guided: Days
    placed: Days


def leave_grade_nine(persons: Persons, draws: Draws, *, margins: Margins, with_susa: bool = True) -> GradeNine:
    """Return where each goes after grade 9. Without SUSA its schools are as if the project had never been."""
    school = school_of(persons.district, draws, margins)
    without_place = draws.chance("grade_nine.without_place", _risk(persons, school, margins, with_susa=with_susa))
    form = np.where(without_place, "", _form(persons, draws, margins))
    outcome = _outcome(without_place, form, draws, margins)
    guided, placed = _skolslussen(outcome, without_place, persons.grade_nine, draws, margins)
    start = np.fmax(autumn_start(persons.grade_nine), placed + ONE_DAY)
    return GradeNine(school, form, np.where(without_place, NO_DAY, start), outcome, guided, placed)


def _risk(persons: Persons, school: Numbers, margins: Margins, *, with_susa: bool) -> np.ndarray:
    """Return the probability of having no place on 15 October."""
    schools = schools_of(margins)
    first, last = SUSA_YEARS
    in_project = schools["has_susa"].to_numpy()[school] & (first <= persons.grade_nine) & (persons.grade_nine <= last)
    susa = margins.share("susa_effect") * (in_project & with_susa)
    arrived = margins.share("without_place_newly_arrived") * (persons.origin == NEWLY_ARRIVED_PUPIL)
    return expit(
        logit(margins.share("without_place")) + district_log_odds(persons.district, margins)
        - margins.share("motivation_on_place") * persons.motivation + arrived + susa
    )  # fmt: skip


def district_log_odds(districts: Codes, margins: Margins) -> np.ndarray:
    """Return how much more (log odds or log hazard) of what leads out of school a district has than the city."""
    weights = margins.weights("district_log_odds")
    names = np.array(sorted(weights))
    return np.array([weights[name] for name in names])[np.searchsorted(names, districts)]


def _form(persons: Persons, draws: Draws, margins: Margins) -> Codes:
    introduction = expit(
        logit(margins.share("introduction_after_grade_nine"))
        + district_log_odds(persons.district, margins)
        - margins.share("motivation_on_place") * persons.motivation
        + margins.share("introduction_newly_arrived") * (persons.origin == NEWLY_ARRIVED_PUPIL)
    )
    adapted = draws.chance("grade_nine.adapted", margins.share("adapted_after_grade_nine"))
    form = np.where(draws.chance("grade_nine.introduction", introduction), "IM", "NP")
    return np.where(adapted, "ANG", form)


def _outcome(without_place: Flags, form: Codes, draws: Draws, margins: Margins) -> Codes:
    """Return the outcome of the final admission; who is admitted then has a place."""
    oftener = np.where(form == "IM", margins.share("placed_late_in_introduction"), 1.0)
    late = margins.share("placed_after_final_admission") * oftener
    admitted = ~without_place & ~draws.chance("admission.late", late)
    not_applied = draws.chance("admission.not_applied", margins.share("not_applied"))
    return np.select([admitted, not_applied], [PLACED, NOT_APPLIED], NOT_ADMITTED)


def _skolslussen(
    outcome: Codes, without_place: Flags, year: Numbers, draws: Draws, margins: Margins
) -> tuple[Days, Days]:
    """Return the day of guidance and the day a place was found through it, missing for those who had none."""
    invited = outcome != PLACED
    placed_later = invited & ~without_place
    share = np.where(placed_later, margins.share("guided_if_placed"), margins.share("guided_if_not_placed"))
    is_guided = invited & draws.chance("skolslussen.guided", share)
    guided = draws.day("skolslussen.day", final_admission(year) + ONE_DAY, date_of(year, 8, 25))
    found = draws.day("skolslussen.placed", guided, date_of(year, 9, 10))
    return np.where(is_guided, guided, NO_DAY), np.where(is_guided & placed_later, found, NO_DAY)


def admissions(persons: Persons, left: GradeNine) -> pd.DataFrame:
    """Return a row per person and round, *decided* on a day: the final admission, and the later round in which some got their place."""
    final = pd.DataFrame({
        "person": persons.number, "year": persons.grade_nine, "round": FINAL, "outcome": left.outcome,
        "guided": left.guided, "placed": NO_DAY, "decided": final_admission(persons.grade_nine),
    })  # fmt: skip
    got_place = (left.outcome != PLACED) & (left.form != "")
    day = np.where(np.isnat(left.placed), left.start, left.placed)
    in_round = [day < date_of(persons.grade_nine, 8, 1), day < date_of(persons.grade_nine, 8, 16)]
    rounds = np.select(in_round, [FIRST_RESERVE, SECOND_RESERVE], LATER)
    later = final.assign(round=rounds, outcome=PLACED, guided=NO_DAY, placed=left.placed, decided=day)[got_place]
    return pd.concat([final, later]).sort_values(["person", "round"], kind="stable", ignore_index=True)


def compulsory_schooling(
    persons: Persons, school: Numbers, draws: Draws, *, margins: Margins
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return enrolments in compulsory school and the certificates of those who got one."""
    units = schools_of(margins)
    born = year_of(persons.birth_date)
    graduated = draws.chance("grade_nine.grades", margins.share("grades_of_grade_nine"))
    end = grade_nine_end(persons.grade_nine)
    enrolments = pd.DataFrame({
        "person": persons.number, "form": "GR", "programme": "", "unit": units["unit"].to_numpy(str)[school],
        "provider": units["provider"].to_numpy(str)[school], "start": np.maximum(autumn_start(born + 7), _from(persons)),
        "end": end, "leave_reason": np.where(graduated, "FU", "AN"),
    })  # fmt: skip
    certificates = pd.DataFrame({"person": persons.number, "kind": "GRU", "day": end - ONE_DAY})
    return enrolments, certificates[graduated]


def _from(persons: Persons) -> Days:
    """Return the first day someone could be a pupil here: refugees' earlier schooling is in no Swedish register."""
    return np.where(persons.origin == NEWLY_ARRIVED_PUPIL, persons.arrival, persons.birth_date)


def school_cohorts(persons: Persons, left: GradeNine, schooling: pd.DataFrame, *, margins: Margins) -> pd.DataFrame:
    """Return a row per school and year: unit, year, n_pupils, n_not_enrolled, n_eligible.

    Not enrolled is who is in no ``schooling`` after grade 9 on 15 October of that year; eligible who went on to a national programme. Who got a place and left it before that day is not enrolled; who found one in September is.
    """
    pupils = pd.DataFrame({
        "unit": schools_of(margins)["unit"].to_numpy(str)[left.school], "year": persons.grade_nine,
        "n_eligible": left.form == "NP", "n_not_enrolled": ~_enrolled_in_october(persons, schooling),
    })  # fmt: skip
    counted = pupils.groupby(["unit", "year"], as_index=False, sort=True)
    return counted.agg(
        n_pupils=("unit", "size"), n_not_enrolled=("n_not_enrolled", "sum"), n_eligible=("n_eligible", "sum")
    )


def _enrolled_in_october(persons: Persons, schooling: pd.DataFrame) -> Flags:
    """Return who is enrolled after grade 9 on 15 October of the year it ended."""
    later = schooling[schooling["form"].ne("GR")]
    place = pd.Index(persons.number).get_indexer(later["person"])
    counted = np.append(date_of(persons.grade_nine, 10, 15), NO_DAY)[place]
    start, end = (later[name].to_numpy("datetime64[D]") for name in ("start", "end"))
    enrolled = np.zeros(len(persons), dtype=bool)
    enrolled[place[(start <= counted) & (counted < end)]] = True
    return enrolled
