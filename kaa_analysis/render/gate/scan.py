"""The last look at a finished bundle: no trace of a person or of a machine in anything it holds."""

from __future__ import annotations

import getpass
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kaa_analysis.core.collection import collection_paused
from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.render.gate.contents import Content, contents, file_contents, names
from kaa_analysis.render.gate.traces import (
    GivenPath,
    count_identities,
    count_paths,
    count_pseudonyms,
    given_paths,
    written_out,
)

SHORTEST_PATH = 5
"""A shorter path than this would be found in words that are none."""
IDENTITY = "ser ut som ett personnummer eller samordningsnummer"
PSEUDONYM = "är eller ser ut som en pseudonym ur registret"
PATH = "är en sökväg på en dator"
ACTION = (
    "sök i anteckningsbokens text, parametrarna, params/dokument.yaml, docs/avgoranden.csv och params/reference.docx, ta bort det och kör"
    " igen; skriv telefonnummer och diarienummer med mellanslag mellan korta grupper av siffror, som 08-12 31 12 34 eller 240 112 12 34"
)
FILE_ACTION = (
    "sök i filens text, kommentarer, egenskaper och länkar och ta bort det; skriv telefonnummer och diarienummer med mellanslag mellan korta"
    " grupper av siffror, som 08-12 31 12 34 eller 240 112 12 34"
)
UNNAMED = "en fil eller del vars namn inte återges"


@dataclass(frozen=True)
class Forbidden:
    """What must not stand in a bundle besides everything shaped like an identity number: the register's pseudonyms, and paths.

    ``runs`` are the ids of runs that the bundle tells, its own and the one before: digits in them are no identity number.
    """

    pseudonyms: frozenset[str]
    paths: tuple[str, ...]
    runs: frozenset[str] = frozenset()


def refuse_traces(bundle: Path, *, forbidden: Forbidden) -> None:
    """Refuse a bundle in which anything, visible or hidden, is an identity number, a pseudonym or a path on a machine.

    Raises:
        DisclosureError: something was found, or a file could not be read. Files, kinds and counts are told, never what was found;
            a name that holds a trace is not told either.
    """
    look = _look(forbidden)
    with collection_paused():  # a PDF is read as hundreds of thousands of small objects
        found = look.found(names(bundle)) or look.found(contents(bundle))
    _refuse(found, action=ACTION)


def refuse_traces_in(path: Path, *, forbidden: Forbidden) -> None:
    """Refuse one file in which anything, visible or hidden, is an identity number, a pseudonym or a path on a machine.

    Raises:
        DisclosureError: as `refuse_traces`.
    """
    with collection_paused():
        _refuse(_look(forbidden).found(file_contents(path, path.name)), action=FILE_ACTION)


def _look(forbidden: Forbidden) -> _Look:
    return _Look(forbidden.pseudonyms, given_paths(forbidden.paths), forbidden.runs)


def _refuse(found: dict[tuple[str, str], int], *, action: str) -> None:
    if found:
        raise DisclosureError(
            "En rapport får inte innehålla spår av en person eller av datorn den gjordes på.",
            found=[f"{place}: {count if count > 1 else 'något'} som {kind}" for (place, kind), count in found.items()],
            action=action,
        )


@dataclass(frozen=True)
class _Look:
    pseudonyms: frozenset[str]
    paths: tuple[GivenPath, ...]
    runs: frozenset[str]

    def found(self, texts: Iterator[Content]) -> dict[tuple[str, str], int]:
        """Return the count of each kind of trace by place, in the order of the texts; a place read in two ways counts once."""
        counts: dict[tuple[str, str], int] = defaultdict(int)
        for content in texts:
            for kind, count in self.traces(content.text).items():
                place = (self.safe_place(content), kind)
                counts[place] = max(counts[place], count)
        return dict(counts)

    def traces(self, text: str) -> dict[str, int]:
        """Return the count of each kind of trace that the text holds."""
        plain = written_out(text)
        counts = {
            IDENTITY: count_identities(plain, runs=self.runs),
            PSEUDONYM: count_pseudonyms(plain, known=self.pseudonyms),
            PATH: count_paths(plain, given=self.paths),
        }
        return {kind: count for kind, count in counts.items() if count}

    def safe_place(self, content: Content) -> str:
        """Return the file and its part, unless a name in it is itself a trace."""
        place = f"{content.file}: {content.part}" if content.part else content.file
        return UNNAMED if self.traces(place) else place


def forbidden_paths(*, root: Path, secure: Path) -> tuple[str, ...]:
    """Return the paths of this machine that must not stand in a bundle, sorted: the project ``root``, the ``secure`` folder, the home
    folders of the user and of the login name, the folders of temporary files, of Python and the working one, as given and resolved.

    Those shorter than five characters are left out, and those that this machine does not have (a user without a home folder).
    """
    askings = (Path.home, _login_home, lambda: Path(tempfile.gettempdir()), Path.cwd)
    places = [root, secure, Path(sys.prefix), *(place for asking in askings for place in _answer(asking))]
    names = {str(form) for place in places for form in (place.absolute(), place.resolve())}
    return tuple(sorted(name for name in names if len(name) >= SHORTEST_PATH))


def _login_home() -> Path:
    return Path(f"~{getpass.getuser()}").expanduser()


def _answer(asking: Callable[[], Path]) -> list[Path]:
    try:
        return [asking()]
    except (KeyError, OSError, RuntimeError):
        return []
