"""Every percentage in the delivered files can be worked out again from the counts that stand beside it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from statsmodels.stats.proportion import proportion_confint

from kaa_analysis.core.result import Column, Count, Dimension, Estimate, Share
from kaa_analysis.disclosure.released import Released
from kaa_analysis.disclosure.store import read_store
from kaa_analysis.render.gate.workbook_cells import read_workbook

HIDDEN = ("..", "x", ".")
LIMITS = ("low", "high")


@dataclass(frozen=True)
class Told:
    """A percentage as a file tells it: where, what it is, and the texts of its row by column; an empty text is not shown."""

    place: str
    column: Column
    texts: Mapping[str, str]

    @property
    def wrong(self) -> str:
        """What is wrong with it, nothing if it follows from the counts."""
        told, (part, whole) = self.texts[self.column.name], _base(self.column)
        counts = [self.texts[name] for name in (part, whole)]
        if not told:
            return ""
        if "" in counts:
            return f"{self.place}: a percentage is shown without its counts"
        expected = _recomputed(self.column, *(int(text) for text in counts))
        return "" if Decimal(told) == expected else f"{self.place}: {told} of {counts}"


def _base(column: Column) -> tuple[str, str]:
    return (column.numerator, column.denominator) if isinstance(column, Share) else tuple(column.base[:2])


def _recomputed(column: Column, part: int, whole: int) -> Decimal:
    if isinstance(column, Share):
        exact = Decimal(part) / Decimal(whole)
    else:
        limits = proportion_confint(part, whole, method="wilson")
        exact = Decimal(repr(float(limits[LIMITS.index(column.name.rpartition("_")[2])])))
    return exact.quantize(Decimal(1).scaleb(-column.digits), rounding=ROUND_HALF_UP)


def percentages(table: Released) -> list[Column]:
    """The shares, and the limits of an interval for a share."""
    limits = [one for one in table.of_role(Estimate) if one.name.rpartition("_")[2] in LIMITS and len(one.base) == 2]
    return [*table.of_role(Share), *limits]


def told_in_csv(bundle: Path, table: Released) -> Iterator[Told]:
    with (bundle / "data" / f"{table.id}.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    splits = table.of_role(Dimension)
    values = {(row["measure"], *(row[split.name] for split in splits)): row["value"] for row in rows}
    for column in percentages(table):
        for row in (row for row in rows if row["measure"] == column.name):
            texts = {column.name: row["value"]}
            for count in table.of_role(Count):
                place = [
                    (split.total or "") if split.name in count.regardless_of else row[split.name] for split in splits
                ]
                texts[count.name] = values.get((count.measure, *place), "")
            yield Told(f"data/{table.id}.csv {row['cell_id']}", column, texts)


def told_in_workbook(bundle: Path, tables: Mapping[str, Released]) -> Iterator[Told]:
    by_title = {table.title: table for table in tables.values()}
    for sheet in read_workbook((bundle / "tables.xlsx").read_bytes()).sheets[1:]:
        table = by_title[sheet.cells[1, 1].text]
        labels = [column.label for column in table.columns]
        rows = [[sheet.cells.get((row, at + 1)) for at in range(len(labels))] for row in sheet.rows]
        texts = [["" if cell is None else cell.text for cell in row] for row in rows]
        head = next(at for at, row in enumerate(texts) if row[0] == labels[0] and all(row))
        for row in texts[head + 1 : head + 1 + len(table.values_table)]:
            own = {column.name: "" if text in HIDDEN else text for column, text in zip(table.columns, row, strict=True)}
            for column in percentages(table):
                rounded = own[column.name] and str(round(float(own[column.name]), column.digits))
                yield Told(f"tables.xlsx {sheet.name}", column, {**own, column.name: rounded})


@pytest.fixture(scope="module")
def told(demo) -> list[Told]:
    [bundle] = demo.bundles()
    tables = read_store(bundle / "store")
    in_csv = [one for table in tables.values() if not table.values_table.empty for one in told_in_csv(bundle, table)]
    return [*in_csv, *told_in_workbook(bundle, tables)]


def test_every_percentage_follows_from_the_counts_beside_it(told):
    assert [one.wrong for one in told if one.wrong] == []
    shown = [one for one in told if one.texts[one.column.name]]
    for file in ("data/", "tables.xlsx"):
        assert len([one for one in shown if one.place.startswith(file)]) > 100
    assert {type(one.column) for one in shown} == {Share, Estimate}


def test_no_table_has_a_percentage_of_another_kind(demo):
    [bundle] = demo.bundles()
    others = [
        f"{table.id}.{column.name}"
        for table in read_store(bundle / "store").values()
        for column in table.of_role(Estimate)
        if column.rule != "published" and column not in percentages(table)
    ]
    assert others == []


def test_a_percentage_that_is_off_by_the_last_digit_or_has_lost_a_count_is_told(told):
    one = next(one for one in told if one.texts[one.column.name] and isinstance(one.column, Share))
    more = str(Decimal(one.texts[one.column.name]) + Decimal("0.001"))
    assert Told(one.place, one.column, {**one.texts, one.column.name: more}).wrong.startswith(f"{one.place}: {more} of")
    without = {**one.texts, one.column.denominator: ""}
    assert Told(one.place, one.column, without).wrong == f"{one.place}: a percentage is shown without its counts"
