"""Binding the numbers of the pages beside the report: what the reviewer is told of the run, and what differs from the run before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from kaa_analysis.core.errors import BundleError, DisclosureError
from kaa_analysis.core.result import Count, Estimate, Share
from kaa_analysis.disclosure.released import Released, State
from kaa_analysis.render.bundle import DIFFERENCE
from kaa_analysis.render.difference.comparison import Comparison, compare, read_bundle
from kaa_analysis.render.difference.table_texts import TextChange
from kaa_analysis.render.gate.author_numbers import review_rows
from kaa_analysis.render.gate.binding import Binding
from kaa_analysis.render.gate.blocks import Block, TableBlock, Words
from kaa_analysis.render.gate.compared_cells import bind_differences, told_pairs
from kaa_analysis.render.gate.data_numbers import FILE_NAME
from kaa_analysis.render.gate.expectation import leaves
from kaa_analysis.render.gate.html_blocks import html_blocks
from kaa_analysis.render.gate.released_lines import written_number
from kaa_analysis.render.gate.structural_numbers import holds_number, numbers_in, plain, without_forms
from kaa_analysis.render.gate.table_reading import CHANGED

PROTECTION = "qa-skydd"
REMARKS = "qa-texter"
_BUNDLE = re.compile(r"[a-z_]+/[0-9A-Za-z_-]+/[0-9a-f]{12}")
_BEFORE = re.compile(r"<dt>Före</dt>\s*<dd>([a-z_]+/[0-9A-Za-z_-]+/[0-9a-f]{12})</dd>")
_COUNTED_CELLS = re.compile(
    r"[0-9 ]+ celler jämförda: [0-9 ]+ lika, [0-9 ]+ inom toleransen, [0-9 ]+ olika\."
    r"|Oförklarade skillnader: [0-9 ]+\. [^0-9]*"
)
_RULE = re.compile(r"visas|döljs|avrunda|\A[0-9\s]+val ")


def bind_review_page(text: str, binding: Binding) -> None:
    """Bind the page for the reviewer: to the plan, to the policy's own numbers, and to counts of the tables' cells."""
    qa = binding.expected.plan.qa
    binding.allowed = frozenset(_of_plan(qa))
    policy = _policy_numbers(qa)
    for block in _page_blocks(text, [PROTECTION, *_slugs(text)]):
        if isinstance(block, TableBlock):
            _bind_review_table(block, binding)
        elif _RULE.search(block.text) and set(numbers_in(without_forms(plain(block.text)))) <= policy:
            binding.structural["tal ur röjandepolicyn och listan över val"] += 1
        else:
            binding.words(block)


def _bind_review_table(block: TableBlock, binding: Binding) -> None:
    if block.slug == REMARKS:
        _bind_remarks(block, binding)
        return
    counts = {plain(table.title): _protected(table) for table in binding.expected.tables.values()}
    for number, row in enumerate(block.body, start=1):
        own = [plain(cell.text) for cell in row]
        if block.slug == PROTECTION and own and own[0] in counts:
            found = numbers_in("\n".join(own[1:]))
            if found == counts[own[0]]:
                binding.bound += len(found)
            else:
                binding.refuse(f"{PROTECTION}, rad {number}", CHANGED)
            own = own[:1]
        for cell in own:
            binding.words(Words(f"{block.slug or block.place}, rad {number}", cell))


def _bind_remarks(block: TableBlock, binding: Binding) -> None:
    """Bind each row about a figure in an author's text: what was seen to the plan, what is released to its cell."""
    known = review_rows(binding.expected.plan, binding.expected.cells)
    for number, row in enumerate(block.body, start=1):
        own = tuple(plain(cell.text) for cell in row)
        if own in known:
            binding.bound += sum(holds_number(text) for text in own[2:])
        else:
            binding.refuse(f"{REMARKS}, rad {number}", CHANGED)


