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
ANSWERS_OF_YOUTH = ("SV", "NA", "AB")
ANSWER_OF_GUARDIAN = "VH"
YOUTH, GUARDIAN = "U", "V"

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
