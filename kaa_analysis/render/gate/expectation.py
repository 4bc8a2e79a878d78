"""What a bundle may say in numbers: its released cells at their places, its exhibits in order, and what its plan tells of the run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from kaa_analysis.core.errors import BundleError
from kaa_analysis.disclosure.released import Released
from kaa_analysis.disclosure.store import read_store
from kaa_analysis.render.bundle import PLAN
from kaa_analysis.render.gate.author_numbers import Cells, author_slugs, block_numbers, referred_cells, typed_problems
from kaa_analysis.render.gate.blocks import Role
from kaa_analysis.render.gate.figure_numbers import Numbers, figure_numbers
from kaa_analysis.render.gate.placed_cells import Places, places_of, shapes_of
from kaa_analysis.render.gate.sentence_numbers import sentence_numbers
from kaa_analysis.render.gate.structural_numbers import holds_number, numbers_in, plain, without_forms
from kaa_analysis.render.plan import STORE, Plan, read_plan


@dataclass(frozen=True)
class Told:
    """The numbers of one text of an exhibit in order, or of one of several sequences that it can have.

    An author's text is told ``part`` by part: its headings, paragraphs and points.
    """

    slug: str
    role: Role
    sequences: tuple[Numbers, ...]
    part: int = 0

    @property
    def place(self) -> tuple[str, Role, int]:
        """What no two told texts of a file share."""
        return self.slug, self.role, self.part

    @property
    def empty(self) -> bool:
        """Whether there is no number to tell."""
        return not any(self.sequences)


@dataclass(frozen=True, eq=False)
class Shown:
    """One exhibit: its slug and form, its table, and what must stand at each place of the table it is shown with."""

    slug: str
    form: str
    table: Released
    places: Places = field(repr=False)
    told: tuple[Told, ...] = ()

    @property
    def is_table(self) -> bool:
        """Whether it is laid out as a table, alone or under a figure."""
        return bool(self.places)


@dataclass(frozen=True, eq=False)
class Expectation:
    """Everything in a bundle that has a number: exhibits in order, tables by id, and texts of the plan.

    ``texts`` are the authors', part by part, and ``cells`` the released cells that they name, by reference.
    """

    plan: Plan
    tables: Mapping[str, Released]
    exhibits: tuple[Shown, ...]
    texts: tuple[Told, ...] = ()
    cells: Cells = field(default_factory=dict)

    @cached_property
    def slugs(self) -> frozenset[str]:
        """The slugs of the exhibits and the authors' texts."""
        return frozenset([*(shown.slug for shown in self.exhibits), *author_slugs(self.plan).values()])

    @cached_property
    def told(self) -> tuple[Told, ...]:
        """Every text with numbers of its own."""
        return (*(told for shown in self.exhibits for told in shown.told), *self.texts)

    @cached_property
    def facts(self) -> frozenset[str]:
        """The lines of the document's own details, as they stand with and (where they hold words) without their labels."""
        pairs = [(label, text) for label, text in self.plan.page["facts"]]
        lines = {plain(f"{label}: {text}") for label, text in pairs}
        return frozenset(lines | {plain(text) for _, text in pairs if any(sign.isalpha() for sign in text)})

    @cached_property
    def run(self) -> str:
        """The id of the run."""
        return str(self.plan.page["run"])

    @cached_property
    def shapes(self) -> frozenset[tuple[int, int]]:
        """The number of rows and of columns with values of each table."""
        return frozenset(
            shape for shown in self.exhibits if shown.form.startswith("table") for shape in shapes_of(shown.table)
        )

    def text_problems(self) -> list[str]:
        """Return where a text of a released table (title, note, method, label) or of an author holds a number that may not be typed."""
        found = []
        for table in self.tables.values():
            record = table.as_record()
            texts = [record[name] for name in ("title", "note", "source")] + list((record["method"] or {}).values())
            if any(holds_number(text) and numbers_in(without_forms(plain(text))) for text in texts):
                found.append(f"{STORE}: texterna i {table.id}")
        return found + [f"{PLAN}: texten {slot}" for slot in typed_problems(self.plan)]


def expectation_of(bundle: Path) -> Expectation:
    """Return what the bundle's release store and plan say of its numbers.

    Raises:
        BundleError, DisclosureError: plan or store is not whole.
    """
    plan, tables = read_plan(bundle), read_store(bundle / STORE)
    unknown = sorted({placement.result for placement in plan.placements} - {*tables, ""})
    if unknown:
        raise BundleError("Allt som visas ska finnas i körningens lager av skyddade tabeller.", found=unknown)
    shown = tuple(_shown(item.slug, item.form, tables[item.result]) for item in plan.placements if item.result)
    cells = referred_cells(plan, tables)
    return Expectation(plan, tables, shown, _told_texts(plan, cells), cells)


def _told_texts(plan: Plan, cells: Cells) -> tuple[Told, ...]:
    """Return the parts of the authors' texts that have numbers."""
    found = [
        Told(slug, Role.PROSE, () if numbers is None else (numbers,), part)
        for slot, slug in author_slugs(plan).items()
        for part, numbers in enumerate(block_numbers(plan.texts[slot], plan, cells))
    ]
    return tuple(told for told in found if not told.empty)


def _shown(slug: str, form: str, table: Released) -> Shown:
    kind, _, name = form.partition(":")
    if kind == "sentence" or table.values_table.empty:
        numbers = sentence_numbers(table, name or "note")
        return Shown(slug, form, table, {}, (Told(slug, Role.PROSE, (numbers,)),) if numbers else ())
    if kind == "table":
        return Shown(slug, form, table, places_of(table))
    found = figure_numbers(table, name)
    if found is None:
        return Shown(slug, form, table, {})
    told = (
        Told(slug, Role.DRAWING, tuple(_unformed(numbers) for numbers in found.drawing)),
        Told(slug, Role.ALTERNATIVE, (found.alt,)),
        Told(slug, Role.PROSE, (found.remarks,)),
    )
    return Shown(slug, form, table, found.below or {}, tuple(one for one in told if not one.empty))


def _unformed(numbers: Numbers) -> Numbers:
    """Return the numbers that are left of a drawing's texts when structural ones are taken out."""
    return tuple(left for number in numbers for left in numbers_in(without_forms(number)))


def leaves(value: Any) -> list[str]:
    """Return every text and number of plain JSON values as a text, keys of mappings too.

    >>> leaves({"a": [1, "b"]})
    ['a', '1', 'b']
    """
    if isinstance(value, Mapping):
        return [text for key, own in value.items() for text in (str(key), *leaves(own))]
    if isinstance(value, (list, tuple)):
        return [text for own in value for text in leaves(own)]
    return [value if isinstance(value, str) else json.dumps(value)]
