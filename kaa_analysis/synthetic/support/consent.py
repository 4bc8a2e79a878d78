"""Consent: what Arbetsmarknadsförvaltningen does stands in Flai, and so in the extract, only where the youth has agreed to it (6.2)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kaa_analysis.synthetic.draws import Draws
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.support.offer_log import AMF, NO, NOT_TOLD, PROVIDERS, YES, YES_NO


def with_consent(offers: pd.DataFrame, *, draws: Draws, margins: Margins) -> pd.DataFrame:
    """Return the offers with the columns consent and is_recorded; a youth's answer is the same for all offers of an episode."""
    agrees = draws.chance("support.consent", margins.share("consent_given"))[offers["episode"].to_numpy()]
    is_asked = offers["provider"].eq(PROVIDERS[AMF]).to_numpy()
    codes = np.where(is_asked, np.where(agrees, YES, NO), NOT_TOLD).astype(np.int8)
    consent = pd.Categorical.from_codes(codes, categories=list(YES_NO))
    return offers.assign(consent=consent, is_recorded=codes != NO).reset_index(drop=True)
