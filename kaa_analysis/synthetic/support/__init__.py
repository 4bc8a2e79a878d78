"""Support (the action plan's section 5), for all episodes at once: who is offered what, says yes, begins, and what comes after."""

from __future__ import annotations

from kaa_analysis.synthetic.support.aim import AimStrategy, aim_start
from kaa_analysis.synthetic.support.offer_ends import finish_offers
from kaa_analysis.synthetic.support.offers import potential_offers

__all__ = ["AimStrategy", "aim_start", "finish_offers", "potential_offers"]
