"""A small register's description, as tests that write one begin with."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from kaa_analysis.schema.law_rules import LawRules
from kaa_analysis.store import Register


def described_register(folder: Path, **more: object) -> Register:
    """Return the description of a register to be written in ``folder``; ``more`` are further facts of it."""
    return Register(
        name="prov",
        layout="ber_demo",
        extract_date=date(2025, 1, 31),
        extract_hash="0" * 64,
        rules=LawRules.APPLIED,
        source="BER-uttag",
        municipality="0180",
        folder=folder,
        **more,
    )
