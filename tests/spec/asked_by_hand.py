"""Asking a hand-drawn register: the register queries as they stand, on frames in place of files."""

from __future__ import annotations

import duckdb
import pandas as pd

from kaa_analysis.store.answers import answer, check_asked
from kaa_analysis.store.dtypes import pandas_types
from kaa_analysis.store.register_query import register_query


class AskedByHand:
    """A hand-drawn register that can be asked. It has ``table(name, columns=…)``, of every table that a query reads."""

    def ask(self, query: str, *, asked: pd.DataFrame | None = None, **values: object) -> pd.DataFrame:
        found = register_query(query)
        check_asked(found, asked=asked, values=values)
        sources = {name: self.table(name, columns=list(pandas_types(name))) for name in found.tables}
        with duckdb.connect() as engine:
            return answer(found, engine=engine, sources=sources, asked=asked, values=values)
