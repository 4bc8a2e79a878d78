"""Every number in every finished file is bound to the released cell at its place, or has a form of the closed list: else nothing is released."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kaa_analysis.core.collection import collection_paused
from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.disclosure.store import EQUATIONS
from kaa_analysis.render.bundle import AREA_STORES, AREA_WORKBOOK, CLOCK, DIFFERENCE, MANIFEST
from kaa_analysis.render.gate.area_sheets import bind_area_workbook
from kaa_analysis.render.gate.binding import Binding, Original, Unbound
from kaa_analysis.render.gate.blocks import Words
from kaa_analysis.render.gate.companion_pages import bind_difference_page, bind_review_page
from kaa_analysis.render.gate.data_numbers import (
    bind_clock,
    bind_equations,
    bind_manifest,
    bind_metadata,
    bind_store_or_plan,
    bind_table_csv,
)
from kaa_analysis.render.gate.expectation import Expectation, expectation_of
from kaa_analysis.render.gate.html_blocks import html_blocks
from kaa_analysis.render.gate.markup_texts import plain_text
from kaa_analysis.render.gate.pdf_blocks import pdf_blocks
from kaa_analysis.render.gate.png_texts import png_texts
from kaa_analysis.render.gate.sheet_numbers import bind_workbook
from kaa_analysis.render.gate.table_reading import UNBOUND
from kaa_analysis.render.gate.unreadable import Unreadable
from kaa_analysis.render.gate.word_blocks import word_blocks
from kaa_analysis.render.litter import is_litter
from kaa_analysis.render.plan import PLAN, STORE

DATA = "data"
REVIEW = "qa.html"
EXPECTED = (
    "Varje tal i en färdig fil ska vara den visade cellens på sin plats, eller ett datum, en paragraf eller liknande."
)
ACTION = (
    "tal skrivs inte för hand: visa resultatet med report.show, och skriv anteckningsbokens text utan siffror utom paragrafer, årtal och "
    "datum; kör sedan rapporten igen"
)
MOST_TOLD = 40
UNKNOWN_FILE = "en fil av ett slag som inte kan bindas"


@dataclass(frozen=True)
class BoundNumbers:
    """What was looked at: files, tables and numbers bound to cells, and structural ones by kind."""

    files: int
    tables: int
    bound: int
    structural: Mapping[str, int]


def refuse_unbound(bundle: Path, *, earlier: Path | None = None) -> BoundNumbers:
    """Refuse a bundle that holds a number which is not that of the released cell at its place, nor has a structural form.

    ``earlier`` is the bundle that its page of differences compares with.

    Raises:
        DisclosureError: there is such a number, or a file cannot be read. Files, places and kinds are told, never a number.
        BundleError: the bundle has no whole plan.
    """
    with collection_paused():
        expected = expectation_of(bundle)
        found = [Unbound(place, "", UNBOUND) for place in expected.text_problems()]
        bindings = [bind_file(path, bundle=bundle, expected=expected, earlier=earlier) for path in _files(bundle)]
    found += [unbound for binding in bindings for unbound in binding.found]
    refuse_found(found, expected=EXPECTED, action=ACTION)
    structural: Counter[str] = sum((binding.structural for binding in bindings), Counter())
    tables = sum(len(binding.tables) for binding in bindings)
    return BoundNumbers(len(bindings), tables, sum(binding.bound for binding in bindings), dict(structural))


def refuse_found(found: list[Unbound], *, expected: str, action: str) -> None:
    """Refuse if anything was found; at most forty places are told.

    Raises:
        DisclosureError: there is something.
    """
    if found:
        counts = Counter(unbound.line for unbound in found)
        lines = [line if n == 1 else f"{line} ({n} gånger)" for line, n in counts.items()]
        more = [f"och på {len(lines) - MOST_TOLD} ställen till"] if len(lines) > MOST_TOLD else []
        raise DisclosureError(expected, found=[*lines[:MOST_TOLD], *more], action=action)


def bind_file(
    path: Path,
    *,
    bundle: Path,
    expected: Expectation,
    earlier: Path | None,
    name: str = "",
    original: Original | None = None,
) -> Binding:
    """Return the binding of one file to what is expected of it; ``name`` is which file of the bundle it is, if it lies elsewhere.

    ``original`` is how the report was made, where the file has been edited since.

    Raises:
        DisclosureError: it cannot be read.
    """
    name = name or path.relative_to(bundle).as_posix()
    binding = Binding(name, expected, original=original)
    try:
        _bind(path.read_bytes(), binding, PurePosixPath(name), bundle=bundle, earlier=earlier)
    except Unreadable as reason:
        raise DisclosureError(
            "Allt i en rapport ska kunna läsas innan den släpps.",
            found=f"{name}: {reason}",
            action="ta bort det och kör igen",
        ) from None
    return binding


def _bind(content: bytes, binding: Binding, name: PurePosixPath, *, bundle: Path, earlier: Path | None) -> None:
    expected = binding.expected
    match name.suffix:
        case ".html" if name.name == REVIEW:
            bind_review_page(plain_text(content), binding)
        case ".html" if name.name == DIFFERENCE:
            bind_difference_page(plain_text(content), binding, bundle=bundle, earlier=earlier)
        case ".html" | ".svg":
            binding.named = True
            binding.blocks(html_blocks(_decoded(content), slugs=expected.slugs))
        case ".docx":
            binding.blocks(word_blocks(content, slugs=expected.slugs, shapes=expected.shapes))
        case ".xlsx" if name.name == AREA_WORKBOOK:
            bind_area_workbook(content, binding, bundle=bundle)
        case ".xlsx":
            bind_workbook(content, binding)
        case ".pdf":
            binding.blocks(pdf_blocks(content))
        case ".png":
            for part, text in png_texts(content):
                binding.words(Words(part, text))
        case ".csv" | ".json":
            _bind_data(content, binding, name, bundle=bundle)
        case _:
            binding.refuse("", UNKNOWN_FILE)


def _decoded(content: bytes) -> str:
    plain_text(content)
    return content.decode("utf-8-sig")


def _bind_data(content: bytes, binding: Binding, name: PurePosixPath, *, bundle: Path) -> None:
    table = binding.expected.tables.get(name.stem)
    if name.parts[0] in (STORE, AREA_STORES) or str(name) == PLAN:
        if name.suffix == ".json":
            bind_store_or_plan(content, binding)
    elif name.name == EQUATIONS:
        bind_equations(content, (bundle / STORE / EQUATIONS).read_bytes(), binding)
    elif str(name) == MANIFEST:
        bind_manifest(content, binding)
    elif str(name) == CLOCK:
        bind_clock(content, binding)
    elif table is not None and name.suffix == ".csv":
        bind_table_csv(content, table, binding)
    elif table is not None:
        bind_metadata(content, table, binding)
    else:
        binding.refuse("", UNKNOWN_FILE)


def _files(bundle: Path) -> list[Path]:
    return sorted(path for path in bundle.rglob("*") if path.is_file() and not is_litter(path.name))