def _protected(table: Released) -> tuple[str, ...]:
    """Return how many counts are shown and hidden, how many shares and estimates, and how many of all are unknown."""
    kinds = {
        column.name: isinstance(column, Count)
        for column in table.columns
        if isinstance(column, (Count, Share, Estimate))
    }
    states = [(counted, State(state)) for name, counted in kinds.items() for state in table.states_table[name]]
    shown = (State.SHOWN, State.ROUNDED)
    numbers = (
        sum(counted and state in shown for counted, state in states),
        sum(counted and state is State.PROTECTED for counted, state in states),
        sum(not counted and state in shown for counted, state in states),
        sum(not counted and state is State.PROTECTED for counted, state in states),
        sum(state is State.UNKNOWN for _, state in states),
    )
    return tuple(written_number(number, Count("n", "", "covered")) for number in numbers)


def _of_plan(qa: Mapping[str, Any]) -> Iterable[str]:
    """Give the texts of the plan as the page can write them: whole, or a question without the subject before it."""
    for text in leaves({name: value for name, value in qa.items() if name != "policy"}):
        yield plain(text)
        yield plain(text.partition(": ")[2])
    for warning in qa["warnings"]:
        yield plain(warning)


def _policy_numbers(qa: Mapping[str, Any]) -> frozenset[str]:
    """Return the policy's numbers, the last unsafe counts below them, and how many choices there are and are decided."""
    numbers = [float(text) for text in leaves(qa["policy"]) if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text)]
    forms = {1.0, float(len(qa["choices"])), float(sum(bool(choice["decided_by"]) for choice in qa["choices"]))}
    forms |= {own for number in numbers for own in (number, number - 1, number * 100)}
    return frozenset(str(Decimal(str(number)).normalize()).replace(".", ",") for number in forms) | {
        f"{int(number)}" for number in forms if number == int(number)
    }


def earlier_bundle(bundle: Path) -> Path | None:
    """Return the bundle that the page of differences of ``bundle`` compares with, if it stands where it stood."""
    page = bundle / DIFFERENCE
    named = _BEFORE.search(page.read_text(encoding="utf-8")) if page.is_file() else None
    folder = bundle.resolve().parents[2] / named[1] if named is not None else None
    return folder if folder is not None and folder.is_dir() else None


def bind_difference_page(text: str, binding: Binding, *, bundle: Path, earlier: Path | None) -> None:
    """Bind the page of differences: each pair of values to the cell it names, in the bundle before and in this one."""
    comparison = _comparison(earlier, bundle)
    binding.allowed = frozenset(_of_comparison(comparison)) if comparison is not None else frozenset()
    pairs = told_pairs(comparison.before.tables, comparison.after.tables) if comparison is not None else {}
    for block in _page_blocks(text, _slugs(text)):
        if isinstance(block, TableBlock):
            bind_differences(block, binding, pairs)
        elif _BUNDLE.search(plain(block.text)) and not numbers_in(without_forms(_BUNDLE.sub("", plain(block.text)))):
            binding.structural["körningar"] += 1
        elif _COUNTED_CELLS.fullmatch(plain(block.text)):
            binding.structural["antal jämförda celler"] += 1
        elif FILE_NAME.fullmatch(plain(block.text)):
            binding.structural["filnamn och versioner"] += 1
        else:
            binding.words(block)


def _comparison(earlier: Path | None, bundle: Path) -> Comparison | None:
    if earlier is None:
        return None
    try:
        return compare(read_bundle(earlier), read_bundle(bundle))
    except (BundleError, DisclosureError):
        return None


def _of_comparison(comparison: Comparison) -> Iterable[str]:
    texts = [cause.what for cause in comparison.causes]
    texts += [text for change in comparison.texts for text in _told(change)]
    texts += list(comparison.remarks)
    return {plain(text) for text in texts}


def _told(change: TextChange) -> tuple[str, ...]:
    return change.where, change.what, change.before, change.after


def _slugs(text: str) -> list[str]:
    return re.findall(r'<div class="kaa-exhibit kaa-table" id="([\w-]+)"', text)


def _page_blocks(text: str, slugs: Iterable[str]) -> list[Block]:
    return html_blocks(text, slugs=list(slugs))
