"""The details of the document: what the file may hold, what overrides what, and how they are told."""

from __future__ import annotations

import pytest

from kaa_analysis.core.errors import ParameterError
from kaa_analysis.params.document_details import DocumentDetails, read_document_details
from kaa_analysis.render.facts import document_facts

LINES = {
    "organisation": "null",
    "committee": "Nämnden",
    "meeting": '"2025-02-20"',
    "dnr": "ABC 2025/17",
    "officer": "null",
    "version": '"2"',
    "appendix": "null",
}


def read(folder, *, more: str = "", **changes: str | None) -> DocumentDetails:
    lines = [f"{name}: {text}" for name, text in (LINES | changes).items() if text is not None]
    path = folder / "dokument.yaml"
    path.write_text("\n".join([*lines, more]), encoding="utf-8")
    return read_document_details(path, report="arsbilaga")


def test_known_details_are_told_in_order_and_unknown_ones_left_out(tmp_path):
    details = read(tmp_path)
    assert document_facts(details) == [
        ("Nämnd", "Nämnden"),
        ("Sammanträde", "20\u00a0februari 2025 (vecka\u00a08)"),
        ("Diarienummer", "ABC 2025/17"),
        ("Version", "2"),
    ]
    assert details.unknown() == ["organisation eller förvaltning", "handläggare", "bilagans nummer"]


def test_what_holds_for_a_report_goes_before_what_holds_for_all(tmp_path):
    more = "reports:\n  arsbilaga:\n    appendix: 3\n  tid_till_studier:\n    appendix: 9\n    dnr: annat"
    details = read(tmp_path, more=more)
    assert (details.appendix, details.dnr) == (3, "ABC 2025/17")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"dnr": None}, '"dnr" saknas: diarienummer'),
        ({"meeting": '"2025-02-30"'}, '"meeting" har ett värde som inte går: sammanträdesdag'),
        ({"appendix": "0"}, '"appendix" har ett värde som inte går: bilagans nummer'),
        ({"version": "2"}, '"version" har ett värde som inte går: version'),
        ({"more": "dnrr: x"}, 'dokument.yaml: "dnrr" finns inte (menade du "dnr"?)'),
        ({"more": "dnr: x"}, '"dnr" står mer än en gång'),
        (
            {"more": "reports:\n  arsbilagan:\n    appendix: 1"},
            'reports: "arsbilagan" finns inte (menade du "arsbilaga"?)',
        ),
        ({"more": "reports: 1"}, "reports"),
        ({"more": "reports:\n  arsbilaga: 1"}, "reports: arsbilaga"),
        ({"more": "a: [", "appendix": None}, "Error"),
    ],
)
def test_a_slip_is_named_without_its_value(tmp_path, changes, problem):
    with pytest.raises(ParameterError) as told:
        read(tmp_path, **changes)
    assert problem in str(told.value)
    assert "2025-02-30" not in str(told.value)


def test_a_missing_file_says_which(tmp_path):
    with pytest.raises(ParameterError, match=r"params/dokument.yaml ska vara läsbar YAML"):
        read_document_details(tmp_path / "finns-inte.yaml", report="arsbilaga")
