"""Youths for whom no suitable support is at hand, told so that what is lacking can be seen (8.1)."""

from __future__ import annotations

import numpy as np

from kaa_analysis.synthetic.draws import Days, Draws
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.row_log import RowLog
from kaa_analysis.synthetic.school_calendar import after_summer_pause, days
from kaa_analysis.synthetic.support.offer_log import (
    KINDS,
    NOT_TOLD,
    PROVIDERS,
    REASONS_NOT_OFFERED,
    Number,
    code_of,
    luck_of_offers,
)


def note_missing_support(reached: Days, log: RowLog, *, draws: Draws, margins: Margins) -> None:
    """Write down for some of those reached that support was needed and not given: no place in one that there is, or nothing suitable."""
    is_missing = draws.chance("support.missing", margins.share("suitable_support_missing")) & ~np.isnat(reached)
    rows = np.flatnonzero(is_missing)
    luck = luck_of_offers(draws.of(rows), Number.MISSING_SUPPORT)
    reason = code_of(REASONS_NOT_OFFERED, luck, "support.missing.reason", margins.weights("not_offered_reason"))
    no_place = reason == REASONS_NOT_OFFERED.index("PLATS")
    needed = code_of(KINDS, luck, "support.missing.kind", margins.weights("support_without_place"))
    log.add(
        episode=rows,
        number=Number.MISSING_SUPPORT,
        kind=np.where(no_place, needed, KINDS.index("ANN")),
        provider=np.where(no_place, PROVIDERS.index("AMF"), PROVIDERS.index("ANN")),
        offered=after_summer_pause(reached[rows] + days(luck.whole("support.missing.wait", 0, 60))),
        accepted=NOT_TOLD,
        not_offered_reason=reason,
    )
