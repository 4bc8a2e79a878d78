"""`Extract`: files as delivered, copied once into the secure folder, hashed and never edited."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kaa_analysis.core.boundary import boundary
from kaa_analysis.core.errors import ExtractError, did_you_mean
from kaa_analysis.core.provenance import hash_value, hashes_in
from kaa_analysis.core.secure_folder import PRIVATE, SecureFolder, write_atomically
from kaa_analysis.ingest.column_names import shown
from kaa_analysis.ingest.extract_description import DESCRIPTION, Description, read_description
from kaa_analysis.ingest.half_year_editions import with_edition
from kaa_analysis.ingest.layout_files import composed, finished_layout_names, read_finished_layout, read_layout

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True)
class Extract:
    """One delivery in the secure folder.

    ``hashes`` holds the SHA-256 of every file by name. ``extract_date`` is None where the delivery note alone tells it. ``observed_from`` is the first day that the supplier's history
    covers, None where it is not told. ``supplements`` are the layouts of files from other senders, ``edition`` the half-year whose columns and
    codes a layout with editions has, ``invented`` whether the simulation wrote it.
    """

    name: str
    folder: Path
    layout: str
    extract_date: date | None
    hashes: Mapping[str, str]
    observed_from: date | None = None
    supplements: tuple[str, ...] = ()
    edition: str | None = None
    invented: bool = False

    @property
    def extract_hash(self) -> str:
        """One hash of all files, names included."""
        return hash_value(dict(self.hashes))

    @property
    def files(self) -> list[Path]:
        """The delivered files and whatever else lies in the folder, the description apart, by name."""
        return sorted(path for path in self.folder.iterdir() if path.name != DESCRIPTION)

    @property
    def finished_layouts(self) -> tuple[str, ...]:
        """The layouts of finished tables that were delivered with the extract."""
        return tuple(name for name in (self.layout, *self.supplements) if name in finished_layout_names())

    @property
    def register_files(self) -> list[Path]:
        """The files that feed a register: all but those of finished tables."""
        finished = {read_finished_layout(name).file for name in self.finished_layouts}
        return [path for path in self.files if path.name not in finished]


def add_extract(
    name: str,
    *,
    layout: str,
    files: Sequence[Path],
    extract_date: date | None,
    secure: SecureFolder,
    observed_from: date | None = None,
    supplements: Sequence[str] = (),
    edition: str | None = None,
    invented: bool = False,
) -> Path:
    """Copy delivered files into ``extracts/<name>`` of the secure folder and return that folder.

    ``observed_from`` is the first day from which the supplier's history is whole; periods before it cannot be reported. ``supplements``
    are the layouts of the files that come from other senders. ``edition`` is that of a layout with editions, by default the half-year
    that the day of extract closes; the history of such a file begins with its half-year unless something else is told. ``invented`` files hold
    no persons: with a layout that takes impossible identities alone they need no grants.

    The copies can be read by the owner alone, and the folder appears whole or not at all. Adding the same files again changes nothing.

    Raises:
        ExtractError: the name is not one, a file is missing, the day of extract is not told, or another extract has the name.
        ParameterError: there is no such layout, supplement or edition.
    """
    _check_name(name)
    if not _has_note(layout, supplements=supplements) and extract_date is None:
        raise ExtractError(
            f'Layouten "{layout}" har ingen leveransfil; uttagsdagen ska anges.', action="ange uttagsdagen"
        )
    _check_files(files)
    description = Description(
        layout, extract_date, observed_from, tuple(supplements), edition, invented
    ).with_half_year()
    if layout not in finished_layout_names():
        with_edition(read_layout(layout), edition=description.edition)
    with boundary("Kopieringen av uttaget", log_folder=secure.logs):
        secure.extracts.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
        folder = secure.extracts / name
        unfinished = Path(tempfile.mkdtemp(dir=secure.extracts, prefix=f".{name}."))
        try:
            _copy(files, unfinished, description=description)
            if folder.exists():
                _refuse_other(name, folder=folder, wanted=hashes_in(unfinished))
            else:
                unfinished.rename(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def open_extract(name: str, *, secure: SecureFolder) -> Extract:
    """Return the extract called ``name`` with the hash of its files.

    Raises:
        ExtractError: there is no such extract, or its description is not readable.
    """
    _check_name(name)
    folder = secure.extracts / name
    if not folder.is_dir():
        there = sorted(path.name for path in secure.extracts.glob("[a-z0-9]*")) if secure.extracts.is_dir() else []
        raise ExtractError(
            f'Uttaget "{name}" finns inte i den säkra mappen{did_you_mean(name, there)}.',
            action='hämta in ett uttag med "kaa extract", eller gör demonstrationsregistret med "kaa synth demo"',
        )
    told = read_description(folder)
    return Extract(
        name,
        folder,
        told.layout,
        told.extract_date,
        hashes_in(folder),
        told.observed_from,
        told.supplements,
        told.edition,
        told.invented,
    )


def discard_invented(name: str, *, secure: SecureFolder) -> None:
    """Remove the extract called ``name`` if its layout takes invented identities alone, so that it can be written anew.

    The results computed from it go too.

    Raises:
        ExtractError: the name is not one, or the extract is of another layout; a delivered extract is never removed.
    """
    _check_name(name)
    if not (secure.extracts / name).is_dir():
        _discard_results(name, secure=secure)
        return
    extract = open_extract(name, secure=secure)
    if extract.layout in finished_layout_names() or read_layout(extract.layout).identity != "synthetic":
        raise ExtractError(
            f'Uttaget "{name}" är inte påhittat och skrivs inte över.', action="byt namn på det i den säkra mappen"
        )
    _discard_results(name, secure=secure)
    shutil.rmtree(extract.folder)


def _discard_results(name: str, *, secure: SecureFolder) -> None:
    if secure.results_of(name).exists():
        shutil.rmtree(secure.results_of(name))


def _has_note(layout: str, *, supplements: Sequence[str]) -> bool:
    if layout in finished_layout_names() and not supplements:
        return False
    return composed(read_layout(layout), supplements=supplements).delivery_note is not None


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise ExtractError(
            "Ett uttags namn ska bestå av små bokstäver a–z, siffror, streck och understreck, högst 40 tecken.",
            action="välj ett annat namn",
        )


def _check_files(files: Sequence[Path]) -> None:
    names = [path.name for path in files]
    found = [f"{shown(path.name)} finns inte eller är ingen fil" for path in files if not path.is_file()]
    found += [f"{shown(name)} anges flera gånger" for name in dict.fromkeys(names) if names.count(name) > 1]
    found += [f"{DESCRIPTION} skrivs av verktyget och kan inte levereras"] * (DESCRIPTION in names)
    if found or not files:
        raise ExtractError("Uttagets filer ska finnas och ha var sitt namn.", found=found or "inga filer angavs")


def _copy(files: Sequence[Path], folder: Path, *, description: Description) -> None:
    for path in files:
        shutil.copyfile(path, folder / path.name)
        (folder / path.name).chmod(0o600)
    write_atomically(folder / DESCRIPTION, description.as_yaml())


def _refuse_other(name: str, *, folder: Path, wanted: Mapping[str, str]) -> None:
    if hashes_in(folder) != wanted:
        raise ExtractError(
            f'Det finns redan ett annat uttag med namnet "{name}".',
            action="välj ett annat namn; ett uttag ändras aldrig",
        )
