"""A project with one protocol, as tests that read, change and freeze it begin with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kaa_analysis.core.secure_folder import PRIVATE, SecureFolder
from kaa_analysis.evaluation.protocols.freezing import KnownProtocol, freeze, known_protocol
from kaa_analysis.evaluation.protocols.protocol import Protocol
from kaa_analysis.evaluation.protocols.protocol_file import read_protocol

SHIPPED = Path(__file__).resolve().parents[2] / "params" / "protocols"
NAME = "aim"


@dataclass(frozen=True)
class ProtocolProject:
    """A project folder with the protocol `NAME`, and its secure folder."""

    root: Path
    secure: SecureFolder

    @property
    def path(self) -> Path:
        """The protocol's file."""
        return self.root / "params" / "protocols" / f"{NAME}.yaml"

    def change(self, before: str, after: str) -> None:
        """Replace a text that stands once in the protocol."""
        text = self.path.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times"
        self.path.write_text(text.replace(before, after), encoding="utf-8")

    def read(self) -> Protocol:
        """Read the protocol."""
        return read_protocol(NAME, root=self.root)

    def known(self) -> KnownProtocol:
        """Return the protocol with what is known of it."""
        return known_protocol(NAME, root=self.root, secure=self.secure)

    def freeze(self) -> KnownProtocol:
        """Freeze the protocol."""
        return freeze(NAME, root=self.root, secure=self.secure)


def protocol_project(folder: Path, *, like: str = "aim_12_manader") -> ProtocolProject:
    """Return a new project in ``folder`` with a copy of one of the shipped protocols."""
    root, secure = folder / "project", folder / "secure"
    (root / "params" / "protocols").mkdir(parents=True)
    (root / "notebooks").mkdir()
    secure.mkdir(mode=PRIVATE)
    project = ProtocolProject(root, SecureFolder(secure))
    project.path.write_bytes((SHIPPED / f"{like}.yaml").read_bytes())
    return project
