"""The secure folder: extracts, register, problem files, executed notebooks, temporary files. Nothing in it is ever published."""

from __future__ import annotations

import hmac
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kaa_analysis.core.errors import SecureFolderError
from kaa_analysis.core.project import find_project_root

ENVIRONMENT_VARIABLE = "KAA_SECURE"
KEY_VARIABLE = "KAA_KEY"
DEFAULT_NAME = ".secure"
PRIVATE = 0o700
PRIVATE_MASK = 0o077
"""The mask of new files with which whatever a process makes is for the owner alone."""
KEY_BYTES = 32
OPEN_FOLDERS = frozenset({"notebooks", "kaa_analysis", "params", "reports", "tests", "docs", ".git", ".venv"})
"""The project's folders that are versioned, published or replaced: nothing secret may lie in them."""


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
    def worklists(self) -> Path:
        """Work lists for case-workers, one folder per extract."""
        return self.path / "worklists"

    @property
    def truth(self) -> Path:
        """What is known of invented registers: their true counts and the errors put into them, one folder each. Never read by ingest or analyses."""
        return self.path / "truth"

    @property
    def protocols(self) -> Path:
        """What this room remembers of the protocols of evaluations: what was frozen, and when outcomes were first read. Nothing of any person."""
        return self.path / "protocols"

    @property
    def locks(self) -> Path:
        """Locks, so that two commands at once do not write the same thing."""
        return self.path / "locks"

    @property
    def runs(self) -> Path:
        """Executed notebooks and unprotected results."""
        return self.path / "runs"

    @property
    def bundle_records(self) -> Path:
        """What each bundle in its place was made of: hashes, parameters and details of the document, nothing of any person."""
        return self.path / "cache" / "bundles"

    @property
    def kept_results(self) -> Path:
        """Unprotected results kept from one run to the next, one folder per extract."""
        return self.path / "cache" / "results"

    def results_of(self, extract: str) -> Path:
        """Return where the results computed from an extract are kept."""
        return self.kept_results / extract

    @property
    def unfinished(self) -> Path:
        """A mark per run under way; the mark of a killed run stays."""
        return self.path / "cache" / "unfinished"

    def make_private(self, folder: Path) -> Path:
        """Make ``folder``, and every folder between it and this one, for the owner alone; return it."""
        for part in (*reversed(folder.relative_to(self.path).parents), folder.relative_to(self.path)):
            (self.path / part).mkdir(exist_ok=True, mode=PRIVATE)
        return folder

    @property
    def logs(self) -> Path:
        """Full texts of foreign errors."""
        return self.path / "logs"

    def pseudonym_key(self) -> bytes:
        """Return the pseudonym key: the file that ``KAA_KEY`` names, else ``keys/pseudonym.key``, made at first use.

        Raises:
            SecureFolderError: the key lies among the extracts, is shorter than 32 bytes or cannot be read, or the file
                that ``KAA_KEY`` names is not there. A named key is never made: a new key gives every person a new pseudonym.
        """
        named = os.environ.get(KEY_VARIABLE)
        place = self.path / "keys" / "pseudonym.key" if named is None else Path(named)
        if place.resolve().is_relative_to(self.extracts.resolve()):
            raise SecureFolderError(
                "Nyckeln får aldrig ligga bland uttagen.", action=f"flytta den och peka ut den med {KEY_VARIABLE}"
            )
        if named is None and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
            write_atomically(place, secrets.token_bytes(KEY_BYTES))
        return _read_key(place, named=named is not None)

    def key_fingerprint(self) -> str:
        """Return what tells one pseudonym key from another and says nothing of either.

        Raises:
            SecureFolderError: as `pseudonym_key`.
        """
        return hmac.new(self.pseudonym_key(), b"fingerprint", "sha256").hexdigest()

    @contextmanager
    def temporary(self, prefix: str) -> Iterator[Path]:
        """Give a private temporary folder inside the secure folder and remove it afterwards."""
        parent = self.path / "tmp"
        parent.mkdir(exist_ok=True, mode=PRIVATE)
        with tempfile.TemporaryDirectory(prefix=prefix, dir=parent) as folder:
            yield Path(folder)


