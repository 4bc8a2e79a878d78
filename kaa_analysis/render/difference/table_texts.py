"""What readers are told around the numbers: titles, notes, sources, labels, methods, and which exhibits stand where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from kaa_analysis.core.result import Dimension
from kaa_analysis.disclosure.released import Released

EMPTY = ""

CONTEXT_LABELS = {"extract": "dagen för uttaget", "period": "perioden", "day": "dagen", "district": "området"}
EXHIBIT_WORDS = {"table": "tabellen", "figure": "figuren", "sentence": "meningen"}
METHOD_WORDS = {
    "counts": "metodtexten om vad som räknas",
    "time": "metodtexten om tid",
    "missing": "metodtexten om saknade uppgifter",
    "source": "metodtextens grund",
}


@dataclass(frozen=True)
class TextChange:
    """A text or an exhibit that is not the same. ``where`` is the table's title or the exhibit's slug."""

    where: str
    what: str
    before: str = EMPTY
    after: str = EMPTY


def compare_texts(before: Sequence[Released], after: Sequence[Released]) -> tuple[TextChange, ...]:
    """Return what is told in another way about each table that both releases have, and which tables only one of them has.

    The same change in several tables is told once.
    """
    earlier, later = ({table.id: table for table in tables} for tables in (before, after))
    changes = [change for name in later if name in earlier for change in _of_table(earlier[name], later[name])]
    changes += [TextChange(later[name].title, "tabellen tillkommen") for name in later if name not in earlier]
    changes += [TextChange(earlier[name].title, "tabellen borttagen") for name in earlier if name not in later]
    return _together(changes)


def compare_exhibits(before: Sequence[Mapping[str, str]], after: Sequence[Mapping[str, str]]) -> tuple[TextChange, ...]:
    """Return which exhibits (records of the manifest, in document order) are added, removed, moved or made in another way.

    >>> one, two = {"slug": "a", "form": "table", "released": "t"}, {"slug": "b", "form": "table", "released": "t"}
    >>> [(change.where, change.what) for change in compare_exhibits([one], [two, one])]
    [('b', 'tabellen tillkommen')]
    """
    earlier, later = ({item["slug"]: item for item in items} for items in (before, after))
    moved = _moved([slug for slug in earlier if slug in later], [slug for slug in later if slug in earlier])
    changes = [TextChange(slug, f"{_noun(later[slug])} tillkommen") for slug in later if slug not in earlier]
    changes += [TextChange(slug, f"{_noun(earlier[slug])} borttagen") for slug in earlier if slug not in later]
    changes += [TextChange(slug, f"{_noun(later[slug])} flyttad") for slug in later if slug in moved]
    for slug in later:
        if slug in earlier:
            changes += _told(slug, _exhibit_texts(earlier[slug]), _exhibit_texts(later[slug]))
    return tuple(changes)


def _of_table(before: Released, after: Released) -> list[TextChange]:
    changes = _told(after.title, _texts(before), _texts(after))
    orders = [[column.name for column in table.columns] for table in (before, after)]
    if orders[0] != orders[1] and sorted(orders[0]) == sorted(orders[1]):
        changes.append(TextChange(after.title, "kolumnernas ordning ändrad"))
    return changes


def _together(changes: Iterable[TextChange]) -> tuple[TextChange, ...]:
    places: dict[TextChange, list[str]] = {}
    for change in changes:
        has_words = bool(change.before or change.after)
        places.setdefault(replace(change, where=EMPTY) if has_words else change, []).append(change.where)
    return tuple(
        replace(change, where=where[0] if len(where) == 1 else f"{len(where)} tabeller")
        for change, where in places.items()
    )


def _told(where: str, before: Mapping[str, str], after: Mapping[str, str]) -> list[TextChange]:
    names = [*after, *(name for name in before if name not in after)]
    return [
        TextChange(where, f"{name} {_verb(name, before, after)}", before.get(name, EMPTY), after.get(name, EMPTY))
        for name in names
        if before.get(name) != after.get(name)
    ]


def _verb(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> str:
    if name not in before:
        return "tillkommen"
    return "ändrad" if name in after else "borttagen"


def _texts(table: Released) -> dict[str, str]:
    """Return every text around the table's numbers by what it is called, in the order they are met."""
    texts = {"rubriken": table.title, "noten": table.note, "källan": table.source}
    texts |= {CONTEXT_LABELS.get(name, f"uppgiften {name}"): value for name, value in table.context.items()}
    if table.method is not None:
        texts |= {METHOD_WORDS[name]: value for name, value in asdict(table.method).items()}
    texts |= {f"kolumnen {column.name}": column.label for column in table.columns}
    texts |= {
        f"benämningen av {value} ({split.name})": label
        for split in table.of_role(Dimension)
        for value, label in split.labels.items()
    }
    return texts


def _noun(item: Mapping[str, str]) -> str:
    return EXHIBIT_WORDS[item["form"].partition(":")[0]]


def _exhibit_texts(item: Mapping[str, Any]) -> dict[str, str]:
    return {"formen": item["form"], "tabellen bakom": item["released"]}


def _moved(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """Return the fewest slugs found whose moves turn one order into the other."""
    blocks = SequenceMatcher(None, list(before), list(after), autojunk=False).get_matching_blocks()
    return set(after) - {slug for block in blocks for slug in before[block.a : block.a + block.size]}
