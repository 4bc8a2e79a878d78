"""Tables outside the register's own purpose: they load only with a recorded grant, and a report without one says so in a fixed sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.core.result import Column, Result
from kaa_analysis.indicators import splits

if TYPE_CHECKING:
    from kaa_analysis.core.chosen_area import ChosenArea
    from kaa_analysis.store import Register

NOT_LOADED = {
    "admissions": "Hur det gick för dem som inte antogs till gymnasieskolan redovisas inte: uttaget har inga uppgifter om antagning. De tillhör "
    "utbildningsnämnden och läses in bara med ett registrerat beslut.",
    "notices": "Skolornas anmälningar om frånvaro och avbrott redovisas inte: uttaget har inga sådana anmälningar. De tillhör "
    "utbildningsnämnden och läses in bara med ett registrerat beslut.",
}
"""What stands in place of a table whose data the extract may not have."""


def is_loaded(register: Register, table: str) -> bool:
    """Return whether a table outside the register's purpose was delivered and loaded with a grant, with or without rows."""
    return any(grant.table == table for grant in register.grants)


def not_loaded(
    register: Register,
    table: str,
    *,
    name: str,
    title: str,
    columns: tuple[Column, ...],
    area: ChosenArea | None = None,
) -> Result:
    """Return the result ``name`` without rows: shown as a table it is the fixed sentence that the data are not there."""
    return Result(
        id=name,
        title=title,
        columns=columns,
        table=pd.DataFrame({column.name: pd.Series(dtype="object") for column in columns}),
        context=splits.place(register.extract_date, area=area),
        note=NOT_LOADED[table],
        source=splits.citation(register.source, register.extract_date),
        method=splits.method(name, area=area),
    )
