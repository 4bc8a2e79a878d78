"""Youth employment (5.2.2): a week of preparation, six weeks of practice, and, if it works, six months of work on half-time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kaa_analysis.synthetic.draws import Draws
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.row_log import RowLog, chosen
from kaa_analysis.synthetic.school_calendar import days
from kaa_analysis.synthetic.support.offer_log import STEPS, YES


def begin_youth_employment(offer: Mapping[str, np.ndarray], log: RowLog, *, draws: Draws, margins: Margins) -> None:
    """Write down the steps that would be taken from the start of each offer: a row per step, the further ones offered as they begin."""
    length, goes_on_share = margins.weights("youth_employment_days"), margins.weights("youth_employment_goes_on")
    row = dict(offer)
    for step in length:
        goes_on = draws.chance(f"support.employment.{step}", goes_on_share[step])
        end = row["start"] + days(length[step])
        log.add(**row | {"step": STEPS.index(step), "planned_end": end, "goes_on": goes_on})
        row = chosen(goes_on, **row | {"number": row["number"] + 1, "offered": end, "start": end, "accepted": YES})
        draws = draws.of(goes_on)
