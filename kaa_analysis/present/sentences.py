"""Sentences made of released cells. No number is computed here: what is said is what a cell says, or that it is not shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType

from kaa_analysis.core.errors import DefinitionError, ParameterError, did_you_mean
from kaa_analysis.core.result import Dimension, Share
from kaa_analysis.disclosure.released import Mark, Released, State
from kaa_analysis.present.compared_shares import Change, change_of
from kaa_analysis.present.curves import HORIZON, WAY_OUT, main_estimate
from kaa_analysis.present.exhibit import Exhibit, check_slug, require_released
from kaa_analysis.present.formats import (
    ABOUT,
    EN_DASH,
    NO_BREAK_SPACE,
    digits_shown,
    listing,
    long_date,
    percent_number,
)
from kaa_analysis.present.interval import bounds_of
from kaa_analysis.present.notes import INSIDE_ROOM_NOTE
from kaa_analysis.present.reading import Point, Row, column_named, dimension_named, located, rows, rows_at_totals

PERIOD = "period"
EXTRACT = "extract"
OUTREACH_STEP = "outreach_step"
PLACEMENT_MONTHS = "12"
CONTACT_MONTHS = "1"
SEASON, REST_OF_YEAR, SUMMER = "season", "rest_of_year", "summer"

WHY_NOT: Mapping[State, str] = MappingProxyType(
    {
        State.PROTECTED: "visas inte, för att ingen enskild ska kunna pekas ut",
        State.UNKNOWN: "är inte känt",
        State.NOT_APPLICABLE: "kan inte anges",
    }
)
"""How a sentence ends when the cell it needs has no value to show."""

TO_STUDIES = "ungdomar som började studera eller hade fullföljt en gymnasieutbildning"

COVARIATE, LEVEL, SEX = "covariate", "level", "sex"
THE_SAME: Mapping[str, str] = MappingProxyType(
    {"age_at_entry": "ålder", "season": "inträdeshalvår", "calendar": "tid på året"}
)
"""What is the same for those whom a model compares, by the covariate."""
SINCE_ENTRY: Mapping[str, str] = MappingProxyType(
    {"all": "", "first": "under de första sex månaderna", "later": "efter de första sex månaderna"}
)
"""The periods since entry."""

LEFT_BY: Mapping[str, str] = MappingProxyType(
    {
        "study_placement": "lämnat registret för studier",
        "education": "lämnat registret för en utbildning",
    }
)
"""What those who took a way out had done; other ways are named by their label."""

GOT: Mapping[str, str] = MappingProxyType({"attempt": "kontaktats", "reached": "nåtts i ett samtal"})
"""What those who had a first contact had got."""


def sentence(released: Released, slug: str, *, name: str) -> Exhibit:
    """Return the sentence called ``name`` as an exhibit.

    Raises:
        DisclosureError: ``released`` is not a `Released`.
        ParameterError: there is no such sentence, or ``slug`` cannot be an anchor.
        DefinitionError: the table lacks a column, row or dimension that the sentence needs.
    """
    released, slug = require_released(released), check_slug(slug)
    if name not in SENTENCES:
        raise ParameterError(
            f'Meningen "{name}" finns inte{did_you_mean(name, SENTENCES)}.', found=f"meningar: {', '.join(SENTENCES)}"
        )
    text = SENTENCES[name](released)
    if released.mark is Mark.INSIDE_ROOM:
        text = f"{text} [{INSIDE_ROOM_NOTE}]"
    return Exhibit(
        slug=slug,
        form=f"sentence:{name}",
        title=released.title,
        released_id=released.id,
        released_hash=released.hash,
        words=text,
        method=released.method,
    )


def stock_sentence(released: Released) -> str:
    """Say how many registrations were open on the last day of the latest period, and whether they were more the period before."""
    name = column_named(released, "n_stock_end", "n_stock").name
    now, before = _latest_two(released)
    day = _last_day(_period(released, now), released.context.get(EXTRACT))
    point, where = now.point(name), located(released)
    if not point.known:
        return f"Hur många registreringar{where} som var öppna {day} {WHY_NOT[point.state]}."
    said = f"{_capital(day)} var {counted(point, f'registrering{where} öppen', f'registreringar{where} öppna')}"
    earlier = before.point(name) if before is not None else None
    if earlier is None or not earlier.known:
        return f"{said}."
    return f"{said}, {_compared(point, earlier)} {_day_before_words(released, before)}."


def flow_sentence(released: Released) -> str:
    """Say how many registrations began and ended during the latest period."""
    began_in, ended_in = (column_named(released, name).name for name in ("n_entries", "n_exits"))
    now, _ = _latest_two(released)
    began, ended, when = now.point(began_in), now.point(ended_in), _during(_period(released, now))
    where = located(released)
    one, many = f"registrering{where}", f"registreringar{where}"
    if began.known and ended.known:
        return f"{_capital(when)} började {counted(began, one, many)} och {ended.prose} avslutades."
    if began.known:
        return f"{_capital(when)} började {counted(began, one, many)}; hur många som avslutades {WHY_NOT[ended.state]}."
    if ended.known:
        return f"{_capital(when)} avslutades {counted(ended, one, many)}; hur många som började {WHY_NOT[began.state]}."
    return f"Hur många {many} som började och avslutades {when} {WHY_NOT[began.state]}."


def exits_sentence(released: Released) -> str:
    """Say which share of the exits of the latest period led to studies, with its interval, and how it lies to that of the period before.

    It is higher or lower only where the interval of the difference leaves out zero (`compared_shares`).
    """
    share = next(iter(released.of_role(Share)), None)
    if share is None:
        raise DefinitionError(f'Meningen behöver en andel, men "{released.id}" har ingen.')
    now, before = _latest_two(released)
    point, total, when = now.point(share.name), now.point(share.denominator), _during(_period(released, now))
    where = located(released)
    if not point.known:
        return f"Hur stor andel av de registreringar{where} som avslutades {when} som gällde studier {WHY_NOT[point.state]}."
    of_all = f"Av de {total.prose} registreringar{where}" if total.known else f"Av de registreringar{where}"
    said = f"{of_all} som avslutades {when} gällde {percent_words(point)} {TO_STUDIES}"
    earlier = before.point(share.name) if before is not None else None
    if earlier is None or not earlier.known:
        return f"{said}.{_interval_sentence(released, now)}"
    change = change_of(now, before, share=share.name, columns=released.columns)
    then = _during(_period(released, before))
    if change in (Change.HIGHER, Change.LOWER):
        return f"{said}, en {change} andel än {then} ({percent_words(earlier)}).{_interval_sentence(released, now)}"
    by_chance = f" Skillnaden {change}." if change else ""
    return f"{said}, mot {percent_words(earlier)} {then}.{_interval_sentence(released, now)}{by_chance}"


def funnel_sentence(released: Released) -> str:
    """Say how many of the registered were reached in a conversation."""
    step = dimension_named(released, "step")
    found = {row.place[step.name]: row for row in rows_at_totals(released, keep={step.name})}
    if "registered" not in found or "reached" not in found:
        raise DefinitionError("Meningen behöver stegen registered och reached.", found=f"steg: {', '.join(found)}")
    name = column_named(released, "n").name
    registered, reached = found["registered"].point(name), found["reached"].point(name)
    when = _during(released.context[PERIOD]) if PERIOD in released.context else "under perioden"
    where = located(released)
    if not reached.known:
        return f"Hur många av de registrerade{where} som nåddes i ett samtal {when} {WHY_NOT[reached.state]}."
    share = next((one for one in released.of_role(Share) if one.numerator == name), None)
    part = found["reached"].point(share.name) if share else None
    in_percent = f" ({percent_words(part)})" if part is not None and part.known else ""
    if not registered.known:
        return f"{_capital(when)} nåddes {counted(reached, f'registrerad ungdom{where}', f'registrerade ungdomar{where}')} i ett samtal{in_percent}."
    return (
        f"Av {_those(registered, where)} som var registrerade {when} nåddes {reached.prose} i ett samtal{in_percent}."
    )


def support_sentence(released: Released) -> str:
    """Say how many of those covered in the latest period took part in support, with the share of the period before."""
    share = next((one for one in released.of_role(Share)), None)
    if share is None:
        raise DefinitionError(f'Meningen behöver en andel, men "{released.id}" har ingen.')
    now, before = _latest_two(released)
    taking_part, everybody = now.point(share.numerator), now.point(share.denominator)
    where, when = located(released), _during(_period(released, now))
    if not taking_part.known:
        return f"Hur många ungdomar{where} som deltog i någon insats {when} {WHY_NOT[taking_part.state]}."
    if not everybody.known:
        return f"{_capital(when)} deltog enligt registret {counted(taking_part, f'ungdom{where}', f'ungdomar{where}')} i någon insats."
    of_all = f"Av {_those(everybody, where)} som omfattades {when} deltog enligt registret {taking_part.prose} i någon insats"
    part, earlier = now.point(share.name), before.point(share.name) if before is not None else None
    if part.known:
        compared = f", mot {percent_words(earlier)} {_during(_period(released, before))}" if _known(earlier) else ""
        of_all += f" ({percent_words(part)}{compared})"
    return f"{of_all}."


def _those(everybody: Point, where: str) -> str:
    return f"den enda ungdom{where}" if everybody.value == 1 else f"de {everybody.prose} ungdomar{where}"


def _known(point: Point | None) -> bool:
    return point is not None and point.known


def response_sentence(released: Released) -> str:
    """Say how many got the letter at the start of the latest läsår and which share answered, with that of the läsår before."""
    letters = rows_at_totals(released, keep={PERIOD}, **{OUTREACH_STEP: "term_letter"})
    letters.sort(key=lambda row: row.place[PERIOD])
    if not letters:
        raise DefinitionError("Meningen behöver steget term_letter, som tabellen inte har.")
    share = column_named(released, "share_responded")
    now, earlier = letters[-1], letters[-2].point(share.name) if len(letters) > 1 else None
    point, sent = now.point(share.name), now.point(share.denominator)
    when, where = _during(now.place[PERIOD]), located(released)
    if not point.known:
        return f"Hur stor andel{where} som svarade på brevet vid läsårets början {when} {WHY_NOT[point.state]}."
    said = f"{_capital(when)} svarade {percent_words(point)}{where} på brevet vid läsårets början"
    if sent.known:
        youths = counted(sent, f"ungdom{where}", f"ungdomar{where}")
        said = f"{_capital(when)} fick {youths} brev vid läsårets början, och {percent_words(point)} av dem svarade"
    if earlier is not None and earlier.known:
        said += f", mot {percent_words(earlier)} {_during(letters[-2].place[PERIOD])}"
    return f"{said}."


def chosen_sentence(released: Released) -> str:
    """Say which share of those first reached during the latest läsår chose support from each administration."""
    share, when = column_named(released, "share_chose").name, max(row.place[PERIOD] for row in rows_at_totals(released))
    found = {row.place["administration"]: row for row in rows_at_totals(released, **{PERIOD: when})}
    utbf, amf = (found[name].point(share) for name in ("utbf", "amf"))
    reached = f"dem{located(released)} som nåddes första gången {_during(when)}"
    said = [
        f"{words}{percent_words(point)} stöd av {name}"
        for point, words, name in (
            (utbf, "", "utbildningsförvaltningen"),
            (amf, "minst ", "arbetsmarknadsförvaltningen"),
        )
        if point.known
    ]
    if not said:
        return f"Hur stor andel av {reached} som valde stöd {WHY_NOT[utbf.state]}."
    return f"Av {reached} valde {' och '.join(said)}."


def placement_sentence(released: Released) -> str:
    """Say which share had left by the first way out (studies) within twelve months of entry, with its interval."""
    ways = dimension_named(released, WAY_OUT)
    first = next(value for value in ways.labels if value != ways.total)
    found = rows_at_totals(released, **{WAY_OUT: first, HORIZON: PLACEMENT_MONTHS})
    if not found:
        raise DefinitionError(f"Meningen behöver tidpunkten {PLACEMENT_MONTHS} månader, som tabellen inte har.")
    point = found[0].point(main_estimate(released).name)
    done = LEFT_BY.get(first, f"lämnat registret ({ways.text(first).lower()})")
    within = f"{PLACEMENT_MONTHS}{NO_BREAK_SPACE}månader efter inträdet"
    if not point.known:
        return f"Hur stor andel som inom {within} hade {done} {WHY_NOT[point.state]}."
    return f"Inom {within} hade {percent_words(point)} {done}.{_interval_sentence(released, found[0])}"


def hazard_ratio_sentence(released: Released) -> str:
    """Say how many times as fast girls leave for studies as boys, the other characteristics of the model being the same, and whether it may be chance.

    Where the ratio changes over time there is one for each period since entry.
    """
    told = [row for row in rows(released) if row.place[COVARIATE] == SEX and row.place[LEVEL] == "female"]
    if not told:
        raise DefinitionError("Meningen behöver kön med flickor, som tabellen inte har.")
    others = [name for name in dimension_named(released, COVARIATE).labels if name in THE_SAME]
    alike = f"vid samma {listing(THE_SAME[name] for name in others)}" if others else ""
    for_studies = column_named(released, "n_sought").label.removeprefix("Har lämnat ")
    return " ".join(_ratio_words(row, alike, for_studies) for row in told)


def _ratio_words(row: Row, alike: str, for_studies: str) -> str:
    when = " ".join(words for words in (alike, SINCE_ENTRY[row.place["since_entry"]]) if words)
    ratio, lower, upper = (row.point(name) for name in ("hazard_ratio", "lower", "upper"))
    if not (ratio.known and lower.known and upper.known):
        hidden = next(point for point in (ratio, lower, upper) if not point.known)
        where = f" {when}" if when else ""
        return f"Hur mycket snabbare eller långsammare flickor än pojkar lämnade registret {for_studies}{where} {WHY_NOT[hidden.state]}."
    left = f"{_capital(when)} lämnade flickor" if when else "Flickor lämnade"
    said = f"{left} registret {for_studies} i en takt som var {ratio.prose} gånger pojkarnas"
    interval = f"95-procentigt intervall {lower.prose}{EN_DASH}{upper.prose}"
    if lower.value <= 1 <= upper.value:
        return f"{said}, men skillnaden kan bero på slumpen ({interval})."
    return f"{said} ({interval})."


def first_contact_sentence(released: Released) -> str:
    """Say which share had the first contact within a month, outside the summer, with its interval, and in the summer.

    Where that of the rest of the year is not shown the share of all year is told.
    """
    ways, season = dimension_named(released, WAY_OUT), dimension_named(released, SEASON)
    contact = next(value for value in ways.labels if value != ways.total)
    found = rows_at_totals(released, keep={SEASON}, **{WAY_OUT: contact, HORIZON: CONTACT_MONTHS})
    rows = {row.place[SEASON]: row for row in found}
    if not {season.total, REST_OF_YEAR, SUMMER} <= set(rows):
        raise DefinitionError("Meningen behöver andelarna efter en månad, som tabellen inte har för hela året.")
    name, had = main_estimate(released).name, f"{GOT[contact]} inom en månad"
    whole, rest, summer = (rows[value].point(name) for value in (season.total, REST_OF_YEAR, SUMMER))
    if rest.known:
        said = f"Av dem som registrerades utanför sommaren hade {percent_words(rest)} {had}."
        others = f" Av dem som registrerades under sommaren var det {percent_words(summer)}." if summer.known else ""
        return f"{said}{_interval_sentence(released, rows[REST_OF_YEAR])}{others}"
    if whole.known:
        said = f"Av alla som registrerades, på sommaren eller annars, hade {percent_words(whole)} {had}."
        return f"{said}{_interval_sentence(released, rows[season.total])}"
    return f"Hur stor andel av dem som registrerades som hade {had} {WHY_NOT[whole.state]}."


def note_sentence(released: Released) -> str:
    """Say what the table's note says: all there is to tell of a table without rows."""
    return released.note


