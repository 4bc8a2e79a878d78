"""The gate on one file edited by hand: what the author has changed is held against the report that the file comes from."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kaa_analysis.core.collection import collection_paused
from kaa_analysis.core.errors import BundleError, UsageError
from kaa_analysis.core.provenance import hash_bytes, hash_file
from kaa_analysis.disclosure.store import EQUATIONS
from kaa_analysis.render.bundle import AREA_STORES, AREA_WORKBOOK, CLOCK, DIFFERENCE, MANIFEST
from kaa_analysis.render.gate.binding import Binding, Original, Unbound
from kaa_analysis.render.gate.companion_pages import earlier_bundle
from kaa_analysis.render.gate.expectation import Expectation, expectation_of
from kaa_analysis.render.gate.office_parts import picture_parts
from kaa_analysis.render.gate.scan import Forbidden, refuse_traces_in
from kaa_analysis.render.gate.unbound import DATA, REVIEW, bind_file, refuse_found
from kaa_analysis.render.plan import PLAN, STORE

PAGE, PRINT, WORD, WORKBOOK = "report.html", "report.pdf", "report.docx", "tables.xlsx"
BY_KIND: Mapping[str, str] = {".docx": WORD, ".html": PAGE, ".htm": PAGE, ".pdf": PRINT, ".xlsx": WORKBOOK}
"""Which file of a bundle a file of each kind is taken to be, unless its name says otherwise."""

PICTURE = "en bild som inte är rapportens; tal i den kan inte läsas"
EXPECTED = "En fil som har ändrats för hand får inte säga andra tal än rapporten, och inte på andra ställen."
ACTION = (
    "ändra tillbaka tabellceller och meningar till vad rapporten säger, och ta bort tal ur egen text; hänvisa i stället till stället där talet "
    "står, till exempel: se Tabell 3. Egna stycken med tal ur rapporten går ännu inte att skriva"
)
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Passed:
    """What was looked at in a file without finding anything. ``left_out`` are the titles of tables that the file no longer has."""

    file: str
    tables: int
    bound: int
    structural: Mapping[str, int]
    left_out: tuple[str, ...]


def refuse_edits(path: Path, *, bundle: Path, forbidden: Forbidden, progress: Progress) -> Passed:
    """Refuse a file in which a number is not that of the released cell at its place, or which holds a trace of a person or machine.

    Raises:
        UsageError: it is of a kind that no report has.
        BundleError: the report's own store, plan or page is not what its manifest says.
        DisclosureError: there is such a number, trace or picture. Places and kinds are told, never what stands there.
    """
    name = file_in_bundle(path, bundle)
    progress("läser rapporten som filen hör till")
    _refuse_damaged(bundle)
    expected = expectation_of(bundle)
    progress(f"läser {path.name} och söker spår av personer och datorer")
    refuse_traces_in(path, forbidden=Forbidden(forbidden.pseudonyms, forbidden.paths, forbidden.runs | {expected.run}))
    progress("binder varje tal till den visade cellen på dess plats")
    with collection_paused():
        original = _original(bundle, expected)
        found = bind_file(
            path, bundle=bundle, expected=expected, earlier=earlier_bundle(bundle), name=name, original=original
        )
    pictures = [Unbound(path.name, place, PICTURE) for place in _foreign_pictures(path, bundle)]
    refuse_found(
        [*(Unbound(path.name, one.place, one.kind) for one in found.found), *pictures], expected=EXPECTED, action=ACTION
    )
    return _passed(found, name, path, expected)


def _passed(found: Binding, name: str, path: Path, expected: Expectation) -> Passed:
    shown = [one for one in expected.exhibits if one.form.startswith("table") and one.is_table]
    reports = name in (WORD, PAGE, PRINT)
    left_out = tuple(one.table.title for one in shown if one.slug not in found.tables) if reports else ()
    return Passed(path.name, len(found.tables), found.bound, dict(found.structural), left_out)


def file_in_bundle(path: Path, bundle: Path) -> str:
    """Return the name of the file of a bundle that ``path`` is a copy of, by its name, else by its kind.

    Raises:
        UsageError: a report has no such file.
    """
    suffix = path.suffix.lower()
    names = [path.name, f"{DATA}/{path.name}", f"figures/{path.name}"]
    known = [name for name in names if (bundle / name).is_file() and name not in (MANIFEST, PLAN, CLOCK)]
    if path.name in (REVIEW, DIFFERENCE, EQUATIONS) or known:
        return (known or [path.name])[0]
    if suffix == ".xlsx" and Path(AREA_WORKBOOK).stem in path.stem and (bundle / AREA_WORKBOOK).is_file():
        return AREA_WORKBOOK
    if suffix in BY_KIND:
        return BY_KIND[suffix]
    raise UsageError(
        "Filen ska vara en av rapportens: Word, Excel, PDF, HTML, CSV eller SVG.",
        found=f"{path.name}: inget sådant slag eller namn i rapporten",
        action="spara Word-filer som .docx och Excel-filer som .xlsx; låt CSV och SVG heta som i rapporten",
    )


def bundle_of(path: Path, *, given: Path | None) -> Path:
    """Return the report that a file belongs to: the given one, the one it lies in, or the only one beside it.

    Raises:
        UsageError: there is none, or more than one.
    """
    if given is not None:
        if not _is_bundle(given):
            raise UsageError(
                "Mappen efter --rapport ska vara en rapport.", action="ange mappen reports/rapport/period/körning"
            )
        return given
    folder = path.resolve().parent
    above = next((one for one in (folder, *folder.parents) if _is_bundle(one)), None)
    beside = [one for one in sorted(folder.iterdir()) if one.is_dir() and _is_bundle(one)] if above is None else []
    if above is None and len(beside) != 1:
        raise UsageError(
            "Filen behöver en rapport att jämföras med.",
            found="ingen rapport i mappen där filen ligger"
            if not beside
            else f"{len(beside)} rapporter i mappen där filen ligger",
            action="lägg till --rapport med mappen reports/rapport/period/körning",
        )
    return above or beside[0]


def _is_bundle(folder: Path) -> bool:
    return all((folder / name).is_file() for name in (MANIFEST, PLAN)) and (folder / STORE).is_dir()


def _refuse_damaged(bundle: Path) -> None:
    """Refuse a bundle whose store, plan or page is changed: the edited file itself may lie in its place there."""
    try:
        hashes = json.loads((bundle / MANIFEST).read_bytes())["files"]
        needed = sorted(name for name in hashes if name == PLAN or name.startswith((f"{STORE}/", f"{AREA_STORES}/")))
        wrong = [name for name in needed if not (bundle / name).is_file() or hash_file(bundle / name) != hashes[name]]
    except (OSError, ValueError, KeyError, TypeError):
        wrong = [MANIFEST]
    if wrong:
        raise BundleError(
            "Rapporten som filen jämförs med ska vara hel.", found=wrong, action="gör om rapporten med kaa report"
        )


def _original(bundle: Path, expected: Expectation) -> Original | None:
    """Return how the report's texts and tables were made, from its own page; None where the page itself is not whole."""
    hashes = json.loads((bundle / MANIFEST).read_bytes())["files"]
    page = bundle / PAGE
    if not page.is_file() or hash_file(page) != hashes.get(PAGE):
        return None
    made = bind_file(page, bundle=bundle, expected=expected, earlier=None)
    return Original(made.texts, made.layouts)


def _foreign_pictures(path: Path, bundle: Path) -> Iterator[str]:
    """Give where a file holds a picture made of dots that the report does not."""
    content, suffix = path.read_bytes(), path.suffix.lower()
    if suffix in (".docx", ".xlsx"):
        own = bundle / BY_KIND[suffix]
        known = (
            {hash_bytes(picture) for picture in picture_parts(own.read_bytes()).values()} if own.is_file() else set()
        )
        known |= _drawn(bundle)
        yield from (
            name for name, picture in sorted(picture_parts(content).items()) if hash_bytes(picture) not in known
        )
    elif suffix == ".pdf":
        yield from _pictures_of_pdf(content)
    elif any(
        mark in content for mark in (b"data:image/png", b"data:image/jpeg", b"data:image/gif", b"data:image/webp")
    ):
        yield "inbäddad bild"


def _drawn(bundle: Path) -> set[str]:
    return {hash_file(picture) for picture in bundle.rglob("*.png")}


def _pictures_of_pdf(content: bytes) -> Iterator[str]:
    from pypdf import PdfReader

    for number, page in enumerate(PdfReader(io.BytesIO(content)).pages, start=1):
        if len(page.images):
            yield f"sida {number}"
