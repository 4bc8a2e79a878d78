"""A frozen protocol stays as it was frozen: what is changed, exchanged or taken away is noticed."""

from __future__ import annotations

import json

import pytest

from kaa_analysis.core.errors import ProtocolError
from kaa_analysis.evaluation.protocols.freezing import freeze, known_protocol, note_outcome_read, obstacles
from kaa_analysis.evaluation.protocols.frozen_record import frozen_file, frozen_folder, frozen_records
from kaa_analysis.evaluation.protocols.protocol import content_hash
from kaa_analysis.evaluation.protocols.protocol_changes import protocol_changes
from tests.unit.protocol_project import NAME, ProtocolProject, protocol_project

DECISION = 'decisions:\n  - {reference: "PÅHITTAD 1", date: "2024-02-29", by: Demonstrationsnämnden}\n'


@pytest.fixture
def project(tmp_path) -> ProtocolProject:
    """A project with the protocol of Aim."""
    return protocol_project(tmp_path)


def refused(project: ProtocolProject) -> ProtocolError:
    with pytest.raises(ProtocolError) as error:
        project.freeze()
    return error.value


def files(project: ProtocolProject) -> dict[str, bytes]:
    folder = frozen_folder(NAME, root=project.root)
    return {path.name: path.read_bytes() for path in folder.glob("*")} if folder.exists() else {}


def test_a_protocol_is_not_frozen_until_it_is(project):
    assert (project.known().is_frozen, project.known().is_changed) == (False, False)
    assert project.known().why_not_frozen() == ("protokollet aim är inte fryst",)
    known = project.freeze()
    assert known.is_frozen
    assert project.known().is_frozen
    assert project.known().hash == known.hash == known.frozen.hash
    assert project.known().why_not_frozen() == ()


def test_the_record_holds_the_content_and_can_be_read_by_anyone(project):
    record = project.freeze().frozen
    path = frozen_file(NAME, 1, root=project.root)
    written = json.loads(path.read_text(encoding="utf-8"))
    assert written["content"] == project.read().content()
    assert (written["name"], written["version"], written["previous"]) == (NAME, 1, None)
    assert content_hash(NAME, written["content"]) == record.hash
    assert path.stat().st_mode & 0o777 == 0o644


def test_freezing_again_changes_nothing(project):
    project.freeze()
    before = files(project)
    project.freeze()
    assert files(project) == before


def test_a_changed_protocol_is_noticed_and_told_field_by_field(project):
    project.freeze()
    project.change("horizon_months: 12", "horizon_months: 6")
    project.change("  arstid:\n", "  arstiden:\n")
    known = project.known()
    assert (known.is_frozen, known.is_changed) == (False, True)
    assert "estimand.horizon_months: 12 → 6" in known.changes
    assert "covariates.arstid.adjusted: borttaget: true" in known.changes
    assert "covariates.arstiden.adjusted: tillagt: true" in known.changes
    assert known.why_not_frozen()[0] == "protokollet aim är ett annat än version 1, som frystes"


def test_another_content_does_not_freeze_under_the_same_version(project):
    project.freeze()
    before = files(project)
    project.change("seed: 20250131", "seed: 1")
    error = refused(project)
    assert error.found == ("analysis.seed: 20250131 → 1",)
    assert "skriv version: 2" in error.action
    assert error.exit_code == 10
    assert files(project) == before


def test_another_content_freezes_as_the_next_version_and_the_first_stays(project):
    first = project.freeze().frozen
    before = files(project)
    project.change("seed: 20250131", "seed: 1")
    project.change("version: 1", "version: 2")
    second = project.freeze().frozen
    assert second.changes == ("analysis.seed: 20250131 → 1", "version: 1 → 2")
    assert second.previous == first.own_hash()
    assert files(project)["1.json"] == before["1.json"]
    assert [record.version for record in frozen_records(NAME, root=project.root)] == [1, 2]


@pytest.mark.parametrize(("version", "told"), [("3", "skriv version: 2"), ("2", "skriv version: 1")])
def test_versions_follow_each_other_and_differ_in_more_than_their_number(project, version, told):
    project.freeze()
    project.change("version: 1", f"version: {version}")
    assert refused(project).action == told


def test_the_first_version_is_number_one(project):
    project.change("version: 1", "version: 2")
    assert refused(project).action == "skriv version: 1"


def test_an_earlier_version_put_back_is_not_the_frozen_one(project):
    old = project.path.read_text(encoding="utf-8")
    project.freeze()
    project.change("seed: 20250131", "seed: 1")
    project.change("version: 1", "version: 2")
    project.freeze()
    project.path.write_text(old, encoding="utf-8")
    assert project.known().is_changed
    assert "skriv version: 3" in refused(project).action


