"""A protocol is read strictly: every problem is told in Swedish with its field and line, and never what is written there."""

from __future__ import annotations

import pytest

from kaa_analysis.core.errors import ParameterError
from kaa_analysis.evaluation.protocols.protocol import Protocol, protocol_hash
from kaa_analysis.evaluation.protocols.protocol_file import protocol_names, read_protocol
from kaa_analysis.evaluation.protocols.protocol_page import PAGE, protocol_page
from tests.unit.protocol_project import NAME, SHIPPED, ProtocolProject, protocol_project

ROOT = SHIPPED.parents[1]
SECRET = "19121212-1212"


@pytest.fixture
def project(tmp_path) -> ProtocolProject:
    """A project with the protocol of Aim."""
    return protocol_project(tmp_path)


def refused(project: ProtocolProject) -> tuple[str, ...]:
    with pytest.raises(ParameterError) as error:
        project.read()
    assert SECRET not in str(error.value)
    return error.value.found


def line_of(project: ProtocolProject, text: str) -> int:
    (line,) = [
        number for number, line in enumerate(project.path.read_text(encoding="utf-8").splitlines(), 1) if text in line
    ]
    return line


@pytest.mark.parametrize("name", protocol_names(ROOT))
def test_the_shipped_protocols_are_right_and_nobody_is_said_to_vouch_for_them(name):
    protocol = read_protocol(name, root=ROOT)
    assert protocol.unvouched == tuple(protocol.assumptions)
    assert protocol.outcomes[protocol.primary_outcome].ascertainment == "enrolment_match"
    assert protocol.decisions == ()


def test_every_field_is_described_in_swedish():
    parts, undescribed = [Protocol], []
    while parts:
        part = parts.pop()
        for name, field in part.model_fields.items():
            undescribed += [f"{part.__name__}.{name}"] * (not field.description)
            candidates = [field.annotation, *getattr(field.annotation, "__args__", ())]
            parts += [one for one in candidates if isinstance(one, type) and hasattr(one, "model_fields")]
    assert undescribed == []


def test_the_page_of_the_fields_is_the_one_that_the_model_gives():
    assert (ROOT / PAGE).read_text(encoding="utf-8") == protocol_page()


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("purpose: follow_up", "purpose: uppföljning", "purpose: värdet går inte – ändamålet: follow_up (uppföljning)"),
        ("contrast: att", "contrast: atu", "estimand.contrast: värdet går inte – i vilka effekten gäller"),
        ("balance_limit: 0.1", 'balance_limit: "0.1"', "analysis.balance_limit: värdet går inte – största"),
        ("balance_limit: 0.1", "balance_limit: 0.9", "analysis.balance_limit: värdet går inte – största"),
        ("seed: 20250131", "seed: true", "analysis.seed: värdet går inte – frö"),
        ("kind: aim", "kind: amm", "strategies.exposure: slaget (kind) är ingen kod i tabellen; koder: aim, coaching"),
        (
            "columns: [interventions.kind, interventions.accepted, interventions.start_date, interventions.end_date, interventions.consent]",
            "columns: [interventions.kin]",
            "strategies.exposure.columns[1]: en kolumn skrivs tabell.kolumn och ska finnas i registret",
        ),
        ("horizons_months: [3, 6, 12]", "horizons_months: [6, 6, 12]", "follow_up.horizons_months: en horisont står"),
        ("seed: 20250131", "sed: 20250131", "analysis.sed: fältet finns inte (menade du \"seed\"?)"),
        ("\nassignment: observed", "\nassignment: lottat", "assignment: värdet går inte – hur det avgjordes"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_used_is_told_with_its_field_and_line(project, before, after, told):
    project.change(before, after)
    found = refused(project)
    line = line_of(project, after.strip().splitlines()[0])
    assert any(text.partition(", ")[2].startswith(told) for text in found), found
    numbers = [int(text.split(",")[0].removeprefix("rad ")) for text in found]
    assert numbers == sorted(numbers)
    assert line in numbers or "exposure: " in told  # what two fields say together stands at the part that holds them


def test_all_problems_are_told_at_once_in_the_order_of_the_lines(project):
    project.change("purpose: follow_up", "purpose: x")
    project.change("  cluster: person\n", "")
    project.change("level: 0.95", "level: 2")
    assert [text.split(": ")[0].split(", ")[1] for text in refused(project)] == [
        "purpose",
        "analysis.cluster",
        "decision_rule.level",
    ]


def test_a_person_s_value_is_never_repeated_wherever_it_stands(project):
    project.change("question: Får", f"question: Får {SECRET}")
    project.change("  alder:", f"  {SECRET}:")
    project.change("purpose: follow_up", f"purpose: {SECRET}")
    project.change("seed: 20250131", f"seed: 1\n  {SECRET}: 1")
    found = "\n".join(refused(project))
    assert "1212" not in found
    assert "question: texten ser ut att innehålla ett personnummer" in found
    assert "covariates.(…): ett namn skrivs med a–z" in found
    assert "analysis.(…): fältet finns inte" in found


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([("purpose: follow_up", "purpose: research")], "ethics_reference: forskning (purpose: research) kräver"),
        ([("primary: true", "primary: false")], "outcomes: precis ett utfall ska vara primärt, inte 0"),
        ([("horizon_months: 12", "horizon_months: 9")], "estimand.horizon_months: estimandens horisont ska vara"),
        ([("event: first_reached", "event: registration")], "time_zero.event: när deltagandet kräver att ungdomen"),
        ([("strategy: sequential_trials", "strategy: none")], "strategies.exposure: exponeringen inträffar efter"),
        ([("strategy: sequential_trials", "strategy: time_varying")], "estimand.measure: hazard_ratio hör till"),
        ([("strategy: sequential_trials", "strategy: landmark")], "strategies.exposure: landmark_months anges med"),
        ([("dated: after_time_zero", "dated: before_time_zero")], "strategies.exposure: strategy ska vara none när"),
        ([("method: weighting", "method: randomised_difference")], "analysis.method: randomised_difference kräver"),
        (
            [("    columns: [schooling.school_form, schooling.from_date]\n    ascertainment: enrolment_match",
              "    columns: [contacts.outcome]\n    ascertainment: contact_reported")],
            "outcomes.studieplats: ett primärt utfall ska komma från samkörningen",
        ),
        (
            [("    columns: [schooling.school_form, schooling.from_date]\n", "    columns: [contacts.outcome]\n")],
            "outcomes.studieplats: samkörningen (enrolment_match) fyller bara credentials, school_cohorts, schooling, inte",
        ),
        (
            [("columns: [activities.kind, activities.from_date, activities.known_at]", "columns: [interventions.kind]")],
            "strategies.exposure.columns: en kolumn kan inte vara både exponering och utfall: interventions.kind",
        ),
        (
            [("measured: after\n    adjusted: false", "measured: after\n    adjusted: true")],
            "covariates.annat_stod: det som är känt först efteråt kan vara en följd av insatsen",
        ),
    ],
)  # fmt: skip
def test_fields_that_contradict_each_other_are_refused(project, changes, told):
    for before, after in changes:
        project.change(before, after)
    assert any(text.partition(", ")[2].startswith(told) for text in refused(project)), refused(project)


