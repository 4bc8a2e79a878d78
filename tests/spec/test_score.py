"""The score: found, missed and false alarms on hand-typed findings and errors, and how it is told."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from kaa_analysis.checks import (
    CheckOutcome,
    CheckReport,
    Fate,
    KindScore,
    KnownError,
    Score,
    SetAsideRow,
    State,
    catalogue,
    known_errors,
    score,
    score_listing,
    score_page,
    set_aside_rows,
)
from kaa_analysis.core.errors import ExtractError
from kaa_analysis.core.secure_folder import SecureFolder


def report(*findings: str, counted: int = 0, not_run: str = "") -> CheckReport:
    """Return a report with findings written ``check table person [key]``, - for no person; K106 has ``counted`` rows."""
    rows = [(*finding.split(maxsplit=3), "")[:4] for finding in findings]
    frame = pd.DataFrame(rows, columns=["check", "table", "person_id", "row_key"], dtype="string")
    frame["person_id"] = frame["person_id"].mask(frame["person_id"] == "-")
    outcomes = []
    for check in catalogue().values():
        own = frame[frame["check"] == check.id].drop(columns="check").assign(day=pd.NaT)
        n_rows = counted if check.id == "K106" else len(own)
        state = State.NOT_RUN if check.id in not_run.split() else State.FOUND if n_rows else State.NONE
        outcomes.append(CheckOutcome(check, state, n_rows, findings_table=own))
    return CheckReport("påhittat", "prov", date(2025, 1, 31), tuple(outcomes))


def error(kind: str, *, found_by: str = "", also: str = "", lines: str = "", **told: str) -> KnownError:
    fields = {
        "file": "kontakter.csv",
        "table": "contacts",
        "row_key": "",
        "person": "a",
        "other_person": "",
        "cannot_be_told": "",
        "read_right": "",
    }
    return KnownError(
        kind=kind,
        name=kind.capitalize(),
        found_by=tuple(found_by.split()),
        also=tuple(also.split()),
        lines=tuple(map(int, lines.split())),
        **{**fields, **told},
    )


def counts(found: Score) -> dict[str, tuple[int, int, int]]:
    return {kind.kind: (kind.n_injected, kind.n_found, kind.n_missed) for kind in found.kinds}


def alarms(found: Score) -> dict[str, int]:
    return {check: n for check, n in found.false_alarms.items() if n}


ALONE = error("alone", found_by="K702", row_key="contact=3")
CASES = {
    "the row itself": (["K702 contacts a contact=3"], (1, 1, 0), {}),
    "another row of the same person": (["K702 contacts a contact=4"], (1, 0, 1), {}),
    "the same row of another person": (["K702 contacts b contact=3"], (1, 0, 1), {"K702": 1}),
    "another check of the same row": (["K703 contacts a contact=3"], (1, 0, 1), {"K703": 1}),
    "the row, and another person": (["K702 contacts a contact=3", "K702 contacts b contact=1"], (1, 1, 0), {"K702": 1}),
    "nothing": ([], (1, 0, 1), {}),
}


@pytest.mark.parametrize(("findings", "expected", "false"), CASES.values(), ids=CASES.keys())
def test_an_error_is_found_where_its_check_found_that_row(findings, expected, false):
    found = score(report(*findings), errors=[ALONE], set_aside=[])
    assert (counts(found)["alone"], alarms(found)) == (expected, false)


def test_a_part_of_the_key_is_enough_and_a_finding_in_another_table_needs_the_person_alone():
    errors = [
        error("ended", found_by="K303", table="schooling", row_key="from_date=2021-08-17"),
        error("lost", found_by="K612", table="credentials", row_key="date=2024-06-01", person="b"),
    ]
    found = report("K303 schooling a school_form=np from_date=2021-08-17", "K612 persons b")
    assert counts(score(found, errors=errors, set_aside=[])) == {"ended": (1, 1, 0), "lost": (1, 1, 0)}


def test_any_of_the_checks_that_should_find_an_error_is_enough_and_it_counts_once():
    one = error("either", found_by="K701 K612", table="registrations", row_key="spell=1")
    found = report("K701 contacts a contact=1", "K701 contacts a contact=2", "K612 persons a")
    assert counts(score(found, errors=[one], set_aside=[])) == {"either": (1, 1, 0)}


def test_what_may_follow_from_an_error_is_no_false_alarm_but_does_not_find_it():
    one = error("lost", found_by="K803", also="K705", row_key="intervention_number=1", other_person="b")
    found = score(
        report("K705 contacts a contact=5", "K705 contacts b contact=1", "K705 contacts c contact=1"),
        errors=[one],
        set_aside=[],
    )
    assert (counts(found), alarms(found)) == ({"lost": (1, 0, 1)}, {"K705": 1})


def test_a_finding_without_a_person_is_explained_by_the_key_of_its_row():
    one = error("early", found_by="K206", table="surveys", row_key="survey_number=1", person="")
    found = report("K206 surveys - instrument=aim survey_number=1", "K206 surveys - instrument=aim survey_number=2")
    told = score(found, errors=[one], set_aside=[])
    assert (counts(told), alarms(told)) == ({"early": (1, 1, 0)}, {"K206": 1})


ASIDE = [
    SetAsideRow("kontakter.csv", 7, "a", ("OKAND_KOD",)),
    SetAsideRow("kontakter.csv", 8, "a", ("DUBBLETT",)),
    SetAsideRow("kaa.csv", 7, "b", ("OKAND_KOD", "OGILTIGT_TAL")),
]


@pytest.mark.parametrize(
    ("one", "expected", "false"),
    [
        (error("code", found_by="K103:OKAND_KOD", lines="7"), (1, 1, 0), {"K101": 1, "K103": 1}),
        (error("code", found_by="K103:OGILTIGT_DATUM", lines="7"), (1, 0, 1), {"K101": 1, "K103": 1}),
        (error("code", found_by="K103:OKAND_KOD", lines="6"), (1, 0, 1), {"K101": 1, "K103": 1}),
        (error("twice", found_by="K101:DUBBLETT", lines="8 9"), (1, 1, 0), {"K103": 2}),
        (error("gone", found_by="K101:DUBBLETT"), (1, 1, 0), {"K103": 2}),
        (error("gone", found_by="K101:DUBBLETT", person="c"), (1, 0, 1), {"K101": 1, "K103": 2}),
        (error("code", found_by="K103:OKAND_KOD", file="kaa.csv", lines="7", person="c", also="K101"), (1, 1, 0), {"K101": 1, "K103": 1}),
    ],
    ids=["its line", "another reason", "another line", "one of two lines", "by person where the row is gone", "another person", "the line whose person cannot be read"],
)  # fmt: skip
def test_a_row_set_aside_is_found_by_line_and_reason(one, expected, false):
    found = score(report(), errors=[one], set_aside=ASIDE)
    assert (counts(found), alarms(found)) == ({one.kind: expected}, false)


@pytest.mark.parametrize(
    ("counted", "expected", "false"), [(2, (2, 2, 0), {}), (1, (2, 1, 1), {}), (5, (2, 2, 0), {"K106": 3})]
)
def test_a_check_that_only_counts_finds_as_many_as_it_counts(counted, expected, false):
    found = score(report(counted=counted), errors=[error("sensitive", found_by="K106")] * 2, set_aside=[])
    assert (counts(found), alarms(found)) == ({"sensitive": expected}, false)


def test_errors_that_cannot_be_told_or_are_read_right_are_never_missed():
    errors = [error("wrong", cannot_be_told="alla är möjliga"), error("mark", read_right="märket känns igen")]
    found = score(report(), errors=errors, set_aside=[])
    assert [(kind.fate, kind.n_injected, kind.n_found, kind.n_missed, kind.why) for kind in found.kinds] == [
        (Fate.CANNOT_BE_TOLD, 1, 0, 0, "alla är möjliga"),
        (Fate.READ_RIGHT, 1, 0, 0, "märket känns igen"),
    ]


def test_without_errors_every_finding_is_a_false_alarm():
    found = score(report("K702 contacts a contact=3", counted=1), errors=[], set_aside=ASIDE)
    assert found.kinds == ()
    assert alarms(found) == {"K101": 1, "K103": 2, "K106": 1, "K702": 1}
    assert list(found.false_alarms) == list(catalogue())


def test_a_check_that_was_not_run_has_passed_nothing():
    found = score(report(not_run="K206 K921"), errors=[ALONE], set_aside=[])
    assert found.not_run == ("K206", "K921")
    assert list(found.false_alarms) == [check for check in catalogue() if check not in found.not_run]


RUN = [check for check in catalogue() if check != "K921"]
TOLD = Score(
    "påhittat",
    (
        KindScore("alone", "Hembesök av en", Fate.FOUND, 12, 11, ("K702",)),
        KindScore("code", "Okänd kod", Fate.FOUND, 3, 3, ("K103:OKAND_KOD",)),
        KindScore("wrong", "Fel kanal", Fate.CANNOT_BE_TOLD, 2, why="Alla kanaler är möjliga."),
        KindScore("mark", "Märke först", Fate.READ_RIGHT, 1, why="Märket känns igen."),
    ),
    {**dict.fromkeys(RUN, 0), "K502": 4},
    ("K921",),
)


def test_a_score_is_told_kind_by_kind_and_then_the_alarms():
    assert score_listing(TOLD).splitlines() == [
        "Kontrollerna mot de fel som lades in i påhittat",
        "  id    fel             inlagda  funna  missade",
        "  K702  Hembesök av en       12     11        1",
        "  K103  Okänd kod             3      3        0",
        "        alla                 15     14        1",
        "",
        "Falska larm (rader):",
        "    K502 Födelsedag som inte är personnumrets: 4",
        "Inga falska larm i 46 andra kontroller.",
        "Inte körda: K921.",
        "",
        "Fel som inte går att skilja från sanningen:",
        "  Fel kanal (2): Alla kanaler är möjliga.",
        "",
        "Fel som läses rätt:",
        "  Märke först (1): Märket känns igen.",
    ]


def test_a_silent_register_is_told_in_two_lines():
    assert score_listing(Score("clean", (), dict.fromkeys(catalogue(), 0))).splitlines() == [
        "Kontrollerna mot de fel som lades in i clean",
        "  id  fel   inlagda  funna  missade",
        "      alla        0      0        0",
        "",
        "Inga falska larm i 48 kontroller.",
    ]


def test_the_page_shows_the_registers_beside_each_other():
    clean = Score("clean", (), dict.fromkeys(catalogue(), 0))
    lines = score_page([clean, TOLD]).splitlines()
    assert lines[lines.index("## Fel som ska hittas") :] == [
        "## Fel som ska hittas",
        "",
        "| fel | hittas av | clean | påhittat |",
        "| --- | --- | --- | --- |",
        "| Hembesök av en | K702 | – | **11 av 12** |",
        "| Okänd kod | K103:OKAND_KOD | – | 3 av 3 |",
        "| alla |  | 0 av 0 | 14 av 15 |",
        "",
        "## Falska larm",
        "",
        "| kontroll | clean | påhittat |",
        "| --- | --- | --- |",
        "| K502 Födelsedag som inte är personnumrets | 0 | 4 |",
        "",
        "Inte körda i påhittat: K921.",
        "",
        "## Fel som inte går att skilja från sanningen",
        "",
        "| fel | varför | clean | påhittat |",
        "| --- | --- | --- | --- |",
        "| Fel kanal | Alla kanaler är möjliga. | – | 2 |",
        "",
        "## Fel som läses rätt",
        "",
        "| fel | varför | clean | påhittat |",
        "| --- | --- | --- | --- |",
        "| Märke först | Märket känns igen. | – | 1 |",
    ]


def test_the_page_of_silent_registers_says_so():
    clean = Score("clean", (), dict.fromkeys(catalogue(), 0))
    assert score_page([clean]).count("Inga i de här registren.") == 3
    assert "Inga falska larm i något av registren." in score_page([clean])


def test_the_list_is_read_with_pseudonyms(tmp_path):
    secure = SecureFolder(tmp_path)
    (secure.truth / "demo").mkdir(parents=True)
    columns = (
        "KIND;NAME;FILE;LINES;TABLE;ROW_KEY;IDENTITY;OTHER_IDENTITY;FOUND_BY;ALSO;CANNOT_BE_TOLD;READ_RIGHT;DETAIL"
    )
    row = "twice;Två gånger;kaa.csv;4 5;registrations;spell=1;i;;K101:DUBBLETT;K701 K705;;;rad tillagd"
    (secure.truth / "demo" / "errors.csv").write_text(f"{columns}\n{row}\n", encoding="utf-8")
    assert known_errors("demo", secure=secure, pseudonym_of=str.upper) == (
        KnownError(
            "twice",
            "Två gånger",
            "kaa.csv",
            (4, 5),
            "registrations",
            "spell=1",
            "I",
            "",
            ("K101:DUBBLETT",),
            ("K701", "K705"),
            "",
            "",
        ),
    )


def test_rows_set_aside_are_read_with_pseudonyms_and_every_reason(tmp_path):
    secure = SecureFolder(tmp_path)
    (secure.problems / "demo").mkdir(parents=True)
    (secure.problems / "demo" / "kaa.csv").write_text(
        "ORSAK;RAD;PERSONNUMMER\nLOPNR:OGILTIGT_TAL PERSONNUMMER+LOPNR:DUBBLETT;7;i\n", encoding="utf-8-sig"
    )
    (secure.problems / "demo" / "skolor.csv").write_text(
        "ORSAK;RAD;SKOLENHET\nSTADSDEL:OKAND_KOD;2;90\n", encoding="utf-8"
    )
    assert set_aside_rows("demo", n_rows=2, secure=secure, pseudonym_of=str.upper) == (
        SetAsideRow("kaa.csv", 7, "I", ("OGILTIGT_TAL", "DUBBLETT")),
        SetAsideRow("skolor.csv", 2, "", ("OKAND_KOD",)),
    )


def test_a_register_without_a_list_of_errors_cannot_be_scored(tmp_path):
    with pytest.raises(ExtractError) as raised:
        known_errors("demo", secure=SecureFolder(tmp_path), pseudonym_of=str)
    assert raised.value.message().splitlines() == [
        "Bara ett påhittat register, där felen är kända, kan poängsättas.",
        "  – ingen lista över inlagda fel för uttaget: truth/demo/errors.csv finns inte i den säkra mappen",
        'Gör så här: gör ett påhittat register med "kaa synth", eller kontrollera uttaget utan --score',
    ]