@pytest.mark.parametrize("assignment", ["alternated", "randomised"])
def test_who_decides_by_turn_or_lot_what_youths_get_needs_a_decision(project, assignment):
    project.change("\nassignment: observed", f"\nassignment: {assignment}")
    assert obstacles(project.read(), day="2025-01-01")
    (found,) = refused(project).found
    assert found.startswith("decisions: den som låter turen eller lotten avgöra")
    assert files(project) == {}
    project.change("decisions: []\n", DECISION)
    assert obstacles(project.read(), day="2024-02-28") == ("decisions[1].date: beslutet är inte fattat ännu",)
    assert project.freeze().is_frozen


class TestTampering:
    def test_a_record_that_was_edited_is_noticed(self, project):
        project.freeze()
        path = frozen_file(NAME, 1, root=project.root)
        path.write_text(path.read_text(encoding="utf-8").replace("20250131", "1"), encoding="utf-8")
        with pytest.raises(ProtocolError) as error:
            project.known()
        assert error.value.found == ("aim: version 1 saknas eller är ändrad",)

    @pytest.mark.parametrize("content", ["", "{}", "[1]", "null", '{"changes": 1}'])
    def test_a_record_that_is_no_record_is_noticed(self, project, content):
        project.freeze()
        frozen_file(NAME, 1, root=project.root).write_text(content, encoding="utf-8")
        with pytest.raises(ProtocolError):
            project.known()

    def test_a_first_version_taken_away_is_noticed_by_the_second(self, project):
        project.freeze()
        project.change("seed: 20250131", "seed: 1")
        project.change("version: 1", "version: 2")
        project.freeze()
        frozen_file(NAME, 1, root=project.root).unlink()
        with pytest.raises(ProtocolError):
            frozen_records(NAME, root=project.root)

    def test_a_record_and_its_protocol_exchanged_together_are_noticed_in_the_room_where_it_was_frozen(
        self, project, tmp_path
    ):
        project.freeze()
        frozen_file(NAME, 1, root=project.root).unlink()
        with pytest.raises(ProtocolError) as error:
            project.known()
        assert error.value.found == ("aim: version 1 är borta eller en annan än den som frystes här",)
        other = protocol_project(tmp_path / "other")
        other.change("seed: 20250131", "seed: 1")
        other.freeze()
        project.path.write_bytes(other.path.read_bytes())
        frozen_file(NAME, 1, root=project.root).write_bytes(frozen_file(NAME, 1, root=other.root).read_bytes())
        with pytest.raises(ProtocolError):
            project.known()

    def test_what_was_frozen_in_another_room_holds_here(self, project, tmp_path):
        project.freeze()
        elsewhere = protocol_project(tmp_path / "other").secure
        assert known_protocol(NAME, root=project.root, secure=elsewhere).is_frozen
        assert freeze(NAME, root=project.root, secure=elsewhere).is_frozen

    def test_a_memory_that_cannot_be_read_stops(self, project):
        project.freeze()
        (project.secure.protocols / f"{NAME}.jsonl").write_text("{", encoding="utf-8")
        with pytest.raises(ProtocolError):
            project.known()


def test_a_version_frozen_after_an_outcome_was_read_says_so(project):
    known = project.freeze()
    assert not known.frozen.outcomes_were_read
    note_outcome_read(known, extract_hash="0" * 64, secure=project.secure)
    note_outcome_read(known, extract_hash="0" * 64, secure=project.secure)
    assert len((project.secure.protocols / f"{NAME}.jsonl").read_text().splitlines()) == 2
    project.change("seed: 20250131", "seed: 1")
    project.change("version: 1", "version: 2")
    assert project.freeze().frozen.outcomes_were_read


def test_what_is_interrupted_leaves_no_record(project, monkeypatch):
    def full(*_: object) -> None:
        raise OSError("disken är full")

    monkeypatch.setattr("kaa_analysis.core.secure_folder.os.fsync", full)
    with pytest.raises(OSError, match="full"):
        project.freeze()
    monkeypatch.undo()
    assert files(project) == {}
    assert not project.known().is_frozen


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"a": 1}, {"a": 1}, ()),
        ({"a": 1}, {"a": True}, ("a: 1 → true",)),
        ({"a": None}, {"a": "b"}, ("a: null → b",)),
        ({"a": ["x.y", "x.z"]}, {"a": ["x.y"]}, ("a: x.y, x.z → x.y",)),
        ({"a": ["en sak", "en till"]}, {"a": ["en sak"]}, ("a[2]: borttaget: en till",)),
        ({"a": []}, {"a": [{"b": 1}]}, ("a: borttaget: tomt", "a[1].b: tillagt: 1")),
        ({"a": "x" * 50}, {"a": "y" * 50}, ("a: ändrad text",)),
    ],
)
def test_changes_are_told_field_by_field(before, after, told):
    assert protocol_changes(before, after) == told