def secure_folder() -> SecureFolder:
    """Return the secure folder: the one that ``KAA_SECURE`` names, else ``.secure`` in the project; made if missing.

    The working directory may lie anywhere inside the project.

    Raises:
        SecureFolderError: neither a project nor ``KAA_SECURE`` is there, the place is a file or cannot be made, or the
            folder is open to others than its owner.
    """
    path = _place()
    _refuse_inside_project(path)
    try:
        path.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
    except OSError as error:
        raise SecureFolderError(
            "Den säkra mappen kunde inte skapas.",
            found=_obstacle(error),
            action=f"peka ut en annan mapp med {ENVIRONMENT_VARIABLE}, eller rätta det som står i vägen",
        ) from None
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        raise SecureFolderError(
            "Den säkra mappen ska vara stängd för alla utom ägaren (läge 0700).",
            found=f"läge {mode:04o}",
            action=f"chmod 700 på den säkra mappen ({DEFAULT_NAME} i projektet eller den som {ENVIRONMENT_VARIABLE} pekar ut)",
        )
    return SecureFolder(path)


def _refuse_inside_project(path: Path) -> None:
    """Refuse a place that holds the project, or lies in one of its folders that are versioned or read by others."""
    root = find_project_root()
    if root is None:
        return
    in_a_folder = (
        path.is_relative_to(root)
        and path.relative_to(root).parts[:1]
        and path.relative_to(root).parts[0] in OPEN_FOLDERS
    )
    if in_a_folder or root.is_relative_to(path):
        raise SecureFolderError(
            "Den säkra mappen får inte ligga i projektets öppna mappar eller omfatta projektet.",
            action=f"använd {DEFAULT_NAME} i projektet, eller en mapp utanför det, med {ENVIRONMENT_VARIABLE}",
        )


def _place() -> Path:
    named = os.environ.get(ENVIRONMENT_VARIABLE)
    if named:
        return Path(named).resolve()
    root = find_project_root()
    if root is None:
        raise SecureFolderError(
            f"Utanför projektets mapp ska {ENVIRONMENT_VARIABLE} peka ut den säkra mappen.",
            found=f"{ENVIRONMENT_VARIABLE} är inte satt, och här finns inget projekt (en mapp med notebooks/ och params/)",
            action=f"byt till projektets mapp, eller sätt {ENVIRONMENT_VARIABLE} till den säkra mappens sökväg",
        )
    return (root / DEFAULT_NAME).resolve()


def _obstacle(error: OSError) -> str:
    if isinstance(error, FileExistsError):
        return "sökvägen leder till en fil, inte till en mapp"
    if isinstance(error, NotADirectoryError):
        return "sökvägen går genom en fil"
    if isinstance(error, PermissionError):
        return "du har inte rätt att skapa mappen där"
    return "platsen går inte att skriva till"


def _read_key(place: Path, *, named: bool) -> bytes:
    where = f"den fil som {KEY_VARIABLE} pekar ut" if named else f"keys/{place.name} i den säkra mappen"
    if not place.is_file():
        action = f"rätta {KEY_VARIABLE}, eller ta bort den för att använda nyckeln i den säkra mappen"
        raise SecureFolderError(
            f"Pseudonymnyckeln ska vara {where}.",
            found="där ligger en mapp"
            if place.is_dir()
            else "filen finns inte; en utpekad nyckel görs aldrig automatiskt",
            action=action if named else "flytta undan mappen",
        )
    try:
        key = place.read_bytes()
    except OSError:
        raise SecureFolderError(
            f"Pseudonymnyckeln ska gå att läsa: {where}.", action="kontrollera rättigheterna till filen"
        ) from None
    if os.name == "posix" and stat.S_IMODE(place.stat().st_mode) & 0o077:
        raise SecureFolderError(
            f"Pseudonymnyckeln ska vara stängd för alla utom ägaren (läge 0600): {where}.",
            found=f"läge {stat.S_IMODE(place.stat().st_mode):04o}",
            action="chmod 600 på filen, om ingen annan har kunnat läsa den",
        )
    if len(key) < KEY_BYTES:
        raise SecureFolderError(
            f"Pseudonymnyckeln ska vara minst {KEY_BYTES} byte: {where}.",
            found=f"{len(key)} byte",
            action="lägg tillbaka den rätta nyckeln",
        )
    return key


@contextmanager
def private_files() -> Iterator[None]:
    """Let every file and folder that this process makes be its owner's alone."""
    mask = os.umask(PRIVATE_MASK)
    try:
        yield
    finally:
        os.umask(mask)


def _make_folders(folder: Path, *, mode: int) -> None:
    """Make ``folder`` and those above it that are missing, every one with ``mode``."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(exist_ok=True, mode=mode)


def write_atomically(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write ``content`` to ``path`` so that a reader sees the old file or the new one, never a half.

    Folders that are missing are made for the owner alone if the file is.
    """
    _make_folders(path.parent, mode=0o777 if mode & 0o077 else PRIVATE)
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
