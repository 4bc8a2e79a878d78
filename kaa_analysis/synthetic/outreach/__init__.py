"""The outreach routine of the action plan (4.3.2), for all episodes at once: letter and SMS, phone, further letter, knackakort, home visit."""

from __future__ import annotations

from kaa_analysis.synthetic.outreach.contact_log import REACHED, Channel, Outcome
from kaa_analysis.synthetic.outreach.known_contacts import cut, first_reached
from kaa_analysis.synthetic.outreach.rounds import potential_contacts

__all__ = ["REACHED", "Channel", "Outcome", "cut", "first_reached", "potential_contacts"]