def test_research_with_an_ethics_reference_is_right(project):
    project.change("purpose: follow_up", "purpose: research")
    project.change("ethics_reference: null", 'ethics_reference: "påhittad 1"')
    assert project.read().purpose == "research"


def test_a_landmark_with_its_month_is_right(project):
    project.change("strategy: sequential_trials", "strategy: landmark")
    project.change("landmark_months: null", "landmark_months: 6")
    assert project.read().strategies.exposure.landmark_months == 6


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title: a\nversion: 1\n\tpurpose: [", "rad 3: filen är inte läsbar YAML i UTF-8, utan upprepningar med *"),
        ("title: a\ntitle: b\n", '"title" står mer än en gång i samma del'),
        ("a: &x [1]\nb: *x\n", "filen är inte läsbar YAML i UTF-8, utan upprepningar med *"),
        ("title: " + "[" * 100_000 + "]" * 100_000, "filen är inte läsbar YAML i UTF-8, utan upprepningar med *"),
        ("- a\n", "filen består inte av fält"),
        ("", "filen består inte av fält"),
        ("title: !!python/object:os.system x\n", "filen är inte läsbar YAML i UTF-8, utan upprepningar med *"),
        ("? [a, b]\n: 1\n", "filen är inte läsbar YAML i UTF-8, utan upprepningar med *"),
        ("title: .nan\n", "något annat, till exempel .nan eller en nyckel som inte är ett namn"),
    ],
    ids=range(9),
)
def test_what_is_no_protocol_is_refused(project, text, told):
    project.path.write_text(text, encoding="utf-8")
    (found,) = refused(project)
    assert found.removeprefix("rad 1: ") == told


@pytest.mark.parametrize("name", ["aimm", "../aim", "aim.yaml", "", "/etc/passwd", "frozen"])
def test_a_protocol_that_is_not_there_is_told_with_those_that_are(project, name):
    with pytest.raises(ParameterError) as error:
        read_protocol(name, root=project.root)
    assert error.value.found == (f"finns: {NAME}",)


class TestHash:
    def test_comments_order_of_fields_and_wrapping_change_nothing(self, project):
        before = protocol_hash(NAME, project.read())
        project.change(
            "purpose: follow_up\nethics_reference: null\n", "ethics_reference: null # ingen\npurpose: follow_up\n"
        )
        project.change(
            "columns: [contacts.date, contacts.outcome, contacts.responded_date]\n\nfollow_up",
            "columns: [contacts.responded_date, contacts.outcome,\n    contacts.date]\n\nfollow_up",
        )
        project.change(
            "Dagen för det första samtalet med den unga själv under",
            "Dagen för det första samtalet\n    med den unga själv under",
        )
        project.change("horizons_months: [3, 6, 12]", "horizons_months: [12, 3, 6]")
        assert protocol_hash(NAME, project.read()) == before

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("balance_limit: 0.1", "balance_limit: 0.2"),
            ("horizon_months: 12", "horizon_months: 6"),
            ("seed: 20250131", "seed: 20250132"),
            ("    - Varje del av staden utelämnad i tur och ordning.\n", ""),
            ("vägen till studier kan skilja sig mellan områdena.", "vägen till studier kan skilja sig mellan områden."),
        ],
    )
    def test_every_other_change_does(self, project, before, after):
        was = protocol_hash(NAME, project.read())
        project.change(before, after)
        assert protocol_hash(NAME, project.read()) != was

    def test_the_same_content_under_another_name_is_another_protocol(self, project):
        assert protocol_hash("a", project.read()) != protocol_hash("b", project.read())