SENTENCES: Mapping[str, Callable[[Released], str]] = MappingProxyType(
    {
        "note": note_sentence,
        "stock": stock_sentence,
        "flow": flow_sentence,
        "exits": exits_sentence,
        "funnel": funnel_sentence,
        "support": support_sentence,
        "response": response_sentence,
        "chosen": chosen_sentence,
        "placement": placement_sentence,
        "hazard_ratio": hazard_ratio_sentence,
        "first_contact": first_contact_sentence,
    }
)


def counted(point: Point, one: str, many: str) -> str:
    """Return a known count with its noun in the right number."""
    return f"{point.prose}{NO_BREAK_SPACE}{one if point.value == 1 else many}"


def percent_words(point: Point) -> str:
    """Return a known proportion as running text writes it, *41,6 procent*."""
    about = f"{ABOUT} " if point.state is State.ROUNDED else ""
    return f"{about}{percent_number(point.value, digits=digits_shown(point.column))}{NO_BREAK_SPACE}procent"


def _interval_sentence(released: Released, row: Row) -> str:
    bounds = bounds_of(released.columns)
    if bounds is None:
        return ""
    lower, upper = (row.point(name) for name in bounds)
    if not (lower.known and upper.known):
        return ""
    from_number = percent_number(lower.value, digits=digits_shown(lower.column))
    return f" Osäkerhetsintervallet (95{NO_BREAK_SPACE}procent) går från {from_number} till {percent_words(upper)}."


