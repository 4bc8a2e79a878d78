"""The page about every kind of error (``docs/felkatalog.md``), generated from the catalogue.

``python -m kaa_analysis.synthetic.errors.error_page`` writes it anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kaa_analysis.core.project import project_root
from kaa_analysis.core.secure_folder import write_atomically
from kaa_analysis.synthetic.errors.error_kinds import (
    CLEAN,
    PROFILES,
    ErrorKind,
    Origin,
    error_kinds,
    not_from_raw_files,
)
from kaa_analysis.synthetic.errors.injected_error import KEYS

PAGE = Path("docs") / "felkatalog.md"

INTRODUCTION = """# Fel som läggs in i påhittade register

*Sidan skrivs av `python -m kaa_analysis.synthetic.errors.error_page` och ändras inte för hand.*

I ett påhittat register är det känt vad som är rätt. När fel läggs in i råfilerna med en lista över vad som gjordes går det att mäta vad kontrollerna
(`docs/kontroller.md`) hittar: `kaa check NAMN --score` jämför fynden med listan och visar inlagda, funna, missade och falska larm. Listan ligger i
`truth/NAMN/errors.csv` i den säkra mappen. Varken inläsningen eller analyserna läser den.

* **clean** – inga fel
* **typical** – som register brukar vara
* **awful** – som de värsta som har setts

Andelen står per fel och profil, i promille av filens rader; minst en rad förvanskas. Andelarna är
antaganden (M: overifierade), för hur vanliga felen är i den verkliga källan är inte känt. En person får högst ett fel, så att inget fel döljer ett annat.
Ett fel är *funnet* när någon av kontrollerna i sista kolumnen har pekat ut just den raden eller personen. Står ett skäl efter kontrollen undantas raden vid
inläsningen med det skälet i problemfilen. En rad som pekas ut utan att personen har ett fel som kontrollen gäller, eller som kan följa av felet, är ett
*falskt larm*. Kontroller som bara räknar (K106) har hittat så många fel som de har räknat."""

SIMULATION = """Kommunen i simuleringen gör också misstag: de läggs inte in i filerna efteråt, utan hör till det som simuleras. Hur ofta de görs står i scenariot."""
FILES = """De här filerna är skrivna på ett annat sätt än avtalat men går att läsa utan tvekan. Inget går förlorat."""
DELIVERIES = """De här leveranserna avvisas hela, med ett fel som säger vad som är fel. De ingår inte i profilerna: var och en prövas för sig."""
UNCOVERED = """Kontroller och skäl som ingen rad i filerna enligt `docs/layouts/ber.md` kan ge av sig själv:"""


def error_page() -> str:
    """Return the page: every kind by file, then those of the simulation, whole files and refused deliveries."""
    parts = [INTRODUCTION]
    for file in KEYS:
        parts += [f"## {file}", _table(_of(Origin.ROWS, file=file), shares=True)]
    parts += ["## Misstag ur simuleringen", SIMULATION, _table(_of(Origin.SIMULATION))]
    parts += ["## Hela filer som läses rätt", FILES, _table(_of(Origin.FILES))]
    parts += ["## Leveranser som avvisas", DELIVERIES, _table(_of(Origin.DELIVERY))]
    parts += ["## Vad som inte har något fel", UNCOVERED, _uncovered()]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Write the page in the project that the working directory lies in."""
    write_atomically(project_root() / PAGE, error_page().encode(), mode=0o644)


def _of(origin: Origin, *, file: str = "") -> list[ErrorKind]:
    return [kind for kind in error_kinds().values() if kind.origin is origin and file in ("", kind.file)]


def _table(kinds: Sequence[ErrorKind], *, shares: bool = False) -> str:
    profiles = [profile for profile in PROFILES if profile != CLEAN] * shares
    columns = ["fel", "vad som står i filen", "varför", *profiles, "vad som blir av det"]
    rows = [
        [
            f"**{kind.name}** `{kind.id}`",
            _what(kind, told_file=not shares),
            kind.why,
            *_shares(kind, profiles),
            _fate(kind),
        ]
        for kind in kinds
    ]
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _what(kind: ErrorKind, *, told_file: bool) -> str:
    return f"{kind.file}: {kind.what}" if told_file else kind.what


def _shares(kind: ErrorKind, profiles: Sequence[str]) -> list[str]:
    return [f"{1000 * kind.shares[profile]:g}".replace(".", ",") for profile in profiles]


def _fate(kind: ErrorKind) -> str:
    if kind.found_by:
        return "hittas av " + " eller ".join(_finder(finder) for finder in kind.found_by)
    if kind.cannot_be_told:
        return f"går inte att skilja från sanningen: {kind.cannot_be_told}"
    return f"läses rätt: {kind.read_right}" if kind.read_right else f"avvisas: ”{kind.refused_by}”"


def _finder(finder: str) -> str:
    check, _, reason = finder.partition(":")
    return f"{check} (`{reason}`)" if reason else check


def _uncovered() -> str:
    return "\n".join(f"* `{name}` – {why}" for name, why in not_from_raw_files().items())


if __name__ == "__main__":
    main()
