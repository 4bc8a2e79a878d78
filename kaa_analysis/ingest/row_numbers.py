"""Numbers per person for tables whose source has none: in the order of a day, after the numbers of earlier feeds of the table.

Rows of the same day are ordered by what they hold, so that a delivery with its lines in another order gives the same register.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from kaa_analysis.ingest.convert import Converted
from kaa_analysis.ingest.row_checks import FileRows
from kaa_analysis.schema.tables import table_schema


def with_row_numbers(files: Sequence[FileRows]) -> list[FileRows]:
    """Fill every numbered column of the rows without problems; the others have no number.

    A person's rows are counted from one more than the person's highest number in the feeds before, in the order of the day and then
    of the other columns. Rows of a ``distinct`` feed with the same day share their number.
    """
    counted = {converted.feed.table for file in files for converted in file.feeds if converted.feed.is_numbered}
    highest: dict[str, pd.Series] = {}
    numbered = []
    for file in files:
        if counted.isdisjoint(converted.feed.table for converted in file.feeds):
            numbered.append(file)
            continue
        failed = file.failed_lines
        feeds = []
        for converted in file.feeds:
            feeds.append(_numbered(converted, failed=failed, highest=highest.get(converted.feed.table)))
            _note_highest(feeds[-1], failed=failed, highest=highest)
        numbered.append(replace(file, feeds=tuple(feeds)))
    return numbered


def _numbered(converted: Converted, *, failed: pd.Index, highest: pd.Series | None) -> Converted:
    rows, feed = converted.rows, converted.feed
    names = [name for name, column in feed.columns.items() if column.numbered]
    whole = rows[~rows.index.isin(failed)]
    numbers = {}
    for name in names:
        day = feed.ordering(name)
        held = [column for column in whole if column not in (day, "person_id", *names)]
        by_day = whole.sort_values([day, *held], kind="stable").groupby("person_id", sort=False)
        rank = (by_day[day].rank(method="dense") if feed.distinct else by_day.cumcount() + 1).astype("Int64")
        before = 0 if highest is None else whole["person_id"].astype(object).map(highest).fillna(0).astype("Int64")
        numbers[name] = (rank + before).reindex(rows.index)
    return replace(converted, rows=rows.assign(**numbers)) if names else converted


def _note_highest(converted: Converted, *, failed: pd.Index, highest: dict[str, pd.Series]) -> None:
    rows, table = converted.rows, converted.feed.table
    schema = table_schema(table)
    numbers = [name for name in schema.key if schema.columns[name].type == "number"]
    if "person_id" not in rows or not numbers:
        return
    whole = rows[~rows.index.isin(failed)]
    own = whole[numbers[0]].groupby(whole["person_id"].astype(object)).max()
    highest[table] = pd.concat([highest[table], own]).groupby(level=0).max() if table in highest else own