def _latest_two(released: Released) -> tuple[Row, Row | None]:
    """Return the total rows of the latest period and of the one before (None if there is none)."""
    names = {dimension.name for dimension in released.of_role(Dimension)}
    found = rows_at_totals(released, keep={PERIOD})
    if PERIOD in names:
        found.sort(key=lambda row: row.place[PERIOD])
    if not found or (PERIOD not in names and len(found) > 1):
        raise DefinitionError(f'Meningen behöver en rad för alla tillsammans, som "{released.id}" inte har.')
    return found[-1], found[-2] if len(found) > 1 else None


def _period(released: Released, row: Row) -> str:
    return row.place.get(PERIOD) or released.context.get(PERIOD, "perioden")


def _during(period: str) -> str:
    return f"under {period}"


def _last_day(period: str, extract: str | None) -> str:
    """Return in words the last observed day of a calendar year, or the end of another period."""
    if not _is_year(period):
        return f"vid slutet av {period}"
    last = date(int(period), 12, 31)
    if extract is not None:
        last = min(last, date.fromisoformat(extract) - timedelta(days=1))
    return f"den {long_date(last)}"


def _day_before_words(released: Released, before: Row) -> str:
    period = _period(released, before)
    return f"{_last_day(period, released.context.get(EXTRACT))}"


def _compared(now: Point, before: Point) -> str:
    if now.value == before.value:
        return "ungefär lika många som" if State.ROUNDED in (now.state, before.state) else "lika många som"
    more = "fler" if now.value > before.value else "färre"
    return f"{more} än de {before.prose} som var öppna"


def _is_year(period: str) -> bool:
    return len(period) == 4 and period.isdigit()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
