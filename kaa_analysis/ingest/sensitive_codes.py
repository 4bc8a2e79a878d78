"""Codes that reveal health or social services are read as *other* before anything else sees them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from kaa_analysis.ingest.coded_text import replaced
from kaa_analysis.ingest.layout import SupplierForm
from kaa_analysis.ingest.raw_file import RawFile


def without_sensitive_codes(raw: RawFile, *, layout: SupplierForm) -> tuple[RawFile, int]:
    """Return the file with every sensitive code of the layout replaced by its neutral one, and the number of rows that had one.

    The number is all that is kept: neither the register nor a problem file can tell which code it was.
    """
    columns = {
        column.source: layout.sensitive_codes[column.codes]
        for feed in layout.files[raw.name].feeds
        for column in feed.columns.values()
        if column.codes in layout.sensitive_codes and column.source in raw.rows
    }
    had_one = pd.Series(False, index=raw.rows.index)
    neutral = {}
    for source, sensitive in columns.items():
        had_one |= raw.rows[source].isin(sensitive.codes)
        neutral[source] = replaced(raw.rows[source], dict.fromkeys(sensitive.codes, sensitive.read_as))
    return replace(raw, rows=raw.rows.assign(**neutral)), int(had_one.sum())
