"""The page with measured scores (``docs/poang.md``): what the checks found of the errors put into invented registers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kaa_analysis.checks.catalogue import catalogue
from kaa_analysis.checks.score import Fate, KindScore, Score

PAGE = Path("docs") / "poang.md"

INTRODUCTION = """# Vad kontrollerna hittar

*Sidan skrivs av `python -m kaa_analysis.cli.write_score_page {names}` och ändras inte för hand.*

Påhittade register med kända fel (`docs/felkatalog.md`) har lästs in och kontrollerats, och fynden har jämförts med listan över vad som lades in. I varje kolumn
står funna av inlagda. Det som missades står med fetstil. – betyder att registret inte har något sådant fel."""

NO_ALARMS = "Inga falska larm i något av registren."


def score_page(scores: Sequence[Score]) -> str:
    """Return the page about several registers: the kinds that should be found, the false alarms, and the kinds that cannot be told or are read right."""
    parts = [INTRODUCTION.format(names=" ".join(score.register for score in scores))]
    parts += ["## Fel som ska hittas", _table(scores, Fate.FOUND), "## Falska larm", _alarms(scores)]
    parts += ["## Fel som inte går att skilja från sanningen", _table(scores, Fate.CANNOT_BE_TOLD)]
    parts += ["## Fel som läses rätt", _table(scores, Fate.READ_RIGHT)]
    return "\n\n".join(parts) + "\n"


def _table(scores: Sequence[Score], fate: Fate) -> str:
    names = {kind.kind: kind for score in scores for kind in score.of(fate)}
    if not names:
        return "Inga i de här registren."
    rows = [
        [kind.name, ", ".join(kind.found_by) or kind.why, *(_cell(score, kind.kind) for score in scores)]
        for kind in names.values()
    ]
    heading = "hittas av" if fate is Fate.FOUND else "varför"
    sums = [["alla", "", *(_sum(score) for score in scores)]] if fate is Fate.FOUND else []
    return _lines([["fel", heading, *(score.register for score in scores)], *rows, *sums])


def _cell(score: Score, name: str) -> str:
    kind = next((kind for kind in score.kinds if kind.kind == name), None)
    return "–" if kind is None else _told(kind)


def _told(kind: KindScore) -> str:
    if kind.fate is not Fate.FOUND:
        return str(kind.n_injected)
    told = f"{kind.n_found} av {kind.n_injected}"
    return f"**{told}**" if kind.n_missed else told


def _sum(score: Score) -> str:
    kinds = score.of(Fate.FOUND)
    return f"{sum(kind.n_found for kind in kinds)} av {sum(kind.n_injected for kind in kinds)}"


def _alarms(scores: Sequence[Score]) -> str:
    checks = [check for check in catalogue() if any(score.false_alarms.get(check, 0) for score in scores)]
    not_run = "".join(
        f"\n\nInte körda i {score.register}: {', '.join(score.not_run)}." for score in scores if score.not_run
    )
    if not checks:
        return NO_ALARMS + not_run
    rows = [[f"{c} {catalogue()[c].name}", *(str(score.false_alarms.get(c, 0)) for score in scores)] for c in checks]
    return _lines([["kontroll", *(score.register for score in scores)], *rows]) + not_run


def _lines(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in [rows[0], ["---"] * len(rows[0]), *rows[1:]])
