"""The secure folder: extracts, register, problem files, executed notebooks, temporary files. Nothing in it is ever published."""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kaa_analysis.core.errors import SecureFolderError

ENVIRONMENT_VARIABLE = "KAA_SECURE"
KEY_VARIABLE = "KAA_KEY"
DEFAULT = Path(".secure")
PRIVATE = 0o700
KEY_BYTES = 32


@dataclass(frozen=True)
class SecureFolder:
    """A folder of mode 0700 and the places inside it."""

    path: Path

    @property
    def extracts(self) -> Path:
        """Extracts as delivered, one folder each."""
        return self.path / "extracts"

    @property
    def registers(self) -> Path:
        """Registers read from extracts, one folder each."""
        return self.path / "registers"

    @property
    def problems(self) -> Path:
        """Rows that could not be read, one folder per extract."""
        return self.path / "problems"

    @property
    def runs(self) -> Path:
        """Executed notebooks and unprotected results."""
        return self.path / "runs"

    @property
    def logs(self) -> Path:
        """Full texts of foreign errors."""
        return self.path / "logs"

    def pseudonym_key(self) -> bytes:
        """Return the pseudonym key, made at first use; it lies in ``keys/`` or where ``KAA_KEY`` points."""
        place = Path(os.environ[KEY_VARIABLE]) if KEY_VARIABLE in os.environ else self.path / "keys" / "pseudonym.key"
        if place.resolve().is_relative_to(self.extracts.resolve()):
            raise SecureFolderError(
                "Nyckeln får aldrig ligga bland uttagen.", action=f"flytta den och peka ut den med {KEY_VARIABLE}"
            )
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
            write_atomically(place, secrets.token_bytes(KEY_BYTES))
        key = place.read_bytes()
        if len(key) < KEY_BYTES:
            raise SecureFolderError("Pseudonymnyckeln ska vara minst 32 byte.", found=f"{len(key)} byte")
        return key

    @contextmanager
    def temporary(self, prefix: str) -> Iterator[Path]:
        """Give a private temporary folder inside the secure folder and remove it afterwards."""
        parent = self.path / "tmp"
        parent.mkdir(exist_ok=True, mode=PRIVATE)
        with tempfile.TemporaryDirectory(prefix=prefix, dir=parent) as folder:
            yield Path(folder)


def secure_folder() -> SecureFolder:
    """Return the secure folder named by ``KAA_SECURE`` (default ``./.secure``), made if missing, refused if open to others."""
    path = Path(os.environ.get(ENVIRONMENT_VARIABLE) or DEFAULT).resolve()
    try:
        path.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
    except OSError as error:
        raise SecureFolderError(
            "Den säkra mappen kunde inte skapas.",
            found=type(error).__name__,
            action=f"kontrollera {ENVIRONMENT_VARIABLE}",
        ) from None
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        raise SecureFolderError(
            "Den säkra mappen ska vara stängd för alla utom ägaren (läge 0700).",
            found=f"läge {mode:04o}",
            action=f"chmod 700 på mappen som {ENVIRONMENT_VARIABLE} pekar ut",
        )
    return SecureFolder(path)


def write_atomically(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write ``content`` to ``path`` so that a reader sees the old file or the new one, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
