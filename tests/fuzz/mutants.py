"""A mutant: which base, which mutations, drawn from a seed and a number, so that the two give the same bytes for ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from random import Random

from tests.fuzz.bases import BASES, good_package
from tests.fuzz.file_mutations import BYTES, DESCRIPTION, ENCODINGS, FILES
from tests.fuzz.packages import WRITERS, Package, written
from tests.fuzz.table_mutations import COLUMNS, DELIVERY_NOTE, HARMLESS, ROWS, Mutation
from tests.fuzz.value_mutations import CODES, DATES, FIELDS, IDENTITIES, NUMBERS
from tests.fuzz.workbook_mutations import WORKBOOK

WORKBOOKS = "workbooks"
OF_TABLES: Mapping[str, Mapping[str, Mutation]] = {
    "rows": ROWS,
    "columns": COLUMNS,
    "dates": DATES,
    "identities": IDENTITIES,
    "fields": FIELDS,
    "numbers": NUMBERS,
    "codes": CODES,
    "delivery note": DELIVERY_NOTE,
}
OF_FILES: Mapping[str, Mapping[str, Mutation]] = {
    "bytes": BYTES,
    "encodings": ENCODINGS,
    "files": FILES,
    "description": DESCRIPTION,
    WORKBOOKS: WORKBOOK,
}
SEVERAL = "several at once"
NONE = "harmless"
FAMILIES = (*OF_TABLES, *OF_FILES, SEVERAL, NONE)
CSV, OF_CSV = "csv", 6
"""Every other format is drawn once where CSV is drawn six times."""
WEIGHTS = {"ber_small": 5, "ber_new": 4, "mvad": 1}


@dataclass(frozen=True, eq=False)
class Mutant:
    """A delivery to be read, made of the base by the named mutations (``family: mutation``)."""

    family: str
    steps: tuple[str, ...]
    package: Package


def mutant(seed: int, number: int) -> Mutant:
    """Return mutant ``number`` of ``seed``; the families take turns."""
    draw = Random(f"{seed}:{number}")
    family = next(islice(cycle(FAMILIES), number % len(FAMILIES), None))
    package = good_package(draw.choices(list(WEIGHTS), list(WEIGHTS.values()))[0])
    chosen = _chosen(family, draw)
    _set_formats(package, family=family, draw=Random(f"{seed}:{number}:formats"))
    for of, name in chosen:
        if of in OF_TABLES or of == NONE:
            (HARMLESS if of == NONE else OF_TABLES[of])[name](package, draw)
    package.contents = dict(written(package))
    for of, name in chosen:
        if of in OF_FILES:
            OF_FILES[of][name](package, draw)
    return Mutant(family, tuple(f"{of}: {name}" for of, name in chosen), package)


def _set_formats(package: Package, *, family: str, draw: Random) -> None:
    """Have the files written as CSV (most deliveries are), all of them in another format, or each in one of its own."""
    kinds = ("xlsx", "xlsx typed") if family == WORKBOOKS else tuple(WRITERS)
    weights = [OF_CSV if kind == CSV else 1 for kind in kinds]
    same, is_mixed = draw.choices(kinds, weights)[0], draw.random() < 0.2
    for form in package.forms.values():
        form.kind = draw.choice(kinds) if is_mixed else same


def unchanged(base: str) -> Mutant:
    """Return the good delivery itself."""
    package = good_package(base)
    package.contents = dict(written(package))
    return Mutant(NONE, (), package)


def _chosen(family: str, draw: Random) -> list[tuple[str, str]]:
    if family == NONE:
        return [(NONE, draw.choice(list(HARMLESS)))]
    groups = {**OF_TABLES, **OF_FILES}
    families = draw.choices(list(groups), k=draw.randint(2, 5)) if family == SEVERAL else [family]
    return [(of, draw.choice(list(groups[of]))) for of in families]


BASE_NAMES = tuple(BASES)
