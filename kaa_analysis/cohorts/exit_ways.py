"""Which exit reasons lead out of the register by which way: the events of a follow-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from kaa_analysis.cohorts.cohort import CENSORED
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.vocabularies import codes

TURNED_20 = "turned_20"
"""The way out of those who turn 20, where there is one."""
MOVED = "moved"
"""The way out of those who move away or die, where there is one."""


@dataclass(frozen=True)
class Way:
    """One way out: its code, its Swedish label, the exit reasons that lead there, and the wider way, of other ways out, that it is part of."""

    code: str
    label: str
    exit_reasons: tuple[str, ...] = ()
    part_of: str | None = None


@dataclass(frozen=True)
class WaysOut:
    """The ways out in the order of presentation, the one that is sought first. ``rest`` takes every other exit reason and a missing one;
    ``is_kaa`` says whether they are made for KAA registers or for other histories.

    Raises:
        DefinitionError: a code or an exit reason stands twice or is unknown, or ``rest`` is no way.
    """

    ways: tuple[Way, ...]
    rest: str
    is_kaa: bool

    def __post_init__(self) -> None:
        names = [way.code for way in self.ways]
        reasons = [reason for way in self.ways for reason in way.exit_reasons]
        problems = [f"står flera gånger: {name}" for name in {*_repeated(names), *_repeated(reasons)}]
        problems += [f"okänd avslutsorsak: {reason}" for reason in sorted(set(reasons) - codes("exit_reason"))]
        problems += [f"får inte användas som väg ut: {CENSORED}"] * (CENSORED in names)
        problems += [f"resten pekar på en väg som inte finns: {self.rest}"] * (self.rest not in names)
        if problems:
            raise DefinitionError("Varje avslutsorsak ska leda till just en väg ut.", found=sorted(problems))

    @property
    def labels(self) -> Mapping[str, str]:
        """The Swedish label of each way."""
        return {way.code: way.label for way in self.ways}

    @property
    def parts(self) -> Mapping[str, tuple[str, ...]]:
        """The ways that each wider way consists of, where these ways divide one."""
        wider = dict.fromkeys(way.part_of for way in self.ways if way.part_of is not None)
        return {name: tuple(way.code for way in self.ways if way.part_of == name) for name in wider}

    def of(self, exit_reason: pd.Series) -> pd.Series:
        """Return the way of each exit reason.

        >>> list(STUDY_OR_OTHER_ENDS.of(pd.Series(["komvux", "completed", None], dtype="string")))
        ['study_placement', 'other', 'other']
        """
        ways = {reason: way.code for way in self.ways for reason in way.exit_reasons}
        return exit_reason.map(ways).astype("string").fillna(self.rest)


def _repeated(names: list[str]) -> list[str]:
    return [name for name in names if names.count(name) > 1]


STUDY_PLACEMENT = "study_placement"
_UPPER_SECONDARY = ("national_programme", "introduction_programme", "adapted_upper_secondary")
_ADULT = ("komvux", "folkhogskola")
_OTHER_ENDS = (
    Way(TURNED_20, "Fyllt 20 år", ("turned_20",)),
    Way(MOVED, "Flyttat eller avlidit", ("moved", "deceased_or_emigrated")),
    Way("other", "Annat avslut"),
)

STUDY_OR_OTHER_ENDS = WaysOut(
    ways=(Way(STUDY_PLACEMENT, "Studieplats", (*_UPPER_SECONDARY, *_ADULT)), *_OTHER_ENDS), rest="other", is_kaa=True
)
"""Ways out of KAA: the start of studies against all other ends. *Fullföljd* is another end, for it starts nothing."""

STUDY_WITHOUT_KOMVUX = WaysOut(
    ways=(Way(STUDY_PLACEMENT, "Studieplats", _UPPER_SECONDARY), *_OTHER_ENDS), rest="other", is_kaa=True
)
"""The same with komvux and folkhögskola as other ends."""

STUDY_BY_SCHOOL_FORM = WaysOut(
    ways=(
        Way("national_programme", "Nationellt program", ("national_programme",), part_of=STUDY_PLACEMENT),
        Way("introduction_programme", "Introduktionsprogram", ("introduction_programme",), part_of=STUDY_PLACEMENT),
        Way("adapted_upper_secondary", "Anpassad gymnasieskola", ("adapted_upper_secondary",), part_of=STUDY_PLACEMENT),
        Way("adult_education", "Komvux eller folkhögskola", _ADULT, part_of=STUDY_PLACEMENT),
        *_OTHER_ENDS,
    ),
    rest="other",
    is_kaa=True,
)
"""The study placement of `STUDY_OR_OTHER_ENDS` divided by school form."""

EDUCATION_OR_OTHER = WaysOut(
    ways=(Way("education", "Utbildning", ("education",)), Way("other", "Annat avslut")),
    rest="other",
    is_kaa=False,
)
"""Ways out of joblessness in the school-to-work histories of McVicar and Anyadike-Danes (2002)."""
