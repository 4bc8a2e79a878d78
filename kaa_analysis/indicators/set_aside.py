"""How many delivered rows could not be read and were accepted as such."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.core.methods import method_of
from kaa_analysis.core.result import Count, Result
from kaa_analysis.indicators import splits

if TYPE_CHECKING:
    from kaa_analysis.store import Register


def rows_set_aside(register: Register) -> Result:
    """Count the rows of the delivered files that are not in the register because they could not be read.

    A row may be a person's, so the number is protected like one of spells.

    **Counts**: rows of the delivered files.
    **Time**: the whole extract.
    **Missing**: nothing is missing: every delivered row is in the register or is counted here.
    **Source**: the reading of the extract (`docs/decisions/0002-problem-rows.md`).
    """
    return Result(
        id="rows_set_aside",
        title="Rader i uttaget som inte kunde läsas",
        columns=(Count("n_rows", "Antal rader som inte kunde läsas", measure="rows_set_aside", unit="spells"),),
        table=pd.DataFrame({"n_rows": [register.accepted_problem_rows]}),
        context=splits.place(register.extract_date),
        note="Rader som inte kunde läsas godtas bara om rapportens parametrar anger hur många. De ingår inte i någon annan tabell.",
        source=splits.citation(register.source, register.extract_date),
        method=method_of("rows_set_aside", splits.METHODS),
    )
