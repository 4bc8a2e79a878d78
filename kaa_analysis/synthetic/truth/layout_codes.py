"""What the codes of `docs/layouts/ber.md` mean, typed here once more so that a wrong layout shows as a wrong count."""

from __future__ import annotations

from collections.abc import Mapping

SEXES: Mapping[str, str] = {"K": "female", "M": "male"}

EXIT_REASONS: Mapping[str, str] = {
    "NP": "national_programme",
    "IM": "introduction_programme",
    "ANG": "adapted_upper_secondary",
    "KVX": "komvux",
    "FHS": "folkhogskola",
    "FUL": "completed",
    "F20": "turned_20",
    "FLY": "moved",
    "AVL": "deceased_or_emigrated",
    "FEL": "misregistered",
    "ANN": "other",
    "": "missing",
}
"""A registration without an exit reason has the code "missing"."""

STUDY_STARTS = frozenset({"NP", "IM", "ANG", "KVX", "FHS"})
COMPLETED = "FUL"
TURNED_20 = "F20"
MISREGISTERED = "FEL"

WAYS_OUT: Mapping[str, tuple[str, ...]] = {
    "study_placement": ("NP", "IM", "ANG", "KVX", "FHS"),
    "turned_20": ("F20",),
    "moved": ("FLY", "AVL"),
    "other": ("FUL", "ANN", ""),
}
"""The exit reasons of each way out, in the order of presentation."""

OUTGOING, DROP_IN = "U", "DROP"
CHANNELS: Mapping[str, str] = {
    "BREV": "letter",
    "SMS": "sms",
    "TEL": "phone",
    "KNACK": "knackakort",
    "HEM": "home_visit",
    "EPOST": "email",
    "SOC": "social_media",
    "ANN": "other",
}
"""The channels of attempts; drop-in is the youth's own contact."""

REACHED = "NA"
RETURNED = "RET"
ANSWERS_OF_YOUTH = ("SV", "NA", "AB")
ANSWER_OF_GUARDIAN = "VH"
YOUTH, GUARDIAN = "U", "V"

START_OF_TERM = ("HT", "STB")
AT_TWENTY = "F20"
"""What the names of mailings begin with."""
STUDIEBEVIS = "STB"
"""The entry reason of who has left the gymnasium with a studiebevis."""

KINDS: Mapping[str, str] = {
    "SYV": "guidance",
    "COA": "coaching",
    "AIM": "aim",
    "GRP": "group_activity",
    "PRA": "internship",
    "UNG": "youth_employment",
    "ANN": "other",
    "SVS": "other",
}
"""Kinds of support; cooperation with care or social services (SVS) is read as another one."""

PROVIDERS: Mapping[str, str] = {"UTBF": "utbf", "AMF": "amf", "AF": "af", "ANN": "other"}

ACTIVITY_UNKNOWN = "OKA"

FINAL_ROUND = "SLUT"
NOT_ADMITTED, NOT_APPLIED = "EJA", "EJS"
NOTICES: Mapping[str, str] = {"FRV": "substantial_absence", "SLU": "dropout"}
"""The notices that are told of; that a pupil has begun is none of them."""

GYMNASIUM = frozenset({"NP", "IMV", "IMY", "IMA", "IMS", "ANG"})
NEWLY_RESIDENT = "NYF"

END_REASONS: Mapping[str, str] = {"STU": "studies", "ARB": "work", "OKA": "unknown", "ANN": "other", "": "unknown"}
"""Why support ended; without a reason it is unknown."""

ACTIVITIES: Mapping[str, str] = {
    "ARB": "work",
    "PRA": "internship",
    "SOK": "job_seeking",
    "STU": "studies",
    "UTL": "studies_abroad",
    "FOR": "parental_leave",
    "ING": "none",
    "ANN": "other",
    "SJV": "other",
    "OKA": "unknown",
    "": "unknown",
}
"""What a youth did after support; sick leave or care (SJV) is read as something else, and what is not noted is unknown."""

SUPPORT_STEPS: Mapping[str, str] = {"FOB": "preparation", "PRA": "practice", "ANS": "employment", "": "missing"}
"""The steps of youth employment, in their order."""

ROUTES: Mapping[str, str] = {
    "EGEN": "own_contact",
    "ANH": "relative",
    "LOK": "local_coordinator",
    "SKS": "skolslussen",
    "ANN": "other",
    "": "missing",
}
"""How a youth came to support."""
