"""Names found in delivered files: which may be shown, which suggest data that the register may not hold or does not need."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from kaa_analysis.core.strict_yaml import read_yaml

HIDDEN = "(namnet visas inte)"
SHOWABLE = re.compile(r"[A-Za-zÅÄÖåäö_][A-Za-zÅÄÖåäö0-9_ .\-]{0,39}")
LONG_NUMBER = re.compile(r"\d{4}")


def shown(name: str) -> str:
    """Return ``name`` if it looks like a name of a column or file, else words that say it is hidden.

    >>> shown("HUVUDMAN_2"), shown("200681011234.csv")
    ('HUVUDMAN_2', '(namnet visas inte)')
    """
    return name if SHOWABLE.fullmatch(name) and not LONG_NUMBER.search(name) else HIDDEN


def shown_together(names: Sequence[str]) -> dict[str, str]:
    """Return how each name of one header is shown: if one looks like a value, a row may have slipped into the header, and none is.

    >>> shown_together(["KANAL2", "Storskolan"])["Storskolan"], shown_together(["200681011234", "Storskolan"])["Storskolan"]
    ('Storskolan', '(namnet visas inte)')
    """
    told = {name: shown(name) for name in names}
    return dict.fromkeys(names, HIDDEN) if any(name and it == HIDDEN for name, it in told.items()) else told


def sensitive_kind(name: str) -> str | None:
    """Return the Swedish word for the kind of sensitive data that a column's name suggests, or None.

    >>> sensitive_kind("Födelseland"), sensitive_kind("STADSDEL")
    ('etniskt ursprung, medborgarskap eller migration', None)
    """
    plain = _plain(name)
    return next(
        (
            kind
            for kind, stems in _kinds("sensitive_columns.yaml").items()
            if any(_plain(stem) in plain for stem in stems)
        ),
        None,
    )


def unneeded_kind(name: str) -> str | None:
    """Return the Swedish word for what a column holds if it is lawful in the source but not needed in the register, or None.

    >>> unneeded_kind("E-POST"), unneeded_kind("Förnamn"), unneeded_kind("TELEFON_FINNS")
    ('e-post', 'namn', None)
    """
    plain = _plain(name)
    return next((kind for kind, names in _kinds("unneeded_columns.yaml").items() if plain in names), None)


@cache
def _kinds(file: str) -> dict[str, list[str]]:
    text = files("kaa_analysis.ingest").joinpath(file).read_text(encoding="utf-8")
    return read_yaml(text)


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.lower())
    return "".join(sign for sign in decomposed if sign.isascii() and sign.isalnum())
